//! Held-out log-likelihood.
//!
//! ```text
//! mean_i log[ f_i / (Σw·(2πσ²)^{d/2}) ]        over the targets i, f from the sources
//! ```
//!
//! The score of a density on points that it was not made from (Stone 1974, J. R. Stat. Soc. B 36),
//! as scikit-learn's `KernelDensity.score` divided by the number of points. It means something only
//! where the targets are other points than the sources.

use super::sums::log_volume;

/// The term of one target: `log_sum` is log f, `total` is Σw.
pub(super) fn term(log_sum: f64, total: f64, sigma: f64, dim: usize) -> f64 {
    log_sum - total.ln() - log_volume(sigma, dim)
}
