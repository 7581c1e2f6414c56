//! Methods by which the owner of a session asks for the results of the criteria.

use std::time::Duration;

use super::Session;

/// Asks what the criteria say: see [`Session::advice`].
#[derive(Clone, Copy)]
pub struct AdviceControl<'a>(pub(super) &'a Session);

impl AdviceControl<'_> {
    /// Asks from now on what the criteria say about the points on screen, whenever nothing else is
    /// under way: see [`super::State::advice`].
    pub fn start(self) {
        self.0.shared.lock().wants_advice = true;
    }

    /// Blocks until all that can be said of the points on screen is there, for `timeout` at most; says
    /// whether it is. Not for the window.
    pub fn wait(self, timeout: Duration) -> bool {
        let is_there = |state: &super::session_state::SessionState| {
            !state.state.awaits_advice() && state.is_idle()
        };
        self.0.shared.wait_until(timeout, is_there)
    }
}
