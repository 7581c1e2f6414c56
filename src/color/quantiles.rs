//! Quantiles of many values: how many of them lie below another one, and which one has that many below.
//!
//! Kept are up to 4097 order statistics, evenly spaced in rank; between two of them values are taken to
//! be evenly spread, as `numpy.percentile` takes them between neighbours.

use std::sync::Arc;

use rayon::slice::ParallelSliceMut as _;

/// Quantiles of some values. Clones share them.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// The values of which 0, 1/(k−1), 2/(k−1), … 1 of all are smaller, rising; at least two.
    knots: Arc<[f32]>,
}

impl Quantiles {
    /// The most order statistics that are kept.
    const MOST: usize = 4097;

    /// The quantiles of `values`; NaN and infinities do not count. `None` where nothing is left.
    pub fn of(values: &[f32]) -> Option<Self> {
        let mut sorted: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.par_sort_unstable_by(f32::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let count = sorted.len().clamp(2, Self::MOST);
        let knot = |k: usize| {
            let place = k as f64 / (count - 1) as f64 * last as f64;
            let before = place as usize;
            between(sorted[before], sorted[(before + 1).min(last)], place - before as f64)
        };
        Some(Self { knots: (0..count).map(knot).collect() })
    }

    /// The part of all values that lies below `value`, 0 to 1.
    pub fn fraction(&self, value: f64) -> f64 {
        let last = self.knots.len() - 1;
        let above = self.knots.partition_point(|knot| f64::from(*knot) < value);
        if above == 0 {
            return 0.0;
        }
        let Some(&high) = self.knots.get(above) else { return 1.0 };
        let low = f64::from(self.knots[above - 1]);
        let part = (value - low) / (f64::from(high) - low);
        ((above - 1) as f64 + part) / last as f64
    }

    /// The value below which this part of all lies, 0 to 1.
    pub fn value(&self, fraction: f64) -> f32 {
        let last = self.knots.len() - 1;
        let place = fraction.clamp(0.0, 1.0) * last as f64;
        let before = (place as usize).min(last);
        between(self.knots[before], self.knots[(before + 1).min(last)], place - before as f64)
    }

    /// 1025 of them, evenly spaced in rank from 0 to 1, as the scatter shader has them.
    pub fn table(&self) -> [f32; 1025] {
        std::array::from_fn(|k| self.value(k as f64 / 1024.0))
    }

    /// Whether both are the same ones, not only equal.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.knots, &other.knots)
    }
}

/// The value at `part` of the way from one to another; neither overflows on the way.
fn between(low: f32, high: f32, part: f64) -> f32 {
    (f64::from(low) * (1.0 - part) + f64::from(high) * part) as f32
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
#[expect(clippy::unwrap_used, reason = "a test may end here")]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let few = Quantiles::of(&[3.0, 1.0, f32::NAN, 2.0, 5.0, f32::INFINITY]).unwrap();
        assert_eq!([0.0, 1.0 / 3.0, 0.5, 1.0].map(|part| few.value(part)), [1.0, 2.0, 2.5, 5.0]);
        assert_eq!([0.5, 1.0, 2.5, 5.0, 6.0].map(|v| few.fraction(v)), [0.0, 0.0, 0.5, 1.0, 1.0]);
        let many: Vec<f32> = (0..100_001).rev().map(|k| k as f32).collect();
        let many = Quantiles::of(&many).unwrap();
        assert_eq!([0.01, 0.5, 0.99].map(|part| many.value(part).round()), [1e3, 5e4, 9.9e4]);
        assert!((many.fraction(25_000.0) - 0.25).abs() < 1e-9);
        assert_eq!(many.table()[512], 50_000.0);
    }

    #[test]
    fn values_that_repeat_count_as_the_lowest_of_their_kind() {
        let zeros = Quantiles::of(&[0.0, 0.0, 0.0, 1.0]).unwrap();
        assert_eq!((zeros.fraction(0.0), zeros.fraction(1.0)), (0.0, 1.0));
        let ends = Quantiles::of(&[f32::MIN, f32::MAX]).unwrap();
        assert_eq!((ends.fraction(0.0), ends.value(0.5)), (0.5, 0.0));
        assert_eq!(Quantiles::of(&[7.0]).unwrap().value(0.3), 7.0);
        assert!(Quantiles::of(&[]).is_none() && Quantiles::of(&[f32::NAN]).is_none());
    }
}
