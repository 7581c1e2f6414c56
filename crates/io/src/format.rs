//! The formats of files that are read: how each is known, and what opens it.
//!
//! A file is known by its content first, then by its name. A name that says something else than the
//! content is told.

use std::path::Path;

use super::LoadOptions;
use super::error::LoadError;
use super::input::Input;
use super::las::Las;
use super::las_header;
use super::npy::{self, Array};
use super::obj::{self, Obj};
use super::pcd::{self, Pcd};
use super::ply::Ply;
use super::ply_header;
use super::table::Table;
use super::text::Text;
use sigmascope_core::engine::Observer;

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
        name: "LAS",
        extensions: &["las", "laz"],
        about: "versions 1.0 to 1.4, all point formats, as they are or compressed (LAZ)",
        is_it: |file| file.bytes.starts_with(las_header::MAGIC),
        open: |input, _, _| Ok(Some(Box::new(Las::open(input)?))),
    },
    Format {
        name: "PLY",
        extensions: &["ply"],
        about: "the vertices with all properties, in text or binary of either byte order",
        is_it: |file| ply_header::is_ply(file.bytes),
        open: |input, _, observer| Ok(Some(Box::new(Ply::open(input, observer)?))),
    },
    Format {
        name: "PCD",
        extensions: &["pcd"],
        about: "points with all fields, in text, binary or compressed binary",
        is_it: |file| pcd::is_pcd(file.bytes),
        open: |input, options, _| Ok(Some(Box::new(Pcd::open(input, options)?))),
    },
    Format {
        name: "OBJ",
        extensions: &["obj"],
        about: "the vertices of a model, with weights and colours",
        is_it: |file| obj::is_obj(file.bytes, file.extension == "obj"),
        open: |input, _, observer| Ok(Some(Box::new(Obj::open(input, observer)?))),
    },
    Format {
        name: "CSV",
        extensions: &["csv", "tsv", "tab", "txt", "dat", "data", "psv", "ssv"],
        about: "text in columns: comma, semicolon, tab, bar or spaces, with or without names",
        is_it: |_| true,
        open: |input, options, observer| Ok(Some(Box::new(Text::open(input, options, observer)?))),
    },
];

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

/// A file whose format is known.
pub(super) struct Opened {
    /// What the table is read from: the file, or what was wrapped in it.
    pub(super) input: Input,
    pub(super) table: Box<dyn Table>,
    /// What there is to say of the format, in sentences.
    pub(super) notes: Vec<String>,
}

/// Finds out the format of a file, and opens its table.
pub(super) fn open(
    input: Input,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Opened, LoadError> {
    let bytes = input.head(Beginning::LENGTH)?;
    let refused = FOREIGN.iter().find(|(magic, ..)| bytes.starts_with(magic));
    if let Some((_, found, remedy)) = refused {
        return Err(LoadError::Binary { path: input.path().into(), found, remedy });
    }
    let file = Beginning { bytes: &bytes, extension: extension(input.path()) };
    for format in FORMATS.iter().filter(|format| (format.is_it)(&file)) {
        if let Some(table) = (format.open)(&input, options, observer)? {
            let notes = about_name(format, &file.extension).into_iter().collect();
            return Ok(Opened { input, table, notes });
        }
    }
    Err(LoadError::Binary {
        path: input.path().into(),
        found: "a file of an unknown format",
        remedy: "export the points as CSV or NPY",
    })
}

/// The end of a file's name behind the last point, in lower case and without a part behind a colon.
fn extension(path: &Path) -> String {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
    end.split(':').next().unwrap_or_default().to_owned()
}

/// A sentence where the name says that the file is of another format than it is.
fn about_name(format: &Format, extension: &str) -> Option<String> {
    let says = FORMATS.iter().find(|other| other.extensions.contains(&extension))?;
    let is_same = format.extensions.contains(&extension);
    (!is_same).then(|| {
        format!("the name ends with .{extension} ({}), but the file is {}", says.name, format.name)
    })
}
