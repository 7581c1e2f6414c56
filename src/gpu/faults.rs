//! Faults that tests inject, to show that the program survives lost devices and a lack of memory.
//!
//! Without the feature `faults` no fault strikes: [`Faults`] is empty and [`Faults::strikes`]
//! always false. With it a fault strikes once for each time that it is armed: by `Faults::arm`
//! within the process, or from outside by an empty file of its name in the folder that
//! `SIGMASCOPE_FAULTS` names, which is deleted when the fault strikes.

#[cfg(feature = "faults")]
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// A fault, and the place in the program where it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The device is destroyed while it is idle.
    LossWhenIdle,
    /// The device is destroyed between two slices of a sum.
    LossInSum,
    /// The device is destroyed after a frame was prepared and before it is painted.
    LossBeforePaint,
    /// The device is destroyed while a picture is drawn.
    LossInPicture,
    /// The device is destroyed while points are loaded or sampled.
    LossInLoad,
    /// A buffer cannot be allocated.
    NoMemoryForBuffer,
    /// A texture cannot be allocated.
    NoMemoryForTexture,
    /// Waiting for a submission times out.
    PollTimeout,
    /// A buffer cannot be mapped.
    MapFails,
    /// The shader of the exact sum does not compile.
    BrokenShader,
    /// The worker thread panics.
    WorkerPanic,
    /// A loader of points panics.
    LoaderPanic,
    /// The window's thread panics.
    WindowPanic,
}

impl Fault {
    /// The name of the file that arms the fault.
    #[cfg(feature = "faults")]
    fn name(self) -> &'static str {
        match self {
            Self::LossWhenIdle => "loss-when-idle",
            Self::LossInSum => "loss-in-sum",
            Self::LossBeforePaint => "loss-before-paint",
            Self::LossInPicture => "loss-in-picture",
            Self::LossInLoad => "loss-in-load",
            Self::NoMemoryForBuffer => "no-memory-for-buffer",
            Self::NoMemoryForTexture => "no-memory-for-texture",
            Self::PollTimeout => "poll-timeout",
            Self::MapFails => "map-fails",
            Self::BrokenShader => "broken-shader",
            Self::WorkerPanic => "worker-panic",
            Self::LoaderPanic => "loader-panic",
            Self::WindowPanic => "window-panic",
        }
    }
}

/// The armed faults. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    #[cfg(feature = "faults")]
    armed: Arc<Mutex<Vec<Fault>>>,
}

impl Faults {
    /// Arms `fault`, to strike once more.
    #[cfg(feature = "faults")]
    pub fn arm(&self, fault: Fault) {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// Whether `fault` is armed; disarms it once.
    #[cfg(feature = "faults")]
    pub fn strikes(&self, fault: Fault) -> bool {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(k) = armed.iter().position(|other| *other == fault) {
            armed.remove(k);
            return true;
        }
        let folder = std::env::var_os("SIGMASCOPE_FAULTS").map(PathBuf::from);
        folder.is_some_and(|folder| std::fs::remove_file(folder.join(fault.name())).is_ok())
    }

    /// Always false.
    #[cfg(not(feature = "faults"))]
    pub fn strikes(&self, _: Fault) -> bool {
        false
    }

    /// Panics if `fault` strikes.
    ///
    /// # Panics
    /// When `fault` strikes.
    pub fn panic_at(&self, fault: Fault) {
        assert!(!self.strikes(fault), "{fault:?} was injected");
    }
}

/// What a poorer device would have.
#[cfg(feature = "faults")]
#[derive(Clone, Copy)]
enum Poorer {
    Downlevel,
    Binding(u32),
    Groups(u32),
}

/// The device that `SIGMASCOPE_LIMITS` asks for: `downlevel`, `binding=BYTES` or `groups=COUNT`.
#[cfg(feature = "faults")]
fn poorer() -> Result<Option<Poorer>, String> {
    let Some(wanted) = std::env::var_os("SIGMASCOPE_LIMITS") else { return Ok(None) };
    let wanted = wanted.to_string_lossy();
    let found = match wanted.split_once('=') {
        None if wanted == "downlevel" => Some(Poorer::Downlevel),
        Some(("binding", bytes)) => bytes.parse().ok().map(Poorer::Binding),
        Some(("groups", count)) => count.parse().ok().map(Poorer::Groups),
        _ => None,
    };
    let wanted = crate::escape::escaped(&wanted);
    let message =
        || format!("SIGMASCOPE_LIMITS is '{wanted}': expected downlevel, binding=… or groups=…");
    found.ok_or_else(message).map(Some)
}

impl Faults {
    /// Refuses a `SIGMASCOPE_LIMITS` that makes no sense.
    ///
    /// # Errors
    /// When it does not; the message names it.
    #[cfg(feature = "faults")]
    pub fn check_variables() -> Result<(), String> {
        poorer().map(drop)
    }

    /// There is nothing to refuse.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(feature = "faults"))]
    pub fn check_variables() -> Result<(), String> {
        Ok(())
    }
}

/// `limits`, lowered as `SIGMASCOPE_LIMITS` says, to test devices with less.
#[cfg(feature = "faults")]
pub(super) fn limited(limits: wgpu::Limits) -> wgpu::Limits {
    // What makes no sense was refused at the start.
    match poorer().ok().flatten() {
        None => limits,
        Some(Poorer::Downlevel) => wgpu::Limits::downlevel_defaults().or_worse_values_from(&limits),
        Some(Poorer::Binding(bytes)) => {
            wgpu::Limits { max_storage_buffer_binding_size: u64::from(bytes), ..limits }
        }
        Some(Poorer::Groups(count)) => {
            wgpu::Limits { max_compute_workgroups_per_dimension: count, ..limits }
        }
    }
}

/// `limits`, unchanged.
#[cfg(not(feature = "faults"))]
pub(super) fn limited(limits: wgpu::Limits) -> wgpu::Limits {
    limits
}
