//! `sigmascope info FILE`: what is in a file and how it would be read, without an adapter.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{
    Failure, ProblemOptions, say, say_json,
    told::{Told, rule},
};
use crate::{
    engine::Unobserved, escape::escaped, io::ColumnSummary, numbers::format_number, session::Source,
};

/// What is in one file. The fields' names are keys in the JSON, which scripts rely on.
#[derive(Clone, Debug, Serialize)]
struct Report {
    /// The file.
    file: String,
    /// Its format in words.
    format: String,
    /// Number of coordinates of a point.
    dim: usize,
    /// Number of points.
    n: usize,
    columns: Vec<ColumnSummary>,
    /// The σ that would be taken.
    sigma: f64,
    #[serde(flatten)]
    told: Told,
}

/// Flags about a file.
#[derive(Args, Clone, Debug)]
pub(super) struct FileInfo {
    /// File to look at, whatever its format; several of the same columns are one table; - is standard
    /// input [default: none; the adapters and engines are listed]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    problem: ProblemOptions,
}

impl FileInfo {
    /// Whether there is a file to look at.
    pub(super) fn is_given(&self) -> bool {
        !self.files.is_empty() || self.problem.names_a_file()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// When the file makes no sense, or the report cannot be written.
    pub(super) fn run(&self, json: bool) -> Result<(), Failure> {
        let params = self.problem.params(&self.files).map_err(Failure::bad_input)?;
        let prepared = Source::default().prepare(&params, &mut Unobserved)?;
        let read =
            prepared.reports.first().ok_or_else(|| Failure::bad_input("no file was read"))?;
        let sigma = prepared.sigma(&params);
        let cautions = prepared.cautions(None).into_iter().map(|caution| caution.to_string());
        let columns = match &prepared.target_rows {
            None => Vec::new(),
            Some(rows) => {
                let open = rows.open(&mut Unobserved);
                let described = open.and_then(|mut file| file.describe(&mut Unobserved));
                described.map_err(Failure::bad_input)?
            }
        };
        if json {
            return say_json(&Report {
                file: read.path.display().to_string(),
                format: read.format.clone(),
                dim: prepared.points.dim(),
                n: prepared.points.n(),
                columns,
                sigma: sigma.get(),
                told: Told::new(&params, &prepared, self.problem.sigma, cautions),
            });
        }
        for report in &prepared.reports {
            say(&report.summary())?;
        }
        for column in &columns {
            say(&about(column))?;
        }
        let rule = rule(&prepared, self.problem.sigma);
        say(&format!("σ = {} ({})", format_number(sigma.get(), 6), rule.name()))?;
        for note in rule.note().map(ToOwned::to_owned).into_iter().chain(cautions) {
            say(&format!("note: {note}"))?;
        }
        Ok(())
    }
}

/// A column in one line.
fn about(column: &ColumnSummary) -> String {
    let name = escaped(&column.name);
    let ends = column.ends(|value| format_number(value, 6));
    let range = ends.map_or(String::new(), |[low, high]| format!(", {low} to {high}"));
    let missing = match column.missing {
        None | Some(0) => String::new(),
        Some(missing) => format!(", {missing} missing"),
    };
    format!("  {name}: {}{range}{missing}", column.r#type.name())
}
