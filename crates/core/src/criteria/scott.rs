//! Scott's rule: the bandwidth of a normal cloud, and the σ of a file for which none was given.
//!
//! ```text
//! σ = s·n^{−1/(d+4)},        s = √(trace of the covariance / d)
//! ```
//!
//! (Scott 1992, Multivariate Density Estimation, eq. 6.42, with one spread for all axes.) The factor
//! is that of `SciPy`'s `gaussian_kde`, with (Σw)²/Σw² for n where there are weights. Best for a normal
//! cloud, and too wide for one of several clumps.

use super::{
    CriteriaError, Criterion,
    moments::{counting, effective_count, variances},
};
use crate::model::Cloud;

/// s: the root of the mean variance of the axes.
pub(super) fn spread(cloud: &Cloud, criterion: Criterion) -> Result<f64, CriteriaError> {
    let degenerate =
        |why: &str| CriteriaError::Degenerate { criterion: criterion.label(), why: why.to_owned() };
    let variance = variances(cloud).iter().sum::<f64>() / cloud.dim() as f64;
    match variance.sqrt() {
        spread if spread > 0.0 && spread.is_finite() => Ok(spread),
        _ => Err(degenerate("all points coincide")),
    }
}

/// n^{−1/(d+4)}: `SciPy`'s `scotts_factor`.
pub fn scott_factor(effective_count: f64, dim: usize) -> f64 {
    effective_count.powf(-1.0 / (dim as f64 + 4.0))
}

/// σ by Scott's rule for `sources`, weights honoured: what [`select`](super::select()) answers for
/// [`Criterion::Scott`], to the last bit.
///
/// # Errors
/// When a weight is negative, fewer than two points have a weight above 0, or all of those coincide.
pub fn scott_sigma(sources: &Cloud) -> Result<f64, CriteriaError> {
    scott(&*counting(sources)?)
}

/// The same of a cloud in which every weight is above 0.
pub(super) fn scott(cloud: &Cloud) -> Result<f64, CriteriaError> {
    if cloud.len() < 2 {
        let criterion = Criterion::Scott.label();
        return Err(CriteriaError::TooFew { criterion, least: 2, found: cloud.len() });
    }
    let spread = spread(cloud, Criterion::Scott)?;
    Ok(spread * scott_factor(effective_count(cloud), cloud.dim()))
}
