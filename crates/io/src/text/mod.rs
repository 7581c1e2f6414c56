//! Text files: comma, semicolon, tab, bar or spaces between fields, with or without names.
//!
//! The file is read twice, in constant memory but for the points. The first pass classifies every
//! cell: which columns hold numbers, whether a comma is a decimal mark, whether the first row holds
//! names. A file whose 20,000th row spoils a column is thus described as it is, not guessed from
//! its beginning. The second pass parses the wanted columns, unless a small table of plain numbers was
//! kept from the first.
//!
//! ```text
//!   file ─▶ pieces, side by side ─▶ lines ─▶ cells ─┬─▶ surveys, added up    first pass: findings, survey
//!     └───▶ row by row, from the first piece on     └─▶ blocks of values     second pass: block
//!           that cannot be read by itself: rows, reader
//! ```

mod block;
mod cells;
mod dialect;
mod findings;
mod first_pass;
mod frame;
pub(crate) mod header;
mod line_filter;
mod piece;
mod reader;
mod rows;
#[cfg(test)]
mod same_either_way;
mod side_by_side;
mod squeeze;
pub(crate) mod survey;

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use self::block::{BlockBuilder, Form, Want};
use self::dialect::Dialect;
use self::findings::Kept;
use self::first_pass::FirstPass;
use self::piece::{Awkward, Piece};
use self::rows::{Rows, TextFile};
use self::side_by_side::{STRETCH, in_pieces};
use crate::LoadOptions;
use crate::columns::{Column, ColumnSummary};
use crate::error::LoadError;
use crate::input::Input;
use crate::missing::MoreMissing;
use crate::number::NumberStyle;
use crate::table::{Block, Facts, Table, Take, Values, Wanted};
use sigmascope_core::engine::{Observer, Progress, Stretch};

/// How much of the text the dialect is worked out from.
const SAMPLE: u64 = 1 << 18;
/// Rows of a block.
const ROWS: usize = 1 << 14;

/// A table of text in a file that is open.
pub(super) struct Text {
    input: Input,
    encoding: &'static Encoding,
    /// Length of the byte order mark.
    mark: u64,
    byte_budget: u64,
    stretch: u64,
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
        Self::open_in_pieces(input, options, observer, STRETCH)
    }

    /// The same, in pieces of `stretch` bytes.
    fn open_in_pieces(
        input: &Input,
        options: &LoadOptions,
        observer: &mut dyn Observer,
        stretch: u64,
    ) -> Result<Self, LoadError> {
        if options.reading.transpose {
            let (flag, wanted, found) = ("--transpose", "arrays (NPY)", "a text file");
            return Err(LoadError::NoUse { path: input.path().into(), flag, wanted, found });
        }
        let head = input.head(16)?;
        let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((UTF_8, 0));
        let mark = mark as u64;
        let byte_budget = options.byte_budget;
        let file = text_file(input, encoding, mark, byte_budget, stretch);
        let (sample, is_cut) = sample(&file)?;
        let dialect = Dialect::detect(&sample, is_cut, options.reading.skip_rows);
        let mut options = options.clone();
        options.reading.missing.extend(dialect.frame.as_ref().and_then(|f| f.missing.clone()));
        let options = &options;
        let mut first_half = Stretch { observer, start: 0.0, length: Self::OPENED };
        let first_pass = FirstPass::survey(&file, &dialect, options, &mut first_half)?;
        let (input, missing) = (input.clone(), options.more_missing());
        Ok(Self { input, encoding, mark, byte_budget, stretch, dialect, first_pass, missing })
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
        text_file(&self.input, self.encoding, self.mark, self.byte_budget, self.stretch)
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
    stretch: u64,
) -> TextFile<'a> {
    let (path, file, size) = (input.path(), input.file(), input.size());
    TextFile { path, input, file, size, encoding, mark, byte_budget, stretch }
}

/// The beginning of the text, and whether there is more.
fn sample(file: &TextFile<'_>) -> Result<(Vec<u8>, bool), LoadError> {
    let mut sample = Vec::new();
    let mut text = file.text(None, file.beginning())?.take(SAMPLE);
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
            format: format!("CSV, {}{encoding}", self.dialect.separator.words()),
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
        let wanted = self.wants(wanted)?;
        let styles: Option<Vec<(usize, NumberStyle)>> = wanted.iter().map(Want::number).collect();
        let kept = styles.and_then(|styles| self.first_pass.take_kept(&styles));
        match kept {
            Some(kept) => self.hand_on(kept, &wanted, observer, take),
            None => self.read_again(&wanted, observer, take),
        }
    }

    fn describe(&mut self, observer: &mut dyn Observer) -> Result<Vec<ColumnSummary>, LoadError> {
        let told = (0..self.columns().len()).map(|k| self.first_pass.summary(k));
        let (mut summaries, is_unread): (Vec<ColumnSummary>, Vec<bool>) = told.unzip();
        let unread = (0..is_unread.len()).filter(|k| is_unread[*k]);
        let wanted: Vec<Wanted> =
            unread.map(|column| Wanted { column, as_numbers: true }).collect();
        if !wanted.is_empty() {
            self.read(&wanted, observer, &mut |block| {
                for (want, values) in wanted.iter().zip(&block.columns) {
                    let summary = &mut summaries[want.column];
                    let missing = summary.missing;
                    summary.absorb(values);
                    summary.missing = missing;
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(summaries)
    }

    fn place(&mut self, row: u64) -> Result<String, LoadError> {
        let file = self.file();
        let mut unobserved = sigmascope_core::engine::Unobserved;
        let mut rows = Rows::new(&file, &self.dialect, file.beginning(), &mut unobserved)?;
        let mut place = format!("row {row}");
        for _ in 0..=self.first_pass.head + row {
            let Some((line, _)) = rows.next()? else { break };
            place = format!("line {line}");
        }
        Ok(place)
    }
}

impl Text {
    /// What becomes of the wanted columns.
    fn wants(&self, wanted: &[Wanted]) -> Result<Vec<Want>, LoadError> {
        let numbers: Vec<usize> =
            wanted.iter().filter(|want| want.as_numbers).map(|want| want.column).collect();
        let mut styles = self.styles(&numbers)?.into_iter();
        let want = |&Wanted { column, as_numbers }: &Wanted| {
            let style = if as_numbers { styles.next() } else { None };
            let form = style.map_or_else(|| self.first_pass.form(column), Form::Numbers);
            Want { column, form, in_hours: self.first_pass.is_in_hours(column) }
        };
        Ok(wanted.iter().map(want).collect())
    }

    /// Hands on the numbers that the first pass kept.
    fn hand_on(
        &self,
        kept: Kept,
        wanted: &[Want],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let mut first = BlockBuilder::new(self, wanted);
        for record in &self.first_pass.firsts {
            first.push(0, record);
        }
        let mut block = first.block(0, u64::MAX);
        let count = kept.len() as f64;
        let mut kept = kept.into_iter().enumerate();
        loop {
            if block.rows > 0 && take(block)?.is_break() {
                return Ok(());
            }
            let Some((k, mut columns)) = kept.next() else { return Ok(()) };
            if observer.checkpoint(Progress { fraction: k as f64 / count }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let rows = columns.first().map_or(0, Vec::len);
            let values = wanted.iter().enumerate().map(|(place, want)| {
                let is_wanted_again =
                    wanted.iter().skip(place + 1).any(|other| other.column == want.column);
                let column = &mut columns[want.column];
                let values = if is_wanted_again { column.clone() } else { std::mem::take(column) };
                Values::Numbers(values)
            });
            block = Block { columns: values.collect(), rows, bad_rows: Vec::new() };
        }
    }

    /// Reads the file again for the columns that are wanted.
    fn read_again(
        &self,
        wanted: &[Want],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let file = self.file();
        let FirstPass { head, rows: most, .. } = self.first_pass;
        let in_piece = |piece: &Piece| {
            let mut block = BlockBuilder::new(self, wanted);
            let mut skip = if piece.is_first { head } else { 0 };
            let counts = piece.each_row(&self.dialect, |line, row| {
                if skip == 0 {
                    block.push(line, row);
                } else {
                    skip -= 1;
                }
            })?;
            // Names and units go on behind it.
            if skip > 0 { Err(Awkward) } else { Ok((block, counts.lines)) }
        };
        // A file that has grown since it was opened has more rows, whose points no longer fit the budget.
        let mut count = 0;
        let rest = in_pieces(&file, &self.dialect, observer, in_piece, |mut block, lines| {
            let block = block.block(lines, most - count);
            count += block.rows as u64;
            let flow = if block.rows > 0 { take(block)? } else { ControlFlow::Continue(()) };
            Ok(if count == most { ControlFlow::Break(()) } else { flow })
        })?;
        let Some(start) = rest else { return Ok(()) };
        let mut rows = Rows::new(&file, &self.dialect, start, observer)?;
        if start == file.beginning() {
            for _ in 0..head {
                rows.next()?;
            }
        }
        let mut block = BlockBuilder::new(self, wanted);
        while let Some((line, record)) = rows.next()? {
            if count == most {
                break;
            }
            count += 1;
            block.push(line, record);
            if block.rows == ROWS && take(block.block(0, u64::MAX))?.is_break() {
                return Ok(());
            }
        }
        if block.rows > 0 {
            let _ = take(block.block(0, u64::MAX))?;
        }
        Ok(())
    }
}
