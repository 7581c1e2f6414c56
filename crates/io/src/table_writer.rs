//! Writers of tables: a header, then rows in blocks, one writer a format.
//!
//! ```text
//!   csv_writer, parquet_writer, arrow_writer ─▶ write(block) … write(block) ─▶ finish
//! ```
//!
//! A block has as many values in each column as it has rows. [`MISSING`] among numbers becomes a value
//! that is not there; any other NaN stays a NaN. What a column holds is told once, at the beginning:
//! whole numbers may stand in a column of numbers, and numbers without a fraction in a column of whole
//! numbers, because a file may hold both in what it calls one column.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use super::columns::Holds;
use super::table::{MISSING, Values};
use super::wording::shortened;
use super::write_arrow::ArrowWriter;
use super::write_csv::CsvWriter;
use super::write_parquet::ParquetWriter;

/// Writes a table, block by block.
pub trait TableWriter: Send {
    /// Adds rows: one `Values` a column, all of the same length.
    ///
    /// # Errors
    /// When the block does not fit the columns, or the file cannot be written.
    fn write(&mut self, block: &[Values]) -> io::Result<()>;

    /// Writes what is left, and the end of the file. Without it the file is not whole.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Where a table is written.
pub type Output = Box<dyn Write + Send>;

/// Text with a row of names, commas, and an empty cell for what is missing; numbers with as few digits
/// as tell them apart, times in the form of ISO 8601 in UTC.
///
/// # Errors
/// When the names cannot be written.
pub fn csv_writer(output: Output, columns: &[(String, Holds)]) -> io::Result<Box<dyn TableWriter>> {
    Ok(Box::new(CsvWriter::new(output, columns)?))
}

/// Parquet, packed with zstd, with statistics; about 100,000 rows a group.
///
/// # Errors
/// When the beginning of the file cannot be written.
pub fn parquet_writer(
    output: Output,
    columns: &[(String, Holds)],
) -> io::Result<Box<dyn TableWriter>> {
    Ok(Box::new(ParquetWriter::new(output, columns)?))
}

/// An Arrow IPC file (also called Feather, version 2), not packed; about 100,000 rows a batch.
///
/// # Errors
/// When the beginning of the file cannot be written.
pub fn arrow_writer(
    output: Output,
    columns: &[(String, Holds)],
) -> io::Result<Box<dyn TableWriter>> {
    Ok(Box::new(ArrowWriter::new(output, columns)?))
}

/// The number of rows of a block.
///
/// # Errors
/// When the columns are not as many as announced, or not of one length.
pub(super) fn rows_of(block: &[Values], columns: &[(String, Holds)]) -> io::Result<usize> {
    let rows = block.first().map_or(0, Values::len);
    if block.len() != columns.len() || block.iter().any(|values| values.len() != rows) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "a block of {} columns of {:?} rows: expected {} columns of one length",
                block.len(),
                block.iter().map(Values::len).collect::<Vec<_>>(),
                columns.len()
            ),
        ));
    }
    Ok(rows)
}

/// Rows kept until there are enough of them for a group.
pub(super) struct Gathered {
    columns: Vec<(String, Holds)>,
    /// Of the types that `columns` tells.
    values: Vec<Values>,
    rows: usize,
    /// Bytes of text among them.
    bytes: usize,
}

impl Gathered {
    /// Rows of a group.
    const ROWS: usize = 100_000;
    /// Bytes of text after which a group is full.
    const BYTES: usize = 64 << 20;
    /// Rows added at once: so many long texts are no harm.
    const STEP: usize = 1 << 12;

    /// No rows yet.
    pub(super) fn new(columns: &[(String, Holds)]) -> Self {
        let values = columns.iter().map(|(_, holds)| none(*holds)).collect();
        Self { columns: columns.to_vec(), values, rows: 0, bytes: 0 }
    }

    /// Adds rows, and hands each group that is full to `write`.
    ///
    /// # Errors
    /// When the block does not fit the columns, or `write` fails.
    pub(super) fn push(
        &mut self,
        block: &[Values],
        write: &mut dyn FnMut(&[Values]) -> io::Result<()>,
    ) -> io::Result<()> {
        let rows = rows_of(block, &self.columns)?;
        let mut done = 0;
        while done < rows {
            let end = rows.min(done + Self::STEP.min(Self::ROWS - self.rows));
            for ((column, into), from) in self.columns.iter().zip(&mut self.values).zip(block) {
                self.bytes += append(column, into, from, done..end)?;
            }
            self.rows += end - done;
            done = end;
            if self.rows >= Self::ROWS || self.bytes >= Self::BYTES {
                self.flush(write)?;
            }
        }
        Ok(())
    }

    /// Hands over what is left, if anything is.
    ///
    /// # Errors
    /// When `write` fails.
    pub(super) fn flush(
        &mut self,
        write: &mut dyn FnMut(&[Values]) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.rows > 0 {
            write(&self.values)?;
            self.values = self.columns.iter().map(|(_, holds)| none(*holds)).collect();
            (self.rows, self.bytes) = (0, 0);
        }
        Ok(())
    }
}

/// No values of a type.
fn none(holds: Holds) -> Values {
    match holds {
        Holds::Numbers | Holds::Nothing => Values::Numbers(Vec::new()),
        Holds::Integers => Values::Integers(Vec::new()),
        Holds::Booleans => Values::Booleans(Vec::new()),
        Holds::Times => Values::Times(Vec::new()),
        Holds::Texts => Values::Texts(Vec::new()),
    }
}

/// Adds the values `from` in `range` to `into` in the type that it has; returns their bytes of text.
fn append(
    column: &(String, Holds),
    into: &mut Values,
    from: &Values,
    range: Range<usize>,
) -> io::Result<usize> {
    let (name, holds) = column;
    match (into, from) {
        (Values::Numbers(into), _) if *holds == Holds::Nothing => {
            into.extend(range.map(|_| MISSING));
        }
        (Values::Numbers(into), from) => into.extend_from_slice(&as_numbers(name, from)?[range]),
        (Values::Integers(into), Values::Integers(from))
        | (Values::Times(into), Values::Times(from)) => into.extend_from_slice(&from[range]),
        (Values::Integers(into), Values::Numbers(from)) => {
            for value in &from[range] {
                into.push(as_integer(name, *value)?);
            }
        }
        (Values::Booleans(into), Values::Booleans(from)) => into.extend_from_slice(&from[range]),
        (Values::Texts(into), Values::Texts(from)) => {
            into.extend_from_slice(&from[range.clone()]);
            return Ok(from[range].iter().flatten().map(String::len).sum());
        }
        _ => return Err(unfit(name, *holds, "values of another type")),
    }
    Ok(0)
}

/// The values as numbers.
///
/// # Errors
/// When they are text.
pub(super) fn as_numbers<'a>(name: &str, values: &'a Values) -> io::Result<Cow<'a, [f64]>> {
    let or_missing = |value: Option<f64>| value.unwrap_or(MISSING);
    Ok(match values {
        Values::Numbers(values) => values.as_slice().into(),
        Values::Integers(values) => {
            values.iter().map(|value| or_missing(value.map(|value| value as f64))).collect()
        }
        Values::Booleans(values) => {
            values.iter().map(|value| or_missing(value.map(|is| f64::from(u8::from(is))))).collect()
        }
        Values::Times(values) => {
            values.iter().map(|value| or_missing(value.map(|value| value as f64 / 1e6))).collect()
        }
        Values::Texts(_) => return Err(unfit(name, Holds::Numbers, "text")),
    })
}

/// A number as a whole one; `None` where it is missing.
///
/// # Errors
/// When it has a fraction, or is too large.
fn as_integer(name: &str, value: f64) -> io::Result<Option<i64>> {
    /// 2⁶³: the first whole number that is too large.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if is_missing(value) {
        return Ok(None);
    }
    if value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value) {
        return Ok(Some(value as i64));
    }
    Err(unfit(name, Holds::Integers, &format!("{value}")))
}

/// Whether a number stands for a value that is not there.
pub(super) fn is_missing(value: f64) -> bool {
    value.to_bits() == MISSING.to_bits()
}

/// That a column cannot hold what was found.
pub(super) fn unfit(name: &str, holds: Holds, found: &str) -> io::Error {
    let name = shortened(name.as_bytes());
    let expected = match holds {
        Holds::Numbers => "numbers",
        Holds::Integers => "whole numbers of 64 bits",
        Holds::Booleans => "true or false",
        Holds::Times => "times",
        Holds::Texts => "text",
        Holds::Nothing => "nothing",
    };
    let what = format!("column '{name}': found {found}: expected {expected}");
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(holds: Holds, blocks: &[Values]) -> io::Result<Vec<Vec<Values>>> {
        let mut gathered = Gathered::new(&[("a".to_owned(), holds)]);
        let mut groups = Vec::new();
        let mut write = |group: &[Values]| {
            groups.push(group.to_vec());
            Ok(())
        };
        for block in blocks {
            gathered.push(std::slice::from_ref(block), &mut write)?;
        }
        gathered.flush(&mut write)?;
        Ok(groups)
    }

    #[test]
    fn groups_have_a_size_of_their_own() {
        let block = Values::Integers((0..150_000).map(Some).collect());
        let groups = gathered(Holds::Integers, &[block.clone(), block]).expect("whole numbers");
        let sizes: Vec<usize> = groups.iter().map(|group| group[0].len()).collect();
        assert_eq!(sizes, [100_000; 3]);
        let text = Values::Texts(vec![Some("x".repeat(40_000)); 5000]);
        let groups = gathered(Holds::Texts, &[text]).expect("text");
        assert_eq!(groups[0][0].len(), 4096);
    }

    #[test]
    fn whole_numbers_and_others_mix_where_nothing_is_lost() {
        let whole = Values::Integers(vec![Some(1), None]);
        let large = Values::Numbers(vec![3.0, MISSING]);
        let groups = gathered(Holds::Integers, &[whole.clone(), large]).expect("whole numbers");
        assert_eq!(groups, [[Values::Integers(vec![Some(1), None, Some(3), None])]]);
        let groups = gathered(Holds::Numbers, std::slice::from_ref(&whole)).expect("numbers");
        let [Values::Numbers(numbers)] = &groups[0][..] else { panic!("numbers") };
        assert!(numbers[0].to_bits() == 1.0_f64.to_bits() && is_missing(numbers[1]));
        let refused = |holds, values| gathered(holds, &[values]).expect_err("refused").to_string();
        assert_eq!(
            refused(Holds::Integers, Values::Numbers(vec![1.5])),
            "column 'a': found 1.5: expected whole numbers of 64 bits"
        );
        assert!(refused(Holds::Times, whole).contains("expected times"));
        let two = [Values::Numbers(vec![1.0]), Values::Numbers(vec![1.0])];
        assert!(rows_of(&two, &[("a".to_owned(), Holds::Numbers)]).is_err());
    }
}
