//! The sources as they lie in the plane, and the shape of the kernel there.

use super::RasterGrid;
use crate::{
    engine::Pixels,
    model::{Cloud, Normalisation, OutOfRange, Points, Sigma},
};

/// Sources in the plane, shape (m, 2), and the matrix L that makes a round kernel of theirs.
///
/// The kernel in the plane is exp(−‖L⁻¹·(p − q)‖² / (2σ²)): where axes are scaled, or several of them
/// are projected, it is an ellipse with the conjugate half axes σ·L₀ and σ·L₁, the columns of L.
#[derive(Clone, Debug)]
pub struct PlaneSources {
    places: Cloud,
    pub(super) metric: Metric,
}

/// What takes places of the plane to those where the kernel is round, and back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metric {
    /// What is subtracted first: far from the origin L would round.
    origin: [f64; 2],
    /// Lower triangular, row by row: [a, 0], [b, c].
    shape: [f64; 3],
}

impl PlaneSources {
    /// Sources at `places`, shape (m, 2), with their weights; `half_axes` are the columns of L, of which
    /// the second is vertical: `[[a, b], [0, c]]`, a and c above 0.
    ///
    /// # Errors
    /// When there is no source, or the kernel is flat along a direction of the plane.
    ///
    /// # Panics
    /// When the places have another number of coordinates than two.
    pub fn new(places: Cloud, half_axes: [[f64; 2]; 2]) -> Result<Self, OutOfRange> {
        assert_eq!(places.dim(), 2, "a plane has two coordinates");
        let [[a, b], [_, c]] = half_axes;
        let is_length = |length: f64| length > 0.0 && length.is_finite();
        if !is_length(a) || !is_length(c) || !b.is_finite() {
            return Err(OutOfRange {
                what: "width of the kernel in the plane",
                found: format!("{a:e} × {c:e}"),
                expected: "a kernel that is wide in both directions; draw other axes".to_owned(),
            });
        }
        let Some(bounds) = crate::model::Bounds::of([&places]) else {
            return Err(OutOfRange {
                what: "number of sources",
                found: "0".to_owned(),
                expected: "at least one".to_owned(),
            });
        };
        let middle = bounds.middle();
        let origin = [middle[0], middle[1]];
        let metric = Metric { origin, shape: [a, b, c] };
        let mut sources = Self { places, metric };
        if !metric.is_plain() {
            let round = metric.rounded(sources.places.coordinates());
            let weights = sources.places.weights().map(<[f64]>::to_vec);
            let cloud = Cloud::new(2, round, sources.places.axes().to_vec());
            sources.places = match weights {
                Some(weights) => cloud.with_weights(weights),
                None => cloud,
            };
        }
        Ok(sources)
    }

    /// The sources where the kernel is round: u = L⁻¹·(p − origin), or p itself where it is round there.
    pub fn round(&self) -> &Cloud {
        &self.places
    }

    /// A place of the plane from one where the kernel is round.
    pub(super) fn back(&self, place: [f64; 2]) -> [f64; 2] {
        self.metric.back(place)
    }

    /// The points to sum for f at `places` of the plane, x and y in turn.
    ///
    /// # Errors
    /// When there is no place, or they span more than can be summed.
    pub fn points(&self, places: &[f64]) -> Result<Points, OutOfRange> {
        self.round_points(self.metric.rounded(places))
    }

    /// The same for places where the kernel is round.
    pub(super) fn round_points(&self, places: Vec<f64>) -> Result<Points, OutOfRange> {
        let targets = Cloud::new(2, places, self.places.axes().to_vec());
        Points::new(targets, self.places.clone())
    }

    /// What the sum over the sources is multiplied by: a density is one in the units of the plane.
    pub fn factor(&self, normalisation: Normalisation, sigma: Sigma) -> f64 {
        self.metric.factor(normalisation, self.places.total_weight(), sigma)
    }
}

impl Metric {
    /// Whether the kernel is round already, in the units of the plane.
    fn is_plain(&self) -> bool {
        let [a, b, c] = self.shape;
        [a, c].iter().all(|length| length.total_cmp(&1.0).is_eq()) && b.abs() <= 0.0
    }

    /// Places of the plane, x and y in turn, where the kernel is round.
    pub fn rounded(&self, places: &[f64]) -> Vec<f64> {
        if self.is_plain() {
            return places.to_vec();
        }
        let [a, b, c] = self.shape;
        let round = |place: &[f64]| {
            let u = (place[0] - self.origin[0]) / a;
            [u, (place[1] - self.origin[1] - b * u) / c]
        };
        places.chunks_exact(2).flat_map(round).collect()
    }

    /// A place of the plane from one where the kernel is round.
    pub fn back(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        if self.is_plain() {
            return [u, v];
        }
        let [a, b, c] = self.shape;
        [self.origin[0] + a * u, self.origin[1] + b * u + c * v]
    }

    /// What the sum over sources of this total weight is multiplied by: a density is one in the units
    /// of the plane.
    pub fn factor(&self, normalisation: Normalisation, weight: f64, sigma: Sigma) -> f64 {
        let factor = normalisation.factor(weight, 2, sigma);
        let [a, _, c] = self.shape;
        // |det L|: the area of the plane that is 1 where the kernel is round.
        if normalisation == Normalisation::Density { factor / (a * c) } else { factor }
    }

    /// The cells of `grid` where the kernel is round.
    pub fn pixels(&self, grid: &RasterGrid) -> Pixels<2> {
        let [width, height] = grid.cell();
        let ([x, y], count) = ([grid.x[0], grid.y[0]], grid.size);
        if self.is_plain() {
            return Pixels { from: [x, y], step: [width, height], count, shear: 0.0 };
        }
        let [a, b, c] = self.shape;
        let u = (x - self.origin[0]) / a;
        let v = (y - self.origin[1] - b * u) / c;
        Pixels { from: [u, v], step: [width / a, height / c], count, shear: -b / c }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slanted_kernel_is_round_after_the_transform() {
        let places = Cloud::new(2, vec![1e6, 5.0, 1e6 + 4.0, 9.0], Cloud::default_axes(2));
        let sources = PlaneSources::new(places, [[2.0, 1.0], [0.0, 0.5]]).expect("two sources");
        let [p, q] = [[1e6 + 1.0, 6.0], [1e6 + 3.0, 7.0]];
        let round = sources.metric.rounded(&[p, q].concat());
        // One step along the first half axis.
        let step = [round[2] - round[0], round[3] - round[1]];
        assert!((step[0] - 1.0).abs() < 1e-12 && step[1].abs() < 1e-9, "{step:?}");
        let back = sources.back([round[0], round[1]]);
        assert!((back[0] - p[0]).abs() < 1e-9 && (back[1] - p[1]).abs() < 1e-9);
        let sigma = Sigma::new(0.5).expect("legal");
        let density = sources.factor(Normalisation::Density, sigma);
        // Two kernels with the integral 2πσ²·|det L|, where |det L| = 1.
        assert!((density * 2.0 * std::f64::consts::TAU * 0.25 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_flat_kernel_and_no_source_are_refused() {
        let one = || Cloud::new(2, vec![0.0, 0.0], Cloud::default_axes(2));
        assert!(PlaneSources::new(one(), [[1.0, 0.0], [0.0, 0.0]]).is_err());
        assert!(PlaneSources::new(one(), [[f64::NAN, 0.0], [0.0, 1.0]]).is_err());
        let none = Cloud::new(2, Vec::new(), Cloud::default_axes(2));
        assert!(PlaneSources::new(none, [[1.0, 0.0], [0.0, 1.0]]).is_err());
    }
}
