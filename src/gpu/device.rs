//! The device that computes and draws, with its error handling: uncaptured errors, loss, error
//! scopes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    AdapterSummary, ErrorLog, Gate, GpuError, Pipelines,
    adapter::{backends, choose_adapter, device_descriptor, enumerate, remedy},
    fast_pipelines::FastPipelines,
    faults::{Fault, Faults},
    kept_memory::KeptMemory,
    sum_pipelines::SumPipelines,
    sum_plan::SumDevice,
};
use crate::{engine::Pace, scheduler::DeviceKind};

/// Part of wgpu's message when a surface could not be reconfigured because the device was busy. The
/// old surface still works and the next frame tries again, so it is not reported as an error.
const SURFACE_WAITS: &str = "Failed to wait for GPU to come idle before reconfiguring";

/// An open device with its queue and its pipelines. Clones share it.
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
    /// The speed of exact sums, learned from those so far.
    pace: Arc<Mutex<Pace>>,
    /// What exact sums are laid out for.
    plans: SumDevice,
    /// Whether points are sorted for every sum, whatever it gains.
    always_sorts: bool,
    /// Whether the device's own clock tells what it takes.
    has_clock: bool,
    /// Memory that fields are read back into.
    pub(super) kept_memory: KeptMemory,
}

impl Gpu {
    /// Opens a device without a window: on the best adapter, or the best that matches `wanted` (see
    /// [`choose_adapter`]).
    ///
    /// # Errors
    /// When no adapter is usable, none matches, or its driver opens no device.
    pub fn headless(wanted: Option<&str>) -> Result<Self, GpuError> {
        // Listing OpenGL's adapters is slow and they rank last, so they are listed only where no
        // other back end has a card.
        let modern = enumerate(backends() - wgpu::Backends::GL);
        let is_card = |a: &wgpu::Adapter| a.get_info().device_type != wgpu::DeviceType::Cpu;
        let adapter = choose_adapter(&modern, wanted, is_card)
            .or_else(|_| choose_adapter(&enumerate(backends()), wanted, |_| true))?;
        let (device, queue) = pollster::block_on(
            adapter.request_device(&device_descriptor(&adapter)),
        )
        .map_err(|err| GpuError::NoDevice {
            adapter: adapter.get_info().name,
            reason: format!("{err}{}", remedy(&adapter.get_info())),
        })?;
        let format = wgpu::TextureFormat::Rgba8Unorm;
        let mut gpu = Self::new(&adapter, device, queue, format, &[], Gate::default())?;
        gpu.has_clock = has_timestamps(&gpu.device);
        Ok(gpu)
    }

    /// Takes over a device that was made with [`device_descriptor`]. `format` is the window's
    /// texture format, `backdrops` the background colours of plots (sRGB), and `gate` the gate that
    /// the window closes while it needs the device idle.
    ///
    /// # Errors
    /// When a shader that draws could not be compiled.
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
        let plans = SumDevice {
            kind: adapter.kind,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            max_groups: device.limits().max_compute_workgroups_per_dimension as usize,
        };
        let pipelines = Pipelines::new(&device, plans, format, backdrops, &faults)?;
        let pipelines = Arc::new(pipelines);
        let pace = Arc::new(Mutex::new(first_pace(&adapter)));
        // Mesa's llvmpipe takes the time when it rasterises what was drawn last, for sums between frames of
        // a window both times at once: a thousandth of what they took.
        let has_clock = has_timestamps(&device) && !adapter.software;
        let kept_memory = KeptMemory::default();
        Ok(Self {
            device,
            queue,
            pipelines,
            adapter,
            errors,
            lost,
            gate,
            faults,
            pace,
            plans,
            always_sorts: false,
            has_clock,
            kept_memory,
        })
    }

    /// Whether the device's own clock tells what it takes.
    pub(super) fn has_clock(&self) -> bool {
        self.has_clock
    }

    /// Gives back memory that is kept for fields to come.
    pub fn release_memory(&self) {
        self.kept_memory.release();
    }

    /// Runs `make` within an error scope: an error of the device becomes the result.
    pub(super) fn checked<T>(&self, make: impl FnOnce(&wgpu::Device) -> T) -> Result<T, GpuError> {
        scoped(&self.device, make).map_err(|reason| self.failure(reason))
    }

    /// The error for a failed call: [`GpuError::Lost`] if the device is gone, which makes every
    /// call fail, else [`GpuError::Device`].
    pub(super) fn failure(&self, reason: String) -> GpuError {
        if self.ask_whether_lost() { GpuError::Lost(reason) } else { GpuError::Device(reason) }
    }

    /// Submits work, once the gate is open.
    pub(super) fn submit(
        &self,
        commands: impl IntoIterator<Item = wgpu::CommandBuffer>,
    ) -> wgpu::SubmissionIndex {
        self.gate.pass(|| self.queue.submit(commands))
    }

    /// The speed of exact sums on the device, learned from all sums so far.
    pub(super) fn pace(&self) -> Pace {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the speed that a sum has learned.
    pub(super) fn remember_pace(&self, pace: Pace) {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = pace;
    }

    /// What exact sums are laid out for.
    pub(super) fn plans(&self) -> SumDevice {
        self.plans
    }

    /// The same device, whose exact sums are laid out as on an adapter of `kind`: for tests, since
    /// the software adapter carries out the layouts of cards, too.
    #[must_use]
    pub fn planned_as(mut self, kind: DeviceKind) -> Self {
        self.plans.kind = kind;
        self
    }

    /// The same device, which sorts points for every sum and leaves out what is out of reach, however
    /// little that gains: for tests.
    #[must_use]
    pub fn always_sorting(mut self) -> Self {
        self.always_sorts = true;
        self
    }

    /// Whether points are sorted for every sum.
    pub(super) fn always_sorts(&self) -> bool {
        self.always_sorts
    }

    /// The adapter of this device.
    pub fn adapter(&self) -> &AdapterSummary {
        &self.adapter
    }

    /// Errors of the driver that no call returned.
    pub fn errors(&self) -> &ErrorLog {
        &self.errors
    }

    /// Whether the device can compute exact sums.
    ///
    /// # Errors
    /// When the shader could not be compiled.
    pub fn can_sum(&self) -> Result<(), GpuError> {
        self.pipelines.gauss_sum.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Numbers of the program's objects on the device, by kind. Pipelines of sums that are made on
    /// demand and cached are not counted.
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

    /// The faults that tests inject into this device.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Destroys the device if `fault` strikes. It counts as lost at once, as after a loss by the
    /// driver, although wgpu reports a destroyed device only when it is idle.
    pub fn lose_at(&self, fault: Fault) {
        if self.faults.strikes(fault) {
            self.lost.store(true, Ordering::Release);
            self.device.destroy();
        }
    }

    /// Polls the device without waiting, then returns whether it is lost.
    pub fn ask_whether_lost(&self) -> bool {
        // Polling a lost device may panic.
        let asked = catch_unwind(AssertUnwindSafe(|| self.device.poll(wgpu::PollType::Poll)));
        asked.is_err() || self.is_lost()
    }

    /// Whether the device has been reported lost.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

fn has_timestamps(device: &wgpu::Device) -> bool {
    device.features().contains(wgpu::Features::TIMESTAMP_QUERY)
}

/// The assumed speed until the first slice has been timed, in pairs of the plane a second: too low
/// splits short sums into slices, too high makes the first ones delay a frame. An NVIDIA H200 sums
/// 3.3·10¹²; with a third of that, slices of 50 ms last up to half a second on a card a tenth as fast,
/// and a sum of 10⁵ by 10⁵ pairs is one submission.
fn first_pace(adapter: &AdapterSummary) -> Pace {
    let rate = match adapter.kind {
        DeviceKind::Discrete => 1e12,
        DeviceKind::Integrated => 3e10,
        DeviceKind::Virtual | DeviceKind::Other => 1e10,
        DeviceKind::Software => 4e8,
    };
    Pace::new(Pace::HEADLESS, rate)
}

/// Numbers of objects on a device, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are WebGPU's own")]
pub struct ObjectCounts {
    pub buffers: isize,
    pub texture_views: isize,
    pub bind_groups: isize,
    pub pipelines: isize,
}

/// Runs `make` within error scopes; the first error of the device becomes the result, as text.
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
