//! The difference of two fields of the same points, as a scene of its own that the plot can show.

use std::sync::Arc;

use super::{Colored, Scene};
use crate::{
    gpu::{Field, Gpu, GpuError},
    model::{ColorBy, Normalisation, Sigma, ViewParams},
};

/// What a difference is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferenceOf {
    /// The versions of the scenes: what is subtracted, and from what.
    pub versions: [u64; 2],
    /// The σ of both.
    pub sigmas: [Sigma; 2],
    /// Whether densities are subtracted; otherwise f as it is normalised, because the weights make no
    /// density.
    pub densities: bool,
}

impl Scene {
    /// The same scene whose colours show this f less that of `kept`, both as densities: sums over kernels
    /// of other widths differ in their mass.
    ///
    /// # Errors
    /// When the device fails.
    pub fn less(&self, gpu: &Gpu, kept: &Self) -> Result<Self, GpuError> {
        let sources = self.prepared.points.sources();
        let densities = Normalisation::Density.check(sources).is_ok();
        let factor = |scene: &Self| {
            let of = |normalisation| {
                scene.prepared.factor(normalisation, sources.total_weight(), scene.sigma())
            };
            let factor = of(Normalisation::Density) / of(scene.params.normalisation);
            if densities && factor.is_finite() { factor } else { 1.0 }
        };
        let factors = [factor(kept), factor(self)];
        let (from, less) = (self.field.read(gpu)?, kept.field.read(gpu)?);
        let values: Arc<[f32]> = from
            .iter()
            .zip(&*less)
            .map(|(b, a)| (factors[1] * f64::from(*b) - factors[0] * f64::from(*a)) as f32)
            .collect();
        let values = Field::from_values(gpu, &values)?;
        let difference = DifferenceOf {
            versions: [kept.version, self.version],
            sigmas: [kept.sigma(), self.sigma()],
            densities,
        };
        let mut scene = Self {
            dots: Arc::default(),
            colored: Colored {
                difference: Some(difference),
                ..Colored::of(ColorBy::Field, values)
            },
            // Told apart from both.
            version: 1 << 63 | kept.version << 31 ^ self.version,
            ..self.clone()
        };
        let scale = scene.scale(&ViewParams::default());
        let histogram = scene.colored.values.histogram(gpu, &scale)?;
        scene.histogram = Some((scale, Arc::new(histogram)));
        Ok(scene)
    }
}
