//! Pictures for files and print: the plot with title, axes, grid, points and colour bar, and two kinds
//! of chart.
//!
//! ```text
//!   FigureSpec ──layout──▶ Layout ──svg──▶ decorations ─┐
//!        (what)          (where, in device pixels)      ├──png──▶ bytes
//!              points, drawn by the caller at the size ─┘
//!              and for the view that the layout names
//! ```
//!
//! Every function is pure: the same input gives the same bytes on every machine, because the fonts are
//! those that the program carries; the system's set only characters that these lack.
//! The points are drawn by the caller, with the shader of the window's scatter, and passed in as an
//! image.

mod animation;
mod axis;
mod chart;
mod decorations;
mod dots;
mod drawing;
mod fonts;
mod gif_file;
mod header;
mod layout;
mod line_label;
mod marginals;
mod outlines;
mod page_size;
mod palette;
mod panels;
mod pdf;
mod raster;
mod space_box;
mod split_line;
mod strips;
mod style;
mod svg;
mod text;
mod text_line;
mod vector;

use crate::color::Scale;

pub use animation::{ApngWriter, FrameRate};
pub use chart::{CurveChart, CurvePanel, LineChart, MarkedSigma, Series};
pub use dots::{DotList, PlotContent};
pub use drawing::svg_file;
pub use fonts::font_options;
pub use gif_file::GifWriter;
pub use layout::{Anchor, ColorBar, Label, Layout, Mark, Rect, layout};
pub use line_label::{LabelPlace, straightest};
pub use marginals::Marginal;
pub use outlines::{Outline, outlines_svg};
pub use palette::{Palette, TextRole};
pub use panels::{Panel, PanelSpec};
pub use pdf::pdf;
pub use raster::{
    FigureError, MAX_PIXELS, check_size, pixels, png, png_of_pixels, png_with_panels, premultiplied,
};
pub use space_box::{BoxText, SpaceBox};
pub use split_line::SplitLine;
pub use strips::{MAX_SIDE, write_png};
pub use style::{POINT, Style};
pub use svg::svg;
pub use text_line::{Piece, Place, TextLine};

/// A range of the data on both axes, low end first.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ViewBox {
    /// From left to right.
    pub x: [f64; 2],
    /// From bottom to top.
    pub y: [f64; 2],
}

impl ViewBox {
    /// The smallest range that contains both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let both = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        Self { x: both(self.x, other.x), y: both(self.y, other.y) }
    }
}

/// What a figure is to show, and how large.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct FigureSpec {
    /// Width and height in logical pixels (96 to the inch).
    pub size: [f64; 2],
    /// Device pixels per logical pixel: 1, 2 or 4, say.
    pub scale: f32,
    /// Whether the picture is light on dark; otherwise dark on light.
    pub dark: bool,
    /// Whether there is no background.
    pub transparent: bool,
    /// How large its parts are, and which of them there are.
    pub style: Style,
    /// The title line; may be empty.
    pub title: TextLine,
    /// The line below it, for parameters; may be empty.
    pub subtitle: String,
    /// The name of the horizontal axis; may be empty.
    pub x_label: TextLine,
    /// The name of the vertical axis; may be empty.
    pub y_label: TextLine,
    /// The range of the data to show.
    pub view: ViewBox,
    /// Whether what stands across and up are logarithms to base 10, whose ticks tell what they are of.
    pub logarithmic: [bool; 2],
    /// Whether one unit is as long on both axes; the view is widened on one axis for it.
    pub equal_aspect: bool,
    /// Whether there is a colour bar, where there is room for it.
    pub bar: bool,
    /// The colours of the colour bar, as the points have them.
    pub lut: [[u8; 4]; 256],
    /// The values of the colour bar.
    pub scale_of_values: Scale,
    /// The name of the values; may be empty.
    pub value_label: String,
    /// What stands beside the plot instead of the colour bar, where colours are categories: a colour
    /// and a name each.
    pub legend: Vec<([u8; 4], String)>,
    /// Lines over the points.
    pub outlines: Vec<Outline>,
    /// Curves beside the plot: above it one along x, on its right one along y.
    pub marginals: Option<[Marginal; 2]>,
    /// The box of axes around points in space, in device pixels of the plot, instead of ticks beside it.
    pub space: Option<SpaceBox>,
    /// A line down the plot with names on both sides.
    pub split: Option<SplitLine>,
    /// Small plots of the same view in a row below the plot.
    pub panels: Vec<PanelSpec>,
}
