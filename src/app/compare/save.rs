//! The dialog that asks where to save the table of timed engines.

use std::path::PathBuf;

use eframe::egui::Context;

use crate::app::{
    Command,
    destination::{Decision, Destination},
};

/// What the dialog remembers from frame to frame.
#[derive(Clone, Debug)]
pub(in crate::app) struct SaveComparison {
    pub(in crate::app) destination: Destination,
}

impl Default for SaveComparison {
    fn default() -> Self {
        Self { destination: Destination::of("sigmascope-engines.csv") }
    }
}

/// Draws the dialog.
pub(super) fn save_comparison_ui(ctx: &Context, state: &mut SaveComparison) -> Option<Command> {
    let heading = "Save the table of engines";
    let decision = state.destination.dialog(ctx, heading, 400.0, with_extension, |ui| {
        ui.label("A row for each engine, as comma-separated values.");
        ui.add_space(4.0);
    });
    Some(match decision? {
        Decision::Browse => Command::BrowseForTable,
        Decision::Save(path, replace) => Command::SaveComparison { path, replace },
    })
}

/// The path with `.csv` behind it if it has no ending of text.
fn with_extension(text: &str) -> PathBuf {
    let path = PathBuf::from(text);
    let is_text = path
        .extension()
        .is_some_and(|end| ["csv", "txt"].iter().any(|text| end.eq_ignore_ascii_case(text)));
    if is_text { path } else { PathBuf::from(format!("{text}.csv")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_engines_always_ends_in_text() {
        assert_eq!(with_extension("a"), PathBuf::from("a.csv"));
        assert_eq!(with_extension("a.CSV"), PathBuf::from("a.CSV"));
        assert_eq!(with_extension("v1.2"), PathBuf::from("v1.2.csv"));
    }
}
