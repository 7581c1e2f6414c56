//! Opens the engine that `--engine` names, or the one that `auto` chooses, with its device if needed.

use super::Failure;
use crate::{
    engine::{
        Engine, FastPlace, Simd,
        auto::{self, Choice, Device, Machine},
        on_cpu,
    },
    gpu::{Gpu, GpuEngine, GpuFast, adapters},
    model::{EngineChoice, Tolerance},
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
    Wishes { approximate, adapter, .. }: Wishes<'_>,
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
    let Choice { engine, why } = match approximate {
        Some([sigma, extent]) => auto::choose_or_fast(size, sigma, extent, &machine),
        None => auto::choose(size, &machine),
    };
    (engine, Some(why))
}

/// Whether the engine `fast` runs on an adapter: only where `SIGMASCOPE_FAST` or --adapter ask for it,
/// because a single field does not pay for opening a device.
fn fast_on_gpu(choice: EngineChoice, adapter: Option<&str>) -> Result<bool, Failure> {
    let named = choice == EngineChoice::Fast && adapter.is_some();
    Ok(FastPlace::forced()?.map_or(named, |place| place == FastPlace::Device))
}

/// The kind of the best usable adapter, if there is one.
pub(super) fn best_device() -> Option<Device> {
    adapters().iter().find(|adapter| adapter.usable).map(|adapter| Device::of_kind(adapter.kind))
}

/// An engine that can be run at once, with the device that it runs on if it needs one.
pub(super) enum Ready {
    OnCpu(Box<dyn Engine>),
    OnGpu(Gpu),
    /// The engine `fast` on a device, with its tolerance.
    FastOnGpu(Gpu, Tolerance),
}

/// What the flags say about the engine, besides its name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wishes<'a> {
    /// The most bytes that the arrays of `broadcast` and `chunked` may take; `None` is their default.
    pub memory_limit: Option<u64>,
    /// The tolerance of the engine `fast`.
    pub tolerance: Tolerance,
    /// σ and the extent of the points, in the same units, where `auto` may choose `fast`.
    pub approximate: Option<[f64; 2]>,
    /// Part of an adapter's name.
    pub adapter: Option<&'a str>,
}

impl Ready {
    /// Opens the engine that [`resolve`] gives for `choice` and `size`, and says why if that was `auto`.
    ///
    /// # Errors
    /// When there is no adapter for one that was asked for.
    pub(super) fn new(
        choice: EngineChoice,
        size: [usize; 3],
        wishes: Wishes<'_>,
    ) -> Result<(Self, Option<String>), Failure> {
        let Wishes { memory_limit, tolerance, adapter, .. } = wishes;
        let (engine, why) = resolve(choice, size, wishes);
        if engine == EngineChoice::Fast && fast_on_gpu(choice, adapter)? {
            return Ok((Self::FastOnGpu(Gpu::headless(adapter)?, tolerance), why));
        }
        if let Some(engine) = on_cpu(engine, memory_limit, tolerance) {
            return Ok((Self::OnCpu(engine), why));
        }
        match Gpu::headless(adapter) {
            Ok(gpu) => Ok((Self::OnGpu(gpu), why)),
            // The user asked for no device: fall back to the processor.
            Err(err) if choice == EngineChoice::Auto && adapter.is_none() => {
                let engine = Box::new(Simd::default());
                Ok((Self::OnCpu(engine), Some(format!("the adapter gave no device: {err}"))))
            }
            Err(err) => Err(err.into()),
        }
    }

    /// Calls `work` with the engine.
    pub(super) fn with<T>(&self, work: impl FnOnce(&dyn Engine) -> T) -> T {
        match self {
            Self::OnCpu(engine) => work(engine.as_ref()),
            Self::OnGpu(gpu) => work(&GpuEngine(gpu)),
            Self::FastOnGpu(gpu, tolerance) => work(&GpuFast { gpu, tolerance: *tolerance }),
        }
    }

    /// The device, if it runs on one.
    pub(super) fn gpu(&self) -> Option<&Gpu> {
        match self {
            Self::OnCpu(_) => None,
            Self::OnGpu(gpu) | Self::FastOnGpu(gpu, _) => Some(gpu),
        }
    }

    /// The kind of that device.
    pub(super) fn device(&self) -> Option<Device> {
        self.gpu().map(|gpu| Device::of_kind(gpu.adapter().kind))
    }
}
