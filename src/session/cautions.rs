//! What may mislead about points and their field: one list for the window and the command line.

use super::{Prepared, target_rows::PickedRows};
use crate::{
    criteria::{FieldFacts, RowNames, Warning, WarningKind, about_field, about_points},
    model::Points,
};

/// Points with what is known of the rows that they come from.
pub(super) struct RowsOf<'a> {
    pub(super) points: &'a Points,
    /// Those of the targets and of the sources; `None` where they are generated.
    pub(super) rows: Option<&'a [PickedRows; 2]>,
    /// The numbers of generated targets, where only some are taken.
    pub(super) picked: Option<&'a [u32]>,
}

impl RowsOf<'_> {
    /// What may mislead about the points, in the units of the data; `scaled` says whether they are summed
    /// in standard deviations.
    pub(super) fn cautions(&self, scaled: bool) -> Vec<Warning> {
        // Generated targets are the rows of the table of f.
        let row_of = |which: usize, point: usize| match self.rows {
            Some(rows) => rows[which].row_of(point),
            None if which == 0 => match self.picked {
                Some(picked) => picked.get(point).map(|number| u64::from(*number)),
                None => Some(point as u64),
            },
            None => None,
        };
        let (of_target, of_source) = (|i| row_of(0, i), |j| row_of(1, j));
        let rows = RowNames { of_target: &of_target, of_source: &of_source };
        about_points(self.points, scaled, rows)
    }
}

impl Prepared {
    /// What may mislead about these points and, where it is given, about a field of them; what no rule
    /// says of σ is in [`default_sigma`](Self::default_sigma).
    ///
    /// Takes some passes over all points, and a sort of those that coincide.
    pub fn cautions(&self, field: Option<&FieldFacts>) -> Vec<Warning> {
        let mut warnings = match &self.cautions_before_merging {
            None => {
                let rows = RowsOf {
                    points: &self.drawn,
                    rows: self.rows.as_deref(),
                    picked: self.picked.as_deref(),
                };
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
