//! Curves beside the plot, one for each axis, in the units of the axes.

use std::fmt::Write as _;

use super::layout::Layout;
use super::svg::{hex, put};

/// What of the room for a curve is left empty on either side.
const GAP: f64 = 4.0;

/// A curve along an axis: places and values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marginal(pub Vec<[f64; 2]>);

/// Appends both curves, each from zero to its highest value.
pub(super) fn draw(
    out: &mut String,
    marginals: &[Marginal; 2],
    layout: &Layout,
    strip: f64,
    color: [u8; 3],
) {
    let plot = layout.plot;
    let [left, top] = [plot.x, plot.y].map(f64::from);
    let [width, height] = [plot.width, plot.height].map(f64::from);
    let gap = (GAP * layout.unit).min(0.1 * strip * layout.unit);
    let room = strip * layout.unit - 2.0 * gap;
    put(out, format_args!("<g id=\"marginals\" fill=\"{}\">\n", hex(color)));
    for (axis, Marginal(points)) in marginals.iter().enumerate() {
        let ends = points.iter().fold([0.0_f64, 0.0], |[a, b], [_, f]| [a.min(*f), b.max(*f)]);
        let [low, high] = ends;
        if high <= low {
            continue;
        }
        let view = if axis == 0 { layout.view.x } else { layout.view.y };
        let place = |[along, f]: [f64; 2]| {
            let part = (along - view[0]) / (view[1] - view[0]);
            let out = gap + room * (f - low) / (high - low);
            if axis == 0 {
                [left + width * part, top - out]
            } else {
                [left + width + out, top + height * (1.0 - part)]
            }
        };
        let foot = |point: Option<&[f64; 2]>| point.map(|[along, _]| [*along, 0.0]);
        let all = foot(points.first()).into_iter().chain(points.iter().copied());
        let mut path = String::new();
        for (k, point) in all.chain(foot(points.last())).enumerate() {
            let [x, y] = place(point);
            let command = if k == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{x:.2} {y:.2}");
        }
        put(
            out,
            format_args!(
                "<path d=\"{path}Z\" fill-opacity=\"0.35\" stroke=\"{}\" stroke-width=\"{}\"/>\n",
                hex(color),
                layout.line
            ),
        );
    }
    out.push_str("</g>\n");
}
