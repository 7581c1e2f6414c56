//! A gate that keeps the worker from submitting while the window's surface is reconfigured.
//!
//! A surface can be configured only while the device is idle, and one that could not be configured
//! shows garbage. So the window's thread closes the gate around a resize. Closing does not wait for
//! submitted work, only for a call to `submit` to return.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::ThreadId,
    time::{Duration, Instant},
};

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    /// Closed to other threads until this thread opens it again.
    Closed(ThreadId),
    /// Closed to all threads but this one until this time.
    ClosedUntil(Instant, ThreadId),
}

/// Lets submissions through, or makes them wait. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<State>, Condvar)>);

impl Gate {
    /// Runs `work` with the gate closed: no other thread submits meanwhile.
    pub fn closed<T>(&self, work: impl FnOnce() -> T) -> T {
        /// Opens the gate again, also when `work` panics.
        struct Opener<'a>(&'a Gate);

        impl Drop for Opener<'_> {
            fn drop(&mut self) {
                self.0.change(|state| {
                    // A gate that `work` closed for a time stays closed.
                    if matches!(state, State::Closed(_)) {
                        *state = State::Open;
                    }
                });
            }
        }

        self.change(|state| *state = State::Closed(std::thread::current().id()));
        let _opener = Opener(self);
        work()
    }

    /// How long other threads pause for a surface to be reconfigured. Shorter, and the device may
    /// not be idle when the next frame tries; longer, and sums stand still while a window is
    /// resized.
    const SURFACE_PAUSE: Duration = Duration::from_millis(60);

    /// Holds back other threads' submissions for the time that reconfiguring a surface takes.
    pub fn close_for_surface(&self) {
        self.close_for(Self::SURFACE_PAUSE);
    }

    /// Holds back other threads' submissions for `duration`.
    fn close_for(&self, duration: Duration) {
        let by = std::thread::current().id();
        self.change(|state| *state = State::ClosedUntil(Instant::now() + duration, by));
    }

    /// Waits until the gate is open to this thread, then runs `submit`.
    pub fn pass<T>(&self, submit: impl FnOnce() -> T) -> T {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *state {
                State::Open => break,
                State::Closed(by) | State::ClosedUntil(_, by)
                    if by == std::thread::current().id() =>
                {
                    break;
                }
                State::Closed(_) => {
                    state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                State::ClosedUntil(end, _) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        *state = State::Open;
                        break;
                    }
                    state =
                        changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        // The lock is held, so that the gate does not close during the submission.
        submit()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let (state, changed) = &*self.0;
        change(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn nobody_else_passes_a_closed_gate() {
        let gate = Gate::default();
        let passed = Arc::new(AtomicBool::new(false));
        let other = gate.closed(|| {
            let (gate, seen) = (gate.clone(), Arc::clone(&passed));
            let other = std::thread::spawn(move || {
                gate.pass(|| seen.store(true, Ordering::Release));
            });
            std::thread::sleep(Duration::from_millis(50));
            assert!(!passed.load(Ordering::Acquire));
            other
        });
        other.join().expect("the other thread ends");
        assert!(passed.load(Ordering::Acquire));
    }

    #[test]
    fn whoever_closed_the_gate_passes_it() {
        let gate = Gate::default();
        assert_eq!(gate.closed(|| gate.pass(|| 7)), 7);
    }

    #[test]
    fn a_gate_closed_for_a_while_opens_by_itself() {
        let gate = Gate::default();
        gate.close_for(Duration::from_millis(30));
        let started = Instant::now();
        gate.pass(|| ());
        assert!(started.elapsed() < Duration::from_millis(30), "it does not hold up its closer");
        let other = gate.clone();
        std::thread::spawn(move || other.pass(|| ())).join().expect("the other thread ends");
        assert!(started.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn a_panic_opens_the_gate_again() {
        let gate = Gate::default();
        let inner = gate.clone();
        let panicked = std::thread::spawn(move || inner.closed(|| panic!("on purpose"))).join();
        assert!(panicked.is_err());
        gate.pass(|| ());
    }
}
