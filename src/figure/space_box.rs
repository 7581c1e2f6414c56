//! The box of axes around points in space: its lines, and where the numbers and names of its axes go, in the
//! pixels of a picture; the window and exported pictures draw the same.

use std::fmt::Write as _;

use super::{
    FigureSpec, Palette, TextRole,
    layout::{Anchor, Label, Layout},
    svg::{hex, text_element},
    text,
};
use crate::{
    color::{Tick, decade_ticks, linear_ticks},
    space::{AxesBox, Segment, SpaceProjection},
};

/// Size of numbers in logical pixels.
const NUMBER: f64 = 11.0;
/// Size of names in logical pixels.
const NAME: f64 = 13.0;
/// From the box to a number, and from there to a name, in logical pixels.
const GAP: f64 = 6.0;
/// The usual width of a letter, in sizes of the text.
const LETTER: f64 = 0.52;
/// Room that each number needs along an axis that runs down, and how much more along one that runs across.
const ROOM: [f64; 2] = [30.0, 34.0];

/// A text of the box.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxText {
    /// What it says.
    pub text: String,
    /// Its middle, in pixels.
    pub middle: [f64; 2],
    /// Its size in pixels.
    pub size: f64,
    /// Whether it is the name of an axis, else a number.
    pub is_name: bool,
}

/// The box, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceBox {
    /// Lines across the faces behind the data, at ticks.
    pub grid: Vec<Segment>,
    /// The edges of these faces.
    pub edges: Vec<Segment>,
    /// Numbers and names.
    pub texts: Vec<BoxText>,
}

impl SpaceBox {
    /// The box that `projection` sees, for axes with these names; `logarithmic` says which of them are
    /// logarithms to base 10, and `unit` how many pixels a logical one has.
    pub fn new(
        projection: &SpaceProjection,
        names: &[String; 3],
        logarithmic: [bool; 3],
        unit: f64,
    ) -> Self {
        let space = projection.space();
        let bare = AxesBox::new(projection, &Default::default());
        let ticks: [Vec<Tick>; 3] = std::array::from_fn(|axis| {
            let edge = bare.edges.iter().find(|edge| edge.axis == axis);
            let count = edge.map_or(3, |edge| {
                let [from, to] = edge.line;
                let (across, down) = ((to[0] - from[0]).abs(), (to[1] - from[1]).abs());
                let length = across.hypot(down).max(1.0);
                let room = (ROOM[0] + ROOM[1] * across / length) * unit;
                (length / room).clamp(2.0, 9.0) as usize
            });
            let ticks = if logarithmic[axis] { decade_ticks } else { linear_ticks };
            ticks(space.low()[axis], space.high()[axis], count)
        });
        let values = [0, 1, 2].map(|axis| ticks[axis].iter().map(|tick| tick.value).collect());
        let drawn = AxesBox::new(projection, &values);
        let mut found = Self::default();
        for face in drawn.faces {
            found.grid.extend(face.grid);
            found.edges.extend(face.edges);
        }
        let mut reach = [GAP * unit; 3];
        for label in &drawn.labels {
            let same = |tick: &&Tick| tick.value.to_bits() == label.value.to_bits();
            let Some(tick) = ticks[label.axis].iter().find(same) else { continue };
            let size = NUMBER * unit;
            let half = half_extent(&tick.label, size, label.outward);
            let middle = beyond(label.at, label.outward, GAP * unit + half);
            reach[label.axis] = reach[label.axis].max(GAP * unit + 2.0 * half);
            found.texts.push(BoxText { text: tick.label.clone(), middle, size, is_name: false });
        }
        for edge in &drawn.edges {
            let (text, size) = (names[edge.axis].clone(), NAME * unit);
            let middle = [0, 1].map(|k| f64::midpoint(edge.line[0][k], edge.line[1][k]));
            // Names run across: beside an edge that runs down they need their width.
            let away = reach[edge.axis] + GAP * unit + half_extent(&text, size, edge.outward);
            let middle = beyond(middle, edge.outward, away);
            found.texts.push(BoxText { text, middle, size, is_name: true });
        }
        found
    }
}

impl SpaceBox {
    /// Appends its lines to an SVG document whose plot it belongs to.
    pub(super) fn draw_lines(&self, out: &mut String, layout: &Layout, palette: &Palette) {
        let corner = [layout.plot.x, layout.plot.y].map(f64::from);
        let width = layout.line;
        let rect = layout.plot;
        let _ = writeln!(
            out,
            "<clipPath id=\"space\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
            rect.x, rect.y, rect.width, rect.height
        );
        for (id, lines, ink) in
            [("box-grid", &self.grid, palette.grid), ("box", &self.edges, palette.frame)]
        {
            let ink = hex(ink);
            let _ = write!(
                out,
                "<path id=\"{id}\" clip-path=\"url(#space)\" fill=\"none\" stroke=\"{ink}\" \
                 stroke-width=\"{width}\" d=\""
            );
            for line in lines {
                let [[x0, y0], [x1, y1]] = line.map(|end| [end[0] + corner[0], end[1] + corner[1]]);
                let _ = write!(out, "M{x0:.2} {y0:.2}L{x1:.2} {y1:.2}");
            }
            out.push_str("\"/>\n");
        }
    }

    /// Appends its numbers and names.
    pub(super) fn texts(&self, out: &mut String, spec: &FigureSpec, layout: &Layout) {
        let palette = Palette::of_figure(spec);
        let _ = writeln!(out, "<g font-family=\"{}\" font-weight=\"300\">", text::FAMILY);
        for BoxText { text, middle: [x, y], size, is_name } in &self.texts {
            let position =
                [f64::from(layout.plot.x) + x, f64::from(layout.plot.y) + y + size * text::MIDDLE];
            let label = if *is_name {
                Label::new(text.clone(), position, *size, Anchor::Middle, TextRole::Name)
            } else {
                let tick = Tick { value: 0.0, label: text.clone() };
                Label::number(&tick, position, *size, Anchor::Middle)
            };
            text_element(out, &label, &palette, spec.style.heavier);
        }
        out.push_str("</g>\n");
    }
}

/// Half of how far a text reaches in a direction.
fn half_extent(text: &str, size: f64, direction: [f64; 2]) -> f64 {
    let width = LETTER * size * text.chars().count() as f64;
    0.5 * (width * direction[0].abs() + size * direction[1].abs())
}

fn beyond(at: [f64; 2], outward: [f64; 2], by: f64) -> [f64; 2] {
    [at[0] + outward[0] * by, at[1] + outward[1] * by]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Camera, Space};

    #[test]
    fn each_axis_has_its_name_and_numbers_on_the_side_away_from_the_box() {
        let space = Space::equal([0.0, -5.0, 10.0], [2.0, 5.0, 12.0]);
        let view = Camera::around(&space, 1.5).project_into(&space, [900.0, 600.0]);
        let names = ["a", "b", "c"].map(str::to_owned);
        let found = SpaceBox::new(&view, &names, [false; 3], 1.0);
        let named: Vec<_> = found.texts.iter().filter(|text| text.is_name).collect();
        assert_eq!(named.iter().map(|text| &text.text).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(found.texts.len() >= 3 + 6 && !found.grid.is_empty());
        assert_eq!(found.edges.len(), 12);
        let middle = view.project([1.0, 0.0, 11.0]).expect("seen");
        assert!(named[0].middle[1] > middle.y && named[2].middle[0] < middle.x);
    }
}
