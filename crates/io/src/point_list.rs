//! Lists of points in space as text: XYZ, PTS and ASC, one point a line, perhaps behind a line with their
//! number and a line of comment.
//!
//! ```text
//!   3                    2                          1.0 2.0 3.0 100 255 0 0
//!   1 2 3 100            water                      …
//!   …                    O 0.0 0.0 0.1
//!                        …
//! ```
//!
//! The lines themselves are read by [`super::text`]. Such files have no names for their columns as a rule:
//! the number of columns tells what they are.

use std::path::Path;

use super::LoadOptions;
use super::columns::{Column, Kind};
use super::error::LoadError;
use super::input::Input;
use super::table::{Facts, Table, Take, Wanted};
use super::text::Text;
use super::wording::listed;
use sigmascope_core::{
    engine::Observer,
    model::{Cloud, Header},
};

/// How names of such files end.
pub(super) const EXTENSIONS: &[&str] = &["xyz", "pts", "asc", "xyzi", "xyzn", "xyzrgb"];
/// How much of the file tells what its lines are.
const LOOKED_AT: u64 = 1 << 16;

/// A list of points in a file that is open.
pub(super) struct PointList {
    text: Text,
    /// The columns of the three coordinates.
    space: Option<[usize; 3]>,
    /// What the file's name says it is.
    name: String,
    notes: Vec<String>,
}

/// What the first lines say.
#[derive(Debug, Default, PartialEq)]
struct Beginning {
    /// Lines in front of the points.
    skip: usize,
    /// The number of points, where a line tells it.
    count: Option<u64>,
    /// Whether the first point is known to be one, not names.
    is_point: bool,
    /// Whether each point begins with a symbol, such as that of an element.
    has_symbols: bool,
    /// Number of columns.
    width: usize,
    /// Whether the three numbers behind the coordinates are colours, whole ones up to 255, and whether they
    /// are those of a direction, at most 1.
    behind: [bool; 2],
}

/// Whether a file that begins so is a grid of heights, not a list of points.
pub(super) fn is_grid(text: &[u8]) -> bool {
    let word: Vec<u8> =
        text.iter().take(10).take_while(|byte| !byte.is_ascii_whitespace()).copied().collect();
    [&b"ncols"[..], b"nrows", b"xllcorner", b"dsaa"].contains(&word.to_ascii_lowercase().as_slice())
}

/// That a grid is no list of points.
pub(super) fn refuse_grid(input: &Input) -> LoadError {
    LoadError::Content {
        path: input.path().into(),
        found: "a grid of heights (an ESRI or Surfer raster)".to_owned(),
        expected: "a list of points".to_owned(),
        remedy: "turn it into one, such as with gdal_translate -of XYZ grid.asc points.xyz"
            .to_owned(),
    }
}

impl Beginning {
    /// What the lines at the beginning of a file say.
    fn of(head: &[u8]) -> Self {
        let lines: Vec<&[u8]> = head.split(|&byte| byte == b'\n').take(200).collect();
        let rows: Vec<Option<Row>> = lines.iter().map(|line| Row::of(line)).collect();
        let is_row = |k: usize| rows.get(k).is_some_and(Option::is_some);
        let says_something = |line: &&[u8]| {
            let line = line.trim_ascii();
            let is_comment =
                [&b"#"[..], b"//", b"%", b";"].iter().any(|mark| line.starts_with(mark));
            !line.is_empty() && !is_comment
        };
        let Some(first) = lines.iter().position(says_something) else {
            return Self::default();
        };
        let number = std::str::from_utf8(lines[first].trim_ascii()).ok();
        let count = number.and_then(|number| number.parse::<u64>().ok());
        let skip = match count {
            Some(_) if is_row(first + 1) => first + 1,
            Some(_) if is_row(first + 2) => first + 2,
            _ => 0,
        };
        let count = count.filter(|_| skip > 0);
        let Some(row) = rows.get(skip.max(first)).and_then(Option::as_ref) else {
            return Self { skip, count, ..Self::default() };
        };
        let same = || rows[skip..].iter().flatten().filter(|other| other.width == row.width);
        Self {
            skip,
            count,
            is_point: true,
            has_symbols: row.has_symbol,
            width: row.width,
            behind: [
                same().all(|row| {
                    row.last.iter().all(|v| v.fract() == 0.0 && (0.0..256.0).contains(v))
                }),
                same().all(|row| row.last.iter().all(|v| v.abs() <= 1.0)),
            ],
        }
    }

    /// The names of the columns.
    fn names(&self) -> Vec<String> {
        let symbol = self.has_symbols.then_some("symbol");
        let [is_color, is_direction] = self.behind;
        let others: &[&str] = match (self.width - usize::from(self.has_symbols), is_color) {
            (4, _) => &["intensity"],
            (6, true) => &["r", "g", "b"],
            (6, _) if is_direction => &["nx", "ny", "nz"],
            (7, true) => &["intensity", "r", "g", "b"],
            (7, _) if is_direction => &["intensity", "nx", "ny", "nz"],
            _ => &[],
        };
        let others = if self.has_symbols { &[] } else { others };
        let known =
            symbol.iter().chain(&["x", "y", "z"]).chain(others).map(|&name| name.to_owned());
        let names: Vec<String> = known.collect();
        let more = (names.len()..self.width).map(|k| format!("column_{}", k + 1));
        names.iter().cloned().chain(more).collect()
    }
}

/// A line that is a point.
struct Row {
    width: usize,
    has_symbol: bool,
    /// The last three numbers.
    last: Vec<f64>,
}

impl Row {
    /// At least three numbers, perhaps behind a symbol; `None` for any other line.
    fn of(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?.trim();
        let cells: Vec<&str> =
            text.split([' ', '\t', ',', ';']).filter(|cell| !cell.is_empty()).collect();
        let number = |cell: &&str| cell.parse::<f64>().ok();
        let has_symbol = cells.first().is_some_and(|cell| {
            number(cell).is_none() && cell.chars().next().is_some_and(char::is_alphabetic)
        });
        let numbers: Vec<Option<f64>> =
            cells[usize::from(has_symbol)..].iter().map(number).collect();
        let enough = numbers.len() >= 3 && numbers.iter().take(3).all(Option::is_some);
        let last = numbers.iter().rev().take(3).copied().collect::<Option<Vec<f64>>>();
        enough.then(|| Self { width: cells.len(), has_symbol, last: last.unwrap_or_default() })
    }
}

impl PointList {
    /// Opens the list of points that a text file holds; `extension` is how its name ends.
    ///
    /// # Errors
    /// When it is a grid, cut short, or no table of text; or the observer ended the work.
    pub(super) fn open(
        input: &Input,
        extension: &str,
        options: &LoadOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let head = input.head(LOOKED_AT)?;
        let mut options = options.clone();
        let reading = &mut options.reading;
        let is_told = reading.skip_rows > 0 || reading.header == Header::Yes;
        let beginning = if is_told { Beginning::default() } else { Beginning::of(&head) };
        if !is_told {
            reading.skip_rows = beginning.skip;
            if beginning.is_point {
                reading.header = Header::No;
            }
        }
        let mut text = Text::open(input, &options, observer)?;
        let mut notes = Vec::new();
        let rows = text.facts().rows.unwrap_or(0);
        match beginning.count {
            Some(count) if rows < count => {
                return Err(LoadError::Broken {
                    path: input.path().into(),
                    format: "point list",
                    found: format!("it ends after {rows} points"),
                    expected: format!("{count}, as its first line says"),
                    remedy: "copy it or write it again, or correct the first line".to_owned(),
                });
            }
            Some(count) if rows > count => notes.push(format!(
                "the first line says {count} points, but {rows} lines follow: all are read"
            )),
            Some(count) => notes.push(format!("the first line says {count} points")),
            None => {}
        }
        let width = text.columns().len();
        let is_unnamed = text
            .columns()
            .iter()
            .map(|column| column.name.as_str())
            .eq(Cloud::default_axes(width).iter().map(String::as_str));
        if is_unnamed && beginning.width == width {
            text.name_columns(beginning.names());
        }
        let space = space(text.columns());
        Ok(Self { text, space, name: extension.to_uppercase(), notes })
    }
}

/// The columns of the three coordinates: x, y and z, else the first three of numbers.
fn space(columns: &[Column]) -> Option<[usize; 3]> {
    let named = |name: &str| {
        let is_it = |column: &Column| {
            column.kind == Kind::Numbers
                && column.name.trim_start_matches('/').to_lowercase() == name
        };
        columns.iter().position(is_it)
    };
    if let (Some(x), Some(y), Some(z)) = (named("x"), named("y"), named("z")) {
        return Some([x, y, z]);
    }
    let mut numbers = (0..columns.len()).filter(|&k| columns[k].kind == Kind::Numbers);
    Some([numbers.next()?, numbers.next()?, numbers.next()?])
}

impl Table for PointList {
    fn columns(&self) -> &[Column] {
        self.text.columns()
    }

    fn facts(&self) -> Facts {
        let facts = self.text.facts();
        let rest = facts.format.strip_prefix("CSV").unwrap_or(&facts.format);
        let mut notes = facts.notes;
        notes.retain(|note| !note.starts_with("first row taken as a point"));
        notes.extend(self.notes.iter().cloned());
        Facts {
            format: format!("{}{rest}", self.name),
            kind: "a list of points",
            space: self.space,
            notes,
            ..facts
        }
    }

    fn prefer(
        &self,
        _: &Path,
        options: &LoadOptions,
    ) -> Result<(LoadOptions, Vec<String>), LoadError> {
        let mut options = options.clone();
        let is_told = !options.columns.is_empty() || options.dim.is_some_and(|dim| dim != 3);
        let Some(space) = self.space.filter(|_| !is_told) else {
            return Ok((options, Vec::new()));
        };
        options.columns = space.map(|k| self.columns()[k].name.clone()).into();
        let names = listed(options.columns.iter().map(String::as_str));
        let note = format!("coordinates taken: {names} (places in space)");
        Ok((options, vec![note]))
    }

    fn check_chosen(&self, chosen: &[usize]) -> Result<(String, Vec<String>), LoadError> {
        self.text.check_chosen(chosen)
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        self.text.read(wanted, observer, take)
    }

    fn place(&mut self, row: u64) -> Result<String, LoadError> {
        self.text.place(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_tell_what_the_columns_are() {
        let names = |text: &str| {
            let beginning = Beginning::of(text.as_bytes());
            (beginning.skip, beginning.count, beginning.names().join(" "))
        };
        let cases = [
            ("3\n1 2 3 100\n", (1, Some(3), "x y z intensity")),
            ("2\nwater\nO 0 0 0.1\nH 0 0 1\n", (2, Some(2), "symbol x y z")),
            ("2\n\nO 0 0 0.1\nH 0 0 1\n", (2, Some(2), "symbol x y z")),
            ("1 2 3 -5 255 0 9\r\n", (0, None, "x y z intensity r g b")),
            ("1,2,3,0.5,0.5,-0.1\n", (0, None, "x y z nx ny nz")),
            ("1 2 3 40 50 60\n", (0, None, "x y z r g b")),
            ("1 2 3\n", (0, None, "x y z")),
            ("1 2 3 4 5\n", (0, None, "x y z column_4 column_5")),
        ];
        for (text, (skip, count, expected)) in cases {
            assert_eq!(names(text), (skip, count, expected.to_owned()), "{text}");
        }
        assert_eq!(Beginning::of(b"X Y Z\n1 2 3\n"), Beginning::default());
        assert!(is_grid(b"NCOLS 4\n") && !is_grid(b"1 2 3"));
    }
}
