//! The device that computes and draws: which adapters there are, which one is taken, its limits.
//!
//! No optional feature is asked for. Limits start from the defaults (or what the adapter has, where
//! that is less) and are raised to the adapter's only where size matters: buffers and textures.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::Serialize;

use super::{ErrorLog, Gate, Pipelines};

/// Why nothing can be computed or drawn.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    /// No adapter, or none that runs compute shaders; where they were looked for.
    #[error(
        "no usable graphics adapter{0}: install a Vulkan, Metal, DirectX 12 or OpenGL driver (on \
         Debian and Ubuntu: apt-get install mesa-vulkan-drivers libgl1-mesa-dri), or compute without \
         one: sigmascope reduce --engine naive"
    )]
    NoAdapter(String),
    /// None whose name or driver contains what was asked for.
    #[error(
        "no usable graphics adapter matches '{wanted}' (found: {}): `sigmascope info` lists all; \
         without --adapter the best one is taken",
        found.join("; ")
    )]
    NoMatch {
        /// What was asked for.
        wanted: String,
        /// The titles of those that are usable.
        found: Vec<String>,
    },
    /// None that can draw where the window is to be.
    #[error("no graphics adapter can draw on this display{}", among(found))]
    NoneDraws {
        /// The titles of those that were asked.
        found: Vec<String>,
    },
    /// The adapter exists but gave no device.
    #[error("{adapter} gave no device: {reason}")]
    NoDevice {
        /// The adapter's name.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// More memory than the device gives.
    #[error(
        "{what} needs {needed} bytes, but one buffer on {adapter} holds at most {limit} bytes: use \
         fewer points"
    )]
    TooLarge {
        /// What was to be stored.
        what: &'static str,
        /// Its size in bytes.
        needed: u64,
        /// The device's limit in bytes.
        limit: u64,
        /// The adapter's name.
        adapter: String,
    },
    /// The system has no memory for it.
    #[error("there is no memory for {what} ({} MiB): make it smaller", needed >> 20)]
    NoMemory {
        /// What was to be stored.
        what: &'static str,
        /// Its size in bytes.
        needed: u64,
    },
    /// The driver reported an error.
    #[error("the graphics device reported: {0}")]
    Device(String),
    /// The device is gone.
    #[error("the graphics device was lost: {0}")]
    Lost(String),
    /// The device did not answer.
    #[error("the graphics device did not finish within {0} seconds")]
    Timeout(u64),
}

/// What to say of adapters that will not do for a window, and what to do about it.
fn among(found: &[String]) -> String {
    let found = match found {
        [] => String::new(),
        found => format!(" (found: {})", found.join("; ")),
    };
    format!(
        "{found}: `sigmascope info` lists all, --adapter takes another one; to draw without a \
         window, run `sigmascope render --out picture.png`"
    )
}

/// The most storage buffers that one of the shaders binds.
const STORAGE_BUFFERS: u32 = 5;

/// Part of the message with which a resized window reports that the device had no idle moment for
/// it. The old surface goes on working and the next frame tries again, so it is not an error here.
const SURFACE_WAITS: &str = "Failed to wait for GPU to come idle before reconfiguring";
/// How long the worker then holds back, so that the next try succeeds.
const SURFACE_PAUSE: Duration = Duration::from_millis(60);

/// What an adapter is, in words and numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdapterSummary {
    /// The driver's name for it.
    pub name: String,
    /// The interface it is reached by: vulkan, metal, dx12, gl.
    pub backend: String,
    /// discrete, integrated, virtual, software or other.
    pub kind: &'static str,
    /// The driver and its version.
    pub driver: String,
    /// Whether it is the processor pretending to be a graphics card.
    pub software: bool,
    /// Whether it runs compute shaders, which the program needs.
    pub usable: bool,
    /// The limits that bound what the program can do on it.
    pub limits: LimitsSummary,
}

/// The limits that matter here; sizes in bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are WebGPU's own")]
pub struct LimitsSummary {
    pub max_buffer_size: u64,
    pub max_storage_buffer_binding_size: u64,
    pub max_texture_dimension_2d: u32,
    pub max_compute_workgroup_storage_size: u32,
    pub max_compute_invocations_per_workgroup: u32,
    pub max_compute_workgroups_per_dimension: u32,
    pub max_storage_buffers_per_shader_stage: u32,
}

impl AdapterSummary {
    fn of(adapter: &wgpu::Adapter) -> Self {
        let info = adapter.get_info();
        let limits = adapter.limits();
        let software = info.device_type == wgpu::DeviceType::Cpu;
        Self {
            // Vulkan's llvmpipe adds its compiler's version; one space is enough anywhere.
            name: info.name.split_whitespace().collect::<Vec<_>>().join(" "),
            backend: info.backend.to_str().to_owned(),
            kind: match info.device_type {
                wgpu::DeviceType::DiscreteGpu => "discrete",
                wgpu::DeviceType::IntegratedGpu => "integrated",
                wgpu::DeviceType::VirtualGpu => "virtual",
                wgpu::DeviceType::Cpu => "software",
                wgpu::DeviceType::Other => "other",
            },
            driver: [info.driver.as_str(), info.driver_info.as_str()].join(" ").trim().to_owned(),
            software,
            usable: is_usable(adapter),
            limits: LimitsSummary {
                max_buffer_size: limits.max_buffer_size,
                max_storage_buffer_binding_size: limits.max_storage_buffer_binding_size,
                max_texture_dimension_2d: limits.max_texture_dimension_2d,
                max_compute_workgroup_storage_size: limits.max_compute_workgroup_storage_size,
                max_compute_invocations_per_workgroup: limits.max_compute_invocations_per_workgroup,
                max_compute_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
                max_storage_buffers_per_shader_stage: limits.max_storage_buffers_per_shader_stage,
            },
        }
    }

    /// The name with what a reader should know of it: `llvmpipe (software, vulkan)`.
    pub fn title(&self) -> String {
        format!("{} ({}, {})", self.name, self.kind, self.backend)
    }
}

fn is_usable(adapter: &wgpu::Adapter) -> bool {
    let flags = adapter.get_downlevel_capabilities().flags;
    flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
        && adapter.limits().max_storage_buffers_per_shader_stage >= STORAGE_BUFFERS
        && adapter.get_info().backend != wgpu::Backend::Noop
}

/// The back ends to look for adapters in: those that `WGPU_BACKEND` names, else all.
pub fn backends() -> wgpu::Backends {
    wgpu::Backends::from_env().unwrap_or(wgpu::Backends::PRIMARY | wgpu::Backends::GL)
}

fn instance(backends: wgpu::Backends) -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        flags: wgpu::InstanceFlags::from_build_config().with_env(),
        ..wgpu::InstanceDescriptor::new_without_display_handle_from_env()
    })
}

fn enumerate(backends: wgpu::Backends) -> Vec<wgpu::Adapter> {
    pollster::block_on(instance(backends).enumerate_adapters(backends))
}

/// All adapters of this machine, best first.
pub fn adapters() -> Vec<AdapterSummary> {
    let mut found = enumerate(backends());
    found.sort_by_key(rank);
    found.iter().map(AdapterSummary::of).collect()
}

/// Real devices before software ones, large before small, modern interfaces before OpenGL.
fn rank(adapter: &wgpu::Adapter) -> (bool, u8, bool) {
    let info = adapter.get_info();
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    };
    (!is_usable(adapter), kind, info.backend == wgpu::Backend::Gl)
}

/// The adapter to use: the first usable one by rank that `fits` and whose name, driver or kind
/// contains `wanted`.
///
/// # Errors
/// When there is none, with the adapters that were found.
pub fn choose_adapter(
    adapters: &[wgpu::Adapter],
    wanted: Option<&str>,
    fits: impl Fn(&wgpu::Adapter) -> bool,
) -> Result<wgpu::Adapter, GpuError> {
    let mut candidates: Vec<_> = adapters.iter().filter(|a| is_usable(a)).collect();
    candidates.sort_by_key(|a| rank(a));
    let matches = |adapter: &wgpu::Adapter| {
        wanted.is_none_or(|wanted| {
            let summary = AdapterSummary::of(adapter);
            let text = format!("{} {}", summary.title(), summary.driver).to_lowercase();
            text.contains(&wanted.to_lowercase())
        })
    };
    if let Some(found) = candidates.iter().find(|a| fits(a) && matches(a)) {
        return Ok((*found).clone());
    }
    let titles = |adapters: &[&wgpu::Adapter]| -> Vec<String> {
        adapters.iter().map(|adapter| AdapterSummary::of(adapter).title()).collect()
    };
    if candidates.is_empty() {
        return Err(GpuError::NoAdapter(match std::env::var("WGPU_BACKEND") {
            Ok(only) => {
                format!(" among those that WGPU_BACKEND={only} leaves (unset it to see all)")
            }
            Err(_) if adapters.is_empty() => String::new(),
            Err(_) => {
                let found: Vec<_> = adapters.iter().collect();
                format!(" (found, without compute shaders: {})", titles(&found).join("; "))
            }
        }));
    }
    let found = titles(&candidates);
    candidates.retain(|adapter| matches(adapter));
    Err(match wanted {
        Some(wanted) if candidates.is_empty() => {
            GpuError::NoMatch { wanted: wanted.to_owned(), found }
        }
        _ => GpuError::NoneDraws { found: titles(&candidates) },
    })
}

/// What to ask of an adapter: no feature, and sizes as large as it has.
pub fn device_descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
    let has = adapter.limits();
    let base = wgpu::Limits::default().or_worse_values_from(&has);
    wgpu::DeviceDescriptor {
        label: Some("sigmascope::device"),
        required_limits: wgpu::Limits {
            max_buffer_size: has.max_buffer_size,
            max_storage_buffer_binding_size: has.max_storage_buffer_binding_size,
            max_texture_dimension_2d: has.max_texture_dimension_2d,
            max_compute_workgroup_storage_size: has.max_compute_workgroup_storage_size,
            ..base
        },
        ..Default::default()
    }
}

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
        Ok(Self::new(&adapter, device, queue, format, Gate::default()))
    }

    /// Takes over a device that was made with [`device_descriptor`]; `format` is what the window
    /// draws into, and `gate` what it closes while it needs the device idle.
    pub fn new(
        adapter: &wgpu::Adapter,
        device: wgpu::Device,
        queue: wgpu::Queue,
        format: wgpu::TextureFormat,
        gate: Gate,
    ) -> Self {
        let errors = ErrorLog::default();
        let lost = Arc::new(AtomicBool::new(false));
        device.on_uncaptured_error(Arc::new({
            let (errors, gate) = (errors.clone(), gate.clone());
            move |error: wgpu::Error| {
                let text = error.to_string();
                if text.contains(SURFACE_WAITS) {
                    gate.close_for(SURFACE_PAUSE);
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
        let pipelines = Arc::new(Pipelines::new(&device, format));
        Self {
            device,
            queue,
            pipelines,
            adapter: Arc::new(AdapterSummary::of(adapter)),
            errors,
            lost,
            gate,
        }
    }

    /// Submits work, once the window leaves the device to others.
    pub(super) fn submit(
        &self,
        commands: impl IntoIterator<Item = wgpu::CommandBuffer>,
    ) -> wgpu::SubmissionIndex {
        self.gate.pass(|| self.queue.submit(commands))
    }

    /// The adapter this runs on.
    pub fn adapter(&self) -> &AdapterSummary {
        &self.adapter
    }

    /// Errors that the driver reported and no call returned.
    pub fn errors(&self) -> &ErrorLog {
        &self.errors
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_fits_what_is_missing() {
        let none = GpuError::NoAdapter(String::new()).to_string();
        assert!(none.contains("install") && none.contains("--engine naive"), "{none}");
        let found = vec!["one (discrete, vulkan)".to_owned(), "two (software, gl)".to_owned()];
        let wanted = "riva128".to_owned();
        let others = [
            GpuError::NoMatch { wanted, found: found.clone() },
            GpuError::NoneDraws { found },
            GpuError::NoneDraws { found: Vec::new() },
        ];
        for (k, err) in others.iter().enumerate() {
            let message = err.to_string();
            assert!(!message.contains("install"), "{message}");
            assert!(message.contains("sigmascope info"), "{message}");
            let list = "(found: one (discrete, vulkan); two (software, gl))";
            assert_eq!(message.contains(list), k < 2, "{message}");
        }
    }
}
