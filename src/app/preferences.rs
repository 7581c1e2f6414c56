//! The settings while the window is open: saved by the worker, shortly after the last change.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use eframe::egui::Context;

use crate::session::{Job, OwnFiles, Settings};

/// How long settings must stay as they are before they are saved: not at every step of a resize.
const CALM: Duration = Duration::from_millis(400);

/// The settings, and what of them is on disk.
pub(super) struct Preferences {
    /// Where they are kept, if anywhere.
    files: Option<OwnFiles>,
    settings: Settings,
    changed: Option<Instant>,
}

impl Preferences {
    pub(super) fn new(files: Option<OwnFiles>, settings: Settings) -> Self {
        Self { files, settings, changed: None }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn files(&self) -> Option<&OwnFiles> {
        self.files.as_ref()
    }

    /// Changes them, to be saved soon.
    pub(super) fn change(&mut self, ctx: &Context, change: impl FnOnce(&mut Settings)) {
        let before = self.settings.clone();
        change(&mut self.settings);
        if self.settings != before {
            self.changed = Some(Instant::now());
            ctx.request_repaint();
        }
    }

    /// Remembers the folder of a file that was opened or saved.
    pub(super) fn remember_folder_of(&mut self, ctx: &Context, file: &Path) {
        let folder = std::path::absolute(file).ok();
        if let Some(folder) = folder.as_deref().and_then(Path::parent) {
            self.change(ctx, |settings| settings.folder = Some(folder.to_owned()));
        }
    }

    /// What is to be done for them by now.
    pub(super) fn due(&mut self, ctx: &Context) -> Option<Job> {
        let left = CALM.saturating_sub(self.changed?.elapsed());
        if !left.is_zero() {
            ctx.request_repaint_after(left);
            return None;
        }
        self.changed = None;
        Some(Job::SaveSettings { files: self.files.clone()?, settings: self.settings.clone() })
    }

    /// Saves what has not been saved yet, without waiting for calm: the window closes.
    pub(super) fn save_now(&mut self) {
        if let (Some(files), Some(_)) = (&self.files, self.changed.take())
            && let Err(err) = self.settings.save(files)
        {
            log::warn!("{err}");
        }
    }
}
