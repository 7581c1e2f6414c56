//! `sigmascope info FILE`: what is in a file and how it would be read, without an adapter.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{
    Failure, ProblemOptions, say, say_json,
    told::{Told, rule},
};
use crate::{engine::Unobserved, io::LoadReport, numbers::format_number, session::Source};

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
    columns: Vec<Column>,
    /// The σ that would be taken.
    sigma: f64,
    #[serde(flatten)]
    told: Told,
}

/// One column of the file.
#[derive(Clone, Debug, Serialize)]
struct Column {
    name: String,
    /// `number` or `text`.
    r#type: &'static str,
    /// Lowest and highest value, where it is a coordinate.
    range: Option<[f64; 2]>,
}

/// Flags about a file.
#[derive(Args, Clone, Debug)]
pub(super) struct FileInfo {
    /// File to look at: CSV, TSV or other separated text, or NPY [default: none; the adapters and engines
    /// are listed]
    file: Option<PathBuf>,
    #[command(flatten)]
    problem: ProblemOptions,
}

impl FileInfo {
    /// Whether there is a file to look at.
    pub(super) fn is_given(&self) -> bool {
        self.file.is_some() || self.problem.names_a_file()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// When the file makes no sense, or the report cannot be written.
    pub(super) fn run(&self, json: bool) -> Result<(), Failure> {
        let params = self.problem.params(self.file.as_ref()).map_err(Failure::bad_input)?;
        let prepared = Source::default().prepare(&params, &mut Unobserved)?;
        let read =
            prepared.reports.first().ok_or_else(|| Failure::bad_input("no file was read"))?;
        let sigma = prepared.sigma(&params);
        let cautions = prepared.cautions(None).into_iter().map(|caution| caution.to_string());
        if json {
            return say_json(&Report {
                file: read.path.display().to_string(),
                format: read.format.clone(),
                dim: prepared.points.dim(),
                n: prepared.points.n(),
                columns: columns(read),
                sigma: sigma.get(),
                told: Told::new(&params, &prepared, self.problem.sigma, cautions),
            });
        }
        for report in &prepared.reports {
            say(&report.summary())?;
        }
        let text = &read.columns_skipped;
        if !text.is_empty() {
            say(&format!("columns without numbers: {}", text.join(", ")))?;
        }
        let rule = rule(&prepared, self.problem.sigma);
        say(&format!("σ = {} ({})", format_number(sigma.get(), 6), rule.name()))?;
        for note in rule.note().map(ToOwned::to_owned).into_iter().chain(cautions) {
            say(&format!("note: {note}"))?;
        }
        Ok(())
    }
}

/// The columns of numbers, then the others.
fn columns(read: &LoadReport) -> Vec<Column> {
    let range = |name: &String| {
        let place = read.columns_used.iter().position(|used| used == name)?;
        read.ranges.get(place).copied()
    };
    let numbers = read.columns_available.iter().map(|name| (name, "number"));
    let others = read.columns_skipped.iter().map(|name| (name, "text"));
    numbers
        .chain(others)
        .map(|(name, r#type)| Column { name: name.clone(), r#type, range: range(name) })
        .collect()
}
