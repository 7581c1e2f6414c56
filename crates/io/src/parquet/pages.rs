//! The pages of one column in one group of rows, read one after the other from a place of their own in
//! the file, so that columns can be read at the same time.
//!
//! ```text
//!   group of rows: column: [header page] [header page] …    column: …
//! ```
//!
//! Each header is looked at before the library unpacks its page: a page that claims more than its bytes
//! can hold is refused.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::super::input::Input;
use super::thrift::{Kind, Stop, Walk};

/// Bytes that a page may unpack to whatever it takes in the file.
const UNPACKED: u64 = 16 << 20;
/// Bytes that all pages may take that are unpacked at once, whatever the size of the file.
const AT_ONCE: u64 = 96 << 20;
/// How many times its size a larger page may unpack to.
const RATIO: u64 = 100;
/// Values that a page may claim whatever its size.
const LEVELS: u64 = 1 << 24;
/// Bytes in memory of a value that has bytes of its own, and of a level of a repeated column.
const VALUE: u64 = 48;
const LEVEL: u64 = 4;
/// The longest header of a page.
const HEADER: u64 = 8 << 20;

/// The memory that the pages take which are unpacked at the moment, of all columns that are read.
#[derive(Debug, Default)]
pub(super) struct Held(AtomicU64);

/// The pages of a column in a group of rows.
pub(super) struct Pages {
    input: Input,
    /// Tells how pages are packed, and of what type their values are.
    column: ColumnChunkMetaData,
    /// The next page that is not read, and the end of the last one.
    place: u64,
    end: u64,
    /// The next page, if it is read but not handed out.
    next: Option<Box<dyn PageReader>>,
    /// Whether a dictionary was read, to which later pages refer.
    has_dictionary: bool,
    held: Arc<Held>,
    /// The most that may be held.
    most_held: u64,
    /// What the last page takes, and what the dictionary does.
    of_page: u64,
    of_dictionary: u64,
}

/// What the header of a page says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Header {
    /// Bytes of the header itself.
    length: u64,
    unpacked: i64,
    packed: i64,
}

impl Pages {
    /// The pages between two places of the file.
    pub(super) fn new(
        input: &Input,
        held: &Arc<Held>,
        column: &ColumnChunkMetaData,
        start: u64,
        end: u64,
    ) -> Self {
        Self {
            held: Arc::clone(held),
            most_held: AT_ONCE.max(RATIO.saturating_mul(input.stored())),
            of_page: 0,
            of_dictionary: 0,
            input: input.clone(),
            column: column.clone(),
            place: start,
            end,
            next: None,
            has_dictionary: false,
        }
    }

    /// Reads the next page, if there is one and it is not read.
    fn load(&mut self) -> Result<Option<&mut Box<dyn PageReader>>> {
        if self.next.is_none() && self.place < self.end {
            let header = self.header()?;
            let length = header.length + header.packed as u64;
            let bytes = self.read(length)?;
            if (bytes.len() as u64) < length {
                return Err(broken("the file ends inside of a page"));
            }
            self.place += length;
            self.release();
            self.hold(header.unpacked as u64)?;
            self.next = Some(self.alone(bytes)?);
        }
        Ok(self.next.as_mut())
    }

    /// Counts what the next page takes, or something of it.
    fn hold(&mut self, bytes: u64) -> Result<()> {
        self.of_page += bytes;
        let held = self.held.0.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if held > self.most_held {
            return Err(broken(&format!(
                "its pages and those of the columns beside it unpack to more than {} MiB at once",
                self.most_held >> 20
            )));
        }
        Ok(())
    }

    /// Counts the last page no more.
    fn release(&mut self) {
        self.held.0.fetch_sub(self.of_page, Ordering::Relaxed);
        self.of_page = 0;
    }

    /// What a page takes besides its bytes, once it is decoded.
    fn decoded(&self, page: &Page) -> u64 {
        let values = u64::from(page.num_values());
        let has_bytes = [Type::BYTE_ARRAY, Type::FIXED_LEN_BYTE_ARRAY];
        if page.is_dictionary_page() {
            let is_of_bytes = has_bytes.contains(&self.column.column_type());
            return if is_of_bytes { VALUE * values } else { 0 };
        }
        // All levels of a page of a repeated column are unpacked at once.
        let is_repeated = self.column.column_descr().max_rep_level() > 0;
        if is_repeated { LEVEL * values } else { 0 }
    }

    /// A reader of one page, header and all.
    fn alone(&self, bytes: Vec<u8>) -> Result<Box<dyn PageReader>> {
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let column = ColumnChunkMetaData::builder(self.column.column_descr_ptr())
            .set_compression(self.column.compression())
            .set_data_page_offset(0)
            .set_total_compressed_size(length)
            .build()?;
        // The library's type of shared bytes, which it does not name for others.
        let holder = Page::DictionaryPage {
            buf: bytes.into(),
            num_values: 0,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let bytes = Arc::new(holder.buffer().clone());
        Ok(Box::new(SerializedPageReader::new(bytes, &column, 0, None)?))
    }

    /// At most `count` bytes from the present place.
    fn read(&self, count: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.input.section(self.place, count).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn header(&self) -> Result<Header> {
        let left = self.end - self.place;
        let mut looked_at = left.min(4096);
        let header = loop {
            match header(&self.read(looked_at)?) {
                Ok(header) => break header,
                Err(Stop::Short) if looked_at < left.min(HEADER) => {
                    looked_at = (looked_at * 8).min(left);
                }
                Err(_) => return Err(broken("the header of a page cannot be read")),
            }
        };
        let Header { length, packed, unpacked } = header;
        let fits = u64::try_from(packed).is_ok_and(|packed| length + packed <= left);
        if !fits {
            return Err(broken(&format!(
                "a page claims {packed} bytes where {} are left",
                left.saturating_sub(length)
            )));
        }
        let most = UNPACKED.max(RATIO * packed as u64);
        if !u64::try_from(unpacked).is_ok_and(|unpacked| unpacked <= most) {
            return Err(broken(&format!(
                "a page of {packed} bytes claims to unpack to {unpacked}, more than {most}"
            )));
        }
        Ok(header)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.release();
        self.held.0.fetch_sub(self.of_dictionary, Ordering::Relaxed);
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        loop {
            let Some(page) = self.load()? else { return Ok(None) };
            let page = page.get_next_page()?;
            self.next = None;
            // A page of an index holds no values.
            let Some(page) = page else { continue };
            check(&page)?;
            self.hold(self.decoded(&page))?;
            if page.is_dictionary_page() {
                self.has_dictionary = true;
                self.of_dictionary += std::mem::take(&mut self.of_page);
            }
            let needs_dictionary =
                matches!(page.encoding(), Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
            if needs_dictionary && !self.has_dictionary {
                return Err(broken(
                    "a page refers to a dictionary, and there is none in front of it",
                ));
            }
            return Ok(Some(page));
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        loop {
            let Some(page) = self.load()? else { return Ok(None) };
            if let Some(found) = page.peek_next_page()? {
                return Ok(Some(found));
            }
            self.next = None;
        }
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.load()?;
        self.next = None;
        Ok(())
    }
}

/// The header at the beginning of `bytes`: in the structure `PageHeader` of Parquet's description the
/// fields 2 and 3 are the sizes.
fn header(bytes: &[u8]) -> std::result::Result<Header, Stop> {
    let mut header = Header { packed: -1, unpacked: -1, ..Header::default() };
    let mut walk = Walk::new(bytes);
    walk.fields(&mut |walk, number, kind: Kind| {
        match number {
            2 => header.unpacked = walk.integer(kind)?,
            3 => header.packed = walk.integer(kind)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    header.length = walk.place as u64;
    Ok(header)
}

/// Refuses a page that claims more than it holds.
fn check(page: &Page) -> Result<()> {
    let length = page.buffer().len();
    match page {
        // Each value takes a byte at least.
        Page::DictionaryPage { num_values, .. } if *num_values as usize > length => {
            Err(broken(&format!("a dictionary of {length} bytes claims {num_values} values")))
        }
        Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. }
            if u64::from(*def_levels_byte_len) + u64::from(*rep_levels_byte_len)
                > length as u64 =>
        {
            Err(broken(&format!("a page of {length} bytes claims levels of more")))
        }
        // In a repeated column all levels of a page are unpacked at once.
        _ if u64::from(page.num_values()) > LEVELS.max(RATIO * length as u64) => {
            let claimed = page.num_values();
            Err(broken(&format!("a page of {length} bytes claims {claimed} values")))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a page.
fn broken(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}
