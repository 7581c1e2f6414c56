//! The smallest axis-aligned box around points.

use super::Cloud;

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
        let mut bounds: Option<Self> = None;
        for cloud in clouds {
            for point in cloud.coordinates().chunks_exact(cloud.dim()) {
                let Self { min, max } =
                    bounds.get_or_insert_with(|| Self { min: point.to_vec(), max: point.to_vec() });
                for (axis, &value) in point.iter().enumerate() {
                    min[axis] = min[axis].min(value);
                    max[axis] = max[axis].max(value);
                }
            }
        }
        bounds
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
