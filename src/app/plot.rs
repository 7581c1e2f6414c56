//! The picture: axes by `egui_plot`, dots by the device, the hovered target's numbers.

use std::{ops::RangeInclusive, sync::Arc};

use eframe::{
    egui::{self, Color32, PointerButton, Pos2, Rect, Shape, Stroke, Ui, Vec2},
    egui_wgpu::{Callback, CallbackResources, CallbackTrait, ScreenDescriptor},
};
use egui_plot::{GridMark, Plot, PlotBounds, PlotTransform};

use super::style::color;
use crate::{
    color::{Scale, below_range, format_number, linear_ticks},
    figure::{Palette, ViewBox},
    gpu::{
        Backdrop, CommandBuffer, CommandEncoder, Device, Gpu, GpuError, Layer, Queue, RenderPass,
        ScatterDraw, ScatterView,
    },
    model::{Scaling, ViewParams},
    session::{Look, Scene},
};

/// What the plot remembers from frame to frame.
pub(super) struct PlotState {
    pub(super) look: Look,
    /// Whether the view is still to be brought to where `look` says it is.
    go: bool,
    /// What was shown last.
    pub(super) view: ViewBox,
    /// Where the inside of the plot was last, in logical pixels.
    frame: Rect,
    /// The dots as they were drawn last.
    layer: Option<Layer>,
}

impl Default for PlotState {
    fn default() -> Self {
        let unit = [-1.0, 1.0];
        let view = ViewBox { x: unit, y: unit };
        Self { look: Look::default(), go: false, view, frame: Rect::NOTHING, layer: None }
    }
}

impl PlotState {
    /// A plot that begins with this view.
    pub(super) fn at(look: Look) -> Self {
        Self { look, go: true, ..Self::default() }
    }
}

impl PlotState {
    /// How many targets are in the picture, of how many, where it is not all of them.
    pub(super) fn part_drawn(&self) -> Option<[usize; 2]> {
        self.layer.as_ref().map(Layer::shown).filter(|[shown, n]| shown < n)
    }
}

/// What the plot has to say.
#[derive(Default)]
pub(super) struct PlotReply {
    /// The pointer is over a target whose value is not in memory yet.
    pub(super) wants_values: bool,
    /// Why the dots cannot be drawn.
    pub(super) failed: Option<GpuError>,
}

/// How far from the pointer a hovered target may be, in logical pixels.
const REACH: f64 = 14.0;

/// The most coordinates of a hovered target that are told.
const HOVER_AXES: usize = 8;

/// Draws the plot.
pub(super) fn plot_ui(
    ui: &mut Ui,
    state: &mut PlotState,
    scene: Option<&Arc<Scene>>,
    gpu: &Gpu,
    draw: Option<&ScatterDraw>,
    look: &ViewParams,
) -> PlotReply {
    let [across, up] = scene.map_or_else(Default::default, |scene| scene.labels());
    let equal_aspect = scene.is_none_or(|scene| scene.has_equal_aspect(look));
    let goal = match (&state.look, scene) {
        (Look::Home, Some(scene)) => Some(scene.most()),
        (Look::All, Some(scene)) => Some(scene.all()),
        (Look::Free(view), Some(_)) if std::mem::take(&mut state.go) => Some(*view),
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
        .allow_axis_zoom_drag(false)
        .boxed_zoom_pointer_button(PointerButton::Secondary)
        .show_x(false)
        .show_y(false)
        .x_grid_spacer(|input| marks(input.bounds, size.x / X_TICK))
        .y_grid_spacer(|input| marks(input.bounds, size.y / Y_TICK))
        .grid_spacing(16.0..=17.0)
        .grid_color(color(Palette::of(dark).grid))
        .cursor_color(Color32::TRANSPARENT)
        .x_axis_formatter(|mark, range| tick(mark, range, size.x / X_TICK))
        .y_axis_formatter(|mark, range| tick(mark, range, size.y / Y_TICK))
        .x_axis_label(across)
        .y_axis_label(up)
        .y_axis_min_width(44.0);
    if equal_aspect {
        plot = plot.data_aspect(1.0);
    }
    // What is behind the plot is painted first; where it goes is known afterwards.
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
    if zoomed
        || response.dragged()
        || response.drag_stopped()
        || ui.input(|i| (i.zoom_delta() - 1.0).abs() > 1e-6)
    {
        state.look = Look::Free(state.view);
    }
    if response.double_clicked() {
        state.look = Look::Home;
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
            format!("Scatter plot of {} targets coloured by f{part}", count(n))
        });
        egui::WidgetInfo::labeled(egui::Role::Image, true, text)
    });
    let frame = *transform.frame();
    if let Some(backdrop) = Backdrop::of(gpu, Palette::of(dark).background)
        && frame.is_positive()
    {
        ui.painter().set(behind, Callback::new_paint_callback(frame, Behind(backdrop)));
    }
    if frame != state.frame {
        state.frame = frame;
        ui.ctx().request_repaint();
    }
    let bounds = transform.bounds();
    state.view =
        ViewBox { x: [bounds.min()[0], bounds.max()[0]], y: [bounds.min()[1], bounds.max()[1]] };
    if scene.is_some()
        && let Look::Free(view) = &mut state.look
    {
        *view = state.view;
    }
    let Some(scene) = scene else { return PlotReply::default() };
    let painter = ui.painter().with_clip_rect(frame);
    let mut reply = PlotReply::default();
    if let Some(draw) = draw
        && bounds.is_valid()
        && frame.is_positive()
    {
        let ppp = ui.ctx().pixels_per_point();
        let (corner, pixels) = pixels_of(frame, ppp);
        let view = scatter_view(scene, look, &state.view, pixels, ppp, dark);
        if state.layer.as_ref().is_none_or(|layer| !layer.shows(draw, &view)) {
            match Layer::new(gpu, draw, &view, state.layer.as_ref()) {
                Ok(layer) => state.layer = Some(layer),
                Err(err) => reply.failed = Some(err),
            }
        }
        if let Some(layer) = state.layer.clone() {
            let rests = !ui.input(|i| i.pointer.any_down());
            if rests && !layer.is_complete() {
                ui.ctx().request_repaint();
            }
            painter.add(Callback::new_paint_callback(frame, Dots { layer, corner, rests }));
        }
    }
    let pointer = response.hover_pos().filter(|_| !response.dragged());
    if let Some(pointer) = pointer {
        reply.wants_values = hover_ui(ui, scene, &transform, pointer);
    }
    reply
}

/// The first pixel of a frame, and how many there are: as egui rounds the viewport of a callback.
fn pixels_of(frame: Rect, pixels_per_point: f32) -> ([f32; 2], Vec2) {
    let low = (frame.min.to_vec2() * pixels_per_point).round();
    let high = (frame.max.to_vec2() * pixels_per_point).round();
    (low.into(), high - low)
}

/// Room for a number on the horizontal and on the vertical axis, in logical pixels.
const X_TICK: f32 = 90.0;
const Y_TICK: f32 = 52.0;

/// The same marks as in exported pictures, about `most` of them.
fn marks((low, high): (f64, f64), most: f32) -> Vec<GridMark> {
    let ticks = linear_ticks(low, high, most.max(2.0) as usize);
    let step_size = match ticks.as_slice() {
        [first, second, ..] => second.value - first.value,
        _ => high - low,
    };
    ticks.into_iter().map(|tick| GridMark { value: tick.value, step_size }).collect()
}

/// A number on an axis, as in exported pictures.
fn tick(mark: GridMark, range: &RangeInclusive<f64>, most: f32) -> String {
    linear_ticks(*range.start(), *range.end(), most.max(2.0) as usize)
        .into_iter()
        .find(|tick| (tick.value - mark.value).abs() < 1e-6 * mark.step_size)
        .map_or_else(|| format_number(mark.value, 6), |tick| tick.label)
}

/// `goal` widened so that it fills a frame of `size`, with one unit as long on both axes if
/// `equal`.
fn filled(goal: &ViewBox, size: Vec2, equal: bool) -> ViewBox {
    let mut view = *goal;
    if equal && size.x > 0.0 && size.y > 0.0 {
        let per_pixel = [
            (goal.x[1] - goal.x[0]) / f64::from(size.x),
            (goal.y[1] - goal.y[0]) / f64::from(size.y),
        ];
        let widest = per_pixel[0].max(per_pixel[1]);
        let around = |[low, high]: [f64; 2], pixels: f32| {
            let (middle, half) = (f64::midpoint(low, high), 0.5 * widest * f64::from(pixels));
            [middle - half, middle + half]
        };
        view.x = around(goal.x, size.x);
        view.y = around(goal.y, size.y);
    }
    view
}

fn scatter_view(
    scene: &Scene,
    look: &ViewParams,
    view: &ViewBox,
    pixels: Vec2,
    pixels_per_point: f32,
    dark: bool,
) -> ScatterView {
    let Scale { scaling, low, high } = scene.scale(look);
    let center = scene.shown.center();
    let middle = |[a, b]: [f64; 2], axis: usize| f64::midpoint(a, b) - center[axis];
    ScatterView {
        center: [middle(view.x, 0), middle(view.y, 1)],
        span: [view.x[1] - view.x[0], view.y[1] - view.y[0]],
        size: [pixels.x, pixels.y],
        radius: 0.5 * look.point_size * pixels_per_point,
        opacity: look.opacity,
        low,
        high,
        logarithmic: scaling == Scaling::Log,
        below: below_range(dark),
        dark,
    }
}

/// Marks the target under the pointer and tells its numbers; says whether its value is missing.
fn hover_ui(ui: &Ui, scene: &Scene, transform: &PlotTransform, pointer: Pos2) -> bool {
    let Some(hover) = scene.hover.get() else { return false };
    let place = transform.value_from_position(pointer);
    let scale = transform.dpos_dvalue().map(f64::abs);
    // Along a line only x tells where a target is.
    let is_line = scene.shown.is_line();
    let (y, scale) = if is_line { (0.0, [scale[0]; 2]) } else { (place.y, scale) };
    let Some(i) = hover.nearest([place.x, y], scale, REACH) else { return false };
    let value = scene.field.values().and_then(|values| values.get(i).copied());
    let points = &scene.prepared.drawn;
    let (x, axes) = (points.targets().point(i), points.targets().axes());
    let mut place = scene.shown.place(i);
    if is_line {
        let Some(f) = value else { return true };
        place[1] = f64::from(f);
    }
    let at = transform.position_from_point(&egui_plot::PlotPoint::new(place[0], place[1]));
    let ink = ui.visuals().strong_text_color();
    let painter = ui.painter().with_clip_rect(*transform.frame());
    painter.circle_stroke(at, 7.0, Stroke::new(3.0, ui.visuals().extreme_bg_color));
    painter.circle_stroke(at, 7.0, Stroke::new(1.5, ink));

    let number = |(axis, x): (&String, &f64)| format!("{axis} = {}", format_number(*x, 7));
    let mut lines: Vec<String> = axes.iter().zip(x).take(HOVER_AXES).map(number).collect();
    if axes.len() > HOVER_AXES {
        lines.push(format!("… {} coordinates in all", axes.len()));
    }
    lines.push(value.map_or("f = …".to_owned(), |f| {
        let preview = if scene.is_complete() { "" } else { " (preview)" };
        format!("f = {}{preview}", format_number(f64::from(f), 5))
    }));
    lines.push(format!("target {}", format_number(i as f64 + 1.0, 12)));
    label_ui(ui, at, transform.frame(), &lines.join("\n"));
    value.is_none()
}

/// A small box of text beside a place, kept inside the frame.
fn label_ui(ui: &Ui, at: Pos2, frame: &Rect, text: &str) {
    let visuals = ui.visuals();
    let font = egui::TextStyle::Body.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, visuals.text_color());
    let size = galley.size() + Vec2::new(16.0, 10.0);
    let mut corner = at + Vec2::new(14.0, 10.0);
    if corner.x + size.x > frame.right() {
        corner.x = at.x - 14.0 - size.x;
    }
    if corner.y + size.y > frame.bottom() {
        corner.y = at.y - 10.0 - size.y;
    }
    let rect = Rect::from_min_size(corner, size);
    let painter = ui.painter();
    painter.rect(rect, 4.0, visuals.window_fill, visuals.window_stroke, egui::StrokeKind::Inside);
    painter.galley(corner + Vec2::new(8.0, 5.0), galley, visuals.text_color());
}

/// What is behind the plot, filled by the device.
struct Behind(Backdrop);

impl CallbackTrait for Behind {
    fn paint(
        &self,
        _info: egui::PaintCallbackInfo,
        pass: &mut RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        self.0.paint(pass);
    }
}

/// The dots, laid by the device into the window's own pass.
struct Dots {
    layer: Layer,
    corner: [f32; 2],
    /// Whether the user is not in the middle of something.
    rests: bool,
}

impl CallbackTrait for Dots {
    fn prepare(
        &self,
        _device: &Device,
        _queue: &Queue,
        _screen: &ScreenDescriptor,
        encoder: &mut CommandEncoder,
        _resources: &mut CallbackResources,
    ) -> Vec<CommandBuffer> {
        self.layer.prepare(encoder, self.corner, self.rests);
        Vec::new()
    }

    fn paint(
        &self,
        _info: egui::PaintCallbackInfo,
        pass: &mut RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        self.layer.paint(pass);
    }
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
