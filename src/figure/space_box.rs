//! The box of axes around points in space: its lines, and where the numbers and names of its axes go, in the
//! pixels of a picture; the window and exported pictures draw the same.

use std::fmt::Write as _;

use super::{
    FigureSpec, Palette, TextRole, fonts,
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
/// Where along its edge a name may stand: the first place that is free and in the picture is taken.
const ALONG: [f64; 7] = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];
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
            let of_count = |count| ticks(space.low()[axis], space.high()[axis], count);
            // A single number does not tell how long the axis is.
            let two = (count..count + 4).map(of_count).find(|ticks| ticks.len() >= 2);
            two.unwrap_or_else(|| of_count(count))
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
            // Names run across: beside an edge that runs down they need their width.
            let away = reach[edge.axis] + GAP * unit + half_extent(&text, size, edge.outward);
            let at = |along: f64, away: f64| {
                let [from, to] = edge.line;
                let point = [0, 1].map(|k| from[k] + along * (to[k] - from[k]));
                let middle = beyond(point, edge.outward, away);
                BoxText { text: text.clone(), middle, size, is_name: true }
            };
            let places = ALONG.into_iter().flat_map(|along| [(along, away), (along, 0.8 * away)]);
            let is_free = |name: &BoxText| {
                name.is_within(projection.size())
                    && found.texts.iter().all(|other| !name.touches(other))
            };
            let free = places.map(|(along, away)| at(along, away)).find(is_free);
            found.texts.push(free.unwrap_or_else(|| at(0.5, away)));
        }
        found
    }
}

impl BoxText {
    /// Half of its width and of its height.
    fn half(&self) -> [f64; 2] {
        [0.5 * LETTER * self.size * self.text.chars().count() as f64, 0.6 * self.size]
    }

    /// Whether all of it lies in a picture of this size.
    fn is_within(&self, size: [f64; 2]) -> bool {
        let half = self.half();
        (0..2).all(|k| self.middle[k] - half[k] >= 0.0 && self.middle[k] + half[k] <= size[k])
    }

    fn touches(&self, other: &Self) -> bool {
        let (a, b) = (self.half(), other.half());
        (0..2).all(|k| (self.middle[k] - other.middle[k]).abs() < a[k] + b[k])
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
        let _ = writeln!(out, "<g font-family=\"{}\" font-weight=\"300\">", fonts::FAMILY);
        let size = [layout.plot.width, layout.plot.height].map(f64::from);
        // What would lie on what stands beside the plot is left out.
        for text in self.texts.iter().filter(|text| text.is_within(size)) {
            let BoxText { text, middle: [x, y], size, is_name } = text;
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
