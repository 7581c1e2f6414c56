//! A point cloud as the user knows it: `n` points of `dim` coordinates, in f64.
//!
//! This is the form in which points are loaded, sampled, hovered and exported.
//! The engines see the same points moved by one common centre (see [`super::points`]).

/// `n` points with `dim` finite coordinates each, stored row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    dim: usize,
    coordinates: Vec<f64>,
    axes: Vec<String>,
}

impl Cloud {
    /// A cloud from row-major `coordinates` of shape (n, dim) and one name per axis.
    ///
    /// # Panics
    /// When `dim` is zero, does not divide the number of coordinates, or differs from the number
    /// of names: the callers build all three together.
    pub fn new(dim: usize, coordinates: Vec<f64>, axes: Vec<String>) -> Self {
        assert!(dim > 0, "a point has at least one coordinate");
        assert_eq!(coordinates.len() % dim, 0, "coordinates come in whole rows");
        assert_eq!(axes.len(), dim, "each axis has a name");
        Self { dim, coordinates, axes }
    }

    /// Axis names for points that came without any: `x1`, `x2`, …
    pub fn default_axes(dim: usize) -> Vec<String> {
        (1..=dim).map(|k| format!("x{k}")).collect()
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.coordinates.len() / self.dim
    }

    /// Whether there is no point at all.
    pub fn is_empty(&self) -> bool {
        self.coordinates.is_empty()
    }

    /// Number of coordinates of a point.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// All coordinates, row by row: shape (n, dim).
    pub fn coordinates(&self) -> &[f64] {
        &self.coordinates
    }

    /// The coordinates of point `i`.
    pub fn point(&self, i: usize) -> &[f64] {
        &self.coordinates[i * self.dim..(i + 1) * self.dim]
    }

    /// The name of each axis.
    pub fn axes(&self) -> &[String] {
        &self.axes
    }

    /// The points at `indices`, in that order.
    #[must_use]
    pub fn select(&self, indices: impl Iterator<Item = usize>) -> Self {
        let coordinates = indices.flat_map(|i| self.point(i).iter().copied()).collect();
        Self::new(self.dim, coordinates, self.axes.clone())
    }
}
