//! Turns [`Params`] into a field off the caller's thread; the latest wish wins, and nothing blocks.
//!
//! The window and the command line are two consumers of one [`Session`]. It owns a worker thread,
//! which owns all waiting on the device. Its owner asks with [`Session::apply`], looks at
//! [`Session::state`], and is woken when that changes.

mod advice;
mod allocator;
mod budget;
mod calm;
mod checked;
pub mod comparison;
pub mod files;
mod filmstrip;
mod home;
mod hover;
mod job;
mod own_files;
pub mod picture;
mod prepared;
mod saved;
mod scene;
mod settings;
mod shared;
mod shown;
mod source;
mod worker;

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

pub use advice::{Advice, Rule};
pub use allocator::keep_little;
pub use checked::Checked;
pub use comparison::Comparison;
pub use filmstrip::{FilmSpec, Filmstrip, Still};
pub use home::Home;
pub use hover::Hover;
pub use job::{Job, Outcome};
pub use own_files::OwnFiles;
pub use picture::PictureSpec;
pub use prepared::Prepared;
pub use saved::{Look, Saved};
pub use scene::{Scene, Stats, value_label};
pub use settings::Settings;
pub use shared::{Activity, Notice, NoticeKind, State};
use shared::{Keep, Shared};
pub use shown::Shown;
pub use source::{Source, SourceError};
use worker::Worker;

use crate::{
    engine::EngineId,
    gpu::Gpu,
    model::{EngineChoice, Params, Points, Stage},
    scheduler::{self, Machine},
};

/// Computes what is wished for, on its own thread.
pub struct Session {
    gpu: Gpu,
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
    params: Option<Params>,
}

impl Session {
    /// Starts the worker. A slice of work lasts about `slice_seconds`
    /// ([`crate::engine::Pace::WITH_WINDOW`] or [`crate::engine::Pace::HEADLESS`]); `wake` is called
    /// from the worker whenever the state changes.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn new(
        gpu: Gpu,
        slice_seconds: f64,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        Self::with_source(gpu, Source::default(), slice_seconds, wake)
    }

    /// The same with what another session has read: see [`Self::source`].
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn with_source(
        gpu: Gpu,
        source: Source,
        slice_seconds: f64,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::new(source, Box::new(wake)));
        shared.set_slice_seconds(slice_seconds);
        let worker = Worker::new(gpu.clone(), Arc::clone(&shared));
        let worker = std::thread::Builder::new()
            .name("sigmascope-worker".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self { gpu, shared, worker: Some(worker), params: None })
    }

    /// The device that it computes on.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Asks for `params`; work for older ones stops. Says how far back the change reaches.
    pub fn apply(&mut self, params: &Params) -> Stage {
        if self.params.as_ref() == Some(params) {
            return Stage::Nothing;
        }
        let stage = self.params.as_ref().map_or(Stage::Points, |old| params.stage_since(old));
        match stage {
            Stage::Nothing | Stage::View => {}
            Stage::Range => self.shared.ask_for_look(params.clone()),
            Stage::Places | Stage::Field | Stage::Points => {
                self.shared.ask(params.clone(), Keep::Unchanged);
            }
        }
        self.params = Some(params.clone());
        stage
    }

    /// Asks for the same once more, files read again and all.
    pub fn redo(&mut self) {
        if let Some(params) = self.params.clone() {
            self.shared.ask(params, Keep::Nothing);
        }
    }

    /// Asks for the same once more after [`Self::stop`]; points that are there are kept.
    pub fn resume(&self) {
        if let Some(params) = self.params.clone() {
            self.shared.ask(params, Keep::Unchanged);
        }
    }

    /// Wants `params` from now on because the newest wish could not be met and they are what is on
    /// screen. A sum that the wish broke off is taken up again; without a scene they are asked for.
    /// What has just failed is not tried again.
    pub fn revert(&mut self, params: &Params) {
        let failed = self.params.replace(params.clone());
        let same = failed.is_some_and(|failed| params.stage_since(&failed) < Stage::Field);
        let is_complete = {
            let mut inner = self.shared.lock();
            inner.state.rejected = false;
            inner.state.scene.as_ref().is_some_and(|scene| scene.is_complete())
        };
        if !is_complete && !same {
            self.resume();
        }
    }

    /// What was read from files last, for a session that goes on from here.
    pub fn source(&self) -> Source {
        self.shared.lock().source.clone()
    }

    /// Says that the user is in the middle of something, and fields that are done soon are better than
    /// exact ones; or that it is over, and what is a draft is wanted in full.
    pub fn set_drafts(&self, drafts: bool) {
        let ended = self.shared.set_drafts(drafts) && !drafts;
        let engine = |scene: &Scene| scene.stats.engine;
        let inner = self.shared.lock();
        let is_fast = inner.state.scene.as_deref().map(engine) == Some(EngineId::Fast);
        drop(inner);
        if ended && is_fast {
            self.resume();
        }
    }

    /// The exact engine that is done first with `points`.
    pub fn exact_engine(&self, points: &Points) -> EngineChoice {
        let device = self.gpu.can_sum().is_ok().then(|| self.gpu.adapter().kind);
        let size = [points.n(), points.m(), points.dim()];
        scheduler::choose(size, &Machine::here(device)).engine.into()
    }

    /// Says that a frame is drawn, whether it answers the user, and whether the one before left dots to
    /// be drawn: while frames have much to do, what can wait makes way.
    pub fn tell_frame(&self, answers: bool, unfinished: bool) {
        self.shared.tell_frame(answers, unfinished);
    }

    /// Looks from now on for what the criteria say about the points on screen, whenever nothing else is
    /// under way: see [`State::advice`].
    pub fn advise(&self) {
        self.shared.advise();
    }

    /// Blocks until all that is known of the points on screen is there, for `timeout` at most; says
    /// whether it is. Not for the window.
    pub fn wait_for_advice(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut inner = self.shared.lock();
        loop {
            let state = &inner.state;
            let awaits = state.scene.as_ref().is_some_and(|scene| scene.is_complete())
                && !state.advice().is_some_and(|advice| advice.is_complete);
            if !awaits && self.shared.is_idle(&inner) {
                return true;
            }
            let now = Instant::now();
            if now >= deadline {
                return false;
            }
            inner = self.shared.wait_timeout(inner, deadline - now);
        }
    }

    /// Holds all computing while nobody can see it, or lets it go on.
    pub fn pause(&self, paused: bool) {
        self.shared.pause(paused);
    }

    /// Sets how long a slice of work lasts, from the next sum on.
    pub fn set_slice_seconds(&self, seconds: f64) {
        self.shared.set_slice_seconds(seconds);
    }

    /// Ends all work and says what the user should still be told, unfinished jobs included.
    pub fn end(&mut self) -> Vec<Notice> {
        self.shared.quit();
        if let Some(worker) = self.worker.take() {
            // A panic of the worker has been told already.
            let _ = worker.join();
        }
        let mut notices = self.take_notices();
        let left = std::mem::take(&mut self.shared.lock().jobs);
        notices.extend(left.iter().filter_map(Job::not_done));
        notices
    }

    /// Gives up the sum under way; what is there of it stays on screen.
    pub fn stop(&self) {
        self.shared.give_up();
    }

    /// Compares `engines` on the points of the scene: see [`State::comparison`]. It waits for the sum
    /// under way, ends when another field is wanted, and takes the place of a comparison before it.
    pub fn compare(&self, engines: Vec<EngineId>) {
        self.add_job(Job::Compare { engines });
    }

    /// Ends the comparison under way; what was measured stays.
    pub fn stop_comparison(&self) {
        self.shared.end_comparison();
    }

    /// Whether a comparison waits for its turn.
    pub fn comparison_waits(&self) -> bool {
        self.shared.lock().jobs.iter().any(Job::is_comparison)
    }

    /// Adds work on a scene.
    pub fn add_job(&self, job: Job) {
        self.shared.add_job(job);
    }

    /// The newest state.
    pub fn state(&self) -> State {
        self.shared.lock().state.clone()
    }

    /// What the user should be told since the last call, the device's own errors included.
    pub fn take_notices(&self) -> Vec<Notice> {
        let mut notices = std::mem::take(&mut self.shared.lock().notices);
        if self.gpu.is_lost() {
            // Everything fails on a lost device; that it is lost is all there is to say.
            return notices;
        }
        let errors = self.gpu.errors().take().into_iter();
        notices.extend(errors.map(|text| Notice { kind: NoticeKind::Failed, text }));
        notices
    }

    /// What jobs brought since the last call.
    pub fn take_outcomes(&self) -> Vec<Outcome> {
        std::mem::take(&mut self.shared.lock().outcomes)
    }

    /// Whether nothing is asked for and nothing under way.
    pub fn is_idle(&self) -> bool {
        self.shared.is_idle(&self.shared.lock())
    }

    /// Blocks until all is done, for `timeout` at most; says whether it is. Not for the window.
    pub fn wait(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut inner = self.shared.lock();
        while !self.shared.is_idle(&inner) {
            let now = Instant::now();
            if now >= deadline {
                return false;
            }
            inner = self.shared.wait_timeout(inner, deadline - now);
        }
        true
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
