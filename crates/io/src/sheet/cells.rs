//! The cells of a sheet that hold something, column by column: what a sheet takes in memory depends on
//! these alone, not on how far apart they are.

use std::collections::{BTreeMap, HashMap};

/// Rows a sheet may have.
pub(super) const MAX_ROWS: u32 = 1 << 24;
/// Columns a sheet may have.
pub(super) const MAX_COLUMNS: u32 = 1 << 14;
/// The most bytes of a text that are kept: more than a cell of Excel may hold.
const LONGEST: usize = 1 << 15;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    Number(f64),
    /// The number of a text among [`Cells::text`].
    Text(u32),
    Truth(bool),
    /// Microseconds since 1970.
    Time(i64),
    /// An error of a formula.
    Error,
}

/// What a cell holds, before it is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    Number(f64),
    Text(&'a str),
    Truth(bool),
    Time(i64),
    Error,
}

/// The cells of one column.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The row of each, from 0, rising.
    pub(super) rows: Vec<u32>,
    pub(super) cells: Vec<Cell>,
}

/// The cells of a sheet.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// By the number of the column, from 0.
    columns: BTreeMap<u32, Line>,
    texts: Vec<String>,
    known: HashMap<String, u32>,
    count: u64,
    is_unsorted: bool,
}

impl Cells {
    /// Bytes that a cell takes.
    pub(super) const BYTES: u64 = 40;

    /// Takes in a cell; text of spaces counts as none.
    pub(super) fn push(&mut self, row: u32, column: u32, content: Content<'_>) {
        let cell = match content {
            Content::Number(value) => Cell::Number(value),
            Content::Truth(value) => Cell::Truth(value),
            Content::Time(value) => Cell::Time(value),
            Content::Error => Cell::Error,
            Content::Text(text) => match self.intern(text.trim()) {
                Some(number) => Cell::Text(number),
                None => return,
            },
        };
        let line = self.columns.entry(column).or_default();
        self.is_unsorted |= line.rows.last().is_some_and(|last| *last >= row);
        line.rows.push(row);
        line.cells.push(cell);
        self.count += 1;
    }

    fn intern(&mut self, text: &str) -> Option<u32> {
        let end = (0..=text.len().min(LONGEST)).rev().find(|end| text.is_char_boundary(*end))?;
        let text = &text[..end];
        if text.is_empty() {
            return None;
        }
        if let Some(&number) = self.known.get(text) {
            return Some(number);
        }
        let number = u32::try_from(self.texts.len()).ok()?;
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), number);
        Some(number)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Puts them in order once all are in; of two in one place the later one counts.
    pub(super) fn sort(&mut self) {
        self.known = HashMap::new();
        if !self.is_unsorted {
            return;
        }
        for line in self.columns.values_mut() {
            let sorted: BTreeMap<u32, Cell> =
                line.rows.iter().copied().zip(line.cells.iter().copied()).collect();
            (line.rows, line.cells) = sorted.into_iter().unzip();
        }
        self.is_unsorted = false;
    }

    /// The columns that hold something, by their numbers.
    pub(super) fn columns(&self) -> impl Iterator<Item = (u32, &Line)> {
        self.columns.iter().map(|(column, line)| (*column, line))
    }

    /// The cells of a column.
    pub(super) fn line(&self, column: u32) -> Option<&Line> {
        self.columns.get(&column)
    }

    /// The text of a cell.
    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    /// The last row that holds something.
    pub(super) fn last_row(&self) -> Option<u32> {
        self.columns.values().filter_map(|line| line.rows.last().copied()).max()
    }
}

impl Line {
    /// Those of the rows from `start` on.
    pub(super) fn from(&self, start: u32) -> impl Iterator<Item = (u32, Cell)> + Clone {
        let first = self.rows.partition_point(|row| *row < start);
        self.rows[first..].iter().copied().zip(self.cells[first..].iter().copied())
    }
}
