//! Passes changed parameters to the session, and saves the state for the window that follows a lost
//! device or a crash.

use std::sync::Arc;

use eframe::egui::Context;

use super::{
    super::{Startup, launch::DEFAULT_SIZE},
    Window,
};
use crate::{
    model::Stage,
    selection::SharedRows,
    session::{Notice, NoticeKind, Saved},
};

impl Window {
    /// Passes the parameters to the session, if they have changed.
    pub(super) fn pass_on(&mut self) {
        if self.held {
            return;
        }
        if self.session.apply(&self.params) > Stage::Nothing {
            self.keep();
        }
    }

    /// Records what another window needs to go on from here.
    pub(super) fn keep(&self) {
        self.keep_with(self.notices.unread());
    }

    fn keep_with(&self, notices: Vec<Notice>) {
        self.handover.keep(Startup {
            saved: Saved {
                params: self.params.clone(),
                viewport: self.plot.viewport,
                selection: SharedRows(Arc::clone(&self.state.selection.rows)),
                space: self.plot.space.viewport,
            },
            settings: self.preferences.settings().clone(),
            files: self.preferences.files().cloned(),
            adapter: self.adapter.clone(),
            frame_log: self.frame_log.clone(),
            recovered: self.recovered.clone(),
            notices,
            source: self.session.source(),
            slice_seconds: self.slice_seconds,
            held: self.held,
            history: Some(self.history.clone()),
            watches: self.watching.by_itself,
            opens: self.missing.as_ref().map(|restored| restored.from.clone()),
        });
    }

    /// Remembers the size that the user gave the window, for the next start.
    pub(super) fn remember_size(&mut self, ctx: &Context) {
        let (free, size) = ctx.input(|i| {
            let viewport = i.viewport();
            let fixed = [viewport.maximized, viewport.fullscreen, viewport.minimized];
            (!fixed.contains(&Some(true)), viewport.inner_rect.map(|rect| rect.size()))
        });
        let known = self.preferences.settings().window.unwrap_or(DEFAULT_SIZE);
        if let Some(size) = size.filter(|size| free && (*size - known.into()).length() > 0.5) {
            self.preferences.change(ctx, |settings| settings.window = Some(size.round().into()));
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.preferences.save_now();
        let mut notices = self.notices.unread();
        // The next window says itself that the device was lost.
        let told = self.session.end().into_iter();
        notices.extend(told.filter(|notice| notice.kind != NoticeKind::Lost));
        self.keep_with(notices);
    }
}
