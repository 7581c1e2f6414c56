//! The numbers of the target under the pointer.

use eframe::egui::{self, Pos2, Rect, Stroke, Ui, Vec2};
use egui_plot::PlotTransform;

use crate::{app::columns::ColumnsState, escape::escaped, numbers::format_number, session::Scene};

/// How far from the pointer a hovered target may be, in logical pixels.
const REACH: f64 = 14.0;

/// At most this many coordinates of the hovered target are listed.
const HOVER_AXES: usize = 8;

/// Marks the target under the pointer and lists its coordinates and f; returns whether the value of
/// f still has to be read from the device.
///
/// `columns` knows the label of its row, where a column of labels was picked.
pub(super) fn hover_ui(
    ui: &Ui,
    scene: &Scene,
    columns: &ColumnsState,
    transform: &PlotTransform,
    pointer: Pos2,
) -> bool {
    let Some(hover) = scene.hover.get() else { return false };
    let place = transform.value_from_position(pointer);
    let scale = transform.dpos_dvalue().map(f64::abs);
    // In one dimension a target is found by x alone.
    let is_line = scene.shown.is_line();
    let (y, scale) = if is_line { (0.0, [scale[0]; 2]) } else { (place.y, scale) };
    let Some(i) = hover.nearest([place.x, y], scale, REACH) else { return false };
    let mut place = scene.shown.place(i);
    if is_line {
        let value = scene.field.values().and_then(|values| values.get(i).copied());
        let Some(f) = value else { return true };
        place[1] = f64::from(f);
    }
    let at = transform.position_from_point(&egui_plot::PlotPoint::new(place[0], place[1]));
    target_ui(ui, scene, columns, i, at, transform.frame())
}

/// Marks target `i`, which is drawn at `at` in the plot's `frame`, and lists its coordinates and f; returns
/// whether the value of f still has to be read from the device.
pub(super) fn target_ui(
    ui: &Ui,
    scene: &Scene,
    columns: &ColumnsState,
    i: usize,
    at: Pos2,
    frame: &Rect,
) -> bool {
    let value = scene.field.values().and_then(|values| values.get(i).copied());
    let points = &scene.prepared.drawn;
    let (x, axes) = (points.targets().point(i), points.targets().axes());
    let ink = ui.visuals().strong_text_color();
    let painter = ui.painter().with_clip_rect(*frame);
    painter.circle_stroke(at, 7.0, Stroke::new(3.0, ui.visuals().extreme_bg_color));
    painter.circle_stroke(at, 7.0, Stroke::new(1.5, ink));

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
    lines.insert(0, row_text(scene, columns, i));
    label_ui(ui, at, frame, &lines.join("\n"));
    value.is_none()
}

/// Which row a target is, with its label where a column of labels was picked: `row 9817 (id 109816)`.
pub(super) fn row_text(scene: &Scene, columns: &ColumnsState, i: usize) -> String {
    let rows = scene.prepared.target_rows.as_ref();
    let Some((rows, row)) = rows.and_then(|rows| Some((rows, rows.row_of(i)?))) else {
        return format!("row {i}");
    };
    match columns.labels_of(rows) {
        Some(labels) => {
            format!("row {row} ({} {})", escaped(&labels.name), escaped(labels.of_row(row)))
        }
        None => format!("row {row}"),
    }
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
