//! PLY files: the vertices, in text or binary of either byte order, with all their properties.
//!
//! The header ([`super::ply_header`]) tells what comes. Other elements, such as faces, are skipped or not
//! looked at, and so are lists among the vertices' properties.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::binary::{Binary, Stride};
use super::columns::Column;
use super::error::LoadError;
use super::input::{Input, Section};
use super::names;
use super::ply_header::{Element, Encoding, Header, Shape, broken};
use super::records::{self, Records};
use super::table::{Facts, Table, Take, Wanted};
use super::word_lines::{Gathered, Lines, number, words};
use super::wording::{bytes as in_bytes, listed};
use sigmascope_core::engine::{Observer, Progress};

/// Elements between two questions whether to go on.
const STEP: u64 = 8192;
/// Bytes of vertices with lists that are read at once, unless one is longer.
const BLOCK: usize = 1 << 20;

/// The vertices of a file that is open.
pub(super) struct Ply {
    input: Input,
    encoding: Encoding,
    line_end: u8,
    vertices: Element,
    /// Whether nothing comes behind the vertices.
    is_last: bool,
    /// Where the vertices begin, and how many lines come before them.
    start: u64,
    lines: u64,
    columns: Vec<Column>,
    /// The type of each column, and its place among the numbers of a vertex that are not in lists.
    fields: Vec<(Binary, usize)>,
    notes: Vec<String>,
}

impl Ply {
    /// The vertices that `input` holds.
    ///
    /// # Errors
    /// When the header is broken, there are no vertices or fewer than it says, or the observer ended the
    /// work.
    pub(super) fn open(input: &Input, observer: &mut dyn Observer) -> Result<Self, LoadError> {
        let Header { encoding, elements, size, lines, line_end } = Header::read(input)?;
        let Some(at) = elements.iter().position(|element| element.name == "vertex") else {
            return Err(no_vertices(input, &elements));
        };
        let vertices = elements[at].clone();
        let big_endian = encoding == Encoding::Binary { big_endian: true };
        let (mut singles, mut offset) = (Vec::new(), 0);
        for (name, shape) in &vertices.properties {
            if let Some(plain) = shape.single() {
                singles.push((name.clone(), Binary { plain, big_endian }, offset));
                offset += plain.size();
            }
        }
        if singles.is_empty() {
            return Err(no_vertices(input, &elements));
        }
        if vertices.count == 0 {
            let found = "the PLY header counts 0 vertices".to_owned();
            return Err(LoadError::Empty { path: input.path().into(), found });
        }
        let unique = names::unique(singles.iter().map(|(name, ..)| name.clone()));
        let columns = unique.into_iter().zip(&singles).map(|((name, unnamed), (_, binary, _))| {
            Column { unnamed, ..Column::of(name, binary.plain.holds()) }
        });
        let mut ply = Self {
            columns: columns.collect(),
            fields: singles.iter().map(|(_, binary, offset)| (*binary, *offset)).collect(),
            notes: left_out(&elements, at),
            input: input.clone(),
            encoding,
            line_end,
            vertices,
            is_last: at + 1 == elements.len(),
            start: size,
            lines,
        };
        for element in &elements[..at] {
            ply.skip(element, observer)?;
        }
        ply.check_size(&ply.vertices, ply.start)?;
        Ok(ply)
    }

    /// Refuses more elements than the rest of the file has room for.
    fn check_size(&self, element: &Element, start: u64) -> Result<(), LoadError> {
        let rest = self.input.size().saturating_sub(start);
        // The last line of a text may lack its end.
        let slack = u64::from(self.encoding == Encoding::Text);
        let needed = element.count.saturating_mul(element.least(self.encoding));
        if needed > rest.saturating_add(slack) {
            return Err(self.cut_short(element, &format!("{} are left", in_bytes(rest))));
        }
        Ok(())
    }

    /// That there are fewer elements than the header says.
    fn cut_short(&self, element: &Element, found: &str) -> LoadError {
        let Element { name, count, .. } = element;
        let found = format!("it is cut short: {found} for the elements '{name}'");
        broken(&self.input, found, format!("{count} of them, as the header says"))
    }

    fn lines(&self) -> Result<Lines, LoadError> {
        let lines = Lines::new(&self.input, self.start, self.lines, self.line_end);
        lines.map_err(|err| self.input.refusal(err))
    }

    /// Moves the start behind an element.
    fn skip(&mut self, element: &Element, observer: &mut dyn Observer) -> Result<(), LoadError> {
        self.check_size(element, self.start)?;
        if element.properties.is_empty() {
            return Ok(());
        }
        if self.encoding != Encoding::Text && !element.has_lists() {
            self.start += element.count * element.size() as u64;
            return Ok(());
        }
        let pause = |done: u64, observer: &mut dyn Observer| {
            let is_due = done.is_multiple_of(STEP);
            if is_due && observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
                return Err(LoadError::Cancelled);
            }
            Ok(())
        };
        if self.encoding == Encoding::Text {
            let mut lines = self.lines()?;
            let mut done = 0;
            while done < element.count {
                pause(done, observer)?;
                if !lines.advance().map_err(|err| self.input.refusal(err))? {
                    return Err(self.cut_short(element, &format!("there are {done} lines")));
                }
                done += u64::from(!lines.text().is_empty());
            }
            (self.start, self.lines) = (lines.position, lines.count);
            return Ok(());
        }
        let mut walk = Walk::new(self)?;
        for done in 0..element.count {
            pause(done, observer)?;
            walk.element(self, element, done, None)?;
        }
        self.start = walk.position;
        Ok(())
    }

    fn read_text(
        &self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let refused = |err| self.input.refusal(err);
        let (mut lines, mut rows) = (self.lines()?, Gathered::new(&self.columns, wanted));
        let shapes: Vec<Shape> = self.vertices.shapes().collect();
        let size = self.input.size().max(1) as f64;
        let (mut done, count) = (0, self.vertices.count);
        let mut places = Vec::new();
        while done < count {
            if rows.is_empty() {
                let fraction = (lines.position as f64 / size).min(1.0);
                if observer.checkpoint(Progress { fraction }).is_break() {
                    return Err(LoadError::Cancelled);
                }
            }
            if !lines.advance().map_err(refused)? {
                return Err(self.cut_short(&self.vertices, &format!("there are {done} lines")));
            }
            if lines.text().is_empty() {
                continue;
            }
            let row: Vec<&[u8]> = words(lines.text()).collect();
            match singles(&shapes, &row, &mut places) {
                Ok(()) => rows.push(|| lines.place(), |k| Some(row[places[k]]), f64::NAN),
                Err(expected) => rows.push_bad(lines.place(), row.len(), expected),
            }
            done += 1;
            if (rows.is_full() || done == count) && take(rows.take())?.is_break() {
                return Ok(());
            }
        }
        while self.is_last && lines.advance().map_err(refused)? {
            if !lines.text().is_empty() {
                let found = format!("{} comes behind the last vertex", lines.place());
                let expected = format!("{count} vertices, as the header says");
                return Err(broken(&self.input, found, expected));
            }
        }
        Ok(())
    }

    /// Reads vertices with lists, which are of any size.
    fn walk(
        &self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let size = self.vertices.size();
        let mut walk = Walk::new(self)?;
        let (mut bytes, count) = (Vec::new(), self.vertices.count);
        for done in 0..count {
            if bytes.is_empty() {
                let fraction = done as f64 / count as f64;
                if observer.checkpoint(Progress { fraction }).is_break() {
                    return Err(LoadError::Cancelled);
                }
            }
            walk.element(self, &self.vertices, done, Some(&mut bytes))?;
            if bytes.len() >= BLOCK || done + 1 == count {
                let rows = bytes.len() / size;
                let block = records::block(&bytes, rows, size, &self.fields, wanted);
                if take(block)?.is_break() {
                    return Ok(());
                }
                bytes.clear();
            }
        }
        Ok(())
    }
}

impl Table for Ply {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let encoding = match self.encoding {
            Encoding::Text => "ascii",
            Encoding::Binary { big_endian: false } => "binary, little-endian",
            Encoding::Binary { big_endian: true } => "binary, big-endian",
        };
        Facts {
            format: format!("PLY, {encoding}"),
            kind: "a PLY file",
            rows: Some(self.vertices.count),
            named_columns: true,
            space: space(&self.columns),
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
        let Self { start, vertices, .. } = &*self;
        if self.encoding == Encoding::Text {
            self.read_text(wanted, observer, take)
        } else if vertices.has_lists() {
            self.walk(wanted, observer, take)
        } else {
            let records = Records { start: *start, rows: vertices.count, size: vertices.size() };
            records.read_columns(&self.input, &self.fields, wanted, observer, take)
        }
    }
}

/// Where x, y and z are among the columns, if there are all three.
pub(super) fn space(columns: &[Column]) -> Option<[usize; 3]> {
    let position = |name: &str| {
        let is_exact = |column: &Column| column.name == name;
        let is_alike = |column: &Column| column.name.eq_ignore_ascii_case(name);
        columns.iter().position(is_exact).or_else(|| columns.iter().position(is_alike))
    };
    Some([position("x")?, position("y")?, position("z")?])
}

/// The places of the numbers that are not in lists among the words of a row; or how many words it should
/// have.
fn singles(shapes: &[Shape], row: &[&[u8]], places: &mut Vec<usize>) -> Result<(), usize> {
    places.clear();
    let mut at = 0_usize;
    for shape in shapes {
        match shape {
            Shape::Single(_) => places.push(at),
            Shape::List { .. } => {
                let items = row.get(at).map_or(0.0, |word| number(word));
                // Beyond the row, whatever a huge count says.
                at = at.saturating_add(if items > 0.0 { items as usize } else { 0 });
            }
        }
        at = at.saturating_add(1);
    }
    if at == row.len() { Ok(()) } else { Err(at) }
}

fn no_vertices(input: &Input, elements: &[Element]) -> LoadError {
    let names = listed(elements.iter().map(|element| element.name.as_str()));
    let found = if names.is_empty() {
        "no elements".to_owned()
    } else if elements.iter().any(|element| element.name == "vertex") {
        "vertices without a property that is one number".to_owned()
    } else {
        format!("the elements {names}")
    };
    LoadError::Content {
        path: input.path().into(),
        found,
        expected: "an element 'vertex' with properties such as x, y and z".to_owned(),
        remedy: "export the points as PLY, or as CSV".to_owned(),
    }
}

/// What of the file does not become columns, in sentences.
fn left_out(elements: &[Element], vertices: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let others = elements.iter().enumerate().filter(|(k, of)| *k != vertices && of.count > 0);
    let others: Vec<String> =
        others.map(|(_, element)| format!("{} ({})", element.name, element.count)).collect();
    if !others.is_empty() {
        let rest = others.len().saturating_sub(10);
        let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        notes.push(format!("left out: {}{more}", others[..others.len() - rest].join(", ")));
    }
    let lists = elements[vertices].properties.iter().filter(|(_, shape)| shape.single().is_none());
    let lists = listed(lists.map(|(name, _)| name.as_str()));
    if !lists.is_empty() {
        notes.push(format!("lists at each vertex are left out: {lists}"));
    }
    notes
}

/// Goes through elements of any size in binary.
struct Walk {
    reader: BufReader<Section>,
    position: u64,
}

impl Walk {
    fn new(ply: &Ply) -> Result<Self, LoadError> {
        let mut section = ply.input.reader();
        let sought = section.seek(SeekFrom::Start(ply.start));
        sought.map_err(|err| ply.input.refusal(err))?;
        Ok(Self { reader: BufReader::with_capacity(1 << 16, section), position: ply.start })
    }

    /// Goes behind one more element, the `index`th from 0, and appends its numbers that are not in lists.
    fn element(
        &mut self,
        ply: &Ply,
        element: &Element,
        index: u64,
        mut into: Option<&mut Vec<u8>>,
    ) -> Result<(), LoadError> {
        let big_endian = ply.encoding == Encoding::Binary { big_endian: true };
        for shape in element.shapes() {
            let mut bytes = [0; 8];
            let plain = match shape {
                Shape::Single(plain) | Shape::List { count: plain, .. } => plain,
            };
            let bytes = &mut bytes[..plain.size()];
            self.reader.read_exact(bytes).map_err(|err| match err.kind() {
                io::ErrorKind::UnexpectedEof => {
                    ply.cut_short(element, &format!("there are {index}"))
                }
                _ => ply.input.refusal(err),
            })?;
            self.position += bytes.len() as u64;
            let Shape::List { item, .. } = shape else {
                if let Some(into) = &mut into {
                    into.extend_from_slice(bytes);
                }
                continue;
            };
            let stride = Stride { offset: 0, size: bytes.len() };
            let items = Binary { plain, big_endian }.numbers(bytes, stride)[0];
            let rest = ply.input.size().saturating_sub(self.position);
            let length = items * item.size() as f64;
            if !(0.0..=rest as f64).contains(&length) {
                let found = format!(
                    "a list of {items} items in '{}' number {} reaches beyond the end of the file",
                    element.name,
                    index + 1
                );
                return Err(broken(&ply.input, found, "lists that fit the file"));
            }
            self.reader.seek_relative(length as i64).map_err(|err| ply.input.refusal(err))?;
            self.position += length as u64;
        }
        Ok(())
    }
}
