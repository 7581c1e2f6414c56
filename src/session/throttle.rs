//! Makes background work wait while something is computed, drawn or dragged.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{session_state::SessionState, shared_state::SharedState};

/// Pause between two pieces of background work of a few milliseconds each, while the user
/// interacts. With more, that work takes longer; with less, frames are late.
const BREAK: Duration = Duration::from_millis(1);

/// What is known of the frames of the window.
#[derive(Default)]
pub(super) struct Frames {
    /// When the last few that answer the user were drawn.
    answers: VecDeque<Instant>,
    /// Whether the last one left dots to be drawn in the next.
    unfinished: bool,
}

impl Frames {
    /// Five frames within 400 ms: the user is interacting. With fewer frames or more time, a single
    /// change slows background work; the other way round, an interaction with slow frames is not
    /// recognised.
    const INTERACTING: (usize, Duration) = (5, Duration::from_millis(400));

    /// Takes note of a frame drawn at `now`: whether it answers the user, and whether it left dots to
    /// the next. Says whether the window has just finished drawing.
    pub(super) fn add(&mut self, now: Instant, answers: bool, unfinished: bool) -> bool {
        if answers {
            if self.answers.len() == Self::INTERACTING.0 {
                self.answers.pop_front();
            }
            self.answers.push_back(now);
        }
        let before = std::mem::replace(&mut self.unfinished, unfinished);
        before && !unfinished
    }

    /// Whether dots are still to be drawn.
    pub(super) fn are_unfinished(&self) -> bool {
        self.unfinished
    }

    /// Whether frames that answer the user follow each other.
    fn show_interaction(&self, now: Instant) -> bool {
        let (count, within) = Self::INTERACTING;
        let is_recent = |frame: &Instant| now.saturating_duration_since(*frame) < within;
        self.answers.len() == count && self.answers.iter().all(is_recent)
    }
}

/// Waits until nothing is computed, drawn or dragged and the window is seen. While the user interacts
/// it first rests a little, so that frames come on time. Says whether it came to that before `stop` or
/// the end of the session.
pub(super) fn wait_until_quiet(shared: &SharedState, stop: &AtomicBool) -> bool {
    let stops = |state: &SessionState| stop.load(Ordering::Acquire) || state.requests.is_closed();
    let mut state = shared.lock();
    if state.frames.show_interaction(Instant::now()) && !stops(&state) {
        state = shared.wait_timeout(state, BREAK);
    }
    while !stops(&state) {
        if state.is_quiet() {
            return true;
        }
        state = shared.wait(state);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Source;

    #[test]
    fn five_frames_in_a_short_time_show_that_the_user_interacts() {
        let mut frames = Frames::default();
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        for k in 0..5 {
            assert!(!frames.show_interaction(at(50 * k)));
            frames.add(at(50 * k), true, false);
        }
        assert!(frames.show_interaction(at(210)));
        assert!(!frames.show_interaction(at(450)), "the first is too long ago");
        frames.add(at(450), true, false);
        assert!(frames.show_interaction(at(440)));
        // Frames that the program draws by itself count for nothing.
        for k in 0..9 {
            frames.add(at(2000 + k), false, false);
        }
        assert!(!frames.show_interaction(at(2010)));
    }

    #[test]
    fn the_end_of_drawing_is_told_once() {
        let mut frames = Frames::default();
        let now = Instant::now();
        assert!(!frames.add(now, false, true) && frames.are_unfinished());
        assert!(!frames.add(now, false, true));
        assert!(frames.add(now, false, false) && !frames.are_unfinished());
        assert!(!frames.add(now, false, false));
    }

    #[test]
    fn quiet_ends_with_the_session_and_with_the_work() {
        let shared = SharedState::new(Source::default(), Box::new(|| ()));
        let stop = AtomicBool::new(false);
        assert!(wait_until_quiet(&shared, &stop));
        stop.store(true, Ordering::Release);
        assert!(!wait_until_quiet(&shared, &stop));
        stop.store(false, Ordering::Release);
        shared.update(|state| state.requests.close());
        assert!(!wait_until_quiet(&shared, &stop));
    }
}
