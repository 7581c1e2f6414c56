//! The header of a LAS or LAZ file, versions 1.0 to 1.4, and the fields of its points.
//!
//! ```text
//!   0 LASF   24 version   94 size, start of the points, number of records behind the header
//!   104 point format, its length   107 number of points   131 scales   155 offsets   179 extremes
//!   247 number of points in 64 bits (1.4)
//! ```
//!
//! Source: ASPRS, LAS Specification 1.4 R15 (2019), tables 3 to 18. In LAZ the highest bit of the point
//! format is set.

use super::binary::Plain;
use super::error::LoadError;
use super::input::Input;
use super::wording::bytes as in_bytes;

/// How every such file begins.
pub(super) const MAGIC: &[u8] = b"LASF";
/// Bytes of the header of versions up to 1.2, and of 1.4.
const LEAST: u64 = 227;
const LATEST: u64 = 375;
/// Bytes of a point of each format, without extra bytes.
const SIZES: [u16; 11] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

/// What the header says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    pub(super) version: (u8, u8),
    /// The number of the point format, from 0 to 10.
    pub(super) format: u8,
    pub(super) is_compressed: bool,
    /// Bytes of a point, and how many of them the format knows nothing of.
    pub(super) size: u16,
    pub(super) extra: u16,
    pub(super) points: u64,
    /// Where the points begin.
    pub(super) start: u64,
    /// Where the records behind the header begin, and how many there are.
    pub(super) records: (u64, u32),
    pub(super) scales: [f64; 3],
    pub(super) offsets: [f64; 3],
    /// What the numbers of points are, where the header tells two.
    pub(super) other_count: Option<u64>,
}

/// How a field's bytes become its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// As they are.
    Plain,
    /// So many bits from this one on.
    Bits(u32, u32),
    /// A coordinate: times the scale of its axis, plus the offset.
    Axis(usize),
    /// Times this number.
    Times(f64),
}

/// A field of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) plain: Plain,
    pub(super) offset: usize,
    pub(super) meaning: Meaning,
}

/// What is wrong with a LAS file, and where.
pub(super) fn broken(
    input: &Input,
    found: impl Into<String>,
    expected: impl Into<String>,
) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "LAS",
        found: found.into(),
        expected: expected.into(),
        remedy: "copy the file again, or write it again with the program it comes from".to_owned(),
    }
}

/// A number of `N` bytes at a place; zeros where the bytes end.
fn at<const N: usize>(bytes: &[u8], place: usize) -> [u8; N] {
    let mut number = [0; N];
    if let Some(found) = bytes.get(place..place + N) {
        number.copy_from_slice(found);
    }
    number
}

impl Header {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// When it is broken, or says what the size of the file does not bear out.
    pub(super) fn read(input: &Input) -> Result<Self, LoadError> {
        let bytes = input.head(LATEST)?;
        let whole = |least: u64| {
            let found = format!("it is cut short: it has {}", in_bytes(bytes.len() as u64));
            let error = || broken(input, found, format!("a header of {least} bytes at least"));
            if bytes.len() as u64 >= least { Ok(()) } else { Err(error()) }
        };
        whole(LEAST)?;
        let version = (bytes[24], bytes[25]);
        if version.0 != 1 || version.1 > 4 {
            let found = format!("it is of version {}.{}", version.0, version.1);
            return Err(broken(input, found, "a version from 1.0 to 1.4"));
        }
        let size = u64::from(u16::from_le_bytes(at(&bytes, 94)));
        let least = if version.1 == 4 { LATEST } else { LEAST };
        whole(least)?;
        if size < least {
            let found = format!("the header is said to have {}", in_bytes(size));
            return Err(broken(input, found, format!("{least} bytes at least")));
        }
        let start = u64::from(u32::from_le_bytes(at(&bytes, 96)));
        let records = u32::from_le_bytes(at(&bytes, 100));
        if start < size || start > input.size() {
            let found = format!("the points are said to begin at byte {start}");
            let expected = format!("a place behind the header and before byte {}", input.size());
            return Err(broken(input, found, expected));
        }
        let format = bytes[104] & 0x3f;
        let Some(&least) = SIZES.get(usize::from(format)) else {
            return Err(broken(input, format!("it has the point format {format}"), "0 to 10"));
        };
        let record = u16::from_le_bytes(at(&bytes, 105));
        if record < least {
            let found = format!("a point is said to have {record} bytes");
            return Err(broken(input, found, format!("{least} at least in point format {format}")));
        }
        let old = u64::from(u32::from_le_bytes(at(&bytes, 107)));
        let new = if version.1 == 4 { u64::from_le_bytes(at(&bytes, 247)) } else { 0 };
        let points = if new == 0 { old } else { new };
        let three = |place: usize| [0, 8, 16].map(|k| f64::from_le_bytes(at(&bytes, place + k)));
        let (scales, offsets) = (three(131), three(155));
        if let Some(wrong) = scales.iter().chain(&offsets).find(|value| !value.is_finite()) {
            let found = format!("a scale or an offset is {wrong}");
            return Err(broken(input, found, "finite numbers"));
        }
        Ok(Self {
            version,
            format,
            is_compressed: bytes[104] & 0xc0 != 0,
            size: record,
            extra: record - least,
            points,
            start,
            records: (size, records),
            scales,
            offsets,
            other_count: (old != 0 && new != 0 && old != new).then_some(old),
        })
    }

    /// The fields of the points.
    pub(super) fn fields(&self) -> Vec<Field> {
        let field = |name, plain, offset, meaning| Field { name, plain, offset, meaning };
        let axis = |name, k| field(name, Plain::I32, 4 * k, Meaning::Axis(k));
        let mut fields = vec![axis("x", 0), axis("y", 1), axis("z", 2)];
        let plain = Meaning::Plain;
        fields.push(field("intensity", Plain::U16, 12, plain));
        // Formats from 6 on have more bits for returns, and more classes.
        let (is_new, format) = (self.format >= 6, self.format);
        fields.extend(if is_new {
            [
                field("classification", Plain::U8, 16, plain),
                field("return_number", Plain::U8, 14, Meaning::Bits(0, 4)),
                field("number_of_returns", Plain::U8, 14, Meaning::Bits(4, 4)),
                field("scan_angle", Plain::I16, 18, Meaning::Times(0.006)),
                field("user_data", Plain::U8, 17, plain),
                field("point_source_id", Plain::U16, 20, plain),
            ]
        } else {
            [
                field("classification", Plain::U8, 15, Meaning::Bits(0, 5)),
                field("return_number", Plain::U8, 14, Meaning::Bits(0, 3)),
                field("number_of_returns", Plain::U8, 14, Meaning::Bits(3, 3)),
                field("scan_angle", Plain::I8, 16, plain),
                field("user_data", Plain::U8, 17, plain),
                field("point_source_id", Plain::U16, 18, plain),
            ]
        });
        let mut end = if is_new { 22 } else { 20 };
        if !matches!(format, 0 | 2) {
            fields.push(field("gps_time", Plain::F64, end, plain));
            end += 8;
        }
        if matches!(format, 2 | 3 | 5 | 7 | 8 | 10) {
            for name in ["red", "green", "blue"] {
                fields.push(field(name, Plain::U16, end, plain));
                end += 2;
            }
        }
        if matches!(format, 8 | 10) {
            fields.push(field("nir", Plain::U16, end, plain));
        }
        fields
    }

    /// Whether each point has a place in recorded waveforms.
    pub(super) fn has_waveforms(&self) -> bool {
        matches!(self.format, 4 | 5 | 9 | 10)
    }
}
