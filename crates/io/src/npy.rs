//! NPY files: one numeric array of shape (n, d), in either order, of any plain number type.
//!
//! ```text
//!   \x93NUMPY  major minor  length  {'descr': '<f8', 'fortran_order': False, 'shape': (n, d), }  data
//!   6 bytes    1     1      2 or 4  length bytes                                                n·d·size
//! ```
//!
//! The header is checked by [`super::npy_header`] before anything is allocated for what it claims;
//! `npyz` decodes the numbers.
//!
//! C order is read in blocks of whole rows; in Fortran order each column lies in one piece, and the
//! chosen ones are read one after the other.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use npyz::{Deserialize, Order, TypeChar, TypeRead};

use super::columns::{Column, Kind, choose};
use super::error::LoadError;
use super::npy_header::Layout;
use super::report::{Extremes, LoadReport};
use super::{LoadOptions, Loaded, check_points_fit, weights};
use sigmascope_core::{
    engine::{Observer, Progress, Stretch},
    model::Cloud,
};

/// How every NPY file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// How much data is read at once, unless one row is longer.
const BLOCK: usize = 1 << 20;

/// Loads the points of an NPY file that stands at its beginning and has `size` bytes.
pub(super) fn load(
    path: &Path,
    file: &mut File,
    size: u64,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Loaded, LoadError> {
    let layout = Layout::read(path, file, size)?;
    let columns: Vec<Column> = Cloud::default_axes(layout.columns)
        .into_iter()
        .map(|name| Column { name, unnamed: false, kind: Kind::Numbers, text: None })
        .collect();
    if layout.columns < options.dim {
        let shape = if layout.flat {
            format!("single numbers, shape ({},)", layout.rows)
        } else {
            format!("points of {} coordinates, shape ({}, {0})", layout.columns, layout.rows)
        };
        return Err(LoadError::NpyContent {
            path: path.into(),
            found: shape,
            expected: format!("shape (n, d) with d at least {}", options.dim),
            remedy: if options.dim == 2 {
                "save one point per row, such as numpy.stack([x, y], axis=1); a point needs 2 \
                 coordinates"
                    .to_owned()
            } else {
                format!(
                    "save one point per row, or take fewer coordinates than {} with --dim or \
                     --columns",
                    options.dim
                )
            },
        });
    }
    let chosen = choose(path, &columns, options)?;
    check_points_fit(path, layout.rows, options)?;
    let mut at_start = Stretch { observer, start: 0.0, length: 0.0 };
    let given = weights::given(path, layout.rows, options, &mut at_start)?;

    let mut coordinates = read(path, file, &layout, &chosen.all(), observer)?;
    let name_of = |k: usize| columns[k].name.clone();
    let mut report = LoadReport {
        path: path.into(),
        format: format!("NPY, {}, {} order", layout.type_words(), layout.order_words()),
        rows_read: layout.rows,
        rows_dropped_missing: 0,
        rows_dropped_nan: 0,
        rows_dropped_infinite: 0,
        columns_used: chosen.coordinates.iter().map(|&k| name_of(k)).collect(),
        weights: chosen.weights.map(name_of).or(given.as_ref().map(|given| given.name.clone())),
        columns_available: columns.into_iter().map(|column| column.name).collect(),
        columns_skipped: Vec::new(),
        ranges: Vec::new(),
    };
    let weights = match given {
        Some(given) => Some(given.values),
        None => chosen.weights.map(|_| split_last(&mut coordinates, options.dim)),
    };
    let (extremes, weights) = drop_unusable(&mut coordinates, options.dim, weights, &mut report);
    report.finish(&extremes)?;
    let cloud = Cloud::new(options.dim, coordinates, report.columns_used.clone());
    Ok(Loaded { cloud: weights::put(cloud, weights), report })
}

/// The `chosen` columns of an array, row by row, as they are.
pub(super) fn read(
    path: &Path,
    file: &mut File,
    layout: &Layout,
    chosen: &[usize],
    observer: &mut dyn Observer,
) -> Result<Vec<f64>, LoadError> {
    let columns_read = match layout.order {
        Order::C => layout.columns,
        Order::Fortran => chosen.len(),
    };
    let whole = layout.rows * (columns_read * layout.item_size) as u64;
    Reading { path, file, layout, chosen, done: 0, whole, observer }.coordinates()
}

/// Takes the last of each row of `dim` + 1 numbers out.
fn split_last(numbers: &mut Vec<f64>, dim: usize) -> Vec<f64> {
    let last = numbers.iter().copied().skip(dim).step_by(dim + 1).collect();
    let rows = numbers.len() / (dim + 1);
    for row in 0..rows {
        let start = row * (dim + 1);
        numbers.copy_within(start..start + dim, row * dim);
    }
    numbers.truncate(rows * dim);
    numbers.shrink_to_fit();
    last
}

/// Reading the data of one array.
struct Reading<'a> {
    path: &'a Path,
    file: &'a mut File,
    layout: &'a Layout,
    chosen: &'a [usize],
    /// Bytes read, of `whole` to read.
    done: u64,
    whole: u64,
    observer: &'a mut dyn Observer,
}

impl Reading<'_> {
    /// The chosen columns as they are stored, row by row.
    fn coordinates(&mut self) -> Result<Vec<f64>, LoadError> {
        match (self.layout.type_char, self.layout.item_size) {
            (TypeChar::Float, 8) => self.read(|x: f64| x),
            (TypeChar::Float, 4) => self.read(|x: f32| f64::from(x)),
            (TypeChar::Float, _) => self.read(|x: half::f16| f64::from(x)),
            (TypeChar::Int, 8) => self.read(|x: i64| x as f64),
            (TypeChar::Int, 4) => self.read(|x: i32| f64::from(x)),
            (TypeChar::Int, 2) => self.read(|x: i16| f64::from(x)),
            (TypeChar::Int, _) => self.read(|x: i8| f64::from(x)),
            (TypeChar::Uint, 8) => self.read(|x: u64| x as f64),
            (TypeChar::Uint, 4) => self.read(|x: u32| f64::from(x)),
            (TypeChar::Uint, 2) => self.read(|x: u16| f64::from(x)),
            (TypeChar::Uint, _) => self.read(|x: u8| f64::from(x)),
            _ => self.read(|x: bool| f64::from(u8::from(x))),
        }
    }

    fn read<T: Deserialize>(&mut self, number: fn(T) -> f64) -> Result<Vec<f64>, LoadError> {
        let Layout { dtype, item_size, order, columns, start, .. } = self.layout;
        let rows = self.layout.rows as usize;
        let dim = self.chosen.len();
        let reader = T::reader(dtype).map_err(|err| LoadError::NpyContent {
            path: self.path.into(),
            found: format!("numbers of the type {}", dtype.descr()),
            expected: "plain integers or floats".to_owned(),
            remedy: format!("convert it first ({err})"),
        })?;
        let (path, layout) = (self.path, self.layout);
        let decode = |bytes: &[u8]| {
            reader.read_one(bytes).map(number).map_err(|err| LoadError::NpyContent {
                path: path.into(),
                found: format!("something that is no {} ({err})", layout.type_words()),
                expected: "what its header says".to_owned(),
                remedy: "write it again with numpy.save".to_owned(),
            })
        };
        let mut coordinates = vec![0.0; rows * dim];
        let mut block = Vec::new();
        match order {
            Order::C => {
                self.seek(*start)?;
                let row_size = columns * item_size;
                for points in coordinates.chunks_mut(dim * (BLOCK / row_size).max(1)) {
                    block.resize(points.len() / dim * row_size, 0);
                    self.fill(&mut block)?;
                    for (point, row) in points.chunks_exact_mut(dim).zip(block.chunks(row_size)) {
                        for (value, &k) in point.iter_mut().zip(self.chosen) {
                            *value = decode(&row[k * item_size..(k + 1) * item_size])?;
                        }
                    }
                }
            }
            Order::Fortran => {
                for (axis, &k) in self.chosen.iter().enumerate() {
                    self.seek(start + (k * rows * item_size) as u64)?;
                    for points in coordinates.chunks_mut(dim * (BLOCK / item_size)) {
                        block.resize(points.len() / dim * item_size, 0);
                        self.fill(&mut block)?;
                        for (point, item) in
                            points.chunks_exact_mut(dim).zip(block.chunks(*item_size))
                        {
                            point[axis] = decode(item)?;
                        }
                    }
                }
            }
        }
        Ok(coordinates)
    }

    fn seek(&mut self, place: u64) -> Result<(), LoadError> {
        self.file.seek(SeekFrom::Start(place)).map(|_| ()).map_err(|err| self.refusal(err))
    }

    /// Fills a block, after asking whether to go on.
    fn fill(&mut self, block: &mut [u8]) -> Result<(), LoadError> {
        let fraction = self.done as f64 / self.whole as f64;
        if self.observer.checkpoint(Progress { fraction }).is_break() {
            return Err(LoadError::Cancelled);
        }
        self.done += block.len() as u64;
        self.file.read_exact(block).map_err(|err| self.refusal(err))
    }

    fn refusal(&self, err: std::io::Error) -> LoadError {
        LoadError::Io { path: self.path.into(), action: "read", err }
    }
}

/// Removes points with a coordinate or a weight that is not finite, and counts them.
fn drop_unusable(
    coordinates: &mut Vec<f64>,
    dim: usize,
    mut weights: Option<Vec<f64>>,
    report: &mut LoadReport,
) -> (Extremes, Option<Vec<f64>>) {
    let mut extremes = Extremes::new("row");
    let mut kept = 0;
    for (row, start) in (1..).zip((0..coordinates.len()).step_by(dim)) {
        let point = &coordinates[start..start + dim];
        let weight = weights.as_ref().map(|weights| weights[start / dim]);
        if point.iter().chain(&weight).any(|value| value.is_nan()) {
            report.rows_dropped_nan += 1;
        } else if point.iter().chain(&weight).any(|value| value.is_infinite()) {
            report.rows_dropped_infinite += 1;
        } else {
            extremes.absorb(point, row);
            if let (Some(weights), Some(weight)) = (&mut weights, weight) {
                weights[kept / dim] = weight;
            }
            coordinates.copy_within(start..start + dim, kept);
            kept += dim;
        }
    }
    coordinates.truncate(kept);
    if let Some(weights) = &mut weights {
        weights.truncate(kept / dim);
    }
    (extremes, weights)
}
