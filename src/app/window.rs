//! The window as a whole: passes what the panels want on to the session, and its scenes to them.

mod execute;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::Instant,
};

use eframe::egui::{
    self, CentralPanel, ColorImage, Context, Frame, Margin, Panel, Ui, ViewportCommand,
};

use super::{
    FrameLog, Handover, Picked, Picker, Startup,
    color_bar::color_bar_ui,
    compare::{CompareState, compare_ui},
    controls::{ControlsState, controls_ui},
    handover::Untimely,
    launch::DEFAULT_SIZE,
    menu::menu_ui,
    notices::Notices,
    overlay::{drop_hint, overlay_ui, stale},
    plot::{PlotState, plot_ui},
    preferences::Preferences,
    questions::{held_ui, recovered_ui},
    save::{SaveState, save_ui},
    shortcuts::{pressed, sheet_ui},
    status::status_ui,
    style,
};
use crate::{
    color::lut,
    figure::Palette,
    gpu::{Fault, Gate, Gpu, GpuError, LutTexture, ScatterDraw},
    model::{ColorMap, Input, Params, Stage},
    session::{Job, Look, Notice, NoticeKind, Outcome, Saved, Scene, Session, State},
};

/// Why the window cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The window system gave no device.
    #[error("the window has no graphics device")]
    NoDevice,
    /// The device failed at once.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// No thread for the worker.
    #[error("no thread for the sums: {0}")]
    Thread(#[from] std::io::Error),
}

/// What draws the newest scene: made anew when the scene or the colours change.
struct Drawing {
    version: u64,
    color_map: ColorMap,
    lut: LutTexture,
    draw: ScatterDraw,
}

/// The program's window.
pub struct Window {
    session: Session,
    /// What the user wants.
    params: Params,
    preferences: Preferences,
    adapter: Option<String>,
    state: State,
    drawing: Option<Drawing>,
    plot: PlotState,
    controls: ControlsState,
    save: SaveState,
    compare: CompareState,
    notices: Notices,
    shortcuts: bool,
    picker: Box<dyn Picker>,
    handover: Handover,
    /// Which scene's values were asked for.
    values_asked: u64,
    /// The screenshot that was asked for, once it is there.
    screenshot: Arc<std::sync::Mutex<Option<Arc<ColorImage>>>>,
    closing: bool,
    /// Since when what is on screen is not what is wanted.
    stale_since: Option<Instant>,
    /// What a window that crashed had on screen, while it is offered.
    recovered: Option<Saved>,
    slice_seconds: f64,
    /// Whether nothing is computed until the user says how.
    held: bool,
    frame_log: Option<FrameLog>,
    frame_began: Instant,
}

impl Window {
    /// Takes over the window that eframe made. `handover` is what the next window gets if the
    /// device is lost, `gate` what is closed while the surface is made anew.
    ///
    /// # Errors
    /// When there is no device or no thread to be had.
    pub fn new(
        cc: &eframe::CreationContext<'_>,
        startup: Startup,
        mut picker: Box<dyn Picker>,
        handover: Handover,
        gate: Gate,
    ) -> Result<Self, StartError> {
        let render = cc.wgpu_render_state.as_ref().ok_or(StartError::NoDevice)?;
        let gpu = Gpu::new(
            &render.adapter,
            render.device.clone(),
            render.queue.clone(),
            render.target_format,
            &[true, false].map(|dark| Palette::of(dark).background),
            gate,
        )?;
        handover.keep(startup.clone());
        style::install(&cc.egui_ctx);
        style::set_theme(&cc.egui_ctx, startup.theme());
        let Startup { saved, settings, files, adapter, frame_log, recovered, notices, .. } =
            startup;
        let Startup { source, slice_seconds, held, .. } = startup;
        let ctx = cc.egui_ctx.clone();
        handover.draws_with(&gpu);
        let wake = move || ctx.request_repaint();
        let mut session = Session::with_source(gpu, source, slice_seconds, wake)?;
        session.advise();
        if !held {
            session.apply(&saved.params);
        }
        if let Some(folder) = &settings.folder {
            picker.begin_in(folder);
        }
        Ok(Self {
            session,
            params: saved.params,
            preferences: Preferences::new(files, settings),
            adapter,
            state: State::default(),
            drawing: None,
            plot: PlotState::at(saved.look),
            controls: ControlsState::default(),
            save: SaveState::default(),
            compare: CompareState::default(),
            notices: Notices::of(notices),
            shortcuts: false,
            picker,
            handover,
            values_asked: 0,
            screenshot: Arc::default(),
            closing: false,
            stale_since: None,
            recovered,
            slice_seconds,
            held,
            frame_log,
            frame_began: Instant::now(),
        })
    }

    /// The session behind the window.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What the user wants at present.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The same, to change from outside; taken up with the next frame.
    pub fn params_mut(&mut self) -> &mut Params {
        &mut self.params
    }

    /// Whether a dialog is open, which has the keys to itself.
    fn asks(&self) -> bool {
        self.save.open || self.held || self.recovered.is_some()
    }

    fn scene(&self) -> Option<&Arc<Scene>> {
        self.state.scene.as_ref()
    }

    /// Takes in what came from the worker, the dialogs and the system.
    fn receive(&mut self, ctx: &Context) {
        self.state = self.session.state();
        if self.state.rejected {
            // What cannot be had is not wanted any longer: the controls show what is on screen.
            let look = self.params.view;
            let good = self.scene().map_or_else(
                || Params { input: Input::Generated, ..self.params.clone() },
                |scene| scene.params.clone(),
            );
            self.params = Params { view: look, ..good };
            self.session.revert(&self.params);
            self.keep();
            self.state = self.session.state();
        }
        for notice in self.session.take_notices() {
            self.notices.push(notice);
        }
        for outcome in self.session.take_outcomes() {
            let Outcome::Picture { rgba, size } = outcome;
            let size = size.map(|side| side as usize);
            ctx.copy_image(ColorImage::from_rgba_unmultiplied(size, &rgba));
        }
        match self.picker.picked() {
            Some(Picked::Points(path)) => self.load(ctx, path, None),
            Some(Picked::Sources(path)) => {
                self.preferences.remember_folder_of(ctx, &path);
                if let Input::Files { sources, .. } = &mut self.params.input {
                    *sources = Some(path);
                    self.params.m = None;
                }
            }
            Some(Picked::Picture(path)) => self.save.chosen(&path),
            None => {}
        }
        let dropped: Vec<PathBuf> = ctx
            .input(|i| i.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        let mut dropped = dropped.into_iter();
        if let Some(targets) = dropped.next() {
            self.load(ctx, targets, dropped.next());
        }
        let shot = self.screenshot.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(image) = shot {
            self.save_window(image);
        }
        self.prepare_drawing();
    }

    fn prepare_drawing(&mut self) {
        let Some(scene) = self.state.scene.clone() else { return };
        let color_map = self.params.view.color_map;
        let current = self.drawing.as_ref();
        if current.is_some_and(|d| d.version == scene.version && d.color_map == color_map) {
            return;
        }
        let gpu = self.session.gpu();
        let made = current
            .filter(|drawing| drawing.color_map == color_map)
            .map_or_else(|| LutTexture::new(gpu, &lut(color_map)), |d| Ok(d.lut.clone()))
            .and_then(|lut| {
                let draw = ScatterDraw::for_window(gpu, &scene.places, &scene.field, &lut)?;
                Ok(Drawing { version: scene.version, color_map, lut, draw })
            });
        match made {
            Ok(drawing) => self.drawing = Some(drawing),
            Err(err) => {
                self.notices.push(Notice { kind: NoticeKind::Failed, text: err.to_string() });
            }
        }
    }

    /// Passes on what the user wants by now, if it is something new.
    fn pass_on(&mut self) {
        if self.held {
            return;
        }
        if self.session.apply(&self.params) > Stage::Nothing {
            self.keep();
        }
    }

    /// Leaves what another window needs to go on from here.
    fn keep(&self) {
        self.keep_with(self.notices.unread());
    }

    fn keep_with(&self, notices: Vec<Notice>) {
        self.handover.keep(Startup {
            saved: Saved { params: self.params.clone(), look: self.plot.look },
            settings: self.preferences.settings().clone(),
            files: self.preferences.files().cloned(),
            adapter: self.adapter.clone(),
            frame_log: self.frame_log.clone(),
            recovered: self.recovered.clone(),
            notices,
            source: self.session.source(),
            slice_seconds: self.slice_seconds,
            held: self.held,
        });
    }

    /// Takes note of a size that the user gave the window.
    fn remember_size(&mut self, ctx: &Context) {
        let (free, size) = ctx.input(|i| {
            let viewport = i.viewport();
            let fixed = [viewport.maximized, viewport.fullscreen, viewport.minimized];
            (!fixed.contains(&Some(true)), viewport.inner_rect.map(|rect| rect.size()))
        });
        let known = self.preferences.settings().window.unwrap_or(DEFAULT_SIZE);
        if let Some(size) = size.filter(|size| free && (*size - known.into()).length() > 0.5) {
            self.preferences.change(ctx, |settings| settings.window = Some(size.round().into()));
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.preferences.save_now();
        let mut notices = self.notices.unread();
        // The next window says itself that the device was lost.
        let told = self.session.end().into_iter();
        notices.extend(told.filter(|notice| notice.kind != NoticeKind::Lost));
        self.keep_with(notices);
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.frame_began = Instant::now();
        if self.session.gpu().is_lost() {
            if !self.closing {
                self.closing = true;
                self.handover.ends(Untimely::Lost);
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            return;
        }
        self.session.gpu().faults().panic_at(Fault::WindowPanic);
        // Nothing is computed for a picture that nobody sees.
        self.session.pause(ctx.input(|i| i.viewport().minimized == Some(true)));
        self.session.set_drafts(ctx.dragged_id().is_some());
        if ctx.input(|i| !i.events.is_empty()) {
            self.session.tell_frame();
        }
        self.receive(ctx);
        if let Some(job) = self.preferences.due(ctx) {
            self.session.add_job(job);
        }
        if !self.asks()
            && let Some(command) = pressed(ctx)
        {
            self.execute(ctx, command);
        }
        self.pass_on();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.window_fill.to_normalized_gamma_f32()
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if self.closing {
            return;
        }
        let before = self.params.clone();
        let ctx = ui.ctx().clone();
        let mut commands = Vec::new();
        let state = self.state.clone();
        let scene = state.scene.as_deref();
        let theme = self.preferences.settings().theme.unwrap_or_default();

        Panel::top("menu").show(ui, |ui| commands.extend(menu_ui(ui, theme)));
        Panel::bottom("status").show(ui, |ui| {
            ui.add_space(2.0);
            commands.extend(status_ui(ui, &state, self.session.gpu().adapter()));
            ui.add_space(2.0);
        });
        Panel::left("controls").default_size(312.0).size_range(260.0..=480.0).show(ui, |ui| {
            let advice = state.advice().map(|advice| &**advice);
            commands.extend(controls_ui(ui, &mut self.controls, &mut self.params, scene, advice));
        });
        Panel::right("colour bar").resizable(false).exact_size(136.0).show(ui, |ui| {
            color_bar_ui(ui, &mut self.params.view, scene);
        });
        let frame = Frame::central_panel(ui.style()).inner_margin(Margin {
            left: 4,
            right: 8,
            top: 8,
            bottom: 4,
        });
        CentralPanel::default().frame(frame).show(ui, |ui| {
            let gpu = self.session.gpu();
            let draw = self.drawing.as_ref().map(|drawing| &drawing.draw);
            let look = self.params.view;
            let reply = plot_ui(ui, &mut self.plot, state.scene.as_ref(), gpu, draw, &look);
            if let Some(err) = reply.failed {
                let kind = NoticeKind::Failed;
                self.notices.push(Notice { kind, text: err.to_string() });
            }
            if let Some(scene) = state.scene.as_ref()
                && reply.wants_values
                && self.values_asked != scene.version
            {
                self.values_asked = scene.version;
                self.session.add_job(Job::ReadValues { scene: Arc::clone(scene) });
            }
            overlay_ui(ui, &state, &self.plot, stale(&self.params, &state, &mut self.stale_since));
        });

        for text in self.controls.refused.drain(..) {
            self.notices.push(Notice { kind: NoticeKind::BadInput, text });
        }
        let pixels = (ctx.content_rect().size() * ctx.pixels_per_point()).round();
        let pixels = [pixels.x as u32, pixels.y as u32];
        commands.extend(save_ui(&ctx, &mut self.save, pixels));
        let waits = self.session.comparison_waits();
        commands.extend(compare_ui(&ctx, &mut self.compare, &state, waits));
        sheet_ui(&ctx, &mut self.shortcuts);
        if self.held {
            commands.extend(held_ui(&ctx, &self.session.gpu().adapter().title()));
        } else if self.recovered.is_some() {
            commands.extend(recovered_ui(&ctx));
        }
        self.notices.show(&ctx);
        drop_hint(&ctx);

        for command in commands {
            self.execute(&ctx, command);
        }
        if self.params.dim() != before.dim() || self.params.projection != before.projection {
            // Another plane is seen from another place.
            self.plot.look = Look::Home;
        }
        if self.params.stage_since(&before) > Stage::View {
            // A new wish is passed on before the next frame, not after it.
            self.pass_on();
        }
        if self.params != before {
            ctx.request_repaint();
        }
        let color_map = self.params.view.color_map;
        if color_map != before.view.color_map {
            self.preferences.change(&ctx, |settings| settings.color_map = Some(color_map));
        }
        self.remember_size(&ctx);
        if let Some(log) = &self.frame_log {
            let shown = self.state.scene.as_ref();
            let current = shown.is_some_and(|scene| {
                scene.is_complete() && self.params.stage_since(&scene.params) < Stage::Field
            });
            let drawn = self.plot.part_drawn().map(|[drawn, _]| drawn);
            let counts = self.session.gpu().counts();
            log.record(self.frame_began, &self.state, current, drawn, counts);
        }
    }
}
