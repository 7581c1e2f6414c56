//! The directions in which a cloud spreads most: its first principal components.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::model::Cloud;

/// The first two principal components of a cloud, and the third where it has one: unit vectors along which its variance is largest
/// (Jolliffe 2002, Principal Component Analysis, section 1.1), through the cloud's mean.
///
/// Each points the way in which its largest coordinate is positive, so that the same cloud always
/// looks the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    mean: Vec<f64>,
    /// Unit vectors of `dim` coordinates; of a plane the third one is 0.
    directions: [Vec<f64>; 3],
    /// The part of the whole variance along each, 0 to 1.
    pub shares: [f64; 3],
}

impl Principal {
    /// The most multiplications spent on the covariance (points · d²): of larger clouds every k-th
    /// point is taken. More delay the picture, fewer make the axes of large clouds less exact.
    const MAX_PRODUCTS: usize = 200_000_000;

    /// Finds them.
    ///
    /// # Panics
    /// When the cloud has less than two coordinates, or no point.
    pub fn of(cloud: &Cloud) -> Self {
        let dim = cloud.dim();
        assert!(dim >= 2 && !cloud.is_empty(), "a plane needs two coordinates and a point");
        let stride = (cloud.len() * dim * dim).div_ceil(Self::MAX_PRODUCTS).max(1);
        let points = || (0..cloud.len()).step_by(stride).map(|i| cloud.point(i));
        let count = points().count() as f64;
        let mut mean = vec![0.0; dim];
        for point in points() {
            for (sum, value) in mean.iter_mut().zip(point) {
                *sum += value / count;
            }
        }
        let mut covariance = DMatrix::<f64>::zeros(dim, dim);
        let mut rest = vec![0.0; dim];
        for point in points() {
            for (rest, (value, mean)) in rest.iter_mut().zip(point.iter().zip(&mean)) {
                *rest = value - mean;
            }
            for (column, &b) in rest.iter().enumerate() {
                for (row, &a) in rest.iter().enumerate().skip(column) {
                    covariance[(row, column)] += a * b / count;
                }
            }
        }
        covariance.fill_upper_triangle_with_lower_triangle();
        let total = covariance.trace();
        let eigen = SymmetricEigen::new(covariance);
        let mut order: Vec<usize> = (0..dim).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let direction = |k: usize| {
            if k >= dim {
                return vec![0.0; dim];
            }
            let column = eigen.eigenvectors.column(order[k]);
            let largest =
                column.iter().fold(0.0_f64, |a, &b| if b.abs() > a.abs() { b } else { a });
            column.iter().map(|v| v * largest.signum()).collect()
        };
        let share = |k: usize| {
            let is_there = total > 0.0 && k < dim;
            if is_there { (eigen.eigenvalues[order[k]] / total).clamp(0.0, 1.0) } else { 0.0 }
        };
        Self { mean, directions: [0, 1, 2].map(direction), shares: [0, 1, 2].map(share) }
    }

    /// Where a point lies along the first two, from the mean.
    pub fn place(&self, point: &[f64]) -> [f64; 2] {
        [0, 1].map(|k| self.along(k, point))
    }

    /// Where a point lies along all three, from the mean.
    pub fn place3(&self, point: &[f64]) -> [f64; 3] {
        [0, 1, 2].map(|k| self.along(k, point))
    }

    fn along(&self, k: usize, point: &[f64]) -> f64 {
        let from_mean = point.iter().zip(&self.mean).map(|(value, mean)| value - mean);
        from_mean.zip(&self.directions[k]).map(|(rest, u)| rest * u).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_directions_of_a_tilted_sheet_are_found() {
        // 4·u + 2·v with two unit vectors that share no coordinate plane.
        let (u, v) = ([0.6, 0.0, 0.8], [-0.8, 0.0, 0.6]);
        let mut coordinates = Vec::new();
        for a in -5..=5 {
            for b in -5..=5 {
                let point = |k: usize| 10.0 + 4.0 * f64::from(a) * u[k] + 2.0 * f64::from(b) * v[k];
                coordinates.extend([point(0), point(1), point(2)]);
            }
        }
        let cloud = Cloud::new(3, coordinates, Cloud::default_axes(3));
        let principal = Principal::of(&cloud);
        let [x, y] = principal.place(&[10.0 + u[0], 10.0, 10.0 + u[2]]);
        assert!((x - 1.0).abs() < 1e-12 && y.abs() < 1e-12, "{x} {y}");
        let [x, y] = principal.place(&[10.0 - v[0], 10.0, 10.0 - v[2]]);
        assert!(x.abs() < 1e-12 && (y.abs() - 1.0).abs() < 1e-12, "{x} {y}");
        assert!((principal.shares[0] - 0.8).abs() < 1e-12, "{:?}", principal.shares);
        assert!((principal.shares[1] - 0.2).abs() < 1e-12, "{:?}", principal.shares);
        let [_, _, z] = principal.place3(&[10.0, 12.0, 10.0]);
        assert!((z.abs() - 2.0).abs() < 1e-12 && principal.shares[2].abs() < 1e-12, "{z}");
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "nothing is taken from nothing")]
    fn a_cloud_without_extent_has_some_plane_too() {
        let cloud = Cloud::new(4, vec![7.0; 12], Cloud::default_axes(4));
        let principal = Principal::of(&cloud);
        assert_eq!(principal.place(&[7.0; 4]), [0.0, 0.0]);
        assert_eq!(principal.shares, [0.0; 3]);
    }
}
