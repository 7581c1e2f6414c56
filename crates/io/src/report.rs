//! What loading a file came to: which columns were used, and which rows were not.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::error::LoadError;
use super::extremes::{Extreme, Extremes};
use super::wording::{listed, shortened, shown};
use sigmascope_core::model::Points;

/// What was read from a file, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LoadReport {
    /// The file.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// Its format in words, such as `CSV, separator ';', decimal comma`.
    pub format: String,
    /// Whether the columns have names of their own.
    pub named_columns: bool,
    /// Rows of data in the file, dropped ones included.
    pub rows_read: u64,
    /// Rows dropped because a cell was empty or a word for nothing.
    pub rows_dropped_missing: u64,
    /// Rows dropped because a cell was not a number (NaN).
    pub rows_dropped_nan: u64,
    /// Rows dropped because a cell was infinite.
    pub rows_dropped_infinite: u64,
    /// Rows dropped because a value is not above zero, so that it has no logarithm.
    pub rows_dropped_not_positive: u64,
    /// Rows dropped because a cell was no number.
    pub rows_dropped_text: u64,
    /// Rows dropped because they had more or fewer fields than the others.
    pub rows_dropped_length: u64,
    /// The first of the rows that could not be read, and what was wrong with them.
    pub bad_rows: Vec<String>,
    /// Why rows were dropped, each with the first of these rows; counted from 0, as in a file of f.
    pub first_dropped: BTreeMap<Why, Vec<u64>>,
    /// Whether the first row was taken as the names of the columns.
    pub header: bool,
    /// What was decided for the user, or would not be expected, in sentences.
    pub notes: Vec<String>,
    /// The columns that became coordinates, in that order.
    pub columns_used: Vec<String>,
    /// The column or the file that the weights come from.
    pub weights: Option<String>,
    /// All columns of numbers, in the order of the file.
    pub columns_available: Vec<String>,
    /// The columns that hold text or nothing.
    pub columns_skipped: Vec<String>,
    /// Lowest and highest value of each used column.
    pub ranges: Vec<[f64; 2]>,
}

/// Why a row was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// A value is missing.
    Missing,
    /// A value is not a number (NaN).
    Nan,
    /// A value is infinite.
    Infinite,
    /// A value has no logarithm.
    #[serde(rename = "not_positive")]
    NotPositive,
    /// There is text in place of a number.
    Text,
    /// It has more or fewer fields than the others.
    Length,
}

impl Why {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Nan => "nan",
            Self::Infinite => "infinite",
            Self::NotPositive => "not_positive",
            Self::Text => "text",
            Self::Length => "length",
        }
    }
}

impl LoadReport {
    /// Why rows were dropped: how many for each reason, and the first of them, counted from 0.
    pub fn dropped(&self) -> impl Iterator<Item = (Why, u64, &[u64])> {
        let reasons = [
            (Why::Missing, self.rows_dropped_missing),
            (Why::Nan, self.rows_dropped_nan),
            (Why::Infinite, self.rows_dropped_infinite),
            (Why::NotPositive, self.rows_dropped_not_positive),
            (Why::Text, self.rows_dropped_text),
            (Why::Length, self.rows_dropped_length),
        ];
        let first = |why| self.first_dropped.get(&why).map(Vec::as_slice).unwrap_or_default();
        reasons
            .into_iter()
            .filter(|(_, rows)| *rows > 0)
            .map(move |(why, rows)| (why, rows, first(why)))
    }

    /// Counts a row, from 0, that is dropped.
    pub(super) fn drop_row(&mut self, why: Why, row: u64) {
        /// Rows that are told for each reason.
        const MOST: usize = 5;
        let counter = match why {
            Why::Missing => &mut self.rows_dropped_missing,
            Why::Nan => &mut self.rows_dropped_nan,
            Why::Infinite => &mut self.rows_dropped_infinite,
            Why::NotPositive => &mut self.rows_dropped_not_positive,
            Why::Text => &mut self.rows_dropped_text,
            Why::Length => &mut self.rows_dropped_length,
        };
        *counter += 1;
        let first = self.first_dropped.entry(why).or_default();
        if first.len() < MOST {
            first.push(row);
        }
    }

    /// Number of rows that were dropped, for whatever reason.
    pub fn rows_dropped(&self) -> u64 {
        let without_value =
            self.rows_dropped_missing + self.rows_dropped_nan + self.rows_dropped_infinite;
        without_value + self.rows_dropped_not_positive + self.rows_bad()
    }

    /// Number of rows that could not be read: text in place of a number, or the wrong length.
    pub fn rows_bad(&self) -> u64 {
        self.rows_dropped_text + self.rows_dropped_length
    }

    /// Number of rows that became points.
    pub fn rows_kept(&self) -> u64 {
        self.rows_read - self.rows_dropped()
    }

    /// Whether the file is text, whose first row may be names.
    pub fn is_text(&self) -> bool {
        self.format.starts_with("CSV")
    }

    /// Whether there are more columns than rows, so that the rows may be the coordinates.
    pub fn may_lie_on_its_side(&self) -> bool {
        self.format.starts_with("NP") && self.rows_read < self.columns_available.len() as u64
    }

    /// Every sentence about the file: which rows were left out and why, and what was decided.
    pub fn told(&self) -> Vec<String> {
        let dropped = (self.rows_dropped() > 0).then(|| self.dropped_words());
        dropped.into_iter().chain(self.bad_rows_words()).chain(self.notes.iter().cloned()).collect()
    }

    fn dropped_words(&self) -> String {
        let (dropped, read) = (self.rows_dropped(), self.rows_read);
        format!("dropped {dropped} of {read} rows: {}", self.why_dropped())
    }

    fn bad_rows_words(&self) -> Option<String> {
        (!self.bad_rows.is_empty()).then(|| format!("not read: {}", self.bad_places()))
    }

    /// What is wrong with the first rows that could not be read, and how many more there are.
    pub(super) fn bad_places(&self) -> String {
        let more = self.rows_bad().saturating_sub(self.bad_rows.len() as u64);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{}{more}", self.bad_rows.join("; "))
    }

    /// Keeps what is wrong with one of the first rows that cannot be read.
    pub(super) fn tell_bad_row(&mut self, what: impl FnOnce() -> String) {
        /// Rows that are told one by one.
        const MOST: usize = 5;
        if self.bad_rows.len() < MOST {
            self.bad_rows.push(what());
        }
    }

    /// Some lines for a reader: what was loaded, what was dropped, what else there is, and the notes.
    pub fn summary(&self) -> String {
        self.to_string()
    }

    /// How many rows were dropped for what: `2 with a missing value, 1 with NaN`.
    fn why_dropped(&self) -> String {
        let reasons = [
            (self.rows_dropped_missing, "a missing value"),
            (self.rows_dropped_nan, "NaN"),
            (self.rows_dropped_infinite, "an infinite value"),
            (self.rows_dropped_not_positive, "a value that is not above 0"),
            (self.rows_dropped_text, "text in place of a number"),
            (self.rows_dropped_length, "more or fewer fields than the others"),
        ];
        let words: Vec<String> = reasons
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, reason)| format!("{count} with {reason}"))
            .collect();
        words.join(", ")
    }

    /// Fills in the ranges of the points kept, or says that none was or that they lie too far apart.
    ///
    /// `place` tells where in the file a row, from 0, is.
    pub(super) fn finish(
        &mut self,
        extremes: &Extremes,
        mut place: impl FnMut(u64) -> Result<String, LoadError>,
    ) -> Result<(), LoadError> {
        if extremes.axes.is_empty() {
            let mut columns = listed(self.columns_used.iter().map(String::as_str));
            let mut remedy = "choose other columns with --columns";
            if let Some(weights) = &self.weights {
                columns = format!("{columns} and the weights {}", listed([weights.as_str()]));
                remedy = "choose others with --columns and --weights";
            }
            return Err(LoadError::NoRowsLeft {
                path: self.path.clone(),
                rows: self.rows_read,
                why: self.why_dropped(),
                columns,
                remedy,
            });
        }
        for (column, [low, high]) in self.columns_used.iter().zip(&extremes.axes) {
            let extent = high.value - low.value;
            if extent > Points::MAX_EXTENT {
                let mut end = |end: &Extreme| -> Result<String, LoadError> {
                    Ok(format!("{:e} in {}", end.value, place(end.row)?))
                };
                return Err(LoadError::TooWide {
                    path: self.path.clone(),
                    column: shortened(column.as_bytes()),
                    low: end(low)?,
                    high: end(high)?,
                    limit: Points::MAX_EXTENT,
                });
            }
        }
        self.ranges = extremes.axes.iter().map(|ends| ends.map(|end| end.value)).collect();
        Ok(())
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_RANGES: usize = 4;
        let Self { path, format, columns_used, weights, columns_available, ranges, .. } = self;
        let name = shown(path.file_name().map_or(path, Path::new));
        let kept = self.rows_kept();
        let points = if kept == 1 { "point" } else { "points" };
        let columns: Vec<String> = columns_used
            .iter()
            .zip(ranges)
            .take(MOST_RANGES)
            .map(|(column, [low, high])| {
                let column = shortened(column.as_bytes());
                format!("'{column}' ({} to {})", brief(*low), brief(*high))
            })
            .collect();
        write!(f, "{name}: {kept} {points} from {}", columns.join(" and "))?;
        if columns_used.len() > columns.len() {
            write!(f, " and {} more columns", columns_used.len() - columns.len())?;
        }
        if let Some(weights) = weights {
            write!(f, ", weighted by {}", listed([weights.as_str()]))?;
        }
        write!(f, " ({format})")?;
        if self.rows_dropped() > 0 {
            write!(f, "\n{}", self.dropped_words())?;
        }
        if let Some(words) = self.bad_rows_words() {
            write!(f, "\n{words}")?;
        }
        let is_used = |name: &String| columns_used.contains(name) || weights.as_ref() == Some(name);
        let mut others = columns_available.iter().filter(|name| !is_used(name)).peekable();
        if others.peek().is_some() {
            write!(f, "\nother columns of numbers: {}", listed(others.map(String::as_str)))?;
        }
        for note in &self.notes {
            write!(f, "\n{note}")?;
        }
        Ok(())
    }
}

/// A value in about six digits.
fn brief(value: f64) -> String {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        let digits = (5 - value.abs().max(1.0).log10() as i32).max(0) as usize;
        let text = format!("{value:.digits$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    } else {
        format!("{value:.4e}")
    }
}

fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sigmascope_core::model::Cloud;

    /// The line of a row below a row of names.
    #[expect(clippy::unnecessary_wraps, reason = "as a table tells it")]
    fn in_line(row: u64) -> Result<String, LoadError> {
        Ok(format!("line {}", row + 2))
    }

    fn report() -> LoadReport {
        LoadReport {
            path: "data/points.csv".into(),
            format: "CSV, separator ','".to_owned(),
            named_columns: true,
            rows_read: 10,
            rows_dropped_missing: 2,
            rows_dropped_nan: 0,
            rows_dropped_infinite: 1,
            rows_dropped_not_positive: 0,
            rows_dropped_text: 0,
            rows_dropped_length: 0,
            bad_rows: Vec::new(),
            first_dropped: BTreeMap::new(),
            header: true,
            notes: Vec::new(),
            columns_used: vec!["x".to_owned(), "y".to_owned()],
            weights: None,
            columns_available: vec!["id".to_owned(), "x".to_owned(), "y".to_owned()],
            columns_skipped: vec!["name".to_owned()],
            ranges: vec![[-1.25, 3.0], [0.0, 1.5e9]],
        }
    }

    #[test]
    fn the_summary_says_what_was_loaded_dropped_and_left() {
        assert_eq!(
            report().summary(),
            "points.csv: 7 points from 'x' (-1.25 to 3) and 'y' (0 to 1.5000e9) \
             (CSV, separator ',')\n\
             dropped 3 of 10 rows: 2 with a missing value, 1 with an infinite value\n\
             other columns of numbers: 'id'"
        );
    }

    #[test]
    fn rows_that_could_not_be_read_and_notes_are_told() {
        let report = LoadReport {
            rows_dropped_text: 2,
            rows_dropped_length: 1,
            bad_rows: vec!["line 4 has 3 fields".to_owned(), "line 7: 'oops'".to_owned()],
            notes: vec!["first row taken as names: 'x', 'y'".to_owned()],
            ..report()
        };
        assert_eq!(report.rows_dropped(), 6);
        let summary = report.summary();
        assert!(summary.contains("2 with text in place of a number, 1 with more or fewer fields"));
        assert!(summary.contains("\nnot read: line 4 has 3 fields; line 7: 'oops'; and 1 more\n"));
        assert!(summary.ends_with("\nfirst row taken as names: 'x', 'y'"), "{summary}");
    }

    #[test]
    fn weights_are_told_and_many_columns_are_not_all_told() {
        let report = LoadReport {
            columns_used: Cloud::default_axes(7),
            columns_available: Cloud::default_axes(9),
            ranges: vec![[0.0, 1.0]; 7],
            weights: Some("x9".to_owned()),
            rows_dropped_missing: 0,
            rows_dropped_infinite: 0,
            ..report()
        };
        assert_eq!(
            report.summary(),
            "points.csv: 10 points from 'x1' (0 to 1) and 'x2' (0 to 1) and 'x3' (0 to 1) and 'x4' \
             (0 to 1) and 3 more columns, weighted by 'x9' (CSV, separator ',')\n\
             other columns of numbers: 'x8'"
        );
    }

    #[test]
    fn a_report_without_a_single_point_is_an_error() {
        let mut report = report();
        report.rows_dropped_missing = 9;
        let none = Extremes::default();
        let message = report.finish(&none, in_line).expect_err("no rows are left").to_string();
        assert_eq!(
            message,
            "data/points.csv: all 10 rows were dropped (9 with a missing value, 1 with an infinite \
             value): expected at least one row of finite numbers in the columns 'x', 'y'; choose \
             other columns with --columns"
        );
    }

    #[test]
    fn points_too_far_apart_are_an_error_with_both_places() {
        let mut extremes = Extremes::default();
        for (k, y) in [1.5, -2.0, 1e30, 3.0].into_iter().enumerate() {
            extremes.absorb(&[0.0, y], k as u64);
        }
        let message = report().finish(&extremes, in_line).expect_err("an outlier").to_string();
        assert_eq!(
            message,
            "data/points.csv: column 'y' runs from -2e0 in line 3 to 1e30 in line 4: expected at \
             most 1e18 between its lowest and highest value; remove the outlier or, if it stands for a \
             missing value, name it with --missing; or use larger units"
        );
    }

    #[test]
    fn values_are_brief() {
        let cases =
            [(0.1, "0.1"), (-170.123_456_7, "-170.123"), (2e-5, "2.0000e-5"), (100.0, "100")];
        for (value, words) in cases {
            assert_eq!(brief(value), words);
        }
    }
}
