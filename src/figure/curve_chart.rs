//! A chart of curves over one logarithmic axis: a panel for each curve with its best value marked, and
//! named vertical marks through all panels.
//!
//! ```text
//!   title, subtitle
//!         scott   silverman
//!           ╎ ╎        highest at σ = 0.31
//!   −2.8 ┤  ╎ ╎ ╭─●─╮
//!   −3.0 ┤ ╱╎ ╎     ╲
//!        ├──╎─╎─┬──────┬─
//!    0.1 ┤
//!        └────┬─────────┬
//!            0.1        1
//! ```
//!
//! A log-likelihood tends to −∞ as σ goes to 0: a panel shows the values around the best one, and what
//! is far below is cut off by its frame.

use super::loglog::{Axis, hex, put};
use super::palette::Palette;
use super::text::{self, FAMILY};
use crate::color::linear_ticks;

/// What such a chart shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurveChart {
    /// The title line.
    pub title: String,
    /// The line below it.
    pub subtitle: String,
    /// The name of the common horizontal axis.
    pub x_label: String,
    /// The curves, from top to bottom.
    pub panels: Vec<Panel>,
    /// Values of the horizontal axis to mark in all panels.
    pub marks: Vec<MarkedSigma>,
}

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// The line above the panel.
    pub title: String,
    /// Points (x, value, standard error) in rising order of x, with x above 0.
    pub points: Vec<[f64; 3]>,
    /// Whether the best value is the highest.
    pub high_is_best: bool,
    /// The x of the best value.
    pub best: f64,
    /// The text beside the mark of the best value.
    pub best_label: String,
}

/// A named place on the horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkedSigma {
    /// The σ that it marks.
    pub sigma: f64,
    /// Its name.
    pub name: String,
}

const WIDTH: f64 = 800.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = WIDTH - 28.0;
/// Below the subtitle.
const HEAD: f64 = 72.0;
/// Tick labels and the axis' name.
const FOOT: f64 = 64.0;
/// Height of a panel, and of the strip where there are only marks.
const PANEL: f64 = 170.0;
const STRIP: f64 = 40.0;
/// Between two panels: the title of the lower one.
const BETWEEN: f64 = 36.0;
const SMALL: f64 = 13.0;
const LINE_COLOR: &str = "#0072b2";
const BEST_COLOR: &str = "#b34700";
const MARK_COLOR: &str = "#007f5f";
/// A panel shows the values that the curve takes within this factor of its best x.
const AROUND: f64 = 6.0;

/// The chart as an SVG document on a white background.
pub fn curve_chart(chart: &CurveChart) -> String {
    let palette = Palette::LIGHT;
    let on_curves = chart.panels.iter().flat_map(|panel| &panel.points).map(|point| point[0]);
    let values: Vec<f64> = on_curves.chain(chart.marks.iter().map(|mark| mark.sigma)).collect();
    let x = Axis::over(values.into_iter(), [LEFT, RIGHT], 0.5);
    let names = places_of_names(&chart.marks, &x);
    let rows = names.iter().map(|(_, row)| row + 1).max().unwrap_or(0);
    let first = HEAD + rows as f64 * SMALL * text::LINE + 32.0;
    let height = if chart.panels.is_empty() { STRIP } else { PANEL };
    let count = chart.panels.len().max(1);
    let top_of = |k: usize| first + k as f64 * (height + BETWEEN);
    let bottom = top_of(count - 1) + height;
    let total = bottom + FOOT;

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{total:.0}\" \
         viewBox=\"0 0 {WIDTH} {total:.0}\" font-family=\"{FAMILY}\" font-weight=\"300\">\n\
         <rect width=\"{WIDTH}\" height=\"{total:.0}\" fill=\"{}\"/>\n",
        hex(palette.background)
    );
    let [title, name, note] = [palette.title, palette.name, palette.note].map(hex);
    let room = WIDTH - LEFT - 16.0;
    write(&mut out, &text::fit(&chart.title, 19.0, room), [LEFT, 34.0], 19.0, "start", &title);
    write(&mut out, &text::fit(&chart.subtitle, SMALL, room), [LEFT, 56.0], SMALL, "start", &note);

    let x_ticks = x.ticks(9);
    for (mark, (end, row)) in chart.marks.iter().zip(&names) {
        let height = HEAD + (*row as f64 + 1.0) * SMALL * text::LINE;
        let (at, top) = (x.at(mark.sigma), height - 0.8 * SMALL);
        line(&mut out, [at, top], [at, bottom], MARK_COLOR, " stroke-dasharray=\"3 3\"");
        write(&mut out, &mark.name, [*end, height], SMALL, "end", MARK_COLOR);
    }
    for k in 0..count {
        let (top, bottom) = (top_of(k), top_of(k) + height);
        for value in x.between() {
            line(&mut out, [x.at(value), top], [x.at(value), bottom], &hex(palette.grid), "");
        }
        for (value, _) in &x_ticks {
            line(&mut out, [x.at(*value), top], [x.at(*value), bottom], "#d3d7dc", "");
        }
        if let Some(panel) = chart.panels.get(k) {
            draw_panel(&mut out, panel, k, &x, [top, bottom], &palette);
        }
        let frame = hex(palette.frame);
        line(&mut out, [LEFT, bottom], [RIGHT, bottom], &frame, "");
        line(&mut out, [LEFT, top], [LEFT, bottom], &frame, "");
    }
    for (value, label) in &x_ticks {
        write(&mut out, label, [x.at(*value), bottom + 20.0], SMALL, "middle", &note);
    }
    let middle = [0.5 * (LEFT + RIGHT), total - 18.0];
    write(&mut out, &chart.x_label, middle, 14.0, "middle", &name);
    out.push_str("</svg>\n");
    out
}

/// For each mark the x at which its name ends, left of its line, and the row of the name.
///
/// Names touch neither each other nor a line: the rightmost name is in the first row, and marks left of
/// a name start below it.
fn places_of_names(marks: &[MarkedSigma], x: &Axis) -> Vec<(f64, usize)> {
    const GAP: f64 = 7.0;
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by(|&a, &b| marks[b].sigma.total_cmp(&marks[a].sigma));
    let mut places = vec![(0.0, 0); marks.len()];
    // Where the leftmost name of each row starts.
    let mut starts: Vec<f64> = Vec::new();
    for k in order {
        let width = text::width(&marks[k].name, SMALL);
        let end = (x.at(marks[k].sigma) - 4.0).max(width + GAP);
        // Its line passes through all rows below.
        let fits = |row: &usize| starts[*row..].iter().all(|start| end + GAP <= *start);
        let row = (0..starts.len()).find(fits).unwrap_or(starts.len());
        if row == starts.len() {
            starts.push(0.0);
        }
        starts[row] = end - width;
        places[k] = (end, row);
    }
    places
}

/// The range of values that a panel shows.
fn range_of(panel: &Panel) -> [f64; 2] {
    let sign = if panel.high_is_best { 1.0 } else { -1.0 };
    let nearest = |wanted: f64| {
        let distance = |p: &&[f64; 3]| (p[0] / wanted).ln().abs();
        panel.points.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    };
    let Some(best) = panel.points.iter().map(|p| sign * p[1]).max_by(f64::total_cmp) else {
        return [0.0, 1.0];
    };
    let sides = [panel.best / AROUND, panel.best * AROUND];
    let losses = sides.into_iter().filter_map(nearest).map(|p| best - sign * p[1]);
    let loss = losses.filter(|loss| *loss > 0.0).fold(f64::INFINITY, f64::min);
    let loss = if loss.is_finite() { loss } else { 0.05 * best.abs().max(1e-300) };
    let ends = [best - 1.5 * loss, best + 0.2 * loss].map(|end| sign * end);
    [ends[0].min(ends[1]), ends[0].max(ends[1])]
}

fn draw_panel(
    out: &mut String,
    panel: &Panel,
    k: usize,
    x: &Axis,
    [top, bottom]: [f64; 2],
    palette: &Palette,
) {
    let [low, high] = range_of(panel);
    let y = |value: f64| bottom + (top - bottom) * (value - low) / (high - low);
    let (name, note) = (hex(palette.name), hex(palette.note));
    for tick in linear_ticks(low, high, 6) {
        let height = y(tick.value);
        line(out, [LEFT, height], [RIGHT, height], "#d3d7dc", "");
        let place = [LEFT - 9.0, height + text::MIDDLE * SMALL];
        write(out, &tick.label, place, SMALL, "end", &note);
    }
    write_over(out, &panel.title, [LEFT, top - 9.0], 14.0, "start", &name);
    let frame = format!(
        "<clipPath id=\"panel{k}\"><rect x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" \
         height=\"{:.1}\"/></clipPath>\n<g clip-path=\"url(#panel{k})\">\n",
        RIGHT - LEFT,
        bottom - top
    );
    out.push_str(&frame);
    // Values far outside the frame are clamped: they are not visible.
    let far = bottom - top;
    let place = |x_value: f64, value: f64| {
        format!("{:.1},{:.1}", x.at(x_value), y(value).clamp(top - 9.0 * far, bottom + 9.0 * far))
    };
    if panel.points.iter().any(|p| p[2] > 0.0) {
        let upper = panel.points.iter().map(|p| place(p[0], p[1] + p[2]));
        let lower = panel.points.iter().rev().map(|p| place(p[0], p[1] - p[2]));
        let band: Vec<String> = upper.chain(lower).collect();
        let fill = format_args!(
            "<polygon points=\"{}\" fill=\"{LINE_COLOR}\" fill-opacity=\"0.18\"/>\n",
            band.join(" ")
        )
        .to_string();
        out.push_str(&fill);
    }
    let path: Vec<String> = panel.points.iter().map(|p| place(p[0], p[1])).collect();
    put(
        out,
        format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{LINE_COLOR}\" stroke-width=\"2.2\" \
             stroke-linejoin=\"round\"/>\n",
            path.join(" ")
        ),
    );
    let at = x.at(panel.best);
    line(out, [at, top], [at, bottom], BEST_COLOR, " stroke-width=\"1.6\"");
    out.push_str("</g>\n");
    // Beside the line, on the side with more room; over the title's end of the frame.
    let (anchor, shift) = if at > 0.5 * (LEFT + RIGHT) { ("end", -7.0) } else { ("start", 7.0) };
    let height = if panel.high_is_best { bottom - 10.0 } else { top + 18.0 };
    write_over(out, &panel.best_label, [at + shift, height], SMALL, anchor, BEST_COLOR);
}

fn line(out: &mut String, from: [f64; 2], to: [f64; 2], color: &str, more: &str) {
    put(
        out,
        format_args!(
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\"{more}/>\n",
            from[0], from[1], to[0], to[1]
        ),
    );
}

fn write(out: &mut String, words: &str, [x, y]: [f64; 2], size: f64, anchor: &str, color: &str) {
    put(
        out,
        format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" \
             fill=\"{color}\" stroke=\"{color}\" stroke-width=\"0.25\">{}</text>\n",
            text::escape(words)
        ),
    );
}

/// Writes text with a white outline, so that lines behind it do not touch it.
fn write_over(out: &mut String, words: &str, at: [f64; 2], size: f64, anchor: &str, color: &str) {
    put(
        out,
        format_args!(
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" \
             fill=\"#ffffff\" stroke=\"#ffffff\" stroke-width=\"5\">{}</text>\n",
            at[0],
            at[1],
            text::escape(words)
        ),
    );
    write(out, words, at, size, anchor, color);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(points: &[[f64; 3]]) -> Panel {
        let title = "a < b".to_owned();
        let best_label = "highest at σ = 1".to_owned();
        Panel { title, points: points.to_vec(), high_is_best: true, best: 1.0, best_label }
    }

    fn mark(sigma: f64, name: &str) -> MarkedSigma {
        MarkedSigma { sigma, name: name.to_owned() }
    }

    #[test]
    fn any_curves_make_a_picture_that_can_be_read() {
        let steep = [[0.01, -1e8, 0.0], [1.0, -2.0, 0.1], [10.0, -5.0, 0.1]];
        for panels in [
            vec![],
            vec![panel(&[])],
            vec![panel(&steep), panel(&[[1.0, 0.0, 0.0]]), panel(&[[1.0, 3.0, 0.0]; 2])],
        ] {
            for marks in [vec![], vec![mark(0.3, "scott"), mark(0.31, "silverman")]] {
                let chart = CurveChart { panels: panels.clone(), marks, ..CurveChart::default() };
                let svg = curve_chart(&chart);
                let tree = resvg::usvg::Tree::from_str(&svg, &text::font_options());
                assert!(tree.is_ok() && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert_eq!(svg.matches("<polyline").count(), chart.panels.len());
            }
        }
    }

    #[test]
    fn names_of_marks_do_not_touch() {
        let marks: Vec<MarkedSigma> =
            (0..6).map(|k| mark(0.3 + 0.002 * f64::from(k), "silverman")).collect();
        let x = Axis::over([0.01, 10.0].into_iter(), [LEFT, RIGHT], 0.5);
        let places = places_of_names(&marks, &x);
        for (k, (a, row)) in places.iter().enumerate() {
            for (b, other) in &places[..k] {
                let apart = (a - b).abs() > text::width("silverman", SMALL);
                assert!(row != other || apart, "{places:?}");
                // A line that starts above a name is to its right.
                assert!((a < b) == (row > other) || apart, "{places:?}");
            }
        }
    }
}
