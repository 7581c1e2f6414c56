//! How a text file separates its fields: found by trying each separator on the first rows.
//!
//! A separator is good when most rows have the same number of fields, at least two, and when the
//! fields it makes are numbers: `1,5;2,5` cut at commas leaves `5;2`, cut at the semicolon nothing
//! but numbers.

use super::cells::Row;
use super::frame::{Frame, FrameFilter};
use super::line_filter::LineFilter;
use super::reader::Cut;
use super::squeeze::Squeeze;
use crate::names::shortened as shortened_name;
use crate::number::{Cell, bare, classify};
use crate::wording::shortened;

/// How many rows the separator is decided on.
const ROWS: usize = 200;
/// The separators that are tried; on a tie the first wins.
const SEPARATORS: [Separator; 5] = [
    Separator::Byte(b'\t'),
    Separator::Byte(b';'),
    Separator::Byte(b'|'),
    Separator::Byte(b','),
    Separator::Spaces,
];

/// What stands between two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// One character.
    Byte(u8),
    /// Any run of spaces and tabs.
    Spaces,
}

/// Marks of comments; a line that starts with one is no row, unless it fits the table.
pub(super) const COMMENTS: [&str; 4] = ["#", "%", "//", ";"];

/// How a text file is to be cut into fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// What stands between two fields.
    pub(super) separator: Separator,
    /// What stands around fields that hold separators.
    pub(super) quote: u8,
    /// What is drawn around the rows.
    pub(super) frame: Option<Frame>,
    /// What comment lines start with: the file starts with one.
    pub(super) comment_mark: Option<&'static str>,
    /// The fields of the last comment before the first row; they may be the names of the columns.
    pub(super) comment: Vec<String>,
    /// Lines in front of the table: those that the user says, one that names the separator, titles.
    pub(super) skip: u64,
    /// The number of fields of most rows; 0 where no row was seen to its end.
    pub(super) width: usize,
    /// Whether the first field of most rows is a number.
    pub(super) starts_with_numbers: bool,
    /// What was decided and would not be expected, in sentences.
    pub(super) notes: Vec<String>,
}

impl Separator {
    /// The byte between fields once spaces are squeezed.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Byte(byte) => byte,
            Self::Spaces => b' ',
        }
    }

    /// In words, for the report.
    pub(super) fn words(self) -> String {
        match self {
            Self::Byte(b'\t') => "separator tab".to_owned(),
            Self::Byte(byte) => format!("separator '{}'", char::from(byte)),
            Self::Spaces => "separated by spaces".to_owned(),
        }
    }
}

impl Dialect {
    /// Works out the dialect from the beginning of a text whose lines all end by LF; its first `skip`
    /// lines are not looked at. The text is longer where it `is_cut`.
    pub(super) fn detect(sample: &[u8], is_cut: bool, skip: usize) -> Self {
        let mut lines = sample.split(|&b| b == b'\n').skip(skip).map(<[u8]>::trim_ascii);
        let mut first = lines.by_ref().enumerate().skip_while(|(_, line)| line.is_empty());
        let told = first.next().and_then(|(k, line)| Some((k, told_separator(line)?)));
        let skip = skip + told.map_or(0, |(k, _)| k + 1);
        let rest = after_lines(sample, skip);
        let frame = Frame::detect(rest);
        let in_front = frame.as_ref().map_or(0, |frame| frame.in_front);
        let (title, skip) = (rest, skip + in_front);
        let rest = after_lines(sample, skip);
        let mark = comment_mark(rest, told.map(|(_, separator)| separator));
        let drawn = frame.as_ref().and_then(Frame::separator);
        let known = told.map(|(_, separator)| separator).or(drawn);
        let mut dialect = Self {
            separator: known.unwrap_or(Separator::Byte(b',')),
            quote: b'"',
            notes: frame.as_ref().and_then(Frame::note).into_iter().collect(),
            frame,
            comment_mark: mark,
            comment: vec![],
            skip: skip as u64,
            width: 0,
            starts_with_numbers: false,
        };
        let (mut best, mut fits_best) = (0.0, false);
        // Of the separators that cut every row into as many fields, that with the highest score.
        let mut complete: Option<(f64, Self)> = None;
        for separator in SEPARATORS.into_iter().filter(|_| known.is_none()) {
            if mark == Some(";") && separator == Separator::Byte(b';') {
                continue;
            }
            let tried = Self { separator, ..dialect.clone() };
            let (score, fits_all) = tried.score(rest);
            if fits_all && complete.as_ref().is_none_or(|(found, _)| score > *found) {
                complete = Some((score, tried.clone()));
            }
            if score > best {
                (best, dialect) = (score, tried);
                fits_best = fits_all;
            }
        }
        // Dates have spaces: `MSFT,Jan 1 2000,39.81` below `symbol,date,price`, times behind them, too.
        if let Some((score, tried)) = complete
            && dialect.separator == Separator::Spaces
            && !fits_best
            && score > 0.5 * best
        {
            dialect = tried;
        }
        if let Some((_, separator)) = told {
            dialect
                .notes
                .push(format!("the first line names the separator: {}", separator.words()));
        }
        if dialect.is_quoted_by_apostrophes(rest, is_cut) {
            dialect.quote = b'\'';
            dialect.notes.push("fields are quoted by apostrophes".to_owned());
        }
        dialect.find_table(rest, is_cut);
        if in_front > 0 {
            let title = title.split(|&b| b == b'\n').find(|line| !line.trim_ascii().is_empty());
            dialect.notes.push(format!(
                "{} in front of the table not read: '{}'",
                if in_front == 1 { "1 line".to_owned() } else { format!("{in_front} lines") },
                shortened(title.unwrap_or_default().trim_ascii()),
            ));
        }
        if let Some(line) = mark.and_then(|mark| last_comment(rest, mark)) {
            dialect.comment = dialect
                .records(line)
                .next()
                .map(|(_, record)| record.iter().map(shortened_name).collect())
                .unwrap_or_default();
        }
        dialect
    }

    /// Whether apostrophes stand around fields: with them all rows are of one length, and else they are not;
    /// or they stand around all names.
    fn is_quoted_by_apostrophes(&self, rest: &[u8], is_cut: bool) -> bool {
        if memchr::memchr(b'\'', rest).is_none() {
            return false;
        }
        let rows_by = |quote| -> Vec<(u64, csv::ByteRecord)> {
            let mut rows: Vec<_> = Self { quote, ..self.clone() }.records(rest).collect();
            // The last row may go on.
            if is_cut {
                rows.pop();
            }
            rows
        };
        let (usual, quoted) = (rows_by(b'"'), rows_by(b'\''));
        let agrees =
            |rows: &[(u64, csv::ByteRecord)]| agreeing(rows, usual_width(rows)) == rows.len();
        let is_named = || {
            let is_quoted = |cell: &[u8]| matches!(cell.trim_ascii(), [b'\'', _, .., b'\'']);
            let Some((_, names)) = usual.first() else { return false };
            let mut texts = names.iter().filter(|cell| classify(cell) == Cell::Text).peekable();
            let is_double = |cell: &[u8]| matches!(cell, [b'"', .., b'"']);
            texts.peek().is_some()
                && texts.all(is_quoted)
                && !quoted.iter().flat_map(|(_, row)| row).any(is_double)
        };
        // A quote that is never closed would swallow rows.
        agrees(&quoted) && 2 * quoted.len() > usual.len() && (!agrees(&usual) || is_named())
    }

    /// Finds how wide the table is, and skips lines of another width in front of it.
    fn find_table(&mut self, rest: &[u8], is_cut: bool) {
        let rows: Vec<(u64, csv::ByteRecord)> = self.records(rest).take(ROWS).collect();
        if is_cut && rows.len() < 2 {
            // One row that goes on.
            return;
        }
        self.width = usual_width(&rows);
        let width = self.width;
        let firsts = || {
            let fitting = rows.iter().filter(|(_, row)| row.len() == width);
            fitting.skip(1).filter_map(|(_, row)| row.get(0))
        };
        let is_number = |cell: &&[u8]| matches!(classify(cell), Cell::Number(_));
        self.starts_with_numbers = firsts().filter(is_number).count() * 2 > firsts().count();
        let heads_table = |k: usize| {
            let row = &rows[k].1;
            let is_number = |cell: &[u8]| matches!(classify(cell), Cell::Number(_));
            let follows = rows
                .get(k + 1)
                .is_some_and(|(_, next)| next.len() == width && next.iter().any(is_number));
            // Names of R: none above the names of rows, which the next row begins with.
            let is_short = row.len() + 1 == width && follows && has_text(row);
            let empty_end = || row.iter().skip(width).all(|cell| bare(cell).is_empty());
            row.len() == width || is_short || (row.len() > width && has_text(row) && empty_end())
        };
        let Some(start) = (0..rows.len()).find(|&k| heads_table(k)) else { return };
        if start == 0 || width < 2 {
            return;
        }
        let (line, _) = rows[start];
        let title = String::from_utf8_lossy(&rows[0].1.iter().collect::<Vec<_>>().join(&b" "[..]))
            .into_owned();
        self.notes.push(format!(
            "{} in front of the table not read: '{}'{}",
            if start == 1 { "1 line".to_owned() } else { format!("{start} lines") },
            shortened(title.trim().as_bytes()),
            if start == 1 { "" } else { ", …" },
        ));
        // Lines are counted from 1, behind those that are skipped already.
        self.skip += line - 1;
    }

    /// How the text behind its first `lines` lines is made ready to be cut.
    pub(super) fn cut(&self, lines: u64) -> Cut {
        let skip = self.skip.saturating_sub(lines);
        let filter = (skip > 0 || self.comment_mark.is_some())
            .then(|| LineFilter::new(skip, self.comment_mark, self.separator.byte(), self.quote));
        let squeeze = (self.separator == Separator::Spaces).then(|| Squeeze::new(self.quote));
        let frame = self.frame.clone().map(FrameFilter::new);
        Cut { separator: Some(self.separator.byte()), frame, filter, squeeze }
    }

    /// Whether a row is a comment: it starts with a mark of one, and does not fit the table.
    pub(super) fn is_comment(&self, row: &impl Row) -> bool {
        let first = row.cell(0).trim_ascii_start();
        // Most rows are dismissed by their first byte.
        matches!(first.first(), Some(b'#' | b'%' | b'/' | b';'))
            && self.width > 0
            && (row.count() != self.width || self.starts_with_numbers)
            && COMMENTS.iter().any(|mark| first.starts_with(mark.as_bytes()))
            // `#N/A` is no comment.
            && classify(first) == Cell::Text
    }

    /// A CSV reader's settings for this dialect.
    pub(super) fn builder(&self) -> csv::ReaderBuilder {
        let mut builder = csv::ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator.byte())
            .quote(self.quote)
            .buffer_capacity(1 << 16);
        builder
    }

    /// The rows of a text that are not blank, each with its line, counted from 1; `self.skip` lines are
    /// gone from it already.
    fn records(&self, text: &[u8]) -> impl Iterator<Item = (u64, csv::ByteRecord)> + use<> {
        let Cut { frame, filter, squeeze, .. } = self.cut(self.skip);
        let mut ready = text.to_vec();
        if let Some(mut frame) = frame {
            let mut rows = Vec::new();
            frame.apply(&ready, &mut rows);
            frame.end(&mut rows);
            ready = rows;
        }
        if let Some(mut filter) = filter {
            let mut rows = Vec::new();
            filter.apply(&ready, &mut rows);
            filter.end(&mut rows);
            ready = rows;
        }
        if let Some(mut squeeze) = squeeze {
            let mut squeezed = Vec::new();
            squeeze.apply(&ready, &mut squeezed);
            ready = squeezed;
        }
        let mut builder = self.builder();
        builder.terminator(csv::Terminator::Any(b'\n'));
        let width = self.clone();
        let mut reader = builder.from_reader(std::io::Cursor::new(ready));
        let mut record = csv::ByteRecord::new();
        std::iter::from_fn(move || {
            while reader.read_byte_record(&mut record).ok()? {
                let line = reader.position().line() - 1;
                let inner = record.as_slice().split(|&b| b == b'\n').count() as u64 - 1;
                if !record.is_blank() && !width.is_comment(&record) {
                    return Some((line.saturating_sub(inner).max(1), record.clone()));
                }
            }
            None
        })
    }

    /// How well the separator fits, from 0 (not at all) to about 1; and whether it fits all rows.
    fn score(&self, sample: &[u8]) -> (f64, bool) {
        let rows: Vec<(u64, csv::ByteRecord)> = self.records(sample).take(ROWS).collect();
        let width = usual_width(&rows);
        if width < 2 {
            return (0.0, false);
        }
        // The first row may be names.
        let (mut numbers, mut texts) = (0_usize, 0_usize);
        for cell in rows.iter().skip(usize::from(rows.len() > 1)).flat_map(|(_, row)| row) {
            match classify(cell) {
                Cell::Number(_) => numbers += 1,
                Cell::Text => texts += 1,
                Cell::Missing | Cell::Nan | Cell::Infinite => {}
            }
        }
        let agreement = agreeing(&rows, width) as f64 / rows.len() as f64;
        let numeric = numbers as f64 / (numbers + texts).max(1) as f64;
        (agreement * (0.05 + 0.95 * numeric), agreeing(&rows, width) == rows.len())
    }
}

fn agreeing(rows: &[(u64, csv::ByteRecord)], width: usize) -> usize {
    rows.iter().filter(|(_, row)| row.len() == width).count()
}

/// The number of fields that most rows have; on a tie that of the first of them; 0 without a row.
fn usual_width(rows: &[(u64, csv::ByteRecord)]) -> usize {
    // `max_by_key` keeps the last of equals.
    let widths = rows.iter().rev().map(|(_, row)| row.len());
    widths.max_by_key(|&width| agreeing(rows, width)).unwrap_or(0)
}

fn has_text(row: &csv::ByteRecord) -> bool {
    row.iter().any(|cell| classify(cell) == Cell::Text)
}

/// The text behind its first `count` lines.
fn after_lines(text: &[u8], count: usize) -> &[u8] {
    let Some(last) = count.checked_sub(1) else { return text };
    let mut ends = text.iter().enumerate().filter(|(_, b)| **b == b'\n');
    ends.nth(last).map_or(&[], |(end, _)| &text[end + 1..])
}

/// The separator that a line such as `sep=;` names, as spreadsheets write it.
fn told_separator(line: &[u8]) -> Option<Separator> {
    let line = bare(line);
    let (key, value) = line.split_at_checked(4)?;
    match value.trim_ascii_end() {
        _ if !key.eq_ignore_ascii_case(b"sep=") => None,
        [byte @ (b',' | b';' | b'|' | b':')] => Some(Separator::Byte(*byte)),
        // A tab or a space is trimmed.
        [] => Some(if value.contains(&b' ') { Separator::Spaces } else { Separator::Byte(b'\t') }),
        _ => None,
    }
}

/// The mark that the first lines start with, if they are comments and others are not.
fn comment_mark(text: &[u8], told: Option<Separator>) -> Option<&'static str> {
    let lines =
        || text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines().next()?;
    let mark = COMMENTS.into_iter().find(|mark| first.starts_with(mark.as_bytes()))?;
    let is_marked = |line: &&[u8]| line.starts_with(mark.as_bytes());
    // A row may begin with an empty field.
    let is_separator = mark == ";"
        && (told == Some(Separator::Byte(b';'))
            || lines().any(|line| !is_marked(&line) && line.contains(&b';')));
    (!is_separator).then_some(mark)
}

/// What the last of the first comments says, without the marks in front of it.
fn last_comment<'a>(text: &'a [u8], mark: &str) -> Option<&'a [u8]> {
    let lines = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let line = lines
        .filter(|line| !line.is_empty())
        .map_while(|line| line.strip_prefix(mark.as_bytes()))
        .last()?;
    let start = line.iter().position(|b| !matches!(b, b'#' | b'%' | b'/' | b' ' | b'\t'));
    Some(&line[start.unwrap_or(line.len())..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found() {
        let byte = Separator::Byte;
        let cases: &[(&str, Separator)] = &[
            ("x,y\n1,2\n3,4\n", byte(b',')),
            ("1, 2\n3, 4\n", byte(b',')),
            ("100, 200\n", byte(b',')),
            ("x;y\n1;2\n", byte(b';')),
            ("1,5;2,5\n3,5;4,5\n", byte(b';')),
            ("name;x;y\nFoo, Bar;1,5;2,5\n", byte(b';')),
            ("tags,x,y\na;b,1,2\nc;d,3,4\n", byte(b',')),
            ("x\ty\n1\t2\n", byte(b'\t')),
            ("New York\t1\t2\nRome\t3\t4\n", byte(b'\t')),
            ("x|y\n1|2\n", byte(b'|')),
            ("1 2\n3 4\n", Separator::Spaces),
            ("  1.0   2.0\n -3.0   4.5\n", Separator::Spaces),
            ("1,5 2,5\n3,5 4,5\n", Separator::Spaces),
            ("2024-01-01 10:00,1.5,2.5\n2024-01-01 11:00,1.5,2.5\n", byte(b',')),
            ("my x,my y\n1,2\n", byte(b',')),
            ("who,date,price\nA,Jan 1 2000,39\nB,Feb 1 2000,36\n", byte(b',')),
            (
                "who\tx\tat\na\t1.5\t2024-01-01 10:00:00\nb\t2\t2024-01-01 11:00:00\nc\t\t2024-01-01 12:00:00\n",
                byte(b'\t'),
            ),
            ("On site\n1,5 2,5 3\n3,5 4,5 6\n", Separator::Spaces),
            ("\"a;b\",\"c;d\"\n1,2\n", byte(b',')),
            ("x\n1\n2\n", byte(b',')),
            ("x,y\n1,2\n3,4,5\n6,7\n", byte(b',')),
            ("", byte(b',')),
        ];
        for (text, expected) in cases {
            assert_eq!(Dialect::detect(text.as_bytes(), false, 0).separator, *expected, "{text:?}");
        }
    }

    #[test]
    fn comments_count_only_when_the_file_starts_with_one() {
        let detect = |text: &str| Dialect::detect(text.as_bytes(), false, 0);
        let dialect = detect("# made by hand\n\n# x y\n1 2\n3 4\n");
        assert_eq!(dialect.comment_mark, Some("#"));
        assert_eq!(dialect.comment, ["x", "y"]);
        assert_eq!(detect("## lon, lat\n1,2\n").comment, ["lon", "lat"]);
        assert_eq!(detect("color,x,y\n#ff0000,1,2\n").comment_mark, None);
        assert_eq!(detect("% x y\n1 2\n").comment_mark, Some("%"));
        assert_eq!(detect("// x y\n1 2\n").comment_mark, Some("//"));
        assert_eq!(detect("; x, y\n1,2\n3,4\n").comment_mark, Some(";"));
        assert_eq!(detect(";x;y\n0;1,5;2\n").comment_mark, None);
    }

    #[test]
    fn what_stands_in_front_of_the_table_is_skipped_and_told() {
        let cases: &[(&str, usize, u64, Separator)] = &[
            ("sep=;\nx;y\n1,5;2\n", 0, 1, Separator::Byte(b';')),
            ("\n\"sep=|\"\nx|y\n1|2\n", 0, 2, Separator::Byte(b'|')),
            ("My points\n\nx,y\n1,2\n3,4\n", 0, 2, Separator::Byte(b',')),
            ("Station 7\nof May, in m, twice\nx,y\n1,2\n3,4\n", 0, 2, Separator::Byte(b',')),
            ("a,b\nc,d\nx,y\n1,2\n3,4\n", 2, 2, Separator::Byte(b',')),
            ("\"x\" \"y\"\n\"1\" 0.5 0.7\n\"2\" 1.5 0.2\n", 0, 0, Separator::Spaces),
            ("x,y\n1,2\n3,4\n", 0, 0, Separator::Byte(b',')),
        ];
        for &(text, skip, expected, separator) in cases {
            let dialect = Dialect::detect(text.as_bytes(), false, skip);
            assert_eq!((dialect.skip, dialect.separator), (expected, separator), "{text:?}");
            assert_eq!(dialect.notes.is_empty(), skip as u64 == expected, "{:?}", dialect.notes);
        }
    }
}
