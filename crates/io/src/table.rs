//! A table in a file, whatever the format: its columns, and their values block by block.
//!
//! ```text
//!   format ─▶ Table: columns, facts ─▶ choose ─▶ read the chosen columns ─▶ points   (super::assemble)
//!                                              └▶ read any column ────────▶ cells    (--with, labels)
//! ```
//!
//! Each format is one file that implements [`Table`].

use std::ops::ControlFlow;
use std::path::Path;

use super::LoadOptions;
use super::columns::{Column, ColumnSummary, Holds, Kind};
use super::error::LoadError;
use super::moment;
use super::wording::listed;
use sigmascope_core::{engine::Observer, model::Header};

/// In place of a number: the file has no value here. A NaN, with bits of its own.
pub const MISSING: f64 = f64::from_bits(0x7ff8_0000_6d69_7373);
/// In place of a number: what stands here is no number. A NaN, with bits of its own.
pub(super) const NOT_A_NUMBER: f64 = f64::from_bits(0x7ff8_0000_7465_7874);
/// In place of a number: the row has more or fewer fields than the others. A NaN, with bits of its own.
pub(super) const WRONG_LENGTH: f64 = f64::from_bits(0x7ff8_0000_6c65_6e67);

/// A column to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its position among [`Table::columns`].
    pub(super) column: usize,
    /// Whether its values are to become numbers, whatever they are: [`Values::Numbers`].
    pub(super) as_numbers: bool,
}

/// Values of one column, one a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers. A NaN may say that there is no value.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Integers(Vec<Option<i64>>),
    /// True or false.
    Booleans(Vec<Option<bool>>),
    /// Microseconds since 1970-01-01 00:00 UTC.
    Times(Vec<Option<i64>>),
    /// Text.
    Texts(Vec<Option<String>>),
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) | Self::Times(values) => values.len(),
            Self::Booleans(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same values as a column of `holds` has them; what cannot be one is missing. Numbers of a column
    /// of text are spelled with as few digits as tell them from all others.
    #[must_use]
    pub fn held_as(self, holds: Holds) -> Self {
        match holds {
            Holds::Numbers => Self::Numbers(self.into_numbers()),
            Holds::Integers => match self {
                Self::Integers(_) => self,
                Self::Times(values) => Self::Integers(values),
                other => Self::Integers(other.into_numbers().into_iter().map(whole).collect()),
            },
            Holds::Booleans => match self {
                Self::Booleans(_) => self,
                other => {
                    let truth = |value: f64| value.is_finite().then_some(value != 0.0);
                    Self::Booleans(other.into_numbers().into_iter().map(truth).collect())
                }
            },
            Holds::Times => match self {
                Self::Times(_) => self,
                other => Self::Times(vec![None; other.len()]),
            },
            Holds::Texts | Holds::Nothing => Self::Texts(match self {
                Self::Texts(values) => values,
                Self::Numbers(values) => values
                    .into_iter()
                    .map(|value| (!is_mark(value)).then(|| format!("{value}")))
                    .collect(),
                Self::Integers(values) => {
                    values.into_iter().map(|value| value.map(|value| value.to_string())).collect()
                }
                Self::Times(values) => {
                    values.into_iter().map(|value| value.map(moment::iso)).collect()
                }
                Self::Booleans(values) => {
                    values.into_iter().map(|value| value.map(|value| value.to_string())).collect()
                }
            }),
        }
    }

    /// Those of the values that are kept, in their order.
    #[must_use]
    pub fn kept(self, is_kept: &[bool]) -> Self {
        fn of<T>(values: Vec<T>, is_kept: &[bool]) -> Vec<T> {
            values
                .into_iter()
                .zip(is_kept)
                .filter(|(_, kept)| **kept)
                .map(|(value, _)| value)
                .collect()
        }
        match self {
            Self::Numbers(values) => Self::Numbers(of(values, is_kept)),
            Self::Integers(values) => Self::Integers(of(values, is_kept)),
            Self::Booleans(values) => Self::Booleans(of(values, is_kept)),
            Self::Times(values) => Self::Times(of(values, is_kept)),
            Self::Texts(values) => Self::Texts(of(values, is_kept)),
        }
    }

    fn into_numbers(self) -> Vec<f64> {
        let number = |value: Option<f64>| value.unwrap_or(MISSING);
        match self {
            Self::Numbers(mut values) => {
                for value in &mut values {
                    if is_mark(*value) {
                        *value = MISSING;
                    }
                }
                values
            }
            Self::Integers(values) => {
                values.into_iter().map(|value| number(value.map(|value| value as f64))).collect()
            }
            // Seconds, as where a time is a coordinate.
            Self::Times(values) => values
                .into_iter()
                .map(|value| number(value.map(|value| value as f64 * 1e-6)))
                .collect(),
            Self::Booleans(values) => values
                .into_iter()
                .map(|value| number(value.map(|value| f64::from(u8::from(value)))))
                .collect(),
            Self::Texts(values) => vec![MISSING; values.len()],
        }
    }
}

/// Whether a NaN stands for a cell without a number: it is missing, text, or of a row of the wrong length.
fn is_mark(value: f64) -> bool {
    [MISSING, NOT_A_NUMBER, WRONG_LENGTH].iter().any(|mark| mark.to_bits() == value.to_bits())
}

/// A whole number within 64 bits.
fn whole(value: f64) -> Option<i64> {
    let is_whole = value.fract() == 0.0 && value.abs() < 9.2e18;
    is_whole.then_some(value as i64)
}

/// Some rows of the wanted columns, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// As many values a column as there are rows; one for each column wanted, in that order.
    pub(super) columns: Vec<Values>,
    /// Number of rows.
    pub(super) rows: usize,
    /// What is wrong with the first rows that cannot be read; all the later ones may be left out.
    pub(super) bad_rows: Vec<BadRow>,
}

/// A row that cannot be read, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BadRow {
    /// Where it is, in words: `line 17` (from 1), `row 4` (from 0).
    pub(super) place: String,
    /// What is wrong with it.
    pub(super) what: Bad,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bad {
    /// It has so many fields.
    Length { found: usize, expected: usize },
    /// A cell, shortened, is no number.
    Cell { column: String, cell: String },
}

/// What is known of a table besides its columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// The format in words, such as `CSV, separator ';'`.
    pub(super) format: String,
    /// What the format is called with an article, such as `a text file`.
    pub(super) kind: &'static str,
    /// Rows of data, as far as the file says so in advance; no more than its size bears out.
    pub(super) rows: Option<u64>,
    /// Whether the columns have names of their own.
    pub(super) named_columns: bool,
    /// Whether a first row was taken as names.
    pub(super) header: bool,
    /// Whether the facts of each [`Column`] come from all rows; else a look at some rows adds to them.
    pub(super) is_surveyed: bool,
    /// The columns of the three coordinates, where the format is one of places in space.
    pub(super) space: Option<[usize; 3]>,
    /// The share of the work of loading that opening the file has done, from 0 to 1.
    pub(super) done: f64,
    /// What was decided for the user, in sentences.
    pub(super) notes: Vec<String>,
}

/// Refuses the flags about text and about arrays, for a file that is neither.
pub(super) fn refuse_flags_of_others(
    path: &Path,
    kind: &'static str,
    options: &LoadOptions,
) -> Result<(), LoadError> {
    let reading = &options.reading;
    let flags = [
        (reading.skip_rows > 0, "--skip-rows", "text files"),
        (reading.header == Header::Yes, "--header", "text files"),
        (reading.transpose, "--transpose", "arrays (NPY)"),
    ];
    match flags.into_iter().find(|(is_given, ..)| *is_given) {
        Some((_, flag, wanted)) => {
            Err(LoadError::NoUse { path: path.into(), flag, wanted, found: kind })
        }
        None => Ok(()),
    }
}

/// Takes blocks of a table; [`ControlFlow::Break`] ends the reading.
pub(super) type Take<'a> = dyn FnMut(Block) -> Result<ControlFlow<()>, LoadError> + 'a;

/// A table in a file that is open.
pub(super) trait Table {
    /// Its columns, in the order of the file.
    fn columns(&self) -> &[Column];

    /// What else is known before anything is read.
    fn facts(&self) -> Facts;

    /// The options with what the format itself decides where the user does not, and what there is to say
    /// of it; refuses flags that the format has no use for.
    ///
    /// # Errors
    /// When the options make no sense for this file.
    fn prefer(
        &self,
        path: &Path,
        options: &LoadOptions,
    ) -> Result<(LoadOptions, Vec<String>), LoadError> {
        let facts = self.facts();
        refuse_flags_of_others(path, facts.kind, options)?;
        let mut options = options.clone();
        let Some(space) = facts.space.filter(|_| options.columns.is_empty()) else {
            return Ok((options, Vec::new()));
        };
        if options.dim.is_some_and(|dim| dim != space.len()) {
            return Ok((options, Vec::new()));
        }
        let names = space.map(|k| self.columns()[k].name.clone());
        let note = format!(
            "coordinates taken: {} (places in space)",
            listed(names.iter().map(String::as_str))
        );
        options.columns = names.into();
        Ok((options, vec![note]))
    }

    /// Reads the `wanted` columns of all rows from the beginning, in blocks of some thousand rows, and
    /// tells `observer` what fraction is read.
    ///
    /// # Errors
    /// When the file is broken, `take` refused a block, or the observer ended the work.
    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError>;

    /// How many columns can be read at once in little memory, where that is less than all.
    fn columns_at_once(&self) -> usize {
        usize::MAX
    }

    /// What the format says of its chosen columns once they are known, such as a decimal comma, added to
    /// the format in words; and sentences about them.
    ///
    /// # Errors
    /// When the columns cannot be read as numbers in one way only.
    fn check_chosen(&self, _chosen: &[usize]) -> Result<(String, Vec<String>), LoadError> {
        Ok((String::new(), Vec::new()))
    }

    /// The place of a row, counted from 0, in words: `row 16`; of text the line, from 1: `line 17`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn place(&mut self, row: u64) -> Result<String, LoadError> {
        Ok(format!("row {row}"))
    }

    /// Each column with its range and how many values are missing; by reading all, unless the format
    /// knows it.
    ///
    /// # Errors
    /// As for [`Table::read`].
    fn describe(&mut self, observer: &mut dyn Observer) -> Result<Vec<ColumnSummary>, LoadError> {
        let columns = self.columns().to_vec();
        let wanted: Vec<Wanted> = columns
            .iter()
            .enumerate()
            .map(|(column, of)| Wanted { column, as_numbers: of.kind == Kind::Numbers })
            .collect();
        let mut summaries: Vec<ColumnSummary> = columns.iter().map(ColumnSummary::of).collect();
        self.read(&wanted, observer, &mut |block| {
            for (summary, values) in summaries.iter_mut().zip(&block.columns) {
                summary.absorb(values);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(summaries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_as_their_column_says() {
        let numbers = || Values::Numbers(vec![1.0, NOT_A_NUMBER, 2.5, f64::NAN]);
        assert_eq!(
            numbers().held_as(Holds::Integers),
            Values::Integers(vec![Some(1), None, None, None])
        );
        let Values::Numbers(held) = numbers().held_as(Holds::Numbers) else { panic!("numbers") };
        assert_eq!(held[1].to_bits(), MISSING.to_bits());
        assert_ne!(held[3].to_bits(), MISSING.to_bits());
        let texts = numbers().held_as(Holds::Texts);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(texts, Values::Texts(vec![some("1"), None, some("2.5"), some("NaN")]));
        let times = Values::Times(vec![Some(1_500_000), None]);
        let Values::Numbers(held) = times.clone().held_as(Holds::Numbers) else {
            panic!("numbers")
        };
        assert_eq!(held[0].to_bits(), 1.5_f64.to_bits());
        assert_eq!(times.clone().held_as(Holds::Times), times);
    }
}
