//! Botev's improved Sheather–Jones rule, for one coordinate.
//!
//! ```text
//! values on a grid of [0, 1] ──cosine transform──▶ a_k
//! f_s(t) = 2π^{2s} Σ_k k^{2s} (a_k/2)² e^{−k²π²t}                        ‖∂^s density‖², smoothed
//! t_s    = ( 2·(1 + 2^{−s−1/2})/3 · (2s−1)!!/√(2π) / (n·f_{s+1}) )^{2/(3+2s)}     s = 6 … 2
//! t      = (2n√π·f_2)^{−2/5},  with f_7 taken at t itself;   σ = √t·range
//! ```
//!
//! (Botev, Grotowski & Kroese 2010, Ann. Statist. 38, algorithm 1 with l = 7.) It assumes no normal
//! reference anywhere, so that clumps far apart are not blurred; n is the number of different values
//! as in the authors' program and in `KDEpy`, or (Σw)²/Σw² where there are weights.

use rustdct::DctPlanner;

use super::{
    CriteriaError, Criterion,
    moments::{effective_count, sorted_axis},
};
use crate::model::Cloud;

/// Number of grid points over the range of the values with [`MARGIN`] at both ends: the default of
/// the authors' program.
const BINS: usize = 1 << 14;
/// Number of coefficients `a_k` that are used: those of higher k are damped to nothing for any σ
/// above 10⁻³ of the range.
const WAVES: usize = 4096;
/// Empty space at each end of the grid, as a share of the values' range. The cosine transform
/// continues the density by its mirror image; half a range keeps that out of reach of the kernel.
const MARGIN: f64 = 0.5;
/// Ratio of two neighbouring t when scanning upwards for a change of sign: a larger one may miss
/// two roots between them, a smaller one takes longer.
const STEP: f64 = 1.1;
/// l of the algorithm, as its authors recommend.
const STAGES: i32 = 7;

/// σ of one axis.
pub(super) fn improved_sheather_jones(cloud: &Cloud, axis: usize) -> Result<f64, CriteriaError> {
    let degenerate = |why: String| CriteriaError::Degenerate {
        criterion: Criterion::ImprovedSheatherJones.label(),
        why,
    };
    let sorted = sorted_axis(cloud, axis);
    let (low, high) = (sorted[0][0], sorted[sorted.len() - 1][0]);
    let range = (high - low) * (1.0 + 2.0 * MARGIN);
    if range <= 0.0 {
        return Err(degenerate(format!("all values of {} coincide", cloud.axes()[axis])));
    }
    let different = 1 + sorted.windows(2).filter(|pair| pair[1][0] > pair[0][0]).count();
    let n = effective_count(cloud).min(different as f64);
    let squares = waves(&sorted, low - MARGIN * (high - low), range);
    let excess = |t: f64| t - next(t, n, &squares);
    // The least solution: from far below any that makes sense, upwards.
    let mut low = 1e-7;
    while low < 0.1 {
        let high = low * STEP;
        if excess(low) < 0.0 && excess(high) >= 0.0 {
            let (mut low, mut high) = (low, high);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                if excess(middle) < 0.0 { low = middle } else { high = middle }
            }
            return Ok((0.5 * (low + high)).sqrt() * range);
        }
        low = high;
    }
    Err(degenerate("its equation has no solution for these values".to_owned()))
}

/// `(a_k/2)²` for k = 1, …, [`WAVES`], of `sorted` values with their weights; each value is shared out
/// between the two nearest of [`BINS`] grid points from `start` to `start + range`.
fn waves(sorted: &[[f64; 2]], start: f64, range: f64) -> Vec<f64> {
    let mut grid = vec![0.0; BINS];
    let total: f64 = sorted.iter().map(|value| value[1]).sum();
    for [value, weight] in sorted {
        let place = ((value - start) / range * BINS as f64 - 0.5).clamp(0.0, (BINS - 1) as f64);
        let (bin, part) = (place.floor() as usize, place.fract());
        grid[bin] += weight / total * (1.0 - part);
        grid[(bin + 1).min(BINS - 1)] += weight / total * part;
    }
    // Σ_bin grid[bin]·cos(πk(bin + ½)/BINS), not normalised.
    DctPlanner::new().plan_dct2(BINS).process_dct2(&mut grid);
    grid[1..=WAVES].iter().map(|sum| sum * sum).collect()
}

/// `2π^{2s} Σ k^{2s} (a_k/2)² e^{−k²π²t}`.
fn norm(s: i32, t: f64, squares: &[f64]) -> f64 {
    let pi_squared = std::f64::consts::PI.powi(2);
    let mut sum = 0.0;
    for (k, square) in squares.iter().enumerate() {
        let k_squared = ((k + 1) as f64).powi(2);
        let damping = k_squared * pi_squared * t;
        if damping > 700.0 {
            break;
        }
        sum += k_squared.powi(s) * square * (-damping).exp();
    }
    2.0 * pi_squared.powi(s) * sum
}

/// What t becomes by one turn of the algorithm.
fn next(t: f64, n: f64, squares: &[f64]) -> f64 {
    let mut f = norm(STAGES, t, squares);
    for s in (2..STAGES).rev() {
        let odd: f64 = (1..=s).map(|k| f64::from(2 * k - 1)).product();
        let moment = odd / std::f64::consts::TAU.sqrt();
        let constant = (1.0 + 0.5_f64.powf(f64::from(s) + 0.5)) / 3.0;
        let time = (2.0 * constant * moment / (n * f)).powf(2.0 / f64::from(3 + 2 * s));
        f = norm(s, time, squares);
    }
    (2.0 * n * std::f64::consts::PI.sqrt() * f).powf(-0.4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_are_sums_of_cosines() {
        let sorted = [[0.2, 1.0], [0.5, 2.0], [0.9, 1.0]];
        let squares = waves(&sorted, 0.0, 1.0);
        for k in [1, 2, 100, 1000] {
            let angle = |x: f64| (std::f64::consts::PI * f64::from(k) * x).cos();
            let wanted = (0.25 * angle(0.2) + 0.5 * angle(0.5) + 0.25 * angle(0.9)).powi(2);
            let found = squares[k as usize - 1];
            assert!((found - wanted).abs() < 0.01, "{k}: {found} {wanted}");
        }
    }

    #[test]
    fn values_without_spread_have_no_sigma() {
        let cloud = Cloud::new(1, vec![2.0; 10], vec!["height".to_owned()]);
        assert!(improved_sheather_jones(&cloud, 0).is_err());
    }
}
