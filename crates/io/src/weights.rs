//! Weights from a file of their own: an NPY array of one number for each row of the points' file.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::error::LoadError;
use super::input::Input;
use super::table::{MISSING, Table, Values, Wanted};
use super::wording::shown;
use super::{LoadOptions, npy};
use sigmascope_core::{engine::Observer, model::Weights};

/// What such a file holds.
pub(super) struct Given {
    path: PathBuf,
    /// The shape of the array, in words.
    shape: String,
    /// The file's name.
    pub(super) name: String,
    /// One for each row of the points' file, those that are dropped later included.
    values: Vec<f64>,
}

impl Given {
    /// The weight of a row, from 0; missing behind the last one.
    pub(super) fn value(&self, row: u64) -> f64 {
        let place = usize::try_from(row).ok();
        place.and_then(|place| self.values.get(place)).copied().unwrap_or(MISSING)
    }

    /// Refuses weights that are not one for each of the `rows` rows of the file `points`.
    pub(super) fn check(&self, points: &Path, rows: u64) -> Result<(), LoadError> {
        if self.values.len() as u64 == rows {
            return Ok(());
        }
        Err(wrong_shape(&self.path, &self.shape, points, Some(rows)))
    }
}

fn wrong_shape(path: &Path, shape: &str, points: &Path, rows: Option<u64>) -> LoadError {
    let wanted = rows.map_or("(n,)".to_owned(), |rows| format!("({rows},)"));
    LoadError::NpyContent {
        path: path.into(),
        found: format!("numbers of shape {shape}"),
        expected: format!("shape {wanted}, one weight for each row of {}", shown(points)),
        remedy: "save the weights of all its rows, in their order".to_owned(),
    }
}

/// The weights of the rows of the file `points`, as many as `rows` as far as that is known, if `options`
/// name a file of them.
pub(super) fn given(
    points: &Path,
    rows: Option<u64>,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Option<Given>, LoadError> {
    let Some(Weights::File(path)) = &options.weights else { return Ok(None) };
    let input = Input::open(path)?;
    if input.head(npy::MAGIC.len() as u64)? != npy::MAGIC {
        return Err(LoadError::NpyHeader {
            path: path.into(),
            found: "the file does not begin with \\x93NUMPY".to_owned(),
            expected: "an NPY file of weights".to_owned(),
        });
    }
    let mut array = npy::Array::open(&input)?;
    let layout = &array.layout;
    if layout.columns != 1 || layout.record.is_some() {
        let shape = format!("({}, {})", layout.rows, layout.columns);
        return Err(wrong_shape(path, &shape, points, rows));
    }
    let count = layout.rows;
    let shape = if layout.flat { format!("({count},)") } else { format!("({count}, 1)") };
    let mut values = Vec::new();
    let wanted = [Wanted { column: 0, as_numbers: true }];
    array.read(&wanted, observer, &mut |block| {
        for column in &block.columns {
            if let Values::Numbers(column) = column {
                values.extend_from_slice(column);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let name = shown(path.file_name().map_or(path, Path::new));
    Ok(Some(Given { path: path.clone(), shape, name, values }))
}
