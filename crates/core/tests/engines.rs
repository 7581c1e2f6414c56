//! Every engine of the processor on one table of cases, against the f64 double loop.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use sigmascope_core::{
    engine::{
        Broadcast, Chunked, Engine, EngineError, Instructions, Limits, Naive, Problem, Progress,
        Simd, Unobserved,
    },
    model::{Cloud, Points, Sigma},
};
use sigmascope_test_cases::cases::{
    Case, SIGMAS, SIZES, Weights, check, check_metamorphic, cloud_case, odd_cases, sum,
};

/// All engines, with each set of vector instructions that this processor has as one of its own.
fn engines() -> Vec<(&'static str, Box<dyn Engine>)> {
    let mut engines: Vec<(&str, Box<dyn Engine>)> = vec![
        ("naive", Box::new(Naive)),
        ("broadcast", Box::new(Broadcast)),
        ("chunked", Box::new(Chunked)),
    ];
    engines.extend(sets().map(|set| {
        let engine: Box<dyn Engine> = Box::new(Simd { instructions: Some(set), in_double: false });
        (set.name(), engine)
    }));
    engines
}

fn sets() -> impl Iterator<Item = Instructions> {
    Instructions::ALL.into_iter().filter(|set| set.is_available())
}

fn check_all(cases: impl IntoIterator<Item = Case>) {
    let engines = engines();
    let engines: Vec<(&str, &dyn Engine)> =
        engines.iter().map(|(name, engine)| (*name, engine.as_ref())).collect();
    for case in cases {
        check(&case, &engines);
    }
}

/// All sizes and σ in `dim` coordinates, with and without weights.
fn check_table(dim: usize) {
    let kinds = [Weights::None, Weights::Positive, Weights::Signed, Weights::Huge];
    for sigma in SIGMAS {
        for (k, (n, m)) in SIZES.into_iter().enumerate() {
            check_all([cloud_case(dim, n, m, sigma, Weights::None)]);
            check_all([cloud_case(dim, n, m, sigma, kinds[1 + k % 3])]);
        }
        let weights = if sigma < 1.0 { Weights::None } else { Weights::Positive };
        check_all([cloud_case(dim, 3000, 3000, sigma, weights)]);
    }
    check_all(odd_cases(dim));
}

#[test]
fn the_table_in_one_dimension() {
    check_table(1);
}

#[test]
fn the_table_in_two_dimensions() {
    check_table(2);
}

#[test]
fn the_table_in_three_dimensions() {
    check_table(3);
}

#[test]
fn the_table_in_four_dimensions() {
    check_table(4);
}

#[test]
fn the_table_in_seven_dimensions() {
    check_table(7);
}

#[test]
fn the_table_in_sixteen_dimensions() {
    check_table(16);
}

#[test]
fn the_table_in_sixty_four_dimensions() {
    check_table(64);
}

#[test]
fn many_sources_cost_no_digits() {
    for sigma in SIGMAS {
        check_all([cloud_case(2, 64, 65_537, sigma, Weights::None)]);
        check_all([cloud_case(2, 64, 65_537, sigma, Weights::Signed)]);
    }
    for (sigma, weights) in [(0.3, Weights::None), (10.0, Weights::Positive)] {
        check_all([cloud_case(2, 64, 1_000_000, sigma, weights)]);
    }
    // Equal terms: all roundings point one way.
    let same = Cloud::new(2, vec![0.1; 2_000_000], Cloud::default_axes(2));
    let points = Points::new(sigmascope_test_cases::normal(64, 1, 0.0), same).expect("near points");
    let name = "a million coincident sources".to_owned();
    check_all([Case { name, points, sigma: 1.0, chunks: vec![8192] }]);
}

#[test]
#[expect(clippy::float_cmp, reason = "small whole numbers add up exactly")]
fn coincident_points_add_up_exactly() {
    for dim in [1, 2, 7] {
        let same = |n| Cloud::new(dim, vec![0.1; n * dim], Cloud::default_axes(dim));
        let points = Points::new(same(70), same(1000)).expect("near points");
        for (name, engine) in engines() {
            let field = sum(engine.as_ref(), &points, 0.3, 64);
            assert!(field.iter().all(|f| *f == 1000.0), "{name}");
        }
    }
}

#[test]
fn what_changes_nothing_changes_nothing() {
    for dim in [1, 2, 3, 7] {
        for (_, engine) in engines() {
            check_metamorphic(engine.as_ref(), dim);
        }
    }
}

#[test]
fn all_weights_zero_is_a_field_of_zeros() {
    let sources = sigmascope_test_cases::normal(50, 2, 0.0).with_weights(vec![0.0; 50]);
    let points =
        Points::new(sigmascope_test_cases::normal(40, 1, 0.0), sources).expect("near points");
    for (name, engine) in engines() {
        assert_eq!(sum(engine.as_ref(), &points, 0.3, 64), vec![0.0; 40], "{name}");
    }
}

#[test]
fn no_targets_or_no_sources_is_refused_with_the_legal_range() {
    let cloud = |n| sigmascope_test_cases::normal(n, 1, 0.0);
    for (n, m) in [(0, 5), (5, 0), (0, 0)] {
        let message = Points::new(cloud(n), cloud(m)).expect_err("nothing to sum").to_string();
        assert!(message.contains("at least one target and one source"), "{message}");
    }
}

#[test]
fn the_matrix_of_200_000_points_is_refused_at_once_with_its_size() {
    let points = Points::new(
        sigmascope_test_cases::normal(200_000, 1, 0.0),
        sigmascope_test_cases::normal(200_000, 2, 0.0),
    );
    let points = points.expect("near points");
    let sigma = Sigma::new(0.3).expect("legal");
    let problem = Problem { points: &points, sigma, chunk: 200_000 };
    // A limit of its own: no machine's memory makes the test.
    let limits = Limits { memory: Some(100 << 30), ..Limits::default() };
    let engines: [&dyn Engine; 2] = [&Broadcast, &Chunked];
    for engine in engines {
        let refused = engine.field(&problem, &limits, &mut Unobserved).err();
        let refused = refused.expect("too large").to_string();
        for word in ["320.0 GB", "320000000000 bytes", "107.4 GB", "--memory-limit", "simd"] {
            assert!(refused.contains(word), "{word} in {refused}");
        }
    }
    // One chunk of it fits.
    let few = points.targets().select(0..10);
    let points = Points::new(few, points.sources().clone()).expect("near points");
    let problem = Problem { points: &points, sigma, chunk: 10 };
    let limits = Limits { memory: Some(800), ..Limits::default() };
    let field = Chunked.field(&problem, &limits, &mut Unobserved).expect("a field");
    assert_eq!(field.values.read().expect("values").len(), 10);
}

#[test]
fn every_engine_stops_soon_when_told_and_hears_progress_before() {
    let points = Points::new(
        sigmascope_test_cases::normal(8000, 1, 0.0),
        sigmascope_test_cases::normal(40_000, 2, 0.0),
    );
    let points = points.expect("near points");
    let problem = Problem { points: &points, sigma: Sigma::new(0.3).expect("legal"), chunk: 4096 };
    for (name, engine) in engines() {
        let mut heard = Vec::new();
        let mut told = None;
        let stopped = engine.sum(&problem, &mut |Progress { fraction }: Progress| {
            heard.push(fraction);
            if heard.len() < 3 {
                return ControlFlow::Continue(());
            }
            told.get_or_insert_with(Instant::now);
            ControlFlow::Break(())
        });
        assert!(matches!(stopped, Err(EngineError::Stopped)), "{name}");
        let late = told.expect("it asked").elapsed();
        assert!(late < Duration::from_secs(10), "{name} went on for {late:?}");
        assert!(heard.iter().all(|f| (0.0..=1.0).contains(f)), "{name}: {heard:?}");
        assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]), "{name}: {heard:?}");
    }
}

#[test]
fn all_instructions_agree() {
    let case = cloud_case(3, 500, 700, 0.3, Weights::Positive);
    let fields: Vec<Vec<f64>> = sets()
        .map(|set| {
            sum(&Simd { instructions: Some(set), in_double: false }, &case.points, case.sigma, 64)
        })
        .collect();
    for field in &fields[1..] {
        assert!(sigmascope_test_cases::error_of(field, &fields[0]) < 2e-6);
    }
}
