//! Spreadsheets: the first sheet that holds something, or the one that is named: `points.xlsx:Sheet2`.
//!
//! ```text
//!   zip ─▶ is it XLSX or ODS? ─▶ cells of the sheet ─▶ layout: titles, names, units, columns ─▶ blocks
//! ```
//!
//! The cells of the sheet are read once and kept, each with its row: what type a column has shows in its
//! last cell only.

mod cells;
mod layout;
mod ods;
mod xlsx;

use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use self::cells::{Cell, Cells};
use self::layout::{Layout, Place, spelled};
use super::LoadOptions;
use super::columns::{Column, Holds};
use super::error::LoadError;
use super::input::Input;
use super::missing::MoreMissing;
use super::number::{self, classify};
use super::table::{Bad, BadRow, Block, Facts, MISSING, NOT_A_NUMBER, Table, Take, Values, Wanted};
use super::wording::{listed, said, shortened};
use sigmascope_core::engine::{Observer, Progress};

/// How a zip archive begins.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";
/// The share of the work of loading that reading the cells is.
const OPENED: f64 = 0.9;
/// Rows of a block.
const ROWS: u32 = 1 << 14;
/// Rows that cannot be read are told one by one up to this many.
const MOST_BAD: usize = 5;

/// A format of spreadsheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Ods,
}

/// The names of the sheets of a file, and the one that is wanted.
#[derive(Default)]
struct Sheets {
    names: Vec<String>,
    found: Option<Found>,
}

/// A sheet.
struct Found {
    name: String,
    cells: Cells,
}

/// That the file breaks the rules of its format.
fn broken(input: &Input, found: String, expected: &str) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "spreadsheet",
        found: said(found),
        expected: expected.to_owned(),
        remedy: "copy it again, or open it in a spreadsheet and save it again".to_owned(),
    }
}

/// How much a file may unpack to: no spreadsheet is packed this tightly.
fn limit(input: &Input) -> u64 {
    (64 << 20).max(input.size().saturating_mul(60))
}

/// That a part of the file unpacks to more than that.
fn too_large(input: &Input, name: &str, limit: u64) -> LoadError {
    let found = format!(
        "its part '{}' unpacks to more than {}",
        shortened(name.as_bytes()),
        super::wording::bytes(limit)
    );
    broken(input, found, "parts of a size that the size of the file bears out")
}

/// A table in a sheet.
pub(super) struct Sheet {
    format: &'static str,
    name: String,
    cells: Cells,
    layout: Layout,
    notes: Vec<String>,
    missing: MoreMissing,
}

impl Sheet {
    /// The table of the sheet that is named, or of the first that holds something; `None` where the file is
    /// no spreadsheet of that kind.
    ///
    /// # Errors
    /// When the spreadsheet is broken, empty or too large, has no such sheet, or the observer ended the work.
    pub(super) fn open(
        input: &Input,
        options: &LoadOptions,
        observer: &mut dyn Observer,
        kind: Kind,
    ) -> Result<Option<Self>, LoadError> {
        let Ok(mut archive) = ZipArchive::new(BufReader::new(input.reader())) else {
            return Ok(None);
        };
        let has = |start: &str| {
            let mut names = archive.file_names().filter_map(Result::ok);
            names.any(|name| name.to_ascii_lowercase().starts_with(start))
        };
        let is_excel = has("[content_types].xml") && has("xl/") && !has("xl/workbook.bin");
        let (format, sheets) = match kind {
            Kind::Xlsx if is_excel => ("XLSX", xlsx::read(input, &mut archive, observer)?),
            Kind::Ods if is_open_document(&mut archive) => {
                ("ODS", open_document(input, &mut archive, observer)?)
            }
            _ => return Ok(None),
        };
        if options.reading.transpose {
            let (flag, wanted, found) = ("--transpose", "arrays (NPY)", "a spreadsheet");
            return Err(LoadError::NoUse { path: input.path().into(), flag, wanted, found });
        }
        let Sheets { names, found } = sheets;
        let Some(Found { name, cells }) = found else {
            return Err(none(input, &names));
        };
        let others: Vec<&str> =
            names.iter().map(String::as_str).filter(|other| *other != name).collect();
        let layout = Layout::of(&cells, &options.reading);
        if layout.first >= layout.end || layout.columns.is_empty() {
            let found = match cells.count() {
                0 => format!("the sheet '{}' is empty", shortened(name.as_bytes())),
                _ => format!(
                    "the sheet '{}' has one row of names and nothing below it",
                    shortened(name.as_bytes())
                ),
            };
            return Err(LoadError::Empty { path: input.path().into(), found });
        }
        check_memory(input, &cells, options)?;
        let mut notes = Vec::new();
        if !others.is_empty() {
            notes.push(format!(
                "sheet '{}' read; there are others: {} (name one as FILE:SHEET)",
                shortened(name.as_bytes()),
                listed(others)
            ));
        }
        notes.extend(layout.notes.iter().cloned());
        Ok(Some(Self { format, name, cells, layout, notes, missing: options.more_missing() }))
    }
}

/// Refuses cells that need more memory than the budget.
fn check_memory(input: &Input, cells: &Cells, options: &LoadOptions) -> Result<(), LoadError> {
    let (found, budget) = (cells.count().saturating_mul(Cells::BYTES), options.byte_budget);
    if found <= budget.max(64 << 20) {
        return Ok(());
    }
    let what = format!("its {} cells need", cells.count());
    Err(LoadError::TooLarge { path: input.path().into(), what, found, budget })
}

/// That no sheet is the one that is wanted.
fn none(input: &Input, names: &[String]) -> LoadError {
    let path = input.path().into();
    match input.part() {
        Some(part) => LoadError::Content {
            path,
            found: format!("no sheet '{}'", shortened(part.as_bytes())),
            expected: format!("one of its sheets: {}", listed(names.iter().map(String::as_str))),
            remedy: "name one of them behind the colon".to_owned(),
        },
        None => LoadError::Empty { path, found: "its sheets are empty".to_owned() },
    }
}

fn is_open_document(archive: &mut ZipArchive<BufReader<super::input::Section>>) -> bool {
    const TYPE: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let Ok(part) = archive.by_name("mimetype") else { return false };
    let mut found = Vec::new();
    part.take(100).read_to_end(&mut found).is_ok() && found.starts_with(TYPE)
}

fn open_document(
    input: &Input,
    archive: &mut ZipArchive<BufReader<super::input::Section>>,
    observer: &mut dyn Observer,
) -> Result<Sheets, LoadError> {
    let wrong = |err| {
        let found = format!("its part 'content.xml' cannot be read ({err})");
        broken(input, found, "a sound archive without a password")
    };
    let limit = limit(input);
    // A claim to start with; what comes is counted.
    let part = archive.by_name("content.xml").map_err(wrong)?;
    if part.size() > limit {
        return Err(too_large(input, "content.xml", limit));
    }
    let content = Limited { part, left: limit };
    let most = (4 << 20) + 4 * input.size();
    ods::read(input, content, most, observer)
}

/// A reader that fails behind a number of bytes.
struct Limited<R> {
    part: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.part.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            std::io::Error::other("it unpacks to more than the size of the file bears out")
        })?;
        Ok(count)
    }
}

impl Table for Sheet {
    fn columns(&self) -> &[Column] {
        &self.layout.columns
    }

    fn facts(&self) -> Facts {
        Facts {
            format: format!("{}, sheet '{}'", self.format, shortened(self.name.as_bytes())),
            kind: "a spreadsheet",
            rows: Some(u64::from(self.layout.end - self.layout.first)),
            named_columns: true,
            header: self.layout.header,
            is_surveyed: true,
            done: OPENED,
            notes: self.notes.clone(),
            ..Facts::default()
        }
    }

    fn prefer(
        &self,
        _: &Path,
        options: &LoadOptions,
    ) -> Result<(LoadOptions, Vec<String>), LoadError> {
        // Rows to skip and names in the first row have a meaning here, as in text.
        Ok((options.clone(), Vec::new()))
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let Layout { first, end, .. } = self.layout;
        let mut told = 0;
        let mut start = first;
        while start < end {
            let fraction = f64::from(start - first) / f64::from(end - first);
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let stop = end.min(start.saturating_add(ROWS));
            let mut bad_rows = Vec::new();
            let columns = wanted.iter().map(|want| self.values(*want, start, stop, &mut bad_rows));
            let columns = columns.collect();
            bad_rows.sort_by_key(|(row, _)| *row);
            bad_rows.dedup_by_key(|(row, _)| *row);
            bad_rows.truncate(MOST_BAD - told);
            told += bad_rows.len();
            let bad_rows = bad_rows
                .into_iter()
                .map(|(row, what)| BadRow { place: format!("sheet row {}", row + 1), what });
            let block =
                Block { columns, rows: (stop - start) as usize, bad_rows: bad_rows.collect() };
            if take(block)?.is_break() {
                break;
            }
            start = stop;
        }
        Ok(())
    }

    /// The row as the program that shows the sheet numbers it, from 1.
    fn place(&mut self, row: u64) -> Result<String, LoadError> {
        Ok(format!("sheet row {}", u64::from(self.layout.first) + row + 1))
    }
}

impl Sheet {
    /// The values of a column in the rows from `start` to `stop`.
    fn values(
        &self,
        want: Wanted,
        start: u32,
        stop: u32,
        bad_rows: &mut Vec<(u32, Bad)>,
    ) -> Values {
        let place = self.layout.places[want.column];
        let column = &self.layout.columns[want.column];
        let holds = if want.as_numbers { Holds::Numbers } else { column.holds };
        let present = self.cells.line(place.column).into_iter();
        let present = present.flat_map(|line| line.from(start).take_while(|(row, _)| *row < stop));
        let count = (stop - start) as usize;
        let at = |row: u32| (row - start) as usize;
        match holds {
            Holds::Numbers => {
                let mut values = vec![MISSING; count];
                for (row, cell) in present {
                    let value = self.number(cell, place);
                    if value.to_bits() == NOT_A_NUMBER.to_bits() && bad_rows.len() < 4 * MOST_BAD {
                        let cell = shortened(spelled(&self.cells, cell).as_bytes());
                        let column = shortened(column.name.as_bytes());
                        bad_rows.push((row, Bad::Cell { column, cell }));
                    }
                    values[at(row)] = value;
                }
                Values::Numbers(values)
            }
            Holds::Integers => {
                let mut values = vec![None; count];
                for (row, cell) in present {
                    values[at(row)] = match cell {
                        Cell::Number(value) => Some(value as i64),
                        _ => None,
                    };
                }
                Values::Integers(values)
            }
            Holds::Booleans => {
                let mut values = vec![None; count];
                for (row, cell) in present {
                    values[at(row)] = match cell {
                        Cell::Truth(truth) => Some(truth),
                        _ => None,
                    };
                }
                Values::Booleans(values)
            }
            Holds::Times => {
                let mut values = vec![None; count];
                for (row, cell) in present {
                    values[at(row)] = match cell {
                        Cell::Time(micros) => Some(micros),
                        _ => None,
                    };
                }
                Values::Times(values)
            }
            Holds::Texts | Holds::Nothing => {
                let mut values = vec![None; count];
                for (row, cell) in present {
                    let text = spelled(&self.cells, cell);
                    let is_missing = self.missing.has_word(text.as_bytes())
                        || classify(text.as_bytes()) == number::Cell::Missing;
                    values[at(row)] = (!is_missing).then_some(text);
                }
                Values::Texts(values)
            }
        }
    }

    /// A cell as a number, or as what says why it is none.
    fn number(&self, cell: Cell, place: Place) -> f64 {
        match cell {
            Cell::Number(value) => value,
            Cell::Truth(truth) => f64::from(u8::from(truth)),
            Cell::Time(micros) => micros as f64 * 1e-6,
            Cell::Error => MISSING,
            Cell::Text(number) => {
                let text = self.cells.text(number).as_bytes();
                if self.missing.has_word(text) {
                    return MISSING;
                }
                match classify(text) {
                    number::Cell::Missing => MISSING,
                    number::Cell::Nan => f64::NAN,
                    number::Cell::Infinite => f64::INFINITY,
                    number::Cell::Text => NOT_A_NUMBER,
                    number::Cell::Number(_) => {
                        let value = place.style.and_then(|style| style.parse(text, false));
                        value.unwrap_or(NOT_A_NUMBER)
                    }
                }
            }
        }
    }
}
