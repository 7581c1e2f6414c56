//! Leave-one-out log-likelihood.
//!
//! ```text
//! mean_i log[ (f_i − w_i) / ((Σw − w_i)·(2πσ²)^{d/2}) ]        over the sources i
//! ```
//!
//! The density that all other sources give each source; its maximum is the likelihood
//! cross-validation of Habbema, Hermans & van den Broek (1974) and Duin (1976, IEEE Trans. Comput.
//! 25, eq. 7). It estimates how close the density is in the sense of Kullback and Leibler, and is
//! easily led by far points. Every source counts once in the mean, whatever its weight.

use super::sums::log_volume;

/// The term of one source: `log_sum` is `log(f_i − w_i)`, `rest` is `Σw − w_i`.
pub(super) fn term(log_sum: f64, rest: f64, sigma: f64, dim: usize) -> f64 {
    log_sum - rest.ln() - log_volume(sigma, dim)
}
