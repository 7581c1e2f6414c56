//! JSON: lines or arrays of records, or columns as arrays; see [`layout`] for the forms.
//!
//! A first pass finds the columns and what they hold, each reading is another one; neither keeps more than a
//! block of rows. An object in a record gives columns `a.b`, an array `a_1`, `a_2`, …; what is deeper is left
//! out and told.

mod cells;
mod features;
mod layout;
mod tokens;

use self::cells::{Cell, Columns, Rows, Sink, Survey, object};
use self::layout::{BUFFER, Layout, Within};
use self::tokens::{Event, Tokens};
use crate::LoadOptions;
use crate::columns::Column;
use crate::error::LoadError;
use crate::input::Input;
use crate::table::{Facts, Table, Take, Wanted};
use sigmascope_core::engine::{Observer, Progress, Stretch};

pub(super) use self::features::{Features, is_geojson};

/// The share of the work of loading that the first pass is.
const OPENED: f64 = 0.5;

/// How names of such files end.
pub(super) const EXTENSIONS: &[&str] = &["json", "jsonl", "ndjson", "jsons"];

/// Whether a file that begins so is JSON.
pub(super) fn is_json(text: &[u8], extension: &str) -> bool {
    let text = text.strip_prefix(b"\x1e").unwrap_or(text);
    let (Some(first), rest) = (text.first(), text.get(1..).unwrap_or_default().trim_ascii_start())
    else {
        return false;
    };
    let is_named_so = EXTENSIONS.contains(&extension) || features::EXTENSIONS.contains(&extension);
    match (first, rest.first()) {
        // Text may begin with a bracket too: `[1] 2.5`, `[m],[s]`.
        (b'{', Some(b'"' | b'}')) | (b'[', Some(b'{')) => true,
        (b'[', Some(_)) => is_named_so || has_values(rest),
        _ => is_named_so && matches!(first, b'{' | b'['),
    }
}

/// Whether what stands behind a bracket may be an array of values, or of arrays.
fn has_values(text: &[u8]) -> bool {
    let end = text.iter().position(|byte| *byte == b']').unwrap_or(text.len());
    let (values, rest) = text.split_at(end);
    let is_value = |byte: &u8| {
        byte.is_ascii_digit()
            || b"[]\"-+.eE, \t\r\n".contains(byte)
            || b"NaInfityulrs".contains(byte)
    };
    let behind = rest.get(1..).unwrap_or_default().trim_ascii_start();
    let goes_on = matches!(behind.first(), None | Some(b',' | b']' | b'['));
    let is_nested = text.first() == Some(&b'[');
    let is_row = behind.first() == Some(&b',');
    values.contains(&b',') && values.iter().all(is_value) && goes_on && (is_nested || !is_row)
}

/// A table of a JSON file.
pub(super) struct Json {
    input: Input,
    layout: Layout,
    columns: Columns,
    rows: u64,
    notes: Vec<String>,
}

impl Json {
    /// Finds out how the table lies in the file, and what its columns hold.
    ///
    /// # Errors
    /// When the file is no JSON, holds no table, or the observer ended the work.
    pub(super) fn open(
        input: &Input,
        _: &LoadOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let layout = Layout::of(input, &mut Stretch { observer, start: 0.0, length: 0.2 })?;
        let mut rest = Stretch { observer, start: 0.2, length: OPENED - 0.2 };
        let mut survey = Survey::default();
        let mut rows = 0;
        let mut notes = match &layout {
            Layout::Records { start, within, names, notes } => {
                let mut records = Records::new(input, *start, *within, names.clone());
                while records
                    .next(&mut rest, &mut |name, cell| survey.absorb(input, rows, name, cell))?
                {
                    rows += 1;
                }
                notes.clone()
            }
            Layout::Columns { columns, rows: length, notes } => {
                rows = *length;
                for (k, (name, start)) in columns.iter().enumerate() {
                    let share = 1.0 / columns.len() as f64;
                    let mut part =
                        Stretch { observer: &mut rest, start: share * k as f64, length: share };
                    survey.add(input, name)?;
                    let mut cells = Cells::new(input, *start, BUFFER)?;
                    let mut row = 0;
                    while cells.next(&mut |cell| survey.absorb(input, row, name, cell))? {
                        row += 1;
                        check_in(&mut part, row, row as f64 / *length as f64)?;
                    }
                }
                notes.clone()
            }
        };
        if rows == 0 {
            return Err(LoadError::Empty {
                path: input.path().into(),
                found: "there are no records".to_owned(),
            });
        }
        let columns = survey.finish();
        notes.extend(columns.notes.iter().cloned());
        Ok(Self { input: input.clone(), layout, columns, rows, notes })
    }

    /// Reads columns side by side.
    fn read_columns(
        &self,
        columns: &[(String, u64)],
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let mut rows = Rows::new(&self.columns, wanted);
        let used: Vec<(usize, u64)> =
            columns.iter().filter_map(|(name, start)| Some((rows.column(name)?, *start))).collect();
        let size = ((16 << 20) / used.len().max(1)).clamp(512, BUFFER);
        let readers: Result<Vec<(usize, Cells)>, LoadError> = used
            .into_iter()
            .map(|(column, start)| Ok((column, Cells::new(&self.input, start, size)?)))
            .collect();
        let mut readers = readers?;
        for row in 0..self.rows {
            check_in(observer, row, row as f64 / self.rows as f64)?;
            for (column, cells) in &mut readers {
                cells.next(&mut |cell| {
                    rows.set(*column, cell);
                    Ok(())
                })?;
            }
            if let Some(block) = rows.end_row()
                && take(block)?.is_break()
            {
                return Ok(());
            }
        }
        if rows.has_rows() {
            let _ = take(rows.block())?;
        }
        Ok(())
    }
}

/// Tells the observer of every so many rows what fraction is done.
fn check_in(observer: &mut dyn Observer, row: u64, fraction: f64) -> Result<(), LoadError> {
    if row.is_multiple_of(4096) && observer.checkpoint(Progress { fraction }).is_break() {
        return Err(LoadError::Cancelled);
    }
    Ok(())
}

impl Table for Json {
    fn columns(&self) -> &[Column] {
        &self.columns.all
    }

    fn facts(&self) -> Facts {
        let form = match &self.layout {
            Layout::Records { within: Within::File, .. } => "records, one after the other",
            Layout::Records { within: Within::Array, .. } => "an array of records",
            Layout::Records { within: Within::Object, .. } => "an object of records",
            Layout::Columns { .. } => "columns",
        };
        Facts {
            format: format!("JSON, {form}"),
            kind: "a JSON file",
            rows: Some(self.rows),
            named_columns: true,
            header: true,
            is_surveyed: true,
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
        let (start, within, names) = match &self.layout {
            Layout::Columns { columns, .. } => {
                return self.read_columns(columns, wanted, observer, take);
            }
            Layout::Records { start, within, names, .. } => (*start, *within, names.clone()),
        };
        let mut records = Records::new(&self.input, start, within, names);
        let mut rows = Rows::new(&self.columns, wanted);
        while records.next(observer, &mut |name, cell| {
            if let Some(column) = rows.column(name) {
                rows.set(column, cell);
            }
            Ok(())
        })? {
            if let Some(block) = rows.end_row()
                && take(block)?.is_break()
            {
                return Ok(());
            }
        }
        if rows.has_rows() {
            let _ = take(rows.block())?;
        }
        Ok(())
    }
}

/// The records of a file, one by one.
struct Records {
    tokens: Tokens,
    within: Within,
    /// Whether they are in no other object.
    is_all: bool,
    is_begun: bool,
    /// Names of the values of records that are arrays.
    names: Vec<String>,
    count: u64,
    size: u64,
}

impl Records {
    fn new(input: &Input, start: u64, within: Within, names: Vec<String>) -> Self {
        let tokens = Tokens::new(input, start, BUFFER);
        let is_all = start == 0;
        Self { tokens, within, is_all, is_begun: false, names, count: 0, size: input.size() }
    }

    /// Hands on the cells of the next record; false behind the last one.
    fn next(
        &mut self,
        observer: &mut dyn Observer,
        sink: &mut Sink<'_>,
    ) -> Result<bool, LoadError> {
        let fraction = self.tokens.place() as f64 / self.size.max(1) as f64;
        check_in(observer, self.count, fraction)?;
        if !self.is_begun && self.within != Within::File {
            self.tokens.next()?;
        }
        self.is_begun = true;
        let mut event = self.tokens.next()?;
        if event == Event::Key {
            // What tells the row apart.
            event = self.tokens.next()?;
        }
        match event {
            Event::ArrayEnd | Event::ObjectEnd | Event::End => {
                // Where they are all of the file, nothing may follow.
                if self.is_all {
                    self.tokens.end()?;
                }
                return Ok(false);
            }
            Event::ObjectStart => object(&mut self.tokens, sink)?,
            Event::ArrayStart => {
                let mut k = 0;
                loop {
                    let event = self.tokens.next()?;
                    if event == Event::ArrayEnd {
                        break;
                    }
                    if k == self.names.len() {
                        self.names.push(format!("x{}", k + 1));
                    }
                    sink(&self.names[k], Cell::read(event, &mut self.tokens)?)?;
                    k += 1;
                }
            }
            event => sink("x1", Cell::read(event, &mut self.tokens)?)?,
        }
        self.count += 1;
        Ok(true)
    }
}

/// The cells of a column that is an array or an object of its own, one by one.
struct Cells {
    tokens: Tokens,
    is_done: bool,
}

impl Cells {
    fn new(input: &Input, start: u64, size: usize) -> Result<Self, LoadError> {
        let mut tokens = Tokens::new(input, start, size);
        tokens.next()?;
        Ok(Self { tokens, is_done: false })
    }

    /// Hands on the next cell; false behind the last one.
    fn next(
        &mut self,
        sink: &mut dyn FnMut(Cell<'_>) -> Result<(), LoadError>,
    ) -> Result<bool, LoadError> {
        if self.is_done {
            return Ok(false);
        }
        let mut event = self.tokens.next()?;
        if event == Event::Key {
            event = self.tokens.next()?;
        }
        if matches!(event, Event::ArrayEnd | Event::ObjectEnd | Event::End) {
            self.is_done = true;
            return Ok(false);
        }
        sink(Cell::read(event, &mut self.tokens)?)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_text() {
        let sound: [&[u8]; 7] = [
            b"{\"x\": 1}",
            b"[{\"x\": 1}]",
            b"[[1, 2],\n [3, 4]]",
            b"[1, NaN, -2.5e3]",
            b"[1, 2]\n[3, 4]\n",
            b"{ }",
            b"\x1e{\"x\": 1}",
        ];
        for text in sound {
            assert!(is_json(text, "txt"), "{}", text.escape_ascii());
        }
        let others: [&[u8]; 6] =
            [b"[m],[s]\n1,2", b"[1] 2.5", b"[1,2],3\n", b"x,y", b"{a},{b}\n1,2", b""];
        for text in others {
            assert!(!is_json(text, "txt"), "{}", text.escape_ascii());
        }
        assert!(is_json(b"[]", "json") && is_json(b"{x: 1}", "json") && !is_json(b"x", "json"));
    }
}
