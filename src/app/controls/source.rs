//! The points at the top of the side panel: what they are called, how many there are, and a button
//! that opens others.

use std::path::Path;

use eframe::egui::{self, Align, Layout, RichText, TextStyle, Ui, WidgetInfo, WidgetText};

use super::{
    data::{CROSS, close_ui},
    within,
};
use crate::{
    app::{
        Command,
        widgets::{NumberRow, text_width},
    },
    escape::escaped_path,
    model::{Count, Input, Params},
    numbers::format_number,
    session::Scene,
};

/// What stands on the buttons beside the name of the points.
const OPEN: &str = "Open…";
const FOLD: &str = "«";
/// The most points that the sliders reach; more can be typed.
const SLIDER_POINTS: f64 = 1e6;

/// Draws what the points are, how many of how many coordinates, and the buttons that open others.
pub(super) fn source_ui(ui: &mut Ui, params: &Params, scene: Option<&Scene>) -> Option<Command> {
    let mut command = None;
    ui.horizontal(|ui| {
        let is_file = params.input != Input::Generated;
        let (between, padding) = (ui.spacing().item_spacing.x, 2.0 * ui.spacing().button_padding.x);
        let cross = if is_file { text_width(ui, CROSS) + padding + between } else { 0.0 };
        let buttons = text_width(ui, OPEN) + text_width(ui, FOLD) + 2.0 * (padding + between);
        let size = [ui.available_width() - buttons - cross, ui.spacing().interact_size.y];
        let layout = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(size.into(), layout, |ui| {
            ui.set_min_width(size[0]);
            let shape = shape_of(scene).unwrap_or_default();
            let (name, about) = name_of(params, scene);
            // A long name is cut short, not how many points of how many coordinates there are.
            let room = size[0] - text_width(ui, &shape) - between;
            let name = RichText::new(name).strong();
            let galley = WidgetText::from(name.clone());
            let galley = galley.into_galley(ui, None, f32::INFINITY, TextStyle::Body);
            let size = [galley.size().x.min(room.max(0.0)).ceil(), size[1]];
            ui.add_sized(size, egui::Label::new(name).truncate()).on_hover_text(about.as_str());
            ui.label(RichText::new(shape).weak()).on_hover_text(about);
        });
        let open = ui.button(OPEN).on_hover_text("Load points from a file (Ctrl+O)");
        if open.clicked() {
            command = Some(Command::OpenDialog);
        }
        if is_file && close_ui(ui, "Close file") {
            command = Some(Command::Generate);
        }
        let fold = ui.button(FOLD).on_hover_text("Fold the side panel to a rail (Ctrl+B)");
        let words = || WidgetInfo::labeled(egui::Role::Button, true, "Fold the side panel");
        fold.widget_info(words);
        if fold.clicked() {
            command = Some(Command::SidePanel);
        }
    });
    command
}

/// What the points are called, and more about them.
fn name_of(params: &Params, scene: Option<&Scene>) -> (String, String) {
    match &params.input {
        Input::Generated => {
            let name = params.distribution.label();
            (name.to_owned(), format!("{name}: generated points, seed {}", params.seed))
        }
        Input::Files { targets, sources, .. } => {
            let report = scene.and_then(|scene| scene.prepared.reports.first());
            let mut about = escaped_path(targets);
            if let Some(report) = report {
                about = format!("{about}\n{}", report.summary());
            }
            if let Some(sources) = sources {
                about = format!("{about}\nSources: {}", escaped_path(sources));
            }
            (escaped_path(targets.file_name().map_or(targets, Path::new)), about)
        }
    }
}

/// How many targets of how many coordinates there are.
fn shape_of(scene: Option<&Scene>) -> Option<String> {
    let points = &scene?.prepared.points;
    Some(format!("{} × {}", format_number(points.n() as f64, 12), points.dim()))
}

/// Draws how many targets and sources there are.
pub(super) fn counts_ui(
    ui: &mut Ui,
    params: &mut Params,
    scene: Option<&Scene>,
    refused: &mut Vec<String>,
) {
    let available = scene.and_then(|scene| scene.prepared.available);
    let most = |k: usize| available.map(|available| available[k]);
    let hint = "How many targets x: each is one point of the picture";
    count_ui(ui, "Evaluation points (targets) N", hint, &mut params.n, most(0), refused);
    let hint = "How many sources y: each adds one kernel to f";
    count_ui(ui, "Data points (sources) M", hint, &mut params.m, most(1), refused);
}

fn count_ui(
    ui: &mut Ui,
    label: &str,
    hint: &str,
    count: &mut Option<Count>,
    most: Option<usize>,
    refused: &mut Vec<String>,
) {
    let default = most.unwrap_or(Params::DEFAULT_COUNT);
    let mut value = count.map_or(default, Count::get).min(most.unwrap_or(usize::MAX)) as f64;
    let row = NumberRow {
        label,
        hint,
        range: 1.0..=most.map_or(SLIDER_POINTS, |most| most as f64),
        logarithmic: true,
        integer: true,
        default: Some(default as f64),
        check: &|v| within("number of points", v, 1.0, most.unwrap_or(Count::MAX) as f64),
    };
    if row.show_wide(ui, &mut value, refused, |_, _| ()).0 {
        // The default follows the data; anything else stays as it is.
        *count = Count::new(value as usize).ok().filter(|count| count.get() != default);
    }
}
