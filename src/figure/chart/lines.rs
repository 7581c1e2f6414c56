//! A chart with two logarithmic axes: a line for each series, its name where it ends.
//!
//! ```text
//!   title, subtitle
//!   1 s  ┤              ╱ naive
//!        │         ╱ ╱
//!   1 ms ┤   ╱ ╱          ╱ simd
//!        └──┬──────┬──────┬
//!          100   1000  10,000
//! ```

use super::{Document, LogAxis, NAME, SMALL, STRONG_GRID, WIDTH};
use crate::{figure::text, numbers::format_si};

/// What such a chart shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineChart {
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
    /// What stands at its end.
    pub name: String,
    /// Points (x, seconds), all above zero, in rising order of x.
    pub points: Vec<[f64; 2]>,
}

/// Colours that are told apart by nearly everyone, dark enough for text on white (after Okabe and
/// Ito 2008).
const COLORS: [&str; 7] =
    ["#0072b2", "#d55e00", "#007f5f", "#a8457f", "#8a6d00", "#2f7fb8", "#444b57"];

const HEIGHT: f64 = 520.0;
/// Left, top, right and bottom of the plot's surroundings; the names need room on the right.
const MARGINS: [f64; 4] = [84.0, 76.0, 28.0, 64.0];
/// Between the plot and the names of the series.
const GAP: f64 = 9.0;
/// The largest part of the width that the names of the series may take.
const MAX_NAMES: f64 = 0.35;

impl LineChart {
    /// The chart as an SVG document on a white background.
    pub fn to_svg(&self) -> String {
        let names = self.series.iter().map(|series| text::width(&series.name, SMALL));
        let names = names.fold(0.0, f64::max).min(MAX_NAMES * WIDTH);
        let [left, top, right, bottom] = MARGINS;
        let (right, bottom) = (WIDTH - right - names - GAP, HEIGHT - bottom);
        let points = || self.series.iter().flat_map(|series| &series.points);
        let x = LogAxis::over(points().map(|point| point[0]), [left, right], 0.5);
        let y = LogAxis::over(points().map(|point| point[1]), [bottom, top], 1.0);
        let (x_ticks, y_ticks) = (x.ticks(8), y.ticks(9));

        let mut out = Document::new(HEIGHT);
        let grid = out.inks.grid.clone();
        out.vertical_grid(&x, x.minor_ticks(), [top, bottom], &grid);
        for value in y.minor_ticks() {
            out.line([left, y.at(value)], [right, y.at(value)], &grid, "");
        }
        let x_values = x_ticks.iter().map(|(value, _)| *value);
        out.vertical_grid(&x, x_values, [top, bottom], STRONG_GRID);
        for (value, _) in &y_ticks {
            out.line([left, y.at(*value)], [right, y.at(*value)], STRONG_GRID, "");
        }
        out.frame([left, right], [top, bottom]);
        out.header(&self.title, &self.subtitle, left);
        out.x_numbers(&x, &x_ticks, bottom);
        let note = out.inks.note.clone();
        for (value, _) in &y_ticks {
            let label = format_si(*value, "s").replace(".0 ", " ");
            let place = [left - 9.0, y.at(*value) + text::MIDDLE * SMALL];
            out.text(&label, place, SMALL, "end", &note);
        }
        out.x_name(&self.x_label, [left, right], HEIGHT);
        y_name(&mut out, &self.y_label, 0.5 * (top + bottom));
        let colors = || COLORS.into_iter().cycle();
        for (series, color) in self.series.iter().zip(colors()) {
            draw(&mut out, series, color, &x, &y);
        }
        let heights = name_heights(&self.series, &y, top);
        for ((series, color), height) in self.series.iter().zip(colors()).zip(heights) {
            let name = text::fit(&series.name, SMALL, names + 1.0);
            out.put(format_args!(
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{SMALL}\" fill=\"{color}\" \
                 stroke=\"{color}\" stroke-width=\"0.4\">{}</text>\n",
                right + GAP,
                height + text::MIDDLE * SMALL,
                text::escape(&name)
            ));
        }
        out.end()
    }
}

/// The name of the vertical axis, turned, with its middle at this height.
fn y_name(out: &mut Document, name: &str, middle: f64) {
    let ink = out.inks.name.clone();
    out.put(format_args!(
        "<text transform=\"translate(22 {middle:.1}) rotate(-90)\" font-size=\"{NAME}\" \
         text-anchor=\"middle\" fill=\"{ink}\" stroke=\"{ink}\" \
         stroke-width=\"0.25\">{}</text>\n",
        text::escape(name)
    ));
}

/// A series' line and a dot at each point.
fn draw(out: &mut Document, series: &Series, color: &str, x: &LogAxis, y: &LogAxis) {
    let places: Vec<_> = series.points.iter().map(|[a, b]| [x.at(*a), y.at(*b)]).collect();
    let path: Vec<_> = places.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
    out.put(format_args!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.2\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n",
        path.join(" ")
    ));
    for [x, y] in places {
        out.put(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.2\" fill=\"{color}\" \
             stroke=\"#ffffff\" stroke-width=\"1.4\"/>\n"
        ));
    }
}

/// The heights of the series' names: beside their last points, but never on top of each other.
fn name_heights(series: &[Series], y: &LogAxis, top: f64) -> Vec<f64> {
    let ends = series.iter().map(|series| series.points.last().map_or(1.0, |end| end[1]));
    let mut heights: Vec<f64> = ends.map(|seconds| y.at(seconds)).collect();
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|&a, &b| heights[b].total_cmp(&heights[a]));
    // From the lowest up, each as far above the one below it as it must be.
    for pair in order.windows(2) {
        heights[pair[1]] = heights[pair[1]].min(heights[pair[0]] - SMALL * text::LINE);
    }
    // What was pushed out at the top comes down again.
    let mut least = top;
    for &k in order.iter().rev() {
        heights[k] = heights[k].max(least);
        least = heights[k] + SMALL * text::LINE;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(series: Vec<Series>) -> LineChart {
        let x_label = "N".to_owned();
        LineChart { title: "a < b".to_owned(), x_label, series, ..LineChart::default() }
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
            let svg = chart(series.clone()).to_svg();
            let tree = resvg::usvg::Tree::from_str(&svg, &crate::figure::font_options());
            assert!(tree.is_ok() && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            let dots: usize = series.iter().map(|line| line.points.len()).sum();
            assert_eq!(svg.matches("<circle").count(), dots);
        }
    }

    #[test]
    fn names_never_lie_on_each_other_and_stay_in_order() {
        let same = [[100.0, 1e-3], [1000.0, 1e-2]];
        let series: Vec<Series> = (0..5).map(|k| line(&format!("engine {k}"), &same)).collect();
        let y = LogAxis::over([1e-3, 1e-2].into_iter(), [456.0, 76.0], 1.0);
        let mut heights = name_heights(&series, &y, 76.0);
        assert!(heights.iter().all(|height| *height >= 76.0), "{heights:?}");
        heights.sort_by(f64::total_cmp);
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] > SMALL), "{heights:?}");
    }
}
