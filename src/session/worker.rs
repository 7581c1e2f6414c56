//! The one thread that waits on the device: prepares points, sums, draws pictures.
//!
//! A newer wish makes every check of [`Shared::is_wanted`] fail, so that the work for the older one
//! stops between two slices. Whatever fails becomes a notice; the last good scene stays.

mod checking;
mod choosing;
mod comparing;
mod deviation;
mod failure;
mod filming;
mod summing;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use choosing::Choosing;
use deviation::Approximate;
use failure::{Failure, reason_of};

use super::{
    Activity, Hover, Job, Notice, NoticeKind, Prepared, Scene, Shown, SourceError, Stats,
    allocator,
    job::Done,
    shared::{Keep, Shared, Standing, Wish},
};
use crate::{
    color::Scale,
    engine::{EngineId, Plan},
    gpu::{CountScale, Fault, Field, Gpu, GpuError, Places},
    model::{Params, Points, Projection, Scaling, Sigma, Stage},
    sampling::shuffled,
};

/// Points, and what is known of their field.
struct Held {
    params: Params,
    prepared: Prepared,
    /// The sum of the sources' weights.
    weight: f64,
    /// Whether one of them is negative.
    signed: bool,
    /// The sources in random order: partial sums are then an unbiased preview.
    order: Arc<[u32]>,
    /// The points as the engines have prepared them that were used so far.
    plans: BTreeMap<EngineId, Box<dyn Plan>>,
    /// The last fast field, while an exact one of the same σ may follow.
    approximate: Option<Approximate>,
    layout: Layout,
    /// The finished field of `params`; `None` while it is under way or was stopped.
    field: Option<(Field, Stats)>,
    /// Whether that field is what the scene shows.
    shown: bool,
}

/// Where the targets are drawn.
#[derive(Clone)]
struct Layout {
    projection: Projection,
    shown: Arc<Shown>,
    places: Places,
    hover: Arc<OnceLock<Hover>>,
}

impl Layout {
    fn new(gpu: &Gpu, points: &Arc<Points>, projection: Projection) -> Result<Self, GpuError> {
        let shown = Arc::new(Shown::new(points, projection));
        let places = Places::new(gpu, &shown.centred_places(0..points.n()), shown.is_line())?;
        let hover = Hover::build_later(&shown);
        Ok(Self { projection, shown, places, hover })
    }
}

impl Held {
    fn sigma(&self) -> Sigma {
        self.prepared.sigma(&self.params)
    }
}

pub(super) struct Worker {
    gpu: Gpu,
    shared: Arc<Shared>,
    held: Option<Held>,
    version: u64,
    /// The version of the newest scene that was held against f64.
    checked: u64,
    /// The checks under way.
    checks: Vec<JoinHandle<()>>,
    /// What finds out how good each σ is for the points that are held.
    choosing: Choosing,
    /// Since when memory of work that is over may be lying about.
    untidy_since: Option<Instant>,
    /// What has been told once and would only be told again.
    told: BTreeSet<&'static str>,
}

impl Worker {
    /// How long nothing is done before memory goes back to the system.
    const REST: Duration = Duration::from_millis(500);

    pub(super) fn new(gpu: Gpu, shared: Arc<Shared>) -> Self {
        Self {
            gpu,
            shared,
            held: None,
            version: 0,
            checked: 0,
            checks: Vec::new(),
            choosing: Choosing::default(),
            untidy_since: None,
            told: BTreeSet::new(),
        }
    }

    /// Serves until the session ends.
    pub(super) fn run(mut self) {
        while !self.shared.quits() {
            self.serve_jobs(true);
            let mut inner = self.shared.lock();
            let Some(wish) = inner.wish.take() else {
                drop(inner);
                self.idle();
                continue;
            };
            inner.state.stopped = false;
            inner.state.waited = wish.asked.elapsed();
            drop(inner);
            self.serve(&wish);
            self.untidy_since = Some(Instant::now());
        }
        self.end_checks();
        self.choosing.end(&self.shared);
        // What was to be saved before the end is saved, if there is a device to draw it.
        if !self.gpu.is_lost() {
            self.serve_jobs(false);
        }
    }

    /// Meets a wish and tells how it went.
    fn serve(&mut self, wish: &Wish) {
        let met = catch_unwind(AssertUnwindSafe(|| self.meet(wish))).unwrap_or_else(|panic| {
            // What is held may be half made.
            self.held = None;
            let reason = reason_of(&*panic);
            Err(Failure::failed(format!("an internal error stopped the sum: {reason}")))
        });
        let late_look = self.shared.update(|inner| {
            if !self.shared.is_wanted(wish.number) {
                return None;
            }
            inner.finished = wish.number;
            inner.state.activity = Activity::Idle;
            inner.state.rejected = met.is_err();
            if let Err(Failure::Told(notice)) = met {
                inner.notices.push(notice);
            }
            inner.look.take()
        });
        if let Some(view) = late_look {
            self.shared.ask_for_look(Params { view, ..wish.params.clone() });
        }
    }

    /// Waits for something to do, and tidies up when that takes a while.
    fn idle(&mut self) {
        let shared = Arc::clone(&self.shared);
        let inner = shared.lock();
        if inner.wish.is_some() || !inner.jobs.is_empty() || shared.quits() {
            return;
        }
        if let Some(since) = self.untidy_since {
            drop(shared.wait_timeout(inner, Self::REST / 10));
            if since.elapsed() > Self::REST {
                self.untidy_since = None;
                allocator::give_back();
            }
        } else if cfg!(feature = "faults") {
            drop(shared.wait_timeout(inner, Duration::from_millis(20)));
        } else {
            drop(shared.wait(inner));
        }
        self.gpu.lose_at(Fault::LossWhenIdle);
    }

    fn meet(&mut self, wish: &Wish) -> Result<(), Failure> {
        let Wish { number, params, keep, .. } = wish;
        self.gpu.faults().panic_at(Fault::WorkerPanic);
        if *keep == Keep::Nothing {
            self.shared.lock().source.forget();
            self.held = None;
        }
        let stage = match &self.held {
            None => Stage::Points,
            Some(held) => {
                let stage = params.stage_since(&held.params);
                let is_good = |(_, stats): &(Field, Stats)| !stats.draft || self.shared.drafts();
                let has_field = held.field.as_ref().is_some_and(is_good) || *keep == Keep::Stopped;
                if has_field { stage } else { stage.max(Stage::Field) }
            }
        };
        if stage >= Stage::Points {
            self.prepare(*number, params)?;
        }
        if stage >= Stage::Places {
            self.lay_out(params)?;
        }
        if stage >= Stage::Field {
            self.sum(*number, params)?;
        }
        let mut params = params.clone();
        if let Some(look) = self.shared.take_look() {
            params.view = look;
        }
        if let Some(held) = &mut self.held {
            held.params = params.clone();
        }
        self.show(*number)?;
        if stage >= Stage::Range {
            self.count(*number, &params)?;
        }
        self.check(*number);
        self.choose_sigma();
        Ok(())
    }

    fn prepare(&mut self, number: u64, params: &Params) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let gpu = self.gpu.clone();
        let keep_going = |done: f32| {
            gpu.lose_at(Fault::LossInLoad);
            gpu.faults().panic_at(Fault::LoaderPanic);
            shared.rest_while_paused(number);
            if !shared.is_wanted(number) {
                return false;
            }
            let mut inner = shared.lock();
            let shown = inner.state.activity;
            // Telling costs a frame: a hundred steps are enough.
            if !matches!(shown, Activity::Preparing(before) if (done - before).abs() < 0.01) {
                inner.state.activity = Activity::Preparing(done);
                drop(inner);
                shared.update(|_| ());
            }
            true
        };
        let prepared = self.load(params, &keep_going)?;
        let points = &prepared.points;
        let sources = points.sources();
        params.normalisation.check(sources).map_err(SourceError::from)?;
        let held = Held {
            params: params.clone(),
            weight: sources.total_weight(),
            signed: sources.weights().is_some_and(|weights| weights.iter().any(|w| *w < 0.0)),
            order: shuffled(points.m(), params.seed).into(),
            plans: BTreeMap::new(),
            approximate: None,
            layout: Layout::new(&self.gpu, &prepared.drawn, params.projection)?,
            prepared,
            field: None,
            shown: false,
        };
        self.held = Some(held);
        self.choosing.leave(&self.shared);
        Ok(())
    }

    /// Lays the targets out as `params` want it, unless they are.
    fn lay_out(&mut self, params: &Params) -> Result<(), Failure> {
        let gpu = self.gpu.clone();
        if let Some(held) = &mut self.held
            && held.layout.projection != params.projection
        {
            held.layout = Layout::new(&gpu, &held.prepared.drawn, params.projection)?;
            held.shown = false;
        }
        Ok(())
    }

    /// Reads or samples the points. A loader that panics is a file that cannot be read.
    fn load(&self, params: &Params, keep_going: &dyn Fn(f32) -> bool) -> Result<Prepared, Failure> {
        // The lock is not kept over the work; the clouds in it are shared, not copied.
        let mut source = self.shared.lock().source.clone();
        let loaded = catch_unwind(AssertUnwindSafe(|| source.prepare(params, keep_going)));
        let prepared = loaded.unwrap_or_else(|panic| {
            let reason = reason_of(&*panic).to_owned();
            Err(SourceError::Internal { input: params.input.clone(), reason })
        });
        if prepared.is_ok() {
            self.shared.lock().source = source;
        }
        Ok(prepared?)
    }

    /// Puts the finished field on screen, unless it is there.
    fn show(&mut self, number: u64) -> Result<(), Failure> {
        let Some(held) = self.held.as_ref().filter(|held| !held.shown) else { return Ok(()) };
        let Some((field, stats)) = held.field.clone() else { return Ok(()) };
        if !self.publish(number, &field, 1.0, stats) {
            return Err(Failure::Stopped);
        }
        if let Some(held) = &mut self.held {
            held.shown = true;
        }
        Ok(())
    }

    /// Tells a failure that `what` names, the first time that it happens.
    fn tell_once(&mut self, what: &'static str, text: impl FnOnce() -> String) {
        if self.told.insert(what) {
            let notice = Notice { kind: NoticeKind::Failed, text: text() };
            self.shared.update(|inner| inner.notices.push(notice));
        }
    }

    /// Says what is going on, unless nobody wants it any more.
    fn tell(&self, number: u64, activity: Activity) {
        self.shared.update(|inner| {
            if self.shared.is_wanted(number) {
                inner.state.activity = activity;
            }
        });
    }

    /// Counts the values on screen along the colour scale and publishes the scene with them.
    fn count(&mut self, number: u64, params: &Params) -> Result<(), Failure> {
        let Some(scene) = self.shared.lock().state.scene.clone() else { return Ok(()) };
        let scale = scene.scale(&params.view);
        let Scale { scaling, low, high } = scale;
        let histogram = scene
            .field
            .histogram(&self.gpu, CountScale { logarithmic: scaling == Scaling::Log, low, high })?;
        let counted = Scene {
            histogram: Some((scale, Arc::new(histogram))),
            params: Params { view: params.view, ..scene.params.clone() },
            ..Scene::clone(&scene)
        };
        self.shared.update(|inner| {
            if self.shared.is_wanted(number) {
                inner.state.scene = Some(Arc::new(counted));
            }
        });
        Ok(())
    }

    /// Puts a field on screen; says whether it was still good for something.
    fn publish(&mut self, number: u64, field: &Field, completeness: f64, stats: Stats) -> bool {
        let Some(held) = &self.held else { return false };
        self.version += 1;
        let mut scene = Scene {
            params: held.params.clone(),
            prepared: held.prepared.clone(),
            shown: Arc::clone(&held.layout.shown),
            places: held.layout.places.clone(),
            field: field.clone(),
            histogram: None,
            completeness,
            stats,
            hover: Arc::clone(&held.layout.hover),
            version: self.version,
        };
        self.shared.update(|inner| {
            let fresh = self.shared.standing(inner, number, &scene.params) != Standing::Over;
            if fresh {
                // The bars of the last field stand until the new ones are counted.
                scene.histogram = inner.state.scene.as_ref().and_then(|old| old.histogram.clone());
                inner.state.scene = Some(Arc::new(scene));
            }
            fresh
        })
    }

    /// Does the jobs that wait; patient ones only where there is `nothing_else` under way.
    fn serve_jobs(&mut self, nothing_else: bool) {
        while let Some(job) = self.shared.take_job(nothing_else) {
            let settings = matches!(job, Job::SaveSettings { .. });
            let run = AssertUnwindSafe(|| {
                match &job {
                    Job::Compare { engines } => self.compare(engines),
                    Job::Film(spec) => self.film(spec)?,
                    _ => {}
                }
                job.run(&self.gpu)
            });
            let done = catch_unwind(run).unwrap_or_else(|_| {
                let text = "an internal error stopped the picture".to_owned();
                Err(Notice { kind: NoticeKind::Failed, text })
            });
            self.shared.update(|inner| {
                inner.running_jobs -= 1;
                match done {
                    Ok(Done { told, outcome }) => {
                        inner.outcomes.extend(outcome);
                        let kind = NoticeKind::Done;
                        inner.notices.extend(told.map(|text| Notice { kind, text }));
                    }
                    // Settings are saved again and again; that they cannot be is told once.
                    Err(_) if settings && !self.told.insert("settings are not saved") => {}
                    Err(notice) => inner.notices.push(notice),
                }
            });
        }
    }
}
