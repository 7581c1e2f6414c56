//! Clouds of every shape for the fast engine, on the processor and on the device, and what a field
//! of them must keep to.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use sigmascope_core::{
    engine::Accuracy,
    model::{Cloud, Points, Sigma, Tolerance},
};

use super::{normal_in, uniform};

pub fn cloud(dim: usize, coordinates: Vec<f64>) -> Cloud {
    Cloud::new(dim, coordinates, Cloud::default_axes(dim))
}

pub fn sigma(value: f64) -> Sigma {
    Sigma::new(value).expect("a legal sigma")
}

pub fn full(tolerance: f64) -> Accuracy {
    Accuracy::Full(Tolerance::new(tolerance).expect("a legal tolerance"))
}

/// A mixture of 50 normals with scales from 10^−2.5 to 10^−0.3.
pub fn mixture(dim: usize, n: usize, seed: u64) -> Cloud {
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
pub fn places(dim: usize, n: usize) -> Cloud {
    let mut random = uniform(5);
    let towns: Vec<f64> = (0..300 * dim).map(|_| (random() * 1000.0).round() * 0.01).collect();
    let coordinates = (0..n).flat_map(|_| {
        let town = (random() * random() * 300.0) as usize;
        towns[town * dim..(town + 1) * dim].to_vec()
    });
    cloud(dim, coordinates.collect())
}

/// Targets and sources of every shape, with a name and their spread.
pub fn clouds(dim: usize, n: usize) -> Vec<(&'static str, Cloud, Cloud, f64)> {
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
pub fn sampled(field: &[f64]) -> Vec<usize> {
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
pub fn exact(points: &Points, i: usize, sigma: f64) -> [f64; 2] {
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
pub fn check(
    what: &str,
    points: &Points,
    sigma: f64,
    tolerance: f64,
    values: &[f64],
    error_bound: f64,
) {
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
        assert!(values[*i].is_finite(), "{what}: {} at {i}", values[*i]);
        if magnitude >= 0.01 * weight {
            relative = relative.max(off / magnitude);
        }
        most = most.max(off / highest.max(f64::MIN_POSITIVE));
        seen = seen.max(off / magnitude.max(floor));
    }
    let what = format!("{what}, sigma {sigma}, tolerance {tolerance:e}");
    if std::env::var_os("SHOW_ERRORS").is_some() {
        println!("{relative:8.1e} {most:8.1e} {seen:8.1e} ≤ {error_bound:8.1e}  {what}");
    }
    assert!(relative <= tolerance, "{what}: {relative:e} of f");
    // Where nothing is within reach the highest value itself does not count.
    assert!(most <= 0.2 * tolerance || highest < 0.01 * weight, "{what}: {most:e} of max f");
    assert!(seen <= error_bound, "{what}: {seen:e} is more than {error_bound:e}");
    assert!(!positive || values.iter().all(|f| *f >= 0.0), "{what}: a negative value");
}
