//! Converts σ to the bandwidth parameters of other programs, and back.
//!
//! | program | its name | is |
//! |---|---|---|
//! | `SciPy` `gaussian_kde` | `bw_method` (d = 1) | σ / s, s the standard deviation with n − 1 |
//! | scikit-learn `KernelDensity` | `bandwidth` | σ |
//! | `KeOps`, scikit-learn's `rbf_kernel` | γ in exp(−γ·r²) | 1/(2σ²) |
//! | R `density`, `bw.SJ` | `bw` | σ |
//! | R `ks::kde` and books | h, the bandwidth matrix being H = h²·I | σ |
//!
//! `SciPy` scales the covariance of the cloud, so that its kernel is round only where the cloud's axes
//! have equal spreads and no correlation: for d > 1 the factor is that of s = √(trace of the
//! covariance / d), and exact only then. Some authors write the kernel exp(−r²/h²); theirs is
//! [`from_square_width`](Conversions::from_square_width).

use super::{CriteriaError, Criterion, moments::counting, scott::spread};
use crate::model::Cloud;

/// The conversions that go with one cloud of sources.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversions {
    /// s = √(trace of the covariance / d), in the units of the data; what `SciPy`'s factor multiplies.
    pub spread: f64,
}

impl Conversions {
    /// Those for `sources`.
    ///
    /// # Errors
    /// When a weight is negative, there are fewer than two points, or all coincide.
    pub fn of(sources: &Cloud) -> Result<Self, CriteriaError> {
        let cloud = counting(sources)?;
        if cloud.len() < 2 {
            let criterion = "a conversion to SciPy's factor";
            return Err(CriteriaError::TooFew { criterion, least: 2, found: cloud.len() });
        }
        Ok(Self { spread: spread(&cloud, Criterion::Scott)? })
    }

    /// `SciPy`'s `bw_method` factor.
    pub fn to_scipy(self, sigma: f64) -> f64 {
        sigma / self.spread
    }

    /// σ from `SciPy`'s `bw_method` factor.
    pub fn from_scipy(self, factor: f64) -> f64 {
        factor * self.spread
    }

    /// scikit-learn's `bandwidth`.
    pub fn to_scikit_learn(sigma: f64) -> f64 {
        sigma
    }

    /// σ from scikit-learn's `bandwidth`.
    pub fn from_scikit_learn(bandwidth: f64) -> f64 {
        bandwidth
    }

    /// γ = 1/(2σ²), as in `KeOps`' exp(−γ·‖x − y‖²).
    pub fn to_gamma(sigma: f64) -> f64 {
        0.5 / (sigma * sigma)
    }

    /// σ from γ.
    pub fn from_gamma(gamma: f64) -> f64 {
        (0.5 / gamma).sqrt()
    }

    /// R's `bw`: the standard deviation of the kernel.
    pub fn to_r_bw(sigma: f64) -> f64 {
        sigma
    }

    /// σ from R's `bw`.
    pub fn from_r_bw(bw: f64) -> f64 {
        bw
    }

    /// h, with the bandwidth matrix H = h²·I.
    pub fn to_r_h(sigma: f64) -> f64 {
        sigma
    }

    /// σ from h.
    pub fn from_r_h(h: f64) -> f64 {
        h
    }

    /// h of the kernel exp(−r²/h²): √2·σ.
    pub fn to_square_width(sigma: f64) -> f64 {
        std::f64::consts::SQRT_2 * sigma
    }

    /// σ from h of the kernel exp(−r²/h²).
    pub fn from_square_width(h: f64) -> f64 {
        h / std::f64::consts::SQRT_2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goes_there_and_back() -> Result<(), CriteriaError> {
        let cloud = Cloud::new(1, vec![0.0, 1.0, 5.0], Cloud::default_axes(1));
        let conversions = Conversions::of(&cloud)?;
        // numpy 2: std([0, 1, 5], ddof=1) is 2.6457513110645907.
        assert!((conversions.spread - 2.645_751_311_064_590_7).abs() < 1e-14);
        for sigma in [1e-9, 0.3, 1e9] {
            let back = [
                conversions.from_scipy(conversions.to_scipy(sigma)),
                Conversions::from_scikit_learn(Conversions::to_scikit_learn(sigma)),
                Conversions::from_gamma(Conversions::to_gamma(sigma)),
                Conversions::from_r_bw(Conversions::to_r_bw(sigma)),
                Conversions::from_r_h(Conversions::to_r_h(sigma)),
                Conversions::from_square_width(Conversions::to_square_width(sigma)),
            ];
            assert!(back.iter().all(|back| (back / sigma - 1.0).abs() < 1e-14), "{back:?}");
        }
        assert!((Conversions::to_gamma(0.5) - 2.0).abs() < 1e-15);
        Ok(())
    }
}
