//! Spreads sources on the grid: each adds its weight to the nodes around it, in f64, so that a
//! million of them cost no digits.
//!
//! Sources are taken in their order, in up to 32 runs of equally many; each run fills a grid of its
//! own, as many slabs of the last axis as its sources reach. The runs' slabs are then added up in f64
//! and rounded once. The runs depend on the number of sources alone: so does every bit of the result.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::{
    axis::Layout,
    batch::{BATCH, Batch},
    lanes::{self, Loop, Real},
};
use crate::engine::{Instructions, Observer, simd::tasks};

/// Sources and the grid to spread them on.
pub(super) struct Spread<'a, R, const D: usize, const L: usize, const P: usize> {
    /// The sources, in an order in which neighbours stand together.
    pub points: &'a [[f64; D]],
    /// Their weights; `None` is 1 for each.
    pub weights: Option<&'a [f64]>,
    /// What weights are multiplied by.
    pub weight_scale: f64,
    /// The grid.
    pub layout: &'a Layout<D>,
    /// The window.
    pub polynomials: &'a [[R; L]; P],
    /// What to compute with.
    pub instructions: Instructions,
}

/// The slabs that one run of sources reaches.
struct Band {
    /// The first number on the grid.
    start: usize,
    sums: Vec<f64>,
}

/// The most runs of sources, each spread by one task into sums of its own. With fewer, threads
/// idle; with more, the sums of the runs take longer to add up.
pub(super) const RUNS: usize = 32;
/// The fewest sources in a run: with fewer, allocating its sums and adding them up costs more than
/// spreading.
const FEWEST: usize = 4096;
/// Sources spread between two checkpoints. More would delay cancelling, fewer would slow the
/// spread.
const CHECKPOINT_INTERVAL: usize = 4096;
/// Nodes whose sums are added up at once: 16 KiB of f64, which stay in the first cache.
const PIECE: usize = 2048;
/// Places in the sorted sources from which they are taken in turn. With fewer, a source adds to
/// nodes that were written just before and waits for them; with more, more rows of nodes are in use
/// at once.
const APART: usize = 8;

impl<R: Real, const D: usize, const L: usize, const P: usize> Spread<'_, R, D, L, P> {
    /// The grid with a window of `W` nodes, or `None` when stopped at a checkpoint.
    pub(super) fn run<const W: usize>(
        &self,
        share: bool,
        observer: &mut dyn Observer,
    ) -> Option<Vec<R>> {
        let count = self.points.len();
        let length = count.div_ceil(RUNS).max(FEWEST);
        let runs = count.div_ceil(length);
        let bands = tasks::run(runs, count as u64, share, observer, |k, checkpoint| {
            let range = k * length..count.min((k + 1) * length);
            let mut band = self.empty_band::<W>(&self.points[range.clone()]);
            let mut from = range.start;
            let (mut points, mut weights) = (Vec::new(), Vec::new());
            while from < range.end {
                let to = range.end.min(from + CHECKPOINT_INTERVAL);
                apart(&self.points[from..to], &mut points);
                if let Some(all) = self.weights {
                    apart(&all[from..to], &mut weights);
                }
                let filled = Fill::<R, D, W, L, P> {
                    points: &points,
                    weights: self.weights.map(|_| &weights[..]),
                    weight_scale: self.weight_scale,
                    layout: self.layout,
                    polynomials: self.polynomials,
                    start: band.start,
                    sums: &mut band.sums,
                };
                lanes::compute(self.instructions, filled);
                if !checkpoint((to - from) as u64) {
                    return None;
                }
                from = to;
            }
            Some(band)
        })?;
        Some(self.added_up(&bands))
    }

    fn empty_band<const W: usize>(&self, points: &[[f64; D]]) -> Band {
        let slow = |point: &[f64; D]| self.layout.slow().place(point[D - 1]).0;
        let (mut first, mut last) = (usize::MAX, 0);
        for point in points {
            let slab = slow(point);
            first = first.min(slab);
            last = last.max(slab);
        }
        let slab = self.layout.slab();
        // On the only axis there is, windows are loaded with a few nodes more.
        let reach = if D == 1 { L } else { W };
        Band { start: first * slab, sums: vec![0.0; (last - first + reach) * slab] }
    }

    fn added_up(&self, bands: &[Band]) -> Vec<R> {
        let mut grid = vec![R::default(); self.layout.total];
        let sum = |k: usize, out: &mut [R]| {
            let mut sums = [0.0_f64; PIECE];
            let start = k * PIECE;
            for band in bands {
                let from = start.max(band.start);
                let to = (start + out.len()).min(band.start + band.sums.len());
                if from < to {
                    let terms = &band.sums[from - band.start..to - band.start];
                    for (sum, term) in sums[from - start..to - start].iter_mut().zip(terms) {
                        *sum += term;
                    }
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = R::of(sum);
            }
        };
        if grid.len() < 1 << 16 {
            grid.chunks_mut(PIECE).enumerate().for_each(|(k, out)| sum(k, out));
        } else {
            grid.par_chunks_mut(PIECE).enumerate().with_min_len(8).for_each(|(k, out)| sum(k, out));
        }
        grid
    }
}

/// The items in an order in which neighbours do not follow each other at once: a row that has just
/// been written cannot be read again at another place before it has reached the cache.
fn apart<T: Copy>(items: &[T], out: &mut Vec<T>) {
    let length = items.len().div_ceil(APART);
    out.clear();
    for k in 0..length {
        out.extend(items[k..].iter().step_by(length));
    }
}

/// The inner loop.
struct Fill<'a, R, const D: usize, const W: usize, const L: usize, const P: usize> {
    points: &'a [[f64; D]],
    weights: Option<&'a [f64]>,
    weight_scale: f64,
    layout: &'a Layout<D>,
    polynomials: &'a [[R; L]; P],
    start: usize,
    sums: &'a mut [f64],
}

impl<R: Real, const D: usize, const W: usize, const L: usize, const P: usize> Loop
    for Fill<'_, R, D, W, L, P>
{
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { points, weights, weight_scale, layout, polynomials, start, sums } = self;
        let strides = layout.strides;
        let mut batch = Batch::<R, D, L>::new();
        for (b, points) in points.chunks(BATCH).enumerate() {
            batch.place::<FUSED, P>(points, layout, polynomials);
            for j in 0..points.len() {
                let sums = &mut sums[batch.nodes[j] - start..];
                let mut windows = [[0.0_f64; L]; D];
                for (wide, window) in windows.iter_mut().zip(&batch.windows[j]) {
                    for (wide, weight) in wide.iter_mut().zip(window) {
                        *wide = weight.wide();
                    }
                }
                let along = &windows[0];
                let weight = match weights {
                    None => 1.0,
                    Some(weights) => weights[b * BATCH + j] * weight_scale,
                };
                if D == 1 {
                    add_row::<FUSED, L>(sums, weight, along);
                } else if D == 2 {
                    for k in 0..W {
                        let row = &mut sums[k * strides[D - 1]..];
                        add_row::<FUSED, L>(row, weight * windows[D - 1][k], along);
                    }
                } else {
                    for k in 0..W {
                        let weight = weight * windows[D - 1][k];
                        let rows = &mut sums[k * strides[D - 1]..];
                        for l in 0..W {
                            let row = &mut rows[l * strides[1.min(D - 1)]..];
                            add_row::<FUSED, L>(row, weight * windows[1.min(D - 1)][l], along);
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn add_row<const FUSED: bool, const L: usize>(row: &mut [f64], factor: f64, along: &[f64; L]) {
    if let Some(row) = row.first_chunk_mut::<L>() {
        for l in 0..L {
            row[l] = f64::fma::<FUSED>(along[l], factor, row[l]);
        }
    }
}
