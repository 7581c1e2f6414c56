//! The header of an NPY file, believed only as far as the file's size bears it out.
//!
//! `npyz` parses the header. What it would trust is checked before: the header's length, its
//! nesting and its integers. Afterwards the shape is checked against the size of the file, so that
//! nothing is allocated for data that is not there.

use std::io::Read;
use std::path::Path;

use npyz::{DType, NpyHeader, Order, TypeChar};

use super::columns::MAX_COLUMNS;
use super::error::LoadError;
use super::wording::bytes as bytes_in_words;

/// The longest header that is read.
const MAX_HEADER: u64 = 1 << 20;
/// The longest header, without the spaces at its end, that is parsed; `numpy.load` stops there too.
const MAX_PARSED: usize = 10_000;

/// Where the numbers of the array are, checked against the size of the file.
pub(super) struct Layout {
    /// The type, as the file spells it.
    pub(super) dtype: DType,
    /// What kind of number.
    pub(super) type_char: TypeChar,
    /// Bytes per number.
    pub(super) item_size: usize,
    /// Whether rows or columns lie in one piece.
    pub(super) order: Order,
    /// n.
    pub(super) rows: u64,
    /// d; 1 for a shape (n,).
    pub(super) columns: usize,
    /// Whether the shape is (n,).
    pub(super) flat: bool,
    /// Where the data begins.
    pub(super) start: u64,
    /// The fields of a structured array, whose shape is (n,): its columns.
    pub(super) record: Option<Record>,
}

/// The fields of the records of a structured array.
pub(super) struct Record {
    /// In their order; one of several numbers stands here as several.
    pub(super) fields: Vec<Field>,
    /// Bytes per record.
    pub(super) size: usize,
}

/// One number, or something else, of each record.
pub(super) struct Field {
    /// Its name; empty for the space between fields.
    pub(super) name: String,
    /// Its type, as the file spells it.
    pub(super) dtype: DType,
    /// Bytes in front of it in the record.
    pub(super) offset: usize,
    /// Whether it is a plain number.
    pub(super) is_number: bool,
}

impl Record {
    /// The most fields of a record.
    const MAX_FIELDS: usize = 10_000;

    /// The fields of a type; `None` for one that is no record, or a broken one.
    fn of(dtype: &DType) -> Option<Self> {
        let DType::Record(_) = dtype else { return None };
        let mut fields = Vec::new();
        let size = Self::add("", dtype, 0, &mut fields)?;
        (size > 0).then_some(Self { fields, size })
    }

    /// Adds the fields of `dtype` at `offset`, and tells its size.
    fn add(name: &str, dtype: &DType, offset: usize, fields: &mut Vec<Field>) -> Option<usize> {
        if fields.len() > Self::MAX_FIELDS {
            return None;
        }
        match dtype {
            DType::Plain(plain) => {
                let size = plain.num_bytes()?;
                let is_number = number_problem(plain.type_char(), size, dtype).is_none();
                let (name, dtype) = (name.to_owned(), dtype.clone());
                fields.push(Field { name, dtype, offset, is_number });
                Some(size)
            }
            DType::Array(count, inner) => {
                let mut size = 0_usize;
                for k in 0..*count {
                    let name = format!("{name}_{}", k + 1);
                    size = size.checked_add(Self::add(&name, inner, offset + size, fields)?)?;
                }
                Some(size)
            }
            DType::Record(members) => {
                let mut size = 0_usize;
                for member in members {
                    let name = match name {
                        "" => member.name.clone(),
                        outer => format!("{outer}.{}", member.name),
                    };
                    size =
                        size.checked_add(Self::add(&name, &member.dtype, offset + size, fields)?)?;
                }
                Some(size)
            }
        }
    }
}

/// What is wrong with a type, if it is no plain number.
fn number_problem(type_char: TypeChar, item_size: usize, dtype: &DType) -> Option<String> {
    match (type_char, item_size) {
        (TypeChar::Bool, 1)
        | (TypeChar::Int | TypeChar::Uint, 1 | 2 | 4 | 8)
        | (TypeChar::Float, 2 | 4 | 8) => None,
        (TypeChar::Object, _) => Some("Python objects (a pickle)".to_owned()),
        (TypeChar::Complex, _) => Some("complex numbers".to_owned()),
        (TypeChar::ByteStr | TypeChar::UnicodeStr, _) => Some("text".to_owned()),
        (TypeChar::DateTime | TypeChar::TimeDelta, _) => Some("dates or durations".to_owned()),
        (TypeChar::RawData, _) => Some("raw bytes (a void or structured type)".to_owned()),
        _ => Some(format!("numbers of the type {}", first_line(&dtype.descr()))),
    }
}

impl Layout {
    /// Reads the header of a file of `size` bytes that stands at its beginning.
    pub(super) fn read(path: &Path, file: &mut impl Read, size: u64) -> Result<Self, LoadError> {
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
            Some(Harm(found)) => return Err(broken(found.to_owned(), expected)),
        }
        let length = bytes.trim_ascii_end().len();
        if length > MAX_PARSED {
            let found = format!("it has {}", bytes_in_words(length as u64));
            return Err(broken(found, expected));
        }
        let header = NpyHeader::from_reader(bytes.as_slice())
            .map_err(|err| broken(first_line(&err.to_string()), expected))?;

        let dtype = header.dtype();
        let record = Record::of(&dtype);
        let (type_char, item_size) = match (&dtype, &record) {
            (DType::Plain(plain), _) => (plain.type_char(), plain.num_bytes().unwrap_or(0)),
            (_, Some(record)) => (TypeChar::RawData, record.size),
            _ => {
                let remedy = "save the fields as columns of plain numbers";
                return Err(content("records that cannot be understood".to_owned(), remedy));
            }
        };
        let problem = number_problem(type_char, item_size, &dtype).filter(|_| record.is_none());
        if let Some(found) = problem {
            return Err(content(found, "convert it first, such as array.astype('float64')"));
        }
        let (rows, columns, flat) = match *header.shape() {
            [rows] => (rows, 1, true),
            [rows, columns] if record.is_none() || columns == 1 => (rows, columns, false),
            ref shape => {
                let (found, remedy) = if shape.is_empty() {
                    ("a single number, shape ()".to_owned(), "save one point per row")
                } else {
                    let records = if record.is_some() { " of records" } else { "" };
                    let found = format!("{} axes{records}", shape.len());
                    (found, "flatten it, such as array.reshape(-1, 2)")
                };
                return Err(LoadError::NpyContent {
                    path: path.into(),
                    found,
                    expected: if record.is_some() {
                        "one axis, shape (n,)".to_owned()
                    } else {
                        "two axes, shape (n, d)".to_owned()
                    },
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
            record,
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

    /// The type in words.
    pub(super) fn type_words(&self) -> String {
        if self.record.is_some() {
            return "structured".to_owned();
        }
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

    /// The array on its side: its rows are the coordinates, its columns the points.
    pub(super) fn transposed(self) -> Self {
        let order = match self.order {
            Order::C => Order::Fortran,
            Order::Fortran => Order::C,
        };
        let (rows, columns) = (self.columns as u64, self.rows as usize);
        Self { rows, columns, order, flat: false, ..self }
    }

    /// The order's name.
    pub(super) fn order_words(&self) -> &'static str {
        match self.order {
            Order::C => "C",
            Order::Fortran => "Fortran",
        }
    }
}

/// Everything before the data, and its length; the length is checked before anything is read.
fn header_bytes(path: &Path, file: &mut impl Read, size: u64) -> Result<(Vec<u8>, u64), LoadError> {
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
            format!("it claims {}", bytes_in_words(length)),
            format!("at most {}", bytes_in_words(MAX_HEADER)),
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
    file: &mut impl Read,
    count: u64,
    bytes: &mut Vec<u8>,
) -> Result<(), LoadError> {
    file.take(count).read_to_end(bytes).map(|_| ()).map_err(|err| LoadError::Io {
        path: path.into(),
        action: "read",
        err,
    })
}

/// The beginning of what the parser has to say.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(100).collect()
}

/// What about a header would hurt its parser.
#[derive(Debug, PartialEq, Eq)]
struct Harm(&'static str);

/// Looks for what an array's header never has: deep nesting, signs, and integers whose product leaves
/// 64 bits.
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
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            b'-' => return Some(Harm("the shape has a negative number")),
            b'+' | b'.' | b'_' => {
                return Some(Harm("the shape is not made of whole numbers"));
            }
            b'0'..=b'9' => {
                let mut number = Some(u64::from(byte - b'0'));
                while let Some(&next) = bytes.peek().filter(|b| b.is_ascii_alphanumeric()) {
                    if !next.is_ascii_digit() {
                        return Some(Harm("the shape is not made of whole numbers"));
                    }
                    number = number
                        .and_then(|n| n.checked_mul(10))
                        .and_then(|n| n.checked_add(u64::from(next - b'0')));
                    bytes.next();
                }
                match number.and_then(|n| product.checked_mul(n.max(1))) {
                    Some(larger) => product = larger,
                    None => return Some(Harm("the shape is beyond 64 bits")),
                }
            }
            _ => {}
        }
        if depth > 8 {
            return Some(Harm("it is nested too deeply"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_would_hurt_are_told_apart() {
        let deep = "(".repeat(100_000);
        let other = |words| Some(Harm(words));
        let cases: &[(&str, Option<Harm>)] = &[
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", None),
            ("{'descr': '<f8-+[', 'shape': (3,)}", None),
            ("{'shape': (0, 4294967296)}", None),
            ("{'descr': [('a', '<f8'), ('b', '<f4', (3,))], 'shape': (2,)}", None),
            (
                "{'descr': [('a', '<f8', (99999999, 99999999, 99999999))]}",
                other("the shape is beyond 64 bits"),
            ),
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
