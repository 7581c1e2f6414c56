//! A raster's grid: equal cells over a part of the plane, row 0 at the bottom.

/// Equal cells over a part of the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RasterGrid {
    /// From the left edge of the first column to the right edge of the last.
    pub x: [f64; 2],
    /// From the lower edge of the first row to the upper edge of the last.
    pub y: [f64; 2],
    /// Number of columns and of rows.
    pub size: [usize; 2],
}

impl RasterGrid {
    /// Width and height of a cell.
    pub fn cell(&self) -> [f64; 2] {
        let [columns, rows] = self.size;
        [(self.x[1] - self.x[0]) / columns as f64, (self.y[1] - self.y[0]) / rows as f64]
    }

    /// The abscissas of the columns' centres, shape (columns,).
    pub fn columns(&self) -> impl ExactSizeIterator<Item = f64> + Clone {
        centers(self.x, self.size[0])
    }

    /// The ordinates of the rows' centres, shape (rows,).
    pub fn rows(&self) -> impl ExactSizeIterator<Item = f64> + Clone {
        centers(self.y, self.size[1])
    }

    /// The centres of all cells, row by row from the bottom: shape (rows·columns, 2).
    pub fn centers(&self) -> Vec<f64> {
        let columns = self.columns();
        self.rows().flat_map(|y| columns.clone().flat_map(move |x| [x, y])).collect()
    }
}

fn centers([from, to]: [f64; 2], count: usize) -> impl ExactSizeIterator<Item = f64> + Clone {
    (0..count).map(move |k| {
        let t = (k as f64 + 0.5) / count as f64;
        // Both ends weighted: exact in the middle, and no product overflows.
        from * (1.0 - t) + to * t
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_lie_in_the_middle_of_their_cells() {
        let grid = RasterGrid { x: [0.0, 4.0], y: [-1.0, 1.0], size: [4, 2] };
        assert_eq!(grid.columns().collect::<Vec<_>>(), [0.5, 1.5, 2.5, 3.5]);
        assert_eq!(grid.rows().collect::<Vec<_>>(), [-0.5, 0.5]);
        assert_eq!(grid.centers()[..6], [0.5, -0.5, 1.5, -0.5, 2.5, -0.5]);
        assert_eq!(grid.centers().len(), 16);
    }
}
