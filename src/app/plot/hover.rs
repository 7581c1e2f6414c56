//! The numbers of the target under the pointer, and of the one that is pinned.

use eframe::egui::{self, Pos2, Rect, Sense, Stroke, Ui, Vec2};
use egui_plot::PlotTransform;

use crate::{
    app::hover_columns::HoverCells, escape::escaped, numbers::format_number, session::Scene,
};

/// How far from the pointer a hovered target may be, in logical pixels.
const REACH: f64 = 14.0;

/// At most this many coordinates of the hovered target are listed.
const HOVER_AXES: usize = 8;

/// The target under the pointer.
pub(super) fn target_at(scene: &Scene, transform: &PlotTransform, pointer: Pos2) -> Option<usize> {
    let place = transform.value_from_position(pointer);
    let scale = transform.dpos_dvalue().map(f64::abs);
    // In one dimension a target is found by x alone.
    let is_line = scene.shown.is_line();
    let (y, scale) = if is_line { (0.0, [scale[0]; 2]) } else { (place.y, scale) };
    scene.hover.get()?.nearest([place.x, y], scale, REACH)
}

/// Marks a target and lists its coordinates, f and `cells` of its row; returns whether the value of f still
/// has to be read from the device. One that `is_pinned` is marked where it is in view, by a ring with four
/// strokes.
pub(super) fn target_ui(
    ui: &Ui,
    scene: &Scene,
    cells: HoverCells<'_>,
    transform: &PlotTransform,
    i: usize,
    is_pinned: bool,
) -> bool {
    let mut place = scene.shown.place(i);
    if scene.shown.is_line() {
        let value = scene.field.values().and_then(|values| values.get(i).copied());
        let Some(f) = value else { return true };
        place[1] = f64::from(f);
    }
    let at = transform.position_from_point(&egui_plot::PlotPoint::new(place[0], place[1]));
    seen_target_ui(ui, scene, cells, *transform.frame(), (i, at), is_pinned)
}

/// The same of a target that is seen at a place in the plot's `frame`.
pub(super) fn seen_target_ui(
    ui: &Ui,
    scene: &Scene,
    cells: HoverCells<'_>,
    frame: Rect,
    (i, at): (usize, Pos2),
    is_pinned: bool,
) -> bool {
    let value = scene.field.values().and_then(|values| values.get(i).copied());
    let points = &scene.prepared.drawn;
    let (x, axes) = (points.targets().point(i), points.targets().axes());
    if is_pinned && !frame.contains(at) {
        return false;
    }
    let painter = ui.painter().with_clip_rect(frame);
    let rim = Stroke::new(3.0, ui.visuals().extreme_bg_color);
    for stroke in [rim, Stroke::new(1.5, ui.visuals().strong_text_color())] {
        painter.circle_stroke(at, 7.0, stroke);
        if is_pinned {
            for to in [Vec2::X, Vec2::Y, -Vec2::X, -Vec2::Y] {
                painter.line_segment([at + 7.0 * to, at + 13.0 * to], stroke);
            }
        }
    }

    let number = |((axis, x), is_log): ((&String, &f64), &bool)| {
        let value = if *is_log { 10_f64.powf(*x) } else { *x };
        format!("{} = {}", escaped(axis), format_number(value, 7))
    };
    let logarithmic = points.targets().logarithmic();
    let numbers = axes.iter().zip(x).zip(logarithmic).take(HOVER_AXES).map(number);
    let mut lines: Vec<String> = numbers.collect();
    if axes.len() > HOVER_AXES {
        lines.push(format!("… {} coordinates in all", axes.len()));
    }
    lines.push(value.map_or("f = …".to_owned(), |f| {
        let preview = if scene.is_complete() { "" } else { " (preview)" };
        format!("f = {}{preview}", format_number(f64::from(f), 5))
    }));
    // What the colours show, where that is something else.
    let colored = &scene.colored;
    if colored.by.column().is_some() || colored.difference.is_some() {
        let shown = colored.values.values().and_then(|values| values.get(i).copied());
        let text = match (&colored.categories, shown) {
            (Some(categories), Some(code)) => escaped(categories.name_of(code)),
            (None, Some(value)) if value.is_nan() => "no value".to_owned(),
            (None, Some(value)) => format_number(f64::from(value), 5),
            (_, None) => "…".to_owned(),
        };
        lines.push(format!("{} = {text}", scene.value_label()));
    }
    lines.extend(cells.lines(&scene.prepared, i));
    lines.insert(0, scene.prepared.row_of(i).map_or(String::new(), |row| format!("row {row}")));
    let text = lines.join("\n");
    let rect = label_ui(ui, at, &frame, &text);
    if is_pinned {
        let response = ui.interact(rect, ui.scope_id().with("pinned"), Sense::hover());
        let words = format!("Pinned: {}", lines.join(", "));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words.clone()));
    }
    value.is_none()
}

/// A small box of text beside a place, kept inside the frame.
fn label_ui(ui: &Ui, at: Pos2, frame: &Rect, text: &str) -> Rect {
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
    rect
}
