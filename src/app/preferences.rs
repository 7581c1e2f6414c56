//! The user's settings while the window is open: the worker saves them shortly after the last
//! change.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use eframe::egui::Context;

use crate::session::{Job, OwnFiles, Settings};

/// How long settings must stay the same before they are saved. With less, a resize saves at every
/// step; with more, a crash loses more.
const DEBOUNCE: Duration = Duration::from_millis(400);

/// The settings, and since when they differ from the file.
pub(super) struct Preferences {
    /// Where they are kept, if anywhere.
    files: Option<OwnFiles>,
    settings: Settings,
    /// When they were changed last, if that is not saved yet.
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

    /// A job that saves them, if that is due.
    pub(super) fn due(&mut self, ctx: &Context) -> Option<Job> {
        let left = DEBOUNCE.saturating_sub(self.changed?.elapsed());
        if !left.is_zero() {
            ctx.request_repaint_after(left);
            return None;
        }
        self.changed = None;
        Some(Job::SaveSettings { files: self.files.clone()?, settings: self.settings.clone() })
    }

    /// Saves at once what has not been saved yet, because the window closes.
    pub(super) fn save_now(&mut self) {
        if let (Some(files), Some(_)) = (&self.files, self.changed.take())
            && let Err(err) = self.settings.save(files)
        {
            log::warn!("{err}");
        }
    }
}
