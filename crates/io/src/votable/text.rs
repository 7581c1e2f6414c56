//! Rows of a `VOTable` in text: TR and TD elements.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::broken;
use crate::error::LoadError;
use crate::input::Input;
use crate::xml;

/// Reads rows from behind `<TABLEDATA>` on.
pub(super) struct Rows<'a, R> {
    pub(super) xml: Reader<R>,
    pub(super) input: &'a Input,
    pub(super) buffer: Vec<u8>,
}

impl<R: BufRead> Rows<'_, R> {
    /// The cells of the next row, of those fields that `is_wanted`, and how many it has; `None` behind the
    /// last one.
    ///
    /// # Errors
    /// When the document breaks off or cannot be read.
    pub(super) fn next(
        &mut self,
        is_wanted: &[bool],
        cells: &mut [String],
    ) -> Result<Option<usize>, LoadError> {
        let (mut count, mut in_row, mut in_cell) = (0, false, false);
        loop {
            self.buffer.clear();
            let event = self.xml.read_event_into(&mut self.buffer).map_err(|err| {
                let found = format!("a row cannot be read ({err})");
                broken(self.input, found, "TR and TD elements")
            })?;
            let cell = |cells: &'_ mut [String], text: &str| {
                if let Some(cell) = cells.get_mut(count).filter(|_| in_cell && is_wanted[count]) {
                    cell.push_str(text);
                }
            };
            match event {
                Event::Start(start) => match start.local_name().as_ref() {
                    "TR" => in_row = true,
                    "TD" if in_row => {
                        if let Some(cell) = cells.get_mut(count) {
                            cell.clear();
                        }
                        in_cell = true;
                    }
                    _ => {}
                },
                Event::Empty(start) => match start.local_name().as_ref() {
                    "TR" => return Ok(Some(0)),
                    "TD" if in_row => {
                        if let Some(cell) = cells.get_mut(count) {
                            cell.clear();
                        }
                        count += 1;
                    }
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "TD" if in_cell => {
                        in_cell = false;
                        count += 1;
                    }
                    "TR" => return Ok(Some(count)),
                    "TABLEDATA" => return Ok(None),
                    _ => {}
                },
                Event::Text(text) => cell(cells, &text.xml10_content()),
                Event::CData(text) => cell(cells, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let Some(found) = xml::character(&reference) else {
                        let name = crate::wording::shortened(reference.as_bytes());
                        let found = format!("a cell names the entity '{name}'");
                        let expected = "characters, or one of &lt; &gt; &amp;";
                        return Err(broken(self.input, found, expected));
                    };
                    cell(cells, found.encode_utf8(&mut [0; 4]));
                }
                Event::Eof => {
                    let found = "the document ends inside a table".to_owned();
                    return Err(broken(self.input, found, "</VOTABLE> at its end"));
                }
                _ => {}
            }
        }
    }
}
