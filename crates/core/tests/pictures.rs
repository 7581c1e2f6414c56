//! f at pixels against the definition: at their centres, and as means over them, for σ from far below a
//! pixel to far above the picture, in plain and slanted planes and on lines.

use sigmascope_core::{
    engine::Unobserved,
    model::{Cloud, Normalisation, Sigma},
    plane::{LineSums, Picture, PictureSpec, PlaneSources, PlaneSums, RasterGrid},
};
use sigmascope_test_cases::{normal_in, uniform};

const PLAIN: [[f64; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];
const SLANTED: [[f64; 2]; 2] = [[1.3, 0.7], [0.0, 0.5]];

fn spec(sigma: f64, draft: bool) -> PictureSpec {
    let sigma = Sigma::new(sigma).expect("legal");
    PictureSpec { sigma, normalisation: Normalisation::Sum, draft }
}

/// Sources with an outlier, in single file.
fn cloud(m: usize, weights: Option<fn(usize) -> f64>) -> Cloud {
    let mut places: Vec<f64> =
        normal_in(2, m, 7, 0.0).coordinates().iter().map(|x| 2.0 * x + 1e3).collect();
    places[..2].copy_from_slice(&[1e3 + 400.0, 1e3 - 300.0]);
    let cloud = Cloud::new(2, places, Cloud::default_axes(2));
    match weights {
        Some(weight) => cloud.with_weights((0..m).map(weight).collect()),
        None => cloud,
    }
}

/// Σ w·exp(−‖L⁻¹(p − q)‖²/2σ²) and Σ |w|·exp(…).
fn direct(cloud: &Cloud, half_axes: [[f64; 2]; 2], [x, y]: [f64; 2], sigma: f64) -> [f64; 2] {
    let [[a, b], [_, c]] = half_axes;
    (0..cloud.len()).fold([0.0, 0.0], |[sum, size], j| {
        let point = cloud.point(j);
        let u = (x - point[0]) / a;
        let v = (y - point[1] - b * u) / c;
        let term = (-(u * u + v * v) / (2.0 * sigma * sigma)).exp();
        let weight = cloud.weights().map_or(1.0, |w| w[j]);
        [sum + weight * term, size + weight.abs() * term]
    })
}

fn places(grid: &RasterGrid) -> Vec<[f64; 2]> {
    grid.centers().chunks_exact(2).map(|p| [p[0], p[1]]).collect()
}

fn largest_weight(cloud: &Cloud) -> f64 {
    cloud.weights().map_or(1.0, |w| w.iter().fold(0.0, |most, w| most.max(w.abs())))
}

/// Every pixel within the engine's tolerance of f at its centre.
fn check_centres(cloud: &Cloud, half_axes: [[f64; 2]; 2], grid: &RasterGrid, sigma: f64) {
    let sources = PlaneSources::new(cloud.clone(), half_axes).expect("sources");
    let mut sums = PlaneSums::new(&sources).expect("few sources");
    let found = sums.picture(grid, &spec(sigma, false), &mut Unobserved).expect("a picture");
    assert!(!found.mean, "σ = {sigma}");
    compare(&found, cloud, half_axes, grid, sigma, 1.3e-5);
    let draft = sums.picture(grid, &spec(sigma, true), &mut Unobserved).expect("a draft");
    compare(&draft, cloud, half_axes, grid, sigma, 0.02);
}

fn compare(
    found: &Picture,
    cloud: &Cloud,
    half_axes: [[f64; 2]; 2],
    grid: &RasterGrid,
    sigma: f64,
    tolerance: f64,
) {
    let floor = 0.01 * largest_weight(cloud);
    let highest = found.values.iter().fold(0.0_f32, |most, f| most.max(f.abs()));
    for (place, f) in places(grid).into_iter().zip(&found.values) {
        let [right, size] = direct(cloud, half_axes, place, sigma);
        let off = (f64::from(*f) - right).abs();
        let allowed = tolerance * size.max(floor) + 3e-7 * f64::from(highest).min(size.max(floor));
        assert!(off <= allowed, "σ = {sigma} at {place:?}: {f} instead of {right}, {off:e}");
    }
}

#[test]
fn centres_are_f_within_the_tolerance() {
    let signed: fn(usize) -> f64 = |j| if j % 3 == 0 { -1.5e-3 } else { 1e-3 };
    let huge: fn(usize) -> f64 = |j| 1e30 * (1.0 + (j % 7) as f64);
    let grid = RasterGrid { x: [997.0, 1003.0], y: [998.0, 1001.0], size: [49, 21] };
    for weights in [None, Some(signed), Some(huge)] {
        let cloud = cloud(3000, weights);
        for half_axes in [PLAIN, SLANTED] {
            // From little more than a pixel to far beyond the picture.
            for sigma in [0.33, 0.4, 0.81, 2.0, 30.0] {
                check_centres(&cloud, half_axes, &grid, sigma);
            }
        }
    }
}

#[test]
fn many_sources_make_a_grid_and_kept_grids_serve_other_views() {
    let cloud = cloud(30_000, None);
    let sources = PlaneSources::new(cloud.clone(), PLAIN).expect("sources");
    let mut sums = PlaneSums::new(&sources).expect("few sources");
    // Pans, a zoom, a σ of the same octave and others, a place apart, all with what was kept.
    for (x, y, width, sigma) in [
        (1000.0, 1000.0, 6.0, 0.5),
        (1000.4, 999.7, 6.0, 0.5),
        (1000.4, 999.7, 6.0, 0.61),
        (1000.4, 999.7, 5.9, 0.97),
        (1001.0, 1001.0, 0.01, 0.97),
        (1001.0, 1001.0, 0.01, 0.1),
        (1000.0, 1000.0, 300.0, 20.0),
        (1700.0, 1700.0, 4.0, 0.5),
        (1399.0, 701.0, 4.0, 0.5),
    ] {
        let half = 0.5 * width;
        let (x, y) = ([x - half, x + half], [y - half, y + half]);
        let grid = RasterGrid { x, y, size: [23, 17] };
        let found = sums.picture(&grid, &spec(sigma, false), &mut Unobserved).expect("a picture");
        assert!(!found.mean);
        compare(&found, &cloud, PLAIN, &grid, sigma, 1.3e-5);
    }
}

/// Means over pixels against averages of many sums within them.
fn check_means(cloud: &Cloud, half_axes: [[f64; 2]; 2], grid: &RasterGrid, sigma: f64) {
    let sources = PlaneSources::new(cloud.clone(), half_axes).expect("sources");
    let mut sums = PlaneSums::new(&sources).expect("few sources");
    let found = sums.picture(grid, &spec(sigma, false), &mut Unobserved).expect("a picture");
    assert!(found.mean);
    let [width, height] = grid.cell();
    let parts = (40.0 * width.max(height) / sigma).clamp(40.0, 200.0) as usize;
    let highest = found.values.iter().fold(0.0_f32, |most, f| most.max(f.abs()));
    for (place, f) in places(grid).into_iter().zip(&found.values) {
        let x = [place[0] - 0.5 * width, place[0] + 0.5 * width];
        let y = [place[1] - 0.5 * height, place[1] + 0.5 * height];
        let within = RasterGrid { x, y, size: [parts, parts] };
        let all: f64 =
            places(&within).into_iter().map(|p| direct(cloud, half_axes, p, sigma)[0]).sum();
        let mean = all / (parts * parts) as f64;
        let off = (f64::from(*f) - mean).abs();
        let slanted = half_axes[0][1] != 0.0;
        let allowed = if slanted { 1e-3 } else { 2e-4 } * f64::from(highest);
        assert!(off <= allowed, "σ = {sigma} at {place:?}: {f} instead of {mean}");
    }
}

#[test]
fn below_a_pixel_the_mean_is_that_of_many_sums() {
    let cloud = cloud(24, Some(|j| if j % 4 == 0 { -1.0 } else { 1.0 }));
    let grid = RasterGrid { x: [997.0, 1003.0], y: [997.5, 1003.0], size: [5, 4] };
    for half_axes in [PLAIN, SLANTED] {
        for sigma in [0.12, 0.3, 0.9] {
            check_means(&cloud, half_axes, &grid, sigma);
        }
    }
    // Wide on one axis, narrow on the other.
    let flat = RasterGrid { x: [999.9, 1000.1], y: [996.0, 1004.0], size: [5, 4] };
    check_means(&cloud, PLAIN, &flat, 0.3);
}

#[test]
fn grids_and_splats_give_the_same_means() {
    // Many sources on few rows that are narrow on one axis only: a grid.
    let many = cloud(50_000, None);
    let sources = PlaneSources::new(many, PLAIN).expect("sources");
    let mut sums = PlaneSums::new(&sources).expect("few sources");
    let grid = RasterGrid { x: [999.0, 1001.0], y: [990.0, 1010.0], size: [400, 16] };
    let wide = sums.picture(&grid, &spec(0.5, false), &mut Unobserved).expect("a picture");
    assert!(wide.mean);
    // Finer rows, whose f at centres is as good as their mean, averaged.
    let fine = RasterGrid { size: [400, 16 * 32], ..grid };
    let fine = sums.picture(&fine, &spec(0.5, false), &mut Unobserved).expect("a picture");
    assert!(!fine.mean);
    let highest = f64::from(wide.values.iter().copied().fold(0.0, f32::max));
    for (k, f) in wide.values.iter().enumerate() {
        let (row, column) = (k / 400, k % 400);
        let rows = (32 * row..32 * row + 32).map(|row| f64::from(fine.values[row * 400 + column]));
        let mean = rows.sum::<f64>() / 32.0;
        assert!((f64::from(*f) - mean).abs() < 1e-3 * highest, "{f} {mean}");
    }
}

#[test]
fn the_whole_is_kept_however_small_sigma_is() {
    // All mass lies in the picture, so that means add up to the integral: 2πσ²·Σw.
    let mut random = uniform(3);
    let places = (0..40_000).map(|_| random()).collect();
    let cloud = Cloud::new(2, places, Cloud::default_axes(2));
    let m = cloud.len() as f64;
    let sources = PlaneSources::new(cloud, PLAIN).expect("sources");
    let mut sums = PlaneSums::new(&sources).expect("few sources");
    let grid = RasterGrid { x: [-2.0, 2.0], y: [-2.0, 2.0], size: [128, 100] };
    let [width, height] = grid.cell();
    for sigma in [1e-9, 1e-4, 0.002, 0.01, 0.02] {
        let found = sums.picture(&grid, &spec(sigma, false), &mut Unobserved).expect("a picture");
        let whole: f64 = found.values.iter().map(|f| f64::from(*f)).sum();
        let right = std::f64::consts::TAU * sigma * sigma * m / (width * height);
        assert!((whole / right - 1.0).abs() < 1e-5, "σ = {sigma}: {whole:e} {right:e}");
    }
    // A huge zoom-out: all in one pixel or four.
    let far = RasterGrid { x: [-1e9, 1e9], y: [-1e9, 1e9], size: [99, 99] };
    let found = sums.picture(&far, &spec(0.1, false), &mut Unobserved).expect("a picture");
    assert_eq!(found.values.iter().filter(|f| **f > 0.0).count(), 1);
}

#[test]
fn curves_on_a_line_are_f_or_its_mean() {
    let places: Vec<f64> =
        normal_in(1, 5000, 3, 0.0).coordinates().iter().map(|x| 3.0 * x - 50.0).collect();
    let cloud = Cloud::new(1, places, Cloud::default_axes(1));
    let unit = 1.7;
    let mut sums = LineSums::new(&cloud, unit).expect("few sources");
    let (from, to, count) = (-58.0, -44.0, 333);
    let step = (to - from) / count as f64;
    for sigma in [1e-4, 0.01, 0.03, 0.4, 90.0] {
        let found = sums.curve([from, to], count, &spec(sigma, false), &mut Unobserved).expect("f");
        let width = sigma * unit;
        assert_eq!(found.mean, width < step);
        let whole: f64 = found.values.iter().map(|f| f64::from(*f) * step).sum();
        for (k, f) in found.values.iter().enumerate() {
            let x = from + (k as f64 + 0.5) * step;
            let sum = |x: f64| -> f64 {
                let terms = cloud.coordinates().iter();
                terms.map(|y| (-(x - y).powi(2) / (2.0 * width * width)).exp()).sum()
            };
            if !found.mean {
                let right = sum(x);
                assert!((f64::from(*f) - right).abs() < 1.3e-5 * right.max(0.01), "{f} {right}");
            }
        }
        if found.mean {
            let inside = cloud.coordinates().iter().filter(|y| (from..to).contains(*y)).count();
            let right = inside as f64 * width * std::f64::consts::TAU.sqrt();
            assert!((whole / right - 1.0).abs() < 2e-3, "{whole} {right}");
        }
    }
    assert!(LineSums::new(&cloud, 0.0).is_err());
}
