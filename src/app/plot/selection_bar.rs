//! What is selected, in the corner of the plot: how many dots, and what to do with them.

use eframe::egui::{
    Button, Frame, Label, Layout, Margin, Popup, Rect, RectAlign, Role, Ui, UiBuilder, WidgetInfo,
    vec2,
};

use super::super::Command;
use crate::{
    model::OnlyRows,
    numbers::format_number,
    session::{Region, Scene, Selection, SelectionChange},
};

/// How many targets are selected, in words: `30 of 20,000 selected (0.15 %)`.
pub(in crate::app) fn selected_text(scene: &Scene, selection: &Selection) -> String {
    let count = |n: u64| format_number(n as f64, 12);
    let (rows, targets) = (selection.rows.count(), scene.prepared.drawn.n());
    let shown = selection.marks(scene).map_or(rows, |marks| marks.count as u64);
    let percent = format_number(100.0 * shown as f64 / targets.max(1) as f64, 3);
    let text = format!("{} of {} selected ({percent} %)", count(shown), count(targets as u64));
    if shown == rows {
        return text;
    }
    format!("{text}, {} more rows are no targets", count(rows.saturating_sub(shown)))
}

/// What rows alone are taken, in words.
pub(in crate::app) fn only_text(only: &OnlyRows) -> String {
    let what = match (only.targets, only.sources) {
        (true, false) => "targets",
        (false, true) => "sources",
        _ => "targets and sources",
    };
    format!("Only {} rows are {what}", format_number(only.rows.0.count() as f64, 12))
}

/// Draws the bar below the tools where something is selected or only some rows are taken; says whether the
/// pointer is over it.
pub(super) fn selection_bar_ui(
    ui: &mut Ui,
    scene: &Scene,
    selection: &Selection,
    only: Option<&OnlyRows>,
    frame: Rect,
) -> (Option<Command>, bool) {
    if selection.is_empty() && only.is_none() {
        return (None, false);
    }
    let mut command = None;
    let place = frame.left_top() + vec2(8.0, 38.0);
    let room = vec2((frame.right() - place.x - 8.0).max(1.0), 60.0);
    let builder = UiBuilder::new().id_salt("selection").max_rect(Rect::from_min_size(place, room));
    let mut corner = ui.new_child(builder.layout(Layout::top_down(eframe::egui::Align::Min)));
    if !selection.is_empty() {
        line_ui(&mut corner, &selected_text(scene, selection), |ui| {
            let only = ui.add(Button::new("Only these…").small());
            only.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Only these"));
            Popup::menu(&only).align(RectAlign::BOTTOM_START).show(|ui| {
                for (text, targets, sources) in [
                    ("As targets", true, false),
                    ("As sources", false, true),
                    ("As targets and sources", true, true),
                ] {
                    if ui.button(text).clicked() {
                        command = Some(Command::OnlyThese { targets, sources });
                        ui.close();
                    }
                }
            });
            let mut small = |text: &str, hint: &str, wanted: Command| {
                if ui.add(Button::new(text).small()).on_hover_text(hint).clicked() {
                    command = Some(wanted);
                }
            };
            let rest = Command::Select(SelectionChange::to(Region::Rest));
            small("Invert", "Select all others instead (Ctrl+I)", rest);
            let none = Command::Select(SelectionChange::to_nothing());
            small("Deselect", "Select nothing (Ctrl+Shift+A)", none);
        });
    }
    if let Some(only) = only {
        line_ui(&mut corner, &only_text(only), |ui| {
            let all = ui.add(Button::new("Take all").small());
            if all.on_hover_text("Take all rows again").clicked() {
                command = Some(Command::AllRows);
            }
        });
    }
    (command, corner.response().contains_pointer())
}

/// A line with a text, and what follows it.
fn line_ui(ui: &mut Ui, text: &str, add: impl FnOnce(&mut Ui)) {
    let visuals = ui.visuals();
    let frame = Frame::new()
        .inner_margin(Margin::symmetric(6, 2))
        .corner_radius(4)
        .fill(visuals.window_fill.gamma_multiply(0.92))
        .stroke(visuals.window_stroke);
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.add(Label::new(text).selectable(false));
            add(ui);
        });
    });
}
