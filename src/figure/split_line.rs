//! A line down the plot that divides two fields, with the names of both.

use super::{
    FigureSpec, Layout, TextRole, fonts,
    layout::{Anchor, Label},
    palette::Palette,
    svg::{hex, put, text_element},
    text,
};

/// A line down the plot.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitLine {
    /// Where it is, as a part of the plot's width.
    pub at: f64,
    /// What is on its left and on its right.
    pub names: [String; 2],
}

/// Width of the line, and of its rim, in widths of the frame.
const LINE: f64 = 1.5;
const RIM: f64 = 4.0;

impl SplitLine {
    /// Appends the line and the names to a document of the picture's size.
    pub(super) fn draw(&self, out: &mut String, spec: &FigureSpec, layout: &Layout) {
        let palette = Palette::of_figure(spec);
        let plot = layout.plot;
        let [left, top, width, height] = [plot.x, plot.y, plot.width, plot.height].map(f64::from);
        let x = left + (self.at.clamp(0.0, 1.0) * width).round();
        let (ink, background) = (hex(palette.title), hex(palette.background));
        let line = f64::from(layout.line);
        out.push_str("<g id=\"split\">\n");
        for (color, thickness) in [(&background, RIM * line), (&ink, LINE * line)] {
            put(
                out,
                format_args!(
                    "<rect x=\"{}\" y=\"{top}\" width=\"{thickness}\" height=\"{height}\" fill=\"{color}\"/>\n",
                    x - 0.5 * thickness
                ),
            );
        }
        let size = spec.style.number * layout.unit;
        let gap = 0.7 * size;
        put(out, format_args!("<g font-family=\"{}\" font-weight=\"300\">\n", fonts::FAMILY));
        for (k, name) in self.names.iter().enumerate() {
            let room = if k == 0 { x - left } else { left + width - x } - 2.0 * gap;
            let name = text::fit(name, size, room);
            if name.is_empty() {
                continue;
            }
            let across = text::width(&name, size);
            let start = if k == 0 { x - gap - across } else { x + gap };
            put(
                out,
                format_args!(
                    "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" \
                     fill=\"{background}\" fill-opacity=\"0.92\"/>\n",
                    start - 0.3 * size,
                    top + gap,
                    across + 0.6 * size,
                    1.6 * size
                ),
            );
            let position = [start, top + gap + 1.15 * size];
            let label = Label::new(name, position, size, Anchor::Start, TextRole::Name);
            text_element(out, &label, &palette, spec.style.heavier);
        }
        out.push_str("</g>\n</g>\n");
    }
}
