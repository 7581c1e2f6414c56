//! What was read, as the commands tell it in JSON.

use serde::Serialize;

use crate::{
    io::LoadReport,
    session::{Prepared, TargetRows},
};

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
    /// Rows without f, for whatever reason.
    rows_dropped: Option<u64>,
    /// Why, with the first of these rows.
    dropped: Vec<Dropped>,
    /// Whether the first row was taken as names.
    header: Option<bool>,
}

/// Rows that were dropped for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Dropped {
    /// `missing`, `nan`, `infinite`, `not_positive`, `text`, `length`, or `not picked`: there are more than `--n`.
    why: String,
    /// How many.
    rows: u64,
    /// The first of them, counted from 0 as in a table of f.
    first: Vec<u64>,
}

impl FileFacts {
    fn of(report: &LoadReport) -> Self {
        let dropped = report.dropped().map(|(why, rows, first)| Dropped {
            why: why.name().to_owned(),
            rows,
            first: first.to_vec(),
        });
        Self {
            coordinates: report.columns_used.clone(),
            rows_read: Some(report.rows_read),
            rows_dropped: Some(report.rows_dropped()),
            dropped: dropped.collect(),
            header: Some(report.header),
        }
    }

    /// The same with the rows that became points but no targets.
    fn without_rest(mut self, rows: &TargetRows) -> Self {
        /// Rows that are told.
        const MOST: usize = 5;
        let (count, first) = rows.not_picked(MOST);
        if count > 0 {
            self.rows_dropped = self.rows_dropped.map(|dropped| dropped + count);
            self.dropped.push(Dropped { why: "not picked".to_owned(), rows: count, first });
        }
        self
    }
}

impl ReadFacts {
    /// What was read for `prepared` points; of generated ones only the names of the axes.
    pub(super) fn of(prepared: &Prepared) -> Self {
        let mut files = prepared.reports.iter().map(FileFacts::of);
        let targets = match (files.next(), &prepared.target_rows) {
            (Some(targets), Some(rows)) => targets.without_rest(rows),
            (Some(targets), None) => targets,
            (None, _) => FileFacts {
                coordinates: prepared.drawn.targets().axes().to_vec(),
                rows_read: None,
                rows_dropped: None,
                dropped: Vec::new(),
                header: None,
            },
        };
        Self { targets, sources: files.next() }
    }
}
