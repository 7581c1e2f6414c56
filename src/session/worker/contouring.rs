//! Computes the contours of the scene on screen on a thread of its own, again whenever σ, the points
//! or the axes have changed.
//!
//! One run goes to its end even if σ has moved on, so that lines follow a drag instead of waiting for
//! its end; the next one is for what is on screen then.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
};

use super::failure::reason_of;
use crate::{
    engine::{Progress, go_on_if},
    model::Masses,
    session::{Scene, contours::ShownContours, shared_state::SharedState},
};

/// The thread that computes contours.
pub(super) struct ContourTask(Option<JoinHandle<()>>);

impl ContourTask {
    /// Starts it; it waits until contours are asked for. Without a thread to spare there are none.
    pub(super) fn start(shared: &Arc<SharedState>) -> Self {
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("sigmascope-contours".to_owned());
        Self(thread.spawn(move || while serve(&shared) {}).ok())
    }

    /// Waits for its end, which comes with that of the session.
    pub(super) fn end(&mut self) {
        if let Some(thread) = self.0.take() {
            // A run that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// Waits for a scene without contours, and computes them; says whether to go on.
fn serve(shared: &SharedState) -> bool {
    let Some((scene, masses)) = next(shared) else { return false };
    let on = |shared: &SharedState| {
        let inner = shared.lock();
        // Other points or axes: nobody waits for these lines.
        let same =
            inner.state.scene.as_ref().is_some_and(|now| Arc::ptr_eq(&now.shown, &scene.shown));
        same && inner.wants_contours.is_some() && !inner.requests.is_closed()
    };
    let run = || ShownContours::compute(&scene, masses, &mut |_: Progress| go_on_if(on(shared)));
    let found = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let reason = format!("an internal error stopped the contours: {}", reason_of(&*panic));
        Some(ShownContours::failed(&scene, masses, reason))
    });
    if let Some(found) = found {
        shared.update(|inner| {
            if inner.wants_contours.is_some() {
                inner.state.contours = Some(Arc::new(found));
            }
        });
    }
    true
}

/// Waits for the next scene whose contours are wanted; `None` when the session ends.
fn next(shared: &SharedState) -> Option<(Arc<Scene>, Masses)> {
    let mut inner = shared.lock();
    loop {
        if inner.requests.is_closed() {
            return None;
        }
        if let (Some(masses), Some(scene)) = (inner.wants_contours, &inner.state.scene)
            && !inner.pacing.paused
            && !scene.shown.is_line()
        {
            let known = inner.state.contours.as_ref();
            if known.is_none_or(|known| !known.are_current(scene, masses)) {
                return Some((Arc::clone(scene), masses));
            }
        }
        inner = shared.wait(inner);
    }
}
