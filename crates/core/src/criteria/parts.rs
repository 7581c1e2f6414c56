//! How much a few points decide: the best σ of a log-likelihood with those left out that are far from all
//! others, and with the most isolated 0.1 % and 1 % left out.
//!
//! ```text
//! (Σ_i t_i − Σ_{i in a part} t_i) / (n − n_part)  for each σ ──▶ where it is highest
//! ```
//!
//! A term falls as −r²/(2σ²) where the nearest other point is r away, so that a few of ten thousand
//! points can decide alone. Only their terms are left out, not what they add to the density of others:
//! that is next to nothing, for they are sparse.

use super::{curve::CurvePoint, optimum::vertex};

/// Which points do not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Which {
    /// Those far from all others, those with a number for a missing value, and those whose nearest
    /// neighbours are far: see [`Strays`](super::Strays).
    Far,
    /// This share of all, those at which the others give the lowest density.
    Sparsest(f64),
}

/// The best σ without some points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Without {
    /// Which points do not count.
    pub which: Which,
    /// How many these are.
    pub count: usize,
    /// The best σ without their terms.
    pub sigma: f64,
}

/// The shares of points that are left out.
pub(super) const SHARES: [f64; 2] = [0.001, 0.01];
/// Far or not, and in neither, the larger or the smaller share of the sparsest.
pub(super) const PARTS: usize = 6;
/// What is added to the number of a part whose points are far.
const IS_FAR: usize = 3;

/// Sums of terms, for each part.
pub(super) type PartSums = [f64; PARTS];

/// Which part each point is in.
pub(super) struct Parts {
    of_row: Vec<u8>,
    counts: [usize; PARTS],
}

impl Parts {
    /// The parts of points with these log-densities from the others; `is_far` says which are far.
    pub(super) fn new(log_densities: &[f64], is_far: impl Fn(usize) -> bool) -> Self {
        let n = log_densities.len();
        let mut order: Vec<u32> = (0..n as u32).collect();
        let by_density = |a: &u32, b: &u32| {
            log_densities[*a as usize].total_cmp(&log_densities[*b as usize]).then(a.cmp(b))
        };
        let sizes = SHARES.map(|share| (share * n as f64).round() as usize);
        if sizes[1] > 0 && sizes[1] < n {
            order.select_nth_unstable_by(sizes[1] - 1, by_density);
        }
        order.truncate(sizes[1]);
        order.sort_unstable_by(by_density);
        let mut of_row = vec![0_u8; n];
        for (place, &row) in order.iter().enumerate() {
            of_row[row as usize] = if place < sizes[0] { 2 } else { 1 };
        }
        let mut counts = [0; PARTS];
        for (row, part) in of_row.iter_mut().enumerate() {
            if is_far(row) {
                *part += IS_FAR as u8;
            }
            counts[usize::from(*part)] += 1;
        }
        Self { of_row, counts }
    }

    /// How many points are in each part.
    pub(super) fn counts(&self) -> [usize; PARTS] {
        self.counts
    }

    /// The part of a point.
    pub(super) fn of(&self, row: usize) -> usize {
        usize::from(self.of_row[row])
    }

    /// The best σ without each kind of points that there are: `curve` holds the means over all points
    /// and `sums` the sums of the terms of each part, both for the same σ.
    pub(super) fn without(&self, curve: &[CurvePoint], sums: &[PartSums]) -> Vec<Without> {
        let n = self.of_row.len();
        let kinds = [Which::Far, Which::Sparsest(SHARES[0]), Which::Sparsest(SHARES[1])];
        let one = |which: Which| {
            let is_left_out = |part: &usize| match which {
                Which::Far => *part >= IS_FAR,
                Which::Sparsest(share) if share > SHARES[0] => !part.is_multiple_of(IS_FAR),
                Which::Sparsest(_) => part % IS_FAR == 2,
            };
            let parts: Vec<usize> = (0..PARTS).filter(is_left_out).collect();
            let count: usize = parts.iter().map(|&part| self.counts[part]).sum();
            if count == 0 || 2 * count > n {
                return None;
            }
            let value = |(point, sums): (&CurvePoint, &PartSums)| {
                let left_out: f64 = parts.iter().map(|&part| sums[part]).sum();
                [point.sigma.ln(), (point.value * n as f64 - left_out) / (n - count) as f64]
            };
            let values: Vec<[f64; 2]> = curve.iter().zip(sums).map(value).collect();
            Some(Without { which, count, sigma: highest(&values)?.exp() })
        };
        kinds.into_iter().filter_map(one).collect()
    }
}

/// Distance to the nearest other point, in σ of Silverman's rule and in median distances, from which
/// a point is apart from the others. Of a normal cloud the outermost one hardly is.
const APART: [f64; 2] = [6.0, 3.0];
/// The largest share of points that may be apart: more are a part of the shape.
const MOST_APART: f64 = 0.05;

/// Which points are apart from all others, by their log-densities at `sigma` from `others` equal
/// ones, but for what is the same for all; `silverman` is the σ of that rule.
pub(super) fn apart(log_densities: &[f64], others: f64, sigma: f64, silverman: f64) -> Vec<bool> {
    // Where hardly anything is near, the nearest one makes the density.
    let squared = |log: f64| (-2.0 * sigma * sigma * (log + others.ln())).max(0.0);
    let distances: Vec<f64> = log_densities.iter().map(|&log| squared(log).sqrt()).collect();
    let mut sorted = distances.clone();
    let middle = sorted.len() / 2;
    let median = if sorted.is_empty() {
        0.0
    } else {
        *sorted.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    let reach = (APART[0] * silverman).max(APART[1] * median);
    let apart: Vec<bool> = distances.iter().map(|&distance| distance > reach).collect();
    let count = apart.iter().filter(|is_apart| **is_apart).count();
    if count as f64 > (MOST_APART * apart.len() as f64).max(1.0) {
        return vec![false; apart.len()];
    }
    apart
}

/// Where values are highest, between places by the parabola through the neighbours.
fn highest(values: &[[f64; 2]]) -> Option<f64> {
    let finite = (0..values.len()).filter(|&k| values[k][1].is_finite());
    let best = finite.max_by(|&a, &b| values[a][1].total_cmp(&values[b][1]))?;
    if best == 0 || best + 1 >= values.len() {
        return Some(values[best][0]);
    }
    let around = [values[best - 1], values[best], values[best + 1]];
    Some(if around.iter().all(|value| value[1].is_finite()) {
        vertex(around)
    } else {
        around[1][0]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_with_no_near_neighbour_are_apart() {
        let silverman: f64 = 0.5;
        let at = |distance: f64| -0.5 * (distance / 0.1_f64).powi(2) - 99.0_f64.ln();
        let mut logs: Vec<f64> = (0..98).map(|k| at(0.01 * f64::from(k))).collect();
        logs.extend([at(2.9), at(3.1)]);
        let found = apart(&logs, 99.0, 0.1, silverman);
        assert!(found.iter().filter(|is_apart| **is_apart).count() == 1 && found[99]);
        // Where all are far from each other, as in many dimensions, none is.
        let all: Vec<f64> = (0..100).map(|k| at(9.0 + 0.01 * f64::from(k))).collect();
        assert!(apart(&all, 99.0, 0.1, silverman).iter().all(|is_apart| !is_apart));
    }

    #[test]
    fn a_mean_without_some_points_is_that_of_the_others() {
        // 1000 points whose terms are best at σ = 1, and one far off that wants a large σ.
        let sigmas: Vec<f64> = (0..41).map(|k| (0.1 * f64::from(k - 20)).exp()).collect();
        let term = |row: usize, sigma: f64| {
            let wanted: f64 = if row == 7 { 400.0 } else { 1.0 };
            -sigma.ln() - 0.5 * (wanted / sigma).powi(2)
        };
        let point = |sigma: f64| CurvePoint {
            sigma,
            value: (0..1000).map(|row| term(row, sigma)).sum::<f64>() / 1000.0,
            standard_error: 0.0,
        };
        let curve: Vec<CurvePoint> = sigmas.iter().map(|&sigma| point(sigma)).collect();
        let logs: Vec<f64> = (0..1000).map(|row| term(row, 1.0)).collect();
        let parts = Parts::new(&logs, |row| row == 7);
        let sums: Vec<PartSums> = sigmas
            .iter()
            .map(|&sigma| {
                let mut sums = [0.0; PARTS];
                (0..1000).for_each(|row| sums[parts.of(row)] += term(row, sigma));
                sums
            })
            .collect();
        let found = parts.without(&curve, &sums);
        let counts: Vec<usize> = found.iter().map(|without| without.count).collect();
        assert_eq!(counts, [1, 1, 10]);
        for without in found {
            assert!((without.sigma - 1.0).abs() < 1e-2, "{without:?}");
        }
        assert!(Parts::new(&[0.0; 9], |_| false).without(&curve, &sums).is_empty());
    }
}
