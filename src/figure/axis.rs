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

/// Which ticks there should be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// About how many pixels they are apart on each axis, or more.
    pub spacing: [f64; 2],
    /// Size of the numbers in pixels.
    pub size: f64,
    /// What numbers below the plot leave between them, in pixels.
    pub gap: f64,
    /// Whether the view is in logarithms to base 10; ticks tell what they are of.
    pub logarithmic: [bool; 2],
    /// Whether both axes get the same step where that leaves enough ticks on each: the grid is then one of
    /// squares.
    pub equal_aspect: bool,
    /// Whether there are four to six an axis where they fit, and two where that is possible at all.
    pub few: bool,
}

/// The fewest and the most numbers of an axis that is to have few.
const FEW: [usize; 2] = [4, 6];

/// Ticks for the horizontal and the vertical axis of a plot of `extent` pixels.
pub(super) fn ticks(view: ViewBox, extent: [f64; 2], wish: &Wish) -> [Vec<Tick>; 2] {
    let Wish { spacing, size, gap, logarithmic, equal_aspect, few } = *wish;
    let of = logarithmic.map(|is| if is { decade_ticks } else { linear_ticks });
    let x = |count| horizontal_ticks(of[0], view.x, extent[0], count, [size, gap]);
    let y = |count| of[1](view.y[0], view.y[1], count);
    let counts = [0, 1].map(|axis| count(extent[axis], spacing[axis]));
    let mut found = if few {
        // A line of numbers needs its height and half of it again.
        let most = ((extent[1] / (1.5 * size)) as usize).clamp(2, 12);
        let tight = |count| horizontal_ticks(of[0], view.x, extent[0], count, [size, 0.4 * size]);
        [few_ticks(x, tight, 12), few_ticks(|count| y(count.min(most)), y, most)]
    } else {
        [x(counts[0]), y(counts[1])]
    };
    if equal_aspect && logarithmic == [false; 2] {
        let enough = if few { FEW[0] } else { 3 };
        let [x_step, y_step] = [step(&found[0]), step(&found[1])];
        if x_step < y_step {
            found[0] = coarser(found[0].clone(), y_step, enough, x);
        } else if y_step < x_step {
            found[1] = coarser(found[1].clone(), x_step, enough, y);
        }
    }
    found
}

/// Four to six ticks, or as near to that as steps of 1, 2 and 5 come; at least two, by `tight` where `of_count` has
/// none; `most` is the largest count that may be asked for.
fn few_ticks(
    of_count: impl Fn(usize) -> Vec<Tick>,
    tight: impl Fn(usize) -> Vec<Tick>,
    most: usize,
) -> Vec<Tick> {
    let [least, best] = FEW;
    let away = |ticks: &Vec<Tick>| match ticks.len() {
        few if few < least => 3 * (least - few),
        many => 2 * many.saturating_sub(best),
    };
    let found = (2..=9.min(most)).rev().map(&of_count).min_by_key(away).unwrap_or_default();
    if found.len() >= 2 {
        return found;
    }
    let enough = |ticks: &Vec<Tick>| ticks.len() >= 2;
    (2..=most.max(2)).map(tight).find(enough).unwrap_or(found)
}

/// Where ticks without numbers stand between `ticks`, as parts of `range`.
pub(super) fn between(
    ticks: &[Tick],
    range: [f64; 2],
    logarithmic: bool,
) -> impl Iterator<Item = f64> + use<> {
    let mut places = Vec::new();
    let width = step(ticks);
    // Far more could not be told apart.
    let few = |count: f64| count.is_finite() && count < 200.0;
    if logarithmic && (width - 1.0).abs() < 1e-9 {
        if few(9.0 * (range[1] - range[0])) {
            let decades = range[0].floor() as i64..=range[1].ceil() as i64;
            places.extend(decades.flat_map(|decade| {
                (2..10).map(move |digit: u32| decade as f64 + f64::from(digit).log10())
            }));
        }
    } else if width > 0.0 && !logarithmic {
        let digits = 10f64.powf(width.log10() - width.log10().floor()).round() as u32;
        let parts: i64 = if digits == 2 { 4 } else { 5 };
        let small = width / parts as f64;
        let start = ticks.first().map_or(0.0, |tick| tick.value);
        let [before, after] = [(range[0] - start) / small, (range[1] - start) / small];
        if few(after - before) {
            let numbers = before.ceil() as i64..=after.floor() as i64;
            let unnamed = numbers.filter(|k| k.rem_euclid(parts) != 0);
            places.extend(unnamed.map(|k| start + k as f64 * small));
        }
    }
    let [low, high] = range;
    places.into_iter().filter(move |p| (low..=high).contains(p)).map(move |p| fraction(p, range))
}

/// Fewer ticks with steps of `wanted`, if `enough` fit; otherwise `ticks`.
fn coarser(
    ticks: Vec<Tick>,
    wanted: f64,
    enough: usize,
    of_count: impl Fn(usize) -> Vec<Tick>,
) -> Vec<Tick> {
    const SAME: f64 = 1e-6;
    (enough..ticks.len())
        .map(of_count)
        .find(|fewer| fewer.len() >= enough && (step(fewer) / wanted - 1.0).abs() < SAME)
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
    text::line_width(&text::typeset(number), size)
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
        let wish = Wish {
            spacing: [56.0, 52.0],
            size: 12.0,
            gap: 16.0,
            logarithmic: [false; 2],
            equal_aspect: true,
            few: false,
        };
        let [x, y] = ticks(view, [717.0, 571.0], &wish);
        assert!((step(&x) - step(&y)).abs() < 1e-9, "{x:?} {y:?}");
        assert!(x.len() >= 3 && y.len() >= 3);
    }

    #[test]
    fn a_small_axis_has_four_to_six_numbers_and_never_fewer_than_two() {
        let wish = Wish {
            spacing: [40.0, 35.0],
            size: 9.3,
            gap: 8.0,
            logarithmic: [false; 2],
            equal_aspect: false,
            few: true,
        };
        let mut bare = 0;
        for k in 0..200 {
            let span = 1.07_f64.powi(k);
            let view = ViewBox { x: [-0.3 * span, 0.7 * span], y: [0.1 * span, 1.4 * span] };
            for ticks in ticks(view, [230.0, 190.0], &wish) {
                assert!((2..=7).contains(&ticks.len()), "{} in {view:?}", ticks.len());
                bare += usize::from(ticks.len() < 3);
            }
        }
        // Long numbers leave room for two where three would touch.
        assert!(bare <= 20, "{bare} of 400");
        let far = ViewBox { x: [1e9, 1e9 + 1e-2], y: [0.0, 1.0] };
        assert!(ticks(far, [230.0, 190.0], &wish).iter().all(|ticks| ticks.len() >= 2));
    }

    #[test]
    fn ticks_without_numbers_stand_between_those_with() {
        let of = |range: [f64; 2], count| {
            between(&linear_ticks(range[0], range[1], count), range, false).collect::<Vec<_>>()
        };
        let found = of([0.0, 2.0], 3);
        assert_eq!(found.len(), 8, "{found:?}");
        assert!((found[0] - 0.1).abs() < 1e-12);
        assert_eq!(of([0.0, 4.0], 3).len(), 6);
        let decades = between(&decade_ticks(0.0, 2.0, 3), [0.0, 2.0], true).count();
        assert_eq!(decades, 16);
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
