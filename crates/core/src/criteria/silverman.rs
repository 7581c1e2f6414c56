//! Silverman's rule.
//!
//! ```text
//! σ = s·(4/(d+2))^{1/(d+4)}·n^{−1/(d+4)},        s = √(trace of the covariance / d)
//! ```
//!
//! (Silverman 1986, Density Estimation, eq. 4.14 with table 4.1.) It minimises the integrated squared
//! error where the points are normal; the factor is that of `SciPy`'s `gaussian_kde`.

use super::{CriteriaError, Criterion, moments::effective_count, scott::spread};
use crate::model::Cloud;

/// (n·(d+2)/4)^{−1/(d+4)}: `SciPy`'s `silverman_factor`.
pub fn silverman_factor(effective_count: f64, dim: usize) -> f64 {
    let dim = dim as f64;
    (effective_count * (dim + 2.0) / 4.0).powf(-1.0 / (dim + 4.0))
}

/// σ by Silverman's rule, of a cloud whose points all count.
pub(super) fn silverman(cloud: &Cloud) -> Result<f64, CriteriaError> {
    let spread = spread(cloud, Criterion::Silverman)?;
    Ok(spread * silverman_factor(effective_count(cloud), cloud.dim()))
}
