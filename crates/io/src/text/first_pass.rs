//! What the first pass over a text file finds: the columns, whether the first row names them, and how
//! numbers are spelled.

use super::dialect::Dialect;
use super::header::{Decision, decide, is_units, may_be_numbers_as_names};
use super::rows::{Rows, TextFile};
use super::survey::{Example, Survey};
use crate::LoadOptions;
use crate::columns::{Column, Holds, Kind, TextCell};
use crate::error::LoadError;
use crate::families::plain;
use crate::names;
use crate::number::{Cell, Marks, NumberStyle, StyleConflict, bare, classify};
use crate::wording::{listed, shortened};
use sigmascope_core::model::{Cloud, Header};

/// The columns of a text file, and what each holds.
pub(super) struct FirstPass {
    /// Number of fields of a row.
    pub(super) width: usize,
    /// In the order of the file.
    pub(super) columns: Vec<Column>,
    seen: Vec<Survey>,
    /// Number of rows of the file that are no data: names, units.
    pub(super) head: u64,
    /// Whether the first row holds names.
    pub(super) header: bool,
    /// Number of rows of data, those of the wrong length included.
    pub(super) rows: u64,
    pub(super) notes: Vec<String>,
}

impl FirstPass {
    /// Reads the whole file once.
    pub(super) fn survey(
        mut rows: Rows<'_>,
        file: &TextFile<'_>,
        dialect: &Dialect,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let empty = |found: &str| LoadError::Empty { path: file.path.into(), found: found.into() };
        let missing = options.more_missing();
        let first = rows.next()?.map(|(line, record)| (line, record.clone()));
        let first = match first {
            Some(first) => first,
            None if rows.comments > 0 || dialect.comment_mark.is_some() => {
                return Err(empty("there is nothing but comments"));
            }
            None if options.reading.skip_rows > 0 => {
                return Err(empty("there is nothing behind the lines that are skipped"));
            }
            None => return Err(empty("the file is empty")),
        };
        // Where the beginning of the file holds no whole row, the first one tells.
        let width = if dialect.width == 0 { first.1.len() } else { dialect.width };
        // The first row may lack the name above the names of rows, or end with more separators.
        let aligned = Aligned::new(&first.1, width);
        let new = || if aligned.may_be_numbers { Survey::with_range() } else { Survey::default() };
        let mut seen = vec![new(); width];
        let absorb = |seen: &mut Vec<Survey>, line, record: &csv::ByteRecord, in_front| {
            for (seen, cell) in seen.iter_mut().zip(record) {
                if !missing.has_word(bare(cell)) {
                    seen.absorb(line, cell, in_front);
                }
            }
        };
        let mut count = 0;
        let mut second = None;
        while let Some((line, record)) = rows.next()? {
            count += 1;
            if count == 1 {
                second = Some((line, record.clone()));
            } else if record.len() == width {
                absorb(&mut seen, line, record, false);
            }
        }
        // Whether the second row tells units is known when all others have been seen; it counts as the
        // first of the data until then.
        let mut units = false;
        if let Some((line, record)) = second.as_ref().filter(|(_, record)| record.len() == width) {
            units = count > 1 && is_units(record, &seen);
            if !units {
                absorb(&mut seen, *line, record, true);
            }
        }
        let Decision { names: header, why } = match options.reading.header {
            Header::Yes => Decision { names: true, why: "as you say" },
            Header::No => Decision { names: false, why: "as you say" },
            Header::Auto if aligned.is_short && aligned.has_text => {
                Decision { names: true, why: "text, one field fewer than the rows" }
            }
            Header::Auto => match &aligned.record {
                Some(record) => decide(record, &seen),
                None => Decision { names: false, why: "it has another length than the other rows" },
            },
        };
        let units = units && header;
        if !header {
            count += 1;
            if first.1.len() == width {
                absorb(&mut seen, first.0, &first.1, true);
            }
        }
        if units {
            count -= 1;
        } else if let Some((line, record)) =
            second.as_ref().filter(|(_, record)| !header && record.len() == width && count > 2)
        {
            // It was looked at as units above; a file without names has none.
            if is_units(record, &seen) {
                absorb(&mut seen, *line, record, true);
            }
        }
        if count == 0 {
            return Err(empty("there is one row of names and nothing below it"));
        }
        let mut table = Self {
            width,
            columns: Vec::new(),
            seen,
            head: u64::from(header) + u64::from(units),
            header,
            rows: count,
            notes: dialect.notes.clone(),
        };
        if rows.comments > 0 {
            let comments = rows.comments;
            let many = if comments == 1 { "comment" } else { "comments" };
            table.notes.push(format!("{comments} {many} among the rows left out"));
        }
        let cells = aligned.names(&table.seen);
        table.name_columns(dialect, header.then_some(cells), why);
        if let Some((line, record)) = second.filter(|_| units) {
            let cells = listed(record.iter().filter_map(|cell| std::str::from_utf8(cell).ok()));
            table.notes.push(format!("line {line} taken as a row of units: {cells}"));
        }
        Ok(table)
    }

    /// Names the columns, by the first row if it holds names.
    fn name_columns(&mut self, dialect: &Dialect, header: Option<Vec<String>>, why: &str) {
        let width = self.seen.len();
        let mut ends_empty = false;
        let mut named = true;
        let names = if let Some(cells) = header {
            let told = listed(cells.iter().filter(|cell| !cell.is_empty()).map(String::as_str));
            self.notes.push(format!("first row taken as names: {told} ({why})"));
            ends_empty = cells.last().is_some_and(String::is_empty);
            names::unique(cells.into_iter())
        } else if dialect.comment.len() == width && all_text(&dialect.comment) {
            let told = listed(dialect.comment.iter().map(String::as_str));
            self.notes.push(format!("names taken from the comment in front of the rows: {told}"));
            names::unique(dialect.comment.iter().cloned())
        } else {
            if !why.is_empty() {
                self.notes.push(format!("first row taken as a point ({why})"));
            }
            ends_empty = true;
            named = false;
            Cloud::default_axes(width).into_iter().map(|name| (name, false)).collect()
        };
        self.columns = names
            .into_iter()
            .zip(&self.seen)
            .map(|((name, unnamed), seen)| {
                let cell = |e: &Example| TextCell {
                    place: format!("line {}", e.line),
                    cell: e.cell.clone(),
                };
                let holds = match seen.kind() {
                    Kind::Numbers if seen.texts == 0 && seen.whole == seen.numbers => {
                        Holds::Integers
                    }
                    Kind::Numbers | Kind::MostlyNumbers => Holds::Numbers,
                    Kind::Text => Holds::Texts,
                    Kind::Nothing => Holds::Nothing,
                };
                Column {
                    name,
                    unnamed,
                    kind: seen.kind(),
                    text: seen.first_text.as_ref().map(cell),
                    counts_rows: seen.counts_rows(),
                    has_text: seen.texts > 0,
                    set_apart: seen.set_apart(self.rows, named),
                    varies: seen.varies,
                    holds,
                }
            })
            .collect();
        // Every row ends with a separator.
        let is_trailing = width > 2 && ends_empty && self.columns[width - 1].kind == Kind::Nothing;
        if is_trailing {
            self.columns.truncate(width - 1);
            self.notes.push("every row ends with a separator: the empty field left out".to_owned());
        }
    }

    /// What points and commas mean in this file.
    pub(super) fn style(
        &self,
        file: &TextFile<'_>,
        chosen: &[usize],
    ) -> Result<NumberStyle, LoadError> {
        let numeric: Vec<usize> =
            (0..self.columns.len()).filter(|&k| self.columns[k].kind == Kind::Numbers).collect();
        let marks = |columns: &[usize]| {
            columns.iter().fold(Marks::default(), |all, &k| all.with(self.seen[k].marks))
        };
        let conflict = match NumberStyle::decide(marks(chosen), marks(&numeric)) {
            Ok(style) => return Ok(style),
            Err(conflict) => conflict,
        };
        // The example to show: from a chosen column if there is one.
        let example = |wanted: Marks| {
            chosen.iter().chain(&numeric).find_map(|&k| {
                let found = self.seen[k].examples.iter().find(|(mark, _)| wanted.has(*mark));
                found.map(|(_, example)| (k, example.clone()))
            })
        };
        let unknown = || (0, Example { line: 0, cell: String::new() });
        let path = file.path.into();
        Err(match conflict {
            StyleConflict::Mixed(point, comma) => {
                let (_, point) = example(point).unwrap_or_else(unknown);
                let (_, comma) = example(comma).unwrap_or_else(unknown);
                LoadError::MixedDecimals {
                    path,
                    point_line: point.line,
                    point_cell: point.cell,
                    comma_line: comma.line,
                    comma_cell: comma.cell,
                }
            }
            StyleConflict::Ambiguous(mark) => {
                let (k, Example { line, cell }) = example(mark).unwrap_or_else(unknown);
                LoadError::AmbiguousNumber {
                    path,
                    line,
                    column: shortened(self.columns[k].name.as_bytes()),
                    meanings: format!(
                        "{} or {}",
                        cell.replace(',', "."),
                        cell.replace(['.', ','], "")
                    ),
                    cell,
                }
            }
        })
    }

    /// Whether sexagesimal numbers of a column that say no unit are hours: it is a right ascension.
    pub(super) fn is_in_hours(&self, k: usize) -> bool {
        let name = plain(&self.columns[k].name);
        name.starts_with("ra") && !name.starts_with("rad") && !name.starts_with("range")
            || name.starts_with("rightasc")
    }

    /// The separator in words.
    pub(super) fn format(&self, dialect: &Dialect) -> String {
        format!("CSV, {}", dialect.separator.words())
    }

    /// What the numbers of the chosen columns look like, behind a comma.
    pub(super) fn format_of(&self, style: NumberStyle, chosen: &[usize]) -> String {
        let mut format = String::new();
        if style.decimal == b',' {
            format += ", decimal comma";
        }
        let has_groups = |&k: &usize| self.seen[k].marks.has(Marks::OTHER_GROUPS);
        if style.grouped || chosen.iter().any(has_groups) {
            format += ", thousands separators";
        }
        format
    }

    /// What angles were taken as.
    pub(super) fn notes_on_angles(&self, chosen: &[usize]) -> Vec<String> {
        let with = |mark| -> Vec<&str> {
            let columns = chosen.iter().filter(|k| self.seen[**k].marks.has(mark));
            columns.map(|k| self.columns[*k].name.as_str()).collect()
        };
        let hours: Vec<&str> = chosen
            .iter()
            .filter(|&&k| {
                let marks = self.seen[k].marks;
                marks.has(Marks::HOURS) || marks.has(Marks::COLONS) && self.is_in_hours(k)
            })
            .map(|k| self.columns[*k].name.as_str())
            .collect();
        let sixtieths: Vec<&str> = [with(Marks::SEXAGESIMAL), with(Marks::COLONS)]
            .concat()
            .into_iter()
            .filter(|name| !hours.contains(name))
            .collect();
        let said = |names: Vec<&str>, what: &str| {
            (!names.is_empty()).then(|| format!("{}: {what}", listed(names)))
        };
        [
            said(with(Marks::DEGREES), "degree signs left out; the values are degrees"),
            said(sixtieths, "sexagesimal numbers taken as degrees"),
            said(hours, "sexagesimal hours taken as degrees, 15 an hour"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The first row beside the width of the others.
struct Aligned {
    /// Cut to the width of the rows; `None` where it cannot stand above them.
    record: Option<csv::ByteRecord>,
    cells: Vec<String>,
    /// Whether it has one field fewer.
    is_short: bool,
    has_text: bool,
    /// Whether it may be names although it holds nothing but whole numbers.
    may_be_numbers: bool,
    width: usize,
}

impl Aligned {
    fn new(first: &csv::ByteRecord, width: usize) -> Self {
        let fits = first.len() == width;
        let is_longer =
            first.len() > width && first.iter().skip(width).all(|cell| bare(cell).is_empty());
        let record: Option<csv::ByteRecord> =
            (fits || is_longer).then(|| first.iter().take(width).collect());
        Self {
            cells: first.iter().map(names::shortened).collect(),
            is_short: first.len() + 1 == width,
            has_text: first.iter().any(|cell| classify(cell) == Cell::Text),
            may_be_numbers: record.as_ref().is_some_and(may_be_numbers_as_names),
            record,
            width,
        }
    }

    /// The names above the columns, as many as these: a short row lacks the name above the first column,
    /// or above the last where that is empty.
    fn names(&self, seen: &[Survey]) -> Vec<String> {
        let mut cells = self.cells.clone();
        if self.is_short {
            let is_last_empty = seen.last().is_some_and(|seen| seen.kind() == Kind::Nothing);
            cells.insert(if is_last_empty { cells.len() } else { 0 }, String::new());
        }
        cells.resize(self.width, String::new());
        cells
    }
}

fn all_text(names: &[String]) -> bool {
    names.iter().all(|name| classify(name.as_bytes()) == Cell::Text)
}
