//! Runs engines one after the other on the points of the scene, for a [`Comparison`].
//!
//! Only while nothing else is computed. Other jobs, and requests that keep the field, are carried out in
//! between; any other request ends it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Worker, failure::reason_of};
use crate::{
    engine::{
        self, EngineError, EngineId, Limits, exact_at, go_on_if, largest_error, magnitudes_at,
        sample_targets,
    },
    gpu::engine,
    model::{Points, Stage},
    session::{
        Scene,
        comparison::{Comparison, End, Progress, Timing, place},
        request::{Keep, Request},
    },
};

/// Pairs spent on the sum in f64 at sampled targets: less than a tenth of a second. With fewer,
/// less of the field is checked on large problems.
const SAMPLED_PAIRS: usize = 1 << 26;
/// An engine is run again until its runs have taken this long together: with less, chance delays
/// decide; with more, a comparison takes longer.
const LONG_ENOUGH: Duration = Duration::from_millis(300);
/// The most runs of an engine; the median counts. More would hardly change it.
const MOST_RUNS: usize = 7;
/// The fewest, where a run takes less than [`SHORT`]: a median of one says nothing of its spread.
const FEWEST_RUNS: usize = 3;
/// A run that is repeated at least [`FEWEST_RUNS`] times: with longer ones, a comparison takes minutes.
const SHORT: Duration = Duration::from_secs(2);
/// The time between two reports of progress: each costs the window a frame.
const REPORT_INTERVAL: Duration = Duration::from_millis(150);

/// A comparison under way.
struct ComparisonRun<'a> {
    worker: &'a mut Worker,
    comparison: Comparison,
    scene: Arc<Scene>,
    /// The number of the newest request that left it going on.
    number: u64,
    reported: Instant,
}

/// What the values are measured by.
struct Reference {
    targets: Vec<usize>,
    exact: Vec<f64>,
    magnitudes: Vec<f64>,
}

/// Whether an engine whose runs took this long, in seconds and together, is run again.
fn is_repeated(took: &[f64], together: Duration) -> bool {
    let runs = took.len();
    let is_short = took.first().is_none_or(|first| *first < SHORT.as_secs_f64());
    runs == 0 || runs < FEWEST_RUNS && is_short || runs < MOST_RUNS && together < LONG_ENOUGH
}

/// Compares engines on the points of the scene, if there is one.
pub(super) fn compare(worker: &mut Worker, engines: &[EngineId]) {
    let Some((scene, number)) = worker.shared.settled_scene() else { return };
    let points = Arc::clone(&scene.prepared.points);
    let targets = sample_targets(points.n(), points.m(), SAMPLED_PAIRS, scene.params.seed);
    let comparison = Comparison::new(&scene, engines, targets.len());
    let mut run = ComparisonRun { worker, comparison, scene, number, reported: Instant::now() };
    run.publish();

    let sigma = run.comparison.sigma;
    let exact = exact_at(&points, sigma, &targets);
    let magnitudes = magnitudes_at(&points, sigma, &targets);
    let reference = Reference { targets, exact, magnitudes };
    for k in run.comparison.order() {
        if run.comparison.end.is_none() {
            let row = AssertUnwindSafe(|| run.run_row(k, &points, &reference));
            if let Err(panic) = catch_unwind(row) {
                let reason = reason_of(&*panic);
                let text = format!("an internal error stopped it: {reason}");
                run.comparison.rows[k].progress = Progress::Refused(text);
            }
            run.publish();
        }
    }
    let end = run.comparison.end.unwrap_or(End::Done);
    run.comparison.finish(end);
    run.publish();
}

impl ComparisonRun<'_> {
    /// Runs one engine as often as it takes to know its speed.
    fn run_row(&mut self, k: usize, points: &Points, reference: &Reference) {
        let gpu = self.worker.gpu.clone();
        let choice = self.comparison.rows[k].engine;
        let problem = &self.comparison.problem(points, choice);
        let tolerance = self.scene.params.tolerance;
        let Some(engine) = engine(choice, Some(&gpu), tolerance) else { return };
        let row = &mut self.comparison.rows[k];
        row.place = place(choice, None, &gpu.adapter().name);
        row.bytes = engine.bytes(problem);
        if choice == EngineId::Gpu
            && let Err(err) = gpu.can_sum()
        {
            row.progress = Progress::Refused(err.to_string());
            return;
        }
        row.progress = Progress::Running(0.0);
        self.publish();

        let began = Instant::now();
        let (mut took, mut error) = (Vec::new(), 0.0);
        while is_repeated(&took, began.elapsed()) {
            let started = Instant::now();
            let mut follow = |engine::Progress { fraction }: engine::Progress| {
                let shown = if took.is_empty() { fraction as f32 } else { 1.0 };
                go_on_if(self.attend(k, shown))
            };
            let field = engine.field(problem, &Limits::default(), &mut follow);
            let summed = field.and_then(|field| Ok((field.report.place, field.values.read()?)));
            let seconds = started.elapsed().as_secs_f64();
            match summed {
                Ok((ran, field)) => {
                    self.comparison.rows[k].place = place(choice, Some(ran), &gpu.adapter().name);
                    // A clock that has not moved yet must not make the speed infinite.
                    took.push(seconds.max(1e-9));
                    let found: Vec<f64> = reference.targets.iter().map(|i| field[*i]).collect();
                    error = largest_error(&found, &reference.exact, &reference.magnitudes);
                }
                Err(EngineError::Stopped) => break,
                Err(err) => {
                    self.comparison.rows[k].progress = Progress::Refused(err.to_string());
                    return;
                }
            }
        }
        let pairs = points.n() as f64 * points.m() as f64;
        if let Some(timing) = Timing::of(&took, pairs, error) {
            self.comparison.rows[k].progress = Progress::Timed(timing);
        }
    }

    /// Reports and does what cannot wait; says whether the comparison goes on.
    fn attend(&mut self, k: usize, fraction: f32) -> bool {
        if self.comparison.end.is_some() {
            return false;
        }
        self.worker.serve_jobs(false);
        let mut inner = self.worker.shared.lock();
        if inner.jobs.ends_comparison() || inner.requests.is_closed() {
            self.comparison.end = Some(End::Stopped);
            return false;
        }
        if inner.requests.is_newest(self.number) {
            drop(inner);
        } else {
            let has_field = self.worker.held.as_ref().is_some_and(|held| held.field.is_some());
            let keeps_field = |request: &Request| {
                let stage = request.params.stage_since(&self.scene.params);
                let kept = match request.keep {
                    Keep::Partial => true,
                    Keep::Complete => has_field,
                    Keep::Nothing => false,
                };
                kept && stage < Stage::Field
            };
            let Some(request) = inner.requests.take_if(keeps_field) else {
                self.comparison.end = Some(End::Superseded);
                return false;
            };
            drop(inner);
            self.number = request.number;
            self.worker.serve(&request);
        }
        self.comparison.rows[k].progress = Progress::Running(fraction);
        if self.reported.elapsed() >= REPORT_INTERVAL {
            self.reported = Instant::now();
            self.publish();
        }
        true
    }

    fn publish(&self) {
        let comparison = Arc::new(self.comparison.clone());
        self.worker.shared.update(|inner| inner.state.comparison = Some(comparison));
    }
}
