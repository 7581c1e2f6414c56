//! How a text file separates its fields: found by trying each separator on the first rows.
//!
//! A separator is good when most rows have the same number of fields, at least two, and when the
//! fields it makes are numbers: `1,5;2,5` cut at commas leaves `5;2`, cut at the semicolon nothing
//! but numbers.

use super::number::{Cell, bare, classify};
use super::squeeze::Squeeze;

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

/// How a text file is to be cut into fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// What stands between two fields.
    pub(super) separator: Separator,
    /// Whether lines that start with `#` are comments: the file starts with one.
    pub(super) comments: bool,
    /// The fields of the last comment before the first row; they may be the names of the columns.
    pub(super) comment: Vec<String>,
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
    /// Works out the dialect from the beginning of a text whose lines all end by LF.
    pub(super) fn detect(sample: &[u8]) -> Self {
        let comment = sample
            .split(|&b| b == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
            .map_while(|line| line.strip_prefix(b"#"))
            .last();
        let mut dialect =
            Self { separator: Separator::Byte(b','), comments: comment.is_some(), comment: vec![] };
        let mut best = 0.0;
        for separator in SEPARATORS {
            let tried = Self { separator, ..dialect.clone() };
            let score = tried.score(sample);
            if score > best {
                (best, dialect) = (score, tried);
            }
        }
        if let Some(line) = comment {
            dialect.comment = dialect
                .records(line.trim_start_with_marks())
                .next()
                .map(|record| record.iter().map(name).collect())
                .unwrap_or_default();
        }
        dialect
    }

    /// The squeezing that the text needs before it is cut.
    pub(super) fn squeeze(&self) -> Option<Squeeze> {
        (self.separator == Separator::Spaces).then(|| Squeeze::new(self.comments))
    }

    /// A CSV reader's settings for this dialect.
    pub(super) fn builder(&self) -> csv::ReaderBuilder {
        let mut builder = csv::ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator.byte())
            .comment(self.comments.then_some(b'#'))
            .buffer_capacity(1 << 16);
        builder
    }

    fn records(&self, text: &[u8]) -> impl Iterator<Item = csv::ByteRecord> + use<> {
        let text = match self.squeeze() {
            None => text.to_vec(),
            Some(mut squeeze) => {
                let mut squeezed = Vec::new();
                squeeze.apply(text, &mut squeezed);
                squeezed
            }
        };
        self.builder()
            .from_reader(std::io::Cursor::new(text))
            .into_byte_records()
            .map_while(Result::ok)
            .filter(|record| !is_blank(record))
    }

    /// How well the separator fits, from 0 (not at all) to about 1.
    fn score(&self, sample: &[u8]) -> f64 {
        let rows: Vec<csv::ByteRecord> = self.records(sample).take(ROWS).collect();
        let agreeing = |width: usize| rows.iter().filter(|row| row.len() == width).count();
        // On a tie the first row's width: max_by_key keeps the last of equals.
        let Some(width) = rows.iter().rev().map(csv::ByteRecord::len).max_by_key(|&w| agreeing(w))
        else {
            return 0.0;
        };
        if width < 2 {
            return 0.0;
        }
        // The first row may be names.
        let (mut numbers, mut texts) = (0_usize, 0_usize);
        for cell in rows.iter().skip(usize::from(rows.len() > 1)).flatten() {
            match classify(cell) {
                Cell::Number(_) => numbers += 1,
                Cell::Text => texts += 1,
                Cell::Missing | Cell::Nan | Cell::Infinite => {}
            }
        }
        let agreement = agreeing(width) as f64 / rows.len() as f64;
        let numeric = numbers as f64 / (numbers + texts).max(1) as f64;
        agreement * (0.05 + 0.95 * numeric)
    }
}

/// Whether a record is a line of nothing but spaces.
pub(super) fn is_blank(record: &csv::ByteRecord) -> bool {
    record.len() == 1 && record[0].trim_ascii().is_empty()
}

/// A cell as a column's name: on one line, and short enough for an axis.
pub(super) fn name(cell: &[u8]) -> String {
    const LONGEST: usize = 200;
    let cell = bare(cell);
    // Cut before decoding: a cell may be megabytes long.
    let head = String::from_utf8_lossy(&cell[..cell.len().min(4 * LONGEST + 4)]);
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut name: String = head.trim().chars().take(LONGEST).map(plain).collect();
    if head.trim().chars().nth(LONGEST).is_some() {
        name.push('…');
    }
    name
}

/// What a comment line says, without the marks in front of it.
trait TrimMarks {
    fn trim_start_with_marks(&self) -> &[u8];
}

impl TrimMarks for [u8] {
    fn trim_start_with_marks(&self) -> &[u8] {
        let start = self.iter().position(|b| !matches!(b, b'#' | b' ' | b'\t'));
        &self[start.unwrap_or(self.len())..]
    }
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
            ("\"a;b\",\"c;d\"\n1,2\n", byte(b',')),
            ("x\n1\n2\n", byte(b',')),
            ("x,y\n1,2\n3,4,5\n6,7\n", byte(b',')),
            ("", byte(b',')),
        ];
        for (text, expected) in cases {
            assert_eq!(Dialect::detect(text.as_bytes()).separator, *expected, "{text:?}");
        }
    }

    #[test]
    fn comments_count_only_when_the_file_starts_with_one() {
        let dialect = Dialect::detect(b"# made by hand\n\n# x y\n1 2\n3 4\n");
        assert!(dialect.comments);
        assert_eq!(dialect.comment, ["x", "y"]);
        assert_eq!(Dialect::detect(b"## lon, lat\n1,2\n").comment, ["lon", "lat"]);
        assert!(!Dialect::detect(b"color,x,y\n#ff0000,1,2\n").comments);
    }
}
