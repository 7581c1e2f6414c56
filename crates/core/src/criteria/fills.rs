//! Fill values: numbers such as −9999 that stand for missing ones.
//!
//! A value is taken for a missing one when it is the highest or lowest of its axis, stands there
//! again and again, and is far from the next one.

use rayon::prelude::*;

use super::strays::robust_spread;
use crate::model::Cloud;

/// A number that seems to stand for a missing value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fill {
    /// The number, in the units of the data.
    pub value: f64,
    /// The axes in which it stands.
    pub axes: Vec<usize>,
    /// The numbers of the points that hold it, rising.
    pub points: Vec<usize>,
}

/// Distance to the next value, in robust spreads of the other values, from which a value that stands
/// often or alone for nothing is taken for a missing one.
const FILL_GAP: f64 = 10.0;
/// The same for a value such as −9999 that programs write for that, and that stands more than once.
const KNOWN_GAP: f64 = 3.0;
/// How often a value must stand, unless programs write it for a missing one.
const OFTEN: usize = 3;
/// The most values of an axis that are looked at as fills.
const MOST_FILLS: usize = 4;

/// The values that seem to stand for a missing one, of all axes, of which `axes` holds some;
/// what is beyond the outermost but one of these is among the points `outer`.
pub(super) fn fills(cloud: &Cloud, axes: &[Vec<f64>], outer: &[usize]) -> Vec<Fill> {
    let of_axis = |(axis, values): (usize, &Vec<f64>)| {
        // Of the values of the points that are left out none is higher than the highest but one here.
        let some = self::ends(values.iter().copied());
        let mut ends = self::ends(outer.iter().map(|&i| cloud.point(i)[axis]));
        for (end, some) in ends.iter_mut().zip(some) {
            end.next = end.next.max(some.next);
        }
        fills_of_axis(cloud, axis, values, ends)
    };
    let of_axes: Vec<Vec<f64>> = axes.par_iter().enumerate().map(of_axis).collect();
    let mut fills: Vec<Fill> = Vec::new();
    for (axis, values) in of_axes.into_iter().enumerate() {
        for value in values {
            let is_it = |i: &usize| cloud.point(*i)[axis].to_bits() == value.to_bits();
            let points = (0..cloud.len()).filter(is_it);
            match fills.iter_mut().find(|fill| fill.value.to_bits() == value.to_bits()) {
                Some(fill) => {
                    fill.axes.push(axis);
                    fill.points.extend(points);
                    fill.points.sort_unstable();
                    fill.points.dedup();
                }
                None => fills.push(Fill { value, axes: vec![axis], points: points.collect() }),
            }
        }
    }
    fills
}

/// The upper end of some values: the highest one, how often it stands, and the next one.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// The highest value.
    value: f64,
    /// How often it stands.
    count: usize,
    /// The highest of the others.
    pub next: f64,
}

impl End {
    /// That of no values.
    const NONE: Self = Self { value: f64::NEG_INFINITY, count: 0, next: f64::NEG_INFINITY };

    /// That of `values`.
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut end = Self::NONE;
        for value in values {
            // Almost always there is nothing to do.
            if value > end.next {
                end = end.with(Self { value, count: 1, ..Self::NONE });
            }
        }
        end
    }

    /// That of its values and those of another.
    fn with(self, other: Self) -> Self {
        let [above, below] = if other.value > self.value { [other, self] } else { [self, other] };
        if above.value > below.value {
            Self { next: above.next.max(below.value), ..above }
        } else {
            Self { count: above.count + below.count, next: above.next.max(below.next), ..above }
        }
    }
}

/// The upper end of some values, and that of the negative ones.
pub(super) fn ends(values: impl Iterator<Item = f64> + Clone) -> [End; 2] {
    [End::of(values.clone()), End::of(values.map(|value| -value))]
}

/// The values of an axis that seem to stand for a missing one, outermost first; `drawn` are some of its
/// values.
fn fills_of_axis(cloud: &Cloud, axis: usize, drawn: &[f64], mut ends: [End; 2]) -> Vec<f64> {
    let may_be = |end: &End| end.count >= OFTEN || stands_for_missing(end.value);
    if !ends.iter().any(may_be) {
        // So it is nearly always, and nothing needs to be sorted.
        return Vec::new();
    }
    let mut found: Vec<f64> = Vec::new();
    let mut others = drawn.to_vec();
    others.sort_unstable_by(f64::total_cmp);
    others.dedup();
    loop {
        let is_fill = |sign: f64, End { value, count, next }: End| {
            let rest = if sign > 0.0 {
                &others[..others.partition_point(|other| *other < value)]
            } else {
                &others[others.partition_point(|other| *other <= -value)..]
            };
            let known = stands_for_missing(value);
            // Of few different values, as of an answer in a survey, any may be apart from the rest.
            let enough = if known { 3 } else { 20 };
            if rest.len() < enough || (!known && count < OFTEN) {
                return None;
            }
            let gap = if known && count > 1 { KNOWN_GAP } else { FILL_GAP };
            let spread = robust_spread(rest);
            (spread > 0.0 && value - next > gap * spread).then_some(sign * value)
        };
        let [highest, lowest] = ends;
        let fill = is_fill(1.0, highest).or_else(|| is_fill(-1.0, lowest));
        let Some(value) = fill else { break };
        others.retain(|other| other.to_bits() != value.to_bits());
        found.push(value);
        if found.len() == MOST_FILLS {
            break;
        }
        let of_axis = cloud.coordinates()[axis..].iter().step_by(cloud.dim());
        let left = of_axis.copied().filter(|value| !found.contains(value));
        ends = self::ends(left);
    }
    found
}

/// Whether programs write this value where they have none: −9999, 99999, 1e20, the ends of whole
/// numbers and the like.
pub fn stands_for_missing(value: f64) -> bool {
    let size = value.abs();
    let digits: Vec<u8> = format!("{size}").bytes().filter(u8::is_ascii_digit).collect();
    let is_all = |wanted: u8, least: usize| {
        digits.len() >= least && digits.iter().all(|digit| *digit == wanted)
    };
    let is_power_of_ten =
        size >= 1e9 && digits[0] == b'1' && digits[1..].iter().all(|d| *d == b'0');
    let ends: [f64; 9] = [
        32_767.0,
        32_768.0,
        65_535.0,
        2_147_483_647.0,
        2_147_483_648.0,
        4_294_967_295.0,
        // The fill value of NetCDF.
        9.969_209_968_386_869e36,
        f64::from(f32::MAX),
        f64::MAX,
    ];
    is_all(b'9', 2)
        || is_all(b'8', 3)
        || is_power_of_ten
        || ends.iter().any(|end| end.to_bits() == size.to_bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_nothing_are_known() {
        for value in [-9999.0, 99.0, 999.9, 9999.99, 1e20, -1e10, 32_767.0, -8888.0, 1e36] {
            assert!(stands_for_missing(value), "{value}");
        }
        for value in [0.0, 9.0, 100.0, 1000.0, 88.0, 1e6, 123.0, 0.1, 9.5] {
            assert!(!stands_for_missing(value), "{value}");
        }
    }
}
