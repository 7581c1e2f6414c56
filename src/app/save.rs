//! The dialog that asks how large a picture to save, and where.

use std::path::PathBuf;

use eframe::egui::{Button, Context, Id, Key, Modal, TextEdit};

use super::{Command, widgets::text_width, wording::in_window};
use crate::session::files::{Replace, check};

/// What the dialog remembers from frame to frame.
#[derive(Clone, Debug)]
pub(super) struct SaveState {
    pub(super) open: bool,
    pub(super) path: String,
    scale: u32,
    replace: bool,
    /// Why the picture cannot be saved there.
    problem: Option<String>,
}

impl Default for SaveState {
    fn default() -> Self {
        Self {
            open: false,
            path: "sigmascope.png".to_owned(),
            scale: 2,
            replace: false,
            problem: None,
        }
    }
}

impl SaveState {
    /// Takes a place that the system's dialog has asked about.
    pub(super) fn chosen(&mut self, path: &std::path::Path) {
        self.path = path.display().to_string();
        self.replace = true;
    }
}

/// Draws the dialog; `pixels` is the size of the window.
pub(super) fn save_ui(ctx: &Context, state: &mut SaveState, pixels: [u32; 2]) -> Option<Command> {
    if !state.open {
        return None;
    }
    let mut command = None;
    let mut entered = false;
    let modal = Modal::new(Id::unique("save picture")).show(ctx, |ui| {
        ui.set_width(400.0);
        ui.heading("Save picture");
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.label("Size");
            for scale in [1, 2, 4] {
                ui.radio_value(&mut state.scale, scale, format!("{scale}×"));
            }
            let [width, height] = pixels.map(|side| side * state.scale);
            ui.weak(format!("{width} × {height} pixels"));
        });
        ui.horizontal(|ui| {
            let label = ui.label("File");
            let browse = 84.0;
            let width = ui.available_width() - browse;
            let typed = ui
                .add(TextEdit::singleline(&mut state.path).desired_width(width))
                .labelled_by(label.id);
            if typed.changed() {
                state.replace = false;
                state.problem = None;
            }
            entered = typed.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            if ui.button("Browse…").clicked() {
                command = Some(Command::BrowseForPicture);
            }
        });
        if ui.checkbox(&mut state.replace, "Replace the file if it is there").changed() {
            state.problem = None;
        }
        if let Some(problem) = &state.problem {
            ui.colored_label(ui.visuals().warn_fg_color, problem);
        }
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            // To the right end, and yet in the order that Tab goes by.
            let (between, padding) = (ui.spacing().item_spacing.x, ui.spacing().button_padding.x);
            let buttons = text_width(ui, "Cancel") + text_width(ui, "Save") + 4.0 * padding;
            ui.add_space((ui.available_width() - buttons - between).max(0.0));
            if ui.button("Cancel").clicked() {
                state.open = false;
            }
            let ready = !state.path.trim().is_empty();
            let save = ui.add_enabled(ready, Button::new("Save"));
            // Enter saves from the field, or when nothing else would take it.
            let nothing_else = ui.memory(|memory| memory.focused().is_none());
            let entered = entered || (nothing_else && ui.input(|i| i.key_pressed(Key::Enter)));
            if save.clicked() || (ready && entered) {
                let (path, scale) = (with_extension(state.path.trim()), state.scale);
                let replace = if state.replace { Replace::Yes } else { Replace::No };
                // Problems that can be found at once are shown here, where they can be corrected.
                match check(&path, replace) {
                    Ok(_) => command = Some(Command::SavePicture { path, scale, replace }),
                    Err(err) => state.problem = Some(in_window(&err.to_string())),
                }
            }
        });
    });
    if modal.should_close() {
        state.open = false;
    }
    command
}

/// The path with `.png` behind it if it has no ending of its own.
fn with_extension(text: &str) -> PathBuf {
    let path = PathBuf::from(text);
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")) {
        path
    } else {
        PathBuf::from(format!("{text}.png"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_always_ends_in_png() {
        assert_eq!(with_extension("a"), PathBuf::from("a.png"));
        assert_eq!(with_extension("a.PNG"), PathBuf::from("a.PNG"));
        assert_eq!(with_extension("v1.2"), PathBuf::from("v1.2.png"));
    }
}
