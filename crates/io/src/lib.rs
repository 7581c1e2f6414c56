//! Points from files, whatever they hold: points, or a message that says what to do.
//!
//! ```text
//!   path ─▶ Input ─▶ format: by content ─▶ Table ─▶ assemble: choose columns, read, drop rows ─▶ points
//! ```
//!
//! The format is told by the content first, then by the name. A new format is one file here that
//! implements `table::Table`, and a row of [`FORMATS`].
//!
//! Pictures hold no points, but may carry a document that names files of points: [`carrier`].

mod arrays;
mod arrow;
mod assemble;
mod binary;
pub mod carrier;
mod columns;
mod error;
mod extremes;
mod families;
mod fits;
mod foreign;
mod format;
mod in_order;
mod input;
mod joined;
mod json;
mod las;
mod las_header;
mod laz;
mod lists;
mod lzf;
mod missing;
mod moment;
mod names;
mod npy;
mod npy_header;
mod npz;
mod number;
mod obj;
mod parquet;
mod pcd;
mod ply;
mod ply_header;
mod point_list;
mod records;
mod report;
mod row_set;
mod sheet;
mod spelling;
mod spool;
mod stdin;
mod table;
mod table_writer;
mod text;
mod unwrap;
mod votable;
mod weights;
mod word_lines;
mod wording;
mod write_arrow;
mod write_csv;
mod write_parquet;
mod xml;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub use arrays::{write_arrays, write_field, write_grid};
pub use columns::{ColumnSummary, Holds};
pub use error::LoadError;
pub use format::{FORMATS, Format};
pub use input::open;
pub use names::unique_names;
pub use report::{LoadReport, Why};
pub use row_set::RowSet;
pub use table::{MISSING, Values};
pub use table_writer::{Output, TableWriter, arrow_writer, csv_writer, parquet_writer};

use sigmascope_core::{
    engine::{Observer, Stretch},
    memory::spare_memory,
    model::{Cloud, Dim, Reading, Weights},
};

use assemble::assemble;
use input::Input;
use joined::Joined;
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
        if options.reading.more.is_empty() {
            return Self::open_one(path, options, observer);
        }
        let mut files = Vec::new();
        for path in std::iter::once(path).chain(options.reading.more.iter().map(PathBuf::as_path)) {
            let mut at_start = Stretch { observer, start: 0.0, length: 0.0 };
            files.push(Self::open_one(path, options, &mut at_start)?);
        }
        let notes = files.iter_mut().flat_map(|file| std::mem::take(&mut file.notes)).collect();
        let stored = files.iter().map(|file| file.input.stored()).sum();
        let input = files[0].input.clone().among(stored);
        let parts = files.into_iter().map(|file| (file.input, file.table)).collect();
        Ok(Self { input, table: Box::new(Joined::of(parts)?), notes, unpacked: 0.0 })
    }

    fn open_one(
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

    /// The columns in the order of the file: names, all different, and what each holds.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, Holds)> {
        self.table.columns().iter().map(|column| (column.name.as_str(), column.holds))
    }

    /// The names of the columns, in the order of the file.
    pub fn names(&self) -> Vec<&str> {
        self.columns().map(|(name, _)| name).collect()
    }

    /// The position of the column that `wish` names: exactly, in any case, or by its number from 1.
    ///
    /// # Errors
    /// When there is none; the message says which there are, and that `flag` is wrong.
    pub fn find(&self, wish: &str, flag: &'static str) -> Result<usize, LoadError> {
        columns::find(self.input.path(), self.table.columns(), wish, flag)
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

    /// Hands the values of some columns to `take`, in blocks of rows in the order of the file; all its
    /// rows, those without a point too. `numbers` and `cells` are positions among [`Self::columns`]: the
    /// values of the first ones come as numbers, those of the others, behind them, as what the file has.
    ///
    /// # Errors
    /// When the file is broken, or the observer ended the work.
    pub fn values(
        &mut self,
        numbers: &[usize],
        cells: &[usize],
        observer: &mut dyn Observer,
        take: &mut dyn FnMut(Vec<Values>) -> ControlFlow<()>,
    ) -> Result<(), LoadError> {
        let want = |as_numbers| move |&column: &usize| Wanted { column, as_numbers };
        let wanted: Vec<Wanted> =
            numbers.iter().map(want(true)).chain(cells.iter().map(want(false))).collect();
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

/// Bytes of points that any file may hold, however small it is.
const MODEST: u64 = 128 << 20;
/// How many times the size of its file the points of a larger one may have. Real tables come to 20 at best.
const INFLATION: u64 = 100;

/// Bytes that so many points need.
fn bytes_of_points(rows: u64, dim: usize, options: &LoadOptions) -> u64 {
    let numbers = dim + usize::from(options.weights.is_some());
    let bytes = u128::from(rows) * numbers as u128 * size_of::<f64>() as u128;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Refuses points that would need more memory than the budget, or than the machine has to spare.
fn check_points_fit(
    input: &Input,
    rows: u64,
    dim: usize,
    options: &LoadOptions,
) -> Result<(), LoadError> {
    let found = bytes_of_points(rows, dim, options);
    let budget = options.byte_budget.min(spare_memory().unwrap_or(u64::MAX));
    if found > budget {
        return Err(LoadError::TooLarge {
            path: input.path().into(),
            what: format!("its {rows} points need"),
            found,
            budget,
        });
    }
    check_points_are_meant(input, rows, dim, options)
}

/// Refuses more points than a file of this size can mean to hold.
fn check_points_are_meant(
    input: &Input,
    rows: u64,
    dim: usize,
    options: &LoadOptions,
) -> Result<(), LoadError> {
    let found = bytes_of_points(rows, dim, options);
    let limit = MODEST.max(input.stored().saturating_mul(INFLATION));
    if found > limit {
        let path = input.path().into();
        return Err(LoadError::Inflated { path, rows, found, stored: input.stored(), limit });
    }
    Ok(())
}
