//! The engine `fast` and its plan, which decides for each σ between processor and device.
//!
//! ```text
//!   request ─▶ which place is done first? ─┬─▶ processor: FastPoints::step
//!                                          └─▶ device:    StepDevice::step, with a DevicePlan
//!                                                 └── no memory, no shader ──▶ processor from now on
//! ```

use std::sync::Arc;

use super::{
    Accuracy, DeviceLimits, DevicePlan, FastField, FastLimits, FastPoints, ForcedPlace,
    PlaceChoice, memory, prepared::TELLING,
};
use crate::{
    engine::{
        Destination, DeviceValues, Engine, EngineError, EngineId, Field, KeptBytes, Limits,
        Observer, Place, Plan, Problem, Report, Request, SliceSeconds, Values, multiply,
    },
    model::{Points, Sigma, Tolerance},
};

/// The fast sum on the processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fast {
    /// The error that each value may have, relative to it, from 0.01 weights on.
    pub tolerance: Tolerance,
    /// What it may use.
    pub limits: FastLimits,
}

/// A device that can do the part of a step that depends on σ.
pub trait StepDevice: Send {
    /// What it can do, and which grids it holds.
    fn limits(&self) -> DeviceLimits;

    /// Sets how long a piece of work should last from now on.
    fn aim(&mut self, slice: SliceSeconds);

    /// The field that `plan` makes of the points that it was made for, always the same ones. Sums in
    /// units of the scaled weights are multiplied by `factor`; unless `signed`, f is never negative.
    ///
    /// # Errors
    /// When it was stopped, or the device failed or has no memory for it.
    fn step(
        &mut self,
        points: &mut FastPoints,
        sigma: Sigma,
        plan: &DevicePlan,
        factor: f64,
        signed: bool,
        observer: &mut dyn Observer,
    ) -> Result<Box<dyn DeviceValues>, EngineError>;

    /// Seconds that the device itself took for the last step; `None` where it has no clock.
    fn seconds(&self) -> Option<f64>;

    /// Bytes of its buffers.
    fn bytes(&self) -> u64;
}

/// Points for any number of σ, summed in N + M steps.
pub struct FastPlan {
    points: FastPoints,
    device: Option<Box<dyn StepDevice>>,
    /// Why a device that was wanted is not used: it could not be opened, or it failed.
    hindrance: Option<String>,
    place: Option<Place>,
    /// Whether some weight is negative, so that f may be.
    signed: bool,
}

impl FastPlan {
    /// Prepares `points`; `device` is one that may do the steps, or why there is none.
    ///
    /// # Errors
    /// When the points have more than three coordinates, or an instruction set or place is asked for
    /// that there is not.
    pub fn new(
        points: &Points,
        fast: FastLimits,
        limits: &Limits,
        device: Result<Box<dyn StepDevice>, String>,
    ) -> Result<Self, EngineError> {
        let place = ForcedPlace::read()?.or(limits.place);
        let fast = FastLimits { memory: limits.memory.or(fast.memory), ..fast };
        let signed = points.sources().has_negative_weights();
        let points = FastPoints::within(points, fast)?;
        let (device, hindrance) = match device {
            Ok(device) => (Some(device), None),
            Err(hindrance) => (None, Some(hindrance)),
        };
        Ok(Self { points, device, hindrance, place, signed })
    }

    /// Prepares `points` for the processor alone.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn without_device(
        points: &Points,
        fast: FastLimits,
        limits: &Limits,
    ) -> Result<Self, EngineError> {
        let plan = Self::new(points, fast, limits, Err(String::new()))?;
        Ok(Self { hindrance: None, place: None, ..plan })
    }

    /// The points as they are prepared.
    pub fn points(&mut self) -> &mut FastPoints {
        &mut self.points
    }

    /// What the device should do of a step, if anything, and why.
    fn choose(&mut self, sigma: Sigma, accuracy: Accuracy) -> PlaceChoice {
        let processor = |why| PlaceChoice { device: None, why };
        if self.place == Some(Place::Processor) {
            return processor(ForcedPlace::asked_for());
        }
        match (&self.device, &self.hindrance) {
            (Some(device), None) => {
                self.points.choose(sigma, accuracy, &device.limits(), self.place)
            }
            (_, Some(hindrance)) => processor(format!("not on the device, since {hindrance}")),
            (None, None) => processor(String::new()),
        }
    }

    /// The step on the device; `None` where it has no room for it, which is then remembered.
    fn on_device(
        &mut self,
        request: &Request,
        plan: &DevicePlan,
        why: &str,
        observer: &mut dyn Observer,
    ) -> Result<Option<(Values, Report)>, EngineError> {
        let Some(device) = &mut self.device else { return Ok(None) };
        if let Some(slice) = request.slice {
            device.aim(slice);
        }
        let in_memory = request.destination == Destination::Memory;
        // In memory there is room for any factor; on the device values are in single precision.
        let unit = plan.weight_scale.recip();
        let factor = if in_memory { 1.0 } else { request.factor * unit };
        let stepped =
            device.step(&mut self.points, request.sigma, plan, factor, self.signed, observer);
        let values = match stepped {
            Ok(values) => values,
            Err(err @ (EngineError::TooLarge(_) | EngineError::DeviceUnable(_))) => {
                self.device = None;
                self.hindrance = Some(err.to_string());
                return Ok(None);
            }
            Err(err) => return Err(err),
        };
        let error_bound = plan.error_bound(values.highest() / factor.abs());
        let values = if in_memory {
            let factor = request.factor * unit;
            Values::Memory(values.read()?.into_iter().map(|f| factor * f).collect())
        } else {
            Values::Device(values)
        };
        let why = Some(format!("on the device with {}: {why}", plan.name()));
        let device_seconds = device.seconds();
        let place = Place::Device;
        let report = Report { engine: EngineId::Fast, place, why, error_bound, device_seconds };
        Ok(Some((values, report)))
    }

    /// The step on the processor, and why there.
    fn on_processor(
        &mut self,
        request: &Request,
        why: &str,
        observer: &mut dyn Observer,
    ) -> Result<(Values, Report), EngineError> {
        let field = self.points.step(request.sigma, request.accuracy, observer)?;
        let FastField { mut values, error_bound, why: how, .. } = field;
        multiply(&mut values, request.factor);
        let separator = if why.is_empty() { "" } else { "; " };
        let why = Some(format!("on the processor: {how}{separator}{why}"));
        let place = Place::Processor;
        let report =
            Report { engine: EngineId::Fast, place, why, error_bound, device_seconds: None };
        Ok((Values::Memory(values), report))
    }
}

impl Plan for FastPlan {
    fn execute(
        &mut self,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Field, EngineError> {
        let PlaceChoice { device, mut why } = self.choose(request.sigma, request.accuracy);
        let mut done = None;
        if let Some(plan) = device {
            done = self.on_device(request, &plan, &why, observer)?;
            // Fields so low that far sources count are for f64.
            let most = match request.accuracy {
                Accuracy::Draft => f64::INFINITY,
                Accuracy::Full(tolerance) => TELLING.max(tolerance.get()),
            };
            if done.as_ref().is_some_and(|(_, report)| report.error_bound > most) {
                done = None;
                why = String::from("not on the device, since f is too low for single precision");
            }
            if let Some(hindrance) = &self.hindrance {
                why = format!("not on the device, since {hindrance}");
            }
        }
        let (values, report) = match done {
            Some(done) => done,
            None => self.on_processor(request, &why, observer)?,
        };
        Ok(Field { values, report })
    }

    fn kept_bytes(&self) -> KeptBytes {
        KeptBytes {
            memory: self.points.bytes() as u64,
            device: self.device.as_ref().map_or(0, |device| device.bytes()),
        }
    }
}

impl Engine for Fast {
    fn id(&self) -> EngineId {
        EngineId::Fast
    }

    /// Of the whole sum where max f ≥ 10 weights; where all is less, of max(f, 0.01 weights).
    fn tolerance(&self) -> f64 {
        self.tolerance.get()
    }

    fn accuracy(&self) -> Accuracy {
        Accuracy::Full(self.tolerance)
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        if problem.points.dim() > FastPoints::MAX_DIM {
            return 0;
        }
        let limit = self.limits.memory_for(problem.points);
        memory::bytes(problem.points, problem.sigma, Accuracy::Full(self.tolerance), limit)
    }

    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        _observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError> {
        Ok(Box::new(FastPlan::without_device(points, self.limits, limits)?))
    }
}
