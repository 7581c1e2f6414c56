//! Weights from a file of their own: an NPY array of one number for each row of the points' file.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::error::LoadError;
use super::npy_header::Layout;
use super::wording::shown;
use super::{LoadOptions, npy, open};
use sigmascope_core::{
    engine::Observer,
    model::{Cloud, Weights},
};

/// What such a file holds.
pub(super) struct Given {
    /// The file's name.
    pub(super) name: String,
    /// One for each row of the points' file, those that are dropped later included.
    pub(super) values: Vec<f64>,
}

/// The weights of the `rows` rows of the file `points`, if `options` name a file of them.
pub(super) fn given(
    points: &Path,
    rows: u64,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Option<Given>, LoadError> {
    let Some(Weights::File(path)) = &options.weights else { return Ok(None) };
    let refused = |err| LoadError::Io { path: path.into(), action: "read", err };
    let (mut file, size) = open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(npy::MAGIC.len() as u64).read_to_end(&mut head).map_err(refused)?;
    file.seek(SeekFrom::Start(0)).map_err(refused)?;
    if head != npy::MAGIC {
        return Err(LoadError::NpyHeader {
            path: path.into(),
            found: "the file does not begin with \\x93NUMPY".to_owned(),
            expected: "an NPY file of weights".to_owned(),
        });
    }
    let layout = Layout::read(path, &mut file, size)?;
    if layout.columns != 1 || layout.rows != rows {
        let Layout { rows: n, columns, .. } = layout;
        let shape = if layout.flat { format!("({n},)") } else { format!("({n}, {columns})") };
        return Err(LoadError::NpyContent {
            path: path.into(),
            found: format!("numbers of shape {shape}"),
            expected: format!("shape ({rows},), one weight for each row of {}", shown(points)),
            remedy: "save the weights of all its rows, in their order".to_owned(),
        });
    }
    let values = npy::read(path, &mut file, &layout, &[0], observer)?;
    let name = shown(path.file_name().map_or(path, Path::new));
    Ok(Some(Given { name, values }))
}

/// The points with their weights, if they have any.
pub(super) fn put(cloud: Cloud, weights: Option<Vec<f64>>) -> Cloud {
    match weights {
        Some(weights) => cloud.with_weights(weights),
        None => cloud,
    }
}
