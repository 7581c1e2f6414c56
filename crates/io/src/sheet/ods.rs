//! Sheets of an `OpenDocument` spreadsheet (ODS): the cells of `content.xml` one by one (`OpenDocument` 1.3,
//! part 3, section 9).
//!
//! Calamine keeps whole sheets, as large as their repeated cells claim to be, and does not end where a
//! sheet is cut off; so the elements are read here.

use std::io::{BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::cells::{Cells, Content, MAX_COLUMNS, MAX_ROWS};
use super::{Found, Sheets, broken};
use crate::error::LoadError;
use crate::input::Input;
use crate::moment;
use crate::xml::{self, attribute};
use sigmascope_core::engine::{Observer, Progress};

/// How deep elements may be nested.
const DEEPEST: usize = 256;
/// Cells between two questions whether to go on.
const CELLS: u64 = 1 << 14;

/// Reads the sheet that is named, or the first that holds something, from the text of `content.xml`.
///
/// # Errors
/// When the text breaks the rules, cells are too many, or the observer ended the work.
pub(super) fn read(
    input: &Input,
    content: impl Read,
    most: u64,
    observer: &mut dyn Observer,
) -> Result<Sheets, LoadError> {
    let mut xml = Reader::from_reader(BufReader::with_capacity(1 << 16, content));
    xml.config_mut().expand_empty_elements = true;
    let mut book = Book { input, most, sheets: Sheets::default(), sheet: None, depth: 0, asked: 0 };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let wrong = |err| broken(input, format!("content.xml cannot be read ({err})"), "sound XML");
        match xml.read_event_into(&mut buffer).map_err(wrong)? {
            Event::Start(start) => {
                book.deeper()?;
                match start.local_name().as_ref() {
                    "table" => book.begin_table(&start),
                    "table-row" => book.begin_row(&start, observer)?,
                    "table-cell" | "covered-table-cell" => {
                        let start = start.into_owned();
                        book.cell(&start, &mut xml)?;
                        book.depth -= 1;
                    }
                    _ => {}
                }
            }
            Event::End(end) => {
                book.depth = book.depth.saturating_sub(1);
                match end.local_name().as_ref() {
                    "table" => book.end_table(),
                    "table-row" => book.end_row()?,
                    _ => {}
                }
            }
            Event::Eof if book.depth > 0 => {
                return Err(broken(
                    input,
                    "content.xml ends inside an element".to_owned(),
                    "all its elements closed; the file is cut short",
                ));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(book.sheets)
}

/// The sheets so far.
struct Book<'a> {
    input: &'a Input,
    /// The most cells.
    most: u64,
    sheets: Sheets,
    sheet: Option<Sheet>,
    depth: usize,
    asked: u64,
}

/// The sheet that is being read.
struct Sheet {
    name: String,
    /// Whether its cells are wanted.
    is_wanted: bool,
    cells: Cells,
    row: u64,
    /// How often the row stands there.
    repeat: u64,
    column: u64,
    /// The cells of the row: where, how often, what.
    pending: Vec<(u64, u64, Owned)>,
    /// Tables inside a cell, which are not read.
    inner: usize,
}

/// What a cell holds.
enum Owned {
    Number(f64),
    Text(String),
    Truth(bool),
    Time(i64),
    Error,
}

impl Owned {
    fn content(&self) -> Content<'_> {
        match self {
            Self::Number(value) => Content::Number(*value),
            Self::Text(text) => Content::Text(text),
            Self::Truth(value) => Content::Truth(*value),
            Self::Time(value) => Content::Time(*value),
            Self::Error => Content::Error,
        }
    }
}

impl Book<'_> {
    fn deeper(&mut self) -> Result<(), LoadError> {
        self.depth += 1;
        if self.depth <= DEEPEST {
            return Ok(());
        }
        let found = format!("content.xml has elements more than {DEEPEST} deep");
        Err(broken(self.input, found, "rows and cells in tables"))
    }

    fn begin_table(&mut self, start: &BytesStart<'_>) {
        if let Some(sheet) = &mut self.sheet {
            sheet.inner += 1;
            return;
        }
        let name = attribute(start, "name").unwrap_or_default();
        let is_wanted = match self.input.part() {
            Some(part) => part.to_lowercase() == name.to_lowercase(),
            None => self.sheets.found.is_none(),
        };
        self.sheets.names.push(name.clone());
        self.sheet = Some(Sheet {
            name,
            is_wanted: is_wanted && self.sheets.found.is_none(),
            cells: Cells::default(),
            row: 0,
            repeat: 1,
            column: 0,
            pending: Vec::new(),
            inner: 0,
        });
    }

    fn end_table(&mut self) {
        let Some(mut sheet) = self.sheet.take() else { return };
        if sheet.inner > 0 {
            sheet.inner -= 1;
            self.sheet = Some(sheet);
        } else if sheet.is_wanted && (sheet.cells.count() > 0 || self.input.part().is_some()) {
            sheet.cells.sort();
            self.sheets.found = Some(Found { name: sheet.name, cells: sheet.cells });
        }
    }

    fn begin_row(
        &mut self,
        start: &BytesStart<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), LoadError> {
        let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.inner == 0) else {
            return Ok(());
        };
        sheet.repeat = repeated(start, "number-rows-repeated");
        sheet.column = 0;
        sheet.pending.clear();
        if sheet.cells.count() >= self.asked {
            self.asked = sheet.cells.count() + CELLS;
            // How far it goes is not known: half a sheet of a million rows is half of the work.
            let fraction = (sheet.row as f64 / f64::from(1 << 20)).min(1.0);
            if observer.checkpoint(Progress { fraction: fraction * super::OPENED }).is_break() {
                return Err(LoadError::Cancelled);
            }
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), LoadError> {
        let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.inner == 0) else {
            return Ok(());
        };
        let (repeat, pending) = (sheet.repeat, std::mem::take(&mut sheet.pending));
        if !pending.is_empty() {
            let width: u64 = pending.iter().map(|(_, times, _)| *times).sum();
            let cells = u128::from(width) * u128::from(repeat) + u128::from(sheet.cells.count());
            let end = sheet.row.saturating_add(repeat);
            let last = pending.last().map_or(0, |(column, times, _)| column + times);
            if cells > u128::from(self.most)
                || end > u64::from(MAX_ROWS)
                || last > u64::from(MAX_COLUMNS)
            {
                let found = format!(
                    "the sheet '{}' repeats cells up to row {end} and column {last}, {cells} in all",
                    crate::wording::shortened(sheet.name.as_bytes())
                );
                return Err(broken(
                    self.input,
                    found,
                    "a number of cells that the size of the file bears out",
                ));
            }
            for row in sheet.row..end {
                for (column, times, owned) in &pending {
                    for k in 0..*times {
                        sheet.cells.push(row as u32, (column + k) as u32, owned.content());
                    }
                }
            }
        }
        sheet.row = sheet.row.saturating_add(repeat);
        Ok(())
    }

    /// Reads a cell up to its end.
    fn cell<R: BufRead>(
        &mut self,
        start: &BytesStart<'_>,
        reader: &mut Reader<R>,
    ) -> Result<(), LoadError> {
        let text = self.text(reader)?;
        let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.inner == 0) else {
            return Ok(());
        };
        let repeat = repeated(start, "number-columns-repeated");
        let (column, end) = (sheet.column, sheet.column.saturating_add(repeat));
        sheet.column = end;
        if !sheet.is_wanted {
            return Ok(());
        }
        if let Some(owned) = value(start, text) {
            sheet.pending.push((column, repeat, owned));
        }
        Ok(())
    }

    /// The text of a cell, whose beginning is read: its paragraphs, without notes.
    fn text<R: BufRead>(&mut self, reader: &mut Reader<R>) -> Result<String, LoadError> {
        let (mut text, mut depth, mut note) = (String::new(), 1_usize, None);
        let mut buffer = Vec::new();
        while depth > 0 {
            buffer.clear();
            let input = self.input;
            let wrong =
                |err| broken(input, format!("content.xml cannot be read ({err})"), "sound XML");
            match reader.read_event_into(&mut buffer).map_err(wrong)? {
                Event::Start(start) => {
                    depth += 1;
                    if depth + self.depth > DEEPEST {
                        self.depth += depth;
                        self.deeper()?;
                    }
                    match start.local_name().as_ref() {
                        "annotation" if note.is_none() => note = Some(depth),
                        "p" if !text.is_empty() => text.push(' '),
                        "s" | "tab" | "line-break" => text.push(' '),
                        _ => {}
                    }
                }
                Event::End(_) => {
                    if note == Some(depth) {
                        note = None;
                    }
                    depth -= 1;
                }
                Event::Text(part) if note.is_none() && depth > 1 => text += &part.xml10_content(),
                Event::CData(part) if note.is_none() && depth > 1 => text += &part.xml10_content(),
                Event::GeneralRef(part) if note.is_none() => {
                    text.extend(xml::character(&part));
                }
                Event::Eof => {
                    let found = "content.xml ends inside a cell".to_owned();
                    return Err(broken(
                        input,
                        found,
                        "all its elements closed; the file is cut short",
                    ));
                }
                _ => {}
            }
        }
        Ok(text)
    }
}

fn repeated(start: &BytesStart<'_>, name: &str) -> u64 {
    attribute(start, name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// What a cell holds, by its attributes and its text.
fn value(start: &BytesStart<'_>, text: String) -> Option<Owned> {
    let kind = attribute(start, "value-type");
    let number = || attribute(start, "value").and_then(|value| value.trim().parse().ok());
    let found = match kind.as_deref() {
        Some("float" | "percentage" | "currency") => number().map(Owned::Number),
        Some("date") => {
            attribute(start, "date-value").and_then(|date| moment::parse(&date)).map(Owned::Time)
        }
        Some("time") => {
            attribute(start, "time-value").and_then(|time| duration(&time)).map(Owned::Time)
        }
        Some("boolean") => {
            attribute(start, "boolean-value").map(|truth| Owned::Truth(truth == "true"))
        }
        Some("error") => Some(Owned::Error),
        _ => None,
    };
    found.or_else(|| {
        let text = if text.trim().is_empty() {
            attribute(start, "string-value").unwrap_or_default()
        } else {
            text
        };
        (!text.trim().is_empty()).then_some(Owned::Text(text))
    })
}

/// Microseconds of a duration such as `PT12H30M00.5S`.
fn duration(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let unit = match &rest[end..=end] {
            "H" => 3600.0,
            "M" => 60.0,
            "S" => 1.0,
            _ => return None,
        };
        seconds += unit * rest[..end].replace(',', ".").parse::<f64>().ok()?;
        rest = &rest[end + 1..];
    }
    (seconds.abs() < 1e12).then(|| (sign * seconds * 1e6).round() as i64)
}
