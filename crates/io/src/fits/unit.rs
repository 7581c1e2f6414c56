//! The units of a FITS file: a header of cards of 80 characters and the data behind it, in blocks of 2880
//! bytes (FITS Standard 4.0, sections 3 and 4).

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use fitsio_pure::BLOCK_SIZE;
use fitsio_pure::header::{header_byte_len, parse_header_blocks};
use fitsio_pure::value::Value;

use super::broken;
use crate::error::LoadError;
use crate::input::Input;

/// The longest header: far more than 100,000 columns need.
const LONGEST: usize = 64 << 20;
/// Units looked at.
const MOST: usize = 10_000;

/// What a unit holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An image, or nothing.
    Image,
    /// An image, compressed into a table.
    CompressedImage,
    /// A table of binary numbers.
    Binary,
    /// A table of characters.
    Ascii,
    /// Something else.
    Other,
}

/// A header and where its data are.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    /// Its number in the file; the first is 0.
    pub(super) number: usize,
    pub(super) name: Option<String>,
    pub(super) cards: Cards,
    /// Where the data begin.
    pub(super) start: u64,
    /// Bytes of a row of a table.
    pub(super) row_size: u64,
    /// Rows of a table.
    pub(super) rows: u64,
}

impl Unit {
    /// Whether it is a table.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.kind, Kind::Binary | Kind::Ascii)
    }

    /// Its name, or its number in words.
    pub(super) fn called(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.number.to_string())
    }
}

/// The values of a header by their keywords.
#[derive(Debug)]
pub(super) struct Cards(HashMap<String, Value>);

impl Cards {
    pub(super) fn text(&self, keyword: &str) -> Option<&str> {
        match self.0.get(keyword) {
            Some(Value::String(text)) => Some(text.trim()),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn whole(&self, keyword: &str) -> Option<i64> {
        match self.0.get(keyword) {
            Some(Value::Integer(value)) => Some(*value),
            Some(Value::Float(value)) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Some(*value as i64)
            }
            _ => None,
        }
    }

    pub(super) fn number(&self, keyword: &str) -> Option<f64> {
        match self.0.get(keyword) {
            Some(Value::Float(value)) => Some(*value),
            Some(Value::Integer(value)) => Some(*value as f64),
            _ => None,
        }
    }

    fn is_true(&self, keyword: &str) -> bool {
        self.0.get(keyword) == Some(&Value::Logical(true))
    }
}

/// All units of a file up to the first that cannot be read; that is an error unless a table stands before it.
///
/// # Errors
/// When the file is no FITS file, or breaks off before a table.
pub(super) fn units(input: &Input) -> Result<Vec<Unit>, LoadError> {
    let mut units: Vec<Unit> = Vec::new();
    let mut place = 0;
    while place < input.size() && units.len() < MOST {
        match unit(input, place, units.len()) {
            Ok(Some((unit, end))) => {
                units.push(unit);
                place = end;
            }
            Ok(None) => break,
            Err(err)
                if units.iter().any(Unit::is_table) && !matches!(err, LoadError::Io { .. }) =>
            {
                break;
            }
            Err(err) => return Err(err),
        }
    }
    Ok(units)
}

/// The unit at `place`, and where the next one begins; `None` where no more are.
fn unit(input: &Input, place: u64, number: usize) -> Result<Option<(Unit, u64)>, LoadError> {
    let Some(header) = header(input, place, number)? else { return Ok(None) };
    let cards = parse_header_blocks(&header).map_err(|err| {
        let found = format!("the header of unit {number} cannot be read ({err:?})");
        broken(input, found, "cards of 80 characters of plain text, up to END")
    })?;
    let cards: HashMap<String, Value> = cards
        .into_iter()
        .filter_map(|card| Some((card.keyword_str().to_owned(), card.value?)))
        .collect();
    let cards = Cards(cards);
    let size = data_size(&cards, number).ok_or_else(|| {
        let found = format!(
            "the header of unit {number} gives no size (BITPIX {:?}, NAXIS {:?}, NAXIS1 {:?}, \
             NAXIS2 {:?})",
            cards.whole("BITPIX"),
            cards.whole("NAXIS"),
            cards.whole("NAXIS1"),
            cards.whole("NAXIS2")
        );
        broken(input, found, "axes that are not negative and not too large")
    })?;
    let kind = match cards.text("XTENSION") {
        Some("BINTABLE" | "A3DTABLE") if cards.is_true("ZIMAGE") => Kind::CompressedImage,
        Some("BINTABLE" | "A3DTABLE") => Kind::Binary,
        Some("TABLE") => Kind::Ascii,
        Some("IMAGE") | None => Kind::Image,
        Some(_) => Kind::Other,
    };
    let axis = |keyword| cards.whole(keyword).and_then(|size| u64::try_from(size).ok());
    let (row_size, rows) = (axis("NAXIS1").unwrap_or(0), axis("NAXIS2").unwrap_or(0));
    let start = place + header.len() as u64;
    let blocks = size.div_ceil(BLOCK_SIZE as u64);
    let end = blocks.checked_mul(BLOCK_SIZE as u64).and_then(|size| start.checked_add(size));
    let name = cards.text("EXTNAME").filter(|name| !name.is_empty()).map(str::to_owned);
    let unit = Unit { kind, number, name, cards, start, row_size, rows };
    Ok(Some((unit, end.unwrap_or(u64::MAX))))
}

/// The header at `place`; `None` where there is none any more.
fn header(input: &Input, place: u64, number: usize) -> Result<Option<Vec<u8>>, LoadError> {
    let mut reader = input.reader();
    reader.seek(SeekFrom::Start(place)).map_err(|err| input.refusal(err))?;
    let mut header = Vec::new();
    loop {
        let start = header.len();
        let mut block = (&mut reader).take(BLOCK_SIZE as u64);
        block.read_to_end(&mut header).map_err(|err| input.refusal(err))?;
        let block = &header[start..];
        // Behind the last unit anything may stand.
        if start == 0 && number > 0 && !block.starts_with(b"XTENSION") {
            return Ok(None);
        }
        if block.len() < BLOCK_SIZE {
            let found = format!(
                "the header of unit {number} breaks off at byte {}, the end of the file",
                place + header.len() as u64
            );
            return Err(broken(input, found, "an END card; the file is cut short"));
        }
        if header_byte_len(block).is_ok() {
            return Ok(Some(header));
        }
        if header.len() > LONGEST {
            let found = format!("the header of unit {number} has no END card");
            return Err(broken(input, found, "one within 64 MiB"));
        }
    }
}

/// Bytes of data behind a header; `None` where it does not tell, or too many.
fn data_size(cards: &Cards, number: usize) -> Option<u64> {
    let bits = cards.whole("BITPIX")?.unsigned_abs();
    let axes = cards.whole("NAXIS")?;
    if !(0..=999).contains(&axes) || !matches!(bits, 8 | 16 | 32 | 64) {
        return None;
    }
    let size = |axis: i64| cards.whole(&format!("NAXIS{axis}")).and_then(|n| u64::try_from(n).ok());
    let is_groups = number == 0 && cards.is_true("GROUPS") && size(1) == Some(0);
    let mut items = u64::from(axes > 0);
    for axis in if is_groups { 2 } else { 1 }..=axes {
        items = items.checked_mul(size(axis)?)?;
    }
    let parameters = u64::try_from(cards.whole("PCOUNT").unwrap_or(0)).ok()?;
    let groups = u64::try_from(cards.whole("GCOUNT").unwrap_or(1)).ok()?;
    if number == 0 && !is_groups {
        return items.checked_mul(bits / 8);
    }
    items.checked_add(parameters)?.checked_mul(groups)?.checked_mul(bits / 8)
}
