//! The line at the bottom: what was computed, where, how fast, how right; and what goes on now.

use eframe::egui::{Align, Button, Layout, ProgressBar, RichText, Ui};

use super::{Command, style::accent};
use crate::{
    color::{format_number, format_si},
    gpu::AdapterSummary,
    session::{Activity, Scene, State},
};

/// Draws the line.
pub(super) fn status_ui(ui: &mut Ui, state: &State, adapter: &AdapterSummary) -> Option<Command> {
    let mut command = None;
    ui.horizontal(|ui| {
        // What goes on has its place first; the facts take what is left.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            command = activity_ui(ui, state);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if let Some(scene) = &state.scene {
                    facts_ui(ui, scene, adapter);
                } else {
                    ui.label(adapter.title());
                }
            });
        });
    });
    command
}

fn facts_ui(ui: &mut Ui, scene: &Scene, adapter: &AdapterSummary) {
    let Scene { prepared, stats, .. } = scene;
    let count = |n: usize| format_number(n as f64, 12);
    let points = &prepared.points;
    let place = if stats.engine == "gpu" {
        format!("{} on {}", stats.engine, adapter.name)
    } else {
        format!("{} on the processor", stats.engine)
    };
    let mut facts = vec![format!("{} × {}", count(points.n()), count(points.m())), place];
    if adapter.software && stats.engine == "gpu" {
        facts.push("software adapter".to_owned());
    }
    if scene.is_complete() {
        facts.push(format_si(stats.seconds, "s"));
        facts.push(format_si(stats.pairs_per_second, "pairs/s"));
        facts.push(format!("error ≤ {}", format_number(stats.error_bound, 2)));
    }
    let line = facts.join("  ·  ");
    let why = stats.why.as_ref().map_or_else(String::new, |why| {
        format!("Auto takes {}: {why}\n", stats.engine)
    });
    ui.add(eframe::egui::Label::new(line).truncate()).on_hover_text(format!(
        "{why}{}\n{}",
        adapter.title(),
        adapter.driver
    ));
    let range = scene.field.range();
    if range.zeros > 0 {
        let text = format!("{} too far to see", count(range.zeros as usize));
        ui.label(RichText::new(text).color(ui.visuals().warn_fg_color)).on_hover_text(
            "These targets are so far from every source that f is below what single precision \
             can hold, and is zero here",
        );
    }
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
