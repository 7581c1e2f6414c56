//! What the session's owner and its worker share: the newest wish, the jobs, the newest result.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{Advice, Checked, Comparison, Filmstrip, Job, Outcome, Scene, Source, calm::Frames};
use crate::model::{Params, Stage, ViewParams};

/// What the worker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activity {
    /// Nothing: what is shown is what was asked for, as far as it could be had.
    #[default]
    Idle,
    /// Reading or sampling points; the fraction done.
    Preparing(f32),
    /// Summing; the fraction done.
    Summing(f32),
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something was done.
    Done,
    /// A file or a value makes no sense.
    BadInput,
    /// Something went wrong.
    Failed,
    /// The device was lost, and what was under way with it.
    Lost,
}

/// Something the user should be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// One or two sentences.
    pub text: String,
}

/// The state of a session as its owner sees it.
#[derive(Clone, Default)]
pub struct State {
    /// The newest field, if there is one.
    pub scene: Option<Arc<Scene>>,
    /// How far a field is from f64, for the newest that was looked at.
    pub checked: Option<Checked>,
    /// What the worker is doing.
    pub activity: Activity,
    /// Whether the user stopped the sum before its end.
    pub stopped: bool,
    /// Whether the newest wish could not be met; the scene is that of an older one.
    pub rejected: bool,
    /// How long the newest wish that was taken up had waited for the work before it to stop.
    pub waited: Duration,
    /// The newest comparison of engines, if there was one.
    pub comparison: Option<Arc<Comparison>>,
    /// The newest small pictures, if there were any.
    pub filmstrip: Option<Arc<Filmstrip>>,
    /// What the criteria say about the points that were looked at last.
    pub advice: Option<Arc<Advice>>,
}

impl State {
    /// How far the field on screen is from f64, if that is known by now.
    pub fn checked(&self) -> Option<Checked> {
        let scene = self.scene.as_ref()?;
        self.checked.filter(|checked| checked.version == scene.version)
    }

    /// What the criteria say about the points on screen, as far as that is known by now.
    pub fn advice(&self) -> Option<&Arc<Advice>> {
        let scene = self.scene.as_ref()?;
        self.advice.as_ref().filter(|advice| advice.is_of(&scene.prepared.points))
    }
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) wish: Option<Wish>,
    /// How the field under way shall be counted, when that changed after it was asked for.
    pub(super) look: Option<ViewParams>,
    pub(super) jobs: VecDeque<Job>,
    /// Jobs under way: a comparison does others in between.
    pub(super) running_jobs: usize,
    /// The number of the wish that the worker has finished with.
    pub(super) finished: u64,
    pub(super) state: State,
    pub(super) notices: Vec<Notice>,
    pub(super) outcomes: Vec<Outcome>,
    /// What was read from files last.
    pub(super) source: Source,
    /// When the last few frames that answer the user were drawn.
    pub(super) frames: Frames,
}

/// A request for a field.
#[derive(Clone)]
pub(super) struct Wish {
    pub(super) number: u64,
    pub(super) params: Params,
    /// How much of what is there may be kept.
    pub(super) keep: Keep,
    /// Since when it, or one that it replaced, waits to be taken up.
    pub(super) asked: Instant,
}

/// What a sum under way is still good for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    /// It is what is wanted.
    Wanted,
    /// Another field of the same points has been wanted for so long: what there is of this one is
    /// still news.
    Superseded(Duration),
    /// Nothing.
    Over,
}

/// How much of what is there a wish keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nothing: files are read again.
    Nothing,
    /// All that does not depend on what changed.
    Unchanged,
    /// Even a sum that was stopped: only the colour scale changed.
    Stopped,
}

/// Shared between the owner and the worker.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// The number of the newest wish: work for another one stops.
    newest: AtomicU64,
    quit: AtomicBool,
    has_jobs: AtomicBool,
    /// Whether the comparison under way, if any, is not wanted any more.
    ends_comparison: AtomicBool,
    paused: AtomicBool,
    /// Whether anybody wants to know what the criteria say.
    advises: AtomicBool,
    /// Whether drafts are good enough at present.
    drafts: AtomicBool,
    /// How long a submission should last, in microseconds.
    slice_micros: AtomicU64,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    pub(super) fn new(source: Source, wake: Box<dyn Fn() + Send + Sync>) -> Self {
        Self {
            inner: Mutex::new(Inner { source, ..Inner::default() }),
            changed: Condvar::new(),
            newest: AtomicU64::new(0),
            quit: AtomicBool::new(false),
            has_jobs: AtomicBool::new(false),
            ends_comparison: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            advises: AtomicBool::new(false),
            drafts: AtomicBool::new(false),
            slice_micros: AtomicU64::new(0),
            wake,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wait<'a>(&self, inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and tells everyone who waits, the window included.
    pub(super) fn update<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_all();
        (self.wake)();
        changed
    }

    /// Makes `params` the newest wish.
    pub(super) fn ask(&self, params: Params, keep: Keep) {
        let mut inner = self.lock();
        let number = self.newest.fetch_add(1, Ordering::AcqRel) + 1;
        // A wish that nobody has taken up yet may have asked for more, and waits since then.
        let pending = inner.wish.as_ref().map(|wish| (wish.keep, wish.asked));
        let keep = if let Some((Keep::Nothing, _)) = pending { Keep::Nothing } else { keep };
        let asked = pending.map_or_else(Instant::now, |(_, asked)| asked);
        inner.wish = Some(Wish { number, params, keep, asked });
        inner.look = None;
        inner.state.rejected = false;
        drop(inner);
        self.changed.notify_all();
    }

    /// Takes note of another colour scale. A sum under way goes on and is counted by it.
    pub(super) fn ask_for_look(&self, params: Params) {
        let mut inner = self.lock();
        if let Some(wish) = &mut inner.wish {
            wish.params.view = params.view;
        } else if inner.finished == self.newest.load(Ordering::Acquire) {
            drop(inner);
            self.ask(params, Keep::Stopped);
        } else {
            inner.look = Some(params.view);
        }
    }

    /// The colour scale that was asked for since the wish under way.
    pub(super) fn take_look(&self) -> Option<ViewParams> {
        self.lock().look.take()
    }

    /// Gives up the wish under way, if any.
    pub(super) fn give_up(&self) {
        let mut inner = self.lock();
        let under_way = inner.finished != self.newest.load(Ordering::Acquire);
        if inner.wish.take().is_some() || under_way {
            let number = self.newest.fetch_add(1, Ordering::AcqRel) + 1;
            inner.finished = number;
            inner.look = None;
            inner.state.stopped = true;
            inner.state.activity = Activity::Idle;
        }
        drop(inner);
        self.changed.notify_all();
        (self.wake)();
    }

    /// Adds a job. A comparison takes the place of one before it, and small pictures of those before
    /// them.
    pub(super) fn add_job(&self, job: Job) {
        let mut inner = self.lock();
        if job.is_comparison() {
            inner.jobs.retain(|job| !job.is_comparison());
            self.ends_comparison.store(true, Ordering::Release);
        }
        if job.is_film() {
            inner.jobs.retain(|job| !job.is_film());
        }
        inner.jobs.push_back(job);
        self.has_jobs.store(true, Ordering::Release);
        drop(inner);
        self.changed.notify_all();
    }

    /// The next job, if any; a patient one only where nothing else is under way or wanted.
    pub(super) fn take_job(&self, nothing_else: bool) -> Option<Job> {
        if !self.has_jobs.load(Ordering::Acquire) {
            return None;
        }
        let mut inner = self.lock();
        let patience = nothing_else && inner.wish.is_none() && !self.quits();
        let next = inner.jobs.iter().position(|job| patience || !job.is_patient())?;
        let job = inner.jobs.remove(next)?;
        self.has_jobs.store(!inner.jobs.is_empty(), Ordering::Release);
        inner.running_jobs += 1;
        if job.is_comparison() {
            self.ends_comparison.store(false, Ordering::Release);
        }
        Some(job)
    }

    /// Ends the comparison under way and forgets one that waits.
    pub(super) fn end_comparison(&self) {
        let mut inner = self.lock();
        inner.jobs.retain(|job| !job.is_comparison());
        self.has_jobs.store(!inner.jobs.is_empty(), Ordering::Release);
        self.ends_comparison.store(true, Ordering::Release);
        drop(inner);
        self.changed.notify_all();
        (self.wake)();
    }

    /// Whether the comparison under way is not wanted any more.
    pub(super) fn ends_comparison(&self) -> bool {
        self.ends_comparison.load(Ordering::Acquire) || self.quits()
    }

    /// The number of the newest wish.
    pub(super) fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Whether the small pictures under way are wanted: no wish has come since the one of this number,
    /// and no other pictures were asked for.
    pub(super) fn wants_film(&self, number: u64) -> bool {
        self.is_wanted(number) && !self.lock().jobs.iter().any(Job::is_film)
    }

    /// The scene, with the number of the newest wish.
    pub(super) fn settled_scene(&self) -> Option<(Arc<Scene>, u64)> {
        let scene = self.lock().state.scene.clone()?;
        Some((scene, self.newest.load(Ordering::Acquire)))
    }

    /// Holds all work but jobs, or lets it go on.
    pub(super) fn pause(&self, paused: bool) {
        if self.paused.swap(paused, Ordering::AcqRel) != paused {
            self.nudge();
        }
    }

    /// Whether drafts are good enough at present.
    pub(super) fn drafts(&self) -> bool {
        self.drafts.load(Ordering::Acquire)
    }

    /// Says whether drafts are good enough, and whether they were.
    pub(super) fn set_drafts(&self, drafts: bool) -> bool {
        let before = self.drafts.swap(drafts, Ordering::AcqRel);
        if before && !drafts {
            self.nudge();
        }
        before
    }

    /// Wants to know what the criteria say.
    pub(super) fn advise(&self) {
        self.advises.store(true, Ordering::Release);
    }

    /// Whether anybody does.
    pub(super) fn advises(&self) -> bool {
        self.advises.load(Ordering::Acquire)
    }

    /// Lets everyone who waits look once more at what they wait for.
    pub(super) fn nudge(&self) {
        let _inner = self.lock();
        self.changed.notify_all();
    }

    /// Whether all work but jobs is held.
    pub(super) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// Waits while work is held, unless `wish` is not wanted any more or there are jobs.
    pub(super) fn rest_while_paused(&self, wish: u64) {
        let rests = || self.paused.load(Ordering::Acquire) && self.is_wanted(wish);
        if rests() {
            let mut inner = self.lock();
            while rests() && inner.jobs.iter().all(Job::is_patient) {
                inner = self.wait(inner);
            }
        }
    }

    /// How long a submission should last, in seconds.
    pub(super) fn slice_seconds(&self) -> f64 {
        Duration::from_micros(self.slice_micros.load(Ordering::Acquire)).as_secs_f64()
    }

    /// Sets how long a submission should last, in seconds.
    pub(super) fn set_slice_seconds(&self, seconds: f64) {
        self.slice_micros.store((1e6 * seconds) as u64, Ordering::Release);
    }

    /// Whether `wish` is still what is wanted.
    pub(super) fn is_wanted(&self, wish: u64) -> bool {
        self.newest.load(Ordering::Acquire) == wish && !self.quits()
    }

    /// What the sum of `wish` with these parameters is still good for.
    pub(super) fn standing(&self, inner: &Inner, wish: u64, params: &Params) -> Standing {
        if self.is_wanted(wish) {
            return Standing::Wanted;
        }
        match &inner.wish {
            Some(newer)
                if newer.keep == Keep::Unchanged
                    && newer.params.stage_since(params) <= Stage::Field
                    && !self.quits() =>
            {
                Standing::Superseded(newer.asked.elapsed())
            }
            _ => Standing::Over,
        }
    }

    pub(super) fn quit(&self) {
        self.quit.store(true, Ordering::Release);
        self.nudge();
    }

    pub(super) fn quits(&self) -> bool {
        self.quit.load(Ordering::Acquire)
    }

    /// Whether nothing is asked for and nothing under way.
    pub(super) fn is_idle(&self, inner: &Inner) -> bool {
        inner.finished == self.newest.load(Ordering::Acquire)
            && inner.wish.is_none()
            && inner.jobs.is_empty()
            && inner.running_jobs == 0
    }

    pub(super) fn wait_timeout<'a>(
        &self,
        inner: MutexGuard<'a, Inner>,
        timeout: Duration,
    ) -> MutexGuard<'a, Inner> {
        self.changed.wait_timeout(inner, timeout).unwrap_or_else(PoisonError::into_inner).0
    }
}
