//! Starts the comparison of a finished field with f64 ([`Check`]), once nothing newer is requested.

use std::{sync::Arc, thread::JoinHandle};

use crate::{
    gpu::Gpu,
    session::{checked::Check, shared_state::SharedState},
};

/// The checks of the scenes of a session.
#[derive(Default)]
pub(super) struct Checks {
    /// The version of the newest scene that was checked.
    checked: u64,
    /// The threads under way.
    threads: Vec<JoinHandle<()>>,
}

impl Checks {
    /// Begins to check the scene on screen, unless it has been or another one is requested.
    pub(super) fn begin(&mut self, gpu: &Gpu, shared: &Arc<SharedState>, number: u64) {
        let scene = {
            let inner = shared.lock();
            let scene = inner.state.scene.clone().filter(|scene| scene.is_complete());
            scene.filter(|_| inner.requests.is_requested(number))
        };
        let Some(scene) = scene.filter(|scene| scene.version != self.checked) else { return };
        self.checked = scene.version;
        let targets = Check::targets_of(&scene);
        // What the device cannot tell is told by whatever else fails on it.
        if let Ok(found) = scene.field.values_at(gpu, &targets) {
            self.threads.retain(|thread| !thread.is_finished());
            self.threads.extend(Check::new(&scene, targets, &found).run_later(shared));
        }
    }

    /// Waits for the checks under way.
    pub(super) fn end(&mut self) {
        for thread in self.threads.drain(..) {
            // A check that panicked leaves the error unmeasured.
            let _ = thread.join();
        }
    }
}
