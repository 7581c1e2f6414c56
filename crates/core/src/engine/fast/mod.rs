//! The sum in N + M steps instead of N·M, for points of 1 to 3 coordinates, with a stated error.
//!
//! ```text
//!   points ──▶ neighbours together                                once
//!                   │
//!   grid:    sources ──spread──▶ ░░░░ ──taps of σ, axis by axis──▶ ▓▓▓▓ ──gather──▶ f
//!                          once an octave               each σ
//!   cells:   a block of targets × the leaves of sources within κσ ──simd's kernel──▶ f
//! ```
//!
//! - **Grid.** Every source adds its weight to the w^d nodes around it; d one-dimensional passes
//!   convolve the grid with the Gaussian divided by the spreading function's transform squared; every
//!   target gathers the w^d nodes around it. No Fourier transform and no period: see [`window`] for the
//!   formulas, [`profile`] for the error.
//! - **Cells.** For a small σ, near sources alone, exactly.
//!
//! [`cost`] chooses between them. All terms of either are positive where weights are: f is never
//! negative, and errors are relative to the terms that make it up.
//!
//! **The error.** With the field comes `error_bound`:
//!
//! ```text
//!   F_i = Σ_j |w_j| exp(−‖x_i − y_j‖² / (2σ²))
//!   |f_i − ref_i| ≤ error_bound · max(F_i, floor),   floor = min(0.01·max|w|, 10⁻³·max|f|)
//! ```
//!
//! for every target. It is worked out from the taps and the window that were used, and what rounding
//! adds; it is at most the tolerance where the floor is 0.01·max|w|. Against the highest value the
//! error is a fifth of the tolerance at most.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the instructions"
)]

mod axis;
mod batch;
mod cells;
mod cost;
mod crowd;
mod interpolate;
mod lanes;
mod memory;
mod neighbours;
mod offer;
mod order;
mod passes;
mod points;
mod profile;
mod ready;
mod scheme;
mod spread;
mod spreads;
mod window;

pub use cost::fast_seconds;
pub use neighbours::{Found, Neighbours};
pub use offer::{
    CellNode, CellsOffer, CellsParts, FastChoice, FastDevice, FastOffer, FastPlace, FastWay,
    FastWindow, FixedPoint, GridAxis, GridKey, GridOffer, Near,
};
pub use points::{FastLimits, FastPoints};
pub use scheme::Accuracy;

use super::{Engine, EngineError, Problem, Summed};
use crate::model::Tolerance;

/// How a field was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Spread on a grid, convolved, interpolated.
    Grid,
    /// Near sources alone.
    Cells,
}

impl Method {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Cells => "cells",
        }
    }
}

/// A field with what is known of it.
#[derive(Clone, Debug)]
pub struct FastField {
    /// f, shape (n,), in the order of the targets.
    pub values: Vec<f64>,
    /// The largest |f − ref| / max(F, floor) that it may show, as the module says.
    pub error_bound: f64,
    /// How it was computed.
    pub method: Method,
    /// Why in that way: one sentence.
    pub why: String,
}

/// The fast sum as an engine: points made ready and used once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fast {
    /// The error that each value may have, relative to it, from 0.01 weights on.
    pub tolerance: Tolerance,
    /// What it may use.
    pub limits: FastLimits,
}

impl Engine for Fast {
    fn name(&self) -> &'static str {
        "fast"
    }

    /// Of the whole sum where max f ≥ 10 weights; where all is less, of max(f, 0.01 weights).
    fn tolerance(&self) -> f64 {
        self.tolerance.get()
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        if problem.points.dim() > FastPoints::MAX_DIM {
            return 0;
        }
        let limit = self.limits.memory_for(problem.points);
        memory::bytes(problem.points, problem.sigma, Accuracy::Full(self.tolerance), limit)
    }

    fn sum(
        &self,
        problem: &Problem<'_>,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Vec<f64>, EngineError> {
        Ok(self.sum_with_facts(problem, keep_going)?.values)
    }

    fn sum_with_facts(
        &self,
        problem: &Problem<'_>,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Summed, EngineError> {
        let mut points = FastPoints::within(problem.points, self.limits)?;
        let field = points.step(problem.sigma, Accuracy::Full(self.tolerance), keep_going)?;
        Ok(field.into())
    }
}

impl From<FastField> for Summed {
    fn from(field: FastField) -> Self {
        let FastField { values, error_bound, why, .. } = field;
        let how = Some(format!("on the processor: {why}"));
        Self { values, error_bound, how, place: Some(FastPlace::Processor) }
    }
}
