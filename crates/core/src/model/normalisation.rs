//! What a sum is divided by: nothing, the total weight, or what makes it a density.

use super::{Cloud, Normalisation, OutOfRange, Sigma};

impl Normalisation {
    /// What a sum over sources of total weight `weight` is multiplied by.
    ///
    /// The density's factor is that of the d-dimensional normal, (2πσ²)^{−d/2}.
    pub fn factor(self, weight: f64, dim: usize, sigma: Sigma) -> f64 {
        match self {
            Self::Sum => 1.0,
            Self::Mean => 1.0 / weight,
            Self::Density => {
                let volume = (std::f64::consts::TAU.sqrt() * sigma.get()).powi(dim as i32);
                1.0 / (weight * volume)
            }
        }
    }

    /// Refuses sources whose weights cannot be divided by: they add up to nothing but rounding, or
    /// to more than a float64 holds.
    ///
    /// # Errors
    /// When this divides by the total weight and that is such a one.
    pub fn check(self, sources: &Cloud) -> Result<(), OutOfRange> {
        // The share of Σ|w| below which |Σw| counts as zero: far above what rounding leaves of
        // weights that cancel, far below any total that is meant.
        const NOTHING: f64 = 1e-12;
        let Some(weights) = sources.weights().filter(|_| self != Self::Sum) else {
            return Ok(());
        };
        let total = sources.total_weight();
        let size: f64 = weights.iter().map(|weight| weight.abs()).sum();
        if size.is_finite() && total.abs() > NOTHING * size {
            return Ok(());
        }
        let found = if size.is_finite() {
            format!("{total:e}, which is 0 but for rounding")
        } else {
            "too large for a float64".to_owned()
        };
        Err(OutOfRange {
            what: "total weight of the sources",
            found,
            expected: format!(
                "a finite number other than 0, for {} divides by it; use sum, or other weights",
                self.name()
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_add_up_to_nothing_divide_nothing() {
        let sources = |weights: &[f64]| {
            let cloud = Cloud::new(1, vec![0.0; weights.len()], Cloud::default_axes(1));
            cloud.with_weights(weights.to_vec())
        };
        for bad in [&[1.0, -1.0][..], &[0.0], &[0.1, 0.2, -0.3], &[1e308, 1e308]] {
            for divides in [Normalisation::Mean, Normalisation::Density] {
                let err = divides.check(&sources(bad)).expect_err("nothing to divide by");
                let message = err.to_string();
                assert!(message.contains("total weight") && message.contains(divides.name()));
            }
            assert!(Normalisation::Sum.check(&sources(bad)).is_ok());
        }
        for fine in [&[1.0, -0.5][..], &[-1.0], &[1e-300, 0.0]] {
            assert!(Normalisation::Mean.check(&sources(fine)).is_ok(), "{fine:?}");
        }
        assert!(Normalisation::Mean.check(&sources(&[1.0]).without_weights()).is_ok());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "powers of two divide exactly")]
    fn a_density_integrates_to_one() {
        let sigma = Sigma::new(0.5).expect("legal");
        let factor = Normalisation::Density.factor(4.0, 2, sigma);
        // Four kernels, each with the integral 2πσ².
        assert!((factor * 4.0 * std::f64::consts::TAU * 0.25 - 1.0).abs() < 1e-15);
        assert_eq!(Normalisation::Mean.factor(4.0, 2, sigma), 0.25);
        assert_eq!(Normalisation::Sum.factor(4.0, 2, sigma), 1.0);
    }
}
