//! NPY files: one numeric array of shape (n, d), in either order, of any plain number type.
//!
//! ```text
//!   \x93NUMPY  major minor  length  {'descr': '<f8', 'fortran_order': False, 'shape': (n, d), }  data
//!   6 bytes    1     1      2 or 4  length bytes                                                n·d·size
//! ```
//!
//! `npyz` parses the header and decodes the numbers. What it would trust is checked before: the
//! header's length, its nesting and its integers, and then its claims against the file's size, so
//! that nothing is allocated for data that is not there.
//!
//! C order is read in blocks of whole rows; in Fortran order each column lies in one piece, and the
//! chosen ones are read one after the other.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use npyz::{DType, Deserialize, NpyHeader, Order, TypeChar, TypeRead};

use super::columns::{Column, Kind, MAX_COLUMNS, choose};
use super::error::LoadError;
use super::report::LoadReport;
use super::{LoadOptions, Loaded, check_points_fit};
use crate::model::Cloud;

/// How every NPY file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// The longest header that is read.
const MAX_HEADER: u64 = 1 << 20;
/// How much data is read at once, unless one row is longer.
const BLOCK: usize = 1 << 20;

/// Loads the points of an NPY file that stands at its beginning and has `size` bytes.
pub(super) fn load(
    path: &Path,
    file: &mut File,
    size: u64,
    options: &LoadOptions,
    keep_going: &dyn Fn(f32) -> bool,
) -> Result<Loaded, LoadError> {
    let layout = Layout::read(path, file, size)?;
    let columns: Vec<Column> = Cloud::default_axes(layout.columns)
        .into_iter()
        .map(|name| Column { name, unnamed: false, kind: Kind::Numbers })
        .collect();
    if layout.columns < options.dim {
        let shape = if layout.flat {
            format!("single numbers, shape ({},)", layout.rows)
        } else {
            format!("points of {} coordinates, shape ({}, {0})", layout.columns, layout.rows)
        };
        return Err(LoadError::NpyContent {
            path: path.into(),
            found: shape,
            expected: format!("shape (n, d) with d at least {}", options.dim),
            remedy: format!(
                "save one point per row, such as numpy.stack([x, y], axis=1); \
                 a point needs {} coordinates",
                options.dim
            ),
        });
    }
    let chosen = choose(path, &columns, options)?;
    check_points_fit(path, layout.rows, options)?;

    let mut reading = Reading { path, file, layout: &layout, chosen: &chosen, keep_going };
    let mut coordinates = reading.coordinates()?;
    let mut report = LoadReport {
        path: path.into(),
        format: format!("NPY, {}, {} order", layout.type_words(), layout.order_words()),
        rows_read: layout.rows,
        rows_dropped_missing: 0,
        rows_dropped_nan: 0,
        rows_dropped_infinite: 0,
        columns_used: chosen.iter().map(|&k| columns[k].name.clone()).collect(),
        columns_available: columns.into_iter().map(|column| column.name).collect(),
        columns_skipped: Vec::new(),
        ranges: Vec::new(),
    };
    drop_unusable(&mut coordinates, options.dim, &mut report);
    report.finish(&coordinates)?;
    let cloud = Cloud::new(options.dim, coordinates, report.columns_used.clone());
    Ok(Loaded { cloud, report })
}

/// Where the numbers of the array are, checked against the size of the file.
struct Layout {
    dtype: DType,
    type_char: TypeChar,
    item_size: usize,
    order: Order,
    rows: u64,
    columns: usize,
    /// Whether the shape is (n,).
    flat: bool,
    /// Where the data begins.
    start: u64,
}

impl Layout {
    fn read(path: &Path, file: &mut File, size: u64) -> Result<Self, LoadError> {
        let (bytes, start) = header_bytes(path, file, size)?;
        let broken = |found: String, expected: &str| LoadError::NpyHeader {
            path: path.into(),
            found,
            expected: expected.to_owned(),
        };
        let expected = "{'descr': '<f8', 'fortran_order': False, 'shape': (n, d)} or alike";
        let content = |found: String, remedy: &str| LoadError::NpyContent {
            path: path.into(),
            found,
            expected: "plain integers or floats".to_owned(),
            remedy: remedy.to_owned(),
        };
        match harm(&bytes[bytes.len().min(10)..]) {
            None => {}
            Some(Harm::Structured) => {
                let remedy = "save the fields as columns, such as \
                              numpy.lib.recfunctions.structured_to_unstructured";
                return Err(content("records (a structured array)".to_owned(), remedy));
            }
            Some(Harm::Other(found)) => return Err(broken(found.to_owned(), expected)),
        }
        let header = NpyHeader::from_reader(bytes.as_slice())
            .map_err(|err| broken(err.to_string(), expected))?;

        let dtype = header.dtype();
        let DType::Plain(plain) = &dtype else {
            return Err(content("records (a structured array)".to_owned(), "save plain numbers"));
        };
        let type_char = plain.type_char();
        let item_size = plain.num_bytes().unwrap_or(0);
        let found = match (type_char, item_size) {
            (TypeChar::Bool, 1)
            | (TypeChar::Int | TypeChar::Uint, 1 | 2 | 4 | 8)
            | (TypeChar::Float, 2 | 4 | 8) => None,
            (TypeChar::Object, _) => Some("Python objects (a pickle)".to_owned()),
            (TypeChar::Complex, _) => Some("complex numbers".to_owned()),
            (TypeChar::ByteStr | TypeChar::UnicodeStr, _) => Some("text".to_owned()),
            (TypeChar::DateTime | TypeChar::TimeDelta, _) => Some("dates or durations".to_owned()),
            (TypeChar::RawData, _) => Some("raw bytes (a void or structured type)".to_owned()),
            _ => Some(format!("numbers of the type {}", dtype.descr())),
        };
        if let Some(found) = found {
            return Err(content(found, "convert it first, such as array.astype('float64')"));
        }
        let (rows, columns, flat) = match *header.shape() {
            [rows] => (rows, 1, true),
            [rows, columns] => (rows, columns, false),
            ref shape => {
                let (found, remedy) = if shape.is_empty() {
                    ("a single number, shape ()".to_owned(), "save one point per row")
                } else {
                    (format!("{} axes", shape.len()), "flatten it, such as array.reshape(-1, 2)")
                };
                return Err(LoadError::NpyContent {
                    path: path.into(),
                    found,
                    expected: "two axes, shape (n, d)".to_owned(),
                    remedy: remedy.to_owned(),
                });
            }
        };
        let layout = Self {
            type_char,
            item_size,
            order: header.order(),
            rows,
            columns: usize::try_from(columns).unwrap_or(usize::MAX),
            flat,
            start,
            dtype,
        };
        layout.check_size(path, size, columns)?;
        Ok(layout)
    }

    fn check_size(&self, path: &Path, size: u64, columns: u64) -> Result<(), LoadError> {
        let overflow = || LoadError::NpyHeader {
            path: path.into(),
            found: format!("the shape ({}, {columns}) is beyond 64 bits", self.rows),
            expected: "a shape that fits the file".to_owned(),
        };
        let expected = self
            .rows
            .checked_mul(columns)
            .and_then(|items| items.checked_mul(self.item_size as u64))
            .and_then(|data| data.checked_add(self.start))
            .ok_or_else(overflow)?;
        if expected != size {
            let shape = if self.flat {
                format!("({},)", self.rows)
            } else {
                format!("({}, {columns})", self.rows)
            };
            return Err(LoadError::NpySize {
                path: path.into(),
                found: size,
                expected,
                content: format!("a {} array of shape {shape}", self.type_words()),
                state: if size < expected { "cut short" } else { "followed by other data" },
            });
        }
        if self.rows == 0 || columns == 0 {
            return Err(LoadError::Empty {
                path: path.into(),
                found: format!("the array is empty, shape ({}, {columns})", self.rows),
            });
        }
        if columns > MAX_COLUMNS as u64 {
            return Err(LoadError::TooManyColumns {
                path: path.into(),
                found: columns,
                limit: MAX_COLUMNS as u64,
            });
        }
        Ok(())
    }

    fn type_words(&self) -> String {
        let bits = self.item_size * 8;
        let swapped = match &self.dtype {
            DType::Plain(plain) if plain.endianness() == npyz::Endianness::Big => ", big-endian",
            _ => "",
        };
        match self.type_char {
            TypeChar::Bool => "bool".to_owned(),
            TypeChar::Int => format!("int{bits}{swapped}"),
            TypeChar::Uint => format!("uint{bits}{swapped}"),
            _ => format!("float{bits}{swapped}"),
        }
    }

    fn order_words(&self) -> &'static str {
        match self.order {
            Order::C => "C",
            Order::Fortran => "Fortran",
        }
    }
}

/// Everything before the data, and its length; the length is checked before anything is read.
fn header_bytes(path: &Path, file: &mut File, size: u64) -> Result<(Vec<u8>, u64), LoadError> {
    let broken = |found: String, expected: String| LoadError::NpyHeader {
        path: path.into(),
        found,
        expected,
    };
    let mut bytes = Vec::new();
    read_more(path, file, 8, &mut bytes)?;
    let width: usize = match *bytes {
        [.., 1, 0] => 2,
        [.., 2 | 3, 0] => 4,
        [.., major, minor] if bytes.len() == 8 => {
            return Err(broken(
                format!("its version is {major}.{minor}"),
                "1.0, 2.0 or 3.0".to_owned(),
            ));
        }
        _ => 2,
    };
    read_more(path, file, width as u64, &mut bytes)?;
    if bytes.len() < 8 + width {
        return Err(broken(
            format!("the file ends after {size} bytes"),
            "at least a header".to_owned(),
        ));
    }
    let length = bytes[8..].iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    if length > MAX_HEADER {
        return Err(broken(
            format!("it claims {}", super::error::bytes(length)),
            format!("at most {}", super::error::bytes(MAX_HEADER)),
        ));
    }
    let start = bytes.len() as u64 + length;
    read_more(path, file, length, &mut bytes)?;
    if (bytes.len() as u64) < start {
        return Err(broken(
            format!("the file ends after {size} bytes"),
            format!("a header of {start} bytes"),
        ));
    }
    Ok((bytes, start))
}

fn read_more(
    path: &Path,
    file: &mut File,
    count: u64,
    bytes: &mut Vec<u8>,
) -> Result<(), LoadError> {
    file.take(count).read_to_end(bytes).map(|_| ()).map_err(|err| LoadError::Io {
        path: path.into(),
        action: "read",
        err,
    })
}

/// What about a header would hurt its parser.
#[derive(Debug, PartialEq, Eq)]
enum Harm {
    Structured,
    Other(&'static str),
}

/// Looks for what a plain array's header never has: lists (a structured type), deep nesting, signs,
/// and integers whose product leaves 64 bits.
fn harm(header: &[u8]) -> Option<Harm> {
    let mut quote = None;
    let mut escaped = false;
    let mut depth = 0_usize;
    let mut product = 1_u64;
    let mut bytes = header.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if let Some(mark) = quote {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == mark {
                quote = None;
            }
            continue;
        }
        match byte {
            b'\'' | b'"' => quote = Some(byte),
            b'[' => return Some(Harm::Structured),
            b'{' | b'(' => depth += 1,
            b'}' | b')' => depth = depth.saturating_sub(1),
            b'-' => return Some(Harm::Other("the shape has a negative number")),
            b'+' | b'.' | b'_' => {
                return Some(Harm::Other("the shape is not made of whole numbers"));
            }
            b'0'..=b'9' => {
                let mut number = Some(u64::from(byte - b'0'));
                while let Some(&next) = bytes.peek().filter(|b| b.is_ascii_alphanumeric()) {
                    if !next.is_ascii_digit() {
                        return Some(Harm::Other("the shape is not made of whole numbers"));
                    }
                    number = number
                        .and_then(|n| n.checked_mul(10))
                        .and_then(|n| n.checked_add(u64::from(next - b'0')));
                    bytes.next();
                }
                match number.and_then(|n| product.checked_mul(n.max(1))) {
                    Some(larger) => product = larger,
                    None => return Some(Harm::Other("the shape is beyond 64 bits")),
                }
            }
            _ => {}
        }
        if depth > 8 {
            return Some(Harm::Other("it is nested too deeply"));
        }
    }
    None
}

/// Reading the data of one array.
struct Reading<'a> {
    path: &'a Path,
    file: &'a mut File,
    layout: &'a Layout,
    chosen: &'a [usize],
    keep_going: &'a dyn Fn(f32) -> bool,
}

impl Reading<'_> {
    /// The chosen columns as they are stored, row by row.
    fn coordinates(&mut self) -> Result<Vec<f64>, LoadError> {
        match (self.layout.type_char, self.layout.item_size) {
            (TypeChar::Float, 8) => self.read(|x: f64| x),
            (TypeChar::Float, 4) => self.read(|x: f32| f64::from(x)),
            (TypeChar::Float, _) => self.read(|x: half::f16| f64::from(x)),
            (TypeChar::Int, 8) => self.read(|x: i64| x as f64),
            (TypeChar::Int, 4) => self.read(|x: i32| f64::from(x)),
            (TypeChar::Int, 2) => self.read(|x: i16| f64::from(x)),
            (TypeChar::Int, _) => self.read(|x: i8| f64::from(x)),
            (TypeChar::Uint, 8) => self.read(|x: u64| x as f64),
            (TypeChar::Uint, 4) => self.read(|x: u32| f64::from(x)),
            (TypeChar::Uint, 2) => self.read(|x: u16| f64::from(x)),
            (TypeChar::Uint, _) => self.read(|x: u8| f64::from(x)),
            _ => self.read(|x: bool| f64::from(u8::from(x))),
        }
    }

    fn read<T: Deserialize>(&mut self, number: fn(T) -> f64) -> Result<Vec<f64>, LoadError> {
        let Layout { dtype, item_size, order, columns, start, .. } = self.layout;
        let rows = self.layout.rows as usize;
        let dim = self.chosen.len();
        let reader = T::reader(dtype).map_err(|err| LoadError::NpyContent {
            path: self.path.into(),
            found: format!("numbers of the type {}", dtype.descr()),
            expected: "plain integers or floats".to_owned(),
            remedy: format!("convert it first ({err})"),
        })?;
        let path = self.path;
        let decode = |bytes: &[u8]| {
            reader.read_one(bytes).map(number).map_err(|err| LoadError::Io {
                path: path.into(),
                action: "decode",
                err,
            })
        };
        let mut coordinates = vec![0.0; rows * dim];
        let mut block = Vec::new();
        match order {
            Order::C => {
                self.seek(*start)?;
                let row_size = columns * item_size;
                for points in coordinates.chunks_mut(dim * (BLOCK / row_size).max(1)) {
                    block.resize(points.len() / dim * row_size, 0);
                    self.fill(&mut block)?;
                    for (point, row) in points.chunks_exact_mut(dim).zip(block.chunks(row_size)) {
                        for (value, &k) in point.iter_mut().zip(self.chosen) {
                            *value = decode(&row[k * item_size..(k + 1) * item_size])?;
                        }
                    }
                }
            }
            Order::Fortran => {
                for (axis, &k) in self.chosen.iter().enumerate() {
                    self.seek(start + (k * rows * item_size) as u64)?;
                    for points in coordinates.chunks_mut(dim * (BLOCK / item_size)) {
                        block.resize(points.len() / dim * item_size, 0);
                        self.fill(&mut block)?;
                        for (point, item) in
                            points.chunks_exact_mut(dim).zip(block.chunks(*item_size))
                        {
                            point[axis] = decode(item)?;
                        }
                    }
                }
            }
        }
        Ok(coordinates)
    }

    fn seek(&mut self, place: u64) -> Result<(), LoadError> {
        self.file.seek(SeekFrom::Start(place)).map(|_| ()).map_err(|err| self.refusal(err))
    }

    /// Fills a block, after asking whether to go on.
    fn fill(&mut self, block: &mut [u8]) -> Result<(), LoadError> {
        let place = self.file.stream_position().map_err(|err| self.refusal(err))?;
        let Layout { rows, columns, item_size, start, .. } = self.layout;
        let size = (*rows as f64) * (columns * item_size) as f64;
        if !(self.keep_going)(((place - start) as f64 / size) as f32) {
            return Err(LoadError::Cancelled);
        }
        self.file.read_exact(block).map_err(|err| self.refusal(err))
    }

    fn refusal(&self, err: std::io::Error) -> LoadError {
        LoadError::Io { path: self.path.into(), action: "read", err }
    }
}

/// Removes points with a coordinate that is not finite, and counts them.
fn drop_unusable(coordinates: &mut Vec<f64>, dim: usize, report: &mut LoadReport) {
    let mut kept = 0;
    for start in (0..coordinates.len()).step_by(dim) {
        let point = &coordinates[start..start + dim];
        if point.iter().any(|value| value.is_nan()) {
            report.rows_dropped_nan += 1;
        } else if point.iter().any(|value| value.is_infinite()) {
            report.rows_dropped_infinite += 1;
        } else {
            coordinates.copy_within(start..start + dim, kept);
            kept += dim;
        }
    }
    coordinates.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_would_hurt_are_told_apart() {
        let deep = "(".repeat(100_000);
        let other = |words| Some(Harm::Other(words));
        let cases: &[(&str, Option<Harm>)] = &[
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", None),
            ("{'descr': '<f8-+[', 'shape': (3,)}", None),
            ("{'shape': (0, 4294967296)}", None),
            ("{'descr': [('a', '<f8')]}", Some(Harm::Structured)),
            ("{'shape': (-1, 2)}", other("the shape has a negative number")),
            ("{'shape': (4294967296, 4294967296)}", other("the shape is beyond 64 bits")),
            ("{'shape': (0, 4294967296, 4294967296)}", other("the shape is beyond 64 bits")),
            ("{'shape': (99999999999999999999, 2)}", other("the shape is beyond 64 bits")),
            ("{'shape': (0xff, 2)}", other("the shape is not made of whole numbers")),
            ("{'shape': (1_000, 2)}", other("the shape is not made of whole numbers")),
            ("{'shape': (1.5, 2)}", other("the shape is not made of whole numbers")),
            (&deep, other("it is nested too deeply")),
        ];
        for (header, expected) in cases {
            assert_eq!(harm(header.as_bytes()), *expected, "{}", &header[..header.len().min(60)]);
        }
    }
}
