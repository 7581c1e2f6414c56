//! Writes f as a `NumPy` array, alone or in an archive with rows and coordinates.

use std::io::{self, BufWriter, Seek, Write};

use npyz::{AutoSerialize, WriterBuilder};
use zip::write::SimpleFileOptions;

/// Writes an NPY file of `field`, shape (n,).
///
/// # Errors
/// When it cannot be written.
pub fn write_field(out: impl Write, field: &[f64]) -> io::Result<()> {
    let mut out = out;
    write_array(&mut out, &[field.len() as u64], field.iter().copied())?;
    out.flush()
}

/// Writes an NPY file of `values` row by row, shape (rows, `columns`).
///
/// # Errors
/// When it cannot be written.
pub fn write_grid(out: impl Write, values: &[f64], columns: usize) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let rows = values.len() / columns.max(1);
    write_array(&mut out, &[rows as u64, columns as u64], values.iter().copied())?;
    out.flush()
}

/// Writes an NPZ file of `f`, the numbers of the `rows` from 0 as `row`, and the coordinates `x`, row by row:
/// of shapes (n,), (n,) and (n, `dim`).
///
/// # Errors
/// When it cannot be written.
pub fn write_arrays(
    out: impl Write + Seek,
    f: &[f64],
    rows: &[u64],
    x: &[f64],
    dim: usize,
) -> io::Result<()> {
    let mut archive = zip::ZipWriter::new(BufWriter::new(out));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(true);
    let count = f.len() as u64;
    archive.start_file("f.npy", options)?;
    write_array(&mut archive, &[count], f.iter().copied())?;
    archive.start_file("row.npy", options)?;
    write_array(&mut archive, &[count], rows.iter().map(|row| *row as i64))?;
    archive.start_file("x.npy", options)?;
    write_array(&mut archive, &[count, dim as u64], x.iter().copied())?;
    archive.finish()?.flush()
}

fn write_array<T: AutoSerialize>(
    out: &mut impl Write,
    shape: &[u64],
    values: impl Iterator<Item = T>,
) -> io::Result<()> {
    let mut writer =
        npyz::WriteOptions::new().default_dtype().shape(shape).writer(out).begin_nd()?;
    writer.extend(values)?;
    writer.finish()
}
