//! Holds what is on screen against f64, once it is complete and nothing newer is wanted.

use std::sync::Arc;

use super::Worker;
use crate::session::checked::Check;

impl Worker {
    /// Begins to check the scene on screen, unless it has been.
    pub(super) fn check(&mut self, number: u64) {
        let scene = match &self.shared.lock().state.scene {
            Some(scene) if self.shared.is_wanted(number) && scene.is_complete() => {
                Arc::clone(scene)
            }
            _ => return,
        };
        if self.checked == scene.version {
            return;
        }
        self.checked = scene.version;
        let targets = Check::targets_of(&scene);
        // What the device cannot tell is told by whatever else fails on it.
        if let Ok(found) = scene.field.values_at(&self.gpu, &targets) {
            self.checks.retain(|check| !check.is_finished());
            self.checks.extend(Check::new(&scene, targets, &found).run_later(&self.shared));
        }
    }

    /// Waits for the checks under way.
    pub(super) fn end_checks(&mut self) {
        for check in self.checks.drain(..) {
            // What it did not find out is not missed any more.
            let _ = check.join();
        }
    }
}
