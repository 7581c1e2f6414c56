//! The trait that every engine implements, and the engines of the processor. An [`Engine`] makes a
//! [`Plan`] for some points, and the plan computes a [`Field`] for each σ.
//!
//! Any engine can replace any other; one table of tests runs over all (the crate
//! `sigmascope-test-cases`). Those of a graphics device are the program's.
//!
//! | engine | memory | a pair costs | tolerance |
//! |---|---|---|---|
//! | [`Naive`] | f | one `exp` in f64, one thread | 10⁻¹² |
//! | [`Broadcast`] | 8·N·M bytes | the same | 10⁻¹² |
//! | [`Chunked`] | 8·N·chunk bytes | the same | 10⁻¹² |
//! | [`Simd`] | f, the order of the targets | a fraction of a nanosecond, all cores | 2·10⁻⁶ |
//! | [`Fast`] | grids, some 30 bytes a point | – : N + M steps, all cores | as asked for |
//!
//! [`crate::scheduler`] says which of them is done first.

mod broadcast;
mod check;
mod chunked;
mod compensated;
mod direct;
mod fast;
mod id;
mod naive;
mod near_blocks;
mod observer;
mod pace;
mod plan;
mod reference;
mod simd;
mod slices;

pub use broadcast::{Broadcast, broadcast_bytes};
pub use check::{
    CheckedField, ErrorBoundOf, Measured, TOLD_BOUND, check_field, measure, with_absolute_weights,
};
pub use chunked::{Chunked, chunked_bytes};
pub(crate) use fast::GridWidth;
pub use fast::{
    Accuracy, CellNode, CellsDevicePlan, CellsParts, DeviceLimits, DeviceMethod, DevicePlan, Fast,
    FastField, FastLimits, FastPlan, FastPoints, FastWindow, FixedPoint, ForcedPlace, Found,
    GridAxis, GridDevicePlan, GridKey, Method, Near, Neighbours, PixelSpec, PixelSums, Pixels,
    PlaceChoice, StepDevice,
};
pub use id::EngineId;
pub use naive::Naive;
pub use near_blocks::{
    Item, Lists, SOURCES_IN_BLOCK, SortedPoints, is_worth_sorting, targets_in_block,
};
pub use observer::{Observer, Partial, Progress, Stretch, Unobserved, go_on_if};
pub use pace::Pace;
pub use plan::{
    Destination, DeviceValues, Engine, Field, KeptBytes, Limits, Place, Plan, Report, Request,
    SliceSeconds, Values, multiply,
};
pub use reference::{draw_targets, exact_at, largest_error, magnitudes_at, sample_targets};
pub use simd::{Instructions, Simd};
pub use slices::{Slice, SliceLimits, SlicePlan};

use crate::model::{Points, Sigma, Tolerance};

/// What to sum: `f_i = Σ_j w_j · exp(−‖x_i − y_j‖² / (2σ²))`, with w the sources' weights, or 1.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// Targets x, shape (n, dim), and sources y, shape (m, dim).
    pub points: &'a Points,
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// Number of sources between two updates of f, at least 1.
    pub chunk: usize,
}

/// Why there is no field.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// The caller stopped it.
    #[error("the sum was stopped")]
    Stopped,
    /// It would take more memory than there is, or than it may have.
    #[error("{0}")]
    TooLarge(String),
    /// The device cannot do it, but another place can: it has no memory left for it, or its driver
    /// refuses the program.
    #[error("{0}")]
    DeviceUnable(String),
    /// The device is gone, and everything on it.
    #[error("{0}")]
    DeviceLost(String),
    /// The engine could not do it.
    #[error("{0}")]
    Failed(String),
}

/// The engine of the processor that `id` names; `None` for the one that needs a device. `tolerance` is
/// that of the engine `fast`.
pub fn on_processor(id: EngineId, tolerance: Tolerance) -> Option<Box<dyn Engine>> {
    match id {
        EngineId::Gpu => None,
        EngineId::Naive => Some(Box::new(Naive)),
        EngineId::Broadcast => Some(Box::new(Broadcast)),
        EngineId::Chunked => Some(Box::new(Chunked)),
        EngineId::Simd => Some(Box::new(Simd::default())),
        EngineId::Fast => Some(Box::new(Fast { tolerance, ..Fast::default() })),
    }
}
