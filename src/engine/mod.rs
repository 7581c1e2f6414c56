//! Ways to compute the field on the CPU, and the planning that every engine shares.
//!
//! An engine is a function from two clouds and σ to one number per target, so that any of them can
//! replace any other; one table of tests (`tests/engines.rs`) runs over all.

mod naive;
mod pace;
mod plan;

pub use naive::Naive;
pub use pace::Pace;
pub use plan::{Plan, PlanLimits, Slice};

use crate::model::{Points, Sigma};

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
    /// The engine could not do it.
    #[error("{0}")]
    Failed(String),
}

/// One way to compute the field.
pub trait Engine {
    /// The name that flags and reports use.
    fn name(&self) -> &'static str;

    /// Largest `max_i |f_i − ref_i| / max(ref_i, 10⁻³·max ref)` that it may show against the f64 sum.
    fn tolerance(&self) -> f64;

    /// The field, shape (n,), in the order of the targets.
    ///
    /// `keep_going` hears the fraction done, often; when it says no, the engine stops.
    ///
    /// # Errors
    /// When it was stopped, or the engine failed.
    fn sum(
        &self,
        problem: &Problem<'_>,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Vec<f64>, EngineError>;
}
