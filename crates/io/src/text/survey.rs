//! What the first pass over a text file finds in each column: numbers or text, how they are spelled,
//! whether they are the numbers of the rows.

use crate::columns::{Kind, MOSTLY_EMPTY, ROWS_OF_TRUTHS, TRUTHS};
use crate::number::{Cell, Marks, NumberStyle, bare, classify};
use crate::wording::shortened;

/// After so many cells of text without a single number a column is text for good.
const SURELY_TEXT: u64 = 1000;

/// What the cells of one column hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    /// How many are numbers.
    pub(crate) numbers: u64,
    /// How many are neither numbers nor missing.
    pub(crate) texts: u64,
    /// The one of these in the lowest line.
    pub(crate) first_text: Option<Example>,
    /// The roles that points and commas have in its numbers.
    pub(crate) marks: Marks,
    /// The first cell with each of the marks.
    pub(crate) examples: Vec<(Marks, Example)>,
    /// How many of the numbers are whole: digits alone.
    pub(crate) whole: u64,
    /// How many of the numbers are 0 or 1.
    pub(crate) truths: u64,
    /// How many of the whole numbers have zeros in front, as codes have: 007.
    pub(crate) padded: u64,
    /// Whether each number is whole, and the one before it plus one.
    run: Run,
    /// The first cell that holds something, and whether a later one differs from it.
    first: Option<Vec<u8>>,
    pub(crate) varies: bool,
    /// Lowest and highest number, where somebody asked for them: see [`Self::with_range`].
    pub(crate) range: Option<[f64; 2]>,
}

/// Whether the numbers of a column count up by one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Run {
    /// There was no number yet.
    #[default]
    Empty,
    /// They did so far.
    Going { first: f64, last: f64, count: u64 },
    /// They do not.
    Broken,
}

/// A cell and its line.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// Counted from 1.
    pub(crate) line: u64,
    /// Shortened for a message.
    pub(crate) cell: String,
}

impl Example {
    fn new(line: u64, cell: &[u8]) -> Self {
        Self { line, cell: shortened(bare(cell)) }
    }
}

impl Survey {
    /// One that also finds out the range of the numbers.
    pub(crate) fn with_range() -> Self {
        Self { range: Some([f64::INFINITY, f64::NEG_INFINITY]), ..Self::default() }
    }

    /// Takes in a cell of this column and the line it is in; `in_front` if it stands in front of those
    /// taken in before.
    pub(crate) fn absorb(&mut self, line: u64, cell: &[u8], in_front: bool) {
        if self.texts >= SURELY_TEXT && self.numbers == 0 {
            return;
        }
        if !self.varies {
            let cell = bare(cell);
            match &self.first {
                None if !cell.is_empty() => self.first = Some(cell.to_vec()),
                Some(first) if !cell.is_empty() => self.varies = first != cell,
                _ => {}
            }
        }
        match classify(cell) {
            Cell::Number(marks) => {
                self.numbers += 1;
                self.whole += u64::from(marks.has(Marks::WHOLE));
                self.truths += u64::from(is_truth(cell));
                let is_padded = || matches!(bare(cell), [b'0', b'0'..=b'9', ..]);
                self.padded += u64::from(marks.has(Marks::WHOLE) && is_padded());
                if self.run != Run::Broken || self.range.is_some() {
                    self.absorb_value(cell, in_front);
                }
                if self.marks.lacks(marks) {
                    for mark in marks.each().filter(|&mark| self.marks.lacks(mark)) {
                        self.examples.push((mark, Example::new(line, cell)));
                    }
                    self.marks = self.marks.with(marks);
                }
            }
            Cell::Text => {
                self.texts += 1;
                if self.first_text.as_ref().is_none_or(|first| line < first.line) {
                    self.first_text = Some(Example::new(line, cell));
                }
            }
            Cell::Missing | Cell::Nan | Cell::Infinite => {}
        }
    }

    fn absorb_value(&mut self, cell: &[u8], in_front: bool) {
        match value_of(cell) {
            Some(value) => self.count_on(value, in_front),
            None => self.run = Run::Broken,
        }
    }

    fn count_on(&mut self, value: f64, in_front: bool) {
        self.run = match self.run {
            _ if value.fract() != 0.0 => Run::Broken,
            Run::Empty => Run::Going { first: value, last: value, count: 1 },
            Run::Going { first, last, count } if in_front && is_next(value, first) => {
                Run::Going { first: value, last, count: count + 1 }
            }
            Run::Going { first, last, count } if !in_front && is_next(last, value) => {
                Run::Going { first, last: value, count: count + 1 }
            }
            _ => Run::Broken,
        };
        if let Some([low, high]) = &mut self.range {
            (*low, *high) = (low.min(value), high.max(value));
        }
    }

    /// Takes in a cell that is a number, not the spelling of one.
    pub(crate) fn absorb_number(&mut self, value: f64, in_front: bool) {
        if !self.varies {
            let bytes = value.to_le_bytes();
            match &self.first {
                None => self.first = Some(bytes.to_vec()),
                Some(first) => self.varies = *first != bytes,
            }
        }
        self.numbers += 1;
        self.whole += u64::from(value.fract() == 0.0);
        self.truths += u64::from([0.0, 1.0].contains(&value));
        self.count_on(value, in_front);
    }

    /// Whether the column counts the rows: each number is the one before it plus one.
    pub(crate) fn counts_rows(&self) -> bool {
        match self.run {
            // Two rows count only as programs do.
            Run::Going { first, count: 2, .. } => first.abs() < 0.5 || is_next(0.0, first),
            Run::Going { count, .. } => count > 2,
            _ => false,
        }
    }

    /// Why it is not taken by itself in a table of so many rows, whose columns have names or not; `None`
    /// if it may be.
    pub(crate) fn set_apart(&self, rows: u64, named: bool) -> Option<&'static str> {
        if self.marks.has(Marks::COLONS) {
            Some("numbers with colons may be times of day")
        } else if (self.numbers + self.texts) * 2 < rows {
            Some(MOSTLY_EMPTY)
        } else if self.padded > 0 && self.whole == self.numbers {
            Some("numbers with zeros in front, as codes have")
        } else if named && self.numbers >= ROWS_OF_TRUTHS && self.truths == self.numbers {
            Some(TRUTHS)
        } else {
            None
        }
    }

    /// Whether text is so rare that the rows with it may be left out: at most a fifth.
    pub(crate) fn is_mostly_numbers(&self) -> bool {
        self.numbers > 0 && self.texts * 5 <= self.numbers + self.texts
    }

    /// What kind of column these cells make.
    pub(crate) fn kind(&self) -> Kind {
        match (self.numbers, self.texts) {
            (0, 0) => Kind::Nothing,
            _ if self.is_mostly_numbers() => Kind::Numbers,
            (numbers, texts) if numbers >= texts => Kind::MostlyNumbers,
            _ => Kind::Text,
        }
    }
}

/// Whether a cell is 0 or 1, with zeros behind a point or without.
fn is_truth(cell: &[u8]) -> bool {
    match bare(cell) {
        [b'0' | b'1'] => true,
        [b'0' | b'1', b'.', zeros @ ..] => zeros.iter().all(|b| *b == b'0'),
        _ => false,
    }
}

#[expect(clippy::float_cmp, reason = "whole numbers are exact")]
fn is_next(before: f64, after: f64) -> bool {
    after == before + 1.0
}

/// A number for comparing, whatever its decimal mark; `None` where it cannot be told from the cell.
pub(crate) fn value_of(cell: &[u8]) -> Option<f64> {
    let point = NumberStyle { decimal: b'.', grouped: false };
    let comma = NumberStyle { decimal: b',', grouped: false };
    point.parse(cell, false).or_else(|| comma.parse(cell, false))
}
