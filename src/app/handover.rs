//! State passed from a window that ended to the next one: how it ended, and what the next starts
//! with.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::Startup;
use crate::gpu::Gpu;

/// How long to wait for a failed device to report that it is lost. With less, a loss counts as
/// another error; with more, the next window opens later after such an error.
const PATIENCE: Duration = Duration::from_millis(500);

/// The state that a window shares with the loop that opens windows. Clones share it.
#[derive(Clone, Default)]
pub struct Handover(Arc<Mutex<RestartState>>);

/// What is needed to open another window in place of one that ended.
#[derive(Default)]
struct RestartState {
    /// What another window would start with.
    startup: Option<Startup>,
    /// The device that the window draws with.
    gpu: Option<Gpu>,
    /// How it ended; `None` if the user closed it or it is still open.
    end: Option<AbnormalExit>,
}

/// Why a window ended that the user did not close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AbnormalExit {
    /// Its device was lost.
    Lost,
    /// It panicked, with this message.
    Crashed(String),
}

impl Handover {
    fn lock(&self) -> MutexGuard<'_, RestartState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the device that the window draws with.
    pub(super) fn draws_with(&self, gpu: &Gpu) {
        self.lock().gpu = Some(gpu.clone());
    }

    /// Records what another window would start with.
    pub(super) fn keep(&self, startup: Startup) {
        self.lock().startup = Some(startup);
    }

    /// Records that the window ends, and why.
    pub(super) fn ends(&self, how: AbnormalExit) {
        self.lock().end = Some(how);
    }

    /// Whether the device is lost. It may report that only after its present work, so this blocks
    /// for up to [`PATIENCE`]: call it only once the window has failed.
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

    /// Why the window ended and what the next one starts with; `None` if the user closed it.
    pub(super) fn take_end(&self) -> Option<(AbnormalExit, Startup)> {
        let mut state = self.lock();
        state.gpu = None;
        state.end.take().zip(state.startup.take())
    }
}
