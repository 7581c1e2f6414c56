//! Lists the graphics adapters, chooses one, and describes the device to request from it.
//!
//! No optional feature is requested. Limits are wgpu's defaults (the adapter's, where those are
//! lower), and the adapter's for the sizes of buffers, workgroup memory and textures.

use serde::Serialize;

use super::{GpuError, faults::limited};
use crate::{escape::escaped, memory::left_by_limits, numbers::format_si, scheduler::DeviceKind};

/// The most storage buffers that an entry point of the shaders binds.
const STORAGE_BUFFERS: u32 = 4;

/// An adapter's name, kind, driver and limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdapterSummary {
    /// The adapter's name, as the driver gives it.
    pub name: String,
    /// The graphics interface: vulkan, metal, dx12 or gl.
    pub backend: String,
    /// What kind of device it is.
    pub kind: DeviceKind,
    /// The driver and its version.
    pub driver: String,
    /// Whether it is a software adapter, which runs shaders on the processor.
    pub software: bool,
    /// Whether it runs compute shaders with as many storage buffers as the program needs, and, as far as that
    /// was tried, opens a device.
    pub usable: bool,
    /// Why it is not usable.
    pub hindrance: Option<String>,
    /// The limits that bound problem sizes.
    pub limits: LimitsSummary,
}

/// The limits that bound problem sizes: bytes, pixels or counts.
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
    pub(super) fn of(adapter: &wgpu::Adapter) -> Self {
        let info = adapter.get_info();
        let limits = adapter.limits();
        let software = info.device_type == wgpu::DeviceType::Cpu;
        Self {
            // Some drivers' names contain runs of spaces.
            name: info.name.split_whitespace().collect::<Vec<_>>().join(" "),
            backend: info.backend.to_str().to_owned(),
            kind: match info.device_type {
                wgpu::DeviceType::DiscreteGpu => DeviceKind::Discrete,
                wgpu::DeviceType::IntegratedGpu => DeviceKind::Integrated,
                wgpu::DeviceType::VirtualGpu => DeviceKind::Virtual,
                wgpu::DeviceType::Cpu => DeviceKind::Software,
                wgpu::DeviceType::Other => DeviceKind::Other,
            },
            driver: [info.driver.as_str(), info.driver_info.as_str()].join(" ").trim().to_owned(),
            software,
            usable: is_usable(adapter),
            hindrance: (!is_usable(adapter)).then(|| "no compute shaders".to_owned()),
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

    /// The name with the kind and the interface: `llvmpipe (software, vulkan)`.
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

/// The back ends in which adapters are searched: those that `WGPU_BACKEND` names, else all.
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

/// What a driver of software needs of address space; with less some crash instead of failing.
const DRIVER_SPACE: u64 = 1536 << 20;

/// Why no driver is asked, where the address space of the process is limited to too little for one,
/// as ` (…)`; `None` where there is enough.
pub fn short_of_space() -> Option<String> {
    let left = left_by_limits().filter(|left| *left < DRIVER_SPACE)?;
    let [left, needed] = [left, DRIVER_SPACE].map(|bytes| format_si(bytes as f64, "B"));
    Some(format!(" (ulimit leaves {left} of memory, and a driver may need {needed})"))
}

/// The adapters of `backends`, in no particular order; none where there is no memory for their drivers.
pub(super) fn enumerate(backends: wgpu::Backends) -> Vec<wgpu::Adapter> {
    if short_of_space().is_some() {
        return Vec::new();
    }
    pollster::block_on(instance(backends).enumerate_adapters(backends))
}

/// All adapters of this machine, in the order in which [`choose_adapter`] prefers them.
pub fn adapters() -> Vec<AdapterSummary> {
    let mut found = enumerate(backends());
    found.sort_by_key(rank);
    let mut summaries: Vec<_> = found.iter().map(tried).collect();
    // In their order, those that turned out not to be usable last.
    summaries.sort_by_key(|summary| !summary.usable);
    summaries
}

/// An adapter's summary. One of OpenGL is opened where there is no display: some drivers list an adapter
/// then, and lose every device of it.
fn tried(adapter: &wgpu::Adapter) -> AdapterSummary {
    let mut summary = AdapterSummary::of(adapter);
    if summary.usable && needs_display(adapter.get_info().backend, has_display()) {
        let opened = pollster::block_on(adapter.request_device(&device_descriptor(adapter)));
        if let Err(err) = opened {
            summary.usable = false;
            summary.hindrance = Some(format!("no device without a display: {err}"));
        }
    }
    summary
}

/// Whether a driver of `backend` may open no device because there is no display.
fn needs_display(backend: wgpu::Backend, has_display: bool) -> bool {
    backend == wgpu::Backend::Gl && !has_display
}

/// Whether there is a display, as far as the environment says.
fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos"))) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// What to do where an adapter opened no device, to go after the driver's message.
pub(super) fn remedy(adapter: &wgpu::AdapterInfo) -> String {
    remedy_for(adapter.backend, has_display(), std::env::var_os("WGPU_BACKEND").is_some())
}

fn remedy_for(backend: wgpu::Backend, has_display: bool, is_asked_for: bool) -> String {
    if !needs_display(backend, has_display) {
        return String::new();
    }
    let unset = if is_asked_for { "unset WGPU_BACKEND to take another interface, or " } else { "" };
    format!(
        "; this driver of OpenGL needs a display, and neither DISPLAY nor WAYLAND_DISPLAY names one: {unset}start \
         it where there is one, or compute with --engine simd"
    )
}

/// Sort key of an adapter: usable ones first, then discrete, integrated, virtual, unknown,
/// software; OpenGL last among equals.
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

/// The first usable adapter, by rank, that `fits` accepts and whose name, kind, back end or driver
/// contains `wanted`, whatever the case of its letters.
///
/// # Errors
/// When there is none; the error names the adapters that were found.
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
                let only = escaped(&only);
                format!(" among those that WGPU_BACKEND={only} leaves (unset it to see all)")
            }
            Err(_) if adapters.is_empty() => short_of_space().unwrap_or_default(),
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

/// The device to request from an adapter: of the optional features timestamps alone, where it has them, and
/// the adapter's own limits for the sizes of buffers, workgroup memory and textures.
pub fn device_descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
    let has = adapter.limits();
    let base = wgpu::Limits::default().or_worse_values_from(&has);
    wgpu::DeviceDescriptor {
        label: Some("sigmascope::device"),
        required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
        required_limits: limited(wgpu::Limits {
            max_buffer_size: has.max_buffer_size,
            max_storage_buffer_binding_size: has.max_storage_buffer_binding_size,
            max_texture_dimension_2d: has.max_texture_dimension_2d,
            max_compute_workgroup_storage_size: has.max_compute_workgroup_storage_size,
            ..base
        }),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_without_a_display_says_what_to_do() {
        let told = remedy_for(wgpu::Backend::Gl, false, true);
        assert!(told.contains("unset WGPU_BACKEND") && told.contains("DISPLAY"), "{told}");
        let told = remedy_for(wgpu::Backend::Gl, false, false);
        assert!(!told.contains("WGPU_BACKEND") && told.contains("--engine simd"), "{told}");
        assert_eq!(remedy_for(wgpu::Backend::Gl, true, true), "");
        assert_eq!(remedy_for(wgpu::Backend::Vulkan, false, true), "");
    }
}
