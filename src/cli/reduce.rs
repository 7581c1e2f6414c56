//! `sigmascope reduce`: computes f and writes a row for each row of the targets' file, in its order.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{
    Failure, ProblemOptions,
    engines::{EngineRequest, OpenedEngine},
    options::{check_output, parse_bytes},
    row_options::RowOptions,
    say, say_json,
    sigma::sigma_for,
    summing::{Summed, sum},
    tell,
    told::{Told, tell_prepared},
};
use crate::{
    criteria::FieldFacts,
    engine::{EngineId, ErrorBoundOf, FastPoints, Problem, Unobserved},
    escape::escaped_path,
    model::EngineChoice,
    numbers::{format_number, format_si},
    session::{
        FieldTable, Source, TableError, TableFormat, With,
        files::{Output, Replace},
    },
};

/// Flags of `reduce`.
#[derive(Args, Clone, Debug)]
pub struct Reduce {
    /// File of the targets, whatever its format; several of the same columns are one cloud; - is
    /// standard input [default: generated points]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// File to write f to, a row for every row of FILE: .csv, .parquet or .arrow (row, coordinates, f),
    /// .npy (f alone; NaN where a row was dropped) or .npz (f, row, x); may be left out with --json
    #[arg(long, value_name = "FILE", required_unless_present = "json", help_heading = "Output")]
    out: Option<PathBuf>,
    /// What a table holds beside f: the columns of FILE of these names and row and coordinates, all
    /// of them, or none and f alone [default: row and coordinates]
    #[arg(long, value_name = "all|none|A,B", requires = "out", help_heading = "Output")]
    with: Option<With>,
    #[command(flatten)]
    rows: RowOptions,
    /// Replace the file if it is there
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Print what was done as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Most bytes that the arrays of --engine broadcast and chunked may take, as 500M or 8GiB
    /// [default: half of the free memory]
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes, help_heading = "Engine")]
    memory_limit: Option<u64>,
    #[command(flatten)]
    problem: ProblemOptions,
}

/// What was computed. The fields' names are the keys in the JSON, which scripts rely on.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    /// The engine that computed.
    pub engine: EngineId,
    /// Why it did, where `auto` was asked for.
    pub why: Option<String>,
    /// Which method the engine `fast` chose, where it ran, and why; `null` for other engines.
    pub how: Option<String>,
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
    /// Number of sources between two updates of f.
    pub chunk: usize,
    /// Duration of the sum in seconds, uploads and read-back included.
    pub seconds: f64,
    /// What the device itself took, by its own clock; `null` on the processor, and where it has none.
    pub device_seconds: Option<f64>,
    /// n·m / seconds.
    pub pairs_per_second: f64,
    /// Upper bound of |f − exact| / max(exact, 10⁻³·max exact): the engine's tolerance, or for `fast` the
    /// bound of this very sum.
    pub error_bound: f64,
    /// What errors are shares of: `f`, or `magnitude` (Σ|w|·exp) where weights have both signs.
    pub error_bound_of: ErrorBoundOf,
    /// The largest such error at some targets, drawn at random, against f64.
    pub error_measured: f64,
    /// Lowest f.
    pub f_min: f64,
    /// Highest f.
    pub f_max: f64,
    /// Sum of all f.
    pub f_sum: f64,
    /// Number of rows that were written, and which, where not all were.
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<Selected>,
    /// What was decided for the user.
    #[serde(flatten)]
    told: Told,
}

/// The rows that were written.
#[derive(Clone, Debug, Serialize)]
struct Selected {
    /// How many.
    rows: u64,
    /// Which, in words.
    which: String,
}

/// The format that the name after `--out` asks for.
fn format_of(path: &Path) -> Result<TableFormat, Failure> {
    TableFormat::of(path).ok_or_else(|| {
        let ends: Vec<String> =
            TableFormat::ENDS.iter().map(|(end, _)| format!(".{end}")).collect();
        Failure::bad_input(format!(
            "--out {}: expected a name that ends in {}",
            escaped_path(path),
            ends.join(", ")
        ))
    })
}

/// Refuses columns beside f in a file that holds arrays.
fn check_with(with: &With, path: &Path, format: TableFormat) -> Result<(), Failure> {
    if format.is_table() || !matches!(with, With::All | With::Columns(_)) {
        return Ok(());
    }
    Err(Failure::bad_input(format!(
        "--with: {} holds arrays of numbers: expected a table, .csv, .parquet or .arrow, for the columns \
         of the file",
        escaped_path(path)
    )))
}

impl Reduce {
    /// Runs the command.
    ///
    /// # Errors
    /// When the input makes no sense, there is no adapter for `gpu`, or writing fails.
    pub fn run(&self) -> Result<(), Failure> {
        let params = self.problem.params(&self.files);
        let params = params.map_err(Failure::bad_input)?;
        let choice = params.engine;
        // The place to write to is tried before the long work.
        let replace = if self.force { Replace::Yes } else { Replace::No };
        let with = self.with.clone().unwrap_or_default();
        let output = match &self.out {
            None => None,
            Some(path) => {
                let format = format_of(path)?;
                check_with(&with, path, format)?;
                check_output(&params, path).map_err(Failure::bad_input)?;
                Some((format, Output::open(path, replace)?))
            }
        };
        let adapter = self.problem.adapter.as_deref();
        let request = EngineRequest {
            memory_limit: self.memory_limit,
            tolerance: params.tolerance,
            adapter,
            ..EngineRequest::default()
        };
        // A missing adapter is reported before the long work; `auto` must see the points first.
        let waits = choice == EngineChoice::Auto && adapter.is_none();
        let early = if waits { None } else { Some(OpenedEngine::new(choice, [0; 3], request)?) };
        let prepared = Source::default().prepare(&params, &mut Unobserved)?;
        tell_prepared(&params, &prepared, self.problem.sigma);
        FieldTable::check(&prepared, &with, &mut Unobserved).map_err(not_written)?;
        let choice_of_rows = self.rows.choice();
        if let Some(rows) = &choice_of_rows {
            rows.check(&prepared, &mut Unobserved).map_err(not_written)?;
        }
        let points = &prepared.points;
        check_engine(choice, points.dim()).map_err(Failure::bad_input)?;
        params.normalisation.check(points.sources()).map_err(Failure::bad_input)?;
        let chunk = params.chunk.resolve(points.m());
        let criterion = self.problem.criterion();
        let (sigma, mut notes) = match criterion {
            Some(criterion) => {
                let chosen = sigma_for(criterion, &prepared, params.seed)?;
                (chosen.sigma, chosen.notes)
            }
            None => (prepared.sigma(&params), Vec::new()),
        };
        let problem = Problem { points, sigma, chunk };
        let summed = sum(&problem, early, request, params.seed)?;
        let Summed { values: sums, notes: told, .. } = &summed;
        notes.extend(told.iter().cloned());
        let weight = points.sources().total_weight();
        let factor = prepared.factor(params.normalisation, weight, sigma);
        let field: Vec<f64> = sums.iter().map(|f| f * factor).collect();
        check_finite(field.iter().copied())?;
        let range = [f64::min, f64::max].map(|end| field.iter().copied().fold(field[0], end));
        let facts = FieldFacts { sigma, range, factor };
        for caution in prepared.cautions(Some(&facts)) {
            tell(format!("note: {caution}"));
            notes.push(caution.to_string());
        }
        let rows = choice_of_rows.map(|choice| {
            let rows = choice.rows(&prepared, &field, &mut Unobserved).map_err(not_written)?;
            Ok::<_, Failure>((Selected { rows: rows.count(), which: choice.to_string() }, rows))
        });
        let (selected, rows) = rows.transpose()?.unzip();
        if let Some(Selected { rows, which }) = &selected {
            let [rows, n] = [*rows as f64, points.n() as f64].map(|count| format_number(count, 12));
            let note = format!("{rows} of {n} targets are written: {which}");
            tell(format!("note: {note}"));
            notes.push(note);
        }
        if let Some((format, output)) = output {
            let (prepared, rows) = (&prepared, rows.as_ref());
            let table = FieldTable { prepared, field: &field, with: &with, rows };
            let written = table.write(format, output.file()?, &mut Unobserved);
            match written {
                Err(TableError::Io(err)) => return Err(output.failed(err).into()),
                other => other.map_err(not_written)?,
            }
            output.complete()?;
        }
        let report = Report {
            engine: summed.engine,
            why: summed.why,
            how: summed.how,
            adapter: summed.adapter,
            n: points.n(),
            m: points.m(),
            dim: points.dim(),
            sigma: sigma.get(),
            normalise: params.normalisation.name().to_owned(),
            chunk,
            seconds: summed.seconds,
            device_seconds: summed.device_seconds,
            pairs_per_second: points.n() as f64 * points.m() as f64 / summed.seconds,
            error_bound: summed.error_bound,
            error_bound_of: summed.error_bound_of,
            error_measured: summed.error_measured,
            f_min: range[0],
            f_max: range[1],
            f_sum: field.iter().sum(),
            selected,
            told: Told::new(&params, &prepared, self.problem.sigma, notes),
        };
        if self.json {
            return say_json(&report);
        }
        say(&report.text(report.told.sigma_chosen_by))
    }
}

/// That a table could not be written, or the file of the targets not be read again.
fn not_written(err: TableError) -> Failure {
    match err {
        TableError::Io(_) => Failure::failed(err),
        TableError::Load(_) | TableError::Changed { .. } | TableError::NoColumn { .. } => {
            Failure::bad_input(err)
        }
    }
}

/// Refuses the engine `fast` for points of more coordinates than it can sum.
///
/// # Errors
/// When that is asked for.
pub(super) fn check_engine(engine: EngineChoice, dim: usize) -> Result<(), String> {
    if engine == EngineChoice::Fast && dim > FastPoints::MAX_DIM {
        return Err(format!(
            "--engine fast: expected 1 to {} coordinates, found {dim}; take --engine simd, or fewer \
             columns with --columns",
            FastPoints::MAX_DIM
        ));
    }
    Ok(())
}

/// Refuses a field that holds NaN or an infinity, so that no file and no report does.
///
/// # Errors
/// When a value is not finite; the message names its target, counted from 0.
pub(super) fn check_finite(mut field: impl ExactSizeIterator<Item = f64>) -> Result<(), Failure> {
    let count = field.len();
    match field.by_ref().enumerate().find(|(_, f)| !f.is_finite()) {
        None => Ok(()),
        Some((k, f)) => Err(Failure::failed(format!(
            "f came out as {f} at target {k} of {count}, counted from 0: expected a finite number; try another \
             --sigma, or --engine naive"
        ))),
    }
}

impl Report {
    /// The report as a line to read; `chosen` says what chose σ if the user did not.
    fn text(&self, chosen: Option<&str>) -> String {
        let Self { engine, adapter, n, m, sigma, seconds, pairs_per_second, f_min, f_max, .. } =
            self;
        let place = adapter.as_ref().map_or(String::new(), |adapter| format!(" on {adapter}"));
        let chosen = chosen.map_or(String::new(), |chosen| format!(" ({chosen})"));
        format!(
            "{} × {} pairs with {engine}{place} in {}, {}; σ = {}{chosen}; f from {} to {}",
            format_number(*n as f64, 12),
            format_number(*m as f64, 12),
            format_si(*seconds, "s"),
            format_si(*pairs_per_second, "pairs/s"),
            format_number(*sigma, 6),
            format_number(*f_min, 4),
            format_number(*f_max, 4),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_no_number_is_told_with_its_place() {
        assert!(check_finite([0.0, 1e300, f64::MIN_POSITIVE].into_iter()).is_ok());
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let failure = check_finite([1.0, 2.0, bad, bad].into_iter()).expect_err("no number");
            assert_eq!(failure.exit, crate::cli::Exit::Failed);
            let message = failure.error.to_string();
            assert!(message.contains("target 2 of 4"), "{message}");
        }
    }
}
