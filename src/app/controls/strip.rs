//! The criterion strip: how good each σ is, under the slider and on its axis.
//!
//! ```text
//!   ─────────────●──────────────  the slider
//!   ┌────────────┆──────────────┐
//!   │     ╭─•─╮  ┆    curves, each from its best down to what is worse than most
//!   │   ╭╯  ┆ ╰╮ ┆              │
//!   └───────┆────┆─┬─┬──────────┘
//!     held-out┘    │ └ median      labels of the ticks: a click takes their σ
//! ```

mod flags;
mod legend;
mod shape;
mod ticks;

use eframe::egui::{
    self, Align2, Color32, CursorIcon, FontId, Mesh, PointerButton, Pos2, Rect, Role, Sense, Shape,
    Stroke, Ui, WidgetInfo, pos2, vec2,
};
use flags::{PlacedLabel, TickLabel, place};
use legend::{dashes, legend_ui};
use shape::Heights;
use ticks::{SigmaTick, TICKED_AXES, of_axes, ticks};

use super::sections::section_ui;
use crate::{
    app::{
        style::{accent, color},
        widgets::{SliderAxis, in_sentence},
        wording::in_window,
    },
    color::log_ticks,
    criteria::{Criterion, Curve},
    figure::Palette,
    model::Sigma,
    numbers::format_number,
    session::{Advice, Section},
};

/// Height of the plot, in logical pixels.
const HEIGHT: f32 = 80.0;
/// Room above a curve's best value, for the numbers of the axis, in logical pixels.
const MARGIN: f32 = 14.0;
/// Height of a row of labels, in logical pixels.
const ROW: f32 = 16.0;
/// Height of a label, in logical pixels.
const LABEL: f32 = 14.0;
/// Rows of labels to reserve before the first advice is complete: what most clouds in the plane
/// need. For other numbers of rows, what is below the strip moves once.
const USUAL_ROWS: usize = 6;
/// A click this near to a tick takes the σ of the tick, in logical pixels.
const REACH: f32 = 3.0;

/// The colour of a curve.
fn color_of(criterion: Criterion, dark: bool) -> Color32 {
    match (criterion, dark) {
        (Criterion::LeaveOneOut, true) => Color32::from_rgb(230, 196, 104),
        (Criterion::LeaveOneOut, false) => Color32::from_rgb(150, 104, 0),
        (Criterion::LeastSquares, true) => Color32::from_rgb(165, 150, 240),
        (Criterion::LeastSquares, false) => Color32::from_rgb(104, 82, 190),
        _ => accent(dark),
    }
}

/// The background of the curves.
fn paper(dark: bool) -> Color32 {
    if dark { Color32::from_rgb(24, 27, 32) } else { Color32::from_rgb(252, 253, 254) }
}

/// The best σ of the first curve that has one, with a description of it.
pub(super) fn best(advice: &Advice) -> Option<(Sigma, String)> {
    let (sigma, curve) = advice.optima().next()?;
    let value = format_number(sigma.get(), 3);
    Some((sigma, format!("σ = {value}, the best by {}", in_sentence(curve.criterion.label()))))
}

/// Draws the strip along the slider's `axis`, with the present σ as a cursor; returns the σ that
/// the user clicks.
pub(super) fn strip_ui(
    ui: &mut Ui,
    axis: &SliderAxis,
    sigma: Sigma,
    advice: Option<&Advice>,
) -> Option<Sigma> {
    let dark = ui.visuals().dark_mode;
    let size = vec2(ui.available_width(), HEIGHT);
    let (frame, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let per_axis = |advice: &Advice| of_axes(advice).len() <= 2 * TICKED_AXES;
    let ticks = advice.map_or_else(Vec::new, |advice| ticks(advice, dark, per_axis(advice)));
    let mut taken = None;
    let pointer = response.interact_pointer_pos();
    if let Some(pointer) = pointer
        && (response.clicked() || response.dragged_by(PointerButton::Primary))
    {
        let near = |tick: &&SigmaTick| (axis.place(tick.sigma.get()) - pointer.x).abs();
        let nearest = ticks.iter().min_by(|a, b| near(a).total_cmp(&near(b)));
        let nearest = nearest.filter(|tick| response.clicked() && near(tick) <= REACH);
        taken = match nearest {
            Some(tick) => Some(tick.sigma),
            None => rounded(axis.value(pointer.x)),
        };
    }
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    response.widget_info(|| {
        let best = advice.and_then(best).map_or(String::new(), |(_, words)| format!("; {words}"));
        let now = format_number(sigma.get(), 4);
        WidgetInfo::labeled(Role::Image, true, format!("Criteria against σ, now {now}{best}"))
    });
    backdrop(ui, frame, axis);
    // The one to look at first is drawn last.
    let curves = advice.map_or(&[][..], |advice| &advice.curves);
    let painter = ui.painter().with_clip_rect(frame.shrink(1.0).intersect(ui.clip_rect()));
    for (k, curve) in curves.iter().enumerate().rev() {
        curve_shapes(&painter, frame, axis, curve, k, dark);
    }
    message(ui, frame, advice);
    let is_complete = advice.is_some_and(|advice| advice.is_complete);
    let lit = flags_ui(ui, axis, frame, &ticks, is_complete, &mut taken);
    tick_lines(&painter, frame, axis, &ticks, lit, ui);
    cursor(ui, frame, axis.place(taken.unwrap_or(sigma).get()));
    response.on_hover_ui_at_pointer(|ui| {
        let at = ui.ctx().pointer_hover_pos().and_then(|at| rounded(axis.value(at.x)));
        ui.label(at.map_or(String::new(), |at| format!("σ = {}", format_number(at.get(), 3))));
    });
    legend_ui(ui, advice, dark);
    taken
}

/// σ with three digits, about the resolution of a pixel of the strip.
fn rounded(sigma: f64) -> Option<Sigma> {
    format!("{sigma:.2e}").parse().ok().and_then(|sigma| Sigma::new(sigma).ok())
}

/// The background and the grid of decades behind the curves.
fn backdrop(ui: &Ui, frame: Rect, axis: &SliderAxis) {
    let palette = Palette::of(ui.visuals().dark_mode);
    let painter = ui.painter();
    painter.rect_filled(frame, 4.0, paper(ui.visuals().dark_mode));
    let [low, high] = axis.range;
    let font = FontId::proportional(9.5);
    let mut taken = f32::NEG_INFINITY;
    for tick in log_ticks(low, high, 8) {
        let x = axis.place(tick.value);
        let line = [pos2(x, frame.top() + 1.0), pos2(x, frame.bottom() - 1.0)];
        painter.line_segment(line, Stroke::new(1.0, color(palette.grid)));
        // Beside the line; at the right end on its other side.
        let (align, x) = if x > frame.right() - 30.0 {
            (Align2::RIGHT_TOP, x - 2.0)
        } else {
            (Align2::LEFT_TOP, x + 2.0)
        };
        let ink = ui.visuals().weak_text_color();
        let galley = painter.layout_no_wrap(tick.label, font.clone(), ink);
        let place = align.anchor_size(pos2(x, frame.top() + 1.0), galley.size());
        // A number that would touch the one before it is left out; its line stays.
        if place.left() > taken {
            taken = place.right() + 2.0;
            painter.galley(place.min, galley, ink);
        }
    }
    let corner = frame.right_bottom() + vec2(-44.0, -10.0);
    let ink = ui.visuals().weak_text_color();
    let arrow = [vec2(3.0, 0.0), vec2(6.0, 6.0), vec2(0.0, 6.0)].map(|by| corner + by);
    painter.add(Shape::convex_polygon(arrow.to_vec(), ink, Stroke::NONE));
    painter.text(corner + vec2(9.0, -3.0), Align2::LEFT_TOP, "better", font, ink);
    let outline = ui.visuals().widgets.noninteractive.bg_stroke;
    painter.rect_stroke(frame, 4.0, outline, egui::StrokeKind::Inside);
}

fn height_to_y(frame: Rect, height: f32) -> f32 {
    let top = frame.top() + MARGIN;
    let bottom = frame.bottom() - 1.0;
    // What is far below the strip is clipped; huge coordinates would only lose precision.
    (bottom - (bottom - top) * height).min(frame.bottom() + frame.height())
}

fn curve_shapes(
    painter: &egui::Painter,
    frame: Rect,
    axis: &SliderAxis,
    curve: &Curve,
    k: usize,
    dark: bool,
) {
    let Some(heights) = Heights::of(curve) else { return };
    let (ink, first) = (color_of(curve.criterion, dark), k == 0);
    let ink = if first { ink } else { ink.gamma_multiply(0.75) };
    let mut band = Mesh::default();
    for point in curve.points.iter().filter(|_| curve.points_used < curve.points_total) {
        let x = axis.place(point.sigma);
        let base = band.vertices.len() as u32;
        for height in heights.band(point) {
            let y = height_to_y(frame, height).max(frame.top());
            band.colored_vertex(pos2(x, y), ink.gamma_multiply(0.25));
        }
        if base > 0 {
            band.add_triangle(base - 2, base - 1, base);
            band.add_triangle(base - 1, base, base + 1);
        }
    }
    painter.add(Shape::mesh(band));
    let at = |point: &crate::criteria::CurvePoint| {
        pos2(axis.place(point.sigma), height_to_y(frame, heights.height(point.value)))
    };
    let line: Vec<Pos2> = curve.points.iter().map(at).collect();
    let stroke = Stroke::new(if first { 2.0 } else { 1.25 }, ink);
    match dashes(k) {
        ([], _) => drop(painter.add(Shape::line(line, stroke))),
        (dashes, _) => {
            painter.extend(Shape::dashed_line_with_offset(&line, stroke, dashes, dashes, 0.0));
        }
    }
    if let Some(optimum) = curve.optimum {
        let y = height_to_y(frame, heights.height(optimum.value));
        let at = pos2(axis.place(optimum.sigma), y);
        painter.circle_filled(at, if first { 4.0 } else { 3.0 }, ink);
    }
}

/// A message in place of the curves while there are none.
fn message(ui: &Ui, frame: Rect, advice: Option<&Advice>) {
    let text = match advice {
        Some(advice) if !advice.curves.is_empty() => return,
        Some(advice) if advice.is_complete => match &advice.failed {
            Some(reason) => format!("No curve: {}", in_window(reason)),
            None => "No curve for these points".to_owned(),
        },
        _ => "How good each σ is: follows the picture…".to_owned(),
    };
    let font = FontId::proportional(11.5);
    let ink = ui.visuals().weak_text_color();
    let galley = ui.painter().layout(text, font, ink, frame.width() - 16.0);
    let corner = frame.center() - 0.5 * galley.size() - vec2(0.0, 4.0);
    ui.painter().with_clip_rect(frame).galley(corner, galley, ink);
}

/// Draws the labels of the ticks, each a button; returns the index of the one under the pointer.
fn flags_ui(
    ui: &mut Ui,
    axis: &SliderAxis,
    frame: Rect,
    ticks: &[SigmaTick],
    is_complete: bool,
    taken: &mut Option<Sigma>,
) -> Option<usize> {
    let font = FontId::proportional(10.5);
    let ink = ui.visuals().text_color();
    let galleys: Vec<_> = ticks
        .iter()
        .map(|tick| ui.painter().layout_no_wrap(tick.short.clone(), font.clone(), ink))
        .collect();
    let x_of = |tick: &SigmaTick| axis.place(tick.sigma.get()).clamp(frame.left(), frame.right());
    let wanted: Vec<TickLabel> = ticks
        .iter()
        .zip(&galleys)
        .map(|(tick, galley)| TickLabel { x: x_of(tick), width: galley.size().x + 8.0 })
        .collect();
    let placed = place(&wanted, frame.left(), frame.right());
    let rows = placed.iter().map(|placed| placed.row + 1).max().unwrap_or(0);
    let rows = kept_rows(ui, rows, is_complete);
    let (room, _) = ui.allocate_exact_size(vec2(frame.width(), rows as f32 * ROW), Sense::hover());
    let top_of = |placed: &PlacedLabel| room.top() + placed.row as f32 * ROW;
    // Lines first, so that labels are on top.
    let line_of = |k: usize| {
        let foot = top_of(&placed[k]) + 0.5 * LABEL;
        [pos2(wanted[k].x, frame.bottom()), pos2(wanted[k].x, foot)]
    };
    for (k, tick) in ticks.iter().enumerate() {
        let ink = tick.color.unwrap_or(ui.visuals().weak_text_color());
        ui.painter().line_segment(line_of(k), Stroke::new(1.0, ink.gamma_multiply(0.8)));
    }
    let mut lit = None;
    // In the order of reading, which is the order that Tab goes by.
    let mut in_order: Vec<usize> = (0..ticks.len()).collect();
    in_order.sort_by(|&i, &j| {
        let [a, b] = [placed[i], placed[j]];
        a.row.cmp(&b.row).then(a.left.total_cmp(&b.left))
    });
    for k in in_order {
        let (tick, galley) = (&ticks[k], &galleys[k]);
        let corner = pos2(placed[k].left, top_of(&placed[k]));
        let rect = Rect::from_min_size(corner, vec2(wanted[k].width, LABEL));
        let id = ui.scope_id().with(("tick", &tick.name));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, tick.label()));
        let visuals = ui.visuals();
        let hot = response.hovered() || response.has_focus();
        let fill = if hot { visuals.widgets.hovered.weak_bg_fill } else { visuals.faint_bg_color };
        let text = if hot { visuals.strong_text_color() } else { visuals.text_color() };
        let edge = tick.color.unwrap_or(visuals.widgets.noninteractive.bg_stroke.color);
        let width = if tick.color.is_some() { 1.25 } else { 1.0 };
        let edge = Stroke::new(width, edge);
        ui.painter().rect(rect, 3.0, fill, edge, egui::StrokeKind::Inside);
        let corner = rect.center() - 0.5 * galley.size();
        ui.painter().galley_with_override_text_color(corner, galley.clone(), text);
        if hot {
            ui.painter().line_segment(line_of(k), Stroke::new(1.5, text));
            lit = Some(k);
        }
        if response.hovered() {
            ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
        }
        if response.on_hover_text(&tick.hint).clicked() {
            *taken = Some(tick.sigma);
        }
    }
    lit
}

/// How many rows of labels to reserve: until the advice is complete, at least as many as for the
/// points before, so that what is below the strip does not move.
fn kept_rows(ui: &Ui, rows: usize, is_complete: bool) -> usize {
    let id = ui.scope_id().with("rows of labels");
    ui.data_mut(|data| {
        let kept = data.get_temp_mut_or(id, USUAL_ROWS);
        if is_complete {
            *kept = rows;
        }
        rows.max(*kept)
    })
}

/// The ticks inside the plot: those of curves up to their best, those of rules short.
fn tick_lines(
    painter: &egui::Painter,
    frame: Rect,
    axis: &SliderAxis,
    ticks: &[SigmaTick],
    lit: Option<usize>,
    ui: &Ui,
) {
    for (k, tick) in ticks.iter().enumerate() {
        let x = axis.place(tick.sigma.get());
        let (top, ink) = match tick.color {
            Some(color) => (frame.top() + MARGIN, color.gamma_multiply(0.55)),
            None => (frame.bottom() - 9.0, ui.visuals().weak_text_color()),
        };
        let (top, stroke) = if lit == Some(k) {
            (frame.top(), Stroke::new(1.5, ui.visuals().strong_text_color()))
        } else {
            (top, Stroke::new(1.0, ink))
        };
        painter.line_segment([pos2(x, top), pos2(x, frame.bottom())], stroke);
    }
}

/// The present σ.
fn cursor(ui: &Ui, frame: Rect, x: f32) {
    let ink = ui.visuals().strong_text_color();
    let painter = ui.painter().with_clip_rect(frame.expand(2.0).intersect(ui.clip_rect()));
    painter.line_segment([pos2(x, frame.top()), pos2(x, frame.bottom())], Stroke::new(1.5, ink));
    let top = frame.top() - 1.0;
    let head = vec![pos2(x - 4.5, top), pos2(x + 4.5, top), pos2(x, top + 6.0)];
    painter.add(Shape::convex_polygon(head, ink, Stroke::NONE));
}

/// The rules of single axes, where there are too many for ticks.
pub(super) fn axes_ui(ui: &mut Ui, unfolded: &mut Vec<Section>, advice: &Advice) -> Option<Sigma> {
    let ticks = of_axes(advice);
    if ticks.len() <= 2 * TICKED_AXES {
        return None;
    }
    let mut taken = None;
    section_ui(ui, unfolded, Section::AxisRules, |ui, _| {
        ui.horizontal_wrapped(|ui| {
            for tick in &ticks {
                let text = format!("{} {}", tick.short, format_number(tick.sigma.get(), 3));
                let button = ui.add(egui::Button::new(text).small());
                button.widget_info(|| WidgetInfo::labeled(Role::Button, true, tick.label()));
                if button.on_hover_text(&tick.hint).clicked() {
                    taken = Some(tick.sigma);
                }
            }
        });
    });
    taken
}
