//! The state of a session behind one lock, and the means to wait for its changes.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{Scene, Source, request::Relevance, session_state::SessionState};
use crate::model::Params;

/// Shared between the owner of a session, its worker, and threads that work beside that.
///
/// The lock is held for a moment at a time, never over work. Methods that lock it must not be called
/// by who holds it.
pub(super) struct SharedState {
    state: Mutex<SessionState>,
    changed: Condvar,
    /// Wakes the owner.
    wake: Box<dyn Fn() + Send + Sync>,
}

impl SharedState {
    pub(super) fn new(source: Source, wake: Box<dyn Fn() + Send + Sync>) -> Self {
        let state = SessionState { source, ..SessionState::default() };
        Self { state: Mutex::new(state), changed: Condvar::new(), wake }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, SessionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change; it may also return without one.
    pub(super) fn wait<'a>(
        &self,
        state: MutexGuard<'a, SessionState>,
    ) -> MutexGuard<'a, SessionState> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// The same for `timeout` at most.
    pub(super) fn wait_timeout<'a>(
        &self,
        state: MutexGuard<'a, SessionState>,
        timeout: Duration,
    ) -> MutexGuard<'a, SessionState> {
        self.changed.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Blocks until `holds`, for `timeout` at most; says whether it came to that.
    pub(super) fn wait_until(
        &self,
        timeout: Duration,
        holds: impl Fn(&SessionState) -> bool,
    ) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        while !holds(&state) {
            let now = Instant::now();
            if now >= deadline {
                return false;
            }
            state = self.wait_timeout(state, deadline - now);
        }
        true
    }

    /// Changes something that the owner asks for, and lets every thread that waits look at it.
    pub(super) fn tell_worker<T>(&self, change: impl FnOnce(&mut SessionState) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_all();
        changed
    }

    /// Changes something and tells every thread that waits, the owner included.
    pub(super) fn update<T>(&self, change: impl FnOnce(&mut SessionState) -> T) -> T {
        let changed = self.tell_worker(change);
        (self.wake)();
        changed
    }

    /// See [`super::request_queue::RequestQueue::is_requested`].
    pub(super) fn is_requested(&self, number: u64) -> bool {
        self.lock().requests.is_requested(number)
    }

    /// See [`super::request_queue::RequestQueue::relevance`].
    pub(super) fn relevance(&self, number: u64, params: &Params) -> Relevance {
        self.lock().requests.relevance(number, params)
    }

    /// Waits while work is paused, unless request `number` is obsolete or a job waits that does not
    /// mind the pause.
    pub(super) fn rest_while_paused(&self, number: u64) {
        let mut state = self.lock();
        while state.pacing.paused && state.requests.is_requested(number) && !state.jobs.has_urgent()
        {
            state = self.wait(state);
        }
    }

    /// The scene, with the number of the newest request.
    pub(super) fn settled_scene(&self) -> Option<(Arc<Scene>, u64)> {
        let state = self.lock();
        Some((state.state.scene.clone()?, state.requests.newest()))
    }

    /// Whether small pictures begun after request `number` should go on: no request has come since, and
    /// no other pictures were asked for.
    pub(super) fn wants_film(&self, number: u64) -> bool {
        let state = self.lock();
        state.requests.is_newest(number) && !state.jobs.has_film()
    }

    /// How long a submission should last, in seconds.
    pub(super) fn slice_seconds(&self) -> f64 {
        self.lock().pacing.slice_seconds
    }

    /// Whether drafts are good enough at present.
    pub(super) fn drafts(&self) -> bool {
        self.lock().pacing.drafts
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::session::request::Keep;

    #[test]
    fn the_owner_is_woken_by_what_the_worker_changes() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake = move || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        let shared = SharedState::new(Source::default(), Box::new(wake));
        shared.tell_worker(|state| state.requests.push(Params::default(), Keep::Complete));
        assert_eq!(woken.load(Ordering::Relaxed), 0);
        shared.update(|state| state.requests.take());
        assert_eq!(woken.load(Ordering::Relaxed), 1);
        assert!(shared.is_requested(1));
    }

    #[test]
    fn a_pause_lasts_until_it_ends_or_the_work_is_obsolete() {
        let shared = Arc::new(SharedState::new(Source::default(), Box::new(|| ())));
        shared.update(|state| {
            state.requests.push(Params::default(), Keep::Complete);
            state.requests.take();
            state.pacing.paused = true;
        });
        let rests = |number| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.rest_while_paused(number))
        };
        // Another request is none that it works on.
        rests(2).join().expect("no panic");
        let resting = rests(1);
        std::thread::sleep(Duration::from_millis(20));
        assert!(!resting.is_finished());
        shared.tell_worker(|state| state.pacing.paused = false);
        resting.join().expect("no panic");
        shared.tell_worker(|state| state.pacing.paused = true);
        let resting = rests(1);
        shared.tell_worker(SessionState::stop);
        resting.join().expect("no panic");
    }

    #[test]
    fn waiting_ends_with_its_time() {
        let shared = SharedState::new(Source::default(), Box::new(|| ()));
        assert!(shared.wait_until(Duration::ZERO, SessionState::is_idle));
        shared.tell_worker(|state| state.requests.push(Params::default(), Keep::Complete));
        assert!(!shared.wait_until(Duration::from_millis(5), SessionState::is_idle));
    }
}
