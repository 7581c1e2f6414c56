//! Ranges and missing values of the columns of a Parquet file, from the statistics in its footer; columns
//! without any are read.

use std::ops::ControlFlow;

use parquet::file::statistics::Statistics;

use super::super::columns::{ColumnSummary, Kind};
use super::super::error::LoadError;
use super::super::table::{Table, Wanted};
use super::meaning::{Meaning, Stored};
use super::schema::{Leaf, Shape};
use super::{Parquet, read};
use sigmascope_core::engine::Observer;

/// All columns, each with its range and how many values are missing.
///
/// # Errors
/// When a column must be read and is broken, or the observer ended the work.
pub(super) fn describe(
    table: &Parquet,
    observer: &mut dyn Observer,
) -> Result<Vec<ColumnSummary>, LoadError> {
    let mut summaries: Vec<ColumnSummary> = table.columns.iter().map(ColumnSummary::of).collect();
    let mut unknown = Vec::new();
    for (column, summary) in summaries.iter_mut().enumerate() {
        let leaf = &table.leaves[table.places[column].0];
        if let Shape::Other { .. } = leaf.shape {
            summary.missing = None;
            continue;
        }
        match from_statistics(table, leaf) {
            Some((range, missing)) => (summary.range, summary.missing) = (range, Some(missing)),
            None => unknown
                .push(Wanted { column, as_numbers: table.columns[column].kind == Kind::Numbers }),
        }
    }
    let (lists, unknown): (Vec<Wanted>, Vec<Wanted>) = unknown.into_iter().partition(|want| {
        matches!(table.leaves[table.places[want.column].0].shape, Shape::List(_))
    });
    let mut absorb = |wanted: &[Wanted]| {
        if wanted.is_empty() {
            return Ok(());
        }
        read::read(table, wanted, observer, &mut |block| {
            for (want, values) in wanted.iter().zip(&block.columns) {
                summaries[want.column].absorb(values);
            }
            Ok(ControlFlow::Continue(()))
        })
    };
    for wanted in unknown.chunks(table.columns_at_once()) {
        absorb(wanted)?;
    }
    let mut lists = lists.as_slice();
    while let Some(first) = lists.first() {
        let leaf = table.places[first.column].0;
        let end = lists.iter().take_while(|want| table.places[want.column].0 == leaf).count();
        let (of_leaf, rest) = lists.split_at(end);
        lists = rest;
        match absorb(of_leaf) {
            // Lists that are found to differ are no reason to tell nothing.
            Ok(()) | Err(LoadError::Content { .. }) => {}
            Err(err) => return Err(err),
        }
    }
    Ok(summaries)
}

/// The range of a column and how many of its values are missing, if all groups of rows tell.
fn from_statistics(table: &Parquet, leaf: &Leaf) -> Option<(Option<[f64; 2]>, u64)> {
    if leaf.shape != Shape::Single {
        return None;
    }
    let (mut range, mut missing) = (None::<[f64; 2]>, 0);
    for group in table.content.metadata.row_groups() {
        let rows = u64::try_from(group.num_rows()).ok()?;
        if rows == 0 {
            continue;
        }
        let statistics = group.column(leaf.position).statistics()?;
        let absent = statistics.null_count_opt().filter(|absent| *absent <= rows)?;
        missing += absent;
        if leaf.meaning.is_number() && absent < rows {
            let [low, high] = limits(statistics, leaf.meaning)?;
            let [least, most] = range.unwrap_or([low, high]);
            range = Some([least.min(low), most.max(high)]);
        }
    }
    Some((range, missing))
}

/// The lowest and the highest number, if both are known, finite and in order.
fn limits(statistics: &Statistics, meaning: Meaning) -> Option<[f64; 2]> {
    // Old statistics compare unsigned numbers and bytes as signed ones.
    let is_bytes =
        matches!(statistics, Statistics::ByteArray(_) | Statistics::FixedLenByteArray(_));
    if statistics.is_min_max_deprecated() && (is_bytes || meaning == Meaning::Unsigned) {
        return None;
    }
    macro_rules! both {
        ($values:expr) => {
            [$values.min_opt()?.number(meaning)?, $values.max_opt()?.number(meaning)?]
        };
    }
    let limits = match statistics {
        Statistics::Boolean(values) => both!(values),
        Statistics::Int32(values) => both!(values),
        Statistics::Int64(values) => both!(values),
        Statistics::Float(values) => both!(values),
        Statistics::Double(values) => both!(values),
        Statistics::FixedLenByteArray(values) => both!(values),
        Statistics::ByteArray(values) => both!(values),
        // Moments of this type have no order.
        Statistics::Int96(_) => return None,
    };
    let [low, high] = limits;
    (low.is_finite() && high.is_finite() && low <= high).then_some(limits)
}
