//! `sigmascope bench`: times engines on the same points and measures their errors.
//!
//! One row for each size, σ and engine: the median and the minimum of several runs after one to warm
//! up, the peak memory, and the largest error against float64 on a sample of the targets.

use std::{path::PathBuf, sync::Arc, time::Instant};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;

use super::{
    Failure, bench_memory,
    bench_plot::plot,
    calibrate::calibrate,
    engines::{EngineRequest, OpenedEngine, best_adapter},
    options::{parse_bytes, parse_count, parse_tolerance},
    reduce::check_finite,
    say, say_json,
    sigma::{SigmaChoice, parse_sigma_choice, sigma_by},
};
use crate::{
    engine::{Engine, EngineId, FastPoints, Naive, Place, Problem, Request, Unobserved},
    escape::escaped_path,
    model::{Chunk, Count, Dim, EngineChoice, Input, Params, Points, Sigma, Tolerance},
    numbers::format_si,
    scheduler::{self, Machine},
    session::{
        MachineRates, Source,
        files::{Output, Replace},
    },
};

/// Flags of `bench`.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Bench {
    /// Engines to time, separated by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "gpu",
          value_parser = PossibleValuesParser::new(EngineChoice::NAMES)
              .map(|name| name.parse::<EngineChoice>().expect("only these names come through")))]
    engine: Vec<EngineChoice>,
    /// File of the targets x [default: standard normal points]
    #[arg(long, value_name = "FILE")]
    targets: Option<PathBuf>,
    /// File of the sources y [default: the targets]
    #[arg(long, value_name = "FILE", requires = "targets")]
    sources: Option<PathBuf>,
    /// Numbers of targets, separated by commas; of a file, so many are picked at random [default:
    /// 3000,30000, or all rows of the file]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = parse_count)]
    n: Vec<Count>,
    /// Numbers of sources, one for each number of targets [default: as many as targets, or all rows
    /// of the file]
    #[arg(long, value_name = "M,…", value_delimiter = ',', value_parser = parse_count)]
    m: Vec<Count>,
    /// Number of coordinates of a point, 1 to 64
    #[arg(long, value_name = "D", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(1..=64))]
    dim: u32,
    /// Standard deviations of the kernel, or criteria that choose them as `loo`, separated by commas
    #[arg(long, value_name = "S,…", value_delimiter = ',', value_parser = parse_sigma_choice,
          default_value = "0.3")]
    sigma: Vec<SigmaChoice>,
    /// Timed runs of each, 1 to 1000, after one to warm up
    #[arg(long, value_name = "K", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// Use an adapter whose name or driver contains this; `sigmascope info` lists them [default:
    /// the best one]
    #[arg(long, value_name = "TEXT")]
    adapter: Option<String>,
    /// Error that the engine fast may have, of each value from 0.01 on, 1e-9 to 1e-3
    #[arg(long, value_name = "T", value_parser = parse_tolerance, default_value = "1e-5")]
    tolerance: Tolerance,
    /// Most bytes that the arrays of the engines broadcast and chunked may take, as 500M or 8GiB
    /// [default: half of the free memory]
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    memory_limit: Option<u64>,
    /// Time simd and gpu over a table of sizes, and keep what they take for the choices of `auto`
    #[arg(long, conflicts_with_all = ["engine", "targets", "m", "sigma", "plot", "json"])]
    calibrate: bool,
    /// Print what `auto` would have taken at each size, and the times of both
    #[arg(long, requires = "calibrate")]
    check: bool,
    /// Print the table as an array of JSON objects
    #[arg(long)]
    json: bool,
    /// SVG file to draw the times against N in, both axes logarithmic, a line for each engine
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Replace that file if it is there
    #[arg(long, requires = "plot")]
    force: bool,
}

/// One row of the table. The fields' names are the keys in the JSON, which scripts rely on.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    /// The engine's name, as given after `--engine`.
    pub engine: EngineChoice,
    /// The engine that `auto` chose, and why; `null` for all others.
    pub taken: Option<EngineChoice>,
    pub why: Option<String>,
    /// The adapter that computed; `null` on the processor.
    pub adapter: Option<String>,
    /// Threads of the processor; `null` on an adapter.
    pub threads: Option<usize>,
    pub n: usize,
    pub m: usize,
    pub dim: usize,
    pub sigma: f64,
    pub repeats: u32,
    pub seconds_min: f64,
    pub seconds_median: f64,
    /// What the device itself took in these runs, the median; `null` on the processor, and where the
    /// adapter has no clock.
    pub device_seconds: Option<f64>,
    pub pairs_per_second: f64,
    /// Of the engine fast: from new points to their field, the median.
    pub first_seconds: Option<f64>,
    /// Of the engine fast: for another σ, all else kept, the median.
    pub step_seconds_median: Option<f64>,
    /// What the device itself took for that, the median.
    pub step_device_seconds: Option<f64>,
    /// Peak memory of the program during the runs, in bytes; `null` where the system does not tell.
    pub peak_bytes: Option<u64>,
    /// Largest |f − exact| / max(exact, 10⁻³·max exact) on a sample of the targets.
    pub max_error: f64,
}

impl Bench {
    /// Targets on which the error against f64 is measured.
    const SAMPLE: usize = 64;

    /// Runs the command.
    ///
    /// # Errors
    /// When there is no adapter for `gpu`, an engine fails, or the chart cannot be written.
    pub fn run(&self) -> Result<(), Failure> {
        if self.calibrate {
            return calibrate(&self.n, self.adapter.as_deref(), self.check);
        }
        let dim = self.dim as usize;
        if dim > FastPoints::MAX_DIM && self.engine.contains(&EngineChoice::Fast) {
            return Err(Failure::bad_input(format!(
                "--dim {dim} --engine fast: expected --dim 1 to {}; take --engine simd",
                FastPoints::MAX_DIM
            )));
        }
        // The place to write to is tried before the long work.
        let replace = if self.force { Replace::Yes } else { Replace::No };
        let output = match &self.plot {
            None => None,
            Some(path) if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg")) => {
                Some(Output::open(path, replace)?)
            }
            Some(path) => {
                return Err(Failure::bad_input(format!(
                    "--plot {}: expected a name that ends in .svg",
                    escaped_path(path)
                )));
            }
        };
        let engines = self.engines()?;
        if !self.json {
            if let Some(gpu) = engines.iter().find_map(|(_, engine)| engine.gpu()) {
                say(&format!("{}\n", gpu.adapter().title()))?;
            }
            say(
                "| engine | N | M | d | σ | median | minimum | device | pairs/s | memory | error |",
            )?;
            say("|---|---|---|---|---|---|---|---|---|---|---|")?;
        }
        let mut rows = Vec::new();
        for size in self.sizes() {
            let points = self.points(size)?;
            for &choice in &self.sigma {
                let sigma = match choice {
                    SigmaChoice::Value(sigma) => sigma,
                    SigmaChoice::By(criterion) => {
                        sigma_by(criterion, &points, Params::default().seed)?
                    }
                };
                let chunk = Chunk::Auto.resolve(points.m());
                let problem = Problem { points: &points, sigma, chunk };
                for &choice in &self.engine {
                    let row = self.row(choice, &engines, &problem)?;
                    if !self.json {
                        say(&row.text())?;
                    }
                    rows.push(row);
                }
            }
        }
        if let Some(output) = output {
            output.finish(plot(&rows).as_bytes())?;
        }
        if self.json {
            say_json(&rows)?;
        }
        Ok(())
    }

    /// The pairs of N and M to time; `None` stands for all rows of a file.
    fn sizes(&self) -> Vec<[Option<Count>; 2]> {
        let is_file = self.targets.is_some();
        let defaults = [3000, 30_000].map(|n| Count::new(n).ok());
        let ns = match self.n.as_slice() {
            [] if is_file => vec![None],
            [] => defaults.to_vec(),
            ns => ns.iter().copied().map(Some).collect(),
        };
        let m = |k: usize| self.m.get(k).or(self.m.last()).copied();
        let as_many = |n| if is_file { None } else { n };
        ns.into_iter().enumerate().map(|(k, n)| [n, m(k).or(as_many(n))]).collect()
    }

    /// N targets and M sources, from the files or standard normal.
    fn points(&self, [n, m]: [Option<Count>; 2]) -> Result<Arc<Points>, Failure> {
        let input = match &self.targets {
            None => Input::Generated,
            Some(targets) => {
                let (targets, sources) = (targets.clone(), self.sources.clone());
                Input::Files { targets, sources, columns: Vec::new() }
            }
        };
        let dim = Some(Dim::new(self.dim as usize).map_err(Failure::bad_input)?);
        let params = Params { input, dim, n, m, ..Params::default() };
        Ok(Source::default().prepare(&params, &mut Unobserved)?.points)
    }

    /// All engines that may be needed, ready to run.
    fn engines(&self) -> Result<Vec<(EngineChoice, OpenedEngine)>, Failure> {
        let mut wanted: Vec<EngineChoice> = Vec::new();
        for &choice in &self.engine {
            match choice {
                EngineChoice::Auto => {
                    wanted.push(EngineChoice::Simd);
                    if best_adapter().is_some() {
                        wanted.push(EngineChoice::Gpu);
                    }
                }
                choice => wanted.push(choice),
            }
        }
        let mut engines: Vec<(EngineChoice, OpenedEngine)> = Vec::new();
        for choice in wanted {
            if engines.iter().all(|(ready, _)| *ready != choice) {
                let request = EngineRequest {
                    memory_limit: self.memory_limit,
                    tolerance: self.tolerance,
                    adapter: self.adapter.as_deref(),
                    ..EngineRequest::default()
                };
                let (ready, _) = OpenedEngine::new(choice, [0; 3], request)?;
                engines.push((choice, ready));
            }
        }
        Ok(engines)
    }

    fn row(
        &self,
        choice: EngineChoice,
        engines: &[(EngineChoice, OpenedEngine)],
        problem: &Problem<'_>,
    ) -> Result<Row, Failure> {
        let points = problem.points;
        let size = [points.n(), points.m(), points.dim()];
        let (mut taken, mut why) = (choice, None);
        if choice == EngineChoice::Auto {
            // `engines` opened every device that it may choose.
            let adapter = engines.iter().find_map(|(_, engine)| engine.adapter());
            let machine = Machine::here(adapter.map(|adapter| adapter.kind));
            let rates = MachineRates::of(adapter);
            let chosen = scheduler::choose_with(size, &machine, &rates);
            (taken, why) = (chosen.engine.into(), Some(chosen.why));
        }
        let (_, engine) = engines
            .iter()
            .find(|(ready, _)| *ready == taken)
            .expect("all engines that may be taken were made ready");
        bench_memory::reset_peak();
        let (mut field, mut place) = (Vec::new(), Place::Processor);
        let (mut seconds, mut on_device) = (Vec::new(), Vec::new());
        for run in 0..=self.repeat {
            let started = Instant::now();
            let summed = engine.engine().field(problem, &engine.limits(), &mut Unobserved)?;
            (place, field) = (summed.report.place, summed.values.read()?);
            if run > 0 {
                // A clock that has not moved yet must not make the speed infinite.
                seconds.push(started.elapsed().as_secs_f64().max(1e-9));
                on_device.extend(summed.report.device_seconds);
            }
        }
        // What a device cannot do, the processor has done.
        let gpu = engine.gpu().filter(|_| place == Place::Device);
        let [step_seconds_median, step_device_seconds] = match engine.id() {
            EngineId::Fast => self.step_seconds(problem, engine)?,
            _ => [None; 2],
        };
        let peak_bytes = bench_memory::peak();
        check_finite(field.iter().copied())?;
        seconds.sort_by(f64::total_cmp);
        let median = seconds[seconds.len() / 2];
        if engine.id() == EngineId::Simd || gpu.is_some() {
            MachineRates::learn(engine.adapter(), engine.id(), size, median);
        }
        Ok(Row {
            engine: choice,
            taken: why.is_some().then_some(taken),
            why,
            adapter: gpu.map(|gpu| gpu.adapter().title()),
            threads: match taken {
                EngineChoice::Gpu => None,
                EngineChoice::Fast if gpu.is_some() => None,
                EngineChoice::Simd | EngineChoice::Fast => Some(Machine::here(None).threads),
                EngineChoice::Naive | EngineChoice::Broadcast | EngineChoice::Chunked => Some(1),
                EngineChoice::Auto => unreachable!("`taken` is what it chose"),
            },
            n: points.n(),
            m: points.m(),
            dim: points.dim(),
            sigma: problem.sigma.get(),
            repeats: self.repeat,
            seconds_min: seconds[0],
            seconds_median: median,
            device_seconds: median_of(on_device),
            pairs_per_second: points.n() as f64 * points.m() as f64 / median,
            first_seconds: step_seconds_median.map(|_| median),
            step_seconds_median,
            step_device_seconds,
            peak_bytes,
            max_error: error_on_sample(problem, &field)?,
        })
    }
}

impl Bench {
    /// What the engine fast takes for a σ near the problem's, once it has met the points and the octave,
    /// and of that the device itself: the medians. On a device, the wait for it and reading back the
    /// field count.
    fn step_seconds(
        &self,
        problem: &Problem<'_>,
        engine: &OpenedEngine,
    ) -> Result<[Option<f64>; 2], Failure> {
        let points = Arc::new(problem.points.clone());
        let opened = engine.engine();
        let mut plan = opened.plan(&points, &engine.limits(), &mut Unobserved)?;
        let accuracy = opened.accuracy();
        let (mut seconds, mut on_device) = (Vec::new(), Vec::new());
        for run in 0..=self.repeat {
            // A σ larger by a thousandth at most: nearly always in the same octave.
            let sigma =
                problem.sigma.get() * (1.0 + 1e-3 * f64::from(run) / f64::from(self.repeat));
            let sigma = Sigma::new(sigma).unwrap_or(problem.sigma);
            let started = Instant::now();
            let request = Request { accuracy, ..Request::new(sigma) };
            let summed = plan.execute(&request, &mut Unobserved)?;
            summed.values.read()?;
            if run > 0 {
                seconds.push(started.elapsed().as_secs_f64().max(1e-9));
                on_device.extend(summed.report.device_seconds);
            }
        }
        Ok([median_of(seconds), median_of(on_device)])
    }
}

/// The median; `None` of nothing.
fn median_of(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The largest |f − exact| / max(exact, 10⁻³·max exact) on targets spread over the cloud.
fn error_on_sample(problem: &Problem<'_>, field: &[f64]) -> Result<f64, Failure> {
    let points = problem.points;
    let step = points.n().div_ceil(Bench::SAMPLE);
    let sample = points.targets().select((0..points.n()).step_by(step));
    let sampled = crate::model::Points::new(sample, points.sources().clone());
    let sampled = sampled.map_err(Failure::failed)?;
    let exact = Naive.sum(&Problem { points: &sampled, ..*problem }, &mut Unobserved);
    let exact = exact.map_err(Failure::failed)?;
    // Where every exact value underflows to zero, any other result counts as an error.
    let floor = (1e-3 * exact.iter().copied().fold(0.0, f64::max)).max(f64::MIN_POSITIVE);
    let found = field.iter().step_by(step);
    Ok(found.zip(&exact).map(|(f, e)| (f - e).abs() / e.max(floor)).fold(0.0, f64::max))
}

impl Row {
    /// The engine's name; for `auto` with the engine that it chose in brackets.
    pub(super) fn name(&self) -> String {
        self.taken
            .map_or_else(|| self.engine.to_string(), |taken| format!("{} ({taken})", self.engine))
    }

    fn text(&self) -> String {
        let Self { n, m, dim, sigma, seconds_median, seconds_min, max_error, .. } = self;
        format!(
            "| {} | {n} | {m} | {dim} | {sigma} | {} | {} | {} | {} | {} | {max_error:.1e} |",
            self.name(),
            format_si(*seconds_median, "s"),
            format_si(*seconds_min, "s"),
            self.device_seconds.map_or("–".to_owned(), |seconds| format_si(seconds, "s")),
            format_si(self.pairs_per_second, "pairs/s"),
            self.peak_bytes.map_or("–".to_owned(), |bytes| format_si(bytes as f64, "B")),
        )
    }
}
