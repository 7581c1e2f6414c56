//! The bytes of a text file, made even: UTF-8 without byte order marks, every line ended by LF, runs
//! of spaces squeezed if they separate the fields.
//!
//! ```text
//!   file ─▶ UTF-16 to UTF-8 ─▶ no marks ─▶ CR, CRLF to LF ─▶ (squeeze) ─▶ csv::Reader
//! ```
//!
//! A mark in the middle comes from joined files. Nobody sees it, so a message about it would puzzle.
//!
//! What cannot be a table stops here: a zero byte, a row without an end, a file that grows past the
//! budget. Memory stays at a few blocks, whatever the file holds.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

/// How much is read from the file at once.
const BLOCK: usize = 1 << 16;
/// The byte order mark in UTF-8.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// The longest row, in bytes.
pub(super) const MAX_ROW: u64 = 16 << 20;
/// The most separators in a row. Each takes more memory than its byte; quoted ones count too.
pub(super) const MAX_SEPARATORS: u64 = 1 << 20;

/// How the file's characters are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, or anything else that agrees with ASCII.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
}

impl Encoding {
    /// The encoding that the byte order mark names, and that mark's length.
    pub(super) fn of(head: &[u8]) -> (Self, u64) {
        match head {
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            [0xff, 0xfe, ..] => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            _ => (Self::Utf8, 0),
        }
    }
}

/// Why reading stopped; travels through the CSV reader inside an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stop {
    /// There is a zero byte.
    #[error("a zero byte")]
    Binary,
    /// A row is longer than [`MAX_ROW`].
    #[error("a row without an end")]
    RowTooLong,
    /// A row has more separators than [`MAX_SEPARATORS`].
    #[error("a row of too many fields")]
    TooManyFields,
    /// The file has more bytes than the budget.
    #[error("more bytes than the budget")]
    TooLarge,
}

/// How far reading has come; shared by the reader and its user.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Bytes read from the file.
    pub(super) raw: Cell<u64>,
    /// Bytes handed on.
    given: Cell<u64>,
    /// How many of the bytes handed on belong to rows that have ended.
    pub(super) row_start: Cell<u64>,
    /// Whether the end of the text was asked for and reached.
    pub(super) at_end: Cell<bool>,
}

/// Reads a file as even text.
pub(super) struct TextReader<'a> {
    file: &'a File,
    encoding: Encoding,
    separator: Option<u8>,
    byte_budget: u64,
    tally: Rc<Tally>,
    raw: Vec<u8>,
    units: Utf16,
    decoded: Vec<u8>,
    /// Beginnings of marks that may still turn out to be some.
    pending_marks: Vec<u8>,
    after_cr: bool,
    squeeze: Option<Squeeze>,
    out: Vec<u8>,
    position: usize,
    last: u8,
    ended: bool,
    /// Where the last byte that is no line end ended.
    content_end: u64,
    /// Where the row began that `separators` were counted in.
    counted_from: u64,
    /// How many separators that row has, give or take a block.
    separators: u64,
}

impl<'a> TextReader<'a> {
    /// Reads `file` from where it stands, just behind its byte order mark. Of `separator`, a row
    /// may have so many.
    pub(super) fn new(
        file: &'a File,
        encoding: Encoding,
        separator: Option<u8>,
        squeeze: Option<Squeeze>,
        byte_budget: u64,
    ) -> Self {
        Self {
            file,
            encoding,
            separator,
            byte_budget,
            tally: Rc::default(),
            raw: vec![0; BLOCK],
            units: Utf16::default(),
            decoded: Vec::new(),
            pending_marks: Vec::new(),
            after_cr: false,
            squeeze,
            out: Vec::new(),
            position: 0,
            last: b'\n',
            ended: false,
            content_end: 0,
            counted_from: 0,
            separators: 0,
        }
    }

    /// How far reading has come.
    pub(super) fn tally(&self) -> Rc<Tally> {
        Rc::clone(&self.tally)
    }

    /// Replaces what has been handed on by the next block; leaves nothing at the end of the file.
    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.position = 0;
        while self.out.is_empty() && !self.ended {
            let count = match self.file.read(&mut self.raw) {
                Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            self.tally.raw.set(self.tally.raw.get() + count as u64);
            if self.tally.raw.get() > self.byte_budget {
                return Err(io::Error::other(Stop::TooLarge));
            }
            self.decoded.clear();
            let raw = &self.raw[..count];
            let text = match self.encoding {
                Encoding::Utf8 => raw,
                Encoding::Utf16Le | Encoding::Utf16Be => {
                    self.units.decode(raw, self.encoding, count == 0, &mut self.decoded);
                    &self.decoded
                }
            };
            if text.contains(&0) {
                return Err(io::Error::other(Stop::Binary));
            }
            let mut unmarked = Vec::new();
            let text = if !self.pending_marks.is_empty() || text.contains(&MARK[0]) {
                drop_marks(text, &mut self.pending_marks, count == 0, &mut unmarked);
                &unmarked
            } else {
                text
            };
            let mut lines = Vec::new();
            let text = if self.after_cr || text.contains(&b'\r') {
                even_lines(text, &mut self.after_cr, &mut lines);
                &lines
            } else {
                text
            };
            match &mut self.squeeze {
                Some(squeeze) => squeeze.apply(text, &mut self.out),
                None => self.out.extend_from_slice(text),
            }
            self.last = self.out.last().copied().unwrap_or(self.last);
            if count == 0 {
                self.ended = true;
                // Every row ends with a line end: line numbers are then easy to tell.
                if self.last != b'\n' {
                    self.out.push(b'\n');
                }
            }
        }
        Ok(())
    }
}

impl Read for TextReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.out.len() {
            self.refill()?;
        }
        let (given, row_start) = (self.tally.given.get(), self.tally.row_start.get());
        // Empty lines before a row are no part of it.
        let in_row = self.content_end > row_start;
        if in_row && given.saturating_sub(row_start) > MAX_ROW + BLOCK as u64 {
            return Err(io::Error::other(Stop::RowTooLong));
        }
        let rest = &self.out[self.position..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        if let Some(last) = rest[..count].iter().rposition(|&b| b != b'\n') {
            self.content_end = given + last as u64 + 1;
        }
        if let Some(separator) = self.separator {
            if self.counted_from != row_start {
                (self.counted_from, self.separators) = (row_start, 0);
            }
            self.separators += occurrences(&rest[..count], separator);
            if self.separators > MAX_SEPARATORS + BLOCK as u64 {
                return Err(io::Error::other(Stop::TooManyFields));
            }
        }
        self.position += count;
        self.tally.at_end.set(count == 0);
        self.tally.given.set(given + count as u64);
        Ok(count)
    }
}

#[expect(clippy::naive_bytecount, reason = "small beside what cutting the text costs")]
fn occurrences(text: &[u8], byte: u8) -> u64 {
    text.iter().filter(|&&b| b == byte).count() as u64
}

/// Copies text without byte order marks, also without those that come to be when one in the middle
/// of another goes. `pending` keeps what a block's end may have cut.
fn drop_marks(text: &[u8], pending: &mut Vec<u8>, at_end: bool, out: &mut Vec<u8>) {
    /// More marks within each other are no accident.
    const MOST: usize = 64;
    let [first, second, third] = MARK;
    out.reserve(text.len());
    for &byte in text {
        match (pending.last(), byte) {
            (_, byte) if byte == first => pending.push(byte),
            (Some(&last), byte) if last == first && byte == second => pending.push(byte),
            (Some(&last), byte) if last == second && byte == third => {
                pending.truncate(pending.len() - 2);
            }
            _ => {
                out.append(pending);
                out.push(byte);
            }
        }
        if pending.len() > MOST {
            out.append(pending);
        }
    }
    if at_end {
        out.append(pending);
    }
}

/// Copies text with CR and CRLF as LF; `after_cr` carries a CR over from one block to the next.
fn even_lines(text: &[u8], after_cr: &mut bool, out: &mut Vec<u8>) {
    out.reserve(text.len());
    for &byte in text {
        match byte {
            b'\n' if *after_cr => {}
            b'\r' => out.push(b'\n'),
            _ => out.push(byte),
        }
        *after_cr = byte == b'\r';
    }
}

/// UTF-16 in pieces: what a block's end cuts in two.
#[derive(Debug, Default)]
struct Utf16 {
    half_unit: Option<u8>,
    high_surrogate: Option<u16>,
}

impl Utf16 {
    fn decode(&mut self, raw: &[u8], encoding: Encoding, at_end: bool, out: &mut Vec<u8>) {
        let mut units = Vec::with_capacity(raw.len() / 2 + 2);
        units.extend(self.high_surrogate.take());
        for &byte in raw {
            match self.half_unit.take() {
                None => self.half_unit = Some(byte),
                Some(first) if encoding == Encoding::Utf16Le => {
                    units.push(u16::from_le_bytes([first, byte]));
                }
                Some(first) => units.push(u16::from_be_bytes([first, byte])),
            }
        }
        if !at_end {
            self.high_surrogate = units.pop_if(|unit| (0xd800..0xdc00).contains(unit));
        }
        for decoded in char::decode_utf16(units) {
            let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// Turns runs of spaces and tabs into one space, and drops those around a line; leaves quoted
/// fields and comments alone.
#[derive(Clone, Debug)]
pub(super) struct Squeeze {
    comments: bool,
    place: Place,
}

/// Where in a line [`Squeeze`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    LineStart,
    Gap,
    Field,
    Quoted,
    /// Behind a quote that ends the field, or is the first of two.
    QuoteEnd,
    Comment,
}

impl Squeeze {
    /// Starts at the beginning of a text whose comment lines, if any, start with `#`.
    pub(super) fn new(comments: bool) -> Self {
        Self { comments, place: Place::LineStart }
    }

    /// Appends the squeezed text.
    pub(super) fn apply(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            let before = self.place;
            let in_quotes = matches!(before, Place::Quoted);
            self.place = match byte {
                b'"' if in_quotes => Place::QuoteEnd,
                _ if in_quotes => Place::Quoted,
                b'\n' => Place::LineStart,
                _ if before == Place::Comment => Place::Comment,
                b' ' | b'\t' if before == Place::LineStart => Place::LineStart,
                b' ' | b'\t' => Place::Gap,
                b'#' if self.comments && before == Place::LineStart => Place::Comment,
                // Opens a field, or is the second of two inside one.
                b'"' if before != Place::Field => Place::Quoted,
                _ => Place::Field,
            };
            let is_space = matches!(byte, b' ' | b'\t');
            let dropped = is_space && matches!(self.place, Place::LineStart | Place::Gap);
            if before == Place::Gap && !is_space && byte != b'\n' {
                out.push(b' ');
            }
            if !dropped {
                out.push(byte);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squeezed(text: &str) -> String {
        let mut squeeze = Squeeze::new(true);
        let mut out = Vec::new();
        // Byte by byte: the state must survive any cut.
        for byte in text.bytes() {
            squeeze.apply(&[byte], &mut out);
        }
        String::from_utf8(out).expect("ASCII stays ASCII")
    }

    #[test]
    fn runs_of_spaces_become_one() {
        let cases = [
            ("1  2\n", "1 2\n"),
            ("  1\t \t2  \n  3 4\n", "1 2\n3 4\n"),
            ("\n \n1 2", "\n\n1 2"),
            ("\"New  York\"  1\n", "\"New  York\" 1\n"),
            ("\"a \"\"b  c\"\" \"  2\n", "\"a \"\"b  c\"\" \" 2\n"),
            ("# 5\"  of\n1  2\n", "# 5\"  of\n1 2\n"),
            ("5\"  6\"\n", "5\" 6\"\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(squeezed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn utf_16_survives_any_cut() {
        let text = "x,y\n1,2 é 😀\n";
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let raw: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| {
                    if encoding == Encoding::Utf16Le {
                        unit.to_le_bytes()
                    } else {
                        unit.to_be_bytes()
                    }
                })
                .collect();
            for step in 1..5 {
                let (mut units, mut out) = (Utf16::default(), Vec::new());
                for piece in raw.chunks(step) {
                    units.decode(piece, encoding, false, &mut out);
                }
                units.decode(&[], encoding, true, &mut out);
                assert_eq!(String::from_utf8_lossy(&out), text);
            }
        }
    }

    #[test]
    fn marks_go_and_what_is_none_stays() {
        let text = b"\xef\xbb\xbf\xef\xbb\xef\xbb\xbf\xbf1\n\xef\xbb\xef\xbb\xbf\xef\xbb2\xbb\xbf\xef\xef\xbb";
        for step in 1..5 {
            let (mut held, mut out) = (Vec::new(), Vec::new());
            for piece in text.chunks(step) {
                drop_marks(piece, &mut held, false, &mut out);
            }
            drop_marks(&[], &mut held, true, &mut out);
            assert_eq!(out, b"1\n\xef\xbb\xef\xbb2\xbb\xbf\xef\xef\xbb");
        }
    }

    #[test]
    fn line_ends_are_even() {
        let (mut after_cr, mut out) = (false, Vec::new());
        for piece in ["a\r", "\nb\rc", "\n\n\r", "\r\n"] {
            even_lines(piece.as_bytes(), &mut after_cr, &mut out);
        }
        assert_eq!(out, b"a\nb\nc\n\n\n\n");
    }
}
