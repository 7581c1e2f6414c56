//! The two questions that a window asks at its start: how to go on after repeated losses of the
//! device, and whether to restore what a window that crashed had on screen.

use eframe::egui::{Button, Context, Id, Modal, RichText, Ui};

use super::Command;

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
    ask(ctx, "The graphics device keeps failing", &reason, |ui| {
        let choices = [
            (
                "Smaller slices",
                "Hand over a quarter of the work at a time",
                ResumeMode::SmallerSlices,
            ),
            ("On the processor", "Leaves the device to the picture", ResumeMode::OnProcessor),
            ("As before", "Try the same once more", ResumeMode::AsBefore),
        ];
        let clicked = choices.into_iter().find(|(text, hint, _)| choice(ui, text, hint));
        let quit = choice(ui, "Quit", "Close the window").then_some(Command::Quit);
        clicked.map(|(.., how)| Command::ResumeAfterLosses(how)).or(quit)
    })
}

/// Asks whether to restore what a window that crashed had on screen.
pub(super) fn recovered_ui(ctx: &Context) -> Option<Command> {
    let reason = "Its parameters and its view were kept.";
    ask(ctx, "The last session ended in an internal error", reason, |ui| {
        let restore = choice(ui, "Restore it", "Go on where it ended").then_some(Command::Restore);
        let discard = choice(ui, "Discard it", "Forget it and begin anew");
        restore.or(discard.then_some(Command::DiscardRecovered))
    })
}

fn ask(
    ctx: &Context,
    heading: &str,
    reason: &str,
    choices: impl FnOnce(&mut Ui) -> Option<Command>,
) -> Option<Command> {
    let asked = Modal::new(Id::unique(heading)).show(ctx, |ui| {
        ui.set_width(440.0);
        ui.label(RichText::new(heading).heading());
        ui.add_space(4.0);
        ui.label(reason);
        ui.add_space(8.0);
        ui.horizontal(choices).inner
    });
    asked.inner
}

fn choice(ui: &mut Ui, text: &str, hint: &str) -> bool {
    ui.add(Button::new(text)).on_hover_text(hint).clicked()
}
