//! Lines of words with spaces between, as formats of places in space have them in text, and the numbers
//! that the words are.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::columns::{Column, Holds};
use super::input::{Input, Section};
use super::table::{Bad, BadRow, Block, NOT_A_NUMBER, Values, WRONG_LENGTH, Wanted};
use super::wording::shortened;

/// The longest line, in bytes.
const LONGEST: u64 = 64 << 20;
/// Rows in a block at most, and cells.
const ROWS: usize = 8192;
const CELLS: usize = 1 << 20;
/// Rows that cannot be read of which a block tells.
const TOLD: usize = 8;

/// Lines of a file, one after the other.
pub(super) struct Lines {
    reader: BufReader<Section>,
    /// The last byte of a line.
    end: u8,
    text: Vec<u8>,
    /// How many lines have been read.
    pub(super) count: u64,
    /// Where the next line begins.
    pub(super) position: u64,
}

impl Lines {
    /// The lines from the byte `position` on, of which `count` have been read already. They end by `end`.
    ///
    /// # Errors
    /// When there is no such place.
    pub(super) fn new(input: &Input, position: u64, count: u64, end: u8) -> io::Result<Self> {
        let mut section = input.reader();
        section.seek(SeekFrom::Start(position))?;
        let reader = BufReader::with_capacity(1 << 16, section);
        Ok(Self { reader, end, text: Vec::new(), count, position })
    }

    /// Goes to the next line; false at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read, or the line is too long.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        self.text.clear();
        let read = self.reader.by_ref().take(LONGEST).read_until(self.end, &mut self.text)? as u64;
        if read == 0 {
            return Ok(false);
        }
        self.count += 1;
        self.position += read;
        if read == LONGEST && self.text.last() != Some(&self.end) {
            let text = format!("line {} is longer than 64 MiB", self.count);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(true)
    }

    /// The line, without spaces around it.
    pub(super) fn text(&self) -> &[u8] {
        self.text.trim_ascii()
    }

    /// The place of the line, for a message.
    pub(super) fn place(&self) -> String {
        format!("line {}", self.count)
    }
}

/// The last byte of the lines of a text that begins so.
pub(super) fn line_end(beginning: &[u8]) -> u8 {
    let is_old = !beginning.contains(&b'\n') && beginning.contains(&b'\r');
    if is_old { b'\r' } else { b'\n' }
}

/// The words of a line.
pub(super) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// The number that a word is, or [`NOT_A_NUMBER`].
pub(super) fn number(word: &[u8]) -> f64 {
    if let Ok(value) = fast_float2::parse(word) {
        return value;
    }
    let bare = word.strip_prefix(b"-").or(word.strip_prefix(b"+")).unwrap_or(word);
    let is = |start: &[u8]| bare.get(..start.len()).is_some_and(|w| w.eq_ignore_ascii_case(start));
    // What C libraries write: nan(ind), 1.#QNAN, 1.#IND.
    if is(b"nan(") || is(b"1.#qnan") || is(b"1.#ind") || is(b"1.#snan") {
        f64::NAN
    } else if is(b"1.#inf") {
        if word.starts_with(b"-") { f64::NEG_INFINITY } else { f64::INFINITY }
    } else {
        NOT_A_NUMBER
    }
}

/// Rows of a text that become a block.
pub(super) struct Gathered<'a> {
    columns: &'a [Column],
    wanted: &'a [Wanted],
    values: Vec<Values>,
    rows: usize,
    bad_rows: Vec<BadRow>,
}

impl<'a> Gathered<'a> {
    /// No rows yet.
    pub(super) fn new(columns: &'a [Column], wanted: &'a [Wanted]) -> Self {
        let mut gathered =
            Self { columns, wanted, values: Vec::new(), rows: 0, bad_rows: Vec::new() };
        gathered.take();
        gathered
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether there are as many as a block should have.
    pub(super) fn is_full(&self) -> bool {
        self.rows >= ROWS || self.rows * self.wanted.len() >= CELLS
    }

    /// Takes in a row, whose words are told by the column; one that is not there is `missing`.
    pub(super) fn push<'w>(
        &mut self,
        place: impl Fn() -> String,
        word: impl Fn(usize) -> Option<&'w [u8]>,
        missing: f64,
    ) {
        for (want, values) in self.wanted.iter().zip(&mut self.values) {
            let word = word(want.column);
            match values {
                Values::Numbers(numbers) => {
                    let value = word.map_or(missing, number);
                    if let Some(word) = word
                        && value.to_bits() == NOT_A_NUMBER.to_bits()
                        && self.bad_rows.len() < TOLD
                    {
                        let column = self.columns[want.column].name.clone();
                        let what = Bad::Cell { column, cell: shortened(word) };
                        self.bad_rows.push(BadRow { place: place(), what });
                    }
                    numbers.push(value);
                }
                Values::Integers(whole) => whole.push(word.and_then(integer)),
                _ => {}
            }
        }
        self.rows += 1;
    }

    /// Takes in a row of another number of words than the others have.
    pub(super) fn push_bad(&mut self, place: String, found: usize, expected: usize) {
        for values in &mut self.values {
            match values {
                Values::Numbers(numbers) => numbers.push(WRONG_LENGTH),
                Values::Integers(whole) => whole.push(None),
                _ => {}
            }
        }
        self.rows += 1;
        if self.bad_rows.len() < TOLD {
            self.bad_rows.push(BadRow { place, what: Bad::Length { found, expected } });
        }
    }

    /// The block of the rows so far; the next one begins.
    pub(super) fn take(&mut self) -> Block {
        let is_whole =
            |want: &Wanted| !want.as_numbers && self.columns[want.column].holds == Holds::Integers;
        let next = self.wanted.iter().map(|want| {
            if is_whole(want) { Values::Integers(Vec::new()) } else { Values::Numbers(Vec::new()) }
        });
        let next = next.collect();
        Block {
            columns: std::mem::replace(&mut self.values, next),
            rows: std::mem::take(&mut self.rows),
            bad_rows: std::mem::take(&mut self.bad_rows),
        }
    }
}

/// The whole number that a word is.
fn integer(word: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(word).ok()?;
    text.parse().ok().or_else(|| {
        let value = number(word);
        (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_numbers_in_any_spelling_of_a_program() {
        assert_eq!(words(b" 1\t2  x\r").collect::<Vec<_>>(), [b"1", b"2", b"x"]);
        assert!((number(b"-1.5e-3") + 0.0015).abs() < 1e-18);
        for word in [&b"nan"[..], b"NaN", b"-nan", b"-nan(ind)", b"1.#QNAN", b"-1.#IND"] {
            let value = number(word);
            assert!(value.is_nan() && value.to_bits() != NOT_A_NUMBER.to_bits(), "{word:?}");
        }
        assert!(number(b"inf").is_infinite() && number(b"-1.#INF").is_infinite());
        for word in [&b"1,5"[..], b"x", b"1.5abc", b"", b"0x10"] {
            assert_eq!(number(word).to_bits(), NOT_A_NUMBER.to_bits(), "{word:?}");
        }
        assert_eq!(integer(b"9007199254740993"), Some(9_007_199_254_740_993));
        assert_eq!((integer(b"2.0"), integer(b"2.5"), integer(b"x")), (Some(2), None, None));
    }
}
