//! Sorts points spatially, into the bins of a regular grid, so that neighbours are close in memory;
//! independent of σ.
//!
//! Space is cut into bins: up to 2¹⁶, along each axis as many. Points are sorted by bin, those of one
//! strip across the last axis one after the other, in two passes that go through memory in order:
//!
//! ```text
//!   any order ──▶ each part of the input by strip ──▶ each strip by bin
//! ```
//!
//! The bins cover the middle of a sample of the points; what lies outside falls into those at the
//! edge, so that no outlier stretches them.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::model::Cloud;

/// A cloud sorted so that neighbours stand together.
#[derive(Clone, Debug)]
pub(super) struct Sorted<const D: usize> {
    /// The points, with their weights.
    pub cloud: Cloud,
    /// Their numbers in the cloud that they come from.
    pub original: Vec<u32>,
}

/// Points sampled to find the range of the bins: more take longer, fewer fit the bins less well.
const SAMPLE: usize = 1024;
/// Points in a bin, on average: with more, neighbours are less close in memory; with fewer, sorting
/// takes longer.
const BIN: usize = 16;
/// The most bits of a bin's number; two passes sort by half of them each. With more, a pass writes
/// to more places at once; with fewer, bins of large clouds hold more points.
const MOST_BITS: u32 = 16;
/// Points from which on the sort uses all threads: with fewer, waking them costs more than it
/// saves.
const WORTH_SHARING: usize = 1 << 15;

/// The bins.
struct Bins<const D: usize> {
    from: [f64; D],
    per_unit: [f64; D],
    bits: [u32; D],
}

/// A point on its way.
#[derive(Clone, Copy)]
struct Item<const D: usize> {
    point: [f64; D],
    original: u32,
    bin: u32,
}

impl<const D: usize> Bins<D> {
    fn new(points: &[[f64; D]]) -> Self {
        let total = points.len().div_ceil(BIN).max(1).ilog2().min(MOST_BITS) as usize;
        // What is left over goes to the last axes.
        let bits: [u32; D] = std::array::from_fn(|a| ((total + a) / D) as u32);
        let step = points.len().div_ceil(SAMPLE).max(1);
        let (mut from, mut per_unit) = ([0.0; D], [0.0; D]);
        for a in 0..D {
            let mut sample: Vec<f64> = points.iter().step_by(step).map(|p| p[a]).collect();
            sample.sort_unstable_by(f64::total_cmp);
            let last = sample.len() - 1;
            let (low, high) = (sample[last / 100], sample[last - last / 100]);
            let margin = 0.35 * (high - low);
            from[a] = low - margin;
            let width = high - low + 2.0 * margin;
            if width > 0.0 {
                per_unit[a] = f64::from(1_u32 << bits[a]) / width;
            }
        }
        Self { from, per_unit, bits }
    }

    fn of(&self, point: &[f64; D]) -> u32 {
        let mut number = 0;
        for a in (0..D).rev() {
            let along = ((point[a] - self.from[a]) * self.per_unit[a]) as i32;
            let last = (1_i32 << self.bits[a]) - 1;
            number = number << self.bits[a] | along.clamp(0, last) as u32;
        }
        number
    }

    fn total_bits(&self) -> u32 {
        self.bits.iter().sum()
    }
}

impl<const D: usize> Sorted<D> {
    /// Sorts a cloud of `D` coordinates.
    pub(super) fn new(cloud: &Cloud) -> Self {
        let points = cloud.coordinates().as_chunks::<D>().0;
        let bins = Bins::new(points);
        let low_bits = bins.total_bits() / 2;
        let strips = 1_usize << (bins.total_bits() - low_bits);
        let strip = |item: &Item<D>| (item.bin >> low_bits) as usize;
        let threads = rayon::current_num_threads();
        let part = if points.len() < WORTH_SHARING {
            points.len()
        } else {
            points.len().div_ceil(4 * threads).max(WORTH_SHARING / 4)
        };
        // Each part of the input by strip, with where its strips begin.
        let parts: Vec<(Vec<Item<D>>, Vec<usize>)> = points
            .par_chunks(part.max(1))
            .enumerate()
            .map(|(k, chunk)| {
                let item = |(i, point): (usize, &[f64; D])| Item {
                    point: *point,
                    original: (k * part + i) as u32,
                    bin: bins.of(point),
                };
                counted(chunk.iter().enumerate().map(item), chunk.len(), strips, strip)
            })
            .collect();
        let mut sorted = vec![[0.0; D]; points.len()];
        let mut numbers = vec![0_u32; points.len()];
        let (mut points, mut original) = (&mut sorted[..], &mut numbers[..]);
        let mut places = Vec::with_capacity(strips);
        for s in 0..strips {
            let length = parts.iter().map(|(_, starts)| starts[s + 1] - starts[s]).sum();
            let (a, b);
            (a, points) = points.split_at_mut(length);
            (b, original) = original.split_at_mut(length);
            places.push((s, a, b));
        }
        let bins_of_strip = 1_usize << low_bits;
        let low = |item: &Item<D>| (item.bin as usize) & (bins_of_strip - 1);
        let fewest = if parts.len() < 2 { strips } else { 1 };
        places.into_par_iter().with_min_len(fewest).for_each(|(s, points, original)| {
            let pieces =
                || parts.iter().flat_map(|(items, starts)| &items[starts[s]..starts[s + 1]]);
            let mut next = vec![0_usize; bins_of_strip + 1];
            for item in pieces() {
                next[low(item) + 1] += 1;
            }
            for bin in 0..bins_of_strip {
                next[bin + 1] += next[bin];
            }
            for item in pieces() {
                let place = &mut next[low(item)];
                points[*place] = item.point;
                original[*place] = item.original;
                *place += 1;
            }
        });
        let sorted = Cloud::new(D, sorted.into_flattened(), Cloud::default_axes(D));
        Self { cloud: sorted, original: numbers }.weighed_as(cloud)
    }

    /// These points with the weights of `cloud`, from which they come.
    pub(super) fn weighed_as(self, cloud: &Cloud) -> Self {
        let Self { cloud: sorted, original } = self;
        let cloud = match cloud.weights() {
            None => sorted.without_weights(),
            Some(weights) => {
                sorted.with_weights(original.iter().map(|i| weights[*i as usize]).collect())
            }
        };
        Self { cloud, original }
    }

    /// The points.
    pub(super) fn points(&self) -> &[[f64; D]] {
        self.cloud.coordinates().as_chunks::<D>().0
    }
}

/// The items ordered by a key below `keys`, and where each key's begin.
fn counted<const D: usize>(
    items: impl Iterator<Item = Item<D>> + Clone,
    count: usize,
    keys: usize,
    key: impl Fn(&Item<D>) -> usize,
) -> (Vec<Item<D>>, Vec<usize>) {
    let mut starts = vec![0_usize; keys + 1];
    for item in items.clone() {
        starts[key(&item) + 1] += 1;
    }
    for k in 0..keys {
        starts[k + 1] += starts[k];
    }
    let mut next = starts.clone();
    let mut sorted = vec![Item { point: [0.0; D], original: 0, bin: 0 }; count];
    for item in items {
        let place = &mut next[key(&item)];
        sorted[*place] = item;
        *place += 1;
    }
    (sorted, starts)
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::float_cmp,
        reason = "what is only put in order stays the same to the last bit"
    )]

    use super::*;

    fn cloud(n: usize) -> Cloud {
        let coordinates = (0..2 * n).map(|k| ((k * 7919) % 10_007) as f64 / 10_007.0).collect();
        Cloud::new(2, coordinates, Cloud::default_axes(2))
    }

    #[test]
    fn every_point_appears_once_with_its_number() {
        for n in [1, 2, 31, 1000, 100_000] {
            let cloud = cloud(n);
            let sorted = Sorted::<2>::new(&cloud);
            for (point, i) in sorted.points().iter().zip(&sorted.original) {
                assert_eq!(point, cloud.point(*i as usize));
            }
            let mut numbers = sorted.original;
            numbers.sort_unstable();
            assert_eq!(numbers, (0..n as u32).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn neighbours_stand_together_whatever_lies_far_off() {
        let mut coordinates = cloud(50_000).coordinates().to_vec();
        coordinates[0] = 1e9;
        let sorted = Sorted::<2>::new(&Cloud::new(2, coordinates, Cloud::default_axes(2)));
        let step = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let near = sorted.points().windows(2).filter(|pair| step(pair) < 0.1).count();
        assert!(near > 48_000, "{near}");
    }

    #[test]
    fn equal_points_are_no_trouble() {
        let same = Cloud::new(3, vec![0.1; 3000], Cloud::default_axes(3));
        assert!(Sorted::<3>::new(&same).points().iter().all(|p| *p == [0.1; 3]));
    }
}
