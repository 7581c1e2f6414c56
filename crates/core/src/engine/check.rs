//! Compares a field with f64 at sampled targets, and computes it again in f64 where it breaks its error
//! bound.

use rayon::prelude::*;
use serde::Serialize;

use super::{
    Engine, EngineError, Instructions, Limits, Observer, Problem, Simd, compensated::Compensated,
    largest_error, reference::sums_of, sample_targets,
};
use crate::{
    model::{Cloud, Points, Sigma},
    numbers::format_number,
};

/// What an error is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorBoundOf {
    /// f, where no weight is negative.
    F,
    /// `Σ_j |w_j|·exp(…)`, where weights have both signs: of what cancels nothing is promised.
    Magnitude,
}

impl ErrorBoundOf {
    /// What the errors of a sum over `sources` are shares of.
    pub fn of(sources: &Cloud) -> Self {
        let weights = sources.weights().unwrap_or_default();
        let [negative, positive] =
            [weights.iter().any(|w| *w < 0.0), weights.iter().any(|w| *w > 0.0)];
        if negative && positive { Self::Magnitude } else { Self::F }
    }
}

/// The same points with every |w| in place of w, whose sum is what errors are a share of where weights
/// have both signs.
#[must_use]
pub fn with_absolute_weights(points: &Points) -> Points {
    let sources = points.sources();
    match sources.weights() {
        None => points.clone(),
        Some(weights) => {
            let absolute = weights.iter().map(|w| w.abs()).collect();
            points.with_sources(sources.clone().with_weights(absolute))
        }
    }
}

/// How far a field is from f64 on a sample of its targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Largest |f − exact| / max(exact, 10⁻³·max f) among them, with `Σ_j |w_j|·exp(…)` for exact in
    /// the divisor where weights have both signs.
    pub error: f64,
    /// Number of targets looked at.
    pub targets: usize,
}

/// A field that was held against f64.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedField {
    /// The sums, shape (n,), in the order of the targets.
    pub values: Vec<f64>,
    /// The largest error that they may show; where that is not known, the measured one.
    pub error_bound: f64,
    /// What was measured of them.
    pub measured: Measured,
    /// What had to be done, or could not be, and the remedy: one sentence.
    pub note: Option<String>,
}

/// Pairs of the plane that a sample may take: a few milliseconds of one core.
const SAMPLE_PAIRS: usize = 4_000_000;
/// Sources that one thread sums for each of up to 64 targets, half a millisecond: with fewer, waking another
/// one costs more than it saves; with more, the last one is waited for.
const SOURCES_A_PART: usize = 4096;
/// The most pairs that are computed again.
const MOST_PAIRS: u128 = 100_000_000_000;
/// A bound above this is told, unless it was asked for.
pub const TOLD_BOUND: f64 = 1e-4;

/// Compares the plain sums of `problem` with f64 at some targets, drawn by `seed`: as many as a few
/// milliseconds allow, 64 at most.
///
/// # Panics
/// When there are not as many sums as targets.
pub fn measure(problem: &Problem<'_>, sums: &[f64], seed: u64) -> Measured {
    let Problem { points, sigma, .. } = *problem;
    assert_eq!(sums.len(), points.n(), "a sum a target");
    let budget = 6 * SAMPLE_PAIRS / (points.dim() + 4);
    let targets = sample_targets(points.n(), points.m(), budget, seed);
    let mut found: Vec<f64> = targets.iter().map(|&i| sums[i]).collect();
    let mut exact = exact_sums(points, sigma, &targets, |w| w);
    let mut magnitudes = if points.sources().has_negative_weights() {
        exact_sums(points, sigma, &targets, f64::abs)
    } else {
        exact.clone()
    };
    // The highest value counts, whether or not it is in the sample.
    let highest = sums.iter().fold(0.0_f64, |highest, f| highest.max(f.abs()));
    found.push(highest);
    exact.push(highest);
    magnitudes.push(highest);
    Measured { error: largest_error(&found, &exact, &magnitudes), targets: targets.len() }
}

/// `Σ_j weight(w_j) · exp(−‖x_i − y_j‖² / (2σ²))` in f64 for each `i` of `targets`, on all cores.
///
/// # Panics
/// When an index is not below `points.n()`.
pub(super) fn exact_sums(
    points: &Points,
    sigma: Sigma,
    targets: &[usize],
    weight: fn(f64) -> f64,
) -> Vec<f64> {
    let m = points.m();
    let part = |start: usize| {
        let sources = start..m.min(start + SOURCES_A_PART);
        sums_of(points, sigma, targets, sources, weight, Instructions::best())
    };
    let parts: Vec<Vec<Compensated>> =
        (0..m).into_par_iter().step_by(SOURCES_A_PART).map(part).collect();
    let sum = |k: usize| {
        let mut sum = Compensated::default();
        for part in &parts {
            sum.add_all(part[k]);
        }
        sum.value()
    };
    (0..targets.len()).map(sum).collect()
}

/// Measures the plain sums of `problem`, for which `error_bound` was promised, and computes them again in
/// f64 where they break it, or where it is above `most` and so says little. Of more than 10¹¹ pairs the
/// measured error takes the place of the bound instead.
///
/// `most` is the tolerance that was asked for, or [`TOLD_BOUND`] where that is more.
///
/// # Errors
/// When the observer stopped it, or the second sum failed.
pub fn check_field(
    problem: &Problem<'_>,
    values: Vec<f64>,
    error_bound: f64,
    most: f64,
    seed: u64,
    observer: &mut dyn Observer,
) -> Result<CheckedField, EngineError> {
    let measured = measure(problem, &values, seed);
    // An error that is no number keeps no bound.
    let is_kept = measured.error <= error_bound;
    let is_broken = !is_kept;
    if !is_broken && error_bound <= most {
        return Ok(CheckedField { values, error_bound, measured, note: None });
    }
    let share = |error: f64| format_number(error, 2);
    let found = if is_broken {
        let [found, bound] = [share(measured.error), share(error_bound)];
        format!("f was off by {found} at a target looked at, where at most {bound} was expected")
    } else {
        format!("the error of f was known to be below {} only", share(error_bound))
    };
    let Problem { points, .. } = *problem;
    if points.n() as u128 * points.m() as u128 > MOST_PAIRS {
        let note = format!(
            "{found}; it is too large to be computed again in double precision, and its error is \
             the largest of {} targets: take another σ, or fewer points",
            measured.targets
        );
        let error_bound = measured.error;
        return Ok(CheckedField { values, error_bound, measured, note: Some(note) });
    }
    let engine = Simd { in_double: true, ..Simd::default() };
    let field = engine.field(problem, &Limits::default(), observer)?;
    let error_bound = field.report.error_bound;
    let values = field.values.read()?;
    let measured = measure(problem, &values, seed);
    let note = format!("{found}; it was computed again in double precision, on the processor");
    Ok(CheckedField { values, error_bound, measured, note: Some(note) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Unobserved;

    fn line(n: usize) -> Cloud {
        let coordinates = (0..n).map(|k| k as f64 / n as f64).collect();
        Cloud::new(1, coordinates, Cloud::default_axes(1))
    }

    #[test]
    fn a_field_that_keeps_its_bound_stays_and_one_that_breaks_it_is_computed_again() {
        let points = Points::new(line(100), line(300)).expect("near");
        let sigma = Sigma::new(0.1).expect("legal");
        let problem = Problem { points: &points, sigma, chunk: 64 };
        let right = Simd::default().sum(&problem, &mut Unobserved).expect("a sum");
        let check = |values: Vec<f64>, bound| {
            check_field(&problem, values, bound, TOLD_BOUND, 1, &mut Unobserved).expect("a field")
        };
        let kept = check(right.clone(), 2e-6);
        assert_eq!((&kept.values, kept.note.as_ref()), (&right, None));
        assert!(kept.measured.error <= 2e-6 && kept.measured.targets == 64);
        let wrong: Vec<f64> = right.iter().map(|f| 1.01 * f).collect();
        for (values, bound) in [(wrong, 2e-6), (vec![f64::NAN; 100], 1e-5), (right, 3e-4)] {
            let again = check(values, bound);
            assert!(again.error_bound <= 1e-11 && again.measured.error <= again.error_bound);
            let note = again.note.expect("a sentence");
            assert!(note.contains("again in double precision"), "{note}");
        }
    }

    #[test]
    fn what_cancels_has_a_bound_of_the_magnitude() {
        let of = |weights: Vec<f64>| ErrorBoundOf::of(&line(2).with_weights(weights));
        assert_eq!(ErrorBoundOf::of(&line(2)), ErrorBoundOf::F);
        assert_eq!(of(vec![0.0, 2.0]), ErrorBoundOf::F);
        assert_eq!(of(vec![-1.0, -2.0]), ErrorBoundOf::F);
        assert_eq!(of(vec![-1.0, 2.0]), ErrorBoundOf::Magnitude);
    }
}
