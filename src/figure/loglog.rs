//! A chart of times with two logarithmic axes: a line for each series, with its name at its end.
//!
//! ```text
//!   title, subtitle
//!   1 s  ┤              ╱ naive
//!        │         ╱ ╱
//!   1 ms ┤   ╱ ╱          ╱ simd
//!        └──┬──────┬──────┬
//!          100   1000  10,000
//! ```

use std::fmt::Write as _;

use super::palette::Palette;
use super::text::{self, FAMILY};
use crate::color::log_ticks;
use crate::numbers::format_si;

/// What such a chart shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogLog {
    /// The title line.
    pub title: String,
    /// The line below it.
    pub subtitle: String,
    /// The name of the horizontal axis.
    pub x_label: String,
    /// The name of the vertical axis, whose values are seconds.
    pub y_label: String,
    /// The lines.
    pub series: Vec<Series>,
}

/// One line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The name written at its end.
    pub name: String,
    /// Points (x, seconds), all above zero, in rising order of x.
    pub points: Vec<[f64; 2]>,
}

/// Colours that can be told apart with any colour vision deficiency, dark enough for text on white
/// (after Okabe and Ito 2008).
const COLORS: [&str; 7] =
    ["#0072b2", "#d55e00", "#007f5f", "#a8457f", "#8a6d00", "#2f7fb8", "#444b57"];

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 520.0;
/// Margins left, top, right and bottom of the plot, in logical pixels; the names of the series come on
/// top of the right one.
const MARGINS: [f64; 4] = [84.0, 76.0, 28.0, 64.0];
const SMALL: f64 = 13.0;
const GAP: f64 = 9.0;

/// A logarithmic axis: maps values from 10^`low` to 10^`high` to `pixels`.
pub(super) struct Axis {
    low: f64,
    high: f64,
    pixels: [f64; 2],
}

impl Axis {
    /// The axis over the positive, finite `values`, with some room at both ends; it spans at least
    /// `least` decades.
    pub(super) fn over(values: impl Iterator<Item = f64>, pixels: [f64; 2], least: f64) -> Self {
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

    pub(super) fn at(&self, value: f64) -> f64 {
        let [start, end] = self.pixels;
        start + (end - start) * (value.log10() - self.low) / (self.high - self.low)
    }

    pub(super) fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let ticks = log_ticks(10f64.powf(self.low), 10f64.powf(self.high), count);
        ticks.into_iter().map(|tick| (tick.value, tick.label)).collect()
    }

    /// Two to nine times each power of ten on the axis, for grid lines without a label.
    pub(super) fn between(&self) -> Vec<f64> {
        let decades = self.low.floor() as i32..=self.high.ceil() as i32;
        let all = decades.flat_map(|k| (2..10).map(move |digit| f64::from(digit) * 10f64.powi(k)));
        all.filter(|value| (self.low..=self.high).contains(&value.log10())).collect()
    }
}

/// The chart as an SVG document on a white background.
pub fn loglog(chart: &LogLog) -> String {
    let palette = Palette::LIGHT;
    let names = chart.series.iter().map(|series| text::width(&series.name, SMALL));
    let names = names.fold(0.0, f64::max).min(0.35 * WIDTH);
    let [left, top, right, bottom] = MARGINS;
    let (right, bottom) = (WIDTH - right - names - GAP, HEIGHT - bottom);
    let points = || chart.series.iter().flat_map(|series| &series.points);
    let x = Axis::over(points().map(|point| point[0]), [left, right], 0.5);
    let y = Axis::over(points().map(|point| point[1]), [bottom, top], 1.0);

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"{FAMILY}\" font-weight=\"300\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{}\"/>\n",
        hex(palette.background)
    );
    let mut line = |from: [f64; 2], to: [f64; 2], color: &str| {
        put(
            &mut out,
            format_args!(
                "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\"/>\n",
                from[0], from[1], to[0], to[1]
            ),
        );
    };
    let (grid, strong) = (hex(palette.grid), "#d3d7dc");
    let (x_ticks, y_ticks) = (x.ticks(8), y.ticks(9));
    for value in x.between() {
        line([x.at(value), top], [x.at(value), bottom], &grid);
    }
    for value in y.between() {
        line([left, y.at(value)], [right, y.at(value)], &grid);
    }
    for (value, _) in &x_ticks {
        line([x.at(*value), top], [x.at(*value), bottom], strong);
    }
    for (value, _) in &y_ticks {
        line([left, y.at(*value)], [right, y.at(*value)], strong);
    }
    let frame = hex(palette.frame);
    line([left, bottom], [right, bottom], &frame);
    line([left, top], [left, bottom], &frame);

    let mut write = |words: &str, [x, y]: [f64; 2], size: f64, anchor: &str, color: &str| {
        put(
            &mut out,
            format_args!(
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" \
                 fill=\"{color}\" stroke=\"{color}\" stroke-width=\"0.25\">{}</text>\n",
                text::escape(words)
            ),
        );
    };
    let (title, name, note) = (hex(palette.title), hex(palette.name), hex(palette.note));
    let room = WIDTH - left - 16.0;
    write(&text::fit(&chart.title, 19.0, room), [left, 34.0], 19.0, "start", &title);
    write(&text::fit(&chart.subtitle, SMALL, room), [left, 56.0], SMALL, "start", &note);
    for (value, label) in &x_ticks {
        write(label, [x.at(*value), bottom + 20.0], SMALL, "middle", &note);
    }
    for (value, _) in &y_ticks {
        let label = format_si(*value, "s").replace(".0 ", " ");
        write(&label, [left - 9.0, y.at(*value) + text::MIDDLE * SMALL], SMALL, "end", &note);
    }
    let middle = 0.5 * (left + right);
    write(&chart.x_label, [middle, HEIGHT - 18.0], 14.0, "middle", &name);
    let middle = 0.5 * (top + bottom);
    put(
        &mut out,
        format_args!(
            "<text transform=\"translate(22 {middle:.1}) rotate(-90)\" font-size=\"14\" \
             text-anchor=\"middle\" fill=\"{name}\" stroke=\"{name}\" \
             stroke-width=\"0.25\">{}</text>\n",
            text::escape(&chart.y_label)
        ),
    );
    let colors = || COLORS.into_iter().cycle();
    for (series, color) in chart.series.iter().zip(colors()) {
        draw(&mut out, series, color, &x, &y);
    }
    for ((series, color), height) in chart.series.iter().zip(colors()).zip(ends(chart, &y, top)) {
        let name = text::fit(&series.name, SMALL, names + 1.0);
        put(
            &mut out,
            format_args!(
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{SMALL}\" fill=\"{color}\" \
                 stroke=\"{color}\" stroke-width=\"0.4\">{}</text>\n",
                right + GAP,
                height + text::MIDDLE * SMALL,
                text::escape(&name)
            ),
        );
    }
    out.push_str("</svg>\n");
    out
}

/// A series' line and a dot at each point.
fn draw(out: &mut String, series: &Series, color: &str, x: &Axis, y: &Axis) {
    let places: Vec<_> = series.points.iter().map(|[a, b]| [x.at(*a), y.at(*b)]).collect();
    let path: Vec<_> = places.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
    put(
        out,
        format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.2\" \
             stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n",
            path.join(" ")
        ),
    );
    for [x, y] in places {
        put(
            out,
            format_args!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.2\" fill=\"{color}\" \
                 stroke=\"#ffffff\" stroke-width=\"1.4\"/>\n"
            ),
        );
    }
}

/// The y of each series' name: beside its last point, moved where names would overlap.
fn ends(chart: &LogLog, y: &Axis, top: f64) -> Vec<f64> {
    let ends = chart.series.iter().map(|series| series.points.last().map_or(1.0, |end| end[1]));
    let mut heights: Vec<f64> = ends.map(|seconds| y.at(seconds)).collect();
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|&a, &b| heights[b].total_cmp(&heights[a]));
    // From the lowest up: each is moved up until it clears the one below.
    for pair in order.windows(2) {
        heights[pair[1]] = heights[pair[1]].min(heights[pair[0]] - SMALL * text::LINE);
    }
    // From the top down: what left the plot is moved back in.
    let mut least = top;
    for &k in order.iter().rev() {
        heights[k] = heights[k].max(least);
        least = heights[k] + SMALL * text::LINE;
    }
    heights
}

pub(super) fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

pub(super) fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes whatever is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(series: Vec<Series>) -> LogLog {
        let x_label = "N".to_owned();
        LogLog { title: "a < b".to_owned(), x_label, series, ..LogLog::default() }
    }

    fn line(name: &str, points: &[[f64; 2]]) -> Series {
        Series { name: name.to_owned(), points: points.to_vec() }
    }

    #[test]
    fn any_points_make_a_picture_that_can_be_read() {
        for series in [
            vec![],
            vec![line("one", &[[3000.0, 1e-3]])],
            vec![line("simd", &[[100.0, 1e-5], [1e5, 1.0]]), line("gpu & co", &[[100.0, 1e-3]])],
        ] {
            let svg = loglog(&chart(series.clone()));
            let tree = resvg::usvg::Tree::from_str(&svg, &text::font_options());
            assert!(tree.is_ok() && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            let dots: usize = series.iter().map(|line| line.points.len()).sum();
            assert_eq!(svg.matches("<circle").count(), dots);
        }
    }

    #[test]
    fn names_never_lie_on_each_other_and_stay_in_order() {
        let same = [[100.0, 1e-3], [1000.0, 1e-2]];
        let series = (0..5).map(|k| line(&format!("engine {k}"), &same)).collect();
        let y = Axis::over([1e-3, 1e-2].into_iter(), [456.0, 76.0], 1.0);
        let mut heights = ends(&chart(series), &y, 76.0);
        assert!(heights.iter().all(|height| *height >= 76.0), "{heights:?}");
        heights.sort_by(f64::total_cmp);
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] > SMALL), "{heights:?}");
    }
}
