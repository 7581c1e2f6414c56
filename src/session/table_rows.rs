//! What the table of rows shows, cell by cell, and its rows as text for the clipboard.

use std::{borrow::Cow, io, ops::Range, sync::Arc};

use super::{RowColumn, RowColumns, RowOrder, Scene, SortBy, row_columns::exact_number};
use crate::{io::unique_names, numbers::format_number};

/// The most rows that are copied at once: more are for a file, and hardly paste.
pub const MOST_COPIED: u64 = 100_000;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableColumn {
    /// The number of the row in the file.
    Row,
    /// f.
    Field,
    /// A coordinate, from 0.
    Coordinate(usize),
    /// A column of the file, from 0 among those that were read.
    File(usize),
}

/// The rows of the table: targets in their order, with all that is known of them.
#[derive(Clone)]
pub struct TableRows {
    /// The points and f.
    pub scene: Arc<Scene>,
    /// Their order; without one that of the file.
    pub order: Option<Arc<RowOrder>>,
    /// The columns of the file.
    pub columns: Option<Arc<RowColumns>>,
    /// f of each target, of the last σ where the present one is not there.
    pub values: Option<Arc<[f32]>>,
}

impl TableRows {
    /// Number of rows.
    pub fn len(&self) -> u64 {
        let n = self.scene.prepared.drawn.n();
        self.order.as_ref().map_or(n, |order| order.targets.len()) as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The target at this place, from 0.
    pub fn target(&self, place: u64) -> Option<usize> {
        let place = usize::try_from(place).ok()?;
        match &self.order {
            Some(order) => order.targets.get(place).map(|&target| target as usize),
            None => (place < self.scene.prepared.drawn.n()).then_some(place),
        }
    }

    /// Where a target stands, from 0, if it is shown. Looks through all rows.
    pub fn place_of(&self, target: usize) -> Option<u64> {
        match &self.order {
            Some(order) => {
                let target = u32::try_from(target).ok()?;
                order.targets.iter().position(|known| *known == target).map(|place| place as u64)
            }
            None => (target < self.scene.prepared.drawn.n()).then_some(target as u64),
        }
    }

    /// The columns, from left to right.
    pub fn table_columns(&self) -> Vec<TableColumn> {
        let dim = self.scene.prepared.drawn.dim();
        let others = self.columns.as_ref().map_or(0, |columns| columns.columns.len());
        [TableColumn::Row, TableColumn::Field]
            .into_iter()
            .chain((0..dim).map(TableColumn::Coordinate))
            .chain((0..others).map(TableColumn::File))
            .collect()
    }

    /// The name of a column as the file or the points have it.
    pub fn name(&self, column: TableColumn) -> &str {
        match column {
            TableColumn::Row => "row",
            TableColumn::Field => "f",
            TableColumn::Coordinate(axis) => &self.scene.prepared.drawn.targets().axes()[axis],
            TableColumn::File(k) => self
                .columns
                .as_ref()
                .and_then(|columns| columns.columns.get(k))
                .map_or("", |column| &column.name),
        }
    }

    /// What sorting by a column means.
    pub fn sort_by(&self, column: TableColumn) -> SortBy {
        match column {
            TableColumn::Row => SortBy::Row,
            TableColumn::Field => SortBy::Field,
            TableColumn::Coordinate(axis) => SortBy::Coordinate(axis),
            TableColumn::File(_) => SortBy::Column(self.name(column).to_owned()),
        }
    }

    /// Whether the cells of a column are numbers, which stand on the right.
    pub fn is_number(&self, column: TableColumn) -> bool {
        let TableColumn::File(k) = column else { return true };
        let columns = self.columns.as_ref();
        columns.and_then(|columns| columns.columns.get(k)).is_some_and(|column| column.is_number())
    }

    /// A coordinate of a target as the file has it, not its logarithm.
    fn coordinate(&self, target: usize, axis: usize) -> f64 {
        let targets = self.scene.prepared.drawn.targets();
        let value = targets.point(target)[axis];
        if targets.logarithmic()[axis] { 10_f64.powf(value) } else { value }
    }

    fn field(&self, target: usize) -> Option<f32> {
        self.values.as_ref()?.get(target).copied()
    }

    /// A cell as it is read: empty where there is no value.
    pub fn shown(&self, column: TableColumn, target: usize) -> Cow<'_, str> {
        match column {
            TableColumn::Field => match self.field(target) {
                Some(f) => format_number(f64::from(f), 6).into(),
                None => "…".into(),
            },
            TableColumn::Coordinate(axis) => format_number(self.coordinate(target, axis), 7).into(),
            TableColumn::File(k) => match (self.file_column(k), self.row_of(target)) {
                (Some(column), Some(row)) => column.shown(row),
                _ => Cow::default(),
            },
            TableColumn::Row => self.exact(column, target),
        }
    }

    /// A cell with all its digits: empty where there is no value.
    pub fn exact(&self, column: TableColumn, target: usize) -> Cow<'_, str> {
        match column {
            TableColumn::Row => self.row_of(target).map_or(String::new(), |r| r.to_string()).into(),
            TableColumn::Field => match self.field(target) {
                // In as few digits as tell it from other numbers of its precision.
                Some(f) if f == 0.0 || (1e-5..1e7).contains(&f.abs()) => f.to_string().into(),
                Some(f) => format!("{f:e}").into(),
                None => Cow::default(),
            },
            TableColumn::Coordinate(axis) => exact_number(self.coordinate(target, axis)).into(),
            TableColumn::File(k) => match (self.file_column(k), self.row_of(target)) {
                (Some(column), Some(row)) => column.exact(row).unwrap_or_default(),
                _ => Cow::default(),
            },
        }
    }

    fn file_column(&self, k: usize) -> Option<&RowColumn> {
        self.columns.as_ref()?.columns.get(k).map(|column| &**column)
    }

    /// The row of a target in its file, from 0.
    pub fn row_of(&self, target: usize) -> Option<u64> {
        self.scene.prepared.row_of(target)
    }

    /// The rows at these places, the first [`MOST_COPIED`], as text with tabs between cells and the names of
    /// the columns above.
    ///
    /// # Errors
    /// When memory cannot be written to.
    pub fn tab_separated(&self, places: Range<u64>) -> Result<String, io::Error> {
        let mut writer = csv::WriterBuilder::new().delimiter(b'\t').from_writer(Vec::new());
        let columns = self.table_columns();
        let names = columns.iter().map(|column| self.name(*column).to_owned());
        writer.write_record(unique_names(names))?;
        for place in places.take(MOST_COPIED as usize) {
            let Some(target) = self.target(place) else { break };
            let cells = columns.iter().map(|column| self.exact(*column, target));
            for cell in cells {
                writer.write_field(cell.as_bytes())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}
