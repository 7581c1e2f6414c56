//! What survives a window, and how it ended.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::Startup;
use crate::gpu::Gpu;

/// How long a device that has failed is given to tell that it is lost.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a window hands to the code that opened it. Clones share it.
#[derive(Clone, Default)]
pub struct Handover(Arc<Mutex<RestartState>>);

/// What the next window starts with, and why there is to be one.
#[derive(Default)]
struct RestartState {
    /// What the window would start with, were it opened now.
    startup: Option<Startup>,
    /// The device that it draws with.
    gpu: Option<Gpu>,
    /// How it ended, unless the user closed it.
    end: Option<AbnormalExit>,
}

/// How a window ended that the user did not close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AbnormalExit {
    /// Its device was lost.
    Lost,
    /// The program's own fault, in words.
    Crashed(String),
}

impl Handover {
    fn lock(&self) -> MutexGuard<'_, RestartState> {
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

    /// Takes note of how the window ends.
    pub(super) fn ends(&self, how: AbnormalExit) {
        self.lock().end = Some(how);
    }

    /// Whether the device is gone. It may tell only when what it was at is done, so this waits a
    /// moment for it: not for a window that still works.
    pub(super) fn is_lost(&self) -> bool {
        let Some(gpu) = self.lock().gpu.clone() else { return false };
        let deadline = Instant::now() + PATIENCE;
        while !gpu.ask_whether_lost() {
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// How the window ended and what it left, unless the user closed it.
    pub(super) fn left(&self) -> Option<(AbnormalExit, Startup)> {
        let mut left = self.lock();
        left.gpu = None;
        left.end.take().zip(left.startup.take())
    }
}
