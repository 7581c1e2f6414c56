//! The dialog that asks where to save the session.

use std::path::PathBuf;

use eframe::egui::Context;

use super::{
    Command,
    destination::{Decision, Destination, with_end},
};
use crate::session::Paths;

/// What the dialog remembers from frame to frame.
#[derive(Clone, Debug)]
pub(super) struct SaveSessionState {
    pub(super) destination: Destination,
    embed_paths: bool,
}

impl Default for SaveSessionState {
    fn default() -> Self {
        Self { destination: Destination::of("session.sigmascope"), embed_paths: false }
    }
}

/// Draws the dialog; `has_file` says whether points come from files.
pub(super) fn save_session_ui(
    ctx: &Context,
    state: &mut SaveSessionState,
    has_file: bool,
) -> Option<Command> {
    let SaveSessionState { destination, embed_paths } = state;
    let decision = destination.dialog(ctx, "Save session", 400.0, with_extension, |ui| {
        ui.label(
            "Parameters, view, camera and selection; the points are read again from their files.",
        );
        if has_file {
            ui.checkbox(embed_paths, "Embed the paths of the files")
                .on_hover_text("Else the session names files only, and finds them beside itself");
        }
    });
    Some(match decision? {
        Decision::Browse => Command::BrowseForSession,
        Decision::Save(path, replace) => {
            let paths = if *embed_paths { Paths::Embedded } else { Paths::Names };
            Command::SaveSession { path, paths, replace }
        }
    })
}

/// The path with `.sigmascope` behind it if it does not end so.
fn with_extension(text: &str) -> PathBuf {
    with_end(text, "sigmascope")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_always_ends_in_its_own_name() {
        assert_eq!(with_extension("a"), PathBuf::from("a.sigmascope"));
        assert_eq!(with_extension("a.SIGMASCOPE"), PathBuf::from("a.SIGMASCOPE"));
        assert_eq!(with_extension("v1.2"), PathBuf::from("v1.2.sigmascope"));
    }
}
