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

use npyz::{DType, Deserialize, Order, TypeChar, TypeRead};

use super::columns::{Column, Kind, MAX_COLUMNS, choose};
use super::dialect::name;
use super::error::LoadError;
use super::missing::MoreMissing;
use super::names;
use super::npy_header::{Layout, Record};
use super::report::{Extremes, LoadReport};
use super::wording::listed;
use super::{LoadOptions, Loaded, check_points_fit, weights};
use sigmascope_core::{
    engine::{Observer, Progress, Stretch},
    model::{Cloud, Header, Weights},
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
    let layout = if options.reading.transpose { transposed(path, layout)? } else { layout };
    if options.reading.skip_rows > 0 || options.reading.header == Header::Yes {
        let flag = if options.reading.skip_rows > 0 { "--skip-rows" } else { "--header" };
        let (wanted, found) = ("text files", "an array (NPY)");
        return Err(LoadError::NoUse { path: path.into(), flag, wanted, found });
    }
    let columns = columns_of(&layout);
    let (options, mut notes) = with_dim(path, &layout, &columns, options)?;
    let chosen = choose(path, &columns, &options)?;
    if layout.record.is_some() {
        notes.extend(chosen.notes.iter().cloned());
    }
    let unusable = chosen.all().into_iter().find(|&k| columns[k].kind != Kind::Numbers);
    if let Some(k) = unusable {
        return Err(LoadError::NpyContent {
            path: path.into(),
            found: format!("something else than numbers in {}", listed([&*columns[k].name])),
            expected: "plain integers or floats".to_owned(),
            remedy: "choose other columns with --columns".to_owned(),
        });
    }
    let dim = chosen.coordinates.len();
    check_points_fit(path, layout.rows, dim, &options)?;
    let mut at_start = Stretch { observer, start: 0.0, length: 0.0 };
    let given = weights::given(path, layout.rows, &options, &mut at_start)?;

    let mut coordinates = read(path, file, &layout, &chosen.all(), observer)?;
    let name_of = |k: usize| columns[k].name.clone();
    let (available, skipped): (Vec<&Column>, Vec<&Column>) =
        columns.iter().partition(|column| column.kind == Kind::Numbers);
    let names = |columns: Vec<&Column>| columns.iter().map(|column| column.name.clone()).collect();
    let mut report = LoadReport {
        path: path.into(),
        format: format!("NPY, {}, {} order", layout.type_words(), layout.order_words()),
        named_columns: layout.record.is_some(),
        rows_read: layout.rows,
        header: layout.record.is_some(),
        notes,
        columns_used: chosen.coordinates.iter().map(|&k| name_of(k)).collect(),
        weights: chosen.weights.map(name_of).or(given.as_ref().map(|given| given.name.clone())),
        columns_available: names(available),
        columns_skipped: names(skipped),
        ..LoadReport::default()
    };
    let weights = match given {
        Some(given) => Some(given.values),
        None => chosen.weights.map(|_| split_last(&mut coordinates, dim)),
    };
    let missing = options.more_missing();
    let (extremes, weights) = drop_unusable(&mut coordinates, dim, weights, &missing, &mut report);
    report.finish(&extremes)?;
    let cloud = Cloud::new(dim, coordinates, report.columns_used.clone());
    Ok(Loaded { cloud: weights::put(cloud, weights), report })
}

/// The columns of an array, or the fields of its records.
fn columns_of(layout: &Layout) -> Vec<Column> {
    let Some(record) = &layout.record else {
        return Cloud::default_axes(layout.columns).into_iter().map(Column::of_numbers).collect();
    };
    let names = names::unique(record.fields.iter().map(|field| name(field.name.as_bytes())));
    names
        .into_iter()
        .zip(&record.fields)
        .map(|((name, unnamed), field)| {
            let kind = if field.is_number { Kind::Numbers } else { Kind::Text };
            Column { unnamed, kind, ..Column::of_numbers(name) }
        })
        .collect()
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
    let columns_read = if layout.record.is_some() { 1 } else { columns_read };
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
        if let Some(record) = &self.layout.record {
            return self.records(record);
        }
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

    /// The chosen fields of a structured array.
    fn records(&mut self, record: &Record) -> Result<Vec<f64>, LoadError> {
        let refused = |found: String| LoadError::NpyContent {
            path: self.path.into(),
            found,
            expected: "plain integers or floats".to_owned(),
            remedy: "write it again with numpy.save".to_owned(),
        };
        let dim = self.chosen.len();
        let mut decoders = Vec::with_capacity(dim);
        for &k in self.chosen {
            let field = &record.fields[k];
            let decode = decoder(&field.dtype)
                .ok_or_else(|| refused(format!("the type {}", field.dtype.descr())))?;
            decoders.push((field.offset, decode));
        }
        let mut coordinates = vec![0.0; self.layout.rows as usize * dim];
        let mut block = Vec::new();
        self.seek(self.layout.start)?;
        for points in coordinates.chunks_mut(dim * (BLOCK / record.size).max(1)) {
            block.resize(points.len() / dim * record.size, 0);
            self.fill(&mut block)?;
            for (point, row) in points.chunks_exact_mut(dim).zip(block.chunks(record.size)) {
                for (value, (offset, decode)) in point.iter_mut().zip(&decoders) {
                    *value = decode(&row[*offset..]).ok_or_else(|| {
                        refused("something that its header does not say".to_owned())
                    })?;
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

/// Reads one number from the bytes of a field.
type Decode = Box<dyn Fn(&[u8]) -> Option<f64>>;

/// What decodes numbers of a type; `None` for one that is no plain number.
fn decoder(dtype: &DType) -> Option<Decode> {
    fn of<T: Deserialize + 'static>(dtype: &DType, number: fn(T) -> f64) -> Option<Decode>
    where
        T::TypeReader: 'static,
    {
        let reader = T::reader(dtype).ok()?;
        Some(Box::new(move |bytes| reader.read_one(bytes).ok().map(number)))
    }
    let DType::Plain(plain) = dtype else { return None };
    match (plain.type_char(), plain.num_bytes()?) {
        (TypeChar::Float, 8) => of(dtype, |x: f64| x),
        (TypeChar::Float, 4) => of(dtype, |x: f32| f64::from(x)),
        (TypeChar::Float, 2) => of(dtype, |x: half::f16| f64::from(x)),
        (TypeChar::Int, 8) => of(dtype, |x: i64| x as f64),
        (TypeChar::Int, 4) => of(dtype, |x: i32| f64::from(x)),
        (TypeChar::Int, 2) => of(dtype, |x: i16| f64::from(x)),
        (TypeChar::Int, 1) => of(dtype, |x: i8| f64::from(x)),
        (TypeChar::Uint, 8) => of(dtype, |x: u64| x as f64),
        (TypeChar::Uint, 4) => of(dtype, |x: u32| f64::from(x)),
        (TypeChar::Uint, 2) => of(dtype, |x: u16| f64::from(x)),
        (TypeChar::Uint, 1) => of(dtype, |x: u8| f64::from(x)),
        (TypeChar::Bool, 1) => of(dtype, |x: bool| f64::from(u8::from(x))),
        _ => None,
    }
}

/// Removes points with a coordinate or a weight that is not finite or is said to be missing, and counts
/// them.
fn drop_unusable(
    coordinates: &mut Vec<f64>,
    dim: usize,
    mut weights: Option<Vec<f64>>,
    missing: &MoreMissing,
    report: &mut LoadReport,
) -> (Extremes, Option<Vec<f64>>) {
    let mut extremes = Extremes::new("row");
    let mut kept = 0;
    for (row, start) in (1..).zip((0..coordinates.len()).step_by(dim)) {
        let point = &coordinates[start..start + dim];
        let weight = weights.as_ref().map(|weights| weights[start / dim]);
        if point.iter().chain(&weight).any(|value| missing.has_number(*value)) {
            report.rows_dropped_missing += 1;
        } else if point.iter().chain(&weight).any(|value| value.is_nan()) {
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
