//! Changes of the selection that wait to be made, and which points the selected rows are of.

use std::{collections::VecDeque, sync::Arc};

use super::SelectionChange;
use crate::{model::Params, selection::RowBits};

/// The changes that wait, oldest first.
#[derive(Default)]
pub(in crate::session) struct SelectionQueue {
    waiting: VecDeque<SelectionChange>,
    /// Whether a change is being made.
    pub(in crate::session) is_busy: bool,
    /// What the selected rows are rows of; `None` without any.
    pub(in crate::session) of: Option<Params>,
    /// Counts how often rows were set from outside: what was computed before means nothing then.
    pub(in crate::session) epoch: u64,
    /// The version of the scene whose values the worker was asked to read.
    pub(in crate::session) values_asked: u64,
}

impl SelectionQueue {
    /// Adds a change; where what is selected before does not matter to it, those that wait are forgotten.
    pub(in crate::session) fn push(&mut self, change: SelectionChange) {
        if change.is_absolute() {
            self.waiting.clear();
        }
        self.waiting.push_back(change);
    }

    /// Forgets all changes, since `rows` of the points of `params` are selected now.
    pub(in crate::session) fn reset(&mut self, rows: &Arc<RowBits>, params: &Params) {
        self.waiting.clear();
        self.epoch += 1;
        self.of = (!rows.is_empty()).then(|| params.clone());
    }

    /// The next change.
    pub(in crate::session) fn first(&self) -> Option<&SelectionChange> {
        self.waiting.front()
    }

    /// Takes the next change, to make it.
    pub(in crate::session) fn take(&mut self) -> Option<SelectionChange> {
        let change = self.waiting.pop_front();
        self.is_busy = change.is_some();
        change
    }

    /// Whether all changes are made.
    pub(in crate::session) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.is_busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Combine, Region};

    #[test]
    fn changes_that_replace_all_make_earlier_ones_pointless() {
        let mut queue = SelectionQueue::default();
        let add = |region| SelectionChange { region, combine: Combine::Add };
        queue.push(add(Region::All));
        queue.push(SelectionChange::to(Region::Rest));
        queue.push(SelectionChange::to(Region::Values([0.0, 1.0])));
        queue.push(add(Region::All));
        assert_eq!(queue.take(), Some(SelectionChange::to(Region::Values([0.0, 1.0]))));
        assert_eq!(queue.take(), Some(add(Region::All)));
        assert!(!queue.is_idle());
        assert_eq!(queue.take(), None);
        assert!(queue.is_idle());
    }
}
