//! The engine `fast`: an approximate Gauss sum in O(N + M), on a grid or over near sources found by
//! a k-d tree, with an error bound; for 1 to 3 coordinates.
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
//! [`crate::scheduler`] says what each takes, and a [`FastPlan`] chooses between them. All terms of either are positive where weights are: f is never
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
mod device_plan;
mod interpolate;
mod kd_tree;
mod lanes;
mod memory;
mod neighbours;
mod order;
mod pair_distances;
mod passes;
mod pixels;
mod plan;
mod points;
mod prepared;
mod profile;
mod resample;
mod scheme;
mod splat;
mod spread;
mod spreads;
mod window;

pub use device_plan::{
    CellNode, CellsDevicePlan, CellsParts, DeviceLimits, DeviceMethod, DevicePlan, FastWindow,
    FixedPoint, ForcedPlace, GridAxis, GridDevicePlan, GridKey, Near, PlaceChoice,
};
pub use neighbours::{Found, Neighbours};
pub use pixels::{PixelSpec, PixelSums, Pixels};
pub use plan::{Fast, FastPlan, StepDevice};
pub use points::{FastLimits, FastPoints};
pub use scheme::Accuracy;
pub(crate) use window::Width as GridWidth;

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
