//! The question where a file is that a picture was drawn from and that is not beside it.

use eframe::egui::{Button, Context, Id, Key, Modal, RichText};

use super::Command;
use crate::{
    escape::{escaped, escaped_path},
    session::Restored,
};

/// Asks for the first file of `restored` that is missing; until it is there, nothing on screen changes.
pub(super) fn missing_ui(ctx: &Context, restored: &Restored) -> Option<Command> {
    let missing = restored.missing.first()?;
    let from = restored.from.file_name().map_or(restored.from.as_path(), std::path::Path::new);
    let name = match missing.name.as_str() {
        // Standard input.
        "-" => "standard input".to_owned(),
        name => escaped(name),
    };
    let heading = format!("Where is {name}?");
    let reason = format!(
        "{} was drawn from it, and it is not in the same folder. Choose it, or drop it here.",
        escaped_path(from)
    );
    let asked = Modal::new(Id::unique("missing file")).show(ctx, |ui| {
        ui.set_width(440.0);
        ui.label(RichText::new(heading).heading());
        ui.add_space(4.0);
        ui.label(reason);
        ui.add_space(8.0);
        let is_free = ui.memory(|memory| memory.focused().is_none());
        let entered = is_free && ui.input(|i| i.key_pressed(Key::Enter));
        let given_up = ui.input(|i| i.key_pressed(Key::Escape));
        ui.horizontal(|ui| {
            let browse = ui.add(Button::new("Browse…")).on_hover_text("Choose the file");
            let leave = ui
                .add(Button::new("Do not open it"))
                .on_hover_text("What is on screen stays as it is");
            if leave.clicked() || given_up {
                Some(Command::LeaveDocument)
            } else {
                (browse.clicked() || entered).then_some(Command::OpenDialog)
            }
        })
        .inner
    });
    asked.inner
}
