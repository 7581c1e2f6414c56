//! A piece of a text file: some whole lines, cut into rows by themselves, without what stands in front of
//! them.
//!
//! Most lines are cut where they lie. A line with quotes, or that begins like a comment, first goes through
//! the filters of the row-by-row reading. What takes more than one line (a quoted line end, lines that end
//! by CR, a byte order mark in the middle) makes the piece [`Awkward`]: from its beginning on the file is
//! read row by row.

use super::cells::{Cells, Cutter, Row};
use super::dialect::{Dialect, Separator};
use super::line_filter::LineFilter;
use super::reader::MARK;
use super::squeeze::Squeeze;
use crate::columns::MAX_COLUMNS;

/// Some whole lines of a text file.
#[derive(Debug)]
pub(super) struct Piece {
    /// What was read.
    pub(super) bytes: Vec<u8>,
    /// Where in it the lines begin. The last line may have no end.
    pub(super) start: usize,
    /// Whether it is the beginning of the file, behind its byte order mark.
    pub(super) is_first: bool,
}

/// That a piece cannot be read by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Awkward;

/// What there was in a piece besides its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Number of lines.
    pub(super) lines: u64,
    /// Number of comments among the rows.
    pub(super) comments: u64,
}

impl Piece {
    /// Its lines.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Hands each row to `take`, with its line, counted from 1 within the piece.
    pub(super) fn each_row(
        &self,
        dialect: &Dialect,
        mut take: impl FnMut(u64, &Cells<'_>),
    ) -> Result<Counts, Awkward> {
        let text = self.text();
        let is_plain = memchr::memchr3(dialect.quote, b'\r', 0, text).is_none();
        if !is_plain && text.contains(&0) || memchr::memmem::find(text, &MARK).is_some() {
            return Err(Awkward);
        }
        let skip = if self.is_first { dialect.skip } else { 0 };
        let comment = dialect.comment_mark.and_then(|mark| mark.bytes().next());
        let mut cutter = Cutter::default();
        let (mut filtered, mut unframed) = (Filtered::default(), Vec::new());
        let mut counts = Counts::default();
        let mut rest = text;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let mut line = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            counts.lines += 1;
            let mut has_quotes = false;
            if !is_plain {
                line = line.strip_suffix(b"\r").unwrap_or(line);
                if line.contains(&b'\r') {
                    return Err(Awkward);
                }
                has_quotes = line.contains(&dialect.quote);
            }
            if counts.lines <= skip || line.is_empty() {
                continue;
            }
            if let Some(frame) = &dialect.frame {
                line = frame.row(line, &mut unframed);
                if line.is_empty() {
                    continue;
                }
            }
            let may_be_comment = comment.is_some()
                && line.iter().find(|byte| !byte.is_ascii_whitespace()).copied() == comment;
            if has_quotes || may_be_comment {
                line = filtered.apply(line, dialect)?;
                if line.is_empty() {
                    continue;
                }
            }
            let cells = if has_quotes {
                cutter.quoted(line, dialect.separator.byte(), dialect.quote).ok_or(Awkward)?
            } else {
                cutter.plain(line, dialect.separator)
            };
            // A line of spaces between which nothing stands has no cell.
            if cells.count() == 0 || cells.is_blank() && dialect.width != 1 {
                continue;
            }
            if dialect.is_comment(&cells) {
                counts.comments += 1;
                continue;
            }
            if cells.count() > MAX_COLUMNS {
                return Err(Awkward);
            }
            take(counts.lines, &cells);
        }
        // The lines to leave out go on behind it.
        if counts.lines < skip { Err(Awkward) } else { Ok(counts) }
    }
}

/// A line behind the filters.
#[derive(Debug, Default)]
struct Filtered {
    uncommented: Vec<u8>,
    squeezed: Vec<u8>,
}

impl Filtered {
    /// What the filters of `dialect` make of a line by itself.
    fn apply(&mut self, line: &[u8], dialect: &Dialect) -> Result<&[u8], Awkward> {
        let Self { uncommented, squeezed } = self;
        uncommented.clear();
        let (separator, quote) = (dialect.separator.byte(), dialect.quote);
        let mut filter = LineFilter::new(0, dialect.comment_mark, separator, quote);
        filter.apply(line, uncommented);
        filter.apply(b"\n", uncommented);
        if !filter.is_at_line_start() {
            return Err(Awkward);
        }
        if dialect.separator != Separator::Spaces {
            return Ok(without_end(uncommented));
        }
        squeezed.clear();
        let mut squeeze = Squeeze::new(quote);
        squeeze.apply(uncommented, squeezed);
        if squeeze.is_at_line_start() { Ok(without_end(squeezed)) } else { Err(Awkward) }
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<(Vec<(u64, csv::ByteRecord)>, Counts), Awkward> {
        let dialect = Dialect::detect(text.as_bytes(), false, 0);
        let piece = Piece { bytes: text.into(), start: 0, is_first: true };
        let mut rows = Vec::new();
        let counts = piece.each_row(&dialect, |line, row| rows.push((line, row.to_record())))?;
        Ok((rows, counts))
    }

    #[test]
    fn rows_know_their_lines() {
        let (found, counts) =
            rows("# at\r\n\r\nx,y\r\n1,2\r\n// c\r\n\"3\",\"4,5\"").expect("a plain piece");
        let found: Vec<(u64, Vec<&[u8]>)> =
            found.iter().map(|(line, row)| (*line, row.iter().collect())).collect();
        let expected: &[(u64, Vec<&[u8]>)] =
            &[(3, vec![b"x", b"y"]), (4, vec![b"1", b"2"]), (6, vec![b"3", b"4,5"])];
        assert_eq!(found, expected);
        assert_eq!(counts, Counts { lines: 6, comments: 1 });
    }

    #[test]
    fn what_takes_more_than_a_line_is_awkward() {
        for text in
            ["a,b\n\"1\n2\",3\n", "a,b\r1,2\r\n", "a,b\n1,\0\n", "a,b\n\u{feff}1,2\n", "a,b\n\"1"]
        {
            assert_eq!(rows(text), Err(Awkward), "{text:?}");
        }
    }
}
