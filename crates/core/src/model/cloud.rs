//! A point cloud as the user knows it: `n` points of `dim` coordinates, in f64.
//!
//! This is the form in which points are loaded, sampled, hovered and exported.
//! The engines see the same points moved by one common centre (see [`super::points`]).

use std::sync::Arc;

/// `n` points with `dim` finite coordinates each, stored row by row. A clone shares the numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    dim: usize,
    coordinates: Arc<Vec<f64>>,
    axes: Vec<String>,
    /// Whether each coordinate is the logarithm to base 10 of what its axis names.
    logarithmic: Vec<bool>,
    weights: Option<Arc<Vec<f64>>>,
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
        let coordinates = Arc::new(coordinates);
        Self { dim, coordinates, axes, logarithmic: vec![false; dim], weights: None }
    }

    /// The same cloud whose coordinates are, where `logarithmic` says so, the logarithms to base 10 of what
    /// the axes name.
    ///
    /// # Panics
    /// When there are not as many as coordinates.
    #[must_use]
    pub fn with_logarithmic(self, logarithmic: Vec<bool>) -> Self {
        assert_eq!(logarithmic.len(), self.dim, "each axis is logarithmic or not");
        Self { logarithmic, ..self }
    }

    /// Whether each coordinate is the logarithm to base 10 of what its axis names, shape (dim,).
    pub fn logarithmic(&self) -> &[bool] {
        &self.logarithmic
    }

    /// The same cloud with one finite weight for each point.
    ///
    /// # Panics
    /// When there are not as many weights as points.
    #[must_use]
    pub fn with_weights(self, weights: Vec<f64>) -> Self {
        assert_eq!(weights.len(), self.len(), "each point has a weight");
        Self { weights: Some(Arc::new(weights)), ..self }
    }

    /// The same cloud with every point of weight 1.
    #[must_use]
    pub fn without_weights(self) -> Self {
        Self { weights: None, ..self }
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

    /// The weight of each point, shape (n,); `None` where every point weighs 1.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref().map(Vec::as_slice)
    }

    /// The sum of all weights.
    pub fn total_weight(&self) -> f64 {
        self.weights().map_or(self.len() as f64, |weights| weights.iter().sum())
    }

    /// Whether some weight is negative, so that sums over these points may be.
    pub fn has_negative_weights(&self) -> bool {
        self.weights().is_some_and(|weights| weights.iter().any(|w| *w < 0.0))
    }

    /// The points at `indices`, in that order, with their weights.
    #[must_use]
    pub fn select(&self, indices: impl Iterator<Item = usize> + Clone) -> Self {
        let coordinates = indices.clone().flat_map(|i| self.point(i).iter().copied()).collect();
        let weights = self.weights().map(|weights| indices.map(|i| weights[i]).collect());
        let (axes, logarithmic) = (self.axes.clone(), self.logarithmic.clone());
        let (coordinates, weights) = (Arc::new(coordinates), weights.map(Arc::new));
        Self { dim: self.dim, coordinates, axes, logarithmic, weights }
    }
}
