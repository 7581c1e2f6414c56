//! The state that the owner of a session and its worker share, as plain values.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Activity, ColumnsWish, DensityWish, Outcome, Scene, Source, State, TableWish,
    job_queue::JobQueue, notice::Notices, pacing::Pacing, request_queue::RequestQueue,
    selection::SelectionQueue, throttle::Frames,
};
use crate::model::{Masses, Params, Sigma, Stage};

/// What is asked for, what came of it, and how fast to work. Plain values: who shares them is
/// [`super::shared_state::SharedState`]'s business.
#[derive(Default)]
pub(super) struct SessionState {
    /// Requests for fields.
    pub(super) requests: RequestQueue,
    /// Work on scenes.
    pub(super) jobs: JobQueue,
    /// What is published.
    pub(super) state: State,
    /// What the user should be told.
    pub(super) notices: Notices,
    /// What jobs brought.
    pub(super) outcomes: Vec<Outcome>,
    /// What was read from files last.
    pub(super) source: Source,
    /// How fast and how exactly to work.
    pub(super) pacing: Pacing,
    /// Changes of the selection.
    pub(super) selecting: SelectionQueue,
    /// What is known of the frames of the window.
    pub(super) frames: Frames,
    /// Whether the owner asked what the criteria say.
    pub(super) wants_advice: bool,
    /// The parts of the mass around which the owner asked for contours.
    pub(super) wants_contours: Option<Masses>,
    /// What the owner asked for of the estimate at pixels.
    pub(super) wants_density: Option<DensityWish>,
    /// The columns of the targets' file that the owner asked for.
    pub(super) wants_columns: Option<ColumnsWish>,
    /// The order of rows that the owner asked for.
    pub(super) wants_order: Option<TableWish>,
}

impl SessionState {
    /// Whether nothing is asked for and nothing under way.
    pub(super) fn is_idle(&self) -> bool {
        let selecting = self.selecting.is_idle() && self.marks_are_current();
        self.requests.is_idle() && self.jobs.is_idle() && selecting
    }

    /// Whether the selected targets of the scene are known, where rows are selected: a picture shows them.
    fn marks_are_current(&self) -> bool {
        let selection = &self.state.selection;
        let Some(scene) = self.state.scene.as_ref().filter(|_| !selection.is_empty()) else {
            return true;
        };
        let marks = selection.marks.as_ref();
        marks.is_some_and(|marks| marks.are_current(scene, &selection.rows))
    }

    /// Whether, besides, nothing is drawn or dragged and the window is seen.
    pub(super) fn is_quiet(&self) -> bool {
        let Pacing { paused, drafts, .. } = self.pacing;
        self.is_idle() && !self.frames.are_unfinished() && !paused && !drafts
    }

    /// The scene on screen, and the σ that is asked for of its points: the estimate between the targets does
    /// not wait for f at them.
    pub(super) fn moving_scene(&self) -> Option<(Arc<Scene>, Sigma)> {
        let scene = self.state.scene.as_ref()?;
        let only_moves = |newest: &&Params| {
            let moved = Params { sigma: newest.sigma, ..scene.params.clone() };
            newest.stage_since(&moved) <= Stage::Range
        };
        let newest = self.requests.newest_params().filter(only_moves);
        let sigma = newest.map_or_else(|| scene.sigma(), |newest| scene.prepared.sigma(newest));
        Some((Arc::clone(scene), sigma))
    }

    /// Whether what is computed of `scene` at σ is still worth showing: the same points are drawn at the same
    /// places, and of what is no draft σ is the one that is asked for.
    pub(super) fn is_worth(&self, scene: &Scene, sigma: Sigma, draft: bool) -> bool {
        self.moving_scene().is_some_and(|(now, moved)| {
            Arc::ptr_eq(&now.shown, &scene.shown) && (draft || moved == sigma)
        })
    }

    /// How long the pending request may wait where nothing on screen but the colour bar shows f at the
    /// targets, and σ moves; `None` where it may not. The last one was begun at `began`.
    pub(super) fn rest_of_bar(&self, began: Option<Instant>) -> Option<Duration> {
        /// Between two fields that only the colour bar shows: more leave less time for the raster.
        const APART: Duration = Duration::from_millis(500);
        let (newest, scene) = (self.requests.newest_params()?, self.state.scene.as_ref()?);
        let is_bar = !newest.view.dots && newest.view.raster && self.pacing.drafts;
        let is_field = newest.stage_since(&scene.params) == Stage::Field;
        let left = APART.checked_sub(began?.elapsed())?;
        (is_bar && is_field && !left.is_zero()).then_some(left)
    }

    /// Gives up the requests, if there are any; what is there of the sum stays.
    pub(super) fn stop(&mut self) {
        if self.requests.give_up() {
            self.state.stopped = true;
            self.state.activity = Activity::Idle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::EngineId,
        model::Params,
        session::{Job, request::Keep},
    };

    #[test]
    fn requests_and_jobs_must_be_done_before_it_is_idle() {
        let mut state = SessionState::default();
        assert!(state.is_idle());
        state.requests.push(Params::default(), Keep::Complete);
        assert!(!state.is_idle());
        let number = state.requests.take().expect("a request").number;
        state.jobs.push(Job::Compare { engines: vec![EngineId::Simd] });
        assert!(state.requests.finish(number, false) && !state.is_idle());
        assert!(state.jobs.take(true).is_some() && !state.is_idle());
        state.jobs.finish();
        assert!(state.is_idle() && state.is_quiet());
        state.pacing.drafts = true;
        assert!(state.is_idle() && !state.is_quiet());
    }

    #[test]
    fn only_a_sum_that_was_asked_for_can_be_stopped() {
        let mut state = SessionState::default();
        state.stop();
        assert!(!state.state.stopped);
        state.requests.push(Params::default(), Keep::Complete);
        state.state.activity = Activity::Summing(0.5);
        state.stop();
        assert!(state.state.stopped && state.is_idle());
        assert_eq!(state.state.activity, Activity::Idle);
    }
}
