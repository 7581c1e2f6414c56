//! Criteria for σ against a plain double loop, closed forms, and what other programs give.

use std::ops::ControlFlow;

use sigmascope_core::{
    criteria::{
        ByEngine, CriteriaError, Criterion, Curve, CurveRequest, Evaluation, Exact, Grid, LogSums,
        RowNames, SelectRequest, Selection, Summing, Warning, WarningKind, Which, Whitening,
        Without, about_disagreement, about_points, count_duplicates, ladder, merge_duplicates,
        scott_factor, select, silverman_factor,
    },
    engine::{Engine, Limits, Naive, Problem, Progress, Simd, Unobserved, go_on_if},
    model::{Cloud, Points, Sigma},
};
use sigmascope_test_cases::{normal_in, uniform};

const CURVES: [Criterion; 3] =
    [Criterion::LeaveOneOut, Criterion::HeldOut, Criterion::LeastSquares];

fn cloud(dim: usize, coordinates: Vec<f64>) -> Cloud {
    Cloud::new(dim, coordinates, Cloud::default_axes(dim))
}

fn points(targets: &Cloud, sources: &Cloud) -> Points {
    Points::new(targets.clone(), sources.clone()).expect("a problem")
}

/// Clumps of different widths in `dim` dimensions.
fn mixture(dim: usize, n: usize, seed: u64) -> Cloud {
    let normal = normal_in(dim, n, seed, 0.0);
    let mut random = uniform(seed + 1000);
    let mut coordinates = Vec::new();
    for i in 0..n {
        let (center, spread) = match random() {
            r if r < 0.4 => (-2.0, 0.3),
            r if r < 0.8 => (0.5, 1.0),
            _ => (3.0, 0.1),
        };
        coordinates.extend(normal.point(i).iter().map(|z| center + spread * z));
    }
    cloud(dim, coordinates)
}

/// The formulas of the criteria, term by term with the library's exponential.
fn by_double_loop(criterion: Criterion, points: &Points, sigma: f64) -> f64 {
    let (x, y) = (points.targets(), points.sources());
    let dim = y.dim();
    let weight = |j: usize| y.weights().map_or(1.0, |weights| weights[j]);
    let total = y.total_weight();
    let others = |i: usize| (0..y.len()).filter(|j| *j != i).map(weight).sum::<f64>();
    let sum = |point: &[f64], sigma: f64, without: Option<usize>| -> f64 {
        // Exponents relative to the largest, so that nothing is lost for far points.
        let exponents: Vec<(f64, f64)> = (0..y.len())
            .filter(|j| Some(*j) != without && weight(*j) > 0.0)
            .map(|j| {
                let squared: f64 = point.iter().zip(y.point(j)).map(|(a, b)| (a - b).powi(2)).sum();
                (-squared / (2.0 * sigma * sigma), weight(j))
            })
            .collect();
        let most = exponents.iter().map(|e| e.0).fold(f64::NEG_INFINITY, f64::max);
        most + exponents.iter().map(|(e, w)| w * (e - most).exp()).sum::<f64>().ln()
    };
    let volume = |sigma: f64| 0.5 * dim as f64 * (std::f64::consts::TAU * sigma * sigma).ln();
    match criterion {
        Criterion::HeldOut => {
            let term = |i| sum(x.point(i), sigma, None) - total.ln() - volume(sigma);
            (0..x.len()).map(term).sum::<f64>() / x.len() as f64
        }
        Criterion::LeaveOneOut => {
            let term = |i: usize| sum(y.point(i), sigma, Some(i)) - others(i).ln() - volume(sigma);
            (0..y.len()).map(term).sum::<f64>() / y.len() as f64
        }
        _ => {
            let wide = std::f64::consts::SQRT_2 * sigma;
            let term = |i: usize| {
                let squared = sum(y.point(i), wide, None) - 2.0 * total.ln() - volume(wide);
                let cross =
                    sum(y.point(i), sigma, Some(i)) - total.ln() - others(i).ln() - volume(sigma);
                weight(i) * (squared.exp() - 2.0 * cross.exp())
            };
            (0..y.len()).map(term).sum()
        }
    }
}

fn curves(points: &Points, criteria: &[Criterion], sigmas: &[f64]) -> Vec<Curve> {
    let request =
        CurveRequest { points, criteria, sigmas, max_points: usize::MAX, seed: 1, refine: true };
    request.run(Summing::By(&Exact), &mut |_| (), &mut Unobserved).expect("curves")
}

fn selections(points: &Points, criteria: &[Criterion]) -> Vec<Selection> {
    let request =
        SelectRequest { points, criteria, grid: Grid::Automatic, max_points: None, seed: 1 };
    select(&request, Summing::By(&Exact), &mut Unobserved).expect("selections")
}

fn chosen(cloud: &Cloud, criterion: Criterion) -> f64 {
    let all = selections(&points(cloud, cloud), &[criterion]);
    all[0].sigma.clone().expect("a σ")
}

fn kinds(selection: &Selection) -> Vec<WarningKind> {
    selection.warnings.iter().map(|warning| warning.kind).collect()
}

#[test]
fn curves_are_the_double_loop_in_any_dimension_with_and_without_weights() {
    for dim in [1, 2, 3, 5] {
        for weighted in [false, true] {
            let (x, mut y) = (mixture(dim, 70, 1), mixture(dim, 83, 2));
            if weighted {
                y = y.with_weights((0..83).map(|j| f64::from(j % 5) + 0.25).collect());
            }
            let points = points(&x, &y);
            let sigmas = ladder(0.2, 40);
            let found = curves(&points, &CURVES, &sigmas);
            for (curve, criterion) in found.iter().zip(CURVES) {
                assert_eq!((curve.criterion, curve.points.len()), (criterion, 40));
                for point in &curve.points {
                    let wanted = by_double_loop(criterion, &points, point.sigma);
                    let off = (point.value - wanted).abs() / wanted.abs().max(1e-3);
                    assert!(off < 1e-9, "{criterion}, d = {dim}: {point:?}, not {wanted}");
                    assert!(point.standard_error.abs() < 1e-300);
                }
            }
        }
    }
}

#[test]
fn an_isolated_point_has_a_finite_right_value() {
    // The third point sees the others through exp(−½·(10⁴)²/σ²), which no float64 holds.
    let sources = cloud(1, vec![0.0, 0.1, 1e4]);
    let points = points(&cloud(1, vec![-3e4]), &sources);
    for sigma in [0.01, 0.1, 1.0] {
        let found = curves(&points, &CURVES, &[0.5 * sigma, sigma, 2.0 * sigma]);
        for curve in &found {
            let wanted = by_double_loop(curve.criterion, &points, sigma);
            let value = curve.points[1].value;
            assert!(value.is_finite() && (value / wanted - 1.0).abs() < 1e-12, "{curve:?}");
        }
    }
}

#[test]
fn beside_a_weight_that_dwarfs_them_all_others_still_count() {
    for heavy in [1e14, 1e17, 1e30] {
        let mut weights = vec![1.0; 60];
        weights[17] = heavy;
        let sources = mixture(2, 60, 3).with_weights(weights);
        let points = points(&sources.clone().without_weights(), &sources);
        for sigma in [0.1, 0.5, 2.0] {
            let found = curves(&points, &CURVES[..2], &[0.5 * sigma, sigma, 2.0 * sigma]);
            for curve in &found {
                let wanted = by_double_loop(curve.criterion, &points, sigma);
                let value = curve.points[1].value;
                assert!((value / wanted - 1.0).abs() < 1e-9, "{heavy:e}: {value}, not {wanted}");
            }
        }
    }
}

/// The values at k, k + shift, … of a curve that other programs were given too.
fn waves(start: f64, count: usize) -> Vec<f64> {
    (0..count)
        .map(|k| {
            let at = k as f64 + start;
            let step = if at % 3.0 == 0.0 { 4.0 } else { 0.0 };
            (1.7 * at).sin() + 0.5 * (0.3 * at * at).sin() + step
        })
        .collect()
}

fn pairs(a: &[f64], b: &[f64]) -> Cloud {
    cloud(2, a.iter().zip(b).flat_map(|(a, b)| [*a, *b]).collect())
}

#[test]
fn log_likelihoods_are_those_of_scikit_learn() {
    // KernelDensity of scikit-learn 1.9.1 with rtol = atol = 0 and one leaf: score / n, and the mean
    // score of each source under a fit to the others.
    let wanted = [
        (0.02, -65.201_261_106_835_6, -79.229_920_019_336_62),
        (0.3, -2.414_440_561_976_773_5, -2.695_307_765_496_316_7),
        (3.0, -4.372_894_089_105_316, -4.454_768_054_303_696),
    ];
    let targets = pairs(&waves(0.5, 60), &waves(0.25, 60));
    let sources = pairs(&waves(0.0, 80), &waves(7.5, 80));
    let points = points(&targets, &sources);
    // The same score with sample_weight = 1, 2, 3, 4, 1, … and, of SciPy's gaussian_kde with these
    // weights, scotts_factor() and the root of the mean variance.
    let weights: Vec<f64> = (0..80).map(|j| f64::from(j % 4) + 1.0).collect();
    let weighted = Points::new(targets, sources.with_weights(weights)).expect("a problem");
    for (sigma, wanted) in [
        (0.02, -65.342_274_081_258_45),
        (0.3, -2.447_199_237_602_706_3),
        (3.0, -4.373_381_777_451_573),
    ] {
        let found = curves(&weighted, &[Criterion::HeldOut], &[sigma]);
        assert!((found[0].points[0].value / wanted - 1.0).abs() < 1e-9, "{found:?} {wanted}");
    }
    let scott = chosen(weighted.sources(), Criterion::Scott);
    assert!((scott / (0.496_609_713_389_7 * 1.533_261_643_672_193) - 1.0).abs() < 1e-10);
    for (sigma, held_out, leave_one_out) in wanted {
        let sigmas = [0.9 * sigma, sigma, 1.1 * sigma];
        let found = curves(&points, &[Criterion::HeldOut, Criterion::LeaveOneOut], &sigmas);
        for (curve, wanted) in found.iter().zip([held_out, leave_one_out]) {
            assert!((curve.points[1].value / wanted - 1.0).abs() < 1e-9, "{curve:?} {wanted}");
        }
    }
}

#[test]
fn rules_are_those_of_scipy_r_and_botev() {
    let line = cloud(1, waves(0.0, 500));
    // SciPy 1.17: gaussian_kde(y).scotts_factor(), silverman_factor(); NumPy: y.std(ddof=1).
    let s = 2.042_641_924_860_142_4;
    let near = |found: f64, wanted: f64, bound: f64| {
        assert!((found / wanted - 1.0).abs() < bound, "{found}, not {wanted}");
    };
    near(chosen(&line, Criterion::Scott), s * 0.288_539_981_181_442_7, 1e-10);
    near(chosen(&line, Criterion::Silverman), s * 0.305_628_427_163_159_74, 1e-10);
    // R 4.2.2: bw.ucv(y, nb = 20000, lower = 0.01·r, upper = r, tol = 1e-6·r) with
    // r = 1.144·sd(y)·n^(−1/5); bw.SJ(y, nb = 20000, tol = 1e-6·bw.SJ(y)).
    near(chosen(&line, Criterion::LeastSquares), 0.112_159_66, 0.01);
    near(chosen(&line, Criterion::SheatherJones), 0.268_263_63, 0.01);
    // The equation and root finder of KDEpy 1.1.12 on 16,384 points, as benches/peers/criteria.py
    // explains.
    near(chosen(&line, Criterion::ImprovedSheatherJones), 0.198_274_674_5, 0.01);
}

#[test]
fn rules_follow_the_scale_and_ignore_the_place() {
    let (here, rules) = (mixture(2, 400, 5), Criterion::ALL);
    let moved = here.coordinates().iter().map(|c| 1e3 + 8.0 * c).collect();
    let there = cloud(2, moved);
    for criterion in rules.into_iter().filter(|c| *c != Criterion::HeldOut) {
        let (a, b) = (chosen(&here, criterion), chosen(&there, criterion));
        assert!((b / (8.0 * a) - 1.0).abs() < 1e-6, "{criterion}: {a} {b}");
    }
    let per_axis = selections(&points(&here, &here), &[Criterion::SheatherJones]);
    let axes: Vec<_> = per_axis.iter().map(|s| s.axis.clone().expect("an axis")).collect();
    assert_eq!(axes, ["x1", "x2"]);
    assert!((scott_factor(100.0, 2) - silverman_factor(100.0, 2)).abs() < 1e-15);
}

#[test]
fn the_optimum_is_that_of_a_fine_exact_search() {
    let points = points(&mixture(2, 150, 7), &mixture(2, 160, 8));
    for selection in selections(&points, &CURVES) {
        let criterion = selection.criterion;
        let found = selection.sigma.expect("a σ");
        let fine = (0..=400).map(|k| found * (0.0005 * f64::from(k - 200)).exp());
        let sign = if criterion.prefers_high() { 1.0 } else { -1.0 };
        let value = |sigma: &f64| sign * by_double_loop(criterion, &points, *sigma);
        let best = fine.max_by(|a, b| value(a).total_cmp(&value(b))).expect("values");
        assert!((found / best - 1.0).abs() < 0.005, "{criterion}: {found}, not {best}");
        // And no other place of the whole range is better.
        let curve = selection.curve.expect("a curve");
        let highest = curve.points.iter().map(|p| sign * p.value).fold(f64::MIN, f64::max);
        assert!(value(&found) >= highest - 1e-9, "{criterion}");
    }
}

#[test]
fn an_engine_gives_the_same_sums() {
    let (x, y) = (mixture(2, 300, 3), mixture(2, 500, 4));
    let far = cloud(2, [x.coordinates(), &[60.0, 60.0]].concat());
    let own: Vec<usize> = (0..y.len()).collect();
    let sigmas = [0.01, 0.2, 3.0];
    for evaluation in [
        Evaluation { targets: &far, own: None, sources: &y },
        Evaluation { targets: &y, own: Some(&own), sources: &y },
    ] {
        let exact = Exact.log_sums(&evaluation, &sigmas, &mut Unobserved).expect("sums");
        let simd = Simd::default();
        let engine = ByEngine { engine: &simd, limits: &Limits::default() };
        let found = engine.log_sums(&evaluation, &sigmas, &mut Unobserved).expect("sums");
        assert_eq!(found.len(), exact.len());
        for (a, b) in found.iter().zip(&exact) {
            assert!(a.is_finite() && (a - b).abs() < 4e-5, "{a} {b}");
        }
    }
}

#[test]
fn the_fast_engine_gives_the_same_curves_over_all_points() {
    let jittered = |dim: usize| {
        // Half of the points twice, and one far off.
        let once = normal_in(dim, 1500, 21, 0.0);
        let far = vec![40.0; dim];
        let half = &once.coordinates()[..700 * dim];
        cloud(dim, [once.coordinates(), half, &far].concat())
    };
    for dim in 1..=3 {
        let some = mixture(dim, 1300, 5);
        let weights = (0..some.len()).map(|j| 0.001 + (j % 7) as f64).collect();
        let weighted = some.with_weights(weights);
        for (name, x, y) in [
            ("normal", normal_in(dim, 1400, 1, 0.0), normal_in(dim, 1500, 2, 0.0)),
            ("mixture", mixture(dim, 1200, 3), mixture(dim, 2000, 4)),
            ("duplicates and an outlier", mixture(dim, 900, 3), jittered(dim)),
            ("weights", mixture(dim, 1200, 6), weighted),
            ("far from the origin", normal_in(dim, 1200, 1, 1e6), normal_in(dim, 1200, 2, 1e6)),
        ] {
            let points = points(&x, &y);
            let sigmas = ladder(0.2, 48);
            let criteria = &CURVES;
            let request = CurveRequest {
                points: &points,
                criteria,
                sigmas: &sigmas,
                max_points: usize::MAX,
                seed: 1,
                refine: true,
            };
            let exact =
                request.run(Summing::By(&Exact), &mut |_| (), &mut Unobserved).expect("curves");
            let mut rounds: Vec<Vec<Curve>> = Vec::new();
            let mut hear = |curves: &[Curve]| rounds.push(curves.to_vec());
            let found =
                request.run(Summing::Automatic, &mut hear, &mut Unobserved).expect("curves");
            // A glance, then what each pair of clouds gives: no rounds in between.
            let used: Vec<usize> = rounds.iter().map(|curves| curves[0].points_used).collect();
            assert_eq!(used, [128, y.len(), y.len()], "{name}, d = {dim}");
            for (found, exact) in found.iter().zip(&exact) {
                let label = format!("{name}, d = {dim}, {}", exact.criterion);
                assert_eq!(found.points.len(), exact.points.len(), "{label}");
                assert_eq!(found.points_used, exact.points_used, "{label}");
                assert_eq!(found.outlier, exact.outlier, "{label}");
                for (a, b) in found.points.iter().zip(&exact.points) {
                    let error = (a.value - b.value).abs() / b.value.abs().max(0.1);
                    assert!(error < 1e-5, "{label}: {a:?} {b:?}");
                    assert!(a.standard_error == 0.0, "{label}: {a:?}");
                }
                let best = [found, exact].map(|curve| curve.optimum.expect("an optimum").sigma);
                assert!((best[0] / best[1] - 1.0).abs() < 2e-3, "{label}: {best:?}");
            }
        }
    }
}

#[test]
fn a_sample_that_the_fast_engine_looks_at_is_told_with_its_error() {
    let (x, y) = (mixture(2, 6000, 3), mixture(2, 4000, 4));
    let points = points(&x, &y);
    let sigmas = ladder(0.2, 24);
    let run = |max_points: usize, seed: u64| {
        CurveRequest {
            points: &points,
            criteria: &CURVES,
            sigmas: &sigmas,
            max_points,
            seed,
            refine: true,
        }
        .run(Summing::Automatic, &mut |_| (), &mut Unobserved)
        .expect("curves")
    };
    let (all, some) = (run(usize::MAX, 1), run(1000, 2));
    for (some, all) in some.iter().zip(&all) {
        assert_eq!((some.points_used, some.points_total), (1000, all.points_total));
        for (a, b) in some.points.iter().zip(&all.points) {
            assert!(a.standard_error > 0.0 && b.standard_error == 0.0);
            let off = (a.value - b.value).abs() / a.standard_error;
            assert!(off < 6.0, "{}: {a:?} {b:?}", all.criterion);
        }
    }
}

#[test]
fn where_too_many_sources_are_near_the_pairs_are_looked_at_one_by_one() {
    // A crowd seen from afar: from each target all sources are as good as equally near.
    let crowd = normal_in(2, 20_000, 8, 0.0);
    let ring = |k: usize| {
        let angle = k as f64 * 1e-3;
        [1e4 * angle.cos(), 1e4 * angle.sin()]
    };
    let ring = cloud(2, (0..4000).flat_map(ring).collect());
    let points = points(&ring, &crowd);
    let sigmas = [900.0, 1000.0, 1100.0];
    let request = CurveRequest {
        points: &points,
        criteria: &[Criterion::HeldOut],
        sigmas: &sigmas,
        max_points: usize::MAX,
        seed: 1,
        refine: false,
    };
    let [found, exact] = [Summing::Automatic, Summing::By(&Exact)].map(|summing| {
        request.run(summing, &mut |_| (), &mut Unobserved).expect("curves").remove(0)
    });
    assert_eq!(found.points_used, 4000);
    assert!(found.points[0].value < -50.0);
    for (a, b) in found.points.iter().zip(&exact.points) {
        assert!((a.value / b.value - 1.0).abs() < 1e-12, "{a:?} {b:?}");
    }
}

#[test]
fn the_curve_narrows_round_by_round_and_stops_when_told() {
    let sources = mixture(2, 1000, 9);
    let points = points(&sources, &sources);
    let sigmas = ladder(0.2, 12);
    let criteria = &[Criterion::LeaveOneOut, Criterion::LeastSquares];
    let request = CurveRequest {
        points: &points,
        criteria,
        sigmas: &sigmas,
        max_points: 700,
        seed: 2,
        refine: true,
    };
    let mut rounds: Vec<Vec<Curve>> = Vec::new();
    let last = request
        .run(Summing::By(&Exact), &mut |curves| rounds.push(curves.to_vec()), &mut Unobserved)
        .expect("curves");
    let used: Vec<usize> = rounds.iter().map(|curves| curves[0].points_used).collect();
    assert_eq!(used, [128, 256, 512, 700, 700]);
    assert_eq!(rounds.last(), Some(&last));
    for (first, last) in rounds[0].iter().zip(&last) {
        assert_eq!((first.points.len(), last.points_total), (12, 1000));
        let exact = curves(&points, &[last.criterion], &sigmas).remove(0);
        for ((early, late), exact) in first.points.iter().zip(&last.points).zip(&exact.points) {
            assert!(late.standard_error < early.standard_error && late.standard_error > 0.0);
            assert!((late.value - exact.value).abs() < 5.0 * late.standard_error, "{late:?}");
            assert!((early.value - exact.value).abs() < 5.0 * early.standard_error, "{early:?}");
        }
    }
    let mut asked = 0;
    let stopped = request.run(Summing::By(&Exact), &mut |_| (), &mut |_: Progress| {
        asked += 1;
        go_on_if(asked < 3)
    });
    assert!(matches!(stopped, Err(CriteriaError::Stopped)) && asked == 3);
}

#[test]
fn duplicates_are_told_and_merging_them_gives_the_same_field_and_a_sensible_optimum() {
    let once = normal_in(2, 400, 11, 0.0);
    let half = &once.coordinates()[..400];
    let twice = cloud(2, [once.coordinates(), half].concat());
    assert_eq!(count_duplicates(&twice), 200);
    let before = selections(&points(&twice, &twice), &CURVES[..1]);
    assert!(kinds(&before[0]).contains(&WarningKind::Duplicates), "{:?}", before[0].warnings);
    let (merged, count) = merge_duplicates(&twice);
    assert_eq!((merged.len(), count), (400, 200));

    let field = |sources: &Cloud| {
        let points = points(&once, sources);
        let problem = Problem { points: &points, sigma: Sigma::new(0.3).expect("σ"), chunk: 64 };
        Naive.sum(&problem, &mut Unobserved).expect("a field")
    };
    let (a, b) = (field(&twice), field(&merged));
    assert!(a.iter().zip(&b).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));

    let criteria = [Criterion::LeaveOneOut, Criterion::LeastSquares];
    let plain = selections(&points(&once, &once), &criteria);
    for (after, plain) in selections(&points(&merged, &merged), &criteria).iter().zip(&plain) {
        assert!(!kinds(after).contains(&WarningKind::Duplicates));
        let ratio = after.sigma.clone().expect("a σ") / plain.sigma.clone().expect("a σ");
        assert!((0.5..2.0).contains(&ratio), "{}: {ratio}", after.criterion);
    }
    // Where every point is doubled, both criteria run to σ → 0, and say that too.
    let all = cloud(2, once.coordinates().repeat(2));
    for selection in selections(&points(&all, &all), &criteria) {
        let kinds = kinds(&selection);
        assert!(kinds.contains(&WarningKind::Edge), "{}: {kinds:?}", selection.criterion);
    }
}

#[test]
fn what_misleads_is_told() {
    // One far point decides.
    let mut coordinates = normal_in(2, 300, 13, 0.0).coordinates().to_vec();
    coordinates.extend([50.0, 0.0]);
    let far = cloud(2, coordinates);
    let found = selections(&points(&far, &far), &CURVES[..1]);
    let curve = found[0].curve.as_ref().expect("a curve");
    let outlier = curve.outlier.as_ref().expect("an outlier");
    assert!(
        kinds(&found[0]).contains(&WarningKind::Outlier) && (outlier.point[0] - 50.0).abs() < 1e-12
    );
    assert!(outlier.sigma_without < 0.8 && found[0].sigma.clone().expect("a σ") > 0.8);

    // The best lies beyond the range.
    let near = normal_in(2, 300, 13, 0.0);
    let both = points(&near, &near);
    let request = SelectRequest {
        points: &both,
        criteria: &CURVES[..1],
        grid: Grid::Range([1.0, 10.0]),
        max_points: None,
        seed: 1,
    };
    let found = select(&request, Summing::By(&Exact), &mut Unobserved).expect("selections");
    assert!(kinds(&found[0]).contains(&WarningKind::Edge));
    assert!((found[0].sigma.clone().expect("a σ") - 1.0).abs() < 1e-12);

    // So many points on a line that hardly any σ is a bad one.
    let many = normal_in(1, 5000, 23, 0.0);
    let found = selections(&points(&many, &many), &CURVES[..1]);
    assert!(kinds(&found[0]).contains(&WarningKind::Flat), "{:?}", found[0].warnings);
    assert!(!kinds(&selections(&both, &CURVES[..1])[0]).contains(&WarningKind::Flat));

    // A target that is a source.
    let mixed = cloud(2, [near.point(0), &[0.1, 0.1]].concat());
    let found = selections(&points(&mixed, &near), &CURVES[1..2]);
    assert!(kinds(&found[0]).contains(&WarningKind::SharedPoints));
    let own = selections(&both, &CURVES[1..2]);
    let message = own[0].sigma.clone().expect_err("no other points").to_string();
    assert!(message.contains("loo"), "{message}");
}

#[test]
fn unequal_axes_are_told_and_whitening_makes_up_for_them() {
    let round = normal_in(2, 500, 17, 0.0);
    let long = round.coordinates().chunks(2).flat_map(|p| [1000.0 * p[0], p[1]]).collect();
    let long = cloud(2, long);
    let warned = |cloud: &Cloud| {
        let found = selections(&points(cloud, cloud), &[Criterion::Silverman]);
        kinds(&found[0]).contains(&WarningKind::UnequalAxes)
    };
    assert!(warned(&long) && !warned(&round));
    for whitening in [Whitening::standardising(&long), Whitening::full(&long)] {
        let whitening = whitening.expect("a transform");
        let turned = whitening.apply_to_points(&points(&long, &long)).expect("points");
        let (sigma, wanted) = (
            chosen(turned.sources(), Criterion::LeaveOneOut),
            chosen(&round, Criterion::LeaveOneOut),
        );
        assert!((sigma / wanted - 1.0).abs() < 0.1, "{sigma} {wanted}");
        let units = whitening.in_units_of_axes(sigma);
        assert!((units[0] / units[1] / 1000.0 - 1.0).abs() < 0.1, "{units:?}");
    }
}

#[test]
fn weights_count_as_points_and_a_common_factor_does_not() {
    let sources = mixture(1, 120, 19);
    let weights: Vec<f64> = (0..120).map(|k| f64::from(k % 3)).collect();
    let weighted = sources.clone().with_weights(weights.clone());
    let scaled = sources.clone().with_weights(weights.iter().map(|w| 1e-200 * w).collect());
    for criterion in Criterion::ALL.into_iter().filter(|c| *c != Criterion::HeldOut) {
        let (a, b) = (chosen(&weighted, criterion), chosen(&scaled, criterion));
        assert!((a / b - 1.0).abs() < 1e-9, "{criterion}: {a} {b}");
    }
    // Points of weight 0 are not there.
    let kept: Vec<usize> = (0..120).filter(|k| k % 3 > 0).collect();
    let only = weighted.select(kept.into_iter());
    for criterion in [Criterion::Median, Criterion::SheatherJones, Criterion::LeaveOneOut] {
        let (a, b) = (chosen(&weighted, criterion), chosen(&only, criterion));
        assert!((a / b - 1.0).abs() < 1e-12, "{criterion}: {a} {b}");
    }
    let negative = sources.with_weights(vec![-1.0; 120]);
    let both = points(&negative, &negative);
    let criteria = &[Criterion::Scott];
    let request =
        SelectRequest { points: &both, criteria, grid: Grid::Automatic, max_points: None, seed: 1 };
    let refused = select(&request, Summing::By(&Exact), &mut Unobserved);
    assert!(matches!(refused, Err(CriteriaError::BadWeight { index: 1, .. })));
}

#[test]
fn too_few_or_equal_points_are_an_answer_and_no_panic() {
    let clouds = [vec![1.0], vec![2.0, 2.0, 2.0], vec![0.0, 1.0], vec![0.0, 0.0, 0.0, 1e9]];
    for coordinates in clouds {
        let sources = cloud(1, coordinates);
        let other = cloud(1, vec![0.25]);
        let checked = selections(&points(&other, &sources), &Criterion::ALL);
        assert_eq!(checked.len(), Criterion::ALL.len());
        let result = checked.iter().try_for_each(|selection| match &selection.sigma {
            Ok(sigma) if !(*sigma > 0.0 && sigma.is_finite()) => ControlFlow::Break(*sigma),
            _ => ControlFlow::Continue(()),
        });
        assert_eq!(result, ControlFlow::Continue(()), "{sources:?}");
    }
}

/// A normal cloud in the plane, and `far` points between −50 and 50 on either axis.
fn with_far_points(n: usize, far: usize) -> [Cloud; 2] {
    let near = normal_in(2, n, 41, 0.0);
    let mut random = uniform(9);
    let mut coordinates = near.coordinates().to_vec();
    coordinates.extend((0..2 * far).map(|_| 100.0 * (random() - 0.5)));
    [near, cloud(2, coordinates)]
}

#[test]
fn what_a_few_points_decide_is_told_with_the_sigma_without_them() {
    for (n, far) in [(20_000, 30), (2000, 3)] {
        let [near, all] = with_far_points(n, far);
        let run = |cloud: &Cloud| {
            let points = points(cloud, cloud);
            let request = SelectRequest {
                points: &points,
                criteria: &[Criterion::LeaveOneOut, Criterion::LeastSquares],
                grid: Grid::Automatic,
                max_points: None,
                seed: 1,
            };
            select(&request, Summing::Automatic, &mut Unobserved).expect("selections")
        };
        let sigma = |selection: &Selection| selection.sigma.clone().expect("a σ");
        let (clean, found) = (run(&near), run(&all));
        assert!(sigma(&found[0]) > 1.5 * sigma(&clean[0]));
        assert!(!kinds(&clean[0]).contains(&WarningKind::Outlier), "{:?}", clean[0].warnings);
        let curve = found[0].curve.as_ref().expect("a curve");
        let without = |which: Which| {
            let is_it = |without: &&Without| without.which == which;
            *curve.without.iter().find(is_it).expect("one of each")
        };
        let far_ones = without(Which::Far);
        let ratio = far_ones.sigma / sigma(&clean[0]);
        assert!(far_ones.count.abs_diff(far) < 2 && (0.9..1.1).contains(&ratio), "{far_ones:?}");
        let [few, more] = [0.001, 0.01].map(|share| without(Which::Sparsest(share)));
        assert!(more.sigma < few.sigma && few.sigma < sigma(&found[0]), "{few:?} {more:?}");
        assert_eq!([few.count, more.count], [0.001, 0.01].map(|s| (s * (n + far) as f64) as usize));
        let is_outlier = |warning: &&Warning| warning.kind == WarningKind::Outlier;
        let warning = found[0].warnings.iter().find(is_outlier).expect("a warning").to_string();
        for words in ["decide: without them", "sparsest 0.1 %", "sparsest 1 %"] {
            assert!(warning.contains(words), "{words}: {warning}");
        }
        // Least squares is not swayed, and both say that they disagree where it is threefold.
        assert!((sigma(&found[1]) / sigma(&clean[1]) - 1.0).abs() < 0.05);
        let disagree = sigma(&found[0]) / sigma(&found[1]) > 3.0;
        for selection in &found {
            assert_eq!(kinds(selection).contains(&WarningKind::Disagreement), disagree);
        }
    }
}

#[test]
fn the_sparsest_are_the_same_however_they_are_summed() {
    let [_, all] = with_far_points(1500, 4);
    let points = points(&all, &all);
    let sigmas = ladder(0.3, 40);
    let request = CurveRequest {
        points: &points,
        criteria: &[Criterion::LeaveOneOut],
        sigmas: &sigmas,
        max_points: usize::MAX,
        seed: 1,
        refine: true,
    };
    let [fast, exact] = [Summing::Automatic, Summing::By(&Exact)].map(|summing| {
        request.run(summing, &mut |_| (), &mut Unobserved).expect("curves").remove(0)
    });
    assert_eq!((fast.without.len(), exact.without.len()), (3, 3));
    for (fast, exact) in fast.without.iter().zip(&exact.without) {
        assert_eq!((fast.which, fast.count), (exact.which, exact.count));
        // Which points are just among the sparsest depends on the σ that they are ranked at.
        assert!((fast.sigma / exact.sigma - 1.0).abs() < 2e-2, "{fast:?} {exact:?}");
    }
    let best = exact.optimum.expect("an optimum").sigma;
    assert!(exact.without[0].count >= 3 && exact.without[0].sigma < 0.8 * best, "{exact:?}");
}

#[test]
fn criteria_disagree_when_their_sigma_are_more_than_threefold_apart() {
    use Criterion::{LeastSquares, LeaveOneOut, Median, Scott};
    let warning = about_disagreement(&[(LeaveOneOut, 0.457), (Scott, 0.2), (LeastSquares, 0.15)]);
    let text = warning.expect("more than threefold").to_string();
    assert!(text.contains("lscv takes σ = 0.15 and loo 0.457, 3 times"), "{text}");
    assert_eq!(about_disagreement(&[(LeaveOneOut, 0.29), (Scott, 0.1), (Median, 9.0)]), None);
    assert_eq!(about_disagreement(&[]), None);
}

fn cautions(targets: &Cloud, sources: &Cloud) -> Vec<Warning> {
    let row = |point: usize| Some(point as u64);
    let rows = RowNames { of_target: &row, of_source: &row };
    about_points(&points(targets, sources), false, rows)
}

fn named(dim: usize, coordinates: Vec<f64>, names: &[&str]) -> Cloud {
    Cloud::new(dim, coordinates, names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn far_points_are_told_with_their_rows_and_what_they_do_to_scotts_rule() {
    let [near, all] = with_far_points(20_000, 30);
    assert_eq!(cautions(&near, &near), []);
    let told = cautions(&all, &all);
    let kinds: Vec<WarningKind> = told.iter().map(|warning| warning.kind).collect();
    assert_eq!(kinds, [WarningKind::Far]);
    let text = told[0].to_string();
    assert!(text.contains(" of 20,030 points lie far") || text.contains(" of 20,030 lie far"));
    assert!(text.contains("row 20") && text.contains("Scott's rule takes 0.2"), "{text}");
    // A tight group, up to a few percent.
    for share in [0.0005, 0.01, 0.04] {
        let mut coordinates = near.coordinates().to_vec();
        let group = (share * 20_000.0) as usize;
        coordinates.extend(normal_in(2, group, 5, 60.0).coordinates());
        let told = cautions(&near, &cloud(2, coordinates));
        assert_eq!(told[0].kind, WarningKind::Far, "{share}: {told:?}");
        assert!(told[0].text.starts_with(&group.to_string()), "{}", told[0]);
    }
}

#[test]
fn numbers_for_missing_values_are_told_with_the_flag_that_reads_them_so() {
    let normal = normal_in(2, 500, 3, 0.0);
    let mut coordinates = normal.coordinates().to_vec();
    for row in [4, 90, 300, 301] {
        coordinates[2 * row + 1] = -9999.0;
    }
    let told = cautions(&normal, &named(2, coordinates, &["a", "depth"]));
    let fill = told.iter().find(|warning| warning.kind == WarningKind::Fill).expect("told");
    let text = fill.to_string();
    for words in
        ["4 points of 500 hold -9999 in depth", "rows 4, 90, 300 and 1 more", "--missing -9999"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn degrees_are_told_and_a_cloud_across_their_end_is_not_to_be_standardised() {
    let normal = normal_in(2, 400, 6, 0.0);
    let places = |middle: [f64; 2]| {
        let degrees = normal.coordinates().chunks(2).flat_map(|p| {
            let longitude = middle[0] + p[0] + 180.0;
            [longitude.rem_euclid(360.0) - 180.0, middle[1] + p[1]]
        });
        named(2, degrees.collect(), &["longitude", "latitude"])
    };
    let fiji = places([179.5, -17.8]);
    let told = cautions(&fiji, &fiji);
    let kinds: Vec<WarningKind> = told.iter().map(|warning| warning.kind).collect();
    assert_eq!(kinds, [WarningKind::Seam, WarningKind::Degrees], "{told:?}");
    assert!(told[0].text.contains("±180°") && told[0].remedy.contains("add 360°"), "{}", told[0]);
    let by_criteria = selections(&points(&fiji, &fiji), &[Criterion::Scott]);
    assert_eq!(by_criteria[0].warnings, []);
    let oslo = places([10.7, 59.9]);
    let told = cautions(&oslo, &oslo);
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("° N") && told[0].remedy.contains("by 0.5"), "{}", told[0]);
    let quito = places([-78.5, -0.2]);
    assert_eq!(cautions(&quito, &quito), []);
}

#[test]
fn weights_of_both_signs_and_points_that_coincide_are_told() {
    let normal = normal_in(2, 100, 3, 0.0);
    let signed = normal.clone().with_weights((0..100).map(|k| f64::from(k) - 9.5).collect());
    let told = cautions(&normal, &signed);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].kind == WarningKind::Signs && told[0].text.starts_with("10 of 100 weights"));
    let twice = cloud(2, normal.coordinates().repeat(2));
    let told = cautions(&normal, &twice);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].to_string().contains("100 points of 200 coincide"), "{}", told[0]);
}
