//! Text files: comma, semicolon, tab, bar or spaces between fields, with or without names.
//!
//! The file is read twice, in constant memory but for the points. The first pass classifies every
//! cell: which columns hold numbers, whether a comma is a decimal mark, whether the first row holds
//! names. A file whose 20,000th row spoils a column is thus described as it is, not guessed from
//! its beginning. The second pass parses the chosen columns.

use std::io::Read;

use super::columns::{Chosen, choose};
use super::dialect::Dialect;
use super::error::LoadError;
use super::missing::MoreMissing;
use super::number::{Cell, NumberStyle, bare, classify};
use super::report::{Extremes, LoadReport};
use super::rows::{Rows, TextFile};
use super::table::Table;
use super::wording::{fields, shortened};
use super::{LoadOptions, Loaded, check_points_fit, weights};
use sigmascope_core::{
    engine::{Observer, Stretch},
    model::Cloud,
};

/// How much of the text the dialect is worked out from.
const SAMPLE: u64 = 1 << 18;

/// Loads the points of a text file.
pub(super) fn load(
    file: &TextFile<'_>,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Loaded, LoadError> {
    if options.reading.transpose {
        let (flag, wanted, found) = ("--transpose", "arrays (NPY)", "a text file");
        return Err(LoadError::NoUse { path: file.path.into(), flag, wanted, found });
    }
    let (sample, is_cut) = sample(file)?;
    let dialect = Dialect::detect(&sample, is_cut, options.reading.skip_rows);
    let mut first_pass = Stretch { observer, start: 0.0, length: 0.5 };
    let rows = Rows::new(file, &dialect, &mut first_pass)?;
    let table = Table::survey(rows, file, &dialect, options)?;
    let chosen = choose(file.path, &table.columns, options)?;
    table.check_numbers(file, &chosen.coordinates, "--columns")?;
    table.check_numbers(file, chosen.weights.as_slice(), "--weights")?;
    let style = table.style(file, &chosen.all())?;
    let dim = chosen.coordinates.len();
    check_points_fit(file.path, table.rows, dim, options)?;
    let mut halfway = Stretch { observer, start: 0.5, length: 0.0 };
    let given = weights::given(file.path, table.rows, options, &mut halfway)?;

    let mut report = table.report(file, &dialect, style, &chosen);
    report.weights = report.weights.or(given.as_ref().map(|given| given.name.clone()));
    let mut second_pass = Stretch { observer, start: 0.5, length: 0.5 };
    let rows = Rows::new(file, &dialect, &mut second_pass)?;
    let reading = Reading {
        file,
        table: &table,
        chosen: &chosen,
        given: given.as_ref().map(|given| given.values.as_slice()),
        style,
        missing: options.more_missing(),
        strict: options.reading.strict,
    };
    let (coordinates, weights) = reading.read(rows, &mut report)?;
    let cloud = Cloud::new(dim, coordinates, report.columns_used.clone());
    Ok(Loaded { cloud: weights::put(cloud, weights), report })
}

/// The beginning of the text, and whether there is more.
fn sample(file: &TextFile<'_>) -> Result<(Vec<u8>, bool), LoadError> {
    let mut sample = Vec::new();
    let mut text = file.text(None)?.take(SAMPLE);
    text.read_to_end(&mut sample).map_err(|err| file.refusal(err, 0))?;
    let is_control = |b: &&u8| b.is_ascii_control() && !b.is_ascii_whitespace();
    if sample.iter().filter(is_control).count() * 20 > sample.len() {
        return Err(LoadError::Binary {
            path: file.path.into(),
            found: "a binary file (it has control characters)",
            remedy: "export the points as CSV or NPY",
        });
    }
    let is_cut = sample.len() as u64 == SAMPLE;
    if is_cut {
        // The last line is cut somewhere.
        if let Some(end) = sample.iter().rposition(|&b| b == b'\n') {
            sample.truncate(end + 1);
        }
    }
    Ok((sample, is_cut))
}

/// The second pass over a text file: the coordinates of every row without a gap, and its weight.
struct Reading<'a> {
    file: &'a TextFile<'a>,
    table: &'a Table,
    chosen: &'a Chosen,
    /// Weights from a file of their own.
    given: Option<&'a [f64]>,
    style: NumberStyle,
    missing: MoreMissing,
    strict: bool,
}

/// What one row came to.
enum Row {
    /// Its numbers stand at the end of the coordinates.
    Kept,
    Missing,
    Nan,
    Infinite,
    /// A cell of this column is text.
    Text(usize),
}

impl Reading<'_> {
    /// The coordinates, row by row, and the weights, if there are some; completes `report`.
    fn read(
        &self,
        mut rows: Rows<'_>,
        report: &mut LoadReport,
    ) -> Result<(Vec<f64>, Option<Vec<f64>>), LoadError> {
        for _ in 0..self.table.head {
            rows.next()?;
        }
        let mut extremes = Extremes::new("line");
        let mut coordinates = Vec::new();
        let dim = self.chosen.coordinates.len();
        // One more for the weight, which is read behind the coordinates and then taken from there.
        coordinates.reserve_exact(self.table.rows as usize * dim + 1);
        let columns: Vec<(usize, bool)> =
            self.chosen.all().into_iter().map(|k| (k, self.table.is_in_hours(k))).collect();
        let weighted = self.given.is_some() || self.chosen.weights.is_some();
        let mut weights = weighted.then(|| Vec::with_capacity(self.table.rows as usize));
        while let Some((line, record)) = rows.next()? {
            // The file has grown since it was opened: its points no longer fit the budget.
            if report.rows_read == self.table.rows {
                break;
            }
            let row = report.rows_read as usize;
            report.rows_read += 1;
            if record.len() != self.table.width {
                report.rows_dropped_length += 1;
                self.refuse_if_strict(line, record, None)?;
                report.tell_bad_row(|| format!("line {line} has {}", fields(record.len())));
                continue;
            }
            let start = coordinates.len();
            let counter = match self.row(record, &columns, row, &mut coordinates) {
                Row::Kept => {
                    if let Some(weights) = &mut weights {
                        weights.extend(coordinates.drain(start + dim..));
                    }
                    extremes.absorb(&coordinates[start..], line);
                    continue;
                }
                Row::Missing => &mut report.rows_dropped_missing,
                Row::Nan => &mut report.rows_dropped_nan,
                Row::Infinite => &mut report.rows_dropped_infinite,
                Row::Text(k) => {
                    self.refuse_if_strict(line, record, Some(k))?;
                    report.tell_bad_row(|| self.place(line, record, k));
                    &mut report.rows_dropped_text
                }
            };
            *counter += 1;
            coordinates.truncate(start);
        }
        self.check_bad_rows(report)?;
        report.finish(&extremes)?;
        Ok((coordinates, weights))
    }

    /// Appends the numbers of a row, the weight last.
    fn row(
        &self,
        record: &csv::ByteRecord,
        columns: &[(usize, bool)],
        row: usize,
        numbers: &mut Vec<f64>,
    ) -> Row {
        let (mut missing, mut nan, mut infinite) = (false, false, false);
        for &(k, hours) in columns {
            let cell = record.get(k).unwrap_or_default();
            if self.missing.has_word(bare(cell)) {
                missing = true;
                continue;
            }
            let value = match classify(cell) {
                Cell::Missing => {
                    missing = true;
                    continue;
                }
                Cell::Nan => {
                    nan = true;
                    continue;
                }
                Cell::Infinite => {
                    infinite = true;
                    continue;
                }
                Cell::Number(_) => self.style.parse(cell, hours),
                Cell::Text => None,
            };
            let Some(value) = value else { return Row::Text(k) };
            missing |= self.missing.has_number(value);
            infinite |= value.is_infinite();
            numbers.push(value);
        }
        if let Some(weight) = self.given.map(|given| given[row]) {
            nan |= weight.is_nan();
            infinite |= weight.is_infinite();
            numbers.push(weight);
        }
        if missing {
            Row::Missing
        } else if nan {
            Row::Nan
        } else if infinite {
            Row::Infinite
        } else {
            Row::Kept
        }
    }

    /// A cell of text with its place, in words.
    fn place(&self, line: u64, record: &csv::ByteRecord, k: usize) -> String {
        let cell = shortened(bare(record.get(k).unwrap_or_default()));
        let column = shortened(self.table.columns[k].name.as_bytes());
        format!("line {line}, column '{column}': '{cell}'")
    }

    /// With `--strict`, the error that names a row of the wrong length, or one with text in column `k`.
    fn refuse_if_strict(
        &self,
        line: u64,
        record: &csv::ByteRecord,
        k: Option<usize>,
    ) -> Result<(), LoadError> {
        let path = self.file.path.into();
        match k {
            _ if !self.strict => Ok(()),
            Some(k) => Err(LoadError::NotANumber {
                path,
                line,
                column: shortened(self.table.columns[k].name.as_bytes()),
                cell: shortened(bare(record.get(k).unwrap_or_default())),
                remedy: "correct or empty the cell, or leave such rows out without --strict"
                    .to_owned(),
            }),
            None => Err(LoadError::Ragged {
                path,
                line,
                found: record.len(),
                expected: self.table.width,
                remedy: "correct the row, or leave such rows out without --strict",
            }),
        }
    }

    /// Refuses a file of which more than a fifth of the rows cannot be read.
    fn check_bad_rows(&self, report: &LoadReport) -> Result<(), LoadError> {
        let (bad, rows) = (report.rows_bad(), report.rows_read);
        if bad * 5 <= rows {
            return Ok(());
        }
        Err(LoadError::TooManyBadRows {
            path: self.file.path.into(),
            bad,
            rows,
            places: report.bad_places(),
            remedy: if report.rows_dropped_length >= report.rows_dropped_text {
                format!(
                    "give every row {}, or quote what holds separators",
                    fields(self.table.width)
                )
            } else {
                let others = match self.chosen.weights {
                    None => "choose other columns with --columns",
                    Some(_) => "choose others with --columns and --weights",
                };
                format!("correct or empty the cells, or {others}")
            },
        })
    }
}
