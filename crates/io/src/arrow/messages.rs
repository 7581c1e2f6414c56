//! The messages of an Arrow IPC file or stream: where they are, and whether what they claim fits into the
//! file, before the library makes room for it.
//!
//! ```text
//!   file:   ARROW1 00 00  schema  message …  FF FF FF FF 0  footer  length  ARROW1
//!   stream:               schema  message …  FF FF FF FF 0
//!   message: FF FF FF FF  length  metadata (flatbuffer)  body
//! ```

use std::io::Read;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::{
    Block, CompressionType, Endianness, Message, MessageHeader, MetadataVersion, RecordBatch,
    root_as_footer, root_as_message,
};
use arrow_schema::{DataType, Schema, SchemaRef, UnionMode};

use super::super::error::LoadError;
use super::super::input::Input;
use super::{MAGIC, broken, content};

/// In front of the length of a message; in old files there is only the length.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// Rows that a batch may claim whatever its size.
const ROWS: u64 = 1 << 24;
/// Bytes that the packed buffers of a batch may claim whatever their size.
const UNPACKED: u64 = 96 << 20;
/// How many times their size larger ones may unpack to.
const RATIO: u64 = 100;

/// A file's schema and messages.
pub(super) struct Messages {
    pub(super) schema: SchemaRef,
    pub(super) version: MetadataVersion,
    /// In the order in which they are to be read.
    pub(super) all: Vec<Place>,
    /// How buffers are packed: `LZ4`, `zstd`, `not packed`.
    pub(super) packed: &'static str,
    pub(super) is_stream: bool,
}

/// Where a message is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    start: u64,
    /// Bytes in front of the body.
    metadata: u64,
    body: u64,
    /// Rows of a batch; `None` for a dictionary.
    pub(super) rows: Option<u64>,
}

impl Place {
    /// The same in the library's type.
    pub(super) fn block(&self) -> Block {
        Block::new(self.start as i64, self.metadata as i32, self.body as i64)
    }
}

/// Finds the messages of a file or a stream.
///
/// # Errors
/// When one is broken, or the file ends before its end.
pub(super) fn find(input: &Input) -> Result<Messages, LoadError> {
    let head = input.head(MAGIC.len() as u64)?;
    if head == MAGIC { of_file(input) } else { of_stream(input) }
}

/// Reads a stretch of the file, all of it.
fn stretch(input: &Input, start: u64, length: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    let read = input.section(start, length).read_to_end(&mut bytes);
    read.map_err(|err| input.refusal(err))?;
    if (bytes.len() as u64) < length {
        return Err(short(input, start));
    }
    Ok(bytes)
}

/// That the file ends too early.
fn short(input: &Input, start: u64) -> LoadError {
    let found = format!("the file ends inside of what begins at byte {start}");
    broken(input, found, "whole messages; the file may be cut short")
}

fn of_file(input: &Input) -> Result<Messages, LoadError> {
    /// The length of the footer and the magic.
    const TAIL: u64 = 10;
    let size = input.size();
    let cut = || {
        let found = "it does not end with ARROW1".to_owned();
        broken(input, found, "that mark, behind the list of its batches; the file may be cut short")
    };
    let place = size.checked_sub(TAIL).filter(|place| *place >= 8).ok_or_else(cut)?;
    let tail = stretch(input, place, TAIL)?;
    let (length, magic) = tail.split_at(4);
    if magic != MAGIC {
        return Err(cut());
    }
    let length: [u8; 4] = length.try_into().unwrap_or_default();
    let length = i64::from(i32::from_le_bytes(length));
    let start = u64::try_from(length).ok().and_then(|length| place.checked_sub(length));
    let Some(start) = start else {
        let found = format!("its footer claims {length} bytes of a file of {size}");
        return Err(broken(input, found, "a footer inside of the file"));
    };
    let bytes = stretch(input, start, place - start)?;
    let footer = root_as_footer(&bytes)
        .map_err(|_| broken(input, "its footer cannot be read".to_owned(), "a list of batches"))?;
    let schema = checked_schema(input, footer.schema())?;
    let mut all: Vec<(u64, u32)> = Vec::new();
    let dictionaries = footer.dictionaries().into_iter().flatten();
    let batches = footer.recordBatches().into_iter().flatten();
    for block in dictionaries.chain(batches) {
        let place = block.offset().try_into().ok().zip(block.metaDataLength().try_into().ok());
        let Some((start, metadata)) = place else {
            let found = format!("a batch claims to begin at byte {}", block.offset());
            return Err(broken(input, found, "a place in the file"));
        };
        all.push((start, metadata));
    }
    let mut found = Messages {
        schema,
        version: footer.version(),
        all: Vec::new(),
        packed: "not packed",
        is_stream: false,
    };
    for (start, metadata) in all {
        let bytes = stretch(input, start, u64::from(metadata))?;
        let skip = if bytes.starts_with(&CONTINUATION) { 8 } else { 4 };
        let message = parsed(input, start, bytes.get(skip..).unwrap_or_default())?;
        found.add(input, start, u64::from(metadata), &message)?;
    }
    Ok(found)
}

fn of_stream(input: &Input) -> Result<Messages, LoadError> {
    let mut found: Option<Messages> = None;
    let mut start = 0;
    while start < input.size() {
        let mut head = stretch(input, start, 4.min(input.size() - start))?;
        let mut prefix = 4;
        if head == CONTINUATION {
            head = stretch(input, start + 4, 4)?;
            prefix = 8;
        }
        let length: [u8; 4] = head.as_slice().try_into().map_err(|_| short(input, start))?;
        let length = match u64::try_from(i32::from_le_bytes(length)) {
            Ok(0) => break,
            Ok(length) => length,
            Err(_) => {
                let what = format!("no message begins at byte {start}");
                return Err(broken(input, what, "the length of one"));
            }
        };
        let bytes = stretch(input, start + prefix, length)?;
        let message = parsed(input, start, &bytes)?;
        match (&mut found, message.header_type()) {
            (None, MessageHeader::Schema) => {
                found = Some(Messages {
                    schema: checked_schema(input, message.header_as_schema())?,
                    version: message.version(),
                    all: Vec::new(),
                    packed: "not packed",
                    is_stream: true,
                });
                start += prefix + length;
            }
            (Some(messages), _) => {
                start += messages.add(input, start, prefix + length, &message)?;
            }
            (None, _) => {
                let what = "it does not begin with a schema".to_owned();
                return Err(broken(input, what, "the description of its columns"));
            }
        }
    }
    found.ok_or_else(|| broken(input, "it is empty".to_owned(), "the description of its columns"))
}

fn parsed<'a>(input: &Input, start: u64, bytes: &'a [u8]) -> Result<Message<'a>, LoadError> {
    root_as_message(bytes).map_err(|_| {
        let found = format!("the message at byte {start} cannot be read");
        broken(input, found, "the description of a batch of rows")
    })
}

/// The schema, if it can be read.
fn checked_schema(
    input: &Input,
    schema: Option<arrow_ipc::Schema<'_>>,
) -> Result<SchemaRef, LoadError> {
    let none = || broken(input, "its schema cannot be read".to_owned(), "a list of columns");
    let schema = schema.ok_or_else(none)?;
    if schema.endianness() == Endianness::Big {
        return Err(content(
            input,
            "numbers with the highest byte first",
            "the lowest byte first",
            "write it again on another machine",
        ));
    }
    let converted = catch_unwind(AssertUnwindSafe(|| try_fb_to_schema(schema)));
    let schema: Schema = converted.ok().and_then(Result::ok).ok_or_else(none)?;
    Ok(Arc::new(schema))
}

impl Messages {
    /// Takes in a message whose body follows `metadata` bytes; returns the bytes of both.
    fn add(
        &mut self,
        input: &Input,
        start: u64,
        metadata: u64,
        message: &Message<'_>,
    ) -> Result<u64, LoadError> {
        let fault = |found: String| {
            let found = format!("the message at byte {start} {found}");
            broken(input, found, "what fits into the file")
        };
        let body = u64::try_from(message.bodyLength()).ok();
        let end = body.and_then(|body| start.checked_add(metadata)?.checked_add(body));
        let (Some(body), Some(_)) = (body, end.filter(|end| *end <= input.size())) else {
            let claimed = message.bodyLength();
            return Err(fault(format!("claims {claimed} bytes, more than are left")));
        };
        let (batch, rows) = match message.header_type() {
            MessageHeader::RecordBatch => {
                let batch = message.header_as_record_batch();
                let claimed = batch.map_or(-1, |batch| batch.length());
                let likely = ROWS.max(body.saturating_mul(8 * RATIO));
                let rows = u64::try_from(claimed).ok().filter(|rows| *rows <= likely);
                let rows = rows.ok_or_else(|| fault(format!("claims {claimed} rows")))?;
                (batch, Some(rows))
            }
            MessageHeader::DictionaryBatch => {
                (message.header_as_dictionary_batch().and_then(|of| of.data()), None)
            }
            _ => return Err(fault("is no batch of rows".to_owned())),
        };
        let batch = batch.ok_or_else(|| fault("is empty".to_owned()))?;
        if let Some(packed) = batch.compression() {
            self.packed = match packed.codec() {
                CompressionType::LZ4_FRAME => "LZ4",
                CompressionType::ZSTD => "zstd",
                _ => return Err(fault("is packed in an unknown way".to_owned())),
            };
        }
        for buffer in batch.buffers().into_iter().flatten() {
            let stretch =
                u64::try_from(buffer.offset()).ok().zip(u64::try_from(buffer.length()).ok());
            let end = stretch.and_then(|(offset, length)| offset.checked_add(length));
            if end.is_none_or(|end| end > body) {
                return Err(fault(format!(
                    "claims {} bytes from byte {} on in a body of {body}",
                    buffer.length(),
                    buffer.offset()
                )));
            }
        }
        for node in batch.nodes().into_iter().flatten() {
            if node.length() < 0 || node.null_count() < 0 {
                return Err(fault("claims a length below zero".to_owned()));
            }
        }
        self.all.push(Place { start, metadata, body, rows });
        Ok(metadata + body)
    }

    /// A message with those parts of its body that the columns `roots` need; all of it for a dictionary.
    ///
    /// # Errors
    /// When it cannot be read, or claims to unpack to more than is likely.
    pub(super) fn load(
        &self,
        input: &Input,
        place: &Place,
        roots: &[usize],
    ) -> Result<Buffer, LoadError> {
        let none = || super::no_memory(input, place.body);
        let length = usize::try_from(place.metadata + place.body).map_err(|_| none())?;
        let mut buffer = MutableBuffer::try_from_len_zeroed(length).map_err(|_| none())?;
        let metadata = place.metadata as usize;
        let mut fill = |range: Range<usize>| {
            let mut from = input.section(place.start + range.start as u64, range.len() as u64);
            from.read_exact(&mut buffer.as_slice_mut()[range]).map_err(|err| input.refusal(err))
        };
        fill(0..metadata)?;
        let copy = stretch(input, place.start, place.metadata)?;
        let skip = if copy.starts_with(&CONTINUATION) { 8 } else { 4 };
        let message = parsed(input, place.start, copy.get(skip..).unwrap_or_default())?;
        let (batch, needed) = match place.rows {
            Some(_) => {
                let batch = message.header_as_record_batch();
                (batch, batch.and_then(|batch| self.needed(&batch, roots)))
            }
            None => (message.header_as_dictionary_batch().and_then(|of| of.data()), None),
        };
        let mut ranges = Vec::new();
        for (k, of) in batch.iter().filter_map(RecordBatch::buffers).flatten().enumerate() {
            if needed.as_ref().is_none_or(|needed| needed.get(k) == Some(&true)) {
                let start = metadata + of.offset() as usize;
                let end = start + of.length() as usize;
                if end > length {
                    return Err(short(input, place.start));
                }
                ranges.push(start..end);
            }
        }
        for range in &ranges {
            fill(range.clone())?;
        }
        if batch.is_some_and(|batch| batch.compression().is_some()) {
            let mut sum = (0_u64, 0_u64);
            for range in ranges.into_iter().filter(|range| range.len() >= 8) {
                let claim: [u8; 8] =
                    buffer[range.start..range.start + 8].try_into().unwrap_or_default();
                let claimed = u64::try_from(i64::from_le_bytes(claim)).unwrap_or(0);
                sum = (sum.0.saturating_add(claimed), sum.1 + range.len() as u64);
            }
            let (claimed, packed) = sum;
            if claimed > UNPACKED.max(RATIO.saturating_mul(packed)) {
                let found = format!(
                    "of the message at byte {} the {packed} bytes that are read claim to unpack to \
                     {claimed}",
                    place.start
                );
                let expected = "what real columns unpack to; fewer at once with --columns may do";
                return Err(broken(input, found, expected));
            }
        }
        Ok(buffer.into())
    }

    /// Which buffers of a batch the columns `roots` need; `None` where that is not known.
    fn needed(&self, batch: &RecordBatch<'_>, roots: &[usize]) -> Option<Vec<bool>> {
        let mut variadic = batch.variadicBufferCounts().into_iter().flatten();
        let mut needed = Vec::new();
        for (k, field) in self.schema.fields().iter().enumerate() {
            let count = buffers(field.data_type(), self.version, &mut variadic)?;
            let end = needed.len().checked_add(count).filter(|end| *end <= 1 << 24)?;
            needed.resize(end, roots.contains(&k));
        }
        Some(needed)
    }
}

/// The number of buffers of a column.
fn buffers(
    of: &DataType,
    version: MetadataVersion,
    variadic: &mut dyn Iterator<Item = i64>,
) -> Option<usize> {
    Some(match of {
        DataType::Null => 0,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary => 3,
        DataType::Utf8View | DataType::BinaryView => {
            usize::try_from(variadic.next()?).ok()?.checked_add(2)?
        }
        DataType::List(item) | DataType::LargeList(item) | DataType::Map(item, _) => {
            buffers(item.data_type(), version, variadic)?.checked_add(2)?
        }
        DataType::ListView(item) | DataType::LargeListView(item) => {
            buffers(item.data_type(), version, variadic)?.checked_add(3)?
        }
        DataType::FixedSizeList(item, _) => {
            buffers(item.data_type(), version, variadic)?.checked_add(1)?
        }
        DataType::Struct(fields) => {
            let mut sum = 1_usize;
            for field in fields {
                sum = sum.checked_add(buffers(field.data_type(), version, variadic)?)?;
            }
            sum
        }
        DataType::Union(fields, mode) => {
            let mut sum = 1
                + usize::from(*mode == UnionMode::Dense)
                + usize::from(version < MetadataVersion::V5);
            for (_, field) in fields.iter() {
                sum = sum.checked_add(buffers(field.data_type(), version, variadic)?)?;
            }
            sum
        }
        DataType::RunEndEncoded(ends, values) => {
            let ends = buffers(ends.data_type(), version, variadic)?;
            ends.checked_add(buffers(values.data_type(), version, variadic)?)?
        }
        _ => 2,
    })
}
