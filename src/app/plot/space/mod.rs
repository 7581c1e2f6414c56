//! The plot in space: targets at three coordinates, looked at by a camera that turns around them.
//!
//! ```text
//!   drag: orbit   right or middle drag: pan   wheel: zoom to the pointer   click: measure
//! ```

mod axes;
mod controls;
mod measure;
mod pick;
mod state;

use std::sync::Arc;

use axes::{faces_ui, texts_ui};
use controls::controls_ui;
use eframe::{
    egui::{self, PointerButton, Rect, Response, Sense, Ui, WidgetInfo},
    egui_wgpu::Callback,
};
use measure::measure_ui;
pub use state::CameraMove;
pub(in crate::app) use state::SpaceState;

use super::{
    PlotInputs, PlotReply, PlotState, SplitView, Tool,
    dots::{BackdropCallback, DotsInputs, dots_ui, pixels_of},
    gesture::{Drawn, gesture_ui},
    notes::notes_ui,
    selection_bar::selection_bar_ui,
    split::SplitMode,
    tools::tools_ui,
};
use crate::{
    figure::{Palette, SpaceBox},
    gpu::{Backdrop, Gpu},
    model::{ColorBy, Projection, ViewParams},
    numbers::format_number,
    session::{Region, Scene, SpaceViewport},
    space::Camera,
};

/// Degrees that the camera turns by for each logical pixel of a drag.
const DEGREES_PER_PIXEL: f64 = 0.4;
/// Logical pixels of a wheel that make everything e times as large.
const WHEEL: f32 = 240.0;

/// Room for the choice of how two fields are compared, in logical pixels.
const SPLIT_CHOICE: f32 = 40.0;
/// The least width of notes beside the controls, in logical pixels.
const LEAST_ROOM: f32 = 200.0;

/// Draws the plot of a scene whose targets lie in space.
pub(super) fn space_ui(
    ui: &mut Ui,
    state: &mut PlotState,
    gpu: &Gpu,
    inputs: &PlotInputs<'_>,
    scene: &Arc<Scene>,
) -> PlotReply {
    let &PlotInputs { draw, view_params, scale, cells, pinned, .. } = inputs;
    let mut reply = PlotReply::default();
    let frame = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(frame, Sense::click_and_drag());
    (state.frame, state.view) = (frame, scene.most());
    let Some(ranges) = scene.shown.space().filter(|_| frame.is_positive()) else { return reply };
    let dark = ui.visuals().dark_mode;
    if let Some(backdrop) = Backdrop::of(gpu, Palette::of(dark).background) {
        ui.painter().add(Callback::new_paint_callback(frame, BackdropCallback(backdrop)));
    }
    state.space.follow(scene);
    state.space.id = Some(response.id);
    let size = [frame.width(), frame.height()].map(f64::from);
    let before = state.space.viewport;
    let space = ranges.space(before.all, view_params.equal_aspect);
    let fitting = Camera::around(&space, size[0] / size[1]);
    let mut camera = before.camera(&space, size[0] / size[1]);
    state.space.carry_out(&mut camera, &fitting);
    let turns = state.tool == Tool::Move || state.tool == Tool::Contour;
    follow_pointer(ui, &response, &mut camera, frame, turns);
    if response.double_clicked() {
        (camera.distance, camera.target) = (fitting.distance, fitting.target);
    }
    if camera != before.camera(&space, size[0] / size[1]) {
        state.space.viewport.camera = Some(camera);
    }
    let viewport = SpaceViewport { camera: Some(camera), ..state.space.viewport };
    let equal = view_params.equal_aspect;
    let Some(view) = viewport.view(&scene.shown, size, equal) else { return reply };
    if state.space.seen != Some(view) {
        if state.space.seen.is_some() {
            state.space.tell_moved();
        }
        state.space.seen = Some(view);
    }
    let rests_in = state.space.rests_in();
    if let Some(left) = rests_in {
        ui.ctx().request_repaint_after(left);
    }

    let found =
        SpaceBox::new(&view.projection, &scene.shown.labels3(), scene.shown.logarithmic3(), 1.0);
    let painter = ui.painter().with_clip_rect(frame);
    faces_ui(&painter, &found, frame, dark);
    let (_, pixels) = pixels_of(frame, ui.ctx().pixels_per_point());
    let space_draw =
        viewport.draw(&scene.shown, [pixels.x, pixels.y].map(f64::from), view_params.equal_aspect);
    let [kept_side, side] =
        state.split.as_ref().map_or([Rect::NOTHING, frame], |split| split.sides(frame));
    if let (Some(draw), Some(scale)) = (draw, scale) {
        let moves = rests_in.is_some();
        let dots = DotsInputs { scene, draw, view_params, scale, space: space_draw, moves };
        let drawn = dots_ui(ui, gpu, &dots, &state.view, &mut state.layer, [frame, side]);
        reply.failed = drawn.err();
        if let Some(SplitView { scene, drawing, layer, mode: SplitMode::Curtain, .. }) =
            &mut state.split
        {
            let dots = DotsInputs { scene, draw: &drawing.draw, ..dots };
            let drawn = dots_ui(ui, gpu, &dots, &state.view, layer, [frame, kept_side]);
            reply.failed = reply.failed.or(drawn.err());
        }
    }
    texts_ui(&painter, &found, frame, dark);

    let part = state.part_drawn();
    response
        .widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, told(scene, &camera, part)));
    if let Some(split) = &mut state.split {
        split.names_ui(ui, frame, scene);
    }
    // Where two fields are compared, how they are shown is chosen at the bottom.
    let raised = if state.split.is_some() { SPLIT_CHOICE } else { 0.0 };
    let corner = frame.with_max_y(frame.bottom() - raised);
    let controls = controls_ui(ui, &mut state.space, &scene.shown, &space, &camera, corner);
    let (tool, over_tools) = tools_ui(ui, state.tool, true, frame);
    let (chosen, over_bar) = selection_bar_ui(ui, scene, inputs.selection, inputs.only, frame);
    reply.command = tool.or(chosen);
    let region = |drawn: Drawn| {
        Some(Region::InSpace { view: Box::new(view), corners: drawn.corners_in(frame)? })
    };
    let (tool, gesture) = (state.tool, &mut state.gesture);
    let tool = if turns { Tool::Move } else { tool };
    reply.selects = gesture_ui(ui, tool, gesture, &response, frame, region);
    let covered = over_tools
        || over_bar
        || ui.input(|i| i.pointer.latest_pos()).is_some_and(|at| controls.contains(at));
    let mut notes = Vec::new();
    let pointed = response.hover_pos().filter(|_| !response.dragged() && !covered);
    let held = state.split.as_ref().filter(|split| {
        pointed.is_some_and(|pointer| kept_side.contains(pointer))
            && split.mode == SplitMode::Curtain
    });
    let pointed_scene = held.map_or(scene, |split| &split.scene).clone();
    let (wants, clicked, pointed) = measure_ui(
        ui,
        &mut state.space,
        &measure::Inputs { scene: &pointed_scene, cells, pinned, picks: turns, view: &view, frame },
        &response,
        pointed,
        &mut notes,
    );
    reply.wants_values = wants.then_some(pointed_scene);
    reply.pointed = pointed;
    reply.clicked = clicked.filter(|_| state.split.is_none());
    notes.extend(left_out(view_params));
    if scene.params.projection == Projection::Automatic {
        let text = "Points of three coordinates open in space; S shows the plane";
        notes.push(("opened", text.to_owned()));
    }
    if let Some(slab) = viewport.slab {
        notes.push(("slab", format!("Slab: {} only", controls::slab_text(&slab, &scene.shown))));
    }
    let room = frame.with_max_x(controls.left()).with_max_y(corner.bottom());
    notes_ui(ui, &notes, if room.width() >= LEAST_ROOM { room } else { frame });
    reply
}

/// Turns, moves and zooms the camera as the pointer does.
///
/// The left button turns it where it `turns`.
fn follow_pointer(ui: &Ui, response: &Response, camera: &mut Camera, frame: Rect, turns: bool) {
    let size = [frame.width(), frame.height()].map(f64::from);
    let by = response.drag_delta();
    let [dx, dy] = [by.x, by.y].map(f64::from);
    if response.dragged_by(PointerButton::Primary) && turns {
        camera.orbit(-DEGREES_PER_PIXEL * dx, DEGREES_PER_PIXEL * dy);
    } else if response.dragged_by(PointerButton::Secondary)
        || response.dragged_by(PointerButton::Middle)
    {
        camera.pan([dx, dy], size);
    }
    let Some(pointer) = response.hover_pos().filter(|_| response.contains_pointer()) else {
        return;
    };
    let (scrolled, pinched) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
    let factor = (scrolled / WHEEL).exp() * pinched;
    if (factor - 1.0).abs() > 1e-6 {
        let at = pointer - frame.min;
        camera.zoom_to(f64::from(factor), [at.x, at.y].map(f64::from), size);
    }
}

/// What a screen reader says of the plot.
fn told(scene: &Scene, camera: &Camera, part: Option<[usize; 2]>) -> String {
    let count = |n: usize| format_number(n as f64, 12);
    let degrees = |value: f64| format!("{}°", format_number(value.round(), 4));
    let part = part.map_or_else(String::new, |[shown, n]| {
        format!(", {} of {} targets drawn", count(shown), count(n))
    });
    let colored = &scene.colored;
    let shown = match colored.by {
        ColorBy::Field if colored.difference.is_none() => "f".to_owned(),
        _ => scene.value_label(),
    };
    let how = if camera.perspective { "in perspective" } else { "in parallel projection" };
    format!(
        "Space view of {} targets coloured by {shown}, seen from yaw {}, pitch {}, distance {}, {how}{part}",
        count(scene.prepared.points.n()),
        degrees(camera.yaw),
        degrees(camera.pitch),
        format_number(camera.distance, 3),
    )
}

/// What is switched on and not drawn in space.
fn left_out(view: &ViewParams) -> Option<(&'static str, String)> {
    let layers = [
        (view.raster, "raster"),
        (view.contours.is_some(), "contours"),
        (view.marginals, "marginals"),
    ];
    let on: Vec<&str> = layers.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
    let text = || format!("Not drawn in space: {}; S shows the plane", on.join(", "));
    (!on.is_empty()).then(|| ("layers", text()))
}
