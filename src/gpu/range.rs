//! Range and histogram of a field's values: computed here where the values are in host memory, else
//! on the device by `field.wgsl`.

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;

use crate::color::Scale;

/// Number of bins in the histogram of a field.
pub const BINS: usize = 128;

/// Values in one task of the thread pool: fewer make the overhead of tasks show, more leave threads
/// without a task.
const BLOCK: usize = 1 << 16;

/// Lowest and highest values of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FieldRange {
    /// The lowest value.
    pub min: f32,
    /// The lowest value above zero, or zero when there is none.
    pub min_positive: f32,
    /// The highest value.
    pub max: f32,
    /// How many values are zero, most of them because they underflow in single precision.
    pub zeros: u32,
}

/// Histogram of a field's values along its colour scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Number of values in each of [`BINS`] equal parts of the colour scale.
    pub bins: Vec<u32>,
    /// Number of values below the first colour.
    pub below: u32,
    /// Number of values above the last colour.
    pub above: u32,
}

impl FieldRange {
    /// The highest absolute value.
    pub fn highest(&self) -> f64 {
        f64::from(self.max.abs().max(self.min.abs()))
    }

    /// The range of `values`.
    pub(super) fn of(values: &[f32]) -> Self {
        let none = Self {
            min: f32::INFINITY,
            min_positive: f32::INFINITY,
            max: f32::NEG_INFINITY,
            zeros: 0,
        };
        let of_block = |block: &[f32]| {
            block.iter().fold(none, |range, &f| Self {
                min: range.min.min(f),
                min_positive: if f > 0.0 { range.min_positive.min(f) } else { range.min_positive },
                max: range.max.max(f),
                zeros: range.zeros + u32::from(f == 0.0),
            })
        };
        let either = |a: Self, b: Self| Self {
            min: a.min.min(b.min),
            min_positive: a.min_positive.min(b.min_positive),
            max: a.max.max(b.max),
            zeros: a.zeros + b.zeros,
        };
        let range = values.par_chunks(BLOCK).map(of_block).reduce(|| none, either);
        let min_positive =
            if range.min_positive == f32::INFINITY { 0.0 } else { range.min_positive };
        Self { min_positive, ..range }
    }
}

impl Histogram {
    /// The histogram of `values` along `scale`; NaN is not counted.
    pub(super) fn of(values: &[f32], scale: &Scale) -> Self {
        let none = || Self { bins: vec![0; BINS], below: 0, above: 0 };
        let place = scale.placing();
        let of_block = |block: &[f32]| {
            let mut counted = none();
            for &value in block.iter().filter(|value| !value.is_nan()) {
                if value < scale.low {
                    counted.below += 1;
                } else if value > scale.high {
                    counted.above += 1;
                } else {
                    let bin = (place(value) * BINS as f32) as usize;
                    counted.bins[bin.min(BINS - 1)] += 1;
                }
            }
            counted
        };
        let both = |mut a: Self, b: Self| {
            a.bins.iter_mut().zip(&b.bins).for_each(|(a, b)| *a += b);
            Self { bins: a.bins, below: a.below + b.below, above: a.above + b.above }
        };
        values.par_chunks(BLOCK).map(of_block).reduce(none, both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scaling;

    #[test]
    fn a_range_tells_zeros_from_what_is_above() {
        let range = FieldRange::of(&[0.5, -0.0, 3.0, 0.0, -2.0, 1e-30]);
        let expected = FieldRange { min: -2.0, min_positive: 1e-30, max: 3.0, zeros: 2 };
        assert_eq!(range, expected);
        let zeros = FieldRange { min: 0.0, min_positive: 0.0, max: 0.0, zeros: 70_000 };
        assert_eq!(FieldRange::of(&vec![0.0; 70_000]), zeros);
    }

    #[test]
    fn every_value_is_counted_once() {
        let values: Vec<f32> = (0..200_000).map(|i| (i % 1000) as f32 / 10.0).collect();
        for scaling in [Scaling::Linear, Scaling::Log] {
            let scale = Scale::new(scaling, 10.0, 50.0);
            let Histogram { bins, below, above } = Histogram::of(&values, &scale);
            assert_eq!([below, above], [100 * 200, 499 * 200]);
            assert_eq!(bins.iter().sum::<u32>(), 401 * 200);
            // Equal parts of a logarithm hold more of the high values.
            assert_eq!(bins[0] < bins[BINS - 2], scaling == Scaling::Log);
        }
        let values = [2.0, 2.0, f32::NAN, 2.0];
        let one = Histogram::of(&values, &Scale::new(Scaling::Linear, 2.0, 2.0));
        assert_eq!(one.bins[BINS / 2], 3);
    }
}
