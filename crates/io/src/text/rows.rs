//! The rows of a text file, one by one, each with its line number.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::Encoding;

use super::cells::Row;
use super::dialect::Dialect;
use super::reader::{Cut, MAX_ROW, MAX_SEPARATORS, Stop, Tally, TextReader};
use crate::columns::MAX_COLUMNS;
use crate::error::LoadError;
use crate::input::Input;
use sigmascope_core::engine::{Observer, Progress};

/// How many bytes are read between two checkpoints.
const BYTES_PER_CHECK: u64 = 1 << 20;

/// An open text file, which can be read more than once.
pub(super) struct TextFile<'a> {
    /// Its path, for messages.
    pub(super) path: &'a Path,
    /// What is read in pieces.
    pub(super) input: &'a Input,
    /// The file itself.
    pub(super) file: &'a File,
    /// Its size when it was opened.
    pub(super) size: u64,
    /// What its byte order mark names: UTF-16, or UTF-8 for everything that agrees with ASCII.
    pub(super) encoding: &'static Encoding,
    /// Length of its byte order mark.
    pub(super) mark: u64,
    /// The most bytes that are read.
    pub(super) byte_budget: u64,
    /// The length of its pieces.
    pub(super) stretch: u64,
}

/// Where reading begins: at the beginning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Its place in the file.
    pub(super) byte: u64,
    /// Number of lines in front of it.
    pub(super) lines: u64,
}

impl<'a> TextFile<'a> {
    /// The beginning, behind the byte order mark.
    pub(super) fn beginning(&self) -> Start {
        Start { byte: self.mark, lines: 0 }
    }

    /// The text from `start` on.
    pub(super) fn text(
        &self,
        dialect: Option<&Dialect>,
        start: Start,
    ) -> Result<TextReader<'a>, LoadError> {
        let mut file = self.file;
        let refusal = |err| self.refusal(err, start.lines);
        file.seek(SeekFrom::Start(start.byte)).map_err(refusal)?;
        let cut = dialect.map_or_else(Cut::default, |dialect| dialect.cut(start.lines));
        let text = TextReader::new(self.file, self.encoding, cut, self.byte_budget);
        text.tally().raw.set(start.byte - self.mark);
        Ok(text)
    }

    /// What an error from [`TextReader`] means; `line` is the last line before it.
    pub(super) fn refusal(&self, err: std::io::Error, line: u64) -> LoadError {
        let path = self.path.into();
        match err.get_ref().and_then(|inner| inner.downcast_ref::<Stop>()) {
            Some(Stop::Binary) => LoadError::Binary {
                path,
                found: "a binary file (it has zero bytes)",
                remedy: "export the points as CSV or NPY",
            },
            Some(Stop::RowTooLong) => LoadError::RowTooLong { path, line, limit: MAX_ROW },
            Some(Stop::TooManyFields) => {
                LoadError::TooManyFields { path, line, limit: MAX_SEPARATORS }
            }
            Some(Stop::TooLarge) => LoadError::TooLarge {
                path,
                what: "the file has grown past".to_owned(),
                found: self.byte_budget,
                budget: self.byte_budget,
            },
            None => LoadError::Io { path, action: "read", err },
        }
    }
}

/// Reads rows; see [`Rows::next`].
pub(super) struct Rows<'a> {
    file: &'a TextFile<'a>,
    dialect: &'a Dialect,
    reader: csv::Reader<TextReader<'a>>,
    tally: Rc<Tally>,
    record: csv::ByteRecord,
    /// The lines in front of where reading began.
    lines_before: u64,
    /// The lines that end before the next row.
    lines: u64,
    /// Number of comments so far that stand among the rows.
    pub(super) comments: u64,
    checked: u64,
    observer: &'a mut dyn Observer,
}

impl<'a> Rows<'a> {
    /// Starts at `start`.
    pub(super) fn new(
        file: &'a TextFile<'a>,
        dialect: &'a Dialect,
        start: Start,
        observer: &'a mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let text = file.text(Some(dialect), start)?;
        let tally = text.tally();
        let mut builder = dialect.builder();
        // `TextReader` has ended every line by LF, the last one included.
        builder.terminator(csv::Terminator::Any(b'\n'));
        Ok(Self {
            file,
            dialect,
            reader: builder.from_reader(text),
            tally,
            record: csv::ByteRecord::new(),
            lines_before: start.lines,
            lines: start.lines,
            comments: 0,
            checked: 0,
            observer,
        })
    }

    /// The next row with its line, counted from 1; `None` at the end. It may have more or fewer fields
    /// than the others.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &csv::ByteRecord)>, LoadError> {
        loop {
            let lines = self.lines;
            let more = self.reader.read_byte_record(&mut self.record).map_err(|err| {
                match err.into_kind() {
                    csv::ErrorKind::Io(err) => self.file.refusal(err, lines),
                    other => self.file.refusal(std::io::Error::other(format!("{other:?}")), lines),
                }
            })?;
            let position = self.reader.position();
            self.tally.row_start.set(position.byte());
            let end = self.lines_before + position.line() - 1;
            let inner = if end > self.lines + 1 {
                self.record.as_slice().split(|&b| b == b'\n').count() as u64 - 1
            } else {
                0
            };
            // The text ends with a line end: only a quote that is never closed swallows that one.
            let unclosed = more && self.tally.at_end.get();
            let line = (end + u64::from(unclosed && inner > 0)).saturating_sub(inner).max(1);
            self.lines = end;
            let raw = self.tally.raw.get();
            if raw >= self.checked + BYTES_PER_CHECK || self.checked == 0 {
                self.checked = raw;
                let fraction = (raw as f64 / self.file.size.max(1) as f64).min(1.0);
                if self.observer.checkpoint(Progress { fraction }).is_break() {
                    return Err(LoadError::Cancelled);
                }
            }
            if !more {
                return Ok(None);
            }
            if self.record.is_blank() && self.dialect.width != 1 {
                continue;
            }
            if unclosed {
                return Err(LoadError::UnclosedQuote { path: self.file.path.into(), line });
            }
            if self.dialect.is_comment(&self.record) {
                self.comments += 1;
                continue;
            }
            if self.record.len() > MAX_COLUMNS {
                return Err(LoadError::TooManyColumns {
                    path: self.file.path.into(),
                    found: self.record.len() as u64,
                    limit: MAX_COLUMNS as u64,
                });
            }
            return Ok(Some((line, &self.record)));
        }
    }
}
