//! The order of the rows in the table: sorted by f, a coordinate or a column, all of them or those that are
//! selected.

use std::{
    cmp::Ordering,
    sync::{Arc, Weak},
};

use rayon::prelude::*;

use super::{
    Prepared, RowColumn, RowColumns, Scene, Session,
    row_columns::{Cells, Texts},
    selection::RowNumbers,
    session_state::SessionState,
};
use crate::{model::Points, selection::RowBits};

/// What rows are sorted by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Their number in the file.
    #[default]
    Row,
    /// f.
    Field,
    /// A coordinate, from 0.
    Coordinate(usize),
    /// A column of the file.
    Column(String),
}

/// How rows are sorted. Rows without a value are last in both directions, and of equal ones the first in the
/// file is in front.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorting {
    /// By what.
    pub by: SortBy,
    /// Whether the largest is first.
    pub falling: bool,
}

/// What the table shows.
#[derive(Clone, Debug, Default)]
pub struct TableWish {
    /// How its rows are sorted.
    pub sort: Sorting,
    /// The rows of the file that it shows, where not all.
    pub only: Option<Arc<RowBits>>,
}

impl PartialEq for TableWish {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.only, &other.only) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        same && self.sort == other.sort
    }
}

/// The targets in the order in which the table shows them.
#[derive(Clone, Debug)]
pub struct RowOrder {
    /// The points whose targets they are: told apart, not kept.
    points: Weak<Points>,
    /// What was asked for.
    wish: TableWish,
    /// The values of f or the columns by which they are sorted, where they are: told apart, not kept.
    values: Option<Weak<[f32]>>,
    columns: Option<Weak<RowColumns>>,
    /// How they are sorted: by row where there is no such column.
    pub sort: Sorting,
    /// The numbers of the targets.
    pub targets: Vec<u32>,
    /// Why they are not sorted as was asked for, if so.
    pub problem: Option<String>,
}

impl RowOrder {
    /// Whether it is of the points of `scene`.
    pub fn is_of(&self, scene: &Scene) -> bool {
        self.points.ptr_eq(&Arc::downgrade(&scene.prepared.drawn))
    }

    /// Whether it is what `wish` asks for of `scene` and what is known of its `columns`.
    pub fn is_current(
        &self,
        scene: &Scene,
        wish: &TableWish,
        columns: Option<&Arc<RowColumns>>,
    ) -> bool {
        let is_same = match wish.sort.by {
            SortBy::Row | SortBy::Coordinate(_) => true,
            SortBy::Field => scene.field.values().is_some_and(|values| {
                self.values.as_ref().is_some_and(|used| used.ptr_eq(&Arc::downgrade(values)))
            }),
            SortBy::Column(_) => match (columns, &self.columns) {
                (Some(columns), Some(used)) => used.ptr_eq(&Arc::downgrade(columns)),
                (None, None) => true,
                _ => false,
            },
        };
        is_same && self.is_of(scene) && self.wish == *wish
    }

    /// Sorts the targets of `scene` as `wish` says, by its `values` or `columns` where it takes them.
    pub(super) fn of(
        scene: &Scene,
        wish: &TableWish,
        values: Option<&Arc<[f32]>>,
        columns: Option<&Arc<RowColumns>>,
    ) -> Self {
        let column = match &wish.sort.by {
            SortBy::Column(name) => columns.and_then(|columns| columns.find(name)),
            _ => None,
        };
        let prepared = &scene.prepared;
        let can = match &wish.sort.by {
            SortBy::Row => true,
            SortBy::Field => values.is_some(),
            SortBy::Coordinate(axis) => *axis < prepared.drawn.dim(),
            SortBy::Column(_) => column.is_some(),
        };
        let sort = if can { wish.sort.clone() } else { Sorting::default() };
        let values_used = values.filter(|_| wish.sort.by == SortBy::Field);
        Self {
            points: Arc::downgrade(&prepared.drawn),
            wish: wish.clone(),
            values: values_used.map(Arc::downgrade),
            columns: columns.map(Arc::downgrade),
            targets: sorted(prepared, wish.only.as_deref(), &sort, values.map(|v| &**v), column),
            problem: (!can).then(|| "what the rows were sorted by is not there".to_owned()),
            sort,
        }
    }

    /// The rows in the order of the file, for this reason.
    pub(super) fn failed(
        scene: &Scene,
        wish: &TableWish,
        values: Option<&Arc<[f32]>>,
        columns: Option<&Arc<RowColumns>>,
        reason: String,
    ) -> Self {
        Self {
            points: Arc::downgrade(&scene.prepared.drawn),
            wish: wish.clone(),
            values: values.map(Arc::downgrade),
            columns: columns.map(Arc::downgrade),
            targets: (0..scene.prepared.drawn.n() as u32).collect(),
            problem: Some(reason),
            sort: Sorting::default(),
        }
    }
}

/// The targets of the `only` rows, or all, in this order.
fn sorted(
    prepared: &Prepared,
    only: Option<&RowBits>,
    sort: &Sorting,
    values: Option<&[f32]>,
    column: Option<&RowColumn>,
) -> Vec<u32> {
    let mut targets = those_of(prepared, only);
    match (&sort.by, values, column) {
        (SortBy::Field, Some(values), _) => by_field(&targets, values, sort.falling),
        (SortBy::Coordinate(axis), ..) => {
            let points = prepared.drawn.targets();
            let key = |target: u32| number_key(points.point(target as usize)[*axis]);
            by_key(&targets, key, sort.falling)
        }
        (SortBy::Column(_), _, Some(column)) => {
            let rows = RowNumbers::of(prepared);
            let row_of = |target| rows.row_of(target) as usize;
            match &column.cells {
                Cells::Numbers(numbers) => {
                    let key = |target| number_key(numbers[row_of(target)]);
                    by_key(&targets, key, sort.falling)
                }
                Cells::Whole(numbers, missing) => {
                    let key = |target| {
                        let row = row_of(target);
                        (!missing.contains(row as u64)).then(|| numbers[row])
                    };
                    by_key(&targets, key, sort.falling)
                }
                Cells::Texts(texts) => by_text(&targets, texts, &rows, sort.falling),
            }
        }
        _ => {
            if sort.falling {
                targets.reverse();
            }
            targets
        }
    }
}

/// The targets of these rows, or all, in the order of the file.
fn those_of(prepared: &Prepared, only: Option<&RowBits>) -> Vec<u32> {
    let all = 0..prepared.drawn.n() as u32;
    let Some(only) = only else { return all.collect() };
    let rows = RowNumbers::of(prepared);
    all.filter(|target| only.contains(rows.row_of(*target))).collect()
}

/// Bits that are in the order of the numbers; 0 and −0 are equal, and NaN has none.
fn number_key(value: f64) -> Option<u64> {
    let bits = (value + 0.0).to_bits();
    let sign = 1 << 63;
    (!value.is_nan()).then_some(if bits & sign == 0 { bits | sign } else { !bits })
}

/// The same for single precision.
fn field_key(value: f32) -> Option<u32> {
    let bits = (value + 0.0).to_bits();
    let sign = 1 << 31;
    (!value.is_nan()).then_some(if bits & sign == 0 { bits | sign } else { !bits })
}

/// Sorts by f. The key and the number of a target share 64 bits, so that ten million are sorted in a
/// second.
fn by_field(targets: &[u32], values: &[f32], falling: bool) -> Vec<u32> {
    let mut missing = Vec::new();
    let mut keys: Vec<u64> = Vec::with_capacity(targets.len());
    for &target in targets {
        match values.get(target as usize).copied().and_then(field_key) {
            Some(key) => {
                let key = if falling { !key } else { key };
                keys.push(u64::from(key) << 32 | u64::from(target));
            }
            None => missing.push(target),
        }
    }
    keys.par_sort_unstable();
    keys.into_iter().map(|key| key as u32).chain(missing).collect()
}

/// Sorts by a key; targets without one come last.
fn by_key<K: Ord + Send>(
    targets: &[u32],
    key: impl Fn(u32) -> Option<K>,
    falling: bool,
) -> Vec<u32> {
    let mut missing = Vec::new();
    let mut keyed: Vec<(K, u32)> = Vec::with_capacity(targets.len());
    for &target in targets {
        match key(target) {
            Some(key) => keyed.push((key, target)),
            None => missing.push(target),
        }
    }
    keyed.par_sort_unstable_by(|a, b| directed(a.0.cmp(&b.0), falling).then(a.1.cmp(&b.1)));
    keyed.into_iter().map(|(_, target)| target).chain(missing).collect()
}

/// Sorts by the bytes of a text: by its first eight, and by all of them where those are equal.
fn by_text(targets: &[u32], texts: &Texts, rows: &RowNumbers, falling: bool) -> Vec<u32> {
    let text = |target: u32| texts.get(rows.row_of(target) as usize);
    let begin = |target: u32| {
        let bytes = text(target)?.as_bytes();
        let mut first = [0; 8];
        let length = bytes.len().min(8);
        first[..length].copy_from_slice(&bytes[..length]);
        Some(u64::from_be_bytes(first))
    };
    let mut missing = Vec::new();
    let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(targets.len());
    for &target in targets {
        match begin(target) {
            Some(first) => keyed.push((first, target)),
            None => missing.push(target),
        }
    }
    keyed.par_sort_unstable_by(|a, b| {
        let order = a.0.cmp(&b.0).then_with(|| text(a.1).cmp(&text(b.1)));
        directed(order, falling).then(a.1.cmp(&b.1))
    });
    keyed.into_iter().map(|(_, target)| target).chain(missing).collect()
}

fn directed(order: Ordering, falling: bool) -> Ordering {
    if falling { order.reverse() } else { order }
}

/// Asks for the order of the rows in the table: see [`Session::row_order`].
#[derive(Clone, Copy)]
pub struct RowOrderControl<'a>(pub(super) &'a Session);

impl RowOrderControl<'_> {
    /// Asks from now on for this order, and for f in memory; or for neither.
    pub fn want(self, wish: Option<TableWish>) {
        let shared = &self.0.shared;
        if shared.lock().wants_order != wish {
            shared.tell_worker(|state: &mut SessionState| {
                state.wants_order = wish;
                if state.wants_order.is_none() {
                    state.state.row_order = None;
                }
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
        model::{Cloud, Params},
        session::{ColumnsWish, TargetRows, row_columns::BUDGET, target_rows::PickedRows},
    };

    /// Generated targets with these two coordinates each.
    fn prepared(coordinates: Vec<f64>) -> Prepared {
        let cloud = Cloud::new(2, coordinates, vec!["x".to_owned(), "y".to_owned()]);
        let points = Points::new(cloud.clone(), cloud).expect("points");
        Prepared::new(points, Vec::new(), None, None, &Params::default()).expect("prepared")
    }

    /// Those of the rows of a file that are not divisible by 3.
    fn of_file(path: &Path, rows: u64) -> Prepared {
        let mut set = RowSet::default();
        (0..rows).for_each(|row| set.push(row % 3 != 0));
        let kept = set.kept() as usize;
        let rows =
            TargetRows::new(path, LoadOptions::default(), PickedRows::new(Arc::new(set), None));
        let place = |k: usize| k as f64;
        let mut prepared = prepared((0..2 * kept).map(place).collect());
        prepared.target_rows = Some(rows);
        prepared
    }

    /// The targets sorted plainly; `compare` tells which value is first, rising.
    fn plainly<T>(
        values: &[Option<T>],
        falling: bool,
        compare: impl Fn(&T, &T) -> Ordering,
    ) -> Vec<u32> {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.sort_by(|&a, &b| match (&values[a as usize], &values[b as usize]) {
            (Some(a), Some(b)) if falling => compare(b, a),
            (Some(a), Some(b)) => compare(a, b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        });
        order
    }

    fn sorting(by: SortBy, falling: bool) -> Sorting {
        Sorting { by, falling }
    }

    #[test]
    fn f_is_sorted_as_plainly_with_nan_last_and_equals_in_the_order_of_the_file() {
        let special = [0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-42, -1e-42];
        let values: Vec<f32> = (0..5000_u32)
            .map(|k| match k % 11 {
                0 => special[(k / 11) as usize % special.len()],
                _ => ((k.wrapping_mul(2_654_435_761) >> 20) as f32 - 2000.0) * 0.37,
            })
            .collect();
        let prepared = prepared(vec![0.0; 2 * values.len()]);
        let plain: Vec<Option<f32>> = values.iter().map(|f| (!f.is_nan()).then_some(*f)).collect();
        for falling in [false, true] {
            let sort = sorting(SortBy::Field, falling);
            let found = sorted(&prepared, None, &sort, Some(&values), None);
            let wanted = plainly(&plain, falling, |a, b| a.partial_cmp(b).expect("numbers"));
            assert_eq!(found, wanted, "falling: {falling}");
        }
    }

    #[test]
    fn coordinates_and_row_numbers_go_both_ways_among_some_rows() {
        let coordinates: Vec<f64> = (0..600).map(|k| f64::from(k * 7919 % 101) - 50.0).collect();
        let prepared = prepared(coordinates.clone());
        let only = RowBits::of((0..300).filter(|row| row % 4 == 1));
        let y: Vec<Option<f64>> = (0..300).map(|k| Some(coordinates[2 * k + 1])).collect();
        for falling in [false, true] {
            let sort = sorting(SortBy::Coordinate(1), falling);
            let mut wanted = plainly(&y, falling, f64::total_cmp);
            assert_eq!(sorted(&prepared, None, &sort, None, None), wanted);
            wanted.retain(|target| target % 4 == 1);
            assert_eq!(sorted(&prepared, Some(&only), &sort, None, None), wanted);
        }
        let falling = sorted(&prepared, Some(&only), &sorting(SortBy::Row, true), None, None);
        assert_eq!((falling[0], falling.len()), (297, 75));
    }

    #[test]
    fn columns_are_sorted_by_value_or_bytes_with_gaps_last() {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        let name = |row: u64| match row * 31 % 17 {
            0 => String::new(),
            k => format!("a longer name {}", k % 5),
        };
        let number = |row: u64| (row % 7 != 5).then(|| row as i64 * 37 % 50 - 20);
        let line = |row: u64| {
            let number = number(row);
            let whole = number.map_or(String::new(), |number| number.to_string());
            let half = number.map_or(String::new(), |number| (number as f64 / 2.0).to_string());
            format!("{whole},{half},{}\n", name(row))
        };
        let text: String = (0..200).map(line).collect();
        std::fs::write(file.path(), format!("whole,half,name\n{text}")).expect("written");
        let prepared = of_file(file.path(), 200);
        let rows = prepared.target_rows.clone().expect("rows");
        let read = RowColumns::read(&rows, &ColumnsWish::All, &[], BUDGET, &mut Unobserved);
        let read = read.expect("read");
        let row_of = |target: usize| prepared.row_of(target).expect("a row");
        let n = prepared.drawn.n();
        let numbers: Vec<Option<i64>> = (0..n).map(|k| number(row_of(k))).collect();
        let names: Vec<Option<String>> =
            (0..n).map(|k| Some(name(row_of(k))).filter(|name| !name.is_empty())).collect();
        for falling in [false, true] {
            let order = |name: &str| {
                let sort = sorting(SortBy::Column(name.to_owned()), falling);
                sorted(&prepared, None, &sort, None, read.find(name))
            };
            let wanted = plainly(&numbers, falling, i64::cmp);
            assert_eq!(order("whole"), wanted, "falling: {falling}");
            assert_eq!(order("half"), wanted, "falling: {falling}");
            assert_eq!(order("name"), plainly(&names, falling, String::cmp), "falling: {falling}");
        }
        let only = RowBits::of([0, 1, 2, 100, 199]);
        assert_eq!(those_of(&prepared, Some(&only)).len(), 4);
        assert_eq!(prepared.target_of(199), Some(n - 1));
        assert_eq!((prepared.target_of(198), prepared.target_of(10_000)), (None, None));
    }
}
