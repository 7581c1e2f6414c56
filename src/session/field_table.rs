//! A table of f: a row for every row of the targets' file, in order, so that it can be joined to that
//! file.
//!
//! ```text
//!   row   coordinates   f                      other columns of the file
//!   0…    as numbers    empty where dropped    in their types
//! ```

use std::{
    convert::Infallible,
    fs::File,
    io::{self, BufWriter},
    ops::ControlFlow,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::Prepared;
use crate::{
    engine::Observer,
    escape::escaped_path,
    io::{
        Holds, LoadError, MISSING, OpenFile, TableWriter, Values, arrow_writer, csv_writer,
        parquet_writer, unique_names, write_arrays, write_field,
    },
    selection::RowBits,
};

/// Rows that are written at once where the points are generated.
const BLOCK: usize = 1 << 16;

/// The format of a file of f.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Text.
    Csv,
    /// A Parquet file.
    Parquet,
    /// An Arrow file (IPC, Feather version 2).
    Arrow,
    /// A `NumPy` array of f alone, shape (rows,): NaN where a row was dropped.
    Npy,
    /// `NumPy` arrays `f`, `row` and `x`, of shapes (rows,), (rows,) and (rows, d).
    Npz,
}

impl TableFormat {
    /// Each format with the ends of names that ask for it.
    pub const ENDS: [(&'static str, Self); 6] = [
        ("csv", Self::Csv),
        ("parquet", Self::Parquet),
        ("arrow", Self::Arrow),
        ("feather", Self::Arrow),
        ("npy", Self::Npy),
        ("npz", Self::Npz),
    ];

    /// The format that a file's name asks for by its end, in any case.
    pub fn of(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_string_lossy().to_lowercase();
        Self::ENDS.into_iter().find(|(known, _)| *known == end).map(|(_, format)| format)
    }

    /// Whether it holds columns of any type.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Parquet | Self::Arrow)
    }
}

/// What stands beside f.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum With {
    /// The number of the row, and the coordinates.
    #[default]
    Coordinates,
    /// Nothing.
    Nothing,
    /// These, and all columns of the file.
    All,
    /// These, and the columns of these names.
    Columns(Vec<String>),
}

impl FromStr for With {
    type Err = Infallible;

    /// `all`, `none`, or names of columns between commas.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim() {
            "all" => Self::All,
            "none" => Self::Nothing,
            names => Self::Columns(names.split(',').map(|name| name.trim().to_owned()).collect()),
        })
    }
}

/// Why a table was not written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The system would not.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file of the targets could not be read again.
    #[error("{0}")]
    Load(#[from] LoadError),
    /// Generated points have no such column.
    #[error(
        "--select: there is no column '{name}': generated points have f, row, and the coordinates {available}"
    )]
    NoColumn {
        /// The name, escaped.
        name: String,
        /// The names of the coordinates, escaped.
        available: String,
    },
    /// The file of the targets is another one by now.
    #[error(
        "{}: the file has {found} rows: expected {expected}, as when it was read; it has changed \
         since, read it again",
        escaped_path(path)
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// Rows it has now.
        found: u64,
        /// Rows it had.
        expected: u64,
    },
}

/// f of prepared targets, with what stands beside it.
pub struct FieldTable<'a> {
    /// The targets, and where they came from.
    pub prepared: &'a Prepared,
    /// f of each target, shape (n,).
    pub field: &'a [f64],
    /// What stands beside it.
    pub with: &'a With,
    /// The rows that are written, where not all are; an array of f alone keeps its length.
    pub rows: Option<&'a RowBits>,
}

/// The columns of the targets' file that are written again, by their positions in it.
struct Beside {
    coordinates: Vec<usize>,
    others: Vec<usize>,
}

impl Beside {
    fn of(file: &OpenFile, names: &[String], with: &With) -> Result<Self, LoadError> {
        let find = |name: &String| file.find(name, "--with");
        let coordinates = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let wanted = match with {
            With::Coordinates | With::Nothing => Vec::new(),
            With::All => (0..file.columns().len()).collect(),
            With::Columns(names) => names.iter().map(find).collect::<Result<_, _>>()?,
        };
        let mut others: Vec<usize> = Vec::new();
        for column in wanted {
            if !coordinates.contains(&column) && !others.contains(&column) {
                others.push(column);
            }
        }
        Ok(Self { coordinates, others })
    }
}

impl FieldTable<'_> {
    /// Refuses columns that the targets' file does not have; looks at its columns only where some are
    /// named.
    ///
    /// # Errors
    /// When a column is not there, or the file cannot be read.
    pub fn check(
        prepared: &Prepared,
        with: &With,
        observer: &mut dyn Observer,
    ) -> Result<(), TableError> {
        if let (With::Columns(_), Some(rows)) = (with, &prepared.target_rows) {
            Beside::of(&rows.open(observer)?, &names_of(prepared), with)?;
        }
        Ok(())
    }

    /// Writes it to `file`.
    ///
    /// # Errors
    /// When the disk is full, the targets' file cannot be read again, or the observer ended the work.
    pub fn write(
        &self,
        format: TableFormat,
        file: File,
        observer: &mut dyn Observer,
    ) -> Result<(), TableError> {
        match format {
            TableFormat::Npy => Ok(write_field(BufWriter::new(file), &self.aligned())?),
            TableFormat::Npz => self.write_arrays(file, observer),
            _ => self.write_table(format, file, observer),
        }
    }

    /// f of each row, NaN where a row was dropped or is not written.
    fn aligned(&self) -> Vec<f64> {
        let f_of = |(place, target)| if self.writes(place) { self.f_of(target) } else { MISSING };
        match &self.prepared.target_rows {
            None => (0..).zip((0..self.field.len()).map(Some)).map(f_of).collect(),
            Some(rows) => (0..).zip(rows.targets()).map(f_of).collect(),
        }
    }

    /// The row at a place of the table before any are left out: itself, but where only some of the generated
    /// points are taken.
    fn row_at(&self, place: u64) -> u64 {
        match (&self.prepared.target_rows, usize::try_from(place)) {
            (None, Ok(target)) => self.prepared.row_of(target).unwrap_or(place),
            _ => place,
        }
    }

    /// Whether the row at a place is written.
    fn writes(&self, place: u64) -> bool {
        self.rows.is_none_or(|rows| rows.contains(self.row_at(place)))
    }

    /// Those values of a block from place `start` on that are written.
    fn written(&self, start: u64, block: Vec<Values>) -> Vec<Values> {
        let Some(rows) = self.rows else { return block };
        let count = block.first().map_or(0, Values::len);
        let is_kept = |place| rows.contains(self.row_at(place));
        let is_kept: Vec<bool> = (start..).take(count).map(is_kept).collect();
        block.into_iter().map(|values| values.kept(&is_kept)).collect()
    }

    fn f_of(&self, target: Option<usize>) -> f64 {
        target.and_then(|target| self.field.get(target)).copied().unwrap_or(MISSING)
    }

    fn write_arrays(&self, file: File, observer: &mut dyn Observer) -> Result<(), TableError> {
        let f = self.aligned();
        let dim = self.prepared.drawn.dim();
        let mut x = Vec::new();
        let mut add = |columns: &[Values]| {
            let rows = columns.first().map_or(0, Values::len);
            x.extend((0..rows).flat_map(|row| {
                columns.iter().map(move |column| match column {
                    Values::Numbers(values) => values[row],
                    _ => f64::NAN,
                })
            }));
        };
        match &self.prepared.target_rows {
            None => x = self.prepared.drawn.targets().coordinates().to_vec(),
            Some(rows) => {
                let mut file = rows.open(observer)?;
                let coordinates =
                    Beside::of(&file, &names_of(self.prepared), self.with)?.coordinates;
                file.values(&coordinates, &[], observer, &mut |columns| {
                    add(&columns);
                    ControlFlow::Continue(())
                })?;
                rows.check_count((x.len() / dim) as u64)?;
            }
        }
        let places: Vec<u64> = (0..f.len() as u64).filter(|place| self.writes(*place)).collect();
        let rows: Vec<u64> = places.iter().map(|place| self.row_at(*place)).collect();
        if places.len() == f.len() {
            return Ok(write_arrays(file, &f, &rows, &x, dim)?);
        }
        let f: Vec<f64> = places.iter().map(|place| f[*place as usize]).collect();
        let point = |place: &u64| &x[*place as usize * dim..][..dim];
        let x: Vec<f64> = places.iter().flat_map(point).copied().collect();
        Ok(write_arrays(file, &f, &rows, &x, dim)?)
    }

    fn write_table(
        &self,
        format: TableFormat,
        out: File,
        observer: &mut dyn Observer,
    ) -> Result<(), TableError> {
        let create = match format {
            TableFormat::Parquet => parquet_writer,
            TableFormat::Arrow => arrow_writer,
            _ => csv_writer,
        };
        let axes = names_of(self.prepared);
        let start = |others: &[(String, Holds)]| -> io::Result<Box<dyn TableWriter>> {
            let out = Box::new(BufWriter::with_capacity(1 << 16, out));
            create(out, &self.columns(&axes, others))
        };
        let Some(rows) = &self.prepared.target_rows else {
            let mut writer = start(&[])?;
            self.write_generated(&mut *writer)?;
            return Ok(writer.finish()?);
        };
        let mut file = rows.open(observer)?;
        let Beside { coordinates, others } = Beside::of(&file, &axes, self.with)?;
        let about: Vec<(String, Holds)> = {
            let all: Vec<(&str, Holds)> = file.columns().collect();
            others.iter().map(|&k| (all[k].0.to_owned(), all[k].1)).collect()
        };
        let mut writer = start(&about)?;
        let mut targets = rows.targets();
        let (mut done, mut failed) = (0_u64, None);
        // Without any other column f still needs to be told row by row.
        file.values(&coordinates, &others, observer, &mut |mut columns| {
            let count = columns.first().map_or(0, Values::len);
            let f = targets.by_ref().take(count).map(|target| self.f_of(target)).collect();
            let others = columns.split_off(coordinates.len());
            let block = self.block(done, columns, f, others, &about);
            done += count as u64;
            match writer.write(&self.written(done - count as u64, block)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(err) => {
                    failed = Some(err);
                    ControlFlow::Break(())
                }
            }
        })?;
        if let Some(err) = failed {
            return Err(err.into());
        }
        rows.check_count(done)?;
        Ok(writer.finish()?)
    }

    fn write_generated(&self, writer: &mut dyn TableWriter) -> io::Result<()> {
        let targets = self.prepared.drawn.targets();
        for start in (0..targets.len()).step_by(BLOCK) {
            let rows = start..(start + BLOCK).min(targets.len());
            let axis = |k: usize| rows.clone().map(|i| targets.point(i)[k]).collect();
            let coordinates = (0..targets.dim()).map(|k| Values::Numbers(axis(k))).collect();
            let f = self.field[rows.clone()].to_vec();
            let block = self.block(start as u64, coordinates, f, Vec::new(), &[]);
            writer.write(&self.written(start as u64, block))?;
        }
        Ok(())
    }

    /// The names and types of all columns, in order. `row` and `f` are what they are here; a column of
    /// the file that is called so gets another name.
    fn columns(&self, axes: &[String], others: &[(String, Holds)]) -> Vec<(String, Holds)> {
        if *self.with == With::Nothing {
            return vec![("f".to_owned(), Holds::Numbers)];
        }
        let own = ["row", "f"].map(str::to_owned).into_iter();
        let named = own.chain(axes.iter().cloned()).chain(others.iter().map(|of| of.0.clone()));
        let mut names = unique_names(named).into_iter();
        let mut next = || names.next().unwrap_or_default();
        let (row, f) = (next(), next());
        let mut columns = vec![(row, Holds::Integers)];
        columns.extend(axes.iter().map(|_| (next(), Holds::Numbers)));
        columns.push((f, Holds::Numbers));
        columns.extend(others.iter().map(|(_, holds)| (next(), *holds)));
        columns
    }

    /// A block of rows from place `start` on, in the order of [`Self::columns`].
    fn block(
        &self,
        start: u64,
        coordinates: Vec<Values>,
        f: Vec<f64>,
        others: Vec<Values>,
        about: &[(String, Holds)],
    ) -> Vec<Values> {
        if *self.with == With::Nothing {
            return vec![Values::Numbers(f)];
        }
        let places = (start..).take(f.len());
        let rows = places.map(|place| i64::try_from(self.row_at(place)).ok()).collect();
        let mut block = vec![Values::Integers(rows)];
        block.extend(coordinates.into_iter().map(|column| column.held_as(Holds::Numbers)));
        block.push(Values::Numbers(f));
        block.extend(others.into_iter().zip(about).map(|(column, of)| column.held_as(of.1)));
        block
    }
}

/// The names of the coordinates.
fn names_of(prepared: &Prepared) -> Vec<String> {
    prepared.drawn.targets().axes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_that_of_the_end_of_the_name() {
        let of = |name: &str| TableFormat::of(Path::new(name));
        assert_eq!(of("f.npy"), Some(TableFormat::Npy));
        assert_eq!(of("a.b/f.CSV"), Some(TableFormat::Csv));
        assert_eq!(of("f.feather"), Some(TableFormat::Arrow));
        assert_eq!((of("f.txt"), of("npy")), (None, None));
    }

    #[test]
    fn what_stands_beside_f_is_all_none_or_names() {
        let of = |text: &str| text.parse::<With>().expect("any text");
        assert_eq!([of("all"), of("none")], [With::All, With::Nothing]);
        assert_eq!(of("a, b"), With::Columns(vec!["a".to_owned(), "b".to_owned()]));
    }
}
