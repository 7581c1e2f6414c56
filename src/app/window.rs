//! The window as a whole: passes the parameters that the panels edit to the session, and the
//! session's scenes to the panels.

mod animating;
mod documents;
mod execute;
mod keep;
mod opening;
mod panels;
mod playing;
mod receive;
mod saving;
mod space;
mod steps;
mod table_panel;
mod watching;

use std::{path::PathBuf, sync::Arc, time::Instant};

use eframe::egui::{self, ColorImage, Context, Panel, Ui, ViewportCommand};

use documents::ComparedThen;
use opening::Opening;
use watching::Watching;

use super::{
    FrameLog, Handover, History, Picker, Startup,
    axes_panel::{AxesState, axes_panel_ui},
    columns::{ColumnsState, columns_ui},
    compare::{CompareState, compare_ui},
    controls::{ControlsState, colors_ui},
    drawing::Drawing,
    filmstrip::FilmstripState,
    handover::AbnormalExit,
    hover_columns::HoverColumns,
    menu::{MenuState, menu_ui},
    missing_file::missing_ui,
    notices::Notices,
    nudge::nudge,
    overlay::{StaleSince, drop_hint},
    play::Play,
    plot::PlotState,
    preferences::Preferences,
    questions::{dropped_ui, held_ui, recovered_ui},
    save::SaveState,
    save_animation::SaveAnimationState,
    save_session::{SaveSessionState, save_session_ui},
    save_table::{SaveTableState, save_table_ui},
    shortcuts::{pressed, sheet_ui},
    status::status_ui,
    style,
    table::TableState,
};
use crate::{
    figure::{Palette, ViewBox},
    gpu::{Fault, Gate, Gpu, GpuError},
    model::{Input, Params, Stage},
    session::{Given, Job, Notice, NoticeKind, Restored, Saved, Scene, Session, State, Viewport},
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

/// The program's window.
#[expect(clippy::struct_excessive_bools, reason = "they do not depend on each other")]
pub struct Window {
    session: Session,
    /// The requested parameters.
    params: Params,
    /// Earlier parameters, to undo and redo.
    history: History,
    /// Whether the arrow keys have just moved σ.
    nudged: bool,
    preferences: Preferences,
    adapter: Option<String>,
    state: State,
    drawing: Option<Drawing>,
    plot: PlotState,
    /// Points that were asked for and have not come yet.
    opening: Option<Opening>,
    controls: ControlsState,
    save: SaveState,
    save_table: SaveTableState,
    save_animation: SaveAnimationState,
    save_session: SaveSessionState,
    /// A picture or session that is to be opened, until the files that it needs are found.
    missing: Option<Box<Restored>>,
    /// The file of points that was added last to those that were opened.
    noted: Option<PathBuf>,
    /// The files that were opened and are gone.
    gone: Vec<PathBuf>,
    /// Two bandwidths to compare, as a picture says.
    compared_then: Option<ComparedThen>,
    columns: ColumnsState,
    /// The columns of the file that are shown with a target.
    hover: HoverColumns,
    /// The table of rows, and which row is pinned.
    table: TableState,
    axes: AxesState,
    /// The target under the pointer.
    pointed: Option<usize>,
    /// Files that were dropped together, until it is said what they are.
    dropped: Vec<PathBuf>,
    compare: CompareState,
    play: Play,
    filmstrip: FilmstripState,
    notices: Notices,
    shortcuts: bool,
    /// Whether the window for colours is open.
    colors: bool,
    picker: Box<dyn Picker>,
    handover: Handover,
    /// Versions of the scenes whose values were requested: the present one and the kept one.
    values_asked: [u64; 2],
    /// The requested screenshot, once egui has taken it.
    screenshot: Arc<std::sync::Mutex<Option<Arc<ColorImage>>>>,
    closing: bool,
    /// Since when the scene on screen has been outdated.
    stale_since: StaleSince,
    /// What a window that crashed had on screen, until the user restores or discards it.
    recovered: Option<Saved>,
    slice_seconds: f64,
    /// Whether nothing is computed until the user has chosen how.
    held: bool,
    /// What was wanted when the question how to go on was put off; it is asked again when something
    /// else is.
    unanswered: Option<Params>,
    /// The files of the points on disk.
    watching: Watching,
    frame_log: Option<FrameLog>,
    frame_began: Instant,
}

impl Window {
    /// Sets up the window that eframe made. `handover` receives what another window needs to go on,
    /// and `gate` is closed while the surface is configured.
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
        let Startup { source, slice_seconds, held, history, opens, watches, .. } = startup;
        let watching = Watching::new(watches, {
            let ctx = cc.egui_ctx.clone();
            move || ctx.request_repaint()
        });
        let ctx = cc.egui_ctx.clone();
        handover.draws_with(&gpu);
        let wake = move || ctx.request_repaint();
        let mut session = Session::new(gpu, source, slice_seconds, wake)?;
        session.advice().start();
        session.selection().set(&saved.selection.0, &saved.params);
        if !held {
            session.apply(&saved.params);
        }
        if let Some(path) = opens {
            session.jobs().add(Job::OpenDocument { path, given: Given::new() });
        }
        if let Some(folder) = &settings.folder {
            picker.begin_in(folder);
        }
        let controls = ControlsState::with(settings.unfolded.clone());
        Ok(Self {
            session,
            history: history.unwrap_or_else(|| History::new(&saved.params, &saved.selection.0)),
            params: saved.params,
            nudged: false,
            preferences: Preferences::new(files, settings),
            adapter,
            state: State::default(),
            drawing: None,
            plot: PlotState::at(saved.viewport, saved.space),
            opening: None,
            controls,
            save: SaveState::default(),
            save_table: SaveTableState::default(),
            save_animation: SaveAnimationState::default(),
            save_session: SaveSessionState::default(),
            missing: None,
            noted: None,
            gone: Vec::new(),
            compared_then: None,
            columns: ColumnsState::default(),
            hover: HoverColumns::default(),
            table: TableState::default(),
            axes: AxesState::default(),
            pointed: None,
            dropped: Vec::new(),
            compare: CompareState::default(),
            play: Play::default(),
            filmstrip: FilmstripState::default(),
            notices: Notices::of(notices),
            shortcuts: false,
            colors: false,
            picker,
            handover,
            values_asked: [0; 2],
            screenshot: Arc::default(),
            closing: false,
            stale_since: None,
            recovered,
            slice_seconds,
            held,
            unanswered: None,
            watching,
            frame_log,
            frame_began: Instant::now(),
        })
    }

    /// The session behind the window.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The requested parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The part of the plane that the plot shows.
    pub fn view(&self) -> ViewBox {
        self.plot.view
    }

    /// The requested parameters, to change from outside; they are passed on in the next frame.
    pub fn params_mut(&mut self) -> &mut Params {
        &mut self.params
    }

    /// Whether a modal dialog is open, so that shortcuts are off.
    fn asks(&self) -> bool {
        let saves = self.save.destination.open
            || self.save_table.destination.open
            || self.save_animation.destination.open
            || self.save_session.destination.open
            || self.missing.is_some()
            || self.compare.save.destination.open;
        saves || self.asks_how() || self.recovered.is_some() || !self.dropped.is_empty()
    }

    /// Whether the question how to go on after losses of the device is open.
    pub(super) fn asks_how(&self) -> bool {
        self.held && self.unanswered.as_ref() != Some(&self.params)
    }

    fn scene(&self) -> Option<&Arc<Scene>> {
        self.state.scene.as_ref()
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.frame_began = Instant::now();
        if self.session.gpu().is_lost() {
            if !self.closing {
                self.closing = true;
                self.handover.ends(AbnormalExit::Lost);
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            return;
        }
        self.session.gpu().faults().panic_at(Fault::WindowPanic);
        // Nothing is computed while the window is minimised.
        self.session.pacing().pause(ctx.input(|i| i.viewport().minimized == Some(true)));
        self.session.pacing().set_drafts(ctx.dragged_id().is_some() || self.play.is_playing());
        let answers = ctx.input(|i| !i.events.is_empty());
        self.session.contours().want(self.params.view.contours);
        self.session.pacing().tell_frame(answers, self.plot.part_drawn().is_some());
        self.receive(ctx);
        self.follow_files();
        self.play_on(ctx);
        if let Some(job) = self.preferences.due(ctx) {
            self.session.jobs().add(job);
        }
        if !self.asks() {
            if let Some(command) = pressed(ctx) {
                self.execute(ctx, command);
            }
            self.nudge(nudge(ctx));
            self.plot.space.keys(ctx);
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

        let menu = MenuState {
            theme,
            can_undo: self.history.can_undo(),
            can_redo: self.history.can_redo(),
            playing: self.play.is_playing(),
            is_comparing: self.plot.split.is_some(),
            locked: self.params.view.clip.is_some(),
            panel: self.shows_panel(&ctx),
            ring: self.shows_ring(),
            contours: self.params.view.contours.is_some(),
            space: self.space_menu(),
            dots: self.params.view.dots,
            raster: self.params.view.raster,
            marginals: self.params.view.marginals,
            filmstrip: self.shows_filmstrip(),
            table: self.shows_table(),
            has_file: self.params.input != Input::Generated,
            watches: self.watching.by_itself,
            has_selection: !state.selection.is_empty(),
            takes_some: self.params.only.is_some(),
            hides_rest: self.params.view.hides_rest,
            tool: self.plot.tool,
            recent: self.recent_files(),
        };
        Panel::top("menu").show(ui, |ui| commands.extend(menu_ui(ui, &menu)));
        Panel::bottom("status").show(ui, |ui| {
            ui.add_space(2.0);
            commands.extend(status_ui(ui, &state, self.session.gpu().adapter()));
            ui.add_space(2.0);
        });
        commands.extend(self.changed_panel(ui));
        commands.extend(self.side_panel(ui, &state));
        commands.extend(self.color_panel(ui));
        commands.extend(self.filmstrip_panel(ui));
        self.table_panel(ui);
        commands.extend(self.plot_panel(ui));

        for text in self.controls.refused.drain(..) {
            self.notices.push(Notice { kind: NoticeKind::BadInput, text });
        }
        commands.extend(self.save_dialog(&ctx));
        commands.extend(self.animation_dialog(&ctx));
        commands.extend(self.animation_progress(&ctx));
        let is_file = scene.is_some_and(|scene| scene.prepared.target_rows.is_some());
        let has_selection = !state.selection.is_empty();
        commands.extend(save_table_ui(&ctx, &mut self.save_table, is_file, has_selection));
        let has_file = self.params.input != Input::Generated;
        commands.extend(save_session_ui(&ctx, &mut self.save_session, has_file));
        if let Some(scene) = scene {
            let job = columns_ui(&ctx, &mut self.columns, &mut self.hover, &mut self.params, scene);
            if let Some(job) = job {
                self.session.jobs().add(job);
            }
        }
        if let Some(scene) = scene {
            let view = self.plot.view;
            let goes = axes_panel_ui(&ctx, &mut self.axes, &mut self.params, scene, &view);
            if let Some(viewport) = goes {
                self.plot.go_to(viewport);
            }
        }
        let waits = self.session.jobs().comparison_waits();
        commands.extend(compare_ui(&ctx, &mut self.compare, &state, waits));
        commands.extend(colors_ui(&ctx, &mut self.colors, &mut self.params.view));
        sheet_ui(&ctx, &mut self.shortcuts);
        if self.asks_how() {
            commands.extend(held_ui(&ctx, &self.session.gpu().adapter().title()));
        } else if self.recovered.is_some() {
            commands.extend(recovered_ui(&ctx));
        } else if let Some(restored) = &self.missing {
            commands.extend(missing_ui(&ctx, restored));
        } else if !self.dropped.is_empty() {
            commands.extend(dropped_ui(&ctx, &self.dropped));
        }
        self.notices.show(&ctx, self.plot.frame);
        drop_hint(&ctx);

        for command in commands {
            self.execute(&ctx, command);
        }
        let plane = |params: &Params| {
            let log = (params.view.log_axes, params.reading.log.clone());
            (params.dim(), params.projection, log)
        };
        if plane(&self.params) != plane(&before) && !self.is_opening() {
            // Another projection has other bounds.
            self.plot.viewport = Viewport::Home;
        }
        self.remember_step(&ctx);
        if self.params.stage_since(&before) > Stage::View {
            // A new request is passed on at once, not in the next frame.
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
        if !self.params.view.dots {
            // Otherwise where they are drawn.
            self.session.gpu().lose_at(Fault::LossBeforePaint);
        }
        if let Some(log) = &self.frame_log {
            let shown = self.state.scene.as_ref();
            let current = shown.is_some_and(|scene| {
                scene.is_complete() && self.params.stage_since(&scene.params) < Stage::Field
            });
            let drawn = self.plot.part_drawn().map(|[drawn, _]| drawn);
            let counts = self.session.gpu().counts();
            let rasters = (self.plot.rasters_drawn(), self.plot.raster_is_newest());
            log.record(self.frame_began, &self.state, current, drawn, rasters, counts);
        }
    }
}
