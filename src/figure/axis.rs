//! Ranges of the two axes, and ticks along a length in pixels.

use super::{ViewBox, text};
use crate::color::{Tick, decade_ticks, linear_ticks};

/// Smallest extent of an axis, relative to its distance from the origin, at which f64 still separates
/// ticks.
const FINEST: f64 = 1e-12;

/// The view to draw for `view`: finite, low end first, and longer than zero on both axes.
///
/// With `equal_aspect` one axis is also widened around its middle, so that a unit has the same length on
/// both axes in `width` × `height` pixels.
pub(super) fn fill(view: ViewBox, [width, height]: [f64; 2], equal_aspect: bool) -> ViewBox {
    let [x, y] = match (extent(view.x), extent(view.y)) {
        (None, None) => [around(view.x, 0.0), around(view.y, 0.0)],
        // All points on a horizontal or vertical line: make the view square around it.
        (Some(extent), None) => [usable(view.x), around(view.y, extent)],
        (None, Some(extent)) => [around(view.x, extent), usable(view.y)],
        (Some(_), Some(_)) => [usable(view.x), usable(view.y)],
    };
    if !equal_aspect {
        return ViewBox { x, y };
    }
    let unit = ((x[1] - x[0]) / width).max((y[1] - y[0]) / height);
    let widened = |[low, high]: [f64; 2], pixels: f64| {
        let grow = 0.5 * (unit * pixels - (high - low)).max(0.0);
        [low - grow, high + grow]
    };
    let wide = ViewBox { x: widened(x, width), y: widened(y, height) };
    let finite = |[low, high]: [f64; 2]| low.is_finite() && high.is_finite();
    if finite(wide.x) && finite(wide.y) { wide } else { ViewBox { x, y } }
}

/// The length of a range; `None` if it is zero, not finite, or too short for f64.
fn extent([a, b]: [f64; 2]) -> Option<f64> {
    let extent = (b - a).abs();
    let fine = extent > FINEST * a.abs().max(b.abs());
    (extent.is_finite() && extent >= f64::MIN_POSITIVE && fine).then_some(extent)
}

fn usable([a, b]: [f64; 2]) -> [f64; 2] {
    [a.min(b), a.max(b)]
}

/// A range of length `length`, or 1 where that is zero, around the middle of a degenerate one.
fn around([a, b]: [f64; 2], length: f64) -> [f64; 2] {
    const FARTHEST: f64 = 1e300;
    let middle = if a.is_finite() { a } else { b };
    let middle = if middle.is_finite() { middle.clamp(-FARTHEST, FARTHEST) } else { 0.0 };
    let length = if length > 0.0 { length } else { 1.0 };
    let half = 0.5 * length.max(middle.abs() * FINEST * 100.0);
    [middle - half, middle + half]
}

/// Where `value` lies in `range`, 0 to 1.
pub(super) fn fraction(value: f64, [low, high]: [f64; 2]) -> f64 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

/// Ticks for the horizontal and the vertical axis of a plot of `extent` pixels.
///
/// They are about `spacing` pixels apart or more, and numbers of size `size` below the plot leave
/// `gap` between them. With equal aspect both axes get the same step where that leaves enough
/// ticks on each: the grid is then one of squares. Where `logarithmic`, the view is in logarithms to base
/// 10, and ticks tell what they are of.
pub(super) fn ticks(
    view: ViewBox,
    extent: [f64; 2],
    spacing: [f64; 2],
    [size, gap]: [f64; 2],
    logarithmic: [bool; 2],
    equal_aspect: bool,
) -> [Vec<Tick>; 2] {
    let of = logarithmic.map(|is| if is { decade_ticks } else { linear_ticks });
    let x = |count| horizontal_ticks(of[0], view.x, extent[0], count, [size, gap]);
    let y = |count| of[1](view.y[0], view.y[1], count);
    let counts = [0, 1].map(|axis| count(extent[axis], spacing[axis]));
    let mut found = [x(counts[0]), y(counts[1])];
    if equal_aspect && logarithmic == [false; 2] {
        let [x_step, y_step] = [step(&found[0]), step(&found[1])];
        if x_step < y_step {
            found[0] = coarser(found[0].clone(), y_step, x);
        } else if y_step < x_step {
            found[1] = coarser(found[1].clone(), x_step, y);
        }
    }
    found
}

/// Fewer ticks with steps of `wanted`, if at least three fit; otherwise `ticks`.
fn coarser(ticks: Vec<Tick>, wanted: f64, of_count: impl Fn(usize) -> Vec<Tick>) -> Vec<Tick> {
    const ENOUGH: usize = 3;
    const SAME: f64 = 1e-6;
    (ENOUGH..ticks.len())
        .map(of_count)
        .find(|fewer| fewer.len() >= ENOUGH && (step(fewer) / wanted - 1.0).abs() < SAME)
        .unwrap_or(ticks)
}

/// The distance between two ticks; zero where there are not two.
fn step(ticks: &[Tick]) -> f64 {
    match ticks {
        [first, second, ..] => second.value - first.value,
        _ => 0.0,
    }
}

/// At most `count` ticks along `length` pixels, as many as leave `gap` between their labels.
fn horizontal_ticks(
    ticks: fn(f64, f64, usize) -> Vec<Tick>,
    range: [f64; 2],
    length: f64,
    count: usize,
    [size, gap]: [f64; 2],
) -> Vec<Tick> {
    let mut count = count;
    loop {
        let ticks = ticks(range[0], range[1], count);
        let places: Vec<[f64; 2]> = ticks
            .iter()
            .map(|tick| [fraction(tick.value, range) * length, number_width(&tick.label, size)])
            .collect();
        let apart = |pair: &[[f64; 2]]| {
            let [[left, left_width], [right, right_width]] = [pair[0], pair[1]];
            right - left >= 0.5 * (left_width + right_width) + gap
        };
        if count <= 1 || places.windows(2).all(apart) {
            return ticks;
        }
        count -= 1;
    }
}

/// The width of a number from [`crate::color`] once it is typeset.
pub(super) fn number_width(number: &str, size: f64) -> f64 {
    let (base, exponent) = text::typeset(number);
    let exponent = exponent.unwrap_or_default();
    text::width(&base, size) + text::width(&exponent, size * text::SUPERSCRIPT_SIZE)
}

/// How many ticks fit on `length` pixels about `spacing` apart, 1 to 12.
pub(super) fn count(length: f64, spacing: f64) -> usize {
    const MOST: f64 = 12.0;
    ((length / spacing).round() + 1.0).clamp(1.0, MOST) as usize
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn equal_aspect_widens_the_shorter_axis_around_its_middle() {
        let view = ViewBox { x: [0.0, 1.0], y: [5.0, 7.0] };
        let filled = fill(view, [400.0, 200.0], true);
        assert_eq!(filled, ViewBox { x: [-1.5, 2.5], y: [5.0, 7.0] });
        assert_eq!(fill(view, [400.0, 200.0], false), view);
    }

    #[test]
    fn odd_views_become_usable() {
        let odd =
            [0.0, 1.0, 1e9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 1e-320];
        for a in odd {
            for b in odd {
                for c in odd {
                    for equal_aspect in [false, true] {
                        let view = ViewBox { x: [a, b], y: [c, a] };
                        let filled = fill(view, [300.0, 100.0], equal_aspect);
                        for [low, high] in [filled.x, filled.y] {
                            assert!(low < high && low.is_finite() && high.is_finite(), "{view:?}");
                        }
                    }
                }
            }
        }
        let far = ViewBox { x: [1e9, 1e9 + 1e-2], y: [0.0, 0.0] };
        assert_eq!(fill(far, [100.0, 100.0], false).x, far.x);
        let reversed = ViewBox { x: [1.0, -1.0], y: [0.0, 1.0] };
        assert_eq!(fill(reversed, [100.0, 100.0], false).x, [-1.0, 1.0]);
    }

    #[test]
    fn with_equal_aspect_the_grid_is_one_of_squares() {
        let view = ViewBox { x: [139.62, 139.88], y: [35.57, 35.78] };
        let [x, y] = ticks(view, [717.0, 571.0], [56.0, 52.0], [12.0, 16.0], [false; 2], true);
        assert!((step(&x) - step(&y)).abs() < 1e-9, "{x:?} {y:?}");
        assert!(x.len() >= 3 && y.len() >= 3);
    }

    #[test]
    fn labels_of_a_horizontal_axis_keep_their_distance() {
        for range in [[0.0, 1.0], [1e9, 1e9 + 1e-2], [-3e-7, 8e-7]] {
            for length in [60.0, 200.0, 900.0] {
                let ticks = horizontal_ticks(linear_ticks, range, length, 9, [12.0, 8.0]);
                for pair in ticks.windows(2) {
                    let [a, b] = [&pair[0], &pair[1]];
                    let distance = (fraction(b.value, range) - fraction(a.value, range)) * length;
                    let widths = number_width(&a.label, 12.0) + number_width(&b.label, 12.0);
                    assert!(distance >= 0.5 * widths + 8.0, "{range:?} {length}");
                }
            }
        }
    }
}
