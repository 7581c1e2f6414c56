//! The points at which a curve's density is evaluated, and the term that each of them adds to the
//! criterion.

use std::ops::Range;

use super::{
    CriteriaError, Criterion, Evaluation, LogSums, held_out, least_squares, leave_one_out,
    moments::{counting, weight},
    tally::Tally,
};
use crate::{engine::Observer, model::Cloud, sampling::shuffled};

/// Points drawn at random from those with a weight above 0, in the order in which they are evaluated.
pub(super) struct Sample {
    /// The curves that come from one pass over the pairs.
    pub criteria: Vec<Criterion>,
    /// How many points there were to draw from.
    pub total: usize,
    targets: Cloud,
    own: Option<Vec<usize>>,
    sources: Cloud,
    total_weight: f64,
    /// The largest weight, and the sum of all others.
    heaviest: [f64; 2],
}

impl Sample {
    /// Sources, each seen by all others.
    pub(super) fn of_sources(
        sources: &Cloud,
        criteria: Vec<Criterion>,
        most: usize,
        seed: u64,
    ) -> Result<Self, CriteriaError> {
        let sources = counting(sources)?.into_owned();
        if sources.len() < 2 {
            let criterion = criteria.first().map_or("a curve", |criterion| criterion.label());
            return Err(CriteriaError::TooFew { criterion, least: 2, found: sources.len() });
        }
        let order = drawn(sources.len(), most, seed);
        let targets = sources.select(order.iter().copied()).without_weights();
        Ok(Self {
            criteria,
            total: sources.len(),
            targets,
            own: Some(order),
            total_weight: sources.total_weight(),
            heaviest: heaviest(&sources),
            sources,
        })
    }

    /// Targets, each seen by all sources.
    pub(super) fn of_targets(
        targets: &Cloud,
        sources: &Cloud,
        most: usize,
        seed: u64,
    ) -> Result<Self, CriteriaError> {
        let sources = counting(sources)?.into_owned();
        if sources.is_empty() {
            let criterion = Criterion::HeldOut.label();
            return Err(CriteriaError::TooFew { criterion, least: 1, found: 0 });
        }
        let order = drawn(targets.len(), most, seed);
        Ok(Self {
            criteria: vec![Criterion::HeldOut],
            total: targets.len(),
            targets: targets.select(order.into_iter()).without_weights(),
            own: None,
            total_weight: sources.total_weight(),
            heaviest: heaviest(&sources),
            sources,
        })
    }

    /// Number of points at which the density is evaluated.
    pub(super) fn len(&self) -> usize {
        self.targets.len()
    }

    /// Coordinates of the point evaluated in `row`.
    pub(super) fn point(&self, row: usize) -> &[f64] {
        self.targets.point(row)
    }

    /// The points at which the density is evaluated.
    pub(super) fn targets(&self) -> &Cloud {
        &self.targets
    }

    /// Which source each of them is, where they are sources.
    pub(super) fn own(&self) -> Option<&[usize]> {
        self.own.as_deref()
    }

    /// The sources with a weight above 0.
    pub(super) fn sources(&self) -> &Cloud {
        &self.sources
    }

    /// Σw.
    pub(super) fn total_weight(&self) -> f64 {
        self.total_weight
    }

    /// Σw without one source of weight `own`. Beside all others the heaviest is not subtracted: where
    /// they are but a trifle of it, nothing would be left of them.
    pub(super) fn weight_without(&self, own: f64) -> f64 {
        let [heaviest, others] = self.heaviest;
        // One of several of the same weight leaves the same.
        if own >= heaviest { others } else { self.total_weight - own }
    }

    /// The terms of the points in `rows`, for each criterion row by row: shape (rows, number of σ).
    pub(super) fn terms(
        &self,
        sigmas: &[f64],
        rows: Range<usize>,
        sums: &dyn LogSums,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Vec<f64>>, CriteriaError> {
        self.terms_of(&self.criteria, sigmas, rows, sums, observer)
    }

    fn terms_of(
        &self,
        criteria: &[Criterion],
        sigmas: &[f64],
        rows: Range<usize>,
        sums: &dyn LogSums,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Vec<f64>>, CriteriaError> {
        let columns = Columns::new(sigmas, criteria.contains(&Criterion::LeastSquares));
        let targets = self.targets.select(rows.clone());
        let evaluation = Evaluation {
            targets: &targets,
            own: self.own.as_ref().map(|own| &own[rows.clone()]),
            sources: &self.sources,
        };
        let log_sums = sums.log_sums(&evaluation, &columns.sigmas, observer)?;
        let by_row = || rows.clone().zip(log_sums.chunks_exact(columns.sigmas.len().max(1)));
        let of_criterion = |criterion: &Criterion| {
            let one = |(i, sums): (usize, &[f64])| self.row(*criterion, i, sums, sigmas, &columns);
            by_row().flat_map(one).collect()
        };
        Ok(criteria.iter().map(of_criterion).collect())
    }

    fn row(
        &self,
        criterion: Criterion,
        i: usize,
        sums: &[f64],
        sigmas: &[f64],
        columns: &Columns,
    ) -> Vec<f64> {
        let (total, dim) = (self.total_weight, self.sources.dim());
        let own = self.own.as_ref().map_or(0.0, |own| weight(&self.sources, own[i]));
        let rest = self.weight_without(own);
        let term = |(k, &sigma): (usize, &f64)| match criterion {
            Criterion::LeastSquares => {
                let source = least_squares::Source {
                    wide: sums[columns.wide[k]],
                    log_sum: sums[k],
                    weight: own,
                    rest,
                    total,
                };
                // So that the mean over all is their sum.
                self.total as f64 * least_squares::term(&source, sigma, dim)
            }
            Criterion::LeaveOneOut => leave_one_out::term(sums[k], rest, sigma, dim),
            Criterion::HeldOut => held_out::term(sums[k], total, sigma, dim),
            Criterion::Scott
            | Criterion::Silverman
            | Criterion::Median
            | Criterion::Neighbour
            | Criterion::SheatherJones
            | Criterion::ImprovedSheatherJones => unreachable!("a rule has no terms"),
        };
        sigmas.iter().enumerate().map(term).collect()
    }

    /// The means of one criterion's terms over the first `rows` of the points, for each σ.
    pub(super) fn means(
        &self,
        criterion: Criterion,
        sigmas: &[f64],
        rows: usize,
        sums: &dyn LogSums,
        observer: &mut dyn Observer,
    ) -> Result<Vec<f64>, CriteriaError> {
        let terms = self.terms_of(&[criterion], sigmas, 0..rows, sums, observer)?;
        let tally = Tally::of(&terms[0], sigmas.len());
        Ok((0..sigmas.len()).map(|k| tally.mean(k, self.total)[0]).collect())
    }
}

/// The largest weight, and the sum of all others.
fn heaviest(sources: &Cloud) -> [f64; 2] {
    let Some(weights) = sources.weights() else { return [1.0, sources.len() as f64 - 1.0] };
    let mut heaviest = 0.0_f64;
    let mut others = 0.0;
    for &w in weights {
        others += w.min(heaviest);
        heaviest = heaviest.max(w);
    }
    [heaviest, others]
}

/// `most` of the numbers below `count` in a random order.
fn drawn(count: usize, most: usize, seed: u64) -> Vec<usize> {
    shuffled(count, seed).into_iter().take(most.max(1)).map(|i| i as usize).collect()
}

/// The σ whose sums are needed: those of the curve, and √2 times each for least squares.
pub(super) struct Columns {
    /// Those of the curve first.
    pub sigmas: Vec<f64>,
    /// For each σ of the curve, which column √2 times it is; empty where nothing needs them.
    pub wide: Vec<usize>,
}

impl Columns {
    pub(super) fn new(sigmas: &[f64], with_wide: bool) -> Self {
        let mut all = sigmas.to_vec();
        let mut wide = Vec::new();
        for &sigma in sigmas.iter().filter(|_| with_wide) {
            let wanted = std::f64::consts::SQRT_2 * sigma;
            // √2·σ is often already on the ladder.
            let known = sigmas.iter().position(|sigma| (sigma / wanted - 1.0).abs() < 1e-13);
            wide.push(known.unwrap_or_else(|| {
                all.push(wanted);
                all.len() - 1
            }));
        }
        Self { sigmas: all, wide }
    }
}
