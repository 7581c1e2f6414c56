//! Where in a sheet the table is: behind titles and empty rows, below a row of names and one of units; and
//! what its columns hold.

use super::cells::{Cell, Cells, Line};
use crate::columns::{Column, Holds, Kind, TextCell};
use crate::moment;
use crate::names;
use crate::number::NumberStyle;
use crate::text::header::{decide, is_units};
use crate::text::survey::Survey;
use crate::wording::listed;
use sigmascope_core::model::{Header, Reading};

/// Rows that are looked at for titles.
const TOP: u32 = 200;

/// The table of a sheet.
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    /// Where each column is in the sheet, and how its numbers in text are spelled.
    pub(super) places: Vec<Place>,
    /// The first row of values, from 0.
    pub(super) first: u32,
    /// The row behind the last one.
    pub(super) end: u32,
    pub(super) header: bool,
    /// What was decided, in sentences.
    pub(super) notes: Vec<String>,
}

/// A column in the sheet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Its number in the sheet, from 0.
    pub(super) column: u32,
    /// How numbers in text are spelled; `None` where they cannot be read one way only.
    pub(super) style: Option<NumberStyle>,
}

impl Layout {
    /// The table among the cells of a sheet that holds something.
    pub(super) fn of(cells: &Cells, reading: &Reading) -> Self {
        let mut notes = Vec::new();
        let start = u32::try_from(reading.skip_rows).unwrap_or(u32::MAX);
        let top = top(cells, start);
        let titles = titles(cells, &top);
        let rest = &top[titles..];
        let end = cells.last_row().map_or(0, |row| row + 1);
        let first = rest.first().map_or(end, |(row, _)| *row);
        if titles > 0 {
            let rows: Vec<String> =
                top[..titles].iter().map(|(row, _)| (row + 1).to_string()).collect();
            let many = if titles == 1 { "sheet row" } else { "sheet rows" };
            notes.push(format!(
                "{many} {} left out as titles in front of the table",
                rows.join(", ")
            ));
        }
        // The second row joins the others once it is known not to tell units.
        let second = rest.get(1).map_or(end, |(row, _)| *row);
        let lines: Vec<(u32, &Line)> =
            cells.columns().filter(|(_, line)| line.from(first).next().is_some()).collect();
        let mut seen: Vec<Seen> =
            lines.iter().map(|(_, line)| Seen::of(cells, line, second.saturating_add(1))).collect();
        let surveys =
            |seen: &[Seen]| seen.iter().map(|seen| seen.survey.clone()).collect::<Vec<_>>();
        let second_row = record(cells, &lines, second);
        let may_be_units = second < end && is_units(&second_row, &surveys(&seen));
        if !may_be_units {
            for (seen, (_, line)) in seen.iter_mut().zip(&lines) {
                if let Some((row, cell)) =
                    line.from(second).next().filter(|(row, _)| *row == second)
                {
                    seen.absorb(cells, row, cell, true);
                }
            }
        }
        let first_row = record(cells, &lines, first);
        let header = match reading.header {
            Header::Yes => true,
            Header::No => false,
            Header::Auto => {
                let decision = decide(&first_row, &surveys(&seen));
                if decision.names {
                    notes.push(format!(
                        "sheet row {} taken as names ({})",
                        first + 1,
                        decision.why
                    ));
                }
                decision.names
            }
        };
        let mut first_of_values = first;
        if header {
            first_of_values = rest.get(1).map_or(end, |(row, _)| *row);
            if may_be_units {
                notes.push(format!("sheet row {} left out: it tells units", second + 1));
                first_of_values = rest.get(2).map_or(end, |(row, _)| *row);
            }
        } else {
            for row in if may_be_units { vec![second, first] } else { vec![first] } {
                for (seen, (_, line)) in seen.iter_mut().zip(&lines) {
                    if let Some((row, cell)) = line.from(row).next().filter(|(at, _)| *at == row) {
                        seen.absorb(cells, row, cell, true);
                    }
                }
            }
        }
        let names: Vec<String> = if header {
            first_row.iter().map(names::shortened).collect()
        } else {
            vec![String::new(); lines.len()]
        };
        let names = names::unique(names.into_iter());
        let mut in_text = Vec::new();
        let (columns, places) = names
            .into_iter()
            .zip(&lines)
            .zip(&seen)
            .map(|(((name, unnamed), (column, _)), seen)| {
                let style = NumberStyle::decide(seen.survey.marks, seen.survey.marks).ok();
                let of = seen.column(
                    name,
                    header && unnamed,
                    header,
                    u64::from(end.saturating_sub(first_of_values)),
                );
                if of.kind == Kind::Numbers && seen.in_text > 0 {
                    in_text.push((of.name.clone(), seen.in_text));
                }
                (of, Place { column: *column, style })
            })
            .unzip();
        if !in_text.is_empty() {
            let count: u64 = in_text.iter().map(|(_, count)| count).sum();
            let names = listed(in_text.iter().map(|(name, _)| name.as_str()));
            notes.push(format!(
                "{count} numbers that are kept as text were read as numbers: {names}"
            ));
        }
        Self { columns, places, first: first_of_values, end, header, notes }
    }
}

/// The first rows that hold something from `start` on, and in how many cells. Behind them stands one more
/// than is looked at, at least three.
fn top(cells: &Cells, start: u32) -> Vec<(u32, usize)> {
    let mut filled = std::collections::BTreeMap::new();
    for (_, line) in cells.columns() {
        for (row, _) in line.from(start).take(TOP as usize) {
            *filled.entry(row).or_insert(0) += 1;
        }
    }
    filled.into_iter().take(TOP as usize).collect()
}

/// How many of the first rows are titles: less than half as wide as most rows, with text in front.
fn titles(cells: &Cells, top: &[(u32, usize)]) -> usize {
    let mut widths: Vec<usize> = top.iter().map(|(_, width)| *width).collect();
    widths.sort_unstable();
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(0);
    let is_title = |(row, width): &(u32, usize)| {
        let mut row_cells = cells
            .columns()
            .filter_map(|(_, line)| line.from(*row).next().filter(|(at, _)| at == row));
        let begins_with_text = matches!(row_cells.next(), Some((_, Cell::Text(_))));
        usual > 1 && 2 * width <= usual && begins_with_text
    };
    let count = top.iter().take_while(|row| is_title(row)).count();
    if count == top.len() { 0 } else { count }
}

/// A row as a text file would have it.
fn record(cells: &Cells, lines: &[(u32, &Line)], row: u32) -> csv::ByteRecord {
    let cell = |line: &Line| line.from(row).next().filter(|(at, _)| *at == row);
    lines
        .iter()
        .map(|(_, line)| cell(line).map_or(String::new(), |(_, cell)| spelled(cells, cell)))
        .collect()
}

/// A cell as text.
pub(super) fn spelled(cells: &Cells, cell: Cell) -> String {
    match cell {
        Cell::Number(value) => format!("{value}"),
        Cell::Text(number) => cells.text(number).to_owned(),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Time(micros) => moment::iso(micros),
        Cell::Error => String::new(),
    }
}

/// What the cells of a column are.
struct Seen {
    survey: Survey,
    numbers: u64,
    /// Numbers that are kept as text.
    in_text: u64,
    truths: u64,
    times: u64,
    /// Whether all numbers are whole.
    is_whole: bool,
}

impl Seen {
    fn of(cells: &Cells, line: &Line, start: u32) -> Self {
        let mut seen = Self {
            survey: Survey::default(),
            numbers: 0,
            in_text: 0,
            truths: 0,
            times: 0,
            is_whole: true,
        };
        for (row, cell) in line.from(start) {
            seen.absorb(cells, row, cell, false);
        }
        seen
    }

    fn absorb(&mut self, cells: &Cells, row: u32, cell: Cell, in_front: bool) {
        let line = u64::from(row) + 1;
        match cell {
            Cell::Number(value) => {
                self.numbers += 1;
                self.is_whole &= value.fract() == 0.0 && value.abs() < 9e15;
                self.survey.absorb_number(value, in_front);
            }
            Cell::Text(number) => {
                let before = self.survey.numbers;
                self.survey.absorb(line, cells.text(number).as_bytes(), in_front);
                let is_number = self.survey.numbers > before;
                self.in_text += u64::from(is_number);
                self.is_whole &= !is_number;
            }
            Cell::Truth(truth) => {
                self.truths += 1;
                self.survey.absorb_number(f64::from(u8::from(truth)), in_front);
            }
            // A moment is no whole number, which a name may be.
            Cell::Time(micros) => {
                self.times += 1;
                self.survey.absorb_number(micros as f64 * 1e-6 + 0.5, in_front);
            }
            Cell::Error => {}
        }
    }

    fn column(&self, name: String, unnamed: bool, header: bool, rows: u64) -> Column {
        let survey = &self.survey;
        let is_only = |count: u64| count > 0 && survey.numbers == count && survey.texts == 0;
        let holds = match survey.kind() {
            Kind::Nothing => Holds::Nothing,
            Kind::Text => Holds::Texts,
            _ if is_only(self.times) => Holds::Times,
            _ if is_only(self.truths) => Holds::Booleans,
            _ if self.is_whole && is_only(self.numbers) => Holds::Integers,
            _ => Holds::Numbers,
        };
        let text = survey.first_text.as_ref().map(|example| TextCell {
            place: format!("sheet row {}", example.line),
            cell: example.cell.clone(),
        });
        let of = Column::of(name, holds);
        Column {
            unnamed,
            kind: survey.kind(),
            text,
            counts_rows: survey.counts_rows(),
            has_text: survey.texts > 0,
            varies: survey.varies,
            set_apart: of.set_apart.or_else(|| survey.set_apart(rows, header)),
            ..of
        }
    }
}
