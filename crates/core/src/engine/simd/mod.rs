//! The exact sum with the processor's vector instructions, on all its cores.
//!
//! ```text
//! targets ──▶ order: neighbours together ──▶ blocks of 256, each with its centre and precision
//!                                                  │
//! blocks × ranges of sources ──▶ kernel, on every core ──▶ partial sums, added in f64 ──▶ f
//!                                                  │
//!        a field of far pairs alone: once more, in f64 vectors ◀──┘
//! ```
//!
//! Memory: f, four bytes a target for their order, partial sums of 8·N for each range of sources, for
//! each core a tile of sources and a block of targets; nothing of size N·M. Cost: N·M pairs of 2d + 9 instructions each for as many pairs as a vector has lanes.
//! Tolerance: 2·10⁻⁶ of max(f, 10⁻³·max f), and 2·10⁻⁵ of f itself down to 10⁻²⁰.
//!
//! Where the digits of f32 go, and what keeps them:
//! - Coordinates: each block is centred in f64, and where that is not enough they are split in two
//!   (see [`kernel`]).
//! - Exponents: a term 2^(−t) is off by about 10⁻⁷·t of itself. Where every value is small, all are
//!   made of such terms, and the sum is done again in f64; that also reaches values that f32 cannot
//!   hold.
//! - Sums: 32 terms at a time, and then with the rounding error kept.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the instructions"
)]

mod instructions;
mod kernel;
mod order;
mod portable;
pub(super) mod tasks;
mod vectors;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use instructions::Instructions;
pub(super) use vectors::Job;

use std::sync::Arc;

use super::{
    Engine, EngineError, EngineId, Limits, Observer, Plan, Problem,
    direct::{self, DirectSum},
};
use crate::model::Points;
pub(super) use instructions::Kernel;
use kernel::{BLOCK, SPECIALISED_DIM, TILE, TILE_NUMBERS};
pub(super) use kernel::{Block, Precision, Task};
pub(super) use order::{corners, middle_of, neighbours_together};

/// The sum with vector instructions, on all cores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simd {
    /// The instructions to use; `None` is what `SIGMASCOPE_SIMD` names, or the best.
    pub instructions: Option<Instructions>,
}

/// Half the width of the widest block, in scaled coordinates, that is summed with f32 coordinates.
/// A target that is moved by δ changes its value by up to about 4δ of it, and rounding moves it by
/// 6·10⁻⁸ of this. A larger limit costs digits, a smaller one makes more blocks pay for split
/// coordinates.
const COMPACT: f64 = 3.0;
/// Half the width of the widest block, in scaled coordinates, that is summed with coordinates split
/// in two f32; wider ones are summed in f64.
const WIDE: f64 = 1e7;
/// Largest extent of the points, in scaled coordinates, that is summed in f32: squares of larger
/// distances may be too large for it.
const REACH: f64 = 1e9;
/// Highest value of a field, in units of about the largest weight, below which it is summed again
/// in f64: its terms are so small that their relative errors in f32 are too large.
const FAR: f64 = 0.25;
/// Share of the highest value below which only the elementwise tolerance is promised, which f32
/// keeps in any case; half of the share in the engine's tolerance.
const COUNTED: f64 = 5e-4;
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
        2e-6
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        let points = problem.points;
        let n = points.n() as u64;
        let Split { share, length } = Split::of(points, points.n().div_ceil(BLOCK), points.n());
        let ranges = points.m().div_ceil(length) as u64;
        let threads = if share { rayon::current_num_threads() as u64 } else { 1 };
        // High and low coordinates of a tile and of a block, sums with their rounding errors.
        let of_thread = 8 * (TILE_NUMBERS + BLOCK * (points.dim() + 2)) as u64;
        (8 + 4 + 8 * ranges) * n + threads * of_thread
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
    ) -> Result<Vec<f64>, EngineError> {
        let instructions = self.instructions.map_or_else(Instructions::chosen, Ok)?;
        let kernel = instructions.kernel().ok_or_else(|| {
            EngineError::Failed(format!("this processor has no {}", instructions.name()))
        })?;
        let sum = Sum::new(problem, kernel);
        let order = sum.order();
        let mut blocks: Vec<Block<'_>> = order.chunks(BLOCK).map(|b| sum.block(b)).collect();
        let mut field = vec![0.0; problem.points.n()];
        sum.run(&blocks, &mut field, observer)?;

        let highest = field.iter().fold(0.0_f64, |highest, f| highest.max(f.abs()));
        if highest < FAR {
            let counts = |i: &u32| field[*i as usize].abs() >= COUNTED * highest;
            blocks.retain(|b| b.precision != Precision::Double && b.targets.iter().any(counts));
            for block in &mut blocks {
                block.precision = Precision::Double;
            }
            sum.run(&blocks, &mut field, observer)?;
        }
        let weight = sum.weight_scale.recip();
        for f in &mut field {
            *f *= weight;
        }
        Ok(field)
    }
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
    kernel: instructions::Kernel,
    scale: f64,
    weight_scale: f64,
    extent: f64,
}

impl<'a> Sum<'a> {
    fn new(problem: &Problem<'a>, kernel: instructions::Kernel) -> Self {
        let points = problem.points;
        let scale = (0.5 * std::f64::consts::LOG2_E).sqrt() / problem.sigma.get();
        let weights = points.sources().weights().unwrap_or(&[1.0]);
        let largest = weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
        // A power of two, so that weights keep their digits; none where its inverse is no number.
        let weight_scale = (-largest.log2().floor()).clamp(-1000.0, 1000.0).exp2();
        Self { points, kernel, scale, weight_scale, extent: points.bounds().extent() * scale }
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

    fn block<'b>(&self, targets: &'b [u32]) -> Block<'b> {
        let corners = order::corners(self.points.targets(), targets);
        let center = corners.iter().map(|[low, high]| low + 0.5 * (high - low)).collect();
        let half = corners.iter().map(|[low, high]| 0.5 * (high - low)).fold(0.0, f64::max);
        let dim = self.points.dim();
        let precision = match half * self.scale {
            _ if self.extent > REACH => Precision::Double,
            half if half <= COMPACT => Precision::Single,
            half if half <= WIDE && dim <= SPECIALISED_DIM => Precision::Split,
            _ => Precision::Double,
        };
        Block { targets, center, precision }
    }

    /// Fills the field at the blocks' targets.
    fn run(
        &self,
        blocks: &[Block<'_>],
        field: &mut [f64],
        observer: &mut dyn Observer,
    ) -> Result<(), EngineError> {
        if blocks.is_empty() {
            return Ok(());
        }
        let points = self.points;
        let m = points.m();
        let targets: usize = blocks.iter().map(|block| block.targets.len()).sum();
        let pairs = targets as u64 * m as u64;
        let Split { share, length } = Split::of(points, blocks.len(), targets);
        let ranges = m.div_ceil(length);
        let partial = tasks::run(blocks.len() * ranges, pairs, share, observer, |k, checkpoint| {
            let start = k % ranges * length;
            let range = start..m.min(start + length);
            let task = Task {
                targets: points.targets(),
                sources: points.sources(),
                block: &blocks[k / ranges],
                ranges: std::slice::from_ref(&range),
                scale: self.scale,
                weight_scale: self.weight_scale,
            };
            (self.kernel)(&task, checkpoint)
        });
        let partial = partial.ok_or(EngineError::Stopped)?;
        for (block, parts) in blocks.iter().zip(partial.chunks(ranges)) {
            for (k, &i) in block.targets.iter().enumerate() {
                field[i as usize] = parts.iter().map(|part| part[k]).sum();
            }
        }
        Ok(())
    }
}
