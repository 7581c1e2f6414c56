//! A chart of curves over one logarithmic axis of σ: a panel for each curve with its best value
//! marked, and vertical marks through all panels.
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
//! A log-likelihood falls without end where σ is small, so a panel shows the values around its best
//! one and the rest of the curve leaves the frame.

use super::{Document, LogAxis, NAME, SMALL, STRONG_GRID, WIDTH};
use crate::{color::linear_ticks, figure::text};

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
    pub panels: Vec<CurvePanel>,
    /// Values of the horizontal axis to mark in all panels.
    pub marks: Vec<MarkedSigma>,
}

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurvePanel {
    /// What stands above it.
    pub title: String,
    /// Points (σ, value, standard error) in rising order of σ, with σ above 0.
    pub points: Vec<[f64; 3]>,
    /// Whether the best value is the highest.
    pub high_is_best: bool,
    /// The σ of the best value.
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

/// The left and right ends of the panels.
const LEFT: f64 = 92.0;
const RIGHT: f64 = WIDTH - 28.0;
/// Height of title and subtitle.
const HEAD: f64 = 72.0;
/// Height of tick labels and the name of the axis.
const FOOT: f64 = 64.0;
/// Height of a panel, and of the strip where there are only marks.
const PANEL: f64 = 170.0;
const STRIP: f64 = 40.0;
/// Between two panels: the title of the lower one.
const BETWEEN: f64 = 36.0;
const LINE_COLOR: &str = "#0072b2";
const BEST_COLOR: &str = "#b34700";
const MARK_COLOR: &str = "#007f5f";
/// A panel's range of values is what the curve loses within this factor of its best σ.
const AROUND: f64 = 6.0;

impl CurveChart {
    /// The chart as an SVG document on a white background.
    pub fn to_svg(&self) -> String {
        let on_curves = self.panels.iter().flat_map(|panel| &panel.points).map(|point| point[0]);
        let values: Vec<f64> = on_curves.chain(self.marks.iter().map(|mark| mark.sigma)).collect();
        let x = LogAxis::over(values.into_iter(), [LEFT, RIGHT], 0.5);
        let names = places_of_names(&self.marks, &x);
        let rows = names.iter().map(|(_, row)| row + 1).max().unwrap_or(0);
        let first = HEAD + rows as f64 * SMALL * text::LINE + 32.0;
        let height = if self.panels.is_empty() { STRIP } else { PANEL };
        let count = self.panels.len().max(1);
        let top_of = |k: usize| first + k as f64 * (height + BETWEEN);
        let bottom = top_of(count - 1) + height;
        let total = bottom + FOOT;

        let mut out = Document::new(total);
        out.header(&self.title, &self.subtitle, LEFT);
        let x_ticks = x.ticks(9);
        for (mark, (end, row)) in self.marks.iter().zip(&names) {
            let height = HEAD + (*row as f64 + 1.0) * SMALL * text::LINE;
            let (at, top) = (x.at(mark.sigma), height - 0.8 * SMALL);
            out.line([at, top], [at, bottom], MARK_COLOR, " stroke-dasharray=\"3 3\"");
            out.text(&mark.name, [*end, height], SMALL, "end", MARK_COLOR);
        }
        let grid = out.inks.grid.clone();
        for k in 0..count {
            let ends @ [top, _] = [top_of(k), top_of(k) + height];
            out.vertical_grid(&x, x.minor_ticks(), ends, &grid);
            out.vertical_grid(&x, x_ticks.iter().map(|(value, _)| *value), ends, STRONG_GRID);
            if let Some(panel) = self.panels.get(k) {
                draw_panel(&mut out, panel, k, &x, [top, top + height]);
            }
            out.frame([LEFT, RIGHT], ends);
        }
        out.x_numbers(&x, &x_ticks, bottom);
        out.x_name(&self.x_label, [LEFT, RIGHT], total);
        out.end()
    }
}

/// Where each mark's name ends, left of its line, and in which row so that it touches no other name
/// and no line: the rightmost is in the first row, and lines to the left of a name start below it.
fn places_of_names(marks: &[MarkedSigma], x: &LogAxis) -> Vec<(f64, usize)> {
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

/// The range of values that a panel shows: from a little beyond its best value to 1.5 times what
/// the curve loses within [`AROUND`] of the best σ, on the side where it loses less.
fn range_of(panel: &CurvePanel) -> [f64; 2] {
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

/// Draws panel `k` between these heights: the curve with its band of one standard error, clipped to
/// the frame, and its best σ.
fn draw_panel(
    out: &mut Document,
    panel: &CurvePanel,
    k: usize,
    x: &LogAxis,
    [top, bottom]: [f64; 2],
) {
    let [low, high] = range_of(panel);
    let y = |value: f64| bottom + (top - bottom) * (value - low) / (high - low);
    let (name, note) = (out.inks.name.clone(), out.inks.note.clone());
    for tick in linear_ticks(low, high, 6) {
        let height = y(tick.value);
        out.line([LEFT, height], [RIGHT, height], STRONG_GRID, "");
        let place = [LEFT - 9.0, height + text::MIDDLE * SMALL];
        out.text(&tick.label, place, SMALL, "end", &note);
    }
    out.outlined_text(&panel.title, [LEFT, top - 9.0], NAME, "start", &name);
    out.put(format_args!(
        "<clipPath id=\"panel{k}\"><rect x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" \
         height=\"{:.1}\"/></clipPath>\n<g clip-path=\"url(#panel{k})\">\n",
        RIGHT - LEFT,
        bottom - top
    ));
    // Values far outside the frame are clamped: they are clipped anyway, and can be astronomical.
    let far = 9.0 * (bottom - top);
    let place = |sigma: f64, value: f64| {
        format!("{:.1},{:.1}", x.at(sigma), y(value).clamp(top - far, bottom + far))
    };
    if panel.points.iter().any(|p| p[2] > 0.0) {
        let upper = panel.points.iter().map(|p| place(p[0], p[1] + p[2]));
        let lower = panel.points.iter().rev().map(|p| place(p[0], p[1] - p[2]));
        let band: Vec<String> = upper.chain(lower).collect();
        out.put(format_args!(
            "<polygon points=\"{}\" fill=\"{LINE_COLOR}\" fill-opacity=\"0.18\"/>\n",
            band.join(" ")
        ));
    }
    let path: Vec<String> = panel.points.iter().map(|p| place(p[0], p[1])).collect();
    out.put(format_args!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{LINE_COLOR}\" stroke-width=\"2.2\" \
         stroke-linejoin=\"round\"/>\n",
        path.join(" ")
    ));
    let at = x.at(panel.best);
    out.line([at, top], [at, bottom], BEST_COLOR, " stroke-width=\"1.6\"");
    out.put(format_args!("</g>\n"));
    // Beside the line, on the side with more room, at the end of the panel that the curve leaves
    // free.
    let (anchor, shift) = if at > 0.5 * (LEFT + RIGHT) { ("end", -7.0) } else { ("start", 7.0) };
    let height = if panel.high_is_best { bottom - 10.0 } else { top + 18.0 };
    out.outlined_text(&panel.best_label, [at + shift, height], SMALL, anchor, BEST_COLOR);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(points: &[[f64; 3]]) -> CurvePanel {
        let title = "a < b".to_owned();
        let best_label = "highest at σ = 1".to_owned();
        CurvePanel { title, points: points.to_vec(), high_is_best: true, best: 1.0, best_label }
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
                let svg = chart.to_svg();
                let tree = resvg::usvg::Tree::from_str(&svg, &crate::figure::font_options());
                assert!(tree.is_ok() && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert_eq!(svg.matches("<polyline").count(), chart.panels.len());
            }
        }
    }

    #[test]
    fn names_of_marks_do_not_touch() {
        let marks: Vec<MarkedSigma> =
            (0..6).map(|k| mark(0.3 + 0.002 * f64::from(k), "silverman")).collect();
        let x = LogAxis::over([0.01, 10.0].into_iter(), [LEFT, RIGHT], 0.5);
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
