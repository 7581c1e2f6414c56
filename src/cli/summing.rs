//! One sum of a command, checked: which engine computed it, how well, and how fast.

use std::{io::IsTerminal, time::Instant};

use super::{
    Failure,
    engines::{EngineRequest, OpenedEngine},
    tell,
    terminal::show,
};
use crate::{
    engine::{
        CheckedField, EngineId, ErrorBoundOf, Place, Problem, Progress, Report as EngineReport,
        TOLD_BOUND, Unobserved, check_field, go_on_if,
    },
    model::EngineChoice,
    session::MachineRates,
};

/// Seconds that a sum must have taken to be remembered: keeping it takes about half a millisecond.
const WORTH_LEARNING: f64 = 0.02;

/// A sum and what is told of it.
pub(super) struct Summed {
    /// The engine that computed.
    pub engine: EngineId,
    /// Why it did, where `auto` was asked for.
    pub why: Option<String>,
    /// How it computed, where the engine has a choice, and why.
    pub how: Option<String>,
    /// The adapter it ran on; `None` on the processor.
    pub adapter: Option<String>,
    /// Duration in seconds.
    pub seconds: f64,
    /// What the device itself took, by its own clock if it has one.
    pub device_seconds: Option<f64>,
    /// The plain sums, shape (n,).
    pub values: Vec<f64>,
    /// The largest error that they may show.
    pub error_bound: f64,
    /// What errors are shares of.
    pub error_bound_of: ErrorBoundOf,
    /// The largest error at some targets against f64.
    pub error_measured: f64,
    /// Sentences that were told.
    pub notes: Vec<String>,
}

/// Sums `problem` with `early`, an engine opened before the points were known, or with the one that
/// `auto` takes; `seed` draws the targets at which the sum is checked.
///
/// # Errors
/// When there is no such engine, or it fails.
pub(super) fn sum(
    problem: &Problem<'_>,
    early: Option<(OpenedEngine, Option<String>)>,
    request: EngineRequest<'_>,
    seed: u64,
) -> Result<Summed, Failure> {
    let Problem { points, sigma, .. } = *problem;
    let (engine, why) = if let Some(early) = early {
        early
    } else {
        let approximate = Some([sigma.get(), points.bounds().extent()]);
        let request = EngineRequest { approximate, ..request };
        let size = [points.n(), points.m(), points.dim()];
        OpenedEngine::new(EngineChoice::Auto, size, request)?
    };
    let id = engine.id();
    if let Some(why) = &why {
        tell(format!("auto takes {id}: {why}"));
    }
    let started = Instant::now();
    let mut progress = ProgressLine::new(started);
    let mut follow = |Progress { fraction }: Progress| go_on_if(progress.show(fraction));
    let summed = engine.engine().field(problem, &engine.limits(), &mut follow);
    progress.clear();
    let summed = summed?;
    let EngineReport { error_bound, why: how, place, device_seconds, .. } = summed.report;
    let sums = summed.values.read()?;
    if let Some(error) = engine.gpu().and_then(|gpu| gpu.errors().take().into_iter().next()) {
        return Err(Failure::failed(error));
    }
    // A clock that has not moved yet must not make the speed infinite.
    let seconds = started.elapsed().as_secs_f64().max(1e-9);
    // Of a shorter sum it does not matter where it is done; a device has compiled its shaders meanwhile.
    if id == EngineId::Simd && seconds > WORTH_LEARNING {
        MachineRates::learn(None, id, [points.n(), points.m(), points.dim()], seconds);
    }
    let most = request.tolerance.get().max(TOLD_BOUND);
    let checked = check_field(problem, sums, error_bound, most, seed, &mut Unobserved)?;
    let CheckedField { values, error_bound, measured, note } = checked;
    let mut notes: Vec<String> = note.into_iter().collect();
    let error_bound_of = ErrorBoundOf::of(points.sources());
    if error_bound_of == ErrorBoundOf::Magnitude {
        let note = "the weights have both signs: errors are shares of Σ|w|·exp(…), for of what \
                    cancels nothing is promised";
        notes.push(note.to_owned());
    }
    for note in &notes {
        tell(format!("note: {note}"));
    }
    Ok(Summed {
        engine: id,
        why,
        how,
        adapter: engine.gpu().filter(|_| place == Place::Device).map(|gpu| gpu.adapter().title()),
        seconds,
        device_seconds,
        values,
        error_bound,
        error_bound_of,
        error_measured: measured.error,
        notes,
    })
}

/// A line on a terminal that shows how much of the sum is done.
pub(super) struct ProgressLine {
    started: Instant,
    shown: Option<Instant>,
    terminal: bool,
    /// The most characters that were shown.
    width: usize,
}

impl ProgressLine {
    pub(super) fn new(started: Instant) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { started, shown: None, terminal, width: 20 }
    }

    pub(super) fn show(&mut self, fraction: f64) -> bool {
        self.show_text(&format!("summing: {:3.0} %", 100.0 * fraction));
        true
    }

    /// Shows any text.
    pub(super) fn show_text(&mut self, text: &str) {
        let since = self.shown.unwrap_or(self.started).elapsed().as_secs_f64();
        if self.terminal && since > 0.5 {
            self.shown = Some(Instant::now());
            // What was longer before is wiped out.
            let width = self.width.max(text.chars().count() + 1);
            self.width = width;
            show(&format!("\r{text:width$}"));
        }
    }

    pub(super) fn clear(&self) {
        if self.shown.is_some() {
            show(&format!("\r{:width$}\r", "", width = self.width));
        }
    }
}
