//! The comparison as a table: to paste into a spreadsheet, and to read into a notebook.
//!
//! A row for each engine. What was not measured is left empty, and the last column says why.

use super::{
    Comparison,
    comparison::{Progress, Row, Timing},
};
use crate::engine::EngineId;

/// The names of the columns; times are in seconds, memory in bytes.
const COLUMNS: [&str; 17] = [
    "engine",
    "name",
    "targets",
    "sources",
    "dimensions",
    "sigma",
    "chunk",
    "repeats",
    "median_s",
    "shortest_s",
    "longest_s",
    "pairs_per_s",
    "memory_bytes",
    "largest_error",
    "errors_at",
    "runs_on",
    "note",
];

impl Comparison {
    /// The table as comma-separated values.
    ///
    /// # Errors
    /// When memory cannot be written to.
    pub fn csv(&self) -> Result<String, std::io::Error> {
        self.separated_by(b',')
    }

    /// The table with tabs between values, as spreadsheets take it from the clipboard.
    ///
    /// # Errors
    /// When memory cannot be written to.
    pub fn tab_separated(&self) -> Result<String, std::io::Error> {
        self.separated_by(b'\t')
    }

    fn separated_by(&self, delimiter: u8) -> Result<String, std::io::Error> {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(COLUMNS)?;
        for row in &self.rows {
            writer.write_record(self.record(row))?;
        }
        let bytes = writer.into_inner().map_err(|err| std::io::Error::other(err.to_string()))?;
        String::from_utf8(bytes).map_err(std::io::Error::other)
    }

    fn record(&self, row: &Row) -> [String; COLUMNS.len()] {
        let timing = match &row.progress {
            Progress::Timed(timing) => Some(timing),
            _ => None,
        };
        let number = |of: fn(&Timing) -> f64| timing.map_or(String::new(), |t| of(t).to_string());
        let note = match &row.progress {
            Progress::Timed(_) => String::new(),
            Progress::Refused(why) => format!("refused: {why}"),
            Progress::Waiting | Progress::Running(_) => "not done yet".to_owned(),
            Progress::NotRun => "not run".to_owned(),
        };
        let chunk = match row.engine {
            EngineId::Chunked => self.chunk.to_string(),
            _ => String::new(),
        };
        [
            row.engine.name().to_owned(),
            row.engine.label().to_owned(),
            self.n.to_string(),
            self.m.to_string(),
            self.dim.to_string(),
            self.sigma.get().to_string(),
            chunk,
            timing.map_or(String::new(), |timing| timing.runs.to_string()),
            number(|timing| timing.seconds),
            number(|timing| timing.shortest),
            number(|timing| timing.longest),
            number(|timing| timing.pairs_per_second),
            timing.map_or(String::new(), |_| row.bytes.to_string()),
            number(|timing| timing.error),
            self.sample.to_string(),
            row.place.clone(),
            note,
        ]
    }
}
