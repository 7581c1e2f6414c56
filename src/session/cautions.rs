//! What may mislead about points and their field: one list for the window and the command line.

use super::Prepared;
use crate::{
    criteria::{FieldFacts, RowNames, Warning, WarningKind, about_field, about_points},
    io::LoadReport,
    model::Points,
};

/// Points with what is known of the rows that they come from.
pub(super) struct RowsOf<'a> {
    pub(super) points: &'a Points,
    pub(super) reports: &'a [LoadReport],
    pub(super) available: Option<[usize; 2]>,
}

impl RowsOf<'_> {
    /// What may mislead about the points, in the units of the data; `scaled` says whether they are summed
    /// in standard deviations.
    pub(super) fn cautions(&self, scaled: bool) -> Vec<Warning> {
        let Self { points, reports, available } = self;
        // Only of a file that was taken as it stands a point's number is that of its row.
        let is_whole = *available == Some([points.n(), points.m()])
            && reports.iter().all(|report| report.rows_dropped() == 0);
        about_points(points, scaled, RowNames { word: if is_whole { "row" } else { "point" } })
    }
}

impl Prepared {
    /// What may mislead about these points and, where it is given, about a field of them; what no rule
    /// says of σ is in [`default_sigma`](Self::default_sigma).
    ///
    /// Takes some passes over all points, and a sort of those that coincide.
    pub fn cautions(&self, field: Option<&FieldFacts>) -> Vec<Warning> {
        let Self { drawn: points, reports, available, .. } = self;
        let mut warnings = match &self.cautions_before_merging {
            None => {
                let rows = RowsOf { points, reports, available: *available };
                rows.cautions(self.whitening.is_some())
            }
            // What coincided has been merged; the rest stands.
            Some(before) => {
                let others = before.iter().filter(|w| w.kind != WarningKind::Duplicates);
                others.cloned().collect()
            }
        };
        warnings.extend(field.and_then(|field| about_field(&self.points, field)));
        warnings
    }
}
