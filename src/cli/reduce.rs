//! `sigmascope reduce`: the field as numbers, one for each target, in their order.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use npyz::WriterBuilder;
use serde::Serialize;

use super::{Failure, ProblemOptions, say, say_json};
use crate::{
    color::{format_number, format_si},
    engine::{Engine, Naive, Problem},
    gpu::{Gpu, GpuEngine},
    model::EngineChoice,
    session::{
        Source,
        files::{Output, Replace},
    },
};

/// Flags of `reduce`.
#[derive(Args, Clone, Debug)]
pub struct Reduce {
    #[command(flatten)]
    problem: ProblemOptions,
    /// File to write f to: .npy (float64, shape (N,)) or .csv (one column, f)
    #[arg(long, value_name = "FILE", required_unless_present = "json")]
    out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    /// Print what was done as one JSON object
    #[arg(long)]
    json: bool,
}

/// What was done, in numbers. The names are part of the command line's interface.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The engine that computed.
    pub engine: String,
    /// The adapter it ran on; `null` on the processor.
    pub adapter: Option<String>,
    /// Number of targets.
    pub n: usize,
    /// Number of sources.
    pub m: usize,
    /// Number of coordinates.
    pub dim: usize,
    /// The kernel's standard deviation.
    pub sigma: f64,
    /// What f was divided by.
    pub normalise: String,
    /// Sources between two updates of f.
    pub chunk: usize,
    /// How long the sum took, uploads and read-back included.
    pub seconds: f64,
    /// n·m / seconds.
    pub pairs_per_second: f64,
    /// Largest |f − exact| / max(exact, 10⁻³·max exact) that the engine may show.
    pub error_bound: f64,
    /// Lowest f.
    pub f_min: f64,
    /// Highest f.
    pub f_max: f64,
    /// Sum of all f.
    pub f_sum: f64,
}

/// Which file format a name asks for.
enum Format {
    Npy,
    Csv,
}

impl Format {
    fn of(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "npy" => Ok(Self::Npy),
            "csv" => Ok(Self::Csv),
            _ => Err(Failure::bad_input(format!(
                "--out {}: expected a name that ends in .npy or .csv",
                path.display()
            ))),
        }
    }

    fn bytes(&self, field: &[f64]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Npy => {
                let mut bytes = Vec::new();
                let mut writer = npyz::WriteOptions::new()
                    .default_dtype()
                    .shape(&[field.len() as u64])
                    .writer(&mut bytes)
                    .begin_nd()
                    .map_err(Failure::failed)?;
                writer.extend(field.iter().copied()).map_err(Failure::failed)?;
                writer.finish().map_err(Failure::failed)?;
                Ok(bytes)
            }
            Self::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                writer.write_record(["f"]).map_err(Failure::failed)?;
                for f in field {
                    writer.write_record([format!("{f:?}")]).map_err(Failure::failed)?;
                }
                writer.into_inner().map_err(Failure::failed)
            }
        }
    }
}

impl Reduce {
    /// Runs the command.
    ///
    /// # Errors
    /// When the input makes no sense, there is no adapter, or writing fails.
    pub fn run(&self) -> Result<(), Failure> {
        let params = self.problem.params(None).map_err(Failure::bad_input)?;
        // The place to write to is tried before the long work.
        let replace = if self.force { Replace::Yes } else { Replace::No };
        let output = match &self.out {
            None => None,
            Some(path) => Some((Format::of(path)?, Output::open(path, replace)?)),
        };
        let gpu = match params.engine {
            EngineChoice::Naive => None,
            EngineChoice::Auto | EngineChoice::Gpu => {
                Some(Gpu::headless(self.problem.adapter.as_deref())?)
            }
        };
        let prepared = Source::default().prepare(&params, &|_| true)?;
        for report in &prepared.reports {
            eprintln!("{}", report.summary());
        }
        let points = &prepared.points;
        let chunk = params.chunk.resolve(points.m());
        let sigma = params.sigma.unwrap_or(prepared.default_sigma);
        let problem = Problem { points, sigma, chunk };
        let on_gpu = gpu.as_ref().map(GpuEngine);
        let engine: &dyn Engine = on_gpu.as_ref().map_or(&Naive, |engine| engine);

        let started = Instant::now();
        let mut progress = ProgressLine::new(started);
        let sums = engine.sum(&problem, &mut |fraction| progress.show(fraction));
        progress.clear();
        let sums = sums.map_err(Failure::failed)?;
        if let Some(error) = gpu.as_ref().and_then(|gpu| gpu.errors().take().into_iter().next()) {
            return Err(Failure::failed(error));
        }
        let seconds = started.elapsed().as_secs_f64();
        let factor = params.normalisation.factor(points.m() as f64, points.dim(), sigma);
        let field: Vec<f64> = sums.iter().map(|f| f * factor).collect();
        if let Some((format, output)) = output {
            output.finish(&format.bytes(&field)?)?;
        }
        let report = Report {
            engine: engine.name().to_owned(),
            adapter: gpu.as_ref().map(|gpu| gpu.adapter().title()),
            n: points.n(),
            m: points.m(),
            dim: points.dim(),
            sigma: sigma.get(),
            normalise: params.normalisation.name().to_owned(),
            chunk,
            seconds,
            pairs_per_second: points.n() as f64 * points.m() as f64 / seconds,
            error_bound: engine.tolerance(),
            f_min: field.iter().copied().fold(f64::INFINITY, f64::min),
            f_max: field.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            f_sum: field.iter().sum(),
        };
        self.print(&report)
    }

    fn print(&self, report: &Report) -> Result<(), Failure> {
        if self.json {
            return say_json(report);
        }
        let Report { engine, adapter, n, m, seconds, pairs_per_second, f_min, f_max, .. } = report;
        let place = adapter.as_ref().map_or(String::new(), |adapter| format!(" on {adapter}"));
        say(&format!(
            "{} × {} pairs with {engine}{place} in {}, {}; f from {} to {}",
            format_number(*n as f64, 12),
            format_number(*m as f64, 12),
            format_si(*seconds, "s"),
            format_si(*pairs_per_second, "pairs/s"),
            format_number(*f_min, 4),
            format_number(*f_max, 4),
        ))
    }
}

/// A line that tells a waiting person how far it is.
struct ProgressLine {
    started: Instant,
    shown: Option<Instant>,
    terminal: bool,
}

impl ProgressLine {
    fn new(started: Instant) -> Self {
        Self { started, shown: None, terminal: std::io::stderr().is_terminal() }
    }

    fn show(&mut self, fraction: f64) -> bool {
        let since = self.shown.unwrap_or(self.started).elapsed().as_secs_f64();
        if self.terminal && since > 0.5 {
            self.shown = Some(Instant::now());
            eprint!("\rsumming: {:3.0} % ", 100.0 * fraction);
            let _ = std::io::stderr().flush();
        }
        true
    }

    fn clear(&self) {
        if self.shown.is_some() {
            eprint!("\r{:20}\r", "");
        }
    }
}
