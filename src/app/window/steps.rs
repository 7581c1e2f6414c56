//! Changes of the parameters as steps: undo and redo, and σ by the arrow keys.

use std::{sync::Arc, time::Instant};

use eframe::egui::Context;

use super::{
    super::{
        history::Step,
        nudge::{ARROWS, rounded},
    },
    Window,
};
use crate::{
    model::{Params, Sigma},
    selection::RowBits,
    session::Viewport,
};

impl Window {
    /// Records the parameters in the history, unless a change is in progress.
    pub(super) fn remember_step(&mut self, ctx: &Context) {
        let (pressed, arrows) = ctx.input(|i| {
            let arrows = ARROWS.iter().any(|(key, _)| i.key_down(*key) || i.key_pressed(*key));
            (i.pointer.any_down(), arrows)
        });
        let burst = std::mem::take(&mut self.nudged) || arrows;
        let is_settled = self.session.selection().is_settled(&self.params);
        if !pressed && ctx.dragged_id().is_none() && !self.play.is_playing() && is_settled {
            let rows = self.session.selection().rows();
            self.history.record(&self.params, &rows, burst, Instant::now());
        }
    }

    /// Goes back by a step.
    pub(super) fn undo(&mut self, ctx: &Context) {
        self.end_step();
        let wanted = self.history.undo().cloned();
        self.go_to(ctx, wanted);
    }

    /// Goes forward by a step that was undone.
    pub(super) fn redo(&mut self, ctx: &Context) {
        self.end_step();
        let wanted = self.history.redo().cloned();
        self.go_to(ctx, wanted);
    }

    /// Ends a change in progress and records it as a step.
    fn end_step(&mut self) {
        self.play.stop();
        let rows = self.session.selection().rows();
        self.history.record(&self.params, &rows, false, Instant::now());
    }

    fn go_to(&mut self, ctx: &Context, wanted: Option<Step>) {
        let Some(Step { params: wanted, rows }) = wanted else { return };
        if wanted.input != self.params.input {
            self.begin_opening(None);
        }
        let before = std::mem::replace(&mut self.params, wanted);
        self.select_with_params(&rows);
        let plane = |params: &Params| (params.dim(), params.projection);
        if plane(&before) != plane(&self.params) && !self.is_opening() {
            self.plot.viewport = Viewport::Home;
        }
        let color_map = self.params.view.color_map;
        if color_map != before.view.color_map {
            self.preferences.change(ctx, |settings| settings.color_map = Some(color_map));
        }
    }

    /// Requests the parameters, and selects these rows of their points.
    pub(super) fn select_with_params(&mut self, rows: &Arc<RowBits>) {
        // Rows of points that nobody has asked for would be dropped.
        self.pass_on();
        self.session.selection().set(rows, &self.params);
    }

    /// The requested σ: the user's, or the default for the points.
    pub(super) fn sigma(&self) -> Sigma {
        let default =
            self.scene().map_or(Sigma::DEFAULT, |scene| scene.prepared.default_sigma.sigma);
        self.params.sigma.unwrap_or(default)
    }

    /// Requests this σ, if it is legal; the default for the points is stored as none.
    pub(super) fn set_sigma(&mut self, sigma: f64) {
        let default = self.scene().map(|scene| scene.prepared.default_sigma.sigma);
        if let Ok(sigma) = Sigma::new(sigma) {
            self.params.sigma = Some(sigma).filter(|sigma| Some(*sigma) != default);
        }
    }

    /// Multiplies σ by what the arrow keys say.
    pub(super) fn nudge(&mut self, factor: Option<f64>) {
        if let Some(factor) = factor {
            self.set_sigma(rounded(self.sigma().get() * factor, 6));
            self.nudged = true;
        }
    }
}
