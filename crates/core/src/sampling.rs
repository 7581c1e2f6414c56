//! Seeded point clouds: the same seed gives the same points on every machine.
//!
//! All random numbers come from `ChaCha8`, one stream per purpose, so that targets and sources are
//! independent draws of one shape (the same mixture centres, the same spiral):
//!
//! ```text
//!   seed ─┬─ stream 0: the shape          (mixture centres, widths, weights)
//!         ├─ streams 1, 2: the points     (targets, sources)
//!         ├─ streams 3, 4: the subsets    (targets, sources)
//!         └─ stream 5: the permutation
//! ```
//!
//! Points are drawn one after the other, so the first n of them do not depend on n. Each coordinate
//! is rounded to f32, so that single precision represents it exactly and the last digit of a
//! machine's sine or logarithm does not show.

use std::f64::consts::PI;

use rand::distr::Open01;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::{
    engine::{Observer, Progress},
    model::{Cloud, Distribution},
};

/// Points drawn between two checkpoints: more delay cancelling, fewer slow the drawing.
const POINTS_PER_CHECK: usize = 16_384;
/// Number of normals in the mixture.
const MIXTURE_COMPONENTS: usize = 8;
/// Coordinates of the mixture's centres lie between ± this.
const MIXTURE_REACH: f64 = 2.5;
/// Correlation between any two coordinates of the correlated normal.
const CORRELATION: f64 = 0.8;
/// Radius of the ring.
const RING_RADIUS: f64 = 1.5;
/// Standard deviation of the ring's radius.
const RING_NOISE: f64 = 0.15;
/// Radius of each half circle of the moons.
const MOON_RADIUS: f64 = 1.3;
/// Standard deviation of the noise around the moons.
const MOON_NOISE: f64 = 0.12;
/// Number of turns of each arm of the spiral.
const SPIRAL_TURNS: f64 = 1.5;
/// Radius at which the spiral's arms end.
const SPIRAL_RADIUS: f64 = 2.2;
/// Standard deviation of the noise around the spiral.
const SPIRAL_NOISE: f64 = 0.07;

/// Which of the two clouds is drawn: they share a shape and differ in their points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The points at which f is evaluated.
    Targets,
    /// The points that contribute to it.
    Sources,
}

/// Draws `n` points of `dim` coordinates; `None` when `observer` ended the work.
///
/// `observer` is told now and then what fraction is done. Every coordinate is exactly
/// representable in f32, and the first points do not depend on `n`.
///
/// # Panics
/// When `dim` is zero.
pub fn sample(
    distribution: Distribution,
    n: usize,
    dim: usize,
    seed: u64,
    role: Role,
    observer: &mut dyn Observer,
) -> Option<Cloud> {
    let shape = Shape::new(distribution, dim, seed);
    let mut rng = stream(seed, if role == Role::Targets { 1 } else { 2 });
    let mut coordinates = vec![0.0; n * dim];
    for (i, point) in coordinates.chunks_exact_mut(dim).enumerate() {
        let fraction = i as f64 / n as f64;
        if i % POINTS_PER_CHECK == 0 && observer.checkpoint(Progress { fraction }).is_break() {
            return None;
        }
        shape.draw(&mut rng, point);
        for value in point {
            *value = f64::from(*value as f32);
        }
    }
    Some(Cloud::new(dim, coordinates, Cloud::default_axes(dim)))
}

/// `keep` of the row numbers below `n_rows`, drawn at random, in increasing order; all of them when
/// `keep` is not less than `n_rows`.
///
/// Selection sampling: row i is kept with probability (still wanted) / (still left), which makes
/// every subset equally likely (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
pub fn subset(n_rows: usize, keep: usize, seed: u64, role: Role) -> Vec<usize> {
    if keep >= n_rows {
        return (0..n_rows).collect();
    }
    let mut rng = stream(seed, if role == Role::Targets { 3 } else { 4 });
    let mut kept = Vec::with_capacity(keep);
    for i in 0..n_rows {
        if kept.len() == keep {
            break;
        }
        if rng.random::<f64>() * ((n_rows - i) as f64) < (keep - kept.len()) as f64 {
            kept.push(i);
        }
    }
    kept
}

/// The numbers below `m` in a random order.
///
/// # Panics
/// When `m` does not fit in 32 bits.
pub fn shuffled(m: usize, seed: u64) -> Vec<u32> {
    let end = u32::try_from(m).expect("point counts fit in 32 bits");
    let mut order: Vec<u32> = (0..end).collect();
    order.shuffle(&mut stream(seed, 5));
    order
}

fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    rng.sample(StandardNormal)
}

/// A distribution with everything drawn that both clouds share.
enum Shape {
    Plain(Distribution),
    Mixture(Vec<Component>),
}

/// One normal of the mixture.
struct Component {
    /// Share of the mixture that lies in this component and those before it.
    cumulative: f64,
    center: Vec<f64>,
    widths: Vec<f64>,
}

impl Shape {
    fn new(distribution: Distribution, dim: usize, seed: u64) -> Self {
        if distribution != Distribution::Mixture {
            return Self::Plain(distribution);
        }
        let mut rng = stream(seed, 0);
        let mut total = 0.0;
        let mut components: Vec<Component> = (0..MIXTURE_COMPONENTS)
            .map(|_| {
                total += rng.random_range(0.3..1.0);
                let width: f64 = rng.random_range(-2.1..-0.6);
                Component {
                    cumulative: total,
                    center: (0..dim)
                        .map(|_| rng.random_range(-MIXTURE_REACH..MIXTURE_REACH))
                        .collect(),
                    widths: (0..dim).map(|_| (width + rng.random_range(-0.4..0.4)).exp()).collect(),
                }
            })
            .collect();
        for component in &mut components {
            component.cumulative /= total;
        }
        Self::Mixture(components)
    }

    /// Draws one point; the number of draws depends on nothing but what was drawn before.
    fn draw(&self, rng: &mut ChaCha8Rng, point: &mut [f64]) {
        match self {
            Self::Mixture(components) => {
                let share: f64 = rng.random();
                let last = components.len() - 1;
                let k = components.iter().position(|c| share < c.cumulative).unwrap_or(last);
                let Component { center, widths, .. } = &components[k];
                for ((value, c), width) in point.iter_mut().zip(center).zip(widths) {
                    *value = c + width * normal(rng);
                }
            }
            Self::Plain(distribution) => draw_plain(*distribution, rng, point),
        }
    }
}

fn draw_plain(distribution: Distribution, rng: &mut ChaCha8Rng, point: &mut [f64]) {
    match distribution {
        Distribution::Normal | Distribution::Mixture => noise(rng, point, 1.0),
        Distribution::Correlated => {
            let common = CORRELATION.sqrt() * normal(rng);
            noise(rng, point, (1.0 - CORRELATION).sqrt());
            for value in point.iter_mut() {
                *value += common;
            }
        }
        Distribution::Ring => {
            noise(rng, point, 1.0);
            let length = point.iter().map(|v| v * v).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
            let radius = RING_RADIUS + RING_NOISE * normal(rng);
            for value in point.iter_mut() {
                *value *= radius / length;
            }
        }
        Distribution::Moons => {
            // The upper half circle, and the lower one moved so that the two hook into each other;
            // (0.5, 0.25) is the middle of both.
            let lower: bool = rng.random();
            let (sine, cosine) = (PI * rng.random::<f64>()).sin_cos();
            let (x, y) = if lower { (1.0 - cosine, 0.5 - sine) } else { (cosine, sine) };
            noise(rng, point, MOON_NOISE);
            add_plane(point, MOON_RADIUS * (x - 0.5), MOON_RADIUS * (y - 0.25));
        }
        Distribution::Spiral => {
            // r ∝ θ; the square root spreads the points evenly along the arm.
            let second: bool = rng.random();
            let along = rng.random::<f64>().sqrt();
            let radius = if second { -SPIRAL_RADIUS } else { SPIRAL_RADIUS } * along;
            let (sine, cosine) = (2.0 * PI * SPIRAL_TURNS * along).sin_cos();
            noise(rng, point, SPIRAL_NOISE);
            add_plane(point, radius * cosine, radius * sine);
        }
        Distribution::Uniform => {
            for value in point.iter_mut() {
                *value = rng.random_range(-1.0..1.0);
            }
        }
        Distribution::HeavyTailed => {
            // Multivariate t with ν = 2: a normal over √(χ²_ν / ν), and χ²_2 / 2 = −ln U.
            let uniform: f64 = rng.sample(Open01);
            noise(rng, point, 1.0 / (-uniform.ln()).sqrt());
        }
    }
}

/// Fills a point with independent normals of standard deviation `width`.
fn noise(rng: &mut ChaCha8Rng, point: &mut [f64], width: f64) {
    for value in point.iter_mut() {
        *value = width * normal(rng);
    }
}

/// Adds a plane curve's point to the first two coordinates; with one, its first survives.
fn add_plane(point: &mut [f64], x: f64, y: f64) {
    for (value, offset) in point.iter_mut().zip([x, y]) {
        *value += offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Unobserved, go_on_if};

    fn draw(distribution: Distribution, n: usize, dim: usize, seed: u64, role: Role) -> Cloud {
        sample(distribution, n, dim, seed, role, &mut Unobserved).expect("nobody cancels")
    }

    #[test]
    fn every_distribution_is_finite_exact_in_f32_and_about_one_wide() {
        for &distribution in Distribution::ALL {
            for dim in [1, 2, 3, 7] {
                let cloud = draw(distribution, 4000, dim, 7, Role::Targets);
                assert_eq!((cloud.len(), cloud.dim()), (4000, dim));
                assert!(cloud.coordinates().iter().all(|&v| v.is_finite()));
                let single = |v: f64| f64::from(v as f32);
                assert!(cloud.coordinates().iter().all(|&v| single(v).to_bits() == v.to_bits()));
                if dim == 2 {
                    for axis in 0..dim {
                        let mut values: Vec<f64> =
                            (0..cloud.len()).map(|i| cloud.point(i)[axis]).collect();
                        values.sort_by(f64::total_cmp);
                        let middle_half = values[3000] - values[1000];
                        assert!(
                            (0.5..4.0).contains(&middle_half),
                            "{distribution}: the middle half of axis {axis} is {middle_half} wide"
                        );
                        assert!(values[2000].abs() < 1.2, "{distribution} is off centre");
                    }
                }
            }
        }
    }

    #[test]
    fn the_first_points_do_not_depend_on_n() {
        for &distribution in Distribution::ALL {
            let short = draw(distribution, 10, 2, 3, Role::Sources);
            let long = draw(distribution, 20_000, 2, 3, Role::Sources);
            assert_eq!(short.coordinates(), &long.coordinates()[..20], "{distribution}");
        }
    }

    #[test]
    fn seeds_and_roles_differ_and_repeat() {
        for &distribution in Distribution::ALL {
            let once = draw(distribution, 50, 2, 1, Role::Targets);
            assert_eq!(once, draw(distribution, 50, 2, 1, Role::Targets));
            assert_ne!(once, draw(distribution, 50, 2, 2, Role::Targets));
            assert_ne!(once, draw(distribution, 50, 2, 1, Role::Sources));
        }
    }

    #[test]
    fn targets_and_sources_share_the_mixture() {
        // Counted over a grid, the two differ by no more than chance.
        let histogram = |role| {
            let cloud = draw(Distribution::Mixture, 20_000, 2, 5, role);
            let mut counts = [0_f64; 64];
            for point in cloud.coordinates().chunks_exact(2) {
                let bin = |v: f64| ((v + 4.0) as usize).min(7);
                counts[bin(point[0]) * 8 + bin(point[1])] += 1.0;
            }
            counts
        };
        let (targets, sources) = (histogram(Role::Targets), histogram(Role::Sources));
        for (a, b) in targets.iter().zip(&sources) {
            assert!((a - b).abs() < 6.0 * (a + b + 10.0).sqrt(), "{a} and {b} points in one cell");
        }
    }

    #[test]
    fn correlated_has_its_correlation() {
        let cloud = draw(Distribution::Correlated, 50_000, 3, 1, Role::Targets);
        let product: f64 =
            (0..cloud.len()).map(|i| cloud.point(i)[0] * cloud.point(i)[2]).sum::<f64>()
                / cloud.len() as f64;
        assert!((product - 0.8).abs() < 0.03, "{product}");
    }

    #[test]
    fn no_points_and_cancelling_are_answered() {
        assert!(draw(Distribution::Ring, 0, 2, 1, Role::Targets).is_empty());
        assert_eq!(
            sample(Distribution::Ring, 10, 2, 1, Role::Targets, &mut |_: Progress| go_on_if(false)),
            None
        );
        let mut half = |Progress { fraction }: Progress| go_on_if(fraction < 0.5);
        assert_eq!(sample(Distribution::Ring, 100_000, 2, 1, Role::Targets, &mut half), None);
    }

    #[test]
    fn subsets_are_increasing_seeded_and_of_the_size_asked_for() {
        for (rows, keep) in [(0, 0), (1, 1), (5, 9), (10, 0), (10, 3), (1000, 999), (1000, 1)] {
            let kept = subset(rows, keep, 4, Role::Targets);
            assert_eq!(kept.len(), keep.min(rows));
            assert!(kept.is_sorted_by(|a, b| a < b) && kept.iter().all(|&i| i < rows));
        }
        let kept = subset(1000, 100, 4, Role::Targets);
        assert_eq!(kept, subset(1000, 100, 4, Role::Targets));
        assert_ne!(kept, subset(1000, 100, 5, Role::Targets));
        assert_ne!(kept, subset(1000, 100, 4, Role::Sources));
        let middle = kept.iter().sum::<usize>() / 100;
        assert!((400..600).contains(&middle), "{middle}");
    }

    #[test]
    fn a_shuffle_holds_every_number_once() {
        for m in [0, 1, 2, 1000] {
            let mut order = shuffled(m, 9);
            assert_eq!(order, shuffled(m, 9));
            order.sort_unstable();
            assert!(order.iter().enumerate().all(|(i, &k)| i == k as usize));
            assert_eq!(order.len(), m);
        }
        assert_ne!(shuffled(100, 1), shuffled(100, 2));
        assert_ne!(shuffled(100, 1), (0..100).collect::<Vec<u32>>());
    }

    #[test]
    fn seed_1_means_these_points_on_every_machine() {
        let expected: &[(Distribution, [f32; 4])] = &[
            (Distribution::Normal, [0.527_204_3, -2.769_540_8, 0.150_406_35, -1.567_892]),
            (Distribution::Correlated, [-0.767_030_4, 0.538_809_6, -0.908_211_47, -1.669_273_6]),
            (Distribution::Mixture, [-0.642_304_2, 2.146_924_7, 0.611_193_6, -1.500_958_7]),
            (Distribution::Ring, [0.284_719_02, -1.495_702_9, -1.152_932_2, 0.812_521_16]),
            (Distribution::Moons, [1.797_357_4, -0.016_033_67, -2.013_415, -0.025_625_741]),
            (Distribution::Spiral, [1.835_460_1, -0.883_365_2, -2.170_868_6, 0.455_360_03]),
            (Distribution::Uniform, [0.703_824_34, -0.898_173_3, 0.117_505_096, -0.798_928_6]),
            (Distribution::HeavyTailed, [-6.917_977_3, 0.375_696_8, 0.729_027_03, -0.393_771_14]),
        ];
        assert_eq!(expected.len(), Distribution::ALL.len(), "each distribution has a row here");
        for (distribution, first) in expected {
            let cloud = draw(*distribution, 2, 2, 1, Role::Targets);
            let found: Vec<f32> = cloud.coordinates().iter().map(|&v| v as f32).collect();
            assert_eq!(found, first, "{distribution}");
        }
        assert_eq!(subset(100, 4, 1, Role::Targets), [5, 12, 17, 54]);
        assert_eq!(shuffled(6, 1), [5, 1, 4, 0, 2, 3]);
    }
}
