//! Which decorations a figure has (titles, numbers, names, colour bar), and the margins they need.
//!
//! Where a picture is so small that decorations would leave the plot less than about half of it,
//! they are dropped one by one, the least important first, until only the points are left. All
//! lengths here are logical pixels.

use super::header::Lines;
use super::marginals::STRIP;
use super::{FigureSpec, text};

/// Size of numbers.
pub(super) const NUMBER: f64 = 12.0;
/// Size of names of axes and values.
pub(super) const NAME: f64 = 13.0;
/// Length of a tick mark.
pub(super) const TICK: f64 = 4.0;
/// From a tick mark to its number.
pub(super) const TICK_GAP: f64 = 4.0;
/// Width of the colour bar.
pub(super) const BAR: f64 = 14.0;
/// Width of the longest name in the legend of categories; longer ones are cut.
pub(super) const LEGEND: f64 = 110.0;
/// Height of a row of the legend.
pub(super) const LEGEND_ROW: f64 = 18.0;
/// Side of a spot of colour in the legend.
pub(super) const SPOT: f64 = 10.0;
/// From the plot to the colour bar.
pub(super) const BAR_GAP: f64 = 20.0;
/// From a name to the numbers.
const NAME_GAP: f64 = 8.0;
/// Decorations are dropped until the plot has this part of the picture on each axis. A smaller part
/// keeps decorations in thumbnails where they crowd the points.
const PLOT_PART: f64 = 0.45;

/// Takes one decoration away.
type Removal = fn(&mut Decorations);

/// Which decorations a figure has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each decoration comes and goes by itself")]
pub(super) struct Decorations {
    /// Title and subtitle.
    pub lines: Lines,
    /// The frame, tick marks and numbers of both axes.
    pub numbers: bool,
    /// The names of both axes.
    pub names: bool,
    /// The colour bar.
    pub bar: bool,
    /// The name of its values.
    pub value_name: bool,
}

/// The widest numbers of each kind, in logical pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Widths {
    pub x: f64,
    pub y: f64,
    pub bar: f64,
}

/// Distances from the picture's edges to the plot, in logical pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Margins {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Decorations {
    /// As many decorations as leave the plot its part of the picture.
    pub(super) fn choose(spec: &FigureSpec, logical: [f64; 2], widths: Widths) -> Self {
        let fits = |decorations: &Self, axis: usize| {
            let Margins { left, top, right, bottom } = decorations.margins(spec, logical, widths);
            let taken = [left + right, top + bottom][axis];
            logical[axis] - taken >= PLOT_PART * logical[axis]
        };
        let mut chosen = Self {
            lines: Lines {
                title: !spec.title.trim().is_empty(),
                subtitle: !spec.subtitle.trim().is_empty(),
            },
            numbers: true,
            names: true,
            bar: spec.bar,
            value_name: spec.bar,
        };
        // What takes width, then what takes height; in each group the least important first.
        let steps: [(usize, Removal); 8] = [
            (0, |d| d.value_name = false),
            (0, |d| d.names = false),
            (0, |d| d.bar = false),
            (1, |d| d.lines.subtitle = false),
            (1, |d| d.names = false),
            (1, |d| d.lines.title = false),
            (0, |d| d.numbers = false),
            (1, |d| (d.numbers, d.bar) = (false, false)),
        ];
        for (axis, remove) in steps {
            if !fits(&chosen, axis) {
                remove(&mut chosen);
            }
        }
        chosen
    }

    /// The margins that these decorations need on each side.
    pub(super) fn margins(self, spec: &FigureSpec, logical: [f64; 2], widths: Widths) -> Margins {
        let Self { lines, numbers, names, bar, value_name } = self;
        let padding = padding(logical);
        let name = |present: bool, name: &str| {
            if present && !name.trim().is_empty() { NAME * text::LINE + NAME_GAP } else { 0.0 }
        };
        let half_number = 0.5 * NUMBER * text::LINE;
        let beside = |width: f64| TICK + TICK_GAP + width;
        let left = if numbers { beside(widths.y) } else { 0.0 };
        let below = if numbers { TICK + TICK_GAP + NUMBER * text::LINE } else { 0.0 };
        let widest = spec.legend.iter().map(|(_, entry)| text::width(entry, NUMBER).min(LEGEND));
        let legend = widest.fold(0.0, f64::max);
        let right = if bar && legend > 0.0 {
            let value_name = name(value_name, &spec.value_label);
            padding + BAR_GAP + SPOT + TICK_GAP + legend + value_name
        } else if bar {
            let value_name = name(value_name, &spec.value_label);
            padding + BAR_GAP + BAR + beside(widths.bar) + value_name
        } else if numbers {
            padding.max(0.5 * widths.x + 2.0)
        } else {
            padding
        };
        let above = lines.height();
        let strip = strip(spec);
        let top =
            if numbers && above == 0.0 { padding.max(half_number + 1.0) } else { padding + above };
        Margins {
            left: padding + left + name(names, &spec.y_label),
            top: top + strip,
            right: right + strip,
            bottom: padding + below + name(names, &spec.x_label),
        }
    }
}

/// Room for a curve beside the plot, in logical pixels.
pub(super) fn strip(spec: &FigureSpec) -> f64 {
    if spec.marginals.is_some() { STRIP } else { 0.0 }
}

/// Empty space at the picture's edges.
pub(super) fn padding(logical: [f64; 2]) -> f64 {
    (0.035 * logical[0].min(logical[1])).clamp(2.0, 16.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{Scale, lut};
    use crate::figure::ViewBox;
    use crate::model::{ColorMap, Scaling};

    fn chosen(size: [u32; 2]) -> Decorations {
        let spec = FigureSpec {
            size,
            scale: 1.0,
            dark: false,
            title: "title".to_owned(),
            subtitle: "subtitle".to_owned(),
            x_label: "x".to_owned(),
            y_label: "y".to_owned(),
            view: ViewBox { x: [0.0, 1.0], y: [0.0, 1.0] },
            logarithmic: [false; 2],
            equal_aspect: false,
            bar: true,
            lut: lut(ColorMap::Viridis, false),
            scale_of_values: Scale::new(Scaling::Linear, 0.0, 1.0),
            value_label: "f".to_owned(),
            legend: Vec::new(),
            outlines: Vec::new(),
            marginals: None,
            space: None,
        };
        let widths = Widths { x: 20.0, y: 20.0, bar: 20.0 };
        Decorations::choose(&spec, size.map(f64::from), widths)
    }

    #[test]
    fn the_least_important_goes_first() {
        let all = chosen([640, 480]);
        assert!(all.lines.subtitle && all.names && all.value_name);
        let low = chosen([640, 180]);
        assert!(!low.lines.subtitle && low.lines.title && low.bar && low.numbers);
        let narrow = chosen([150, 480]);
        assert!(!narrow.value_name && narrow.lines.subtitle && narrow.numbers);
        let tiny = chosen([30, 20]);
        assert!(!tiny.numbers && !tiny.bar && !tiny.names && !tiny.lines.title);
    }
}
