//! Curves: criteria evaluated at many σ, first on a few points, then on more and more.
//!
//! ```text
//! sources, shuffled ──▶ 128 of them, 128 more, twice as many, … each against all sources
//!                              │ log-sums for every σ at once
//!                              ▼
//!         mean and standard error of the terms so far ──▶ the whole curve, narrower each time
//!                              │ after the last; where the fast engine holds, after the first:
//!                              │ means over all points from there
//!                              ▼
//!         optimum refined between its neighbours; an outlier that decides it is reported
//! ```
//!
//! The curve is there for every σ from the first round on, an unbiased estimate from a random part of
//! the points. Only the points at which the density is evaluated are sampled, never those that it is
//! made of: the best σ depends on how many they are.

use super::{
    CriteriaError, Criterion, Summing,
    curve_refinement::{CurveRefinement, FIRST_ROUND, affordable_rows},
    full_sample::FullSampleEvaluator,
    optimum::Optimum,
    terms::Sample,
};
use crate::{
    engine::Observer,
    model::{Cloud, Points},
};

/// Which curves are wanted.
#[derive(Clone, Debug)]
pub struct CurveRequest<'a> {
    /// Targets and sources; the sources make the density, and weigh in it.
    pub points: &'a Points,
    /// Curves to compute together: one pass over the pairs serves leave-one-out and least squares.
    pub criteria: &'a [Criterion],
    /// The σ, rising. Those of [`ladder`](super::ladder) cost least.
    pub sigmas: &'a [f64],
    /// The most points at which densities are evaluated; more than there are means all.
    pub max_points: usize,
    /// Decides which points are drawn.
    pub seed: u64,
    /// Whether the optimum may lie between the σ given; otherwise it is the best of them.
    pub refine: bool,
}

/// A value of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// σ.
    pub sigma: f64,
    /// The criterion's value.
    pub value: f64,
    /// Its standard error; 0 where all points were evaluated.
    pub standard_error: f64,
}

/// A criterion against σ.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Which criterion.
    pub criterion: Criterion,
    /// Its values in rising order of σ; those that no float64 holds are left out.
    pub points: Vec<CurvePoint>,
    /// At how many points densities have been evaluated so far.
    pub points_used: usize,
    /// At how many they can be evaluated at most.
    pub points_total: usize,
    /// The best σ; `None` until the last round, and where no value is finite.
    pub optimum: Option<Optimum>,
    /// A single far point that decides where the optimum is.
    pub outlier: Option<Outlier>,
}

/// A point without which the best σ would be another.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlier {
    /// Its coordinates.
    pub point: Vec<f64>,
    /// The best of the σ given when the term of that point is left out.
    pub sigma_without: f64,
}

impl Curve {
    /// The better of two values: whether `a` is better than `b`.
    pub fn is_better(&self, a: f64, b: f64) -> bool {
        if self.criterion.prefers_high() { a > b } else { a < b }
    }

    /// The place of the best value in [`points`](Self::points).
    pub fn best(&self) -> Option<usize> {
        let sign = if self.criterion.prefers_high() { 1.0 } else { -1.0 };
        let value = |k: &usize| sign * self.points[*k].value;
        (0..self.points.len()).max_by(|a, b| value(a).total_cmp(&value(b)))
    }
}

impl CurveRequest<'_> {
    /// How many points can be evaluated, against `sources` sources in `dim` coordinates, in a few
    /// seconds on two cores.
    pub fn affordable_points(summing: Summing<'_>, sources: usize, dim: usize) -> usize {
        let all = match summing {
            Summing::Automatic => FullSampleEvaluator::most_points(dim),
            Summing::By(_) => None,
        };
        all.unwrap_or_else(|| affordable_rows(sources))
    }

    /// Bytes that curves of n targets and m sources in `dim` coordinates take at most beyond the points,
    /// [`Summing::Automatic`].
    pub fn bytes([n, m, dim]: [usize; 3]) -> u64 {
        if FullSampleEvaluator::most_points(dim).is_some() {
            return FullSampleEvaluator::bytes([n, m, dim]);
        }
        // Copies of both clouds that count, axis by axis once more, and distances on each thread.
        let numbers = m * (4 * dim + 2 + 2 * rayon::current_num_threads());
        8 * (numbers + n * dim) as u64
    }

    /// Computes the curves, in the order of `criteria`.
    ///
    /// `on_round` gets all curves after each round; `observer` is asked every few
    /// milliseconds whether to go on; how far the work is cannot be told: its fraction stays 0.
    ///
    /// # Errors
    /// When it was stopped, there are too few points, a weight is negative, or the sums fail.
    pub fn run(
        &self,
        summing: Summing<'_>,
        on_round: &mut dyn FnMut(&[Curve]),
        observer: &mut dyn Observer,
    ) -> Result<Vec<Curve>, CriteriaError> {
        let legal = |sigma: &f64| sigma.is_finite() && *sigma > 0.0;
        if !self.sigmas.iter().all(legal) || !self.sigmas.is_sorted_by(|a, b| a < b) {
            let message = "expected values of σ above 0, in rising order, each once";
            return Err(CriteriaError::BadRequest(message.to_owned()));
        }
        let samples = self.samples()?;
        let start = |sample| CurveRefinement::new(sample, self.sigmas, summing);
        let mut refinements: Vec<CurveRefinement<'_>> =
            samples.into_iter().map(start).collect::<Result<_, _>>()?;
        let mut until = FIRST_ROUND;
        while !refinements.iter().all(CurveRefinement::is_evaluated) {
            for refinement in &mut refinements {
                refinement.evaluate(until, observer)?;
            }
            on_round(&self.curves(&refinements));
            until *= 2;
        }
        for k in 0..refinements.len() {
            refinements[k].finish(self.refine, observer)?;
            on_round(&self.curves(&refinements));
        }
        Ok(self.curves(&refinements))
    }

    fn samples(&self) -> Result<Vec<Sample>, CriteriaError> {
        let (of_others, own): (Vec<Criterion>, Vec<Criterion>) =
            self.criteria.iter().partition(|criterion| **criterion == Criterion::HeldOut);
        if let Some(rule) = self.criteria.iter().find(|criterion| !criterion.is_curve()) {
            return Err(CriteriaError::BadRequest(format!("{} has no curve", rule.label())));
        }
        let sources = self.points.sources();
        let targets: &Cloud = self.points.targets();
        let mut samples = Vec::new();
        if !own.is_empty() {
            samples.push(Sample::of_sources(sources, own, self.max_points, self.seed)?);
        }
        if !of_others.is_empty() {
            samples.push(Sample::of_targets(targets, sources, self.max_points, self.seed)?);
        }
        Ok(samples)
    }

    /// All curves so far, in the order asked for.
    fn curves(&self, refinements: &[CurveRefinement<'_>]) -> Vec<Curve> {
        let mut curves: Vec<Curve> = refinements.iter().flat_map(CurveRefinement::curves).collect();
        curves.sort_by_key(|curve| self.criteria.iter().position(|c| *c == curve.criterion));
        curves
    }
}
