//! When what can wait may work: nobody else needs the processor.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::shared::Shared;

/// What is known of the frames of the window.
#[derive(Default)]
pub(super) struct Frames {
    /// When the last few that answer the user were drawn.
    lively: VecDeque<Instant>,
    /// Whether the last one left dots to the next.
    unfinished: bool,
}

impl Frames {
    /// So many frames within so short a time come from somebody who is at it.
    const LIVELY: (usize, Duration) = (5, Duration::from_millis(400));

    /// Takes note of one that answers the user.
    fn add(&mut self) {
        if self.lively.len() == Self::LIVELY.0 {
            self.lively.pop_front();
        }
        self.lively.push_back(Instant::now());
    }

    /// Whether they follow each other.
    fn are_lively(&self) -> bool {
        let (count, within) = Self::LIVELY;
        self.lively.len() == count && self.lively.iter().all(|frame| frame.elapsed() < within)
    }
}

impl Shared {
    /// A rest between two pieces of work of a few milliseconds.
    const BREAK: Duration = Duration::from_millis(1);

    /// Takes note of a frame: whether it answers the user, and whether it left dots to the next.
    pub(super) fn tell_frame(&self, answers: bool, unfinished: bool) {
        let mut inner = self.lock();
        if answers {
            inner.frames.add();
        }
        let before = std::mem::replace(&mut inner.frames.unfinished, unfinished);
        drop(inner);
        if before && !unfinished {
            self.nudge();
        }
    }

    /// Waits until nobody else needs the processor: nothing is computed, drawn or dragged, and the
    /// window is seen. While frames follow each other it rests a little each time, so that they come on time.
    /// Says whether it came to that before `stop`.
    pub(super) fn wait_for_calm(&self, stop: &AtomicBool) -> bool {
        let stops = || stop.load(Ordering::Acquire) || self.quits();
        let mut inner = self.lock();
        if inner.frames.are_lively() && !stops() {
            inner = self.wait_timeout(inner, Self::BREAK);
        }
        while !stops() {
            let draws = inner.frames.unfinished;
            if self.is_idle(&inner) && !draws && !self.drafts() && !self.is_paused() {
                return true;
            }
            inner = self.wait(inner);
        }
        false
    }
}
