//! Text files: comma, semicolon, tab, bar or spaces between fields, with or without names.
//!
//! The file is read twice, in constant memory but for the points. The first pass classifies every
//! cell: which columns hold numbers, whether a comma is a decimal mark, whether the first row holds
//! names. A file whose 20,000th row spoils a column is thus described as it is, not guessed from
//! its beginning. The second pass parses the wanted columns.

mod dialect;
mod first_pass;
pub(crate) mod header;
mod line_filter;
mod reader;
mod rows;
mod squeeze;
pub(crate) mod survey;

use std::io::Read;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use self::dialect::Dialect;
use self::first_pass::FirstPass;
use self::rows::{Rows, TextFile};
use crate::LoadOptions;
use crate::columns::Column;
use crate::error::LoadError;
use crate::input::Input;
use crate::missing::MoreMissing;
use crate::number::{Cell, NumberStyle, bare, classify};
use crate::table::{
    Bad, BadRow, Block, Facts, MISSING, NOT_A_NUMBER, Table, Take, Values, WRONG_LENGTH, Wanted,
};
use crate::wording::shortened;
use sigmascope_core::engine::{Observer, Stretch};

/// How much of the text the dialect is worked out from.
const SAMPLE: u64 = 1 << 18;
/// Rows of a block.
const ROWS: usize = 1 << 14;
/// Rows that cannot be read are told one by one up to this many.
const MOST_BAD: usize = 5;

/// A table of text in a file that is open.
pub(super) struct Text {
    input: Input,
    encoding: &'static Encoding,
    /// Length of the byte order mark.
    mark: u64,
    byte_budget: u64,
    dialect: Dialect,
    first_pass: FirstPass,
    missing: MoreMissing,
}

impl Text {
    /// Reads the text once and finds out what its columns hold.
    ///
    /// # Errors
    /// When it is no table of text, or the observer ended the work.
    pub(super) fn open(
        input: &Input,
        options: &LoadOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        if options.reading.transpose {
            let (flag, wanted, found) = ("--transpose", "arrays (NPY)", "a text file");
            return Err(LoadError::NoUse { path: input.path().into(), flag, wanted, found });
        }
        let head = input.head(16)?;
        let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((UTF_8, 0));
        let mark = mark as u64;
        let byte_budget = options.byte_budget;
        let file = text_file(input, encoding, mark, byte_budget);
        let (sample, is_cut) = sample(&file)?;
        let dialect = Dialect::detect(&sample, is_cut, options.reading.skip_rows);
        let mut first_half = Stretch { observer, start: 0.0, length: Self::OPENED };
        let rows = Rows::new(&file, &dialect, &mut first_half)?;
        let first_pass = FirstPass::survey(rows, &file, &dialect, options)?;
        let (input, missing) = (input.clone(), options.more_missing());
        Ok(Self { input, encoding, mark, byte_budget, dialect, first_pass, missing })
    }

    /// Gives the columns, none of which has a name in the file, these names.
    pub(super) fn name_columns(&mut self, names: Vec<String>) {
        for (column, name) in self.first_pass.columns.iter_mut().zip(names) {
            column.name = name;
        }
    }

    /// The share of the work of loading that the first pass is.
    const OPENED: f64 = 0.5;

    fn file(&self) -> TextFile<'_> {
        text_file(&self.input, self.encoding, self.mark, self.byte_budget)
    }

    /// How numbers are spelled in each of these columns: in one way in all of them, if that can be.
    fn styles(&self, columns: &[usize]) -> Result<Vec<NumberStyle>, LoadError> {
        let file = self.file();
        match self.first_pass.style(&file, columns) {
            Ok(style) => Ok(vec![style; columns.len()]),
            Err(_) => columns.iter().map(|&k| self.first_pass.style(&file, &[k])).collect(),
        }
    }
}

fn text_file<'a>(
    input: &'a Input,
    encoding: &'static Encoding,
    mark: u64,
    byte_budget: u64,
) -> TextFile<'a> {
    let (path, file, size) = (input.path(), input.file(), input.size());
    TextFile { path, file, size, encoding, mark, byte_budget }
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

impl Table for Text {
    fn columns(&self) -> &[Column] {
        &self.first_pass.columns
    }

    fn facts(&self) -> Facts {
        let encoding = if self.encoding == UTF_8 { "" } else { ", UTF-16" };
        Facts {
            format: format!("{}{encoding}", self.first_pass.format(&self.dialect)),
            kind: "a text file",
            rows: Some(self.first_pass.rows),
            named_columns: true,
            header: self.first_pass.header,
            is_surveyed: true,
            done: Self::OPENED,
            notes: self.first_pass.notes.clone(),
            ..Facts::default()
        }
    }

    fn prefer(
        &self,
        _: &Path,
        options: &LoadOptions,
    ) -> Result<(LoadOptions, Vec<String>), LoadError> {
        Ok((options.clone(), Vec::new()))
    }

    fn check_chosen(&self, chosen: &[usize]) -> Result<(String, Vec<String>), LoadError> {
        let style = self.first_pass.style(&self.file(), chosen)?;
        Ok((self.first_pass.format_of(style, chosen), self.first_pass.notes_on_angles(chosen)))
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let numbers: Vec<usize> =
            wanted.iter().filter(|want| want.as_numbers).map(|want| want.column).collect();
        let mut styles = self.styles(&numbers)?.into_iter();
        let wanted: Vec<Want> = wanted
            .iter()
            .map(|want| Want {
                column: want.column,
                style: if want.as_numbers { styles.next() } else { None },
                in_hours: self.first_pass.is_in_hours(want.column),
            })
            .collect();
        let file = self.file();
        let mut rows = Rows::new(&file, &self.dialect, observer)?;
        for _ in 0..self.first_pass.head {
            rows.next()?;
        }
        let mut pending = Pending::new(self, &wanted);
        let mut count = 0;
        while let Some((line, record)) = rows.next()? {
            // The file has grown since it was opened: its points no longer fit the budget.
            if count == self.first_pass.rows {
                break;
            }
            count += 1;
            pending.push(line, record);
            if pending.rows == ROWS && take(pending.block())?.is_break() {
                return Ok(());
            }
        }
        if pending.rows > 0 {
            let _ = take(pending.block())?;
        }
        Ok(())
    }

    fn place(&mut self, row: u64) -> Result<String, LoadError> {
        let file = self.file();
        let mut unobserved = sigmascope_core::engine::Unobserved;
        let mut rows = Rows::new(&file, &self.dialect, &mut unobserved)?;
        let mut place = format!("row {}", row + 1);
        for _ in 0..=self.first_pass.head + row {
            let Some((line, _)) = rows.next()? else { break };
            place = format!("line {line}");
        }
        Ok(place)
    }
}

/// A column to read, and how.
struct Want {
    column: usize,
    /// How its numbers are spelled; `None` where cells are wanted as they stand.
    style: Option<NumberStyle>,
    /// Whether sexagesimal numbers without a unit are hours.
    in_hours: bool,
}

/// The rows of the block that is being read.
struct Pending<'a> {
    text: &'a Text,
    wanted: &'a [Want],
    columns: Vec<Values>,
    rows: usize,
    bad_rows: Vec<BadRow>,
    bad: usize,
}

impl<'a> Pending<'a> {
    fn new(text: &'a Text, wanted: &'a [Want]) -> Self {
        Self { text, wanted, columns: empty(wanted), rows: 0, bad_rows: Vec::new(), bad: 0 }
    }

    /// Takes in a row.
    fn push(&mut self, line: u64, record: &csv::ByteRecord) {
        self.rows += 1;
        let expected = self.text.first_pass.width;
        let is_whole = record.len() == expected;
        let mut bad = (!is_whole).then(|| Bad::Length { found: record.len(), expected });
        for (want, values) in self.wanted.iter().zip(&mut self.columns) {
            let cell = record.get(want.column).unwrap_or_default();
            match (values, want.style) {
                (Values::Numbers(values), Some(_)) if !is_whole => values.push(WRONG_LENGTH),
                (Values::Numbers(values), Some(style)) => {
                    let value = self.text.number(cell, style, want.in_hours);
                    if value.to_bits() == NOT_A_NUMBER.to_bits() && bad.is_none() {
                        let column = &self.text.first_pass.columns[want.column].name;
                        bad = Some(Bad::Cell {
                            column: shortened(column.as_bytes()),
                            cell: shortened(bare(cell)),
                        });
                    }
                    values.push(value);
                }
                (Values::Texts(values), _) => {
                    let is_missing = !is_whole
                        || self.text.missing.has_word(bare(cell))
                        || classify(cell) == Cell::Missing;
                    let text = || String::from_utf8_lossy(bare(cell)).into_owned();
                    values.push((!is_missing).then(text));
                }
                _ => {}
            }
        }
        if let Some(what) = bad {
            if self.bad < MOST_BAD {
                self.bad_rows.push(BadRow { place: format!("line {line}"), what });
            }
            self.bad += 1;
        }
    }

    /// The rows taken in so far.
    fn block(&mut self) -> Block {
        Block {
            columns: std::mem::replace(&mut self.columns, empty(self.wanted)),
            rows: std::mem::take(&mut self.rows),
            bad_rows: std::mem::take(&mut self.bad_rows),
        }
    }
}

fn empty(wanted: &[Want]) -> Vec<Values> {
    let of = |want: &Want| match want.style {
        Some(_) => Values::Numbers(Vec::with_capacity(ROWS)),
        None => Values::Texts(Vec::with_capacity(ROWS)),
    };
    wanted.iter().map(of).collect()
}

impl Text {
    /// A cell as a number, or as what says why it is none.
    fn number(&self, cell: &[u8], style: NumberStyle, in_hours: bool) -> f64 {
        if self.missing.has_word(bare(cell)) {
            return MISSING;
        }
        match classify(cell) {
            Cell::Missing => MISSING,
            Cell::Nan => f64::NAN,
            Cell::Infinite => f64::INFINITY,
            Cell::Number(_) => style.parse(cell, in_hours).unwrap_or(NOT_A_NUMBER),
            Cell::Text => NOT_A_NUMBER,
        }
    }
}
