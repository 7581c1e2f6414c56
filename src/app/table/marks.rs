//! Which rows of the table are marked: from one row to another, as the keys and clicks with Shift have it.

use std::ops::Range;

use crate::session::TableRows;

/// The marked rows, by their places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// The row that the keys move from, with its target, and the other end of what is marked.
    cursor: Option<(u64, usize)>,
    anchor: u64,
    /// Whether the cursor is still to be brought into view.
    pub(super) seeks: bool,
}

impl Marks {
    /// Marks the row at `place`, or all from the present one to it.
    pub(super) fn set(&mut self, rows: &TableRows, place: u64, extends: bool) {
        let Some(target) = rows.target(place) else { return };
        if !extends || self.cursor.is_none() {
            self.anchor = place;
        }
        (self.cursor, self.seeks) = (Some((place, target)), true);
    }

    /// The place of the row that the keys move from.
    pub(super) fn cursor(&self) -> Option<u64> {
        self.cursor.map(|(place, _)| place)
    }

    /// The marked places.
    pub(super) fn range(&self) -> Option<Range<u64>> {
        let (place, _) = self.cursor?;
        Some(place.min(self.anchor)..place.max(self.anchor) + 1)
    }

    /// Keeps the cursor on its row in another order, where only that row is marked then.
    pub(super) fn follow(&mut self, rows: &TableRows) {
        let Some((place, target)) = self.cursor else { return };
        if rows.target(place) == Some(target) && self.anchor == place {
            return;
        }
        self.cursor = rows.place_of(target).map(|place| (place, target));
        self.anchor = self.cursor().unwrap_or(0);
    }
}
