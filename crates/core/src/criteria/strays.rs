//! Outliers, alone or in groups; values such as −9999 are told apart from them.
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

use std::borrow::Cow;

use rayon::prelude::*;

use super::fills::{Fill, ends, fills};
use crate::model::Cloud;

/// What does not belong to the bulk of a cloud.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strays {
    /// Values that seem to stand for a missing one.
    pub fills: Vec<Fill>,
    /// Numbers of the points far from all others, the farthest first; none that hold such a value.
    pub far: Vec<usize>,
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
/// Quantiles are taken from about as many points, of more than four coordinates from fewer, but at least
/// from [`FEWEST_DRAWN`]: their error is below that of the tail's shape. More take longer.
const SAMPLE: usize = 1 << 13;
/// The ninth decile of so many is off by one percent of the points.
const FEWEST_DRAWN: usize = 1 << 10;
/// Coordinates of a point that share a line of the processor's cache: they are looked at together.
const SIDE_BY_SIDE: usize = 8;
/// Numbers that are looked at on one thread.
const PIECE: usize = 1 << 14;
/// Numbers that are looked at together, or one point where that has more: with fewer, the loop over them
/// shows; with more, an outer point among them costs more.
const BLOCK: usize = 64;
/// Of how far a point may be, the share within which it is looked at closely: rounding is less.
const ALMOST: f64 = 1.0 - 1e-9;
impl Strays {
    /// Those of `cloud`, in the units of its axes; weights do not matter.
    pub fn of(cloud: &Cloud) -> Self {
        if cloud.len() < FEWEST {
            return Self::default();
        }
        let mut drawn = sample(cloud.len(), cloud.dim());
        let axes = ordered_axes(cloud, &drawn);
        let reaches = Reaches::of(cloud, &drawn, &axes);
        let outer = outer_points(cloud, &axes, &reaches);
        let fills = fills(cloud, &axes, &outer);
        if fills.is_empty() {
            return Self { far: far(cloud, &reaches, outer.into_par_iter()), fills };
        }
        let mut is_filled = vec![false; cloud.len()];
        for &point in fills.iter().flat_map(|fill| &fill.points) {
            is_filled[point] = true;
        }
        drawn.retain(|&i| !is_filled[i]);
        if drawn.is_empty() {
            return Self { fills, far: Vec::new() };
        }
        let reaches = Reaches::of(cloud, &drawn, &ordered_axes(cloud, &drawn));
        let others = (0..cloud.len()).into_par_iter().filter(|&i| !is_filled[i]);
        Self { far: far(cloud, &reaches, others), fills }
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

/// Some of the `count` points of `dim` coordinates, spread evenly and never in step with a pattern in the
/// file.
fn sample(count: usize, dim: usize) -> Vec<usize> {
    /// Multiples of it fall between each other as evenly as can be.
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    let drawn = (4 * SAMPLE / dim.max(1)).clamp(FEWEST_DRAWN, SAMPLE);
    if count <= drawn {
        return (0..count).collect();
    }
    (0..drawn).map(|k| ((k as f64 * GOLDEN).fract() * count as f64) as usize).collect()
}

/// Shares of the points at which values are looked at.
const SHARES: [f64; 3] = [0.5, 0.75, 0.9];

/// The values so ordered that those at [`SHARES`], counted from either end, are in their places, all lower
/// ones before and all higher ones behind each: a fifth of the work of sorting them.
///
/// They are compared as whole numbers of the same order, which takes half the time.
fn ordered(values: impl Iterator<Item = f64>) -> Vec<f64> {
    // Of negative numbers all bits but the sign count the other way; doing it twice does nothing.
    let turned = |bits: i64| bits ^ (((bits >> 63) as u64) >> 1) as i64;
    let mut keys: Vec<i64> = values.map(|value| turned(value.to_bits() as i64)).collect();
    let places = |share: f64| [place(keys.len(), share), keys.len() - 1 - place(keys.len(), share)];
    if !keys.is_empty() {
        let mut ranks = SHARES.map(places).concat();
        ranks.sort_unstable();
        ranks.dedup();
        select(&mut keys, &ranks, 0);
    }
    keys.into_iter().map(|key| f64::from_bits(turned(key) as u64)).collect()
}

/// Puts those keys in their places whose ranks, rising, are given; the first key has the rank `first`.
fn select(keys: &mut [i64], ranks: &[usize], first: usize) {
    let middle = ranks.len() / 2;
    let Some(&rank) = ranks.get(middle) else { return };
    let (below, _, above) = keys.select_nth_unstable(rank - first);
    select(below, &ranks[..middle], first);
    select(above, &ranks[middle + 1..], rank + 1);
}

/// The values of some points along each axis, [`ordered`].
fn ordered_axes(cloud: &Cloud, points: &[usize]) -> Vec<Vec<f64>> {
    let of_some = |first: usize| {
        let some = first..cloud.dim().min(first + SIDE_BY_SIDE);
        let mut axes = vec![Vec::with_capacity(points.len()); some.len()];
        for &i in points {
            for (axis, value) in axes.iter_mut().zip(&cloud.point(i)[some.clone()]) {
                axis.push(*value);
            }
        }
        axes.into_iter().map(|axis| ordered(axis.into_iter())).collect()
    };
    let some: Vec<Vec<Vec<f64>>> =
        (0..cloud.dim()).into_par_iter().step_by(SIDE_BY_SIDE).map(of_some).collect();
    some.into_iter().flatten().collect()
}

/// The rank that has this share of `count` values below it.
fn place(count: usize, share: f64) -> usize {
    (share * (count - 1) as f64) as usize
}

/// The value with this share of some values below it; they are sorted, or [`ordered`].
fn quantile(values: &[f64], share: f64) -> f64 {
    values[place(values.len(), share)]
}

/// The same counted from the highest value down.
fn quantile_from_above(values: &[f64], share: f64) -> f64 {
    values[values.len() - 1 - place(values.len(), share)]
}

/// The distance between the quartiles in units of a normal's.
pub(super) fn robust_spread(values: &[f64]) -> f64 {
    (quantile(values, 0.75) - quantile_from_above(values, 0.75)) / 1.349
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
    /// That of `count` values of which `drawn`, [`ordered`], were drawn; `None` where they have no spread.
    fn of(drawn: &[f64], count: usize) -> Option<Self> {
        let mut drawn = Cow::Borrowed(drawn);
        if robust_spread(&drawn) <= 0.0 {
            // Half of them are equal: how the others differ tells the scale.
            drawn.to_mut().sort_unstable_by(f64::total_cmp);
            drawn.to_mut().dedup();
        }
        let spread = robust_spread(&drawn);
        if drawn.len() < FEWEST || spread <= 0.0 {
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
        let above = SHARES.map(|share| quantile(&drawn, share));
        let below = SHARES.map(|share| -quantile_from_above(&drawn, share));
        let [high, low] = [above, below].map(|[half, quarter, tenth]| end(half, quarter, tenth));
        Some(Self { middle: above[0], low: -low, high, spread })
    }

    /// How far out a value is: above 1 where it is far.
    fn excess(&self, value: f64) -> f64 {
        let reach = if value > self.middle { self.high } else { self.low };
        (value - self.middle) / (reach - self.middle)
    }
}

/// What is far, of points of which some were drawn.
struct Reaches {
    /// Along each axis.
    along: Vec<Option<Reach>>,
    /// From the middle in all axes together: for strays that no axis shows alone.
    around: Option<Reach>,
}

impl Reaches {
    /// Those of `cloud`, of which the points `drawn` have the values `axes`, [`ordered`].
    fn of(cloud: &Cloud, drawn: &[usize], axes: &[Vec<f64>]) -> Self {
        let along = axes.iter().map(|axis| Reach::of(axis, cloud.len())).collect();
        let mut reaches = Self { along, around: None };
        if cloud.dim() > 1 {
            let radii = drawn.iter().map(|&i| reaches.squared(cloud.point(i)).sqrt());
            reaches.around = Reach::of(&ordered(radii), cloud.len());
        }
        reaches
    }

    /// The square of the distance from the middle, in spreads.
    fn squared(&self, point: &[f64]) -> f64 {
        let steps = point.iter().zip(&self.along).filter_map(|(value, reach)| {
            let reach = reach.as_ref()?;
            Some(((value - reach.middle) / reach.spread).powi(2))
        });
        steps.sum()
    }

    /// How far out a point is: above 1 where it is far.
    fn excess(&self, point: &[f64]) -> f64 {
        let along = point.iter().zip(&self.along);
        let along = along.filter_map(|(&value, reach)| Some(reach.as_ref()?.excess(value)));
        let radius = self.squared(point).sqrt();
        let around = self.around.as_ref().filter(|around| radius > around.middle);
        along.chain(around.map(|around| around.excess(radius))).fold(0.0, f64::max)
    }

    /// Where no point is far: the ends of each axis, and how far from the middle in all together.
    fn near(&self) -> Near {
        let ends = |reach: &Option<Reach>| {
            let Some(Reach { middle, low, high, .. }) = *reach else {
                return [f64::NEG_INFINITY, f64::INFINITY];
            };
            [middle - ALMOST * (middle - low), middle + ALMOST * (high - middle)]
        };
        let middle_and_scale = |reach: &Option<Reach>| {
            reach.as_ref().map_or([0.0; 2], |reach| [reach.middle, reach.spread.recip()])
        };
        Near {
            ends: self.along.iter().map(ends).collect(),
            middles: self.along.iter().map(middle_and_scale).collect(),
            radius: self.around.as_ref().map_or(f64::INFINITY, |around| ALMOST * around.high),
        }
    }
}

/// A part of space: a box, and of it what is not too far from its middle.
struct Near {
    /// The ends of each axis.
    ends: Vec<[f64; 2]>,
    /// The middle of each axis, and what distances from it are multiplied by.
    middles: Vec<[f64; 2]>,
    radius: f64,
}

impl Near {
    /// A box, its ends along each axis, that lies within.
    fn inner_box(&self) -> Vec<[f64; 2]> {
        let reach = ALMOST * self.radius / (self.ends.len() as f64).sqrt();
        let of_axis = |([low, high], [middle, scale]): (&[f64; 2], &[f64; 2])| {
            [low.max(middle - reach / scale), high.min(middle + reach / scale)]
        };
        self.ends.iter().zip(&self.middles).map(of_axis).collect()
    }

    fn holds(&self, point: &[f64]) -> bool {
        let mut outside = false;
        for (value, [low, high]) in point.iter().zip(&self.ends) {
            outside |= value < low;
            outside |= value > high;
        }
        let steps = point.iter().zip(&self.middles);
        let squared: f64 =
            steps.map(|(value, [middle, scale])| ((value - middle) * scale).powi(2)).sum();
        !outside && squared <= self.radius * self.radius
    }
}

/// The points that may be far, or at an end of an axis of which `axes` holds some values. Rising.
fn outer_points(cloud: &Cloud, axes: &[Vec<f64>], reaches: &Reaches) -> Vec<usize> {
    let dim = cloud.dim();
    let mut near = reaches.near();
    for ([low, high], values) in near.ends.iter_mut().zip(axes) {
        let [highest, lowest] = ends(values.iter().copied());
        *low = low.max(-lowest.next);
        *high = high.min(highest.next);
    }
    let limits = near.inner_box();
    let side_by_side = (BLOCK / dim).max(1);
    let [low, high] = [0, 1].map(|end| {
        limits.iter().map(|limits| limits[end]).collect::<Vec<f64>>().repeat(side_by_side)
    });
    let rows = (PIECE / dim).max(1);
    let of_piece = |(k, piece): (usize, &[f64])| {
        let mut found = Vec::new();
        for (b, block) in piece.chunks(side_by_side * dim).enumerate() {
            let mut some = false;
            for ((value, low), high) in block.iter().zip(&low).zip(&high) {
                some |= value < low;
                some |= value > high;
            }
            if some {
                let points = block.chunks_exact(dim).zip(k * rows + b * side_by_side..);
                found.extend(points.filter(|(point, _)| !near.holds(point)).map(|(_, i)| i));
            }
        }
        found
    };
    let pieces = cloud.coordinates().par_chunks(rows * dim).enumerate();
    pieces.flat_map_iter(of_piece).collect()
}

/// Those of some points that are far from all others, the farthest first.
fn far(
    cloud: &Cloud,
    reaches: &Reaches,
    points: impl ParallelIterator<Item = usize>,
) -> Vec<usize> {
    let excess = points.map(|i| (reaches.excess(cloud.point(i)), i));
    let mut found: Vec<(f64, usize)> = excess.filter(|(excess, _)| *excess > 1.0).collect();
    if found.len() as f64 > (MOST_FAR * cloud.len() as f64).max(1.0) {
        return Vec::new();
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, point)| point).collect()
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
    fn what_was_not_drawn_is_found_in_a_large_cloud() {
        let (n, drawn) = (200_000, sample(200_000, 1));
        let not_drawn = |from: usize| (from..n).find(|i| !drawn.contains(i)).expect("most are not");
        let at = [10, 70_000, 199_000].map(not_drawn);
        let mut coordinates = normal(n, 2);
        coordinates[2 * at[0]] = 60.0;
        coordinates[2 * at[1] + 1] = -70.0;
        assert_eq!(of(2, coordinates.clone()).far, [at[1], at[0]]);
        for i in at {
            coordinates[2 * i] = -9999.0;
        }
        let wanted = Fill { value: -9999.0, axes: vec![0], points: at.to_vec() };
        assert_eq!(of(2, coordinates), Strays { fills: vec![wanted], far: Vec::new() });
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
}
