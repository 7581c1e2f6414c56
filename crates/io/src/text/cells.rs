//! The cells of one row, cut out of its line.

use std::ops::Range;

use super::dialect::Separator;

/// A row that is cut into cells.
pub(super) trait Row {
    /// How many cells it has.
    fn count(&self) -> usize;

    /// A cell, from 0, without the quotes around it; empty behind the last one.
    fn cell(&self, k: usize) -> &[u8];

    /// A copy of it.
    fn to_record(&self) -> csv::ByteRecord {
        (0..self.count()).map(|k| self.cell(k)).collect()
    }

    /// Whether it is a line of nothing but spaces.
    fn is_blank(&self) -> bool {
        self.count() == 1 && self.cell(0).trim_ascii().is_empty()
    }
}

impl Row for csv::ByteRecord {
    fn count(&self) -> usize {
        self.len()
    }

    fn cell(&self, k: usize) -> &[u8] {
        self.get(k).unwrap_or_default()
    }
}

/// Cells as stretches of a text.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    text: &'a [u8],
    places: &'a [Range<usize>],
}

impl Row for Cells<'_> {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn cell(&self, k: usize) -> &[u8] {
        self.places.get(k).and_then(|place| self.text.get(place.clone())).unwrap_or_default()
    }
}

/// Cuts lines into cells, as the `csv` crate does.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    places: Vec<Range<usize>>,
    /// The text of cells that were quoted.
    unquoted: Vec<u8>,
}

impl Cutter {
    /// The cells of a line without quotes, which is not empty.
    pub(super) fn plain<'a>(&'a mut self, line: &'a [u8], separator: Separator) -> Cells<'a> {
        let Self { places, .. } = self;
        places.clear();
        match separator {
            Separator::Byte(byte) => {
                let mut start = 0;
                for end in memchr::memchr_iter(byte, line) {
                    places.push(start..end);
                    start = end + 1;
                }
                places.push(start..line.len());
            }
            Separator::Spaces => {
                let mut start = None;
                for (k, byte) in line.iter().enumerate() {
                    match (byte, start) {
                        (b' ' | b'\t', Some(begun)) => {
                            places.push(begun..k);
                            start = None;
                        }
                        (b' ' | b'\t', None) | (_, Some(_)) => {}
                        (_, None) => start = Some(k),
                    }
                }
                places.extend(start.map(|begun| begun..line.len()));
            }
        }
        Cells { text: line, places }
    }

    /// The cells of a line with quotes; `None` if one is not closed. A quote at the start of a cell opens
    /// it, two stand for one, and what is behind the one that closes it belongs to the cell.
    pub(super) fn quoted(&mut self, line: &[u8], separator: u8, quote: u8) -> Option<Cells<'_>> {
        let Self { places, unquoted } = self;
        places.clear();
        unquoted.clear();
        let mut start = 0;
        let mut bytes = line.iter().copied().peekable();
        let (mut is_begun, mut is_open) = (false, false);
        while let Some(byte) = bytes.next() {
            match byte {
                byte if byte == quote && is_open => {
                    if bytes.next_if_eq(&quote).is_some() {
                        unquoted.push(quote);
                    } else {
                        is_open = false;
                    }
                }
                byte if byte == quote && !is_begun => (is_begun, is_open) = (true, true),
                _ if byte == separator && !is_open => {
                    places.push(start..unquoted.len());
                    start = unquoted.len();
                    is_begun = false;
                }
                _ => {
                    unquoted.push(byte);
                    is_begun = true;
                }
            }
        }
        places.push(start..unquoted.len());
        (!is_open).then_some(Cells { text: unquoted, places })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first row of `line` as the `csv` crate cuts it.
    fn by_crate(line: &str) -> csv::ByteRecord {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).terminator(csv::Terminator::Any(b'\n'));
        let mut reader = builder.from_reader(line.as_bytes());
        reader.byte_records().next().expect("a row").expect("a good one")
    }

    #[test]
    fn lines_are_cut_as_the_crate_cuts_them() {
        let lines = [
            "1,2",
            "1",
            ",",
            "1,,",
            " 1 , 2",
            "\"a\",\"b\"",
            "\"a,b\",c",
            "\"a\"\"b\",c",
            "\"\"\"\",c",
            "\"\",",
            "a\"b\",c",
            "\"a\"b\"c\",d",
            "\"a\" ,b",
            " \"a,b\"",
            "5\",6\"",
            "\"a\"\"\",\"\"\"b\"",
        ];
        let mut cutter = Cutter::default();
        for line in lines {
            let expected = by_crate(line);
            let cells = cutter.quoted(line.as_bytes(), b',', b'"').expect("all are closed");
            assert_eq!(cells.to_record(), expected, "{line:?}");
            if !line.contains('"') {
                let cells = cutter.plain(line.as_bytes(), Separator::Byte(b','));
                assert_eq!(cells.to_record(), expected, "{line:?}");
            }
        }
        for line in ["\"a", "a,\"b", "\"a\"\"", "\"a\",\""] {
            assert!(cutter.quoted(line.as_bytes(), b',', b'"').is_none(), "{line:?}");
        }
    }

    #[test]
    fn runs_of_spaces_are_one_separator() {
        let mut cutter = Cutter::default();
        for (line, expected) in
            [("1 2", vec!["1", "2"]), (" 1\t \t-2  ", vec!["1", "-2"]), (" \t", vec![])]
        {
            let cells = cutter.plain(line.as_bytes(), Separator::Spaces).to_record();
            assert_eq!(cells, csv::ByteRecord::from(expected), "{line:?}");
        }
    }
}
