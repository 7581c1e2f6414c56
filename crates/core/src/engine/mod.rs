//! Ways to compute the field on the CPU, and the planning that every engine shares.
//!
//! An engine is a function from two clouds and σ to one number per target, so that any of them can
//! replace any other; one table of tests runs over all (`tests/common/cases.rs`).
//!
//! | engine | memory | a pair costs | tolerance |
//! |---|---|---|---|
//! | [`Naive`] | f | one `exp` in f64, one thread | 10⁻¹² |
//! | [`Broadcast`] | 8·N·M bytes | the same | 10⁻¹² |
//! | [`Chunked`] | 8·N·chunk bytes | the same | 10⁻¹² |
//! | [`Simd`] | f, the order of the targets | a fraction of a nanosecond, all cores | 2·10⁻⁶ |
//! | [`Fast`] | grids, some 30 bytes a point | – : N + M steps, all cores | as asked for |
//!
//! [`auto`] says which of the exact engines is done first.

pub mod auto;
mod broadcast;
mod chunked;
mod compensated;
mod fast;
mod naive;
mod pace;
mod plan;
mod reference;
mod simd;

pub use broadcast::{Broadcast, broadcast_bytes};
pub use chunked::{Chunked, chunked_bytes};
pub use fast::{
    Accuracy, CellNode, CellsOffer, CellsParts, Fast, FastChoice, FastDevice, FastField,
    FastLimits, FastOffer, FastPlace, FastPoints, FastWay, FastWindow, FixedPoint, Found, GridAxis,
    GridKey, GridOffer, Method, Near, Neighbours, fast_seconds,
};
pub use naive::Naive;
pub use pace::Pace;
pub use plan::{Plan, PlanLimits, Slice};
pub use reference::{exact_at, largest_error, magnitudes_at, sample_targets};
pub use simd::{Instructions, Simd};

use crate::model::{EngineChoice, Points, Sigma, Tolerance};

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
    /// The engine could not do it.
    #[error("{0}")]
    Failed(String),
}

/// One way to compute the field.
///
/// Both tolerances are against the sum in f64. Where weights have both signs, `ref_i` stands for
/// `Σ_j |w_j|·exp(…)`: what cancels is not promised.
pub trait Engine {
    /// The name that flags and reports use.
    fn name(&self) -> &'static str;

    /// Largest `max_i |f_i − ref_i| / max(ref_i, 10⁻³·max ref)` that it may show.
    fn tolerance(&self) -> f64;

    /// Largest `|f_i − ref_i| / ref_i` that it may show wherever `ref_i ≥ 10⁻²⁰·max_j |w_j|`.
    fn elementwise_tolerance(&self) -> f64 {
        2e-5
    }

    /// The most bytes that it takes at once for `problem`, beyond the points: what it allocates, its
    /// result included, by the formula at its file's head. Small change is left out.
    fn bytes(&self, problem: &Problem<'_>) -> u64;

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

    /// The same with what the engine knows of the sum that it did.
    ///
    /// # Errors
    /// The same.
    fn sum_with_facts(
        &self,
        problem: &Problem<'_>,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Summed, EngineError> {
        let values = self.sum(problem, keep_going)?;
        Ok(Summed { values, error_bound: self.tolerance(), how: None, place: None })
    }
}

/// A field with what is known of it.
#[derive(Clone, Debug)]
pub struct Summed {
    /// The field, shape (n,), in the order of the targets.
    pub values: Vec<f64>,
    /// The largest error that this field may show: at most the engine's tolerance.
    pub error_bound: f64,
    /// How it was computed, where the engine has a choice, and why.
    pub how: Option<String>,
    /// Where it was computed, where the engine has a choice.
    pub place: Option<FastPlace>,
}

/// The engine behind a choice, where it runs on the processor; `None` where a device does it.
/// `auto` has to be resolved first, by [`auto::choose`].
///
/// `memory_limit` bounds the bytes of the N×M arrays of those engines that make them; `None` is half
/// of the free memory. `tolerance` is that of the engine `fast`.
pub fn on_cpu(
    choice: EngineChoice,
    memory_limit: Option<u64>,
    tolerance: Tolerance,
) -> Option<Box<dyn Engine>> {
    match choice {
        EngineChoice::Auto | EngineChoice::Gpu => None,
        EngineChoice::Naive => Some(Box::new(Naive)),
        EngineChoice::Broadcast => Some(Box::new(Broadcast { memory_limit })),
        EngineChoice::Chunked => Some(Box::new(Chunked { memory_limit })),
        EngineChoice::Simd => Some(Box::new(Simd::default())),
        EngineChoice::Fast => Some(Box::new(Fast { tolerance, ..Fast::default() })),
    }
}
