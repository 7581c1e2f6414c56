//! What the first pass over a text file finds in each column: numbers or text, how they are spelled,
//! whether they are the numbers of the rows.

use crate::columns::{Kind, MOSTLY_EMPTY, ROWS_OF_TRUTHS, TRUTHS};
use crate::missing::is_missing;
use crate::number::{Cell, Marks, NumberStyle, bare, classify, infinity, plain};
use crate::table::{MISSING, NOT_A_NUMBER};
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
    /// How many of these there are in front of the first number.
    leading_texts: u64,
    /// How many say that there is no value.
    pub(crate) missing: u64,
    /// How many are infinities.
    pub(crate) infinite: u64,
    /// The cell of text in the lowest line.
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
    padded: u64,
    /// Whether there is one of these with digits that would be lost: zeros in front, or too many.
    pub(crate) has_codes: bool,
    /// Whether each number is whole, and the one before it plus one.
    run: Run,
    /// The first cell that holds something, and whether a later one differs from it.
    first: Option<Vec<u8>>,
    pub(crate) varies: bool,
    /// Lowest and highest finite number, with a decimal point or else a decimal comma.
    pub(crate) range: Option<[f64; 2]>,
    /// Whether other cells of the column stand in front of these.
    is_part: bool,
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

impl Run {
    /// One run and the numbers below it.
    fn then(self, below: Self) -> Self {
        match (self, below) {
            (Self::Empty, other) | (other, Self::Empty) => other,
            (
                Self::Going { first, last, count },
                Self::Going { first: next, last: end, count: more },
            ) if is_next(last, next) => Self::Going { first, last: end, count: count + more },
            _ => Self::Broken,
        }
    }
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
    /// One of cells that others stand in front of: see [`Self::append`].
    pub(crate) fn part() -> Self {
        Self { is_part: true, ..Self::default() }
    }

    /// Takes in a cell of this column and the line it is in; `in_front` if it stands in front of those
    /// taken in before. Gives its value, as far as that can be told from the cell, or what says why there
    /// is none.
    pub(crate) fn absorb(&mut self, line: u64, cell: &[u8], in_front: bool) -> f64 {
        if self.is_surely_text() {
            return self.absorb_text(cell);
        }
        if let Some((value, marks)) = plain(cell) {
            self.compare(cell);
            self.absorb_spelled(line, cell, (Some(value), marks), in_front);
            return value;
        }
        self.compare(bare(cell));
        match classify(cell) {
            Cell::Number(marks) => {
                let value = value_of(cell);
                self.absorb_spelled(line, cell, (value, marks), in_front);
                value.unwrap_or(NOT_A_NUMBER)
            }
            Cell::Text => {
                self.texts += 1;
                self.leading_texts += u64::from(self.numbers == 0);
                if self.first_text.as_ref().is_none_or(|first| line < first.line) {
                    self.first_text = Some(Example::new(line, cell));
                }
                NOT_A_NUMBER
            }
            Cell::Missing => self.absorb_missing(),
            Cell::Nan => f64::NAN,
            Cell::Infinite => {
                self.infinite += 1;
                infinity(cell)
            }
        }
    }

    /// Takes in a cell that says that there is no value.
    pub(crate) fn absorb_missing(&mut self) -> f64 {
        self.missing += 1;
        MISSING
    }

    /// Takes in a cell of a column of text.
    pub(crate) fn absorb_text(&mut self, cell: &[u8]) -> f64 {
        if is_missing(bare(cell)) { self.absorb_missing() } else { NOT_A_NUMBER }
    }

    /// Whether the column begins with so much text that numbers no longer count.
    pub(crate) fn is_surely_text(&self) -> bool {
        !self.is_part && self.texts >= SURELY_TEXT && self.numbers == 0
    }

    /// Whether a cell, without spaces and quotes around it, differs from the others.
    fn compare(&mut self, cell: &[u8]) {
        if self.varies || cell.is_empty() {
            return;
        }
        match &self.first {
            None => self.first = Some(cell.to_vec()),
            Some(first) => self.varies = first != cell,
        }
    }

    fn absorb_spelled(
        &mut self,
        line: u64,
        cell: &[u8],
        (value, marks): (Option<f64>, Marks),
        in_front: bool,
    ) {
        self.numbers += 1;
        if marks.has(Marks::WHOLE) {
            self.whole += 1;
            let cell = bare(cell);
            self.padded += u64::from(matches!(cell, [b'0', b'0'..=b'9', ..]));
            self.has_codes = self.has_codes || is_code(cell);
        }
        let may_be_truth = value.is_none_or(|value| [0.0, 1.0].contains(&value));
        self.truths += u64::from(may_be_truth && is_truth(cell));
        self.absorb_value(value, in_front);
        if self.marks.lacks(marks) {
            for mark in marks.each().filter(|&mark| self.marks.lacks(mark)) {
                self.examples.push((mark, Example::new(line, cell)));
            }
            self.marks = self.marks.with(marks);
        }
    }

    fn absorb_value(&mut self, value: Option<f64>, in_front: bool) {
        let Some(value) = value else {
            self.run = Run::Broken;
            return;
        };
        if self.run != Run::Broken {
            let one = Run::Going { first: value, last: value, count: 1 };
            let one = if value.fract() == 0.0 { one } else { Run::Broken };
            self.run = if in_front { one.then(self.run) } else { self.run.then(one) };
        }
        if value.is_finite() {
            let [low, high] = self.range.unwrap_or([value; 2]);
            self.range = Some([low.min(value), high.max(value)]);
        }
    }

    /// Takes in a cell that is a number, not the spelling of one.
    pub(crate) fn absorb_number(&mut self, value: f64, in_front: bool) {
        self.compare(&value.to_le_bytes());
        self.numbers += 1;
        self.whole += u64::from(value.fract() == 0.0);
        self.truths += u64::from([0.0, 1.0].contains(&value));
        self.absorb_value(Some(value), in_front);
    }

    /// Takes in what was found in the cells below, in front of which there are so many lines.
    pub(crate) fn append(&mut self, below: Self, lines: u64) {
        self.missing += below.missing;
        if self.is_surely_text() {
            return;
        }
        let moved = |example: Example| Example { line: example.line + lines, ..example };
        if self.first_text.is_none() {
            self.first_text = below.first_text.map(moved);
        }
        self.varies = self.varies
            || below.varies
            || self.first.is_some() && below.first.is_some() && self.first != below.first;
        self.first = self.first.take().or(below.first);
        if self.numbers == 0 {
            self.leading_texts += below.leading_texts;
            if !self.is_part && self.leading_texts >= SURELY_TEXT {
                self.texts = self.leading_texts;
                return;
            }
        }
        self.numbers += below.numbers;
        self.texts += below.texts;
        self.infinite += below.infinite;
        self.whole += below.whole;
        self.truths += below.truths;
        self.padded += below.padded;
        self.has_codes |= below.has_codes;
        self.run = self.run.then(below.run);
        let new = below.examples.into_iter().filter(|(mark, _)| self.marks.lacks(*mark));
        self.examples.extend(new.map(|(mark, example)| (mark, moved(example))));
        self.marks = self.marks.with(below.marks);
        self.range = match (self.range, below.range) {
            (Some([low, high]), Some([lower, higher])) => Some([low.min(lower), high.max(higher)]),
            (one, other) => one.or(other),
        };
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

    /// Whether its numbers have one of these marks.
    pub(crate) fn has_any(&self, marks: &[Marks]) -> bool {
        marks.iter().any(|mark| self.marks.has(*mark))
    }

    /// Whether all values are whole numbers.
    pub(crate) fn are_whole(&self) -> bool {
        self.texts == 0 && self.infinite == 0 && self.whole == self.numbers
    }

    /// Whether all values are whole numbers that would lose digits as such.
    pub(crate) fn are_codes(&self) -> bool {
        self.are_whole() && self.has_codes
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

/// Whether a whole number is written with digits that it would lose as a number: zeros in front, as post
/// codes have them, or more than 64 bits hold.
fn is_code(cell: &[u8]) -> bool {
    let digits = cell.strip_prefix(b"-").or(cell.strip_prefix(b"+")).unwrap_or(cell);
    digits.len() > 1 && digits[0] == b'0' || digits.len() > 18
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
