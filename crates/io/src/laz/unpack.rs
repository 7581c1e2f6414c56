//! Unpacks the chunks of a LAZ file side by side, and hands on their points in order.
//!
//! A chunk that is too large to be held is unpacked in pieces, alone. What a file claims is never made room
//! for: a chunk is unpacked as a whole only if that is a few MiB.

use std::io::{BufReader, Cursor, Read, Seek};
use std::ops::ControlFlow;

use ::laz::DecompressionSelection;
use ::laz::las::{v1, v2, v3, v4};
use ::laz::record::{
    LayeredPointRecordDecompressor, RecordDecompressor, SequentialPointRecordDecompressor,
};

use super::super::error::LoadError;
use super::super::in_order::in_order;
use super::super::input::Input;
use super::super::las_header::{Header, broken};
use super::super::records::{ROWS, TakeBytes};
use super::chunks::Chunk;
use super::gps_time::GpsTimes;
use super::point14::Point14;
use super::record::{Item, Scheme};
use super::skipped::Skipped;
use super::{OneByOne, bytes_at, caught};
use sigmascope_core::engine::{Observer, Progress};

/// Bytes that are handed on at once, unless one point has more.
const BLOCK: usize = 1 << 20;
/// Bytes that a chunk may have, packed or not, to be unpacked as a whole.
const LARGEST: u64 = 4 << 20;
/// Bytes of a point above which its models take more memory than many points.
const LONGEST: u16 = 1 << 10;
/// The most chunks that are in memory.
const MOST: usize = 16;

/// The unpacking of all points of a file.
pub(super) struct Unpacking<'a, 't> {
    pub(super) input: &'a Input,
    pub(super) header: &'a Header,
    pub(super) scheme: &'a Scheme,
    pub(super) wanted: DecompressionSelection,
    /// Points that are handed on.
    pub(super) done: u64,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) take: &'a mut TakeBytes<'t>,
}

/// What became of a chunk.
enum Unpacked {
    /// Its points, and whether they took all of its bytes.
    Points(Vec<u8>, bool),
    TooLarge,
    Broken(String),
}

impl Unpacking<'_, '_> {
    /// Hands over points that are compressed one by one.
    ///
    /// # Errors
    /// As for [`super::Laz::read`].
    pub(super) fn one_by_one(&mut self, parts: &OneByOne) -> Result<(), LoadError> {
        let (input, size, scheme) = (self.input, self.header.size, self.scheme);
        let work = |chunk: &Chunk, bytes: &mut Vec<u8>| {
            let source = Cursor::new(bytes_at(input, chunk.start, chunk.size).unwrap_or_default());
            let mut points = one_by_one(scheme, source);
            points.decompress_many(bytes)?;
            Ok(points.get().position() == chunk.size)
        };
        let chunks = &parts.chunks;
        let end = in_order(
            chunks.len() as u64,
            ahead(),
            |k| unpacked(&chunks[k as usize], size, work),
            |k, result| match result {
                Unpacked::Points(bytes, is_exact) if is_exact || k + 1 == chunks.len() as u64 => {
                    let flow = self.hand_on(&bytes)?;
                    Ok(if flow.is_break() {
                        ControlFlow::Break(None)
                    } else {
                        ControlFlow::Continue(())
                    })
                }
                _ => Ok(ControlFlow::Break(Some(k as usize))),
            },
        )?;
        let next = match end {
            ControlFlow::Break(None) => return Ok(()),
            ControlFlow::Break(Some(next)) => next,
            ControlFlow::Continue(()) => chunks.len(),
        };
        // What follows is read in one go, without the places of the table.
        let place = match (chunks.get(next), chunks.last()) {
            (Some(chunk), _) => chunk.start,
            (None, Some(last)) => last.start + last.size,
            (None, None) => parts.start,
        };
        let mut source = BufReader::with_capacity(
            1 << 16,
            input.section(place, parts.end.saturating_sub(place)),
        );
        for k in next.. {
            let left = self.header.points - self.done;
            if left == 0 {
                break;
            }
            let points = chunks.get(k).map_or(parts.chunk_size, |chunk| chunk.points).min(left);
            let mut chunk = one_by_one(scheme, source);
            if self.in_pieces(&mut chunk, points)?.is_break() {
                break;
            }
            source = chunk.into_inner();
        }
        Ok(())
    }

    /// Hands over points that are compressed in layers.
    ///
    /// # Errors
    /// As for [`super::Laz::read`].
    pub(super) fn layers(&mut self, chunks: &[Chunk]) -> Result<(), LoadError> {
        let (input, size, scheme, wanted) =
            (self.input, self.header.size, self.scheme, self.wanted);
        let work = |chunk: &Chunk, bytes: &mut Vec<u8>| {
            let source = Cursor::new(bytes_at(input, chunk.start, chunk.size).unwrap_or_default());
            in_layers(scheme, wanted, source).decompress_many(bytes)?;
            Ok(true)
        };
        in_order(
            chunks.len() as u64,
            ahead(),
            |k| unpacked(&chunks[k as usize], size, work),
            |k, result| match result {
                Unpacked::Points(bytes, _) => self.hand_on(&bytes),
                Unpacked::TooLarge => {
                    let Chunk { start, size, points } = chunks[k as usize];
                    let source = BufReader::with_capacity(1 << 16, input.section(start, size));
                    self.in_pieces(&mut in_layers(scheme, wanted, source), points)
                }
                Unpacked::Broken(what) => Err(self.broken(&what)),
            },
        )
        .map(|_| ())
    }

    /// Hands over points of a chunk while it is unpacked.
    fn in_pieces<R: Read>(
        &mut self,
        chunk: &mut impl RecordDecompressor<R>,
        points: u64,
    ) -> Result<ControlFlow<()>, LoadError> {
        let size = usize::from(self.header.size);
        let at_once = self.at_once() as u64;
        let (mut bytes, mut left) = (Vec::new(), points);
        while left > 0 {
            self.ask()?;
            let count = at_once.min(left) as usize;
            bytes.clear();
            bytes.resize(count * size, 0);
            let filled = caught(|| chunk.decompress_many(&mut bytes));
            filled.map_err(|what| self.broken(&what))?;
            if (self.take)(&bytes, count)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.done += count as u64;
            left -= count as u64;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Hands over the points of a chunk that is unpacked.
    fn hand_on(&mut self, bytes: &[u8]) -> Result<ControlFlow<()>, LoadError> {
        let size = usize::from(self.header.size);
        for bytes in bytes.chunks(self.at_once() * size) {
            self.ask()?;
            let count = bytes.len() / size;
            if (self.take)(bytes, count)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.done += count as u64;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Points that are handed on at once.
    fn at_once(&self) -> usize {
        (BLOCK / usize::from(self.header.size)).clamp(1, ROWS)
    }

    /// Asks whether to go on.
    fn ask(&mut self) -> Result<(), LoadError> {
        let fraction = self.done as f64 / self.header.points as f64;
        if self.observer.checkpoint(Progress { fraction }).is_break() {
            return Err(LoadError::Cancelled);
        }
        Ok(())
    }

    fn broken(&self, what: &str) -> LoadError {
        let (done, points) = (self.done, self.header.points);
        let found = format!("the compressed points cannot be read from row {done} on ({what})");
        broken(self.input, found, format!("{points} points, as the header says"))
    }
}

/// Chunks that are in memory at once.
fn ahead() -> usize {
    (2 * rayon::current_num_threads()).clamp(1, MOST)
}

/// Unpacks a chunk of points of `size` bytes by `work`, if it is not too large.
fn unpacked(
    chunk: &Chunk,
    size: u16,
    work: impl Fn(&Chunk, &mut Vec<u8>) -> std::io::Result<bool>,
) -> Unpacked {
    let unpacked = chunk.points.saturating_mul(size.into());
    if unpacked.max(chunk.size) > LARGEST || size > LONGEST {
        return Unpacked::TooLarge;
    }
    let mut bytes = vec![0; unpacked as usize];
    match caught(|| work(chunk, &mut bytes)) {
        Ok(is_exact) => Unpacked::Points(bytes, is_exact),
        Err(what) => Unpacked::Broken(what),
    }
}

/// The points of a chunk, compressed one by one.
fn one_by_one<R: Read>(
    scheme: &Scheme,
    source: R,
) -> SequentialPointRecordDecompressor<'static, R> {
    let mut points = SequentialPointRecordDecompressor::new(source);
    for &Item { kind, size, version } in &scheme.items {
        match (kind, version) {
            (6, 1) => points.add_field_decompressor(v1::LasPoint0Decompressor::default()),
            (6, _) => points.add_field_decompressor(v2::LasPoint0Decompressor::default()),
            (7, 1) => points.add_field_decompressor(v1::LasGpsTimeDecompressor::default()),
            (7, _) => points.add_field_decompressor(GpsTimes::after(0.0, true)),
            (8, 1) => points.add_field_decompressor(v1::LasRGBDecompressor::default()),
            (8, _) => points.add_field_decompressor(v2::LasRGBDecompressor::default()),
            (9, _) => points.add_field_decompressor(v1::LasWavepacketDecompressor::default()),
            (_, 1) => {
                points.add_field_decompressor(v1::LasExtraByteDecompressor::new(size.into()));
            }
            _ => points.add_field_decompressor(v2::LasExtraByteDecompressor::new(size.into())),
        }
    }
    points
}

/// The points of a chunk, compressed in layers.
fn in_layers<R: Read + Seek>(
    scheme: &Scheme,
    wanted: DecompressionSelection,
    source: R,
) -> LayeredPointRecordDecompressor<'static, R> {
    let mut points = LayeredPointRecordDecompressor::new(source);
    for item in &scheme.items {
        let &Item { kind, size, version } = item;
        match (kind, version) {
            (10, _) => points.add_field_decompressor(Point14::new(version)),
            (11 | 12, 3) => points.add_field_decompressor(v3::LasRGBDecompressor::default()),
            (11 | 12, _) => points.add_field_decompressor(v4::LasRGBDecompressor::default()),
            _ => points.add_field_decompressor(Skipped::new(size, item.layers())),
        }
        match (kind, version) {
            (12, 3) => points.add_field_decompressor(v3::LasNIRDecompressor::default()),
            (12, _) => points.add_field_decompressor(v4::LasNIRDecompressor::default()),
            _ => {}
        }
    }
    points.set_selection(wanted);
    points
}
