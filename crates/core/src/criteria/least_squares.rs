//! Least-squares cross-validation.
//!
//! ```text
//!   (Σw)⁻²·(4πσ²)^{−d/2}·Σ_i w_i·f_i(√2σ)  −  2·Σ_i w_i·(f_i(σ) − w_i) / (Σw·(Σw − w_i)·(2πσ²)^{d/2})
//! = ∫p̂² − 2·(mean of p̂ at each source, without it)
//! ```
//!
//! An unbiased estimate of ∫(p̂ − p)² − ∫p², also called unbiased cross-validation: low is good
//! (Rudemo 1982, Scand. J. Statist. 9; Bowman 1984, Biometrika 71). R's `bw.ucv` minimises the same
//! for d = 1, but for a factor of (n − 1)/n in the second part.

use super::sums::log_volume;

/// What the term of one source is made of.
pub(super) struct Source {
    /// `log(f_i(√2σ) − w_i)`.
    pub wide: f64,
    /// `log(f_i(σ) − w_i)`.
    pub log_sum: f64,
    /// `w_i`.
    pub weight: f64,
    /// `Σw − w_i`.
    pub rest: f64,
    /// Σw.
    pub total: f64,
}

/// The term of one source, to be added up over all.
pub(super) fn term(source: &Source, sigma: f64, dim: usize) -> f64 {
    let Source { wide, log_sum, weight, rest, total } = *source;
    let share = weight / total;
    let wide_volume = log_volume(std::f64::consts::SQRT_2 * sigma, dim) + total.ln();
    let squared = (wide - wide_volume).exp() + (weight.ln() - wide_volume).exp();
    let cross = (log_sum - rest.ln() - log_volume(sigma, dim)).exp();
    share * (squared - 2.0 * cross)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_give_the_closed_form() {
        // Two points at distance r in d = 1: ½·(1 + e^{−r²/4σ²})/(√(4π)·σ) − 2·e^{−r²/2σ²}/(√(2π)·σ).
        let (r, sigma) = (1.3_f64, 0.7_f64);
        let own = -0.25 * (r / sigma).powi(2);
        let source = Source { wide: own, log_sum: 2.0 * own, weight: 1.0, rest: 1.0, total: 2.0 };
        let found = 2.0 * term(&source, sigma, 1);
        let pi = std::f64::consts::PI;
        let squared = 0.5 * (1.0 + own.exp()) / ((4.0 * pi).sqrt() * sigma);
        let wanted = squared - 2.0 * (2.0 * own).exp() / ((2.0 * pi).sqrt() * sigma);
        assert!((found / wanted - 1.0).abs() < 1e-14, "{found} {wanted}");
    }
}
