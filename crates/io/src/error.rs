//! Why a file could not be loaded: each message reads well after `error: ` and says which file,
//! where in it, what was found, what was expected, and what to do.

use std::path::PathBuf;

use super::wording::{bytes, fields, shown};

/// A refusal to load a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// `observer` ended the work.
    #[error("loading was cancelled")]
    Cancelled,

    /// The operating system refused.
    #[error("{}: cannot {action} the file: {err}", shown(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        err: std::io::Error,
    },

    /// A folder, a pipe, a device.
    #[error("{}: this is {found}: expected a plain file; name a file of points", shown(path))]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What is there instead.
        found: &'static str,
    },

    /// Standard input from somebody's keyboard.
    #[error(
        "standard input: this is a terminal: expected a file or what another program writes; \
         put `< points.csv` behind the command or a program with `|` in front of it, or name a file \
         in place of '-'"
    )]
    Terminal,

    /// More than the budget allows.
    #[error(
        "{}: {what} {}: expected at most {}; choose a smaller file or raise the memory budget",
        shown(path), bytes(*found), bytes(*budget)
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is too large, as the start of a clause.
        what: String,
        /// Its size in bytes.
        found: u64,
        /// The budget in bytes.
        budget: u64,
    },

    /// Points that unpack to far more than real ones do.
    #[error(
        "{}: {rows} points or more are packed in {}, which would need {}: expected at most {} of so small \
         a file; if it is sound, write it again without compression",
        shown(path), bytes(*stored), bytes(*found), bytes(*limit)
    )]
    Inflated {
        /// The file.
        path: PathBuf,
        /// Points found so far.
        rows: u64,
        /// The bytes that they need.
        found: u64,
        /// The size of the file in bytes.
        stored: u64,
        /// The most bytes that it may need.
        limit: u64,
    },

    /// Nothing in it.
    #[error(
        "{}: {found}: expected rows of numbers; check that the right file was named",
        shown(path)
    )]
    Empty {
        /// The file.
        path: PathBuf,
        /// What there is, in words.
        found: String,
    },

    /// Neither text nor NPY.
    #[error("{}: this looks like {found}: expected a file of points; {remedy}", shown(path))]
    Binary {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: &'static str,
        /// What to do.
        remedy: &'static str,
    },

    /// A row with more or fewer fields than the others.
    #[error("{}: {place} has {}: expected {expected}; {remedy}", shown(path), fields(*found))]
    Ragged {
        /// The file.
        path: PathBuf,
        /// Where the row is, in words.
        place: String,
        /// Its number of fields.
        found: usize,
        /// That of most rows.
        expected: usize,
        /// What to do.
        remedy: &'static str,
    },

    /// Too many rows that cannot be read for leaving them out.
    #[error(
        "{}: {bad} of {rows} rows cannot be read: {places}: expected at most a fifth of such rows, \
         which are left out; {remedy}",
        shown(path)
    )]
    TooManyBadRows {
        /// The file.
        path: PathBuf,
        /// Number of rows with text in place of a number, or of the wrong length.
        bad: u64,
        /// Number of rows.
        rows: u64,
        /// The first of them, in words.
        places: String,
        /// What to do.
        remedy: String,
    },

    /// A flag that the format has no use for.
    #[error("{}: {flag} is for {wanted}: found {found}; drop it", shown(path))]
    NoUse {
        /// The file.
        path: PathBuf,
        /// The flag.
        flag: &'static str,
        /// What it is for.
        wanted: &'static str,
        /// What the file is.
        found: &'static str,
    },

    /// More coordinates than a point may have.
    #[error(
        "{}: there are {found} columns: expected at most {limit} coordinates; {remedy}",
        shown(path)
    )]
    TooManyCoordinates {
        /// The file.
        path: PathBuf,
        /// Number of columns.
        found: usize,
        /// The most coordinates.
        limit: usize,
        /// What to do.
        remedy: String,
    },

    /// A row that does not end.
    #[error(
        "{}: the row that starts after line {line} is longer than {}: expected a line end before \
         that; look for a quote that is not closed",
        shown(path), bytes(*limit)
    )]
    RowTooLong {
        /// The file.
        path: PathBuf,
        /// The last line before it.
        line: u64,
        /// The longest row allowed, in bytes.
        limit: u64,
    },

    /// A row of more fields than make sense.
    #[error(
        "{}: the row that starts after line {line} has more than {limit} separators: expected a \
         line end before that; if the table lies on its side, transpose it",
        shown(path)
    )]
    TooManyFields {
        /// The file.
        path: PathBuf,
        /// The last line before it.
        line: u64,
        /// The most separators allowed.
        limit: u64,
    },

    /// A quote that swallows the rest of the file.
    #[error(
        "{}: line {line} has a quote that is not closed before the end of the file: expected a \
         second one behind the field; close it or remove it",
        shown(path)
    )]
    UnclosedQuote {
        /// The file.
        path: PathBuf,
        /// The line that the row starts on, from 1.
        line: u64,
    },

    /// More columns than make sense.
    #[error(
        "{}: there are {found} columns: expected at most {limit}; if the table lies on its side, \
         transpose it",
        shown(path)
    )]
    TooManyColumns {
        /// The file.
        path: PathBuf,
        /// Their number.
        found: u64,
        /// The most allowed.
        limit: u64,
    },

    /// Text where a number belongs.
    #[error(
        "{}: {place}, column '{column}': found '{cell}': expected a number; {remedy}",
        shown(path)
    )]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// Where the row is, in words.
        place: String,
        /// The column's name.
        column: String,
        /// The cell, shortened.
        cell: String,
        /// What to do.
        remedy: String,
    },

    /// Something else than numbers where numbers belong.
    #[error("{}: column '{column}' holds no numbers: expected numbers; {remedy}", shown(path))]
    NotNumbers {
        /// The file.
        path: PathBuf,
        /// The column's name.
        column: String,
        /// What to do.
        remedy: String,
    },

    /// A decimal mark or a thousands separator?
    #[error(
        "{}: line {line}, column '{column}': '{cell}' could mean {meanings}: expected a \
         number that can be read one way only; write it without a thousands separator",
        shown(path)
    )]
    AmbiguousNumber {
        /// The file.
        path: PathBuf,
        /// The row's line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// The cell.
        cell: String,
        /// Its value if the mark is decimal, and if it groups thousands.
        meanings: String,
    },

    /// Decimal points and decimal commas in one file.
    #[error(
        "{}: line {point_line} has '{point_cell}' and line {comma_line} has '{comma_cell}': \
         expected one decimal mark, a point or a comma, throughout; rewrite one of them",
        shown(path)
    )]
    MixedDecimals {
        /// The file.
        path: PathBuf,
        /// The line of a number with a decimal point.
        point_line: u64,
        /// That number.
        point_cell: String,
        /// The line of a number with a decimal comma.
        comma_line: u64,
        /// That number.
        comma_cell: String,
    },

    /// Not enough numbers for a point.
    #[error(
        "{}: found {found}: expected at least {wanted} column{} of numbers; {remedy}",
        shown(path), if *wanted == 1 { "" } else { "s" }
    )]
    TooFewColumns {
        /// The file.
        path: PathBuf,
        /// What there is, in words.
        found: String,
        /// How many are needed.
        wanted: usize,
        /// What to do.
        remedy: String,
    },

    /// A column that is not there.
    #[error("{}: there is no column '{column}': expected {available}; correct {flag}", shown(path))]
    UnknownColumn {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        column: String,
        /// The columns that are there, or a guess at what was meant.
        available: String,
        /// The flag that asked for it.
        flag: &'static str,
    },

    /// More or fewer columns named than a point has coordinates, or one named twice.
    #[error(
        "{}: --columns names {found}: expected {wanted} different columns, one per coordinate",
        shown(path)
    )]
    WrongColumns {
        /// The file.
        path: PathBuf,
        /// What was named, in words.
        found: String,
        /// How many are needed.
        wanted: usize,
    },

    /// Files that are no one cloud.
    #[error(
        "{}: {found}: expected the columns of {}; name files of the same columns, or one of them with \
         --sources",
        shown(path),
        shown(first)
    )]
    Unlike {
        /// The file.
        path: PathBuf,
        /// What it has, in words.
        found: String,
        /// The file that the others have to be like.
        first: PathBuf,
    },

    /// Every row was dropped.
    #[error(
        "{}: all {rows} rows were dropped ({why}): expected at least one row of finite numbers in \
         the columns {columns}; {remedy}",
        shown(path)
    )]
    NoRowsLeft {
        /// The file.
        path: PathBuf,
        /// The number of rows.
        rows: u64,
        /// How many were dropped for what.
        why: String,
        /// The columns used.
        columns: String,
        /// What to do.
        remedy: &'static str,
    },

    /// Points so far apart that single precision does not serve them.
    #[error(
        "{}: column '{column}' runs from {low} to {high}: expected at most {limit:e} between its \
         lowest and highest value; remove the outlier or, if it stands for a missing value, name it \
         with --missing; or use larger units",
        shown(path)
    )]
    TooWide {
        /// The file.
        path: PathBuf,
        /// The column's name.
        column: String,
        /// Its lowest value and where that is.
        low: String,
        /// Its highest value and where that is.
        high: String,
        /// The widest range allowed.
        limit: f64,
    },

    /// A file that breaks the rules of its format.
    #[error("{}: the {format} file is broken: {found}: expected {expected}; {remedy}", shown(path))]
    Broken {
        /// The file.
        path: PathBuf,
        /// The format's name.
        format: &'static str,
        /// What is wrong, and where in the file.
        found: String,
        /// What the format asks for.
        expected: String,
        /// What to do.
        remedy: String,
    },

    /// A sound file that holds something else than points, or in a way that is not read.
    #[error("{}: the file holds {found}: expected {expected}; {remedy}", shown(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What is needed.
        expected: String,
        /// What to do.
        remedy: String,
    },

    /// An NPY file that breaks the format's rules.
    #[error(
        "{}: the NPY header is broken: {found}: expected {expected}; write the file again with \
         numpy.save",
        shown(path)
    )]
    NpyHeader {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        found: String,
        /// What the format asks for.
        expected: String,
    },

    /// An NPY file that is sound but holds something else than points.
    #[error("{}: the array holds {found}: expected {expected}; {remedy}", shown(path))]
    NpyContent {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What is needed.
        expected: String,
        /// What to do.
        remedy: String,
    },

    /// An NPY file that is shorter or longer than its header says.
    #[error(
        "{}: the file has {found} bytes: expected {expected} for its header and {content}; it is \
         {state}, copy or write it again",
        shown(path)
    )]
    NpySize {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The size that its header implies.
        expected: u64,
        /// The array, in words.
        content: String,
        /// "cut short" or "followed by other data".
        state: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_place_fault_and_remedy() {
        let err = LoadError::Ragged {
            path: "points.csv".into(),
            place: "line 17".to_owned(),
            found: 3,
            expected: 2,
            remedy: "remove or quote the extra separator",
        };
        assert_eq!(
            err.to_string(),
            "points.csv: line 17 has 3 fields: expected 2; \
             remove or quote the extra separator"
        );
    }
}
