//! The columns of the targets' file in memory, by row: for the table of rows, to sort by, and to show on
//! hover.

use std::{borrow::Cow, ops::ControlFlow, sync::Arc};

use super::{Session, TableError, TargetRows, session_state::SessionState};
use crate::{
    engine::Observer,
    io::{Holds, Values},
    memory::spare_memory,
    numbers::format_number,
    selection::RowBits,
};

/// The most bytes that columns may take; those that would take more are left out, the last ones first.
pub(super) const BUDGET: u64 = 1 << 30;

/// Which columns to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnsWish {
    /// All but the coordinates, which the points have.
    All,
    /// Those of these names.
    Named(Vec<String>),
}

/// Columns of a file, each with a cell for every row.
#[derive(Clone, Debug)]
pub struct RowColumns {
    /// The rows of the file that they are of.
    pub of: TargetRows,
    /// What was asked for.
    wish: ColumnsWish,
    /// The columns, in the order of the file.
    pub columns: Vec<Arc<RowColumn>>,
    /// The names of those that would have taken too much memory.
    pub left_out: Vec<String>,
    /// Why there are none, where they could not be read.
    pub problem: Option<String>,
}

/// A column of a file, with a cell for every row.
#[derive(Clone, Debug)]
pub struct RowColumn {
    /// Its name.
    pub name: String,
    holds: Holds,
    pub(super) cells: Cells,
}

/// The cells of a column.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// Numbers; NaN where there is none.
    Numbers(Vec<f64>),
    /// Whole numbers, truths or moments, and the rows without one.
    Whole(Vec<i64>, RowBits),
    /// Text.
    Texts(Texts),
}

/// The texts of many rows, one behind the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// The rows without one.
    missing: RowBits,
}

impl Texts {
    fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text += text,
            None => self.missing.set(self.ends.len() as u64, true),
        }
        self.ends.push(self.text.len());
    }

    /// The text of a row, if it has one.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)?;
        if self.missing.contains(row as u64) {
            return None;
        }
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }
}

impl RowColumn {
    fn new(name: &str, holds: Holds, rows: usize) -> Self {
        let cells = match holds {
            Holds::Numbers => Cells::Numbers(Vec::with_capacity(rows)),
            Holds::Integers | Holds::Booleans | Holds::Times => {
                Cells::Whole(Vec::with_capacity(rows), RowBits::default())
            }
            Holds::Texts | Holds::Nothing => {
                Cells::Texts(Texts { ends: Vec::with_capacity(rows), ..Texts::default() })
            }
        };
        Self { name: name.to_owned(), holds, cells }
    }

    fn push(&mut self, values: Values) {
        let mut whole = |values: Vec<Option<i64>>| {
            let Cells::Whole(numbers, missing) = &mut self.cells else { return };
            for value in values {
                if value.is_none() {
                    missing.set(numbers.len() as u64, true);
                }
                numbers.push(value.unwrap_or(0));
            }
        };
        match values.held_as(self.holds) {
            Values::Integers(values) | Values::Times(values) => whole(values),
            Values::Booleans(values) => {
                whole(values.into_iter().map(|value| value.map(i64::from)).collect());
            }
            Values::Numbers(values) => {
                if let Cells::Numbers(numbers) = &mut self.cells {
                    numbers.extend(values);
                }
            }
            Values::Texts(values) => {
                if let Cells::Texts(texts) = &mut self.cells {
                    for text in &values {
                        texts.push(text.as_deref());
                    }
                }
            }
        }
    }

    /// Number of rows.
    fn len(&self) -> usize {
        match &self.cells {
            Cells::Numbers(values) => values.len(),
            Cells::Whole(values, _) => values.len(),
            Cells::Texts(texts) => texts.ends.len(),
        }
    }

    /// Bytes that it takes.
    fn bytes(&self) -> u64 {
        let bytes = match &self.cells {
            Cells::Numbers(values) => 8 * values.capacity(),
            Cells::Whole(values, _) => 8 * values.capacity(),
            Cells::Texts(texts) => 8 * texts.ends.capacity() + texts.text.capacity(),
        };
        bytes as u64
    }

    /// Whether its cells are numbers, which stand on the right.
    pub fn is_number(&self) -> bool {
        matches!(self.holds, Holds::Numbers | Holds::Integers)
    }

    /// The number in the cell of a row, from 0; NaN where it has none.
    pub fn number(&self, row: u64) -> f64 {
        let Ok(row) = usize::try_from(row) else { return f64::NAN };
        match &self.cells {
            Cells::Numbers(values) => values.get(row).copied().unwrap_or(f64::NAN),
            Cells::Whole(values, missing) if !missing.contains(row as u64) => {
                values.get(row).map_or(f64::NAN, |value| *value as f64)
            }
            Cells::Whole(..) | Cells::Texts(_) => f64::NAN,
        }
    }

    /// The cell of a row, from 0, with all its digits; `None` where it has no value.
    pub fn exact(&self, row: u64) -> Option<Cow<'_, str>> {
        let row = usize::try_from(row).ok()?;
        match &self.cells {
            Cells::Numbers(values) => {
                let value = *values.get(row)?;
                (!value.is_nan()).then(|| exact_number(value).into())
            }
            Cells::Whole(values, missing) => {
                let value = *values.get(row)?;
                (!missing.contains(row as u64)).then(|| self.whole(value).into())
            }
            Cells::Texts(texts) => texts.get(row).map(Cow::Borrowed),
        }
    }

    /// The same with no more digits than a reader wants; empty where it has no value.
    pub fn shown(&self, row: u64) -> Cow<'_, str> {
        if let (Cells::Numbers(values), Ok(row)) = (&self.cells, usize::try_from(row)) {
            let value = values.get(row).copied().unwrap_or(f64::NAN);
            let text = if value.is_nan() { String::new() } else { format_number(value, 7) };
            return text.into();
        }
        self.exact(row).unwrap_or_default()
    }

    fn whole(&self, value: i64) -> String {
        match self.holds {
            Holds::Booleans => (value != 0).to_string(),
            Holds::Times => {
                let text = Values::Times(vec![Some(value)]).held_as(Holds::Texts);
                let Values::Texts(mut texts) = text else { return String::new() };
                texts.pop().flatten().unwrap_or_default()
            }
            _ => value.to_string(),
        }
    }
}

/// A number in as few digits as tell it from all others.
pub fn exact_number(value: f64) -> String {
    if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

impl RowColumns {
    /// Reads what `wish` names of the file, where `coordinates` are no part of all; no more than `budget`
    /// bytes.
    ///
    /// # Errors
    /// When the file cannot be read or has changed, or `observer` ended the work.
    pub(super) fn read(
        of: &TargetRows,
        wish: &ColumnsWish,
        coordinates: &[String],
        budget: u64,
        observer: &mut dyn Observer,
    ) -> Result<Self, TableError> {
        let budget = budget.min(spare_memory().map_or(u64::MAX, |spare| spare / 2));
        let mut file = of.open(observer)?;
        let is_wanted = |name: &str| match wish {
            ColumnsWish::All => !coordinates.iter().any(|axis| axis == name),
            ColumnsWish::Named(names) => names.iter().any(|wanted| wanted == name),
        };
        let mut left_out = Vec::new();
        let (mut positions, mut columns) = (Vec::new(), Vec::new());
        let rows = usize::try_from(of.rows()).unwrap_or(usize::MAX);
        let mut left = budget / 8;
        for (k, (name, holds)) in file.columns().enumerate() {
            if !is_wanted(name) {
                continue;
            }
            // Eight bytes a row, whatever it holds.
            match left.checked_sub(rows as u64) {
                Some(rest) => {
                    left = rest;
                    positions.push(k);
                    columns.push(RowColumn::new(name, holds, rows));
                }
                None => left_out.push(name.to_owned()),
            }
        }
        if !columns.is_empty() {
            let mut found = 0;
            let mut dropped = Vec::new();
            file.values(&[], &positions, observer, &mut |block| {
                found += block.first().map_or(0, Values::len) as u64;
                for (column, values) in columns.iter_mut().zip(block) {
                    column.push(values);
                }
                let mut bytes: u64 = columns.iter().map(RowColumn::bytes).sum();
                while bytes > budget
                    && let Some(last) = columns.pop()
                {
                    bytes -= last.bytes();
                    dropped.push(last.name);
                }
                let is_done = columns.is_empty();
                if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if !columns.is_empty() {
                of.check_count(found)?;
            }
            left_out.splice(0..0, dropped.into_iter().rev());
        }
        debug_assert!(columns.iter().all(|column| column.len() == rows));
        let columns = columns.into_iter().map(Arc::new).collect();
        Ok(Self { of: of.clone(), wish: wish.clone(), columns, left_out, problem: None })
    }

    /// That there are none, for this reason.
    pub(super) fn failed(of: &TargetRows, wish: &ColumnsWish, reason: String) -> Self {
        let (columns, left_out, problem) = (Vec::new(), Vec::new(), Some(reason));
        Self { of: of.clone(), wish: wish.clone(), columns, left_out, problem }
    }

    /// Whether they are of these rows, as they were read last.
    pub fn is_of(&self, rows: &TargetRows) -> bool {
        self.of.is_same_reading(rows)
    }

    /// Whether all is there that `wish` names, as far as it could be read.
    pub fn covers(&self, wish: &ColumnsWish) -> bool {
        match (&self.wish, wish) {
            (ColumnsWish::All, _) => true,
            (ColumnsWish::Named(_), ColumnsWish::All) => false,
            (ColumnsWish::Named(known), ColumnsWish::Named(wanted)) => {
                wanted.iter().all(|name| known.contains(name))
            }
        }
    }

    /// The column of this name, if it was read.
    pub fn find(&self, name: &str) -> Option<&RowColumn> {
        self.columns.iter().find(|column| column.name == name).map(|column| &**column)
    }

    /// Those of these names alone, where all were read; what is left out takes no memory any more.
    fn narrowed(&self, names: &[String]) -> Option<Self> {
        if self.wish != ColumnsWish::All {
            return None;
        }
        let is_kept = |column: &&Arc<RowColumn>| names.contains(&column.name);
        let columns = self.columns.iter().filter(is_kept).cloned().collect();
        let known = self.columns.iter().map(|column| &column.name).chain(&self.left_out);
        // Coordinates were not read.
        let known = known.filter(|name| names.contains(name)).cloned().collect();
        Some(Self { wish: ColumnsWish::Named(known), columns, ..self.clone() })
    }
}

/// Asks for the columns of the targets' file: see [`Session::row_columns`].
#[derive(Clone, Copy)]
pub struct RowColumnsControl<'a>(pub(super) &'a Session);

impl RowColumnsControl<'_> {
    /// Asks from now on for these columns of whatever file the targets come from, or for none.
    pub fn want(self, wish: Option<ColumnsWish>) {
        let shared = &self.0.shared;
        if shared.lock().wants_columns != wish {
            shared.tell_worker(|state: &mut SessionState| {
                match &wish {
                    None => state.state.row_columns = None,
                    Some(ColumnsWish::Named(names)) => {
                        let known = state.state.row_columns.as_ref();
                        if let Some(narrowed) = known.and_then(|known| known.narrowed(names)) {
                            state.state.row_columns = Some(Arc::new(narrowed));
                        }
                    }
                    Some(ColumnsWish::All) => {}
                }
                state.wants_columns = wish;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        engine::Unobserved,
        io::{LoadOptions, RowSet},
        session::target_rows::PickedRows,
    };

    const FILE: &str = "x,y,id,name,when,ok\n1,2,9007199254740993,Ada,2024-02-29,true\n\
                        2,,5,,2024-03-01,false\n3,4,,\u{e9}a,,\n";

    fn rows_of(path: &Path, rows: u64) -> TargetRows {
        let points = PickedRows::new(Arc::new(RowSet::all(rows)), None);
        TargetRows::new(path, LoadOptions::default(), points)
    }

    fn read(rows: &TargetRows, wish: &ColumnsWish, budget: u64) -> Result<RowColumns, TableError> {
        RowColumns::read(rows, wish, &["x".to_owned()], budget, &mut Unobserved)
    }

    #[test]
    fn cells_come_back_with_all_digits_and_gaps_stay_gaps() {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        std::fs::write(file.path(), FILE).expect("written");
        let rows = rows_of(file.path(), 3);
        let all = read(&rows, &ColumnsWish::All, BUDGET).expect("read");
        let names: Vec<&str> = all.columns.iter().map(|column| &*column.name).collect();
        assert_eq!(names, ["y", "id", "name", "when", "ok"]);
        let cell =
            |name, row| all.find(name).and_then(|column| column.exact(row)).map(Cow::into_owned);
        assert_eq!(cell("id", 0).as_deref(), Some("9007199254740993"));
        assert_eq!(
            [cell("y", 1), cell("id", 2), cell("when", 2), cell("ok", 2)],
            [const { None }; 4]
        );
        assert_eq!(cell("name", 2).as_deref(), Some("\u{e9}a"));
        assert!(cell("when", 0).is_some_and(|when| when.starts_with("2024-02-29")));
        assert_eq!(cell("y", 7), None);

        let named = ColumnsWish::Named(vec!["x".to_owned(), "name".to_owned()]);
        let some = read(&rows, &named, BUDGET).expect("read");
        assert_eq!(some.columns.len(), 2);
        assert!(some.covers(&named) && !some.covers(&ColumnsWish::All) && all.covers(&named));
        let narrowed = all.narrowed(&["name".to_owned()]).expect("all were read");
        assert_eq!(narrowed.columns.len(), 1);
        assert!(narrowed.covers(&ColumnsWish::Named(vec!["name".to_owned()])));
        assert!(!narrowed.covers(&named), "x has to be read");
        assert!(read(&rows_of(file.path(), 4), &named, BUDGET).is_err(), "the file has changed");
    }

    #[test]
    fn what_takes_too_much_memory_is_left_out_and_told() {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        std::fs::write(file.path(), FILE).expect("written");
        let rows = rows_of(file.path(), 3);
        let some = read(&rows, &ColumnsWish::All, 3 * 8 * 3).expect("read");
        let names: Vec<&str> = some.columns.iter().map(|column| &*column.name).collect();
        // Three columns of eight bytes a row would fit, but for the letters of the names.
        assert_eq!(names, ["y", "id"]);
        assert_eq!(some.left_out, ["name", "when", "ok"]);
    }

    #[test]
    fn exact_numbers_are_short_and_read_back() {
        for value in [0.1, 1e300, -2.5e-9, 123_456_789.125, 1.0 / 3.0, 0.0] {
            let text = exact_number(value);
            assert!(text.len() <= 24, "{text}");
            assert_eq!(text.parse(), Ok(value));
        }
    }
}
