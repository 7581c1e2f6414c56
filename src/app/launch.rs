//! Opens the window, and opens it again on a fresh device when the old one is lost.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use eframe::{
    egui::ViewportBuilder,
    egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew},
};

use super::{SystemPicker, Window};
use crate::{
    gpu::{GpuError, backends, choose_adapter, device_descriptor},
    model::{Params, Theme},
};

/// What the window starts with.
#[derive(Clone, Debug)]
pub struct Startup {
    /// What to compute and how to show it.
    pub params: Params,
    /// Dark or light.
    pub theme: Theme,
    /// Take the adapter whose name contains this.
    pub adapter: Option<String>,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nothing to open it on.
    #[error(
        "no display: {0}. To draw without one, run `sigmascope render --out picture.png`; for \
         numbers, `sigmascope reduce`"
    )]
    NoDisplay(String),
    /// No device to draw with.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// Anything else.
    #[error("the window could not be opened: {0}")]
    Window(String),
}

/// What the window leaves behind when it has to be opened again.
pub(super) type Restart = Arc<Mutex<Option<Startup>>>;

/// Losses of a device within [`PATIENCE`] after which the window stays closed.
const MAX_LOSSES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When there is no display or no adapter, or the device is lost again and again.
pub fn run(mut startup: Startup) -> Result<(), AppError> {
    check_display()?;
    let mut losses: Vec<Instant> = Vec::new();
    loop {
        let restart = Restart::default();
        open(&startup, &restart)?;
        let Some(next) = restart.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(());
        };
        startup = next;
        losses.retain(|at| at.elapsed() < PATIENCE);
        losses.push(Instant::now());
        if losses.len() >= MAX_LOSSES {
            let times = format!("{} times within {} s", losses.len(), PATIENCE.as_secs());
            return Err(GpuError::Lost(format!(
                "{times}; try fewer points, --engine naive, or another adapter with --adapter"
            ))
            .into());
        }
    }
}

/// Looks for a display before the window system does, whose message would not help.
fn check_display() -> Result<(), AppError> {
    let unix = cfg!(all(unix, not(target_os = "macos")));
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if unix && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") {
        return Err(AppError::NoDisplay("neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned()));
    }
    Ok(())
}

fn open(startup: &Startup, restart: &Restart) -> Result<(), AppError> {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"));
    let mut viewport = ViewportBuilder::default()
        .with_title("sigmascope")
        .with_app_id("sigmascope")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([640.0, 420.0])
        .with_drag_and_drop(true);
    if let Ok(icon) = icon {
        viewport = viewport.with_icon(icon);
    }
    let options = eframe::NativeOptions {
        viewport,
        wgpu_options: WgpuConfiguration {
            wgpu_setup: wgpu_setup(startup.adapter.as_deref()),
            ..Default::default()
        },
        ..Default::default()
    };
    let (startup, restart) = (startup.clone(), Arc::clone(restart));
    eframe::run_native(
        "sigmascope",
        options,
        Box::new(|cc| {
            let ctx = cc.egui_ctx.clone();
            let picker = SystemPicker::new(move || ctx.request_repaint());
            Ok(Box::new(Window::new(cc, startup, Box::new(picker), restart)?))
        }),
    )
    .map_err(|err| match err {
        eframe::Error::Wgpu(err) => AppError::Gpu(GpuError::NoAdapter(format!(" ({err})"))),
        eframe::Error::WinitEventLoop(err) => AppError::NoDisplay(err.to_string()),
        eframe::Error::AppCreation(err) => AppError::Window(err.to_string()),
        eframe::Error::Winit(err) => AppError::Window(err.to_string()),
    })
}

/// How the window gets its device: the best adapter that can draw on the display, with the limits
/// that the sums need.
pub fn wgpu_setup(adapter: Option<&str>) -> WgpuSetup {
    let adapter = adapter.map(str::to_owned);
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = backends();
    setup.native_adapter_selector = Some(Arc::new(move |adapters, surface| {
        choose_adapter(adapters, adapter.as_deref(), |candidate| {
            surface.is_none_or(|surface| candidate.is_surface_supported(surface))
        })
        .map_err(|err| err.to_string())
    }));
    setup.device_descriptor = Arc::new(device_descriptor);
    WgpuSetup::CreateNew(setup)
}
