//! The scatter plot: axes by `egui_plot`, dots by the GPU, and what is under the pointer.

mod contours;
mod dots;
mod gesture;
mod hover;
mod layers;
mod marginals;
mod notes;
mod raster;
mod raster_painter;
mod ring;
mod selection_bar;
mod space;
mod split;
mod state;
mod tools;

use std::{ops::RangeInclusive, sync::Arc};

use contours::{contours_note, contours_ui};
use dots::{BackdropCallback, DotsInputs, dots_ui};
use eframe::{
    egui::{self, Color32, PointerButton, Rect, Shape, Ui, Vec2},
    egui_wgpu::Callback,
};
use egui_plot::{GridMark, Plot, PlotBounds};
use gesture::{gesture_ui, in_plane};
use hover::{drawn_at, target_at, target_ui};
use layers::{LayerChoice, layers_ui};
use marginals::{STRIP, marginals_ui};
use notes::notes_ui;
use raster::{RasterInputs, curve_ui, raster_ui};
use ring::ring_shapes;
use selection_bar::selection_bar_ui;
pub(super) use selection_bar::{only_text, selected_text};
pub use space::CameraMove;
pub(super) use space::SpaceState;
pub(super) use split::SplitView;
use split::{SplitMode, kept_name_ui};
use state::Going;
pub(super) use state::PlotState;
pub use tools::Tool;
pub(super) use tools::combine_of;
use tools::tools_ui;

use super::{Command, hover_columns::HoverCells, style::color};
use crate::{
    color::{Scale, Tick, decade_ticks, linear_ticks},
    figure::{Palette, ViewBox},
    gpu::{Backdrop, Gpu, GpuError, ScatterDraw},
    model::{ColorBy, OnlyRows, Sigma, ViewParams},
    numbers::format_number,
    session::{Density, Scene, Selection, SelectionChange, ShownContours, Viewport},
};

/// What the plot is drawn from.
#[derive(Clone, Copy)]
pub(super) struct PlotInputs<'a> {
    pub(super) scene: Option<&'a Arc<Scene>>,
    pub(super) draw: Option<&'a ScatterDraw>,
    pub(super) view_params: &'a ViewParams,
    /// The contours to draw, if there are any.
    pub(super) contours: Option<&'a ShownContours>,
    /// The estimate at the pixels of the plot, if it is known.
    pub(super) density: Option<&'a Density>,
    /// The values of the colours.
    pub(super) scale: Option<&'a Scale>,
    /// The requested σ.
    pub(super) sigma: Sigma,
    /// Whether a ring of radius σ is drawn around the pointer.
    pub(super) ring: bool,
    /// The columns of the file that are shown with a target.
    pub(super) cells: HoverCells<'a>,
    /// The target that is pinned.
    pub(super) pinned: Option<usize>,
    /// The rows that are selected.
    pub(super) selection: &'a Selection,
    /// The rows that alone are taken, if not all are.
    pub(super) only: Option<&'a OnlyRows>,
}

/// What the window must do after the plot was drawn.
#[derive(Default)]
pub(super) struct PlotReply {
    /// Read the values of this scene from the device: the pointer is over one of its targets.
    pub(super) wants_values: Option<Arc<Scene>>,
    /// Report that the dots cannot be drawn.
    pub(super) failed: Option<GpuError>,
    /// Show or hide a layer, use another tool, take only some rows.
    pub(super) command: Option<Command>,
    /// Select other rows.
    pub(super) selects: Option<SelectionChange>,
    /// Another opacity of the raster.
    pub(super) raster_opacity: Option<f32>,
    /// The target that was clicked.
    pub(super) clicked: Option<usize>,
    /// The target under the pointer.
    pub(super) pointed: Option<usize>,
}

/// Draws the plot, or two of one view where two fields are shown side by side.
pub(super) fn plots_ui(
    ui: &mut Ui,
    state: &mut PlotState,
    gpu: &Gpu,
    inputs: &PlotInputs<'_>,
) -> PlotReply {
    let Some(split) = state.split.as_mut().filter(|split| split.mode == SplitMode::Panels) else {
        return plot_ui(ui, state, gpu, inputs);
    };
    let mut kept = split.kept_plot.take().unwrap_or_default();
    let (scene, draw) = (Arc::clone(&split.scene), split.drawing.draw.clone());
    kept.go_to(Viewport::Free(state.view));
    kept.tool = state.tool;
    kept.space.viewport = state.space.viewport;
    let (contours, density, sigma) = (None, None, scene.sigma());
    let of_kept =
        PlotInputs { scene: Some(&scene), draw: Some(&draw), contours, density, sigma, ..*inputs };
    let reply = ui.columns(2, |columns| {
        let [left, right] = columns else { return PlotReply::default() };
        let of_kept = left.push_id("A", |ui| plot_ui(ui, &mut kept, gpu, &of_kept)).inner;
        kept_name_ui(left, kept.frame, &scene);
        let moves = left.input(|i| {
            let zooms = i.smooth_scroll_delta().y != 0.0 || (i.zoom_delta() - 1.0).abs() > 1e-6;
            zooms || i.pointer.any_down() || i.pointer.any_released()
        });
        let is_over =
            left.input(|i| i.pointer.latest_pos()).is_some_and(|p| kept.frame.contains(p));
        if moves && is_over && kept.view != state.view {
            state.go_to(Viewport::Free(kept.view));
        }
        if moves && is_over {
            state.space.viewport = kept.space.viewport;
        }
        let reply = plot_ui(right, state, gpu, inputs);
        PlotReply {
            wants_values: reply.wants_values.or(of_kept.wants_values),
            failed: reply.failed.or(of_kept.failed),
            command: reply.command.or(of_kept.command),
            selects: reply.selects.or(of_kept.selects),
            raster_opacity: reply.raster_opacity.or(of_kept.raster_opacity),
            clicked: reply.clicked,
            pointed: reply.pointed.or(of_kept.pointed),
        }
    });
    if let Some(split) = &mut state.split {
        split.kept_plot = Some(kept);
    }
    reply
}

/// Draws one plot.
fn plot_ui(ui: &mut Ui, state: &mut PlotState, gpu: &Gpu, inputs: &PlotInputs<'_>) -> PlotReply {
    if let Some(scene) = inputs.scene.filter(|scene| scene.shown.space().is_some()) {
        return space::space_ui(ui, state, gpu, inputs, scene);
    }
    state.space.seen = None;
    let &PlotInputs { scene, draw, view_params, contours, density, scale, .. } = inputs;
    let &PlotInputs { sigma, ring, cells, pinned, .. } = inputs;
    let names = scene.map_or_else(Default::default, |scene| scene.labels());
    let [x_label, y_label] = names.clone();
    let logarithmic = scene.map_or([false; 2], |scene| scene.shown.logarithmic());
    let ticks_of = logarithmic.map(|is| if is { decade_ticks } else { linear_ticks });
    let equal_aspect = scene.is_none_or(|scene| scene.has_equal_aspect(view_params));
    // In one dimension the y axis is f, and the values of the other field may be higher.
    let both = |scene: &Scene, view: fn(&Scene) -> ViewBox| {
        let held = state.split.as_ref().map(|split| view(&split.scene));
        held.map_or_else(|| view(scene), |held| held.union(&view(scene)))
    };
    let goal = match (&state.viewport, scene) {
        (Viewport::Home, Some(scene)) => Some(both(scene, Scene::most)),
        (Viewport::All, Some(scene)) => Some(both(scene, Scene::all)),
        (Viewport::Free(view), Some(_)) if state.going.is_some() => Some(*view),
        _ => None,
    };
    let size = if state.frame.is_positive() { state.frame.size() } else { Vec2::splat(100.0) };
    let goal = goal.map(|goal| filled(&goal, size, equal_aspect));
    let dark = ui.visuals().dark_mode;
    let mut plot = Plot::new("scatter")
        .show_background(false)
        .auto_bounds(false)
        .allow_double_click_reset(false)
        .allow_scroll(false)
        .allow_drag(state.tool == Tool::Move)
        .allow_axis_zoom_drag(false)
        .boxed_zoom_pointer_button(PointerButton::Secondary)
        .show_x(false)
        .show_y(false)
        .x_grid_spacer(|input| marks(ticks_of[0], input.bounds, size.x / X_TICK))
        .y_grid_spacer(|input| marks(ticks_of[1], input.bounds, size.y / Y_TICK))
        .grid_spacing(16.0..=17.0)
        .grid_color(color(Palette::of(dark).grid))
        .cursor_color(Color32::TRANSPARENT)
        .x_axis_formatter(|mark, range| tick(ticks_of[0], mark, range, size.x / X_TICK))
        .y_axis_formatter(|mark, range| tick(ticks_of[1], mark, range, size.y / Y_TICK))
        .x_axis_label(x_label)
        .y_axis_label(y_label)
        .y_axis_min_width(44.0);
    if equal_aspect {
        plot = plot.data_aspect(1.0);
    }
    // The densities along the axes have strips above the plot and on its right.
    let has_strips = view_params.marginals && scene.is_some_and(|scene| !scene.shown.is_line());
    if has_strips {
        let room = ui.available_size();
        ui.add_space(STRIP);
        plot = plot.width((room.x - STRIP).max(1.0)).height((room.y - STRIP).max(1.0));
    }
    // The background is painted first, but its place is known only after the plot was laid out.
    let behind = ui.painter().add(Shape::Noop);
    let response = plot.show(ui, |plot_ui| {
        if let Some(ViewBox { x, y }) = &goal {
            plot_ui.set_plot_bounds(PlotBounds::from_min_max([x[0], y[0]], [x[1], y[1]]));
        }
        let scrolled = plot_ui.ctx().input(|i| i.smooth_scroll_delta().y);
        if plot_ui.response().contains_pointer() && scrolled != 0.0 {
            plot_ui.zoom_bounds_around_hovered(Vec2::splat((scrolled / 240.0).exp()));
            true
        } else {
            false
        }
    });
    let zoomed = response.inner;
    let (response, transform) = (response.response, response.transform);
    let selects = state.gesture.is_some();
    if zoomed
        || response.dragged() && !selects
        || response.drag_stopped() && !selects
        || ui.input(|i| (i.zoom_delta() - 1.0).abs() > 1e-6)
    {
        state.viewport = Viewport::Free(state.view);
        state.going = None;
    }
    if response.double_clicked() {
        state.viewport = Viewport::Home;
        ui.ctx().request_repaint();
    }
    let part = state.part_drawn();
    response.widget_info(|| {
        let text = scene.map_or("Scatter plot".to_owned(), |scene| {
            let count = |n: usize| format_number(n as f64, 12);
            let part = part.map_or_else(String::new, |[shown, n]| {
                format!(", {} of {} targets drawn", count(shown), count(n))
            });
            let n = scene.prepared.points.n();
            let colored = &scene.colored;
            let shown = match colored.by {
                ColorBy::Field if colored.difference.is_none() => "f".to_owned(),
                _ => scene.value_label(),
            };
            format!("Scatter plot of {} targets coloured by {shown}{part}", count(n))
        });
        egui::WidgetInfo::labeled(egui::Role::Image, true, text)
    });
    let frame = *transform.frame();
    if let Some(backdrop) = Backdrop::of(gpu, Palette::of(dark).background)
        && frame.is_positive()
    {
        ui.painter().set(behind, Callback::new_paint_callback(frame, BackdropCallback(backdrop)));
    }
    if scene.is_some() {
        state.going = match state.going {
            Some(Going::Exactly(_)) if frame != state.frame => Some(Going::Exactly(0)),
            Some(Going::Exactly(frames)) if frames < STEADY => Some(Going::Exactly(frames + 1)),
            _ => None,
        };
    }
    if frame != state.frame || state.going.is_some() && scene.is_some() {
        ui.ctx().request_repaint();
    }
    state.frame = frame;
    let bounds = transform.bounds();
    state.view =
        ViewBox { x: [bounds.min()[0], bounds.max()[0]], y: [bounds.min()[1], bounds.max()[1]] };
    if scene.is_some()
        && state.going.is_none()
        && let Viewport::Free(view) = &mut state.viewport
        && !is_same(view, &state.view)
    {
        // The plot has another shape now, or was moved.
        *view = state.view;
    }
    let Some(scene) = scene else { return PlotReply::default() };
    let mut reply = PlotReply::default();
    let [kept_side, side] =
        state.split.as_ref().map_or([Rect::NOTHING, frame], |split| split.sides(frame));
    let is_legal = bounds.is_valid() && frame.is_positive();
    let is_line = scene.shown.is_line();
    match (density.and_then(|density| density.raster.as_ref()), scale) {
        (Some(Ok(raster)), Some(scale)) if view_params.raster && is_legal => {
            let inputs = RasterInputs { scene, raster, view_params, scale };
            let drawn = raster_ui(ui, gpu, &inputs, &state.view, &mut state.raster, [frame, side]);
            match drawn {
                Ok(is_new) => state.rasters += u64::from(is_new),
                Err(err) => reply.failed = Some(err),
            }
        }
        _ => state.raster = None,
    }
    if let (Some(split), Some(scale)) = (&mut state.split, scale)
        && let Some(raster) = split.raster.as_ref().filter(|_| view_params.raster && is_legal)
    {
        let inputs = RasterInputs { scene: &split.scene, raster, view_params, scale };
        let drawn = &mut split.drawn_raster;
        let drawn = raster_ui(ui, gpu, &inputs, &state.view, drawn, [frame, kept_side]);
        reply.failed = reply.failed.or(drawn.err());
    }
    if !view_params.dots {
        state.layer = None;
    } else if let (Some(draw), Some(scale)) = (draw, scale)
        && is_legal
    {
        let dots = DotsInputs { scene, draw, view_params, scale, space: None, moves: false };
        let drawn = dots_ui(ui, gpu, &dots, &state.view, &mut state.layer, [frame, side]);
        reply.failed = reply.failed.or(drawn.err());
    }
    if let (Some(split), Some(scale)) = (&mut state.split, scale)
        && split.mode == SplitMode::Curtain
        && is_legal
    {
        let SplitView { scene, drawing, layer, raster, .. } = split;
        // A side must show something.
        if view_params.dots || raster.is_none() {
            let draw = &drawing.draw;
            let dots = DotsInputs { scene, draw, view_params, scale, space: None, moves: false };
            let drawn = dots_ui(ui, gpu, &dots, &state.view, layer, [frame, kept_side]);
            reply.failed = reply.failed.or(drawn.err());
        } else {
            *layer = None;
        }
    }
    if let Some(Ok(curve)) = density.and_then(|density| density.curve.as_ref())
        && view_params.raster
    {
        curve_ui(ui, curve, &transform, side);
    }
    if let Some(found) = contours.and_then(|shown| shown.found.as_ref().ok()) {
        contours_ui(ui, found, &transform, side);
    }
    if has_strips && let Some(marginals) = density.and_then(|density| density.marginals.as_ref()) {
        marginals_ui(ui, marginals, [&names[0], &names[1]], &transform);
    }
    let mut notes = Vec::new();
    if view_params.marginals && is_line {
        notes.push(("marginals", "No marginals: they need two coordinates".to_owned()));
    }
    if view_params.raster
        && let Some(note) = density.and_then(|density| density.note(scene.prepared.points.dim()))
    {
        notes.push(("raster", note));
    }
    if view_params.contours.is_some()
        && let Some(note) = contours_note(contours, scene)
    {
        notes.push(("contours", note));
    }
    // Rings of σ lie below notes and buttons; whether there are any is known only after these.
    let rings = ui.painter().with_clip_rect(frame);
    let place_of_rings = rings.add(Shape::Noop);
    notes_ui(ui, &notes, frame);
    let mut is_covered = false;
    if is_legal {
        let LayerChoice { command, raster_opacity, covers } =
            layers_ui(ui, view_params, is_line, frame);
        let (tool, over_tools) = tools_ui(ui, state.tool, false, frame);
        let (chosen, over_bar) = selection_bar_ui(ui, scene, inputs.selection, inputs.only, frame);
        reply.command = command.or(tool).or(chosen);
        (reply.raster_opacity, is_covered) = (raster_opacity, covers || over_tools || over_bar);
        let found = contours.and_then(|shown| shown.found.as_ref().ok());
        let (tool, gesture) = (state.tool, &mut state.gesture);
        let data = |at| {
            let place = transform.value_from_position(at);
            [place.x, place.y]
        };
        let region = |drawn| in_plane(drawn, data, found);
        reply.selects = gesture_ui(ui, tool, gesture, &response, frame, region);
    }
    if let Some(split) = &mut state.split {
        let is_free = state.tool == Tool::Move;
        if response.clicked() && split.mode == SplitMode::Curtain && is_free {
            split.swap();
            ui.ctx().request_repaint();
        }
        split.names_ui(ui, frame, scene);
    }
    let is_pointed_at = !response.dragged() && !is_covered;
    let target = response.hover_pos().filter(|_| is_pointed_at);
    let target = target.and_then(|pointer| target_at(scene, &transform, pointer));
    // Where two fields are compared, a click swaps their sides.
    let is_free = state.split.is_none() && state.tool == Tool::Move;
    reply.pointed = target;
    reply.clicked = target.filter(|_| response.clicked() && is_free);
    if let Some(pinned) = pinned
        && drawn_at(scene, &transform, pinned)
            .is_none_or(|at| target_ui(ui, scene, cells, pinned, (at, frame), true))
    {
        reply.wants_values = Some(Arc::clone(scene));
    }
    if let Some(pointer) = response.hover_pos().filter(|_| is_pointed_at) {
        let held = state.split.as_ref().filter(|_| kept_side.contains(pointer));
        let (scene, sigma) =
            held.map_or((scene, sigma), |split| (&split.scene, split.scene.sigma()));
        if ring && !scene.shown.is_warped() && !ui.input(|i| i.pointer.any_down()) {
            let shapes = ring_shapes(ui, scene, sigma.get(), &transform, pointer);
            rings.set(place_of_rings, Shape::Vec(shapes));
        }
        if let Some(target) = target.filter(|target| Some(*target) != pinned)
            && drawn_at(scene, &transform, target)
                .is_none_or(|at| target_ui(ui, scene, cells, target, (at, frame), false))
        {
            reply.wants_values = Some(Arc::clone(scene));
        }
    }
    reply
}

/// In how many frames the plot must have kept its size before a view that was asked for is left to the user.
const STEADY: u8 = 3;

/// Whether two views are the same but for rounding.
fn is_same(a: &ViewBox, b: &ViewBox) -> bool {
    let close = |a: [f64; 2], b: [f64; 2]| {
        (0..2).all(|end| (a[end] - b[end]).abs() <= 1e-9 * (b[1] - b[0]).abs())
    };
    close(a.x, b.x) && close(a.y, b.y)
}

/// The least distance of ticks on the horizontal axis, in logical pixels; numbers need that much
/// room.
const X_TICK: f32 = 90.0;
/// The least distance of ticks on the vertical axis, in logical pixels.
const Y_TICK: f32 = 52.0;

/// The ticks from one value to another, at most so many.
type Ticks = fn(f64, f64, usize) -> Vec<Tick>;

/// Grid lines at the same values as in exported pictures, at most `most` of them.
fn marks(ticks: Ticks, (low, high): (f64, f64), most: f32) -> Vec<GridMark> {
    let ticks = ticks(low, high, most.max(2.0) as usize);
    let step_size = match ticks.as_slice() {
        [first, second, ..] => second.value - first.value,
        _ => high - low,
    };
    ticks.into_iter().map(|tick| GridMark { value: tick.value, step_size }).collect()
}

/// A number on an axis, as in exported pictures.
fn tick(ticks: Ticks, mark: GridMark, range: &RangeInclusive<f64>, most: f32) -> String {
    ticks(*range.start(), *range.end(), most.max(2.0) as usize)
        .into_iter()
        .find(|tick| (tick.value - mark.value).abs() < 1e-6 * mark.step_size)
        .map_or_else(|| format_number(mark.value, 6), |tick| tick.label)
}

/// `goal`; if `equal`, widened on one axis so that in a frame of `size` one unit is as long on both
/// axes.
pub(super) fn filled(goal: &ViewBox, size: Vec2, equal: bool) -> ViewBox {
    let mut view = *goal;
    if equal && size.x > 0.0 && size.y > 0.0 {
        let per_pixel = [
            (goal.x[1] - goal.x[0]) / f64::from(size.x),
            (goal.y[1] - goal.y[0]) / f64::from(size.y),
        ];
        let widest = per_pixel[0].max(per_pixel[1]);
        let around = |[low, high]: [f64; 2], per_pixel: f64, pixels: f32| {
            if per_pixel * (1.0 + 1e-9) >= widest {
                return [low, high];
            }
            let (middle, half) = (f64::midpoint(low, high), 0.5 * widest * f64::from(pixels));
            [middle - half, middle + half]
        };
        view.x = around(goal.x, per_pixel[0], size.x);
        view.y = around(goal.y, per_pixel[1], size.y);
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_view_shows_all_of_its_goal() {
        let goal = ViewBox { x: [0.0, 10.0], y: [0.0, 1.0] };
        let view = filled(&goal, Vec2::new(200.0, 100.0), true);
        assert_eq!(view, ViewBox { x: [0.0, 10.0], y: [-2.0, 3.0] });
        assert_eq!(filled(&goal, Vec2::new(200.0, 100.0), false), goal);
    }
}
