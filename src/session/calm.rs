//! When what can wait may work: nobody else needs the processor.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::shared::Shared;

/// When the last few frames that answer the user were drawn.
#[derive(Default)]
pub(super) struct Frames(VecDeque<Instant>);

impl Frames {
    /// So many frames within so short a time come from somebody who is at it.
    const LIVELY: (usize, Duration) = (5, Duration::from_millis(400));

    /// Takes note of one.
    fn add(&mut self) {
        if self.0.len() == Self::LIVELY.0 {
            self.0.pop_front();
        }
        self.0.push_back(Instant::now());
    }

    /// Whether they follow each other.
    fn are_lively(&self) -> bool {
        let (count, within) = Self::LIVELY;
        self.0.len() == count && self.0.iter().all(|frame| frame.elapsed() < within)
    }
}

impl Shared {
    /// A rest between two pieces of work of a few milliseconds.
    const BREAK: Duration = Duration::from_millis(15);

    /// Takes note of a frame.
    pub(super) fn tell_frame(&self) {
        self.lock().frames.add();
    }

    /// Waits until nobody else needs the processor: nothing is computed or dragged, and the window is
    /// seen. While frames follow each other it rests a little each time, so that they come on time.
    /// Says whether it came to that before `stop`.
    pub(super) fn wait_for_calm(&self, stop: &AtomicBool) -> bool {
        let stops = || stop.load(Ordering::Acquire) || self.quits();
        let mut inner = self.lock();
        if inner.frames.are_lively() && !stops() {
            inner = self.wait_timeout(inner, Self::BREAK);
        }
        while !stops() {
            if self.is_idle(&inner) && !self.drafts() && !self.is_paused() {
                return true;
            }
            inner = self.wait(inner);
        }
        false
    }
}
