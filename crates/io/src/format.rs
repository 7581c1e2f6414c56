//! The formats of files that are read: how each is known, and what opens it.
//!
//! A file is known by its content first, then by its name. A name that says something else than the
//! content is told.

use std::path::Path;

use super::LoadOptions;
use super::error::LoadError;
use super::input::Input;
use super::json::{self, Features, Json};
use super::npy::{self, Array};
use super::npz;
use super::point_list::{self, PointList};
use super::table::Table;
use super::text::Text;
use super::unwrap::{Wrapping, unwrapped};
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
        name: "NPZ",
        extensions: &["npz"],
        about: "an archive of NPY arrays: one of them, or flat ones as columns; `file.npz:name`",
        is_it: |file| file.bytes.starts_with(npz::MAGIC),
        open: npz::open,
    },
    Format {
        name: "GeoJSON",
        extensions: &["geojson", "geojsonl", "geojsons"],
        about: "points and multi-points with their properties, in collections or line by line",
        is_it: |file| json::is_geojson(file.text(), &file.extension),
        open: |input, _, observer| Ok(Some(Box::new(Features::open(input, observer)?))),
    },
    Format {
        name: "JSON",
        extensions: json::EXTENSIONS,
        about: "records as lines or in an array, or columns as arrays, as pandas writes them",
        is_it: |file| json::is_json(file.text(), &file.extension),
        open: |input, options, observer| Ok(Some(Box::new(Json::open(input, options, observer)?))),
    },
    Format {
        name: "XYZ",
        extensions: point_list::EXTENSIONS,
        about: "lines of three coordinates and more, perhaps behind their number and a comment",
        is_it: |file| {
            let is_named_so = point_list::EXTENSIONS.contains(&file.extension.as_str());
            foreign(file.bytes).is_none() && (is_named_so || point_list::is_grid(file.text()))
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
        is_it: |file| foreign(file.bytes).is_none(),
        open: |input, options, observer| Ok(Some(Box::new(Text::open(input, options, observer)?))),
    },
];

/// First bytes of formats that people try, their names, and what to do about them.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a zip archive", "extract the file of points in it, or export as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "name a CSV or NPY file"),
    (b"\x04\x22\x4d\x18", "an lz4 file", "unpack it first, with lz4 -d"),
    (b"\x1f\x9d", "a file packed by compress", "unpack it first, with gzip -d"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"Rar!\x1a\x07", "a rar archive", "unpack it first"),
    (b"PAR1", "a Parquet file", "export the points as CSV or NPY"),
    (b"ARROW1", "an Arrow file", "export the points as CSV or NPY"),
    (b"\x89HDF", "an HDF5 file", "export the points as CSV or NPY"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "export the points as CSV"),
    (b"%PDF", "a PDF", "export the points as CSV or NPY"),
    (b"\x89PNG", "a picture", "name a file of points"),
];

/// What a file is that begins so and is not read: its name, and what to do.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let is_tar = bytes.get(257..262) == Some(b"ustar");
    if is_tar {
        return Some(("a tar archive", "unpack it first, with tar -xf"));
    }
    FOREIGN
        .iter()
        .find(|(magic, ..)| bytes.starts_with(magic))
        .map(|(_, found, remedy)| (*found, *remedy))
}

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
    let (found, remedy) = foreign(&bytes)
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
