//! Opens the window, and opens it again on a fresh device when the old one is lost.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use eframe::{
    UserEvent,
    egui::ViewportBuilder,
    egui_wgpu::{SurfaceErrorAction, WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew},
};
use winit::{
    event_loop::{ControlFlow, EventLoop},
    platform::run_on_demand::EventLoopExtRunOnDemand,
};

use super::{Handover, Startup, SystemPicker, Window, events::GatedApp, handover::AbnormalExit};
use crate::{
    escape::{escaped, escaped_path},
    gpu::{
        CurrentSurfaceTexture, Gate, GpuError, backends, choose_adapter, device_descriptor,
        short_of_space,
    },
    session::{Notice, NoticeKind, give_way, keep_little},
};

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no display to open it on.
    #[error(
        "no display: {0}. To draw without one, run `sigmascope render --out picture.png`; for \
         numbers, `sigmascope reduce`"
    )]
    NoDisplay(String),
    /// There is no device to draw with.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The window system or eframe failed.
    #[error("the window could not be opened: {0}")]
    Window(String),
    /// A panic ended it.
    #[error("an internal error ended the window: {reason}\n{left}")]
    Crashed {
        /// What the panic said.
        reason: String,
        /// What became of what was on screen.
        left: String,
    },
}

/// The first error while the window was made; eframe does not pass it on.
type FirstError = Arc<Mutex<Option<AppError>>>;

/// The window's size unless another one is remembered, in logical pixels.
pub(super) const DEFAULT_SIZE: [f32; 2] = [1280.0, 800.0];
/// The least size of the window, in logical pixels: with the side panel folded, the plot still has
/// most of it.
const LEAST_SIZE: [f32; 2] = [800.0, 600.0];

/// After this many losses of the device within [`LOSS_WINDOW`] the next window computes nothing
/// until the user has chosen how.
const MAX_LOSSES: usize = 3;
/// The time within which losses of the device are counted. With more, unrelated losses add up; with
/// less, a device that works for some seconds each time is opened again without end.
const LOSS_WINDOW: Duration = Duration::from_secs(10);

/// [`LOSS_WINDOW`]; tests say how many seconds it is in `SIGMASCOPE_LOSSES_WITHIN`, so that they neither
/// wait for it nor depend on it.
fn loss_window() -> Duration {
    // What makes no sense was refused at the start.
    named_loss_window().ok().flatten().unwrap_or(LOSS_WINDOW)
}

/// What tests set in its place.
#[cfg(feature = "faults")]
fn named_loss_window() -> Result<Option<Duration>, String> {
    let Some(seconds) = std::env::var_os("SIGMASCOPE_LOSSES_WITHIN") else { return Ok(None) };
    let seconds = seconds.to_string_lossy();
    match seconds.parse() {
        Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
        Err(_) => Err(format!(
            "SIGMASCOPE_LOSSES_WITHIN is '{}': expected whole seconds",
            escaped(&seconds)
        )),
    }
}

/// What ships has no such variable.
#[cfg(not(feature = "faults"))]
#[expect(clippy::unnecessary_wraps, reason = "with the feature it may fail")]
fn named_loss_window() -> Result<Option<Duration>, String> {
    Ok(None)
}

/// Refuses a variable of the environment that the window reads, where it makes no sense.
///
/// # Errors
/// When it does not; the message names it.
pub fn check_variable() -> Result<(), String> {
    named_loss_window().map(drop)
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When there is no display or no adapter, the device is lost even when it computes nothing, or the
/// window crashes.
pub fn run(mut startup: Startup) -> Result<(), AppError> {
    check_display()?;
    if let Some(why) = short_of_space() {
        return Err(GpuError::NoAdapter(why).into());
    }
    keep_little();
    // The threads that share sums.
    rayon::broadcast(|_| give_way());
    let mut event_loop = EventLoop::<UserEvent>::with_user_event().build().map_err(|err| {
        log::error!("{err}");
        let name = |variable| std::env::var(variable).ok().filter(|name| !name.is_empty());
        let display = name("WAYLAND_DISPLAY").or_else(|| name("DISPLAY")).unwrap_or_default();
        AppError::NoDisplay(format!("the display '{}' does not answer", escaped(&display)))
    })?;
    let mut losses: Vec<Instant> = Vec::new();
    loop {
        let handover = Handover::default();
        open(&mut event_loop, &startup, &handover)?;
        let Some((how, next)) = handover.take_end() else { return Ok(()) };
        if let AbnormalExit::Crashed(reason) = how {
            let left = leave(&next);
            return Err(AppError::Crashed { reason, left });
        }
        startup = after_loss(next, &mut losses)?;
    }
}

/// What the next window starts with after the device of one was lost.
fn after_loss(mut startup: Startup, losses: &mut Vec<Instant>) -> Result<Startup, AppError> {
    losses.retain(|at| at.elapsed() < loss_window());
    losses.push(Instant::now());
    if startup.held {
        let reason =
            "again and again, even with nothing to compute; take another one with --adapter";
        return Err(GpuError::Lost(reason.to_owned()).into());
    }
    let text = "The graphics device was lost: the window was opened anew on a fresh one, and \
                everything is computed again";
    let notice = Notice { kind: NoticeKind::Lost, text: text.to_owned() };
    startup.notices.retain(|other| *other != notice);
    if losses.len() >= MAX_LOSSES {
        losses.clear();
        startup.held = true;
    } else {
        startup.notices.push(notice);
    }
    startup.frame_log = startup.frame_log.map(|log| log.next_window());
    Ok(startup)
}

/// Saves what a window that crashed had on screen; returns a sentence about where it is.
fn leave(startup: &Startup) -> String {
    let kept = startup.files.as_ref().map(|files| startup.saved.leave(files));
    match kept {
        Some(Ok(path)) => {
            let path = escaped_path(&path);
            format!("What was on screen is kept in {path}; the next start offers it")
        }
        Some(Err(err)) => format!("What was on screen is lost: {err}"),
        None => "What was on screen is lost: there is no folder for settings".to_owned(),
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

/// Opens one window and returns when it is closed.
fn open(
    event_loop: &mut EventLoop<UserEvent>,
    startup: &Startup,
    handover: &Handover,
) -> Result<(), AppError> {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"));
    let mut viewport = ViewportBuilder::default()
        .with_title("sigmascope")
        .with_app_id("sigmascope")
        .with_inner_size(startup.settings.window.unwrap_or(DEFAULT_SIZE))
        .with_min_inner_size(LEAST_SIZE)
        .with_drag_and_drop(true);
    if let Ok(icon) = icon {
        viewport = viewport.with_icon(icon);
    }
    let (gate, reason) = (Gate::default(), FirstError::default());
    let opened = Arc::new(AtomicBool::new(false));
    let options = eframe::NativeOptions {
        viewport,
        wgpu_options: WgpuConfiguration {
            wgpu_setup: setup(startup.adapter.as_deref(), &reason),
            on_surface_status: on_surface_status(&gate),
            ..Default::default()
        },
        // It costs more than all else in a frame on a software device, and nothing here needs it.
        dithering: false,
        ..Default::default()
    };
    let creator: eframe::AppCreator<'_> = Box::new({
        let (startup, handover) = (startup.clone(), handover.clone());
        let (gate, reason, opened) = (gate.clone(), Arc::clone(&reason), Arc::clone(&opened));
        move |cc| {
            opened.store(true, Ordering::Release);
            let ctx = cc.egui_ctx.clone();
            let picker = SystemPicker::new(move || ctx.request_repaint());
            match Window::new(cc, startup, Box::new(picker), handover, gate) {
                Ok(window) => Ok(Box::new(window)),
                Err(err) => {
                    remember(&reason, AppError::Window(err.to_string()));
                    Err(err.into())
                }
            }
        }
    });
    event_loop.set_control_flow(ControlFlow::Wait);
    let app = eframe::create_native("sigmascope", options, creator, event_loop);
    let ran = event_loop.run_app_on_demand(&mut GatedApp::new(app, gate, handover));
    match (reason.lock().unwrap_or_else(PoisonError::into_inner).take(), ran) {
        (Some(reason), _) => Err(reason),
        (None, Ok(())) if opened.load(Ordering::Acquire) => Ok(()),
        // The display took the window, and no back end took the display.
        (None, Ok(())) => Err(GpuError::NoneDraws { found: Vec::new() }.into()),
        (None, Err(err)) => Err(AppError::Window(err.to_string())),
    }
}

/// Keeps an error, unless there is one already.
fn remember(reason: &FirstError, err: AppError) {
    reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(err);
}

/// egui's default reaction, with the gate closed before: the surface is configured right
/// afterwards, for which the device must be idle.
fn on_surface_status(
    gate: &Gate,
) -> Arc<dyn Fn(&CurrentSurfaceTexture) -> SurfaceErrorAction + Send + Sync> {
    let (gate, usual) = (gate.clone(), WgpuConfiguration::default().on_surface_status);
    Arc::new(move |status| {
        gate.close_for_surface();
        usual(status)
    })
}

/// How the window gets its device: the best adapter that can draw on the display, with the limits
/// that the sums need.
pub fn wgpu_setup(adapter: Option<&str>) -> WgpuSetup {
    setup(adapter, &FirstError::default())
}

fn setup(adapter: Option<&str>, reason: &FirstError) -> WgpuSetup {
    let (adapter, reason) = (adapter.map(str::to_owned), Arc::clone(reason));
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = backends();
    setup.native_adapter_selector = Some(Arc::new(move |adapters, surface| {
        choose_adapter(adapters, adapter.as_deref(), |candidate| {
            surface.is_none_or(|surface| candidate.is_surface_supported(surface))
        })
        .map_err(|err| {
            let text = err.to_string();
            remember(&reason, err.into());
            text
        })
    }));
    setup.device_descriptor = Arc::new(device_descriptor);
    WgpuSetup::CreateNew(setup)
}
