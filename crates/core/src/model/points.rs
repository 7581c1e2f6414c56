//! Targets and sources of one problem, centred, with each coordinate split into two f32 numbers
//! where one does not hold it.
//!
//! Data far from the origin loses its digits when it is cast to f32 as it stands: at an offset of
//! 10⁶ and σ = 0.1 the sum came out 11 % wrong. So one common centre is subtracted from targets and
//! sources in f64, and each coordinate is then split into two f32 numbers, `high + low`; `low` is
//! what the cast to f32 drops, and it is kept only where some coordinate has one.
//!
//! The centre is rounded toward zero to a multiple of a power of two no smaller than the extent, so
//! that a cloud around the origin is not moved at all: moving f32 data by an odd amount would round
//! each coordinate once more.

use std::sync::Arc;

use rayon::{
    iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator},
    slice::ParallelSliceMut,
};

use super::{Bounds, Cloud, OutOfRange};

/// Targets and sources of one problem, with their common centre. Clones share both.
#[derive(Clone, Debug)]
pub struct Points {
    targets: Arc<Cloud>,
    sources: Arc<Cloud>,
    center: Vec<f64>,
    bounds: Bounds,
}

/// Row-major coordinates in single precision, as `high + low`.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The coordinates rounded to f32: shape (n, dim).
    pub high: Vec<f32>,
    /// What the rounding dropped, rounded to f32; empty when it dropped nothing anywhere.
    pub low: Vec<f32>,
}

impl Points {
    /// The widest cloud that single precision serves: squared distances stay finite.
    pub const MAX_EXTENT: f64 = 1e18;

    /// Takes both clouds, in the user's coordinates.
    ///
    /// # Errors
    /// When the clouds differ in dimension, one is empty, or they span more than
    /// [`Self::MAX_EXTENT`].
    pub fn new(targets: Cloud, sources: Cloud) -> Result<Self, OutOfRange> {
        if targets.dim() != sources.dim() {
            return Err(OutOfRange {
                what: "number of coordinates of a source",
                found: sources.dim().to_string(),
                expected: format!("{}, as a target has", targets.dim()),
            });
        }
        let Some(bounds) =
            Bounds::of([&targets, &sources]).filter(|_| !targets.is_empty() && !sources.is_empty())
        else {
            return Err(OutOfRange {
                what: "number of points",
                found: "0".to_owned(),
                expected: "at least one target and one source".to_owned(),
            });
        };
        let extent = bounds.extent();
        if extent.is_nan() || extent > Self::MAX_EXTENT {
            return Err(OutOfRange {
                what: "extent of the points",
                found: format!("{extent:e}"),
                expected: format!(
                    "at most {:e}; remove outliers or use larger units",
                    Self::MAX_EXTENT
                ),
            });
        }
        let center = center_of(&bounds);
        Ok(Self { targets: Arc::new(targets), sources: Arc::new(sources), center, bounds })
    }

    /// The same targets with a part of the sources, in the order of `order`; the centre stays.
    ///
    /// # Panics
    /// When a number in `order` is not that of a source.
    #[must_use]
    pub fn with_part(&self, order: impl Iterator<Item = usize> + Clone) -> Self {
        self.with_sources(self.sources.select(order))
    }

    /// The same targets with other sources of the same places, or some of them; the centre stays.
    ///
    /// # Panics
    /// When there is none, or they have another number of coordinates.
    #[must_use]
    pub fn with_sources(&self, sources: Cloud) -> Self {
        assert!(!sources.is_empty() && sources.dim() == self.dim(), "the same places");
        Self { sources: Arc::new(sources), ..self.clone() }
    }

    /// The same sources with a part of the targets, in the order of `order`; the centre stays.
    ///
    /// # Panics
    /// When a number in `order` is not that of a target.
    #[must_use]
    pub fn with_targets(&self, order: impl Iterator<Item = usize> + Clone) -> Self {
        Self { targets: Arc::new(self.targets.select(order)), ..self.clone() }
    }

    /// The targets x, shape (n, dim), in the user's coordinates.
    pub fn targets(&self) -> &Cloud {
        &self.targets
    }

    /// The sources y, shape (m, dim), in the user's coordinates.
    pub fn sources(&self) -> &Cloud {
        &self.sources
    }

    /// Number of targets.
    pub fn n(&self) -> usize {
        self.targets.len()
    }

    /// Number of sources.
    pub fn m(&self) -> usize {
        self.sources.len()
    }

    /// Number of coordinates of a point.
    pub fn dim(&self) -> usize {
        self.targets.dim()
    }

    /// What was subtracted from both clouds before they were cast to f32.
    pub fn center(&self) -> &[f64] {
        &self.center
    }

    /// The box around targets and sources together.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Whether single precision holds every centred coordinate as it is, so that no
    /// [`Split::low`] is needed.
    pub fn is_single(&self) -> bool {
        let is_single = |cloud: &Cloud| {
            let points = cloud.coordinates().chunks_exact(cloud.dim());
            points.zip(std::iter::repeat(&self.center)).all(|(point, center)| {
                point.iter().zip(center).all(|(value, c)| {
                    let moved = value - c;
                    let rest = (moved - f64::from(moved as f32)) as f32;
                    rest == 0.0
                })
            })
        };
        is_single(&self.targets) && is_single(&self.sources)
    }

    /// The centred targets in single precision, in the order of `order`, or as they are.
    pub fn split_targets(&self, order: Option<&[u32]>) -> Split {
        split(&self.targets, &self.center, order)
    }

    /// The centred sources in single precision, in the order of `order`, or as they are.
    pub fn split_sources(&self, order: Option<&[u32]>) -> Split {
        split(&self.sources, &self.center, order)
    }
}

fn center_of(bounds: &Bounds) -> Vec<f64> {
    let extent = bounds.extent();
    let middle = bounds.middle();
    if extent == 0.0 {
        return middle;
    }
    let step = extent.log2().ceil().exp2();
    let rounded = |c: f64| {
        let steps = (c / step).trunc();
        // A cloud so much smaller than its distance that the steps cannot be counted.
        if steps.is_finite() { steps * step } else { c }
    };
    middle.iter().map(|&c| rounded(c)).collect()
}

/// Points that a thread splits at once: fewer take less time than waking a thread.
const SPLIT_AT_ONCE: usize = 4096;

fn split(cloud: &Cloud, center: &[f64], order: Option<&[u32]>) -> Split {
    let dim = cloud.dim();
    let count = order.map_or(cloud.len(), <[u32]>::len);
    // Fills `part`, that of the points from the k-th run on, with a number for each coordinate.
    let fill = |part: &mut [f32], k: usize, number: fn(f64) -> f32| {
        let first = k * SPLIT_AT_ONCE;
        for (at, to) in part.chunks_exact_mut(dim).enumerate() {
            let i = order.map_or(first + at, |order| order[first + at] as usize);
            for ((to, value), c) in to.iter_mut().zip(cloud.point(i)).zip(center) {
                *to = number(value - c);
            }
        }
    };
    let dropped = |moved: f64| (moved - f64::from(moved as f32)) as f32;
    let mut high = vec![0.0; count * dim];
    let runs = high.par_chunks_mut(SPLIT_AT_ONCE * dim).enumerate();
    runs.for_each(|(k, part)| fill(part, k, |moved| moved as f32));
    let runs = (0..count.div_ceil(SPLIT_AT_ONCE)).into_par_iter();
    let is_exact = runs.all(|k| {
        let mut points = k * SPLIT_AT_ONCE..count.min((k + 1) * SPLIT_AT_ONCE);
        points.all(|at| {
            let i = order.map_or(at, |order| order[at] as usize);
            cloud.point(i).iter().zip(center).all(|(value, c)| dropped(value - c) == 0.0)
        })
    });
    if is_exact {
        return Split { high, low: Vec::new() };
    }
    let mut low = vec![0.0; count * dim];
    let runs = low.par_chunks_mut(SPLIT_AT_ONCE * dim).enumerate();
    runs.for_each(|(k, part)| fill(part, k, dropped));
    Split { high, low }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(coordinates: &[f64]) -> Cloud {
        Cloud::new(2, coordinates.to_vec(), Cloud::default_axes(2))
    }

    fn points(targets: &[f64], sources: &[f64]) -> Points {
        Points::new(cloud(targets), cloud(sources)).expect("near points")
    }

    #[test]
    fn a_cloud_around_the_origin_is_not_moved() {
        let points = points(&[-1.25, 0.75, 2.5, -0.5], &[0.5, 0.25]);
        assert_eq!(points.center(), [0.0, 0.0]);
        assert!(points.is_single());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "a multiple is exact or is none")]
    fn a_far_cloud_is_brought_near_by_a_round_step() {
        let points = points(&[1e6, 1e6, 1e6 + 3.0, 1e6 + 1.0], &[1e6, 1e6]);
        for &c in points.center() {
            assert!((1e6 - c).abs() <= 4.0, "{c}");
            assert_eq!(c % 4.0, 0.0);
        }
    }

    #[test]
    fn a_cloud_of_a_tiny_extent_has_a_finite_centre() {
        let points = points(&[1.0, 0.0, 1.0, 1e-310], &[1.0, 0.0]);
        assert!(points.center().iter().all(|c| c.is_finite()), "{:?}", points.center());
    }

    #[test]
    fn high_and_low_together_keep_what_f32_drops() {
        let points = points(&[0.5, 0.25, 0.1, 0.2], &[0.5, 0.5]);
        let targets = points.split_targets(None);
        assert_eq!(targets.low.len(), targets.high.len());
        for (k, &value) in points.targets().coordinates().iter().enumerate() {
            let sum = f64::from(targets.high[k]) + f64::from(targets.low[k]);
            assert!((sum - value).abs() < 1e-15, "{sum} {value}");
        }
        let exact = points.split_sources(Some(&[0]));
        assert!(exact.low.is_empty() && !points.is_single());
    }

    #[test]
    fn what_single_precision_cannot_hold_is_refused_with_the_limit() {
        let far = Points::new(cloud(&[0.0, 0.0, 1e30, 0.0]), cloud(&[0.0, 0.0]));
        let message = far.expect_err("too far").to_string();
        assert!(message.contains("1e30") && message.contains("1e18"), "{message}");
        let none = Points::new(cloud(&[]), cloud(&[0.0, 0.0]));
        assert!(none.is_err());
    }
}
