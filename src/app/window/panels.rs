//! Draws the panels in the middle of the window: the plot with its overlay, and the filmstrip below
//! it.

use eframe::egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::{
    super::{
        Command,
        filmstrip::{FilmstripInputs, HEIGHT, filmstrip_ui},
        overlay::{overlay_ui, stale},
        plot::{PlotInputs, PlotReply, plots_ui},
    },
    Window,
};
use crate::{
    model::{ColorBy, Stage},
    session::Job,
};

impl Window {
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
            columns: &self.columns,
        };
        let (plot, gpu) = (&mut self.plot, self.session.gpu());
        let stale = stale(&self.params, &state, &mut self.stale_since);
        let panel = CentralPanel::default().frame(frame).show(ui, |ui| {
            let reply = plots_ui(ui, plot, gpu, &inputs);
            overlay_ui(ui, &state, plot, stale);
            reply
        });
        let PlotReply { wants_values, failed, command, raster_opacity } = panel.inner;
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
