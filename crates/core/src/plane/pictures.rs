//! f at the pixels of a picture of the plane, or along a line: for views and σ that change often.

use super::{PlaneSources, RasterGrid, sources::Metric};
use crate::{
    engine::{EngineError, Observer, PixelSpec, PixelSums, Pixels},
    model::{Cloud, Normalisation, Sigma},
};

/// Which f is wanted in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureSpec {
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// How the sum is normalised.
    pub normalisation: Normalisation,
    /// As good as colours show, instead of within the default tolerance.
    pub draft: bool,
}

/// f at pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// f, normalised, row by row from the lowest: shape (rows·columns,).
    pub values: Vec<f32>,
    /// Whether they are means over pixels, because the kernel is narrower than a pixel, instead of f at
    /// their centres.
    pub mean: bool,
}

/// Sources of a plane, prepared once for any picture of it.
#[derive(Debug)]
pub struct PlaneSums {
    sums: PixelSums<2>,
    metric: Metric,
    weight: f64,
}

impl PlaneSums {
    /// Prepares sources.
    ///
    /// # Errors
    /// When `SIGMASCOPE_SIMD` names no instructions of this processor.
    pub fn new(sources: &PlaneSources) -> Result<Self, EngineError> {
        let cloud = sources.round();
        let sums = PixelSums::new(cloud)?;
        Ok(Self { sums, metric: sources.metric, weight: cloud.total_weight() })
    }

    /// The picture of a part of the plane.
    ///
    /// # Errors
    /// When it was stopped, or would take too much time.
    pub fn picture(
        &mut self,
        grid: &RasterGrid,
        spec: &PictureSpec,
        observer: &mut dyn Observer,
    ) -> Result<Picture, EngineError> {
        let (pixels, spec) = self.wanted(grid, spec);
        let values = self.sums.sum(&pixels, &spec, observer)?;
        Ok(Picture { values, mean: spec.mean })
    }

    /// The seconds that [`Self::picture`] should take.
    pub fn seconds(&self, grid: &RasterGrid, spec: &PictureSpec) -> f64 {
        let (pixels, spec) = self.wanted(grid, spec);
        self.sums.seconds(&pixels, &spec)
    }

    /// Bytes that the sources and what is kept for them take.
    pub fn bytes(&self) -> usize {
        self.sums.bytes()
    }

    fn wanted(&self, grid: &RasterGrid, spec: &PictureSpec) -> (Pixels<2>, PixelSpec) {
        let PictureSpec { sigma, normalisation, draft } = *spec;
        let pixels = self.metric.pixels(grid);
        let factor = self.metric.factor(normalisation, self.weight, sigma);
        let mean = pixels.step.iter().any(|step| sigma.get() < *step);
        (pixels, PixelSpec { sigma, mean, draft, factor })
    }
}

/// Sources on a line, prepared once for f at equal steps of any part of it.
#[derive(Debug)]
pub struct LineSums {
    sums: PixelSums<1>,
    /// The kernel's width on the line where σ is 1.
    unit: f64,
    weight: f64,
}

impl LineSums {
    /// Prepares sources at `places`, shape (m, 1), with their weights; the kernel's standard deviation on
    /// the line is σ·`unit`.
    ///
    /// # Errors
    /// When there is no source, the kernel has no width, or `SIGMASCOPE_SIMD` names no instructions of this
    /// processor.
    pub fn new(places: &Cloud, unit: f64) -> Result<Self, EngineError> {
        if !(unit > 0.0 && unit.is_finite()) {
            return Err(EngineError::Failed(format!(
                "the kernel has no width along this axis: {unit:e}"
            )));
        }
        let scaled = places.coordinates().iter().map(|place| place / unit).collect();
        let cloud = Cloud::new(1, scaled, places.axes().to_vec());
        let cloud = match places.weights() {
            Some(weights) => cloud.with_weights(weights.to_vec()),
            None => cloud,
        };
        let sums = PixelSums::new(&cloud)?;
        Ok(Self { sums, unit, weight: cloud.total_weight() })
    }

    /// f in the middle of `count` equal parts of `from` … `to`, or its mean over each where the kernel is
    /// narrower.
    ///
    /// # Errors
    /// When it was stopped, or would take too much time.
    pub fn curve(
        &mut self,
        [from, to]: [f64; 2],
        count: usize,
        spec: &PictureSpec,
        observer: &mut dyn Observer,
    ) -> Result<Picture, EngineError> {
        let PictureSpec { sigma, normalisation, draft } = *spec;
        let step = (to - from) / count as f64 / self.unit;
        let pixels = Pixels { from: [from / self.unit], step: [step], count: [count], shear: 0.0 };
        let factor = normalisation.factor(self.weight, 1, sigma);
        let factor =
            if normalisation == Normalisation::Density { factor / self.unit } else { factor };
        let mean = sigma.get() < step;
        let spec = PixelSpec { sigma, mean, draft, factor };
        Ok(Picture { values: self.sums.sum(&pixels, &spec, observer)?, mean })
    }
}
