//! The fast engine against the definition, on clouds of every shape: its tolerance, its own bound, and
//! what is kept from one σ to the next.

use std::ops::ControlFlow;

use sigmascope_core::{
    engine::{
        Accuracy, Engine, EngineError, Fast, FastField, FastLimits, FastPoints, Instructions,
        Method, Problem, Progress, Unobserved,
    },
    model::Points,
};
use sigmascope_test_cases::{
    cases::Weights,
    clouds::{self, cloud, clouds, full, mixture, sigma},
    normal_in, uniform,
};

/// Holds one field to the tolerance and to its own bound.
fn check(name: &str, points: &Points, sigma: f64, tolerance: f64, field: &FastField) {
    let FastField { values, error_bound, method, why } = field;
    let what = format!("{name}, {method:?} ({why})");
    clouds::check(&what, points, sigma, tolerance, values, *error_bound);
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
                let field = ready.step(sigma(s), full(tolerance), &mut Unobserved);
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
            let field = ready.step(sigma(s), full(1e-5), &mut Unobserved).expect("a field");
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
            let field = ready.step(sigma(s), full(tolerance), &mut Unobserved).expect("a field");
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
    let draft = ready.step(sigma(0.3), Accuracy::Draft, &mut Unobserved).expect("a field");
    let field = ready.step(sigma(0.3), full(1e-5), &mut Unobserved).expect("a field");
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
        ready.step(sigma(s), accuracy, &mut Unobserved).expect("a field");
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
    let first = ready.step(sigma(0.3), full(1e-5), &mut Unobserved).expect("a field");
    for s in [0.31, 2.0, 0.05, 0.6] {
        ready.step(sigma(s), full(1e-5), &mut Unobserved).expect("a field");
    }
    let again = ready.step(sigma(0.3), full(1e-5), &mut Unobserved).expect("a field");
    let mut fresh = FastPoints::new(&points).expect("few coordinates");
    let other = fresh.step(sigma(0.3), full(1e-5), &mut Unobserved).expect("a field");
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
        let stopped = ready.step(sigma(s), full(1e-9), &mut |_: Progress| ControlFlow::Break(()));
        assert!(matches!(stopped, Err(EngineError::Stopped)), "sigma {s}");
        let mut heard = Vec::new();
        let field = ready.step(sigma(s), full(1e-9), &mut |Progress { fraction }: Progress| {
            heard.push(fraction);
            ControlFlow::Continue(())
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
            let field = ready.step(sigma(s), full(1e-5), &mut Unobserved).expect("a field");
            check(&format!("an outlier at {by:e}"), &points, s, 1e-5, &field);
        }
    }
    let zero = cloud(1, vec![0.0, 1.0]).with_weights(vec![0.0, 0.0]);
    let points = Points::new(cloud(1, vec![0.5]), zero).expect("near points");
    let mut ready = FastPoints::new(&points).expect("few coordinates");
    let field = ready.step(sigma(1.0), full(1e-5), &mut Unobserved).expect("a field");
    assert_eq!(field.values, [0.0]);
}

#[test]
fn a_field_of_far_pairs_alone_has_a_bound_that_says_something() {
    for dim in [1, 2, 3] {
        for distance in [6.0, 9.0, 15.0, 30.0, 37.0, 60.0, 1e4] {
            let far = normal_in(dim, 200, 2, 0.0);
            let far = far.coordinates().iter().map(|c| distance + 0.1 * c).collect();
            let near = normal_in(dim, 300, 1, 0.0).coordinates().iter().map(|c| 0.1 * c).collect();
            let points = Points::new(cloud(dim, near), cloud(dim, far)).expect("near points");
            let mut ready = FastPoints::new(&points).expect("few coordinates");
            let s = (dim as f64).sqrt();
            let field = ready.step(sigma(s), full(1e-5), &mut Unobserved).expect("a field");
            assert!(field.error_bound <= 1e-4, "{dim} {distance}: {:e}", field.error_bound);
            check(&format!("{distance} away"), &points, s, 1e-5, &field);
            let draft = ready.step(sigma(s), Accuracy::Draft, &mut Unobserved).expect("a field");
            assert!(draft.error_bound.is_finite() && draft.error_bound < 1e6, "{draft:?}");
        }
    }
}

#[test]
fn more_than_three_coordinates_are_refused_with_what_to_take() {
    let points = Points::new(normal_in(4, 10, 1, 0.0), normal_in(4, 10, 2, 0.0));
    let points = points.expect("near points");
    let problem = Problem { points: &points, sigma: sigma(0.3), chunk: 10 };
    let refused = Fast::default().sum(&problem, &mut Unobserved).expect_err("too many").to_string();
    assert!(refused.contains("1 to 3 coordinates, found 4") && refused.contains("simd"));
}
