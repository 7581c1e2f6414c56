//! What was read, as the commands tell it in JSON.

use serde::Serialize;

use crate::io::LoadReport;

/// What was read of the targets, and of the sources where they come from a file of their own. The
/// fields' names are the keys in the JSON, which scripts rely on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ReadFacts {
    #[serde(flatten)]
    targets: FileFacts,
    /// The same of the sources; not there where targets and sources are one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<FileFacts>,
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct FileFacts {
    /// The names of the columns that became coordinates; of the axes, where points are generated.
    coordinates: Vec<String>,
    /// Rows of data, dropped ones included; `null` where points are generated, as the others here.
    rows_read: Option<u64>,
    /// Rows left out, for whatever reason.
    rows_dropped: Option<u64>,
    /// Whether the first row was taken as names.
    header: Option<bool>,
}

impl FileFacts {
    fn of(report: &LoadReport) -> Self {
        Self {
            coordinates: report.columns_used.clone(),
            rows_read: Some(report.rows_read),
            rows_dropped: Some(report.rows_dropped()),
            header: Some(report.header),
        }
    }
}

impl ReadFacts {
    /// What `reports` say, that of the targets first; without any, only the names of the `axes`.
    pub(super) fn of(axes: &[String], reports: &[LoadReport]) -> Self {
        let targets = reports.first().map_or_else(
            || FileFacts {
                coordinates: axes.to_vec(),
                rows_read: None,
                rows_dropped: None,
                header: None,
            },
            FileFacts::of,
        );
        Self { targets, sources: reports.get(1).map(FileFacts::of) }
    }
}
