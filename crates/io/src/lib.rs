//! Loading points from a file, whatever it holds: points, or a message that says what to do.
//!
//! ```text
//!   path ─▶ a plain file? within the budget? ─▶ first bytes ─┬─ \x93NUMPY ─▶ npy
//!                                                            ├─ zip, gzip … ─▶ refused by name
//!                                                            └─ else ───────▶ csv
//! ```
//!
//! The format is told by the content, never by the name. A new format is one file here and a test of
//! the first bytes in [`load`].

mod columns;
mod csv;
mod dialect;
mod error;
mod families;
mod field_file;
mod header;
mod line_filter;
mod missing;
mod names;
mod npy;
mod npy_header;
mod number;
mod report;
mod rows;
mod spelling;
mod squeeze;
mod survey;
mod table;
mod text;
mod weights;
mod wording;

use std::fs::{File, FileType, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

pub use error::LoadError;
pub use field_file::FieldFormat;
pub use report::LoadReport;

use encoding_rs::{Encoding, UTF_8};
use sigmascope_core::{
    engine::Observer,
    memory::spare_memory,
    model::{Cloud, Dim, Reading, Weights},
};

use missing::MoreMissing;
use rows::TextFile;

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
    /// What was read and what was left out.
    pub report: LoadReport,
}

/// First bytes of formats that people try, their names, and what to do about them.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a zip archive (.npz, .xlsx)", "extract an .npy file, or export as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "name a CSV or NPY file"),
    (b"\x1f\x8b", "a gzip file", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "unpack it first"),
    (b"BZh", "a bzip2 file", "unpack it first"),
    (b"\xfd7zXZ", "an xz file", "unpack it first"),
    (b"PAR1", "a Parquet file", "export the points as CSV or NPY"),
    (b"ARROW1", "an Arrow file", "export the points as CSV or NPY"),
    (b"\x89HDF", "an HDF5 file", "export the points as CSV or NPY"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "export the points as CSV"),
    (b"%PDF", "a PDF", "export the points as CSV or NPY"),
    (b"\x89PNG", "a picture", "name a file of points"),
];

/// Loads points from `path`.
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
    let refused = |action| move |err| LoadError::Io { path: path.into(), action, err };
    let (mut file, size) = open(path)?;
    if size > options.byte_budget {
        return Err(LoadError::TooLarge {
            path: path.into(),
            what: "the file has".to_owned(),
            found: size,
            budget: options.byte_budget,
        });
    }

    let mut head = Vec::new();
    file.by_ref().take(16).read_to_end(&mut head).map_err(refused("read"))?;
    file.seek(SeekFrom::Start(0)).map_err(refused("read"))?;
    if let Some((_, found, remedy)) = FOREIGN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(LoadError::Binary { path: path.into(), found, remedy });
    }
    if head.starts_with(npy::MAGIC) {
        return npy::load(path, &mut file, size, options, observer);
    }
    let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((UTF_8, 0));
    let mark = mark as u64;
    let byte_budget = options.byte_budget;
    let text = TextFile { path, file: &file, size, encoding, mark, byte_budget };
    csv::load(&text, options, observer)
}

/// Opens a plain file and tells its size; loads nothing.
///
/// # Errors
/// When there is no such file, it may not be read, or it is not a plain file.
pub fn open(path: &Path) -> Result<(File, u64), LoadError> {
    let refused = |err| LoadError::Io { path: path.into(), action: "open", err };
    // Opening a pipe waits for its writer, so look before opening, and once more after it.
    check_plain(path, &std::fs::metadata(path).map_err(refused)?)?;
    let file = File::open(path).map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    check_plain(path, &metadata)?;
    Ok((file, metadata.len()))
}

fn check_plain(path: &Path, metadata: &Metadata) -> Result<(), LoadError> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    let found = if kind.is_dir() { "a folder" } else { special(kind) };
    Err(LoadError::NotAFile { path: path.into(), found })
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "not a plain file"
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
