//! The window's tools to compare one σ with another: animation, split plot, locked colour range.

use std::{sync::Arc, time::Instant};

use eframe::egui::Context;

use super::{
    super::{drawing::Colors, play::Play, plot::SplitView},
    Window,
};
use crate::{
    color::Scale,
    model::{Stage, ViewParams},
    session::{Activity, Scene, Settings},
};

impl Window {
    /// Starts or stops the animation.
    pub(super) fn toggle_play(&mut self) {
        if self.play.is_playing() {
            self.play.stop();
        } else {
            self.play.begin(self.sigma(), Instant::now());
            self.step_on();
        }
    }

    /// Requests the next σ of the animation when the last one is on screen.
    pub(super) fn play_on(&mut self, ctx: &Context) {
        let Some(asked) = self.play.asked() else { return };
        if self.sigma() != asked || self.state.rejected {
            // The user has changed σ, or the session has refused it.
            self.play.stop();
            return;
        }
        let is_shown =
            self.scene().is_some_and(|scene| self.params.stage_since(&scene.params) < Stage::Field);
        if is_shown {
            self.step_on();
            if self.sigma() == asked {
                ctx.request_repaint_after(Play::SOON);
            }
        }
    }

    fn step_on(&mut self) {
        if let Some(sigma) = self.play.next(Instant::now()) {
            self.set_sigma(sigma.get());
        }
    }

    /// Keeps the field on screen to compare others with it, or ends that comparison.
    pub(super) fn toggle_comparison(&mut self) {
        if self.plot.split.take().is_some() {
            return;
        }
        let Some(scene) = self.scene().cloned() else { return };
        let view = &self.params.view;
        let colors = Colors::of_dots(&scene, view, &scene.scale(view));
        let sigma = scene.sigma();
        match SplitView::new(self.session.gpu(), scene, colors) {
            Ok(mut split) => {
                let density = self.state.density().filter(|density| density.sigma == sigma);
                split.raster = density.and_then(|density| density.raster.clone()?.ok());
                self.plot.split = Some(split);
            }
            Err(err) => self.tell_failure(&err),
        }
    }

    /// Does one of these, the first that applies: closes the list of shortcuts, of columns, the window for
    /// colours or the panel that times engines, unless it is at work; stops the animation; stops what is computed; unpins
    /// the row that is pinned; ends the comparison of two σ; selects nothing. Before all that an outline around dots is
    /// given up.
    pub(super) fn stop(&mut self) {
        let compares = self.session.jobs().comparison_waits()
            || self.state.comparison.as_ref().is_some_and(|comparison| comparison.end.is_none());
        if self.plot.give_up_gesture() {
            // The outline around dots was a mistake.
        } else if self.shortcuts {
            self.shortcuts = false;
        } else if self.axes.open {
            self.axes.open = false;
        } else if self.columns.open {
            self.columns.open = false;
        } else if self.colors {
            self.colors = false;
        } else if self.compare.open && !compares {
            self.compare.open = false;
        } else if self.play.is_playing() {
            self.play.stop();
        } else if self.is_in_space() && self.plot.space.clear_picked() {
            // It ends what is measured.
        } else if self.session.jobs().picture_part().is_some() {
            self.session.jobs().stop_picture();
        } else if self.session.jobs().animation().is_some() {
            self.session.jobs().stop_animation();
        } else if self.state.activity != Activity::Idle || compares {
            self.session.stop();
            self.session.jobs().stop_comparison();
        } else if self.table.pinned.take().is_some() {
            // The ring is gone.
        } else if self.plot.split.take().is_none() && !self.deselect() {
            self.session.stop();
        }
    }

    /// The values of the plot's colours; in a split plot the same for both sides.
    pub(super) fn scale(&self) -> Option<Scale> {
        let (scene, view) = (self.shown_scene()?, &self.params.view);
        Some(match &self.plot.split {
            Some(_) if scene.colored.difference.is_some() => scene.scale(view),
            Some(split) => scene.scale_with(&split.scene, view),
            None => scene.scale(view),
        })
    }

    /// The scene that the plot shows: the newest, or its difference from the kept one.
    pub fn shown_scene(&self) -> Option<&Arc<Scene>> {
        let scene = self.scene()?;
        Some(self.plot.split.as_ref().map_or(scene, |split| split.shown(scene)))
    }

    /// Fixes the limits of the colours as they are, or lets them follow f.
    pub(super) fn toggle_lock(&mut self) {
        let clip = match (self.params.view.clip, self.scale()) {
            (None, Some(Scale { low, high, .. })) => Some([low, high]),
            _ => None,
        };
        let view = ViewParams { clip, ..self.params.view };
        if view.clip_is_legal() {
            self.params.view = view;
        }
    }

    /// Whether a ring of radius σ follows the pointer.
    pub(super) fn shows_ring(&self) -> bool {
        self.preferences.settings().ring.unwrap_or(true)
    }

    /// Whether small pictures of other σ are shown.
    pub(super) fn shows_filmstrip(&self) -> bool {
        self.preferences.settings().filmstrip.unwrap_or(false)
    }

    /// Changes a setting, for the next window too.
    pub(super) fn remember(&mut self, ctx: &Context, change: impl FnOnce(&mut Settings)) {
        self.preferences.change(ctx, change);
        self.keep();
    }
}
