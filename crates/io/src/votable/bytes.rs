//! Rows of a `VOTable` in bytes, BINARY and BINARY2: the fields one behind the other, highest byte first
//! (`VOTable` 1.5, section 5.4).

use std::io::{self, Read};

use super::field::{Field, Item, Part, Size, Type};

/// The most bytes of a text that are kept.
const LONGEST: u64 = 1 << 20;

/// Reads rows.
pub(super) struct Rows<'a, R> {
    pub(super) bytes: R,
    pub(super) fields: &'a [Field],
    /// Whether a mask of missing values stands in front of each row.
    pub(super) has_mask: bool,
    /// Columns that are wanted, ordered by their fields.
    pub(super) wanted: Vec<Part>,
}

impl<R: Read> Rows<'_, R> {
    /// The wanted values of the next row, one for each of `wanted`; false behind the last one.
    ///
    /// # Errors
    /// When the row is cut short, or the bytes cannot be read.
    pub(super) fn next(&mut self, items: &mut Vec<Item>) -> io::Result<bool> {
        items.clear();
        let mut first = [0];
        if read_some(&mut self.bytes, &mut first)? == 0 {
            return Ok(false);
        }
        // The first byte goes in front of the rest again.
        let mut bytes = first.as_slice().chain(&mut self.bytes);
        let mut mask = Vec::new();
        if self.has_mask {
            mask.resize(self.fields.len().div_ceil(8), 0);
            bytes.read_exact(&mut mask)?;
        }
        let mut wanted = self.wanted.iter().peekable();
        let mut value = Vec::new();
        for (k, field) in self.fields.iter().enumerate() {
            let Some(of) = field.of else {
                return Err(io::Error::other(format!(
                    "the field '{}' has no known type",
                    field.name
                )));
            };
            let is_missing = mask.get(k / 8).is_some_and(|byte| byte & (0x80 >> (k % 8)) != 0);
            let count = match field.size {
                Size::Fixed(count) => count,
                Size::Varying => {
                    let mut count = [0; 4];
                    bytes.read_exact(&mut count)?;
                    u32::from_be_bytes(count).into()
                }
            };
            let length = of.bytes(count);
            value.clear();
            let is_wanted = wanted.peek().is_some_and(|part| part.field == k);
            // What comes is kept, not what is claimed.
            let kept = match of {
                _ if !is_wanted => 0,
                of if of.is_text() => length.min(LONGEST),
                _ => length,
            };
            if (&mut bytes).take(kept).read_to_end(&mut value)? as u64 != kept {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let rest = length - kept;
            if io::copy(&mut (&mut bytes).take(rest), &mut io::sink())? != rest {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            while let Some(part) = wanted.next_if(|part| part.field == k) {
                items.push(if is_missing {
                    Item::Missing
                } else {
                    item(field, of, &value, part.at)
                });
            }
        }
        Ok(true)
    }
}

/// Fills `buffer` as far as there is something.
fn read_some(bytes: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match bytes.read(buffer) {
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Number `at` of a field whose bytes these are.
fn item(field: &Field, of: Type, bytes: &[u8], at: usize) -> Item {
    fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
        bytes.get(at * N..)?.first_chunk::<N>().copied()
    }
    let found = match of {
        Type::Char => Some(field.text(&String::from_utf8_lossy(bytes))),
        Type::Unicode => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let text: String = char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            Some(field.text(&text))
        }
        Type::Boolean => bytes.get(at).map(|byte| match byte {
            b'T' | b't' | b'1' => Item::Truth(true),
            b'F' | b'f' | b'0' => Item::Truth(false),
            _ => Item::Missing,
        }),
        Type::Bit => bytes.first().map(|byte| Item::Truth(byte & 0x80 != 0)),
        Type::UnsignedByte => bytes.get(at).map(|byte| field.integer(i64::from(*byte))),
        Type::Short => number(bytes, at).map(|n| field.integer(i16::from_be_bytes(n).into())),
        Type::Int => number(bytes, at).map(|n| field.integer(i32::from_be_bytes(n).into())),
        Type::Long => number(bytes, at).map(|n| field.integer(i64::from_be_bytes(n))),
        Type::Float | Type::FloatComplex => {
            number(bytes, at).map(|n| Item::Number(f32::from_be_bytes(n).into()))
        }
        Type::Double | Type::DoubleComplex => {
            number(bytes, at).map(|n| Item::Number(f64::from_be_bytes(n)))
        }
    };
    found.unwrap_or(Item::Missing)
}
