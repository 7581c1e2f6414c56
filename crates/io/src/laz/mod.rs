//! How the points of a LAZ file are compressed, and their unpacking in blocks.
//!
//! - In layers (point formats from 6 on), each chunk tells how many points and bytes it has ([`chunks`]).
//!   Only the layers of the wanted fields are unpacked ([`point14`]).
//! - Point by point, in chunks of one size, the chunk table is believed as far as each chunk ends where the
//!   next begins; from there on all is read in one go, which needs no table.
//! - Point by point, in chunks of several sizes, the table tells how many points each has.
//!
//! Chunks are unpacked side by side ([`unpack`]), by the fields of the crate `laz`, except for two:
//! times ([`gps_time`]), and what all points from format 6 on have in common.
//!
//! Source: M. Isenburg, `LASzip`: lossless compression of `LiDAR` data (2013), and
//! the sources of `LASzip` (laszip.hpp).

mod chunks;
mod gps_time;
mod median;
mod point14;
mod record;
mod skipped;
mod unpack;

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::laz::DecompressionSelection;

use super::error::LoadError;
use super::input::Input;
use super::las_header::{Header, broken};
use super::records::TakeBytes;
use chunks::Chunk;
use record::Scheme;
use sigmascope_core::engine::Observer;
use unpack::Unpacking;

/// The size of chunks of several sizes.
const SEVERAL: u32 = u32::MAX;

/// What the unpacking needs to know.
pub(super) struct Laz {
    scheme: Scheme,
    parts: Parts,
}

/// Where the points are.
enum Parts {
    /// One by one, from a place on.
    OneByOne(OneByOne),
    /// In layers of chunks.
    Layers(Vec<Chunk>),
}

/// Points that are compressed one by one.
struct OneByOne {
    start: u64,
    /// Behind the last of their bytes.
    end: u64,
    /// Points in a chunk that is not listed.
    chunk_size: u64,
    /// The chunks as the table tells them.
    chunks: Vec<Chunk>,
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

/// The result of work that may panic on broken data; else what went wrong, in words.
fn caught<T>(work: impl FnOnce() -> io::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(err)) if err.kind() == io::ErrorKind::UnexpectedEof => Err("they end".to_owned()),
        Ok(Err(err)) => Err(err.to_string().chars().take(200).collect()),
        Err(_) => Err("they make no sense".to_owned()),
    }
}

impl Laz {
    /// Finds out how the points of a file are compressed.
    ///
    /// # Errors
    /// When what it says of that makes no sense, or it is shorter than it says.
    pub(super) fn open(input: &Input, header: &Header) -> Result<Self, LoadError> {
        let scheme = Scheme::read(input, header)?;
        let table = if scheme.way == 1 { None } else { chunks::find_table(input, header)? };
        // Behind the place of the table, which is told in front of the chunks.
        let start = header.start + 8;
        let end = table.unwrap_or(input.size());
        let parts = match (scheme.way, scheme.layers) {
            (1, None) => Parts::OneByOne(OneByOne {
                start: header.start,
                end: input.size(),
                chunk_size: u64::MAX,
                chunks: Vec::new(),
            }),
            (2, None) => {
                let told = Some(scheme.chunk_size).filter(|size| ![0, SEVERAL].contains(size));
                let chunks = match (chunks::find_told(input, header, table, told), told) {
                    (Ok(chunks), _) => chunks,
                    (Err(err), None) => return Err(err),
                    (Err(_), Some(_)) => Vec::new(),
                };
                let chunk_size = told.map_or(u64::MAX, u64::from);
                Parts::OneByOne(OneByOne { start, end, chunk_size, chunks })
            }
            (3, Some(layers)) => Parts::Layers(chunks::find_layered(input, header, table, layers)?),
            (way, _) => {
                let found = format!("its points are compressed in way {way}");
                return Err(broken(input, found, "1, 2 or, in point formats from 6 on, 3"));
            }
        };
        Ok(Self { scheme, parts })
    }

    /// Hands the bytes of some points, and how many these are, to `take`, in the order of the file. Fields
    /// that are not `wanted` may have any value.
    ///
    /// # Errors
    /// When the points cannot be unpacked, `take` refused, or the observer ended the work.
    pub(super) fn read(
        &self,
        input: &Input,
        header: &Header,
        wanted: DecompressionSelection,
        observer: &mut dyn Observer,
        take: &mut TakeBytes<'_>,
    ) -> Result<(), LoadError> {
        let scheme = &self.scheme;
        let mut unpacking = Unpacking { input, header, scheme, wanted, done: 0, observer, take };
        match &self.parts {
            Parts::OneByOne(parts) => unpacking.one_by_one(parts),
            Parts::Layers(chunks) => unpacking.layers(chunks),
        }
    }
}
