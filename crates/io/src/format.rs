//! The formats of files that are read: how each is known, and what opens it.
//!
//! A file is known by its content first, then by its name. A name that says something else than the
//! content is told.

use std::path::Path;

use super::LoadOptions;
use super::arrow::{self, Arrow};
use super::error::LoadError;
use super::fits::{self, Fits};
use super::foreign;
use super::input::Input;
use super::npy::{self, Array};
use super::npz;
use super::parquet::{self, Parquet};
use super::point_list::{self, PointList};
use super::sheet::{self, Sheet};
use super::table::Table;
use super::text::Text;
use super::unwrap::{Wrapping, unwrapped};
use super::votable::{self, VoTable};
use sigmascope_core::engine::{Observer, Stretch};

/// What opens a file of a format.
type Open =
    fn(&Input, &LoadOptions, &mut dyn Observer) -> Result<Option<Box<dyn Table>>, LoadError>;

/// A format of files of points.
pub struct Format {
    /// What it is called.
    pub name: &'static str,
    /// How names of such files end, in lower case and without the point.
    pub extensions: &'static [&'static str],
    /// What is read of it, for a table of formats.
    pub about: &'static str,
    /// Whether a file that begins so is one.
    is_it: fn(&Beginning<'_>) -> bool,
    open: Open,
}

/// How a file begins, and what it is called.
pub(super) struct Beginning<'a> {
    /// The first [`Self::LENGTH`] bytes, or all.
    pub(super) bytes: &'a [u8],
    /// The end of its name behind the last point, in lower case.
    pub(super) extension: String,
}

impl Beginning<'_> {
    /// Bytes looked at.
    const LENGTH: u64 = 4096;

    /// The first bytes as text without a byte order mark and spaces in front.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(self.bytes).trim_ascii_start()
    }
}

/// All formats, in the order in which they are tried; text is what is left.
pub const FORMATS: &[Format] = &[
    Format {
        name: "NPY",
        extensions: &["npy"],
        about: "an array (n,) or (n, d) of plain numbers in either order, or a structured one",
        is_it: |file| file.bytes.starts_with(npy::MAGIC),
        open: |input, options, _| {
            let array = Array::open(input)?;
            let array = if options.reading.transpose { array.transposed()? } else { array };
            Ok(Some(Box::new(array)))
        },
    },
    Format {
        name: "Parquet",
        extensions: &["parquet", "parq", "pq"],
        about: "every codec; numbers, decimals, dates and times, structures, lists of one length",
        is_it: |file| file.bytes.starts_with(parquet::MAGIC),
        open: |input, _, _| Ok(Some(Box::new(Parquet::open(input)?))),
    },
    Format {
        name: "Arrow",
        extensions: &["arrow", "arrows", "feather", "ipc"],
        about: "IPC files, streams and Feather 2, LZ4 or zstd; the same types as Parquet",
        is_it: arrow::is_arrow,
        open: |input, _, _| Ok(Some(Box::new(Arrow::open(input)?))),
    },
    Format {
        name: "NPZ",
        extensions: &["npz"],
        about: "an archive of NPY arrays: one of them, or flat ones as columns; `file.npz:name`",
        is_it: |file| file.bytes.starts_with(npz::MAGIC),
        open: npz::open,
    },
    Format {
        name: "XLSX",
        extensions: &["xlsx", "xlsm", "xltx"],
        about: "the first sheet that holds something, or the one that is named: `file.xlsx:sheet`",
        is_it: |file| file.bytes.starts_with(sheet::MAGIC),
        open: |input, options, observer| {
            let table = Sheet::open(input, options, observer, sheet::Kind::Xlsx)?;
            Ok(table.map(|table| Box::new(table) as Box<dyn Table>))
        },
    },
    Format {
        name: "ODS",
        extensions: &["ods", "ots"],
        about: "the first sheet that holds something, or the one that is named: `file.ods:sheet`",
        is_it: |file| file.bytes.starts_with(sheet::MAGIC),
        open: |input, options, observer| {
            let table = Sheet::open(input, options, observer, sheet::Kind::Ods)?;
            Ok(table.map(|table| Box::new(table) as Box<dyn Table>))
        },
    },
    Format {
        name: "FITS",
        extensions: &["fits", "fit", "fts"],
        about: "the first table, binary or of characters, or the one that is named: `file.fits:name`",
        is_it: |file| file.bytes.starts_with(fits::MAGIC),
        open: |input, _, _| Ok(Some(Box::new(Fits::open(input)?))),
    },
    Format {
        name: "VOTable",
        extensions: &["vot", "votable"],
        about: "the first table with rows (TABLEDATA, BINARY, BINARY2), or the one that is named",
        is_it: votable::is_it,
        open: |input, _, observer| Ok(Some(Box::new(VoTable::open(input, observer)?))),
    },
    Format {
        name: "XYZ",
        extensions: point_list::EXTENSIONS,
        about: "lines of three coordinates and more, perhaps behind their number and a comment",
        is_it: |file| {
            let is_named_so = point_list::EXTENSIONS.contains(&file.extension.as_str());
            !foreign::is_known(file) && (is_named_so || point_list::is_grid(file.text()))
        },
        open: |input, options, observer| {
            if point_list::is_grid(&input.head(64)?) {
                return Err(point_list::refuse_grid(input));
            }
            let extension = extension(input.path());
            Ok(Some(Box::new(PointList::open(input, &extension, options, observer)?)))
        },
    },
    Format {
        name: "CSV",
        extensions: &["csv", "tsv", "tab", "txt", "dat", "data", "psv", "ssv"],
        about: "text in columns: comma, semicolon, tab, bar or spaces, with or without names",
        is_it: |file| !foreign::is_known(file),
        open: |input, options, observer| Ok(Some(Box::new(Text::open(input, options, observer)?))),
    },
];

/// A file whose format is known.
pub(super) struct Opened {
    /// What the table is read from: the file, or what was wrapped in it.
    pub(super) input: Input,
    pub(super) table: Box<dyn Table>,
    /// What there is to say of the format, in sentences.
    pub(super) notes: Vec<String>,
    /// The share of the work of loading that was unpacking.
    pub(super) unpacked: f64,
}

/// Finds out the format of a file, and opens its table.
pub(super) fn open(
    input: Input,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Opened, LoadError> {
    let (input, unpacked) = unwrapped(input, options, observer)?;
    let mut rest = Stretch { observer, start: unpacked, length: 1.0 - unpacked };
    let bytes = input.head(Beginning::LENGTH)?;
    let file = Beginning { bytes: &bytes, extension: extension(input.path()) };
    for format in FORMATS.iter().filter(|format| (format.is_it)(&file)) {
        if let Some(table) = (format.open)(&input, options, &mut rest)? {
            let notes = about_name(format, &file.extension).into_iter().collect();
            return Ok(Opened { input, table, notes, unpacked });
        }
    }
    let (found, remedy) = foreign::told(&input, &file)
        .unwrap_or(("a file of an unknown format", "export the points as CSV or NPY"));
    Err(LoadError::Binary { path: input.path().into(), found, remedy })
}

/// The end of a file's name behind the last point, in lower case, without a part behind a colon and
/// without what it is packed by: `csv` of `points.csv.gz`.
fn extension(path: &Path) -> String {
    let end_of = |path: &Path| {
        let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
        end.unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
    };
    let end = end_of(path);
    match path.file_stem() {
        Some(stem) if Wrapping::is_extension(&end) => end_of(Path::new(stem)),
        _ => end,
    }
}

/// A sentence where the name says that the file is of another format than it is.
fn about_name(format: &Format, extension: &str) -> Option<String> {
    let says = FORMATS.iter().find(|other| other.extensions.contains(&extension))?;
    let is_same = format.extensions.contains(&extension);
    (!is_same).then(|| {
        format!("the name ends with .{extension} ({}), but the file is {}", says.name, format.name)
    })
}
