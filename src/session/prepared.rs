//! Prepared points: in the units in which they are summed and in those of the data, with load
//! reports and counts.

use std::sync::Arc;

use super::SourceError;
use crate::{
    criteria::{Whitening, merge_duplicates, scott_sigma},
    io::LoadReport,
    model::{AxisScaling, Cloud, Normalisation, Params, Points, Sigma},
};

/// Points ready to be summed, and where they came from.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Targets and sources as they are summed: in standard deviations where axes are scaled.
    pub points: Arc<Points>,
    /// The same points in the units of the data: as they are drawn and told.
    pub drawn: Arc<Points>,
    /// What brought the axes to standard deviations, where they are.
    pub whitening: Option<Arc<Whitening>>,
    /// How many sources were merged into one of the same place.
    pub merged: usize,
    /// What was read, for each file: that of the targets first.
    pub reports: Vec<LoadReport>,
    /// How many targets and sources there are to choose from; `None` when they are generated.
    pub available: Option<[usize; 2]>,
    /// The σ taken where none is asked for: [`Sigma::DEFAULT`] for generated points, Scott's rule for
    /// those of a file, of all sources in the units of `points`, before any are merged.
    pub default_sigma: Sigma,
}

impl Prepared {
    /// Merges and scales `points` as `params` want it.
    ///
    /// # Errors
    /// When the axes cannot be scaled.
    pub(super) fn new(
        points: Points,
        reports: Vec<LoadReport>,
        available: Option<[usize; 2]>,
        params: &Params,
    ) -> Result<Self, SourceError> {
        let whitening = match params.axis_scaling {
            AxisScaling::None => Ok(None),
            AxisScaling::Axes => Whitening::standardising(points.sources()).map(Some),
            AxisScaling::Full => Whitening::full(points.sources()).map(Some),
        };
        let whitening = whitening.map_err(SourceError::Scaling)?;
        let mut points = points;
        // Merging changes neither the transform nor σ, so that f stays what it is.
        let default_sigma = match (&whitening, available) {
            (_, None) => Sigma::DEFAULT,
            (None, _) => suitable_sigma(points.sources()),
            (Some(whitening), _) => suitable_sigma(&whitening.apply(points.sources())),
        };
        let mut merged = 0;
        if params.merge_duplicates {
            let (sources, count) = merge_duplicates(points.sources());
            if count > 0 {
                (points, merged) = (points.with_sources(sources), count);
            }
        }
        let drawn = Arc::new(points);
        let points = match &whitening {
            None => Arc::clone(&drawn),
            Some(whitening) => Arc::new(whitening.apply_to_points(&drawn)?),
        };
        let whitening = whitening.map(Arc::new);
        Ok(Self { points, drawn, whitening, merged, reports, available, default_sigma })
    }

    /// The σ that `params` ask for, or the one that suits the points.
    pub fn sigma(&self, params: &Params) -> Sigma {
        params.sigma.unwrap_or(self.default_sigma)
    }

    /// What a sum over sources of total weight `weight` is multiplied by; a density is one in the
    /// units of the data.
    pub fn factor(&self, normalisation: Normalisation, weight: f64, sigma: Sigma) -> f64 {
        let factor = normalisation.factor(weight, self.points.dim(), sigma);
        match &self.whitening {
            Some(whitening) if normalisation == Normalisation::Density => {
                factor * whitening.volume()
            }
            _ => factor,
        }
    }

    /// `sigma` in the units of each axis, where it is in standard deviations: shape (d,).
    pub fn in_units_of_axes(&self, sigma: Sigma) -> Option<Vec<f64>> {
        Some(self.whitening.as_ref()?.in_units_of_axes(sigma.get()))
    }
}

/// σ by Scott's rule for `sources`, weights honoured.
///
/// Of weights that allow none, as where one is negative, the places alone decide; where those
/// coincide, or Scott's σ is out of range, it is [`Sigma::DEFAULT`].
fn suitable_sigma(sources: &Cloud) -> Sigma {
    let by_scott = match scott_sigma(sources) {
        Err(_) if sources.weights().is_some() => scott_sigma(&sources.clone().without_weights()),
        found => found,
    };
    by_scott.ok().and_then(|sigma| Sigma::new(sigma).ok()).unwrap_or(Sigma::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_sigma_follows_the_scale_of_the_cloud() {
        let line = |scale: f64| {
            let line = (0..1000).flat_map(|v| [scale * f64::from(v), scale * 0.5 * f64::from(v)]);
            Cloud::new(2, line.collect(), Cloud::default_axes(2))
        };
        let sigma = |scale: f64| suitable_sigma(&line(scale)).get();
        // 1000 values in a row: s² = 1000·(1000 + 1)/12 along x, and a quarter of that along y.
        let exact = (1e3 * 1001.0 / 12.0 * 0.625_f64).sqrt() * 1000_f64.powf(-1.0 / 6.0);
        assert!((sigma(1.0) / exact - 1.0).abs() < 1e-12, "{} {exact}", sigma(1.0));
        assert!((sigma(1000.0) / sigma(1.0) - 1000.0).abs() < 1e-6);
        assert_eq!(suitable_sigma(&line(0.0)), Sigma::DEFAULT);
        // A weight below 0 has no share in a spread, but the scale of the places is still known.
        let weights = (0..1000).map(|v| f64::from(v) - 1.0).collect();
        let negative = line(1.0).with_weights(weights);
        assert_eq!(suitable_sigma(&negative), suitable_sigma(&line(1.0)));
    }
}
