//! Points from files, whatever they hold: points, or a message that says what to do.
//!
//! ```text
//!   path ─▶ Input ─▶ format: by content ─▶ Table ─▶ assemble: choose columns, read, drop rows ─▶ points
//! ```
//!
//! The format is told by the content first, then by the name. A new format is one file here that
//! implements [`table::Table`], and a row of [`format::FORMATS`].

mod assemble;
mod binary;
mod columns;
mod error;
mod families;
mod field_file;
mod format;
mod input;
mod json;
mod missing;
mod names;
mod npy;
mod npy_header;
mod npz;
mod number;
mod point_list;
mod report;
mod row_set;
mod spelling;
mod spool;
mod stdin;
mod table;
mod text;
mod unwrap;
mod weights;
mod wording;

use std::ops::ControlFlow;
use std::path::Path;

pub use columns::{ColumnSummary, Holds};
pub use error::LoadError;
pub use field_file::FieldFormat;
pub use format::{FORMATS, Format};
pub use input::open;
pub use report::{LoadReport, Why};
pub use row_set::RowSet;
pub use table::Values;

use sigmascope_core::{
    engine::{Observer, Stretch},
    memory::spare_memory,
    model::{Cloud, Dim, Reading, Weights},
};

use assemble::assemble;
use input::Input;
use missing::MoreMissing;
use table::{Table, Wanted};

/// What to take from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadOptions {
    /// The columns that become coordinates: names (in any case if none matches exactly) or numbers
    /// from 1. Empty lets the loader choose.
    pub columns: Vec<String>,
    /// Number of coordinates of a point; `None` is as many as columns are named, or as the file has.
    pub dim: Option<usize>,
    /// Where the weight of each point comes from, if it has one. The loader does not choose that
    /// column as a coordinate by itself.
    pub weights: Option<Weights>,
    /// What else the user says about reading.
    pub reading: Reading,
    /// A file of more bytes than this is refused, and so are points that would need more memory.
    pub byte_budget: u64,
}

impl LoadOptions {
    /// The most coordinates that a point may have.
    const MAX_DIM: usize = Dim::MAX;

    /// What the user says means a missing value.
    fn more_missing(&self) -> MoreMissing {
        MoreMissing::new(&self.reading.missing, self.reading.missing_numbers())
    }
}

impl Default for LoadOptions {
    /// Coordinates without weights, chosen by the loader, from files up to 4 GiB.
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            dim: None,
            weights: None,
            reading: Reading::default(),
            byte_budget: 4 << 30,
        }
    }
}

/// Points from a file, and what happened on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The points, in the order of the file; at least one.
    pub cloud: Cloud,
    /// The rows of the file, and which of them are the points.
    pub rows: RowSet,
    /// What was read and what was left out.
    pub report: LoadReport,
}

/// A file whose table is known: its columns can be read, any time and in any order.
pub struct OpenFile {
    input: Input,
    table: Box<dyn Table>,
    /// What the format's name has to do with that of the file.
    notes: Vec<String>,
    /// The share of the work of loading that was unpacking.
    unpacked: f64,
}

impl OpenFile {
    /// Opens the file at `path` and finds out what it holds. `observer` is told what fraction of the work
    /// of loading is done.
    ///
    /// # Errors
    /// [`LoadError::Cancelled`] when `observer` ended the work; otherwise what is wrong with the file,
    /// where, and what to do.
    pub fn open(
        path: &Path,
        options: &LoadOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let input = Input::open_within(path, options.byte_budget, observer)?;
        if input.size() > options.byte_budget {
            return Err(LoadError::TooLarge {
                path: input.path().into(),
                what: "the file has".to_owned(),
                found: input.size(),
                budget: options.byte_budget,
            });
        }
        let format::Opened { input, table, notes, unpacked } =
            format::open(input, options, observer)?;
        Ok(Self { input, table, notes, unpacked })
    }

    /// The names of the columns, in the order of the file.
    pub fn names(&self) -> Vec<&str> {
        self.table.columns().iter().map(|column| column.name.as_str()).collect()
    }

    /// The points.
    ///
    /// # Errors
    /// As for [`load`].
    pub fn points(
        &mut self,
        options: &LoadOptions,
        observer: &mut dyn Observer,
    ) -> Result<Loaded, LoadError> {
        let (start, length) = (self.unpacked, 1.0 - self.unpacked);
        let mut rest = Stretch { observer, start, length };
        let mut loaded = assemble(&self.input, &mut *self.table, options, &mut rest)?;
        loaded.report.notes.splice(0..0, self.notes.iter().cloned());
        Ok(loaded)
    }

    /// All columns, each with its type, its range and how many values are missing.
    ///
    /// # Errors
    /// When the file is broken, or the observer ended the work.
    pub fn describe(
        &mut self,
        observer: &mut dyn Observer,
    ) -> Result<Vec<ColumnSummary>, LoadError> {
        self.table.describe(observer)
    }

    /// Hands the values of some columns, by their positions among [`Self::names`], to `take`, in blocks of
    /// rows in the order of the file; all its rows, those without a point too.
    ///
    /// # Errors
    /// When the file is broken, or the observer ended the work.
    pub fn values(
        &mut self,
        columns: &[usize],
        observer: &mut dyn Observer,
        take: &mut dyn FnMut(Vec<Values>) -> ControlFlow<()>,
    ) -> Result<(), LoadError> {
        let wanted: Vec<Wanted> =
            columns.iter().map(|&column| Wanted { column, as_numbers: false }).collect();
        self.table.read(&wanted, observer, &mut |block| Ok(take(block.columns)))
    }
}

/// Loads points from `path`; `-` is standard input, which is kept and may be loaded again.
///
/// `observer` is told now and then what fraction is read. Rows with a missing, NaN or
/// infinite coordinate or weight are dropped and counted. Memory is bounded by the points and a few MiB.
///
/// # Errors
/// [`LoadError::Cancelled`] when `observer` ended the work; otherwise what is wrong with the file,
/// where, and what to do.
///
/// # Panics
/// When `options.dim` is zero.
pub fn load(
    path: &Path,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Loaded, LoadError> {
    assert!(options.dim != Some(0), "a point has at least one coordinate");
    OpenFile::open(path, options, observer)?.points(options, observer)
}

/// Refuses a path at which there is nothing to load; loads nothing. The path may name a part of a file
/// behind a colon, or be `-` for standard input, of which nothing is read.
///
/// # Errors
/// When there is no such file, it may not be read, it is not a plain file, or standard input is a terminal.
pub fn check(path: &Path) -> Result<(), LoadError> {
    if stdin::named_by(path).is_some() {
        return stdin::check();
    }
    Input::open(path).map(|_| ())
}

/// Refuses points that would need more memory than the budget, or than the machine has to spare.
fn check_points_fit(
    path: &Path,
    rows: u64,
    dim: usize,
    options: &LoadOptions,
) -> Result<(), LoadError> {
    let numbers = dim + usize::from(options.weights.is_some());
    let found = u128::from(rows) * numbers as u128 * size_of::<f64>() as u128;
    let budget = options.byte_budget.min(spare_memory().unwrap_or(u64::MAX));
    if found > u128::from(budget) {
        return Err(LoadError::TooLarge {
            path: path.into(),
            what: format!("its {rows} points need"),
            found: u64::try_from(found).unwrap_or(u64::MAX),
            budget,
        });
    }
    Ok(())
}
