//! The status line at the bottom: what was computed, where, how fast and how accurately, and the
//! progress of what is computed now.

use eframe::egui::{Align, Button, Layout, ProgressBar, RichText, Ui};

use super::{Command, style::accent, wording::in_window};
use crate::{
    gpu::AdapterSummary,
    numbers::{format_number, format_si},
    session::{Activity, Checked, Scene, State},
};

/// Draws the line.
pub(super) fn status_ui(ui: &mut Ui, state: &State, adapter: &AdapterSummary) -> Option<Command> {
    let mut command = None;
    ui.horizontal(|ui| {
        // The progress is laid out first, from the right; the facts take the room that is left.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            command = activity_ui(ui, state);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if let Some(scene) = &state.scene {
                    facts_ui(ui, state, scene, adapter);
                } else {
                    ui.label(adapter.title());
                }
            });
        });
    });
    command
}

fn facts_ui(ui: &mut Ui, state: &State, scene: &Scene, adapter: &AdapterSummary) {
    let Scene { prepared, stats, .. } = scene;
    let count = |n: usize| format_number(n as f64, 12);
    let points = &prepared.points;
    let place = if stats.on_device {
        format!("{} on {}", stats.engine, adapter.name)
    } else {
        format!("{} on the processor", stats.engine)
    };
    let mut facts = vec![format!("{} × {}", count(points.n()), count(points.m())), place];
    if adapter.software && stats.on_device {
        facts.push("software adapter".to_owned());
    }
    if stats.draft {
        facts.push("draft".to_owned());
    }
    if scene.is_complete() {
        let whole = format_si(stats.seconds, "s");
        facts.push(match stats.device_seconds {
            Some(seconds) => format!("{whole}, device {}", format_si(seconds, "s")),
            None => whole,
        });
        facts.push(format_si(stats.pairs_per_second, "pairs/s"));
        if state.checked().is_none() {
            facts.push(format!("error ≤ {}", format_number(stats.error_bound, 2)));
        }
    }
    let line = facts.join("  ·  ");
    let why = stats.why.as_ref().map_or_else(String::new, |why| {
        format!("Auto takes {}: {}\n", stats.engine, in_window(why))
    });
    let how = stats.how.as_ref().map_or_else(String::new, |how| format!("{}\n", in_window(how)));
    ui.add(eframe::egui::Label::new(line).truncate()).on_hover_text(format!(
        "{why}{how}{}\n{}",
        adapter.title(),
        adapter.driver
    ));
    if let Some(checked) = state.checked().filter(|_| scene.is_complete()) {
        badge_ui(ui, checked, stats.error_bound);
    }
    let range = scene.field.range();
    if range.zeros > 0 {
        let text = format!("{} too far to see", count(range.zeros as usize));
        ui.label(RichText::new(text).color(ui.visuals().warn_fg_color)).on_hover_text(
            "These targets are so far from every source that f is below what single precision \
             can hold, and is zero here",
        );
    }
}

/// The measured error of the field on screen, as a warning if it exceeds the promised bound.
fn badge_ui(ui: &mut Ui, checked: Checked, bound: f64) {
    let Checked { targets, error, .. } = checked;
    let [error_text, bound_text] = [error, bound].map(|error| format_number(error, 2));
    let text = if error <= bound {
        RichText::new(format!("error {error_text}")).color(accent(ui.visuals().dark_mode))
    } else {
        let text = format!("error {error_text}, above {bound_text}");
        RichText::new(text).color(ui.visuals().warn_fg_color).strong()
    };
    let sample = if targets == 1 {
        "1 target, drawn at random".to_owned()
    } else {
        format!("{targets} targets, drawn at random")
    };
    ui.label(text).on_hover_text(format!(
        "Measured: how far f is from the same sum in float64 at {sample} after each change, in parts \
         of f or of a thousandth of its maximum. Promised: at most {bound_text}"
    ));
}

fn activity_ui(ui: &mut Ui, state: &State) -> Option<Command> {
    let dark = ui.visuals().dark_mode;
    let (text, fraction) = match state.activity {
        Activity::Idle => {
            let text = match &state.scene {
                _ if state.rejected => "Showing the last good data",
                Some(scene) if !scene.is_complete() => "Stopped: preview shown",
                _ if state.stopped => "Stopped",
                Some(_) => "Ready",
                None => "No data",
            };
            let resume = state.stopped
                && ui.add(Button::new("Resume").small()).on_hover_text("Sum again").clicked();
            ui.label(text);
            return resume.then_some(Command::Resume);
        }
        Activity::Preparing(fraction) => ("Preparing points", fraction),
        Activity::Summing(fraction) => ("Summing", fraction),
    };
    let stop = ui.add(Button::new("Stop").small()).on_hover_text("Esc");
    ui.add(ProgressBar::new(fraction).desired_width(120.0).fill(accent(dark)));
    ui.label(format!("{text}: {:.0} %", 100.0 * fraction));
    stop.clicked().then_some(Command::Stop)
}
