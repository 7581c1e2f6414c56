//! The menus.

use eframe::egui::{MenuBar, Ui};

use super::Command;
use crate::model::Theme;

/// Draws the menu bar.
pub(super) fn menu_ui(ui: &mut Ui, theme: Theme) -> Option<Command> {
    let mut command = None;
    MenuBar::new().ui(ui, |ui| {
        let mut item = |ui: &mut Ui, text: &str, keys: &str, wanted: Command| {
            let button = eframe::egui::Button::new(text).shortcut_text(keys);
            if ui.add(button).clicked() {
                command = Some(wanted);
                ui.close();
            }
        };
        ui.menu_button("File", |ui| {
            item(ui, "Open points…", "Ctrl+O", Command::OpenDialog);
            item(ui, "Reload", "F5", Command::Reload);
            item(ui, "Generate points", "", Command::Generate);
            ui.separator();
            item(ui, "Save picture…", "Ctrl+S", Command::SaveDialog);
            item(ui, "Save window", "F12", Command::SaveWindow);
            ui.separator();
            item(ui, "Quit", "Ctrl+Q", Command::Quit);
        });
        ui.menu_button("Edit", |ui| {
            item(ui, "Copy picture", "Ctrl+C", Command::CopyPicture);
            item(ui, "Re-roll the seed", "R", Command::Reroll);
            ui.separator();
            item(ui, "Reset all", "", Command::Reset);
        });
        ui.menu_button("View", |ui| {
            item(ui, "Fit the bulk", "F", Command::Fit);
            item(ui, "Fit all targets", "A", Command::FitAll);
            ui.separator();
            item(ui, "Compare engines…", "Ctrl+E", Command::Compare);
            ui.separator();
            for &choice in Theme::ALL {
                let mark = if choice == theme { "✔ " } else { "    " };
                item(ui, &format!("{mark}{} theme", choice.label()), "", Command::Theme(choice));
            }
        });
        ui.menu_button("Help", |ui| {
            item(ui, "Shortcuts", "?", Command::Shortcuts);
        });
    });
    command
}
