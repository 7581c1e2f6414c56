//! Files of the points that change on disk: they are read again, by themselves or when the user says so.

use std::path::{Path, PathBuf};

use eframe::egui::{Button, Panel, Ui};

use super::{super::Command, Window};
use crate::{
    escape::escaped,
    model::{Input, Params, Weights},
    session::{FileWatch, Notice, NoticeKind, Repeat, Viewport},
};

/// What is known of the files of the points on disk.
pub(super) struct Watching {
    watch: FileWatch,
    /// The files that are watched.
    files: Vec<PathBuf>,
    /// Those that were written since they were read.
    changed: Vec<PathBuf>,
    /// Whether they are read again by themselves.
    pub(super) by_itself: bool,
    /// The version of the scene before the reading that is under way.
    rereads: Option<u64>,
}

impl Watching {
    /// Watches nothing yet; `wake` is called from another thread when a file has changed.
    pub(super) fn new(by_itself: bool, wake: impl Fn() + Send + 'static) -> Self {
        let watch = FileWatch::start(wake);
        watch.look_often(by_itself);
        Self { watch, files: Vec::new(), changed: Vec::new(), by_itself, rereads: None }
    }

    /// Watches the files as they are now: they are read.
    pub(super) fn begin(&mut self) {
        self.changed.clear();
        self.watch.watch(self.files.clone());
    }

    /// Leaves what has changed as it was read.
    pub(super) fn leave(&mut self) {
        self.changed.clear();
    }
}

/// The files that `params` take points from, but for standard input.
fn files_of(params: &Params) -> Vec<&Path> {
    let Input::Files { targets, sources, .. } = &params.input else { return Vec::new() };
    let weights = match &params.weights {
        Some(Weights::File(path)) => Some(path),
        _ => None,
    };
    let files = [targets].into_iter().chain(sources).chain(&params.reading.more).chain(weights);
    let is_file =
        |path: &&Path| !path.to_str().is_some_and(|text| text == "-" || text.starts_with("-:"));
    files.map(PathBuf::as_path).filter(is_file).collect()
}

/// The names of files, for a sentence.
fn names(files: &[PathBuf]) -> String {
    let name =
        |path: &PathBuf| escaped(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy());
    match files {
        [] => String::new(),
        [one] => format!("{} has", name(one)),
        [first, rest @ ..] => format!("{} and {} more have", name(first), rest.len()),
    }
}

impl Window {
    /// Watches the files of the points that are asked for, and reads them again if they have changed and that is
    /// to be done by itself.
    pub(super) fn follow_files(&mut self) {
        let files = files_of(&self.params);
        if files != self.watching.files {
            self.watching.files = files.into_iter().map(Path::to_owned).collect();
            self.watching.begin();
        }
        for file in self.watching.watch.take_changed() {
            if !self.watching.changed.contains(&file) {
                self.watching.changed.push(file);
            }
        }
        let is_read = |version| {
            self.state.rejected || self.scene().is_none_or(|scene| scene.version != version)
        };
        if self.watching.rereads.is_some_and(is_read) {
            self.watching.rereads = None;
        }
        let is_free = self.watching.rereads.is_none() && !self.is_opening() && !self.held;
        if self.watching.by_itself && is_free && !self.watching.changed.is_empty() {
            let text = format!("{} changed on disk: read again", names(&self.watching.changed));
            self.notices.push(Notice { kind: NoticeKind::Done, text });
            self.read_again();
        }
    }

    /// Reads the files again; what is on screen stays as it is: σ, the part of the plane, the selected rows.
    pub(super) fn read_again(&mut self) {
        self.watching.leave();
        let Some(scene) = self.scene().cloned() else {
            return self.session.repeat(Repeat::Everything);
        };
        self.watching.rereads = Some(scene.version);
        if self.params.sigma.is_none() {
            // The rule would choose another one for other points.
            self.params.sigma = Some(scene.sigma());
        }
        if self.plot.viewport != Viewport::All && scene.shown.is_plane() {
            self.plot.viewport = Viewport::Free(self.plot.view);
        }
        self.pass_on();
        self.session.repeat(Repeat::Everything);
    }

    /// Says that files have changed, and offers to read them again.
    pub(super) fn changed_panel(&mut self, ui: &mut Ui) -> Option<Command> {
        if self.watching.changed.is_empty() || self.watching.by_itself {
            return None;
        }
        let text = format!("{} changed on disk", names(&self.watching.changed));
        let shown = Panel::top("changed files").show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(text);
                let button = |ui: &mut Ui, text: &str, hint: &str| {
                    ui.add(Button::new(text)).on_hover_text(hint).clicked()
                };
                let hint = "With σ, the view and the selected rows as they are";
                let reads = button(ui, "Read again", hint).then_some(Command::ReadAgain);
                let hint = "Read it again whenever it changes, from now on";
                let follows = button(ui, "Always", hint).then_some(Command::Watch(true));
                let leaves = button(ui, "Not now", "Leave the points as they were read");
                reads.or(follows).or(leaves.then_some(Command::LeaveChanged))
            })
            .inner
        });
        shown.inner
    }

    /// Whether files are read again by themselves.
    pub(super) fn watch_files(&mut self, by_itself: bool) {
        self.watching.by_itself = by_itself;
        self.watching.watch.look_often(by_itself);
        let text = if by_itself {
            "Files are read again when they change on disk"
        } else {
            "Files stay as they were read"
        };
        self.notices.push(Notice { kind: NoticeKind::Done, text: text.to_owned() });
        self.keep();
    }
}
