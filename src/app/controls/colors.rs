//! The controls of colours: what colours say, in the side panel; map and limits, in a window that a
//! button at the colour bar opens.

use eframe::egui::{self, Align2, Button, Context, Id, PopupCloseBehavior, Ui, Window, vec2};

use crate::{
    app::{
        Command,
        widgets::{list_ui, pick_ui, row_ui},
    },
    escape::escaped,
    model::{ColorBy, ColorMap, Params, Scaling, ViewParams},
    numbers::format_number,
    session::Scene,
};

/// Width of the window's content, in logical pixels.
const WIDTH: f32 = 290.0;

/// Draws what the colours of dots say, and edits `params`.
pub(super) fn color_by_ui(ui: &mut Ui, params: &mut Params, scene: Option<&Scene>) {
    let label = "Colour by";
    row_ui(ui, label, |ui, id| {
        let shown = words(&params.color_by);
        let list = list_ui(ui, label, id, &shown, PopupCloseBehavior::CloseOnClick, |ui| {
            let mut choice = |by: ColorBy| {
                let is_chosen = params.color_by == by;
                if ui.selectable_label(is_chosen, words(&by)).clicked() {
                    params.color_by = by;
                }
            };
            choice(ColorBy::Field);
            choice(ColorBy::Rank);
            let Some(scene) = scene else { return };
            let reports = &scene.prepared.reports;
            let Some(report) = reports.first() else {
                // Generated points have their coordinates alone.
                let axes = scene.prepared.drawn.targets().axes();
                for axis in axes {
                    choice(ColorBy::Column(axis.clone()));
                }
                return;
            };
            let (numbers, texts) = (&report.columns_available, &report.columns_skipped);
            for name in numbers.iter().chain(texts) {
                choice(ColorBy::Column(name.clone()));
            }
            for name in numbers {
                choice(ColorBy::Categories(name.clone()));
            }
        });
        list.on_hover_text("What the colours of the dots show; f is computed all the same");
    });
}

/// What colours show, in words.
fn words(by: &ColorBy) -> String {
    match by {
        ColorBy::Field => "f".to_owned(),
        ColorBy::Rank => "Rank of f".to_owned(),
        ColorBy::Column(name) => format!("Column {}", escaped(name)),
        ColorBy::Categories(name) => format!("Column {}, as categories", escaped(name)),
    }
}

/// Draws how values are spread over the colours, and edits `view`.
pub(super) fn color_scale_ui(ui: &mut Ui, view: &mut ViewParams) {
    pick_ui(ui, "Colour scale", &mut view.scaling, Scaling::ALL, Scaling::label);
    if !view.clip_is_legal() {
        view.clip = None;
    }
}

/// Draws the window for colours where it is `open`, at the colour bar, and edits `view`.
pub(in crate::app) fn colors_ui(
    ctx: &Context,
    open: &mut bool,
    view: &mut ViewParams,
) -> Option<Command> {
    let content = ctx.content_rect();
    let shown = Window::new("Colours")
        .open(open)
        .collapsible(false)
        .resizable(false)
        .pivot(Align2::RIGHT_TOP)
        .default_pos(content.right_top() + vec2(-150.0, 60.0))
        .show(ctx, |ui| {
            ui.set_width(WIDTH.min(content.width() - 32.0));
            color_map_ui(ui, view)
        });
    shown?.inner?
}

/// Draws the rows of map and limits, and edits `view`.
fn color_map_ui(ui: &mut Ui, view: &mut ViewParams) -> Option<Command> {
    pick_ui(ui, "Colour map", &mut view.color_map, ColorMap::ALL, ColorMap::label);
    row_ui(ui, "", |ui, _| {
        ui.checkbox(&mut view.reversed, "Reversed")
            .on_hover_text("The highest value has the first colour");
    });
    row_ui(ui, "Percentiles", |ui, id| percentiles_ui(ui, id, view));
    row_ui(ui, "Limits", |ui, id| {
        let mut fixed = view.clip.is_some();
        let hint =
            "Keep the limits of the colours, so that a change of σ is a change of colour (L)";
        let toggled = ui.checkbox(&mut fixed, "Fix limits").on_hover_text(hint).changed();
        if let Some([low, high]) = &mut view.clip {
            let mut ends = [*low, *high];
            for (k, end) in ends.iter_mut().enumerate() {
                let value = egui::DragValue::new(end)
                    .speed(0.005 * f64::from((*high - *low).abs()).max(1e-30))
                    .update_while_editing(false)
                    .custom_formatter(|v, _| format_number(v, 3));
                ui.add(value).labelled_by(id).on_hover_text(["First colour", "Last colour"][k]);
            }
            let legal = ends[0] < ends[1] && (view.scaling != Scaling::Log || ends[0] > 0.0);
            if legal {
                [*low, *high] = ends;
            }
        }
        toggled.then_some(Command::FixLimits)
    })
}

/// The percentiles of all values that have the first and the last colour.
fn percentiles_ui(ui: &mut Ui, id: Id, view: &mut ViewParams) {
    let hint = "Leave the lowest and the highest hundredth of all values out of the colours' range";
    let usual = view.percentile == Some([1.0, 99.0]) && view.clip.is_none();
    if ui.add(Button::selectable(usual, "1–99 %")).on_hover_text(hint).clicked() {
        view.percentile = if usual { None } else { Some([1.0, 99.0]) };
        view.clip = None;
    }
    let mut ends = view.percentile.unwrap_or([0.0, 100.0]);
    for (k, end) in ends.iter_mut().enumerate() {
        let range = [0.0..=49.9, 50.1..=100.0][k].clone();
        let value = egui::DragValue::new(end).speed(0.1).range(range).suffix(" %");
        ui.add(value)
            .labelled_by(id)
            .on_hover_text(["Percentile of the first colour", "Percentile of the last colour"][k]);
    }
    let wanted = (ends[0] > 0.0 || ends[1] < 100.0).then_some(ends);
    if wanted != view.percentile {
        (view.percentile, view.clip) = (wanted, None);
    }
}
