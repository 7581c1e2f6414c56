//! Estimates how many pairs lie within a distance, from a sample of pairs; gives the cost of the
//! cells at any σ before they are made.

use crate::model::Cloud;

/// The share of pairs within each distance.
#[derive(Clone, Debug)]
pub(super) struct PairDistanceHistogram {
    dim: f64,
    /// The share whose squared distance is below 2^(k + 1 − [`OFFSET`]).
    shares: Vec<f64>,
    /// One pair of the sample.
    least: f64,
}

/// Targets in the sample. More estimate the number of near pairs better, and take longer for each
/// set of points.
const TARGETS: usize = 128;
/// Sources in the sample, each paired with every target in it.
const SOURCES: usize = 1024;
/// Bias of the exponent of f64.
const OFFSET: i32 = 1023;

impl PairDistanceHistogram {
    /// Of a few of the points. Their order must not repeat itself as often as they are sampled.
    pub(super) fn new(targets: &Cloud, sources: &Cloud) -> Self {
        let some = |cloud: &Cloud, count: usize| -> Vec<usize> {
            let step = (cloud.len() as f64 / count as f64).max(1.0);
            let count = cloud.len().min(count);
            (0..count)
                .map(|k| ((k as f64 + 0.5) * step) as usize)
                .map(|i| i.min(cloud.len() - 1))
                .collect()
        };
        let (i, j) = (some(targets, TARGETS), some(sources, SOURCES));
        let mut counts = vec![0_u32; 2 * OFFSET as usize + 2];
        for &i in &i {
            let x = targets.point(i);
            for &j in &j {
                let squared: f64 =
                    x.iter().zip(sources.point(j)).map(|(x, y)| (x - y) * (x - y)).sum();
                // The exponent's bits; zero and the numbers below the normal ones have none.
                counts[(squared.to_bits() >> 52) as usize] += 1;
            }
        }
        let pairs = (i.len() * j.len()) as f64;
        let mut sum = 0.0;
        let shares = counts
            .into_iter()
            .map(|count| {
                sum += f64::from(count);
                sum / pairs
            })
            .collect();
        Self { dim: targets.dim() as f64, shares, least: 1.0 / pairs }
    }

    /// The share of the pairs within `distance`. Where the sample has none, density is taken to be even.
    pub(super) fn share(&self, distance: f64) -> f64 {
        let squared = distance * distance;
        let upper = ((squared.to_bits() >> 52) as usize).min(self.shares.len() - 1);
        let (below, above) = (self.shares[upper.saturating_sub(1)], self.shares[upper]);
        // Between two powers of two, along a straight line.
        let part = squared / exponent(upper) - 1.0;
        let share = below + part.clamp(0.0, 1.0) * (above - below);
        if share >= self.least {
            return share;
        }
        let first = self.shares.iter().position(|share| *share >= self.least);
        let first = first.unwrap_or(self.shares.len() - 1);
        let known = self.shares[first];
        known * (squared / (2.0 * exponent(first))).powf(0.5 * self.dim).min(1.0)
    }

    /// The distance within which a share of the pairs lies.
    fn distance(&self, share: f64) -> f64 {
        let first = self.shares.iter().position(|found| *found >= share.max(self.least));
        let first = first.unwrap_or(self.shares.len() - 1);
        let part = (share / self.shares[first]).min(1.0).powf(1.0 / self.dim);
        (2.0 * exponent(first)).sqrt() * part
    }

    /// Pairs that blocks of `block` targets and all sources within `reach` of their boxes make.
    pub(super) fn pairs(&self, [n, m]: [usize; 2], block: usize, reach: f64) -> f64 {
        let [n, m] = [n as f64, m as f64];
        let width = self.distance((block as f64 / n).min(1.0));
        // A few leaves come along wherever anything is.
        n * (m * self.share(reach + 0.5 * width) + 16.0).min(m.max(1.0))
    }
}

/// The least number with the exponent whose bits these are.
fn exponent(bits: usize) -> f64 {
    f64::from(bits as i32 - OFFSET).exp2()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn uniform(n: usize) -> Cloud {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let points = (0..2 * n).map(|_| rng.random::<f64>()).collect();
        Cloud::new(2, points, Cloud::default_axes(2))
    }

    #[test]
    fn shares_are_those_of_areas() {
        let cloud = uniform(20_000);
        let pair_distances = PairDistanceHistogram::new(&cloud, &cloud);
        for r in [1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2] {
            let area = std::f64::consts::PI * r * r;
            let share = pair_distances.share(r);
            // Where a pair of the sample is too many it is a guess.
            let factor = if r < 0.01 { 3.0 } else { 1.5 };
            assert!(share > area / factor && share < area * factor, "{r}: {share} {area}");
        }
        assert!(pair_distances.share(10.0) >= 1.0 - 1e-12);
        assert!(pair_distances.share(0.0).abs() < 1e-12);
    }

    #[test]
    fn points_that_coincide_are_all_near() {
        let cloud = Cloud::new(1, vec![0.5; 100], Cloud::default_axes(1));
        let pair_distances = PairDistanceHistogram::new(&cloud, &cloud);
        assert!((pair_distances.share(1e-9) - 1.0).abs() < 1e-12);
        assert!((pair_distances.pairs([100, 100], 64, 1e-3) - 1e4).abs() < 1.0);
    }

    #[test]
    fn a_larger_reach_makes_more_pairs_up_to_all() {
        let cloud = uniform(20_000);
        let pair_distances = PairDistanceHistogram::new(&cloud, &cloud);
        let pairs = [1e-3, 1e-2, 0.1, 1.0, 10.0].map(|r| pair_distances.pairs([20_000; 2], 64, r));
        assert!(pairs.windows(2).all(|pair| pair[0] <= pair[1]), "{pairs:?}");
        assert!((pairs[4] - 4e8).abs() < 1.0);
    }
}
