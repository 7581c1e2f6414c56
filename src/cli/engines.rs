//! From the choice of an engine to one that is ready to run.

use super::Failure;
use crate::{
    engine::{
        Engine, Simd,
        auto::{self, Choice, Device, Machine},
        on_cpu,
    },
    gpu::{Gpu, GpuEngine, adapters},
    model::EngineChoice,
};

/// What `choice` means for `size`, which is n, m and dim: itself, or for `auto` the engine that is
/// done first, and why.
///
/// Naming an adapter is asking for it. Where none is open, one is looked for only where that can
/// pay, and the processor does without.
pub(super) fn resolve(
    choice: EngineChoice,
    size: [usize; 3],
    adapter: Option<&str>,
) -> (EngineChoice, Option<String>) {
    if choice != EngineChoice::Auto {
        return (choice, None);
    }
    if adapter.is_some() {
        return (EngineChoice::Gpu, Some("--adapter asks for one".to_owned()));
    }
    let mut machine = Machine { must_open: true, ..Machine::here(None) };
    if auto::is_worth_opening(size, &machine) {
        machine.device = best_device();
    }
    let Choice { engine, why } = auto::choose(size, &machine);
    (engine, Some(why))
}

/// The kind of the best adapter that can be used, if there is one.
pub(super) fn best_device() -> Option<Device> {
    adapters().iter().find(|adapter| adapter.usable).map(|adapter| Device::of_kind(adapter.kind))
}

/// An engine, with the device that it runs on if it needs one.
pub(super) enum Ready {
    OnCpu(Box<dyn Engine>),
    OnGpu(Gpu),
}

impl Ready {
    /// Makes the engine ready that `choice` means for `size`, and says why if the user left it to
    /// the program.
    ///
    /// # Errors
    /// When there is no adapter for one that was asked for.
    pub(super) fn new(
        choice: EngineChoice,
        size: [usize; 3],
        memory_limit: Option<u64>,
        adapter: Option<&str>,
    ) -> Result<(Self, Option<String>), Failure> {
        let (engine, why) = resolve(choice, size, adapter);
        if let Some(engine) = on_cpu(engine, memory_limit) {
            return Ok((Self::OnCpu(engine), why));
        }
        match Gpu::headless(adapter) {
            Ok(gpu) => Ok((Self::OnGpu(gpu), why)),
            // Nobody asked for a device.
            Err(err) if choice == EngineChoice::Auto && adapter.is_none() => {
                let engine = Box::new(Simd::default());
                Ok((Self::OnCpu(engine), Some(format!("the adapter gave no device: {err}"))))
            }
            Err(err) => Err(err.into()),
        }
    }

    /// Lets `work` use the engine.
    pub(super) fn with<T>(&self, work: impl FnOnce(&dyn Engine) -> T) -> T {
        match self {
            Self::OnCpu(engine) => work(engine.as_ref()),
            Self::OnGpu(gpu) => work(&GpuEngine(gpu)),
        }
    }

    /// The device, if it runs on one.
    pub(super) fn gpu(&self) -> Option<&Gpu> {
        match self {
            Self::OnCpu(_) => None,
            Self::OnGpu(gpu) => Some(gpu),
        }
    }

    /// What kind of device that is.
    pub(super) fn device(&self) -> Option<Device> {
        self.gpu().map(|gpu| Device::of_kind(gpu.adapter().kind))
    }
}
