//! The dialog that asks how large a picture to save, and where.

use std::path::PathBuf;

use eframe::egui::Context;

use super::{
    Command,
    destination::{Decision, Destination, with_end},
};

/// What the dialog remembers from frame to frame.
#[derive(Clone, Debug)]
pub(super) struct SaveState {
    pub(super) destination: Destination,
    scale: u32,
}

impl Default for SaveState {
    fn default() -> Self {
        Self { destination: Destination::of("sigmascope.png"), scale: 2 }
    }
}

/// Draws the dialog; `pixels` is the size of the window.
pub(super) fn save_ui(ctx: &Context, state: &mut SaveState, pixels: [u32; 2]) -> Option<Command> {
    let SaveState { destination, scale } = state;
    let decision = destination.dialog(ctx, "Save picture", 400.0, with_extension, |ui| {
        ui.horizontal(|ui| {
            ui.label("Size");
            for choice in [1, 2, 4] {
                ui.radio_value(scale, choice, format!("{choice}×"));
            }
            let [width, height] = pixels.map(|side| side * *scale);
            ui.weak(format!("{width} × {height} pixels"));
        });
    });
    Some(match decision? {
        Decision::Browse => Command::BrowseForPicture,
        Decision::Save(path, replace) => Command::SavePicture { path, scale: *scale, replace },
    })
}

/// The path with `.png` behind it if it does not end so.
fn with_extension(text: &str) -> PathBuf {
    with_end(text, "png")
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
