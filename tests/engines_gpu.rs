//! The device as an engine: the table of cases that all engines share, and what is its own.

mod common;

use std::time::{Duration, Instant};

use common::{
    adversary::{Worst, known, seconds, seed, trials},
    cases::{self, Case, SIGMAS, SIZES, Weights, cloud_case, odd_cases, reference, sum},
    device_test, error_of, gpu, normal, rounded, run_device_tests,
};
use sigmascope::{
    engine::{Engine, Limits, Place, Problem, Unobserved},
    gpu::GpuEngine,
    model::{Cloud, Points, Sigma},
    scheduler::DeviceKind,
};

fn check(points: &Points, sigma: f64, chunks: &[usize], tolerance: f64) {
    let reference = reference(points, sigma);
    let gpu = gpu();
    for &chunk in chunks {
        let error = reference.errors_of(&sum(&GpuEngine(&gpu), points, sigma, chunk)).of_field;
        let (n, m) = (points.n(), points.m());
        assert!(error <= tolerance, "n {n} m {m} sigma {sigma} chunk {chunk}: error {error:e}");
    }
}

fn single_precision(n: usize, m: usize) -> Points {
    let clouds = (rounded(&normal(n, 1, 0.0)), rounded(&normal(m, 2, 0.0)));
    Points::new(clouds.0, clouds.1).expect("near points")
}

#[expect(clippy::float_cmp, reason = "small whole numbers add up exactly")]
fn main() {
    let mut tests = Vec::new();
    for dim in [1, 2, 3, 4, 7, 16, 64] {
        for sigma in SIGMAS {
            tests.push(device_test(format!("the table, d {dim}, sigma {sigma}"), move || {
                let kinds = [Weights::None, Weights::Positive, Weights::Signed, Weights::Huge];
                let gpu = gpu();
                let check = |case| cases::check(&case, &[("gpu", &GpuEngine(&gpu))]);
                for (k, (n, m)) in SIZES.into_iter().enumerate() {
                    check(cloud_case(dim, n, m, sigma, Weights::None));
                    check(cloud_case(dim, n, m, sigma, kinds[1 + k % 3]));
                }
                let weights = if sigma < 1.0 { Weights::None } else { Weights::Positive };
                check(cloud_case(dim, 3000, 3000, sigma, weights));
            }));
        }
        tests.push(device_test(format!("the table's odd clouds, d {dim}"), move || {
            let gpu = gpu();
            for case in odd_cases(dim) {
                cases::check(&case, &[("gpu", &GpuEngine(&gpu))]);
            }
        }));
        if dim <= 7 {
            tests.push(device_test(format!("what changes nothing, d {dim}"), move || {
                cases::check_metamorphic(&GpuEngine(&gpu()), dim);
            }));
        }
    }
    tests.push(device_test("many sources with weights cost no digits", || {
        let gpu = gpu();
        for sigma in SIGMAS {
            let case = cloud_case(2, 64, 65_537, sigma, Weights::Signed);
            cases::check(&case, &[("gpu", &GpuEngine(&gpu))]);
        }
        for dim in [3, 5] {
            let case = cloud_case(dim, 64, 200_000, 1.0, Weights::Positive);
            cases::check(&case, &[("gpu", &GpuEngine(&gpu))]);
        }
        // Equal terms: all roundings point one way.
        let same = Cloud::new(2, vec![0.1; 2_000_000], Cloud::default_axes(2));
        let points = Points::new(normal(64, 1, 0.0), same).expect("near points");
        let name = "a million coincident sources".to_owned();
        let case = Case { name, points, sigma: 1.0, chunks: vec![8192] };
        cases::check(&case, &[("gpu", &GpuEngine(&gpu))]);
    }));
    tests.push(device_test("all weights zero is a field of zeros", || {
        let sources = normal(50, 2, 0.0).with_weights(vec![0.0; 50]);
        let points = Points::new(normal(40, 1, 0.0), sources).expect("near points");
        assert_eq!(sum(&GpuEngine(&gpu()), &points, 0.3, 64), vec![0.0; 40]);
    }));
    for (n, m) in [(1, 1), (63, 64), (255, 257), (3000, 3000), (257, 65_537), (64, 1_000_000)] {
        for sigma in [0.01, 0.3, 10.0] {
            tests.push(device_test(format!("n {n}, m {m}, sigma {sigma}"), move || {
                let points = single_precision(n, m);
                let chunks = [1, 7, 256, 1000, m, 10 * m];
                // A chunk of one is slow by nature: once a size is enough.
                check(&points, sigma, &chunks[usize::from(sigma < 10.0)..], 2e-6);
            }));
        }
    }
    tests.push(device_test("a cloud a million away keeps its digits", || {
        let points = Points::new(normal(2000, 1, 1e6), normal(2000, 2, 1e6)).expect("near points");
        check(&points, 0.1, &[8192], 5e-6);
    }));
    tests.push(device_test("f64 data keep their digits at a small sigma", || {
        let points = Points::new(normal(3000, 1, 0.0), normal(3000, 2, 0.0)).expect("near points");
        check(&points, 0.01, &[8192], 2e-6);
        check(&points, 0.001, &[8192], 4e-6);
    }));
    tests.push(device_test("a field of far pairs alone keeps its digits", || {
        for (distance, sigma) in [(2.0, 0.3), (0.8, 0.1), (2.5, 0.3)] {
            let targets = rounded(&normal(300, 5, 0.0)).select(0..1);
            let sources = targets.coordinates().iter().map(|c| f64::from((c + distance) as f32));
            let sources = Cloud::new(2, sources.collect(), Cloud::default_axes(2));
            let points = Points::new(targets, sources).expect("near points");
            check(&points, sigma, &[8192], 2e-6);
        }
        let far = Points::new(normal(300, 5, 0.0), normal(300, 6, 30.0)).expect("near points");
        check(&far, 4.0, &[8192], 2e-6);
    }));
    tests.push(device_test("coincident points add up exactly", || {
        let same = Cloud::new(2, vec![0.1; 2 * 1000], Cloud::default_axes(2));
        let points = Points::new(same.clone(), same).expect("near points");
        let field = sum(&GpuEngine(&gpu()), &points, 0.3, 8192);
        assert!(field.iter().all(|&f| f == 1000.0));
    }));
    tests.push(device_test("two far clusters do not see each other", || {
        let mut coordinates = normal(500, 3, -1000.0).coordinates().to_vec();
        coordinates.extend(normal(500, 4, 1000.0).coordinates());
        let both = Cloud::new(2, coordinates, Cloud::default_axes(2));
        let points = Points::new(both.clone(), both).expect("near points");
        check(&points, 0.3, &[8192], 2e-6);
    }));
    tests.push(device_test("doubling the sources doubles the field", || {
        let points = single_precision(300, 400);
        let twice = points.sources().select((0..400).chain(0..400));
        let doubled = Points::new(points.targets().clone(), twice).expect("near points");
        let gpu = gpu();
        let once = sum(&GpuEngine(&gpu), &points, 0.3, 8192);
        let two = sum(&GpuEngine(&gpu), &doubled, 0.3, 8192);
        let expected: Vec<f64> = once.iter().map(|f| 2.0 * f).collect();
        assert!(error_of(&two, &expected) < 1e-6);
    }));
    tests.push(device_test("scaling all by a power of two changes nothing", || {
        let points = single_precision(300, 400);
        let scaled = |cloud: &Cloud| {
            let coordinates = cloud.coordinates().iter().map(|c| c * 1024.0).collect();
            Cloud::new(2, coordinates, cloud.axes().to_vec())
        };
        let large = Points::new(scaled(points.targets()), scaled(points.sources()));
        let gpu = gpu();
        let small = sum(&GpuEngine(&gpu), &points, 0.3, 64);
        assert_eq!(sum(&GpuEngine(&gpu), &large.expect("near"), 0.3 * 1024.0, 64), small);
    }));
    tests.push(device_test("what single precision cannot hold is summed on the processor", || {
        let gpu = gpu();
        let engine = GpuEngine(&gpu);
        for trial in known() {
            let sigma = Sigma::new(trial.sigma).expect("legal");
            let problem = Problem { points: &trial.points, sigma, chunk: 4096 };
            let field = engine.field(&problem, &Limits::default(), &mut Unobserved);
            let report = field.expect("a field").report;
            let words = match trial.name.as_str() {
                "two far clusters" | "one far point" if !trial.is_ordinary() => "two numbers of",
                _ => "on the processor",
            };
            let told = report.why.as_ref().is_some_and(|why| why.contains(words));
            assert_eq!(report.place == Place::Processor, told, "{}: {report:?}", trial.name);
        }
    }));
    tests.push(device_test("no field breaks its bound", || {
        let gpu = gpu();
        let engine = GpuEngine(&gpu);
        let (seed, enough) = (seed(), Duration::from_secs_f64(seconds(5.0)));
        println!("ADVERSARY_SEED={seed}");
        let mut worst = Worst::default();
        let began = Instant::now();
        let endless = trials(seed).take_while(|_| began.elapsed() < enough);
        for trial in known().into_iter().chain(endless) {
            let exact = trial.exact();
            if exact.is_finite() {
                worst.look("gpu", &engine, &trial, &exact, 2e-6);
            }
        }
        println!("{worst:?}");
    }));
    for dim in [1, 2, 3, 4, 7, 16, 64] {
        let name = format!("the layouts of other adapters, d {dim}");
        tests.push(device_test(name, move || {
            let gpu = gpu();
            for kind in [DeviceKind::Discrete, DeviceKind::Integrated, DeviceKind::Software] {
                let gpu = gpu.clone().planned_as(kind);
                let check = |case| cases::check(&case, &[("gpu", &GpuEngine(&gpu))]);
                for sigma in [0.05, 0.3, 3.0] {
                    for (n, m, weights) in [
                        (1, 1, Weights::None),
                        (63, 700, Weights::Positive),
                        (1000, 1100, Weights::None),
                        (300, 513, Weights::Signed),
                    ] {
                        check(cloud_case(dim, n, m, sigma, weights));
                    }
                }
            }
        }));
    }
    for dim in [2, 5] {
        let name = format!("sources out of reach are left out and nothing shows, d {dim}");
        tests.push(device_test(name, move || {
            let gpu = gpu();
            for kind in [DeviceKind::Discrete, DeviceKind::Software] {
                let gpu = gpu.clone().planned_as(kind).always_sorting();
                for weights in [Weights::None, Weights::Positive, Weights::Signed] {
                    let points = clusters(dim, 6000, weights);
                    for sigma in [0.3, 1.0] {
                        let name = format!("clusters of d {dim}, {kind}, sigma {sigma}");
                        let chunks = vec![100, 100_000];
                        let case = Case { name, points: points.clone(), sigma, chunks };
                        cases::check(&case, &[("gpu", &GpuEngine(&gpu))]);
                    }
                }
            }
        }));
    }
    run_device_tests(tests);
}

/// Twenty clusters on a line, each of width one and fifty from the next; a target in forty lies between
/// them, where f is low.
fn clusters(dim: usize, n: usize, weights: Weights) -> Points {
    let place = |cloud: &Cloud, between: bool| {
        let coordinates = cloud.coordinates().iter().enumerate().map(|(k, c)| {
            let (i, axis) = (k / dim, k % dim);
            let off = if between && i % 40 == 0 { 6.0 } else { 0.0 };
            let cluster = if axis == 0 { 50.0 * (i % 20) as f64 + off } else { 0.0 };
            f64::from((c + cluster) as f32)
        });
        Cloud::new(dim, coordinates.collect(), Cloud::default_axes(dim))
    };
    let case = cloud_case(dim, n, n, 1.0, weights);
    let mut sources = place(case.points.sources(), false);
    if let Some(weights) = case.points.sources().weights() {
        sources = sources.with_weights(weights.to_vec());
    }
    Points::new(place(case.points.targets(), true), sources).expect("near points")
}
