//! Resolves `--engine` to an engine that can be used, with an open device where it needs one.

use super::{Failure, terminal::tell};
use crate::{
    engine::{Engine, EngineId, ForcedPlace, Limits, Place},
    gpu::{AdapterSummary, Gpu, adapters, engine},
    model::{EngineChoice, Tolerance},
    scheduler::{self, Choice, Machine},
    session::MachineRates,
};

/// The engine to use for `size` = [n, m, dim]: `choice` itself, or for `auto` the engine that should
/// finish first, and why.
///
/// `auto` may choose the approximate engine `fast` only if σ and the extent of the points are given.
/// With `--adapter` it chooses that adapter. Otherwise adapters are looked for only where the sum takes
/// longer than opening one.
pub(super) fn resolve(
    choice: EngineChoice,
    size: [usize; 3],
    EngineRequest { approximate, adapter, .. }: EngineRequest<'_>,
) -> (EngineId, Option<String>) {
    if let Some(id) = EngineId::named(choice) {
        return (id, None);
    }
    if adapter.is_some() {
        return (EngineId::Gpu, Some("--adapter asks for one".to_owned()));
    }
    let mut machine = Machine { must_open: true, ..Machine::here(None) };
    let mut found = None;
    if scheduler::is_worth_opening(size, &machine) {
        found = best_adapter();
        machine.device = found.as_ref().map(|adapter| adapter.kind);
    }
    if let Some(complaint) = MachineRates::take_complaint() {
        tell(format!("note: {complaint}"));
    }
    let rates = MachineRates::of(found.as_ref());
    let Choice { engine, why } = match approximate {
        Some([sigma, extent]) => {
            scheduler::choose_or_fast_with(size, sigma, extent, &machine, &rates)
        }
        None => scheduler::choose_with(size, &machine, &rates),
    };
    (engine, Some(why))
}

/// Whether the engine `fast` runs on an adapter: only where `SIGMASCOPE_FAST` or --adapter ask for it,
/// because a single field does not pay for opening a device.
fn fast_on_gpu(choice: EngineChoice, adapter: Option<&str>) -> Result<bool, Failure> {
    let named = choice == EngineChoice::Fast && adapter.is_some();
    Ok(ForcedPlace::read()?.map_or(named, |place| place == Place::Device))
}

/// The best adapter that can be used, if there is one.
pub(super) fn best_adapter() -> Option<AdapterSummary> {
    adapters().into_iter().find(|adapter| adapter.usable)
}

/// An engine, with the device that it runs on if it needs one.
pub(super) struct OpenedEngine {
    id: EngineId,
    gpu: Option<Gpu>,
    tolerance: Tolerance,
    memory_limit: Option<u64>,
}

/// What the flags say about the engine, besides its name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EngineRequest<'a> {
    /// Bytes of arrays of N×M numbers.
    pub memory_limit: Option<u64>,
    /// The tolerance of the engine `fast`.
    pub tolerance: Tolerance,
    /// σ and the extent of the points, in the same units, where `auto` may choose `fast`.
    pub approximate: Option<[f64; 2]>,
    /// Part of an adapter's name.
    pub adapter: Option<&'a str>,
}

impl OpenedEngine {
    /// Opens the engine that `choice` means for `size`, and says why if the user left it to the program.
    ///
    /// # Errors
    /// When there is no adapter for one that was asked for.
    pub(super) fn new(
        choice: EngineChoice,
        size: [usize; 3],
        request: EngineRequest<'_>,
    ) -> Result<(Self, Option<String>), Failure> {
        let EngineRequest { memory_limit, tolerance, adapter, .. } = request;
        let (id, why) = resolve(choice, size, request);
        let needs_device =
            id == EngineId::Gpu || id == EngineId::Fast && fast_on_gpu(choice, adapter)?;
        let opened = |id, gpu| Self { id, gpu, tolerance, memory_limit };
        if !needs_device {
            return Ok((opened(id, None), why));
        }
        match Gpu::headless(adapter) {
            Ok(gpu) => Ok((opened(id, Some(gpu)), why)),
            // Nobody asked for a device.
            Err(err) if choice == EngineChoice::Auto && adapter.is_none() => {
                let why = Some(format!("the adapter gave no device: {err}"));
                Ok((opened(EngineId::Simd, None), why))
            }
            Err(err) => Err(err.into()),
        }
    }

    /// Which engine it is.
    pub(super) fn id(&self) -> EngineId {
        self.id
    }

    /// The engine itself.
    ///
    /// # Panics
    /// Never: an engine that needs a device was opened with one.
    pub(super) fn engine(&self) -> Box<dyn Engine + '_> {
        engine(self.id, self.gpu.as_ref(), self.tolerance)
            .expect("an engine that needs a device was opened with one")
    }

    /// What a plan of it may use. One field alone does not pay for bringing points to a device, so that
    /// who opened one for the engine `fast` has asked for it.
    pub(super) fn limits(&self) -> Limits {
        let place = self.gpu.as_ref().map(|_| Place::Device);
        Limits { memory: self.memory_limit, place, ..Limits::default() }
    }

    /// The device, if it runs on one.
    pub(super) fn gpu(&self) -> Option<&Gpu> {
        self.gpu.as_ref()
    }

    /// The adapter of that device.
    pub(super) fn adapter(&self) -> Option<&AdapterSummary> {
        self.gpu().map(Gpu::adapter)
    }
}
