//! What the program decided for the user, as fields that every JSON report has.

use serde::Serialize;

use super::{options::shortages, sigma::SigmaChoice};
use crate::{
    criteria::Criterion,
    io::LoadReport,
    model::{Params, Sigma},
    session::Prepared,
};

/// What was understood of one file. The fields' names are keys in the JSON, which scripts rely on.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FileTold {
    /// The columns that became coordinates.
    coordinates: Vec<String>,
    /// Rows of data in the file, dropped ones included.
    rows_read: u64,
    /// Rows that were left out.
    rows_dropped: u64,
    /// Whether the first row was taken as names.
    header: bool,
    /// What was decided, in sentences.
    notes: Vec<String>,
}

impl From<&LoadReport> for FileTold {
    fn from(report: &LoadReport) -> Self {
        Self {
            coordinates: report.columns_used.clone(),
            rows_read: report.rows_read,
            rows_dropped: report.rows_dropped(),
            header: report.header,
            notes: report.told(),
        }
    }
}

/// What was decided about a problem: the top level speaks of the targets.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    /// The columns that became coordinates, or the axes of generated points.
    coordinates: Vec<String>,
    /// Rows of data in the targets' file; `null` for generated points.
    rows_read: Option<u64>,
    /// Rows of it that were left out.
    rows_dropped: Option<u64>,
    /// Whether its first row was taken as names.
    header: Option<bool>,
    /// What chose σ: `given`, the name of a criterion, or `fallback`.
    sigma_rule: &'static str,
    /// Every sentence that was told.
    pub(super) notes: Vec<String>,
    /// The same of the sources, where they have a file of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<FileTold>,
}

impl Told {
    /// What was decided about `prepared` points, whose σ was chosen by `sigma`.
    pub(super) fn new(params: &Params, prepared: &Prepared, sigma: Option<SigmaChoice>) -> Self {
        let targets = prepared.reports.first().map(FileTold::from);
        let sources = prepared.reports.get(1).map(FileTold::from);
        let (sigma_rule, note) = rule(prepared, sigma);
        let mut notes: Vec<String> = targets.iter().flat_map(|t| t.notes.clone()).collect();
        notes.extend(shortages(params, prepared));
        notes.extend(note);
        Self {
            coordinates: prepared.drawn.targets().axes().to_vec(),
            rows_read: targets.as_ref().map(|targets| targets.rows_read),
            rows_dropped: targets.as_ref().map(|targets| targets.rows_dropped),
            header: targets.as_ref().map(|targets| targets.header),
            sigma_rule,
            notes,
            sources,
        }
    }
}

impl Told {
    /// Words for what chose σ, if the user did not.
    pub(super) fn sigma_chosen_by(&self) -> Option<&'static str> {
        match self.sigma_rule {
            "given" => None,
            name => Some(name.parse::<Criterion>().map_or("the default", Criterion::label)),
        }
    }
}

/// What chose σ, and a sentence where no rule did.
pub(super) fn rule(
    prepared: &Prepared,
    sigma: Option<SigmaChoice>,
) -> (&'static str, Option<String>) {
    match sigma {
        Some(SigmaChoice::Value(_)) => ("given", None),
        Some(SigmaChoice::By(criterion)) => (criterion.name(), None),
        None if prepared.available.is_none() => {
            ("fallback", Some(format!("σ = {}, for generated points", Sigma::DEFAULT.get())))
        }
        None if prepared.default_sigma == Sigma::DEFAULT => {
            let why = "Scott's rule gives none for these points";
            (
                "fallback",
                Some(format!("σ = {}: {why}; choose one with --sigma", Sigma::DEFAULT.get())),
            )
        }
        None => ("scott", None),
    }
}
