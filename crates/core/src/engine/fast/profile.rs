//! The error bound of a sum on the grid, from the relative error of window and taps against the
//! Gaussian at every distance.
//!
//! The pair (x, y) on one axis is summed as
//!
//! ```text
//!   K̃ = Σ_n φ(n − x) Σ_m c_{n−m} φ(m − y)
//! ```
//!
//! All terms are positive, so that K̃ is off by a share of K itself, ε(r), which grows with the
//! distance r and is worked out here from the very numbers that are used, the window's polynomials
//! included. In d dimensions the shares add up, and
//!
//! ```text
//!   |f − ref| ≤ Σ_j |w_j| K ε(r_j) ≤ ε(R)·Σ_j |w_j| K + Σ_j |w_j| · max_{r > R} K(r) ε(r)
//! ```
//!
//! for any R; the best one is taken, and no sum is off by more than the largest share of all. What lies
//! beyond the taps' reach is missing altogether, ε = 1.

use super::window::Width;

/// ε(r) on one axis, never falling.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    /// The largest up to and including each step of [`STEP`].
    shares: Vec<f64>,
}

/// Width, in σ, of the intervals of distance for each of which the largest error is kept. Wider
/// ones make the bound coarser, narrower ones the table longer.
const STEP: f64 = 0.25;
/// Largest distance, in σ, for which the error is computed: e^{−r²/2} is 10⁻³⁷ there.
const FARTHEST: f64 = 13.0;
/// Places within a cell, evenly spaced, for which the error is computed. More take longer; what
/// lies between them is covered by [`BETWEEN`].
const PLACES: usize = 5;
/// Factor on the computed error, which oscillates once a cell and may be larger between the
/// [`PLACES`]. A smaller one could state a bound that does not hold, a larger one asks for more
/// than the tolerance needs.
const BETWEEN: f64 = 1.4;

impl Profile {
    /// Of the taps c₀ … c(T) for s = σ/h.
    pub(super) fn of(width: Width, taps: &[f64], s: f64) -> Self {
        let w = width.nodes() as isize;
        let reach = taps.len() as isize - 1;
        let steps = (FARTHEST / STEP) as usize;
        let mut shares = vec![0.0_f64; steps];
        let known = (((reach + w) as f64 / s / STEP).ceil() as usize + 1).min(steps);
        // Beyond the reach nothing arrives.
        shares[known..].fill(1.0);
        let farthest = (known as f64 * STEP * s) as isize;
        let places: Vec<f64> = (0..PLACES).map(|k| k as f64 / PLACES as f64).collect();
        let gathering: Vec<Vec<f64>> = places.iter().map(|place| width.weights(*place)).collect();
        for (place, spread) in places.iter().zip(&gathering) {
            let convolved: Vec<f64> = (1 - w / 2..=farthest + w / 2)
                .map(|n| {
                    let arriving = spread.iter().enumerate().map(|(k, a)| {
                        let distance = (n - (k as isize + 1 - w / 2)).unsigned_abs();
                        taps.get(distance).map_or(0.0, |c| a * c)
                    });
                    arriving.sum()
                })
                .collect();
            for cell in 0..farthest {
                let nodes = &convolved[cell as usize..];
                for (fraction, gather) in places.iter().zip(&gathering) {
                    let value: f64 = gather.iter().zip(nodes).map(|(a, b)| a * b).sum();
                    let r = (cell as f64 + fraction - place).abs() / s;
                    let share = BETWEEN * (value * (0.5 * r * r).exp() - 1.0).abs();
                    let step = (r / STEP) as usize;
                    if step < known {
                        shares[step] = shares[step].max(share);
                    }
                }
            }
        }
        let mut highest = 0.0_f64;
        for share in &mut shares {
            highest = highest.max(*share);
            *share = highest;
        }
        Self { shares }
    }

    /// The largest |f − ref| / max(Σ|w|K, floor) in `dim` dimensions, for sources of total |w| `mass`.
    pub(super) fn bound(&self, dim: usize, mass: f64, floor: f64) -> f64 {
        let shares = self.in_dimensions(dim);
        let largest = shares.iter().copied().fold(1.0, f64::max);
        let (mut best, mut beyond) = (largest, gauss(FARTHEST));
        for (step, share) in shares.iter().enumerate().rev() {
            // Within this step's end all is near, beyond it far.
            best = best.min(share + mass / floor * beyond);
            beyond = beyond.max(gauss(step as f64 * STEP) * share);
        }
        best
    }

    /// The largest share at each distance over all directions.
    fn in_dimensions(&self, dim: usize) -> Vec<f64> {
        let mut total = self.shares.clone();
        for _ in 1..dim {
            let before = total.clone();
            for (step, share) in total.iter_mut().enumerate() {
                for along in 0..=step {
                    let rest = ((step + 1).pow(2) - along * along) as f64;
                    let across = (rest.sqrt() as usize).min(before.len() - 1);
                    let both = (1.0 + self.shares[along]) * (1.0 + before[across]) - 1.0;
                    *share = share.max(both);
                }
            }
        }
        total
    }
}

fn gauss(r: f64) -> f64 {
    (-0.5 * r * r).exp()
}

/// The distance in σ beyond which sources of total |w| `mass` may be left out of a sum: together they
/// are less than `loss`.
pub(super) fn cut_off(mass: f64, loss: f64) -> f64 {
    (2.0 * (mass / loss).ln()).max(1.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(width: Width, s: f64) -> Profile {
        Profile::of(width, &width.taps(s, (9.0 * s).ceil() as usize), s)
    }

    #[test]
    fn wider_windows_and_finer_grids_err_less() {
        let at = |width, s, r: f64| profile(width, s).shares[(r / STEP) as usize];
        // Measured apart from the program, with the same formulas.
        for (width, s, least, most) in [
            (Width::Four, 2.5, 2e-2, 8e-2),
            (Width::Eight, 2.5, 1e-4, 7e-4),
            (Width::Eight, 5.0, 2e-6, 9e-6),
            (Width::Twelve, 2.5, 1e-6, 7e-6),
            (Width::Sixteen, 4.0, 1e-12, 1e-10),
        ] {
            let share = at(width, s, 5.9);
            assert!((least..most).contains(&share), "{width:?} {s}: {share:e}");
        }
    }

    #[test]
    fn the_bound_is_that_of_near_pairs_plus_what_many_far_ones_make() {
        let profile = profile(Width::Eight, 5.0);
        let few = profile.bound(2, 1.0, 0.01);
        let many = profile.bound(2, 1e6, 0.01);
        assert!(few < 1e-6 && few < many && many < 2e-5, "{few:e} {many:e}");
        assert!(profile.bound(1, 1e6, 0.01) <= many && many <= profile.bound(3, 1e6, 0.01));
        // Taps that end too soon are told.
        let short = Profile::of(Width::Eight, &Width::Eight.taps(5.0, 20), 5.0);
        assert!(short.bound(2, 1e6, 0.01) > 1e-2);
    }

    #[test]
    fn what_is_cut_off_is_less_than_allowed() {
        for (mass, loss) in [(1e6, 1e-9), (1.0, 1e-5), (1e8, 1e-13)] {
            let cut = cut_off(mass, loss);
            assert!(mass * gauss(cut) <= loss * 1.000_001, "{cut}");
        }
        assert!(cut_off(1.0, 10.0) >= 1.0);
    }
}
