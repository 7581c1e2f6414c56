//! The flags that say how files are read.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::options::{named, parse_whole};
use crate::model::{Header, Reading};

/// How files are read, where the user does not leave it to the program.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ReadingOptions {
    /// Whether the first row of a text file names the columns: yes, no, or as the whole file looks
    /// (auto), which is told
    #[arg(long, value_name = "HOW", value_parser = named!(Header), default_value = "auto",
          hide_possible_values = true, help_heading = "Reading")]
    header: Header,
    /// Do not look at the first K lines of a text file
    #[arg(long, value_name = "K", value_parser = parse_whole, default_value = "0",
          allow_hyphen_values = true, help_heading = "Reading")]
    skip_rows: usize,
    /// Refuse the file at the first cell that is no number, or row of another length; without it such
    /// rows are left out, counted and told
    #[arg(long, help_heading = "Reading")]
    strict: bool,
    /// Cells that mean a missing value, besides the usual words, separated by commas
    #[arg(
        long,
        value_name = "TEXT,…",
        value_delimiter = ',',
        allow_hyphen_values = true,
        help_heading = "Reading"
    )]
    missing: Vec<String>,
    /// Read an array on its side: its rows are the coordinates, its columns the points
    #[arg(long, help_heading = "Reading")]
    transpose: bool,
    /// Replace these coordinates by their logarithms to base 10 before anything is computed, by name or by
    /// number from 1: a unit of σ is then a decade, and rows whose value is not above 0 are left out
    #[arg(long, value_name = "A,B", value_delimiter = ',', help_heading = "Reading")]
    log: Vec<String>,
}

impl ReadingOptions {
    /// The same as plain data.
    pub(super) fn reading(&self) -> Reading {
        let Self { header, skip_rows, strict, missing, transpose, log } = self.clone();
        Reading { header, skip_rows, strict, missing, transpose, more: Vec::new(), log }
    }

    /// The first flag that was given, if any.
    pub(super) fn given(&self) -> Option<&'static str> {
        let default = Reading::default();
        let Reading { header, skip_rows, strict, missing, transpose, log, .. } = self.reading();
        [
            ("--header", header != default.header),
            ("--skip-rows", skip_rows > 0),
            ("--strict", strict),
            ("--missing", !missing.is_empty()),
            ("--transpose", transpose),
            ("--log", !log.is_empty()),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }
}
