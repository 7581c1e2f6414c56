//! Undo and redo: the parameters before and after each change of the user.
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

use crate::model::{Params, Stage};

/// The steps that can be undone and redone. A clone shares the parameters.
#[derive(Clone, Debug)]
pub struct History {
    past: VecDeque<Arc<Params>>,
    present: Arc<Params>,
    /// What was undone; the next to be done again is the last.
    future: Vec<Arc<Params>>,
    /// The steps to redo that the newest step discarded, in case that step is refused.
    lost: Vec<Arc<Params>>,
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
    pub fn new(present: &Params) -> Self {
        Self {
            past: VecDeque::new(),
            present: Arc::new(present.clone()),
            future: Vec::new(),
            lost: Vec::new(),
            newest: LastChange::Step,
        }
    }

    /// Records the parameters at the time `at`: a step, if they differ from the present ones.
    /// Steps of a `burst` that follow each other within [`Self::BURST`] are merged.
    pub fn record(&mut self, wanted: &Params, burst: bool, at: Instant) {
        if *self.present == *wanted {
            return;
        }
        let wanted = Arc::new(wanted.clone());
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

    /// Goes back by a step and returns its parameters, if there is one.
    pub fn undo(&mut self) -> Option<&Params> {
        let before = self.past.pop_back()?;
        self.future.push(std::mem::replace(&mut self.present, before));
        self.newest = LastChange::Undo;
        Some(&self.present)
    }

    /// Goes forward by a step that was undone and returns its parameters, if there is one.
    pub fn redo(&mut self) -> Option<&Params> {
        let next = self.future.pop()?;
        self.past.push_back(std::mem::replace(&mut self.present, next));
        self.newest = LastChange::Redo;
        Some(&self.present)
    }

    /// Records that the present parameters were refused and `good` are in force instead: the steps
    /// that led away from those are removed.
    pub fn refuse(&mut self, good: &Params) {
        let is_good = |step: &Arc<Params>| step.stage_since(good) <= Stage::Range;
        if !is_good(&self.present) {
            match self.newest {
                LastChange::Undo => {
                    self.future.pop_if(|step| is_good(step));
                }
                LastChange::Redo => {
                    self.past.pop_back_if(|step| is_good(step));
                }
                LastChange::Step | LastChange::Burst(_) => {
                    if let Some(k) = self.past.iter().rposition(is_good) {
                        let is_last = k + 1 == self.past.len();
                        self.past.truncate(k);
                        self.future =
                            if is_last { std::mem::take(&mut self.lost) } else { Vec::new() };
                    }
                }
            }
            self.newest = LastChange::Step;
        }
        self.present = Arc::new(good.clone());
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
        let mut history = History::new(&sigmas.next().expect("a beginning"));
        sigmas.for_each(|params| history.record(&params, false, Instant::now()));
        history
    }

    #[test]
    fn steps_are_undone_and_done_again() {
        let mut history = steps([1.0, 2.0, 3.0]);
        assert!(history.can_undo() && !history.can_redo());
        assert_eq!(history.undo(), Some(&sigma(2.0)));
        assert_eq!(history.undo(), Some(&sigma(1.0)));
        assert_eq!(history.undo(), None);
        assert_eq!(history.redo(), Some(&sigma(2.0)));
        // What is wanted already is no step.
        history.record(&sigma(2.0), false, Instant::now());
        assert!(history.can_redo());
        // A step of its own puts an end to what was undone.
        history.record(&sigma(9.0), false, Instant::now());
        assert_eq!(history.redo(), None);
        assert_eq!(history.undo(), Some(&sigma(2.0)));
    }

    #[test]
    fn a_hundred_steps_are_kept() {
        let mut history = steps((1..=150).map(f64::from));
        let mut undone = 0;
        while history.undo().is_some() {
            undone += 1;
        }
        assert_eq!((undone, &*history.present), (History::DEPTH, &sigma(50.0)));
        while history.redo().is_some() {}
        assert_eq!(*history.present, sigma(150.0));
    }

    #[test]
    fn a_burst_is_one_step() {
        let mut history = steps([1.0, 2.0]);
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs_f64(seconds);
        for (value, seconds) in [(3.0, 0.0), (4.0, 0.9), (5.0, 1.8)] {
            history.record(&sigma(value), true, after(seconds));
        }
        // A pause begins another one; a step of its own is none.
        history.record(&sigma(6.0), true, after(3.0));
        history.record(&sigma(7.0), false, after(3.1));
        history.record(&sigma(8.0), true, after(3.2));
        for value in [7.0, 6.0, 5.0, 2.0, 1.0] {
            assert_eq!(history.undo(), Some(&sigma(value)));
        }
        assert!(!history.can_undo());
    }

    #[test]
    fn what_is_refused_leaves_no_step() {
        let bad = || Params { seed: 99, ..sigma(2.0) };
        let mut history = steps([1.0, 2.0]);
        history.record(&bad(), false, Instant::now());
        history.refuse(&sigma(2.0));
        assert_eq!(history.undo(), Some(&sigma(1.0)));
        // What had been undone can still be done again.
        history.record(&bad(), false, Instant::now());
        history.refuse(&sigma(1.0));
        assert_eq!(history.redo(), Some(&sigma(2.0)));
        // It is seen only after another step.
        history.record(&bad(), false, Instant::now());
        history.record(&Params { seed: 99, ..sigma(3.0) }, false, Instant::now());
        history.refuse(&sigma(2.0));
        assert_eq!(history.undo(), Some(&sigma(1.0)));
        // What is refused before it is a step was none.
        let mut history = steps([1.0, 2.0]);
        history.refuse(&sigma(2.0));
        assert_eq!(history.undo(), Some(&sigma(1.0)));
    }

    #[test]
    fn a_step_that_cannot_be_undone_any_more_is_dropped() {
        // The file of the first step has vanished.
        let mut history = steps([0.5, 1.0, 2.0]);
        history.undo();
        history.refuse(&sigma(2.0));
        assert!(!history.can_redo());
        assert_eq!(history.undo(), Some(&sigma(0.5)));
        history.record(&sigma(1.0), false, Instant::now());
        history.undo();
        history.redo();
        history.refuse(&sigma(0.5));
        assert!(!history.can_undo() && !history.can_redo());
    }
}
