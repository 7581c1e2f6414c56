//! The panel on the right: which colour is which value, how many targets have it, and the range.
//!
//! Dragging an end of the bar fixes the limits with that value at that end; a double click lets them
//! follow the field again.

use eframe::egui::{
    self, Align2, Color32, CursorIcon, Mesh, Pos2, Rect, Sense, Shape, Stroke, TextStyle, Ui, Vec2,
    epaint::Vertex, pos2, vec2,
};

use super::style::color;
use crate::{
    color::{Scale, lut},
    figure::Palette,
    model::{Scaling, ViewParams},
    numbers::format_number,
    session::{Scene, value_label},
};

/// Width of the colour bar, in logical pixels.
const BAR: f32 = 18.0;
/// Width of the histogram left of it, in logical pixels.
const HISTOGRAM: f32 = 40.0;
/// Its width where the panel is narrower than this, in logical pixels.
const NARROW_HISTOGRAM: f32 = 14.0;
const NARROW: f32 = 100.0;

/// Draws the colour bar of `scale` with its ticks and histogram; dragging its ends edits
/// `view.clip`.
pub(super) fn color_bar_ui(ui: &mut Ui, view: &mut ViewParams, scene: &Scene, scale: Scale) {
    ui.add_space(6.0);
    ui.vertical_centered(|ui| {
        let lock = if view.clip.is_some() { ", fixed" } else { "" };
        ui.label(format!("{}{lock}", value_label(scene.params.normalisation)));
    });
    let room = ui.available_rect_before_wrap();
    let widest = if room.width() < NARROW { NARROW_HISTOGRAM } else { HISTOGRAM };
    let bar = Rect::from_min_max(
        pos2(room.left() + widest + 6.0, room.top() + 10.0),
        pos2(room.left() + widest + 6.0 + BAR, room.bottom() - 16.0),
    );
    if !bar.is_positive() {
        return;
    }
    gradient(ui, bar, view);
    ticks(ui, bar, scale);
    histogram(ui, bar, scene, scale, widest);
    handles(ui, bar, scale, view);
    let response = ui.interact(bar, ui.scope_id().with("bar"), Sense::click());
    response.widget_info(|| {
        let (low, high) = (f64::from(scale.low), f64::from(scale.high));
        let text =
            format!("Colour bar from {} to {}", format_number(low, 4), format_number(high, 4));
        egui::WidgetInfo::labeled(egui::Role::Image, true, text)
    });
    if response.double_clicked() {
        view.clip = None;
    }
    response.on_hover_text("Drag an end to fix the limit there; double-click to let both follow f");
}

fn gradient(ui: &Ui, bar: Rect, view: &ViewParams) {
    let colors = lut(view.color_map);
    let mut mesh = Mesh::default();
    for (k, [r, g, b, _]) in colors.iter().enumerate() {
        let y = bar.bottom() - bar.height() * k as f32 / 255.0;
        for x in [bar.left(), bar.right()] {
            let color = Color32::from_rgb(*r, *g, *b);
            mesh.vertices.push(Vertex { pos: pos2(x, y), uv: egui::epaint::WHITE_UV, color });
        }
        if k > 0 {
            let base = 2 * k as u32;
            mesh.add_triangle(base - 2, base - 1, base);
            mesh.add_triangle(base - 1, base, base + 1);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    let frame = Stroke::new(1.0, color(Palette::of(ui.visuals().dark_mode).frame));
    ui.painter().rect_stroke(bar, 0.0, frame, egui::StrokeKind::Outside);
}

fn height_of(bar: Rect, scale: Scale, value: f32) -> f32 {
    bar.bottom() - bar.height() * scale.normalise(value).clamp(0.0, 1.0)
}

fn ticks(ui: &Ui, bar: Rect, scale: Scale) {
    let ink = ui.visuals().text_color();
    let font = TextStyle::Small.resolve(ui.style());
    for tick in scale.ticks((bar.height() / 34.0).max(2.0) as usize) {
        let y = height_of(bar, scale, tick.value as f32);
        let at = pos2(bar.right() + 1.0, y);
        ui.painter().line_segment([at, at + vec2(4.0, 0.0)], Stroke::new(1.0, ink));
        let text = at + vec2(8.0, 0.0);
        ui.painter().text(text, Align2::LEFT_CENTER, tick.label, font.clone(), ink);
    }
}

fn histogram(ui: &Ui, bar: Rect, scene: &Scene, scale: Scale, widest: f32) {
    let Some((counted, histogram)) = &scene.histogram else { return };
    let most = histogram.bins.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let count = histogram.bins.len() as f32;
    let ink = ui.visuals().text_color().gamma_multiply(0.45);
    for (k, &bin) in histogram.bins.iter().enumerate().filter(|(_, bin)| **bin > 0) {
        // Square roots, so that small counts beside large ones can be seen.
        let width = (widest - 6.0) * (bin as f32 / most as f32).sqrt();
        // Counted along another scale, its bars go where their values are on this one.
        let [bottom, top] = [k, k + 1].map(|end| {
            let t = end as f32 / count;
            let t = if *counted == scale { t } else { scale.normalise(counted.value_at(t)) };
            bar.bottom() - bar.height() * t
        });
        let rect = Rect::from_min_max(
            pos2(bar.left() - 4.0 - width.max(1.0), top),
            pos2(bar.left() - 4.0, bottom),
        );
        ui.painter().rect_filled(rect, 0.0, ink);
    }
}

/// A handle at either end of the bar, which sets the value of that end.
fn handles(ui: &Ui, bar: Rect, scale: Scale, view: &mut ViewParams) {
    for (end, name) in ["Lowest colour", "Highest colour"].into_iter().enumerate() {
        let y = if end == 0 { bar.bottom() } else { bar.top() };
        let rect = Rect::from_center_size(pos2(bar.center().x, y), vec2(BAR + 10.0, 12.0));
        let response = ui.interact(rect, ui.scope_id().with(name), Sense::drag());
        response.widget_info(|| {
            egui::WidgetInfo::slider(true, f64::from([scale.low, scale.high][end]), name)
        });
        let active = response.hovered() || response.dragged();
        if active {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeVertical);
        }
        handle_shape(ui, pos2(bar.center().x, y), end, active);
        if response.dragged() {
            let up = -response.drag_delta().y / bar.height();
            let mut clip = [scale.low, scale.high];
            clip[end] = value_beyond(scale, if end == 0 { up } else { 1.0 + up });
            let wanted = ViewParams { clip: Some(clip), ..*view };
            let finite = clip.iter().all(|value| value.is_finite());
            if finite && wanted.clip_is_legal() && (clip[1] - clip[0]).is_normal() {
                view.clip = Some(clip);
            }
        }
    }
}

/// The value at `t`, which may lie beyond the ends at 0 and 1.
fn value_beyond(scale: Scale, t: f32) -> f32 {
    let Scale { scaling, low, high } = scale;
    match scaling {
        Scaling::Linear => low + t * (high - low),
        Scaling::Log => low * (high / low).powf(t),
    }
}

fn handle_shape(ui: &Ui, at: Pos2, end: usize, active: bool) {
    let outward = if end == 0 { 1.0 } else { -1.0 };
    let visuals = ui.visuals();
    let fill = if active { visuals.strong_text_color() } else { visuals.weak_text_color() };
    let corner = |dx: f32, dy: f32| at + Vec2::new(dx, outward * dy);
    let points = vec![corner(0.0, 1.5), corner(6.0, 9.0), corner(-6.0, 9.0)];
    ui.painter().add(Shape::convex_polygon(points, fill, Stroke::NONE));
}
