//! `sigmascope bench`: engines side by side on the same points.

use std::time::Instant;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;

use super::{
    Failure,
    options::{parse_bytes, parse_count, parse_sigma},
    reduce::check_finite,
    say, say_json,
};
use crate::{
    color::format_si,
    engine::{Engine, Naive, Problem, on_cpu},
    gpu::{Gpu, GpuEngine},
    model::{Chunk, Count, EngineChoice, Params, Sigma},
    session::Source,
};

/// Flags of `bench`.
#[derive(Args, Clone, Debug)]
pub struct Bench {
    /// Engines to time, separated by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "gpu",
          value_parser = PossibleValuesParser::new(EngineChoice::NAMES)
              .map(|name| name.parse::<EngineChoice>().expect("only these names come through")))]
    engine: Vec<EngineChoice>,
    /// Numbers of targets, separated by commas
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = parse_count,
          default_value = "3000,30000")]
    n: Vec<Count>,
    /// Numbers of sources, one for each number of targets [default: as many as targets]
    #[arg(long, value_name = "M,…", value_delimiter = ',', value_parser = parse_count)]
    m: Vec<Count>,
    /// Standard deviations of the kernel, separated by commas
    #[arg(long, value_name = "S,…", value_delimiter = ',', value_parser = parse_sigma,
          default_value = "0.3")]
    sigma: Vec<Sigma>,
    /// Timed runs of each, 1 to 1000, after one to warm up
    #[arg(long, value_name = "R", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// Use an adapter whose name or driver contains this; `sigmascope info` lists them [default:
    /// the best one]
    #[arg(long, value_name = "TEXT")]
    adapter: Option<String>,
    /// Most bytes that the arrays of the engines broadcast and chunked may take, as 500M or 8GiB
    /// [default: half of the free memory]
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    memory_limit: Option<u64>,
    /// Print the table as an array of JSON objects
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    engine: &'static str,
    adapter: Option<String>,
    n: usize,
    m: usize,
    dim: usize,
    sigma: f64,
    repeats: u32,
    seconds_min: f64,
    seconds_median: f64,
    pairs_per_second: f64,
    max_error: f64,
}

impl Bench {
    /// Targets on which the error against f64 is measured.
    const SAMPLE: usize = 64;

    /// Runs the command.
    ///
    /// # Errors
    /// When there is no adapter or an engine fails.
    pub fn run(&self) -> Result<(), Failure> {
        let engines: Vec<_> =
            self.engine.iter().map(|choice| on_cpu(*choice, self.memory_limit)).collect();
        let needs_gpu = engines.iter().any(Option::is_none);
        let gpu = if needs_gpu { Some(Gpu::headless(self.adapter.as_deref())?) } else { None };
        let on_gpu = gpu.as_ref().map(GpuEngine);
        if !self.json {
            if let Some(gpu) = &gpu {
                say(&format!("{}\n", gpu.adapter().title()))?;
            }
            say("| engine | N | M | σ | median | minimum | pairs/s | error |")?;
            say("|---|---|---|---|---|---|---|---|")?;
        }
        let mut rows = Vec::new();
        for (k, &n) in self.n.iter().enumerate() {
            let m = self.m.get(k).or(self.m.last()).copied().unwrap_or(n);
            let params = Params { n: Some(n), m: Some(m), ..Params::default() };
            let prepared = Source::default().prepare(&params, &|_| true)?;
            for &sigma in &self.sigma {
                let points = &prepared.points;
                let chunk = Chunk::Auto.resolve(points.m());
                let problem = Problem { points, sigma, chunk };
                for engine in &engines {
                    let (engine, adapter): (&dyn Engine, _) = match (engine, &on_gpu) {
                        (Some(engine), _) => (engine.as_ref(), None),
                        (None, Some(engine)) => (engine, Some(engine.0.adapter().title())),
                        (None, None) => {
                            unreachable!("what does not run on the processor has a device")
                        }
                    };
                    let row = self.row(engine, adapter, &problem)?;
                    if !self.json {
                        say(&row.text())?;
                    }
                    rows.push(row);
                }
            }
        }
        if self.json {
            say_json(&rows)?;
        }
        Ok(())
    }

    fn row(
        &self,
        engine: &dyn Engine,
        adapter: Option<String>,
        problem: &Problem<'_>,
    ) -> Result<Row, Failure> {
        let points = problem.points;
        let mut field = Vec::new();
        let mut seconds = Vec::new();
        for run in 0..=self.repeat {
            let started = Instant::now();
            field = engine.sum(problem, &mut |_| true).map_err(Failure::failed)?;
            if run > 0 {
                // A clock that has not moved yet must not make the speed infinite.
                seconds.push(started.elapsed().as_secs_f64().max(1e-9));
            }
        }
        check_finite(field.iter().copied())?;
        seconds.sort_by(f64::total_cmp);
        let median = seconds[seconds.len() / 2];
        Ok(Row {
            engine: engine.name(),
            adapter,
            n: points.n(),
            m: points.m(),
            dim: points.dim(),
            sigma: problem.sigma.get(),
            repeats: self.repeat,
            seconds_min: seconds[0],
            seconds_median: median,
            pairs_per_second: points.n() as f64 * points.m() as f64 / median,
            max_error: error_on_sample(problem, &field)?,
        })
    }
}

/// The largest |f − exact| / max(exact, 10⁻³·max exact) on targets spread over the cloud.
fn error_on_sample(problem: &Problem<'_>, field: &[f64]) -> Result<f64, Failure> {
    let points = problem.points;
    let step = points.n().div_ceil(Bench::SAMPLE);
    let sample = points.targets().select((0..points.n()).step_by(step));
    let sampled = crate::model::Points::new(sample, points.sources().clone());
    let sampled = sampled.map_err(Failure::failed)?;
    let exact = Naive.sum(&Problem { points: &sampled, ..*problem }, &mut |_| true);
    let exact = exact.map_err(Failure::failed)?;
    // Where all of f is too small for a float64, what differs from that is off by its whole size.
    let floor = (1e-3 * exact.iter().copied().fold(0.0, f64::max)).max(f64::MIN_POSITIVE);
    let found = field.iter().step_by(step);
    Ok(found.zip(&exact).map(|(f, e)| (f - e).abs() / e.max(floor)).fold(0.0, f64::max))
}

impl Row {
    fn text(&self) -> String {
        let Self { engine, n, m, sigma, seconds_median, seconds_min, max_error, .. } = self;
        format!(
            "| {engine} | {n} | {m} | {sigma} | {} | {} | {} | {max_error:.1e} |",
            format_si(*seconds_median, "s"),
            format_si(*seconds_min, "s"),
            format_si(self.pairs_per_second, "pairs/s"),
        )
    }
}
