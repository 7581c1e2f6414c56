//! Prepared points: in the units in which they are summed and in those of the data, with load
//! reports and counts.

use std::sync::Arc;

use super::{
    Shown, SourceError, TargetRows,
    cautions::RowsOf,
    default_sigma::{DefaultSigma, SigmaRule},
    target_rows::PickedRows,
};
use crate::{
    criteria::{
        CriteriaError, Criterion, Selection, Warning, Whitening, merge_duplicates, scott_sigma,
        silverman_sigma,
    },
    io::LoadReport,
    model::{AxisScaling, Normalisation, Params, Points, Projection, Sigma},
};

/// A rule and the σ that it takes.
type RuleSigma = (Criterion, Result<f64, CriteriaError>);

/// Points ready to be summed, and where they came from.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Targets and sources as they are summed: in standard deviations where axes are scaled.
    pub points: Arc<Points>,
    /// The same points in the units of the data: as they are drawn and told.
    pub drawn: Arc<Points>,
    /// What brought the axes to standard deviations, where they are.
    pub whitening: Option<Arc<Whitening>>,
    /// How many sources were merged into one of the same place.
    pub merged: usize,
    /// What was read, for each file: that of the targets first.
    pub reports: Vec<LoadReport>,
    /// Which rows of their file the targets are; `None` when they are generated.
    pub target_rows: Option<TargetRows>,
    /// The numbers of the targets among those that were generated, rising, where only some are taken.
    pub(super) picked: Option<Arc<[u32]>>,
    /// The rows of targets and sources in their files; `None` when they are generated.
    pub(super) rows: Option<Arc<[PickedRows; 2]>>,
    /// How many targets and sources there are to choose from; `None` when they are generated.
    pub available: Option<[usize; 2]>,
    /// The σ taken where none is asked for, and the rule that it comes from: of all sources in the
    /// units of `points`, before any are merged.
    pub default_sigma: DefaultSigma,
    /// What may mislead about the points before any were merged, where some were.
    pub(super) cautions_before_merging: Option<Arc<[Warning]>>,
    /// The σ of Scott's and Silverman's rules before sources were merged, where some were.
    rules_before_merging: Option<Arc<[RuleSigma]>>,
}

impl Prepared {
    /// Merges and scales `points` as `params` want it; `rows` are those of targets and sources.
    ///
    /// # Errors
    /// When the axes cannot be scaled.
    pub(super) fn new(
        points: Points,
        reports: Vec<LoadReport>,
        rows: Option<[PickedRows; 2]>,
        available: Option<[usize; 2]>,
        params: &Params,
    ) -> Result<Self, SourceError> {
        let whitening = match params.axis_scaling {
            AxisScaling::None => Ok(None),
            AxisScaling::Axes => Whitening::standardising(points.sources()).map(Some),
            AxisScaling::Full => Whitening::full(points.sources()).map(Some),
        };
        let whitening = whitening.map_err(SourceError::Scaling)?;
        let mut points = points;
        // Merging changes neither the transform nor σ, so that f stays what it is.
        let scaled = whitening.as_ref().map(|whitening| whitening.apply(points.sources()));
        let sources = scaled.as_ref().unwrap_or(points.sources());
        let default_sigma = match available {
            None => DefaultSigma::of_generated(),
            Some(_) => DefaultSigma::of(sources, &scott_sigma(sources)),
        };
        let (mut merged, mut cautions_before_merging, mut rules_before_merging) = (0, None, None);
        if params.merge_duplicates {
            let (merged_sources, count) = merge_duplicates(points.sources());
            if count > 0 {
                let rows = RowsOf { points: &points, rows: rows.as_ref(), picked: None };
                cautions_before_merging = Some(rows.cautions(whitening.is_some()).into());
                let rules = [
                    (Criterion::Scott, scott_sigma(sources)),
                    (Criterion::Silverman, silverman_sigma(sources)),
                ];
                rules_before_merging = Some(rules.into());
                (points, merged) = (points.with_sources(merged_sources), count);
            }
        }
        drop(scaled);
        let drawn = Arc::new(points);
        let points = match &whitening {
            None => Arc::clone(&drawn),
            Some(whitening) => Arc::new(whitening.apply_to_points(&drawn)?),
        };
        Ok(Self {
            points,
            drawn,
            whitening: whitening.map(Arc::new),
            merged,
            reports,
            target_rows: None,
            picked: None,
            rows: rows.map(Arc::new),
            available,
            default_sigma,
            cautions_before_merging,
            rules_before_merging,
        })
    }

    /// Gives the rules that look at how many points there are, Scott's and Silverman's, the σ of all sources
    /// before any were merged: that of the same name without a merge, and the default one.
    pub fn undo_merge(&self, selections: &mut [Selection]) {
        let Some(rules) = &self.rules_before_merging else { return };
        for selection in selections {
            let rule = rules.iter().find(|(rule, _)| *rule == selection.criterion);
            if let Some((_, sigma)) = rule {
                selection.sigma.clone_from(sigma);
                selection.points_used += self.merged;
                selection.points_total += self.merged;
            }
        }
    }

    /// The σ that `params` ask for, or the one that suits the points.
    pub fn sigma(&self, params: &Params) -> Sigma {
        params.sigma.unwrap_or(self.default_sigma.sigma)
    }

    /// The row of a target in its file, or its number among those that were generated; both from 0.
    pub fn row_of(&self, target: usize) -> Option<u64> {
        match &self.target_rows {
            Some(rows) => rows.row_of(target),
            None => match &self.picked {
                Some(picked) => picked.get(target).map(|number| u64::from(*number)),
                None => (target < self.points.n()).then_some(target as u64),
            },
        }
    }

    /// The target that a row is, both from 0, if it is one: the other way round.
    pub fn target_of(&self, row: u64) -> Option<usize> {
        // Targets are in the order of the file.
        let (mut low, mut high) = (0, self.points.n());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.row_of(middle)? < row {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (self.row_of(low) == Some(row)).then_some(low)
    }

    /// Where that σ comes from; `named` is the criterion that chose the one in `params`, if one did.
    pub fn sigma_rule(&self, params: &Params, named: Option<Criterion>) -> SigmaRule {
        match (named, params.sigma) {
            (Some(criterion), _) => SigmaRule::By(criterion),
            (None, Some(_)) => SigmaRule::Given,
            (None, None) => self.default_sigma.rule.clone(),
        }
    }

    /// What a sum over sources of total weight `weight` is multiplied by; a density is one in the
    /// units of the data.
    pub fn factor(&self, normalisation: Normalisation, weight: f64, sigma: Sigma) -> f64 {
        let factor = normalisation.factor(weight, self.points.dim(), sigma);
        match &self.whitening {
            Some(whitening) if normalisation == Normalisation::Density => {
                factor * whitening.volume()
            }
            _ => factor,
        }
    }

    /// Where the points are drawn, as `projection` wants it.
    pub fn shown(&self, projection: Projection) -> Shown {
        Shown::new(&self.drawn, projection, [false; 2])
    }

    /// `sigma` in the units of each axis, where it is in standard deviations: shape (d,).
    pub fn in_units_of_axes(&self, sigma: Sigma) -> Option<Vec<f64>> {
        Some(self.whitening.as_ref()?.in_units_of_axes(sigma.get()))
    }
}
