//! What a window starts with: the command line's parameters, or what the window before it left.

use std::path::PathBuf;

use super::{FrameLog, History};
use crate::{
    engine::Pace,
    model::{Params, Theme},
    session::{Notice, OwnFiles, Saved, Settings, Source},
};

/// What the window starts with.
#[derive(Clone, Debug)]
pub struct Startup {
    /// What to compute and how to show it.
    pub saved: Saved,
    /// What the user chose in earlier windows.
    pub settings: Settings,
    /// Where settings are kept; `None` keeps none.
    pub files: Option<OwnFiles>,
    /// Take the adapter whose name contains this.
    pub adapter: Option<String>,
    /// Where to record every frame.
    pub frame_log: Option<FrameLog>,
    /// What a window that crashed had on screen, to be offered.
    pub recovered: Option<Saved>,
    /// What to tell the user at once.
    pub notices: Vec<Notice>,
    /// Points that were read from files before.
    pub source: Source,
    /// How long one submission to the device should take, in seconds.
    pub slice_seconds: f64,
    /// Whether to compute nothing until the user has chosen how, after repeated losses of the
    /// device.
    pub held: bool,
    /// The steps to undo and redo; `None` begins a new history.
    pub history: Option<History>,
    /// A picture or session to open at once.
    pub opens: Option<PathBuf>,
    /// Whether files are read again by themselves when they change on disk.
    pub watches: bool,
}

impl Startup {
    /// A window that shows `params`, and keeps nothing.
    pub fn new(params: Params) -> Self {
        Self {
            saved: Saved { params, ..Saved::default() },
            settings: Settings::default(),
            files: None,
            adapter: None,
            frame_log: None,
            recovered: None,
            notices: Vec::new(),
            source: Source::default(),
            slice_seconds: Pace::WITH_WINDOW,
            held: false,
            history: None,
            opens: None,
            watches: false,
        }
    }

    /// Dark or light.
    pub(super) fn theme(&self) -> Theme {
        self.settings.theme.unwrap_or_default()
    }
}
