//! What survives a window whose device is lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Startup;
use crate::gpu::Gpu;

/// What a window hands to the next one when its device is lost. Clones share it.
#[derive(Clone, Default)]
pub struct Handover(Arc<Mutex<Left>>);

#[derive(Default)]
struct Left {
    /// What the window would start with, were it opened now.
    startup: Option<Startup>,
    /// The device that it draws with.
    gpu: Option<Gpu>,
    /// Whether it has to be opened again.
    reopen: bool,
}

impl Handover {
    fn lock(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the device that is drawn with.
    pub(super) fn draws_with(&self, gpu: &Gpu) {
        self.lock().gpu = Some(gpu.clone());
    }

    /// Takes note of what the user has by now.
    pub(super) fn keep(&self, startup: Startup) {
        self.lock().startup = Some(startup);
    }

    /// Asks for another window once this one is closed.
    pub(super) fn reopen(&self) {
        self.lock().reopen = true;
    }

    /// Whether the device is gone.
    pub(super) fn is_lost(&self) -> bool {
        let gpu = self.lock().gpu.clone();
        gpu.is_some_and(|gpu| gpu.ask_whether_lost())
    }

    /// What to open next, if anything.
    pub(super) fn next(&self) -> Option<Startup> {
        let mut left = self.lock();
        left.gpu = None;
        if left.reopen { left.startup.take() } else { None }
    }
}
