//! A search for fields that break a bound: clouds of many scales, far points, points that coincide,
//! weights over all of f64's range and of both signs, and σ from far below to far above the spread.

use sigmascope_core::{
    engine::{Engine, Limits, Problem, Unobserved},
    model::{Cloud, Points, Sigma},
};

use super::{normal_in, uniform};

/// Pairs of a trial in four dimensions, at most: little enough for many of them.
const MOST_PAIRS: f64 = 6e5;

/// One problem.
pub struct Trial {
    /// What it is made of.
    pub name: String,
    pub points: Points,
    pub sigma: f64,
}

/// The definition at every target, with the rounding error of every sum kept.
pub struct Exact {
    pub field: Vec<f64>,
    /// Σ|w|·k.
    pub magnitudes: Vec<f64>,
    /// How far these themselves may be off, as a share.
    pub rounding: f64,
}

/// Where the search begins: `ADVERSARY_SEED`, or always the same.
pub fn seed() -> u64 {
    let given = std::env::var("ADVERSARY_SEED").ok();
    given.map_or(13, |seed| seed.parse().expect("ADVERSARY_SEED is a whole number"))
}

/// How long it goes on: `ADVERSARY_SECONDS`, or `usual`.
pub fn seconds(usual: f64) -> f64 {
    let given = std::env::var("ADVERSARY_SECONDS").ok();
    given.map_or(usual, |seconds| seconds.parse().expect("ADVERSARY_SECONDS is a number"))
}

/// Endless trials, the same for the same seed.
pub fn trials(seed: u64) -> impl Iterator<Item = Trial> {
    (0..).filter_map(move |number| {
        Draw { random: uniform(seed.wrapping_mul(1_000_003) + number) }.trial()
    })
}

/// Problems of each kind that has broken a bound somewhere.
pub fn known() -> Vec<Trial> {
    let cloud = |dim: usize, c: Vec<f64>| Cloud::new(dim, c, Cloud::default_axes(dim));
    let case = |name: &str, targets: Cloud, sources: Cloud, sigma: f64| Trial {
        name: name.to_owned(),
        points: Points::new(targets, sources).expect("a problem"),
        sigma,
    };
    let normal = |n: usize, seed| normal_in(2, n, seed, 0.0);
    let moved =
        |cloud: &Cloud, by: f64| cloud.coordinates().iter().map(|c| c + by).collect::<Vec<_>>();
    let mut cases = Vec::new();
    for far in [1e6, 1e10, 1e14, 1e17] {
        let mut c = normal(300, 3).coordinates().to_vec();
        c[..2].fill(far);
        let cloud = cloud(2, c);
        cases.push(case("one far point", cloud.clone(), cloud, 0.3));
    }
    for (apart, sigma) in [(1e9, 0.01), (1e12, 0.3), (1e12, 1.0), (3e5, 1e-3)] {
        let mut c = moved(&normal(200, 4), -apart);
        c.extend(moved(&normal(200, 5), apart));
        let cloud = cloud(2, c);
        cases.push(case("two far clusters", cloud.clone(), cloud, sigma));
    }
    for sigma in [1e-9, 1e-6, 1.0, 1e6] {
        // Three scales, 10⁶ apart from each other, all seen by targets everywhere.
        let scales = [1e-6, 1.0, 1e6].into_iter().cycle();
        let points = normal(360, 6);
        let c = points.coordinates().chunks(2).zip(scales).flat_map(|(p, s)| [s * p[0], s * p[1]]);
        let cloud = cloud(2, c.collect());
        cases.push(case("three scales", cloud.clone(), cloud, sigma));
    }
    let pairs: Vec<f64> = normal(150, 7)
        .coordinates()
        .chunks(2)
        .flat_map(|p| [p[0], p[1], p[0] + 1e-9, p[1]])
        .collect();
    cases.push(case("a tiny sigma", cloud(2, pairs.clone()), cloud(2, pairs), 1e-9));
    // One distance for all: whatever is rounded is rounded alike.
    for (dim, place) in [(2, 2.7788), (64, 0.4903), (3, 2.2), (7, 1.3), (16, 0.98)] {
        let sources = cloud(dim, vec![place; 1000 * dim]);
        cases.push(case("one distance", cloud(dim, vec![0.0; dim]), sources.clone(), 1.0));
        let near = normal_in(dim, 300, 8, 0.0).coordinates().iter().map(|c| 1e-3 * c).collect();
        cases.push(case("nearly one distance", cloud(dim, near), sources, 1.0));
    }
    // Below what f32 holds for one target, and not for another.
    for distance in [13.1, 13.3, 17.0, 37.5, 39.0] {
        let near: Vec<f64> = (0..300).map(|k| distance + 0.3 * f64::from(k) / 300.0).collect();
        cases.push(case("far from every source", cloud(1, near), cloud(1, vec![0.0; 5]), 1.0));
    }
    for [heavy, light] in [[1e300, 1e-20], [1e35, 1.0], [1e40, 1.0], [1e14, 1.0], [1e-300, 1e-305]]
    {
        let mut weights = vec![light; 200];
        weights[5] = heavy;
        let mut c = normal(200, 9).coordinates().to_vec();
        for far in [1e5, 30.0, 0.0] {
            c[10] = far;
            let sources = cloud(2, c.clone()).with_weights(weights.clone());
            cases.push(case("a heavy source", normal(300, 10), sources, 1.0));
        }
    }
    let same = cloud(64, normal_in(64, 4, 11, 0.0).coordinates().repeat(2500));
    cases.push(case("many duplicates", normal_in(64, 70, 11, 0.0), same, 4.0));
    cases
}

/// Random numbers for one trial.
struct Draw<R> {
    random: R,
}

impl<R: FnMut() -> f64> Draw<R> {
    fn below(&mut self, count: usize) -> usize {
        ((self.random)() * count as f64) as usize
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.random)()
    }

    /// Evenly over the powers of ten.
    fn power(&mut self, low: f64, high: f64) -> f64 {
        10_f64.powf(self.between(low, high))
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - (self.random)()).ln()).sqrt();
        radius * (std::f64::consts::TAU * (self.random)()).cos()
    }

    fn count(&mut self, most: f64) -> usize {
        self.power(0.0, most.max(1.0).log10()) as usize
    }

    fn trial(&mut self) -> Option<Trial> {
        let dim = self.one_of(&[1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 16, 64]);
        // More than a few targets, which engines need not sum in f64 to begin with.
        let least = self.one_of(&[1, 65]);
        let n = least + self.count(400.0);
        let m = self.count(MOST_PAIRS / (n * dim.max(4)) as f64).max(1);
        let kind = self.below(11);
        let what = [
            "normal",
            "one distance",
            "few places",
            "equal coordinates",
            "many scales",
            "a far point",
            "far clusters",
            "far from the origin",
            "a lattice",
            "sparse",
            "dense beside sparse",
        ][kind];
        // σ = 1 stands for the spread in all but the last step.
        let mut targets: Vec<f64> = (0..n * dim).map(|_| self.normal()).collect();
        let mut sources: Vec<f64> = (0..m * dim).map(|_| self.normal()).collect();
        let mut sigma = self.one_of(&[1.0, 1.0, 0.3, 3.0]) * self.power(-0.5, 0.5);
        match kind {
            1 | 2 => {
                // Exponents up to about 20, which single precision is still asked for.
                let places = if kind == 1 { 1 } else { 1 + self.below(4) };
                let distance = self.between(0.0, 5.5) * sigma / (dim as f64).sqrt();
                let place: Vec<f64> =
                    (0..places * dim).map(|_| distance * self.between(-1.5, 1.5)).collect();
                for j in 0..m {
                    let k = self.below(places);
                    sources[j * dim..(j + 1) * dim].copy_from_slice(&place[k * dim..(k + 1) * dim]);
                }
                let near = self.power(-6.0, 0.3);
                for x in &mut targets {
                    *x *= near;
                }
            }
            3 => {
                for point in targets.chunks_exact_mut(dim).chain(sources.chunks_exact_mut(dim)) {
                    let c = (point[0] * 8.0).round() / 8.0;
                    point.fill(c);
                }
                sigma *= (dim as f64).sqrt() * self.power(-0.5, 0.5);
            }
            4 => {
                let most = self.between(1.0, 9.0);
                for point in targets.chunks_exact_mut(dim).chain(sources.chunks_exact_mut(dim)) {
                    let scale = self.power(-most, most);
                    for x in point {
                        *x *= scale;
                    }
                }
                sigma *= self.power(-most, most);
            }
            5 => {
                let far = self.power(3.0, 17.5);
                for cloud in [&mut targets, &mut sources] {
                    let count = cloud.len() / dim;
                    for _ in 0..=self.below(2) {
                        let at = self.below(count) * dim;
                        cloud[at] = far;
                    }
                }
            }
            6 => {
                let [far, middle] = [self.power(0.5, 15.0), self.power(-2.0, 8.0)];
                for point in targets.chunks_exact_mut(dim).chain(sources.chunks_exact_mut(dim)) {
                    point[0] += self.one_of(&[-far, far, far + middle]);
                }
                sigma *= self.power(-2.0, 1.0);
            }
            7 => {
                let far = self.power(0.0, 12.0);
                targets.iter_mut().chain(&mut sources).for_each(|x| *x += far);
                sigma *= self.power(-3.0, 1.0);
            }
            8 => {
                let step = self.one_of(&[0.5, 0.25, 0.1]);
                let snap = |x: &mut f64| *x = (*x / step).round() * step;
                targets.iter_mut().chain(&mut sources).for_each(snap);
            }
            9 => sigma *= 2.0 * (m as f64).powf(-1.0 / dim as f64) * self.power(-1.0, 0.5),
            10 => {
                let near = self.power(-3.0, 0.0);
                for x in &mut targets {
                    *x *= near;
                }
                sigma *= 2.0 * (m as f64).powf(-1.0 / dim as f64) * self.power(-0.5, 0.5);
            }
            _ => {}
        }
        if kind < 9 && self.below(4) == 0 {
            sigma *= self.power(-12.0, 6.0);
        }
        let units = self.one_of(&[1.0, 1.0, 1.0, 1e-6, 1e3]);
        targets.iter_mut().chain(&mut sources).for_each(|x| *x *= units);
        let sigma = (sigma * units).clamp(Sigma::MIN, Sigma::MAX);
        let itself = self.below(4) == 0;
        let cloud = |c: Vec<f64>| Cloud::new(dim, c, Cloud::default_axes(dim));
        let sources = cloud(sources);
        let targets = if itself { sources.select(0..n.min(m)) } else { cloud(targets) };
        let [n, m] = [targets.len(), sources.len()];
        let (weights, weighed) = self.weights(sources);
        let points = Points::new(targets, weighed).ok()?;
        let name = format!("{what}, d {dim}, n {n}, m {m}, sigma {sigma:e}, weights: {weights}");
        Some(Trial { name, points, sigma })
    }

    fn weights(&mut self, sources: Cloud) -> (&'static str, Cloud) {
        let m = sources.len();
        let kind = self.one_of(&[0, 0, 0, 1, 2, 3, 4, 5]);
        let scale = self.power(-295.0, 295.0);
        let heavy = [self.below(m), self.below(m)];
        let most = self.power(3.0, 295.0);
        let mut weight = |j: usize| match kind {
            1 => (self.random)(),
            2 => self.between(-1.0, 1.0),
            3 => self.power(-295.0, 295.0),
            4 => scale * (0.5 + (self.random)()),
            _ if heavy.contains(&j) => most,
            _ => 1.0,
        };
        let weights: Vec<f64> = (0..m).map(&mut weight).collect();
        let what = ["none", "positive", "of both signs", "any", "scaled", "a heavy one"][kind];
        (what, if kind == 0 { sources } else { sources.with_weights(weights) })
    }
}

impl Trial {
    /// The sum by its definition.
    pub fn exact(&self) -> Exact {
        let Self { points, sigma, .. } = self;
        let [targets, sources] = [points.targets(), points.sources()];
        let weights = sources.weights();
        let scale = 0.5 / (sigma * sigma);
        let mut exact = Exact { field: Vec::new(), magnitudes: Vec::new(), rounding: 0.0 };
        let mut off = Vec::new();
        for i in 0..targets.len() {
            let x = targets.point(i);
            let (mut sum, mut error, mut magnitude, mut lost) = (0.0_f64, 0.0, 0.0, 0.0);
            for j in 0..sources.len() {
                let y = sources.point(j);
                let squared: f64 = x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum();
                let exponent = scale * squared;
                // In two factors, so that a heavy weight finds what alone would be too small.
                let root = (-0.5 * exponent).exp();
                let term = weights.map_or(1.0, |weights| weights[j]) * root * root;
                let total = sum + term;
                let large = if sum.abs() >= term.abs() { (sum, term) } else { (term, sum) };
                error += (large.0 - total) + large.1;
                sum = total;
                magnitude += term.abs();
                if term != 0.0 {
                    lost += term.abs() * ((x.len() + 5) as f64 * exponent + 4.0) * f64::EPSILON;
                }
            }
            exact.field.push(sum + error);
            exact.magnitudes.push(magnitude);
            off.push(lost);
        }
        let floor = exact.floor();
        for (off, magnitude) in off.iter().zip(&exact.magnitudes) {
            exact.rounding = exact.rounding.max(off / magnitude.max(floor));
        }
        exact
    }

    /// The values of an engine and the bound that comes with them.
    pub fn field(&self, engine: &dyn Engine) -> (Vec<f64>, f64) {
        let sigma = Sigma::new(self.sigma).expect("a legal sigma");
        let problem = Problem { points: &self.points, sigma, chunk: 256 };
        let field = engine.field(&problem, &Limits::default(), &mut Unobserved);
        let field = field.unwrap_or_else(|err| panic!("{}: {}: {err}", engine.id(), self.name));
        (field.values.read().expect("values"), field.report.error_bound)
    }

    /// Whether single precision is asked for its best: no more than a million σ from end to end.
    pub fn is_ordinary(&self) -> bool {
        self.points.bounds().extent() < 1e6 * self.sigma
    }
}

impl Exact {
    fn floor(&self) -> f64 {
        let highest = self.magnitudes.iter().copied().fold(0.0, f64::max);
        (1e-3 * highest).max(f64::MIN_POSITIVE)
    }

    /// Whether f64 holds it at all.
    pub fn is_finite(&self) -> bool {
        self.magnitudes.iter().sum::<f64>() < 1e307
    }

    /// The largest |f − exact| / max(Σ|w|·k, 10⁻³·max).
    pub fn error_of(&self, values: &[f64]) -> f64 {
        let floor = self.floor();
        let mut largest = 0.0_f64;
        for ((f, right), magnitude) in values.iter().zip(&self.field).zip(&self.magnitudes) {
            let error = (f - right).abs() / magnitude.max(floor);
            largest = largest.max(if error.is_nan() { f64::INFINITY } else { error });
        }
        largest
    }
}

/// The worst that a search has seen of an engine.
#[derive(Clone, Debug, Default)]
pub struct Worst {
    /// The largest error on an ordinary trial, and which.
    pub error: f64,
    pub trial: String,
    /// The largest error as a share of its bound, and on which.
    pub of_bound: f64,
    pub bound_trial: String,
}

impl Worst {
    /// Holds an engine to its bound on one trial, and exact ones to `most` on ordinary ones.
    pub fn look(
        &mut self,
        label: &str,
        engine: &dyn Engine,
        trial: &Trial,
        exact: &Exact,
        most: f64,
    ) {
        let (values, bound) = trial.field(engine);
        let error = exact.error_of(&values);
        let show = std::env::var_os("SHOW_ERRORS").is_some();
        if error / (bound + exact.rounding) > self.of_bound {
            self.of_bound = error / (bound + exact.rounding);
            self.bound_trial.clone_from(&trial.name);
        }
        if trial.is_ordinary() && error > self.error {
            self.error = error;
            self.trial.clone_from(&trial.name);
        }
        let held = error <= bound + exact.rounding && bound <= 2.0;
        let fine = !trial.is_ordinary() || error <= most + exact.rounding;
        if show && !(held && fine) {
            println!("{label}: {}: {error:e} of {bound:e}", trial.name);
        }
        assert!(show || held, "{label}: {}: {error:e}, bound {bound:e}", trial.name);
        assert!(show || fine, "{label}: {}: {error:e}, expected {most:e}", trial.name);
    }
}
