//! The fast engine against the definition, on clouds of every shape: its tolerance, its own bound, and
//! what is kept from one σ to the next.

mod common;

use common::{cases::Weights, normal_in, uniform};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use sigmascope::{
    engine::{
        Accuracy, Engine, EngineError, Fast, FastField, FastLimits, FastPoints, Instructions,
        Method, Problem,
    },
    model::{Cloud, Points, Sigma, Tolerance},
};

fn cloud(dim: usize, coordinates: Vec<f64>) -> Cloud {
    Cloud::new(dim, coordinates, Cloud::default_axes(dim))
}

fn sigma(value: f64) -> Sigma {
    Sigma::new(value).expect("a legal sigma")
}

fn full(tolerance: f64) -> Accuracy {
    Accuracy::Full(Tolerance::new(tolerance).expect("a legal tolerance"))
}

/// A mixture of 50 normals with scales from 10^−2.5 to 10^−0.3.
fn mixture(dim: usize, n: usize, seed: u64) -> Cloud {
    let centers = normal_in(dim, 50, 77, 0.0);
    let points = normal_in(dim, n, seed, 0.0);
    let coordinates = (0..n).flat_map(|i| {
        let k = i % 50;
        let scale = 10_f64.powf(-2.5 + 2.2 * k as f64 / 49.0);
        let (center, point) = (centers.point(k), points.point(i));
        center.iter().zip(point).map(|(c, x)| c + scale * x).collect::<Vec<f64>>()
    });
    cloud(dim, coordinates.collect())
}

/// Places with many points each, on a lattice that is no power of two, as those of postal codes.
fn places(dim: usize, n: usize) -> Cloud {
    let mut random = uniform(5);
    let towns: Vec<f64> = (0..300 * dim).map(|_| (random() * 1000.0).round() * 0.01).collect();
    let coordinates = (0..n).flat_map(|_| {
        let town = (random() * random() * 300.0) as usize;
        towns[town * dim..(town + 1) * dim].to_vec()
    });
    cloud(dim, coordinates.collect())
}

/// Targets and sources of every shape, with a name and their spread.
fn clouds(dim: usize, n: usize) -> Vec<(&'static str, Cloud, Cloud, f64)> {
    let cube = |seed| {
        let mut random = uniform(seed);
        cloud(dim, (0..n * dim).map(|_| random()).collect())
    };
    let line = |seed| {
        let mut random = uniform(seed);
        cloud(dim, (0..n).flat_map(|_| [random() * 3.0].repeat(dim)).collect())
    };
    let outlier = {
        let mut coordinates = normal_in(dim, n, 3, 0.0).coordinates().to_vec();
        coordinates[..dim].fill(1e4);
        cloud(dim, coordinates)
    };
    let same = cloud(dim, vec![0.3; n * dim]);
    vec![
        ("normal", normal_in(dim, n, 1, 0.0), normal_in(dim, n, 2, 0.0), 1.0),
        ("mixture", mixture(dim, n, 1), mixture(dim, n, 2), 1.0),
        ("uniform", cube(1), cube(2), 0.3),
        ("a line", line(1), line(2), 1.0),
        ("all equal", same.clone(), same, 1.0),
        ("one outlier", outlier.clone(), outlier, 1.0),
        ("places", places(dim, n), places(dim, n), 3.0),
        ("one near", normal_in(dim, 7, 4, 0.0), normal_in(dim, n, 2, 0.0), 1.0),
    ]
}

/// What a field is compared on: some targets anywhere, those of the smallest and of the largest f, and
/// those of the smallest f that counts.
fn sampled(field: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..field.len()).collect();
    order.sort_by(|a, b| field[*a].total_cmp(&field[*b]));
    let few = 20.min(order.len());
    let counted = order.iter().position(|i| field[*i] >= 0.0101).unwrap_or(0);
    let mut sample: Vec<usize> = (0..field.len()).step_by(field.len().div_ceil(120)).collect();
    sample.extend(&order[..few]);
    sample.extend(&order[order.len() - few..]);
    sample.extend(order[counted..].iter().take(few));
    sample
}

/// f and Σ|w|K at one target, in f64 with the rounding error kept.
fn exact(points: &Points, i: usize, sigma: f64) -> [f64; 2] {
    let (x, sources) = (points.targets().point(i), points.sources());
    let (mut sum, mut error, mut magnitude) = (0.0_f64, 0.0_f64, 0.0);
    for j in 0..sources.len() {
        let squared: f64 = x.iter().zip(sources.point(j)).map(|(x, y)| (x - y).powi(2)).sum();
        let kernel = (-squared / (2.0 * sigma * sigma)).exp();
        let term = sources.weights().map_or(1.0, |weights| weights[j]) * kernel;
        magnitude += term.abs();
        let total = sum + term;
        let (large, small) = if sum.abs() >= term.abs() { (sum, term) } else { (term, sum) };
        error += (large - total) + small;
        sum = total;
    }
    [sum + error, magnitude]
}

/// Holds one field to the tolerance and to its own bound.
fn check(name: &str, points: &Points, sigma: f64, tolerance: f64, field: &FastField) {
    let FastField { values, error_bound, method, why } = field;
    let weights = points.sources().weights().unwrap_or(&[1.0]);
    let weight = weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
    let positive = weights.iter().all(|w| *w >= 0.0);
    let sample = sampled(values);
    let rights: Vec<[f64; 2]> = sample.par_iter().map(|i| exact(points, *i, sigma)).collect();
    let highest = rights.iter().map(|[_, magnitude]| *magnitude).fold(0.0, f64::max);
    let peak = values.iter().fold(0.0_f64, |peak, f| peak.max(f.abs()));
    let floor = (0.01 * weight).min(1e-3 * peak).max(f64::MIN_POSITIVE);
    let (mut relative, mut most, mut seen) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (i, [right, magnitude]) in sample.iter().zip(rights) {
        let off = (values[*i] - right).abs();
        assert!(values[*i].is_finite(), "{name}: {} at {i}", values[*i]);
        if magnitude >= 0.01 * weight {
            relative = relative.max(off / magnitude);
        }
        most = most.max(off / highest.max(f64::MIN_POSITIVE));
        seen = seen.max(off / magnitude.max(floor));
    }
    let what = format!("{name}, sigma {sigma}, tolerance {tolerance:e}, {method:?} ({why})");
    if std::env::var_os("SHOW_ERRORS").is_some() {
        println!("{relative:8.1e} {most:8.1e} {seen:8.1e} ≤ {error_bound:8.1e}  {what}");
    }
    assert!(relative <= tolerance, "{what}: {relative:e} of f");
    // Where nothing is within reach the highest value itself does not count.
    assert!(most <= 0.2 * tolerance || highest < 0.01 * weight, "{what}: {most:e} of max f");
    assert!(seen <= *error_bound, "{what}: {seen:e} is more than {error_bound:e}");
    assert!(!positive || values.iter().all(|f| *f >= 0.0), "{what}: a negative value");
}

/// All clouds at some σ, each in units of their spread.
fn check_clouds(dim: usize, n: usize, tolerance: f64, sigmas: &[f64]) {
    for (k, (name, targets, sources, spread)) in clouds(dim, n).into_iter().enumerate() {
        let kinds = [Weights::None, Weights::Positive, Weights::Signed, Weights::Huge];
        for weights in [Weights::None, kinds[1 + k % 3]] {
            let name = format!("{name}, d {dim}, weights {weights:?}");
            let sources = weights.of(sources.clone());
            let points = Points::new(targets.clone(), sources).expect("near points");
            let mut ready = FastPoints::new(&points).expect("few coordinates");
            // Every second with weights.
            let step = if weights == Weights::None { 1 } else { 2 };
            for &s in sigmas.iter().step_by(step) {
                let s = s * spread;
                let field = ready.step(sigma(s), full(tolerance), &mut |_| true);
                check(&name, &points, s, tolerance, &field.expect("a field"));
            }
        }
    }
}

const SIGMAS: [f64; 8] = [1e-3, 4.1e-3, 0.017, 0.07, 0.26, 0.81, 2.3, 10.0];

#[test]
fn the_default_tolerance_in_one_dimension() {
    check_clouds(1, 6000, 1e-5, &SIGMAS);
}

#[test]
fn the_default_tolerance_in_two_dimensions() {
    check_clouds(2, 6000, 1e-5, &SIGMAS);
}

#[test]
fn the_default_tolerance_in_three_dimensions() {
    check_clouds(3, 4000, 1e-5, &[1e-3, 0.03, 0.31, 0.81, 2.3, 10.0]);
}

#[test]
fn the_loosest_tolerance() {
    for dim in [1, 2, 3] {
        check_clouds(dim, 3000, 1e-3, &[4.1e-3, 0.26, 0.81, 10.0]);
    }
}

#[test]
fn the_tightest_tolerance() {
    for dim in [1, 2] {
        check_clouds(dim, 3000, 1e-9, &[1e-3, 0.07, 0.26, 0.81, 10.0]);
    }
    check_clouds(3, 1000, 1e-9, &[1e-3, 0.3, 0.81, 10.0]);
}

#[test]
fn far_targets_of_a_heavy_cluster_are_as_exact() {
    // All sources in one place: whatever the window does wrong at a distance shows.
    for distance in [2.0, 4.0, 5.0, 5.9] {
        for s in [0.1, 0.137, 0.19] {
            let targets = (0..200).map(|k| distance * s + 0.01 * s * f64::from(k) / 200.0);
            let targets = targets.flat_map(|x| [x, 0.0]).collect();
            let points = Points::new(cloud(2, targets), cloud(2, vec![0.0; 2_000_000]));
            let points = points.expect("near points");
            let mut ready = FastPoints::new(&points).expect("few coordinates");
            let field = ready.step(sigma(s), full(1e-5), &mut |_| true).expect("a field");
            let right = |i: usize| {
                let x = points.targets().point(i);
                1e6 * (-(x[0] * x[0] + x[1] * x[1]) / (2.0 * s * s)).exp()
            };
            for (i, f) in field.values.iter().enumerate() {
                let off = (f - right(i)).abs() / right(i).max(0.01);
                assert!(off <= 1e-5 && off <= field.error_bound, "{distance} {s}: {off:e}");
            }
        }
    }
}

#[test]
fn every_set_of_instructions_keeps_the_tolerance_with_both_methods() {
    let points = Points::new(mixture(2, 5000, 1), mixture(2, 5000, 2)).expect("near points");
    let sets = Instructions::ALL.into_iter().filter(|set| set.is_available());
    for instructions in sets.map(Some) {
        let limits = FastLimits { instructions, memory: None };
        let mut ready = FastPoints::within(&points, limits).expect("few coordinates");
        let mut methods = Vec::new();
        for (s, tolerance) in [(1e-3, 1e-5), (0.3, 1e-3), (0.3, 1e-5), (0.3, 1e-9), (3.0, 1e-5)] {
            let field = ready.step(sigma(s), full(tolerance), &mut |_| true).expect("a field");
            check(&format!("{instructions:?}"), &points, s, tolerance, &field);
            methods.push(field.method);
        }
        assert!(methods.contains(&Method::Grid) && methods.contains(&Method::Cells));
    }
}

#[test]
fn a_draft_is_good_enough_to_look_at() {
    let points = Points::new(normal_in(2, 20_000, 1, 0.0), normal_in(2, 20_000, 2, 0.0));
    let points = points.expect("near points");
    let mut ready = FastPoints::new(&points).expect("few coordinates");
    let draft = ready.step(sigma(0.3), Accuracy::Draft, &mut |_| true).expect("a field");
    let field = ready.step(sigma(0.3), full(1e-5), &mut |_| true).expect("a field");
    let highest = field.values.iter().copied().fold(0.0, f64::max);
    let off = draft.values.iter().zip(&field.values).map(|(a, b)| (a - b).abs() / highest);
    let most = off.fold(0.0, f64::max);
    assert!(most < 1e-3, "{most:e}: an 8-bit colour shows 4e-3");
    assert!(draft.error_bound >= most && draft.error_bound > field.error_bound);
}

#[test]
fn a_thousand_sigmas_in_a_row_take_no_more_memory_than_a_hundred() {
    let points = Points::new(normal_in(2, 3000, 1, 0.0), normal_in(2, 3000, 2, 0.0));
    let points = points.expect("near points");
    let limits = FastLimits { instructions: None, memory: Some(8 << 20) };
    let mut ready = FastPoints::within(&points, limits).expect("few coordinates");
    let mut random = uniform(8);
    let mut most = 0;
    for k in 0..1000 {
        let s = 10_f64.powf(4.0 * random() - 3.0);
        let accuracy = if k % 3 == 0 { Accuracy::Draft } else { full(1e-5) };
        ready.step(sigma(s), accuracy, &mut |_| true).expect("a field");
        if k < 100 {
            most = ready.bytes().max(most);
        }
        assert!(ready.bytes() <= most + most / 4, "{} after {k}, {most} before", ready.bytes());
        assert!(ready.bytes() < 24 << 20, "{}", ready.bytes());
    }
}

#[test]
fn the_same_sigma_gives_the_same_bits_whatever_came_before() {
    let points = Points::new(mixture(2, 20_000, 1), mixture(2, 20_000, 2)).expect("near points");
    let mut ready = FastPoints::new(&points).expect("few coordinates");
    let first = ready.step(sigma(0.3), full(1e-5), &mut |_| true).expect("a field");
    for s in [0.31, 2.0, 0.05, 0.6] {
        ready.step(sigma(s), full(1e-5), &mut |_| true).expect("a field");
    }
    let again = ready.step(sigma(0.3), full(1e-5), &mut |_| true).expect("a field");
    let mut fresh = FastPoints::new(&points).expect("few coordinates");
    let other = fresh.step(sigma(0.3), full(1e-5), &mut |_| true).expect("a field");
    assert_eq!(first.method, Method::Grid);
    assert!(
        first.values == other.values
            && (again.method != Method::Grid || first.values == again.values)
    );
}

#[test]
fn it_stops_when_told_and_goes_on_as_before() {
    let points = Points::new(normal_in(2, 200_000, 1, 0.0), normal_in(2, 200_000, 2, 0.0));
    let points = points.expect("near points");
    let mut ready = FastPoints::new(&points).expect("few coordinates");
    for s in [1e-3, 0.3] {
        let stopped = ready.step(sigma(s), full(1e-9), &mut |_| false);
        assert!(matches!(stopped, Err(EngineError::Stopped)), "sigma {s}");
        let mut heard = Vec::new();
        let field = ready.step(sigma(s), full(1e-9), &mut |fraction| {
            heard.push(fraction);
            true
        });
        check("after a stop", &points, s, 1e-9, &field.expect("a field"));
        assert!(heard.iter().all(|f| (0.0..=1.0).contains(f)), "{heard:?}");
        assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]), "{heard:?}");
    }
}

#[test]
fn extremes_of_sigma_and_of_extent_are_no_trouble() {
    let far = |by: f64| {
        let mut coordinates = normal_in(2, 500, 1, 0.0).coordinates().to_vec();
        coordinates[7] = by;
        cloud(2, coordinates)
    };
    for by in [1e4, 1e9, 1e17] {
        let points = Points::new(far(by), far(by)).expect("near points");
        let mut ready = FastPoints::new(&points).expect("few coordinates");
        for s in [1e-12, 1e-6, 1e-3, 1.0, 1e3, 1e12] {
            let field = ready.step(sigma(s), full(1e-5), &mut |_| true).expect("a field");
            check(&format!("an outlier at {by:e}"), &points, s, 1e-5, &field);
        }
    }
    let zero = cloud(1, vec![0.0, 1.0]).with_weights(vec![0.0, 0.0]);
    let points = Points::new(cloud(1, vec![0.5]), zero).expect("near points");
    let mut ready = FastPoints::new(&points).expect("few coordinates");
    let field = ready.step(sigma(1.0), full(1e-5), &mut |_| true).expect("a field");
    assert_eq!(field.values, [0.0]);
}

#[test]
fn more_than_three_coordinates_are_refused_with_what_to_take() {
    let points = Points::new(normal_in(4, 10, 1, 0.0), normal_in(4, 10, 2, 0.0));
    let points = points.expect("near points");
    let problem = Problem { points: &points, sigma: sigma(0.3), chunk: 10 };
    let refused = Fast::default().sum(&problem, &mut |_| true).expect_err("too many").to_string();
    assert!(refused.contains("1 to 3 coordinates, found 4") && refused.contains("simd"));
}
