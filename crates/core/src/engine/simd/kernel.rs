//! The inner loops: one block of targets against a range of sources.
//!
//! ```text
//! for each tile of sources:                    y' = (y − c)·s, from f64, into the cache
//!     for each group of 4 target vectors:      x' in registers
//!         for each run of 16 sources:
//!             for each source:                 one broadcast a coordinate
//!                 sum += w · 2^−‖x' − y'‖²
//!         total += sum, with its rounding error kept
//! ```
//!
//! In f32, coordinates are scaled in f64, s = √(log₂e / 2) / σ, so that the exponent needs no factor and
//! none is rounded, and taken relative to the block's own centre c, so that those of near pairs are small.
//! Where a block is too wide for that, what f32 drops of each coordinate is subtracted as well. Sources
//! far beyond sight are brought just there, so that no square is too large.
//!
//! Where the targets are sources, too, a pair's term is worked out once for both: the sources of a run
//! have a vector each, to which the terms of all the block's targets are added.
//!
//! In f64, coordinates are the points' own: their difference is rounded by a part of itself only,
//! however far from each other and from the origin the points lie. The square is scaled instead.

use std::ops::Range;

use super::vectors::{Exponent, Job, Number, SHIFT, Vectors};
use crate::model::Cloud;

/// How the coordinates of a block and the terms are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Precision {
    /// In f32.
    Single,
    /// Coordinates as the sum of two f32, terms in f32; up to [`SPECIALISED_DIM`] coordinates.
    Split,
    /// All in f64, half as fast: for what f32 cannot hold or cannot hold well.
    Double,
}

/// Targets that are summed together.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Block<'a> {
    /// Their indices.
    pub targets: &'a [u32],
    /// What is subtracted from them and from the sources, unless in f64.
    pub center: Vec<f64>,
    /// How they are held.
    pub precision: Precision,
}

/// One block against some of the sources.
pub(in crate::engine) struct Task<'a> {
    pub targets: &'a Cloud,
    pub sources: &'a Cloud,
    /// The targets as sources, with their weights: where there are any, each of the sources is a target,
    /// too, and none of them in the block. Not in f64.
    pub back: Option<&'a Cloud>,
    pub block: &'a Block<'a>,
    /// Which sources, each range in turn.
    pub ranges: &'a [Range<usize>],
    /// Turns a difference into one whose square is the exponent.
    pub scale: f64,
    /// Weights are multiplied by it, so that f32 holds them.
    pub weight_scale: f64,
    /// Whether terms in f64 are multiplied by [`SHIFTED`], for those that f64 holds no more.
    pub shifted: bool,
}

/// 2⁹⁶⁰.
pub(in crate::engine) const SHIFTED: f64 = f64::from_bits((1023 + SHIFT as u64) << 52);

/// Called with the number of pairs done since the last call; returns whether to go on.
pub(in crate::engine) type Checkpoint<'a> = &'a mut dyn FnMut(u64) -> bool;

/// Targets in a block. With fewer, preparing each source for each block costs more; with more,
/// blocks are wider, and more of them need split coordinates or f64.
pub(super) const BLOCK: usize = 256;
/// The most sources in a tile, which are prepared together for a block. More leave the first cache,
/// fewer make the overhead of tiles show.
pub(super) const TILE: usize = 256;
/// The most numbers in a tile: in f32 16 KiB, half of a small first cache.
pub(super) const TILE_NUMBERS: usize = 4096;
/// Terms added up before their sum is added with its rounding error: so few that even equal terms,
/// whose roundings all point one way, cost less than 5·10⁻⁷ together; with fewer, keeping the
/// rounding errors shows.
const RUN: usize = 16;
/// The farthest in sight, in units of the scaled coordinates: from here on a term is zero, and squares
/// are still numbers of f32.
const SIGHT: f64 = 1e9;
/// Vectors of targets that are held in registers at once. With fewer, sources are loaded more often
/// and latencies show; with more, registers spill.
const GROUP: usize = 4;
/// Coordinates added up before their sum is added to the others: keeps long sums exact.
const AXES: usize = 8;

/// Coordinates up to which the loops are specialised, and [`Precision::Split`] is at hand; with more
/// of them it would cost as much as f64.
pub(super) const SPECIALISED_DIM: usize = 4;

/// Σ over the task's sources for each of the block's targets, and then, with [`Task::back`], Σ over the
/// block's targets for each of the sources; `None` when stopped at a checkpoint.
pub(super) fn sum<U: Vectors>(
    vectors: U,
    task: &Task<'_>,
    checkpoint: Checkpoint<'_>,
) -> Option<Vec<f64>> {
    match task.targets.dim() {
        1 => with_dim::<U, 1>(vectors, task, checkpoint),
        2 => with_dim::<U, 2>(vectors, task, checkpoint),
        3 => with_dim::<U, 3>(vectors, task, checkpoint),
        SPECIALISED_DIM => with_dim::<U, SPECIALISED_DIM>(vectors, task, checkpoint),
        _ => with_split::<U, 0, false>(vectors, task, checkpoint),
    }
}

fn with_dim<U: Vectors, const DIM: usize>(
    vectors: U,
    task: &Task<'_>,
    checkpoint: Checkpoint<'_>,
) -> Option<Vec<f64>> {
    match task.block.precision {
        Precision::Split => with_split::<U, DIM, true>(vectors, task, checkpoint),
        _ => with_split::<U, DIM, false>(vectors, task, checkpoint),
    }
}

/// [`sum`] without a specialised loop for few coordinates, and without [`Task::back`].
pub(super) fn sum_in_any_dim<U: Vectors>(
    vectors: U,
    task: &Task<'_>,
    checkpoint: Checkpoint<'_>,
) -> Option<Vec<f64>> {
    if task.sources.weights().is_some() {
        vectors.compute(BlockSum::<U, 0, false, true, false> { vectors, task, checkpoint })
    } else {
        vectors.compute(BlockSum::<U, 0, false, false, false> { vectors, task, checkpoint })
    }
}

fn with_split<U: Vectors, const DIM: usize, const SPLIT: bool>(
    vectors: U,
    task: &Task<'_>,
    checkpoint: Checkpoint<'_>,
) -> Option<Vec<f64>> {
    match (task.sources.weights().is_some(), task.back.is_some()) {
        (false, false) => with_back::<U, DIM, SPLIT, false, false>(vectors, task, checkpoint),
        (false, true) => with_back::<U, DIM, SPLIT, false, true>(vectors, task, checkpoint),
        (true, false) => with_back::<U, DIM, SPLIT, true, false>(vectors, task, checkpoint),
        (true, true) => with_back::<U, DIM, SPLIT, true, true>(vectors, task, checkpoint),
    }
}

fn with_back<
    U: Vectors,
    const DIM: usize,
    const SPLIT: bool,
    const WEIGHTED: bool,
    const BACK: bool,
>(
    vectors: U,
    task: &Task<'_>,
    checkpoint: Checkpoint<'_>,
) -> Option<Vec<f64>> {
    vectors.compute(BlockSum::<U, DIM, SPLIT, WEIGHTED, BACK> { vectors, task, checkpoint })
}

/// The loops for `DIM` coordinates, or any number where that is zero.
struct BlockSum<'a, U, const DIM: usize, const SPLIT: bool, const WEIGHTED: bool, const BACK: bool>
{
    vectors: U,
    task: &'a Task<'a>,
    checkpoint: Checkpoint<'a>,
}

/// Sources prepared for the inner loop, row by row.
struct Tile<N> {
    high: Vec<N>,
    low: Vec<N>,
    weights: Vec<N>,
}

/// Sums with their rounding errors.
struct Totals<V> {
    sums: Vec<V>,
    errors: Vec<V>,
}

/// The targets as sources.
struct Back<V> {
    /// Their weights, like the targets in vectors; empty where all weigh 1.
    weights: Vec<V>,
    /// A vector for each source of the tile, whose lanes add up to its sum over the block's targets.
    sums: Vec<V>,
    /// That sum for each source of the tiles before.
    done: Vec<f64>,
}

impl<U: Vectors, const DIM: usize, const SPLIT: bool, const WEIGHTED: bool, const BACK: bool> Job
    for BlockSum<'_, U, DIM, SPLIT, WEIGHTED, BACK>
{
    type Output = Option<Vec<f64>>;

    #[inline(always)]
    fn run(self) -> Option<Vec<f64>> {
        let vectors = self.vectors;
        let Task { block, ranges, sources, .. } = *self.task;
        let dim = self.dim();
        let (x, x_low) = self.arranged_targets();
        let count = block.targets.len().div_ceil(U::LANES);
        let zero = vectors.splat(U::Number::default());
        let mut totals = Totals { sums: vec![zero; count], errors: vec![zero; count] };

        let rows = (TILE_NUMBERS / dim / RUN * RUN).clamp(RUN, TILE);
        let mut tile = Tile { high: Vec::new(), low: Vec::new(), weights: Vec::new() };
        let mut back =
            Back { weights: self.arranged_weights(), sums: Vec::new(), done: Vec::new() };
        // As many whole rows of centres as make a few vectors: a loop without remainders.
        let centers = block.center.repeat(64_usize.div_ceil(dim));
        let exponent = Exponent::new(vectors, self.task.scale * self.task.scale, self.shift());
        let starts = |range: &Range<usize>| {
            let end = range.end;
            range.clone().step_by(rows).map(move |start| (start, end.min(start + rows)))
        };
        for (start, end) in ranges.iter().flat_map(starts) {
            let coordinates = &sources.coordinates()[start * dim..end * dim];
            self.prepare(coordinates, &centers, &mut tile);
            if let Some(weights) = sources.weights().filter(|_| WEIGHTED) {
                let scaled = weights[start..end].iter().map(|w| w * self.task.weight_scale);
                tile.weights.clear();
                tile.weights.extend(scaled.map(U::Number::of));
            }
            if BACK {
                back.sums.clear();
                back.sums.resize(end - start, zero);
            }
            let mut v = 0;
            while v + GROUP <= count {
                let x = [&x[v * dim..], &x_low];
                self.add_tile::<GROUP>(x, v, &tile, &exponent, &mut totals, &mut back);
                v += GROUP;
            }
            while v < count {
                let x = [&x[v * dim..], &x_low];
                self.add_tile::<1>(x, v, &tile, &exponent, &mut totals, &mut back);
                v += 1;
            }
            if BACK {
                back.done.extend(back.sums.iter().map(|lanes| vectors.total(*lanes)));
            }
            if !(self.checkpoint)((end - start) as u64 * block.targets.len() as u64) {
                return None;
            }
        }
        let mut field = Vec::with_capacity(count * U::LANES);
        let Totals { sums, errors } = totals;
        for (sum, error) in sums.into_iter().zip(errors) {
            let start = field.len();
            vectors.each(sum, |sum| field.push(sum.wide()));
            let mut lane = field[start..].iter_mut();
            vectors.each(error, |error| {
                if let Some(sum) = lane.next() {
                    *sum += error.wide();
                }
            });
        }
        field.truncate(block.targets.len());
        field.append(&mut back.done);
        Some(field)
    }
}

impl<U: Vectors, const DIM: usize, const SPLIT: bool, const WEIGHTED: bool, const BACK: bool>
    BlockSum<'_, U, DIM, SPLIT, WEIGHTED, BACK>
{
    /// The number of coordinates, known to the compiler where it can be.
    #[inline(always)]
    fn dim(&self) -> usize {
        if DIM > 0 { DIM } else { self.task.targets.dim() }
    }

    fn shift(&self) -> u16 {
        if self.task.shifted { SHIFT } else { 0 }
    }

    /// A coordinate as the loops take it.
    #[inline(always)]
    fn held(&self, coordinate: f64, center: f64) -> f64 {
        if U::RAW {
            coordinate
        } else {
            ((coordinate - center) * self.task.scale).clamp(-SIGHT, SIGHT)
        }
    }

    /// The block's targets, scaled: for each vector, one vector a coordinate. The last target fills
    /// what is left of the last vector; as a source it would count, and what fills is out of sight.
    #[inline(always)]
    fn arranged_targets(&self) -> (Vec<U::Vector>, Vec<U::Vector>) {
        let Task { targets, block, .. } = *self.task;
        let vectors = self.vectors;
        let (mut high, mut low) = (Vec::new(), Vec::new());
        let mut numbers = [U::Number::default(); 16];
        let mut rests = numbers;
        for lanes in block.targets.chunks(U::LANES) {
            for (axis, center) in block.center.iter().enumerate() {
                for lane in 0..U::LANES {
                    let i = lanes[lane.min(lanes.len() - 1)] as usize;
                    let fills = BACK && lane >= lanes.len();
                    let place = targets.point(i)[axis];
                    let moved = if fills { SIGHT } else { self.held(place, *center) };
                    numbers[lane] = U::Number::of(moved);
                    rests[lane] = U::Number::of(moved - numbers[lane].wide());
                }
                high.push(vectors.load(&numbers));
                low.push(vectors.load(&rests));
            }
        }
        (high, low)
    }

    /// The weights of the block's targets as sources, in vectors.
    #[inline(always)]
    fn arranged_weights(&self) -> Vec<U::Vector> {
        let Task { block, back, weight_scale, .. } = *self.task;
        let Some(weights) = back.and_then(Cloud::weights).filter(|_| BACK) else {
            return Vec::new();
        };
        let vector = |lanes: &[u32]| {
            let mut numbers = [U::Number::default(); 16];
            for (number, i) in numbers.iter_mut().zip(lanes) {
                *number = U::Number::of(weights[*i as usize] * weight_scale);
            }
            self.vectors.load(&numbers)
        };
        block.targets.chunks(U::LANES).map(vector).collect()
    }

    /// Scales the coordinates of a tile's sources.
    #[inline(always)]
    fn prepare(&self, coordinates: &[f64], centers: &[f64], tile: &mut Tile<U::Number>) {
        tile.high.resize(coordinates.len(), U::Number::default());
        let rows = coordinates.chunks(centers.len());
        for (high, y) in tile.high.chunks_mut(centers.len()).zip(rows.clone()) {
            for ((high, y), center) in high.iter_mut().zip(y).zip(centers) {
                *high = U::Number::of(self.held(*y, *center));
            }
        }
        if SPLIT {
            tile.low.resize(coordinates.len(), U::Number::default());
            let high = tile.high.chunks(centers.len());
            for ((low, high), y) in tile.low.chunks_mut(centers.len()).zip(high).zip(rows) {
                for (((low, high), y), center) in low.iter_mut().zip(high).zip(y).zip(centers) {
                    *low = U::Number::of(self.held(*y, *center) - high.wide());
                }
            }
        }
    }

    /// Adds a tile's sources to the `R` vectors from `v` on.
    #[inline(always)]
    fn add_tile<const R: usize>(
        &self,
        [x, x_low]: [&[U::Vector]; 2],
        v: usize,
        tile: &Tile<U::Number>,
        exponent: &Exponent<U::Vector>,
        totals: &mut Totals<U::Vector>,
        back: &mut Back<U::Vector>,
    ) {
        let vectors = self.vectors;
        let dim = self.dim();
        let x = &x[..R * dim];
        let x_low = &x_low[v * dim..(v + R) * dim];
        // Coordinate by coordinate, where they do not fit into registers.
        let columns: Vec<[U::Vector; R]> = if DIM > 0 {
            Vec::new()
        } else {
            (0..dim).map(|k| std::array::from_fn(|r| x[r * dim + k])).collect()
        };
        let [high, low] = [&tile.high, &tile.low].map(|numbers| numbers.chunks(RUN * dim));
        let mut low = low;
        let mut weights = tile.weights.chunks(RUN);
        let zero = vectors.splat(U::Number::default());
        let back_weights: [U::Vector; R] =
            std::array::from_fn(|r| if BACK && WEIGHTED { back.weights[v + r] } else { zero });
        let mut back_sums = back.sums.chunks_mut(RUN);
        for high in high {
            let low = if SPLIT { low.next().unwrap_or_default() } else { high };
            let weights = if WEIGHTED { weights.next().unwrap_or_default() } else { high };
            let back_sums = if BACK { back_sums.next().unwrap_or_default() } else { &mut [] };
            let back = (&back_weights, back_sums);
            let sums = if DIM > 0 {
                self.add_run::<R>(x, x_low, [high, low, weights], exponent, back)
            } else {
                self.add_run_in_any_dim(&columns, [high, weights], exponent, back)
            };
            let Totals { sums: totals, errors } = &mut *totals;
            let totals = totals[v..v + R].iter_mut().zip(&mut errors[v..v + R]);
            for ((total, error), sum) in totals.zip(sums) {
                // The rounding error of that addition, exactly (Knuth).
                let after = vectors.add(*total, sum);
                let seen = vectors.sub(after, *total);
                let lost = vectors.sub(*total, vectors.sub(after, seen));
                let rest = vectors.add(lost, vectors.sub(sum, seen));
                *error = vectors.add(*error, rest);
                *total = after;
            }
        }
    }

    /// The sums of a run of sources, `[high, low, weights]`, for `R` vectors of targets, held in
    /// registers.
    #[inline(always)]
    fn add_run<const R: usize>(
        &self,
        x: &[U::Vector],
        x_low: &[U::Vector],
        [high, low, weights]: [&[U::Number]; 3],
        exponent: &Exponent<U::Vector>,
        (back_weights, back): (&[U::Vector; R], &mut [U::Vector]),
    ) -> [U::Vector; R] {
        let vectors = self.vectors;
        let zero = vectors.splat(U::Number::default());
        let held = |x: &[U::Vector]| -> [[U::Vector; DIM]; R] {
            std::array::from_fn(|r| std::array::from_fn(|k| x[r * DIM + k]))
        };
        let (x, x_low) = (held(x), if SPLIT { held(x_low) } else { [[zero; DIM]; R] });
        let width = DIM.max(1);
        let rows = high.chunks_exact(width).zip(low.chunks_exact(width));
        let mut sums = [zero; R];
        let mut back = back.iter_mut();
        for ((y, y_low), weight) in rows.zip(weights) {
            let mut back_sum = zero;
            let y: [U::Vector; DIM] = std::array::from_fn(|k| vectors.splat(y[k]));
            let y_low: [U::Vector; DIM] = std::array::from_fn(|k| vectors.splat(y_low[k]));
            for r in 0..R {
                let mut squared = zero;
                for k in 0..DIM {
                    let mut difference = vectors.sub(x[r][k], y[k]);
                    if SPLIT {
                        let rest = vectors.sub(x_low[r][k], y_low[k]);
                        difference = vectors.add(difference, rest);
                    }
                    squared = if k == 0 {
                        vectors.mul(difference, difference)
                    } else {
                        vectors.mul_add(difference, difference, squared)
                    };
                }
                let back = (back_weights[r], &mut back_sum);
                sums[r] = self.add_term(sums[r], squared, *weight, exponent, back);
            }
            if let Some(back) = back.next().filter(|_| BACK) {
                *back = vectors.add(*back, back_sum);
            }
        }
        sums
    }

    /// The sums of a run of sources, `[coordinates, weights]`, for more coordinates than there are
    /// registers.
    #[inline(always)]
    fn add_run_in_any_dim<const R: usize>(
        &self,
        x: &[[U::Vector; R]],
        [y, weights]: [&[U::Number]; 2],
        exponent: &Exponent<U::Vector>,
        (back_weights, back): (&[U::Vector; R], &mut [U::Vector]),
    ) -> [U::Vector; R] {
        const { assert!(DIM > 0 || !SPLIT, "many coordinates are held in f64 instead") };
        let vectors = self.vectors;
        let zero = vectors.splat(U::Number::default());
        let width = x.len().max(1);
        let mut sums = [zero; R];
        let mut back = back.iter_mut();
        for (y, weight) in y.chunks_exact(width).zip(weights) {
            let mut squared = [zero; R];
            for (x, y) in x.chunks(AXES).zip(y.chunks(AXES)) {
                let mut part = [zero; R];
                for (x, y) in x.iter().zip(y) {
                    let y = vectors.splat(*y);
                    for r in 0..R {
                        let difference = vectors.sub(x[r], y);
                        part[r] = vectors.mul_add(difference, difference, part[r]);
                    }
                }
                for r in 0..R {
                    squared[r] = vectors.add(squared[r], part[r]);
                }
            }
            let mut back_sum = zero;
            for r in 0..R {
                let back = (back_weights[r], &mut back_sum);
                sums[r] = self.add_term(sums[r], squared[r], *weight, exponent, back);
            }
            if let Some(back) = back.next().filter(|_| BACK) {
                *back = vectors.add(*back, back_sum);
            }
        }
        sums
    }

    /// sum + w·2^(−squared), and the same for the sum of the source as a target.
    #[inline(always)]
    fn add_term(
        &self,
        sum: U::Vector,
        squared: U::Vector,
        weight: U::Number,
        exponent: &Exponent<U::Vector>,
        (back_weight, back_sum): (U::Vector, &mut U::Vector),
    ) -> U::Vector {
        let vectors = self.vectors;
        let [factor, scale] = vectors.power(squared, exponent);
        if !WEIGHTED {
            if BACK {
                *back_sum = vectors.mul_add(factor, scale, *back_sum);
            }
            return vectors.mul_add(factor, scale, sum);
        }
        // Multiplied with a small weight on its own it might be no normal number, which is slow.
        let term = vectors.mul(factor, scale);
        if BACK {
            *back_sum = vectors.mul_add(term, back_weight, *back_sum);
        }
        vectors.mul_add(term, vectors.splat(weight), sum)
    }
}
