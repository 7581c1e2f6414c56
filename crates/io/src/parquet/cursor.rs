//! One stored column, read from its first row on, some rows at a time, through all groups of rows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType;

use super::super::columns::Holds;
use super::super::error::LoadError;
use super::super::lists::unequal;
use super::super::table::{MISSING, NOT_A_NUMBER, Values};
use super::super::wording::shortened;
use super::meaning::{Meaning, Stored};
use super::pages::Pages;
use super::schema::{Leaf, Shape};
use super::{Content, broken, words};

/// Where the library stopped reading rows.
type Fault = String;

/// What of a stored column is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Which of the values of a list, from 0.
    pub(super) item: usize,
    /// Whether it becomes numbers, whatever it is.
    pub(super) as_numbers: bool,
}

/// A place in a stored column.
pub(super) struct Cursor<'a> {
    content: &'a Content,
    leaf: &'a Leaf,
    /// The group of rows after the present one.
    next_group: usize,
    reader: Option<ColumnReader>,
    /// Rows that are left in the group.
    left: u64,
    /// Rows read so far.
    row: u64,
}

/// Some rows as they are stored.
struct Rows<T> {
    /// The values that are there.
    values: Vec<T>,
    /// For each value, missing or not, how much of it is there: all of it if this is the highest level.
    present: Vec<i16>,
    /// For each value of lists, 0 where a row begins.
    begins: Vec<i16>,
    /// Number of rows.
    count: usize,
}

impl<'a> Cursor<'a> {
    /// In front of the first row.
    pub(super) fn new(content: &'a Content, leaf: &'a Leaf) -> Self {
        Self { content, leaf, next_group: 0, reader: None, left: 0, row: 0 }
    }

    /// The next `rows` rows, which there are: the values of each part.
    ///
    /// # Errors
    /// When the file is broken, or lists have not one length.
    pub(super) fn read(&mut self, rows: usize, parts: &[Part]) -> Result<Vec<Values>, LoadError> {
        let mut found: Vec<Values> =
            parts.iter().map(|part| self.none(part.as_numbers, rows)).collect();
        let mut left = rows;
        while left > 0 {
            let read = self.some(left, |cursor, stored| cursor.add(stored, parts, &mut found))?;
            left -= read;
        }
        Ok(found)
    }

    /// The number of values of each list among the next rows, at most `rows` of one group; `None` for a
    /// row without a list.
    ///
    /// # Errors
    /// When the file is broken.
    pub(super) fn lengths(&mut self, rows: usize) -> Result<Vec<Option<usize>>, LoadError> {
        let mut lengths = Vec::new();
        self.some(rows, |cursor, stored| {
            lengths =
                cursor.lists(stored).into_iter().map(|list| list.map(|list| list.1)).collect();
            Ok(())
        })?;
        Ok(lengths)
    }

    /// No values yet of the type that is wanted.
    fn none(&self, as_numbers: bool, rows: usize) -> Values {
        match self.leaf.meaning.holds() {
            _ if as_numbers => Values::Numbers(Vec::with_capacity(rows)),
            Holds::Numbers | Holds::Nothing => Values::Numbers(Vec::with_capacity(rows)),
            Holds::Integers => Values::Integers(Vec::with_capacity(rows)),
            Holds::Booleans => Values::Booleans(Vec::with_capacity(rows)),
            Holds::Times => Values::Times(Vec::with_capacity(rows)),
            Holds::Texts => Values::Texts(Vec::with_capacity(rows)),
        }
    }

    /// Hands the next rows of a group, at most `rows`, to `take`; returns how many they are.
    fn some(
        &mut self,
        rows: usize,
        mut take: impl FnMut(&Self, AnyRows<'_>) -> Result<(), LoadError>,
    ) -> Result<usize, LoadError> {
        while self.left == 0 {
            self.open_group()?;
        }
        let asked = rows.min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let Some(mut reader) = self.reader.take() else {
            return Err(self.fault("no rows where there should be some"));
        };
        macro_rules! with {
            ($reader:expr, $any:ident) => {{
                let mut stored = self.stored($reader, asked)?;
                take(self, AnyRows::$any(&mut stored))?;
                stored.count
            }};
        }
        let count = match &mut reader {
            ColumnReader::BoolColumnReader(reader) => with!(reader, Truths),
            ColumnReader::Int32ColumnReader(reader) => with!(reader, Small),
            ColumnReader::Int64ColumnReader(reader) => with!(reader, Large),
            ColumnReader::Int96ColumnReader(reader) => with!(reader, Moments),
            ColumnReader::FloatColumnReader(reader) => with!(reader, Singles),
            ColumnReader::DoubleColumnReader(reader) => with!(reader, Doubles),
            ColumnReader::ByteArrayColumnReader(reader) => with!(reader, Bytes),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => with!(reader, Fixed),
        };
        self.reader = Some(reader);
        self.left -= count as u64;
        self.row += count as u64;
        Ok(count)
    }

    /// Goes on to the next group of rows.
    fn open_group(&mut self) -> Result<(), LoadError> {
        let Content { input, metadata, .. } = self.content;
        let Some(group) = metadata.row_groups().get(self.next_group) else {
            return Err(self.fault("the rows end"));
        };
        self.next_group += 1;
        self.left = u64::try_from(group.num_rows()).unwrap_or(0);
        let column = group.column(self.leaf.position);
        let (start, end) = self.content.stretch(column)?;
        let pages = Pages::new(input, &self.content.held, column, start, end);
        self.reader = Some(get_column_reader(column.column_descr_ptr(), Box::new(pages)));
        Ok(())
    }

    /// So many rows as they are stored.
    fn stored<T: DataType>(
        &self,
        reader: &mut ColumnReaderImpl<T>,
        asked: usize,
    ) -> Result<Rows<T::T>, LoadError> {
        let mut rows =
            Rows { values: Vec::new(), present: Vec::new(), begins: Vec::new(), count: 0 };
        let read = catch_unwind(AssertUnwindSafe(|| {
            reader.read_records(
                asked,
                Some(&mut rows.present),
                Some(&mut rows.begins),
                &mut rows.values,
            )
        }));
        let count: Result<usize, Fault> = match read {
            Ok(Ok((count, ..))) => Ok(count),
            Ok(Err(err)) => Err(words(&err)),
            Err(_) => Err("a page makes no sense".to_owned()),
        };
        match count {
            Ok(count) if count == asked => {
                rows.count = count;
                Ok(rows)
            }
            Ok(count) => Err(self.fault(&format!(
                "there are {} rows in group {} where it claims {}",
                self.row_in_group() + count as u64,
                self.next_group,
                self.row_in_group() + self.left
            ))),
            Err(fault) => Err(self.fault(&fault)),
        }
    }

    /// Rows of the group that are read.
    fn row_in_group(&self) -> u64 {
        let groups = self.content.metadata.row_groups();
        let rows = self.next_group.checked_sub(1).and_then(|group| groups.get(group));
        rows.map_or(0, |group| (group.num_rows() as u64).saturating_sub(self.left))
    }

    /// Adds rows to the values of each part.
    fn add(
        &self,
        stored: AnyRows<'_>,
        parts: &[Part],
        found: &mut [Values],
    ) -> Result<(), LoadError> {
        macro_rules! each {
            ($rows:expr) => {
                self.add_each($rows, parts, found)
            };
        }
        match stored {
            AnyRows::Truths(rows) => each!(rows),
            AnyRows::Small(rows) => each!(rows),
            AnyRows::Large(rows) => each!(rows),
            AnyRows::Moments(rows) => each!(rows),
            AnyRows::Singles(rows) => each!(rows),
            AnyRows::Doubles(rows) => each!(rows),
            AnyRows::Bytes(rows) => each!(rows),
            AnyRows::Fixed(rows) => each!(rows),
        }
    }

    fn add_each<T: Stored>(
        &self,
        rows: &mut Rows<T>,
        parts: &[Part],
        found: &mut [Values],
    ) -> Result<(), LoadError> {
        let meaning = self.leaf.meaning;
        match &self.leaf.shape {
            Shape::Single => {
                let highest = self.leaf.stored.max_def_level();
                let is_whole = highest == 0 || rows.values.len() == rows.count;
                if is_whole
                    && let [Values::Numbers(into)] = found
                    && into.is_empty()
                    && let Some(plain) = T::plain(&mut rows.values)
                {
                    *into = plain;
                    return Ok(());
                }
                for into in found {
                    if is_whole {
                        extend(into, meaning, rows.values.iter().map(Some));
                    } else {
                        let mut values = rows.values.iter();
                        let cells = rows
                            .present
                            .iter()
                            .map(move |level| if *level == highest { values.next() } else { None });
                        extend(into, meaning, cells);
                    }
                }
            }
            Shape::List(length) => self.add_lists(rows, *length, parts, found)?,
            Shape::Other { .. } => {
                for into in found {
                    extend(into, meaning, (0..rows.count).map(|_| None::<&T>));
                }
            }
        }
        Ok(())
    }

    fn add_lists<T: Stored>(
        &self,
        rows: &Rows<T>,
        length: usize,
        parts: &[Part],
        found: &mut [Values],
    ) -> Result<(), LoadError> {
        let lists = lists(&rows.present, &rows.begins, self.leaf);
        let wrong = lists.iter().position(|list| list.is_some_and(|(_, found)| found != length));
        if let Some(wrong) = wrong {
            let count = lists[wrong].map_or(0, |list| list.1);
            let path = self.content.input.path();
            let row = self.row + wrong as u64;
            return Err(unequal(path, &self.leaf.name, row, count, length));
        }
        let highest = self.leaf.stored.max_def_level();
        let is_whole = rows.values.len() == rows.count * length;
        let mut places = Vec::new();
        if !is_whole {
            let mut place = 0;
            places.extend(rows.present.iter().map(|level| {
                let is_there = *level == highest;
                place += usize::from(is_there);
                is_there.then(|| place - 1)
            }));
        }
        for (part, into) in parts.iter().zip(found) {
            if is_whole {
                let cells = (0..rows.count).map(|row| rows.values.get(row * length + part.item));
                extend(into, self.leaf.meaning, cells);
            } else {
                let cells = lists.iter().map(|list| {
                    let (start, count) = (*list)?;
                    let place = places.get(start + part.item).copied().flatten();
                    place.filter(|_| part.item < count).and_then(|place| rows.values.get(place))
                });
                extend(into, self.leaf.meaning, cells);
            }
        }
        Ok(())
    }

    fn lists(&self, stored: AnyRows<'_>) -> Vec<Option<(usize, usize)>> {
        let (present, begins) = match stored {
            AnyRows::Truths(rows) => (&rows.present, &rows.begins),
            AnyRows::Small(rows) => (&rows.present, &rows.begins),
            AnyRows::Large(rows) => (&rows.present, &rows.begins),
            AnyRows::Moments(rows) => (&rows.present, &rows.begins),
            AnyRows::Singles(rows) => (&rows.present, &rows.begins),
            AnyRows::Doubles(rows) => (&rows.present, &rows.begins),
            AnyRows::Bytes(rows) => (&rows.present, &rows.begins),
            AnyRows::Fixed(rows) => (&rows.present, &rows.begins),
        };
        lists(present, begins, self.leaf)
    }

    /// That the file is broken in this column.
    fn fault(&self, found: &str) -> LoadError {
        let column = shortened(self.leaf.name.as_bytes());
        let found = format!("column '{column}', from row {} on: {found}", self.row);
        broken(&self.content.input, found, "pages of values as the end of the file describes them")
    }
}

/// For each row where its list begins among the levels, and its length; `None` for a row without a list.
fn lists(present: &[i16], begins: &[i16], leaf: &Leaf) -> Vec<Option<(usize, usize)>> {
    let inside = leaf.stored.repeated_ancestor_def_level();
    let mut lists = Vec::new();
    for (place, (level, begin)) in present.iter().zip(begins).enumerate() {
        let is_item = *level >= inside;
        if *begin == 0 {
            // One level less than an item has is that of a list without any.
            let is_list = *level >= inside - 1;
            lists.push(is_list.then_some((place, usize::from(is_item))));
        } else if let Some(Some((_, length))) = lists.last_mut() {
            *length += 1;
        }
    }
    lists
}

/// Adds values, in the type that `into` has.
fn extend<'v, T: Stored + 'v>(
    into: &mut Values,
    meaning: Meaning,
    cells: impl Iterator<Item = Option<&'v T>> + Clone,
) {
    let is_too_large = |cell: Option<&T>| cell.is_some_and(|value| value.whole(meaning).is_none());
    if meaning == Meaning::Unsigned
        && let Values::Integers(whole) = &*into
        && cells.clone().any(is_too_large)
    {
        let or_missing = |value: &Option<i64>| value.map_or(MISSING, |value| value as f64);
        *into = Values::Numbers(whole.iter().map(or_missing).collect());
    }
    match into {
        Values::Numbers(numbers) => numbers.extend(cells.map(|cell| match cell {
            None => MISSING,
            Some(value) => value.number(meaning).unwrap_or(NOT_A_NUMBER),
        })),
        Values::Integers(whole) | Values::Times(whole) => {
            whole.extend(cells.map(|cell| cell.and_then(|value| value.whole(meaning))));
        }
        Values::Booleans(truths) => truths.extend(
            cells.map(|cell| cell.and_then(|value| value.whole(meaning)).map(|value| value != 0)),
        ),
        Values::Texts(texts) => {
            texts.extend(cells.map(|cell| cell.and_then(|value| value.text(meaning))));
        }
    }
}

/// Rows of any of the stored types.
enum AnyRows<'r> {
    Truths(&'r mut Rows<bool>),
    Small(&'r mut Rows<i32>),
    Large(&'r mut Rows<i64>),
    Moments(&'r mut Rows<parquet::data_type::Int96>),
    Singles(&'r mut Rows<f32>),
    Doubles(&'r mut Rows<f64>),
    Bytes(&'r mut Rows<parquet::data_type::ByteArray>),
    Fixed(&'r mut Rows<parquet::data_type::FixedLenByteArray>),
}
