//! PCD files of the Point Cloud Library: points in text, in binary, or in compressed binary.
//!
//! ```text
//!   # .PCD v0.7 - Point Cloud Data file format
//!   VERSION 0.7                 may be left out
//!   FIELDS x y z rgb normal     or COLUMNS
//!   SIZE 4 4 4 4 4
//!   TYPE F F F F F              I, U or F
//!   COUNT 1 1 1 1 3             1 each, if it is left out
//!   WIDTH 213
//!   HEIGHT 1
//!   VIEWPOINT 0 0 0 1 0 0 0
//!   POINTS 213                  WIDTH times HEIGHT, if it is left out
//!   DATA ascii                  binary: one point behind the other
//!                               binary_compressed: two sizes, then each field in one piece (super::lzf)
//! ```
//!
//! A field of several numbers becomes as many columns. Fields called `_` fill gaps and are left out.

use std::io::Read;
use std::ops::ControlFlow;

use super::LoadOptions;
use super::binary::{Binary, Plain, Stride};
use super::columns::{Column, MAX_COLUMNS};
use super::error::LoadError;
use super::input::Input;
use super::lzf;
use super::names;
use super::ply::space;
use super::records::{self, Records};
use super::table::{Block, Facts, Table, Take, Wanted};
use super::word_lines::{Gathered, Lines, line_end, words};
use super::wording::{bytes as in_bytes, shortened};
use sigmascope_core::{
    engine::{Observer, Progress},
    memory::spare_memory,
};

/// The most bytes of a header.
const LONGEST_HEADER: u64 = 4 << 20;
/// The words that lines of a header begin with.
const KEYWORDS: [&[u8]; 10] = [
    b"VERSION",
    b"FIELDS",
    b"COLUMNS",
    b"SIZE",
    b"TYPE",
    b"COUNT",
    b"WIDTH",
    b"HEIGHT",
    b"VIEWPOINT",
    b"POINTS",
];

/// The points of a file that is open.
pub(super) struct Pcd {
    input: Input,
    data: Data,
    points: u64,
    columns: Vec<Column>,
    fields: Vec<Field>,
    /// Bytes, and numbers, of a point.
    size: usize,
    width: usize,
    /// Where the data begin, and how many lines come before them.
    start: u64,
    lines: u64,
    line_end: u8,
    /// The most bytes that may be unpacked.
    budget: u64,
    notes: Vec<String>,
}

/// How the points are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Data {
    Text,
    Binary,
    Compressed,
}

/// A number of each point.
#[derive(Clone, Copy, Debug)]
struct Field {
    plain: Plain,
    /// Bytes in front of it in a point.
    offset: usize,
    /// Numbers in front of it in a line.
    place: usize,
    /// Its field's first byte in a point without gaps, the field's size, and where it is in there: what
    /// tells its place in compressed data.
    piece: (usize, usize, usize),
}

/// What a header says, line by line.
#[derive(Default)]
struct Header {
    fields: Option<Vec<String>>,
    sizes: Option<Vec<usize>>,
    types: Option<Vec<u8>>,
    counts: Option<Vec<usize>>,
    width: Option<u64>,
    height: Option<u64>,
    points: Option<u64>,
}

/// Whether a file that begins so is a PCD file.
pub(super) fn is_pcd(beginning: &[u8]) -> bool {
    let mut lines = beginning.split(|b| matches!(b, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let is_keyword = |line: &[u8]| {
        let word = words(line).next().unwrap_or_default();
        KEYWORDS.contains(&word)
    };
    let is_comment = |line: &[u8]| line.is_empty() || line.starts_with(b"#");
    let Some(first) = lines.by_ref().find(|line| !is_comment(line)) else { return false };
    let second = lines.find(|line| !is_comment(line));
    is_keyword(first) && second.is_some_and(is_keyword)
}

/// What is wrong with a PCD file, and where.
fn broken(input: &Input, found: impl Into<String>, expected: impl Into<String>) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "PCD",
        found: found.into(),
        expected: expected.into(),
        remedy: "copy the file again, or write it again with the program it comes from".to_owned(),
    }
}

impl Header {
    /// Takes in a line, unless it is the last; says what should be there in its place.
    fn absorb(&mut self, line: &[u8]) -> Result<(), &'static str> {
        let mut parts = words(line);
        let keyword = parts.next().unwrap_or_default();
        let rest: Vec<&[u8]> = parts.take(MAX_COLUMNS + 1).collect();
        let whole = |word: &&[u8]| std::str::from_utf8(word).ok()?.parse::<u64>().ok();
        let number = || rest.first().and_then(whole).ok_or("a whole number");
        let all = || -> Option<Vec<usize>> {
            rest.iter().map(|word| usize::try_from(whole(word)?).ok()).collect()
        };
        match keyword {
            b"FIELDS" | b"COLUMNS" => {
                self.fields = Some(rest.iter().map(|word| names::shortened(word)).collect());
            }
            b"SIZE" => self.sizes = Some(all().ok_or("sizes: 1, 2, 4 or 8")?),
            b"TYPE" => {
                let of = |word: &&[u8]| word.first().copied().filter(|_| word.len() == 1);
                self.types = Some(rest.iter().map(of).collect::<Option<_>>().ok_or("I, U or F")?);
            }
            b"COUNT" => self.counts = Some(all().ok_or("whole numbers")?),
            b"WIDTH" => self.width = Some(number()?),
            b"HEIGHT" => self.height = Some(number()?),
            b"POINTS" => self.points = Some(number()?),
            // Nothing depends on these.
            b"VERSION" | b"VIEWPOINT" | b"" => {}
            _ if keyword.starts_with(b"#") => {}
            _ => return Err("FIELDS, SIZE, TYPE, COUNT, WIDTH, HEIGHT, VIEWPOINT, POINTS or DATA"),
        }
        Ok(())
    }

    /// How many points there are.
    fn count(&self, input: &Input) -> Result<u64, LoadError> {
        let area = self.width.and_then(|width| width.checked_mul(self.height.unwrap_or(1)));
        match (self.points, area) {
            (Some(points), Some(area)) if points != area => Err(broken(
                input,
                format!("the header says POINTS {points}, but WIDTH times HEIGHT is {area}"),
                "the same number",
            )),
            (Some(count), _) | (None, Some(count)) => Ok(count),
            (None, None) => Err(broken(input, "the header has no line POINTS, nor WIDTH", "one")),
        }
    }

    /// The numbers of a point with their names, and its bytes.
    fn fields(&self, input: &Input) -> Result<Point, LoadError> {
        let missing = |line| move || broken(input, format!("the header has no line {line}"), "one");
        let fields = self.fields.as_ref().ok_or_else(missing("FIELDS"))?;
        let sizes = self.sizes.as_ref().ok_or_else(missing("SIZE"))?;
        let types = self.types.as_ref().ok_or_else(missing("TYPE"))?;
        let counts = self.counts.clone().unwrap_or_else(|| vec![1; fields.len()]);
        for (line, length) in
            [("SIZE", sizes.len()), ("TYPE", types.len()), ("COUNT", counts.len())]
        {
            if length != fields.len() {
                let found = format!("the line {line} has {length} entries");
                return Err(broken(input, found, format!("{}, one a field", fields.len())));
            }
        }
        let width = counts.iter().fold(0_usize, |sum, count| sum.saturating_add(*count));
        if width > MAX_COLUMNS {
            let (found, limit) = (width as u64, MAX_COLUMNS as u64);
            return Err(LoadError::TooManyColumns { path: input.path().into(), found, limit });
        }
        let (mut numbers, mut offset, mut place, mut dense) = (Vec::new(), 0, 0, 0);
        for (k, name) in fields.iter().enumerate() {
            let (size, kind, count) = (sizes[k], types[k], counts[k]);
            let Some(plain) = plain(kind, size) else {
                let kind = shortened(&[kind]);
                let found = format!(
                    "field '{}' has TYPE {kind} and SIZE {size}",
                    shortened(name.as_bytes())
                );
                return Err(broken(input, found, "I or U of 1, 2, 4 or 8 bytes, F of 2, 4 or 8"));
            };
            let is_gap = name == "_";
            for entry in (0..count).filter(|_| !is_gap) {
                let name = match count {
                    1 => name.clone(),
                    _ => format!("{name}_{}", entry + 1),
                };
                let piece = (dense, size * count, size * entry);
                let field =
                    Field { plain, offset: offset + size * entry, place: place + entry, piece };
                numbers.push((name, field));
            }
            offset += size * count;
            place += count;
            dense += if is_gap { 0 } else { size * count };
        }
        Ok(Point { numbers, size: offset, width: place })
    }
}

/// The numbers of a point, and their names.
struct Point {
    numbers: Vec<(String, Field)>,
    /// Bytes of all fields, and their numbers, gaps too.
    size: usize,
    width: usize,
}

/// The type that a letter and a size mean.
fn plain(kind: u8, size: usize) -> Option<Plain> {
    Some(match (kind, size) {
        (b'I', 1) => Plain::I8,
        (b'I', 2) => Plain::I16,
        (b'I', 4) => Plain::I32,
        (b'I', 8) => Plain::I64,
        (b'U', 1) => Plain::U8,
        (b'U', 2) => Plain::U16,
        (b'U', 4) => Plain::U32,
        (b'U', 8) => Plain::U64,
        (b'F', 2) => Plain::F16,
        (b'F', 4) => Plain::F32,
        (b'F', 8) => Plain::F64,
        _ => return None,
    })
}

impl Pcd {
    /// The points that `input` holds.
    ///
    /// # Errors
    /// When the header is broken, or the file is shorter than it says.
    pub(super) fn open(input: &Input, options: &LoadOptions) -> Result<Self, LoadError> {
        let refused = |err| input.refusal(err);
        let line_end = line_end(&input.head(4096)?);
        let mut lines = Lines::new(input, 0, 0, line_end).map_err(refused)?;
        let mut header = Header::default();
        let data = loop {
            if !lines.advance().map_err(refused)? || lines.position > LONGEST_HEADER {
                let found = format!("the header does not end within {} lines", lines.count);
                return Err(broken(input, found, "a line DATA, and the points behind it"));
            }
            let wrong = |expected| {
                let found = format!("line {} is '{}'", lines.count, shortened(lines.text()));
                broken(input, found, expected)
            };
            let Some(kind) = lines.text().strip_prefix(b"DATA") else {
                header.absorb(lines.text()).map_err(wrong)?;
                continue;
            };
            break match kind.trim_ascii().to_ascii_lowercase().as_slice() {
                b"ascii" => Data::Text,
                b"binary" => Data::Binary,
                b"binary_compressed" => Data::Compressed,
                _ => return Err(wrong("DATA ascii, binary or binary_compressed")),
            };
        };
        let points = header.count(input)?;
        let Point { numbers, size, width } = header.fields(input)?;
        if numbers.is_empty() || size == 0 {
            return Err(broken(input, "the header names no fields", "x, y and z at least"));
        }
        if points == 0 {
            let found = "the PCD header counts 0 points".to_owned();
            return Err(LoadError::Empty { path: input.path().into(), found });
        }
        let unique = names::unique(numbers.iter().map(|(name, _)| name.clone()));
        let columns = unique.into_iter().zip(&numbers).map(|((name, unnamed), (_, field))| {
            Column { unnamed, ..Column::of(name, field.plain.holds()) }
        });
        let mut pcd = Self {
            columns: columns.collect(),
            fields: numbers.iter().map(|(_, field)| *field).collect(),
            input: input.clone(),
            data,
            points,
            size,
            width,
            start: lines.position,
            lines: lines.count,
            line_end,
            budget: options.byte_budget.min(spare_memory().unwrap_or(u64::MAX)),
            notes: Vec::new(),
        };
        pcd.check_size()?;
        Ok(pcd)
    }

    /// Refuses a file that is shorter than its header says.
    fn check_size(&mut self) -> Result<(), LoadError> {
        let rest = self.input.size().saturating_sub(self.start);
        let needed = match self.data {
            // Each number and what comes behind it; the last line may lack its end.
            Data::Text => self.points.saturating_mul(2 * self.width as u64).saturating_sub(1),
            Data::Binary => self.points.saturating_mul(self.size as u64),
            Data::Compressed => return Ok(()),
        };
        if needed > rest {
            return Err(self.cut_short(&format!("{} are left", in_bytes(rest))));
        }
        if self.data == Data::Binary && rest > needed {
            let more = in_bytes(rest - needed);
            self.notes.push(format!("{more} behind the last point are left out"));
        }
        Ok(())
    }

    /// That there are fewer points than the header says.
    fn cut_short(&self, found: &str) -> LoadError {
        let found = format!("it is cut short: {found} for the points");
        broken(&self.input, found, format!("{} points, as the header says", self.points))
    }

    fn binary(field: Field) -> Binary {
        Binary { plain: field.plain, big_endian: false }
    }

    fn read_text(
        &self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let refused = |err| self.input.refusal(err);
        let lines = Lines::new(&self.input, self.start, self.lines, self.line_end);
        let mut lines = lines.map_err(refused)?;
        let mut rows = Gathered::new(&self.columns, wanted);
        let (mut done, count) = (0, self.points);
        while done < count {
            if rows.is_empty() {
                let fraction = (lines.position as f64 / self.input.size() as f64).min(1.0);
                if observer.checkpoint(Progress { fraction }).is_break() {
                    return Err(LoadError::Cancelled);
                }
            }
            if !lines.advance().map_err(refused)? {
                return Err(self.cut_short(&format!("there are {done} lines")));
            }
            if lines.text().is_empty() {
                continue;
            }
            let row: Vec<&[u8]> = words(lines.text()).collect();
            if row.len() == self.width {
                let word = |k: usize| Some(row[self.fields[k].place]);
                rows.push(|| lines.place(), word, f64::NAN);
            } else {
                rows.push_bad(lines.place(), row.len(), self.width);
            }
            done += 1;
            if (rows.is_full() || done == count) && take(rows.take())?.is_break() {
                return Ok(());
            }
        }
        while lines.advance().map_err(refused)? {
            if !lines.text().is_empty() {
                let found = format!("{} comes behind the last point", lines.place());
                return Err(broken(
                    &self.input,
                    found,
                    format!("{count} points, as the header says"),
                ));
            }
        }
        Ok(())
    }

    /// Reads points of which each field lies in one piece, compressed together.
    fn read_compressed(
        &self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        if observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
            return Err(LoadError::Cancelled);
        }
        let unpacked = self.unpack()?;
        let gaps = unpacked.len() as u64 == self.points.saturating_mul(self.size as u64);
        let points = self.points as usize;
        for start in (0..points).step_by(records::ROWS) {
            let rows = records::ROWS.min(points - start);
            let fraction = start as f64 / points as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let columns = wanted.iter().map(|want| {
                let field = self.fields[want.column];
                let (dense, size, within) = field.piece;
                let before = if gaps { field.offset - within } else { dense };
                let from = before * points + size * start;
                let stride = Stride { offset: within, size };
                let bytes = &unpacked[from..from + size * rows];
                records::column(Self::binary(field), bytes, stride, want.as_numbers)
            });
            let block = Block { columns: columns.collect(), rows, bad_rows: Vec::new() };
            if take(block)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    /// The data of all points, field by field, with gaps or without.
    fn unpack(&self) -> Result<Vec<u8>, LoadError> {
        let refused = |err| self.input.refusal(err);
        let rest = self.input.size().saturating_sub(self.start);
        let mut file = self.input.section(self.start, rest);
        let mut sizes = [0; 8];
        if rest < 8 {
            return Err(self.cut_short(&format!("{} are left", in_bytes(rest))));
        }
        file.read_exact(&mut sizes).map_err(refused)?;
        let [packed, size] = [0, 4].map(|k| {
            u64::from(u32::from_le_bytes([sizes[k], sizes[k + 1], sizes[k + 2], sizes[k + 3]]))
        });
        if packed > rest - 8 {
            let found = format!("{} are left", in_bytes(rest - 8));
            return Err(
                self.cut_short(&format!("{found}, of {} compressed ones,", in_bytes(packed)))
            );
        }
        let last = self.fields.iter().map(|field| field.piece.0 + field.piece.1).max();
        let all = [self.size, last.unwrap_or(0)].map(|one| self.points.saturating_mul(one as u64));
        if !all.contains(&size) || size > packed.saturating_mul(lzf::RATIO) {
            let found = format!("{size} bytes are said to be compressed to {packed}");
            let expected = format!("{} bytes for {} points", all[0], self.points);
            return Err(broken(&self.input, found, expected));
        }
        if size > self.budget {
            return Err(LoadError::TooLarge {
                path: self.input.path().into(),
                what: "its points, unpacked, have".to_owned(),
                found: size,
                budget: self.budget,
            });
        }
        let mut bytes = vec![0; packed as usize];
        file.read_exact(&mut bytes).map_err(refused)?;
        lzf::unpack(&bytes, size as usize)
            .map_err(|what| broken(&self.input, what, format!("what becomes {size} bytes")))
    }
}

impl Table for Pcd {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let data = match self.data {
            Data::Text => "ascii",
            Data::Binary => "binary",
            Data::Compressed => "binary, compressed",
        };
        Facts {
            format: format!("PCD, {data}"),
            kind: "a PCD file",
            // What is compressed may be a few bytes.
            rows: Some(self.points.min(self.input.size().saturating_mul(lzf::RATIO))),
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
        match self.data {
            Data::Text => self.read_text(wanted, observer, take),
            Data::Compressed => self.read_compressed(wanted, observer, take),
            Data::Binary => {
                let fields: Vec<(Binary, usize)> =
                    self.fields.iter().map(|field| (Self::binary(*field), field.offset)).collect();
                let records = Records { start: self.start, rows: self.points, size: self.size };
                records.read_columns(&self.input, &fields, wanted, observer, take)
            }
        }
    }
}
