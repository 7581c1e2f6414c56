//! The first rows of a file and what each of its columns holds, for looking at.

use std::ops::ControlFlow;

use super::TargetRows;
use crate::{
    engine::{Observer, Unobserved},
    io::{ColumnSummary, Holds, LoadError, Values},
};

/// The first rows of the targets' file.
#[derive(Clone, Debug)]
pub struct FirstRows {
    /// The rows of the file that they are of.
    pub of: TargetRows,
    /// What is known of each column.
    pub columns: Vec<ColumnSummary>,
    /// The cells as text, row by row, one for each column; empty where there is no value.
    pub rows: Vec<Vec<String>>,
}

impl FirstRows {
    /// Number of rows.
    const COUNT: usize = 50;

    /// Reads them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(of: &TargetRows) -> Result<Self, LoadError> {
        let observer: &mut dyn Observer = &mut Unobserved;
        let mut file = of.open(observer)?;
        let all: Vec<usize> = (0..file.columns().len()).collect();
        let mut rows: Vec<Vec<String>> = Vec::new();
        file.values(&[], &all, observer, &mut |columns| {
            let texts: Vec<Vec<Option<String>>> = columns.into_iter().map(texts).collect();
            let count = texts.first().map_or(0, Vec::len).min(Self::COUNT - rows.len());
            rows.extend((0..count).map(|row| {
                texts.iter().map(|column| column[row].clone().unwrap_or_default()).collect()
            }));
            if rows.len() < Self::COUNT {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        let columns = file.describe(observer)?;
        Ok(Self { of: of.clone(), columns, rows })
    }
}

/// Cells as text; times as ISO 8601.
fn texts(values: Values) -> Vec<Option<String>> {
    match values.held_as(Holds::Texts) {
        Values::Texts(texts) => texts,
        _ => Vec::new(),
    }
}
