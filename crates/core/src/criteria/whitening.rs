//! Standardises or whitens a cloud (its axes become standard deviations), so that one σ suits all
//! axes.
//!
//! ```text
//! standardised:  z_a = (x_a − mean_a) / s_a
//! whitened:      z = V·Λ^{−1/2}·Vᵀ·(x − mean),   covariance = V·Λ·Vᵀ
//! ```
//!
//! The whitening is the symmetric one (Mahalanobis; Kessy, Lewin & Strimmer 2018, Am. Stat. 72): of
//! all that make the covariance the identity it turns the axes least, so that they keep their names.
//! Distances do not depend on that. The picture stays in the units of the data: sums are computed on
//! what [`Whitening::apply`] gives, and drawn at the points themselves.

use nalgebra::DMatrix;

use super::{
    CriteriaError,
    moments::{counting, covariance, means},
};
use crate::model::{Cloud, OutOfRange, Points};

/// A linear transform to standard deviations.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening {
    center: Vec<f64>,
    /// Row by row, shape (d, d).
    matrix: Vec<f64>,
    /// Standard deviation of each axis, in its own units.
    deviations: Vec<f64>,
}

/// Smallest share of the greatest variance that a direction may have: what is smaller is lost in
/// rounding, and whitening would blow it up.
const FLAT: f64 = 1e-12;

impl Whitening {
    /// Each axis by its own standard deviation.
    ///
    /// # Errors
    /// When a weight is negative, fewer than two points count, or an axis has no spread.
    pub fn standardising(cloud: &Cloud) -> Result<Self, CriteriaError> {
        let (center, covariance) = parts(cloud)?;
        let dim = center.len();
        let deviations: Vec<f64> = (0..dim).map(|a| covariance[a * dim + a].sqrt()).collect();
        if let Some(axis) = deviations.iter().position(|s| s.is_nan() || *s <= 0.0) {
            return Err(degenerate(format!("all values of {} coincide", cloud.axes()[axis])));
        }
        let mut matrix = vec![0.0; dim * dim];
        for (axis, deviation) in deviations.iter().enumerate() {
            matrix[axis * dim + axis] = 1.0 / deviation;
        }
        Ok(Self { center, matrix, deviations })
    }

    /// All axes together, so that they have unit spread and no correlation.
    ///
    /// # Errors
    /// When a weight is negative, fewer than two points count, or all lie in a plane of fewer
    /// dimensions.
    pub fn full(cloud: &Cloud) -> Result<Self, CriteriaError> {
        // Standardised first: axes of very different units then lose no digits.
        let first = Self::standardising(cloud)?;
        let dim = first.center.len();
        let standardised = first.apply(cloud);
        let covariance = covariance(&*counting(&standardised)?);
        let eigen = DMatrix::from_row_slice(dim, dim, &covariance).symmetric_eigen();
        let values = &eigen.eigenvalues;
        if values.min() <= FLAT * values.max() {
            return Err(degenerate(
                "the points lie in fewer dimensions than they have axes; standardise them instead"
                    .to_owned(),
            ));
        }
        let roots = DMatrix::from_diagonal(&values.map(|value| 1.0 / value.sqrt()));
        let white = &eigen.eigenvectors * roots * eigen.eigenvectors.transpose();
        let matrix =
            (0..dim * dim).map(|k| white[(k / dim, k % dim)] / first.deviations[k % dim]).collect();
        Ok(Self { matrix, ..first })
    }

    /// `cloud` in standard deviations, with its weights and the names of its axes.
    ///
    /// # Panics
    /// When it has another number of coordinates than the cloud that this was made from.
    #[must_use]
    pub fn apply(&self, cloud: &Cloud) -> Cloud {
        let dim = self.center.len();
        assert_eq!(cloud.dim(), dim, "a transform is for one number of coordinates");
        let mut coordinates = Vec::with_capacity(cloud.coordinates().len());
        let mut moved = vec![0.0; dim];
        for point in cloud.coordinates().chunks_exact(dim) {
            for (moved, (x, center)) in moved.iter_mut().zip(point.iter().zip(&self.center)) {
                *moved = x - center;
            }
            for row in self.matrix.chunks_exact(dim) {
                coordinates.push(row.iter().zip(&moved).map(|(a, b)| a * b).sum());
            }
        }
        let turned = Cloud::new(dim, coordinates, cloud.axes().to_vec());
        match cloud.weights() {
            Some(weights) => turned.with_weights(weights.to_vec()),
            None => turned,
        }
    }

    /// Targets and sources in standard deviations, both by this transform.
    ///
    /// # Errors
    /// When they span too much for the engines.
    pub fn apply_to_points(&self, points: &Points) -> Result<Points, OutOfRange> {
        Points::new(self.apply(points.targets()), self.apply(points.sources()))
    }

    /// How many units of the scaled space's volume there are to one of the data's: what turns a
    /// density in standard deviations into one in the units of the data.
    pub fn volume(&self) -> f64 {
        let dim = self.center.len();
        DMatrix::from_row_slice(dim, dim, &self.matrix).determinant().abs()
    }

    /// What steps in standard deviations are in the units of the data: the inverse of the transform,
    /// shape (d, d), row by row.
    pub fn inverse(&self) -> Vec<f64> {
        let dim = self.center.len();
        let matrix = DMatrix::from_row_slice(dim, dim, &self.matrix);
        // Neither way to make one leaves a direction out.
        let inverse = matrix.try_inverse().unwrap_or_else(|| DMatrix::identity(dim, dim));
        (0..dim * dim).map(|k| inverse[(k / dim, k % dim)]).collect()
    }

    /// A σ in standard deviations, in the units of each axis: the spread of the kernel along it.
    pub fn in_units_of_axes(&self, sigma: f64) -> Vec<f64> {
        self.deviations.iter().map(|deviation| sigma * deviation).collect()
    }
}

fn parts(cloud: &Cloud) -> Result<(Vec<f64>, Vec<f64>), CriteriaError> {
    let cloud = counting(cloud)?;
    if cloud.len() < 2 {
        let criterion = "a transform of the axes";
        return Err(CriteriaError::TooFew { criterion, least: 2, found: cloud.len() });
    }
    Ok((means(&cloud), covariance(&cloud)))
}

fn degenerate(why: String) -> CriteriaError {
    CriteriaError::Degenerate { criterion: "a transform of the axes", why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Correlated points whose axes differ by a factor of 10⁶.
    fn cloud() -> Cloud {
        let coordinates = (0..200).flat_map(|k| {
            let (a, b, c) = (f64::from(k) * 0.7, f64::from(k) * 1.3, f64::from(k) * 0.21);
            [1e6 + 1e3 * a.sin(), 1e-3 * (a.sin() + b.cos()), c.sin() + 0.5 * b.cos()]
        });
        Cloud::new(3, coordinates.collect(), Cloud::default_axes(3))
    }

    fn check(covariance: &[f64], is_right: impl Fn(usize, usize, f64) -> bool) {
        for (k, &value) in covariance.iter().enumerate() {
            assert!(is_right(k / 3, k % 3, value), "{k}: {value}");
        }
    }

    #[test]
    fn standardised_axes_have_unit_spread_and_white_ones_no_correlation()
    -> Result<(), CriteriaError> {
        let cloud = cloud();
        let standardised = Whitening::standardising(&cloud)?.apply(&cloud);
        check(&covariance(&standardised), |a, b, v| a != b || (v - 1.0).abs() < 1e-9);
        let whitening = Whitening::full(&cloud)?;
        let white = whitening.apply(&cloud);
        check(&covariance(&white), |a, b, v| (v - f64::from(u8::from(a == b))).abs() < 1e-9);
        let [there, back] = [whitening.matrix.clone(), whitening.inverse()];
        for k in 0..9 {
            let product: f64 = (0..3).map(|m| there[k / 3 * 3 + m] * back[3 * m + k % 3]).sum();
            assert!((product - f64::from(u8::from(k / 3 == k % 3))).abs() < 1e-9);
        }
        let units = whitening.in_units_of_axes(2.0);
        // det of the whitening is 1/√(det of the covariance).
        let original = DMatrix::from_row_slice(3, 3, &covariance(&cloud)).determinant();
        assert!((whitening.volume().powi(2) * original - 1.0).abs() < 1e-6);
        for (axis, unit) in units.iter().enumerate() {
            let deviation = super::super::moments::variances(&cloud)[axis].sqrt();
            assert!((unit / (2.0 * deviation) - 1.0).abs() < 1e-12);
        }
        Ok(())
    }

    #[test]
    fn points_on_a_line_cannot_be_whitened_but_standardised() {
        let line = (0..10).flat_map(|k| [f64::from(k), 3.0 * f64::from(k)]).collect();
        let line = Cloud::new(2, line, Cloud::default_axes(2));
        assert!(Whitening::standardising(&line).is_ok());
        let message = Whitening::full(&line).expect_err("a line").to_string();
        assert!(message.contains("standardise"), "{message}");
        let flat = Cloud::new(2, vec![0.0, 1.0, 2.0, 1.0], Cloud::default_axes(2));
        let message = Whitening::standardising(&flat).expect_err("no spread").to_string();
        assert!(message.contains("x2"), "{message}");
    }
}
