//! The header of a PLY file: the encoding, and the elements with their properties.
//!
//! ```text
//!   ply
//!   format binary_little_endian 1.0        or ascii, or binary_big_endian
//!   comment …                              or obj_info …
//!   element vertex 8
//!   property float x                       or any other type
//!   property list uchar int neighbours     the type of the count, and of the items
//!   end_header
//! ```
//!
//! Lines end by LF, CRLF or CR, as the first one does.

use super::binary::Plain;
use super::columns::MAX_COLUMNS;
use super::error::LoadError;
use super::input::Input;
use super::word_lines::{Lines, words};
use super::wording::shortened;

/// The most elements that a header may have.
const MAX_ELEMENTS: usize = 10_000;

/// What comes behind the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// A line of words for each element.
    Text,
    /// Numbers behind one another.
    Binary { big_endian: bool },
}

/// What a property of an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One number.
    Single(Plain),
    /// A count of this type, and so many items of that type.
    List { count: Plain, item: Plain },
}

/// A kind of thing, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) count: u64,
    pub(super) properties: Vec<(String, Shape)>,
}

impl Element {
    /// Bytes of each that are not in lists.
    pub(super) fn size(&self) -> usize {
        self.shapes().filter_map(Shape::single).map(Plain::size).sum()
    }

    /// The fewest bytes that each takes, in binary or as text.
    pub(super) fn least(&self, encoding: Encoding) -> u64 {
        match encoding {
            // Each word and what comes behind it.
            Encoding::Text => 2 * self.properties.len() as u64,
            Encoding::Binary { .. } => self
                .shapes()
                .map(|shape| match shape {
                    Shape::Single(plain) | Shape::List { count: plain, .. } => plain.size() as u64,
                })
                .sum(),
        }
    }

    /// Whether any property is a list.
    pub(super) fn has_lists(&self) -> bool {
        self.shapes().any(|shape| shape.single().is_none())
    }

    pub(super) fn shapes(&self) -> impl Iterator<Item = Shape> {
        self.properties.iter().map(|(_, shape)| *shape)
    }
}

impl Shape {
    /// The type, unless it is a list.
    pub(super) fn single(self) -> Option<Plain> {
        match self {
            Self::Single(plain) => Some(plain),
            Self::List { .. } => None,
        }
    }
}

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) encoding: Encoding,
    pub(super) elements: Vec<Element>,
    /// Bytes of the header.
    pub(super) size: u64,
    /// Lines of it.
    pub(super) lines: u64,
    /// The last byte of each line.
    pub(super) line_end: u8,
}

/// Whether a file that begins so is a PLY file.
pub(super) fn is_ply(beginning: &[u8]) -> bool {
    let Some(rest) = beginning.strip_prefix(b"ply") else { return false };
    let (blanks, rest) = rest.split_at(rest.len() - rest.trim_ascii_start().len());
    let starts = ["format", "comment", "element", "obj_info"];
    blanks.iter().any(|b| matches!(b, b'\n' | b'\r'))
        && starts.iter().any(|word| rest.starts_with(word.as_bytes()))
}

/// What is wrong with a PLY file, and where.
pub(super) fn broken(input: &Input, found: String, expected: impl Into<String>) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "PLY",
        found,
        expected: expected.into(),
        remedy: "copy the file again, or write it again with the program it comes from".to_owned(),
    }
}

impl Header {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// When it is broken, or does not end.
    pub(super) fn read(input: &Input) -> Result<Self, LoadError> {
        let head = input.head(256)?;
        let first = head.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(0);
        let is_old = head.get(first) == Some(&b'\r') && head.get(first + 1) != Some(&b'\n');
        let line_end = if is_old { b'\r' } else { b'\n' };
        let refused = |err| input.refusal(err);
        let mut lines = Lines::new(input, 0, 0, line_end).map_err(refused)?;
        let (mut encoding, mut elements) = (None, Vec::<Element>::new());
        let mut properties = 0;
        loop {
            if !lines.advance().map_err(refused)? {
                let found = format!("it ends in the header, after {} lines", lines.count);
                return Err(broken(input, found, "a line end_header, and the points behind it"));
            }
            let line = lines.text();
            let wrong = |expected: &str| {
                let found = format!("line {} is '{}'", lines.count, shortened(line));
                Err(broken(input, found, expected))
            };
            let mut parts = words(line);
            match (parts.next(), parts.next()) {
                _ if lines.count == 1 => {}
                (None | Some(b"comment" | b"obj_info"), _) => {}
                (Some(b"format"), Some(kind)) => match encoding_of(kind) {
                    Some(known) => encoding = Some(known),
                    None => {
                        return wrong("ascii, binary_little_endian or binary_big_endian");
                    }
                },
                (Some(b"element"), Some(name)) => {
                    let count = parts.next().and_then(|word| std::str::from_utf8(word).ok());
                    let Some(count) = count.and_then(|word| word.parse().ok()) else {
                        return wrong("element, a name and a count");
                    };
                    if elements.len() == MAX_ELEMENTS {
                        return wrong("at most 10000 elements");
                    }
                    let name = shortened(name);
                    elements.push(Element { name, count, properties: Vec::new() });
                }
                (Some(b"property"), Some(kind)) => {
                    let Some(element) = elements.last_mut() else {
                        return wrong("an element before its properties");
                    };
                    let Some(property) = property(kind, &mut parts) else {
                        return wrong(
                            "a type (char, uchar, short, ushort, int, uint, float, double or as \
                             int8, float32), or list with two types, and a name",
                        );
                    };
                    properties += 1;
                    if properties > MAX_COLUMNS as u64 {
                        let (found, limit) = (properties, MAX_COLUMNS as u64);
                        return Err(LoadError::TooManyColumns {
                            path: input.path().into(),
                            found,
                            limit,
                        });
                    }
                    element.properties.push(property);
                }
                (Some(b"end_header"), _) => break,
                _ => return wrong("format, comment, element, property or end_header"),
            }
        }
        let Some(encoding) = encoding else {
            return Err(broken(input, "the header has no line format".to_owned(), "one"));
        };
        Ok(Self { encoding, elements, size: lines.position, lines: lines.count, line_end })
    }
}

fn encoding_of(word: &[u8]) -> Option<Encoding> {
    match word {
        b"ascii" => Some(Encoding::Text),
        b"binary_little_endian" => Some(Encoding::Binary { big_endian: false }),
        b"binary_big_endian" => Some(Encoding::Binary { big_endian: true }),
        _ => None,
    }
}

/// The property that the words of a line say.
fn property<'a>(
    kind: &[u8],
    words: &mut impl Iterator<Item = &'a [u8]>,
) -> Option<(String, Shape)> {
    let shape = if kind == b"list" {
        let count = plain(words.next()?)?;
        // A count is a whole number.
        if matches!(count, Plain::F16 | Plain::F32 | Plain::F64) {
            return None;
        }
        Shape::List { count, item: plain(words.next()?)? }
    } else {
        Shape::Single(plain(kind)?)
    };
    Some((super::names::shortened(words.next()?), shape))
}

/// The type of a name.
fn plain(name: &[u8]) -> Option<Plain> {
    Some(match name {
        b"char" | b"int8" => Plain::I8,
        b"uchar" | b"uint8" => Plain::U8,
        b"short" | b"int16" => Plain::I16,
        b"ushort" | b"uint16" => Plain::U16,
        b"int" | b"int32" => Plain::I32,
        b"uint" | b"uint32" => Plain::U32,
        b"int64" | b"longlong" => Plain::I64,
        b"uint64" | b"ulonglong" => Plain::U64,
        b"half" | b"float16" => Plain::F16,
        b"float" | b"float32" => Plain::F32,
        b"double" | b"float64" => Plain::F64,
        _ => return None,
    })
}
