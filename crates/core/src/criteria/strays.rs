//! Outliers, alone or in groups, and fill values such as −9999.
//!
//! ```text
//! along each axis, and by distance from the middle:
//!   q½, q¾, q₉⁄₁₀ of the points ──▶ how fast the tail thins out, as an exponential one would
//!   far:  beyond q₉⁄₁₀ + b·(log(n/10) + 7),   b = (q₉⁄₁₀ − q¾)/log 2.5
//! ```
//!
//! Of an exponential tail one cloud in a thousand has a point beyond that, of a normal one practically
//! none. Quantiles do not move with a few percent of points, wherever those are, so that a group is
//! found as a single point is. More than [`MOST_FAR`] of the points are a part of the shape, not
//! strays.
//!
//! A value is taken for a missing one when it is the highest or lowest of its axis, stands there
//! again and again, and is far from the next one.

use rayon::prelude::*;

use crate::model::Cloud;

/// What does not belong to the bulk of a cloud.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strays {
    /// Values that seem to stand for a missing one.
    pub fills: Vec<Fill>,
    /// Numbers of the points far from all others, the farthest first; none that hold such a value.
    pub far: Vec<usize>,
}

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

/// The largest share of points that may be far. A larger one would take a small clump, which is a
/// part of the shape, for strays.
const MOST_FAR: f64 = 0.05;
/// Beyond the exponential tail's expected end, in its own scale: the chance that one such cloud has
/// a point farther out is exp(−7). More overlooks strays, less calls the ends of tails far.
const BEYOND: f64 = 7.0;
/// What is added to that for n points, times n: their quantiles are the less certain the fewer they
/// are. More overlooks strays beside few points, less calls the outermost of few points far.
const FEW: f64 = 60.0;
/// Fewer points have no bulk.
const FEWEST: usize = 5;
/// Quantiles are taken from about as many points: their error is below that of the tail's shape.
const SAMPLE: usize = 1 << 16;
/// Distance to the next value, in robust spreads of the other values, from which a value that stands
/// often or alone for nothing is taken for a missing one.
const FILL_GAP: f64 = 10.0;
/// The same for a value such as −9999 that programs write for that, and that stands more than once.
const KNOWN_GAP: f64 = 3.0;
/// How often a value must stand, unless programs write it for a missing one.
const OFTEN: usize = 3;
/// The most values of an axis that are looked at as fills.
const MOST_FILLS: usize = 4;

impl Strays {
    /// Those of `cloud`, in the units of its axes; weights do not matter.
    pub fn of(cloud: &Cloud) -> Self {
        if cloud.len() < FEWEST {
            return Self::default();
        }
        let drawn = sample(cloud.len());
        let fills = fills(cloud, &drawn);
        let mut is_filled = vec![false; if fills.is_empty() { 0 } else { cloud.len() }];
        for &point in fills.iter().flat_map(|fill| &fill.points) {
            is_filled[point] = true;
        }
        let counts = |i: usize| !is_filled.get(i).copied().unwrap_or(false);
        Self { far: far(cloud, &drawn, &counts), fills }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fills.is_empty() && self.far.is_empty()
    }

    /// The numbers of all, far ones and those with a value for a missing one: rising, each once.
    pub fn points(&self) -> Vec<usize> {
        let filled = self.fills.iter().flat_map(|fill| &fill.points);
        let mut points: Vec<usize> = filled.chain(&self.far).copied().collect();
        points.sort_unstable();
        points.dedup();
        points
    }
}

/// About [`SAMPLE`] of `count` numbers, spread evenly and never in step with a pattern in the file.
fn sample(count: usize) -> Vec<usize> {
    /// Multiples of it fall between each other as evenly as can be.
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    if count <= SAMPLE {
        return (0..count).collect();
    }
    (0..SAMPLE).map(|k| ((k as f64 * GOLDEN).fract() * count as f64) as usize).collect()
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The value with this share of sorted values below it.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[(share * (sorted.len() - 1) as f64) as usize]
}

/// The same counted from the highest value down.
fn quantile_from_above(sorted: &[f64], share: f64) -> f64 {
    sorted[sorted.len() - 1 - (share * (sorted.len() - 1) as f64) as usize]
}

/// The distance between the quartiles in units of a normal's.
fn robust_spread(sorted: &[f64]) -> f64 {
    (quantile(sorted, 0.75) - quantile_from_above(sorted, 0.75)) / 1.349
}

/// The middle of some values, and how far one may be from it in either direction.
#[derive(Debug)]
struct Reach {
    middle: f64,
    low: f64,
    high: f64,
    /// What distances from the middle are counted in where axes are compared.
    spread: f64,
}

impl Reach {
    /// That of `count` values of which `sorted` were drawn; `None` where they have no spread.
    fn of(mut sorted: Vec<f64>, count: usize) -> Option<Self> {
        if robust_spread(&sorted) <= 0.0 {
            // Half of them are equal: how the others differ tells the scale.
            sorted.dedup();
        }
        let spread = robust_spread(&sorted);
        if sorted.len() < FEWEST || spread <= 0.0 {
            return None;
        }
        // Of few points the quantiles are uncertain.
        let margin = BEYOND + FEW / count as f64;
        let steps = (0.1 * count as f64).max(1.0).ln() + margin;
        let end = |half: f64, quarter: f64, tenth: f64| {
            let outer = (tenth - quarter) / 2.5_f64.ln();
            let inner = 0.5 * (quarter - half) / std::f64::consts::LN_2;
            tenth + steps * outer.max(inner).max(0.5 * spread)
        };
        let above = [0.5, 0.75, 0.9].map(|share| quantile(&sorted, share));
        let below = [0.5, 0.75, 0.9].map(|share| -quantile_from_above(&sorted, share));
        let [high, low] = [above, below].map(|[half, quarter, tenth]| end(half, quarter, tenth));
        Some(Self { middle: above[0], low: -low, high, spread })
    }

    /// How far out a value is: above 1 where it is far.
    fn excess(&self, value: f64) -> f64 {
        let reach = if value > self.middle { self.high } else { self.low };
        (value - self.middle) / (reach - self.middle)
    }
}

/// The points far from all others, the farthest first; of those that count.
fn far(cloud: &Cloud, drawn: &[usize], counts: &(impl Fn(usize) -> bool + Sync)) -> Vec<usize> {
    let dim = cloud.dim();
    let drawn: Vec<usize> = drawn.iter().copied().filter(|&i| counts(i)).collect();
    if drawn.is_empty() {
        return Vec::new();
    }
    let reaches: Vec<Option<Reach>> = (0..dim)
        .into_par_iter()
        .map(|axis| Reach::of(sorted(drawn.iter().map(|&i| cloud.point(i)[axis])), cloud.len()))
        .collect();
    // How far a point is from the middle in all axes together: for strays that no axis shows alone.
    let radius = |i: usize| {
        let steps = cloud.point(i).iter().zip(&reaches).filter_map(|(value, reach)| {
            let reach = reach.as_ref()?;
            Some(((value - reach.middle) / reach.spread).powi(2))
        });
        steps.sum::<f64>().sqrt()
    };
    let around = if dim == 1 {
        None
    } else {
        Reach::of(sorted(drawn.iter().map(|&i| radius(i))), cloud.len())
    };
    let excess = |i: usize| {
        let along = cloud.point(i).iter().zip(&reaches);
        let along = along.filter_map(|(&value, reach)| Some(reach.as_ref()?.excess(value)));
        let around = around.as_ref().filter(|around| radius(i) > around.middle);
        along.chain(around.map(|around| around.excess(radius(i)))).fold(0.0, f64::max)
    };
    let mut found: Vec<(f64, usize)> = (0..cloud.len())
        .into_par_iter()
        .filter(|&i| counts(i))
        .map(|i| (excess(i), i))
        .filter(|(excess, _)| *excess > 1.0)
        .collect();
    if found.len() as f64 > (MOST_FAR * cloud.len() as f64).max(1.0) {
        return Vec::new();
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, point)| point).collect()
}

/// The values that seem to stand for a missing one, of all axes.
fn fills(cloud: &Cloud, drawn: &[usize]) -> Vec<Fill> {
    let of_axes: Vec<Vec<f64>> =
        (0..cloud.dim()).into_par_iter().map(|axis| fills_of_axis(cloud, drawn, axis)).collect();
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

/// An end of some values: the outermost one, how often it stands, and the next one.
#[derive(Clone, Copy, Debug)]
struct End {
    value: f64,
    count: usize,
    next: f64,
}

impl End {
    /// The highest of `values`.
    fn highest(values: impl Iterator<Item = f64>) -> Self {
        let none = f64::NEG_INFINITY;
        values.fold(Self { value: none, count: 0, next: none }, |end, value| {
            if value > end.value {
                Self { value, count: 1, next: end.value }
            } else if value >= end.value {
                Self { count: end.count + 1, ..end }
            } else {
                Self { next: end.next.max(value), ..end }
            }
        })
    }
}

/// The values of an axis that seem to stand for a missing one, outermost first.
fn fills_of_axis(cloud: &Cloud, drawn: &[usize], axis: usize) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::new();
    let mut others = sorted(drawn.iter().map(|&i| cloud.point(i)[axis]));
    others.dedup();
    while found.len() < MOST_FILLS {
        let values = || {
            let of_axis = (0..cloud.len()).map(|i| cloud.point(i)[axis]);
            of_axis.filter(|value| !found.contains(value))
        };
        let is_fill = |sign: f64| {
            let End { value, count, next } = End::highest(values().map(|value| sign * value));
            let mut rest = others.clone();
            rest.retain(|other| sign * other < value);
            let known = stands_for_missing(value);
            // Of few different values, as of an answer in a survey, any may be apart from the rest.
            let enough = if known { 3 } else { 20 };
            if rest.len() < enough || (!known && count < OFTEN) {
                return None;
            }
            let gap = if known && count > 1 { KNOWN_GAP } else { FILL_GAP };
            let spread = robust_spread(&rest);
            (spread > 0.0 && value - next > gap * spread).then_some(sign * value)
        };
        let Some(value) = is_fill(1.0).or_else(|| is_fill(-1.0)) else { break };
        others.retain(|other| other.to_bits() != value.to_bits());
        found.push(value);
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
    use crate::{
        engine::Unobserved,
        model::Distribution,
        sampling::{Role, sample as drawn_from},
    };

    fn normal(n: usize, dim: usize) -> Vec<f64> {
        let drawn = drawn_from(Distribution::Normal, n, dim, 7, Role::Sources, &mut Unobserved);
        drawn.expect("a cloud").coordinates().to_vec()
    }

    fn of(dim: usize, coordinates: Vec<f64>) -> Strays {
        Strays::of(&Cloud::new(dim, coordinates, Cloud::default_axes(dim)))
    }

    #[test]
    fn clouds_of_the_usual_shapes_have_no_strays() {
        use Distribution::{Correlated, Mixture, Moons, Normal, Ring, Spiral, Uniform};
        for shape in [Normal, Correlated, Mixture, Ring, Moons, Spiral, Uniform] {
            for (n, dim) in [(30, 1), (30, 2), (300, 3), (5000, 2), (100_000, 2), (2000, 20)] {
                for seed in 0..if n < 1000 { 10 } else { 2 } {
                    let cloud = drawn_from(shape, n, dim, seed, Role::Sources, &mut Unobserved);
                    let found = Strays::of(&cloud.expect("a cloud"));
                    assert!(found.is_empty(), "{shape}, {n}, d = {dim}, {seed}: {found:?}");
                }
            }
        }
        assert!(of(1, vec![3.0; 50]).is_empty() && of(1, vec![1.0, 2.0]).is_empty());
        let counts = (0..1000).map(|k| f64::from((k * k) % 7)).collect();
        assert!(of(1, counts).is_empty());
        let answers = (0..300).map(|k| [1.0, 2.0, 3.0, 100.0][k % 4]).collect();
        assert!(of(1, answers).is_empty());
    }

    #[test]
    fn far_points_are_found_alone_in_groups_and_spread_out() {
        for (n, far) in [(9, 1), (30, 1), (300, 1), (300, 9), (20_000, 30), (20_000, 600)] {
            for dim in [1, 2, 3, 10] {
                for spread_out in [false, true] {
                    let mut coordinates = normal(n, dim);
                    for k in 0..far {
                        let near = if n < 20 { 200.0 } else { 40.0 };
                        let off = if spread_out { near + 20.0 * k as f64 } else { near };
                        let sign = if spread_out && k % 2 == 1 { -1.0 } else { 1.0 };
                        let one = normal(1, dim);
                        coordinates.extend(one.iter().map(|c| sign * (c + off)));
                    }
                    // A clump of one place is a value that repeats, which is told otherwise.
                    let some = (n * dim..coordinates.len()).step_by(dim);
                    some.enumerate().for_each(|(k, at)| coordinates[at] += 1e-3 * k as f64);
                    let found = of(dim, coordinates);
                    let mut points = found.points();
                    points.sort_unstable();
                    let wanted: Vec<usize> = (n..n + far).collect();
                    assert_eq!(points, wanted, "{n} and {far}, d = {dim}, {spread_out}");
                }
            }
        }
    }

    #[test]
    fn far_along_no_axis_alone_is_far_all_the_same() {
        let mut coordinates = normal(2000, 30);
        coordinates.extend((0..30).map(|axis| if axis % 2 == 0 { 6.0 } else { -6.0 }));
        assert_eq!(of(30, coordinates).far, [2000]);
    }

    #[test]
    fn values_for_missing_ones_are_found_however_many() {
        for fill in [-9999.0, 99_999.0, 1e20, -999.0, -1e30, 12_345.5, 9.969_209_968_386_869e36] {
            for count in [3, 40, 400] {
                let mut coordinates = normal(1000, 2);
                (0..count).for_each(|k| coordinates[4 * k] = fill);
                let found = of(2, coordinates);
                let wanted: Vec<usize> = (0..count).map(|k| 2 * k).collect();
                let wanted = Fill { value: fill, axes: vec![0], points: wanted };
                assert_eq!((&found.fills[..], &found.far[..]), (&[wanted][..], &[][..]));
            }
        }
        // Two of them, in both axes, among whole numbers; a single one that programs write.
        let mut coordinates: Vec<f64> = (0..2000).map(|k| f64::from((k * 37) % 101)).collect();
        (0..50).for_each(|k| coordinates[k] = if k % 3 == 0 { -9999.0 } else { -8888.0 });
        let found = of(2, coordinates).fills;
        let values: Vec<f64> = found.iter().map(|fill| fill.value).collect();
        assert!(values == [-9999.0, -8888.0] && found[0].axes == [0, 1], "{found:?}");
        let mut coordinates = normal(50, 1);
        coordinates.push(-9999.0);
        let found = of(1, coordinates);
        assert!(found.fills.len() == 1 && found.fills[0].points == [50] && found.far.is_empty());
    }

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
