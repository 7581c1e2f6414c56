//! Charts for the terminal commands, as SVG documents: what their two kinds have in common.
//!
//! ```text
//!   title                      LineChart    time against N, one line for each engine
//!   subtitle                   CurveChart   criteria against σ, one panel for each
//!     │    ·    ·
//!     │    ·    ·   content    grid at the labelled ticks (strong) and between them (weak)
//!     └────┴────┴──
//!         10   100
//!         x label
//! ```
//!
//! Coordinates are pixels of an 800 pixel wide document, y downwards; horizontal axes are
//! logarithmic.

mod curves;
mod lines;

use std::fmt::Arguments;

pub use curves::{CurveChart, CurvePanel, MarkedSigma};
pub use lines::{LineChart, Series};

use super::{
    fonts::FAMILY,
    palette::Palette,
    svg::{hex, put},
    text,
};
use crate::color::log_ticks;

/// Width of every chart.
const WIDTH: f64 = 800.0;
/// Font size of the title.
const TITLE: f64 = 19.0;
/// Font size of the names of axes and panels.
const NAME: f64 = 14.0;
/// Font size of everything else.
const SMALL: f64 = 13.0;
/// Grid lines at labelled ticks; those between them have the palette's own, weaker colour.
const STRONG_GRID: &str = "#d3d7dc";

/// A logarithmic axis: positive values on a range of pixels.
#[derive(Clone, Copy, Debug)]
struct LogAxis {
    /// Decimal logarithm of the value at the first pixel.
    low: f64,
    /// Decimal logarithm of the value at the last pixel.
    high: f64,
    /// First and last pixel; the first is the greater one on a vertical axis.
    pixels: [f64; 2],
}

impl LogAxis {
    /// The axis over the positive ones of `values`, with 6 % of room at both ends and at least
    /// `least` decades long; one decade from 1 where there are no values.
    fn over(values: impl Iterator<Item = f64>, pixels: [f64; 2], least: f64) -> Self {
        let [mut low, mut high] = [f64::INFINITY, f64::NEG_INFINITY];
        for value in values.filter(|value| *value > 0.0 && value.is_finite()) {
            low = low.min(value.log10());
            high = high.max(value.log10());
        }
        if low > high {
            [low, high] = [0.0, 1.0];
        }
        let room = (0.06 * (high - low)).max(0.5 * (least - (high - low)));
        Self { low: low - room, high: high + room, pixels }
    }

    /// The pixel of a value.
    fn at(&self, value: f64) -> f64 {
        let [start, end] = self.pixels;
        start + (end - start) * (value.log10() - self.low) / (self.high - self.low)
    }

    /// About `count` ticks: their values and labels.
    fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let ticks = log_ticks(10f64.powf(self.low), 10f64.powf(self.high), count);
        ticks.into_iter().map(|tick| (tick.value, tick.label)).collect()
    }

    /// Twice to nine times each power of ten: where grid lines have no label.
    fn minor_ticks(&self) -> Vec<f64> {
        let decades = self.low.floor() as i32..=self.high.ceil() as i32;
        let all = decades.flat_map(|k| (2..10).map(move |digit| f64::from(digit) * 10f64.powi(k)));
        all.filter(|value| (self.low..=self.high).contains(&value.log10())).collect()
    }
}

/// The colours of a chart's text and lines, as SVG writes them.
struct Inks {
    title: String,
    name: String,
    note: String,
    frame: String,
    grid: String,
}

/// An SVG document under construction, on a white background.
struct Document {
    text: String,
    inks: Inks,
}

impl Document {
    /// Begins a document `height` pixels high.
    fn new(height: f64) -> Self {
        let Palette { background, title, name, note, frame, grid } = Palette::LIGHT;
        let [background, title, name, note, frame, grid] =
            [background, title, name, note, frame, grid].map(hex);
        let mut document =
            Self { text: String::new(), inks: Inks { title, name, note, frame, grid } };
        document.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {WIDTH} {height:.0}\" font-family=\"{FAMILY}\" font-weight=\"300\">\n\
             <rect width=\"{WIDTH}\" height=\"{height:.0}\" fill=\"{background}\"/>\n"
        ));
        document
    }

    /// The finished document.
    fn end(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    /// Appends SVG as it is.
    fn put(&mut self, svg: Arguments<'_>) {
        put(&mut self.text, svg);
    }

    /// Title and subtitle, from `left` to the right edge; what is too long is cut.
    fn header(&mut self, title: &str, subtitle: &str, left: f64) {
        let room = WIDTH - left - 16.0;
        let [title_ink, note] = [self.inks.title.clone(), self.inks.note.clone()];
        self.text(&text::fit(title, TITLE, room), [left, 34.0], TITLE, "start", &title_ink);
        self.text(&text::fit(subtitle, SMALL, room), [left, 56.0], SMALL, "start", &note);
    }

    /// A line; `style` is further attributes, each after a space.
    fn line(&mut self, from: [f64; 2], to: [f64; 2], color: &str, style: &str) {
        let ([x1, y1], [x2, y2]) = (from, to);
        self.put(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" \
             stroke=\"{color}\"{style}/>\n"
        ));
    }

    /// Vertical grid lines from `top` to `bottom` at `values` of an axis.
    fn vertical_grid(
        &mut self,
        x: &LogAxis,
        values: impl IntoIterator<Item = f64>,
        [top, bottom]: [f64; 2],
        color: &str,
    ) {
        for at in values.into_iter().map(|value| x.at(value)) {
            self.line([at, top], [at, bottom], color, "");
        }
    }

    /// The left and the bottom side of a plot's frame.
    fn frame(&mut self, [left, right]: [f64; 2], [top, bottom]: [f64; 2]) {
        let color = self.inks.frame.clone();
        self.line([left, bottom], [right, bottom], &color, "");
        self.line([left, top], [left, bottom], &color, "");
    }

    /// The numbers below a horizontal axis at height `bottom`.
    fn x_numbers(&mut self, x: &LogAxis, ticks: &[(f64, String)], bottom: f64) {
        let note = self.inks.note.clone();
        for (value, label) in ticks {
            self.text(label, [x.at(*value), bottom + 20.0], SMALL, "middle", &note);
        }
    }

    /// The name of the horizontal axis, at the foot of a document of this height.
    fn x_name(&mut self, name: &str, [left, right]: [f64; 2], height: f64) {
        let ink = self.inks.name.clone();
        self.text(name, [0.5 * (left + right), height - 18.0], NAME, "middle", &ink);
    }

    /// Text whose `anchor` (`start`, `middle` or `end`) is at this place on its baseline.
    fn text(&mut self, words: &str, [x, y]: [f64; 2], size: f64, anchor: &str, color: &str) {
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" \
             fill=\"{color}\" stroke=\"{color}\" stroke-width=\"0.25\">{}</text>\n",
            text::escape(words)
        ));
    }

    /// Text with a white outline, which interrupts the lines behind it.
    fn outlined_text(&mut self, words: &str, at: [f64; 2], size: f64, anchor: &str, color: &str) {
        let [x, y] = at;
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" \
             fill=\"#ffffff\" stroke=\"#ffffff\" stroke-width=\"5\">{}</text>\n",
            text::escape(words)
        ));
        self.text(words, at, size, anchor, color);
    }
}
