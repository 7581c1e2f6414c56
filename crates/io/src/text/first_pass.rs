//! What the first pass over a text file finds: the columns, whether the first row names them, and how
//! numbers are spelled.

use super::block::Form;
use super::dialect::Dialect;
use super::findings::{Findings, Kept};
use super::header::{Aligned, Decision, decide, is_types, is_units};
use super::rows::TextFile;
use super::survey::{Example, Survey};
use crate::LoadOptions;
use crate::columns::{Column, ColumnSummary, Holds, Kind, TextCell};
use crate::error::LoadError;
use crate::families::plain;
use crate::names;
use crate::number::{Cell, Marks, NumberStyle, StyleConflict, bare, classify};
use crate::wording::{listed, shortened};
use sigmascope_core::{
    engine::Observer,
    model::{Cloud, Header},
};

/// Marks of points, or of commas, whose role depends on the other cells.
const POINTS: [Marks; 3] = [Marks::POINT_DECIMAL, Marks::POINT_GROUPS, Marks::POINT_EITHER];
const COMMAS: [Marks; 3] = [Marks::COMMA_DECIMAL, Marks::COMMA_GROUPS, Marks::COMMA_EITHER];
/// Marks of angles in sixtieths, and of times of day.
const SIXTIETHS: [Marks; 3] = [Marks::SEXAGESIMAL, Marks::HOURS, Marks::COLONS];
/// Marks of numbers with a unit.
const UNITS: [Marks; 4] = [Marks::DEGREES, Marks::SEXAGESIMAL, Marks::HOURS, Marks::COLONS];

/// The columns of a text file, and what each holds.
pub(super) struct FirstPass {
    /// Number of fields of a row.
    pub(super) width: usize,
    /// In the order of the file.
    pub(super) columns: Vec<Column>,
    seen: Vec<Survey>,
    /// The marks of all columns of numbers.
    marks: Marks,
    /// Number of rows of the file that are no data: names, units.
    pub(super) head: u64,
    /// Whether the first row holds names.
    pub(super) header: bool,
    /// Number of rows of data, those of the wrong length included.
    pub(super) rows: u64,
    /// How many of these are of the wrong length.
    uneven: u64,
    /// Those of the first two rows of the file that are data.
    pub(super) firsts: Vec<csv::ByteRecord>,
    /// The numbers in all other rows of data, until they are taken.
    kept: Option<Kept>,
    pub(super) notes: Vec<String>,
}

impl FirstPass {
    /// Reads the whole file once.
    pub(super) fn survey(
        file: &TextFile<'_>,
        dialect: &Dialect,
        options: &LoadOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let empty = |found: &str| LoadError::Empty { path: file.path.into(), found: found.into() };
        let missing = options.more_missing();
        let mut found = Findings::read(file, dialect, &missing, observer)?;
        let comments = found.counts.comments;
        let kept = found.take_numbers();
        let Findings { width, mut seen, uneven, .. } = found;
        let mut firsts = found.firsts.into_iter();
        let (first, second) = (firsts.next(), firsts.next());
        let first = match first {
            Some(first) => first,
            None if comments > 0 || dialect.comment_mark.is_some() => {
                return Err(empty("there is nothing but comments"));
            }
            None if options.reading.skip_rows > 0 => {
                return Err(empty("there is nothing behind the lines that are skipped"));
            }
            None => return Err(empty("the file is empty")),
        };
        // The first row may lack the name above the names of rows, or end with more separators.
        let aligned = Aligned::new(&first.1, width);
        let absorb = |seen: &mut Vec<Survey>, line, record: &csv::ByteRecord| {
            for (seen, cell) in seen.iter_mut().zip(record) {
                if missing.has_word(bare(cell)) {
                    seen.absorb_missing();
                } else {
                    seen.absorb(line, cell, true);
                }
            }
        };
        let mut count = found.rows - 1;
        // Whether the second row tells units is known when all others have been seen; it counts as the
        // first of the data until then.
        let mut units = false;
        if let Some((line, record)) = second.as_ref().filter(|(_, record)| record.len() == width) {
            units = count > 1 && is_units(record, &seen);
            if !units {
                absorb(&mut seen, *line, record);
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
                absorb(&mut seen, first.0, &first.1);
            }
        }
        if units {
            count -= 1;
        } else if let Some((line, record)) =
            second.as_ref().filter(|(_, record)| !header && record.len() == width && count > 2)
        {
            // It was looked at as units above; a file without names has none.
            if is_units(record, &seen) {
                absorb(&mut seen, *line, record);
            }
        }
        if count == 0 {
            return Err(empty("there is one row of names and nothing below it"));
        }
        let mut table = Self {
            width,
            columns: Vec::new(),
            seen,
            marks: Marks::default(),
            head: u64::from(header) + u64::from(units),
            header,
            rows: count,
            uneven,
            firsts: Vec::new(),
            kept,
            notes: dialect.notes.clone(),
        };
        let data = [Some(first.1), second.as_ref().map(|(_, record)| record.clone())];
        table.firsts = data.into_iter().flatten().skip(table.head as usize).collect();
        table.uneven += table.firsts.iter().filter(|record| record.len() != width).count() as u64;
        if comments > 0 {
            let many = if comments == 1 { "comment" } else { "comments" };
            table.notes.push(format!("{comments} {many} among the rows left out"));
        }
        let cells = aligned.names(&table.seen);
        table.name_columns(dialect, header.then_some(cells), why);
        table.marks = table.numeric().map(|k| table.seen[k].marks).fold(table.marks, Marks::with);
        for k in 0..table.columns.len() {
            table.columns[k].holds = match table.form(k) {
                _ if table.columns[k].kind == Kind::Nothing => Holds::Nothing,
                Form::Numbers(_) => Holds::Numbers,
                Form::Integers => Holds::Integers,
                Form::Texts => Holds::Texts,
            };
        }
        if let Some((line, record)) = second.filter(|_| units) {
            let cells = listed(record.iter().filter_map(|cell| std::str::from_utf8(cell).ok()));
            let what = if is_types(&record) { "types" } else { "units" };
            table.notes.push(format!("line {line} taken as a row of {what}: {cells}"));
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
                Column {
                    name,
                    unnamed,
                    kind: seen.kind(),
                    text: seen.first_text.as_ref().map(cell),
                    counts_rows: seen.counts_rows(),
                    has_text: seen.texts > 0,
                    set_apart: seen.set_apart(self.rows, named),
                    varies: seen.varies,
                    // Known once all of them are.
                    holds: Holds::Nothing,
                    list: None,
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

    /// The columns of numbers.
    fn numeric(&self) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(|&k| self.columns[k].kind == Kind::Numbers)
    }

    /// What points and commas mean in this file.
    pub(super) fn style(
        &self,
        file: &TextFile<'_>,
        chosen: &[usize],
    ) -> Result<NumberStyle, LoadError> {
        let used = chosen.iter().fold(Marks::default(), |all, &k| all.with(self.seen[k].marks));
        let conflict = match NumberStyle::decide(used, self.marks) {
            Ok(style) => return Ok(style),
            Err(conflict) => conflict,
        };
        let numeric: Vec<usize> = self.numeric().collect();
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

    /// What the values of a column are, where they are wanted as they are; text with a number in most
    /// cells stays text, and so do angles in sixtieths, times of day and post codes.
    pub(super) fn form(&self, k: usize) -> Form {
        let seen = &self.seen[k];
        if seen.numbers == 0 || seen.texts > 0 || seen.are_codes() || seen.has_any(&UNITS) {
            Form::Texts
        } else if seen.are_whole() {
            Form::Integers
        } else {
            self.style_alone(k).map_or(Form::Texts, Form::Numbers)
        }
    }

    /// How the numbers of one column are spelled, if that is known.
    fn style_alone(&self, k: usize) -> Option<NumberStyle> {
        NumberStyle::decide(self.seen[k].marks, self.marks).ok()
    }

    /// The numbers of all rows but [`Self::firsts`], piece by piece; `None` where they were not kept, have
    /// been taken, or are not what reading these columns in these styles gives.
    pub(super) fn take_kept(&mut self, wanted: &[(usize, NumberStyle)]) -> Option<Kept> {
        let kept = self.kept.take()?;
        let is_known = |(k, style): &(usize, NumberStyle)| {
            self.seen[*k].texts == 0 && self.is_read(*k, *style)
        };
        (self.uneven == 0 && wanted.iter().all(is_known)).then_some(kept)
    }

    /// Whether the survey took the numbers of a column for what they are in this style.
    fn is_read(&self, k: usize, style: NumberStyle) -> bool {
        let others = if style.decimal == b'.' { &COMMAS } else { &POINTS };
        let seen = &self.seen[k];
        let is_grouped = style.decimal == b',' && style.grouped;
        !is_grouped && !seen.has_any(others) && !seen.has_any(&SIXTIETHS)
    }

    /// What is known of a column, and whether its range is yet to be read.
    pub(super) fn summary(&self, k: usize) -> (ColumnSummary, bool) {
        let mut summary = ColumnSummary::of(&self.columns[k]);
        // A row of another length has no value in any column.
        summary.missing = Some(self.seen[k].missing + self.uneven);
        if matches!(self.columns[k].kind, Kind::Text | Kind::Nothing) {
            return (summary, false);
        }
        let Some(style) = self.style_alone(k) else { return (summary, false) };
        if !self.is_read(k, style) {
            return (summary, true);
        }
        summary.range = self.seen[k].range;
        (summary, false)
    }

    /// Whether sexagesimal numbers of a column that say no unit are hours: it is a right ascension.
    pub(super) fn is_in_hours(&self, k: usize) -> bool {
        let name = plain(&self.columns[k].name);
        name.starts_with("ra") && !name.starts_with("rad") && !name.starts_with("range")
            || name.starts_with("rightasc")
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

fn all_text(names: &[String]) -> bool {
    names.iter().all(|name| classify(name.as_bytes()) == Cell::Text)
}
