//! Flat arrays of one length in an archive, as the columns of a table; each is unpacked when it is wanted.

use super::{Archive, SHARE, broken, unpack};
use crate::LoadOptions;
use crate::columns::{Column, Holds};
use crate::error::LoadError;
use crate::input::Input;
use crate::names;
use crate::npy::Array;
use crate::npy_header::Layout;
use crate::table::{Block, Facts, Table, Take, Wanted};
use sigmascope_core::engine::{Observer, Progress, Stretch};

/// Rows of a block.
const ROWS: u64 = 1 << 14;

/// Flat arrays of one length, each a column.
pub(super) struct Flat {
    input: Input,
    archive: Archive,
    /// Place in the archive and name of each column.
    entries: Vec<(usize, String)>,
    columns: Vec<Column>,
    /// Those that were unpacked.
    arrays: Vec<Option<Array>>,
    rows: u64,
    budget: u64,
    pub(super) notes: Vec<String>,
}

impl Flat {
    /// The table of these arrays, by place in the archive and name, of so many rows.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub(super) fn new(
        input: &Input,
        mut archive: Archive,
        entries: Vec<(usize, String)>,
        rows: u64,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let unique =
            names::unique(entries.iter().map(|(_, name)| names::shortened(name.as_bytes())));
        let mut columns = Vec::new();
        for ((index, entry), (name, unnamed)) in entries.iter().zip(unique) {
            let mut file = archive.by_index(*index).map_err(|err| broken(input, entry, &err))?;
            let size = file.size();
            let layout = Layout::read(input.path(), &mut file, size)?;
            let holds = match layout.type_char {
                npyz::TypeChar::Bool => Holds::Booleans,
                npyz::TypeChar::Int | npyz::TypeChar::Uint => Holds::Integers,
                _ => Holds::Numbers,
            };
            columns.push(Column { unnamed, ..Column::of(name, holds) });
        }
        let arrays = entries.iter().map(|_| None).collect();
        let (input, budget) = (input.clone(), options.byte_budget);
        let notes = Vec::new();
        Ok(Self { input, archive, entries, columns, arrays, rows, budget, notes })
    }

    /// Unpacks the arrays of the wanted columns that are not unpacked yet.
    fn unpack(&mut self, wanted: &[Wanted], observer: &mut dyn Observer) -> Result<(), LoadError> {
        let mut new: Vec<usize> = wanted.iter().map(|want| want.column).collect();
        new.retain(|&column| self.arrays[column].is_none());
        new.sort_unstable();
        new.dedup();
        let length = 1.0 / new.len().max(1) as f64;
        for (k, column) in new.into_iter().enumerate() {
            let mut part = Stretch { observer, start: length * k as f64, length };
            let (index, name) = &self.entries[column];
            let entry = (*index, name.as_str());
            let content = unpack(&self.input, &mut self.archive, entry, self.budget, &mut part)?;
            let array = Array::open(&content)?;
            if array.layout.rows != self.rows || array.columns().len() != 1 {
                return Err(LoadError::Broken {
                    path: content.path().into(),
                    format: "NPZ",
                    found: "the array has changed since the file was opened".to_owned(),
                    expected: format!("{} numbers", self.rows),
                    remedy: "open it again".to_owned(),
                });
            }
            self.arrays[column] = Some(array);
        }
        Ok(())
    }
}

impl Table for Flat {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        Facts {
            format: format!("NPZ, {} arrays of one length", self.columns.len()),
            kind: "an archive of arrays (NPZ)",
            rows: Some(self.rows),
            named_columns: true,
            header: true,
            notes: self.notes.clone(),
            ..Facts::default()
        }
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        self.unpack(wanted, &mut Stretch { observer, start: 0.0, length: SHARE })?;
        let mut rest = Stretch { observer, start: SHARE, length: 1.0 - SHARE };
        let mut done = 0;
        while done < self.rows {
            let fraction = done as f64 / self.rows as f64;
            if rest.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let count = ROWS.min(self.rows - done);
            let mut columns = Vec::with_capacity(wanted.len());
            for want in wanted {
                let Some(array) = &self.arrays[want.column] else { continue };
                columns.extend(array.rows(&[Wanted { column: 0, ..*want }], done, count)?);
            }
            let block = Block { columns, rows: count as usize, bad_rows: Vec::new() };
            if take(block)?.is_break() {
                break;
            }
            done += count;
        }
        Ok(())
    }
}
