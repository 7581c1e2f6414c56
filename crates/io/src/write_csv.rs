//! Writes a table as text (CSV): a row of names, then a line for each row.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::columns::Holds;
use super::moment;
use super::table::Values;
use super::table_writer::{Output, TableWriter, is_missing, rows_of};

/// A table of text that is being written.
pub(super) struct CsvWriter {
    columns: Vec<(String, Holds)>,
    output: csv::Writer<Output>,
}

impl CsvWriter {
    /// Writes the names.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn new(output: Output, columns: &[(String, Holds)]) -> io::Result<Self> {
        let mut output = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(output);
        output.write_record(columns.iter().map(|(name, _)| name)).map_err(refusal)?;
        Ok(Self { columns: columns.to_vec(), output })
    }
}

impl TableWriter for CsvWriter {
    fn write(&mut self, block: &[Values]) -> io::Result<()> {
        let rows = rows_of(block, &self.columns)?;
        let mut cell = String::new();
        for row in 0..rows {
            for values in block {
                if let Values::Texts(values) = values {
                    let text = values[row].as_deref().unwrap_or_default();
                    self.output.write_field(text).map_err(refusal)?;
                } else {
                    cell.clear();
                    put(&mut cell, values, row);
                    self.output.write_field(&cell).map_err(refusal)?;
                }
            }
            self.output.write_record(None::<&[u8]>).map_err(refusal)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let mut output = self.output.into_inner().map_err(csv::IntoInnerError::into_error)?;
        output.flush()
    }
}

/// Adds one value to a cell; nothing where it is missing.
fn put(cell: &mut String, values: &Values, row: usize) {
    let written = match values {
        Values::Numbers(values) => {
            let value = values[row];
            if is_missing(value) {
                return;
            }
            // The fewest digits that are read as the same number.
            let written = write!(cell, "{value:?}");
            if cell.ends_with(".0") {
                cell.truncate(cell.len() - 2);
            }
            written
        }
        Values::Integers(values) => values[row].map_or(Ok(()), |value| write!(cell, "{value}")),
        Values::Booleans(values) => values[row].map_or(Ok(()), |value| write!(cell, "{value}")),
        Values::Times(values) => {
            values[row].map_or(Ok(()), |value| write!(cell, "{}", moment::iso(value)))
        }
        Values::Texts(_) => Ok(()),
    };
    written.expect("a String takes all that is written to it");
}

/// What the system said.
fn refusal(err: csv::Error) -> io::Error {
    io::Error::from(err)
}
