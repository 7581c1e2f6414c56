//! The questions that a window asks: how to go on after repeated losses of the device, whether to restore
//! what a window that crashed had on screen, and what files that were dropped together are.

use eframe::egui::{Button, Context, Id, Key, Modal, RichText, Ui};

use std::path::{Path, PathBuf};

use super::Command;
use crate::escape::escaped_path;

/// How to compute after the device was lost several times in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeMode {
    /// Without a change.
    AsBefore,
    /// On the device, with less work in each submission.
    SmallerSlices,
    /// On the processor.
    OnProcessor,
}

/// Asks how to go on after repeated losses of the device `adapter`; until then nothing is computed.
pub(super) fn held_ui(ctx: &Context, adapter: &str) -> Option<Command> {
    let reason = format!(
        "The graphics device was lost three times within ten seconds, each time while {adapter} \
         was at work. Nothing is computed until you choose how."
    );
    let choices = [
        (
            "Smaller slices",
            "Hand over a quarter of the work at a time",
            Command::ResumeAfterLosses(ResumeMode::SmallerSlices),
        ),
        (
            "On the processor",
            "Leaves the device to the picture",
            Command::ResumeAfterLosses(ResumeMode::OnProcessor),
        ),
        ("As before", "Try the same once more", Command::ResumeAfterLosses(ResumeMode::AsBefore)),
        ("Quit", "Close the window", Command::Quit),
    ];
    ask(ctx, "The graphics device keeps failing", &reason, choices)
}

/// Asks whether to restore what a window that crashed had on screen.
pub(super) fn recovered_ui(ctx: &Context) -> Option<Command> {
    let reason = "Its parameters and its view were kept.";
    let choices = [
        ("Restore it", "Go on where it ended", Command::Restore),
        ("Discard it", "Forget it and begin anew", Command::DiscardRecovered),
    ];
    ask(ctx, "The last session ended in an internal error", reason, choices)
}

/// Asks whether the files that were dropped are targets and sources or one cloud.
pub(super) fn dropped_ui(ctx: &Context, files: &[PathBuf]) -> Option<Command> {
    let names: Vec<String> = files
        .iter()
        .map(|path| escaped_path(path.file_name().map_or(path.as_path(), Path::new)))
        .collect();
    let one = ("One cloud", "The rows of all, one file behind the other", Command::LoadJoined);
    if let [targets, sources] = &names[..] {
        let reason = format!("{targets} and {sources}");
        let hint = "The first holds the targets x, the second the sources y";
        let two = ("Targets and sources", hint, Command::LoadTwo);
        return ask(ctx, "Two files were dropped", &reason, [two, one]);
    }
    ask(ctx, "Several files were dropped", &names.join(", "), [one])
}

/// Asks by buttons: each has a text, a hint and what it does. Enter takes the first, unless one has the
/// keyboard's focus, and Escape leaves the question for later.
fn ask<const N: usize>(
    ctx: &Context,
    heading: &str,
    reason: &str,
    choices: [(&str, &str, Command); N],
) -> Option<Command> {
    let asked = Modal::new(Id::unique(heading)).show(ctx, |ui| {
        ui.set_width(440.0);
        ui.label(RichText::new(heading).heading());
        ui.add_space(4.0);
        ui.label(reason);
        ui.add_space(8.0);
        let is_free = ui.memory(|memory| memory.focused().is_none());
        let mut entered = is_free && ui.input(|i| i.key_pressed(Key::Enter));
        let later = ui.input(|i| i.key_pressed(Key::Escape)).then_some(Command::AnswerLater);
        let mut taken = None;
        ui.horizontal(|ui| {
            for (text, hint, command) in choices {
                if choice(ui, text, hint) || std::mem::take(&mut entered) {
                    taken = taken.take().or(Some(command));
                }
            }
        });
        taken.or(later)
    });
    asked.inner
}

fn choice(ui: &mut Ui, text: &str, hint: &str) -> bool {
    ui.add(Button::new(text)).on_hover_text(hint).clicked()
}
