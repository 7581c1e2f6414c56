//! How a file of points is to be read, where the user does not leave it to the program.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Header;

/// How a file of points is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Whether the first row of a text file names its columns.
    pub header: Header,
    /// Number of lines at the beginning of a text file that are not looked at.
    pub skip_rows: usize,
    /// Whether a cell that is no number, or a row of the wrong length, refuses the file instead of
    /// dropping its row.
    pub strict: bool,
    /// Cells that mean a missing value besides those that always do; one that is a number stands for
    /// every spelling of it, and for that number in an array.
    pub missing: Vec<String>,
    /// Whether the rows of an array are the coordinates and its columns the points.
    pub transpose: bool,
    /// More files of the same columns, whose rows follow those of the targets' file in one cloud.
    pub more: Vec<PathBuf>,
    /// Coordinates that are replaced by their logarithm to base 10, by name or by number from 1; `x`, `y`
    /// and `z` are the first three where no column is called so.
    pub log: Vec<String>,
}

impl Reading {
    /// The numbers among [`Self::missing`].
    pub fn missing_numbers(&self) -> Vec<f64> {
        self.missing.iter().filter_map(|text| text.trim().parse().ok()).collect()
    }
}
