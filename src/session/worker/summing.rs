//! Computes the field of a request: chooses the engine, makes or reuses its plan, executes it,
//! shows previews.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Failure, PreparedProblem, Worker};
use crate::{
    engine::{
        self, Accuracy, Destination, EngineId, Limits, Observer, Pace, Partial, Place, Plan,
        Report, Request, SliceSeconds, go_on_if,
    },
    gpu::{Field, engine},
    model::{EngineChoice, Params, Points, Sigma},
    scheduler::{self, Choice, Machine},
    session::{Activity, MachineRates, Notice, NoticeKind, SourceError, Stats, request::Relevance},
};

/// How long a sum runs before its first preview is shown. Sooner, most sums would flicker through a
/// preview; later, the window seems to hang.
const FIRST_PREVIEW: Duration = Duration::from_millis(120);
/// The longest time between two previews: with more a long sum seems to hang.
const LAST_PREVIEW: Duration = Duration::from_secs(1);

/// How long a sum may go on, to its end or to a first preview, once another σ is requested. With
/// less, a slider that moves all the time never shows a picture of a long sum; with more, the
/// picture lags behind the slider.
const GRACE: Duration = Duration::from_millis(90);

/// Relative rounding of values on screen, which are in single precision, whatever the engine.
pub(super) const SINGLE: f64 = f32::EPSILON as f64;

/// How long to wait before the next preview of a sum that began at `started`: each one costs the
/// device a frame, and the longer a sum has run the less the next preview differs.
fn preview_interval(started: Instant) -> Duration {
    (started.elapsed() / 10).clamp(FIRST_PREVIEW, LAST_PREVIEW)
}

impl PreparedProblem {
    /// What a sum at σ is multiplied by to become f.
    fn factor(&self) -> f64 {
        self.prepared.factor(self.params.normalisation, self.weight, self.sigma())
    }

    /// `stats` with the time since `started`, in which a part of all pairs was summed.
    fn timed(&self, stats: Stats, started: Instant, fraction: f64) -> Stats {
        let points = &self.prepared.points;
        let seconds = started.elapsed().as_secs_f64();
        let pairs = fraction * points.n() as f64 * points.m() as f64;
        Stats { seconds, pairs_per_second: pairs / seconds.max(1e-9), ..stats }
    }
}

impl Worker {
    /// Computes the field of the points that are held.
    pub(super) fn sum(&mut self, number: u64, params: &Params) -> Result<(), Failure> {
        let started = Instant::now();
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        held.remember_approximate();
        held.params = params.clone();
        held.field = None;
        held.shown = false;
        let (points, sigma, factor) =
            (Arc::clone(&held.prepared.points), held.sigma(), held.factor());
        params.normalisation.check(points.sources()).map_err(SourceError::from)?;
        let (id, why) = self.choose(params.engine, &points, sigma);
        let planned = Instant::now();
        let is_new = self.held.as_ref().is_some_and(|held| !held.plans.contains_key(&id));
        let (mut plan, error_bound) = self.plan(id, number, params, &points)?;
        let draft = id == EngineId::Fast && self.shared.drafts();
        let slice = SliceSeconds(self.shared.slice_seconds());
        let request = Request {
            sigma,
            accuracy: if draft { Accuracy::Draft } else { Accuracy::Full(params.tolerance) },
            chunk: params.chunk.resolve(points.m()),
            factor,
            destination: Destination::Anywhere,
            slice: Some(slice),
        };
        let stats = Stats {
            engine: id,
            why,
            seconds: 0.0,
            pairs_per_second: 0.0,
            error_bound: error_bound.max(SINGLE),
            draft,
            how: None,
            on_device: id == EngineId::Gpu,
            device_seconds: None,
        };
        let mut follower = Follower {
            worker: self,
            number,
            params,
            stats: &stats,
            started,
            told: started,
            shown: None,
            failure: None,
        };
        let done = plan.execute(&request, &mut follower);
        let failure = follower.failure.take();
        // A plan whose device is gone is of no use.
        if let Some(held) = self.held.as_mut().filter(|_| !self.gpu.is_lost()) {
            held.plans.insert(id, plan);
        }
        let engine::Field { values, report } = match (done, failure) {
            (_, Some(failure)) => return Err(failure),
            (done, None) => done?,
        };
        if is_new {
            self.learn_time(id, &points, planned.elapsed().as_secs_f64());
        }
        let field = Field::of(&self.gpu, values)?;
        self.tell_deviation(&field, id)?;
        if let Some(held) = &mut self.held {
            let stats = held.timed(reported(stats, report), started, 1.0);
            held.field = Some((field, stats));
        }
        Ok(())
    }

    /// Remembers what an exact sum took from points to field, for the next choice. The first of a kind may have
    /// compiled a shader, and tells nothing.
    fn learn_time(&mut self, id: EngineId, points: &Points, seconds: f64) {
        let size = [points.n(), points.m(), points.dim()];
        if self.timed.insert((id, points.dim())) {
            return;
        }
        let adapter = (id == EngineId::Gpu).then(|| self.gpu.adapter());
        MachineRates::learn(adapter, id, size, seconds);
    }

    /// The plan of an engine for the points that are held, made now if there is none, and the error that
    /// the engine may show.
    fn plan(
        &mut self,
        id: EngineId,
        number: u64,
        params: &Params,
        points: &Arc<Points>,
    ) -> Result<(Box<dyn Plan>, f64), Failure> {
        let engine = engine(id, Some(&self.gpu), params.tolerance);
        let engine = engine.ok_or_else(|| Failure::failed(format!("there is no engine {id}")))?;
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        if let Some(plan) = held.plans.remove(&id) {
            return Ok((plan, engine.tolerance()));
        }
        let limits = Limits {
            order: Some(Arc::clone(&held.order)),
            slice: SliceSeconds(self.shared.slice_seconds()),
            ..Limits::default()
        };
        let shared = &self.shared;
        let mut follow = |_: engine::Progress| go_on_if(shared.is_requested(number));
        Ok((engine.plan(points, &limits, &mut follow)?, engine.tolerance()))
    }

    /// The engine that `choice` means for `points`, and why if it is left to the program.
    pub(super) fn choose(
        &mut self,
        choice: EngineChoice,
        points: &Points,
        sigma: Sigma,
    ) -> (EngineId, Option<Arc<str>>) {
        if let Some(id) = EngineId::named(choice) {
            return (id, None);
        }
        if let Some(text) = MachineRates::take_complaint() {
            let notice = || Notice { kind: NoticeKind::BadInput, text };
            self.shared.update(|inner| inner.notices.push_once("no rates", notice));
        }
        let adapter = match self.gpu.can_sum() {
            Ok(()) => Some(self.gpu.adapter()),
            Err(err) => {
                let text = format!("{err}: computing on the processor instead");
                let notice = || Notice { kind: NoticeKind::Failed, text };
                self.shared.update(|inner| inner.notices.push_once("no sum on the device", notice));
                None
            }
        };
        let size = [points.n(), points.m(), points.dim()];
        let Choice { engine, why } = scheduler::choose_or_fast_with(
            size,
            sigma.get(),
            points.bounds().extent(),
            &Machine::here(adapter.map(|adapter| adapter.kind)),
            &MachineRates::of(adapter),
        );
        (engine, Some(why.into()))
    }
}

/// `stats` with what the engine reported.
pub(super) fn reported(stats: Stats, report: Report) -> Stats {
    let Report { place, why, error_bound, device_seconds, .. } = report;
    // It stands by itself, as a sentence.
    let how = why.map(|why| {
        let mut letters = why.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        first.chain(letters).collect::<String>().into()
    });
    Stats {
        how,
        error_bound: error_bound.max(SINGLE),
        on_device: place == Place::Device,
        device_seconds,
        ..stats
    }
}

/// Follows a sum for the window: serves jobs, shows previews, and says whether it is still wanted.
struct Follower<'a> {
    worker: &'a mut Worker,
    number: u64,
    params: &'a Params,
    stats: &'a Stats,
    started: Instant,
    /// When progress was told last.
    told: Instant,
    /// When the last preview was shown.
    shown: Option<Instant>,
    /// Why a preview could not be shown.
    failure: Option<Failure>,
}

impl Follower<'_> {
    fn relevance(&self) -> Relevance {
        self.worker.shared.relevance(self.number, self.params)
    }

    /// How long the sum may go on once another σ is wanted. A draft is soon done, and the next one can
    /// wait for it.
    fn grace(&self) -> Duration {
        if self.stats.draft { 2 * GRACE } else { GRACE }
    }
}

impl Observer for Follower<'_> {
    fn checkpoint(&mut self, progress: engine::Progress) -> ControlFlow<()> {
        self.worker.serve_jobs(false);
        self.worker.shared.rest_while_paused(self.number);
        if self.told.elapsed() >= preview_interval(self.started) {
            self.told = Instant::now();
            self.worker.tell(self.number, Activity::Summing(progress.fraction as f32));
        }
        go_on_if(match self.relevance() {
            Relevance::Requested => true,
            // What has been shown already is no news worth waiting for.
            Relevance::Superseded(since) => self.shown.is_none() && since < self.grace(),
            Relevance::Obsolete => false,
        })
    }

    fn preview_due(&mut self) -> Option<Duration> {
        if self.worker.shared.slice_seconds() >= Pace::HEADLESS {
            // Nobody looks at previews.
            return None;
        }
        if let Relevance::Superseded(since) = self.relevance() {
            return Some((GRACE / 2).saturating_sub(since));
        }
        let waited = self.shown.unwrap_or(self.started).elapsed();
        Some(preview_interval(self.started).saturating_sub(waited))
    }

    fn preview(&mut self, Partial { values, fraction }: Partial) -> ControlFlow<()> {
        let Some(held) = &self.worker.held else { return ControlFlow::Break(()) };
        let stats = held.timed(self.stats.clone(), self.started, fraction);
        let published = Field::of(&self.worker.gpu, values)
            .map_err(Failure::from)
            .and_then(|field| self.worker.publish(self.number, &field, fraction, stats));
        match published {
            Ok(_) => {
                self.shown = Some(Instant::now());
                go_on_if(self.relevance() == Relevance::Requested)
            }
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }
}
