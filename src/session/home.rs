//! The home view: the part of the plane to show first.
//!
//! A handful of far points must not shrink all others to a dot: the home view leaves out what lies
//! further from the bulk than half the bulk's width, where the bulk is the middle 99 % on each
//! axis. A normal cloud of a million points is shown whole; of the airports of the United States,
//! four in the western Pacific are not. How many are left out is always said.

use rayon::prelude::*;

use crate::figure::ViewBox;

/// Values in one task of the thread pool: fewer make the overhead of tasks show.
const BLOCK: usize = 1 << 14;

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
    /// Parts of the range in which values are counted. More take longer to add up, fewer leave more values to sort
    /// near the ends of the bulk.
    const BINS: usize = 4096;
    /// Margin around the targets, as a share of the width that is shown.
    const MARGIN: f64 = 0.04;

    /// Looks at the places of `n` targets; those that are not finite lie outside of every view.
    pub fn of(n: usize, place: &(dyn Fn(usize) -> [f64; 2] + Sync)) -> Self {
        let (x_all, x_most) = Self::sides(n, &|i| place(i)[0]);
        let (y_all, y_most) = Self::sides(n, &|i| place(i)[1]);
        let (x, y) = (Self::padded(x_most), Self::padded(y_most));
        let is_outside =
            |[u, v]: [f64; 2]| !(x[0]..=x[1]).contains(&u) || !(y[0]..=y[1]).contains(&v);
        let outside = (0..n).into_par_iter().filter(|&i| is_outside(place(i))).count();
        Self {
            most: ViewBox { x, y },
            all: ViewBox { x: Self::padded(x_all), y: Self::padded(y_all) },
            outside,
        }
    }

    /// The range of one coordinate, and that without far outliers.
    ///
    /// No value is copied but those near the ends of the bulk: the numbers of values in [`Self::BINS`] equal
    /// parts of the range tell in which part the ends lie.
    pub(super) fn sides(n: usize, value: &(dyn Fn(usize) -> f64 + Sync)) -> ([f64; 2], [f64; 2]) {
        let values = || (0..n).into_par_iter().with_min_len(BLOCK).map(value);
        let values = || values().filter(|value| value.is_finite());
        let range = |keep: &(dyn Fn(f64) -> bool + Sync)| {
            values().filter(|&v| keep(v)).map(|v| [v, v]).reduce(
                || [f64::INFINITY, f64::NEG_INFINITY],
                |[a, b], [low, high]| [a.min(low), b.max(high)],
            )
        };
        let all = range(&|_| true);
        if all[0] > all[1] {
            return ([0.0, 1.0], [0.0, 1.0]);
        }
        // Halves first: a range may be wider than the largest number.
        let per_width = 0.5 * Self::BINS as f64 / (0.5 * all[1] - 0.5 * all[0]);
        let bin_of = |v: f64| {
            // Without a width all are in the first.
            let bin = 2.0 * (0.5 * v - 0.5 * all[0]) * per_width;
            (bin as usize).min(Self::BINS - 1)
        };
        let counts = values()
            .fold(
                || vec![0_u64; Self::BINS],
                |mut counts, v| {
                    counts[bin_of(v)] += 1;
                    counts
                },
            )
            .reduce(
                || vec![0; Self::BINS],
                |mut a, b| {
                    a.iter_mut().zip(&b).for_each(|(a, b)| *a += b);
                    a
                },
            );
        let last = counts.iter().sum::<u64>() - 1;
        let tail = (Self::TAIL * last as f64) as u64;
        let of_rank = |rank: u64| {
            let (mut bin, mut before) = (0, 0);
            while before + counts[bin] <= rank {
                before += counts[bin];
                bin += 1;
            }
            let mut inside: Vec<f64> = values().filter(|&v| bin_of(v) == bin).collect();
            *inside.select_nth_unstable_by((rank - before) as usize, f64::total_cmp).1
        };
        let [low, high] = [tail, last - tail].map(of_rank);
        let reach = Self::REACH * (high - low);
        let near = (low - reach)..=(high + reach);
        (all, range(&|v| near.contains(&v)))
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
    #[expect(clippy::float_cmp, reason = "the ends are values, not computed")]
    fn the_ends_of_the_bulk_are_those_of_sorted_values() {
        for scale in [1.0, 1e-300, 1e300] {
            // Most values in few parts of the range, and some that are none.
            let value = |i: usize| match i % 1000 {
                0 => f64::NAN,
                1 => scale * i as f64,
                _ => scale * ((i * 7919) % 5003) as f64 / 1e4,
            };
            let (all, most) = Home::sides(50_000, &value);
            let mut sorted: Vec<f64> = (0..50_000).map(value).filter(|v| v.is_finite()).collect();
            sorted.sort_by(f64::total_cmp);
            let last = sorted.len() - 1;
            assert_eq!(all, [sorted[0], sorted[last]]);
            let tail = (0.005 * last as f64) as usize;
            let reach = 0.5 * (sorted[last - tail] - sorted[tail]);
            let near = sorted[tail] - reach..=sorted[last - tail] + reach;
            let near: Vec<f64> = sorted.into_iter().filter(|v| near.contains(v)).collect();
            assert_eq!(most, [near[0], near[near.len() - 1]]);
        }
        assert_eq!(Home::sides(3, &|_| 2.0), ([2.0; 2], [2.0; 2]));
        assert_eq!(Home::sides(3, &|_| f64::NAN), ([0.0, 1.0], [0.0, 1.0]));
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
