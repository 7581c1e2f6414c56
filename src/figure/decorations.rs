//! Which decorations a figure has (titles, numbers, names, colour bar), and the margins they need.
//!
//! Where a picture is so small that decorations would leave the plot less than about half of it,
//! they are dropped one by one, the least important first, until only the points are left. All
//! lengths here are logical pixels.

use super::header::{Lines, wrapped};
use super::{FigureSpec, panels, text};

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
            lines: Lines { title: !spec.title.is_empty(), subtitle: 0 },
            numbers: true,
            names: true,
            bar: spec.bar,
            value_name: spec.bar,
        };
        let room = logical[0] - chosen.margins(spec, logical, widths).left - padding(spec, logical);
        chosen.lines.subtitle = wrapped(&spec.subtitle, spec.style.subtitle, room).len();
        // What takes width, then what takes height; in each group the least important first.
        let steps: [(usize, Removal); 9] = [
            (0, |d| d.value_name = false),
            (0, |d| d.names = false),
            (0, |d| d.bar = false),
            (1, |d| d.lines.subtitle = d.lines.subtitle.min(1)),
            (1, |d| d.lines.subtitle = 0),
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

    /// What of `spec` has no room, in words.
    pub(super) fn left_out(self, spec: &FigureSpec) -> Vec<String> {
        let named = !(spec.x_label.is_empty() && spec.y_label.is_empty());
        let has_subtitle = !spec.subtitle.trim().is_empty();
        let parts = [
            (self.lines.title || spec.title.is_empty(), "the title"),
            (self.lines.subtitle > 0 || !has_subtitle, "the lines below the title"),
            (self.numbers, "the numbers"),
            (self.names || !named, "the names of the axes"),
            (self.bar || !spec.bar, "the colour bar"),
        ];
        let gone: Vec<&str> = parts.iter().filter(|(has, _)| !has).map(|(_, name)| *name).collect();
        if gone.is_empty() {
            return Vec::new();
        }
        vec![format!("the picture is too small for {}", gone.join(", "))]
    }

    /// The margins that these decorations need on each side.
    pub(super) fn margins(self, spec: &FigureSpec, logical: [f64; 2], widths: Widths) -> Margins {
        let Self { lines, numbers, names, bar, value_name } = self;
        let style = &spec.style;
        let padding = padding(spec, logical);
        // Where ticks stand in the plot, numbers stand at the frame.
        let tick = if style.inward { style.line } else { style.tick };
        let name = |present: bool| {
            if present { style.name * text::LINE + style.name_gap } else { 0.0 }
        };
        let half_number = 0.5 * style.number * text::LINE;
        let beside = |width: f64| tick + style.tick_gap + width;
        let left = if numbers { beside(widths.y) } else { 0.0 };
        let below = if numbers { tick + style.tick_gap + style.number * text::LINE } else { 0.0 };
        let widest =
            spec.legend.iter().map(|(_, entry)| text::width(entry, style.number).min(style.legend));
        let legend = widest.fold(0.0, f64::max);
        let right = if bar && legend > 0.0 {
            let value_name = name(value_name && !spec.value_label.trim().is_empty());
            padding + style.bar_gap + style.spot + style.tick_gap + legend + value_name
        } else if bar {
            let value_name = name(value_name && !spec.value_label.trim().is_empty());
            padding + style.bar_gap + style.bar + beside(widths.bar) + value_name
        } else if numbers {
            padding.max(0.5 * widths.x + 2.0)
        } else {
            padding
        };
        let above = lines.height(style);
        let (strip, row) = (strip(spec), panels::room(spec, logical));
        let top =
            if numbers && above == 0.0 { padding.max(half_number + 1.0) } else { padding + above };
        Margins {
            left: padding + left + name(names && !spec.y_label.is_empty()),
            top: top + strip,
            right: right + strip,
            bottom: padding + below + name(names && !spec.x_label.is_empty()) + row,
        }
    }
}

/// Room for a curve beside the plot, in logical pixels.
pub(super) fn strip(spec: &FigureSpec) -> f64 {
    if spec.marginals.is_some() { spec.style.strip } else { 0.0 }
}

/// Empty space at the picture's edges.
pub(super) fn padding(spec: &FigureSpec, logical: [f64; 2]) -> f64 {
    let by_size = (0.035 * logical[0].min(logical[1])).clamp(2.0, 16.0);
    spec.style.padding.unwrap_or(by_size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{Scale, lut};
    use crate::figure::{Style, ViewBox};
    use crate::model::{ColorMap, Scaling};

    fn chosen(size: [u32; 2]) -> Decorations {
        let spec = FigureSpec {
            size: size.map(f64::from),
            scale: 1.0,
            dark: false,
            transparent: false,
            style: Style::SCREEN,
            title: "title".into(),
            subtitle: "subtitle".to_owned(),
            x_label: "x".into(),
            y_label: "y".into(),
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
            split: None,
            panels: Vec::new(),
        };
        let widths = Widths { x: 20.0, y: 20.0, bar: 20.0 };
        Decorations::choose(&spec, size.map(f64::from), widths)
    }

    #[test]
    fn the_least_important_goes_first() {
        let all = chosen([640, 480]);
        assert!(all.lines.subtitle == 1 && all.names && all.value_name);
        let low = chosen([640, 180]);
        assert!(low.lines.subtitle == 0 && low.lines.title && low.bar && low.numbers);
        let narrow = chosen([150, 480]);
        assert!(!narrow.value_name && narrow.lines.subtitle == 1 && narrow.numbers);
        let tiny = chosen([30, 20]);
        assert!(!tiny.numbers && !tiny.bar && !tiny.names && !tiny.lines.title);
    }
}
