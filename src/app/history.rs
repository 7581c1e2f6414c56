//! Undo and redo: the parameters and the selected rows before and after each change of the user.
//!
//! ```text
//!   past: oldest … newest  ▸  present  ▸  future: last … next
//! ```
//!
//! The window records its parameters in every frame in which no change is in progress, so that a
//! whole drag is one step. Steps in quick succession, as by a key that is held down, are merged
//! into one.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    model::{Params, Stage},
    selection::RowBits,
};

/// What was requested and selected at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The parameters.
    pub params: Params,
    /// The rows that were selected.
    pub rows: Arc<RowBits>,
}

/// The steps that can be undone and redone. A clone shares them.
#[derive(Clone, Debug)]
pub struct History {
    past: VecDeque<Arc<Step>>,
    present: Arc<Step>,
    /// What was undone; the next to be done again is the last.
    future: Vec<Arc<Step>>,
    /// The steps to redo that the newest step discarded, in case that step is refused.
    lost: Vec<Arc<Step>>,
    newest: LastChange,
}

/// What the last change of the history was.
#[derive(Clone, Copy, Debug, PartialEq)]
enum LastChange {
    /// By a step of its own.
    Step,
    /// By steps of a burst, the last of them at this time.
    Burst(Instant),
    Undo,
    Redo,
}

impl History {
    /// The most steps that can be undone; older ones are dropped.
    pub const DEPTH: usize = 100;
    /// The longest time between two steps that are merged into one. With more, separate changes are
    /// undone together; with less, each press of a key is a step of its own.
    pub const BURST: Duration = Duration::from_secs(1);

    /// A history that begins here.
    pub fn new(params: &Params, rows: &Arc<RowBits>) -> Self {
        let present = Step { params: params.clone(), rows: Arc::clone(rows) };
        Self {
            past: VecDeque::new(),
            present: Arc::new(present),
            future: Vec::new(),
            lost: Vec::new(),
            newest: LastChange::Step,
        }
    }

    /// Records the parameters and the selected rows at the time `at`: a step, if they differ from the
    /// present ones. Steps of a `burst` that follow each other within [`Self::BURST`] are merged.
    pub fn record(&mut self, params: &Params, rows: &Arc<RowBits>, burst: bool, at: Instant) {
        if self.present.params == *params && self.present.rows == *rows {
            return;
        }
        let wanted = Arc::new(Step { params: params.clone(), rows: Arc::clone(rows) });
        let goes_on = match self.newest {
            LastChange::Burst(last) => burst && at.saturating_duration_since(last) < Self::BURST,
            _ => false,
        };
        if goes_on {
            self.present = wanted;
        } else {
            self.past.push_back(std::mem::replace(&mut self.present, wanted));
            if self.past.len() > Self::DEPTH {
                self.past.pop_front();
            }
            self.lost = std::mem::take(&mut self.future);
        }
        self.newest = if burst { LastChange::Burst(at) } else { LastChange::Step };
    }

    /// Whether there is a step to undo.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is a step to do again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Goes back by a step and returns it, if there is one.
    pub fn undo(&mut self) -> Option<&Step> {
        let before = self.past.pop_back()?;
        self.future.push(std::mem::replace(&mut self.present, before));
        self.newest = LastChange::Undo;
        Some(&self.present)
    }

    /// Goes forward by a step that was undone and returns it, if there is one.
    pub fn redo(&mut self) -> Option<&Step> {
        let next = self.future.pop()?;
        self.past.push_back(std::mem::replace(&mut self.present, next));
        self.newest = LastChange::Redo;
        Some(&self.present)
    }

    /// Records that the present parameters were refused and `good` are in force instead: the steps
    /// that led away from those are removed. Returns the rows that were selected with them.
    pub fn refuse(&mut self, good: &Params) -> Arc<RowBits> {
        let is_good = |step: &Arc<Step>| step.params.stage_since(good) <= Stage::Range;
        let mut rows = Arc::clone(&self.present.rows);
        if !is_good(&self.present) {
            match self.newest {
                LastChange::Undo => {
                    if let Some(step) = self.future.pop_if(|step| is_good(step)) {
                        rows.clone_from(&step.rows);
                    }
                }
                LastChange::Redo => {
                    if let Some(step) = self.past.pop_back_if(|step| is_good(step)) {
                        rows.clone_from(&step.rows);
                    }
                }
                LastChange::Step | LastChange::Burst(_) => {
                    if let Some(k) = self.past.iter().rposition(is_good) {
                        rows.clone_from(&self.past[k].rows);
                        let is_last = k + 1 == self.past.len();
                        self.past.truncate(k);
                        self.future =
                            if is_last { std::mem::take(&mut self.lost) } else { Vec::new() };
                    }
                }
            }
            self.newest = LastChange::Step;
        }
        self.present = Arc::new(Step { params: good.clone(), rows: Arc::clone(&rows) });
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sigma;

    fn sigma(sigma: f64) -> Params {
        Params { sigma: Some(Sigma::new(sigma).expect("legal")), ..Params::default() }
    }

    /// A history of these σ, one step each.
    fn steps(sigmas: impl IntoIterator<Item = f64>) -> History {
        let mut sigmas = sigmas.into_iter().map(sigma);
        let mut history = History::new(&sigmas.next().expect("a beginning"), &Arc::default());
        sigmas.for_each(|params| record(&mut history, &params, false, Instant::now()));
        history
    }

    /// Records parameters while nothing is selected.
    fn record(history: &mut History, params: &Params, burst: bool, at: Instant) {
        history.record(params, &Arc::default(), burst, at);
    }

    fn undo(history: &mut History) -> Option<&Params> {
        history.undo().map(|step| &step.params)
    }

    fn redo(history: &mut History) -> Option<&Params> {
        history.redo().map(|step| &step.params)
    }

    #[test]
    fn what_was_selected_is_undone_too_and_stays_where_parameters_are_refused() {
        let mut history = steps([1.0]);
        let rows = |row| Arc::new(RowBits::of([row]));
        history.record(&sigma(1.0), &rows(3), false, Instant::now());
        history.record(&sigma(1.0), &rows(4), false, Instant::now());
        history.record(&Params { seed: 99, ..sigma(1.0) }, &rows(4), false, Instant::now());
        assert_eq!(history.refuse(&sigma(1.0)), rows(4));
        assert_eq!(history.undo().map(|step| step.rows.clone()), Some(rows(3)));
        assert_eq!(history.undo().map(|step| step.rows.clone()), Some(Arc::default()));
        assert_eq!(history.redo().map(|step| step.rows.clone()), Some(rows(3)));
    }

    #[test]
    fn steps_are_undone_and_done_again() {
        let mut history = steps([1.0, 2.0, 3.0]);
        assert!(history.can_undo() && !history.can_redo());
        assert_eq!(undo(&mut history), Some(&sigma(2.0)));
        assert_eq!(undo(&mut history), Some(&sigma(1.0)));
        assert_eq!(undo(&mut history), None);
        assert_eq!(redo(&mut history), Some(&sigma(2.0)));
        // What is wanted already is no step.
        record(&mut history, &sigma(2.0), false, Instant::now());
        assert!(history.can_redo());
        // A step of its own puts an end to what was undone.
        record(&mut history, &sigma(9.0), false, Instant::now());
        assert_eq!(redo(&mut history), None);
        assert_eq!(undo(&mut history), Some(&sigma(2.0)));
    }

    #[test]
    fn a_hundred_steps_are_kept() {
        let mut history = steps((1..=150).map(f64::from));
        let mut undone = 0;
        while history.undo().is_some() {
            undone += 1;
        }
        assert_eq!((undone, &history.present.params), (History::DEPTH, &sigma(50.0)));
        while history.redo().is_some() {}
        assert_eq!(history.present.params, sigma(150.0));
    }

    #[test]
    fn a_burst_is_one_step() {
        let mut history = steps([1.0, 2.0]);
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs_f64(seconds);
        for (value, seconds) in [(3.0, 0.0), (4.0, 0.9), (5.0, 1.8)] {
            record(&mut history, &sigma(value), true, after(seconds));
        }
        // A pause begins another one; a step of its own is none.
        record(&mut history, &sigma(6.0), true, after(3.0));
        record(&mut history, &sigma(7.0), false, after(3.1));
        record(&mut history, &sigma(8.0), true, after(3.2));
        for value in [7.0, 6.0, 5.0, 2.0, 1.0] {
            assert_eq!(undo(&mut history), Some(&sigma(value)));
        }
        assert!(!history.can_undo());
    }

    #[test]
    fn what_is_refused_leaves_no_step() {
        let bad = || Params { seed: 99, ..sigma(2.0) };
        let mut history = steps([1.0, 2.0]);
        record(&mut history, &bad(), false, Instant::now());
        history.refuse(&sigma(2.0));
        assert_eq!(undo(&mut history), Some(&sigma(1.0)));
        // What had been undone can still be done again.
        record(&mut history, &bad(), false, Instant::now());
        history.refuse(&sigma(1.0));
        assert_eq!(redo(&mut history), Some(&sigma(2.0)));
        // It is seen only after another step.
        record(&mut history, &bad(), false, Instant::now());
        record(&mut history, &Params { seed: 99, ..sigma(3.0) }, false, Instant::now());
        history.refuse(&sigma(2.0));
        assert_eq!(undo(&mut history), Some(&sigma(1.0)));
        // What is refused before it is a step was none.
        let mut history = steps([1.0, 2.0]);
        history.refuse(&sigma(2.0));
        assert_eq!(undo(&mut history), Some(&sigma(1.0)));
    }

    #[test]
    fn a_step_that_cannot_be_undone_any_more_is_dropped() {
        // The file of the first step has vanished.
        let mut history = steps([0.5, 1.0, 2.0]);
        history.undo();
        history.refuse(&sigma(2.0));
        assert!(!history.can_redo());
        assert_eq!(undo(&mut history), Some(&sigma(0.5)));
        record(&mut history, &sigma(1.0), false, Instant::now());
        history.undo();
        history.redo();
        history.refuse(&sigma(0.5));
        assert!(!history.can_undo() && !history.can_redo());
    }
}
