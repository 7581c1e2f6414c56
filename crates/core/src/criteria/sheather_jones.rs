//! Sheather and Jones's plug-in rule, for one coordinate.
//!
//! ```text
//! σ solves  σ = ( R(K) / (n·S(α(σ))) )^{1/5},        R(K) = 1/(2√π)
//!   α(σ) = 1.357·(S(a)/T(b))^{1/7}·σ^{5/7},   a = 1.24·s·n^{−1/7},   b = 1.23·s·n^{−1/9}
//!   S(α) = (n(n−1))⁻¹ α⁻⁵ Σ_ij φ⁗((x_i − x_j)/α)
//!   T(b) = −(n(n−1))⁻¹ b⁻⁷ Σ_ij φ⁽⁶⁾((x_i − x_j)/b)
//! ```
//!
//! (Sheather & Jones 1991, J. R. Stat. Soc. B 53, section 3, the equation to be solved; the constants
//! are theirs times 1.349, because s is the lesser of the standard deviation and the quartiles'
//! distance over 1.349. R's `bw.SJ` is the same.) Where there are weights, n is (Σw)²/Σw², and a pair
//! counts `w_i·w_j`.
//!
//! Values go to the nearest of bins a/[`BINS_PER_A`] wide, so that the sums are over distances rather
//! than pairs; that moves σ by less than 0.1 %.

use super::{
    CriteriaError, Criterion,
    moments::{effective_count, robust_spread, sorted_axis},
};
use crate::model::Cloud;

/// Bins in the width a of the first kernel. Fewer round the values visibly, more take longer.
const BINS_PER_A: f64 = 256.0;
/// Distance, in kernel widths, beyond which pairs are left out: φ⁽⁶⁾ is 10⁻¹⁶ there.
const REACH: f64 = 10.0;

/// σ of one axis.
pub(super) fn sheather_jones(cloud: &Cloud, axis: usize) -> Result<f64, CriteriaError> {
    let degenerate = |why: String| CriteriaError::Degenerate {
        criterion: Criterion::SheatherJones.label(),
        why,
    };
    let spread = robust_spread(cloud, axis);
    if spread.is_nan() || spread <= 0.0 {
        return Err(degenerate(format!("all values of {} coincide", cloud.axes()[axis])));
    }
    let n = effective_count(cloud);
    let (a, b) = (1.24 * spread * n.powf(-1.0 / 7.0), 1.23 * spread * n.powf(-1.0 / 9.0));
    let mut pairs = Pairs::new(cloud, axis, a / BINS_PER_A);
    let (s, t) = (pairs.fourth(a), pairs.sixth(b));
    let scale = 1.357 * (s / t).powf(1.0 / 7.0);
    if !scale.is_finite() {
        return Err(degenerate("there are too few values to tell their curvature".to_owned()));
    }
    let constant = 0.5 / (std::f64::consts::PI.sqrt() * n);
    let mut excess = |sigma: f64| {
        let curvature = pairs.fourth(scale * sigma.powf(5.0 / 7.0));
        (constant / curvature).powf(0.2) - sigma
    };
    // From the width that is too much for any cloud of this spread, downwards.
    let mut high = 1.144 * spread * n.powf(-0.2);
    let mut tries = 0;
    while excess(high) > 0.0 && tries < 10 {
        high *= 1.5;
        tries += 1;
    }
    let mut low = 0.5 * high;
    let above = |value: f64| value > 0.0;
    while !above(excess(low)) {
        high = low;
        low *= 0.5;
        if low < 1e-3 * spread * n.powf(-0.2) {
            return Err(degenerate("its equation has no solution for these values".to_owned()));
        }
    }
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if excess(middle) > 0.0 { low = middle } else { high = middle }
    }
    Ok(0.5 * (low + high))
}

/// How much weight there is in pairs at each distance, in bins.
struct Pairs {
    /// Occupied bins in rising order, with their weight.
    bins: Vec<(i64, f64)>,
    width: f64,
    /// Σ of w·w over pairs of different bins by distance, each pair once; bin 0 is not used.
    by_distance: Vec<f64>,
    /// The same for pairs in one bin and for each value with itself, each once more than in a bin.
    together: f64,
    /// (Σw)² − Σw²: n(n − 1).
    number: f64,
}

impl Pairs {
    fn new(cloud: &Cloud, axis: usize, width: f64) -> Self {
        let sorted = sorted_axis(cloud, axis);
        let first = sorted[0][0];
        let mut bins: Vec<(i64, f64)> = Vec::new();
        for [value, weight] in &sorted {
            let bin = ((value - first) / width).round() as i64;
            match bins.last_mut() {
                Some((last, sum)) if *last == bin => *sum += weight,
                _ => bins.push((bin, *weight)),
            }
        }
        let together = bins.iter().map(|(_, weight)| weight * weight).sum();
        let total: f64 = sorted.iter().map(|value| value[1]).sum();
        let squares: f64 = sorted.iter().map(|value| value[1].powi(2)).sum();
        let number = total * total - squares;
        Self { bins, width, by_distance: vec![0.0], together, number }
    }

    /// Counts the pairs up to a distance in bins.
    fn reach(&mut self, distance: usize) {
        let Self { bins, by_distance, .. } = self;
        let known = by_distance.len();
        if distance < known {
            return;
        }
        by_distance.resize(distance + 1, 0.0);
        for (k, &(from, weight)) in bins.iter().enumerate() {
            for &(to, other) in &bins[k + 1..] {
                let apart = (to - from) as usize;
                if apart > distance {
                    break;
                }
                if apart >= known {
                    by_distance[apart] += weight * other;
                }
            }
        }
    }

    /// Σ over all ordered pairs of `kernel((x_i − x_j)/α)`·φ, times α^{−power} / (n(n − 1)).
    fn sum(&mut self, alpha: f64, power: i32, kernel: impl Fn(f64) -> f64) -> f64 {
        let bins = (REACH * alpha / self.width).ceil().min(1e7) as usize;
        let widest = self.bins.last().map_or(0, |last| last.0 as usize);
        let bins = bins.min(widest);
        self.reach(bins);
        let step = self.width / alpha;
        let apart: f64 = self.by_distance[..=bins]
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(k, weight)| {
                let squared = (k as f64 * step).powi(2);
                weight * kernel(squared) * (-0.5 * squared).exp()
            })
            .sum();
        let root = std::f64::consts::TAU.sqrt();
        (2.0 * apart + self.together * kernel(0.0)) / (self.number * root * alpha.powi(power))
    }

    /// S(α), with φ⁗(u) = (u⁴ − 6u² + 3)·φ(u).
    fn fourth(&mut self, alpha: f64) -> f64 {
        self.sum(alpha, 5, |u| (u - 6.0) * u + 3.0)
    }

    /// T(b), with φ⁽⁶⁾(u) = (u⁶ − 15u⁴ + 45u² − 15)·φ(u).
    fn sixth(&mut self, b: f64) -> f64 {
        -self.sum(b, 7, |u| ((u - 15.0) * u + 45.0) * u - 15.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binned_sums_are_those_over_all_pairs() {
        let values: Vec<f64> =
            (0..60).map(|k| (f64::from(k) * 0.37).sin() * f64::from(k)).collect();
        let cloud = Cloud::new(1, values.clone(), Cloud::default_axes(1));
        let alpha = 3.0;
        let mut pairs = Pairs::new(&cloud, 0, alpha / 400.0);
        let mut sums = [0.0; 2];
        for x in &values {
            for y in &values {
                let u = ((x - y) / alpha).powi(2);
                let phi = (-0.5 * u).exp() / std::f64::consts::TAU.sqrt();
                sums[0] += (u * u - 6.0 * u + 3.0) * phi;
                sums[1] += (u * u * u - 15.0 * u * u + 45.0 * u - 15.0) * phi;
            }
        }
        let count = 60.0 * 59.0;
        let [s, t] = [sums[0] / (count * alpha.powi(5)), -sums[1] / (count * alpha.powi(7))];
        assert!((pairs.fourth(alpha) / s - 1.0).abs() < 5e-4, "{} {s}", pairs.fourth(alpha));
        assert!((pairs.sixth(alpha) / t - 1.0).abs() < 5e-4, "{} {t}", pairs.sixth(alpha));
    }

    #[test]
    fn values_without_spread_have_no_sigma() {
        let cloud = Cloud::new(1, vec![2.0; 10], vec!["height".to_owned()]);
        let message = sheather_jones(&cloud, 0).expect_err("no spread").to_string();
        assert!(message.contains("height"), "{message}");
    }
}
