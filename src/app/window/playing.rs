//! What helps to compare one σ with another: σ that moves by itself, the field that is held, the range
//! that is locked.

use std::time::Instant;

use eframe::egui::Context;

use super::{
    super::{play::Play, plot::Split},
    Window,
};
use crate::{
    color::Scale,
    model::{Stage, ViewParams},
    session::{Activity, Settings},
};

impl Window {
    /// Lets σ move, or lets it be.
    pub(super) fn toggle_play(&mut self) {
        if self.play.is_playing() {
            self.play.stop();
        } else {
            self.play.begin(self.sigma(), Instant::now());
            self.step_on();
        }
    }

    /// Moves σ on when the newest that was asked for is on screen.
    pub(super) fn play_on(&mut self, ctx: &Context) {
        let Some(asked) = self.play.asked() else { return };
        if self.sigma() != asked || self.state.rejected {
            // Somebody else has taken σ, or it cannot be had.
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

    /// Holds the field on screen, or lets go of the one that is held.
    pub(super) fn toggle_hold(&mut self) {
        if self.plot.split.take().is_some() {
            return;
        }
        let Some(scene) = self.scene().cloned() else { return };
        match Split::new(self.session.gpu(), scene, self.params.view.color_map) {
            Ok(split) => self.plot.split = Some(split),
            Err(err) => self.tell_failure(&err),
        }
    }

    /// Stops what goes on, or puts away what is open: one of them, the most fleeting first.
    pub(super) fn stop(&mut self) {
        let compares = self.session.jobs().comparison_waits()
            || self.state.comparison.as_ref().is_some_and(|comparison| comparison.end.is_none());
        if self.shortcuts {
            self.shortcuts = false;
        } else if self.play.is_playing() {
            self.play.stop();
        } else if self.state.activity != Activity::Idle || compares {
            self.session.stop();
            self.session.jobs().stop_comparison();
        } else if self.plot.split.take().is_none() {
            self.session.stop();
        }
    }

    /// What the colours of the plot mean: with a field that is held, the same on both sides.
    pub(super) fn scale(&self) -> Option<Scale> {
        let (scene, view) = (self.scene()?, &self.params.view);
        Some(match &self.plot.split {
            Some(split) => scene.scale_with(&split.scene, view),
            None => scene.scale(view),
        })
    }

    /// Locks the range of colours as it is, or lets it follow f.
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

    /// Changes what is remembered, for the next window too.
    pub(super) fn remember(&mut self, ctx: &Context, change: impl FnOnce(&mut Settings)) {
        self.preferences.change(ctx, change);
        self.keep();
    }
}
