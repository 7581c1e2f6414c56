//! Refines the curves of one sample of points, round by round with twice as many points, and then
//! finds their optima.
//!
//! ```text
//! 128 points, one by one ─▶ 256 ─▶ 512 … ─▶ all together, if the fast engine can ─▶ optima, outliers
//! ```

use super::{
    CriteriaError, Criterion, Curve, CurvePoint, Exact, LogSums, Outlier, Summing,
    full_sample::FullSampleEvaluator,
    optimum::{Optimum, refine},
    tally::Tally,
    terms::Sample,
};
use crate::engine::Observer;

/// Points evaluated in the first round; each later round doubles them. With more, the first curve
/// appears later; with fewer, its standard errors are larger.
pub(super) const FIRST_ROUND: usize = 128;
/// Where all points are evaluated together afterwards, one round of single points comes before, for
/// a preview: about this many pairs, and at least this many points. With more, the preview appears
/// later; with fewer, it is less certain.
const PREVIEW: [usize; 2] = [8_000_000, 16];
/// A point is reported as an outlier when the best σ without it differs by more than this factor.
/// Closer to 1, harmless points are reported; larger, some that mislead are not.
const MOVED: f64 = 1.25;

/// How many points can be evaluated one by one, against `sources` each, in about a second on two
/// cores; 500 at least.
pub(super) fn affordable_rows(sources: usize) -> usize {
    /// Pairs that two cores evaluate in about a second, each at all σ of a curve.
    const PAIRS: usize = 90_000_000;
    (PAIRS / sources.max(1)).max(500)
}

/// The curves of one sample while they are being computed.
pub(super) struct CurveRefinement<'a> {
    sample: Sample,
    sigmas: &'a [f64],
    /// Evaluates points one by one.
    sums: &'a dyn LogSums,
    /// How many points are to be evaluated that way.
    rows: usize,
    /// How many of these have been.
    evaluated: usize,
    /// Evaluates all points together after that, where the fast engine can.
    full_sample: Option<FullSampleEvaluator>,
    /// The terms for each criterion of the sample.
    tallies: Vec<Tally>,
    /// The curves that are finished.
    finished: Vec<Curve>,
}

impl<'a> CurveRefinement<'a> {
    /// Starts with no point evaluated, for `sigmas` in rising order.
    ///
    /// # Errors
    /// When the points cannot be prepared for the fast engine.
    pub(super) fn new(
        sample: Sample,
        sigmas: &'a [f64],
        summing: Summing<'a>,
    ) -> Result<Self, CriteriaError> {
        let (sums, full_sample): (&dyn LogSums, _) = match summing {
            Summing::Automatic => (&Exact, FullSampleEvaluator::new(&sample, sigmas)?),
            Summing::By(sums) => (sums, None),
        };
        let mut rows = sample.len();
        let dim = sample.sources().dim();
        let is_drawn_for_engine = matches!(summing, Summing::Automatic)
            && FullSampleEvaluator::most_points(dim).is_some();
        if is_drawn_for_engine && full_sample.is_none() {
            // More were drawn only because the fast engine might have evaluated them.
            rows = rows.min(affordable_rows(sample.sources().len()));
        }
        if let Some(full_sample) = &full_sample {
            // The standard error needs a sample of terms where not all points are evaluated.
            let least = if full_sample.rows() < sample.total { FIRST_ROUND } else { PREVIEW[1] };
            rows = rows.min((PREVIEW[0] / sample.sources().len()).clamp(least, FIRST_ROUND));
        }
        let (tallies, finished) = (Vec::new(), Vec::new());
        Ok(Self { sample, sigmas, sums, rows, evaluated: 0, full_sample, tallies, finished })
    }

    /// Whether all points that are evaluated one by one have been.
    pub(super) fn is_evaluated(&self) -> bool {
        self.evaluated == self.rows
    }

    /// Evaluates more of them, until `until` of them have been.
    ///
    /// # Errors
    /// When it was stopped, or the sums fail.
    pub(super) fn evaluate(
        &mut self,
        until: usize,
        observer: &mut dyn Observer,
    ) -> Result<(), CriteriaError> {
        let rows = self.evaluated..until.min(self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        self.evaluated = rows.end;
        let batches = self.sample.terms(self.sigmas, rows, self.sums, observer)?;
        for (k, terms) in batches.into_iter().enumerate() {
            match self.tallies.get_mut(k) {
                Some(tally) => tally.add(&terms),
                None => self.tallies.push(Tally::of(&terms, self.sigmas.len())),
            }
        }
        Ok(())
    }

    /// The curves so far; none before the first call of [`evaluate`](Self::evaluate).
    pub(super) fn curves(&self) -> Vec<Curve> {
        if !self.finished.is_empty() {
            return self.finished.clone();
        }
        let total = self.sample.total;
        let curve = |(&criterion, tally): (&Criterion, &Tally)| {
            let points = self.sigmas.iter().enumerate().map(|(k, &sigma)| {
                let [value, standard_error] = tally.mean(k, total);
                CurvePoint { sigma, value, standard_error }
            });
            Curve {
                criterion,
                points: points.filter(|point| point.value.is_finite()).collect(),
                points_used: tally.count(),
                points_total: total,
                optimum: None,
                outlier: None,
            }
        };
        self.sample.criteria.iter().zip(&self.tallies).map(curve).collect()
    }

    /// Evaluates all points together where the fast engine can, then finds each curve's optimum, and
    /// the outlier that decides it, if there is one.
    ///
    /// # Errors
    /// When it was stopped, or the sums fail.
    pub(super) fn finish(
        &mut self,
        refines: bool,
        observer: &mut dyn Observer,
    ) -> Result<(), CriteriaError> {
        let mut full_sample = self.full_sample.take();
        if let Some(all) = &mut full_sample
            && !self.settle(all, observer)?
        {
            // Too many sources lie near each other for that: a part of the points, one by one.
            full_sample = None;
            self.rows = affordable_rows(self.sample.sources().len()).min(self.sample.len());
            self.evaluate(self.rows, observer)?;
        }
        let mut curves = self.curves();
        for (k, curve) in curves.iter_mut().enumerate() {
            let Some(best) = curve.best() else { continue };
            let criterion = curve.criterion;
            let mut values_at = |sigmas: &[f64]| match &mut full_sample {
                Some(full_sample) => full_sample.means(&self.sample, criterion, sigmas, observer),
                None => self.sample.means(criterion, sigmas, self.evaluated, self.sums, observer),
            };
            curve.optimum = Some(if refines {
                refine(curve, best, &mut values_at)?
            } else {
                let CurvePoint { sigma, value, .. } = curve.points[best];
                Optimum { sigma, value, at_edge: false }
            });
            curve.outlier = self.outlier(k, curve.points[best].sigma, observer)?;
        }
        self.finished = curves;
        Ok(())
    }

    /// Replaces the means over single points by those over all; false where there are none.
    fn settle(
        &mut self,
        full_sample: &mut FullSampleEvaluator,
        observer: &mut dyn Observer,
    ) -> Result<bool, CriteriaError> {
        let criteria = &self.sample.criteria;
        let means = full_sample.settle(&self.sample, criteria, self.sigmas, observer)?;
        let Some(means) = means else { return Ok(false) };
        for (tally, means) in self.tallies.iter_mut().zip(means) {
            for (k, settled) in means.into_iter().enumerate() {
                tally.settle(k, full_sample.rows(), settled);
            }
        }
        Ok(true)
    }

    /// The point without which the best of the σ would be another, if there is one.
    fn outlier(
        &self,
        k: usize,
        best: f64,
        observer: &mut dyn Observer,
    ) -> Result<Option<Outlier>, CriteriaError> {
        let Self { sample, sigmas, tallies, .. } = self;
        let tally = &tallies[k];
        if sample.criteria[k] == Criterion::LeastSquares || tally.count() < 3 {
            return Ok(None);
        }
        let column = sigmas.iter().position(|sigma| *sigma >= best).unwrap_or(0);
        let row = tally.lowest(column);
        let alone = sample.terms(sigmas, row..row + 1, self.sums, observer)?;
        let without = |column: usize| tally.mean_without(column, alone[k][column]);
        let best_without = (0..sigmas.len()).max_by(|&a, &b| without(a).total_cmp(&without(b)));
        let sigma_without = best_without.map_or(f64::NAN, |column| sigmas[column]);
        let is_near = (1.0 / MOVED..=MOVED).contains(&(best / sigma_without));
        let point = || sample.point(row).to_vec();
        Ok((!is_near).then(|| Outlier { point: point(), sigma_without }))
    }
}
