//! The menu bar: files, undo and redo, what is shown, help.

use eframe::egui::{Button, MenuBar, Ui};

use super::{
    Command, Tool,
    recent::{RecentFile, recent_ui},
};
use crate::{
    model::Theme,
    session::{Region, SelectionChange},
};

/// What is on, off or possible, as the menus mark it.
#[expect(clippy::struct_excessive_bools, reason = "one for each item that is on or off")]
pub(super) struct MenuState {
    pub(super) theme: Theme,
    pub(super) can_undo: bool,
    pub(super) can_redo: bool,
    pub(super) playing: bool,
    pub(super) is_comparing: bool,
    pub(super) locked: bool,
    pub(super) panel: bool,
    pub(super) ring: bool,
    pub(super) contours: bool,
    pub(super) space: Result<bool, &'static str>,
    pub(super) dots: bool,
    pub(super) raster: bool,
    pub(super) marginals: bool,
    pub(super) filmstrip: bool,
    pub(super) table: bool,
    pub(super) has_file: bool,
    /// Whether files are read again by themselves.
    pub(super) watches: bool,
    pub(super) has_selection: bool,
    /// Whether only some rows are taken.
    pub(super) takes_some: bool,
    pub(super) hides_rest: bool,
    pub(super) tool: Tool,
    pub(super) recent: Vec<RecentFile>,
}

/// Draws the menu bar.
pub(super) fn menu_ui(ui: &mut Ui, shown: &MenuState) -> Option<Command> {
    let &MenuState { theme, can_undo, can_redo, playing, is_comparing, locked, ring, .. } = shown;
    let MenuState { filmstrip, table, has_file, contours, panel, dots, raster, marginals, .. } =
        *shown;
    let MenuState { has_selection, takes_some, hides_rest, .. } = *shown;
    let mut menus = Menus(None);
    MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| {
            menus.item(ui, "Open points…", "Ctrl+O", Command::OpenDialog);
            menus.item(ui, "Reload", "F5", Command::Reload);
            if let Some(command) = recent_ui(ui, &shown.recent) {
                menus.0 = Some(command);
            }
            menus.item(ui, "Generate points", "", Command::Generate);
            ui.separator();
            menus.item(ui, "Save picture…", "Ctrl+S", Command::SaveDialog);
            menus.item(ui, "Save animation…", "Ctrl+Alt+A", Command::SaveAnimationDialog);
            menus.item(ui, "Save table…", "Ctrl+Shift+S", Command::SaveTableDialog);
            menus.item(ui, "Save session…", "Ctrl+Alt+S", Command::SaveSessionDialog);
            menus.item(ui, "Save window", "F12", Command::SaveWindow);
            ui.separator();
            let turn = Command::Watch(!shown.watches);
            menus.mark(shown.watches, ui, "Read changed files again", "", turn);
            menus.item(ui, "Quit", "Ctrl+Q", Command::Quit);
        });
        ui.menu_button("Edit", |ui| {
            menus.item_if(can_undo, ui, "Undo", "Ctrl+Z", Command::Undo);
            menus.item_if(can_redo, ui, "Redo", "Ctrl+Shift+Z", Command::Redo);
            ui.separator();
            menus.item(ui, "Copy picture", "Ctrl+C", Command::CopyPicture);
            menus.item(ui, "Copy command", "Ctrl+Alt+C", Command::CopyCommand);
            menus.item(ui, "Re-roll the seed", "R", Command::Reroll);
            ui.separator();
            menus.item(ui, "Reset all", "", Command::Reset);
        });
        ui.menu_button("View", |ui| {
            menus.mark(panel, ui, "Side panel", "Ctrl+B", Command::SidePanel);
            ui.separator();
            menus.item(ui, "Zoom to core", "F", Command::Fit);
            menus.item(ui, "Zoom to all", "A", Command::FitAll);
            menus.item(ui, "Axes…", "X", Command::Axes);
            menus.space(shown.space, ui);
            ui.separator();
            menus.mark(playing, ui, "Animate σ", "Space", Command::Play);
            menus.mark(is_comparing, ui, "Compare two σ", "H", Command::CompareSigmas);
            menus.mark(locked, ui, "Fix limits", "L", Command::FixLimits);
            menus.mark(filmstrip, ui, "Filmstrip", "T", Command::Filmstrip);
            menus.mark(table, ui, "Table of rows", "Shift+T", Command::Table);
            menus.item_if(has_file, ui, "Columns of the file", "Ctrl+T", Command::Columns);
            ui.separator();
            menus.mark(dots, ui, "Dots", "D", Command::Dots);
            menus.mark(raster, ui, "Raster of f", "G", Command::Raster);
            menus.mark(contours, ui, "Contours of the mass", "C", Command::Contours);
            menus.mark(marginals, ui, "Marginals", "M", Command::Marginals);
            menus.mark(ring, ui, "Ring of σ", "K", Command::Ring);
            menus.mark(hides_rest, ui, "Hide what is not selected", "N", Command::HideRest);
            ui.separator();
            menus.item(ui, "Time engines…", "Ctrl+E", Command::CompareEngines);
            ui.separator();
            for &choice in Theme::ALL {
                let text = format!("{} theme", choice.label());
                menus.mark(choice == theme, ui, &text, "", Command::Theme(choice));
            }
        });
        ui.menu_button("Select", |ui| {
            let select = |region| Command::Select(SelectionChange::to(region));
            menus.item(ui, "Select by value…", "Ctrl+F", Command::SelectByValue);
            menus.item(ui, "Select all", "Ctrl+A", select(Region::All));
            let none = Command::Select(SelectionChange::to_nothing());
            menus.item_if(has_selection, ui, "Select nothing", "Ctrl+Shift+A", none);
            menus.item(ui, "Invert the selection", "Ctrl+I", select(Region::Rest));
            menus.item_if(has_selection, ui, "Copy rows", "Ctrl+Shift+C", Command::CopyRows);
            menus.item_if(takes_some, ui, "Take all rows again", "", Command::AllRows);
            ui.separator();
            for tool in Tool::ALL {
                let text = format!("Tool: {}", tool.label());
                menus.mark(tool == shown.tool, ui, &text, tool.key(), Command::Tool(tool));
            }
        });
        ui.menu_button("Help", |ui| {
            menus.item(ui, "Shortcuts", "?", Command::Shortcuts);
        });
    });
    menus.0
}

/// The item that was chosen, while the menus are drawn.
struct Menus(Option<Command>);

impl Menus {
    fn item(&mut self, ui: &mut Ui, text: &str, keys: &str, wanted: Command) {
        self.item_if(true, ui, text, keys, wanted);
    }

    /// An item with a tick mark if it is `on`.
    fn mark(&mut self, on: bool, ui: &mut Ui, text: &str, keys: &str, wanted: Command) {
        let mark = if on { "✔ " } else { "    " };
        self.item(ui, &format!("{mark}{text}"), keys, wanted);
    }

    /// Whether targets lie in space; greyed out where they cannot, with the reason.
    fn space(&mut self, is: Result<bool, &str>, ui: &mut Ui) {
        match is {
            Ok(on) => self.mark(on, ui, "Space", "S", Command::Space),
            Err(why) => {
                let text = format!("    Space: {why}");
                ui.add_enabled(false, Button::new(text).shortcut_text("S"));
            }
        }
    }

    /// An item that is greyed out unless it can be chosen.
    fn item_if(&mut self, can: bool, ui: &mut Ui, text: &str, keys: &str, wanted: Command) {
        let button = Button::new(text).shortcut_text(keys);
        if ui.add_enabled(can, button).clicked() {
            self.0 = Some(wanted);
            ui.close();
        }
    }
}
