//! Parquet files: columns in groups of rows, each column of a group in packed pages.
//!
//! ```text
//!   PAR1  group: column, column, …  group: …  footer: schema, places, statistics  length  PAR1
//! ```
//!
//! Only the pages of the wanted columns are read, each stored column with a reader of its own, on as many
//! threads as there are. Missing values are kept as such; whole numbers, decimals, dates and times become
//! numbers; structures become `pos.x`, lists of one length `embedding_1`, `embedding_2`, ….

mod cursor;
mod describe;
mod meaning;
mod pages;
mod read;
mod schema;
mod thrift;

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};

use super::columns::{Column, ColumnSummary, Holds, Kind, MAX_COLUMNS, TextCell};
use super::error::LoadError;
use super::input::Input;
use super::lists::Lists;
use super::names;
use super::table::{Facts, Table, Take, Wanted};
use cursor::Cursor;
use pages::Held;
use schema::{Leaf, Shape};
use sigmascope_core::engine::Observer;
use thrift::{Kind as Type, Stop, Walk};

pub(super) use meaning::{decimal, large_decimal};

/// How every Parquet file begins and ends.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// The end of a file whose footer is encrypted.
const ENCRYPTED: &[u8] = b"PARE";
/// Structures inside of structures that are read.
const DEEPEST: usize = 64;

/// What every reader of a column needs.
struct Content {
    input: Input,
    metadata: ParquetMetaData,
    /// Rows of all groups.
    rows: u64,
    held: Arc<Held>,
}

/// A Parquet file that is open.
pub(super) struct Parquet {
    content: Content,
    leaves: Vec<Leaf>,
    columns: Vec<Column>,
    /// For each column the position of its leaf, and which value of a list it is.
    places: Vec<(usize, usize)>,
}

impl Parquet {
    /// The table that `input` holds.
    ///
    /// # Errors
    /// When the footer is broken, or claims what the file cannot hold.
    pub(super) fn open(input: &Input) -> Result<Self, LoadError> {
        let footer = footer(input)?;
        check_schema(input, &footer)?;
        let decoded =
            catch_unwind(AssertUnwindSafe(|| ParquetMetaDataReader::decode_metadata(&footer)));
        let expected = "the description of columns and rows";
        let metadata = match decoded {
            Ok(Ok(metadata)) => metadata,
            Ok(Err(err)) => {
                return Err(broken(input, format!("its footer: {}", words(&err)), expected));
            }
            Err(_) => return Err(broken(input, "its footer makes no sense".to_owned(), expected)),
        };
        let rows = checked_rows(input, &metadata)?;
        let held = Arc::default();
        let content = Content { input: input.clone(), metadata, rows, held };
        let mut leaves = schema::leaves(content.metadata.file_metadata().schema_descr());
        for leaf in &mut leaves {
            look_at_lists(&content, leaf)?;
        }
        let (columns, places) = columns(&leaves);
        if columns.len() > MAX_COLUMNS {
            return Err(LoadError::TooManyColumns {
                path: input.path().into(),
                found: columns.len() as u64,
                limit: MAX_COLUMNS as u64,
            });
        }
        Ok(Self { content, leaves, columns, places })
    }
}

impl Table for Parquet {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let Content { input, metadata, rows, .. } = &self.content;
        let chunks = metadata.row_groups().iter().take(1).flat_map(RowGroupMetaData::columns);
        let packed: BTreeSet<&str> = chunks.map(|column| codec(column.compression())).collect();
        let packed = packed.into_iter().collect::<Vec<_>>().join(", ");
        // Hardly anything takes less than a bit.
        let is_likely = *rows <= input.size().saturating_mul(8);
        Facts {
            format: if packed.is_empty() {
                "Parquet".to_owned()
            } else {
                format!("Parquet, {packed}")
            },
            kind: "a Parquet file",
            rows: is_likely.then_some(*rows),
            named_columns: true,
            ..Facts::default()
        }
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        read::read(self, wanted, observer, take)
    }

    fn columns_at_once(&self) -> usize {
        /// Bytes of the columns of a group that are unpacked at once, and of a page at most.
        const BYTES: i64 = 48 << 20;
        const PAGE: i64 = 16 << 20;
        let group = self.content.metadata.row_groups().first();
        let sizes = group.into_iter().flat_map(RowGroupMetaData::columns);
        let largest = sizes.map(|column| column.uncompressed_size().clamp(1, PAGE)).max();
        usize::try_from(BYTES / largest.unwrap_or(1)).unwrap_or(1)
    }

    fn describe(&mut self, observer: &mut dyn Observer) -> Result<Vec<ColumnSummary>, LoadError> {
        describe::describe(self, observer)
    }
}

impl Content {
    /// Where the pages of a column in a group begin and end.
    fn stretch(&self, column: &ColumnChunkMetaData) -> Result<(u64, u64), LoadError> {
        let input = &self.input;
        if column.file_path().is_some() {
            return Err(LoadError::Content {
                path: input.path().into(),
                found: "columns that are stored in other files".to_owned(),
                expected: "one file with all its columns".to_owned(),
                remedy: "open the files themselves, or write one with pandas or Polars".to_owned(),
            });
        }
        if column.compression() == Compression::LZO {
            return Err(LoadError::Content {
                path: input.path().into(),
                found: "columns packed with LZO".to_owned(),
                expected: "columns packed with snappy, gzip, brotli, LZ4, zstd, or not at all"
                    .to_owned(),
                remedy: "write the file again with one of these".to_owned(),
            });
        }
        // Some programs write 0 where there is no dictionary.
        let first = column.dictionary_page_offset().filter(|place| *place > 0);
        let start = first.unwrap_or(i64::MAX).min(column.data_page_offset());
        let length = column.compressed_size();
        let stretch = u64::try_from(start).ok().zip(u64::try_from(length).ok());
        let stretch = stretch.and_then(|(start, length)| Some((start, start.checked_add(length)?)));
        match stretch {
            Some((start, end)) if end <= input.size() => Ok((start, end)),
            _ => Err(broken(
                input,
                format!("a column claims {length} bytes from byte {start} on"),
                &format!("a place in the {} bytes of the file", input.size()),
            )),
        }
    }
}

/// The bytes of the footer.
fn footer(input: &Input) -> Result<Vec<u8>, LoadError> {
    /// The length of the footer and the magic.
    const TAIL: u64 = 8;
    let size = input.size();
    let mut tail = Vec::new();
    let mut end = input.reader();
    let read = end.seek(SeekFrom::Start(size.saturating_sub(TAIL)));
    read.and_then(|_| end.read_to_end(&mut tail)).map_err(|err| input.refusal(err))?;
    let (length, magic) = tail.split_at(tail.len().min(4));
    if magic == ENCRYPTED {
        return Err(LoadError::Content {
            path: input.path().into(),
            found: "an encrypted table".to_owned(),
            expected: "one that can be read without a key".to_owned(),
            remedy: "write it without encryption".to_owned(),
        });
    }
    if magic != MAGIC {
        return Err(broken(
            input,
            "it does not end with PAR1".to_owned(),
            "that mark, behind the description of its columns; the file may be cut short",
        ));
    }
    let length: [u8; 4] = length.try_into().unwrap_or_default();
    let length = u64::from(u32::from_le_bytes(length));
    if length + TAIL + MAGIC.len() as u64 > size {
        return Err(broken(
            input,
            format!("its footer claims {length} bytes of a file of {size}"),
            "a footer inside of the file; the file may be cut short",
        ));
    }
    let mut footer = Vec::new();
    let read = input.section(size - TAIL - length, length).read_to_end(&mut footer);
    read.map_err(|err| input.refusal(err))?;
    Ok(footer)
}

/// Refuses a schema that the library would make room for without end: one that claims more columns than it
/// has, or structures in structures too deep. In `FileMetaData` of Parquet's description field 2 is the list
/// of schema elements, of which field 5 is the number of children.
fn check_schema(input: &Input, footer: &[u8]) -> Result<(), LoadError> {
    let mut children: Vec<u64> = Vec::new();
    let walked = Walk::new(footer).fields(&mut |walk, number, kind| {
        if number != 2 || kind != Type::LIST {
            return Ok(false);
        }
        let (count, item) = walk.list()?;
        if item != Type::STRUCT {
            return Err(Stop::Wrong);
        }
        for _ in 0..count {
            let mut claimed = 0;
            walk.fields(&mut |walk, number, kind| {
                if number == 5 {
                    claimed = walk.integer(kind)?;
                }
                Ok(number == 5)
            })?;
            children.push(u64::try_from(claimed).map_err(|_| Stop::Wrong)?);
        }
        Ok(true)
    });
    // Elements that are still to come at each depth.
    let mut open: Vec<u64> = Vec::new();
    let mut is_sound = walked.is_ok() && !children.is_empty();
    for (k, claimed) in children.iter().enumerate() {
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        is_sound &= *claimed <= (children.len() - k) as u64;
        if *claimed > 0 {
            open.push(*claimed);
        }
        if open.len() > DEEPEST {
            return Err(broken(
                input,
                format!("structures are nested deeper than {DEEPEST}"),
                "a table of columns",
            ));
        }
    }
    if is_sound {
        return Ok(());
    }
    Err(broken(
        input,
        "its footer cannot be read".to_owned(),
        "the description of columns and rows",
    ))
}

/// The number of rows of all groups, each of which has all columns.
fn checked_rows(input: &Input, metadata: &ParquetMetaData) -> Result<u64, LoadError> {
    let width = metadata.file_metadata().schema_descr().num_columns();
    let mut rows = 0_u64;
    for (k, group) in metadata.row_groups().iter().enumerate() {
        let sum = u64::try_from(group.num_rows()).ok().and_then(|more| rows.checked_add(more));
        let Some(sum) = sum else {
            let found = format!("group {} claims {} rows", k + 1, group.num_rows());
            return Err(broken(input, found, "a number of rows"));
        };
        if group.num_columns() != width {
            let found = format!("group {} has {} columns", k + 1, group.num_columns());
            return Err(broken(input, found, &format!("the {width} of the schema")));
        }
        rows = sum;
    }
    let claimed = metadata.file_metadata().num_rows();
    if u64::try_from(claimed) != Ok(rows) {
        let found = format!("it claims {claimed} rows, and its groups have {rows}");
        return Err(broken(input, found, "as many"));
    }
    Ok(rows)
}

/// Finds out how long the lists of a column are, from the first rows.
fn look_at_lists(content: &Content, leaf: &mut Leaf) -> Result<(), LoadError> {
    if leaf.shape != Shape::List(0) {
        return Ok(());
    }
    let (mut lists, mut row) = (Lists::default(), 0);
    let known = leaf.clone();
    let mut cursor = Cursor::new(content, &known);
    while row < content.rows && lists.left() > 0 {
        let asked = (content.rows - row).min(lists.left()).min(256) as usize;
        let lengths = cursor.lengths(asked)?;
        row += lengths.len() as u64;
        lists.absorb(lengths);
    }
    leaf.shape = match lists.length() {
        Ok(length) => Shape::List(length),
        Err((row, found)) => Shape::Other { row, found },
    };
    Ok(())
}

/// The columns that the stored ones become, and where each comes from.
fn columns(leaves: &[Leaf]) -> (Vec<Column>, Vec<(usize, usize)>) {
    let mut cells = Vec::new();
    for (k, leaf) in leaves.iter().enumerate() {
        let name = names::shortened(leaf.name.as_bytes());
        match leaf.shape {
            Shape::List(length) if length > 0 => {
                cells.extend((0..length).map(|item| (format!("{name}_{}", item + 1), (k, item))));
            }
            _ => cells.push((name, (k, 0))),
        }
    }
    let (cells, places): (Vec<String>, Vec<(usize, usize)>) = cells.into_iter().unzip();
    let columns = names::unique(cells.into_iter())
        .into_iter()
        .zip(&places)
        .map(|((name, unnamed), (k, _))| {
            let list = matches!(leaves[*k].shape, Shape::List(_)).then_some(*k);
            Column { unnamed, list, ..column(name, &leaves[*k]) }
        })
        .collect();
    (columns, places)
}

fn column(name: String, leaf: &Leaf) -> Column {
    match &leaf.shape {
        Shape::List(0) => Column::of(name, Holds::Nothing),
        Shape::Other { row, found } => Column {
            kind: Kind::Text,
            text: Some(TextCell { place: format!("row {row}"), cell: found.clone() }),
            ..Column::of(name, Holds::Texts)
        },
        _ => Column::of(name, leaf.meaning.holds()),
    }
}

/// What a way of packing is called.
fn codec(of: Compression) -> &'static str {
    match of {
        Compression::UNCOMPRESSED => "not packed",
        Compression::SNAPPY => "snappy",
        Compression::GZIP(_) => "gzip",
        Compression::LZO => "LZO",
        Compression::BROTLI(_) => "brotli",
        Compression::LZ4 | Compression::LZ4_RAW => "LZ4",
        Compression::ZSTD(_) => "zstd",
    }
}

/// That the file breaks the rules of the format.
fn broken(input: &Input, found: String, expected: &str) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "Parquet",
        found,
        expected: expected.to_owned(),
        remedy: "copy or write it again".to_owned(),
    }
}

/// What the library says, on one line and not too long.
fn words(err: &parquet::errors::ParquetError) -> String {
    const LONGEST: usize = 200;
    let text: String = err.to_string().chars().take(LONGEST).collect();
    sigmascope_core::escape::escaped(&text)
}
