//! How the points of a LAZ file are compressed, and their unpacking in blocks.
//!
//! The crate `las` unpacks what has been checked here. It is shown a file with a header of its own, with
//! the record that describes the compression, and with as much of the compressed points as it may read:
//!
//! - in layers (point formats from 6 on) each chunk tells how many points and bytes it has, and is shown
//!   as a file of its own;
//! - point by point, in chunks of one size, all chunks are shown, with an empty chunk table: nothing
//!   depends on the table, which may lie;
//! - point by point, in chunks of several sizes, the table is needed, and its length is checked.
//!
//! Source: M. Isenburg, `LASzip`: lossless compression of `LiDAR` data (2013), and
//! the sources of `LASzip` (laszip.hpp).

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::las::{PointDataBuilder, Reader};

use super::error::LoadError;
use super::input::{Input, Section};
use super::las_header::{Header, broken};
use super::records::{ROWS, TakeBytes};
use sigmascope_core::engine::{Observer, Progress};

/// Bytes in front of the content of a record behind the header.
const RECORD: u64 = 54;
/// Who wrote the record that describes the compression, and its number.
const USER: &[u8] = b"laszip encoded";
const NUMBER: u16 = 22204;
/// The size of chunks of several sizes, and a size that no chunk exceeds.
const SEVERAL: u32 = u32::MAX;
const NO_END: u32 = u32::MAX - 1;
/// Bytes of the header that is shown to the crate.
const HEADER: u16 = 375;
/// Bytes that are unpacked at once, unless one point has more.
const BLOCK: usize = 1 << 20;
/// Places from here on do not exist.
const NOWHERE: u64 = 1 << 62;

/// What the unpacking needs to know.
pub(super) struct Laz {
    /// The record that describes the compression, with its header.
    record: Vec<u8>,
    parts: Parts,
}

/// What of the file is shown to the crate, and how.
enum Parts {
    /// Everything from the points on.
    Whole,
    /// The chunks, up to this place.
    Chunks(u64),
    /// The chunks, and the table at this place.
    WithTable(u64),
    /// One chunk after the other.
    Layers(Vec<Chunk>),
}

/// Points that are compressed together.
struct Chunk {
    start: u64,
    size: u64,
    points: u64,
}

/// A number at a place in bytes that are long enough.
fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_le_bytes([bytes[place], bytes[place + 1]])
}

/// The same of four bytes.
fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from_le_bytes([bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3]])
}

/// So many bytes of a file from a place on; fewer where it ends.
fn bytes_at(input: &Input, place: u64, count: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    let read = input.section(place, count).read_to_end(&mut bytes);
    read.map_err(|err| input.refusal(err))?;
    Ok(bytes)
}

impl Laz {
    /// Finds out how the points of a file are compressed.
    ///
    /// # Errors
    /// When what it says of that makes no sense, or it is shorter than it says.
    pub(super) fn open(input: &Input, header: &Header) -> Result<Self, LoadError> {
        let record = find_record(input, header)?;
        let told = &record[RECORD as usize..];
        let layers = check_items(input, header, told)?;
        let (compressor, chunk_size) = (u16_at(told, 0), u32_at(told, 12));
        let table = if compressor == 1 { None } else { find_table(input, header)? };
        let parts = match (compressor, layers) {
            (1, None) => Parts::Whole,
            (2, None) if chunk_size == SEVERAL || chunk_size == 0 => {
                Parts::WithTable(check_table(input, header, table)?)
            }
            (2, None) => Parts::Chunks(table.unwrap_or(input.size())),
            (3, Some(layers)) => Parts::Layers(find_chunks(input, header, table, layers)?),
            _ => {
                let found = format!("its points are compressed in way {compressor}");
                return Err(broken(input, found, "1, 2 or, in point formats from 6 on, 3"));
            }
        };
        Ok(Self { record, parts })
    }

    /// Hands the bytes of some points, and how many these are, to `take`, in the order of the file.
    ///
    /// # Errors
    /// When the points cannot be unpacked, `take` refused, or the observer ended the work.
    pub(super) fn read(
        &self,
        input: &Input,
        header: &Header,
        observer: &mut dyn Observer,
        take: &mut TakeBytes<'_>,
    ) -> Result<(), LoadError> {
        let mut unpacking = Unpacking { input, header, done: 0, observer, take };
        // Behind the place of the table, which is told in front of the chunks.
        let start = header.start + 8;
        match &self.parts {
            Parts::Whole => {
                let section = input.section(header.start, input.size() - header.start);
                // Without chunks, whatever size they are said to have.
                let front = self.front(header, header.points, Some(NO_END));
                let shown = Shown::new(front, section, 0);
                let _ = unpacking.run(shown, header.points)?;
            }
            Parts::Chunks(end) => {
                let size = end.saturating_sub(start);
                let front = self.front(header, header.points, None);
                let table = (front.len() + 8) as u64 + size;
                let front = [front, table.to_le_bytes().to_vec()].concat();
                let shown = Shown::new(front, input.section(start, size), size);
                let _ = unpacking.run(shown, header.points)?;
            }
            Parts::WithTable(table) => {
                let size = input.size() - start;
                let front = self.front(header, header.points, None);
                let table = (front.len() + 8) as u64 + (table - start);
                let front = [front, table.to_le_bytes().to_vec()].concat();
                let shown = Shown::new(front, input.section(start, size), size);
                let _ = unpacking.run(shown, header.points)?;
            }
            Parts::Layers(chunks) => {
                for chunk in chunks {
                    let front = self.front(header, chunk.points, Some(NO_END));
                    // There is no table at the place of the table; the crate then skips eight bytes.
                    let front = [front, NOWHERE.to_le_bytes().to_vec(), vec![0; 8]].concat();
                    let section = input.section(chunk.start, chunk.size);
                    let shown = Shown::new(front, section, chunk.size);
                    if unpacking.run(shown, chunk.points)?.is_break() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// A header for so many points, and the record that describes the compression, in chunks of
    /// `chunk_size` if there is one.
    fn front(&self, header: &Header, points: u64, chunk_size: Option<u32>) -> Vec<u8> {
        let mut front = vec![0; usize::from(HEADER)];
        let start = u32::from(HEADER) + self.record.len() as u32;
        let mut put = |place: usize, bytes: &[u8]| {
            front[place..place + bytes.len()].copy_from_slice(bytes);
        };
        put(0, super::las_header::MAGIC);
        put(24, &[1, 4]);
        put(94, &HEADER.to_le_bytes());
        put(96, &start.to_le_bytes());
        put(100, &1_u32.to_le_bytes());
        put(104, &[header.format | 0x80]);
        put(105, &header.size.to_le_bytes());
        for place in [131, 139, 147] {
            put(place, &1_f64.to_le_bytes());
        }
        put(247, &points.to_le_bytes());
        front.extend_from_slice(&self.record);
        if let Some(chunk_size) = chunk_size {
            let place = usize::from(HEADER) + RECORD as usize + 12;
            front[place..place + 4].copy_from_slice(&chunk_size.to_le_bytes());
        }
        front
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

/// Refuses items that do not make up a point of the file's format; the number of layers of a chunk, where
/// there are layers.
fn check_items(input: &Input, header: &Header, told: &[u8]) -> Result<Option<u64>, LoadError> {
    let wrong = |found: String| {
        let expected = format!("the fields of point format {}", header.format);
        Err(broken(input, found, expected))
    };
    let count = usize::from(u16_at(told, 32));
    // What comes behind the items is of no use.
    let Some(items) = told.get(34..34 + 6 * count) else {
        return wrong(format!("the record of the compression is too short for {count} items"));
    };
    let items: Vec<[u16; 3]> =
        items.chunks_exact(6).map(|item| [0, 2, 4].map(|k| u16_at(item, k))).collect();
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
    let found: Vec<(u16, u16)> = items.iter().map(|&[kind, size, _]| (kind, size)).collect();
    if found != expected {
        return wrong(format!("the record of the compression tells {count} other items"));
    }
    let versions = if is_layered { 3..=4 } else { 1..=2 };
    if let Some([_, _, version]) = items.iter().find(|[.., version]| !versions.contains(version)) {
        return wrong(format!("an item of the compression has version {version}"));
    }
    let layers = |&(kind, size): &(u16, u16)| match kind {
        10 => 9,
        12 => 2,
        14 => u64::from(size),
        _ => 1,
    };
    Ok(is_layered.then(|| found.iter().map(layers).sum()))
}

/// Where the chunk table is, if there is one.
fn find_table(input: &Input, header: &Header) -> Result<Option<u64>, LoadError> {
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

/// The place of the table of chunks of several sizes, whose length is believable.
fn check_table(input: &Input, header: &Header, table: Option<u64>) -> Result<u64, LoadError> {
    let expected = "the sizes of the chunks in a table behind them";
    let Some(table) = table else {
        return Err(broken(input, "it has no chunk table", expected));
    };
    let head = bytes_at(input, table, 8)?;
    let chunks = if head.len() == 8 { u32_at(&head, 4) } else { 0 };
    // The first point of each chunk is not compressed.
    let most = (table - header.start) / u64::from(header.size);
    if chunks == 0 || u64::from(chunks) > most {
        return Err(broken(input, format!("its table tells {chunks} chunks"), expected));
    }
    Ok(table)
}

/// The chunks of points in layers, each of which tells its own size.
fn find_chunks(
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

/// The file that the crate is shown: a front, then a stretch of the file of the user, then zeros.
struct Shown {
    front: Vec<u8>,
    section: Section,
    /// Bytes of the stretch, if zeros follow.
    size: u64,
    position: u64,
}

impl Shown {
    fn new(front: Vec<u8>, section: Section, size: u64) -> Self {
        Self { front, section, size, position: 0 }
    }
}

impl Read for Shown {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let front = self.front.len() as u64;
        let count = if self.position < front {
            let mut rest = &self.front[self.position as usize..];
            rest.read(buffer)?
        } else {
            let within = self.position - front;
            self.section.seek(SeekFrom::Start(within))?;
            match self.section.read(buffer)? {
                // An empty table is eight zeros.
                0 if self.size > 0 && within < self.size.saturating_add(8) => {
                    let count = buffer.len().min((self.size + 8 - within) as usize);
                    buffer[..count].fill(0);
                    count
                }
                count => count,
            }
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Shown {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let end = self.front.len() as u64 + self.size;
        let place = match place {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        match place.filter(|place| *place < NOWHERE) {
            Some(place) => {
                self.position = place;
                Ok(place)
            }
            None => Err(io::Error::new(io::ErrorKind::InvalidInput, "a place outside of the file")),
        }
    }
}

/// The unpacking of all points of a file.
struct Unpacking<'a, 't> {
    input: &'a Input,
    header: &'a Header,
    /// Points that are unpacked.
    done: u64,
    observer: &'a mut dyn Observer,
    take: &'a mut TakeBytes<'t>,
}

impl Unpacking<'_, '_> {
    /// Hands over the `points` of a file as it is shown.
    fn run(&mut self, shown: Shown, points: u64) -> Result<ControlFlow<()>, LoadError> {
        let reader = caught(|| Reader::new(BufReader::with_capacity(1 << 16, shown)));
        let mut reader = reader.map_err(|what| self.broken(&what))?;
        let mut data = PointDataBuilder::new().for_header(reader.header()).build();
        let at_once = (BLOCK / usize::from(self.header.size)).clamp(1, ROWS) as u64;
        let mut left = points;
        while left > 0 {
            let fraction = self.done as f64 / self.header.points as f64;
            if self.observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let filled = caught(|| reader.fill_points(at_once.min(left), &mut data));
            let count = filled.map_err(|what| self.broken(&what))?;
            if count == 0 || data.record_len() != usize::from(self.header.size) {
                return Err(self.broken("there are no more"));
            }
            if (self.take)(data.raw_bytes(), count as usize)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.done += count;
            left -= count;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn broken(&self, what: &str) -> LoadError {
        let (done, points) = (self.done, self.header.points);
        let found = format!("the compressed points cannot be read from row {done} on ({what})");
        broken(self.input, found, format!("{points} points, as the header says"))
    }
}

/// The result of work that may panic on broken data; else what went wrong, in words.
fn caught<T>(work: impl FnOnce() -> ::las::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(err)) => Err(err.to_string().chars().take(200).collect()),
        Err(_) => Err("they make no sense".to_owned()),
    }
}
