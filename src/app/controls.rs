//! The panel on the left: data, kernel, engine, colours, points.

mod cautions;
mod data;
mod kernel;
mod read_outs;
mod strip;

pub(super) use data::use_columns;
use data::{data_ui, dim_of};
use eframe::egui::{self, Id, PopupCloseBehavior, ScrollArea, Ui, vec2};
use kernel::kernel_ui;

use super::{
    Command,
    play::{Play, play_ui},
    widgets::{NumberRow, heading_ui, list_ui, pick_ui, row_ui},
};
use crate::{
    engine::EngineId,
    escape::escaped,
    model::{
        Chunk, ColorMap, EngineChoice, Params, Projection, Scaling, Sigma, Tolerance, ViewParams,
    },
    numbers::format_number,
    session::{Advice, Scene},
};

/// What the panel remembers from frame to frame.
#[derive(Clone, Debug, Default)]
pub(super) struct ControlsState {
    /// The path that is being typed.
    path: String,
    /// What is wrong with text that was typed; the window turns it into messages.
    pub(super) refused: Vec<String>,
    /// What had the keyboard's focus in the frame before.
    focused: Option<Id>,
}

/// What the rows that animate and compare σ show.
pub(super) struct AnimationInputs<'a> {
    /// The animation of σ.
    pub(super) play: &'a mut Play,
    /// The requested σ.
    pub(super) sigma: Sigma,
    /// Whether the plot is split to compare another field with it.
    pub(super) is_comparing: bool,
}

/// Draws the controls and edits `params`.
pub(super) fn controls_ui(
    ui: &mut Ui,
    state: &mut ControlsState,
    params: &mut Params,
    animation: AnimationInputs<'_>,
    scene: Option<&Scene>,
    advice: Option<&Advice>,
) -> Option<Command> {
    let mut command = None;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        // The scroll bar floats over the margin.
        ui.set_width(ui.available_width() - 6.0);
        heading_ui(ui, "Data");
        data_ui(ui, state, params, scene, &mut command);
        heading_ui(ui, "Kernel");
        kernel_ui(ui, params, scene, advice, &mut state.refused);
        let AnimationInputs { play, sigma, is_comparing } = animation;
        command = command.take().or(play_ui(ui, play, sigma, is_comparing));
        heading_ui(ui, "Engine");
        let exact = engine_ui(ui, params, scene, &mut state.refused);
        command = command.take().or(exact);
        heading_ui(ui, "Colour");
        command = command.take().or(color_ui(ui, &mut params.view));
        heading_ui(ui, "Points");
        projection_ui(ui, params, scene);
        let is_line = dim_of(params, scene) == 1;
        points_ui(ui, &mut params.view, is_line, &mut state.refused);
        ui.add_space(8.0);
        follow_focus(ui, &mut state.focused);
    });
    command
}

/// Scrolls to a control that has just got the keyboard's focus, with some room around it.
fn follow_focus(ui: &Ui, before: &mut Option<Id>) {
    let focused = ui.memory(egui::Memory::focused);
    if focused == std::mem::replace(before, focused) {
        return;
    }
    let control = focused.and_then(|id| ui.ctx().read_response(id));
    // Lists and dialogs lie in layers of their own, other panels beside this one.
    let is_here = |control: &egui::Response| {
        control.layer_id == ui.layer_id()
            && ui.max_rect().x_range().contains(control.rect.center().x)
    };
    if let Some(control) = control.filter(is_here) {
        ui.scroll_to_rect(control.rect.expand2(vec2(0.0, 28.0)), None);
    }
}

/// An error for a number outside `low..=high`.
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

fn engine_ui(
    ui: &mut Ui,
    params: &mut Params,
    scene: Option<&Scene>,
    refused: &mut Vec<String>,
) -> Option<Command> {
    pick_ui(ui, "Engine", &mut params.engine, EngineChoice::ALL, EngineChoice::label);
    let is_fast = scene.is_some_and(|scene| scene.stats.engine == EngineId::Fast);
    if params.engine == EngineChoice::Fast || is_fast && params.engine == EngineChoice::Auto {
        tolerance_ui(ui, &mut params.tolerance, refused);
        return row_ui(ui, "", |ui, _| {
            let exact = ui.add_enabled(is_fast, egui::Button::new("Exact"));
            let exact = exact.on_hover_text(
                "Compute f exactly, in slices, and tell how far the fast one was from it",
            );
            exact.clicked().then_some(Command::Exact)
        });
    }
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
    None
}

/// The largest error that the fast engine may make.
fn tolerance_ui(ui: &mut Ui, tolerance: &mut Tolerance, refused: &mut Vec<String>) {
    let mut value = tolerance.get();
    let row = NumberRow {
        label: "Tolerance",
        hint: "How far f may be off, in parts of itself; a tighter one takes longer",
        range: Tolerance::MIN..=Tolerance::MAX,
        logarithmic: true,
        integer: false,
        default: Some(Tolerance::DEFAULT.get()),
        check: &|v| Tolerance::new(v).map(drop).map_err(|err| err.to_string()),
    };
    if row.show(ui, &mut value, refused) {
        *tolerance = Tolerance::new(value).unwrap_or(*tolerance);
    }
}

fn color_ui(ui: &mut Ui, view: &mut ViewParams) -> Option<Command> {
    pick_ui(ui, "Map", &mut view.color_map, ColorMap::ALL, ColorMap::label);
    pick_ui(ui, "Scale", &mut view.scaling, Scaling::ALL, Scaling::label);
    if !view.clip_is_legal() {
        view.clip = None;
    }
    row_ui(ui, "Range", |ui, id| {
        let mut locked = view.clip.is_some();
        let hint = "Keep the range of colours, so that a change of σ is a change of colour (L)";
        let toggled = ui.checkbox(&mut locked, "Lock range").on_hover_text(hint).changed();
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
        toggled.then_some(Command::LockRange)
    })
}

/// Which two coordinates, or principal components, of points with three or more are drawn.
fn projection_ui(ui: &mut Ui, params: &mut Params, scene: Option<&Scene>) {
    let Some(points) = scene.map(|scene| &scene.prepared.points) else { return };
    let dim = points.dim();
    if dim < 3 {
        return;
    }
    let names = points.targets().axes();
    let shown = params.projection.within(dim);
    row_ui(ui, "Axes", |ui, _| {
        let mut principal = shown == Projection::Principal;
        let changed = ui
            .checkbox(&mut principal, "Principal components")
            .on_hover_text("Draw the targets on the two directions in which they spread most")
            .changed();
        if changed {
            params.projection =
                if principal { Projection::Principal } else { Projection::default() };
        }
    });
    if let Projection::Axes(mut axes) = shown {
        for (k, label) in ["x axis", "y axis"].into_iter().enumerate() {
            row_ui(ui, label, |ui, id| {
                let shown = escaped(&names[axes[k]]);
                list_ui(ui, label, id, &shown, PopupCloseBehavior::CloseOnClick, |ui| {
                    for (axis, name) in names.iter().enumerate() {
                        if ui.selectable_label(axes[k] == axis, escaped(name)).clicked() {
                            // Choosing the axis of the other box swaps the two.
                            if axes[1 - k] == axis {
                                axes[1 - k] = axes[k];
                            }
                            axes[k] = axis;
                        }
                    }
                });
            });
        }
        if Projection::Axes(axes) != shown {
            params.projection = Projection::Axes(axes);
        }
    }
}

fn points_ui(ui: &mut Ui, view: &mut ViewParams, is_line: bool, refused: &mut Vec<String>) {
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
        // In one dimension the y axis is f, whose unit is another one than that of x.
        let equal = egui::Checkbox::new(&mut view.equal_aspect, "Equal aspect");
        ui.add_enabled(!is_line, equal)
            .on_hover_text("One unit is as long on the x axis as on the y axis");
    });
}
