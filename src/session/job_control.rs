//! Methods by which the owner of a session adds and ends jobs.

use super::{AnimationProgress, Job, Outcome, Session};
use crate::engine::EngineId;

/// Adds and ends work on scenes: see [`Session::jobs`].
#[derive(Clone, Copy)]
pub struct JobControl<'a>(pub(super) &'a Session);

impl JobControl<'_> {
    /// Adds work on a scene.
    pub fn add(self, job: Job) {
        self.0.shared.tell_worker(|state| state.jobs.push(job));
    }

    /// Compares `engines` on the points of the scene: see [`super::State::comparison`]. It waits for
    /// the sum under way, ends when another field is requested, and replaces a comparison before it.
    pub fn compare(self, engines: Vec<EngineId>) {
        self.add(Job::Compare { engines });
    }

    /// Ends the comparison under way; what was measured stays.
    pub fn stop_comparison(self) {
        self.0.shared.update(|state| state.jobs.end_comparison());
    }

    /// Which part of a large picture is drawn, 0 to 1, while one is being saved.
    pub fn picture_part(self) -> Option<f64> {
        self.0.shared.lock().jobs.picture()
    }

    /// Ends the large picture that is being saved; no part of it stays.
    pub fn stop_picture(self) {
        self.0.shared.update(|state| state.jobs.end_picture());
    }

    /// How far an animation is, while one is being saved.
    pub fn animation(self) -> Option<AnimationProgress> {
        self.0.shared.lock().jobs.animation()
    }

    /// Ends the animation that is being saved; no part of it stays.
    pub fn stop_animation(self) {
        self.0.shared.update(|state| state.jobs.end_animation());
    }

    /// Whether a comparison waits for its turn.
    pub fn comparison_waits(self) -> bool {
        self.0.shared.lock().jobs.has_comparison()
    }

    /// What jobs brought since the last call.
    pub fn take_outcomes(self) -> Vec<Outcome> {
        std::mem::take(&mut self.0.shared.lock().outcomes)
    }
}
