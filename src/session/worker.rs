//! The one thread that waits on the device: prepares points, sums, draws pictures.
//!
//! A newer wish makes every check of [`Shared::is_wanted`] fail, so that the work for the older one
//! stops between two slices. Whatever fails becomes a notice; the last good scene stays.

mod failure;

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, MutexGuard, OnceLock},
    time::{Duration, Instant},
};

use failure::{Failure, reason_of};

use super::{
    Activity, Hover, Job, Notice, NoticeKind, Prepared, Scene, SourceError, Stats,
    job::Done,
    shared::{Inner, Keep, Shared, Standing, Wish},
};
use crate::{
    color::Scale,
    data::shuffled,
    engine::{Engine, EngineError, Pace, Problem, on_cpu},
    gpu::{
        CountScale, Fault, Field, Flow, GaussSum, Gpu, GpuEngine, PointBuffers, Precision,
        Progress, Sums,
    },
    model::{EngineChoice, Params, Scaling, Sigma, Stage},
};

/// How long a sum runs before partial results are shown.
const FIRST_PREVIEW: Duration = Duration::from_millis(120);
/// The longest time between two of them.
const LAST_PREVIEW: Duration = Duration::from_secs(1);

/// How long a sum may go on, to its end or to a first preview, once another σ is wanted: a slider that
/// moves all the time would otherwise never show a picture.
const GRACE: Duration = Duration::from_millis(90);

/// How long to wait before the next preview of a sum that began at `started`: each one costs the
/// device a frame, and the longer a sum has run the less the next preview differs.
fn preview_interval(started: Instant) -> Duration {
    (started.elapsed() / 10).clamp(FIRST_PREVIEW, LAST_PREVIEW)
}

/// What is told of an engine.
#[derive(Clone, Copy)]
struct EngineFacts {
    name: &'static str,
    error_bound: f64,
}

/// The sum on the device.
const GPU: EngineFacts = EngineFacts { name: "gpu", error_bound: GpuEngine::TOLERANCE };

/// What is left of any engine's exactness on screen, where f is in single precision.
const SINGLE: f64 = f32::EPSILON as f64;

/// Points on the device, and what is known of their field.
struct Held {
    params: Params,
    prepared: Prepared,
    buffers: PointBuffers,
    sums: Sums,
    hover: Arc<OnceLock<Hover>>,
    /// The finished field of `params`; `None` while it is under way or was stopped.
    field: Option<(Field, Stats)>,
    /// Whether that field is what the scene shows.
    shown: bool,
}

impl Held {
    fn sigma(&self) -> Sigma {
        self.prepared.sigma(&self.params)
    }
}

pub(super) struct Worker {
    gpu: Gpu,
    shared: Arc<Shared>,
    pace: Pace,
    held: Option<Held>,
    version: u64,
    /// What has been told once and would only be told again.
    told: BTreeSet<&'static str>,
}

impl Worker {
    pub(super) fn new(gpu: Gpu, shared: Arc<Shared>) -> Self {
        let pace = gpu.first_pace(shared.slice_seconds());
        Self { gpu, shared, pace, held: None, version: 0, told: BTreeSet::new() }
    }

    /// Serves until the session ends.
    pub(super) fn run(mut self) {
        while !self.shared.quits() {
            self.serve_jobs();
            let mut inner = self.shared.lock();
            let Some(wish) = inner.wish.take() else {
                if inner.jobs.is_empty() && !self.shared.quits() {
                    self.idle(inner);
                }
                continue;
            };
            inner.state.stopped = false;
            inner.state.waited = wish.asked.elapsed();
            drop(inner);
            let met = catch_unwind(AssertUnwindSafe(|| self.meet(&wish))).unwrap_or_else(|panic| {
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
                self.shared.ask_for_look(Params { view, ..wish.params });
            }
        }
        // What was to be saved before the end is saved, if there is a device to draw it.
        if !self.gpu.is_lost() {
            self.serve_jobs();
        }
    }

    /// Waits for something to do.
    fn idle(&self, inner: MutexGuard<'_, Inner>) {
        if cfg!(feature = "faults") {
            drop(self.shared.wait_timeout(inner, Duration::from_millis(20)));
            self.gpu.lose_at(Fault::LossWhenIdle);
        } else {
            drop(self.shared.wait(inner));
        }
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
                let has_field = held.field.is_some() || *keep == Keep::Stopped;
                if has_field { stage } else { stage.max(Stage::Field) }
            }
        };
        if stage >= Stage::Points {
            self.prepare(*number, params)?;
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
        // In random order, partial sums are an unbiased preview.
        let order = shuffled(points.m(), params.seed);
        let buffers = PointBuffers::new(&self.gpu, points, &order)?;
        let sums = Sums::new(&self.gpu, points.n())?;
        let hover = Hover::build_later(points);
        let params = params.clone();
        self.held =
            Some(Held { params, prepared, buffers, sums, hover, field: None, shown: false });
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

    fn sum(&mut self, number: u64, params: &Params) -> Result<(), Failure> {
        let started = Instant::now();
        if let Some(held) = &mut self.held {
            held.params = params.clone();
            held.field = None;
            held.shown = false;
        }
        let engine = match (params.engine, self.gpu.can_sum()) {
            (EngineChoice::Auto, Err(err)) => {
                self.tell_once("no sum on the device", || {
                    format!("{err}: computing on the processor instead")
                });
                EngineChoice::Simd
            }
            (engine, _) => engine,
        };
        let (field, engine) = match on_cpu(engine, None) {
            None => (self.sum_on_gpu(number, started)?, GPU),
            Some(engine) => {
                let error_bound = engine.tolerance().max(SINGLE);
                let facts = EngineFacts { name: engine.name(), error_bound };
                (self.sum_on_cpu(number, engine.as_ref())?, facts)
            }
        };
        let stats = self.stats(engine, 1.0, started);
        if let Some(held) = &mut self.held {
            held.field = Some((field, stats));
        }
        Ok(())
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

    fn sum_on_gpu(&mut self, number: u64, started: Instant) -> Result<Field, Failure> {
        let field = self.sum_slices(number, started, Precision::Usual)?;
        if Precision::must_extend(f64::from(field.range().max) / f64::from(self.scale())) {
            return self.sum_slices(number, started, Precision::EXTENDED);
        }
        Ok(field)
    }

    fn sum_slices(
        &mut self,
        number: u64,
        started: Instant,
        precision: Precision,
    ) -> Result<Field, Failure> {
        let held = self.held()?;
        let (gpu, buffers, params) = (self.gpu.clone(), held.buffers.clone(), held.params.clone());
        let m = held.prepared.points.m();
        let sums = Sums::clone(&held.sums);
        let scale = self.scale();
        let sum = GaussSum {
            gpu: &gpu,
            points: &buffers,
            sums: &sums,
            sigma: held.sigma(),
            chunk: params.chunk.resolve(m),
            precision,
        };
        let mut pace = self.pace;
        pace.aim(self.shared.slice_seconds());
        let (mut shown, mut told) = (started, started);
        let flow = sum.run(&mut pace, |Progress { fraction, swept }| {
            self.serve_jobs();
            self.shared.rest_while_paused(number);
            let standing = self.shared.standing(&self.shared.lock(), number, &params);
            let due = match standing {
                Standing::Wanted => shown.elapsed() >= preview_interval(started),
                Standing::Superseded(since) if shown == started && since < GRACE => {
                    since >= GRACE / 2
                }
                _ => return Ok(Flow::Stop),
            };
            if told.elapsed() >= preview_interval(started) {
                told = Instant::now();
                self.tell(number, Activity::Summing(fraction as f32));
            }
            if let Some(done) = swept.filter(|done| due && *done < m) {
                let scale_up = scale * (m as f64 / done as f64) as f32;
                let preview = Field::from_sums(&gpu, &buffers, &sums, scale_up)?;
                let completeness = done as f64 / m as f64;
                let stats = self.stats(GPU, fraction, started);
                self.publish(number, &preview, completeness, stats);
                shown = Instant::now();
                if standing != Standing::Wanted {
                    return Ok(Flow::Stop);
                }
            }
            Ok(Flow::Continue)
        })?;
        self.pace = pace;
        if flow == Flow::Stop {
            return Err(Failure::Stopped);
        }
        Ok(Field::from_sums(&gpu, &buffers, &sums, scale)?)
    }

    fn sum_on_cpu(&mut self, number: u64, engine: &dyn Engine) -> Result<Field, Failure> {
        let held = self.held()?;
        let points = Arc::clone(&held.prepared.points);
        let problem = Problem {
            points: &points,
            sigma: held.sigma(),
            chunk: held.params.chunk.resolve(points.m()),
        };
        let held_params = held.params.clone();
        let started = Instant::now();
        let mut told = started;
        let summed = engine.sum(&problem, &mut |fraction| {
            self.serve_jobs();
            self.shared.rest_while_paused(number);
            if told.elapsed() >= preview_interval(started) {
                told = Instant::now();
                self.tell(number, Activity::Summing(fraction as f32));
            }
            let inner = self.shared.lock();
            match self.shared.standing(&inner, number, &held_params) {
                Standing::Wanted => true,
                Standing::Superseded(since) => since < GRACE,
                Standing::Over => false,
            }
        });
        let sums = match summed {
            Ok(sums) => sums,
            Err(EngineError::Stopped) => return Err(Failure::Stopped),
            Err(err @ (EngineError::TooLarge(_) | EngineError::Failed(_))) => {
                return Err(Failure::failed(err.to_string()));
            }
        };
        let scale = f64::from(self.scale());
        let values: Vec<f32> = sums.iter().map(|f| (scale * f) as f32).collect();
        Ok(Field::from_values(&self.gpu, &values)?)
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
            buffers: held.buffers.clone(),
            field: field.clone(),
            histogram: None,
            completeness,
            stats,
            hover: Arc::clone(&held.hover),
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

    /// What turns a sum into f.
    fn scale(&self) -> f32 {
        self.held.as_ref().map_or(1.0, |held| {
            let points = &held.prepared.points;
            let normalisation = held.params.normalisation;
            normalisation.factor(points.m() as f64, points.dim(), held.sigma()) as f32
        })
    }

    fn stats(&self, engine: EngineFacts, fraction: f64, started: Instant) -> Stats {
        let seconds = started.elapsed().as_secs_f64();
        let pairs = self
            .held
            .as_ref()
            .map_or(0.0, |held| held.prepared.points.n() as f64 * held.prepared.points.m() as f64);
        Stats {
            engine: engine.name,
            seconds,
            pairs_per_second: fraction * pairs / seconds.max(1e-9),
            error_bound: engine.error_bound,
        }
    }

    fn held(&self) -> Result<&Held, Failure> {
        self.held.as_ref().ok_or(Failure::Stopped)
    }

    fn serve_jobs(&mut self) {
        while let Some(job) = self.shared.take_job() {
            let settings = matches!(job, Job::SaveSettings { .. });
            let done = catch_unwind(AssertUnwindSafe(|| job.run(&self.gpu))).unwrap_or_else(|_| {
                let text = "an internal error stopped the picture".to_owned();
                Err(Notice { kind: NoticeKind::Failed, text })
            });
            self.shared.update(|inner| {
                inner.running_job = false;
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
