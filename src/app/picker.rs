//! Asking the system for a file, without waiting for the answer on the window's thread.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender, channel},
};

use crate::{
    io::FORMATS,
    session::{PictureFormat, TableFormat},
};

/// A file that the user chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// To load.
    Points(PathBuf),
    /// To load as the sources of the targets that are there.
    Sources(PathBuf),
    /// To save a picture to; the dialog has asked about replacing it.
    Picture(PathBuf),
    /// To save an animation to; the dialog has asked about replacing it.
    Animation(PathBuf),
    /// To save a session to; the dialog has asked about replacing it.
    Session(PathBuf),
    /// To save a table to; the dialog has asked about replacing it.
    Table(PathBuf),
}

/// Shows file dialogs. Tests put a chooser of their own in its place.
pub trait Picker {
    /// Lets the dialogs begin in this folder.
    fn begin_in(&mut self, _folder: &Path) {}
    /// Asks for a file of points.
    fn open_points(&mut self);
    /// Asks for a file of sources.
    fn open_sources(&mut self);
    /// Asks where to save a picture.
    fn save_picture(&mut self);
    /// Asks where to save an animation.
    fn save_animation(&mut self) {}
    /// Asks where to save a session.
    fn save_session(&mut self) {}
    /// Asks where to save a table.
    fn save_table(&mut self);
    /// What was chosen since the last call.
    fn picked(&mut self) -> Option<Picked>;
}

/// The system's own dialogs.
pub struct SystemPicker {
    sender: Sender<Picked>,
    receiver: Receiver<Picked>,
    wake: std::sync::Arc<dyn Fn() + Send + Sync>,
    folder: Option<PathBuf>,
}

impl SystemPicker {
    /// A picker that calls `wake` when something was chosen.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver, wake: std::sync::Arc::new(wake), folder: None }
    }

    fn dialog(&self, title: &str) -> rfd::AsyncFileDialog {
        let dialog = rfd::AsyncFileDialog::new().set_title(title);
        match &self.folder {
            Some(folder) if folder.is_dir() => dialog.set_directory(folder),
            _ => dialog,
        }
    }

    fn points_dialog(&self, title: &str) -> rfd::AsyncFileDialog {
        let ends: Vec<&str> =
            FORMATS.iter().flat_map(|format| format.extensions).copied().collect();
        self.dialog(title)
            .add_filter("Points", &ends)
            .add_filter("Pictures and sessions", &["sigmascope", "png", "svg", "pdf"])
            .add_filter("All files", &["*"])
    }

    /// Waits for an answer on a thread of its own; macOS wants the dialog made on this one.
    fn ask<F>(&self, answer: F, picked: fn(PathBuf) -> Picked)
    where
        F: Future<Output = Option<rfd::FileHandle>> + Send + 'static,
    {
        let (sender, wake) = (self.sender.clone(), std::sync::Arc::clone(&self.wake));
        let waiting = std::thread::Builder::new().name("sigmascope-dialog".to_owned());
        let started = waiting.spawn(move || {
            if let Some(file) = pollster::block_on(answer) {
                // The window may be gone by now.
                let _ = sender.send(picked(file.path().to_owned()));
                wake();
            }
        });
        if let Err(err) = started {
            log::error!("no thread for a file dialog: {err}");
        }
    }
}

impl Picker for SystemPicker {
    fn begin_in(&mut self, folder: &Path) {
        self.folder = Some(folder.to_owned());
    }

    fn open_points(&mut self) {
        self.ask(self.points_dialog("Open points").pick_file(), Picked::Points);
    }

    fn open_sources(&mut self) {
        self.ask(self.points_dialog("Open sources").pick_file(), Picked::Sources);
    }

    fn save_picture(&mut self) {
        let dialog =
            PictureFormat::ALL.iter().fold(self.dialog("Save picture"), |dialog, format| {
                dialog.add_filter(format.ending().to_uppercase(), &[format.ending()])
            });
        let dialog = dialog.set_file_name("sigmascope.png");
        self.ask(dialog.save_file(), Picked::Picture);
    }

    fn save_animation(&mut self) {
        let dialog = self.dialog("Save animation");
        let dialog = dialog.add_filter("APNG", &["apng"]).add_filter("GIF", &["gif"]);
        self.ask(dialog.set_file_name("sigmascope.apng").save_file(), Picked::Animation);
    }

    fn save_session(&mut self) {
        let dialog = self.dialog("Save session").add_filter("Session", &["sigmascope"]);
        self.ask(dialog.set_file_name("session.sigmascope").save_file(), Picked::Session);
    }

    fn save_table(&mut self) {
        let dialog = TableFormat::ENDS
            .iter()
            .fold(self.dialog("Save table"), |dialog, (end, _)| dialog.add_filter(*end, &[*end]));
        self.ask(dialog.set_file_name("sigmascope.csv").save_file(), Picked::Table);
    }

    fn picked(&mut self) -> Option<Picked> {
        self.receiver.try_recv().ok()
    }
}
