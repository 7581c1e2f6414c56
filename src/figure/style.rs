//! How large the parts of a figure are, and which of them there are: one style for screens, one for print.
//!
//! All lengths are logical pixels, 96 to the inch; a point is 4/3 of one.

/// Logical pixels in a point.
pub const POINT: f64 = 96.0 / 72.0;

/// Sizes and manners of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a manner of its own")]
pub struct Style {
    /// Size of numbers.
    pub number: f64,
    /// Size of the names of axes and values.
    pub name: f64,
    /// Size of the title.
    pub title: f64,
    /// Size of the lines below it.
    pub subtitle: f64,
    /// From the lines above the plot to the plot.
    pub title_gap: f64,
    /// Length of a tick mark.
    pub tick: f64,
    /// Length of a tick mark without a number; 0 where there are none.
    pub minor_tick: f64,
    /// From a tick mark, or the frame, to its number.
    pub tick_gap: f64,
    /// From a name to the numbers.
    pub name_gap: f64,
    /// Width of the colour bar.
    pub bar: f64,
    /// From the plot to the colour bar.
    pub bar_gap: f64,
    /// Width of the longest name in the legend of categories; longer ones are cut.
    pub legend: f64,
    /// Height of a row of the legend.
    pub legend_row: f64,
    /// Side of a spot of colour in the legend.
    pub spot: f64,
    /// Room for a curve beside the plot.
    pub strip: f64,
    /// Width of the frame and of tick marks.
    pub line: f64,
    /// Width of tick marks without numbers.
    pub minor_line: f64,
    /// Width of contours.
    pub contour: f64,
    /// Size of the labels on contours.
    pub contour_label: f64,
    /// Empty space at the picture's edges; by its size where there is none.
    pub padding: Option<f64>,
    /// The least distances between ticks of the two axes, and of the colour bar.
    pub spacing: [f64; 3],
    /// Least gap between the numbers below the plot.
    pub number_gap: f64,
    /// Whether ticks stand in the plot, on all four sides.
    pub inward: bool,
    /// Whether there are four to six numbers an axis, where that is possible, whatever the spacing.
    pub few_numbers: bool,
    /// Whether there is a grid.
    pub grid: bool,
    /// Whether there is a line around the plot and around the colour bar.
    pub frame: bool,
    /// Whether texts and frame are black (or white on a dark background), without greys.
    pub plain: bool,
    /// Width of the line that makes letters heavier, in sizes of the text.
    pub heavier: f64,
}

impl Style {
    /// For screens and slides.
    pub const SCREEN: Self = Self {
        number: 12.0,
        name: 13.0,
        title: 16.0,
        subtitle: 12.5,
        title_gap: 12.0,
        tick: 4.0,
        minor_tick: 0.0,
        tick_gap: 4.0,
        name_gap: 8.0,
        bar: 14.0,
        bar_gap: 20.0,
        legend: 110.0,
        legend_row: 18.0,
        spot: 10.0,
        strip: 48.0,
        line: 1.0,
        minor_line: 1.0,
        contour: 1.4,
        contour_label: 11.0,
        padding: None,
        spacing: [56.0, 52.0, 46.0],
        number_gap: 16.0,
        inward: false,
        few_numbers: false,
        grid: true,
        frame: true,
        plain: false,
        heavier: 0.02,
    };

    /// For a page of paper: numbers of 7 points, names of 8, black, without a grid.
    pub const PRINT: Self = Self {
        number: 7.0 * POINT,
        name: 8.0 * POINT,
        title: 9.0 * POINT,
        subtitle: 7.0 * POINT,
        title_gap: 4.0 * POINT,
        tick: 3.0 * POINT,
        minor_tick: 1.5 * POINT,
        tick_gap: 3.0 * POINT,
        name_gap: 3.0 * POINT,
        bar: 7.0 * POINT,
        bar_gap: 5.0 * POINT,
        legend: 70.0 * POINT,
        legend_row: 9.5 * POINT,
        spot: 5.0 * POINT,
        strip: 24.0 * POINT,
        line: 0.6 * POINT,
        minor_line: 0.4 * POINT,
        contour: 0.7 * POINT,
        contour_label: 6.0 * POINT,
        padding: Some(2.5 * POINT),
        spacing: [30.0 * POINT, 26.0 * POINT, 28.0 * POINT],
        number_gap: 6.0 * POINT,
        inward: true,
        few_numbers: true,
        grid: false,
        frame: true,
        plain: true,
        heavier: 0.03,
    };

    /// Diameter of a dot in print, in points.
    pub const PRINT_DOT: f64 = 1.75;

    /// The same with names of this size in points; all that goes with texts grows with them.
    #[must_use]
    pub fn with_font(self, points: f64) -> Self {
        let factor = points * POINT / self.name;
        Self {
            number: self.number * factor,
            name: self.name * factor,
            title: self.title * factor,
            subtitle: self.subtitle * factor,
            title_gap: self.title_gap * factor,
            tick: self.tick * factor.min(1.5),
            minor_tick: self.minor_tick * factor.min(1.5),
            tick_gap: self.tick_gap * factor,
            name_gap: self.name_gap * factor,
            legend: self.legend * factor,
            legend_row: self.legend_row * factor,
            spot: self.spot * factor,
            contour_label: self.contour_label * factor,
            spacing: self.spacing.map(|spacing| spacing * factor),
            number_gap: self.number_gap * factor,
            ..self
        }
    }

    /// Size of the names in points.
    pub fn font_points(&self) -> f64 {
        self.name / POINT
    }
}
