//! Which rows of their file the targets are.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::TableError;
use crate::{
    engine::Observer,
    io::{LoadError, LoadOptions, OpenFile, RowSet},
};

/// Which rows of a file some points are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PickedRows {
    rows: Arc<RowSet>,
    /// The numbers of these points among those of the file, rising, where only some are taken.
    picked: Option<Arc<[u32]>>,
}

impl PickedRows {
    /// The `rows` of a file that became points; `picked` are the numbers of those that are taken, rising,
    /// where not all are.
    pub(super) fn new(rows: Arc<RowSet>, picked: Option<&[usize]>) -> Self {
        let picked = picked.map(|picked| picked.iter().map(|&point| point as u32).collect());
        Self { rows, picked }
    }

    /// Whether all points of the file are taken.
    pub(super) fn is_all(&self) -> bool {
        self.picked.is_none()
    }

    /// The row of a point, both from 0.
    pub(super) fn row_of(&self, point: usize) -> Option<u64> {
        let point = match &self.picked {
            Some(picked) => *picked.get(point)?,
            None => u32::try_from(point).ok()?,
        };
        self.rows.row_of(u64::from(point))
    }
}

/// The rows of a file that are targets, and how the file was read.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetRows {
    path: PathBuf,
    options: LoadOptions,
    points: PickedRows,
}

impl TargetRows {
    /// The rows of `path`, read as `options` say, that are targets.
    pub(super) fn new(path: &Path, options: LoadOptions, points: PickedRows) -> Self {
        Self { path: path.to_owned(), options, points }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether both come from one reading of one file.
    pub fn is_same_reading(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.points.rows, &other.points.rows)
    }

    /// Whether every row that became a point is a target.
    pub fn has_all_points(&self) -> bool {
        self.points.is_all()
    }

    /// Whether every row is a target.
    pub fn is_every_row(&self) -> bool {
        self.points.is_all() && self.points.rows.kept() == self.points.rows.rows()
    }

    /// Number of rows of data of the file, whether they became targets or not.
    pub fn rows(&self) -> u64 {
        self.points.rows.rows()
    }

    /// The row of a target, both from 0.
    pub fn row_of(&self, target: usize) -> Option<u64> {
        self.points.row_of(target)
    }

    /// For each row of the file, in order, the number of the target that it is.
    pub fn targets(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        let PickedRows { rows, picked } = &self.points;
        let mut point = 0_u32;
        let mut target = 0;
        (0..rows.rows()).map(move |row| {
            if !rows.is_kept(row) {
                return None;
            }
            let is_target = match picked {
                Some(picked) => picked.get(target) == Some(&point),
                None => true,
            };
            point += 1;
            is_target.then(|| {
                target += 1;
                target - 1
            })
        })
    }

    /// The first few rows, from 0, that became points but no targets, and how many there are.
    pub fn not_picked(&self, most: usize) -> (u64, Vec<u64>) {
        let PickedRows { rows, picked } = &self.points;
        let Some(picked) = picked else { return (0, Vec::new()) };
        let count = rows.kept() - picked.len() as u64;
        let points = (0..).filter(|point| picked.binary_search(point).is_err());
        let first = points.take(most.min(usize::try_from(count).unwrap_or(usize::MAX)));
        (count, first.filter_map(|point| rows.row_of(u64::from(point))).collect())
    }

    /// Refuses a file of which so many rows were `found` where it had another number when it was read.
    ///
    /// # Errors
    /// When it has.
    pub(super) fn check_count(&self, found: u64) -> Result<(), TableError> {
        if found == self.rows() {
            return Ok(());
        }
        Err(TableError::Changed { path: self.path.clone(), found, expected: self.rows() })
    }

    /// Opens the file again, as it was read.
    ///
    /// # Errors
    /// When it cannot be read, or the observer ended the work.
    pub fn open(&self, observer: &mut dyn Observer) -> Result<OpenFile, LoadError> {
        OpenFile::open(&self.path, &self.options, observer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_targets_are_those_of_points_that_were_picked() {
        let mut rows = RowSet::default();
        for row in 0..10 {
            rows.push(row % 3 != 0);
        }
        // Points are the rows 1, 2, 4, 5, 7, 8.
        let rows = Arc::new(rows);
        let of = |picked: Option<&[usize]>| {
            let points = PickedRows::new(Arc::clone(&rows), picked);
            TargetRows::new(Path::new("a"), LoadOptions::default(), points)
        };
        let some = of(Some(&[1, 2, 5]));
        assert_eq!([0, 1, 2, 3].map(|k| some.row_of(k)), [Some(2), Some(4), Some(8), None]);
        let targets: Vec<Option<usize>> = some.targets().collect();
        let row = |k: usize| targets.iter().position(|target| *target == Some(k));
        assert_eq!([row(0), row(1), row(2)], [Some(2), Some(4), Some(8)]);
        assert_eq!(targets.iter().flatten().count(), 3);
        assert_eq!(some.not_picked(2), (3, vec![1, 5]));
        let all = of(None);
        assert_eq!(all.row_of(5), Some(8));
        assert_eq!((all.targets().flatten().count(), all.not_picked(5)), (6, (0, Vec::new())));
    }
}
