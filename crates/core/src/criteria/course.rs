//! The way of the curves that one sample of points gives, round by round, to their optima.

use super::{
    CriteriaError, Criterion, Curve, CurvePoint, Exact, LogSums, Outlier, Summing,
    optimum::{Optimum, refine},
    tally::Tally,
    terms::Sample,
    whole::Whole,
};

/// Points looked at in the first round; each later one doubles them.
pub(super) const FIRST_ROUND: usize = 128;
/// Pairs of the only round where all points are looked at after it, and the least of its points.
const GLANCE: [usize; 2] = [8_000_000, 16];
/// A far point is told when the best σ is farther off without it than this factor.
const MOVED: f64 = 1.25;

/// So many points that looking at them one by one is done in about a second on two cores.
pub(super) fn affordable_rows(sources: usize) -> usize {
    const PAIRS: usize = 90_000_000;
    (PAIRS / sources.max(1)).max(500)
}

/// The curves of one sample on their way.
pub(super) struct Course<'a> {
    sample: Sample,
    sigmas: &'a [f64],
    /// What looks at points one by one.
    sums: &'a dyn LogSums,
    /// How many of them.
    rows: usize,
    /// How many of them so far.
    seen: usize,
    /// What looks at many together after that.
    whole: Option<Whole>,
    /// The terms for each criterion of the sample.
    tallies: Vec<Tally>,
    /// The curves that are finished.
    finished: Vec<Curve>,
}

impl<'a> Course<'a> {
    /// # Errors
    /// When points cannot be made ready.
    pub(super) fn new(
        sample: Sample,
        sigmas: &'a [f64],
        summing: Summing<'a>,
    ) -> Result<Self, CriteriaError> {
        let (sums, whole): (&dyn LogSums, _) = match summing {
            Summing::Automatic => (&Exact, Whole::new(&sample, sigmas)?),
            Summing::By(sums) => (sums, None),
        };
        let mut rows = sample.len();
        let dim = sample.sources().dim();
        let is_drawn_for_engine =
            matches!(summing, Summing::Automatic) && Whole::most_points(dim).is_some();
        if is_drawn_for_engine && whole.is_none() {
            // More were drawn only because the engine might have looked at them.
            rows = rows.min(affordable_rows(sample.sources().len()));
        }
        if let Some(whole) = &whole {
            // How far terms vary has to be known where not all points are looked at.
            let least = if whole.rows() < sample.total { FIRST_ROUND } else { GLANCE[1] };
            rows = rows.min((GLANCE[0] / sample.sources().len()).clamp(least, FIRST_ROUND));
        }
        let (tallies, finished) = (Vec::new(), Vec::new());
        Ok(Self { sample, sigmas, sums, rows, seen: 0, whole, tallies, finished })
    }

    /// Whether all points are seen that are looked at one by one.
    pub(super) fn is_seen(&self) -> bool {
        self.seen == self.rows
    }

    /// Looks at more of them, until there are so many.
    pub(super) fn look(
        &mut self,
        until: usize,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<(), CriteriaError> {
        let rows = self.seen..until.min(self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        self.seen = rows.end;
        let batches = self.sample.terms(self.sigmas, rows, self.sums, keep_going)?;
        for (k, terms) in batches.into_iter().enumerate() {
            match self.tallies.get_mut(k) {
                Some(tally) => tally.add(&terms),
                None => self.tallies.push(Tally::of(&terms, self.sigmas.len())),
            }
        }
        Ok(())
    }

    /// The curves so far; none before the first look.
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

    /// Looks at many points together where that was meant, and finds the optima, and the points that
    /// decide them if there are such.
    pub(super) fn finish(
        &mut self,
        refines: bool,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<(), CriteriaError> {
        let mut whole = self.whole.take();
        if let Some(all) = &mut whole
            && !self.settle(all, keep_going)?
        {
            // Too crowded for that: some points, one by one.
            whole = None;
            self.rows = affordable_rows(self.sample.sources().len()).min(self.sample.len());
            self.look(self.rows, keep_going)?;
        }
        let mut curves = self.curves();
        for (k, curve) in curves.iter_mut().enumerate() {
            let Some(best) = curve.best() else { continue };
            let criterion = curve.criterion;
            let mut values_at = |sigmas: &[f64]| match &mut whole {
                Some(whole) => whole.means(&self.sample, criterion, sigmas, keep_going),
                None => self.sample.means(criterion, sigmas, self.seen, self.sums, keep_going),
            };
            curve.optimum = Some(if refines {
                refine(curve, best, &mut values_at)?
            } else {
                let CurvePoint { sigma, value, .. } = curve.points[best];
                Optimum { sigma, value, at_edge: false }
            });
            curve.outlier = self.outlier(k, curve.points[best].sigma, keep_going)?;
        }
        self.finished = curves;
        Ok(())
    }

    /// Puts the means over many points in the place of the terms, and says whether there are such.
    fn settle(
        &mut self,
        whole: &mut Whole,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<bool, CriteriaError> {
        let criteria = &self.sample.criteria;
        let means = whole.settle(&self.sample, criteria, self.sigmas, keep_going)?;
        let Some(means) = means else { return Ok(false) };
        for (tally, means) in self.tallies.iter_mut().zip(means) {
            for (k, settled) in means.into_iter().enumerate() {
                tally.settle(k, whole.rows(), settled);
            }
        }
        Ok(true)
    }

    /// The point without which the best of the σ would be another, if there is one.
    fn outlier(
        &self,
        k: usize,
        best: f64,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Outlier>, CriteriaError> {
        let Self { sample, sigmas, tallies, .. } = self;
        let tally = &tallies[k];
        if sample.criteria[k] == Criterion::LeastSquares || tally.count() < 3 {
            return Ok(None);
        }
        let column = sigmas.iter().position(|sigma| *sigma >= best).unwrap_or(0);
        let row = tally.lowest(column);
        let alone = sample.terms(sigmas, row..row + 1, self.sums, keep_going)?;
        let without = |column: usize| tally.mean_without(column, alone[k][column]);
        let best_without = (0..sigmas.len()).max_by(|&a, &b| without(a).total_cmp(&without(b)));
        let sigma_without = best_without.map_or(f64::NAN, |column| sigmas[column]);
        let is_near = (1.0 / MOVED..=MOVED).contains(&(best / sigma_without));
        let point = || sample.point(row).to_vec();
        Ok((!is_near).then(|| Outlier { point: point(), sigma_without }))
    }
}
