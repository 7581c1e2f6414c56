//! From points to a field: which engine, with which previews on the way.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Failure, PreparedProblem, Worker};
use crate::{
    engine::{
        Engine, EngineError, Pace, Problem, Summed,
        auto::{self, Choice, Device, Machine},
        on_cpu,
    },
    gpu::{Field, Flow, GaussSum, GpuEngine, PointBuffers, Precision, Progress, Scaled, Sums},
    model::{EngineChoice, Params, Points, Sigma},
    session::{Activity, Notice, NoticeKind, SourceError, Stats, request::Relevance},
};

/// How long a sum runs before partial results are shown.
const FIRST_PREVIEW: Duration = Duration::from_millis(120);
/// The longest time between two of them.
const LAST_PREVIEW: Duration = Duration::from_secs(1);

/// How long a sum may go on, to its end or to a first preview, once another σ is wanted: a slider that
/// moves all the time would otherwise never show a picture.
pub(super) const GRACE: Duration = Duration::from_millis(90);

/// What is left of any engine's exactness on screen, where f is in single precision.
const SINGLE: f64 = f32::EPSILON as f64;

/// How long to wait before the next preview of a sum that began at `started`: each one costs the
/// device a frame, and the longer a sum has run the less the next preview differs.
fn preview_interval(started: Instant) -> Duration {
    (started.elapsed() / 10).clamp(FIRST_PREVIEW, LAST_PREVIEW)
}

/// What is told of an engine at work.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) engine: &'static str,
    /// Why this one, where the program chose.
    why: Option<Arc<str>>,
    pub(super) error_bound: f64,
    pub(super) started: Instant,
    /// Whether it is a draft, for while σ moves.
    pub(super) draft: bool,
    /// How the engine went about it, where it has a choice, and why.
    pub(super) how: Option<Arc<str>>,
    /// Whether it runs on the device.
    pub(super) on_device: bool,
}

impl Facts {
    /// The same with the speed so far; `fraction` of all pairs are done.
    fn stats(&self, held: &PreparedProblem, fraction: f64) -> Stats {
        let points = &held.prepared.points;
        let seconds = self.started.elapsed().as_secs_f64();
        Stats {
            engine: self.engine,
            why: self.why.clone(),
            seconds,
            pairs_per_second: fraction * points.n() as f64 * points.m() as f64 / seconds.max(1e-9),
            error_bound: self.error_bound,
            draft: self.draft,
            how: self.how.clone(),
            on_device: self.on_device,
        }
    }
}

impl PreparedProblem {
    /// How a sum over the first `done` sources becomes f, or a preview of it.
    pub(super) fn scaled(&self, done: usize) -> Scaled {
        let points = &self.prepared.points;
        let factor = self.prepared.factor(self.params.normalisation, self.weight, self.sigma());
        let by = factor * points.m() as f64 / done as f64;
        Scaled { by: by as f32, signed: self.signed }
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
        let points = Arc::clone(&held.prepared.points);
        params.normalisation.check(points.sources()).map_err(SourceError::from)?;
        let sigma = held.sigma();
        let (choice, why) = self.choose(params.engine, &points, sigma);
        let (engine, error_bound) = match on_cpu(choice, None, params.tolerance) {
            None => (None, GpuEngine::TOLERANCE),
            Some(engine) => {
                let bound = engine.tolerance().max(SINGLE);
                (Some(engine), bound)
            }
        };
        let name = engine.as_ref().map_or("gpu", |engine| engine.name());
        let on_device = engine.is_none();
        let mut facts =
            Facts { engine: name, why, error_bound, started, draft: false, how: None, on_device };
        let field = match engine {
            None => self.sum_on_gpu(number, &facts)?,
            Some(_) if choice == EngineChoice::Fast => self.sum_fast(number, &mut facts)?,
            Some(engine) => self.sum_on_cpu(number, engine.as_ref(), &mut facts)?,
        };
        self.tell_deviation(&field, &facts)?;
        if let Some(held) = &mut self.held {
            let stats = facts.stats(held, 1.0);
            held.field = Some((field, stats));
        }
        Ok(())
    }

    /// The engine that `choice` means for `points`, and why if it is left to the program.
    fn choose(
        &mut self,
        choice: EngineChoice,
        points: &Points,
        sigma: Sigma,
    ) -> (EngineChoice, Option<Arc<str>>) {
        if choice != EngineChoice::Auto {
            return (choice, None);
        }
        let device = match self.gpu.can_sum() {
            Ok(()) => Some(Device::of_kind(self.gpu.adapter().kind)),
            Err(err) => {
                let text = format!("{err}: computing on the processor instead");
                let notice = || Notice { kind: NoticeKind::Failed, text };
                self.shared.update(|inner| inner.notices.push_once("no sum on the device", notice));
                None
            }
        };
        let size = [points.n(), points.m(), points.dim()];
        let Choice { engine, why } = auto::choose_or_fast(
            size,
            sigma.get(),
            points.bounds().extent(),
            &Machine::here(device),
        );
        (engine, Some(why.into()))
    }

    fn sum_on_gpu(&mut self, number: u64, facts: &Facts) -> Result<Field, Failure> {
        let gpu = self.gpu.clone();
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        let (buffers, sums) = if let Some((buffers, sums)) = &held.on_device {
            (buffers.clone(), Sums::clone(sums))
        } else {
            let points = &held.prepared.points;
            let buffers = PointBuffers::new(&gpu, points, &held.order)?;
            let sums = Sums::new(&gpu, points.n())?;
            held.on_device = Some((buffers.clone(), Sums::clone(&sums)));
            (buffers, sums)
        };
        let field = self.sum_slices(number, facts, &buffers, &sums, Precision::Usual)?;
        let range = field.range();
        let max = f64::from(range.max.abs().max(range.min.abs()));
        let by = f64::from(self.held()?.scaled(buffers.m()).by);
        // Far pairs alone are told by the field in units of the largest weight.
        if Precision::must_extend(max / by.abs() / buffers.largest_weight().unwrap_or(1.0)) {
            return self.sum_slices(number, facts, &buffers, &sums, Precision::EXTENDED);
        }
        Ok(field)
    }

    fn sum_slices(
        &mut self,
        number: u64,
        facts: &Facts,
        buffers: &PointBuffers,
        sums: &Sums,
        precision: Precision,
    ) -> Result<Field, Failure> {
        let held = self.held()?;
        let (gpu, params, m) = (self.gpu.clone(), held.params.clone(), buffers.m());
        let sum = GaussSum {
            gpu: &gpu,
            points: buffers,
            sums,
            sigma: held.sigma(),
            chunk: params.chunk.resolve(m),
            precision,
        };
        let mut pace = self.pace;
        pace.aim(self.shared.slice_seconds());
        let started = facts.started;
        let (mut shown, mut told) = (started, started);
        let flow = sum.run(&mut pace, |Progress { fraction, swept }| {
            self.serve_jobs(false);
            self.shared.rest_while_paused(number);
            let relevance = self.shared.relevance(number, &params);
            let due = match relevance {
                Relevance::Requested => shown.elapsed() >= preview_interval(started),
                Relevance::Superseded(since) if shown == started && since < GRACE => {
                    since >= GRACE / 2
                }
                _ => return Ok(Flow::Stop),
            };
            if told.elapsed() >= preview_interval(started) {
                told = Instant::now();
                self.tell(number, Activity::Summing(fraction as f32));
            }
            if let Some(done) = swept.filter(|done| due && *done < m)
                && let Some(held) = &self.held
            {
                let scaled = held.scaled(done).times(buffers.weight_unit());
                let preview = Field::from_sums(&gpu, buffers, sums, scaled)?;
                let stats = facts.stats(held, fraction);
                self.publish(number, &preview, done as f64 / m as f64, stats);
                shown = Instant::now();
                if relevance != Relevance::Requested {
                    return Ok(Flow::Stop);
                }
            }
            Ok(Flow::Continue)
        })?;
        self.pace = pace;
        if flow == Flow::Stop {
            return Err(Failure::Stopped);
        }
        let scaled = self.held()?.scaled(m).times(buffers.weight_unit());
        Ok(Field::from_sums(&gpu, buffers, sums, scaled)?)
    }

    /// Sums part by part of the sources, each about as long as the wait for the next preview.
    fn sum_on_cpu(
        &mut self,
        number: u64,
        engine: &dyn Engine,
        facts: &mut Facts,
    ) -> Result<Field, Failure> {
        let held = self.held()?;
        let (points, order) = (Arc::clone(&held.prepared.points), Arc::clone(&held.order));
        let (n, m) = (points.n(), points.m());
        let mut sums = vec![0.0; n];
        let mut done = 0;
        loop {
            let count = self.part_of(engine.name(), n, m - done, facts.started);
            let part = if count == m {
                Arc::clone(&points)
            } else {
                let indices = order[done..done + count].iter().map(|&j| j as usize);
                Arc::new(points.with_part(indices))
            };
            if count < m {
                self.tell(number, Activity::Summing(done as f32 / m as f32));
            }
            let began = Instant::now();
            let Summed { values, error_bound, .. } =
                self.sum_part(number, engine, facts, &part, done)?;
            if count == m {
                facts.error_bound = error_bound.max(SINGLE);
            }
            if let Some(pace) = self.paces.get_mut(engine.name()) {
                pace.learn(n as u64 * count as u64, began.elapsed().as_secs_f64());
            }
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            done += count;
            let held = self.held()?;
            let by = f64::from(held.scaled(done).by);
            let values: Vec<f32> = sums.iter().map(|f| (by * f) as f32).collect();
            let field = Field::from_values(&self.gpu, &values.into())?;
            if done == m {
                return Ok(field);
            }
            let stats = facts.stats(held, done as f64 / m as f64);
            self.publish(number, &field, done as f64 / m as f64, stats);
            if !self.shared.is_requested(number) {
                return Err(Failure::Stopped);
            }
        }
    }

    /// How many of the `left` sources to sum before the next preview.
    fn part_of(&mut self, engine: &'static str, n: usize, left: usize, started: Instant) -> usize {
        if self.shared.slice_seconds() >= Pace::HEADLESS {
            // Nobody looks at previews.
            return left;
        }
        let interval = preview_interval(started).as_secs_f64() / 2.0;
        // A cautious guess until the first sum has been seen.
        let pace = self.paces.entry(engine).or_insert_with(|| Pace::new(interval, 1e8));
        pace.aim(interval);
        let count = (pace.pairs() as usize / n).max(1);
        // A short rest is not worth a preview.
        if count + count / 2 >= left { left } else { count }
    }

    /// The sums over the sources in `part`, before which `done` of all are done.
    fn sum_part(
        &mut self,
        number: u64,
        engine: &dyn Engine,
        facts: &Facts,
        part: &Points,
        done: usize,
    ) -> Result<Summed, Failure> {
        let held = self.held()?;
        let (m, params) = (held.prepared.points.m(), held.params.clone());
        let problem = Problem { points: part, sigma: held.sigma(), chunk: params.chunk.resolve(m) };
        let mut told = Instant::now();
        let summed = engine.sum_with_facts(&problem, &mut |fraction| {
            self.serve_jobs(false);
            self.shared.rest_while_paused(number);
            if told.elapsed() >= preview_interval(facts.started) {
                told = Instant::now();
                let all = (done as f64 + fraction * part.m() as f64) / m as f64;
                self.tell(number, Activity::Summing(all as f32));
            }
            match self.shared.relevance(number, &params) {
                Relevance::Requested => true,
                // What has been shown already is no news worth waiting for.
                Relevance::Superseded(since) => done == 0 && since < GRACE,
                Relevance::Obsolete => false,
            }
        });
        match summed {
            Ok(sums) => Ok(sums),
            Err(EngineError::Stopped) => Err(Failure::Stopped),
            Err(err @ (EngineError::TooLarge(_) | EngineError::Failed(_))) => {
                Err(Failure::failed(err.to_string()))
            }
        }
    }
}
