//! Threads beside the worker that follow what is on screen: while something moves they do what is done
//! soon, and the rest when nothing has moved for a while.

use std::{
    sync::{Arc, MutexGuard},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::session::{give_way, session_state::SessionState, shared_state::SharedState};

/// A thread that serves until the session ends.
pub(super) struct SideThread(Option<JoinHandle<()>>);

impl SideThread {
    /// Starts it; it waits until something is asked for. Without a thread to spare there is none.
    pub(super) fn start(name: &str, shared: &Arc<SharedState>, serve: fn(&SharedState)) -> Self {
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new().name(format!("sigmascope-{name}"));
        let served = move || {
            give_way();
            serve(&shared);
        };
        Self(thread.spawn(served).ok())
    }

    /// Waits for its end, which comes with that of the session.
    pub(super) fn end(&mut self) {
        if let Some(thread) = self.0.take() {
            // A run that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// How long nothing must have moved before all is computed.
const SETTLED: Duration = Duration::from_millis(80);

/// Since when nothing has moved.
#[derive(Default)]
pub(super) struct Rest {
    /// When the newest draft was done.
    drafted: Option<Instant>,
}

impl Rest {
    /// Tells that something was computed, and whether it is a draft.
    pub(super) fn tell(&mut self, draft: bool) {
        self.drafted = draft.then(Instant::now);
    }

    /// How long until all may be computed; `None` if it may now.
    pub(super) fn left(&self) -> Option<Duration> {
        self.left_of(SETTLED)
    }

    /// How long until the newest draft was done this long ago; `None` if it was, or there is none.
    pub(super) fn left_of(&self, apart: Duration) -> Option<Duration> {
        apart.checked_sub(self.drafted?.elapsed()).filter(|left| !left.is_zero())
    }
}

/// Waits until something has changed, and at most as long as is `left`.
pub(super) fn wait<'a>(
    shared: &SharedState,
    state: MutexGuard<'a, SessionState>,
    left: Option<Duration>,
) -> MutexGuard<'a, SessionState> {
    match left {
        Some(left) => shared.wait_timeout(state, left),
        None => shared.wait(state),
    }
}
