//! What the first pass over a text file, or a piece of it, has found so far: its first rows, a survey of
//! each column, and the numbers themselves while they are few.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::cells::Row;
use super::dialect::Dialect;
use super::piece::{Awkward, Counts, Piece};
use super::rows::{Rows, TextFile};
use super::side_by_side::in_pieces;
use super::survey::Survey;
use crate::error::LoadError;
use crate::missing::MoreMissing;
use crate::number::bare;
use sigmascope_core::engine::Observer;

/// Numbers of at most so many columns are kept: where a file has more, few of them are read.
const MOST_COLUMNS: usize = 4;
/// Numbers are kept as long as they need at most so many bytes.
const MOST_BYTES: usize = 256 << 20;

/// What has been found so far.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    /// Number of fields of a row; 0 as long as the first row is not known, which then tells it.
    pub(super) width: usize,
    /// The first two rows of the file, with their lines: what they are is known when all others have been
    /// seen.
    pub(super) firsts: Vec<(u64, csv::ByteRecord)>,
    /// What each column holds in the rows of the right length behind these.
    pub(super) seen: Vec<Survey>,
    /// Number of rows, the first ones included.
    pub(super) rows: u64,
    /// How many of those behind the first ones are too long or too short.
    pub(super) uneven: u64,
    /// What there was besides rows.
    pub(super) counts: Counts,
    /// The numbers of the rows behind the first ones.
    numbers: Numbers,
    /// Columns that are known to be text.
    texts: Vec<bool>,
    /// Whether other rows of the file stand in front of these.
    is_part: bool,
}

/// Numbers as they were read, with marks for what is none: for each piece its columns.
pub(super) type Kept = Vec<Vec<Vec<f64>>>;

#[derive(Clone, Debug)]
enum Numbers {
    /// Those of one piece, column by column.
    OfPiece(Vec<Vec<f64>>),
    /// Those of a file.
    OfFile { kept: Kept, bytes: usize },
    /// Not kept.
    Dropped,
}

/// What is known of the file while its pieces are read.
#[derive(Debug)]
pub(super) struct Known {
    /// Columns that are text whatever else they hold.
    texts: Vec<AtomicBool>,
    /// Whether numbers are no longer kept.
    drops_numbers: AtomicBool,
}

impl Known {
    /// Before the first piece.
    pub(super) fn new(width: usize) -> Self {
        let texts = (0..width).map(|_| AtomicBool::new(false)).collect();
        Self { texts, drops_numbers: AtomicBool::new(width > MOST_COLUMNS) }
    }
}

impl Findings {
    /// Reads all rows of a file.
    pub(super) fn read(
        file: &TextFile<'_>,
        dialect: &Dialect,
        missing: &MoreMissing,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let mut found = Self::of_file(dialect.width);
        let known = Known::new(dialect.width);
        let in_piece = |piece: &Piece| {
            let mut found = Self::of_piece(piece, &known);
            found.counts = piece.each_row(dialect, |line, row| found.absorb(line, row, missing))?;
            let is_whole = !piece.is_first || found.firsts.len() == 2;
            let lines = found.counts.lines;
            if is_whole { Ok((found, lines)) } else { Err(Awkward) }
        };
        let rest = in_pieces(file, dialect, observer, in_piece, |piece, lines| {
            found.append(piece, lines, &known);
            Ok(ControlFlow::Continue(()))
        })?;
        if let Some(start) = rest {
            let mut rows = Rows::new(file, dialect, start, observer)?;
            while let Some((line, record)) = rows.next()? {
                found.absorb(line, record, missing);
            }
            found.counts.comments += rows.comments;
        }
        Ok(found)
    }

    /// Of a file, before its first row.
    pub(super) fn of_file(width: usize) -> Self {
        Self {
            width,
            firsts: Vec::new(),
            seen: vec![Survey::default(); width],
            rows: 0,
            uneven: 0,
            counts: Counts::default(),
            texts: Vec::new(),
            numbers: Numbers::OfFile { kept: Vec::new(), bytes: 0 },
            is_part: false,
        }
    }

    /// Of a piece of a file of which so much is known.
    pub(super) fn of_piece(piece: &Piece, known: &Known) -> Self {
        let texts: Vec<bool> = known.texts.iter().map(|is| is.load(Ordering::Relaxed)).collect();
        let width = texts.len();
        let numbers = if known.drops_numbers.load(Ordering::Relaxed) {
            Numbers::Dropped
        } else {
            Numbers::OfPiece(vec![Vec::new(); width])
        };
        let survey = if piece.is_first { Survey::default() } else { Survey::part() };
        let seen = vec![survey; width];
        Self { seen, texts, numbers, is_part: !piece.is_first, ..Self::of_file(width) }
    }

    /// Takes in the next row.
    pub(super) fn absorb(&mut self, line: u64, row: &impl Row, missing: &MoreMissing) {
        self.rows += 1;
        if !self.is_part && self.firsts.len() < 2 {
            self.firsts.push((line, row.to_record()));
            if self.width == 0 {
                self.width = row.count();
                self.seen.resize(self.width, Survey::default());
            }
            return;
        }
        if row.count() != self.width {
            self.uneven += 1;
            self.numbers = Numbers::Dropped;
            return;
        }
        for (k, seen) in self.seen.iter_mut().enumerate() {
            let cell = row.cell(k);
            let value = if missing.has_word(bare(cell)) {
                seen.absorb_missing()
            } else if self.texts.get(k) == Some(&true) {
                seen.absorb_text(cell)
            } else {
                seen.absorb(line, cell, false)
            };
            match &mut self.numbers {
                Numbers::OfPiece(columns) => columns[k].push(value),
                // It is read row by row.
                Numbers::OfFile { .. } => self.numbers = Numbers::Dropped,
                Numbers::Dropped => {}
            }
        }
    }

    /// Takes in what was found in the next piece, in front of which there are so many lines.
    pub(super) fn append(&mut self, piece: Self, lines: u64, known: &Known) {
        if !piece.is_part {
            self.firsts = piece.firsts;
        }
        self.rows += piece.rows;
        self.uneven += piece.uneven;
        self.counts.lines += piece.counts.lines;
        self.counts.comments += piece.counts.comments;
        for ((seen, below), is_text) in self.seen.iter_mut().zip(piece.seen).zip(&known.texts) {
            seen.append(below, lines);
            is_text.store(seen.is_surely_text(), Ordering::Relaxed);
        }
        match (&mut self.numbers, piece.numbers) {
            (Numbers::OfFile { kept, bytes }, Numbers::OfPiece(columns))
                if *bytes <= MOST_BYTES =>
            {
                *bytes +=
                    columns.iter().map(|column| column.len() * size_of::<f64>()).sum::<usize>();
                kept.push(columns);
            }
            _ => {
                self.numbers = Numbers::Dropped;
                known.drops_numbers.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The numbers of all rows behind the first ones, if they were kept; they are no longer kept.
    pub(super) fn take_numbers(&mut self) -> Option<Kept> {
        match std::mem::replace(&mut self.numbers, Numbers::Dropped) {
            Numbers::OfFile { kept, .. } => Some(kept),
            _ => None,
        }
    }
}
