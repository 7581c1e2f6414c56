//! `VOTable` files: the first table with rows, or the one that is named: `catalogue.vot:objects`.
//!
//! ```text
//!   VOTABLE / RESOURCE / TABLE / FIELD …                  the columns
//!                              / DATA / TABLEDATA / TR / TD       rows in text
//!                                     / BINARY | BINARY2 / STREAM rows in bytes, in base64
//! ```
//!
//! The document is read to its end once, for only that shows that it is whole; the rows are then read from
//! their place on, in constant memory.

mod bytes;
mod document;
mod field;
mod text;

use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::read::DecoderReader;

use self::document::{Data, Found, Letters, reader, tables};
use self::field::{Item, Part};
use super::columns::{Column, Holds};
use super::error::LoadError;
use super::format::Beginning;
use super::input::Input;
use super::table::{
    Bad, BadRow, Block, Facts, MISSING, NOT_A_NUMBER, Table, Take, Values, WRONG_LENGTH, Wanted,
};
use super::wording::{listed, said, shortened};
use sigmascope_core::engine::{Observer, Progress};

/// The share of the work of loading that reading the document for its tables is.
const OPENED: f64 = 0.4;
/// Values of a block, in all its columns.
const VALUES: usize = 1 << 16;
/// Rows of a block at most.
const ROWS: usize = 1 << 13;
/// Rows that cannot be read are told one by one up to this many.
const MOST_BAD: usize = 5;

/// Base64 with or without signs that fill up its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether a file is a `VOTable` by its first bytes.
pub(super) fn is_it(file: &Beginning<'_>) -> bool {
    let text = file.text();
    text.starts_with(b"<")
        && (memchr::memmem::find(text, b"<VOTABLE").is_some()
            || memchr::memmem::find(text, b":VOTABLE").is_some())
}

/// That the file breaks the rules of its format.
fn broken(input: &Input, found: String, expected: &str) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "VOTable",
        found: said(found),
        expected: expected.to_owned(),
        remedy: "copy it again, or write it again, such as with astropy: \
                 table.write('points.vot', format='votable')"
            .to_owned(),
    }
}

/// A table in a `VOTable` that is open.
pub(super) struct VoTable {
    input: Input,
    table: Found,
    columns: Vec<Column>,
    parts: Vec<Part>,
    notes: Vec<String>,
}

impl VoTable {
    /// The table that is named, or the first with rows.
    ///
    /// # Errors
    /// When there is none, the document is broken or cut short, or the observer ended the work.
    pub(super) fn open(input: &Input, observer: &mut dyn Observer) -> Result<Self, LoadError> {
        let tables = tables(input, OPENED, observer)?;
        let names: Vec<String> = tables
            .iter()
            .enumerate()
            .map(
                |(k, table)| {
                    if table.name.is_empty() { (k + 1).to_string() } else { table.name.clone() }
                },
            )
            .collect();
        let content = |found: String, expected: &str, remedy: String| LoadError::Content {
            path: input.path().into(),
            found,
            expected: expected.to_owned(),
            remedy,
        };
        let wish = input.part().map(str::to_lowercase);
        let chosen = match &wish {
            Some(wish) => {
                names.iter().position(|name| name.to_lowercase() == *wish).or_else(|| {
                    let number: usize = wish.parse().ok()?;
                    (1..=names.len()).contains(&number).then(|| number - 1)
                })
            }
            None => {
                tables.iter().position(|table| !matches!(table.data, Data::None | Data::Rows(0)))
            }
        };
        let Some(chosen) = chosen else {
            return Err(match input.part() {
                Some(part) => content(
                    format!("no table '{}'", shortened(part.as_bytes())),
                    &format!("one of its tables: {}", listed(names.iter().map(String::as_str))),
                    "name one of them behind the colon".to_owned(),
                ),
                None => LoadError::Empty {
                    path: input.path().into(),
                    found: "the document has no table with rows".to_owned(),
                },
            });
        };
        let table = tables.into_iter().nth(chosen).ok_or_else(|| {
            content("no table".to_owned(), "a table", "name another file".to_owned())
        })?;
        if let Data::Elsewhere(found, remedy) = table.data {
            return Err(content(found.to_owned(), "rows in the document", remedy.to_owned()));
        }
        let (columns, parts, more) = field::columns(&table.fields);
        if columns.is_empty() {
            return Err(content(
                format!(
                    "no column of single values in the table '{}'",
                    shortened(names[chosen].as_bytes())
                ),
                "columns of numbers",
                "name another table, as FILE:NAME".to_owned(),
            ));
        }
        let mut notes = Vec::new();
        if names.len() > 1 {
            let others = names.iter().enumerate().filter(|(k, _)| *k != chosen);
            notes.push(format!(
                "table '{}' read; there are others: {} (name one as FILE:NAME)",
                shortened(names[chosen].as_bytes()),
                listed(others.map(|(_, name)| name.as_str()))
            ));
        }
        notes.extend(more);
        Ok(Self { input: input.clone(), table, columns, parts, notes })
    }
}

impl Table for VoTable {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let (form, rows) = match self.table.data {
            Data::Bytes { has_mask: true } => ("BINARY2", None),
            Data::Bytes { has_mask: false } => ("BINARY", None),
            Data::Rows(rows) => ("TABLEDATA", Some(rows)),
            _ => ("TABLEDATA", Some(0)),
        };
        Facts {
            format: format!("VOTable, {form}"),
            kind: "a VOTable",
            rows,
            named_columns: true,
            header: true,
            done: OPENED,
            notes: self.notes.clone(),
            ..Facts::default()
        }
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let mut blocks = Blocks::new(&self.columns, wanted, observer, take);
        match self.table.data {
            Data::Bytes { has_mask } => self.read_bytes(has_mask, wanted, &mut blocks),
            Data::Rows(rows) => self.read_text(rows, wanted, &mut blocks),
            _ => Ok(()),
        }
    }
}

impl VoTable {
    fn read_text(
        &self,
        rows: u64,
        wanted: &[Wanted],
        blocks: &mut Blocks<'_, '_>,
    ) -> Result<(), LoadError> {
        let fields = &self.table.fields;
        let mut xml = reader(&self.input, self.table.start);
        xml.config_mut().allow_unmatched_ends = true;
        let mut text = text::Rows { xml, input: &self.input, buffer: Vec::new() };
        let mut is_wanted = vec![false; fields.len()];
        for want in wanted {
            is_wanted[self.parts[want.column].field] = true;
        }
        let mut cells = vec![String::new(); fields.len()];
        let mut done = 0;
        while let Some(count) = text.next(&is_wanted, &mut cells)? {
            let is_whole = count == fields.len();
            if !is_whole {
                blocks.bad(Bad::Length { found: count, expected: fields.len() });
            }
            for (k, want) in wanted.iter().enumerate() {
                let Part { field, at } = self.parts[want.column];
                if !is_whole {
                    blocks.push_wrong_length(k);
                    continue;
                }
                let of = &fields[field];
                let cell = &cells[field];
                blocks.push(
                    k,
                    if of.width() > 1 {
                        cell.split_whitespace().nth(at).map_or(Item::Missing, |word| of.item(word))
                    } else {
                        of.item(cell)
                    },
                );
            }
            done += 1;
            let fraction = done as f64 / rows.max(1) as f64;
            if blocks.end_row(fraction)? {
                return Ok(());
            }
        }
        blocks.finish()
    }

    fn read_bytes(
        &self,
        has_mask: bool,
        wanted: &[Wanted],
        blocks: &mut Blocks<'_, '_>,
    ) -> Result<(), LoadError> {
        let start = self.table.start;
        let size = self.input.size();
        let section = self.input.section(start, size.saturating_sub(start));
        let letters = Letters { text: std::io::BufReader::with_capacity(1 << 16, section) };
        let bytes = std::io::BufReader::new(DecoderReader::new(letters, &BASE64));
        // In the order in which they stand in a row.
        let mut order: Vec<usize> = (0..wanted.len()).collect();
        order.sort_by_key(|k| wanted[*k].column);
        let parts = order.iter().map(|k| self.parts[wanted[*k].column]).collect();
        let mut rows = bytes::Rows { bytes, fields: &self.table.fields, has_mask, wanted: parts };
        let (mut items, mut done) = (Vec::new(), 0_u64);
        let wrong = |done: u64, err: std::io::Error| {
            let found = format!("row {done} of the stream cannot be read ({err})");
            broken(&self.input, found, "whole rows in base64; the file may be cut short")
        };
        while rows.next(&mut items).map_err(|err| wrong(done, err))? {
            for (k, item) in order.iter().zip(items.drain(..)) {
                blocks.push(*k, item);
            }
            done += 1;
            // How many there are is not told.
            let fraction = 1.0 - 1.0 / (1.0 + done as f64 / 1e5);
            if blocks.end_row(fraction)? {
                return Ok(());
            }
        }
        blocks.finish()
    }
}

/// The blocks of rows that are handed on.
struct Blocks<'a, 'b> {
    columns: &'a [Column],
    wanted: &'a [Wanted],
    observer: &'a mut dyn Observer,
    take: &'a mut Take<'b>,
    values: Vec<Values>,
    rows: usize,
    row: u64,
    bad_rows: Vec<BadRow>,
    bad: usize,
    is_asked: bool,
}

impl<'a, 'b> Blocks<'a, 'b> {
    fn new(
        columns: &'a [Column],
        wanted: &'a [Wanted],
        observer: &'a mut dyn Observer,
        take: &'a mut Take<'b>,
    ) -> Self {
        let values = empty(columns, wanted);
        let (bad_rows, bad, rows, row) = (Vec::new(), 0, 0, 0);
        Self { columns, wanted, observer, take, values, rows, row, bad_rows, bad, is_asked: false }
    }

    /// Tells what is wrong with the row, once.
    fn bad(&mut self, what: Bad) {
        let place = format!("row {}", self.row);
        if self.bad < MOST_BAD && self.bad_rows.last().is_none_or(|last| last.place != place) {
            self.bad_rows.push(BadRow { place, what });
            self.bad += 1;
        }
    }

    fn push_wrong_length(&mut self, k: usize) {
        match &mut self.values[k] {
            Values::Numbers(values) => values.push(WRONG_LENGTH),
            _ => self.push(k, Item::Missing),
        }
    }

    fn push(&mut self, k: usize, item: Item) {
        if let (Item::Wrong(cell), true) = (&item, self.wanted[k].as_numbers) {
            let column = shortened(self.columns[self.wanted[k].column].name.as_bytes());
            self.bad(Bad::Cell { column, cell: shortened(cell.as_bytes()) });
        }
        let is_time = self.columns[self.wanted[k].column].holds == Holds::Times;
        match &mut self.values[k] {
            Values::Numbers(values) => values.push(match item {
                Item::Missing => MISSING,
                Item::Wrong(_) | Item::Text(_) => NOT_A_NUMBER,
                Item::Number(value) => value,
                Item::Integer(micros) if is_time => micros as f64 * 1e-6,
                Item::Integer(value) => value as f64,
                Item::Truth(truth) => f64::from(u8::from(truth)),
            }),
            Values::Integers(values) | Values::Times(values) => values.push(match item {
                Item::Integer(value) => Some(value),
                _ => None,
            }),
            Values::Booleans(values) => values.push(match item {
                Item::Truth(truth) => Some(truth),
                _ => None,
            }),
            Values::Texts(values) => values.push(match item {
                Item::Text(text) => Some(text),
                _ => None,
            }),
        }
    }

    /// Hands on a block where one is full; tells whether that is enough.
    fn end_row(&mut self, fraction: f64) -> Result<bool, LoadError> {
        self.rows += 1;
        self.row += 1;
        if self.rows < (VALUES / self.wanted.len().max(1)).clamp(1, ROWS) {
            return Ok(false);
        }
        self.hand_on(fraction)
    }

    fn hand_on(&mut self, fraction: f64) -> Result<bool, LoadError> {
        self.is_asked = true;
        if self.observer.checkpoint(Progress { fraction: fraction.min(1.0) }).is_break() {
            return Err(LoadError::Cancelled);
        }
        let columns = std::mem::replace(&mut self.values, empty(self.columns, self.wanted));
        let rows = std::mem::take(&mut self.rows);
        let bad_rows = std::mem::take(&mut self.bad_rows);
        Ok((self.take)(Block { columns, rows, bad_rows })?.is_break())
    }

    fn finish(&mut self) -> Result<(), LoadError> {
        if self.rows > 0 || !self.is_asked {
            self.hand_on(1.0)?;
        }
        Ok(())
    }
}

fn empty(columns: &[Column], wanted: &[Wanted]) -> Vec<Values> {
    let of = |want: &Wanted| match columns[want.column].holds {
        _ if want.as_numbers => Values::Numbers(Vec::new()),
        Holds::Numbers => Values::Numbers(Vec::new()),
        Holds::Integers => Values::Integers(Vec::new()),
        Holds::Booleans => Values::Booleans(Vec::new()),
        Holds::Times => Values::Times(Vec::new()),
        Holds::Texts | Holds::Nothing => Values::Texts(Vec::new()),
    };
    wanted.iter().map(of).collect()
}
