//! The table of cases that every engine is tested on, and the sums in f64 that they are compared
//! with.

use sigmascope_core::{
    engine::{Engine, EngineId, Problem, Unobserved},
    model::{Cloud, Points, Sigma},
};

use super::normal_in;

/// One problem, and the chunks to try it with.
pub struct Case {
    pub name: String,
    pub points: Points,
    pub sigma: f64,
    pub chunks: Vec<usize>,
}

/// The field in f64, and Σ|w|·k, which equals it where no weight is negative.
pub struct Reference {
    pub field: Vec<f64>,
    pub magnitude: Vec<f64>,
    /// The largest |w|.
    pub weight: f64,
}

/// How far a field is off.
#[derive(Clone, Copy, Debug)]
pub struct Errors {
    /// The largest of |f − ref| / max(ref, 10⁻³·max ref).
    pub of_field: f64,
    /// The largest of |f − ref| / ref where ref ≥ 10⁻²⁰·max |w|.
    pub elementwise: f64,
}

/// The weights of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weights {
    None,
    /// From 0 to 1, with every seventh zero.
    Positive,
    /// From −1 to 1.
    Signed,
    /// Far beyond the range of f32.
    Huge,
}

impl Weights {
    pub fn of(self, sources: Cloud) -> Cloud {
        let mut random = super::uniform(99);
        let mut weight = |j: usize| match self {
            Self::None => 1.0,
            Self::Positive if j.is_multiple_of(7) => 0.0,
            Self::Positive => random(),
            Self::Signed => 2.0 * random() - 1.0,
            Self::Huge => 1e200 * (0.5 + random()),
        };
        let weights = (0..sources.len()).map(&mut weight).collect();
        if self == Self::None { sources } else { sources.with_weights(weights) }
    }
}

/// Standard normal points, N targets and M sources.
pub fn cloud_case(dim: usize, n: usize, m: usize, sigma: f64, weights: Weights) -> Case {
    let sources = weights.of(normal_in(dim, m, 2, 0.0));
    let points = Points::new(normal_in(dim, n, 1, 0.0), sources).expect("near points");
    let name = format!("d {dim}, n {n}, m {m}, sigma {sigma}, weights {weights:?}");
    Case { name, points, sigma, chunks: vec![64, m] }
}

/// Numbers of targets and sources around the sizes of vectors, blocks and tiles.
pub const SIZES: [(usize, usize); 9] = [
    (1, 1),
    (1, 3000),
    (3000, 1),
    (63, 64),
    (64, 65),
    (65, 63),
    (255, 257),
    (256, 256),
    (257, 255),
];

/// σ in units of the clouds' spread.
pub const SIGMAS: [f64; 3] = [0.01, 0.3, 10.0];

/// Clouds of every shape that has been trouble somewhere, in `dim` coordinates.
pub fn odd_cases(dim: usize) -> Vec<Case> {
    let case = |name: &str, targets: Cloud, sources: Cloud, sigma: f64| Case {
        name: format!("{name}, d {dim}, sigma {sigma}"),
        points: Points::new(targets, sources).expect("near points"),
        sigma,
        chunks: vec![100, 100_000],
    };
    let moved = |cloud: &Cloud, by: f64| {
        let coordinates = cloud.coordinates().iter().map(|c| c + by).collect();
        Cloud::new(dim, coordinates, Cloud::default_axes(dim))
    };
    let joined = |parts: &[&Cloud]| {
        let coordinates = parts.iter().flat_map(|part| part.coordinates()).copied().collect();
        Cloud::new(dim, coordinates, Cloud::default_axes(dim))
    };
    let cloud = |n, seed| normal_in(dim, n, seed, 0.0);
    let same = |n: usize, c: f64| Cloud::new(dim, vec![c; n * dim], Cloud::default_axes(dim));

    let mut cases = Vec::new();
    for sigma in [0.01, 0.3] {
        let itself = cloud(700, 3);
        cases.push(case("a cloud and itself", itself.clone(), itself.clone(), sigma));
        let far = moved(&itself, 1e6);
        cases.push(case("a million away", far.clone(), far, sigma));
        let pair = joined(&[&moved(&cloud(300, 3), -1e3), &moved(&cloud(300, 4), 1e3)]);
        cases.push(case("two far clusters", pair.clone(), pair, sigma));
        let outlier = joined(&[&cloud(500, 5), &same(1, 1e6)]);
        cases.push(case("one outlier", outlier.clone(), outlier.clone(), sigma));
        cases.push(case("an outlier among the sources", cloud(500, 6), outlier, sigma));
    }
    cases.push(case("coincident points", same(300, 0.1), same(1000, 0.1), 0.3));
    cases.push(case("coincident sources, near", cloud(300, 7), same(3000, 0.1), 1.0));
    // Only far pairs: every term is small, and its exponent large.
    for (distance, sigma) in [(2.0, 0.3), (0.8, 0.1), (2.5, 0.3), (8.0, 0.3), (10.0, 0.3)] {
        let distance = distance / (dim as f64).sqrt();
        let sources = moved(&cloud(40, 8).select(0..1), distance);
        cases.push(case("one far pair", cloud(40, 8).select(0..1), sources, sigma));
    }
    let sources = moved(&cloud(300, 9), 30.0 / (dim as f64).sqrt());
    cases.push(case("far clouds", cloud(300, 10), sources, 4.0));
    // In steps of half: exact ties where exponents are rounded.
    let steps = |n: usize, step: f64| {
        let coordinates = (0..n * dim).map(|k| (k % 37) as f64 * step).collect();
        Cloud::new(dim, coordinates, Cloud::default_axes(dim))
    };
    cases.push(case("a lattice", steps(300, 0.5), steps(400, 0.25), 1.0));
    cases
}

/// The definition, written out once more and apart from the program, with compensated sums.
pub fn reference(points: &Points, sigma: f64) -> Reference {
    let [targets, sources] = [points.targets(), points.sources()];
    let (mut field, mut magnitude) = (Vec::new(), Vec::new());
    for i in 0..targets.len() {
        let x = targets.point(i);
        let (mut sum, mut error, mut absolute) = (0.0_f64, 0.0, 0.0);
        for j in 0..sources.len() {
            let squared: f64 = x.iter().zip(sources.point(j)).map(|(x, y)| (x - y).powi(2)).sum();
            let kernel = (-squared / (2.0 * sigma * sigma)).exp();
            let term = sources.weights().map_or(1.0, |weights| weights[j]) * kernel;
            absolute += term.abs();
            // Kahan & Babuška.
            let total = sum + term;
            let large = if sum.abs() >= term.abs() { (sum, term) } else { (term, sum) };
            error += (large.0 - total) + large.1;
            sum = total;
        }
        field.push(sum + error);
        magnitude.push(absolute);
    }
    let weights = sources.weights().unwrap_or(&[1.0]);
    let weight = weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
    Reference { field, magnitude, weight }
}

impl Reference {
    pub fn errors_of(&self, field: &[f64]) -> Errors {
        let Self { field: right, magnitude, weight } = self;
        assert_eq!(field.len(), right.len());
        let highest = magnitude.iter().copied().fold(0.0, f64::max);
        let mut errors = Errors { of_field: 0.0, elementwise: 0.0 };
        for ((f, right), magnitude) in field.iter().zip(right).zip(magnitude) {
            assert!(f.is_finite(), "{f} where {right} is right");
            // Below this the kernel itself runs out of f64's digits.
            let floor = (1e-3 * highest).max(1e-300 * weight.max(1.0));
            errors.of_field = errors.of_field.max((f - right).abs() / magnitude.max(floor));
            if *magnitude >= 1e-20 * weight && *magnitude > 0.0 {
                errors.elementwise = errors.elementwise.max((f - right).abs() / magnitude);
            }
        }
        errors
    }
}

/// The field of an engine that nobody stops.
pub fn sum(engine: &dyn Engine, points: &Points, sigma: f64, chunk: usize) -> Vec<f64> {
    let problem = Problem { points, sigma: Sigma::new(sigma).expect("a legal sigma"), chunk };
    engine.sum(&problem, &mut Unobserved).unwrap_or_else(|err| panic!("{}: {err}", engine.id()))
}

/// Holds engines to their promises on one case; `SHOW_ERRORS=1` prints how far off they are.
pub fn check(case: &Case, engines: &[(&str, &dyn Engine)]) {
    let Case { name, points, sigma, chunks } = case;
    let reference = reference(points, *sigma);
    for (label, engine) in engines {
        // Only these do anything else for another chunk.
        let by_chunk = matches!(engine.id(), EngineId::Chunked | EngineId::Gpu);
        let chunks = if by_chunk { &chunks[..] } else { &chunks[..1] };
        for &chunk in chunks {
            let errors = reference.errors_of(&sum(*engine, points, *sigma, chunk));
            if std::env::var_os("SHOW_ERRORS").is_some() {
                let Errors { of_field, elementwise } = errors;
                println!("{of_field:9.2e} {elementwise:9.2e}  {label:16} {name}, chunk {chunk}");
            }
            assert!(
                errors.of_field <= engine.tolerance()
                    && errors.elementwise <= engine.elementwise_tolerance(),
                "{label}: {name}, chunk {chunk}: {errors:?}"
            );
        }
    }
}

/// What must hold for any engine, whatever its digits: each as a name and what it finds wrong.
pub fn check_metamorphic(engine: &dyn Engine, dim: usize) {
    let tolerance = engine.tolerance();
    let targets = normal_in(dim, 300, 1, 0.0);
    let sources = Weights::Positive.of(normal_in(dim, 400, 2, 0.0));
    let points = Points::new(targets.clone(), sources.clone()).expect("near points");
    let (sigma, chunk) = (1.0, 64);
    let field = sum(engine, &points, sigma, chunk);
    let near = |what: &str, found: &[f64], expected: &[f64]| {
        let highest = expected.iter().copied().fold(0.0, f64::max);
        for (found, expected) in found.iter().zip(expected) {
            let error = (found - expected).abs() / expected.max(1e-3 * highest);
            assert!(error <= 2.0 * tolerance, "{}, d {dim}: {what}: {error:e}", engine.id());
        }
    };
    let changed = |targets: Cloud, sources: Cloud| Points::new(targets, sources).expect("near");
    let mapped = |cloud: &Cloud, map: &dyn Fn(f64) -> f64| {
        let coordinates = cloud.coordinates().iter().copied().map(map).collect();
        let mapped = Cloud::new(dim, coordinates, cloud.axes().to_vec());
        match cloud.weights() {
            None => mapped,
            Some(weights) => mapped.with_weights(weights.to_vec()),
        }
    };

    let shuffled = changed(targets.clone(), sources.select((0..400).map(|j| j * 171 % 400)));
    near("another order of sources", &sum(engine, &shuffled, sigma, chunk), &field);
    let turned = changed(targets.select((0..300).rev()), sources.clone());
    let turned: Vec<f64> = sum(engine, &turned, sigma, chunk).into_iter().rev().collect();
    near("another order of targets", &turned, &field);
    // By whole numbers, so that no coordinate is rounded on its way.
    let grid = |c: f64| (c * 1024.0).round() / 1024.0;
    let [x, y] = [mapped(&targets, &grid), mapped(&sources, &grid)];
    let still = sum(engine, &changed(x.clone(), y.clone()), sigma, chunk);
    let move_by = |c: f64| c + 4096.0;
    let moved = changed(mapped(&x, &move_by), mapped(&y, &move_by));
    near("moved", &sum(engine, &moved, sigma, chunk), &still);
    for chunk in [1, 7, 256, 400, 5000] {
        near("another chunk", &sum(engine, &points, sigma, chunk), &field);
    }
    let twice = changed(targets.clone(), sources.select((0..400).chain(0..400)));
    let doubled: Vec<f64> = field.iter().map(|f| 2.0 * f).collect();
    near("every source twice", &sum(engine, &twice, sigma, chunk), &doubled);
    for power in [-30, 3, 30] {
        let factor = f64::from(power).exp2();
        let scale = |c: f64| c * factor;
        let scaled = changed(mapped(&targets, &scale), mapped(&sources, &scale));
        let scaled = sum(engine, &scaled, sigma * factor, chunk);
        near("scaled by a power of two", &scaled, &field);
    }
}
