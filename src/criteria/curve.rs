//! A criterion against σ, coarse to fine.
//!
//! ```text
//! sources, shuffled ──▶ 128 of them, 128 more, twice as many, … each against all sources
//!                              │ log-sums for every σ at once
//!                              ▼
//!         mean and standard error of the terms so far ──▶ the whole curve, narrower each time
//!                              │ after the last
//!                              ▼
//!         optimum refined between its neighbours; a far point that holds it is looked for
//! ```
//!
//! The curve is there for every σ from the first round on, an unbiased estimate from a random part of
//! the points; no work is done twice to make it better. Only the points at which the density is
//! looked at are sampled, never those that it is made of, for the best σ depends on how many they are.

use super::{
    CriteriaError, Criterion, LogSums,
    optimum::{Optimum, refine},
    terms::{Sample, Tally},
};
use crate::model::{Cloud, Points};

/// Which curves are wanted.
#[derive(Clone, Debug)]
pub struct CurveRequest<'a> {
    /// Targets and sources; the sources make the density, and weigh in it.
    pub points: &'a Points,
    /// Curves to compute together: one pass over the pairs serves leave-one-out and least squares.
    pub criteria: &'a [Criterion],
    /// The σ, rising. Those of [`ladder`](super::ladder) cost least.
    pub sigmas: &'a [f64],
    /// The most points at which densities are looked at; more than there are means all.
    pub max_points: usize,
    /// Decides which those are.
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
    /// Its standard error; 0 where all points were looked at.
    pub standard_error: f64,
}

/// A criterion against σ.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Which criterion.
    pub criterion: Criterion,
    /// Its values in rising order of σ; those that no float64 holds are left out.
    pub points: Vec<CurvePoint>,
    /// At how many points densities were looked at, so far.
    pub points_used: usize,
    /// At how many they could be.
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
    /// The best of the σ given if nobody looks at the density there.
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

/// Points looked at in the first round; each later one doubles them.
const FIRST_ROUND: usize = 128;
/// A far point is told when the best σ is farther off without it than this factor.
const MOVED: f64 = 1.25;

impl CurveRequest<'_> {
    /// So many points that a curve is done in about a second on two cores.
    pub fn affordable_points(sources: usize) -> usize {
        const PAIRS: usize = 90_000_000;
        (PAIRS / sources.max(1)).max(500)
    }

    /// Computes the curves, in the order of `criteria`.
    ///
    /// `on_round` hears of all curves after each round; `keep_going` is asked every few
    /// milliseconds, and a no of it ends the work.
    ///
    /// # Errors
    /// When it was stopped, there are too few points, a weight is negative, or the sums fail.
    ///
    /// # Panics
    /// Never: each curve comes from one of the samples.
    pub fn run(
        &self,
        sums: &dyn LogSums,
        on_round: &mut dyn FnMut(&[Curve]),
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Curve>, CriteriaError> {
        let legal = |sigma: &f64| sigma.is_finite() && *sigma > 0.0;
        if !self.sigmas.iter().all(legal) || !self.sigmas.is_sorted_by(|a, b| a < b) {
            let message = "expected values of σ above 0, in rising order, each once";
            return Err(CriteriaError::BadRequest(message.to_owned()));
        }
        let samples = self.samples()?;
        let mut tallies: Vec<Tally> = Vec::new();
        let mut seen = 0;
        let most = samples.iter().map(Sample::len).max().unwrap_or(0);
        while seen < most {
            let until = if seen == 0 { FIRST_ROUND } else { 2 * seen }.min(most);
            let mut row = 0;
            for sample in &samples {
                let rows = seen.min(sample.len())..until.min(sample.len());
                let batches = sample.terms(self.sigmas, rows, sums, keep_going)?;
                for terms in batches {
                    match tallies.get_mut(row) {
                        Some(tally) => tally.add(&terms, self.sigmas.len()),
                        None => tallies.push(Tally::of(&terms, self.sigmas.len())),
                    }
                    row += 1;
                }
            }
            seen = until;
            on_round(&self.curves(&samples, &tallies));
        }
        let mut curves = self.curves(&samples, &tallies);
        for (curve, tally) in curves.iter_mut().zip(&tallies) {
            let sample = samples.iter().find(|sample| sample.criteria.contains(&curve.criterion));
            let sample = sample.expect("each curve comes from a sample");
            self.finish(curve, tally, sample, sums, keep_going)?;
        }
        // As asked for: the samples put those of one pass together.
        curves.sort_by_key(|curve| self.criteria.iter().position(|c| *c == curve.criterion));
        on_round(&curves);
        Ok(curves)
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

    fn curves(&self, samples: &[Sample], tallies: &[Tally]) -> Vec<Curve> {
        let of_each = samples.iter().flat_map(|sample| {
            sample.criteria.iter().map(move |criterion| (*criterion, sample.total))
        });
        of_each
            .zip(tallies)
            .map(|((criterion, total), tally)| {
                let points = self.sigmas.iter().enumerate().map(|(k, &sigma)| {
                    let [value, standard_error] = tally.mean(k, total);
                    CurvePoint { sigma, value, standard_error }
                });
                Curve {
                    criterion,
                    points: points.filter(|point| point.value.is_finite()).collect(),
                    points_used: tally.count,
                    points_total: total,
                    optimum: None,
                    outlier: None,
                }
            })
            .collect()
    }

    /// Finds the optimum, and the point that decides it if there is one.
    fn finish(
        &self,
        curve: &mut Curve,
        tally: &Tally,
        sample: &Sample,
        sums: &dyn LogSums,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<(), CriteriaError> {
        let Some(best) = curve.best() else { return Ok(()) };
        let criterion = curve.criterion;
        let mut values_at =
            |sigmas: &[f64]| sample.means(criterion, sigmas, sums, &mut *keep_going);
        curve.optimum = Some(if self.refine {
            refine(curve, best, &mut values_at)?
        } else {
            let CurvePoint { sigma, value, .. } = curve.points[best];
            Optimum { sigma, value, at_edge: false }
        });
        if criterion == Criterion::LeastSquares || tally.count < 3 {
            return Ok(());
        }
        let column = self.sigmas.iter().position(|sigma| *sigma >= curve.points[best].sigma);
        let (_, row) = tally.lowest[column.expect("the curve has the request's σ")];
        let alone = sample.terms(self.sigmas, row..row + 1, sums, keep_going)?;
        let which = sample.criteria.iter().position(|c| *c == criterion);
        let alone = &alone[which.expect("the sample has this criterion")];
        let without = |k: usize| tally.mean_without(k, alone[k]);
        let best_without =
            (0..self.sigmas.len()).max_by(|&a, &b| without(a).total_cmp(&without(b)));
        let sigma_without = best_without.map_or(f64::NAN, |k| self.sigmas[k]);
        let moved = curve.points[best].sigma / sigma_without;
        if !(1.0 / MOVED..=MOVED).contains(&moved) {
            curve.outlier = Some(Outlier { point: sample.point(row).to_vec(), sigma_without });
        }
        Ok(())
    }
}
