//! Silverman's rule.
//!
//! ```text
//! σ = s·(4/(d+2))^{1/(d+4)}·n^{−1/(d+4)},        s = √(trace of the covariance / d)
//! ```
//!
//! (Silverman 1986, Density Estimation, eq. 4.14 with table 4.1.) It minimises the integrated squared
//! error where the points are normal; the factor is that of `SciPy`'s `gaussian_kde`.

use super::{
    CriteriaError, Criterion,
    moments::{counting, effective_count, robust_spread},
    scott::spread,
};
use crate::model::Cloud;

/// (n·(d+2)/4)^{−1/(d+4)}: `SciPy`'s `silverman_factor`.
pub fn silverman_factor(effective_count: f64, dim: usize) -> f64 {
    let dim = dim as f64;
    (effective_count * (dim + 2.0) / 4.0).powf(-1.0 / (dim + 4.0))
}

/// σ by Silverman's rule for `sources`, weights honoured: what [`select`](super::select()) answers for
/// [`Criterion::Silverman`], to the last bit.
///
/// # Errors
/// When a weight is negative, fewer than two points have a weight above 0, or all of those coincide.
pub fn silverman_sigma(sources: &Cloud) -> Result<f64, CriteriaError> {
    let cloud = counting(sources)?;
    if cloud.len() < 2 {
        let criterion = Criterion::Silverman.label();
        return Err(CriteriaError::TooFew { criterion, least: 2, found: cloud.len() });
    }
    silverman(&cloud)
}

/// σ by Silverman's rule, of a cloud whose points all count.
pub(super) fn silverman(cloud: &Cloud) -> Result<f64, CriteriaError> {
    let spread = spread(cloud, Criterion::Silverman)?;
    Ok(spread * silverman_factor(effective_count(cloud), cloud.dim()))
}

/// The same with a spread that far points do not blow up; 0 where there is none.
pub(super) fn robust_silverman(cloud: &Cloud) -> f64 {
    let dim = cloud.dim();
    let squares = (0..dim).map(|axis| robust_spread(cloud, axis).powi(2));
    let spread = (squares.sum::<f64>() / dim as f64).sqrt();
    spread * silverman_factor(effective_count(cloud), dim)
}
