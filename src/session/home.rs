//! The home view: the part of the plane to show first.
//!
//! A handful of far points must not shrink all others to a dot: the home view leaves out what lies
//! further from the bulk than half the bulk's width, where the bulk is the middle 99 % on each
//! axis. A normal cloud of a million points is shown whole; of the airports of the United States,
//! four in the western Pacific are not. How many are left out is always said.

use crate::figure::ViewBox;

/// The views that a cloud of targets suggests.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    /// The bulk of the targets, with a margin.
    pub most: ViewBox,
    /// All targets, with a margin.
    pub all: ViewBox,
    /// How many targets lie outside [`Self::most`].
    pub outside: usize,
}

impl Home {
    /// Share of the targets that are left out at either end of an axis to find the bulk. With more,
    /// the view may cut off tails; with less, a few outliers make the rest small.
    const TAIL: f64 = 0.005;
    /// How far from the bulk a target may lie to be in the view, in widths of the bulk.
    const REACH: f64 = 0.5;
    /// Margin around the targets, as a share of the width that is shown.
    const MARGIN: f64 = 0.04;

    /// Looks at the places of `n` targets; those that are not finite lie outside of every view.
    pub fn of(n: usize, place: &dyn Fn(usize) -> [f64; 2]) -> Self {
        let (x_all, x_most) = Self::sides(n, &|i| place(i)[0]);
        let (y_all, y_most) = Self::sides(n, &|i| place(i)[1]);
        let (x, y) = (Self::padded(x_most), Self::padded(y_most));
        let is_outside =
            |[u, v]: [f64; 2]| !(x[0]..=x[1]).contains(&u) || !(y[0]..=y[1]).contains(&v);
        let outside = (0..n).filter(|&i| is_outside(place(i))).count();
        Self {
            most: ViewBox { x, y },
            all: ViewBox { x: Self::padded(x_all), y: Self::padded(y_all) },
            outside,
        }
    }

    /// The range of one coordinate, and that without far outliers.
    pub(super) fn sides(n: usize, value: &dyn Fn(usize) -> f64) -> ([f64; 2], [f64; 2]) {
        let values = || (0..n).map(value).filter(|value| value.is_finite());
        let mut sorted: Vec<f64> = values().collect();
        let Some(last) = sorted.len().checked_sub(1) else { return ([0.0, 1.0], [0.0, 1.0]) };
        let tail = (Self::TAIL * last as f64) as usize;
        let low = *sorted.select_nth_unstable_by(tail, f64::total_cmp).1;
        let high = *sorted.select_nth_unstable_by(last - tail, f64::total_cmp).1;
        let reach = Self::REACH * (high - low);
        let range = |keep: &dyn Fn(f64) -> bool| {
            values()
                .filter(|&v| keep(v))
                .fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], v| [a.min(v), b.max(v)])
        };
        let near = (low - reach)..=(high + reach);
        (range(&|_| true), range(&|v| near.contains(&v)))
    }

    /// A range of values with the margin of a view; room around a single one.
    pub fn padded([low, high]: [f64; 2]) -> [f64; 2] {
        let margin = if high > low {
            Self::MARGIN * (high - low)
        } else {
            // A single place: some room around it, in its own magnitude.
            (1e-6 * low.abs()).max(0.5)
        };
        [low - margin, high + margin]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(values: impl Iterator<Item = f64>) -> Home {
        let values: Vec<f64> = values.collect();
        Home::of(values.len(), &|i| [values[i], 0.5 * values[i]])
    }

    #[test]
    fn one_far_point_does_not_shrink_the_rest() {
        let home = home((0..1000).map(f64::from).chain([1e6]));
        assert!(home.most.x[1] < 1100.0, "{:?}", home.most);
        assert!(home.all.x[1] > 1e6);
        assert_eq!(home.outside, 1);
    }

    #[test]
    fn an_even_cloud_is_shown_whole() {
        let home = home((0..1000).map(f64::from));
        assert_eq!(home.most, home.all);
        assert_eq!(home.outside, 0);
    }

    #[test]
    fn a_single_place_has_room_around_it() {
        let home = home([1e9].into_iter());
        assert!(home.most.x[0] < 1e9 && home.most.x[1] > 1e9);
    }
}
