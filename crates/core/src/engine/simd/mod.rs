//! The exact sum with the processor's vector instructions, on all its cores.
//!
//! ```text
//! targets ──▶ order: neighbours together ──▶ blocks of 256, each with its centre and precision
//!                                                  │
//! blocks × ranges of sources ──▶ kernel, on every core ──▶ partial sums, added in f64 ──▶ f
//!   less those out of reach        each pair once where the targets are the sources
//!                                                  │
//!   a field of far pairs alone, or some targets    │
//!   whose sums in f64 differ too much: once more, in f64 vectors ◀──┘
//! ```
//!
//! Memory: f, four bytes a target for their order, partial sums of 8·N for each range of sources, or of
//! 136·N where the targets are the sources; a copy of the sources where they are sorted; for
//! each core a tile of sources and a block of targets; nothing of size N·M. Cost: N·M pairs of 2d + 9 instructions each for as many pairs as a vector has lanes.
//! Tolerance: 2·10⁻⁶ of max(f, 10⁻³·max f), and 2·10⁻⁵ of f itself down to 10⁻²⁰.
//!
//! Where the digits of f32 go, and what keeps them:
//! - Coordinates: each block is centred in f64, and where that is not enough they are split in two
//!   (see [`kernel`]). Only the block's own width decides: a source that is far from it is not seen,
//!   however far it is. What is too wide for that is summed in f64, from the points' own coordinates.
//! - Exponents: a term 2^(−t) is off by about 10⁻⁷·t of itself. Where every value is small, all are
//!   made of such terms, and the sum is done again in f64; that also reaches values that f32 cannot
//!   hold.
//! - Sums: 16 terms at a time, 32 of them so, and then with the rounding error kept.
//! - Sources out of reach (see [`reach`]): what they would add to a target is less than 10⁻⁸ of its
//!   value, in f64 10⁻¹⁵; a target that sees too little for that is given all that its numbers hold.
//! - What is left cancels, unless a great many sources lie alike, or few make up the whole. Some targets
//!   are summed in f64, too: a few of a great many, and one in [`SAMPLED_ALIKE`] where sources look that way. If
//!   one of them is off by more than [`SUSPECT`], all are summed in f64.
//!
//! Few targets, and few sources, are summed in f64 to begin with.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the instructions"
)]

mod both_ways;
mod instructions;
mod kernel;
mod near;
mod order;
mod portable;
pub(super) mod reach;
mod suspect;
pub(super) mod tasks;
mod vectors;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use instructions::Instructions;
pub(super) use vectors::Job;

use std::sync::Arc;

use super::{
    Engine, EngineError, EngineId, Limits, Observer, Plan, Problem, Stretch,
    direct::{self, DirectSum, Summed},
};
use crate::model::{Points, Sigma};
pub(super) use instructions::Kernel;
use kernel::{BLOCK, SPECIALISED_DIM, TILE, TILE_NUMBERS};
pub(super) use kernel::{Block, Precision, SHIFTED, Task};
use near::{NEAR_TILE, Sources, is_worth_sorting, refine};
pub(super) use order::{corners, middle_of, neighbours_together};
use reach::{Reaches, Shell};

/// The sum with vector instructions, on all cores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simd {
    /// The instructions to use; `None` is what `SIGMASCOPE_SIMD` names, or the best.
    pub instructions: Option<Instructions>,
    /// Whether all is summed in f64, half as fast: then it is as exact as the double loop.
    pub in_double: bool,
}

/// Half the width of the widest block, in scaled coordinates, that is summed with f32 coordinates.
/// A target that is moved by δ changes its value by up to about 4δ of it, and rounding moves it by
/// 6·10⁻⁸ of this. A larger limit costs digits, a smaller one makes more blocks pay for split
/// coordinates.
pub(super) const COMPACT: f64 = 3.0;
/// Half the width of the widest block, in scaled coordinates, that is summed with coordinates split
/// in two f32; wider ones are summed in f64. With a larger limit the second f32 rounds visibly.
pub(super) const WIDE: f64 = 1e6;
/// Highest value of a field, in units of the largest weight, below which it is summed again
/// in f64: its terms are so small that their relative errors in f32 are too large.
const FAR: f64 = 0.25;
/// Highest value, in the same units, below which f32 may drop what is a thousandth of it.
const FAINT: f64 = 1e-20;
/// Highest value, in the same units, below which f64 may.
const FAINTEST: f64 = 1e-270;
/// Share of the highest value from which on a value is summed again in f64 with the others: below it f32
/// is as exact as is promised, even where exponents are large.
const COUNTED: f64 = 1e-6;
/// The most targets, or sources, that are summed in f64 to begin with: that takes little, and of so few
/// none speaks for the others.
const FEW: usize = 64;
/// Pairs, weighted by their cost relative to d = 2, up to which a sum stays on one thread: they
/// take about as long as waking the others.
const WORTH_SHARING: u64 = 1 << 19;
/// Number of sources, for each halving of the targets, from which on ordering targets saves more
/// time than it takes. With fewer sources, wide blocks in higher precision are cheaper than
/// sorting.
const WORTH_ORDERING: usize = 768;
/// Tasks for each thread: with fewer, threads wait for the last one to end; with more, sources are
/// prepared more often.
const TASKS_PER_CORE: usize = 8;
/// The fewest tiles of sources in a task; with fewer, preparing its targets shows.
const TILES_PER_TASK: usize = 4;

impl Engine for Simd {
    fn id(&self) -> EngineId {
        EngineId::Simd
    }

    fn tolerance(&self) -> f64 {
        if self.in_double { direct::IN_DOUBLE } else { 2e-6 }
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        let points = problem.points;
        let n = points.n() as u64;
        let Split { share, length } = Split::of(points, points.n().div_ceil(BLOCK), points.n());
        let ranges = points.m().div_ceil(length) as u64;
        let threads = if share { rayon::current_num_threads() as u64 } else { 1 };
        // High and low coordinates of a tile and of a block, sums with their rounding errors.
        let of_thread = 8 * (TILE_NUMBERS + BLOCK * (points.dim() + 2)) as u64;
        let partial = if both_ways::are_the_sources(points) { both_ways::SUMS } else { ranges };
        // The sorted sources with their order; their boxes take less than the rest of a number each.
        let sorted = (8 * (points.dim() as u64 + 2) + 4) * points.m() as u64;
        (8 + 4 + 8 * partial) * n + sorted + threads * of_thread
    }

    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        _observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError> {
        Ok(direct::plan(*self, points, limits))
    }
}

impl DirectSum for Simd {
    fn sum_directly(
        &self,
        problem: &Problem<'_>,
        _memory: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Result<Summed, EngineError> {
        let instructions = self.instructions.map_or_else(Instructions::chosen, Ok)?;
        let kernel = instructions.kernel().ok_or_else(|| {
            EngineError::Failed(format!("this processor has no {}", instructions.name()))
        })?;
        let mut sum = Sum::new(problem, kernel);
        let mut order = sum.order();
        sum.sort_sources(&mut order);
        let few = self.in_double || order.len().min(problem.points.m()) <= FEW;
        let mut blocks: Vec<Block<'_>> = order.chunks(BLOCK).map(|b| sum.block(b, few)).collect();
        let mut field = vec![0.0; problem.points.n()];
        sum.fill(&blocks, false, &mut field, observer)?;

        let mut highest = highest_of(&field);
        let is_single = |block: &Block<'_>| block.precision != Precision::Double;
        let mut single = blocks.iter().any(is_single);
        if single
            && (highest < FAR * sum.largest
                || sum.is_suspect(&blocks, &field, highest, observer)?)
        {
            let faint = highest < FAINT * sum.largest;
            let counts = |i: &u32| faint || field[*i as usize].abs() >= COUNTED * highest;
            let mut again = blocks.clone();
            again.retain(|b| is_single(b) && b.targets.iter().any(counts));
            for block in &mut again {
                block.precision = Precision::Double;
            }
            sum.fill(&again, false, &mut field, observer)?;
            single = again.len() < blocks.iter().filter(|b| is_single(b)).count();
            highest = highest_of(&field);
        }
        if !single && highest < FAINTEST * sum.largest {
            for block in &mut blocks {
                block.precision = Precision::Double;
            }
            let mut shifted = vec![0.0; field.len()];
            sum.fill(&blocks, true, &mut shifted, observer)?;
            // Where weights of both signs cancel, their terms may be too large for that.
            if shifted.iter().all(|f| f.is_finite()) {
                field = shifted;
            }
        }
        Ok(Summed { values: field, single })
    }
}

fn highest_of(field: &[f64]) -> f64 {
    field.iter().fold(0.0_f64, |highest, f| highest.max(f.abs()))
}

/// What weights of which `largest` is the largest |w| are multiplied by: a power of two, so that they
/// keep their digits, for f32 and for f64.
///
/// In f32 the largest comes near 1. In f64 weights stay as they are, for beside a large one small ones
/// would lose their digits; but where all are small, or a sum of many would be too large.
pub(super) fn weight_scales(largest: f64) -> [f64; 2] {
    const HEAVY: f64 = 1e290;
    // The inverse must be a number, too.
    let to_one = (-largest.log2().floor()).clamp(-1000.0, 1000.0).exp2();
    let in_double = match largest {
        _ if largest < 1.0 => to_one,
        _ if largest < HEAVY => 1.0,
        _ => (-64.0_f64).exp2(),
    };
    [to_one, in_double]
}

/// How a sum is split into tasks.
struct Split {
    /// Whether on all cores.
    share: bool,
    /// Sources in a task.
    length: usize,
}

impl Split {
    fn of(points: &Points, blocks: usize, targets: usize) -> Self {
        let m = points.m();
        let pairs = targets as u64 * m as u64;
        let cost = pairs.saturating_mul(points.dim() as u64 + 4) / 6;
        let share = cost > WORTH_SHARING && tasks::may_share();
        let tiles = m.div_ceil(TILE);
        let wanted = if share { TASKS_PER_CORE * rayon::current_num_threads() } else { 1 };
        let ranges = wanted.div_ceil(blocks).min(tiles / TILES_PER_TASK).max(1);
        Self { share, length: tiles.div_ceil(ranges) * TILE }
    }
}

/// What does not change during a sum.
struct Sum<'a> {
    points: &'a Points,
    sigma: Sigma,
    kernel: instructions::Kernel,
    /// Distances times it, squared, are exponents of 2.
    scale: f64,
    /// The largest |w|.
    largest: f64,
    /// Brings weights near 1, where f32 must hold them.
    weight_scale: f64,
    /// The same for f64, which holds most as they are.
    weight_scale_in_double: f64,
    extent: f64,
    /// How far sources are seen.
    reaches: Reaches,
    /// The sources in the order in which they are summed.
    sources: Sources<'a>,
    /// Whether the targets are the sources, which then are in the order of the blocks.
    both_ways: bool,
}

impl<'a> Sum<'a> {
    fn new(problem: &Problem<'a>, kernel: instructions::Kernel) -> Self {
        let points = problem.points;
        let scale = (0.5 * std::f64::consts::LOG2_E).sqrt() / problem.sigma.get();
        let weights = points.sources().weights().unwrap_or(&[1.0]);
        let largest = weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
        let [weight_scale, weight_scale_in_double] = weight_scales(largest);
        let extent = points.bounds().extent() * scale;
        Self {
            points,
            sigma: problem.sigma,
            kernel,
            scale,
            largest,
            weight_scale,
            weight_scale_in_double,
            extent,
            reaches: Reaches::of(points.sources(), largest),
            sources: Sources::unsorted(points.sources()),
            both_ways: both_ways::are_the_sources(points),
        }
    }

    /// The order in which targets make blocks: with neighbours together, where that pays.
    fn order(&self) -> Vec<u32> {
        let [n, m] = [self.points.n(), self.points.m()];
        let halvings = n.div_ceil(BLOCK).ilog2() as usize;
        if self.extent > 2.0 * COMPACT && halvings > 0 && m >= WORTH_ORDERING * halvings {
            order::neighbours_together(self.points.targets(), BLOCK)
        } else {
            (0..n as u32).collect()
        }
    }

    /// Sorts the sources where that pays, or where they have to follow the targets, whose `order` it
    /// refines then.
    fn sort_sources(&mut self, order: &mut [u32]) {
        let [targets, sources] = [self.points.targets(), self.points.sources()];
        let reach = self.reaches.of_shell(Precision::Single, false, Shell::Near).to;
        let blocks = order.chunks(BLOCK);
        let pays = is_worth_sorting(targets, sources, blocks, self.scale, reach);
        if self.both_ways && (pays || !order.is_sorted()) {
            refine(targets, order, BLOCK);
            self.sources = Sources::sorted(sources, order);
        } else if pays {
            self.sources = Sources::sorted(sources, &neighbours_together(sources, NEAR_TILE));
        }
    }

    fn block<'b>(&self, targets: &'b [u32], in_double: bool) -> Block<'b> {
        let corners = order::corners(self.points.targets(), targets);
        let center = corners.iter().map(|[low, high]| low + 0.5 * (high - low)).collect();
        let half = corners.iter().map(|[low, high]| 0.5 * (high - low)).fold(0.0, f64::max);
        let dim = self.points.dim();
        let precision = match half * self.scale {
            _ if in_double => Precision::Double,
            half if half <= COMPACT => Precision::Single,
            half if half <= WIDE && dim <= SPECIALISED_DIM => Precision::Split,
            _ => Precision::Double,
        };
        Block { targets, center, precision }
    }

    /// Fills the field at the blocks' targets: first with what is near, and then with what is farther where
    /// that is too little.
    fn fill(
        &self,
        blocks: &[Block<'_>],
        shifted: bool,
        field: &mut [f64],
        observer: &mut dyn Observer,
    ) -> Result<(), EngineError> {
        let is_whole = self.may_sum_both_ways(blocks);
        let sums = if is_whole {
            self.sums_both_ways(blocks, observer)?
        } else {
            self.sums(blocks, shifted, Shell::Near, observer)?
        };
        for (block, sums) in blocks.iter().zip(sums) {
            for (&i, sum) in block.targets.iter().zip(sums) {
                field[i as usize] = sum;
            }
        }
        if is_whole || !self.sources.is_sorted() {
            return Ok(());
        }
        let enough = self.reaches.enough * self.largest;
        let mut low = blocks.to_vec();
        low.retain(|block| {
            let sees_more = self.reaches.has_far(block.precision, shifted);
            sees_more && block.targets.iter().any(|i| field[*i as usize].abs() < enough)
        });
        let mut rest = Stretch { observer, start: 1.0, length: 0.0 };
        let sums = self.sums(&low, shifted, Shell::Far, &mut rest)?;
        for (block, sums) in low.iter().zip(sums) {
            for (&i, sum) in block.targets.iter().zip(sums) {
                field[i as usize] += sum;
            }
        }
        Ok(())
    }

    /// What the sources in a shell add to f at the targets of each block; those in f64 with terms
    /// `shifted` on their way.
    fn sums(
        &self,
        blocks: &[Block<'_>],
        shifted: bool,
        shell: Shell,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Vec<f64>>, EngineError> {
        if blocks.is_empty() {
            return Ok(Vec::new());
        }
        let points = self.points;
        let m = points.m();
        let targets: usize = blocks.iter().map(|block| block.targets.len()).sum();
        let pairs = targets as u64 * m as u64;
        let Split { share, length } = Split::of(points, blocks.len(), targets);
        let ranges = m.div_ceil(length);
        let weight_scale = |block: &Block<'_>| match block.precision {
            Precision::Double => self.weight_scale_in_double,
            Precision::Single | Precision::Split => self.weight_scale,
        };
        let partial = tasks::run(blocks.len() * ranges, pairs, share, observer, |k, checkpoint| {
            let start = k % ranges * length;
            let range = start..m.min(start + length);
            let block = &blocks[k / ranges];
            let reach = self.reaches.of_shell(block.precision, shifted, shell);
            let (all, targets) = (range.len(), block.targets.len() as u64);
            let around = corners(points.targets(), block.targets);
            let near = self.sources.near(&around, self.scale, reach, range);
            let seen: usize = near.iter().map(ExactSizeIterator::len).sum();
            if !checkpoint((all - seen) as u64 * targets) {
                return None;
            }
            let task = Task {
                targets: points.targets(),
                sources: &self.sources.cloud,
                back: None,
                block,
                ranges: &near,
                scale: self.scale,
                weight_scale: weight_scale(block),
                shifted,
            };
            (self.kernel)(&task, checkpoint)
        });
        let partial = partial.ok_or(EngineError::Stopped)?;
        let sums = |(block, parts): (&Block<'_>, &[Vec<f64>])| {
            let weight = weight_scale(block).recip();
            let unit = if shifted { SHIFTED.recip() } else { 1.0 };
            let sum = |k: usize| parts.iter().map(|part| part[k]).sum::<f64>();
            (0..block.targets.len()).map(|k| sum(k) * weight * unit).collect()
        };
        Ok(blocks.iter().zip(partial.chunks(ranges)).map(sums).collect())
    }
}
