//! The buttons under "Export" in the side panel: pictures and tables to take along.

use eframe::egui::{Button, Ui};

use crate::app::Command;

/// Draws the buttons, two in a row.
pub(super) fn export_ui(ui: &mut Ui) -> Option<Command> {
    let buttons = [
        (
            "Save picture…",
            "The plot with its axes, as PNG, SVG or PDF (Ctrl+S)",
            Command::SaveDialog,
        ),
        (
            "Save table…",
            "A row for each target: its coordinates and f (Ctrl+Shift+S)",
            Command::SaveTableDialog,
        ),
        ("Copy picture", "Put the plot on the clipboard (Ctrl+C)", Command::CopyPicture),
        ("Save window", "The whole window, as a PNG file (F12)", Command::SaveWindow),
    ];
    let width = 0.5 * (ui.available_width() - ui.spacing().item_spacing.x);
    let size = [width, ui.spacing().interact_size.y];
    let mut command = None;
    for row in buttons.chunks(2) {
        ui.horizontal(|ui| {
            for (text, hint, wanted) in row {
                if ui.add_sized(size, Button::new(*text)).on_hover_text(*hint).clicked() {
                    command = Some(wanted.clone());
                }
            }
        });
    }
    command
}
