//! Rows of a text file as a block of values: each cell as the number, the whole number or the text that is
//! wanted of its column.

use super::Text;
use super::cells::Row;
use crate::missing::is_missing;
use crate::number::{Cell, NumberStyle, bare, classify, infinity, plain};
use crate::table::{Bad, BadRow, Block, MISSING, NOT_A_NUMBER, Values, WRONG_LENGTH};
use crate::wording::shortened;

/// Rows that cannot be read are told one by one up to this many.
const MOST_BAD: usize = 5;

/// What the values of a column become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Numbers, spelled so.
    Numbers(NumberStyle),
    /// Whole numbers.
    Integers,
    /// Cells as they stand.
    Texts,
}

/// A column to read, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) column: usize,
    pub(super) form: Form,
    /// Whether sexagesimal numbers without a unit are hours.
    pub(super) in_hours: bool,
}

impl Want {
    /// The column and how its numbers are spelled, if it becomes numbers.
    pub(super) fn number(&self) -> Option<(usize, NumberStyle)> {
        match self.form {
            Form::Numbers(style) => Some((self.column, style)),
            Form::Integers | Form::Texts => None,
        }
    }
}

/// The rows of a block that is being read.
pub(super) struct BlockBuilder<'a> {
    text: &'a Text,
    wanted: &'a [Want],
    columns: Vec<Values>,
    pub(super) rows: usize,
    /// The first rows that cannot be read, with their lines.
    bad_rows: Vec<(u64, Bad)>,
}

impl<'a> BlockBuilder<'a> {
    pub(super) fn new(text: &'a Text, wanted: &'a [Want]) -> Self {
        Self { text, wanted, columns: empty(wanted), rows: 0, bad_rows: Vec::new() }
    }

    /// Takes in a row.
    pub(super) fn push(&mut self, line: u64, row: &impl Row) {
        self.rows += 1;
        let (found, expected) = (row.count(), self.text.first_pass.width);
        let is_whole = found == expected;
        let mut bad = (!is_whole).then_some(Bad::Length { found, expected });
        for (want, values) in self.wanted.iter().zip(&mut self.columns) {
            let cell = row.cell(want.column);
            match (values, want.form) {
                (Values::Numbers(values), Form::Numbers(style)) => {
                    let value = if is_whole {
                        self.text.number(cell, style, want.in_hours)
                    } else {
                        WRONG_LENGTH
                    };
                    if value.to_bits() == NOT_A_NUMBER.to_bits() && bad.is_none() {
                        let column = &self.text.first_pass.columns[want.column].name;
                        bad = Some(Bad::Cell {
                            column: shortened(column.as_bytes()),
                            cell: shortened(bare(cell)),
                        });
                    }
                    values.push(value);
                }
                (Values::Integers(values), _) => {
                    values.push(if is_whole { self.text.integer(cell) } else { None });
                }
                (Values::Texts(values), _) => {
                    let word = bare(cell);
                    let is_missing =
                        !is_whole || self.text.missing.has_word(word) || is_missing(word);
                    // As it stands: spaces at its ends are part of a label.
                    let text = || String::from_utf8_lossy(cell).into_owned();
                    values.push((!is_missing).then(text));
                }
                _ => {}
            }
        }
        if let Some(what) = bad.filter(|_| self.bad_rows.len() < MOST_BAD) {
            self.bad_rows.push((line, what));
        }
    }

    /// The rows taken in so far, at most `most`; `lines` stand in front of those that were counted.
    pub(super) fn block(&mut self, lines: u64, most: u64) -> Block {
        let mut columns = std::mem::replace(&mut self.columns, empty(self.wanted));
        let mut rows = std::mem::take(&mut self.rows);
        if let Some(most) = usize::try_from(most).ok().filter(|most| *most < rows) {
            rows = most;
            for values in &mut columns {
                truncate(values, most);
            }
        }
        let bad_row = |(line, what)| BadRow { place: format!("line {}", line + lines), what };
        let bad_rows = std::mem::take(&mut self.bad_rows).into_iter().map(bad_row).collect();
        Block { columns, rows, bad_rows }
    }
}

fn empty(wanted: &[Want]) -> Vec<Values> {
    let of = |want: &Want| match want.form {
        Form::Numbers(_) => Values::Numbers(Vec::new()),
        Form::Integers => Values::Integers(Vec::new()),
        Form::Texts => Values::Texts(Vec::new()),
    };
    wanted.iter().map(of).collect()
}

fn truncate(values: &mut Values, most: usize) {
    match values {
        Values::Numbers(values) => values.truncate(most),
        Values::Integers(values) | Values::Times(values) => values.truncate(most),
        Values::Booleans(values) => values.truncate(most),
        Values::Texts(values) => values.truncate(most),
    }
}

impl Text {
    /// A cell as a number, or as what says why it is none.
    fn number(&self, cell: &[u8], style: NumberStyle, in_hours: bool) -> f64 {
        if self.missing.has_word(bare(cell)) {
            return MISSING;
        }
        if style.decimal == b'.'
            && let Some((value, _)) = plain(cell)
        {
            return value;
        }
        match classify(cell) {
            Cell::Missing => MISSING,
            Cell::Nan => f64::NAN,
            Cell::Infinite => infinity(cell),
            Cell::Number(_) => style.parse(cell, in_hours).unwrap_or(NOT_A_NUMBER),
            Cell::Text => NOT_A_NUMBER,
        }
    }

    /// A cell of a column of whole numbers.
    fn integer(&self, cell: &[u8]) -> Option<i64> {
        let cell = bare(cell);
        if self.missing.has_word(cell) {
            return None;
        }
        let usual = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
        // Groups of digits, or a minus sign of its own.
        usual.or_else(|| {
            let style = NumberStyle { decimal: b'.', grouped: false };
            let value = self.number(cell, style, false);
            (value.fract() == 0.0).then_some(value as i64)
        })
    }
}
