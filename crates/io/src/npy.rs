//! NPY files: one numeric array of shape (n, d), in either order, of any plain number type.
//!
//! ```text
//!   \x93NUMPY  major minor  length  {'descr': '<f8', 'fortran_order': False, 'shape': (n, d), }  data
//!   6 bytes    1     1      2 or 4  length bytes                                                n·d·size
//! ```
//!
//! The header is checked by [`super::npy_header`] before anything is allocated for what it claims.
//!
//! C order is read in blocks of whole rows; in Fortran order each column lies in one piece, and blocks
//! take a stretch of each.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use npyz::{DType, Endianness, Order, TypeChar};

use super::LoadOptions;
use super::binary::{Binary, Plain, Stride};
use super::columns::{Column, Holds, MAX_COLUMNS};
use super::error::LoadError;
use super::input::{Input, Section};
use super::names;
use super::npy_header::Layout;
use super::table::{Block, Facts, Table, Take, Values, Wanted, refuse_flags_of_others};
use sigmascope_core::{
    engine::{Observer, Progress},
    model::{Cloud, Weights},
};

/// How every NPY file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// How much data is read at once, unless one row is longer.
const BLOCK: usize = 1 << 20;
/// Rows that are read at once at most.
const ROWS: usize = 1 << 16;

/// An array in a file that is open.
pub(super) struct Array {
    input: Input,
    pub(super) layout: Layout,
    columns: Vec<Column>,
    /// What numbers each column holds, and where: within a record, or within a row.
    binaries: Vec<Option<(Binary, usize)>>,
}

impl Array {
    /// The array that `input` holds.
    ///
    /// # Errors
    /// When the header is broken, or does not fit the size of the file.
    pub(super) fn open(input: &Input) -> Result<Self, LoadError> {
        let layout = Layout::read(input.path(), &mut input.reader(), input.size())?;
        Self::new(input.clone(), layout)
    }

    /// The array on its side: its rows are the coordinates.
    ///
    /// # Errors
    /// When it has no two axes, or too many rows to be columns.
    pub(super) fn transposed(self) -> Result<Self, LoadError> {
        let layout = transposed(self.input.path(), self.layout)?;
        Self::new(self.input, layout)
    }

    fn new(input: Input, layout: Layout) -> Result<Self, LoadError> {
        let unreadable = || LoadError::NpyContent {
            path: input.path().into(),
            found: format!("numbers of the type {}", layout.dtype.descr()),
            expected: "plain integers or floats".to_owned(),
            remedy: "convert it first, such as array.astype('float64')".to_owned(),
        };
        let (columns, binaries) = match &layout.record {
            None => {
                let binary = binary(&layout.dtype).ok_or_else(unreadable)?;
                let names = Cloud::default_axes(layout.columns).into_iter();
                let columns = names.map(|name| column(name, binary.plain)).collect();
                let binaries =
                    (0..layout.columns).map(|k| Some((binary, k * layout.item_size))).collect();
                (columns, binaries)
            }
            Some(record) => {
                let names =
                    record.fields.iter().map(|field| names::shortened(field.name.as_bytes()));
                let of_fields = names::unique(names).into_iter().zip(&record.fields);
                of_fields
                    .map(|((name, unnamed), field)| {
                        let binary = binary(&field.dtype).filter(|_| field.is_number);
                        let column = match binary {
                            Some(binary) => column(name, binary.plain),
                            None => Column::of(name, Holds::Texts),
                        };
                        let binary = binary.map(|binary| (binary, field.offset));
                        (Column { unnamed, ..column }, binary)
                    })
                    .unzip()
            }
        };
        Ok(Self { input, layout, columns, binaries })
    }
}

/// A column of numbers of a type; truths count as numbers.
fn column(name: String, plain: Plain) -> Column {
    Column { holds: plain.holds(), ..Column::of_numbers(name) }
}

/// The plain type that `NumPy`'s `dtype` is; `None` where it is none.
fn binary(dtype: &DType) -> Option<Binary> {
    let DType::Plain(of) = dtype else { return None };
    let plain = match (of.type_char(), of.num_bytes()?) {
        (TypeChar::Bool, 1) => Plain::Bool,
        (TypeChar::Float, 2) => Plain::F16,
        (TypeChar::Float, 4) => Plain::F32,
        (TypeChar::Float, 8) => Plain::F64,
        (TypeChar::Int, 1) => Plain::I8,
        (TypeChar::Int, 2) => Plain::I16,
        (TypeChar::Int, 4) => Plain::I32,
        (TypeChar::Int, 8) => Plain::I64,
        (TypeChar::Uint, 1) => Plain::U8,
        (TypeChar::Uint, 2) => Plain::U16,
        (TypeChar::Uint, 4) => Plain::U32,
        (TypeChar::Uint, 8) => Plain::U64,
        _ => return None,
    };
    Some(Binary { plain, big_endian: of.endianness() == Endianness::Big })
}

impl Table for Array {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let Self { layout, .. } = self;
        let is_record = layout.record.is_some();
        Facts {
            format: format!("NPY, {}, {} order", layout.type_words(), layout.order_words()),
            kind: "an array (NPY)",
            rows: Some(layout.rows),
            named_columns: is_record,
            header: is_record,
            // Every column of an array is a coordinate, whatever it holds.
            is_surveyed: !is_record,
            ..Facts::default()
        }
    }

    fn prefer(
        &self,
        path: &Path,
        options: &LoadOptions,
    ) -> Result<(LoadOptions, Vec<String>), LoadError> {
        let mut reading = options.reading.clone();
        // That was done when the array was opened.
        reading.transpose = false;
        let others = LoadOptions { reading, ..options.clone() };
        refuse_flags_of_others(path, self.facts().kind, &others)?;
        with_dim(path, &self.layout, &self.columns, options)
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let mut file = self.input.reader();
        let rows = self.layout.rows;
        let rows_at_once = match self.layout.order {
            _ if self.layout.record.is_some() => BLOCK / self.layout.item_size,
            Order::C => BLOCK / (self.layout.columns * self.layout.item_size),
            Order::Fortran => BLOCK / self.layout.item_size,
        };
        let rows_at_once = rows_at_once.clamp(1, ROWS) as u64;
        let mut done = 0;
        while done < rows {
            let fraction = done as f64 / rows as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let count = rows_at_once.min(rows - done);
            let columns = self.block(&mut file, wanted, done, count)?;
            let block = Block { columns, rows: count as usize, bad_rows: Vec::new() };
            if take(block)?.is_break() {
                break;
            }
            done += count;
        }
        Ok(())
    }
}

impl Array {
    /// `count` rows of the wanted columns from row `done` on.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn rows(
        &self,
        wanted: &[Wanted],
        done: u64,
        count: u64,
    ) -> Result<Vec<Values>, LoadError> {
        self.block(&mut self.input.reader(), wanted, done, count)
    }

    /// The same from `file`.
    fn block(
        &self,
        file: &mut Section,
        wanted: &[Wanted],
        done: u64,
        count: u64,
    ) -> Result<Vec<Values>, LoadError> {
        let Layout { item_size, order, start, rows, .. } = self.layout;
        let mut bytes = Vec::new();
        let mut read = |place: u64, length: usize, bytes: &mut Vec<u8>| {
            bytes.resize(length, 0);
            let found = file.seek(SeekFrom::Start(place)).and_then(|_| file.read_exact(bytes));
            found.map_err(|err| self.input.refusal(err))
        };
        let values = |want: &Wanted, bytes: &[u8], size: usize, in_columns: bool| {
            let Some((binary, offset)) = self.binaries[want.column] else {
                return Ok(Values::Texts(vec![None; count as usize]));
            };
            let stride = Stride { offset: if in_columns { 0 } else { offset }, size };
            if binary.plain == Plain::Bool {
                self.check_truths(bytes, stride)?;
            }
            Ok(if want.as_numbers {
                Values::Numbers(binary.numbers(bytes, stride))
            } else {
                binary.values(bytes, stride)
            })
        };
        if order == Order::Fortran && self.layout.record.is_none() {
            let mut columns = Vec::with_capacity(wanted.len());
            for want in wanted {
                let place = start + (want.column as u64 * rows + done) * item_size as u64;
                read(place, count as usize * item_size, &mut bytes)?;
                columns.push(values(want, &bytes, item_size, true)?);
            }
            return Ok(columns);
        }
        let size = match self.layout.record {
            Some(_) => item_size,
            None => self.layout.columns * item_size,
        };
        read(start + done * size as u64, count as usize * size, &mut bytes)?;
        wanted.iter().map(|want| values(want, &bytes, size, false)).collect()
    }

    /// Refuses truths that are neither 0 nor 1.
    fn check_truths(&self, bytes: &[u8], Stride { offset, size }: Stride) -> Result<(), LoadError> {
        let truths = bytes.chunks_exact(size).map(|record| record[offset]);
        match truths.max() {
            Some(wrong @ 2..) => Err(LoadError::NpyContent {
                path: self.input.path().into(),
                found: format!("something that is no bool (invalid value for bool: {wrong})"),
                expected: "what its header says".to_owned(),
                remedy: "write it again with numpy.save".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

/// The array on its side, if it has two axes.
fn transposed(path: &Path, layout: Layout) -> Result<Layout, LoadError> {
    if layout.flat || layout.record.is_some() {
        let found = if layout.flat { "an array of one axis" } else { "a structured array" };
        let (flag, wanted) = ("--transpose", "arrays of two axes");
        return Err(LoadError::NoUse { path: path.into(), flag, wanted, found });
    }
    if layout.rows > MAX_COLUMNS as u64 {
        let (found, limit) = (layout.rows, MAX_COLUMNS as u64);
        return Err(LoadError::TooManyColumns { path: path.into(), found, limit });
    }
    Ok(layout.transposed())
}

/// The options with the number of coordinates, which an array itself tells unless the user does, and what
/// there is to say of it.
fn with_dim(
    path: &Path,
    layout: &Layout,
    columns: &[Column],
    options: &LoadOptions,
) -> Result<(LoadOptions, Vec<String>), LoadError> {
    let mut options = options.clone();
    if layout.record.is_some() {
        return Ok((options, Vec::new()));
    }
    let Layout { rows, flat, .. } = *layout;
    let count = columns.len();
    let shape = if flat { format!("({rows},)") } else { format!("({rows}, {count})") };
    let is_weight = matches!(options.weights, Some(Weights::Column(_)));
    let free = count - usize::from(is_weight && options.columns.is_empty());
    if let Some(dim) = options.dim.filter(|&dim| dim > free && options.columns.is_empty()) {
        return Err(LoadError::NpyContent {
            path: path.into(),
            found: format!("points of {free} coordinates, shape {shape}"),
            expected: format!("shape (n, d) with d at least {dim}"),
            remedy: format!(
                "save one point per row, such as numpy.stack([x, y], axis=1), or take fewer \
                 coordinates than {dim} with --dim or --columns"
            ),
        });
    }
    let named = options.dim.is_some() || !options.columns.is_empty();
    if !named && free > LoadOptions::MAX_DIM {
        let sideways = rows <= LoadOptions::MAX_DIM as u64;
        let remedy = "name some with --columns, or take the first ones with --dim";
        return Err(LoadError::TooManyCoordinates {
            path: path.into(),
            found: count,
            limit: LoadOptions::MAX_DIM,
            remedy: if sideways {
                format!("if the {rows} rows are the coordinates, --transpose; else {remedy}")
            } else {
                remedy.to_owned()
            },
        });
    }
    if !named {
        options.dim = Some(free.max(1));
    }
    let many = if count == 1 { "" } else { "s" };
    let mut notes = vec![format!("shape {shape}: {rows} points of {count} coordinate{many}")];
    if rows < count as u64 && !flat && !named && !options.reading.transpose {
        notes.push(
            "there are more coordinates than points: if the rows are the coordinates, read the array \
             with --transpose"
                .to_owned(),
        );
    }
    Ok((options, notes))
}
