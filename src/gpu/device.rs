//! The device that computes and draws, and what it reports by itself.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    AdapterSummary, ErrorLog, Gate, GpuError, Pipelines,
    adapter::{backends, choose_adapter, device_descriptor, enumerate},
    fast_pipelines::FastPipelines,
    faults::{Fault, Faults},
    sum_pipelines::SumPipelines,
};
use crate::engine::Pace;

/// Part of the message with which a resized window reports that the device had no idle moment for
/// it. The old surface goes on working and the next frame tries again, so it is not an error here.
const SURFACE_WAITS: &str = "Failed to wait for GPU to come idle before reconfiguring";

/// A device ready for work. Clones share it.
#[derive(Clone)]
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) pipelines: Arc<Pipelines>,
    adapter: Arc<AdapterSummary>,
    errors: ErrorLog,
    lost: Arc<AtomicBool>,
    gate: Gate,
    faults: Faults,
    /// How fast exact sums have been.
    pace: Arc<Mutex<Pace>>,
}

impl Gpu {
    /// Opens the best adapter, or the best whose name contains `wanted`, without a window.
    ///
    /// # Errors
    /// When no adapter is usable or it gives no device.
    pub fn headless(wanted: Option<&str>) -> Result<Self, GpuError> {
        // OpenGL is slow to ask and ranks last, so it is asked only where nothing better is a card.
        let modern = enumerate(backends() - wgpu::Backends::GL);
        let is_card = |a: &wgpu::Adapter| a.get_info().device_type != wgpu::DeviceType::Cpu;
        let adapter = choose_adapter(&modern, wanted, is_card)
            .or_else(|_| choose_adapter(&enumerate(backends()), wanted, |_| true))?;
        let (device, queue) = pollster::block_on(
            adapter.request_device(&device_descriptor(&adapter)),
        )
        .map_err(|err| GpuError::NoDevice {
            adapter: adapter.get_info().name,
            reason: err.to_string(),
        })?;
        let format = wgpu::TextureFormat::Rgba8Unorm;
        Self::new(&adapter, device, queue, format, &[], Gate::default())
    }

    /// Takes over a device that was made with [`device_descriptor`]; `format` is what the window
    /// draws into, `backdrops` the colours that it has behind plots, and `gate` what it closes while
    /// it needs the device idle.
    ///
    /// # Errors
    /// When the device takes none of the shaders that draw.
    pub fn new(
        adapter: &wgpu::Adapter,
        device: wgpu::Device,
        queue: wgpu::Queue,
        format: wgpu::TextureFormat,
        backdrops: &[[u8; 3]],
        gate: Gate,
    ) -> Result<Self, GpuError> {
        let faults = Faults::default();
        let errors = ErrorLog::default();
        let lost = Arc::new(AtomicBool::new(false));
        device.on_uncaptured_error(Arc::new({
            let (errors, gate) = (errors.clone(), gate.clone());
            move |error: wgpu::Error| {
                let text = error.to_string();
                if text.contains(SURFACE_WAITS) {
                    gate.close_for_surface();
                } else {
                    errors.push(&text);
                }
            }
        }));
        device.set_device_lost_callback({
            let (errors, lost) = (errors.clone(), Arc::clone(&lost));
            move |reason, message| {
                if reason != wgpu::DeviceLostReason::Destroyed {
                    errors.push(&format!("device lost: {message}"));
                }
                lost.store(true, Ordering::Release);
            }
        });
        let adapter = Arc::new(AdapterSummary::of(adapter));
        let pipelines = Pipelines::new(&device, &adapter, format, backdrops, &faults)?;
        let pipelines = Arc::new(pipelines);
        let pace = Arc::new(Mutex::new(first_pace(&adapter)));
        Ok(Self { device, queue, pipelines, adapter, errors, lost, gate, faults, pace })
    }

    /// Runs `make` and returns what the device says of it, instead of reporting it elsewhere.
    pub(super) fn checked<T>(&self, make: impl FnOnce(&wgpu::Device) -> T) -> Result<T, GpuError> {
        scoped(&self.device, make).map_err(|reason| self.failure(reason))
    }

    /// What a failure with this reason is: a lost device fails at everything, and may not have told
    /// yet.
    pub(super) fn failure(&self, reason: String) -> GpuError {
        if self.ask_whether_lost() { GpuError::Lost(reason) } else { GpuError::Device(reason) }
    }

    /// Submits work, once the window leaves the device to others.
    pub(super) fn submit(
        &self,
        commands: impl IntoIterator<Item = wgpu::CommandBuffer>,
    ) -> wgpu::SubmissionIndex {
        self.gate.pass(|| self.queue.submit(commands))
    }

    /// How fast exact sums have been on the device, from whatever points.
    pub(super) fn pace(&self) -> Pace {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in how fast a sum was.
    pub(super) fn remember_pace(&self, pace: Pace) {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = pace;
    }

    /// The adapter this runs on.
    pub fn adapter(&self) -> &AdapterSummary {
        &self.adapter
    }

    /// Errors that the driver reported and no call returned.
    pub fn errors(&self) -> &ErrorLog {
        &self.errors
    }

    /// Whether the device can sum, or why not.
    ///
    /// # Errors
    /// When it did not take the shader.
    pub fn can_sum(&self) -> Result<(), GpuError> {
        self.pipelines.gauss_sum.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// How many objects the program holds on the device by now, kind by kind; without the forms of
    /// the sums' pipelines that are made when they are first needed, and then kept.
    pub fn counts(&self) -> ObjectCounts {
        let hal = self.device.get_internal_counters().hal;
        let made_later = self.pipelines.gauss_sum.as_ref().map_or(0, SumPipelines::made_later)
            + self.pipelines.fast.as_ref().map_or(0, FastPipelines::made_later);
        ObjectCounts {
            buffers: hal.buffers.read(),
            texture_views: hal.texture_views.read(),
            bind_groups: hal.bind_groups.read(),
            pipelines: hal.render_pipelines.read() + hal.compute_pipelines.read()
                - made_later as isize,
        }
    }

    /// The faults that tests make strike here.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Destroys the device if `fault` strikes. A device that a driver loses says so at once, a
    /// destroyed one only when it has nothing left to do; here both do.
    pub fn lose_at(&self, fault: Fault) {
        if self.faults.strikes(fault) {
            self.lost.store(true, Ordering::Release);
            self.device.destroy();
        }
    }

    /// Whether the device is gone, after asking it. Does not wait.
    pub fn ask_whether_lost(&self) -> bool {
        // A lost device may panic when it is asked anything.
        let asked = catch_unwind(AssertUnwindSafe(|| self.device.poll(wgpu::PollType::Poll)));
        asked.is_err() || self.is_lost()
    }

    /// Whether the device is gone, as far as it has told.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

/// A cautious guess of how fast sums are, until the first has been seen.
fn first_pace(adapter: &AdapterSummary) -> Pace {
    Pace::new(Pace::HEADLESS, if adapter.software { 1e8 } else { 1e10 })
}

/// Numbers of objects on a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are WebGPU's own")]
pub struct ObjectCounts {
    pub buffers: isize,
    pub texture_views: isize,
    pub bind_groups: isize,
    pub pipelines: isize,
}

/// Runs `make` and returns what the device says of it.
pub(super) fn scoped<T>(
    device: &wgpu::Device,
    make: impl FnOnce(&wgpu::Device) -> T,
) -> Result<T, String> {
    let internal = device.push_error_scope(wgpu::ErrorFilter::Internal);
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let made = make(device);
    let errors = [validation, memory, internal].map(|scope| pollster::block_on(scope.pop()));
    match errors.into_iter().flatten().next() {
        None => Ok(made),
        Some(error) => Err(error.to_string()),
    }
}
