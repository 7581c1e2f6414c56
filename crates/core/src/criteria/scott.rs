//! Scott's rule.
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
    moments::{effective_count, variances},
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

/// σ by Scott's rule, of a cloud whose points all count.
pub(super) fn scott(cloud: &Cloud) -> Result<f64, CriteriaError> {
    let spread = spread(cloud, Criterion::Scott)?;
    Ok(spread * scott_factor(effective_count(cloud), cloud.dim()))
}
