//! The files and sessions that were opened last, as the File menu lists them.

use std::path::{Path, PathBuf};

use eframe::egui::{Button, Context, Id, Ui};

use super::Command;
use crate::escape::escaped_path;

/// So many are kept.
pub(super) const KEPT: usize = 10;

/// A file that was opened, and whether it is known to be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecentFile {
    pub(super) path: PathBuf,
    pub(super) is_gone: bool,
}

/// Puts a file in front of those that were opened before.
pub(super) fn remember(recent: &mut Vec<PathBuf>, path: &Path) {
    // Standard input cannot be opened again, and settings are text.
    let Ok(path) = std::path::absolute(path) else { return };
    if path.to_str().is_none() || recent.first() == Some(&path) {
        return;
    }
    recent.retain(|other| *other != path);
    recent.insert(0, path);
    recent.truncate(KEPT);
}

/// Draws the list in the File menu; asks whether they are there when it is opened.
pub(super) fn recent_ui(ui: &mut Ui, recent: &[RecentFile]) -> Option<Command> {
    let mut command = just_opened(ui.ctx()).then_some(Command::LookForRecent);
    ui.add_enabled_ui(!recent.is_empty(), |ui| {
        ui.menu_button("Recent", |ui| {
            for RecentFile { path, is_gone } in recent {
                let name = escaped_path(path.file_name().map_or(path.as_path(), Path::new));
                let text = if *is_gone { format!("{name} (not found)") } else { name };
                let item = ui.add_enabled(!is_gone, Button::new(text));
                let item = item.on_hover_text(escaped_path(path));
                if item.on_disabled_hover_text(escaped_path(path)).clicked() {
                    command = Some(Command::OpenRecent(path.clone()));
                    ui.close();
                }
            }
        });
    });
    command
}

/// Whether the menu was not drawn in the last frame.
fn just_opened(ctx: &Context) -> bool {
    let (id, now) = (Id::unique("recent files"), ctx.cumulative_pass_nr());
    ctx.data_mut(|data| {
        let last: u64 = data.get_temp(id).unwrap_or(0);
        data.insert_temp(id, now);
        last == 0 || now > last + 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_are_kept_newest_first_each_once() {
        let mut recent = Vec::new();
        for k in (0..15).chain([9]) {
            remember(&mut recent, Path::new(&format!("/data/{k}.csv")));
        }
        assert_eq!(recent.len(), KEPT);
        let names = ["/data/9.csv", "/data/14.csv", "/data/13.csv"].map(PathBuf::from);
        assert_eq!(recent[..3], names);
    }
}
