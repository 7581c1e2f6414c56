//! FITS files: the first table, of binary numbers (BINTABLE) or of characters (TABLE), or the one that is
//! named: `events.fits:GTI`, `events.fits:2`.
//!
//! ```text
//!   header  data        header  data           header …        each in blocks of 2880 bytes
//!   image, or nothing   table: rows of one size
//! ```
//!
//! `fitsio-pure` reads the cards of a header; sizes are checked by [`unit`] before they are used, and rows
//! are read in blocks.

mod field;
mod unit;

use std::io::{Read, Seek, SeekFrom};

use self::field::{Field, Fields};
use self::unit::{Kind, Unit, units};
use super::columns::Column;
use super::error::LoadError;
use super::input::Input;
use super::table::{Block, Facts, Table, Take, Wanted};
use super::wording::{listed, shortened};
use sigmascope_core::engine::{Observer, Progress};

/// How every FITS file begins.
pub(super) const MAGIC: &[u8] = b"SIMPLE  =";
/// How much data is read at once, unless one row is longer.
const BLOCK: usize = 1 << 20;
/// Rows that are read at once at most.
const ROWS: usize = 1 << 14;

/// A table in a FITS file that is open.
pub(super) struct Fits {
    input: Input,
    unit: Unit,
    columns: Vec<Column>,
    fields: Vec<Field>,
    notes: Vec<String>,
}

/// That the file breaks the rules of its format.
fn broken(input: &Input, found: String, expected: &str) -> LoadError {
    LoadError::Broken {
        path: input.path().into(),
        format: "FITS",
        found,
        expected: expected.to_owned(),
        remedy:
            "copy it again, or write it again, such as with astropy: table.write('points.fits')"
                .to_owned(),
    }
}

impl Fits {
    /// The table that is named, or the first.
    ///
    /// # Errors
    /// When there is none, or it is broken or cut short.
    pub(super) fn open(input: &Input) -> Result<Self, LoadError> {
        let units = units(input)?;
        let others: Vec<String> =
            units.iter().filter(|unit| unit.is_table()).map(Unit::called).collect();
        let unit = chosen(input, units)?;
        check_size(input, &unit)?;
        let Fields { columns, of_columns: fields, mut notes } = Fields::of(input, &unit)?;
        if columns.is_empty() {
            return Err(LoadError::Content {
                path: input.path().into(),
                found: format!("no column of single values in the table '{}'", unit.called()),
                expected: "columns of numbers".to_owned(),
                remedy: "name another table, as FILE:NAME".to_owned(),
            });
        }
        let called = unit.called();
        if others.len() > 1 {
            let names = others.iter().filter(|name| **name != called);
            notes.insert(
                0,
                format!(
                    "table '{}' read; there are others: {} (name one as FILE:NAME)",
                    shortened(called.as_bytes()),
                    listed(names.map(String::as_str))
                ),
            );
        }
        Ok(Self { input: input.clone(), unit, columns, fields, notes })
    }
}

/// The table that the user named, or the first with rows.
fn chosen(input: &Input, units: Vec<Unit>) -> Result<Unit, LoadError> {
    let tables: Vec<String> =
        units.iter().filter(|unit| unit.is_table()).map(Unit::called).collect();
    let content = |found: String, remedy: String| LoadError::Content {
        path: input.path().into(),
        found,
        expected: "a table (BINTABLE or TABLE)".to_owned(),
        remedy,
    };
    if tables.is_empty() {
        return Err(content(
            "images and no table".to_owned(),
            "find the points in the image first, such as with \
             photutils.detection.DAOStarFinder, and write them as a table: \
             sources.write('points.fits')"
                .to_owned(),
        ));
    }
    let listing = listed(tables.iter().map(String::as_str));
    let Some(part) = input.part() else {
        let first = units.iter().position(|unit| unit.is_table() && unit.rows > 0);
        let first = first.or_else(|| units.iter().position(Unit::is_table)).unwrap_or(0);
        return units.into_iter().nth(first).ok_or_else(|| content(String::new(), String::new()));
    };
    let is_named =
        |unit: &Unit| unit.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(part));
    let named = |is_it: &dyn Fn(&Unit) -> bool| units.iter().position(is_it);
    let found = named(&|unit| is_named(unit) && unit.is_table())
        .or_else(|| named(&is_named))
        .or_else(|| part.parse().ok().filter(|number| *number < units.len()));
    let remedy = format!("name one of the tables, as FILE:NAME: {listing}");
    let shown = shortened(part.as_bytes());
    match found.and_then(|k| units.into_iter().nth(k)) {
        None => Err(content(format!("no table '{shown}'"), remedy)),
        Some(unit) if !unit.is_table() => {
            Err(content(format!("no table but an image in '{shown}'"), remedy))
        }
        Some(unit) => Ok(unit),
    }
}

/// Refuses a table that ends behind the end of the file.
fn check_size(input: &Input, unit: &Unit) -> Result<(), LoadError> {
    let Unit { row_size, rows, start, .. } = *unit;
    let end = u128::from(row_size) * u128::from(rows) + u128::from(start);
    if end <= u128::from(input.size()) {
        return Ok(());
    }
    let found = format!(
        "the table '{}' has {rows} rows of {row_size} bytes from byte {start} on, and the file ends at \
         byte {}",
        shortened(unit.called().as_bytes()),
        input.size()
    );
    Err(broken(input, found, &format!("{end} bytes; the file is cut short")))
}

impl Table for Fits {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let kind =
            if self.unit.kind == Kind::Ascii { "table of characters" } else { "binary table" };
        let name = self.unit.name.as_ref();
        let name = name.map(|name| format!(" '{}'", shortened(name.as_bytes())));
        Facts {
            format: format!("FITS, {kind}{}", name.unwrap_or_default()),
            kind: "a FITS file",
            rows: Some(self.unit.rows),
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
        let Unit { row_size, rows, start, .. } = self.unit;
        let size = usize::try_from(row_size).unwrap_or(usize::MAX).max(1);
        let rows_at_once = (BLOCK / size).clamp(1, ROWS) as u64;
        let mut file = self.input.reader();
        let mut bytes = Vec::new();
        let mut done = 0;
        while done < rows {
            let fraction = done as f64 / rows as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let count = rows_at_once.min(rows - done);
            bytes.resize(count as usize * size, 0);
            let place = start + done * row_size;
            let read = file.seek(SeekFrom::Start(place)).and_then(|_| file.read_exact(&mut bytes));
            read.map_err(|err| self.input.refusal(err))?;
            let values =
                |want: &Wanted| self.fields[want.column].values(&bytes, size, want.as_numbers);
            let columns = wanted.iter().map(values).collect();
            if take(Block { columns, rows: count as usize, bad_rows: Vec::new() })?.is_break() {
                break;
            }
            done += count;
        }
        Ok(())
    }
}
