//! The columns of the file that are shown with a target on hover and where it is pinned.

use std::path::PathBuf;

use crate::{
    escape::escaped,
    session::{Prepared, RowColumns, State, TargetRows},
};

/// A text on hover is shortened to so many characters.
const LONGEST: usize = 80;

/// The names of those columns, kept while the file is the same.
#[derive(Default)]
pub(super) struct HoverColumns {
    /// The file that they are of.
    of: Option<PathBuf>,
    /// In the order in which they were chosen.
    pub(super) names: Vec<String>,
}

impl HoverColumns {
    /// These columns of the file with these rows.
    pub(super) fn of(rows: Option<&TargetRows>, names: Vec<String>) -> Self {
        Self { of: rows.map(|rows| rows.path().to_owned()), names }
    }

    /// Forgets them where the targets come from another file; says whether they do.
    pub(super) fn keep_for(&mut self, rows: Option<&TargetRows>) -> bool {
        let path = rows.map(TargetRows::path);
        let is_other = path != self.of.as_deref();
        if is_other {
            *self = Self { of: path.map(ToOwned::to_owned), names: Vec::new() };
        }
        is_other
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// What `state` knows of them.
    pub(super) fn cells<'a>(&'a self, state: &'a State) -> HoverCells<'a> {
        HoverCells { names: &self.names, columns: state.row_columns().map(|columns| &**columns) }
    }

    /// Shows a column or hides it.
    pub(super) fn set(&mut self, name: &str, shown: bool) {
        self.names.retain(|known| known != name);
        if shown {
            self.names.push(name.to_owned());
        }
    }
}

/// Those columns with what was read of them.
#[derive(Clone, Copy)]
pub(super) struct HoverCells<'a> {
    pub(super) names: &'a [String],
    pub(super) columns: Option<&'a RowColumns>,
}

impl HoverCells<'_> {
    /// A line for each column: `name = Ada`.
    pub(super) fn lines(&self, prepared: &Prepared, target: usize) -> Vec<String> {
        let rows = prepared.target_rows.as_ref();
        let columns = self.columns.filter(|columns| rows.is_some_and(|rows| columns.is_of(rows)));
        let (Some(columns), Some(row)) = (columns, prepared.row_of(target)) else {
            return Vec::new();
        };
        let line = |name: &String| {
            let text = columns.find(name)?.shown(row);
            let text = if text.is_empty() { "no value".to_owned() } else { short(&text, LONGEST) };
            Some(format!("{} = {text}", escaped(name)))
        };
        self.names.iter().filter_map(line).collect()
    }
}

/// The first characters of a text from outside, safe to draw.
pub(super) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(text),
    }
}
