//! The tables of a `VOTable` document, found by reading it once to its end.

use std::io::{BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::broken;
use super::field::Field;
use crate::columns::MAX_COLUMNS;
use crate::error::LoadError;
use crate::input::{Input, Section};
use crate::xml::attribute;
use sigmascope_core::engine::{Observer, Progress};

/// How deep elements may be nested.
const DEEPEST: usize = 256;
/// Events between two questions whether to go on.
const EVENTS: u64 = 1 << 16;

/// How the rows of a table are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// There are none.
    None,
    /// Text in elements, with this many rows.
    Rows(u64),
    /// Bytes in base64; with a mask of missing values in front of each row, or without.
    Bytes { has_mask: bool },
    /// In a way that is not read: what, and what to do.
    Elsewhere(&'static str, &'static str),
}

/// A table of the document.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    /// How many columns these become, and how many are left out.
    width: u64,
    pub(super) data: Data,
    /// Where the rows begin.
    pub(super) start: u64,
}

/// A reader of elements from a place in the file on.
pub(super) fn reader(input: &Input, start: u64) -> Reader<BufReader<Section>> {
    let section = input.section(start, input.size().saturating_sub(start));
    Reader::from_reader(BufReader::with_capacity(1 << 16, section))
}

/// The tables of the document in their order.
///
/// # Errors
/// When it is no sound `VOTable` up to its end, or the observer ended the work.
pub(super) fn tables(
    input: &Input,
    share: f64,
    observer: &mut dyn Observer,
) -> Result<Vec<Found>, LoadError> {
    // A byte order mark would put the places wrong.
    let mark = if input.head(3)? == b"\xef\xbb\xbf" { 3 } else { 0 };
    let mut xml = reader(input, mark);
    let mut document =
        Document { input, tables: Vec::new(), elements: Vec::new(), mark, has_mask: false };
    let mut buffer = Vec::new();
    for seen in 0_u64.. {
        if seen.is_multiple_of(EVENTS) {
            let fraction = share * xml.buffer_position() as f64 / input.size().max(1) as f64;
            if observer.checkpoint(Progress { fraction: fraction.min(1.0) }).is_break() {
                return Err(LoadError::Cancelled);
            }
        }
        buffer.clear();
        let event = xml.read_event_into(&mut buffer);
        let position = xml.buffer_position();
        let event = event.map_err(|err| {
            let found = format!("near byte {position} it cannot be read ({err})");
            broken(input, found, "sound XML in UTF-8 up to </VOTABLE>; the file may be cut short")
        })?;
        match event {
            Event::Start(start) => {
                let start = start.into_owned();
                document.begin(&start, &mut xml)?;
            }
            Event::Empty(start) => document.empty(&start)?,
            Event::End(_) => document.end(),
            Event::Eof if !document.elements.is_empty() => {
                let names: Vec<&str> = document.elements.iter().map(String::as_str).collect();
                let found = format!("the document ends inside {}", names.join(" / "));
                return Err(broken(input, found, "</VOTABLE> at its end; the file is cut short"));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(document.tables)
}

/// The document so far.
struct Document<'a> {
    input: &'a Input,
    tables: Vec<Found>,
    /// The names of the elements that are open.
    elements: Vec<String>,
    /// Bytes in front of the document.
    mark: u64,
    has_mask: bool,
}

impl Document<'_> {
    fn begin<R: BufRead>(
        &mut self,
        start: &BytesStart<'_>,
        xml: &mut Reader<R>,
    ) -> Result<(), LoadError> {
        let name = start.local_name().as_ref().to_owned();
        if self.elements.len() == DEEPEST {
            let found = format!("elements are nested more than {DEEPEST} deep");
            return Err(broken(self.input, found, "RESOURCE / TABLE / DATA"));
        }
        self.element(&name, start)?;
        match name.as_str() {
            "TABLEDATA" => {
                let place = xml.buffer_position() + self.mark;
                self.data(Data::Rows(0), place);
            }
            "BINARY" | "BINARY2" => self.has_mask = name == "BINARY2",
            "FITS" => self
                .data(Data::Elsewhere("its rows in FITS", "name the FITS file itself"), self.mark),
            "STREAM" if self.elements.last().is_some_and(|outer| outer.starts_with("BINARY")) => {
                let place = xml.buffer_position() + self.mark;
                self.stream(start, xml, place)?;
            }
            "TR" => {
                if let Some(Found { data: Data::Rows(count), .. }) = self.tables.last_mut() {
                    *count += 1;
                }
            }
            _ => {}
        }
        self.elements.push(name);
        Ok(())
    }

    fn empty(&mut self, start: &BytesStart<'_>) -> Result<(), LoadError> {
        let name = start.local_name().as_ref().to_owned();
        if name == "TR" {
            if let Some(Found { data: Data::Rows(count), .. }) = self.tables.last_mut() {
                *count += 1;
            }
        } else if name == "STREAM" && attribute(start, "href").is_some() {
            self.elsewhere();
        }
        self.element(&name, start)
    }

    fn end(&mut self) {
        self.elements.pop();
    }

    /// Takes in what an element says of tables and fields.
    fn element(&mut self, name: &str, start: &BytesStart<'_>) -> Result<(), LoadError> {
        let outer = self.elements.last().map(String::as_str);
        match (name, outer) {
            ("TABLE", _) => self.tables.push(Found {
                name: attribute(start, "name")
                    .or_else(|| attribute(start, "ID"))
                    .unwrap_or_default(),
                fields: Vec::new(),
                width: 0,
                data: Data::None,
                start: 0,
            }),
            ("FIELD", Some("TABLE" | "GROUP")) => {
                if let Some(table) = self.tables.last_mut() {
                    let field = Field::of(start);
                    table.width = table.width.saturating_add(field.width().max(1));
                    table.fields.push(field);
                    let found = table.width;
                    if found > MAX_COLUMNS as u64 {
                        let (path, limit) = (self.input.path().into(), MAX_COLUMNS as u64);
                        return Err(LoadError::TooManyColumns { path, found, limit });
                    }
                }
            }
            ("VALUES", Some("FIELD")) => {
                if let Some(field) =
                    self.tables.last_mut().and_then(|table| table.fields.last_mut())
                {
                    field.take_null(start);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn data(&mut self, data: Data, start: u64) {
        if let Some(table) = self.tables.last_mut().filter(|table| table.data == Data::None) {
            (table.data, table.start) = (data, start);
        }
    }

    fn elsewhere(&mut self) {
        self.data(
            Data::Elsewhere(
                "its rows in another file (STREAM href)",
                "write them into the document, such as with astropy: \
                 votable.to_xml('points.vot', tabledata_format='binary2')",
            ),
            self.mark,
        );
    }

    /// Takes in where the bytes of a table are, and goes to their end.
    fn stream<R: BufRead>(
        &mut self,
        start: &BytesStart<'_>,
        xml: &mut Reader<R>,
        place: u64,
    ) -> Result<(), LoadError> {
        if attribute(start, "href").is_some() {
            self.elsewhere();
            return Ok(());
        }
        let encoding = attribute(start, "encoding").unwrap_or_default();
        if encoding != "base64" {
            self.data(
                Data::Elsewhere(
                    "its rows in an encoding other than base64",
                    "write it again, such as with astropy: \
                     votable.to_xml('points.vot', tabledata_format='binary2')",
                ),
                place,
            );
            return Ok(());
        }
        let mut letters = Letters { text: xml.stream() };
        let copied = std::io::copy(&mut letters, &mut std::io::sink());
        if copied.map_err(|err| self.input.refusal(err))? > 0 {
            self.data(Data::Bytes { has_mask: self.has_mask }, place);
        }
        Ok(())
    }
}

/// The letters of a text up to the next element, without spaces.
pub(super) struct Letters<R> {
    pub(super) text: R,
}

impl<R: BufRead> Read for Letters<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let text = self.text.fill_buf()?;
            let end = memchr::memchr(b'<', text).unwrap_or(text.len());
            if end == 0 || buffer.is_empty() {
                return Ok(0);
            }
            let (mut taken, mut count) = (0, 0);
            for &byte in &text[..end] {
                if count == buffer.len() {
                    break;
                }
                taken += 1;
                if !byte.is_ascii_whitespace() {
                    buffer[count] = byte;
                    count += 1;
                }
            }
            self.text.consume(taken);
            if count > 0 {
                return Ok(count);
            }
        }
    }
}
