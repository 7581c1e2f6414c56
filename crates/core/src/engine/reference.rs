//! The field in f64 at a few targets: what the engines are measured against.
//!
//! ```text
//! for each tile of 256 sources:        coordinates side by side, axis by axis
//!     for each target:
//!         t = log₂e / (2σ²) · Σ_k (x_k − y_k)²       differences of the user's own coordinates
//!         sum += Σ w · 2^−t                          its rounding error kept
//! ```
//!
//! The definition itself ([`super::Naive`]) spends a few nanoseconds a pair. Here every step is a
//! plain loop over a tile, compiled for the processor's vector instructions, and the power is a
//! polynomial: 0.65 ns a pair in the plane with AVX-512, on one thread. That is little enough to
//! look at some targets after every change.
//!
//! Memory: a tile. Tolerance: 10⁻¹³ of the field wherever it is above 10⁻¹⁰⁰; below that an exponent
//! of hundreds costs digits, here as in the double loop, and 10⁻¹² is left.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the instructions"
)]

use std::ops::Range;

use rand::{SeedableRng, seq::index};
use rand_chacha::ChaCha8Rng;

use super::{
    compensated::Compensated,
    simd::{Instructions, Job},
};
use crate::model::{Points, Sigma};

/// The most sources in a tile: what is computed for a tile stays in the first cache. With fewer,
/// the overhead of tiles shows.
const TILE: usize = 256;
/// The most numbers (f64) in a tile: 16 KiB, half of a small first cache. More would be evicted
/// between targets.
const TILE_NUMBERS: usize = 2048;
/// Terms that are added up in parallel, one in each lane: an AVX-512 vector of f64, or several
/// smaller ones.
const LANES: usize = 8;

/// The exponent from which on 2^(−t) is zero in f64.
const LAST: f64 = 1080.0;

/// The most targets in a sample. With more, checks take longer; with fewer, a local error is missed
/// more often.
const MOST_TARGETS: usize = 64;

/// `Σ_j w_j · exp(−‖x_i − y_j‖² / (2σ²))` in f64 for each `i` of `targets`, shape (targets,).
///
/// # Panics
/// When an index is not below `points.n()`.
pub fn exact_at(points: &Points, sigma: Sigma, targets: &[usize]) -> Vec<f64> {
    sums(points, sigma, targets, |w| w, Instructions::best())
}

/// [`exact_at`] with every `|w_j|` in place of `w_j`: the scale of an error, for where weights of
/// both signs cancel nothing more is promised. It is [`exact_at`] where no weight is negative.
///
/// # Panics
/// When an index is not below `points.n()`.
pub fn magnitudes_at(points: &Points, sigma: Sigma, targets: &[usize]) -> Vec<f64> {
    sums(points, sigma, targets, f64::abs, Instructions::best())
}

/// The largest `|found_i − exact_i| / max(magnitude_i, 10⁻³·max magnitude)` over some targets.
///
/// `magnitudes` is [`magnitudes_at`] the same targets. A value that is no number is infinitely wrong.
pub fn largest_error(found: &[f64], exact: &[f64], magnitudes: &[f64]) -> f64 {
    // Where all of f is too small for a float64, what differs from that is off by its whole size.
    let floor = 1e-3 * magnitudes.iter().copied().fold(0.0, f64::max);
    let floor = floor.max(f64::MIN_POSITIVE);
    let mut largest = 0.0;
    for ((found, exact), magnitude) in found.iter().zip(exact).zip(magnitudes) {
        let error = (found - exact).abs() / magnitude.max(floor);
        largest = f64::max(largest, if error.is_nan() { f64::INFINITY } else { error });
    }
    largest
}

/// Different random targets, in rising order: as many as `pairs_budget` pairs with `m` sources
/// allow, at least 1 and at most 64 of `n`. The same seed draws the same.
pub fn sample_targets(n: usize, m: usize, pairs_budget: usize, seed: u64) -> Vec<usize> {
    draw_targets(n, (pairs_budget / m.max(1)).clamp(1, MOST_TARGETS), seed)
}

/// `wanted` different random targets of `n`, or all, in rising order. The same seed draws the same.
pub fn draw_targets(n: usize, wanted: usize, seed: u64) -> Vec<usize> {
    if wanted >= n {
        return (0..n).collect();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut targets = index::sample(&mut rng, n, wanted).into_vec();
    targets.sort_unstable();
    targets
}

fn sums(
    points: &Points,
    sigma: Sigma,
    targets: &[usize],
    weight: fn(f64) -> f64,
    instructions: Instructions,
) -> Vec<f64> {
    let sums = sums_of(points, sigma, targets, 0..points.m(), weight, instructions);
    sums.into_iter().map(Compensated::value).collect()
}

/// `Σ_j weight(w_j) · exp(…)` over some of the sources, in f64, for each of `targets`.
///
/// # Panics
/// When an index is not below `points.n()`.
pub(super) fn sums_of(
    points: &Points,
    sigma: Sigma,
    targets: &[usize],
    sources: Range<usize>,
    weight: fn(f64) -> f64,
    instructions: Instructions,
) -> Vec<Compensated> {
    let scale = 0.5 * std::f64::consts::LOG2_E / sigma.get().powi(2);
    let weights = points.sources().weights().unwrap_or(&[1.0]);
    let largest = weights.iter().fold(1.0_f64, |largest, w| largest.max(w.abs()));
    let last = LAST + largest.min(f64::MAX).log2().min(2040.0 - LAST);
    let sum = Sum { points, targets, sources, scale, last, weight };
    instructions.run(Compiled::<true>(&sum), Compiled::<false>(&sum))
}

/// What to sum.
struct Sum<'a> {
    points: &'a Points,
    targets: &'a [usize],
    sources: Range<usize>,
    /// Turns a square of a distance into an exponent of 2.
    scale: f64,
    /// The exponent from which on a term is zero.
    last: f64,
    weight: fn(f64) -> f64,
}

/// The sum, with multiplication and addition `FUSED` where the instructions have that.
struct Compiled<'a, const FUSED: bool>(&'a Sum<'a>);

/// Sources side by side. What is left of the last vector weighs nothing.
struct Tile {
    /// Coordinates axis by axis, as many for each as there are weights.
    columns: Vec<f64>,
    weights: Vec<f64>,
    /// Rows in use, a multiple of [`LANES`].
    rows: usize,
}

impl<const FUSED: bool> Job for Compiled<'_, FUSED> {
    type Output = Vec<Compensated>;

    #[inline(always)]
    fn run(self) -> Vec<Compensated> {
        let Sum { points, targets, ref sources, .. } = *self.0;
        let dim = points.dim();
        let rows = (TILE_NUMBERS / dim / LANES * LANES).clamp(LANES, TILE);
        let mut tile = Tile { columns: vec![0.0; rows * dim], weights: vec![0.0; rows], rows: 0 };
        let mut sums = vec![Compensated::default(); targets.len()];
        for start in sources.clone().step_by(rows) {
            self.fill(&mut tile, start, sources.end.min(start + rows));
            for (sum, &i) in sums.iter_mut().zip(targets) {
                sum.add(self.tile_sum(points.targets().point(i), &tile));
            }
        }
        sums
    }
}

impl<const FUSED: bool> Compiled<'_, FUSED> {
    #[inline(always)]
    fn fill(&self, tile: &mut Tile, start: usize, end: usize) {
        let sources = self.0.points.sources();
        let dim = sources.dim();
        let stride = tile.weights.len();
        let coordinates = &sources.coordinates()[start * dim..end * dim];
        for (row, y) in coordinates.chunks_exact(dim).enumerate() {
            for (axis, y) in y.iter().enumerate() {
                tile.columns[axis * stride + row] = *y;
            }
        }
        let weights = tile.weights.iter_mut();
        match sources.weights() {
            None => weights.take(end - start).for_each(|weight| *weight = 1.0),
            Some(all) => weights
                .zip(&all[start..end])
                .for_each(|(weight, given)| *weight = (self.0.weight)(*given)),
        }
        tile.weights[end - start..].fill(0.0);
        tile.rows = (end - start).next_multiple_of(LANES);
    }

    /// Σ over a tile for the target `x`.
    #[inline(always)]
    fn tile_sum(&self, x: &[f64], tile: &Tile) -> f64 {
        let mut terms = [0.0; TILE];
        let terms = &mut terms[..tile.rows];
        for (x, column) in x.iter().zip(tile.columns.chunks_exact(tile.weights.len())) {
            for (squared, y) in terms.iter_mut().zip(column) {
                let difference = x - y;
                *squared = multiply_add::<FUSED>(difference, difference, *squared);
            }
        }
        for (term, weight) in terms.iter_mut().zip(&tile.weights) {
            let [power, rest] = power::<FUSED>(self.0.scale * *term, self.0.last);
            *term = weight * power * rest;
        }
        let mut sums = [0.0; LANES];
        for terms in terms.chunks_exact(LANES) {
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        }
        let [a, b, c, d, e, f, g, h] = sums;
        ((a + b) + (c + d)) + ((e + f) + (g + h))
    }
}

/// a·b + c
#[inline(always)]
fn multiply_add<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// 2^r = 1 + r·(P₁ + r·(P₂ + …)) for |r| ≤ 1/2: the polynomial of degree 11 that has its values at
/// Chebyshev's nodes, relative error 2.0·10⁻¹⁷ before rounding; exactly 1 at 0.
const POWER: [f64; 11] = [
    std::f64::consts::LN_2,
    0.240_226_506_959_100_97,
    0.055_504_108_664_821_6,
    0.009_618_129_107_606_888,
    0.001_333_355_814_641_693_6,
    0.000_154_035_304_417_360_5,
    1.525_273_382_983_612e-5,
    1.321_544_258_792_169e-6,
    1.017_806_244_584_577_4e-7,
    7.072_585_949_269_223e-9,
    4.454_960_598_186_518_6e-10,
];

/// Two factors of 2^(−t) for t ≥ 0, down to the last number of f64: within two units of the last place,
/// once multiplied; from `last` ≤ 2040 on zero.
///
/// Adding `MAGIC` rounds −t to a whole number k and leaves it in the lowest bits. Half of k makes one
/// factor and the rest another, for 2^k alone may be too small for a normal number where the power is
/// not.
#[inline(always)]
fn power<const FUSED: bool>(t: f64, last: f64) -> [f64; 2] {
    const MANTISSA: u32 = f64::MANTISSA_DIGITS - 1;
    const MAGIC: f64 = 1.5 * (1_u64 << MANTISSA) as f64;
    const BIAS: u64 = 1023;
    let bounded = if t < last { t } else { last };
    let rounded = bounded + MAGIC;
    let rest = (rounded - MAGIC) - bounded;
    let whole = rounded.to_bits() & 0xFFF;
    let half = whole >> 1;
    let first = f64::from_bits((BIAS - half) << MANTISSA);
    let second = f64::from_bits((BIAS - (whole - half)) << MANTISSA);
    // Multiplying with zero is exact; a product that is too small may cost as much as a hundred.
    let second = if t < last { second } else { 0.0 };
    let mut sum = POWER[POWER.len() - 1];
    for k in (0..POWER.len() - 1).rev() {
        sum = multiply_add::<FUSED>(sum, rest, POWER[k]);
    }
    [multiply_add::<FUSED>(sum, rest, 1.0) * first, second]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{Engine, Naive, Problem, Unobserved},
        model::{Cloud, Distribution},
        sampling::{Role, sample},
    };

    fn cloud(n: usize, dim: usize, role: Role) -> Cloud {
        sample(Distribution::Normal, n, dim, 3, role, &mut Unobserved).expect("nobody stops it")
    }

    fn points(n: usize, m: usize, dim: usize) -> Points {
        Points::new(cloud(n, dim, Role::Targets), cloud(m, dim, Role::Sources)).expect("near")
    }

    fn naive(points: &Points, sigma: Sigma) -> Vec<f64> {
        Naive.sum(&Problem { points, sigma, chunk: 1 }, &mut Unobserved).expect("a sum")
    }

    fn check(points: &Points, sigma: f64) {
        let sigma = Sigma::new(sigma).expect("legal");
        let expected = naive(points, sigma);
        let all: Vec<usize> = (0..points.n()).collect();
        for set in Instructions::ALL.into_iter().filter(|set| set.is_available()) {
            let found = sums(points, sigma, &all, |w| w, set);
            for (found, expected) in found.iter().zip(&expected) {
                let tolerance = if expected.abs() > 1e-100 { 1e-13 } else { 1e-12 };
                let error = (found - expected).abs();
                let smallest = 8.0 * f64::from_bits(1);
                assert!(
                    error <= tolerance * expected.abs() + smallest,
                    "{}, d = {}, m = {}, σ = {}: {found:e} for {expected:e}",
                    set.name(),
                    points.dim(),
                    points.m(),
                    sigma.get()
                );
            }
        }
    }

    #[test]
    fn it_is_the_double_loop_in_any_dimension_and_for_any_sigma() {
        for dim in [1, 2, 3, 4, 7, 16, 64] {
            for m in [1, 7, 8, 63, 64, 65, 255, 256, 257, 3000] {
                let points = points(5, m, dim);
                for sigma in [1e-12, 0.01, 0.05, 0.3, 10.0, 1e12] {
                    check(&points, sigma);
                }
            }
        }
    }

    #[test]
    fn weights_count_and_so_do_their_signs() {
        let weights: Vec<f64> = (0..1000).map(|j| f64::from(j % 17) - 3.0).collect();
        let weighted = |weights: Vec<f64>| {
            let sources = cloud(1000, 2, Role::Sources).with_weights(weights);
            Points::new(cloud(40, 2, Role::Targets), sources).expect("near")
        };
        let sigma = Sigma::new(0.3).expect("legal");
        let absolute = weighted(weights.iter().map(|w| w.abs()).collect());
        let signed = weighted(weights);
        let all: Vec<usize> = (0..40).collect();
        let magnitudes = magnitudes_at(&signed, sigma, &all);
        assert_eq!(magnitudes, exact_at(&absolute, sigma, &all));
        let expected = naive(&signed, sigma);
        let found = exact_at(&signed, sigma, &all);
        for ((found, expected), magnitude) in found.iter().zip(expected).zip(magnitudes) {
            assert!((found - expected).abs() <= 1e-13 * magnitude, "{found} for {expected}");
        }
    }

    #[test]
    fn coincident_points_count_exactly_one() {
        let same = Cloud::new(2, [0.1, 0.2].repeat(1001), Cloud::default_axes(2));
        let points = Points::new(same.clone(), same).expect("near");
        for sigma in [1e-12, 1.0, 1e12] {
            let f = exact_at(&points, Sigma::new(sigma).expect("legal"), &[0, 1000]);
            assert_eq!(f, [1001.0, 1001.0]);
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "powers of two")]
    fn the_power_is_right_down_to_the_last_number() {
        for k in 0..=110_000 {
            let t = f64::from(k) * 0.01;
            let right = (-t).exp2();
            for [a, b] in [power::<true>(t, LAST), power::<false>(t, LAST)] {
                let found = a * b;
                let error = (found - right).abs();
                assert!(error <= 1e-15 * right + f64::from_bits(1), "{found:e} for 2^−{t}");
            }
        }
        assert_eq!(power::<true>(0.0, LAST), [1.0; 2]);
        for far in [LAST, 1e30, f64::MAX, f64::INFINITY] {
            let [a, b] = power::<false>(far, LAST);
            assert_eq!((a * b).to_bits(), 0);
        }
        // Beside a heavy weight what is far below the last number counts.
        let [a, b] = power::<true>(1500.0, 2040.0);
        assert_eq!(1e300 * a * b, 1e300 * (-750.0_f64).exp2() * (-750.0_f64).exp2());
    }

    #[test]
    fn a_sample_is_as_large_as_the_budget_allows() {
        for (n, m, budget, expected) in [
            (1000, 1000, 10_000, 10),
            (1000, 10, 1_000_000, 64),
            (1000, 1_000_000, 10, 1),
            (3, 10, 1_000_000, 3),
            (1, 1, 0, 1),
        ] {
            let targets = sample_targets(n, m, budget, 7);
            assert_eq!(targets.len(), expected);
            assert!(targets.windows(2).all(|pair| pair[0] < pair[1]), "{targets:?}");
            assert!(targets.iter().all(|i| *i < n));
            assert_eq!(targets, sample_targets(n, m, budget, 7));
        }
        assert_ne!(sample_targets(1000, 10, 1000, 1), sample_targets(1000, 10, 1000, 2));
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "short binary fractions")]
    fn an_error_is_measured_by_what_counts() {
        assert_eq!(largest_error(&[1.0, 2.0], &[1.0, 2.0], &[1.0, 2.0]), 0.0);
        assert_eq!(largest_error(&[1.5, 2.0], &[1.0, 2.0], &[1.0, 2.0]), 0.5);
        // Of a value a million times smaller than the highest only its share of that counts.
        assert_eq!(largest_error(&[0.0, 1024.0], &[1.0, 1024.0], &[1.0, 1e6]), 1e-3);
        assert_eq!(largest_error(&[f64::NAN, 1.0], &[1.0; 2], &[1.0; 2]), f64::INFINITY);
    }
}
