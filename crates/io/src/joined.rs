//! Several files of the same columns as one table: the rows of the first, then those of the next.

use std::ops::ControlFlow;
use std::path::Path;

use super::LoadOptions;
use super::columns::{Column, Holds, Kind};
use super::error::LoadError;
use super::input::Input;
use super::table::{Block, Facts, Table, Take, Wanted};
use super::wording::{listed, shown};
use sigmascope_core::engine::{Observer, Stretch};

/// A file of several.
struct Part {
    input: Input,
    table: Box<dyn Table>,
    /// Where each column of the first file is in this one.
    places: Vec<usize>,
    /// Its share of all bytes.
    share: f64,
}

/// Several files of the same columns.
pub(super) struct Joined {
    parts: Vec<Part>,
    columns: Vec<Column>,
}

impl Joined {
    /// These files, at least one, as one table.
    ///
    /// # Errors
    /// When one has other columns than the first.
    pub(super) fn of(files: Vec<(Input, Box<dyn Table>)>) -> Result<Self, LoadError> {
        let bytes: u64 = files.iter().map(|(input, _)| input.size()).sum();
        let mut parts: Vec<Part> = Vec::with_capacity(files.len());
        let mut columns: Vec<Column> = Vec::new();
        for (input, table) in files {
            let own = table.columns();
            if parts.is_empty() {
                columns = own.to_vec();
            }
            let place = |column: &Column| own.iter().position(|own| own.name == column.name);
            let places: Option<Vec<usize>> = columns.iter().map(place).collect();
            let unlike = |found: String| {
                let first = parts.first().map_or(input.path(), |part| part.input.path());
                LoadError::Unlike { path: input.path().into(), found, first: first.into() }
            };
            let Some(places) = places.filter(|places| places.len() == own.len()) else {
                let names = listed(own.iter().map(|column| column.name.as_str()));
                return Err(unlike(format!("its columns are {names}")));
            };
            for (column, &place) in columns.iter_mut().zip(&places) {
                column.absorb(&own[place]);
            }
            let share = input.size() as f64 / bytes.max(1) as f64;
            parts.push(Part { input, table, places, share });
        }
        Ok(Self { parts, columns })
    }

    /// The column of the first file in another one.
    fn wanted_of(part: &Part, wanted: &[Wanted]) -> Vec<Wanted> {
        let there = |want: &Wanted| Wanted { column: part.places[want.column], ..*want };
        wanted.iter().map(there).collect()
    }
}

impl Column {
    /// Takes in what the same column of another file is.
    fn absorb(&mut self, other: &Self) {
        self.unnamed |= other.unnamed;
        self.has_text |= other.has_text;
        self.counts_rows &= other.counts_rows;
        // A column that is constant in each file may still vary between them.
        self.varies = true;
        self.text = self.text.take().or_else(|| other.text.clone());
        self.set_apart = self.set_apart.or(other.set_apart);
        if self.kind == Kind::Nothing || self.holds == Holds::Nothing {
            (self.kind, self.holds) = (other.kind, other.holds);
        } else if other.holds != self.holds && other.holds != Holds::Nothing {
            let are_numbers = [self.holds, other.holds]
                .iter()
                .all(|of| matches!(of, Holds::Numbers | Holds::Integers));
            self.holds = if are_numbers { Holds::Numbers } else { Holds::Texts };
            if other.kind != Kind::Numbers {
                self.kind = other.kind;
            }
        }
    }
}

impl Table for Joined {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let each: Vec<Facts> = self.parts.iter().map(|part| part.table.facts()).collect();
        let names: Vec<String> = self.parts.iter().map(|part| shown(part.input.path())).collect();
        let mut notes = vec![format!(
            "{} files read as one cloud: {}",
            names.len(),
            listed(names.iter().map(String::as_str))
        )];
        for note in each.iter().flat_map(|facts| &facts.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        let first = &each[0];
        Facts {
            format: format!("{}, {} files", first.format, names.len()),
            rows: each.iter().map(|facts| facts.rows).sum(),
            is_surveyed: each.iter().all(|facts| facts.is_surveyed),
            notes,
            ..first.clone()
        }
    }

    fn prefer(
        &self,
        path: &Path,
        options: &LoadOptions,
    ) -> Result<(LoadOptions, Vec<String>), LoadError> {
        self.parts[0].table.prefer(path, options)
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let mut start = 0.0;
        let mut is_over = false;
        for (k, part) in self.parts.iter_mut().enumerate() {
            let there = Self::wanted_of(part, wanted);
            let mut stretch = Stretch { observer, start, length: part.share };
            let name = shown(part.input.path());
            part.table.read(&there, &mut stretch, &mut |mut block: Block| {
                for bad in block.bad_rows.iter_mut().filter(|_| k > 0) {
                    bad.place = format!("{name}, {}", bad.place);
                }
                let flow = take(block)?;
                is_over = flow.is_break();
                Ok::<ControlFlow<()>, LoadError>(flow)
            })?;
            if is_over {
                break;
            }
            start += part.share;
        }
        Ok(())
    }

    fn check_chosen(&self, chosen: &[usize]) -> Result<(String, Vec<String>), LoadError> {
        let (mut format, mut notes) = (String::new(), Vec::new());
        for (k, part) in self.parts.iter().enumerate() {
            let there: Vec<usize> = chosen.iter().map(|&column| part.places[column]).collect();
            let (own_format, own_notes) = part.table.check_chosen(&there)?;
            if k == 0 {
                format = own_format;
            }
            notes.extend(own_notes.into_iter().filter(|note| k == 0 || !note.is_empty()));
        }
        notes.dedup();
        Ok((format, notes))
    }

    fn place(&mut self, row: u64) -> Result<String, LoadError> {
        let mut left = row;
        for part in &mut self.parts {
            let rows = part.table.facts().rows.unwrap_or(u64::MAX);
            if left < rows {
                return Ok(format!("{} of {}", part.table.place(left)?, shown(part.input.path())));
            }
            left -= rows;
        }
        Ok(format!("row {row}"))
    }
}
