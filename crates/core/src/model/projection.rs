//! The projection: which two numbers of a point are its place in the picture.

use serde::{Deserialize, Serialize};

/// How points of three or more coordinates are laid out in the plane. The sum is always that of all
/// coordinates; points of one are drawn at x and f, those of two as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Projection {
    /// On two of the coordinates, counted from 0: across, then up.
    Axes([usize; 2]),
    /// On the first two principal components of the targets.
    Principal,
}

impl Projection {
    /// What of it points of `dim` coordinates have: where there is no choice, or not that one, the
    /// first two.
    #[must_use]
    pub fn within(self, dim: usize) -> Self {
        match self {
            _ if dim < 2 => Self::default(),
            Self::Principal if dim < 3 => Self::default(),
            Self::Axes(axes) if axes.iter().any(|&axis| axis >= dim) => Self::default(),
            other => other,
        }
    }
}

impl Default for Projection {
    fn default() -> Self {
        Self::Axes([0, 1])
    }
}
