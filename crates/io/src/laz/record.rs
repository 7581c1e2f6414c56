//! The record behind the header that tells how the points of a LAZ file are compressed.
//!
//! ```text
//!   0 way of compression   12 points in a chunk   32 number of items   34 items: type, size, version
//! ```
//!
//! Source: the sources of `LASzip` (laszip.hpp).

use super::super::error::LoadError;
use super::super::input::Input;
use super::super::las_header::{Header, broken};
use super::{bytes_at, u16_at, u32_at};

/// Bytes in front of the content of a record behind the header.
const RECORD: u64 = 54;
/// Who wrote the record that describes the compression, and its number.
const USER: &[u8] = b"laszip encoded";
const NUMBER: u16 = 22204;

/// What the record says.
pub(super) struct Scheme {
    /// 1: one point after the other; 2: the same in chunks; 3: chunks in layers.
    pub(super) way: u16,
    /// Points in a chunk; 0 and the largest number mean that a table tells.
    pub(super) chunk_size: u32,
    /// The parts of a point, in order.
    pub(super) items: Vec<Item>,
    /// How many layers a chunk has, in point formats from 6 on.
    pub(super) layers: Option<u64>,
}

/// A part of a point, such as its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: u16,
    /// In bytes, unpacked.
    pub(super) size: u16,
    pub(super) version: u16,
}

impl Item {
    /// Layers of a chunk that it takes.
    pub(super) fn layers(self) -> u64 {
        match self.kind {
            10 => super::point14::LAYERS as u64,
            12 => 2,
            14 => u64::from(self.size),
            _ => 1,
        }
    }
}

impl Scheme {
    /// Reads the record of a file.
    ///
    /// # Errors
    /// When there is none, or it does not fit the points of the file.
    pub(super) fn read(input: &Input, header: &Header) -> Result<Self, LoadError> {
        let record = find_record(input, header)?;
        let told = &record[RECORD as usize..];
        let items = check_items(input, header, told)?;
        let layers = items.iter().map(|item| item.layers()).sum();
        Ok(Self {
            way: u16_at(told, 0),
            chunk_size: u32_at(told, 12),
            layers: (header.format >= 6).then_some(layers),
            items,
        })
    }
}

/// The record behind the header that describes the compression, with its own header.
fn find_record(input: &Input, header: &Header) -> Result<Vec<u8>, LoadError> {
    let (mut place, count) = header.records;
    for index in 0..count {
        let head = bytes_at(input, place, RECORD.min(header.start.saturating_sub(place)))?;
        if (head.len() as u64) < RECORD {
            let found =
                format!("record {} of {count} lies behind the start of the points", index + 1);
            return Err(broken(input, found, "all records between the header and the points"));
        }
        let size = RECORD + u64::from(u16_at(&head, 20));
        if head[2..18].starts_with(USER) && u16_at(&head, 18) == NUMBER {
            let record = bytes_at(input, place, size)?;
            if place + size > header.start || (record.len() as u64) < RECORD + 34 {
                let found = "the record that describes the compression is cut short";
                return Err(broken(input, found, "34 bytes at least, in front of the points"));
            }
            return Ok(record);
        }
        place += size;
    }
    let found = "no record describes the compression, as it should in LAZ";
    Err(broken(input, found, "a record 'laszip encoded' behind the header"))
}

/// The items, which make up a point of the file's format.
fn check_items(input: &Input, header: &Header, told: &[u8]) -> Result<Vec<Item>, LoadError> {
    let wrong = |found: String| {
        let expected = format!("the fields of point format {}", header.format);
        Err(broken(input, found, expected))
    };
    let count = usize::from(u16_at(told, 32));
    // What comes behind the items is of no use.
    let Some(items) = told.get(34..34 + 6 * count) else {
        return wrong(format!("the record of the compression is too short for {count} items"));
    };
    let item = |item: &[u8]| Item {
        kind: u16_at(item, 0),
        size: u16_at(item, 2),
        version: u16_at(item, 4),
    };
    let items: Vec<Item> = items.chunks_exact(6).map(item).collect();
    let mut expected: Vec<(u16, u16)> = match header.format {
        0 => vec![(6, 20)],
        1 => vec![(6, 20), (7, 8)],
        2 => vec![(6, 20), (8, 6)],
        3 => vec![(6, 20), (7, 8), (8, 6)],
        4 => vec![(6, 20), (7, 8), (9, 29)],
        5 => vec![(6, 20), (7, 8), (8, 6), (9, 29)],
        6 => vec![(10, 30)],
        7 => vec![(10, 30), (11, 6)],
        8 => vec![(10, 30), (12, 8)],
        9 => vec![(10, 30), (13, 29)],
        _ => vec![(10, 30), (12, 8), (13, 29)],
    };
    let is_layered = header.format >= 6;
    if header.extra > 0 {
        expected.push((if is_layered { 14 } else { 0 }, header.extra));
    }
    let found: Vec<(u16, u16)> = items.iter().map(|item| (item.kind, item.size)).collect();
    if found != expected {
        return wrong(format!("the record of the compression tells {count} other items"));
    }
    let versions = if is_layered { 3..=4 } else { 1..=2 };
    if let Some(Item { version, .. }) = items.iter().find(|item| !versions.contains(&item.version))
    {
        return wrong(format!("an item of the compression has version {version}"));
    }
    Ok(items)
}
