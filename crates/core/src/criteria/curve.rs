//! A criterion against σ, coarse to fine.
//!
//! ```text
//! sources, shuffled ──▶ 128 of them, 128 more, twice as many, … each against all sources
//!                              │ log-sums for every σ at once
//!                              ▼
//!         mean and standard error of the terms so far ──▶ the whole curve, narrower each time
//!                              │ after the last; where the fast engine holds, after the first:
//!                              │ means over all points from there
//!                              ▼
//!         optimum refined between its neighbours; a far point that holds it is looked for
//! ```
//!
//! The curve is there for every σ from the first round on, an unbiased estimate from a random part of
//! the points. Only the points at which the density is
//! looked at are sampled, never those that it is made of, for the best σ depends on how many they are.

use super::{
    CriteriaError, Criterion, Summing,
    course::{Course, FIRST_ROUND, affordable_rows},
    optimum::Optimum,
    terms::Sample,
    whole::Whole,
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

impl CurveRequest<'_> {
    /// So many points that curves over `sources` of them in `dim` coordinates are done in a few
    /// seconds on two cores.
    pub fn affordable_points(summing: Summing<'_>, sources: usize, dim: usize) -> usize {
        let whole = match summing {
            Summing::Automatic => Whole::most_points(dim),
            Summing::By(_) => None,
        };
        whole.unwrap_or_else(|| affordable_rows(sources))
    }

    /// Bytes that curves of n targets and m sources in `dim` coordinates take at most beyond the points,
    /// [`Summing::Automatic`].
    pub fn bytes([n, m, dim]: [usize; 3]) -> u64 {
        if Whole::most_points(dim).is_some() {
            return Whole::bytes([n, m, dim]);
        }
        // Copies of both clouds that count, axis by axis once more, and distances on each thread.
        let numbers = m * (4 * dim + 2 + 2 * rayon::current_num_threads());
        8 * (numbers + n * dim) as u64
    }

    /// Computes the curves, in the order of `criteria`.
    ///
    /// `on_round` hears of all curves after each round; `keep_going` is asked every few
    /// milliseconds, and a no of it ends the work.
    ///
    /// # Errors
    /// When it was stopped, there are too few points, a weight is negative, or the sums fail.
    pub fn run(
        &self,
        summing: Summing<'_>,
        on_round: &mut dyn FnMut(&[Curve]),
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Curve>, CriteriaError> {
        let legal = |sigma: &f64| sigma.is_finite() && *sigma > 0.0;
        if !self.sigmas.iter().all(legal) || !self.sigmas.is_sorted_by(|a, b| a < b) {
            let message = "expected values of σ above 0, in rising order, each once";
            return Err(CriteriaError::BadRequest(message.to_owned()));
        }
        let samples = self.samples()?;
        let course = |sample| Course::new(sample, self.sigmas, summing);
        let mut courses: Vec<Course<'_>> =
            samples.into_iter().map(course).collect::<Result<_, _>>()?;
        let mut until = FIRST_ROUND;
        while !courses.iter().all(Course::is_seen) {
            for course in &mut courses {
                course.look(until, keep_going)?;
            }
            on_round(&self.curves(&courses));
            until *= 2;
        }
        for k in 0..courses.len() {
            courses[k].finish(self.refine, keep_going)?;
            on_round(&self.curves(&courses));
        }
        Ok(self.curves(&courses))
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

    /// All curves so far, as asked for: courses put those of one pass together.
    fn curves(&self, courses: &[Course<'_>]) -> Vec<Curve> {
        let mut curves: Vec<Curve> = courses.iter().flat_map(Course::curves).collect();
        curves.sort_by_key(|curve| self.criteria.iter().position(|c| *c == curve.criterion));
        curves
    }
}
