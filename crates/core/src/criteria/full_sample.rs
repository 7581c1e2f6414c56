//! The mean of a criterion's terms over all points at once: by the fast engine, and by near sources
//! where its digits do not suffice.
//!
//! ```text
//! σ from the largest down:  f_i from the fast engine, for all points
//!        f_i − w_i is less than half of f_i, or f_i below 0.01 ──▶ for this σ and all smaller ones
//!                                                                  the point's near sources
//! ```
//!
//! The sum without a point's own term rises with σ, so that a point which the engine cannot tell any
//! more stays so: its [near sources](super::near) are found once, for all σ that are left. These are few,
//! for a sum that holds little more than the point itself has little around it.
//!
//! A term is off by some 10⁻⁵ at most: twice the engine's tolerance. Cost: that of the engine for each
//! σ, and for each point some dozens of sources. Memory: that of the engine.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{
    CriteriaError, Criterion,
    chains::{Chain, chains},
    moments::weight,
    near::{Near, Scratch, chains_from},
    sums::{LEFT, log_volume},
    tally::Settled,
    terms::{Columns, Sample},
};
use crate::{
    engine::{Accuracy, FastLimits, FastPoints, Observer, Progress, Stretch},
    model::{Points, Sigma, Tolerance},
};

/// The most points at which densities are evaluated. More take longer, fewer make standard errors
/// larger.
const MOST: usize = 1_000_000;
/// Number of pairs up to which all are evaluated one by one, without the engine `fast`: preparing
/// that would take longer.
const FEW_PAIRS: usize = 1_000_000;
/// Seconds that the curves should take at most, by the cost model: this many, and this many for
/// each source. Where they would take more, fewer points are evaluated. A larger limit completes
/// the curves later, a smaller one makes their standard errors larger.
const SECONDS: [f64; 2] = [0.8, 4e-6];
/// The fewest points that are evaluated, even if they take longer than [`SECONDS`]: with fewer,
/// standard errors would be larger still.
const LEAST: usize = 2000;
/// Factor on the duration of a step that the engine's cost model gives, for 1 to 3 coordinates. The
/// model assumes as many targets as sources; blocks of fewer targets are wider, and in space reach
/// more sources. Too low a factor makes curves take longer than [`SECONDS`].
const SLOWER: [f64; 3] = [1.0, 1.0, 2.0];
/// Seconds in which two threads find a point's near sources, for 1 to 3 coordinates. Too low a
/// value makes curves take longer than [`SECONDS`], too high a value evaluates fewer points than
/// there is time for.
const SECONDS_NEAR: [f64; 3] = [1e-6, 2e-6, 6e-6];
/// The accuracy that is requested of the engine.
const ACCURACY: Accuracy = Accuracy::Full(Tolerance::DEFAULT);
/// Density, in units of the largest weight, below which the engine's error bound is absolute: the
/// floor of the engine `fast`.
const FLOOR: f64 = 0.01;
/// The most near sources of all points together that are summed one by one: this many, and this
/// many for each point. With more, another way is faster; a lower limit takes that way where it is
/// slower.
const CROWD: [usize; 2] = [50_000_000, 400];
/// Bytes for grids: this many, and this many for each point. σ are evaluated in falling order, so
/// that the grids of one octave are enough.
const GRIDS: [u64; 2] = [64 << 20, 112];
/// Points in one task: with fewer, the overhead of tasks shows; with more, threads wait for the
/// last.
const PIECE: usize = 4096;
/// The most points whose near sources are summed between two checkpoints. More delay cancelling and
/// frames, fewer slow the sums.
const POINTS_PER_BREATH: usize = 1024;
/// About the most near sources that are summed between two checkpoints: a few milliseconds.
const SOURCES_PER_BREATH: usize = 100_000;

/// In place of an index of σ: the engine still evaluates the point.
const NEVER: u32 = u32::MAX;

/// A sample's points as the engine wants them.
pub(super) struct FullSampleEvaluator {
    fast: FastPoints,
    rows: usize,
}

/// What sums at one σ add up to.
#[derive(Clone, Copy)]
struct Moments {
    /// `Σ log(S_i / (Σw − w_i))`, with Σw alone where targets are other points.
    logs: f64,
    /// The lowest of these and whose it is.
    lowest: (f64, usize),
    /// `Σ w_i·S_i / (Σw − w_i)`.
    cross: f64,
    /// `Σ w_i·S_i`.
    plain: f64,
}

impl Moments {
    const NONE: Self = Self { logs: 0.0, lowest: (f64::INFINITY, 0), cross: 0.0, plain: 0.0 };

    fn add_log(&mut self, row: usize, log: f64) {
        self.logs += log;
        if log < self.lowest.0 {
            self.lowest = (log, row);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.logs += other.logs;
        self.cross += other.cross;
        self.plain += other.plain;
        if other.lowest.0 < self.lowest.0 {
            self.lowest = other.lowest;
        }
    }
}

/// A point's own weight and that of all others.
#[derive(Clone, Copy)]
struct Own {
    weight: f64,
    rest: f64,
}

impl Own {
    fn of(sample: &Sample, row: usize) -> Self {
        let weight = sample.own().map_or(0.0, |own| weight(sample.sources(), own[row]));
        Self { weight, rest: sample.weight_without(weight) }
    }
}

impl FullSampleEvaluator {
    /// The most points at which it looks in `dim` dimensions; `None` where it cannot.
    pub(super) fn most_points(dim: usize) -> Option<usize> {
        (dim <= FastPoints::MAX_DIM).then_some(MOST)
    }

    /// Bytes that two of these take, for targets and for sources, with what is copied for them: measured,
    /// and rounded up.
    pub(super) fn bytes([n, m, dim]: [usize; 3]) -> u64 {
        let points = n.min(MOST) + m.min(MOST) + 2 * m;
        let distances = 8 * m * rayon::current_num_threads();
        (96 << 20) + (points * (20 + 30 * dim) + distances) as u64
    }

    /// Makes the points of `sample` ready, at most so many as are done soon at such σ; `None` where all
    /// are sooner looked at one by one.
    pub(super) fn new(sample: &Sample, sigmas: &[f64]) -> Result<Option<Self>, CriteriaError> {
        let sources = sample.sources();
        let legal: Result<Vec<Sigma>, _> = sigmas.iter().copied().map(Sigma::new).collect();
        let has_wide = |sigma: &Sigma| Sigma::new(std::f64::consts::SQRT_2 * sigma.get()).is_ok();
        let legal = legal.unwrap_or_default();
        if Self::most_points(sources.dim()).is_none()
            || sample.len().saturating_mul(sources.len()) < FEW_PAIRS
            || legal.is_empty()
            || !legal.iter().all(has_wide)
        {
            return Ok(None);
        }
        let mut rows = sample.len().min(MOST);
        let mut fast = Self::first(sample, rows)?;
        let [slower, near] = [SLOWER, SECONDS_NEAR].map(|of_dim| of_dim[sources.dim() - 1]);
        let steps: f64 = legal.iter().map(|&sigma| fast.seconds(sigma, ACCURACY)).sum();
        let seconds = slower * steps + rows as f64 * near;
        let allowed = SECONDS[0] + SECONDS[1] * sources.len() as f64;
        if seconds > allowed && rows > LEAST {
            rows = ((rows as f64 * allowed / seconds) as usize).max(LEAST);
            fast = Self::first(sample, rows)?;
        }
        Ok(Some(Self { fast, rows }))
    }

    /// The first points of a sample.
    fn first(sample: &Sample, rows: usize) -> Result<FastPoints, CriteriaError> {
        let points = Points::new(sample.targets().select(0..rows), sample.sources().clone());
        let points = points.map_err(|err| CriteriaError::BadRequest(err.to_string()))?;
        let memory = GRIDS[0] + GRIDS[1] * (points.n() + points.m()) as u64;
        let limits = FastLimits { memory: Some(memory), ..FastLimits::default() };
        Ok(FastPoints::within(&points, limits)?)
    }

    /// At how many points of the sample, the first ones, it looks.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// What is known of the terms of `criteria` for each of `sigmas`, over the points of the sample that this
    /// was made for; `None` where too many find too many sources near them.
    pub(super) fn settle(
        &mut self,
        sample: &Sample,
        criteria: &[Criterion],
        sigmas: &[f64],
        observer: &mut dyn Observer,
    ) -> Result<Option<Vec<Vec<Settled>>>, CriteriaError> {
        let squares = criteria.contains(&Criterion::LeastSquares);
        let columns = Columns::new(sigmas, squares);
        let moments = self.moments(sample, &columns.sigmas, squares, observer)?;
        let Some(moments) = moments else { return Ok(None) };
        let own_squares = (0..self.rows).map(|row| Own::of(sample, row).weight.powi(2)).sum();
        let found = Found { sample, count: self.rows, own_squares, columns, moments };
        let one = |criterion: &Criterion| {
            let settled = |k: usize| found.settled(*criterion, k);
            (0..sigmas.len()).map(settled).collect()
        };
        Ok(Some(criteria.iter().map(one).collect()))
    }

    /// The means alone, of one criterion; no numbers where there are none.
    pub(super) fn means(
        &mut self,
        sample: &Sample,
        criterion: Criterion,
        sigmas: &[f64],
        observer: &mut dyn Observer,
    ) -> Result<Vec<f64>, CriteriaError> {
        let settled = self.settle(sample, &[criterion], sigmas, observer)?;
        let means = settled.map(|settled| settled[0].iter().map(|settled| settled.mean).collect());
        Ok(means.unwrap_or_else(|| vec![f64::NAN; sigmas.len()]))
    }

    /// What the sums at each σ add up to; the products only where `squares` asks for them.
    fn moments(
        &mut self,
        sample: &Sample,
        sigmas: &[f64],
        squares: bool,
        observer: &mut dyn Observer,
    ) -> Result<Option<Vec<Moments>>, CriteriaError> {
        let mut order: Vec<usize> = (0..sigmas.len()).collect();
        order.sort_by(|&a, &b| sigmas[b].total_cmp(&sigmas[a]));
        let falling: Vec<f64> = order.iter().map(|&column| sigmas[column]).collect();
        let mut moments = vec![Moments::NONE; falling.len()];
        let mut left_at = vec![NEVER; self.rows];
        let weights = sample.sources().weights();
        let largest = weights.map_or(1.0, |w| w.iter().copied().fold(0.0, f64::max));
        let mean_weight = sample.total_weight() / sample.sources().len() as f64;
        for (place, &sigma) in falling.iter().enumerate() {
            let sigma =
                Sigma::new(sigma).map_err(|err| CriteriaError::BadRequest(err.to_string()))?;
            let field = self.fast.step(
                sigma,
                ACCURACY,
                &mut Stretch { observer, start: 0.0, length: 0.0 },
            )?;
            let (found, held) =
                take(sample, &field.values, FLOOR * largest, place as u32, &mut left_at);
            moments[place] = found;
            // Little more than the points themselves: the rest is sooner looked up.
            if held / mean_weight < 0.5 * self.rows as f64 {
                for left_at in left_at.iter_mut().filter(|left_at| **left_at == NEVER) {
                    *left_at = place as u32 + 1;
                }
                break;
            }
        }
        let looked_up = self.look_up(sample, &falling, &left_at, squares, observer)?;
        let Some(looked_up) = looked_up else { return Ok(None) };
        let mut in_order = vec![Moments::NONE; falling.len()];
        for ((place, &column), more) in order.iter().enumerate().zip(&looked_up) {
            in_order[column] = moments[place];
            in_order[column].merge(more);
        }
        Ok(Some(in_order))
    }

    /// Sums the near sources of each point, for the σ from where it was left on.
    fn look_up(
        &mut self,
        sample: &Sample,
        falling: &[f64],
        left_at: &[u32],
        squares: bool,
        observer: &mut dyn Observer,
    ) -> Result<Option<Vec<Moments>>, CriteriaError> {
        let is_left = |row: &u32| (left_at[*row as usize] as usize) < falling.len();
        // Neighbours have neighbours in common.
        let rows: Vec<u32> = self.fast.targets().1.iter().copied().filter(is_left).collect();
        let mut moments = vec![Moments::NONE; falling.len()];
        if rows.is_empty() {
            return Ok(Some(moments));
        }
        let all = chains(falling);
        let plans: Vec<Vec<Chain>> =
            (0..falling.len()).map(|place| chains_from(&all, place)).collect();
        let near = Near { sample, neighbours: self.fast.neighbours() };
        let most = CROWD[0] + CROWD[1] * left_at.len();
        let looked_at = AtomicUsize::new(0);
        let threads = rayon::current_num_threads();
        let (mut rest, mut breath) = (&rows[..], threads);
        while !rest.is_empty() {
            if observer.checkpoint(Progress::BEGUN).is_break() {
                return Err(CriteriaError::Stopped);
            }
            let part;
            (part, rest) = rest.split_at(breath.min(rest.len()));
            let before = looked_at.load(Ordering::Relaxed);
            let pieces: Vec<Option<Vec<Moments>>> = part
                .par_chunks(part.len().div_ceil(4 * threads))
                .map_init(Scratch::default, |scratch, rows| {
                    let mut moments = vec![Moments::NONE; falling.len()];
                    let mut sums = vec![0.0; falling.len()];
                    for &row in rows {
                        let (row, place) = (row as usize, left_at[row as usize] as usize);
                        let (sigmas, chains) = (&falling[place..], &plans[place]);
                        let sums = &mut sums[place..];
                        let most = most.checked_sub(looked_at.load(Ordering::Relaxed))?;
                        let found = near.sum(row, sigmas, chains, most, scratch, sums)?;
                        looked_at.fetch_add(found, Ordering::Relaxed);
                        let Own { weight, rest } = Own::of(sample, row);
                        let log_rest = rest.ln();
                        for (moments, &sum) in moments[place..].iter_mut().zip(&*sums) {
                            moments.add_log(row, sum - log_rest);
                            if squares {
                                let sum = weight * sum.exp();
                                moments.cross += sum / rest;
                                moments.plain += sum;
                            }
                        }
                    }
                    Some(moments)
                })
                .collect();
            for piece in pieces {
                let Some(piece) = piece else { return Ok(None) };
                for (moments, more) in moments.iter_mut().zip(&piece) {
                    moments.merge(more);
                }
            }
            // The next ones are where these were, and find about as many.
            let each = (looked_at.load(Ordering::Relaxed) - before).div_ceil(part.len()).max(1);
            breath = (SOURCES_PER_BREATH / each).clamp(threads, POINTS_PER_BREATH.max(threads));
        }
        Ok(Some(moments))
    }
}

/// Adds up the values of points that are left to the engine and that it can tell, from `floor` on; the
/// others are left at `place`. Returns the sums, and what the values add up to.
fn take(
    sample: &Sample,
    values: &[f64],
    floor: f64,
    place: u32,
    left_at: &mut [u32],
) -> (Moments, f64) {
    let piece = |(k, (left_at, values)): (usize, (&mut [u32], &[f64]))| {
        let (mut moments, mut held) = (Moments::NONE, 0.0);
        for (i, (left_at, &f)) in left_at.iter_mut().zip(values).enumerate() {
            if *left_at != NEVER {
                continue;
            }
            let row = k * PIECE + i;
            let own = Own::of(sample, row);
            let sum = f - own.weight;
            if sum < LEFT * f || f < floor {
                *left_at = place;
                continue;
            }
            let share = sum / own.rest;
            moments.add_log(row, share.ln());
            moments.cross += own.weight * share;
            moments.plain += own.weight * sum;
            held += f;
        }
        (moments, held)
    };
    let pieces: Vec<(Moments, f64)> = left_at
        .par_chunks_mut(PIECE)
        .zip(values.par_chunks(PIECE))
        .enumerate()
        .map(piece)
        .collect();
    let (mut moments, mut held) = (Moments::NONE, 0.0);
    for (more, weight) in &pieces {
        moments.merge(more);
        held += weight;
    }
    (moments, held)
}

/// What was found out for every σ.
struct Found<'a> {
    sample: &'a Sample,
    /// At how many of its points, the first ones.
    count: usize,
    /// `Σ w_i²` over these.
    own_squares: f64,
    columns: Columns,
    moments: Vec<Moments>,
}

impl Found<'_> {
    /// The mean of a criterion's terms for σ number `k`, and the lowest where that is asked for.
    fn settled(&self, criterion: Criterion, k: usize) -> Settled {
        let Self { sample, count, own_squares, columns, moments } = self;
        let volume = |column: usize| log_volume(columns.sigmas[column], sample.sources().dim());
        let (here, count) = (&moments[k], *count as f64);
        if criterion != Criterion::LeastSquares {
            let lowest = (here.lowest.0 - volume(k), here.lowest.1);
            return Settled { mean: here.logs / count - volume(k), lowest };
        }
        let (wide, total) = (columns.wide[k], sample.total_weight());
        let squared = (moments[wide].plain + own_squares) / (total * total) * (-volume(wide)).exp();
        let cross = here.cross / total * (-volume(k)).exp();
        // So that the mean over all points is their sum.
        let scale = sample.total as f64 / count;
        Settled { mean: scale * (squared - 2.0 * cross), lowest: (f64::NAN, 0) }
    }
}
