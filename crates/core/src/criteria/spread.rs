//! How far points spread along each axis, and whether one σ can suit all axes.

use super::{
    CriteriaError,
    moments::{counting, variances},
};
use crate::model::Cloud;

/// The standard deviation along each axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// In the units of the axes, with n − 1: shape (d,).
    pub deviations: Vec<f64>,
}

impl Spread {
    /// Spreads that differ by more than this factor call for a transform.
    pub const EQUAL: f64 = 3.0;

    /// That of `cloud`, weights honoured.
    ///
    /// # Errors
    /// When a weight is negative, or fewer than two points count.
    pub fn of(cloud: &Cloud) -> Result<Self, CriteriaError> {
        let cloud = counting(cloud)?;
        if cloud.len() < 2 {
            let criterion = "the spread of the axes";
            return Err(CriteriaError::TooFew { criterion, least: 2, found: cloud.len() });
        }
        Ok(Self { deviations: variances(&cloud).iter().map(|v| v.sqrt()).collect() })
    }

    /// The axes with the least and the greatest spread.
    pub fn extremes(&self) -> [usize; 2] {
        let deviations = &self.deviations;
        let order = |a: &usize, b: &usize| deviations[*a].total_cmp(&deviations[*b]);
        let all = || 0..deviations.len();
        [all().min_by(order).unwrap_or(0), all().max_by(order).unwrap_or(0)]
    }

    /// The greatest spread over the least; 1 where all points coincide, ∞ where an axis alone has no
    /// spread.
    pub fn ratio(&self) -> f64 {
        let [narrow, wide] = self.extremes().map(|axis| self.deviations[axis]);
        if wide > 0.0 { wide / narrow } else { 1.0 }
    }

    /// Whether a transform is to be recommended.
    pub fn is_unequal(&self) -> bool {
        self.ratio() > Self::EQUAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_of_the_extreme_axes() -> Result<(), CriteriaError> {
        let of = |scale: f64| {
            let points = [[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]];
            let coordinates = points.iter().flat_map(|[x, y]| [*x, scale * y]).collect();
            Spread::of(&Cloud::new(2, coordinates, Cloud::default_axes(2)))
        };
        assert!((of(2.0)?.ratio() - 2.0).abs() < 1e-12 && !of(2.0)?.is_unequal());
        assert!((of(0.1)?.ratio() - 10.0).abs() < 1e-12 && of(0.1)?.is_unequal());
        assert_eq!(of(0.1)?.extremes(), [1, 0]);
        assert!(of(0.0)?.ratio().is_infinite());
        Ok(())
    }
}
