//! Text files: comma, semicolon, tab, bar or spaces between fields, with or without names.
//!
//! The file is read twice, in constant memory but for the points. The first pass classifies every
//! cell: which columns hold numbers, whether a comma is a decimal mark, whether the first row holds
//! names. A file whose 20,000th row spoils a column is thus described as it is, not guessed from
//! its beginning. The second pass parses the chosen columns.

use std::io::Read;

use encoding_rs::UTF_8;

use super::columns::{Chosen, Column, Kind, choose};
use super::dialect::{Dialect, name};
use super::error::LoadError;
use super::names;
use super::number::{Cell, Marks, NumberStyle, StyleConflict, bare, classify};
use super::report::{Extremes, LoadReport};
use super::rows::{Rows, TextFile};
use super::survey::{Example, Survey, is_header};
use super::wording::{listed, shortened};
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
    let dialect = Dialect::detect(&sample(file)?);
    let mut first_pass = Stretch { observer, start: 0.0, length: 0.5 };
    let table = Table::survey(Rows::new(file, &dialect, &mut first_pass)?, file, &dialect)?;
    let chosen = choose(file.path, &table.columns, options)?;
    table.check_numbers(file, &chosen.coordinates, "other columns with --columns")?;
    table.check_numbers(file, chosen.weights.as_slice(), "another column with --weights")?;
    let style = table.style(file, &chosen.all())?;
    check_points_fit(file.path, table.rows, options)?;
    let mut halfway = Stretch { observer, start: 0.5, length: 0.0 };
    let given = weights::given(file.path, table.rows, options, &mut halfway)?;

    let mut report = table.report(file, &dialect, style, &chosen);
    report.weights = report.weights.or(given.as_ref().map(|given| given.name.clone()));
    let mut second_pass = Stretch { observer, start: 0.5, length: 0.5 };
    let rows = Rows::new(file, &dialect, &mut second_pass)?;
    let given = given.as_ref().map(|given| given.values.as_slice());
    let (coordinates, weights) = table.read(rows, file, &chosen, given, style, &mut report)?;
    let cloud = Cloud::new(options.dim, coordinates, report.columns_used.clone());
    Ok(Loaded { cloud: weights::put(cloud, weights), report })
}

/// The beginning of the text.
fn sample(file: &TextFile<'_>) -> Result<Vec<u8>, LoadError> {
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
    if sample.len() as u64 == SAMPLE {
        // The last line is cut somewhere.
        if let Some(end) = sample.iter().rposition(|&b| b == b'\n') {
            sample.truncate(end + 1);
        }
    }
    Ok(sample)
}

/// What the first pass found: the columns of the table, and what each holds.
struct Table {
    columns: Vec<Column>,
    seen: Vec<Survey>,
    /// Whether the first row holds names.
    header: bool,
    /// Number of rows below the names.
    rows: u64,
}

impl Table {
    fn survey(
        mut rows: Rows<'_>,
        file: &TextFile<'_>,
        dialect: &Dialect,
    ) -> Result<Self, LoadError> {
        let empty = |found: &str| LoadError::Empty { path: file.path.into(), found: found.into() };
        let (first_line, first) = match rows.next()? {
            Some((line, record)) => (line, record.clone()),
            None if dialect.comments => return Err(empty("there is nothing but comments (#)")),
            None => return Err(empty("the file is empty")),
        };
        let mut seen = vec![Survey::default(); first.len()];
        let mut count = 0;
        while let Some((line, record)) = rows.next()? {
            count += 1;
            for (seen, cell) in seen.iter_mut().zip(record) {
                seen.absorb(line, cell);
            }
        }
        let header = is_header(&first, &seen);
        if !header {
            count += 1;
            for (seen, cell) in seen.iter_mut().zip(&first) {
                seen.absorb(first_line, cell);
            }
        }
        if count == 0 {
            return Err(empty("there is one row of names and nothing below it"));
        }
        let names = if header {
            names::unique(first.iter().map(name))
        } else if dialect.comment.len() == first.len() && all_text(&dialect.comment) {
            names::unique(dialect.comment.iter().cloned())
        } else {
            Cloud::default_axes(first.len()).into_iter().map(|name| (name, false)).collect()
        };
        let columns = names
            .into_iter()
            .zip(&seen)
            .map(|((name, unnamed), seen)| {
                let words = |e: &Example| format!("'{}' in line {}", e.cell, e.line);
                let text = seen.first_text.as_ref().map(words);
                Column { name, unnamed, kind: seen.kind(), text }
            })
            .collect();
        Ok(Self { columns, seen, header, rows: count })
    }

    /// Refuses a chosen column with text in it, naming the first such cell.
    fn check_numbers(
        &self,
        file: &TextFile<'_>,
        chosen: &[usize],
        others_by: &str,
    ) -> Result<(), LoadError> {
        for &k in chosen {
            if let Some(Example { line, cell }) = &self.seen[k].first_text {
                let others = self.columns.iter().filter(|column| column.kind == Kind::Numbers);
                let remedy = if self.columns[k].kind == Kind::Text {
                    let names = listed(others.map(|column| column.name.as_str()));
                    if names.is_empty() {
                        "the file has no column of numbers".to_owned()
                    } else {
                        let flag = others_by.rsplit(' ').next().unwrap_or_default();
                        format!("choose among the columns of numbers with {flag}: {names}")
                    }
                } else {
                    format!("correct or empty the cell, or choose {others_by}")
                };
                return Err(LoadError::NotANumber {
                    path: file.path.into(),
                    line: *line,
                    column: shortened(self.columns[k].name.as_bytes()),
                    cell: cell.clone(),
                    remedy,
                });
            }
        }
        Ok(())
    }

    /// What points and commas mean in this file.
    fn style(&self, file: &TextFile<'_>, chosen: &[usize]) -> Result<NumberStyle, LoadError> {
        let numeric: Vec<usize> =
            (0..self.columns.len()).filter(|&k| self.columns[k].kind == Kind::Numbers).collect();
        let marks = |columns: &[usize]| {
            columns.iter().fold(Marks::default(), |all, &k| all.with(self.seen[k].marks))
        };
        let conflict = match NumberStyle::decide(marks(chosen), marks(&numeric)) {
            Ok(style) => return Ok(style),
            Err(conflict) => conflict,
        };
        // The example to show: from a chosen column if there is one.
        let example = |wanted: Marks| {
            chosen.iter().chain(&numeric).find_map(|&k| {
                let found = self.seen[k].examples.iter().find(|(mark, _)| wanted.has(*mark));
                found.map(|(_, example)| (k, example.clone()))
            })
        };
        let unknown = || (0, Example { line: 0, cell: String::new() });
        let path = file.path.into();
        Err(match conflict {
            StyleConflict::Mixed(point, comma) => {
                let (_, point) = example(point).unwrap_or_else(unknown);
                let (_, comma) = example(comma).unwrap_or_else(unknown);
                LoadError::MixedDecimals {
                    path,
                    point_line: point.line,
                    point_cell: point.cell,
                    comma_line: comma.line,
                    comma_cell: comma.cell,
                }
            }
            StyleConflict::Ambiguous(mark) => {
                let (k, Example { line, cell }) = example(mark).unwrap_or_else(unknown);
                LoadError::AmbiguousNumber {
                    path,
                    line,
                    column: shortened(self.columns[k].name.as_bytes()),
                    meanings: format!(
                        "{} or {}",
                        cell.replace(',', "."),
                        cell.replace(['.', ','], "")
                    ),
                    cell,
                }
            }
        })
    }

    fn report(
        &self,
        file: &TextFile<'_>,
        dialect: &Dialect,
        style: NumberStyle,
        chosen: &Chosen,
    ) -> LoadReport {
        let mut format = format!("CSV, {}", dialect.separator.words());
        if style.decimal == b',' {
            format += ", decimal comma";
        }
        if style.grouped {
            format += ", thousands separators";
        }
        if file.encoding != UTF_8 {
            format += ", UTF-16";
        }
        let (available, skipped): (Vec<&Column>, Vec<&Column>) =
            self.columns.iter().partition(|column| column.kind == Kind::Numbers);
        let name_of = |k: usize| self.columns[k].name.clone();
        let names = |columns: Vec<&Column>| columns.iter().map(|c| c.name.clone()).collect();
        LoadReport {
            path: file.path.into(),
            format,
            rows_read: 0,
            rows_dropped_missing: 0,
            rows_dropped_nan: 0,
            rows_dropped_infinite: 0,
            columns_used: chosen.coordinates.iter().map(|&k| name_of(k)).collect(),
            weights: chosen.weights.map(name_of),
            columns_available: names(available),
            columns_skipped: names(skipped),
            ranges: Vec::new(),
        }
    }

    /// The second pass: the coordinates and the weight, if there are `given` ones or a column of
    /// them, of every row without a gap; completes `report`.
    fn read(
        &self,
        mut rows: Rows<'_>,
        file: &TextFile<'_>,
        chosen: &Chosen,
        given: Option<&[f64]>,
        style: NumberStyle,
        report: &mut LoadReport,
    ) -> Result<(Vec<f64>, Option<Vec<f64>>), LoadError> {
        if self.header {
            rows.next()?;
        }
        let mut extremes = Extremes::new("line");
        let mut coordinates = Vec::new();
        let dim = chosen.coordinates.len();
        // One more for the weight, which is read behind the coordinates and then taken from there.
        coordinates.reserve_exact(self.rows as usize * dim + 1);
        let columns = chosen.all();
        let weighted = given.is_some() || chosen.weights.is_some();
        let mut weights = weighted.then(|| Vec::with_capacity(self.rows as usize));
        while let Some((line, record)) = rows.next()? {
            // The file has grown since it was opened: its points no longer fit the budget.
            if report.rows_read == self.rows {
                break;
            }
            let row = report.rows_read as usize;
            report.rows_read += 1;
            let start = coordinates.len();
            let (mut missing, mut nan, mut infinite) = (false, false, false);
            for &k in &columns {
                let cell = record.get(k).unwrap_or_default();
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
                    Cell::Number(_) => style.parse(cell),
                    Cell::Text => None,
                };
                let Some(value) = value else {
                    return Err(LoadError::NotANumber {
                        path: file.path.into(),
                        line,
                        column: shortened(self.columns[k].name.as_bytes()),
                        cell: shortened(bare(cell)),
                        remedy: "the file changes while it is read: load it again".to_owned(),
                    });
                };
                infinite |= value.is_infinite();
                coordinates.push(value);
            }
            if let Some(weight) = given.map(|given| given[row]) {
                nan |= weight.is_nan();
                infinite |= weight.is_infinite();
                coordinates.push(weight);
            }
            if missing || nan || infinite {
                coordinates.truncate(start);
                let counter = if missing {
                    &mut report.rows_dropped_missing
                } else if nan {
                    &mut report.rows_dropped_nan
                } else {
                    &mut report.rows_dropped_infinite
                };
                *counter += 1;
            } else {
                if let Some(weights) = &mut weights {
                    weights.extend(coordinates.drain(start + dim..));
                }
                extremes.absorb(&coordinates[start..], line);
            }
        }
        report.finish(&extremes)?;
        Ok((coordinates, weights))
    }
}

fn all_text(names: &[String]) -> bool {
    names.iter().all(|name| classify(name.as_bytes()) == Cell::Text)
}
