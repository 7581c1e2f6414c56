//! What the first pass over a text file finds in each column, and whether the first row holds names.

use super::columns::Kind;
use super::number::{Cell, Marks, bare, classify};
use super::wording::shortened;

/// After so many cells of text without a single number a column is text for good.
const SURELY_TEXT: u64 = 1000;

/// What the cells of one column hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    /// How many are numbers.
    pub(super) numbers: u64,
    /// How many are neither numbers nor missing.
    pub(super) texts: u64,
    /// The one of these in the lowest line.
    pub(super) first_text: Option<Example>,
    /// The roles that points and commas have in its numbers.
    pub(super) marks: Marks,
    /// The first cell with each of the marks.
    pub(super) examples: Vec<(Marks, Example)>,
}

/// A cell and its line.
#[derive(Clone, Debug)]
pub(super) struct Example {
    /// Counted from 1.
    pub(super) line: u64,
    /// Shortened for a message.
    pub(super) cell: String,
}

impl Example {
    fn new(line: u64, cell: &[u8]) -> Self {
        Self { line, cell: shortened(bare(cell)) }
    }
}

impl Survey {
    /// Takes in a cell of this column and the line it is in.
    pub(super) fn absorb(&mut self, line: u64, cell: &[u8]) {
        if self.texts >= SURELY_TEXT && self.numbers == 0 {
            return;
        }
        match classify(cell) {
            Cell::Number(marks) => {
                self.numbers += 1;
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

    /// What kind of column these cells make.
    pub(super) fn kind(&self) -> Kind {
        match (self.numbers, self.texts) {
            (0, 0) => Kind::Nothing,
            (_, 0) => Kind::Numbers,
            (numbers, texts) if numbers >= texts => Kind::MostlyNumbers,
            _ => Kind::Text,
        }
    }
}

/// Whether the first row holds names: it has no number in it, or text above numbers. `below` tells of
/// the columns without that row.
pub(super) fn is_header(first: &csv::ByteRecord, below: &[Survey]) -> bool {
    let kinds: Vec<Cell> = first.iter().map(classify).collect();
    let has_text = kinds.contains(&Cell::Text);
    let has_number = kinds.iter().any(|cell| matches!(cell, Cell::Number(_)));
    let text_above_numbers = kinds
        .iter()
        .zip(below)
        .any(|(cell, seen)| *cell == Cell::Text && seen.numbers > 0 && seen.texts == 0);
    has_text && (!has_number || text_above_numbers)
}
