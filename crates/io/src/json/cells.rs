//! Cells of records: which columns there are and what they hold, and their values row by row.

use std::collections::HashMap;

use super::tokens::{Event, Tokens};
use crate::columns::{Column, Holds, Kind, MAX_COLUMNS, TextCell};
use crate::error::LoadError;
use crate::input::Input;
use crate::names;
use crate::table::{Bad, BadRow, Block, MISSING, NOT_A_NUMBER, Values, Wanted};
use crate::wording::{listed, shortened};

/// The longest array in a record of which each value is a column.
const LONGEST_ARRAY: usize = 4096;

/// One value of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(&'a str),
    /// Objects or arrays, deeper than columns go.
    Deep,
}

impl<'a> Cell<'a> {
    /// The value that `event` tells; what has parts is passed over.
    pub(super) fn read(event: Event, tokens: &'a mut Tokens) -> Result<Self, LoadError> {
        Ok(match event {
            Event::Bool(value) => Self::Bool(value),
            Event::Integer(value) => Self::Integer(value),
            Event::Number(value) => Self::Number(value),
            Event::Text => Self::Text(tokens.text()),
            Event::ObjectStart | Event::ArrayStart => {
                tokens.skip(event)?;
                Self::Deep
            }
            _ => Self::Null,
        })
    }
}

/// Takes the cells of a record with the names of their columns.
pub(super) type Sink<'a> = dyn FnMut(&str, Cell<'_>) -> Result<(), LoadError> + 'a;

/// Hands on the cells of an object whose beginning was read: `a`, `a.b` of an object in it, `a_1`, `a_2` of
/// an array in it.
pub(super) fn object(tokens: &mut Tokens, sink: &mut Sink<'_>) -> Result<(), LoadError> {
    let mut name = String::new();
    while tokens.next()? == Event::Key {
        name.clear();
        name.push_str(tokens.text());
        let event = tokens.next()?;
        let outer = name.len();
        match event {
            Event::ObjectStart => {
                while tokens.next()? == Event::Key {
                    name.truncate(outer);
                    name.push('.');
                    name.push_str(tokens.text());
                    let event = tokens.next()?;
                    sink(&name, Cell::read(event, tokens)?)?;
                }
            }
            Event::ArrayStart => array(tokens, &mut name, &mut |name, cell| sink(name, cell))?,
            event => sink(&name, Cell::read(event, tokens)?)?,
        }
    }
    Ok(())
}

/// Hands on the values of an array whose beginning was read, as `name_1`, `name_2`, …; one that holds more
/// than plain values is too deep.
fn array(tokens: &mut Tokens, name: &mut String, sink: &mut Sink<'_>) -> Result<(), LoadError> {
    use std::fmt::Write;
    let outer = name.len();
    let mut count = 0_usize;
    loop {
        let event = tokens.next()?;
        if event == Event::ArrayEnd {
            return Ok(());
        }
        name.truncate(outer);
        count += 1;
        if event.is_start() || count > LONGEST_ARRAY {
            tokens.skip(event)?;
            sink(name, Cell::Deep)?;
            continue;
        }
        // Writing to a string does not fail.
        let _ = write!(name, "_{count}");
        sink(name, Cell::read(event, tokens)?)?;
    }
}

/// What was seen of a column.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: String,
    numbers: u64,
    integers: u64,
    truths: u64,
    texts: u64,
    first_text: Option<TextCell>,
    is_deep: bool,
    run: Run,
}

/// What the numbers of a column tell about it.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    first: Option<f64>,
    last: Option<f64>,
    count: u64,
    varies: bool,
    /// Whether a number was not the one before it plus one.
    is_broken: bool,
}

impl Run {
    fn absorb(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        let next = self.last.map_or(value, |last| last + 1.0);
        self.is_broken |= value.fract() != 0.0 || next.total_cmp(&value).is_ne();
        self.varies |= self.first.is_some_and(|first| first.total_cmp(&value).is_ne());
        self.first = self.first.or(Some(value));
        self.last = Some(value);
        self.count += 1;
    }

    /// Whether the numbers count the rows; two count only as programs do.
    fn counts_rows(&self) -> bool {
        let starts_low = self.first.is_some_and(|first| (0.0..=1.0).contains(&first));
        !self.is_broken && (self.count > 2 || self.count == 2 && starts_low)
    }
}

/// The columns found so far, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    places: HashMap<String, usize>,
    seen: Vec<Seen>,
}

impl Survey {
    /// Takes in a cell of a row, from 0.
    ///
    /// # Errors
    /// When there are too many columns by now.
    pub(super) fn absorb(
        &mut self,
        input: &Input,
        row: u64,
        name: &str,
        cell: Cell<'_>,
    ) -> Result<(), LoadError> {
        let place = match self.places.get(name) {
            Some(&place) => place,
            None => self.add(input, name)?,
        };
        let seen = &mut self.seen[place];
        match cell {
            Cell::Null => {}
            Cell::Bool(value) => {
                seen.truths += 1;
                seen.run.absorb(f64::from(u8::from(value)));
            }
            Cell::Number(value) => {
                seen.numbers += 1;
                seen.run.absorb(value);
            }
            Cell::Integer(value) => {
                seen.numbers += 1;
                seen.integers += 1;
                seen.run.absorb(value as f64);
            }
            Cell::Text(text) => {
                seen.texts += 1;
                if seen.first_text.is_none() {
                    let cell = shortened(text.as_bytes());
                    seen.first_text = Some(TextCell { place: format!("row {row}"), cell });
                }
            }
            Cell::Deep => seen.is_deep = true,
        }
        Ok(())
    }

    /// Adds a column.
    pub(super) fn add(&mut self, input: &Input, name: &str) -> Result<usize, LoadError> {
        let place = self.seen.len();
        if place == MAX_COLUMNS {
            return Err(LoadError::TooManyColumns {
                path: input.path().into(),
                found: place as u64 + 1,
                limit: MAX_COLUMNS as u64,
            });
        }
        self.places.insert(name.to_owned(), place);
        self.seen.push(Seen { name: name.to_owned(), ..Seen::default() });
        Ok(place)
    }

    /// Takes a column away again.
    pub(super) fn remove(&mut self, place: usize) {
        self.seen.remove(place);
    }

    /// The columns, where each name leads, and what there is to say.
    pub(super) fn finish(self) -> Columns {
        let is_deep = |seen: &Seen| seen.is_deep && seen.numbers + seen.truths + seen.texts == 0;
        let (deep, kept): (Vec<Seen>, Vec<Seen>) = self.seen.into_iter().partition(is_deep);
        let unique = names::unique(kept.iter().map(|seen| names::shortened(seen.name.as_bytes())));
        let mut places = HashMap::new();
        let mut columns = Vec::new();
        for (k, (seen, (name, unnamed))) in kept.into_iter().zip(unique).enumerate() {
            places.insert(seen.name.clone(), k);
            columns.push(Column { unnamed, ..seen.column(name) });
        }
        let notes = if deep.is_empty() {
            Vec::new()
        } else {
            let names = listed(deep.iter().map(|seen| seen.name.as_str()));
            vec![format!("left out, because they hold objects or arrays: {names}")]
        };
        Columns { all: columns, places, notes }
    }
}

impl Seen {
    fn column(self, name: String) -> Column {
        let numbers = self.numbers + self.truths;
        let holds = match (self.numbers, self.truths, self.texts) {
            (0, 0, 0) => Holds::Nothing,
            (0, _, 0) => Holds::Booleans,
            (_, 0, 0) if self.integers == self.numbers => Holds::Integers,
            (_, _, 0) => Holds::Numbers,
            _ => Holds::Texts,
        };
        let column = Column {
            counts_rows: self.run.counts_rows(),
            varies: self.run.varies,
            ..Column::of(name, holds)
        };
        if self.texts == 0 && self.run.count == 0 {
            return Column { kind: Kind::Nothing, ..column };
        }
        if self.texts == 0 {
            return column;
        }
        let kind = if numbers >= self.texts { Kind::MostlyNumbers } else { Kind::Text };
        Column { kind, text: self.first_text, has_text: true, ..column }
    }
}

/// The columns of records.
pub(super) struct Columns {
    /// In the order in which they first appear.
    pub(super) all: Vec<Column>,
    /// Where each name in the file leads.
    places: HashMap<String, usize>,
    pub(super) notes: Vec<String>,
}

/// Values of the wanted columns, row by row.
pub(super) struct Rows<'a> {
    columns: &'a Columns,
    wanted: &'a [Wanted],
    /// For each column which of the wanted ones it is; several may want it.
    slots: Vec<Vec<usize>>,
    values: Vec<Values>,
    count: usize,
    /// Rows of earlier blocks.
    before: u64,
    bad: Vec<BadRow>,
    is_bad: bool,
}

impl<'a> Rows<'a> {
    /// Values of a block.
    const VALUES: usize = 1 << 18;
    /// Rows that cannot be read are told one by one up to this many a block.
    const MOST_BAD: usize = 5;

    pub(super) fn new(columns: &'a Columns, wanted: &'a [Wanted]) -> Self {
        let mut slots = vec![Vec::new(); columns.all.len()];
        for (slot, want) in wanted.iter().enumerate() {
            slots[want.column].push(slot);
        }
        let values = empty(columns, wanted);
        let bad = Vec::new();
        Self { columns, wanted, slots, values, count: 0, before: 0, bad, is_bad: false }
    }

    /// The column that a name leads to, if somebody wants it.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        let place = *self.columns.places.get(name)?;
        (!self.slots[place].is_empty()).then_some(place)
    }

    /// Sets the cell of a column in the row that is being read.
    pub(super) fn set(&mut self, column: usize, cell: Cell<'_>) {
        for &slot in &self.slots[column] {
            let is_text = put(&mut self.values[slot], self.count, cell);
            if is_text && self.wanted[slot].as_numbers && !self.is_bad {
                self.is_bad = true;
                if self.bad.len() < Self::MOST_BAD {
                    let text = match cell {
                        Cell::Text(text) => shortened(text.as_bytes()),
                        _ => "an object or an array".to_owned(),
                    };
                    let name = &self.columns.all[column].name;
                    self.bad.push(BadRow {
                        place: format!("row {}", self.before + self.count as u64),
                        what: Bad::Cell { column: shortened(name.as_bytes()), cell: text },
                    });
                }
            }
        }
    }

    /// Ends a row; what was not set is missing. The block, if it is full.
    pub(super) fn end_row(&mut self) -> Option<Block> {
        self.count += 1;
        self.is_bad = false;
        let most = (Self::VALUES / self.wanted.len().max(1)).clamp(1, 1 << 13);
        (self.count >= most).then(|| self.block())
    }

    /// The rows of the block so far.
    pub(super) fn block(&mut self) -> Block {
        let rows = std::mem::take(&mut self.count);
        self.before += rows as u64;
        for values in &mut self.values {
            fill(values, rows);
        }
        Block {
            columns: std::mem::replace(&mut self.values, empty(self.columns, self.wanted)),
            rows,
            bad_rows: std::mem::take(&mut self.bad),
        }
    }

    /// Whether there are rows that no block has.
    pub(super) fn has_rows(&self) -> bool {
        self.count > 0
    }
}

fn empty(columns: &Columns, wanted: &[Wanted]) -> Vec<Values> {
    let of = |want: &Wanted| match columns.all[want.column].holds {
        _ if want.as_numbers => Values::Numbers(Vec::new()),
        Holds::Numbers => Values::Numbers(Vec::new()),
        Holds::Integers => Values::Integers(Vec::new()),
        Holds::Booleans => Values::Booleans(Vec::new()),
        _ => Values::Texts(Vec::new()),
    };
    wanted.iter().map(of).collect()
}

/// Makes values as many as there are rows: the missing ones stand at the end.
fn fill(values: &mut Values, rows: usize) {
    match values {
        Values::Numbers(values) => values.resize(rows, MISSING),
        Values::Integers(values) | Values::Times(values) => values.resize(rows, None),
        Values::Booleans(values) => values.resize(rows, None),
        Values::Texts(values) => values.resize(rows, None),
    }
}

/// Sets the value of a row, the last one; whether it is text, or deeper, where a number belongs.
fn put(values: &mut Values, row: usize, cell: Cell<'_>) -> bool {
    fill(values, row);
    match values {
        Values::Numbers(values) => {
            values.push(match cell {
                Cell::Null => MISSING,
                Cell::Bool(value) => f64::from(u8::from(value)),
                Cell::Integer(value) => value as f64,
                Cell::Number(value) => value,
                Cell::Text(_) | Cell::Deep => NOT_A_NUMBER,
            });
            return matches!(cell, Cell::Text(_) | Cell::Deep);
        }
        Values::Integers(values) | Values::Times(values) => {
            values.push(match cell {
                Cell::Integer(value) => Some(value),
                _ => None,
            });
        }
        Values::Booleans(values) => {
            values.push(match cell {
                Cell::Bool(value) => Some(value),
                _ => None,
            });
        }
        Values::Texts(values) => {
            values.push(match cell {
                Cell::Null | Cell::Deep => None,
                Cell::Bool(value) => Some(value.to_string()),
                Cell::Integer(value) => Some(value.to_string()),
                Cell::Number(value) => Some(value.to_string()),
                Cell::Text(text) => Some(text.to_owned()),
            });
        }
    }
    false
}
