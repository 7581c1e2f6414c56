//! The panel on the left: data, kernel, engine, colours, points.

use std::path::{Path, PathBuf};

use eframe::egui::{self, ComboBox, Key, RichText, ScrollArea, TextEdit, Ui};

use super::{
    Command,
    widgets::{NumberRow, heading_ui, pick_ui, row_ui},
};
use crate::{
    color::{Scale, format_number},
    data::LoadReport,
    model::{
        Chunk, ColorMap, Count, Distribution, EngineChoice, Input, Normalisation, Params, Scaling,
        Sigma, ViewParams,
    },
    session::Scene,
};

/// The most points that the sliders reach; more can be typed.
const SLIDER_POINTS: f64 = 1e6;

/// Text that is being typed in the panel.
#[derive(Clone, Debug, Default)]
pub(super) struct ControlsState {
    path: String,
    /// What was typed and made no sense, until somebody tells it.
    pub(super) refused: Vec<String>,
}

/// Draws the controls and edits `params`.
pub(super) fn controls_ui(
    ui: &mut Ui,
    state: &mut ControlsState,
    params: &mut Params,
    scene: Option<&Scene>,
) -> Option<Command> {
    let mut command = None;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        // The scroll bar floats over the margin.
        ui.set_width(ui.available_width() - 6.0);
        heading_ui(ui, "Data");
        data_ui(ui, state, params, scene, &mut command);
        heading_ui(ui, "Kernel");
        kernel_ui(ui, params, scene, &mut state.refused);
        heading_ui(ui, "Engine");
        engine_ui(ui, params, scene, &mut state.refused);
        heading_ui(ui, "Colour");
        color_ui(ui, &mut params.view, scene);
        heading_ui(ui, "Points");
        points_ui(ui, &mut params.view, &mut state.refused);
        ui.add_space(8.0);
    });
    command
}

fn data_ui(
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
            if let Some(report) = reports.first() {
                columns_ui(ui, params, &columns, report);
            }
            for report in reports {
                dropped_ui(ui, report);
            }
        }
    }
    // What was typed has done its work once it is loaded; what failed stays to be mended.
    let shown = scene.map(|scene| &scene.params.input);
    if matches!(shown, Some(Input::Files { targets, .. }) if targets.as_os_str() == state.path.trim())
    {
        state.path.clear();
    }
    row_ui(ui, "File", |ui, id| {
        let open = ui.button("Open…").on_hover_text("Load points from a file (Ctrl+O)");
        if open.clicked() {
            *command = Some(Command::OpenDialog);
        }
        if params.input != Input::Generated && close_ui(ui, "Close file") {
            *command = Some(Command::Generate);
        }
        let path = TextEdit::singleline(&mut state.path)
            .hint_text("or a path, or drop one")
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
    let available = scene.and_then(|scene| scene.prepared.available);
    let most = |k: usize| available.map(|available| available[k]);
    let hint = "How many targets x: each is one point of the picture";
    count_ui(ui, "Targets N", hint, &mut params.n, most(0), &mut state.refused);
    let hint = "How many sources y: each adds one kernel to f";
    count_ui(ui, "Sources M", hint, &mut params.m, most(1), &mut state.refused);
}

/// A file's name; where it is and what was read of it on hover.
fn file_ui(ui: &mut Ui, path: &Path, report: Option<&LoadReport>) {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let place = path.display().to_string();
    let about = report.map_or(place.clone(), |report| format!("{place}\n{}", report.summary()));
    ui.add(egui::Label::new(RichText::new(name).strong()).truncate()).on_hover_text(about);
}

/// A cross to click.
fn close_ui(ui: &mut Ui, what: &str) -> bool {
    let cross = ui.button("✖").on_hover_text(what);
    cross.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, what));
    cross.clicked()
}

/// Which columns are the coordinates.
fn columns_ui(ui: &mut Ui, params: &mut Params, columns: &[String], report: &LoadReport) {
    let LoadReport { columns_used, columns_available, .. } = report;
    if columns_available.len() <= columns_used.len() && columns.is_empty() {
        return;
    }
    let mut chosen =
        if columns.len() == columns_used.len() { columns } else { columns_used }.to_vec();
    let before = chosen.clone();
    for (axis, label) in ["Across", "Up"].iter().enumerate().take(chosen.len()) {
        row_ui(ui, label, |ui, id| {
            ComboBox::from_id_salt(label)
                .width(ui.available_width())
                .selected_text(chosen[axis].clone())
                .show_ui(ui, |ui| {
                    for column in columns_available {
                        ui.selectable_value(&mut chosen[axis], column.clone(), column);
                    }
                })
                .response
                .labelled_by(id);
        });
    }
    if chosen != before
        && let Input::Files { columns, .. } = &mut params.input
    {
        *columns = chosen;
    }
}

/// What was left out of a file, if anything.
fn dropped_ui(ui: &mut Ui, report: &LoadReport) {
    let dropped = report.rows_dropped();
    if dropped > 0 {
        let text = format!(
            "{} of {} rows left out",
            format_number(dropped as f64, 12),
            format_number(report.rows_read as f64, 12)
        );
        ui.label(RichText::new(text).small().color(ui.visuals().warn_fg_color))
            .on_hover_text(report.summary());
    }
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
    if row.show(ui, &mut value, refused) {
        // The default follows the data; anything else stays as it is.
        *count = Count::new(value as usize).ok().filter(|count| count.get() != default);
    }
}

/// Says what is wrong with a number that is out of its range.
fn within(what: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let number = |v| format_number(v, 12);
    Err(format!(
        "{what} is {}: expected a number from {} to {}",
        number(value),
        number(low.max(0.01)),
        number(high)
    ))
}

fn kernel_ui(ui: &mut Ui, params: &mut Params, scene: Option<&Scene>, refused: &mut Vec<String>) {
    // Four decades below the extent of the points and one above.
    let extent = scene.map_or(5.0, |scene| scene.prepared.points.bounds().extent());
    let top = if extent > 0.0 { 10_f64.powf(extent.log10().floor() + 1.0) } else { 10.0 };
    let default = scene.map_or(Sigma::DEFAULT, |scene| scene.prepared.default_sigma);
    let mut sigma = params.sigma.unwrap_or(default).get();
    let row = NumberRow {
        label: "Sigma σ",
        hint: "How far a source reaches, in the units of the data",
        range: 1e-5 * top..=top,
        logarithmic: true,
        integer: false,
        default: Some(default.get()),
        check: &|v| Sigma::new(v).map(drop).map_err(|err| err.to_string()),
    };
    if row.show(ui, &mut sigma, refused)
        && let Ok(sigma) = Sigma::new(sigma)
    {
        params.sigma = Some(sigma).filter(|sigma| *sigma != default);
    }
    pick_ui(ui, "Shows", &mut params.normalisation, Normalisation::ALL, Normalisation::label)
        .on_hover_text("The sum, its mean over the sources, or a density that integrates to 1");
}

fn engine_ui(ui: &mut Ui, params: &mut Params, scene: Option<&Scene>, refused: &mut Vec<String>) {
    pick_ui(ui, "Engine", &mut params.engine, EngineChoice::ALL, EngineChoice::label);
    let m = scene.map_or(Params::DEFAULT_COUNT, |scene| scene.prepared.points.m());
    let mut chunk = params.chunk.resolve(m) as f64;
    let row = NumberRow {
        label: "Chunk",
        hint: "How many sources are loaded, used and thrown away before f is updated",
        range: 1.0..=m.max(2) as f64,
        logarithmic: true,
        integer: true,
        default: None,
        check: &|v| within("chunk", v, 1.0, 1e15),
    };
    if row.show(ui, &mut chunk, refused) {
        params.chunk = Chunk::of(chunk as usize).unwrap_or(params.chunk);
    }
    row_ui(ui, "", |ui, _| {
        let mut auto = params.chunk == Chunk::Auto;
        if ui.checkbox(&mut auto, "Auto chunk").changed() {
            params.chunk = if auto { Chunk::Auto } else { Chunk::Of(params.chunk.resolve(m)) };
        }
    });
}

fn color_ui(ui: &mut Ui, view: &mut ViewParams, scene: Option<&Scene>) {
    pick_ui(ui, "Map", &mut view.color_map, ColorMap::ALL, ColorMap::label);
    pick_ui(ui, "Scale", &mut view.scaling, Scaling::ALL, Scaling::label);
    if !view.clip_is_legal() {
        view.clip = None;
    }
    row_ui(ui, "Range", |ui, id| {
        let mut auto = view.clip.is_none();
        let scale = scene.map(|scene| scene.scale(view));
        if ui.checkbox(&mut auto, "Auto range").changed() {
            view.clip = match (auto, scale) {
                (false, Some(Scale { low, high, .. })) => Some([low, high]),
                _ => None,
            };
        }
        if let Some([low, high]) = &mut view.clip {
            let mut ends = [*low, *high];
            for (k, end) in ends.iter_mut().enumerate() {
                let value = egui::DragValue::new(end)
                    .speed(0.005 * f64::from((*high - *low).abs()).max(1e-30))
                    .update_while_editing(false)
                    .custom_formatter(|v, _| format_number(v, 3));
                ui.add(value).labelled_by(id).on_hover_text(["First colour", "Last colour"][k]);
            }
            let legal = ends[0] < ends[1] && (view.scaling == Scaling::Linear || ends[0] > 0.0);
            if legal {
                [*low, *high] = ends;
            }
        }
    });
}

fn points_ui(ui: &mut Ui, view: &mut ViewParams, refused: &mut Vec<String>) {
    let default = ViewParams::default();
    let mut size = f64::from(view.point_size);
    let [low, high] = ViewParams::POINT_SIZES.map(f64::from);
    let row = NumberRow {
        label: "Size",
        hint: "Diameter of a point in pixels",
        range: low..=20.0,
        logarithmic: true,
        integer: false,
        default: Some(f64::from(default.point_size)),
        check: &|v| within("point size", v, low, high),
    };
    if row.show(ui, &mut size, refused) {
        view.point_size = size as f32;
    }
    let mut opacity = f64::from(view.opacity);
    let [low, high] = ViewParams::OPACITIES.map(f64::from);
    let row = NumberRow {
        label: "Opacity",
        hint: "Lower it to see through crowds",
        range: low..=high,
        logarithmic: false,
        integer: false,
        default: Some(f64::from(default.opacity)),
        check: &|v| within("opacity", v, low - 1e-6, high + 1e-6),
    };
    if row.show(ui, &mut opacity, refused) {
        view.opacity = opacity as f32;
    }
    row_ui(ui, "", |ui, _| {
        ui.checkbox(&mut view.equal_aspect, "Equal aspect")
            .on_hover_text("One unit is as long across as up");
    });
}
