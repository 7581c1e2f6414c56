//! The rows under "Data" in the side panel: distribution or files, columns, weights.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Key, PopupCloseBehavior, RichText, TextEdit, Ui};

use super::{ControlsState, within};
use crate::{
    app::{
        Command,
        widgets::{NumberRow, list_ui, pick_ui, row_ui},
        wording::in_window,
    },
    escape::{escaped, escaped_path},
    io::LoadReport,
    model::{Dim, Distribution, Header, Input, Params, Reading, Weights},
    numbers::format_number,
    session::Scene,
};

/// What weights are called where there are none.
const UNWEIGHTED: &str = "Unweighted";
/// What stands on a button that closes a file.
pub(super) const CROSS: &str = "✖";
/// The most coordinates that the slider reaches.
const SLIDER_DIMS: usize = 10;

/// Draws the rows under "Data" and edits `params`.
pub(super) fn data_ui(
    ui: &mut Ui,
    state: &mut ControlsState,
    params: &mut Params,
    scene: Option<&Scene>,
    command: &mut Option<Command>,
) {
    let reports = scene.map_or(&[][..], |scene| &scene.prepared.reports);
    match params.input.clone() {
        Input::Generated => {
            pick_ui(ui, "Cloud", &mut params.distribution, Distribution::ALL, Distribution::label);
            row_ui(ui, "Seed", |ui, id| {
                let mut seed = params.seed;
                ui.add(egui::DragValue::new(&mut seed).speed(0.1)).labelled_by(id);
                params.seed = seed;
                if ui.button("Re-roll").on_hover_text("Other points (R)").clicked() {
                    *command = Some(Command::Reroll);
                }
            });
        }
        Input::Files { targets, sources, columns } => {
            row_ui(ui, "Targets", |ui, _| file_ui(ui, &targets, reports.first()));
            row_ui(ui, "Sources", |ui, _| match &sources {
                None => {
                    let other = ui.button("Other sources…").on_hover_text(
                        "Load the sources y from a file of their own; now they are the targets",
                    );
                    if other.clicked() {
                        *command = Some(Command::OpenSourcesDialog);
                    }
                }
                Some(sources) => {
                    if close_ui(ui, "Close sources") {
                        let (targets, columns) = (targets.clone(), columns.clone());
                        params.input = Input::Files { targets, sources: None, columns };
                        params.m = None;
                    }
                    file_ui(ui, sources, reports.get(1));
                }
            });
            row_ui(ui, "Rows", |ui, _| {
                let columns = ui.button("Columns…").on_hover_text(
                    "The first rows of the file, and what each of its columns is used for (Ctrl+T)",
                );
                if columns.clicked() {
                    *command = Some(Command::Columns);
                }
            });
            if let Some(report) = reports.first() {
                reading_ui(ui, &mut params.reading, report);
                columns_ui(ui, params, report);
            }
            if let Some(report) = reports.last() {
                weights_ui(ui, &mut params.weights, report);
            }
            for report in reports {
                told_ui(ui, report);
            }
        }
    }
    // A path that was loaded is cleared; one that failed stays, to be corrected.
    let shown = scene.map(|scene| &scene.params.input);
    if matches!(shown, Some(Input::Files { targets, .. }) if targets.as_os_str() == state.path.trim())
    {
        state.path.clear();
    }
    row_ui(ui, "File", |ui, id| {
        let path = TextEdit::singleline(&mut state.path)
            .hint_text("a path to load, or drop a file")
            .desired_width(ui.available_width() - 8.0);
        let path = ui.add(path).labelled_by(id);
        if path.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
            let typed = state.path.trim();
            if !typed.is_empty() {
                let targets = PathBuf::from(typed);
                *command =
                    Some(Command::Load(Input::Files { targets, sources: None, columns: vec![] }));
            }
        }
    });
    if params.input == Input::Generated || !reports.is_empty() {
        let columns = reports.first().map(|report| report.columns_available.as_slice());
        dim_ui(ui, params, scene, columns, &mut state.refused);
    }
    if params.merge_duplicates {
        let merged = scene.map_or(0, |scene| scene.prepared.merged);
        let text = format!("Merge duplicates ({} merged)", format_number(merged as f64, 12));
        ui.checkbox(&mut params.merge_duplicates, text)
            .on_hover_text("Sources that coincide are one that weighs as much: f is the same");
    }
}

/// A file's name; where it is and what was read of it on hover.
fn file_ui(ui: &mut Ui, path: &Path, report: Option<&LoadReport>) {
    let name = escaped_path(path.file_name().map_or(path, Path::new));
    let place = escaped_path(path);
    let about = report.map_or(place.clone(), |report| format!("{place}\n{}", report.summary()));
    ui.add(egui::Label::new(RichText::new(name).strong()).truncate()).on_hover_text(about);
}

/// A cross to click.
pub(super) fn close_ui(ui: &mut Ui, what: &str) -> bool {
    let cross = ui.button(CROSS).on_hover_text(what);
    cross.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, what));
    cross.clicked()
}

/// Which columns are the coordinates, where there are three or more; of fewer, the axes say it.
fn columns_ui(ui: &mut Ui, params: &mut Params, report: &LoadReport) {
    let Some(mut chosen) = chosen_columns(params, report) else { return };
    if chosen.len() < 3 {
        return;
    }
    let before = chosen.clone();
    many_columns_ui(ui, &mut chosen, &report.columns_available);
    if chosen != before {
        use_columns(params, chosen);
    }
}

/// The columns that are the coordinates, where others can be chosen.
pub(super) fn chosen_columns(params: &Params, report: &LoadReport) -> Option<Vec<String>> {
    let Input::Files { columns, .. } = &params.input else { return None };
    let LoadReport { columns_used, columns_available, .. } = report;
    if columns_available.len() <= columns_used.len() && columns.is_empty() {
        return None;
    }
    Some(if columns.len() == columns_used.len() { columns } else { columns_used }.clone())
}

/// Takes these columns as the coordinates, as many as they are.
pub(in crate::app) fn use_columns(params: &mut Params, chosen: Vec<String>) {
    if let Input::Files { columns, .. } = &mut params.input {
        params.dim = Dim::new(chosen.len()).ok();
        *columns = chosen;
    }
}

/// Any number of columns to tick.
fn many_columns_ui(ui: &mut Ui, chosen: &mut Vec<String>, available: &[String]) {
    row_ui(ui, "Columns", |ui, id| {
        let names = escaped(&chosen.join(", "));
        list_ui(ui, "Columns", id, &names, PopupCloseBehavior::CloseOnClickOutside, |ui| {
            for name in available {
                let mut is_chosen = chosen.contains(name);
                if ui.checkbox(&mut is_chosen, escaped(name)).changed() {
                    if is_chosen && chosen.len() < Dim::MAX {
                        chosen.push(name.clone());
                    } else if chosen.len() > 1 {
                        chosen.retain(|other| other != name);
                    }
                }
            }
        });
    });
}

/// What the sources weigh.
fn weights_ui(ui: &mut Ui, weights: &mut Option<Weights>, report: &LoadReport) {
    let text = match &*weights {
        None => UNWEIGHTED.to_owned(),
        Some(Weights::Column(name)) => escaped(name),
        Some(Weights::File(path)) => escaped_path(path.file_name().map_or(path, Path::new)),
    };
    if report.columns_available.len() <= report.columns_used.len() && weights.is_none() {
        return;
    }
    row_ui(ui, "Weights", |ui, id| {
        list_ui(ui, "Weights", id, &text, PopupCloseBehavior::CloseOnClick, |ui| {
            ui.selectable_value(weights, None, UNWEIGHTED);
            for name in &report.columns_available {
                let column = Some(Weights::Column(name.clone()));
                ui.selectable_value(weights, column, escaped(name));
            }
        })
        .on_hover_text("What each source counts in the sum");
    });
}

/// How many coordinates a point has: those asked for, or those of the file.
pub(super) fn dim_of(params: &Params, scene: Option<&Scene>) -> usize {
    let shown = || scene.filter(|scene| scene.params.input == params.input);
    let loaded = || shown().map(|scene| scene.prepared.points.dim());
    params.dim().map(Dim::get).or_else(loaded).unwrap_or(Dim::PLANE.get())
}

/// How many coordinates a point has.
fn dim_ui(
    ui: &mut Ui,
    params: &mut Params,
    scene: Option<&Scene>,
    available: Option<&[String]>,
    refused: &mut Vec<String>,
) {
    let dim = dim_of(params, scene);
    let most = available.map_or(Dim::MAX, |names| names.len().clamp(dim, Dim::MAX));
    if most < 2 {
        return;
    }
    let mut value = dim as f64;
    let row = NumberRow {
        label: "Dim. d",
        hint: "How many coordinates a point has; of three or more, two are drawn",
        range: 1.0..=most.min(SLIDER_DIMS) as f64,
        logarithmic: false,
        integer: true,
        default: Some(Dim::PLANE.get().min(most) as f64),
        check: &|v| within("number of coordinates", v, 1.0, most as f64),
    };
    if !row.show(ui, &mut value, refused) {
        return;
    }
    let wanted = value as usize;
    let mut chosen = match &params.input {
        Input::Files { columns, .. } => columns.clone(),
        Input::Generated => Vec::new(),
    };
    if chosen.is_empty() {
        // The loader chooses; generated points are in the plane unless somebody says otherwise.
        let generated = params.input == Input::Generated;
        params.dim = Dim::new(wanted).ok().filter(|dim| !generated || *dim != Dim::PLANE);
        return;
    }
    let more = available.unwrap_or_default().iter();
    let more: Vec<String> = more.filter(|name| !chosen.contains(name)).cloned().collect();
    chosen.extend(more);
    chosen.truncate(wanted);
    use_columns(params, chosen);
}

/// How the file is read, where that can be chosen: what its first row is, or which way an array lies.
fn reading_ui(ui: &mut Ui, reading: &mut Reading, report: &LoadReport) {
    if report.is_text() {
        pick_ui(ui, "First row", &mut reading.header, Header::ALL, Header::label);
    } else if reading.transpose || report.may_lie_on_its_side() {
        row_ui(ui, "Array", |ui, id| {
            ui.checkbox(&mut reading.transpose, "Its rows are coordinates")
                .labelled_by(id)
                .on_hover_text("Read the array on its side: a row for each coordinate");
        });
    }
}

/// What was decided about a file: the first sentence, all of them on hover.
fn told_ui(ui: &mut Ui, report: &LoadReport) {
    if let Some(first) = report.notes.first() {
        let text = RichText::new(in_window(first)).small().weak();
        let all = in_window(&report.told().join("\n"));
        ui.add(egui::Label::new(text).truncate()).on_hover_text(all);
    }
}
