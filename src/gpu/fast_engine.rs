//! The fast engine on the device as an engine like any other: points made ready and used once.
//!
//! Memory: that of the processor's, and on the device 4 bytes a node three times over, or both clouds in
//! their cells.

use super::{FastOnDevice, Field, Gpu, GpuError, Scaled};
use crate::{
    engine::{
        Accuracy, Engine, EngineError, Fast, FastChoice, FastPlace, FastPoints, Pace, Problem,
        Summed,
    },
    model::{Sigma, Tolerance},
};

/// The device as the engine `fast`; what it cannot do, the processor does.
pub struct GpuFast<'a> {
    /// The device.
    pub gpu: &'a Gpu,
    /// The error that each value may have, relative to it, from 0.01 weights on.
    pub tolerance: Tolerance,
}

/// Points for any number of σ, on the device where that can do it.
pub struct FastSteps<'a> {
    gpu: &'a Gpu,
    points: FastPoints,
    on_device: FastOnDevice,
}

impl<'a> FastSteps<'a> {
    /// Makes the points ready.
    ///
    /// # Errors
    /// When they have too many coordinates.
    pub fn new(gpu: &'a Gpu, points: FastPoints) -> Self {
        Self { gpu, points, on_device: FastOnDevice::new(gpu, Pace::HEADLESS) }
    }

    /// Bytes on the device.
    pub fn device_bytes(&self) -> u64 {
        self.on_device.bytes()
    }

    /// The field at one σ, on the device wherever it can do it; `keep_going` hears the fraction done.
    ///
    /// # Errors
    /// When it was stopped, or something failed.
    pub fn step(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Summed, EngineError> {
        let Self { gpu, points, on_device } = self;
        let has = |key| on_device.has(key);
        let forced = Some(FastPlace::Device);
        let FastChoice { offer, why } =
            points.choose(sigma, accuracy, gpu.fast_device(), forced, &has);
        let offer = match (offer, gpu.can_step()) {
            (Some(offer), Ok(())) => offer,
            (_, can) => {
                let why = can.map_or_else(|err| err.to_string(), |()| why);
                let field = Summed::from(points.step(sigma, accuracy, keep_going)?);
                let how = field.how.map(|how| format!("{how}; {why}"));
                return Ok(Summed { how, ..field });
            }
        };
        // Negative values are what they are: of weights of both signs, or never there.
        let scaled = Scaled { by: 1.0, signed: true };
        let field = on_device
            .step(gpu, points, sigma, &offer, scaled, keep_going)
            .map_err(failed)?
            .ok_or(EngineError::Stopped)?;
        let highest = highest(&field);
        let values = field.read(gpu).map_err(failed)?;
        let inverse = offer.weight_scale.recip();
        Ok(Summed {
            values: values.iter().map(|f| f64::from(*f) * inverse).collect(),
            error_bound: offer.error_bound(highest),
            how: Some(format!("on the device with {}: {why}", offer.name())),
            place: Some(FastPlace::Device),
        })
    }
}

/// The highest |f|.
fn highest(field: &Field) -> f64 {
    let range = field.range();
    f64::from(range.max.abs().max(range.min.abs()))
}

fn failed(err: GpuError) -> EngineError {
    match err {
        GpuError::TooLarge { .. } => EngineError::TooLarge(err.to_string()),
        err => EngineError::Failed(err.to_string()),
    }
}

impl Engine for GpuFast<'_> {
    fn name(&self) -> &'static str {
        "fast"
    }

    fn tolerance(&self) -> f64 {
        self.tolerance.get()
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        let points = problem.points;
        let on_processor = Fast { tolerance: self.tolerance, ..Fast::default() }.bytes(problem);
        let (n, m, dim) = (points.n() as u64, points.m() as u64, points.dim() as u64);
        if dim > FastPoints::MAX_DIM as u64 {
            return 0;
        }
        // Grids on the device are no more than those of the processor.
        2 * on_processor + (8 * dim + 4) * (n + m) + 12 * n
    }

    fn sum(
        &self,
        problem: &Problem<'_>,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Vec<f64>, EngineError> {
        Ok(self.sum_with_facts(problem, keep_going)?.values)
    }

    fn sum_with_facts(
        &self,
        problem: &Problem<'_>,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Summed, EngineError> {
        let mut steps = FastSteps::new(self.gpu, FastPoints::new(problem.points)?);
        steps.step(problem.sigma, Accuracy::Full(self.tolerance), keep_going)
    }
}
