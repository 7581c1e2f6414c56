//! How a field is shown: colours, points, axes.

use serde::{Deserialize, Serialize};

use super::{ColorMap, DrawOrder, Masses, Scaling};

/// How the field is shown; changing it recomputes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "they do not depend on each other")]
pub struct ViewParams {
    /// Which colours values turn into.
    pub color_map: ColorMap,
    /// Whether the highest value gets the first colour.
    pub reversed: bool,
    /// How values are spread over the colours.
    pub scaling: Scaling,
    /// Diameter of a point, in logical pixels.
    pub point_size: f32,
    /// Opacity of a point, 0 to 1.
    pub opacity: f32,
    /// Values that get the first and the last colour; `None` is the range of f.
    pub clip: Option<[f32; 2]>,
    /// Parts of all values, in percent, below which they get the first colour and above which the last,
    /// where `clip` does not say it.
    pub percentile: Option<[f32; 2]>,
    /// The order in which dots are drawn.
    pub order: DrawOrder,
    /// Whether one unit is as long on both axes.
    pub equal_aspect: bool,
    /// Whether the x axis and the y axis are drawn logarithmically, while sums stay as they are.
    pub log_axes: [bool; 2],
    /// The parts of the estimate's mass that contours enclose; `None` draws no contours.
    pub contours: Option<Masses>,
    /// Whether targets are drawn as dots.
    pub dots: bool,
    /// Whether f is drawn at every pixel; of one coordinate its curve.
    pub raster: bool,
    /// Opacity of those pixels, 0 to 1.
    pub raster_opacity: f32,
    /// Whether the density along each axis is drawn beside it.
    pub marginals: bool,
    /// Whether dots that are not selected are hidden where some are; else they are dimmed.
    pub hides_rest: bool,
}

impl ViewParams {
    /// The smallest and the largest diameter of a point, in logical pixels.
    pub const POINT_SIZES: [f32; 2] = [0.5, 40.0];
    /// The lowest and the highest opacity.
    pub const OPACITIES: [f32; 2] = [0.01, 1.0];

    /// Whether the values set for the first and the last colour fit the scaling.
    pub fn clip_is_legal(&self) -> bool {
        self.clip
            .is_none_or(|[low, high]| low < high && (self.scaling != Scaling::Log || low > 0.0))
    }

    /// All that decides which value gets which place on the colour bar, and which dot lies on which.
    pub(super) fn ranges(&self) -> impl PartialEq + use<> {
        (self.scaling, self.clip, self.percentile, self.order)
    }

    /// Whether colours depend on how many values lie below another: on their ranks.
    pub fn needs_ranks(&self) -> bool {
        self.scaling == Scaling::Equalised || (self.percentile.is_some() && self.clip.is_none())
    }
}

impl Default for ViewParams {
    fn default() -> Self {
        Self {
            color_map: ColorMap::default(),
            reversed: false,
            scaling: Scaling::default(),
            point_size: 5.0,
            opacity: 0.9,
            clip: None,
            percentile: None,
            order: DrawOrder::default(),
            equal_aspect: true,
            log_axes: [false; 2],
            contours: None,
            dots: true,
            raster: false,
            raster_opacity: 1.0,
            marginals: false,
            hides_rest: false,
        }
    }
}
