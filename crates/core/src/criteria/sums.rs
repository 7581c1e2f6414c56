//! The interface to log-sums, the logarithms of kernel sums for many σ at once, from which every
//! curve is made.
//!
//! ```text
//! log S_i(σ) = log Σ_{j ≠ own(i)} w_j · exp(−‖x_i − y_j‖² / (2σ²))
//! ```
//!
//! [`Exact`](super::Exact) sums all pairs, and [`ByEngine`](super::ByEngine) lets an engine do most of
//! it. Where there are many points of few coordinates, [`Summing::Automatic`] asks the fast engine for
//! all of them at once.

use super::CriteriaError;
use crate::{engine::Observer, model::Cloud};

/// Points at which sums are wanted, and the sources that are summed over.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'a> {
    /// The targets, shape (n, d).
    pub targets: &'a Cloud,
    /// The source that each target is and that its own sum leaves out, shape (n,); `None` where the
    /// targets are other points.
    pub own: Option<&'a [usize]>,
    /// The sources with their weights, all above 0: shape (m, d).
    pub sources: &'a Cloud,
}

/// A way to compute log-sums.
pub trait LogSums {
    /// log S for each target and each σ, row by row: shape (n, number of σ).
    ///
    /// A sum is off by at most 10⁻⁶ of itself, however small it is: an isolated point has a finite
    /// value even where exp(−r²/(2σ²)) is below all that a float64 holds. −∞ only where there is no
    /// source to sum over.
    ///
    /// # Errors
    /// When `observer`, asked often, ends the work, or the sums fail.
    fn log_sums(
        &self,
        evaluation: &Evaluation<'_>,
        sigmas: &[f64],
        observer: &mut dyn Observer,
    ) -> Result<Vec<f64>, CriteriaError>;
}

/// What computes them.
#[derive(Clone, Copy)]
pub enum Summing<'a> {
    /// The fast engine where its digits suffice and it should finish first, all pairs elsewhere.
    Automatic,
    /// This alone.
    By(&'a dyn LogSums),
}

/// Smallest share of an engine's f that may be left when the point's own term is subtracted. Less
/// would magnify the engine's error in the rest, more would take the slow exact way for more
/// points.
pub(super) const LEFT: f64 = 0.5;

/// −1/(2σ²)·r² is this times r².
pub(super) fn scale(sigma: f64) -> f64 {
    0.5 / (sigma * sigma)
}

/// log (2πσ²)^{d/2}: what a density divides by.
pub(super) fn log_volume(sigma: f64, dim: usize) -> f64 {
    dim as f64 * (std::f64::consts::TAU.sqrt() * sigma).ln()
}
