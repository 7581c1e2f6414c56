//! The dialog that asks where to save a table of f, and what stands beside it.

use std::path::PathBuf;

use eframe::egui::Context;

use super::{
    Command,
    destination::{Decision, Destination},
};
use crate::session::{TableFormat, With};

/// What the dialog remembers from frame to frame.
#[derive(Clone, Debug)]
pub(super) struct SaveTableState {
    pub(super) destination: Destination,
    with: With,
    /// Whether only the selected rows are written, where some are selected.
    selected: bool,
}

impl Default for SaveTableState {
    fn default() -> Self {
        let destination = Destination::of("sigmascope.csv");
        Self { destination, with: With::default(), selected: true }
    }
}

/// Draws the dialog; `is_file` says whether the targets come from a file, which may have more columns, and
/// `has_selection` whether some rows are selected.
pub(super) fn save_table_ui(
    ctx: &Context,
    state: &mut SaveTableState,
    is_file: bool,
    has_selection: bool,
) -> Option<Command> {
    let SaveTableState { destination, with, selected } = state;
    if destination.open && !is_file && *with == With::All {
        *with = With::Coordinates;
    }
    let decision = destination.dialog(ctx, "Save table", 424.0, with_extension, |ui| {
        let of_selected = has_selection && *selected;
        ui.label(if of_selected {
            "A row for each selected row, in the order of the points' file."
        } else {
            "A row for every row of the points' file, in its order."
        });
        ui.add_space(4.0);
        if has_selection {
            ui.checkbox(selected, "Only the selected rows");
        }
        let choices = [
            (With::Coordinates, "Row, coordinates and f", true),
            (With::All, "All columns of the file, and f", is_file),
            (With::Nothing, "f alone", true),
        ];
        for (choice, text, is_there) in choices {
            ui.add_enabled_ui(is_there, |ui| ui.radio_value(with, choice, text));
        }
        ui.add_space(4.0);
        ui.weak(format!("The name says the format: {}", ends()));
    });
    match decision? {
        Decision::Browse => Some(Command::BrowseForTable),
        Decision::Save(path, replace) => {
            let Some(format) = TableFormat::of(&path) else {
                destination.refuse(format!("The name has to end in {}", ends()));
                return None;
            };
            if !format.is_table() && *with == With::All {
                let problem = "Arrays hold numbers alone: name a table (.csv, .parquet, .arrow)";
                destination.refuse(problem.to_owned());
                return None;
            }
            let selected = has_selection && *selected;
            Some(Command::SaveTable { path, format, with: with.clone(), selected, replace })
        }
    }
}

/// The ends of names, in words.
fn ends() -> String {
    let ends: Vec<String> = TableFormat::ENDS.iter().map(|(end, _)| format!(".{end}")).collect();
    ends.join(", ")
}

/// The path with `.csv` behind it if it has no ending at all.
fn with_extension(text: &str) -> PathBuf {
    let path = PathBuf::from(text);
    if path.extension().is_some() { path } else { PathBuf::from(format!("{text}.csv")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_text_unless_its_name_says_otherwise() {
        assert_eq!(with_extension("a"), PathBuf::from("a.csv"));
        assert_eq!(with_extension("a.parquet"), PathBuf::from("a.parquet"));
        assert!(ends().starts_with(".csv, .parquet"));
    }
}
