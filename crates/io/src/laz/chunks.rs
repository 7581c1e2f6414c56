//! Where the chunks of a LAZ file are, each of which is compressed by itself.
//!
//! ```text
//!   start: place of the table | chunk | chunk | … | table: version, number of chunks, their sizes packed
//! ```

use std::io::BufReader;

use ::laz::laszip::ChunkTable;

use super::super::error::LoadError;
use super::super::input::Input;
use super::super::las_header::{Header, broken};
use super::{bytes_at, caught, u32_at};

/// Points that are compressed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) start: u64,
    /// In bytes, as they are compressed.
    pub(super) size: u64,
    pub(super) points: u64,
}

/// Where the chunk table is, if there is one.
pub(super) fn find_table(input: &Input, header: &Header) -> Result<Option<u64>, LoadError> {
    let place = |at: u64| -> Result<Option<i64>, LoadError> {
        let bytes: Option<[u8; 8]> = bytes_at(input, at, 8)?.try_into().ok();
        Ok(bytes.map(i64::from_le_bytes))
    };
    let Some(told) = place(header.start)? else {
        let found = "it is cut short: it ends where the compressed points should begin";
        return Err(broken(input, found, format!("{} points", header.points)));
    };
    let first = header.start + 8;
    // Who could not go back to write it wrote it at the end.
    let table = match u64::try_from(told) {
        Ok(table) if table >= first => table,
        _ => {
            let last = place(input.size() - 8)?.and_then(|told| u64::try_from(told).ok());
            return Ok(last.filter(|table| (first..input.size()).contains(table)));
        }
    };
    if table + 8 > input.size() {
        let found = format!("it is cut short: its chunk table should be at byte {table}");
        return Err(broken(input, found, format!("{table} bytes and more")));
    }
    Ok(Some(table))
}

/// The chunks of points that are compressed one by one, as the table at a place tells them: of `chunk_size`
/// points, or of as many as the table says.
///
/// # Errors
/// What is wrong with the table, which may not matter: chunks of one size are found without it.
pub(super) fn find_told(
    input: &Input,
    header: &Header,
    table: Option<u64>,
    chunk_size: Option<u32>,
) -> Result<Vec<Chunk>, LoadError> {
    let expected = "the sizes of the chunks in a table behind them";
    let Some(table) = table else {
        return Err(broken(input, "it has no chunk table", expected));
    };
    let first = header.start + 8;
    let head = bytes_at(input, table, 8)?;
    let count = if head.len() == 8 { u64::from(u32_at(&head, 4)) } else { 0 };
    // The first point of each chunk is not compressed.
    let most = (table - first) / u64::from(header.size);
    if count == 0 || count > most {
        return Err(broken(input, format!("its table tells {count} chunks"), expected));
    }
    let wrong =
        |what: &str| Err(broken(input, format!("its chunk table is wrong ({what})"), expected));
    let mut source = BufReader::new(input.section(table, input.size() - table));
    let entries = match caught(|| ChunkTable::read(&mut source, chunk_size.is_none())) {
        Ok(entries) => entries,
        Err(what) => return wrong(&what),
    };
    let (mut chunks, mut start, mut left) = (Vec::new(), first, header.points);
    for entry in &entries {
        if left == 0 {
            break;
        }
        let points = chunk_size.map_or(entry.point_count, u64::from).min(left);
        let (size, is_last) = (entry.byte_count, points == left);
        if points == 0 || size < u64::from(header.size) || size > table - start {
            return wrong(&format!("{points} points in {size} bytes at byte {start}"));
        }
        chunks.push(Chunk { start, size, points });
        start += size;
        left -= points;
        debug_assert!(!is_last || left == 0, "{left}");
    }
    if left > 0 {
        return wrong(&format!("{left} points are not in any chunk"));
    }
    Ok(chunks)
}

/// The chunks of points in layers, each of which tells its own size.
pub(super) fn find_layered(
    input: &Input,
    header: &Header,
    table: Option<u64>,
    layers: u64,
) -> Result<Vec<Chunk>, LoadError> {
    let end = table.unwrap_or(input.size());
    let (mut place, mut points, mut chunks) = (header.start + 8, 0_u64, Vec::new());
    let count_at = usize::from(header.size);
    let head_size = count_at as u64 + 4 + 4 * layers;
    while points < header.points {
        let head = bytes_at(input, place, head_size.min(end.saturating_sub(place)))?;
        if (head.len() as u64) < head_size {
            let found = format!("the chunks end after {points} points");
            let expected = format!("{} points, as the header says", header.points);
            return Err(broken(input, found, expected));
        }
        let count = u64::from(u32_at(&head, count_at));
        let sizes = head[count_at + 4..].chunks_exact(4).map(|size| u64::from(u32_at(size, 0)));
        let size = head_size + sizes.sum::<u64>();
        if count == 0 || size > end - place {
            let found = format!("the chunk at byte {place} tells {count} points in {size} bytes");
            let expected = format!("points that fit the {} bytes that are left", end - place);
            return Err(broken(input, found, expected));
        }
        chunks.push(Chunk { start: place, size, points: count });
        points += count;
        place += size;
    }
    let is_more = points > header.points || table.is_some_and(|table| place < table);
    if is_more {
        let found = format!("its chunks hold more points than the {} of its header", header.points);
        return Err(broken(input, found, "the same number"));
    }
    Ok(chunks)
}
