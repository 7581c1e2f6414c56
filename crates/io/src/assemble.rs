//! From a table to points: chooses the columns, reads them, leaves out rows without a number, and tells
//! what it did.

use std::ops::ControlFlow;

use super::columns::{
    Chosen, Column, Kind, MOSTLY_EMPTY, ROWS_OF_TRUTHS, TRUTHS, TextCell, choose,
};
use super::error::LoadError;
use super::extremes::Extremes;
use super::input::Input;
use super::missing::MoreMissing;
use super::report::{LoadReport, Why};
use super::row_set::RowSet;
use super::table::{
    Bad, BadRow, Block, Facts, MISSING, NOT_A_NUMBER, Table, Values, WRONG_LENGTH, Wanted,
};
use super::weights::{self, Given};
use super::wording::{fields, listed, shortened};
use super::{LoadOptions, Loaded, check_points_are_meant, check_points_fit};
use sigmascope_core::{
    engine::{Observer, Stretch},
    model::Cloud,
};

/// Rows that are looked at for what the values of a column tell about it, where the format has not
/// looked at all.
const LOOKED_AT: usize = 10_000;

/// The points of a table.
pub(super) fn assemble(
    input: &Input,
    table: &mut dyn Table,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Loaded, LoadError> {
    let path = input.path();
    let facts = table.facts();
    let (options, told) = table.prefer(path, options)?;
    let columns = surveyed(table, &facts, &options)?;
    let chosen = choose(path, &columns, &options)?;
    check_numbers(input, &columns, &chosen.coordinates, "--columns")?;
    check_numbers(input, &columns, chosen.weights.as_slice(), "--weights")?;
    let (more_format, more_notes) = table.check_chosen(&chosen.all())?;
    let dim = chosen.coordinates.len();
    let logarithmic = logarithmic(path, &columns, &chosen, &options)?;
    if let Some(rows) = facts.rows {
        check_points_fit(input, rows, dim, &options)?;
    }
    let given = weights::given(
        path,
        facts.rows,
        &options,
        &mut Stretch { observer, start: facts.done, length: 0.0 },
    )?;

    let mut report = report(input, &facts, &columns, &chosen);
    report.format += &more_format;
    // Of an array every column is a coordinate, which its shape tells.
    let choice = if facts.named_columns { chosen.notes.clone() } else { Vec::new() };
    report.notes.extend(told.into_iter().chain(choice).chain(more_notes));
    report.notes.extend(logarithms_told(&report.columns_used, &logarithmic));
    report.weights = report.weights.or(given.as_ref().map(|given| given.name.clone()));
    let mut points = Points {
        input,
        options: &options,
        missing: options.more_missing(),
        dim,
        takes_logarithms: logarithmic.contains(&true),
        logarithmic,
        coordinates: Vec::new(),
        weights: (given.is_some() || chosen.weights.is_some()).then(Vec::new),
        given: given.as_ref(),
        rows: RowSet::default(),
        extremes: Extremes::default(),
        report,
    };
    points.reserve(facts.rows.unwrap_or(0));
    let wanted: Vec<Wanted> =
        chosen.all().into_iter().map(|column| Wanted { column, as_numbers: true }).collect();
    let mut rest = Stretch { observer, start: facts.done, length: 1.0 - facts.done };
    table.read(&wanted, &mut rest, &mut |block| {
        points.absorb(&block)?;
        Ok(ControlFlow::Continue(()))
    })?;
    points.finish(table, &chosen)
}

/// Which of the chosen coordinates are to be replaced by their logarithms.
fn logarithmic(
    path: &std::path::Path,
    columns: &[Column],
    chosen: &Chosen,
    options: &LoadOptions,
) -> Result<Vec<bool>, LoadError> {
    let names: Vec<&str> =
        chosen.coordinates.iter().map(|&column| columns[column].name.as_str()).collect();
    let mut logarithmic = vec![false; names.len()];
    for wish in &options.reading.log {
        let wish = wish.trim();
        let by_name = names
            .iter()
            .position(|name| *name == wish)
            .or_else(|| names.iter().position(|name| name.eq_ignore_ascii_case(wish)));
        let by_letter = || ["x", "y", "z"].iter().position(|letter| *letter == wish);
        let by_number = || wish.parse::<usize>().ok()?.checked_sub(1);
        let axis = by_name.or_else(by_letter).or_else(by_number);
        match axis.and_then(|axis| logarithmic.get_mut(axis)) {
            Some(takes) => *takes = true,
            None => {
                return Err(LoadError::UnknownColumn {
                    path: path.into(),
                    column: shortened(wish.as_bytes()),
                    available: format!("one of the coordinates: {}", listed(names.iter().copied())),
                    flag: "--log",
                });
            }
        }
    }
    Ok(logarithmic)
}

/// That logarithms are taken, in a sentence.
fn logarithms_told(names: &[String], logarithmic: &[bool]) -> Option<String> {
    let taken = names.iter().zip(logarithmic).filter(|(_, takes)| **takes);
    let names = listed(taken.map(|(name, _)| name.as_str()));
    (!names.is_empty())
        .then(|| format!("summed in logarithms to base 10: {names}; a unit of σ is a decade there"))
}

/// The columns with what a look at the first rows tells, where the format has not looked itself.
fn surveyed(
    table: &mut dyn Table,
    facts: &Facts,
    options: &LoadOptions,
) -> Result<Vec<Column>, LoadError> {
    let mut columns = table.columns().to_vec();
    if facts.is_surveyed || !options.columns.is_empty() {
        return Ok(columns);
    }
    let wanted: Vec<Wanted> = (0..columns.len())
        .filter(|&column| columns[column].kind == Kind::Numbers)
        .map(|column| Wanted { column, as_numbers: true })
        .collect();
    let at_once = table.columns_at_once();
    let mut looks = vec![Look::default(); wanted.len()];
    let mut seen = 0;
    let mut unobserved = sigmascope_core::engine::Unobserved;
    for (wanted, looks) in wanted.chunks(at_once).zip(looks.chunks_mut(at_once)) {
        seen = 0;
        table.read(wanted, &mut unobserved, &mut |block| {
            for (look, values) in looks.iter_mut().zip(&block.columns) {
                look.absorb(values);
            }
            seen += block.rows;
            // What does not vary at first may vary later.
            let goes_on = seen < LOOKED_AT;
            Ok(if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
    }
    for (Wanted { column, .. }, look) in wanted.iter().zip(&looks) {
        let column = &mut columns[*column];
        column.counts_rows = look.counts_rows();
        column.varies = look.varies;
        if look.count * 2 < seen as u64 {
            column.set_apart = column.set_apart.or(Some(MOSTLY_EMPTY));
        } else if facts.named_columns && look.count >= ROWS_OF_TRUTHS && look.truths == look.count {
            column.set_apart = column.set_apart.or(Some(TRUTHS));
        }
        if look.is_empty() && seen < LOOKED_AT {
            column.kind = Kind::Nothing;
        }
    }
    let constant: Vec<Wanted> = wanted
        .into_iter()
        .filter(|want| seen >= LOOKED_AT && !columns[want.column].varies)
        .collect();
    for constant in constant.chunks(at_once) {
        let mut looks = vec![Look::default(); constant.len()];
        table.read(constant, &mut unobserved, &mut |block| {
            for (look, values) in looks.iter_mut().zip(&block.columns) {
                look.absorb(values);
            }
            let all_vary = looks.iter().all(|look| look.varies);
            Ok(if all_vary { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        for (Wanted { column, .. }, look) in constant.iter().zip(&looks) {
            columns[*column].varies = look.varies;
            if look.is_empty() {
                columns[*column].kind = Kind::Nothing;
            }
        }
    }
    Ok(columns)
}

/// What the values of a column tell about it.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    first: Option<f64>,
    last: Option<f64>,
    count: u64,
    varies: bool,
    /// How many are 0 or 1.
    truths: u64,
    /// Whether a number was not the one before it plus one.
    is_no_run: bool,
}

impl Look {
    fn absorb(&mut self, values: &Values) {
        let Values::Numbers(values) = values else { return };
        for &value in values.iter().filter(|value| !value.is_nan()) {
            let next = self.last.map_or(value, |last| last + 1.0);
            self.is_no_run |= value.fract() != 0.0 || next.total_cmp(&value).is_ne();
            self.varies |= self.first.is_some_and(|first| first.total_cmp(&value).is_ne());
            self.first = self.first.or(Some(value));
            self.last = Some(value);
            self.count += 1;
            self.truths += u64::from(
                value.to_bits() == 0.0f64.to_bits() || value.to_bits() == 1.0f64.to_bits(),
            );
        }
    }

    fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether the column counts the rows; two rows count only as programs do.
    fn counts_rows(&self) -> bool {
        let starts_low = self.first.is_some_and(|first| (0.0..=1.0).contains(&first));
        !self.is_no_run && (self.count > 2 || self.count == 2 && starts_low)
    }
}

/// Refuses a chosen column of something else than numbers.
fn check_numbers(
    input: &Input,
    columns: &[Column],
    chosen: &[usize],
    flag: &str,
) -> Result<(), LoadError> {
    // Rows with text in a column of numbers are left out, as long as there are not too many.
    let is_wrong = |k: &&usize| matches!(columns[**k].kind, Kind::Text | Kind::Nothing);
    let Some(&wrong) = chosen.iter().find(is_wrong) else { return Ok(()) };
    let others = columns.iter().filter(|column| column.kind == Kind::Numbers);
    let names = listed(others.map(|column| column.name.as_str()));
    let column = &columns[wrong];
    if column.kind == Kind::Nothing {
        // All rows are dropped, which is told with their number.
        return Ok(());
    }
    let path = input.path().into();
    let remedy = if names.is_empty() {
        "the file has no column of numbers".to_owned()
    } else {
        format!("choose among the columns of numbers with {flag}: {names}")
    };
    let name = shortened(column.name.as_bytes());
    Err(match column.text.clone() {
        Some(TextCell { place, cell }) => {
            LoadError::NotANumber { path, place, column: name, cell, remedy }
        }
        None => LoadError::NotNumbers { path, column: name, remedy },
    })
}

/// What is known before the values are read.
fn report(input: &Input, facts: &Facts, columns: &[Column], chosen: &Chosen) -> LoadReport {
    let used = chosen.all();
    let (available, skipped): (Vec<usize>, Vec<usize>) =
        (0..columns.len()).partition(|k| columns[*k].kind == Kind::Numbers || used.contains(k));
    let name_of = |k: usize| columns[k].name.clone();
    let names = |columns: Vec<usize>| columns.into_iter().map(name_of).collect();
    let inside = input.wrapping().map(|wrapping| format!(", inside {wrapping}"));
    LoadReport {
        path: input.path().into(),
        format: format!("{}{}", facts.format, inside.unwrap_or_default()),
        named_columns: facts.named_columns,
        header: facts.header,
        notes: facts.notes.clone(),
        columns_used: chosen.coordinates.iter().map(|&k| name_of(k)).collect(),
        weights: chosen.weights.map(name_of),
        columns_available: names(available),
        columns_skipped: names(skipped),
        ..LoadReport::default()
    }
}

/// The points so far.
struct Points<'a> {
    input: &'a Input,
    options: &'a LoadOptions,
    missing: MoreMissing,
    dim: usize,
    /// Which coordinates are replaced by their logarithm, and whether there is one.
    logarithmic: Vec<bool>,
    takes_logarithms: bool,
    coordinates: Vec<f64>,
    weights: Option<Vec<f64>>,
    /// Weights from a file of their own.
    given: Option<&'a Given>,
    rows: RowSet,
    extremes: Extremes,
    report: LoadReport,
}

impl Points<'_> {
    /// Makes room for `rows` points, as far as the size of the file bears that out.
    fn reserve(&mut self, rows: u64) {
        let most = self.input.size() as usize;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.coordinates.reserve_exact(rows.saturating_mul(self.dim).min(most));
        if let Some(weights) = &mut self.weights {
            weights.reserve_exact(rows.min(most));
        }
    }

    fn absorb(&mut self, block: &Block) -> Result<(), LoadError> {
        self.absorb_bad_rows(&block.bad_rows)?;
        let columns: Vec<&[f64]> = block
            .columns
            .iter()
            .map(|values| match values {
                Values::Numbers(values) => values.as_slice(),
                _ => &[],
            })
            .collect();
        let rows = self.rows.kept() + block.rows as u64;
        if self.coordinates.len() + block.rows * self.dim > self.coordinates.capacity() {
            check_points_fit(self.input, rows, self.dim, self.options)?;
        }
        check_points_are_meant(self.input, rows, self.dim, self.options)?;
        if self.absorb_whole(&columns, block.rows) {
            return Ok(());
        }
        for row in 0..block.rows {
            let start = self.coordinates.len();
            let given = self.given.map(|given| given.value(self.rows.rows()));
            let numbers = columns.iter().map(|column| column.get(row).copied().unwrap_or(MISSING));
            self.coordinates.extend(numbers.chain(given));
            let why = self.why_dropped(&self.coordinates[start..]);
            let why = why.or_else(|| self.take_logarithms(start));
            self.rows.push(why.is_none());
            if let Some(why) = why {
                self.coordinates.truncate(start);
                self.report.drop_row(why, self.rows.rows() - 1);
                continue;
            }
            if let Some(weights) = &mut self.weights {
                weights.extend(self.coordinates.drain(start + self.dim..));
            }
            self.extremes.absorb(&self.coordinates[start..], self.rows.rows() - 1);
        }
        Ok(())
    }

    /// Replaces coordinates of the row that begins at `start` by their logarithms; says why not, if one
    /// has none.
    fn take_logarithms(&mut self, start: usize) -> Option<Why> {
        if !self.takes_logarithms {
            return None;
        }
        let row = self.coordinates[start..].iter_mut().zip(&self.logarithmic);
        for (value, _) in row.filter(|(_, takes)| **takes) {
            if *value <= 0.0 {
                return Some(Why::NotPositive);
            }
            *value = value.log10();
        }
        None
    }

    /// Takes in a block of which every row becomes a point, as nearly all do; whether it is one. Does what
    /// follows in [`Self::absorb`] in a fraction of the time.
    fn absorb_whole(&mut self, columns: &[&[f64]], rows: usize) -> bool {
        // All of some numbers are looked at, which is faster than to stop at the first.
        let are_finite =
            |values: &[f64]| values.iter().fold(true, |all, value| all & value.is_finite());
        let is_whole =
            |column: &&[f64]| column.len() == rows && column.chunks(1024).all(are_finite);
        let widths = self.dim + usize::from(self.weights.is_some());
        let may_be = self.given.is_none()
            && !self.takes_logarithms
            && !self.missing.has_numbers()
            && columns.len() == widths;
        if !may_be || !columns.iter().all(is_whole) {
            return false;
        }
        let (dim, start) = (self.dim, self.coordinates.len());
        let (axes, weights) = columns.split_at(dim);
        self.extremes.absorb_columns(axes, self.rows.rows());
        if let [values] = axes {
            self.coordinates.extend_from_slice(values);
        } else {
            self.coordinates.resize(start + rows * dim, 0.0);
            for (axis, column) in axes.iter().enumerate() {
                let places = self.coordinates[start + axis..].iter_mut().step_by(dim);
                for (place, value) in places.zip(*column) {
                    *place = *value;
                }
            }
        }
        if let (Some(all), [values]) = (&mut self.weights, weights) {
            all.extend_from_slice(values);
        }
        self.rows.push_kept(rows as u64);
        true
    }

    /// Why a row of these numbers cannot become a point.
    fn why_dropped(&self, numbers: &[f64]) -> Option<Why> {
        if numbers.iter().all(|value| value.is_finite() && !self.missing.has_number(*value)) {
            return None;
        }
        let is = |mark: f64| numbers.iter().any(|value| value.to_bits() == mark.to_bits());
        let is_missing = is(MISSING) || numbers.iter().any(|value| self.missing.has_number(*value));
        Some(if is(WRONG_LENGTH) {
            Why::Length
        } else if is(NOT_A_NUMBER) {
            Why::Text
        } else if is_missing {
            Why::Missing
        } else if numbers.iter().any(|value| value.is_nan()) {
            Why::Nan
        } else {
            Why::Infinite
        })
    }

    /// Tells of rows that cannot be read; with `--strict`, refuses the first.
    fn absorb_bad_rows(&mut self, bad_rows: &[BadRow]) -> Result<(), LoadError> {
        for BadRow { place, what } in bad_rows {
            let path = self.input.path().into();
            let place = place.clone();
            let words = match what {
                Bad::Length { found, .. } => format!("{place} has {}", fields(*found)),
                Bad::Cell { column, cell } => format!("{place}, column '{column}': '{cell}'"),
            };
            if self.options.reading.strict {
                return Err(match what.clone() {
                    Bad::Cell { column, cell } => LoadError::NotANumber {
                        path,
                        place,
                        column,
                        cell,
                        remedy:
                            "correct or empty the cell, or leave such rows out without --strict"
                                .to_owned(),
                    },
                    Bad::Length { found, expected } => LoadError::Ragged {
                        path,
                        place,
                        found,
                        expected,
                        remedy: "correct the row, or leave such rows out without --strict",
                    },
                });
            }
            self.report.tell_bad_row(|| words);
        }
        Ok(())
    }

    /// The points, unless too many rows could not be read or none is left.
    fn finish(mut self, table: &mut dyn Table, chosen: &Chosen) -> Result<Loaded, LoadError> {
        self.report.rows_read = self.rows.rows();
        if let Some(given) = self.given {
            given.check(self.input.path(), self.rows.rows())?;
        }
        self.check_bad_rows(table.columns().len(), chosen)?;
        self.report.finish(&self.extremes, |row| table.place(row))?;
        self.coordinates.shrink_to_fit();
        let mut cloud = Cloud::new(self.dim, self.coordinates, self.report.columns_used.clone())
            .with_logarithmic(self.logarithmic);
        if let Some(mut weights) = self.weights {
            weights.shrink_to_fit();
            cloud = cloud.with_weights(weights);
        }
        Ok(Loaded { cloud, rows: self.rows, report: self.report })
    }

    /// Refuses a file of which more than a fifth of the rows cannot be read.
    fn check_bad_rows(&self, width: usize, chosen: &Chosen) -> Result<(), LoadError> {
        let report = &self.report;
        let (bad, rows) = (report.rows_bad(), report.rows_read);
        if bad * 5 <= rows {
            return Ok(());
        }
        Err(LoadError::TooManyBadRows {
            path: self.input.path().into(),
            bad,
            rows,
            places: report.bad_places(),
            remedy: if report.rows_dropped_length >= report.rows_dropped_text {
                format!("give every row {}, or quote what holds separators", fields(width))
            } else {
                let others = match chosen.weights {
                    None => "choose other columns with --columns",
                    Some(_) => "choose others with --columns and --weights",
                };
                format!("correct or empty the cells, or {others}")
            },
        })
    }
}
