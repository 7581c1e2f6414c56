//! What every dialog for saving has: its frame, where to, whether a file there is replaced, and what is wrong
//! with that.

use std::path::PathBuf;

use eframe::egui::{Button, Context, Id, Key, Modal, TextEdit, Ui};

use super::{widgets::text_width, wording::in_window};
use crate::session::{check_place, files::Replace};

/// Where a file is to be saved, as it is being asked for.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// Whether the dialog that asks for it is open.
    pub(super) open: bool,
    pub(super) path: String,
    replace: bool,
    /// Why nothing can be saved there.
    problem: Option<String>,
}

/// What the user decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// To ask the system for a place.
    Browse,
    /// To save there.
    Save(PathBuf, Replace),
}

impl Default for Destination {
    fn default() -> Self {
        Self::of("sigmascope.png")
    }
}

impl Destination {
    /// A file of this name in the current folder.
    pub(super) fn of(name: &str) -> Self {
        Self { open: false, path: name.to_owned(), replace: false, problem: None }
    }

    /// Takes a place that the system's dialog has asked about.
    pub(super) fn chosen(&mut self, path: &std::path::Path) {
        self.path = path.display().to_string();
        self.replace = true;
        self.problem = None;
    }

    /// Tells what is wrong with the place.
    pub(super) fn refuse(&mut self, problem: String) {
        self.problem = Some(problem);
    }

    /// Draws the dialog with this heading, if it is open: what `add` draws, and below it the place;
    /// `complete` makes a path of what is typed. `width` is that of its content, in logical pixels.
    pub(super) fn dialog(
        &mut self,
        ctx: &Context,
        heading: &'static str,
        width: f32,
        complete: impl Fn(&str) -> PathBuf,
        add: impl FnOnce(&mut Ui),
    ) -> Option<Decision> {
        if !self.open {
            return None;
        }
        let modal = Modal::new(Id::unique(heading)).show(ctx, |ui| {
            ui.set_width(width);
            ui.heading(heading);
            ui.add_space(4.0);
            add(ui);
            self.show(ui, complete)
        });
        if modal.should_close() {
            self.open = false;
        }
        modal.inner
    }

    /// Draws the place; `complete` makes a path of what is typed.
    fn show(&mut self, ui: &mut Ui, complete: impl Fn(&str) -> PathBuf) -> Option<Decision> {
        let mut decision = None;
        let mut entered = false;
        ui.horizontal(|ui| {
            let label = ui.label("File");
            let browse = 84.0;
            let width = ui.available_width() - browse;
            let typed = ui
                .add(TextEdit::singleline(&mut self.path).desired_width(width))
                .labelled_by(label.id);
            if typed.changed() {
                self.replace = false;
                self.problem = None;
            }
            entered = typed.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            if ui.button("Browse…").clicked() {
                decision = Some(Decision::Browse);
            }
        });
        if ui.checkbox(&mut self.replace, "Replace the file if it is there").changed() {
            self.problem = None;
        }
        if let Some(problem) = &self.problem {
            ui.colored_label(ui.visuals().warn_fg_color, problem);
        }
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            // To the right end, and yet in the order that Tab goes by.
            let (between, padding) = (ui.spacing().item_spacing.x, ui.spacing().button_padding.x);
            let buttons = text_width(ui, "Cancel") + text_width(ui, "Save") + 4.0 * padding;
            ui.add_space((ui.available_width() - buttons - between).max(0.0));
            if ui.button("Cancel").clicked() {
                self.open = false;
            }
            let ready = !self.path.trim().is_empty();
            let save = ui.add_enabled(ready, Button::new("Save"));
            // Enter saves from the field, or when nothing else would take it.
            let nothing_else = ui.memory(|memory| memory.focused().is_none());
            let entered = entered || (nothing_else && ui.input(|i| i.key_pressed(Key::Enter)));
            if save.clicked() || (ready && entered) {
                let path = complete(self.path.trim());
                let replace = if self.replace { Replace::Yes } else { Replace::No };
                // Problems that can be found at once are shown here, where they can be corrected.
                match check_place(&path, replace) {
                    Ok(()) => decision = Some(Decision::Save(path, replace)),
                    Err(err) => self.problem = Some(in_window(&err.to_string())),
                }
            }
        });
        decision
    }
}

/// The path with this end of a file's name, behind a point, unless it has it in any case.
pub(super) fn with_end(text: &str, end: &str) -> PathBuf {
    let path = PathBuf::from(text);
    if path.extension().is_some_and(|found| found.eq_ignore_ascii_case(end)) {
        path
    } else {
        PathBuf::from(format!("{text}.{end}"))
    }
}
