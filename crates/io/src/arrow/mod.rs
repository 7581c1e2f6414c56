//! Arrow IPC: files (also called Feather, version 2) and streams, packed with LZ4 or zstd or not at all.
//!
//! Only those bytes of a batch are read that the wanted columns need. Missing values are kept as such; whole
//! numbers, decimals, dates and times become numbers; structures become `pos.x`, lists of one length
//! `embedding_1`, `embedding_2`, ….

mod fields;
mod messages;
mod values;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::{MessageHeader, root_as_message};

use super::columns::{Column, ColumnSummary, Holds, Kind, MAX_COLUMNS, TextCell};
use super::error::LoadError;
use super::format::Beginning;
use super::input::Input;
use super::lists::{Lists, unequal};
use super::names;
use super::table::{Block, Facts, Table, Take, Values, Wanted};
use fields::{Leaf, Shape};
use messages::{Messages, Place};
use sigmascope_core::engine::{Observer, Progress};

/// How every Arrow file begins and ends.
const MAGIC: &[u8] = b"ARROW1";
/// Rows of a block.
const ROWS: usize = 1 << 16;

/// Takes a batch and the number of rows in front of it.
type TakeBatch<'a> = dyn FnMut(&RecordBatch, u64) -> Result<ControlFlow<()>, LoadError> + 'a;

/// An Arrow file or stream that is open.
pub(super) struct Arrow {
    input: Input,
    messages: Messages,
    rows: u64,
    leaves: Vec<Leaf>,
    columns: Vec<Column>,
    /// For each column the position of its leaf, and which value of a list it is.
    places: Vec<(usize, usize)>,
}

/// Whether a file that begins so is one.
pub(super) fn is_arrow(file: &Beginning<'_>) -> bool {
    if file.bytes.starts_with(MAGIC) {
        return true;
    }
    // Streams of old programs begin with the length itself.
    let is_marked = file.bytes.starts_with(&[0xff; 4]);
    let bytes = if is_marked { &file.bytes[4..] } else { file.bytes };
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return false };
    let length = u32::from_le_bytes(*length) as usize;
    match rest.get(..length) {
        Some(message) => root_as_message(message)
            .is_ok_and(|message| message.header_type() == MessageHeader::Schema),
        // A long schema.
        None => is_marked && length.is_multiple_of(8) && length < 1 << 30,
    }
}

impl Arrow {
    /// The table that `input` holds.
    ///
    /// # Errors
    /// When it is broken, or claims what the file cannot hold.
    pub(super) fn open(input: &Input) -> Result<Self, LoadError> {
        let messages = messages::find(input)?;
        let rows = messages.all.iter().filter_map(|place| place.rows).sum();
        let leaves = fields::leaves(messages.schema.fields());
        let mut table = Self {
            input: input.clone(),
            messages,
            rows,
            leaves,
            columns: Vec::new(),
            places: Vec::new(),
        };
        table.look_at_lists()?;
        table.name_columns();
        let found = table.columns.len();
        if found > MAX_COLUMNS {
            let (found, limit) = (found as u64, MAX_COLUMNS as u64);
            return Err(LoadError::TooManyColumns { path: input.path().into(), found, limit });
        }
        Ok(table)
    }

    /// Finds out how long lists are, from the first rows.
    fn look_at_lists(&mut self) -> Result<(), LoadError> {
        let unknown: Vec<usize> = (0..self.leaves.len())
            .filter(|k| self.leaves[*k].shape == Shape::UnknownList)
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut lists = vec![Lists::default(); unknown.len()];
        let roots = self.roots(unknown.iter().copied());
        self.batches(&roots, &unknown, &mut |batch, _| {
            for (k, lists) in unknown.iter().zip(&mut lists) {
                let leaf = &self.leaves[*k];
                let Some(array) = column(batch, &roots, leaf) else { continue };
                let (mut row, rows) = (0, batch.num_rows());
                while row < rows && lists.left() > 0 {
                    let end = rows.min(row + 256);
                    lists.absorb(values::lengths(array.as_ref(), leaf, row..end));
                    row = end;
                }
            }
            let is_done = lists.iter().all(|lists| lists.left() == 0);
            Ok(if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        for (k, lists) in unknown.into_iter().zip(lists) {
            self.leaves[k].shape = match lists.length() {
                Ok(length) => Shape::List(length),
                Err((row, found)) => Shape::Other { row, found },
            };
        }
        Ok(())
    }

    fn name_columns(&mut self) {
        let mut cells = Vec::new();
        for (k, leaf) in self.leaves.iter().enumerate() {
            let name = names::shortened(leaf.name.as_bytes());
            match leaf.shape {
                Shape::List(length) if length > 0 && length <= MAX_COLUMNS => {
                    cells.extend(
                        (0..length).map(|item| (format!("{name}_{}", item + 1), (k, item))),
                    );
                }
                _ => cells.push((name, (k, 0))),
            }
        }
        let (cells, places): (Vec<String>, Vec<(usize, usize)>) = cells.into_iter().unzip();
        self.columns = names::unique(cells.into_iter())
            .into_iter()
            .zip(&places)
            .map(|((name, unnamed), (k, _))| {
                let list = matches!(self.leaves[*k].shape, Shape::List(_)).then_some(*k);
                Column { unnamed, list, ..of_leaf(name, &self.leaves[*k]) }
            })
            .collect();
        self.places = places;
    }

    /// The fields of the schema that some leaves need, in order.
    fn roots(&self, leaves: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut roots: Vec<usize> = leaves.map(|k| self.leaves[k].root).collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// Hands each batch, of the columns `roots`, which `leaves` need, to `take` with its first row.
    fn batches(
        &self,
        roots: &[usize],
        leaves: &[usize],
        take: &mut TakeBatch<'_>,
    ) -> Result<(), LoadError> {
        let Messages { schema, version, all, .. } = &self.messages;
        let mut decoder =
            FileDecoder::new(Arc::clone(schema), *version).with_projection(roots.to_vec());
        let need_dictionaries = leaves.iter().any(|k| self.leaves[*k].has_dictionary);
        let mut row = 0;
        for place in all {
            let Some(rows) = place.rows else {
                if need_dictionaries {
                    let bytes = self.messages.load(&self.input, place, roots)?;
                    self.guarded(row, || decoder.read_dictionary(&place.block(), &bytes))?;
                }
                continue;
            };
            let batch = self.batch(&decoder, place, roots, row)?;
            if batch.num_rows() as u64 != rows {
                return Err(self.fault(row, "it has another number of rows than it claims"));
            }
            if take(&batch, row)?.is_break() {
                break;
            }
            row += rows;
        }
        Ok(())
    }

    fn batch(
        &self,
        decoder: &FileDecoder,
        place: &Place,
        roots: &[usize],
        row: u64,
    ) -> Result<RecordBatch, LoadError> {
        let bytes = self.messages.load(&self.input, place, roots)?;
        let read = self.guarded(row, || decoder.read_record_batch(&place.block(), &bytes))?;
        read.ok_or_else(|| self.fault(row, "it is empty"))
    }

    /// What the library makes of a message, or that it is broken.
    fn guarded<T>(
        &self,
        row: u64,
        read: impl FnOnce() -> Result<T, arrow_schema::ArrowError>,
    ) -> Result<T, LoadError> {
        match catch_unwind(AssertUnwindSafe(read)) {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(err)) => {
                let text: String = err.to_string().chars().take(200).collect();
                Err(self.fault(row, &sigmascope_core::escape::escaped(&text)))
            }
            Err(_) => Err(self.fault(row, "it makes no sense")),
        }
    }

    fn fault(&self, row: u64, found: &str) -> LoadError {
        let found = format!("the batch from row {row} on: {found}");
        broken(&self.input, found, "columns as the schema describes them")
    }

    /// No values yet of the type that is wanted.
    fn none(&self, want: &Wanted) -> Values {
        match self.columns[want.column].holds {
            _ if want.as_numbers => Values::Numbers(Vec::new()),
            Holds::Numbers | Holds::Nothing => Values::Numbers(Vec::new()),
            Holds::Integers => Values::Integers(Vec::new()),
            Holds::Booleans => Values::Booleans(Vec::new()),
            Holds::Times => Values::Times(Vec::new()),
            Holds::Texts => Values::Texts(Vec::new()),
        }
    }

    /// The values of some rows of a batch.
    fn block(
        &self,
        batch: &RecordBatch,
        roots: &[usize],
        wanted: &[Wanted],
        range: std::ops::Range<usize>,
        row: u64,
    ) -> Result<Vec<Values>, LoadError> {
        let mut columns = Vec::with_capacity(wanted.len());
        for want in wanted {
            let (k, item) = self.places[want.column];
            let leaf = &self.leaves[k];
            let Some(array) = column(batch, roots, leaf) else {
                return Err(self.fault(row, "it lacks a column"));
            };
            let mut values = self.none(want);
            let added = catch_unwind(AssertUnwindSafe(|| {
                values::add(&mut values, array.as_ref(), leaf, item, range.clone())
            }));
            match added {
                Ok(Ok(())) => columns.push(values),
                Ok(Err(wrong)) => {
                    let length = if let Shape::List(length) = leaf.shape { length } else { 0 };
                    let row = row + (range.start + wrong.row) as u64;
                    return Err(unequal(self.input.path(), &leaf.name, row, wrong.found, length));
                }
                Err(_) => return Err(self.fault(row, "it makes no sense")),
            }
        }
        Ok(columns)
    }
}

impl Table for Arrow {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let Messages { packed, is_stream, .. } = &self.messages;
        let what = if *is_stream { "Arrow stream" } else { "Arrow file" };
        let is_likely = self.rows <= self.input.size().saturating_mul(8);
        Facts {
            format: format!("{what}, {packed}"),
            kind: "an Arrow file",
            rows: is_likely.then_some(self.rows),
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
        let leaves: Vec<usize> = wanted.iter().map(|want| self.places[want.column].0).collect();
        let roots = self.roots(leaves.iter().copied());
        let most = ((1 << 20) / wanted.len().max(1)).clamp(64, ROWS);
        if self.rows == 0 && observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
            return Err(LoadError::Cancelled);
        }
        self.batches(&roots, &leaves, &mut |batch, row| {
            let mut start = 0;
            while start < batch.num_rows() {
                let fraction = (row + start as u64) as f64 / self.rows.max(1) as f64;
                if observer.checkpoint(Progress { fraction }).is_break() {
                    return Err(LoadError::Cancelled);
                }
                let end = batch.num_rows().min(start + most);
                let columns = self.block(batch, &roots, wanted, start..end, row)?;
                let block = Block { columns, rows: end - start, bad_rows: Vec::new() };
                if take(block)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                start = end;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    fn describe(&mut self, observer: &mut dyn Observer) -> Result<Vec<ColumnSummary>, LoadError> {
        let mut summaries: Vec<ColumnSummary> =
            self.columns.iter().map(ColumnSummary::of).collect();
        let (mut plain, mut lists) = (Vec::new(), Vec::new());
        for (column, of) in self.columns.iter().enumerate() {
            let want = Wanted { column, as_numbers: of.kind == Kind::Numbers };
            match self.leaves[self.places[column].0].shape {
                Shape::Single => plain.push(want),
                Shape::List(_) => lists.push(want),
                _ => summaries[column].missing = None,
            }
        }
        for wanted in [plain, lists] {
            if wanted.is_empty() {
                continue;
            }
            let read = self.read(&wanted, observer, &mut |block| {
                for (want, values) in wanted.iter().zip(&block.columns) {
                    summaries[want.column].absorb(values);
                }
                Ok(ControlFlow::Continue(()))
            });
            match read {
                // Lists that are found to differ are no reason to tell nothing.
                Ok(()) | Err(LoadError::Content { .. }) => {}
                Err(err) => return Err(err),
            }
        }
        Ok(summaries)
    }
}

/// The array of a leaf's field in a batch of the columns `roots`.
fn column<'a>(
    batch: &'a RecordBatch,
    roots: &[usize],
    leaf: &Leaf,
) -> Option<&'a arrow_array::ArrayRef> {
    batch.columns().get(roots.binary_search(&leaf.root).ok()?)
}

fn of_leaf(name: String, leaf: &Leaf) -> Column {
    match &leaf.shape {
        Shape::List(0) => Column::of(name, Holds::Nothing),
        Shape::Other { row, found } => Column {
            kind: Kind::Text,
            text: Some(TextCell { place: format!("row {row}"), cell: found.clone() }),
            ..Column::of(name, Holds::Texts)
        },
        _ => Column::of(name, leaf.holds),
    }
}

/// That the file breaks the rules of the format.
fn broken(input: &Input, found: String, expected: &str) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "Arrow",
        found,
        expected: expected.to_owned(),
        remedy: "copy or write it again".to_owned(),
    }
}

/// That the file is sound, but not read.
fn content(input: &Input, found: &str, expected: &str, remedy: &str) -> LoadError {
    LoadError::Content {
        path: input.path().into(),
        found: found.to_owned(),
        expected: expected.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// That there is no memory for a batch of so many bytes.
fn no_memory(input: &Input, size: u64) -> LoadError {
    LoadError::TooLarge {
        path: input.path().into(),
        what: "a batch of rows has".to_owned(),
        found: size,
        budget: sigmascope_core::memory::spare_memory().unwrap_or(0),
    }
}
