//! Pictures and sessions that are opened: what is on screen stays until all that they need is there.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use eframe::egui::Context;

use super::{
    super::{
        hover_columns::HoverColumns,
        plot::{PlotState, SplitView},
        recent::{RecentFile, remember},
    },
    Window,
};
use crate::{
    escape::escaped_path,
    model::{Input, Params, Sigma, Stage},
    session::{
        Document, Given, Job, Notice, NoticeKind, OnScreen, Paths, Restored, SavedWith,
        SpaceViewport, SplitPlace, Viewport, files::Replace,
    },
};

/// What is shown of points once they are there.
pub(super) struct ShownThen {
    viewport: Viewport,
    space: SpaceViewport,
    hover: Vec<String>,
}

/// Two bandwidths that are to be compared: that of A is computed first.
#[derive(Clone, Copy)]
pub(super) struct ComparedThen {
    a: Sigma,
    b: Option<Sigma>,
    place: SplitPlace,
}

impl Window {
    /// What is on screen, as far as parameters and scene do not tell it.
    pub(super) fn on_screen(&self) -> OnScreen {
        OnScreen {
            viewport: self.plot.viewport,
            space: self.plot.space.viewport,
            direction: None,
            rows: Arc::clone(&self.state.selection.rows),
            compared_sigma: self.plot.split.as_ref().map(|split| split.scene.sigma()),
            compared_place: self.plot.split.as_ref().map(SplitView::place).unwrap_or_default(),
            strip: self.strip_sigmas(),
            hover: self.hover.names.clone(),
            error_measured: self.state.checked().map(|checked| checked.error),
        }
    }

    /// What is saved with a picture.
    pub(super) fn saved_with(&self, paths: Paths) -> Box<SavedWith> {
        Box::new(SavedWith { on_screen: self.on_screen(), paths })
    }

    /// The files that were opened last.
    pub(super) fn recent_files(&self) -> Vec<RecentFile> {
        let recent = self.preferences.settings().recent.iter();
        let known = |path: &PathBuf| {
            let is_gone = self.gone.contains(path);
            RecentFile { path: path.clone(), is_gone }
        };
        recent.map(known).collect()
    }

    /// Adds the file of the points on screen to those that were opened.
    pub(super) fn note_points(&mut self, ctx: &Context) {
        let Some(scene) = self.scene() else { return };
        let Input::Files { targets, .. } = &scene.params.input else { return };
        if self.noted.as_ref() == Some(targets) {
            return;
        }
        let targets = targets.clone();
        self.noted = Some(targets.clone());
        let is_standard_input = targets.to_str().is_some_and(|path| path.starts_with('-'));
        if !is_standard_input {
            self.preferences.change(ctx, |settings| remember(&mut settings.recent, &targets));
        }
    }

    /// Saves the session to a file.
    pub(super) fn save_session(&self, path: PathBuf, paths: Paths, replace: Replace) {
        let (params, scene) = (Box::new(self.params.clone()), self.scene().cloned());
        let document = self.saved_with(paths);
        self.session.jobs().add(Job::SaveSession { params, scene, document, path, replace });
    }

    /// Opens a picture or a session, which is read by the worker.
    pub(super) fn open_document(&mut self, path: PathBuf) {
        self.missing = None;
        self.session.jobs().add(Job::OpenDocument { path, given: Given::new() });
    }

    /// Takes a file as the one that was asked for, if one was; says whether.
    pub(super) fn answer_missing(&mut self, path: &Path) -> bool {
        let Some(missing) = self.missing.take() else { return false };
        let Restored { from, mut given, missing, .. } = *missing;
        given.extend(missing.first().map(|missing| (missing.used_as.clone(), path.to_owned())));
        self.session.jobs().add(Job::OpenDocument { path: from, given });
        true
    }

    /// Restores what a document says, or asks for the files that it needs.
    pub(super) fn receive_document(&mut self, ctx: &Context, restored: Restored) {
        if !restored.missing.is_empty() {
            self.missing = Some(Box::new(restored));
            return;
        }
        self.missing = None;
        let Restored { from, document, told, .. } = restored;
        self.preferences.change(ctx, |settings| remember(&mut settings.recent, &from));
        for text in told {
            self.notices.push(Notice { kind: NoticeKind::BadInput, text });
        }
        let name = from.file_name().map_or(from.as_path(), std::path::Path::new);
        let text = format!("Restored what {} shows", escaped_path(name));
        self.notices.push(Notice { kind: NoticeKind::Done, text });
        let Document { mut params, viewport, space, selection, compared_sigma, hover, .. } =
            document;
        let (place, has_strip) = (document.compared_place, !document.strip.is_empty());
        if has_strip && !self.shows_filmstrip() {
            self.remember(ctx, |settings| settings.filmstrip = Some(true));
        }
        self.play.stop();
        self.plot.split = None;
        self.compared_then = compared_sigma.map(|a| ComparedThen { a, b: params.sigma, place });
        if compared_sigma.is_some() {
            params.sigma = compared_sigma;
        }
        let then = ShownThen { viewport, space, hover };
        let brings_points = params.stage_since(&self.params) == Stage::Points;
        if brings_points || self.is_opening() || self.scene().is_none() {
            self.begin_opening(match &params.input {
                Input::Files { targets, .. } => Some(targets.clone()),
                Input::Generated => None,
            });
            self.opening_shows(then);
            self.params = params;
        } else {
            self.params = params;
            self.show_then(then);
        }
        self.select_with_params(&selection.0);
    }

    /// Shows what a document says of points that are there.
    pub(super) fn show_then(&mut self, ShownThen { viewport, space, hover }: ShownThen) {
        // The rest stays: how large the plot is decides how the view fits.
        self.plot.space = PlotState::at(viewport, space).space;
        self.plot.restore(viewport);
        let rows = self.scene().and_then(|scene| scene.prepared.target_rows.clone());
        self.hover = HoverColumns::of(rows.as_ref(), hover);
    }

    /// Compares two bandwidths of a document, once the field of the first one is there.
    pub(super) fn compare_then(&mut self) {
        let Some(ComparedThen { a, b, place }) = self.compared_then else { return };
        if self.params.sigma != Some(a) || self.state.rejected {
            // The user has gone on, or the session has refused it.
            self.compared_then = None;
            return;
        }
        let is_there = |scene: &Params| self.params.stage_since(scene) < Stage::Field;
        let scene = self.scene().filter(|scene| scene.is_complete() && is_there(&scene.params));
        if scene.is_none() || self.is_opening() {
            return;
        }
        self.compared_then = None;
        self.toggle_comparison();
        if let Some(split) = &mut self.plot.split {
            split.restore(place);
        }
        self.params.sigma = b;
    }
}
