//! Where the columns of the table are.

use std::{
    ops::Range,
    sync::{Arc, Weak},
};

use super::super::hover_columns::short;
use crate::{
    model::Points,
    session::{RowColumns, TableColumn, TableRows},
};

/// Width of a column, in logical pixels: of row numbers, of numbers, and of text.
const WIDTHS: [f32; 3] = [78.0, 96.0, 150.0];
/// The most that a column takes for the sake of its name.
const MOST: f32 = 220.0;
/// About the width of a letter.
const LETTER: f32 = 7.5;
/// A name is shortened to so many characters.
const LONGEST: usize = 60;

/// A column with its place.
pub(super) struct Placed {
    pub(super) column: TableColumn,
    /// Its name, safe to draw.
    pub(super) name: String,
    /// Whether its cells stand on the right.
    pub(super) is_number: bool,
}

/// The columns from left to right, and where each ends. Made again when the points or what is known of
/// their file has changed.
#[derive(Default)]
pub(super) struct Layout {
    points: Weak<Points>,
    read: Weak<RowColumns>,
    pub(super) columns: Vec<Placed>,
    ends: Vec<f32>,
}

impl Layout {
    /// Lays out the columns of `rows`.
    pub(super) fn update(&mut self, rows: &TableRows) {
        let points = Arc::downgrade(&rows.scene.prepared.drawn);
        let read = rows.columns.as_ref().map_or_else(Weak::new, Arc::downgrade);
        if self.points.ptr_eq(&points) && self.read.ptr_eq(&read) && !self.columns.is_empty() {
            return;
        }
        (self.points, self.read) = (points, read);
        self.columns.clear();
        self.ends.clear();
        let mut end = 0.0;
        for column in rows.table_columns() {
            let is_number = rows.is_number(column);
            let name = short(rows.name(column), LONGEST);
            let usual = match column {
                TableColumn::Row => WIDTHS[0],
                _ if is_number => WIDTHS[1],
                _ => WIDTHS[2],
            };
            end += (name.chars().count() as f32 * LETTER + 30.0).min(MOST).max(usual);
            self.ends.push(end);
            self.columns.push(Placed { column, name, is_number });
        }
    }

    /// The width of all columns, in logical pixels.
    pub(super) fn width(&self) -> f32 {
        self.ends.last().copied().unwrap_or(0.0)
    }

    /// The columns of which something is between these two places.
    pub(super) fn between(&self, left: f32, right: f32) -> Range<usize> {
        let first = self.ends.partition_point(|end| *end <= left);
        let last = self.ends.partition_point(|end| *end < right);
        first..(last + 1).min(self.columns.len()).max(first)
    }

    /// From where to where a column is.
    pub(super) fn span(&self, column: usize) -> [f32; 2] {
        [column.checked_sub(1).map_or(0.0, |before| self.ends[before]), self.ends[column]]
    }
}
