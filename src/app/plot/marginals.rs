//! The density along each axis, beside the plot: above it that along x, on its right that along y.
//!
//! Both follow the plot's own transform, so that they lie where the plot's ticks are.

use eframe::egui::{
    Align2, Color32, FontId, Mesh, Pos2, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui,
    WidgetInfo, epaint::PathShape, pos2,
};
use egui_plot::{PlotPoint, PlotTransform};

use crate::{numbers::format_number, session::Curve};

/// Room for a strip beside the plot, in logical pixels.
pub(super) const STRIP: f32 = 48.0;
/// What of it is left empty next to the plot and at the outer edge.
const GAP: f32 = 3.0;

/// Draws both; `labels` are the names of the axes.
pub(super) fn marginals_ui(
    ui: &Ui,
    marginals: &[Result<Curve, String>; 2],
    labels: [&str; 2],
    transform: &PlotTransform,
) {
    let frame = *transform.frame();
    for axis in [0, 1] {
        let strip = strip(frame, axis);
        let (text, curve) = match &marginals[axis] {
            Ok(curve) => {
                let (at, most) = curve.highest().unwrap_or((0.0, 0.0));
                let (at, most) = (format_number(at, 4), format_number(f64::from(most), 4));
                (format!("Density along {}: highest at {at}, {most}", labels[axis]), Some(curve))
            }
            Err(reason) => (format!("No density along {}: {reason}", labels[axis]), None),
        };
        let response = ui.interact(strip, ui.scope_id().with(("marginal", axis)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
        if let Some(curve) = curve {
            draw(ui, curve, axis, strip, transform);
        }
        response.on_hover_text(text);
    }
}

/// The strip above the plot, or that on its right.
fn strip(frame: Rect, axis: usize) -> Rect {
    if axis == 0 {
        let bottom = frame.top() - GAP;
        Rect::from_x_y_ranges(frame.x_range(), bottom - STRIP + 2.0 * GAP..=bottom)
    } else {
        let left = frame.right() + GAP;
        Rect::from_x_y_ranges(left..=left + STRIP - 2.0 * GAP, frame.y_range())
    }
}

fn draw(ui: &Ui, curve: &Curve, axis: usize, strip: Rect, transform: &PlotTransform) {
    let visuals = ui.visuals();
    let painter = ui.painter().with_clip_rect(strip);
    let (low, high) =
        curve.values.iter().fold((0.0_f32, 0.0_f32), |(low, high), f| (low.min(*f), high.max(*f)));
    if high <= low {
        return;
    }
    let size = if axis == 0 { strip.height() } else { strip.width() };
    let out = |f: f32| (f - low) / (high - low) * (size - 1.0);
    // A place along the plot's axis and one away from it.
    let place = |along: f64, f: f32| -> Pos2 {
        let at = place_along(transform, axis, along);
        if axis == 0 { pos2(at, strip.bottom() - out(f)) } else { pos2(strip.left() + out(f), at) }
    };
    let ink = visuals.text_color();
    let fill = ink.gamma_multiply(0.28);
    let mut mesh = Mesh::default();
    let mut line = Vec::with_capacity(curve.values.len());
    for (along, f) in curve.points() {
        let index = mesh.vertices.len() as u32;
        mesh.colored_vertex(place(along, 0.0), fill);
        mesh.colored_vertex(place(along, f), fill);
        if index > 0 {
            mesh.add_triangle(index - 2, index - 1, index);
            mesh.add_triangle(index - 1, index, index + 1);
        }
        line.push(place(along, f));
    }
    painter.add(Shape::mesh(mesh));
    painter.add(Shape::Path(PathShape::line(line, Stroke::new(1.2, ink))));
    let base = [place(curve.ends[0], 0.0), place(curve.ends[1], 0.0)];
    painter.line_segment(base, Stroke::new(1.0, visuals.weak_text_color()));
    // The highest value, at the end of the strip where the curve is lower.
    let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
    let text = format_number(f64::from(high), 3);
    let galley = painter.layout_no_wrap(text, font, visuals.text_color());
    let size = galley.size();
    let [first, last] = if axis == 0 {
        [Align2::LEFT_TOP, Align2::RIGHT_TOP]
    } else {
        [Align2::RIGHT_BOTTOM, Align2::RIGHT_TOP]
    };
    let [first, last] =
        [first, last].map(|align| align.align_size_within_rect(size, strip.shrink(2.0)));
    // How far the curve comes out of the strip's base beside a place.
    let reach = |place: Rect| {
        let of_place = |(along, f): (f64, f32)| {
            let at = place_along(transform, axis, along);
            let range = if axis == 0 { place.x_range() } else { place.y_range() };
            if range.contains(at) { out(f) } else { 0.0 }
        };
        curve.points().map(of_place).fold(0.0, f32::max)
    };
    let place = if reach(last) + 1.0 < reach(first) { last } else { first };
    // Where the base runs through it, or the curve does.
    painter.rect_filled(place, 2.0, visuals.panel_fill);
    painter.galley(place.min, galley, Color32::PLACEHOLDER);
}

/// Where a value of an axis lies along its strip, on screen.
fn place_along(transform: &PlotTransform, axis: usize, along: f64) -> f32 {
    if axis == 0 {
        transform.position_from_point(&PlotPoint::new(along, 0.0)).x
    } else {
        transform.position_from_point(&PlotPoint::new(0.0, along)).y
    }
}
