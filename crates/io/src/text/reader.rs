//! A text file normalised for the CSV reader: UTF-8 without byte order marks, every line ended by
//! LF, runs of spaces made one space where they separate the fields.
//!
//! ```text
//!   file ─▶ UTF-16 to UTF-8 ─▶ no marks ─▶ CR, CRLF to LF ─▶ (no frame) ─▶ (no comments) ─▶ (squeeze) ─▶ csv::Reader
//! ```
//!
//! Byte order marks in the middle come from joined files. They are invisible in an editor, so they are
//! dropped rather than reported.
//!
//! Reading stops here at what cannot be a table: a zero byte, a row without an end, a file that grows
//! past the budget. A few blocks of 64 KiB are all the memory it takes, whatever the file holds.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::frame::FrameFilter;
use super::line_filter::LineFilter;
use super::squeeze::Squeeze;

/// How much is read from the file at once.
const BLOCK: usize = 1 << 16;
/// The byte order mark in UTF-8.
pub(super) const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// The longest row, in bytes.
pub(super) const MAX_ROW: u64 = 16 << 20;
/// The most separators in a row. Each takes more memory than its byte; quoted ones count too.
pub(super) const MAX_SEPARATORS: u64 = 1 << 20;

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

/// Reads a file as it is and counts its bytes; stops one that grows past the budget.
struct Counted<'a> {
    file: &'a File,
    byte_budget: u64,
    tally: Rc<Tally>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.tally.raw.set(self.tally.raw.get() + count as u64);
        if self.tally.raw.get() > self.byte_budget {
            return Err(io::Error::other(Stop::TooLarge));
        }
        Ok(count)
    }
}

/// Reads UTF-16 as UTF-8, with U+FFFD for what is none; leaves everything else as it is.
fn utf8_from<R: Read>(source: R, encoding: &'static Encoding) -> DecodeReaderBytes<R, Vec<u8>> {
    DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding).filter(|encoding| *encoding != UTF_8))
        // The mark that names the encoding has been read by now.
        .bom_sniffing(false)
        .build_with_buffer(source, vec![0; BLOCK])
        .expect("a block holds more than one character")
}

/// How a text is made ready to be cut into fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut {
    /// What stands between two fields, of which a row may have at most [`MAX_SEPARATORS`].
    pub(super) separator: Option<u8>,
    /// Takes away what is drawn around the rows.
    pub(super) frame: Option<FrameFilter>,
    /// Makes lines that are no rows empty.
    pub(super) filter: Option<LineFilter>,
    /// Makes runs of spaces one.
    pub(super) squeeze: Option<Squeeze>,
}

/// Reads a file as normalised text.
pub(super) struct TextReader<'a> {
    utf8: DecodeReaderBytes<Counted<'a>, Vec<u8>>,
    separator: Option<u8>,
    tally: Rc<Tally>,
    block: Vec<u8>,
    /// The bytes of a byte order mark that is not complete yet.
    pending_marks: Vec<u8>,
    after_cr: bool,
    frame: Option<FrameFilter>,
    filter: Option<LineFilter>,
    squeeze: Option<Squeeze>,
    out: Vec<u8>,
    position: usize,
    last: u8,
    ended: bool,
    /// Where the last byte that is no line end ended.
    content_end: u64,
    /// Where the row began that `separators` were counted in.
    counted_from: u64,
    /// How many separators that row has so far, to within a block.
    separators: u64,
}

impl<'a> TextReader<'a> {
    /// Reads `file` from its current position, just behind its byte order mark.
    pub(super) fn new(
        file: &'a File,
        encoding: &'static Encoding,
        cut: Cut,
        byte_budget: u64,
    ) -> Self {
        let Cut { separator, frame, filter, squeeze } = cut;
        let tally = Rc::<Tally>::default();
        let counted = Counted { file, byte_budget, tally: Rc::clone(&tally) };
        Self {
            utf8: utf8_from(counted, encoding),
            separator,
            tally,
            block: vec![0; BLOCK],
            pending_marks: Vec::new(),
            after_cr: false,
            frame,
            filter,
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

    /// Fills `out` with the next block once all of it was handed on; it stays empty at the end of the file.
    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.position = 0;
        while self.out.is_empty() && !self.ended {
            let count = match self.utf8.read(&mut self.block) {
                Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let text = &self.block[..count];
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
            let mut unframed = Vec::new();
            let text = match &mut self.frame {
                None => text,
                Some(frame) => {
                    frame.apply(text, &mut unframed);
                    if count == 0 {
                        frame.end(&mut unframed);
                    }
                    &unframed
                }
            };
            let mut rows = Vec::new();
            let text = match &mut self.filter {
                None => text,
                Some(filter) => {
                    filter.apply(text, &mut rows);
                    if count == 0 {
                        filter.end(&mut rows);
                    }
                    &rows
                }
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
        // Empty lines before a row do not count towards its length.
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

/// Copies text without byte order marks, nested ones included: removing one may complete another.
/// `pending` carries an incomplete mark over to the next block.
fn drop_marks(text: &[u8], pending: &mut Vec<u8>, at_end: bool, out: &mut Vec<u8>) {
    /// Most bytes of incomplete marks that are held back; beyond that they are copied as they are.
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

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16BE, UTF_16LE};

    use super::*;

    /// A reader that gives at most so many bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(self.1);
            self.0.read(&mut buffer[..most])
        }
    }

    #[test]
    fn utf_16_survives_any_cut() {
        let text = "x,y\n1,2 é 😀\n";
        for encoding in [UTF_16LE, UTF_16BE] {
            let bytes = |unit: u16| {
                if encoding == UTF_16LE { unit.to_le_bytes() } else { unit.to_be_bytes() }
            };
            let raw: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            for step in 1..5 {
                let mut out = String::new();
                let mut utf8 = utf8_from(Pieces(&raw, step), encoding);
                utf8.read_to_string(&mut out).expect("nothing fails");
                assert_eq!(out, text);
            }
        }
    }

    #[test]
    fn what_is_not_utf_16_is_left_as_it_is() {
        let raw = b"\xef\xbb\xbf1,\xff2\n";
        let mut out = Vec::new();
        utf8_from(&raw[..], UTF_8).read_to_end(&mut out).expect("nothing fails");
        assert_eq!(out, raw);
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
