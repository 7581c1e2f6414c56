//! A file of a raster: an array, a table of cells, or a picture.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use crate::{
    color::{Quantiles, Scale, below_range, lut},
    io::{write_field, write_grid},
    model::ViewParams,
    plane::RasterGrid,
};

/// The format of a file of a raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RasterFormat {
    /// A `NumPy` array, shape (rows, columns), or (columns,) of a line.
    Npy,
    /// A row for each cell.
    Csv,
    /// A pixel for each cell.
    Png,
}

impl RasterFormat {
    /// The format that a file's name asks for by its end, in any case.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_string_lossy().to_lowercase().as_str() {
            "npy" => Some(Self::Npy),
            "csv" => Some(Self::Csv),
            "png" => Some(Self::Png),
            _ => None,
        }
    }
}

/// Values at the centres of cells, and how they are shown.
#[derive(Clone, Copy, Debug)]
pub struct RasterFile<'a> {
    /// f, row by row from the lowest: shape (rows·columns,).
    pub values: &'a [f64],
    /// Where the cells are.
    pub grid: &'a RasterGrid,
    /// Whether they lie on a line: only the abscissas count.
    pub is_line: bool,
    /// The colours of a picture.
    pub view: &'a ViewParams,
}

impl RasterFile<'_> {
    /// Writes a `NumPy` array of f.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_npy(&self, out: impl Write) -> io::Result<()> {
        if self.is_line {
            write_field(BufWriter::new(out), self.values)
        } else {
            write_grid(out, self.values, self.grid.size[0])
        }
    }

    /// Writes a table: x, y and f of each cell, in the order of the values; x and f on a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let mut out = BufWriter::new(out);
        writeln!(out, "{}", if self.is_line { "x,f" } else { "x,y,f" })?;
        for (y, row) in self.grid.rows().zip(self.values.chunks_exact(self.grid.size[0])) {
            for (x, f) in self.grid.columns().zip(row) {
                if self.is_line {
                    writeln!(out, "{x:?},{f:?}")?;
                } else {
                    writeln!(out, "{x:?},{y:?},{f:?}")?;
                }
            }
        }
        out.flush()
    }

    /// The values as opaque RGBA pixels, the highest row first.
    pub fn pixels(&self) -> Vec<u8> {
        let colors = lut(self.view.color_map, self.view.reversed);
        let scale = self.scale();
        let color = |f: &f64| {
            let f = *f as f32;
            if scale.is_below(f) {
                return below_range(false);
            }
            colors[(scale.normalise(f) * 255.0).round() as usize]
        };
        let rows = self.values.chunks_exact(self.grid.size[0]).rev();
        rows.flat_map(|row| row.iter().flat_map(color)).collect()
    }

    /// The values of the first and the last colour.
    fn scale(&self) -> Scale {
        let values: Vec<f32> = self.values.iter().map(|f| *f as f32).collect();
        let quantiles = if self.view.needs_ranks() { Quantiles::of(&values) } else { None };
        let ends = |keep: fn(f32) -> bool| {
            let kept = values.iter().copied().filter(|f| keep(*f));
            kept.fold([f32::INFINITY, f32::NEG_INFINITY], |[a, b], f| [a.min(f), b.max(f)])
        };
        let ([low, high], [least, _]) = (ends(|_| true), ends(|f| f > 0.0));
        Scale::of_view(self.view, self.view.scaling, [low, least, high], quantiles)
    }
}
