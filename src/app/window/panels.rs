//! Draws the panels of the window: controls, colour bar, the plot with its overlay, and the filmstrip
//! below it.

use std::sync::Arc;

use eframe::egui::{Button, CentralPanel, Context, Frame, Margin, Panel, Ui};

use super::{
    super::{
        Command,
        color_bar::color_bar_ui,
        controls::{AnimationInputs, controls_ui, rail_ui},
        filmstrip::{FilmstripInputs, HEIGHT, filmstrip_ui},
        overlay::{overlay_ui, stale},
        plot::{PlotInputs, PlotReply, plots_ui},
    },
    Window,
};
use crate::{
    model::{ColorBy, Stage},
    session::{Job, State},
};

/// In a window narrower than this, in logical pixels, the side panel is folded unless the user
/// unfolds it, and the colour bar is narrow: so that the plot has most of the window.
const NARROW: f32 = 1000.0;
/// Width of the rail that the side panel folds to, in logical pixels.
const RAIL: f32 = 40.0;
/// Widths of the colour bar's panel, in logical pixels: in a narrow window, and else.
const COLOR_BAR: [f32; 2] = [88.0, 136.0];

fn is_narrow(ctx: &Context) -> bool {
    ctx.content_rect().width() < NARROW
}

impl Window {
    /// Whether the side panel is unfolded.
    pub(super) fn shows_panel(&self, ctx: &Context) -> bool {
        let settings = self.preferences.settings();
        if is_narrow(ctx) {
            settings.narrow_panel.unwrap_or(false)
        } else {
            settings.panel.unwrap_or(true)
        }
    }

    /// Folds the side panel, or unfolds it.
    pub(super) fn fold_panel(&mut self, ctx: &Context) {
        let (narrow, shown) = (is_narrow(ctx), !self.shows_panel(ctx));
        self.remember(ctx, |settings| {
            let kept = if narrow { &mut settings.narrow_panel } else { &mut settings.panel };
            *kept = Some(shown);
        });
    }

    /// Draws the side panel, or the rail that it is folded to.
    pub(super) fn side_panel(&mut self, ui: &mut Ui, state: &State) -> Option<Command> {
        let ctx = ui.ctx().clone();
        let scene = state.scene.as_deref();
        let advice = state.advice().map(|advice| &**advice);
        let (sigma, is_comparing) = (self.sigma(), self.plot.split.is_some());
        let shows_panel = self.shows_panel(&ctx);
        let animation = AnimationInputs { play: &mut self.play, sigma, is_comparing };
        let (controls, params) = (&mut self.controls, &mut self.params);
        if !shows_panel {
            let frame = Frame::side_top_panel(ui.style()).inner_margin(Margin::symmetric(4, 2));
            let rail = Panel::left("rail").resizable(false).exact_size(RAIL).frame(frame);
            let rail = rail.show(ui, |ui| rail_ui(ui, params, &animation, scene, advice));
            return rail.inner;
        }
        let panel = Panel::left("controls").default_size(312.0).size_range(260.0..=480.0);
        let panel = panel.show(ui, |ui| {
            let selection = &state.selection;
            controls_ui(ui, controls, params, animation, scene, advice, selection)
        });
        if self.controls.unfolded != self.preferences.settings().unfolded {
            let unfolded = self.controls.unfolded.clone();
            self.remember(&ctx, |settings| settings.unfolded = unfolded);
        }
        panel.inner
    }

    /// Draws the colour bar and the button for its colours.
    pub(super) fn color_panel(&mut self, ui: &mut Ui) -> Option<Command> {
        let narrow = is_narrow(ui.ctx());
        let mut frame = Frame::side_top_panel(ui.style());
        if narrow {
            frame = frame.inner_margin(Margin::symmetric(4, 2));
        }
        let [least, usual] = COLOR_BAR;
        let width = if narrow { least } else { usual };
        let panel = Panel::right("colour bar").resizable(false).exact_size(width).frame(frame);
        let (shown, opened, scale) = (self.shown_scene().cloned(), self.colors, self.scale());
        let panel = panel.show(ui, |ui| {
            let (mut scene, mut scale) = (shown?, scale?);
            let view = &self.params.view;
            let mut shows_field = scene.colored.by.column().is_none();
            if view.raster && scene.shown.is_plane() && scene.colored.by.column().is_some() {
                // Dots are neutral on a raster, whose colours are those of f.
                scene = Arc::new(scene.colored_by_field());
                scale = scene.field_scale(view);
                shows_field = true;
            }
            let can_select = scene.colored.difference.is_none();
            ui.add_space(4.0);
            let button = Button::new("Colours…").selected(opened);
            let size = [ui.available_width(), ui.spacing().interact_size.y];
            let button = ui.add_sized(size, button);
            let button = button.on_hover_text("The colour map, and the limits of the colours");
            let view = &mut self.params.view;
            let change = color_bar_ui(ui, view, &scene, &scale, shows_field);
            let change = change.filter(|_| can_select).map(Command::Select);
            change.or(button.clicked().then_some(Command::Colors))
        });
        panel.inner
    }

    /// Draws the strip of small pictures, if it is switched on.
    pub(super) fn filmstrip_panel(&mut self, ui: &mut Ui) -> Option<Command> {
        let (Some(scene), Some(scale)) = (self.state.scene.clone(), self.scale()) else {
            return None;
        };
        // The small pictures show f, whatever the plot's colours show.
        let shows_f = scene.colored.by == ColorBy::Field;
        let scale = if shows_f { scale } else { scene.field_scale(&self.params.view) };
        if !self.shows_filmstrip() {
            return None;
        }
        let current = scene.is_complete() && self.params.stage_since(&scene.params) < Stage::Field;
        let moves = self.play.is_playing() || ui.input(|i| i.pointer.any_down());
        let film = FilmstripInputs {
            scene: &scene,
            sigma: self.sigma(),
            view_params: &self.params.view,
            scale,
            view: self.plot.view,
            space: self.plot.space.viewport,
            plot: self.plot.frame.size(),
            made: self.state.filmstrip.as_deref(),
            is_idle: current && !moves && self.session.is_idle(),
        };
        let strip = &mut self.filmstrip;
        let panel = Panel::bottom("filmstrip").resizable(false).exact_size(HEIGHT);
        let (command, request) = panel.show(ui, |ui| filmstrip_ui(ui, strip, &film)).inner;
        if let Some(spec) = request {
            self.session.jobs().add(Job::Film(spec));
        }
        command
    }

    /// Draws the plot and what is written over it.
    pub(super) fn plot_panel(&mut self, ui: &mut Ui) -> Option<Command> {
        let frame = Frame::central_panel(ui.style()).inner_margin(Margin {
            left: 4,
            right: 8,
            top: 8,
            bottom: 4,
        });
        let state = self.state.clone();
        let view_params = self.params.view;
        let scale = self.scale();
        let shown = self.shown_scene().cloned();
        let is_difference = shown.as_ref().is_some_and(|scene| scene.colored.difference.is_some());
        let inputs = PlotInputs {
            scene: shown.as_ref(),
            draw: self.drawing.as_ref().map(|drawing| &drawing.draw),
            view_params: &view_params,
            contours: view_params
                .contours
                .and_then(|_| state.contours())
                .map(|shown| &**shown)
                .filter(|_| !is_difference),
            density: state.density().map(|density| &**density).filter(|_| !is_difference),
            scale: scale.as_ref(),
            sigma: self.sigma(),
            ring: self.shows_ring(),
            cells: self.hover.cells(&state),
            pinned: self.pinned_target(),
            selection: &state.selection,
            only: self.params.only.as_ref(),
        };
        let (plot, gpu) = (&mut self.plot, self.session.gpu());
        let stale = stale(&self.params, &state, &mut self.stale_since);
        let panel = CentralPanel::default().frame(frame).show(ui, |ui| {
            let reply = plots_ui(ui, plot, gpu, &inputs);
            overlay_ui(ui, &state, plot, stale);
            reply
        });
        let PlotReply { wants_values, failed, command, selects, raster_opacity, clicked, pointed } =
            panel.inner;
        if let Some(change) = selects {
            self.session.selection().change(change);
        }
        self.pointed = pointed;
        self.pin_clicked(ui.ctx(), clicked);
        let pixels = ui.ctx().pixels_per_point();
        let wish = state.scene.as_deref();
        let wish = wish.and_then(|scene| self.plot.density_wish(scene, &view_params, pixels));
        self.session.density().want(wish);
        if let Some(opacity) = raster_opacity {
            self.params.view.raster_opacity = opacity;
        }
        if let Some(err) = failed {
            self.tell_failure(&err);
        }
        if let Some(scene) = wants_values
            && !self.values_asked.contains(&scene.version)
        {
            // Of the present scene and of the kept one.
            self.values_asked = [self.values_asked[1], scene.version];
            self.session.jobs().add(Job::ReadValues { scene });
        }
        command
    }
}
