//! Points that are being opened: what is on screen stays as it is until they are there, and comes
//! back if they are refused.

use std::{path::PathBuf, sync::Arc};

use eframe::egui::Context;

use super::{Window, documents::ShownThen};
use crate::{
    model::{Input, Params, ViewParams},
    session::Viewport,
};

/// What was there before points were asked for that have not come yet.
pub(super) struct Opening {
    /// The parameters.
    params: Params,
    /// The version of the scene on screen; 0 is none.
    version: u64,
    /// A file of the folder to begin in the next time, once the points are there.
    file: Option<PathBuf>,
    /// What is shown of them then; `None` is the bulk of them.
    then: Option<ShownThen>,
}

impl Window {
    /// Records what is there before other points are asked for; `file` is one of theirs.
    pub(super) fn begin_opening(&mut self, file: Option<PathBuf>) {
        let version = self.scene().map_or(0, |scene| scene.version);
        // Of several attempts in a row, what was there before the first is what is on screen.
        let params = self.opening.take().map_or_else(|| self.params.clone(), |first| first.params);
        self.opening = Some(Opening { params, version, file, then: None });
    }

    /// Says what is shown of the points that were asked for.
    pub(super) fn opening_shows(&mut self, then: ShownThen) {
        if let Some(opening) = &mut self.opening {
            opening.then = Some(then);
        }
    }

    /// Whether points were asked for that have not come yet.
    pub(super) fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// Shows the bulk of points that have come, and remembers where they were.
    pub(super) fn end_opening(&mut self, ctx: &Context) {
        let Some(opening) = &self.opening else { return };
        let Some(scene) = self.scene() else { return };
        if scene.version == opening.version || scene.params.input != self.params.input {
            return;
        }
        let file = opening.file.clone();
        match self.opening.take().and_then(|opening| opening.then) {
            None => self.plot.viewport = Viewport::Home,
            Some(then) => self.show_then(then),
        }
        if let Some(file) = file {
            self.preferences.remember_folder_of(ctx, &file);
        }
    }

    /// Returns, after a request was refused, to the parameters from before points were asked for,
    /// else to those of the scene on screen.
    pub(super) fn return_from_refusal(&mut self) {
        let view = self.params.view;
        let shown = self.scene().map_or_else(
            || Params { input: Input::Generated, ..self.params.clone() },
            |scene| Params { view, ..scene.params.clone() },
        );
        self.session.revert(&shown);
        self.params = match self.opening.take() {
            None => shown,
            Some(Opening { params, .. }) => {
                // Opening unlocks the range of colours; the rest of the view is as it was left.
                let clip = view.clip.or(params.view.clip);
                let locked = ViewParams { clip, ..view };
                Params { view: if locked.clip_is_legal() { locked } else { view }, ..params }
            }
        };
        let rows = self.history.refuse(&self.params);
        if !Arc::ptr_eq(&rows, &self.session.selection().rows()) {
            self.session.selection().set(&rows, &self.params);
        }
    }
}
