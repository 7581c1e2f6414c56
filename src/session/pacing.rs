//! Settings of how a session works at the moment: paused or not, drafts or full accuracy, duration
//! of a slice.

use std::time::Instant;

use super::{Repeat, Session};

/// What the worker is told of the pace.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pacing {
    /// Whether all work but jobs rests.
    pub(super) paused: bool,
    /// Whether drafts are good enough at present.
    pub(super) drafts: bool,
    /// How long a submission should last, in seconds.
    pub(super) slice_seconds: f64,
}

/// Sets the pace of a session: see [`Session::pacing`].
#[derive(Clone, Copy)]
pub struct PaceControl<'a>(pub(super) &'a Session);

impl PaceControl<'_> {
    /// Pauses all computing while the window is not seen, or lets it go on.
    pub fn pause(self, paused: bool) {
        let shared = &self.0.shared;
        if shared.lock().pacing.paused != paused {
            shared.tell_worker(|state| state.pacing.paused = paused);
        }
    }

    /// Says that the user is dragging something, and fields that are done soon are better than exact
    /// ones; or that it is over, and what is a draft is computed in full.
    pub fn set_drafts(self, drafts: bool) {
        let mut state = self.0.shared.lock();
        let ended = std::mem::replace(&mut state.pacing.drafts, drafts) && !drafts;
        let is_fast = state
            .state
            .scene
            .as_ref()
            .is_some_and(|scene| scene.stats.engine == crate::engine::EngineId::Fast);
        drop(state);
        if ended {
            self.0.shared.tell_worker(|_| ());
            if is_fast {
                self.0.repeat(Repeat::Unfinished);
            }
        }
    }

    /// Sets how long a slice of work lasts, in seconds, from the next sum on.
    pub fn set_slice_seconds(self, seconds: f64) {
        self.0.shared.lock().pacing.slice_seconds = seconds;
    }

    /// Says that a frame is drawn, whether it answers the user, and whether it left dots to be drawn:
    /// while frames have much to do, work that can wait rests.
    pub fn tell_frame(self, answers: bool, unfinished: bool) {
        let shared = &self.0.shared;
        let finished = shared.lock().frames.add(Instant::now(), answers, unfinished);
        if finished {
            shared.tell_worker(|_| ());
        }
    }
}
