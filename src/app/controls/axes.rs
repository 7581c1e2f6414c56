//! The axes in the side panel: which columns, coordinates or principal components are drawn.

use eframe::egui::{Align, Label, Layout, PopupCloseBehavior, Ui};

use super::data::{chosen_columns, dim_of, use_columns};
use crate::{
    app::widgets::{list_ui, row_ui},
    escape::escaped,
    model::{Params, Projection},
    session::Scene,
};

/// What the axes are called.
const LABELS: [&str; 3] = ["x axis", "y axis", "z axis"];

/// Draws a row for each axis and edits `params`.
pub(super) fn axes_ui(ui: &mut Ui, params: &mut Params, scene: Option<&Scene>) {
    let dim = dim_of(params, scene);
    if let Some(scene) = scene.filter(|scene| dim >= 3 && scene.prepared.points.dim() == dim) {
        return projection_ui(ui, params, scene);
    }
    let report = scene.and_then(|scene| scene.prepared.reports.first());
    let chosen = report.and_then(|report| Some((chosen_columns(params, report)?, report)));
    let Some((mut chosen, report)) = chosen.filter(|(chosen, _)| chosen.len() == dim) else {
        return (0..2).for_each(|axis| fixed_ui(ui, axis, scene));
    };
    let before = chosen.clone();
    // The axes of a plane may be swapped.
    let shown = match params.projection.within(dim) {
        Projection::Axes(axes) => axes,
        _ => [0, 1],
    };
    for (axis, label) in LABELS.into_iter().enumerate().take(2) {
        match chosen.get_mut(shown[axis]) {
            Some(column) => column_ui(ui, label, column, &report.columns_available),
            None => fixed_ui(ui, axis, scene),
        }
    }
    if chosen != before {
        use_columns(params, chosen);
    }
}

/// An axis for which there is nothing to choose.
fn fixed_ui(ui: &mut Ui, axis: usize, scene: Option<&Scene>) {
    row_ui(ui, LABELS[axis], |ui, _| {
        let names = scene.map(Scene::labels);
        let name = names.as_ref().map_or("…", |names| &names[axis]);
        ui.add(Label::new(name).truncate()).on_hover_text(name);
    });
}

/// One column to pick.
fn column_ui(ui: &mut Ui, label: &str, column: &mut String, available: &[String]) {
    row_ui(ui, label, |ui, id| {
        list_ui(ui, label, id, &escaped(column), PopupCloseBehavior::CloseOnClick, |ui| {
            for name in available {
                ui.selectable_value(column, name.clone(), escaped(name));
            }
        });
    });
}

/// Which two coordinates, or principal components, of points with three or more are drawn.
fn projection_ui(ui: &mut Ui, params: &mut Params, scene: &Scene) {
    let points = &scene.prepared.points;
    let names = points.targets().axes();
    let shown = params.projection.within(points.dim());
    match shown {
        Projection::Axes(mut axes) => {
            if choose_ui(ui, &mut axes, names) {
                params.projection = Projection::Axes(axes);
            }
        }
        Projection::Space(mut axes) => {
            if choose_ui(ui, &mut axes, names) {
                params.projection = Projection::Space(axes);
            }
        }
        _ => (0..2).for_each(|axis| fixed_ui(ui, axis, Some(scene))),
    }
    // Without the column of names there is room for both.
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_space = shown.is_space();
            let mut in_space = is_space;
            let hint = "Show the targets in a space that turns, on three axes (S)";
            if ui.checkbox(&mut in_space, "Space").on_hover_text(hint).changed() {
                params.projection = params.projection.turned(points.dim());
                params.view.dots |= in_space;
            }
            let mut principal = matches!(shown, Projection::Principal | Projection::SpacePrincipal);
            let hint = "Draw the targets on the directions in which they spread most";
            if ui.checkbox(&mut principal, "Principal components").on_hover_text(hint).changed() {
                params.projection = match (principal, is_space) {
                    (true, true) => Projection::SpacePrincipal,
                    (true, false) => Projection::Principal,
                    (false, true) => Projection::Space([0, 1, 2]),
                    (false, false) => Projection::default(),
                };
            }
        });
    });
}

/// A list for each axis; says whether another one was chosen.
fn choose_ui(ui: &mut Ui, axes: &mut [usize], names: &[String]) -> bool {
    let before = axes.to_vec();
    for (k, label) in LABELS.into_iter().take(axes.len()).enumerate() {
        row_ui(ui, label, |ui, id| {
            let shown = escaped(&names[axes[k]]);
            list_ui(ui, label, id, &shown, PopupCloseBehavior::CloseOnClick, |ui| {
                for (axis, name) in names.iter().enumerate() {
                    if ui.selectable_label(axes[k] == axis, escaped(name)).clicked() {
                        // Choosing the axis of another list swaps the two.
                        if let Some(other) = axes.iter().position(|shown| *shown == axis) {
                            axes[other] = axes[k];
                        }
                        axes[k] = axis;
                    }
                }
            });
        });
    }
    axes[..] != before[..]
}
