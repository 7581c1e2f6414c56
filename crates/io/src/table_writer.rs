//! Writing a table, column by column in blocks of rows, whatever the format.

use std::io::{self, Write};

use super::columns::Holds;
use super::table::Values;

/// A table that is being written.
pub trait TableWriter {
    /// Writes some more rows: a value a row for each column, in the order and of the types that were
    /// told at the beginning.
    ///
    /// # Errors
    /// When it cannot be written, or a column is not what it was said to be.
    fn write(&mut self, block: &[Values]) -> io::Result<()>;

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Begins a table of these columns, names and types.
pub type CreateTable =
    fn(Box<dyn Write + Send>, &[(String, Holds)]) -> io::Result<Box<dyn TableWriter>>;
