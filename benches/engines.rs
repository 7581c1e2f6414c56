//! Times the engines of the processor, with each set of vector instructions that it has, over sizes
//! and dimensions: `cargo bench --bench engines`, or `… -- 30000 2,3` for one size and some
//! dimensions.

use std::time::Instant;

use sigmascope::{
    engine::{Engine, Instructions, Naive, Problem, Simd, Unobserved, exact_at, sample_targets},
    model::{Distribution, Points, Sigma},
    sampling::{Role, sample},
};

/// Runs that are timed, and the time after which there are no more of them.
const RUNS: usize = 9;
const SECONDS: f64 = 2.0;
/// Pairs up to which the slow engines take part.
const FEW_PAIRS: usize = 10_000_000;

fn main() {
    // Cargo hands over `--bench`, too.
    let lists: Vec<Vec<usize>> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .map(|list| list.split(',').map(|n| n.parse().expect("whole numbers")).collect())
        .collect();
    let sizes = lists.first().map_or(&[100, 3000, 30_000][..], Vec::as_slice);
    let dims = lists.get(1).map_or(&[1, 2, 3, 4, 16, 64][..], Vec::as_slice);
    println!("| engine | N = M | d | σ | median | minimum | pairs/s at best |");
    println!("|---|---|---|---|---|---|---|");
    for (&n, &dim) in sizes.iter().flat_map(|n| dims.iter().map(move |dim| (n, dim))) {
        let cloud = |role| {
            let drawn = sample(Distribution::Normal, n, dim, 1, role, &mut Unobserved);
            drawn.expect("nobody stops it")
        };
        let points = Points::new(cloud(Role::Targets), cloud(Role::Sources)).expect("near points");
        // As wide as the cloud in many dimensions, or all of f is next to nothing.
        let sigma = 0.3 * (dim as f64 / 2.0).sqrt();
        let problem =
            Problem { points: &points, sigma: Sigma::new(sigma).expect("legal"), chunk: 8192 };
        for set in Instructions::ALL.into_iter().filter(|set| set.is_available()) {
            let name = format!("simd, {}", set.name());
            time(&name, &Simd { instructions: Some(set), in_double: false }, &problem);
        }
        if n * n <= FEW_PAIRS {
            time("naive", &Naive, &problem);
        }
        time_reference(&problem);
    }
}

/// The sum in f64 at a sample of the targets, on one thread.
fn time_reference(problem: &Problem<'_>) {
    let points = problem.points;
    for budget in [0, usize::MAX] {
        let targets = sample_targets(points.n(), points.m(), budget, 1);
        let mut least = f64::INFINITY;
        for _ in 0..RUNS {
            let started = Instant::now();
            std::hint::black_box(exact_at(points, problem.sigma, &targets));
            least = least.min(started.elapsed().as_secs_f64());
        }
        let (count, m, dim) = (targets.len(), points.m(), points.dim());
        let rate = count as f64 * m as f64 / least;
        let (sigma, least) = (problem.sigma.get(), 1e3 * least);
        println!(
            "| reference | {count} × {m} | {dim} | {sigma:.2} | | {least:.3} ms | {rate:.2e} |"
        );
    }
}

fn time(name: &str, engine: &dyn Engine, problem: &Problem<'_>) {
    let began = Instant::now();
    let mut seconds = Vec::new();
    while seconds.len() < RUNS && (seconds.len() < 2 || began.elapsed().as_secs_f64() < SECONDS) {
        let started = Instant::now();
        let field = engine.sum(problem, &mut Unobserved).expect("a field");
        seconds.push(started.elapsed().as_secs_f64());
        std::hint::black_box(field);
    }
    // The first warms up.
    seconds.remove(0);
    seconds.sort_by(f64::total_cmp);
    let (least, median) = (seconds[0], seconds[seconds.len() / 2]);
    let points = problem.points;
    let (n, dim, sigma) = (points.n(), points.dim(), problem.sigma.get());
    let rate = n as f64 * points.m() as f64 / least;
    let [median, least] = [median, least].map(|s| 1e3 * s);
    println!("| {name} | {n} | {dim} | {sigma:.2} | {median:.3} ms | {least:.3} ms | {rate:.2e} |");
}
