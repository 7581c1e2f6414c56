//! The interface of the engines: [`Engine`], [`Plan`], [`Request`] and [`Field`]. An engine plans
//! once for some points; the plan is executed for each σ.
//!
//! ```text
//!   Engine ──plan(points, limits)──▶ Plan ──execute(request)──▶ Field
//!                                      └──── again for another σ ────┘
//! ```
//!
//! A plan keeps what does not depend on σ: sorted points, grids of spread sources, device buffers. Who
//! wants one field makes a plan and executes it once ([`Engine::sum`]).

use std::{any::Any, sync::Arc};

use super::{Accuracy, EngineError, EngineId, Observer, Pace, Problem};
use crate::model::{Points, Sigma};

/// One way to compute the field.
///
/// Both tolerances are against the sum in f64. Where weights have both signs, `ref_i` stands for
/// `Σ_j |w_j|·exp(…)`: what cancels is not promised.
pub trait Engine: Sync {
    /// The engine's identity.
    fn id(&self) -> EngineId;

    /// Largest `max_i |f_i − ref_i| / max(ref_i, 10⁻³·max ref)` that it may show.
    fn tolerance(&self) -> f64;

    /// Largest `|f_i − ref_i| / ref_i` that it may show wherever `ref_i ≥ 10⁻²⁰·max_j |w_j|`.
    fn elementwise_tolerance(&self) -> f64 {
        2e-5
    }

    /// The accuracy that [`Self::sum`] asks for, where the engine knows several.
    fn accuracy(&self) -> Accuracy {
        Accuracy::default()
    }

    /// The most bytes that it takes at once for `problem`, beyond the points: what it allocates, its
    /// result included, by the formula at its file's head. Small change is left out.
    fn bytes(&self, problem: &Problem<'_>) -> u64;

    /// Prepares all that depends on `points` alone.
    ///
    /// # Errors
    /// When the observer stopped it, the points do not suit the engine, or there is no memory or device
    /// for them.
    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError>;

    /// One field within `limits`: a plan, executed once, its values in memory.
    ///
    /// # Errors
    /// Those of [`Self::plan`] and [`Plan::execute`].
    fn field(
        &self,
        problem: &Problem<'_>,
        limits: &Limits,
        observer: &mut dyn Observer,
    ) -> Result<Field, EngineError> {
        let Problem { points, sigma, chunk } = *problem;
        let points = Arc::new(points.clone());
        let request = Request { accuracy: self.accuracy(), chunk, ..Request::new(sigma) };
        self.plan(&points, limits, observer)?.execute(&request, observer)
    }

    /// The values of one field, shape (n,), in the order of the targets.
    ///
    /// # Errors
    /// Those of [`Self::field`].
    fn sum(
        &self,
        problem: &Problem<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<f64>, EngineError> {
        self.field(problem, &Limits::default(), observer)?.values.read()
    }
}

/// Points prepared by an engine, for any number of σ.
pub trait Plan: Send {
    /// The field at one σ.
    ///
    /// # Errors
    /// When the observer stopped it, after which the plan can be used again; or when the engine failed.
    fn execute(
        &mut self,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Field, EngineError>;

    /// Bytes that it keeps from one σ to the next: in memory, and on a device.
    fn kept_bytes(&self) -> KeptBytes {
        KeptBytes::default()
    }
}

/// Bytes that a plan keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptBytes {
    /// In the processor's memory, beyond the points themselves.
    pub memory: u64,
    /// In buffers of a device.
    pub device: u64,
}

/// What a plan may use, and how.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// The most bytes that its arrays or grids may take; `None` lets the engine take a part of what is
    /// free.
    pub memory: Option<u64>,
    /// The sources in the order in which they are summed, a permutation of 0 … m − 1; `None` is the order
    /// of the points. In a random order previews are unbiased.
    pub order: Option<Arc<[u32]>>,
    /// Where to compute, for engines that have a choice; `None` takes the place that is done sooner.
    pub place: Option<Place>,
    /// How long a piece of work on a device should last, in seconds: see [`Pace`].
    pub slice: SliceSeconds,
}

/// How long a piece of work on a device should last, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SliceSeconds(pub f64);

impl Default for SliceSeconds {
    /// That of a program without a window.
    fn default() -> Self {
        Self(Pace::HEADLESS)
    }
}

/// What field is wanted of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// The kernel's standard deviation, in the units of the points.
    pub sigma: Sigma,
    /// How exact it has to be, where the engine knows several accuracies.
    pub accuracy: Accuracy,
    /// Number of sources between two updates of f, at least 1.
    pub chunk: usize,
    /// What every sum is multiplied by: the factor of a normalisation, 1 for the plain sum.
    pub factor: f64,
    /// Where the values are wanted.
    pub destination: Destination,
    /// How long a piece of work on a device should last from now on; `None` leaves it as it is.
    pub slice: Option<SliceSeconds>,
}

impl Request {
    /// The plain sum at σ, with all digits that the engine has, in memory.
    pub fn new(sigma: Sigma) -> Self {
        Self {
            sigma,
            accuracy: Accuracy::default(),
            chunk: usize::MAX,
            factor: 1.0,
            destination: Destination::Memory,
            slice: None,
        }
    }
}

/// Where values are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// In memory, in double precision.
    Memory,
    /// Where they are, for drawing: on the device if they were computed there.
    Anywhere,
}

/// Where a field is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the processor.
    Processor,
    /// On a graphics device.
    Device,
}

/// A field with what is known of it.
pub struct Field {
    /// f times the request's factor, shape (n,), in the order of the targets.
    pub values: Values,
    /// How it was computed.
    pub report: Report,
}

/// How a field was computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// By which engine.
    pub engine: EngineId,
    /// Where.
    pub place: Place,
    /// The method that was used, and why, where the engine has a choice.
    pub why: Option<String>,
    /// The largest error that this field may show, of max(f, 10⁻³·max f), or of the same magnitudes where
    /// weights have both signs ([`super::ErrorBoundOf`]). At most the engine's tolerance, but where
    /// exponents are so large that f64 itself shows, or the engine `fast` finds almost nothing.
    pub error_bound: f64,
    /// Seconds that a graphics device itself took for the sum, by its own clock; `None` on the processor, and
    /// where the adapter has no clock.
    pub device_seconds: Option<f64>,
}

/// The values of a field, wherever they are.
pub enum Values {
    /// In memory.
    Memory(Vec<f64>),
    /// On a device.
    Device(Box<dyn DeviceValues>),
}

impl Values {
    /// The values in memory, shape (n,).
    ///
    /// # Errors
    /// When a device holds them and fails.
    pub fn read(self) -> Result<Vec<f64>, EngineError> {
        match self {
            Self::Memory(values) => Ok(values),
            Self::Device(values) => values.read(),
        }
    }
}

/// Multiplies all values by the factor of a request.
pub fn multiply(values: &mut [f64], factor: f64) {
    if factor.total_cmp(&1.0).is_ne() {
        for value in values {
            *value *= factor;
        }
    }
}

/// Values that a device holds, in single precision. Who draws them knows the type behind it.
pub trait DeviceValues: Send {
    /// Number of values.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The highest absolute value.
    fn highest(&self) -> f64;

    /// Brings the values to memory, shape (n,).
    ///
    /// # Errors
    /// When the device fails.
    fn read(&self) -> Result<Vec<f64>, EngineError>;

    /// Itself, as the type that the device's own code knows.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}
