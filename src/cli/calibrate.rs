//! `sigmascope bench --calibrate`: times the exact engines over a table of sizes and keeps what they take, so that
//! `auto` chooses by that; with `--check` prints what it would have taken before.

use std::{ops::ControlFlow, sync::Arc, time::Instant};

use super::{
    Failure,
    engines::{EngineRequest, OpenedEngine, best_adapter},
    say,
};
use crate::{
    engine::{EngineError, EngineId, Problem, Progress},
    model::{Count, Distribution, EngineChoice, Points, Sigma},
    numbers::format_si,
    sampling::{Role, sample},
    scheduler::{self, Machine},
    session::MachineRates,
};

/// Numbers of targets and of sources in the table.
const COUNTS: [usize; 5] = [100, 1000, 3000, 30_000, 100_000];
/// Numbers of coordinates in the table.
const DIMENSIONS: [usize; 4] = [1, 2, 3, 8];
/// Runs of a sum, the best of which counts: a disturbance must not decide.
const RUNS: usize = 5;
/// Seconds after which a sum is not run again: its time varies little.
const LONG: f64 = 0.2;
/// A sum that takes this many times as long as the other engine's is ended, and `SLACK` seconds more: how
/// much slower it is does not matter.
const HOPELESS: f64 = 4.0;
const SLACK: f64 = 0.02;
/// Seconds that a first run may take for its shader besides.
const COMPILING: f64 = 0.5;
/// How many times, or how many seconds, slower than the best a choice may be.
const ALLOWED: (f64, f64) = (1.3, 1e-3);

/// Times `simd`, and `gpu` where there is an adapter, over the table; `counts` replace those of it.
///
/// # Errors
/// When an engine fails; with `check` also when the choice was too slow somewhere.
pub(super) fn calibrate(
    counts: &[Count],
    adapter: Option<&str>,
    check: bool,
) -> Result<(), Failure> {
    let counts = if counts.is_empty() {
        COUNTS.to_vec()
    } else {
        counts.iter().map(|count| count.get()).collect()
    };
    let open = |choice| {
        let request = EngineRequest { adapter, ..EngineRequest::default() };
        OpenedEngine::new(choice, [0; 3], request).map(|(engine, _)| engine)
    };
    let mut engines = vec![open(EngineChoice::Simd)?];
    if adapter.is_some() || best_adapter().is_some() {
        engines.push(open(EngineChoice::Gpu)?);
    }
    if let Some(complaint) = MachineRates::take_complaint() {
        super::terminal::tell(format!("note: {complaint}"));
    }
    let adapter = engines.iter().find_map(OpenedEngine::adapter);
    if let Some(adapter) = adapter {
        say(&format!("{}\n", adapter.title()))?;
    }
    let machine = Machine::here(adapter.map(|adapter| adapter.kind));
    if check {
        say("| N | M | d | simd | gpu | auto takes | ÷ best |")?;
        say("|---|---|---|---|---|---|---|")?;
    }
    let mut slow = Vec::new();
    let (mut number, mut worst) = (0, 1.0_f64);
    for dim in DIMENSIONS {
        for &n in &counts {
            for &m in &counts {
                let points = points(n, m, dim)?;
                let size = [n, m, dim];
                let chosen = scheduler::choose_with(size, &machine, &MachineRates::of(adapter));
                let times = times(&engines, &points)?;
                for (engine, taken) in engines.iter().zip(&times) {
                    MachineRates::learn(engine.adapter(), engine.id(), size, taken.seconds);
                }
                let best = times.iter().map(|taken| taken.seconds).fold(f64::INFINITY, f64::min);
                let taken = engines.iter().position(|engine| engine.id() == chosen.engine);
                let taken = taken.map_or(f64::INFINITY, |at| times[at].seconds);
                let ratio = taken / best;
                number += 1;
                let is_slow = ratio > ALLOWED.0 && taken - best > ALLOWED.1;
                if is_slow {
                    slow.push(format!("{n} × {m}, d = {dim}: {ratio:.2} times"));
                }
                if taken - best > ALLOWED.1 {
                    worst = worst.max(ratio);
                }
                if check {
                    let told = |id| {
                        let at = engines.iter().position(|engine| engine.id() == id);
                        at.map_or("–".to_owned(), |at| times[at].text())
                    };
                    let [simd, gpu] = [EngineId::Simd, EngineId::Gpu].map(told);
                    let mark = if is_slow { " (slow)" } else { "" };
                    say(&format!(
                        "| {n} | {m} | {dim} | {simd} | {gpu} | {} | {ratio:.2}{mark} |",
                        chosen.engine
                    ))?;
                }
            }
        }
    }
    MachineRates::save();
    if !check {
        return say(&format!("{number} sizes timed: `auto` chooses by that from now on"));
    }
    say(&format!(
        "\nOf {number} choices {} were more than {} times and {} slower than the best; the worst of those that \
         differ by more: {worst:.2} times",
        slow.len(),
        ALLOWED.0,
        format_si(ALLOWED.1, "s"),
    ))?;
    if slow.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{}; run it again: `auto` chooses by these times from now on",
        slow.join("; ")
    )))
}

/// What a sum took.
#[derive(Clone, Copy)]
struct Taken {
    seconds: f64,
    /// Whether it was ended before it was done: it takes longer.
    ended: bool,
}

impl Taken {
    fn text(self) -> String {
        format!("{}{}", if self.ended { "> " } else { "" }, format_si(self.seconds, "s"))
    }
}

/// Standard normal points.
fn points(n: usize, m: usize, dim: usize) -> Result<Arc<Points>, Failure> {
    let cloud = |count, role| {
        let drawn =
            sample(Distribution::Normal, count, dim, 1, role, &mut crate::engine::Unobserved);
        drawn.ok_or_else(|| Failure::failed("drawing points was stopped"))
    };
    let points = Points::new(cloud(n, Role::Targets)?, cloud(m, Role::Sources)?);
    Ok(Arc::new(points.map_err(Failure::failed)?))
}

/// The shortest time of each engine, by turns, so that what else the machine does meets them alike.
fn times(engines: &[OpenedEngine], points: &Arc<Points>) -> Result<Vec<Taken>, Failure> {
    let sigma = Sigma::new(0.3).map_err(Failure::bad_input)?;
    let problem = Problem { points, sigma, chunk: points.m() };
    let none = Taken { seconds: f64::INFINITY, ended: false };
    let mut best = vec![none; engines.len()];
    let mut shortest = f64::INFINITY;
    // The first run compiles shaders and fills caches.
    for run in 0..=RUNS {
        for (at, engine) in engines.iter().enumerate() {
            if best[at].ended || (run > 1 && best[at].seconds > LONG) {
                continue;
            }
            let compiling = if run == 0 { COMPILING } else { 0.0 };
            let limit = shortest * HOPELESS + SLACK + compiling;
            let taken = time(engine, &problem, limit)?;
            shortest = shortest.min(taken.seconds);
            // Compiling hardly counts in a first run that took long.
            if run > 0 || taken.ended || taken.seconds > 10.0 * COMPILING {
                let shorter = taken.seconds < best[at].seconds;
                best[at] = if shorter { taken } else { best[at] };
            }
        }
    }
    Ok(best)
}

/// One sum, ended after `limit` seconds.
fn time(engine: &OpenedEngine, problem: &Problem<'_>, limit: f64) -> Result<Taken, Failure> {
    let started = Instant::now();
    let seconds = || started.elapsed().as_secs_f64().max(1e-9);
    let mut follow = |_: Progress| {
        if seconds() > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match engine.engine().field(problem, &engine.limits(), &mut follow) {
        Ok(summed) => {
            summed.values.read()?;
            Ok(Taken { seconds: seconds(), ended: false })
        }
        Err(EngineError::Stopped) => Ok(Taken { seconds: seconds(), ended: true }),
        Err(err) => Err(err.into()),
    }
}
