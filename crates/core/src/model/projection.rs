//! The projection: which two numbers of a point are its place in the picture, or which three its place
//! in space.

use serde::{Deserialize, Serialize};

use super::Input;

/// How points of three or more coordinates are laid out in the plane or in space. The sum is always that of
/// all coordinates; points of one are drawn at x and f, those of two as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Projection {
    /// Points of three coordinates in space, of more on the first two: what files open with.
    Automatic,
    /// On two of the coordinates, counted from 0: across, then up.
    Axes([usize; 2]),
    /// On the first two principal components of the targets.
    Principal,
    /// In a space of three of the coordinates, counted from 0: x, y, z.
    Space([usize; 3]),
    /// In the space of the first three principal components of the targets.
    SpacePrincipal,
}

impl Projection {
    /// What of it points of `dim` coordinates have: never [`Self::Automatic`]; where there is no choice, or
    /// not that one, the first two.
    #[must_use]
    pub fn within(self, dim: usize) -> Self {
        match self {
            _ if dim < 2 => Self::default(),
            Self::Automatic if dim == 3 => Self::Space([0, 1, 2]),
            Self::Automatic => Self::default(),
            Self::Principal | Self::SpacePrincipal if dim < 3 => Self::default(),
            Self::Axes(axes) if axes.iter().any(|&axis| axis >= dim) => Self::default(),
            Self::Space(axes) if axes.iter().any(|&axis| axis >= dim) => Self::default(),
            Self::Space([x, y, z]) if x == y || y == z || z == x => Self::default(),
            other => other,
        }
    }

    /// What points open with, unless the user says otherwise: generated ones in the plane.
    #[must_use]
    pub fn opening(input: &Input) -> Self {
        match input {
            Input::Generated => Self::default(),
            Input::Files { .. } => Self::Automatic,
        }
    }

    /// Whether it is one of space, for points that have it.
    #[must_use]
    pub fn is_space(self) -> bool {
        matches!(self, Self::Space(_) | Self::SpacePrincipal)
    }

    /// The same axes, and one more, in space if this is a plane; in the plane if this is a space. Of points of
    /// `dim` coordinates, of which only three or more have a space.
    #[must_use]
    pub fn turned(self, dim: usize) -> Self {
        match self.within(dim) {
            Self::Space([x, y, _]) => Self::Axes([x, y]),
            Self::SpacePrincipal => Self::Principal,
            Self::Principal => Self::SpacePrincipal,
            Self::Axes([x, y]) if dim >= 3 => {
                let z = (0..3).find(|axis| *axis != x && *axis != y).unwrap_or(2);
                Self::Space([x, y, z])
            }
            other => other,
        }
    }
}

impl Default for Projection {
    fn default() -> Self {
        Self::Axes([0, 1])
    }
}

#[cfg(test)]
mod tests {
    use super::Projection::{self, Automatic, Axes, Principal, Space, SpacePrincipal};

    #[test]
    fn a_space_needs_three_coordinates_of_their_own() {
        let cases = [
            (Automatic, [Axes([0, 1]), Axes([0, 1]), Space([0, 1, 2]), Axes([0, 1])]),
            (Space([2, 0, 1]), [Axes([0, 1]), Axes([0, 1]), Space([2, 0, 1]), Space([2, 0, 1])]),
            (Space([0, 0, 1]), [Axes([0, 1]); 4]),
            (SpacePrincipal, [Axes([0, 1]), Axes([0, 1]), SpacePrincipal, SpacePrincipal]),
        ];
        for (projection, expected) in cases {
            assert_eq!([1, 2, 3, 4].map(|dim| projection.within(dim)), expected, "{projection:?}");
        }
        assert!(Automatic.within(3).is_space() && !Automatic.within(4).is_space());
    }

    #[test]
    fn turning_into_space_and_back_keeps_the_axes() {
        assert_eq!(Axes([2, 0]).turned(3), Space([2, 0, 1]));
        assert_eq!(Axes([5, 4]).turned(6), Space([5, 4, 0]));
        assert_eq!(Space([2, 0, 1]).turned(3), Axes([2, 0]));
        assert_eq!(Principal.turned(4), SpacePrincipal);
        assert_eq!(SpacePrincipal.turned(4), Principal);
        assert_eq!(Axes([1, 0]).turned(2), Axes([1, 0]));
        assert_eq!(Projection::default().turned(1), Projection::default());
    }
}
