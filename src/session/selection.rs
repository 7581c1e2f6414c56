//! The selection: rows that the user picked, by row of the targets' file, whatever is computed of them and
//! however they are shown.
//!
//! ```text
//!   window ─▶ SelectionChange ─▶ SelectionQueue ─▶ a thread ─▶ Selection: rows, then marks, then facts
//!             Region, Combine                      (worker::selecting)
//! ```

mod control;
mod facts;
mod marks;
mod queue;
mod region;
mod row_numbers;

use std::sync::Arc;

pub use control::SelectionControl;
pub use facts::{SelectionFacts, Spread};
pub use marks::TargetMarks;
pub(super) use queue::SelectionQueue;
pub use region::{Combine, Region, SelectionChange};
pub(super) use row_numbers::{RowNumbers, why_rows_differ};

use super::Scene;
use crate::selection::RowBits;

/// What a session publishes of the selection.
#[derive(Clone, Default)]
pub struct Selection {
    /// The rows of the targets' file that are selected, or the numbers of generated targets.
    pub rows: Arc<RowBits>,
    /// Which targets these are, as far as that is known by now: see [`Self::marks`].
    pub(super) marks: Option<Arc<TargetMarks>>,
    /// What they have in common, as far as that is known by now: see [`Self::facts`].
    pub(super) facts: Option<Arc<SelectionFacts>>,
}

impl Selection {
    /// Whether no row is selected.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Which targets of `scene` are selected, where some rows are; while another selection is being marked,
    /// that of the one before.
    pub fn marks(&self, scene: &Scene) -> Option<&Arc<TargetMarks>> {
        if self.is_empty() {
            return None;
        }
        self.marks.as_ref().filter(|marks| marks.are_of(&scene.prepared.drawn))
    }

    /// What the selected targets have in common; while other facts are being found, those before.
    pub fn facts(&self) -> Option<&Arc<SelectionFacts>> {
        self.facts.as_ref().filter(|_| !self.is_empty())
    }
}
