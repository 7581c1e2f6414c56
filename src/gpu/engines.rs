//! Makes any of the program's engines: those of the processor, and those of the device if there is
//! one.

use std::sync::Arc;

use super::{FastOnDevice, Gpu, GpuEngine, fast::DeviceSteps};
use crate::{
    engine::{
        Accuracy, Engine, EngineError, EngineId, Fast, FastPlan, FastPoints, Limits, Observer,
        Plan, Problem, SliceSeconds, StepDevice, on_processor,
    },
    model::{Points, Tolerance},
};

/// The engine with the identity `id`; `None` for [`EngineId::Gpu`] without a device. `tolerance`
/// applies to the engine `fast`, which does its steps on the device where that should be faster.
pub fn engine<'a>(
    id: EngineId,
    gpu: Option<&'a Gpu>,
    tolerance: Tolerance,
) -> Option<Box<dyn Engine + 'a>> {
    match (id, gpu) {
        (EngineId::Gpu, gpu) => gpu.map(|gpu| Box::new(GpuEngine(gpu)) as Box<dyn Engine>),
        (EngineId::Fast, Some(gpu)) => Some(Box::new(GpuFast { gpu, tolerance })),
        (id, _) => on_processor(id, tolerance).map(|engine| engine as Box<dyn Engine>),
    }
}

/// The engine `fast` with a device; what the device cannot do is done on the processor.
pub struct GpuFast<'a> {
    /// The device.
    pub gpu: &'a Gpu,
    /// The largest relative error of values from 0.01·max|w| on; below, the error is absolute.
    pub tolerance: Tolerance,
}

impl Engine for GpuFast<'_> {
    fn id(&self) -> EngineId {
        EngineId::Fast
    }

    fn tolerance(&self) -> f64 {
        self.tolerance.get()
    }

    fn accuracy(&self) -> Accuracy {
        Accuracy::Full(self.tolerance)
    }

    /// Bytes: those of the processor's engine, and on the device three grids at 4 bytes a node, or
    /// targets and sources with their k-d tree.
    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        let points = problem.points;
        let on_processor = Fast { tolerance: self.tolerance, ..Fast::default() }.bytes(problem);
        let (n, m, dim) = (points.n() as u64, points.m() as u64, points.dim() as u64);
        if dim > FastPoints::MAX_DIM as u64 {
            return 0;
        }
        // Grids on the device take no more bytes than those on the processor.
        2 * on_processor + (8 * dim + 4) * (n + m) + 12 * n
    }

    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        _observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError> {
        let SliceSeconds(slice) = limits.slice;
        let device = match self.gpu.can_step() {
            Ok(()) => {
                let on_device = FastOnDevice::new(self.gpu, slice);
                let steps = DeviceSteps { gpu: self.gpu.clone(), on_device };
                Ok(Box::new(steps) as Box<dyn StepDevice>)
            }
            Err(err) => Err(err.to_string()),
        };
        Ok(Box::new(FastPlan::new(points, Fast::default().limits, limits, device)?))
    }
}
