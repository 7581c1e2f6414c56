//! The engine `simd` where it does less than sum every pair: where sources are out of reach, and where the
//! targets are the sources. What it leaves out must not show.

use sigmascope_core::{
    engine::{Engine, Instructions, Simd},
    model::{Cloud, Points},
};
use sigmascope_test_cases::{
    cases::{Case, Weights, check, sum},
    normal_in, uniform,
};

/// With each set of instructions that this processor has, and in f64.
fn engines() -> Vec<(&'static str, Simd)> {
    let sets = Instructions::ALL.into_iter().filter(|set| set.is_available());
    let of_set =
        |set: Instructions| (set.name(), Simd { instructions: Some(set), in_double: false });
    let mut engines: Vec<_> = sets.map(of_set).collect();
    engines.push(("f64", Simd { instructions: None, in_double: true }));
    engines
}

fn check_all(name: &str, targets: &Cloud, sources: &Cloud, sigma: f64) {
    let engines = engines();
    let engines: Vec<(&str, &dyn Engine)> =
        engines.iter().map(|(name, engine)| (*name, engine as &dyn Engine)).collect();
    let points = Points::new(targets.clone(), sources.clone()).expect("near points");
    let name = format!("{name}, d {}, sigma {sigma}", targets.dim());
    check(&Case { name, points, sigma, chunks: vec![64] }, &engines);
}

fn joined(parts: &[Cloud]) -> Cloud {
    let dim = parts[0].dim();
    let coordinates = parts.iter().flat_map(Cloud::coordinates).copied().collect();
    Cloud::new(dim, coordinates, Cloud::default_axes(dim))
}

/// Twenty clusters, far apart.
fn clusters(dim: usize, n: usize, seed: u64) -> Cloud {
    let middles = normal_in(dim, 20, 5, 0.0);
    let coordinates = normal_in(dim, n, seed, 0.0).coordinates().to_vec();
    let moved = coordinates.chunks(dim).enumerate().flat_map(|(i, point)| {
        let middle = middles.point(i % 20);
        point.iter().zip(middle).map(|(c, middle)| c + 100.0 * middle).collect::<Vec<f64>>()
    });
    Cloud::new(dim, moved.collect(), Cloud::default_axes(dim))
}

/// Weights over twelve powers of ten, the heavy ones rare.
fn uneven(sources: Cloud) -> Cloud {
    let mut random = uniform(17);
    let weights = (0..sources.len()).map(|_| 10_f64.powf(-12.0 * random())).collect();
    sources.with_weights(weights)
}

#[test]
fn what_is_out_of_reach_does_not_show() {
    for dim in [1, 2, 3, 5] {
        let sources = normal_in(dim, 2000, 2, 0.0);
        let targets = normal_in(dim, 1500, 1, 0.0);
        for sigma in [0.003, 0.03, 0.2] {
            check_all("normal", &targets, &sources, sigma);
            for weights in [Weights::Positive, Weights::Signed, Weights::Huge] {
                check_all("weights", &targets, &weights.of(sources.clone()), sigma);
            }
            check_all("uneven weights", &targets, &uneven(sources.clone()), sigma);
        }
        check_all("clusters", &clusters(dim, 1500, 3), &clusters(dim, 2000, 4), 1.0);
    }
}

#[test]
fn a_target_that_is_far_from_every_source_has_its_value() {
    for dim in [1, 2, 3] {
        let sources = normal_in(dim, 2000, 2, 0.0);
        for distance in [3.0, 6.0, 9.0, 12.0, 30.0] {
            let far = normal_in(dim, 700, 4, distance / (dim as f64).sqrt());
            check_all("far", &far, &sources, 1.0);
            check_all("far", &far, &uneven(sources.clone()), 1.0);
            let both = joined(&[normal_in(dim, 700, 1, 0.0), far]);
            check_all("near and far", &both, &sources, 0.5);
        }
    }
}

#[test]
fn a_cloud_and_itself_is_summed_like_any_other() {
    for dim in [1, 2, 3, 4, 5, 16] {
        // Blocks and vectors that are full, and some that are not.
        for n in [1023, 1024, 1025, 1700] {
            let cloud = normal_in(dim, n, 1, 0.0);
            for sigma in [0.01, 0.3, 10.0] {
                check_all("itself", &cloud, &cloud, sigma);
                let weights = [Weights::Positive, Weights::Signed, Weights::Huge][n % 3];
                check_all("itself, weighted", &cloud, &weights.of(cloud.clone()), sigma);
            }
            check_all("itself, uneven weights", &cloud, &uneven(cloud.clone()), 0.3);
        }
        let cloud = clusters(dim, 2500, 3);
        check_all("clusters and themselves", &cloud, &cloud, 1.0);
    }
}

#[test]
fn the_number_of_threads_changes_no_value() {
    let cloud = normal_in(2, 9000, 1, 0.0);
    let points = Points::new(cloud.clone(), cloud).expect("near points");
    for sigma in [0.02, 1.0] {
        let field = || sum(&Simd::default(), &points, sigma, 64);
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        assert_eq!(field(), alone.install(field));
    }
}
