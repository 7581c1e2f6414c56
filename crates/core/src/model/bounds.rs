//! The smallest axis-aligned box around points.

use super::Cloud;
use crate::columns::fold_columns;

/// Lowest and highest coordinate on each axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Lowest coordinate per axis.
    pub min: Vec<f64>,
    /// Highest coordinate per axis.
    pub max: Vec<f64>,
}

impl Bounds {
    /// The box around all points of `clouds`, which share one dimension; `None` without a point.
    pub fn of<'a>(clouds: impl IntoIterator<Item = &'a Cloud>) -> Option<Self> {
        clouds.into_iter().filter_map(Self::of_one).reduce(Self::around)
    }

    fn of_one(cloud: &Cloud) -> Option<Self> {
        if cloud.is_empty() {
            return None;
        }
        let first = cloud.point(0);
        // Coordinates are numbers, so that a plain comparison will do.
        let lower = |low: f64, value: f64| if value < low { value } else { low };
        let higher = |high: f64, value: f64| if value > high { value } else { high };
        let rows = cloud.coordinates();
        Some(Self {
            min: fold_columns(rows, first, first, |low, value, _| lower(low, value), lower),
            max: fold_columns(rows, first, first, |high, value, _| higher(high, value), higher),
        })
    }

    /// The box around two.
    fn around(self, other: Self) -> Self {
        let both = |a: Vec<f64>, b: Vec<f64>, further: fn(f64, f64) -> f64| {
            a.into_iter().zip(b).map(|(a, b)| further(a, b)).collect()
        };
        Self { min: both(self.min, other.min, f64::min), max: both(self.max, other.max, f64::max) }
    }

    /// The longest side.
    pub fn extent(&self) -> f64 {
        self.min.iter().zip(&self.max).map(|(a, b)| b - a).fold(0.0, f64::max)
    }

    /// The middle of the box.
    pub fn middle(&self) -> Vec<f64> {
        self.min.iter().zip(&self.max).map(|(a, b)| a + 0.5 * (b - a)).collect()
    }
}
