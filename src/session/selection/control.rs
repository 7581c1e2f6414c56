//! Methods by which the owner of a session changes the selection.

use std::sync::Arc;

use super::SelectionChange;
use crate::{model::Params, selection::RowBits, session::Session};

/// Changes the selection: see [`Session::selection`].
#[derive(Clone, Copy)]
pub struct SelectionControl<'a>(pub(in crate::session) &'a Session);

impl SelectionControl<'_> {
    /// Makes a change, after those that were asked for before.
    pub fn change(self, change: SelectionChange) {
        self.0.shared.tell_worker(|state| state.selecting.push(change));
    }

    /// Selects `rows` of the points of `params` at once, instead of all that was asked for before: when a step
    /// is undone, or where another session left off.
    pub fn set(self, rows: &Arc<RowBits>, params: &Params) {
        self.0.shared.tell_worker(|state| {
            state.selecting.reset(rows, params);
            state.state.selection.rows = Arc::clone(rows);
        });
    }

    /// The rows that are selected now.
    pub fn rows(self) -> Arc<RowBits> {
        Arc::clone(&self.0.shared.lock().state.selection.rows)
    }

    /// Whether all changes that were asked for are made, and what is selected are rows of the points of `params`:
    /// others are dropped as soon as those points are there.
    pub fn is_settled(self, params: &Params) -> bool {
        let state = self.0.shared.lock();
        let selecting = &state.selecting;
        selecting.is_idle() && selecting.of.as_ref().is_none_or(|of| of.has_rows_of(params))
    }
}
