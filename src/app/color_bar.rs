//! The panel on the right: which colour is which value, how many targets have it, and the range; or the
//! legend of categories.
//!
//! Dragging an end of the bar fixes the limits with that value at that end; a double click lets them
//! follow the values again. Dragging along the bar, or a click on a category, selects dots.

use eframe::egui::{
    self, Align2, Color32, CursorIcon, Label, Mesh, Pos2, Rect, RichText, Role, ScrollArea, Sense,
    Shape, Stroke, TextStyle, Ui, Vec2, WidgetInfo, epaint::Vertex, pos2, vec2,
};

use super::{
    plot::combine_of,
    style::{accent, color},
};
use crate::{
    color::Scale,
    figure::Palette,
    gpu::Histogram,
    model::{ColorMap, Scaling, ViewParams},
    numbers::format_number,
    session::{Categories, LegendEntry, Region, Scene, SelectionChange},
};

/// Width of the colour bar, in logical pixels.
const BAR: f32 = 18.0;
/// Width of the histogram left of it, in logical pixels, and that of a narrow panel.
const HISTOGRAM: [f32; 2] = [40.0, 10.0];
/// A panel below this width in logical pixels is narrow.
const NARROW: f32 = 100.0;
/// The part of all dots in the lowest tenth of the colours from which on another scale is offered.
const CROWDED: f64 = 0.5;

/// Draws the colour bar of `scale` with its ticks and histogram, or the legend of categories; dragging
/// the bar's ends edits `view.clip`. Returns what a drag along it or a click on a category selects;
/// `shows_field` says that its values are those of f.
pub(super) fn color_bar_ui(
    ui: &mut Ui,
    view: &mut ViewParams,
    scene: &Scene,
    scale: &Scale,
    shows_field: bool,
) -> Option<SelectionChange> {
    ui.add_space(6.0);
    ui.vertical_centered(|ui| {
        let held = match (view.clip, view.percentile) {
            _ if scene.colored.categories.is_some() => String::new(),
            (Some(_), _) => ", fixed".to_owned(),
            (None, Some([low, high])) => format!(", {low}–{high} %"),
            (None, None) => String::new(),
        };
        let label = format!("{}{held}", scene.value_label());
        ui.add(Label::new(label.as_str()).truncate()).on_hover_text(label);
    });
    if let Some(categories) = &scene.colored.categories {
        return legend_ui(ui, categories);
    }
    chip_ui(ui, view, scene, scale);
    let room = ui.available_rect_before_wrap();
    let histogram = HISTOGRAM[usize::from(room.width() < NARROW)];
    let bar = Rect::from_min_max(
        pos2(room.left() + histogram + 6.0, room.top() + 10.0),
        pos2(room.left() + histogram + 6.0 + BAR, room.bottom() - 16.0),
    );
    if !bar.is_positive() {
        return None;
    }
    let colors = scene.lut(view);
    gradient(ui, bar, &colors);
    ticks(ui, bar, scale);
    histogram_ui(ui, bar, histogram, scene, scale, &colors);
    let brushed = brush_ui(ui, bar, histogram, scale, shows_field);
    handles(ui, bar, scale, view);
    let response = ui.interact(bar, ui.scope_id().with("bar"), Sense::click());
    response.widget_info(|| {
        let (low, high) = (f64::from(scale.low), f64::from(scale.high));
        let text =
            format!("Colour bar from {} to {}", format_number(low, 4), format_number(high, 4));
        WidgetInfo::labeled(Role::Image, true, text)
    });
    if response.double_clicked() {
        (view.clip, view.percentile) = (None, None);
    }
    response.on_hover_text(
        "Drag along the bar to select these values (Shift adds, Alt or Ctrl removes); drag an end to fix \
         the limit there; double-click to let both follow the values",
    );
    brushed
}

/// Selects the values between the ends of a drag along the bar or its histogram.
fn brush_ui(
    ui: &Ui,
    bar: Rect,
    histogram: f32,
    scale: &Scale,
    shows_field: bool,
) -> Option<SelectionChange> {
    let area = Rect::from_min_max(pos2(bar.left() - histogram - 6.0, bar.top()), bar.max);
    // The handles at both ends, which are drawn later, come first.
    let response = ui.interact(area, ui.scope_id().with("brush"), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Select values by dragging"));
    let to = ui.input(|i| i.pointer.latest_pos());
    // When the drag has ended the pointer does not know any more where it began.
    if response.drag_started() {
        let origin = ui.input(|i| i.pointer.press_origin());
        ui.data_mut(|data| data.insert_temp(response.id, origin));
    }
    let from = ui.data(|data| data.get_temp::<Option<Pos2>>(response.id)).flatten();
    let [from, to] = [from?, to?].map(|at| at.y.clamp(bar.top(), bar.bottom()));
    let is_done = response.drag_stopped();
    if !(response.dragged() || is_done) || (to - from).abs() < 2.0 {
        return None;
    }
    let [top, bottom] = [from.min(to), from.max(to)];
    let band = Rect::from_x_y_ranges(area.x_range(), top..=bottom);
    let ink = accent(ui.visuals().dark_mode);
    ui.painter().rect(
        band,
        0.0,
        ink.gamma_multiply(0.2),
        Stroke::new(1.5, ink),
        egui::StrokeKind::Inside,
    );
    // What lies beyond the colours has those of the ends.
    let value = |y: f32| match (bar.bottom() - y) / bar.height() {
        t if t <= 0.0 => f32::NEG_INFINITY,
        t if t >= 1.0 => f32::INFINITY,
        t => scale.value_at(t),
    };
    let range = [value(bottom), value(top)];
    let region = if shows_field { Region::Field(range) } else { Region::Values(range) };
    let combine = combine_of(ui.input(|i| i.modifiers));
    // Step by step nothing but the whole range makes sense: what is added or removed waits for the end.
    let change = SelectionChange { region, combine };
    (is_done || change.combine == crate::session::Combine::Replace).then_some(change)
}

/// The colours of categories, their names, and how many targets have each.
///
/// Returns what a click on one selects.
fn legend_ui(ui: &mut Ui, categories: &Categories) -> Option<SelectionChange> {
    let mut change = None;
    let combine = combine_of(ui.input(|i| i.modifiers));
    let entries = categories.entries(ui.visuals().dark_mode);
    ui.add_space(4.0);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let named = entries.len() - usize::from(categories.missing > 0);
        for (place, entry) in entries.into_iter().enumerate() {
            let LegendEntry { color: [r, g, b, _], text, count } = entry;
            let told = format!("{text}: {} targets", format_number(count as f64, 12));
            let row = ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(Vec2::splat(12.0), Sense::hover());
                ui.painter().circle_filled(rect.center(), 5.0, Color32::from_rgb(r, g, b));
                let name = Label::new(RichText::new(text).small()).truncate();
                let name = ui.add(name.sense(Sense::click()).selectable(false));
                let name = name.on_hover_cursor(CursorIcon::PointingHand);
                name.widget_info(|| WidgetInfo::labeled(Role::Button, true, told.as_str()));
                if name.clicked() {
                    let region = Region::Category((place < named).then_some(place));
                    change = Some(SelectionChange { region, combine });
                }
            });
            row.response.on_hover_text(format!("{told}; click to select them"));
        }
    });
    change
}

/// Offers a scale or a map that shows more, where the present one hides most of what there is.
fn chip_ui(ui: &mut Ui, view: &mut ViewParams, scene: &Scene, scale: &Scale) {
    let range = scene.colored.values.range();
    if range.min < 0.0
        && range.max > 0.0
        && !view.color_map.is_diverging()
        && scene.prepared.points.sources().has_negative_weights()
    {
        let chip = ui.small_button("± map").on_hover_text(
            "Values of both signs: take a colour map whose middle is zero (blue to red)",
        );
        chip.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Diverging colour map"));
        if chip.clicked() {
            view.color_map = ColorMap::BlueRed;
        }
        return;
    }
    let Some((counted, histogram)) = &scene.histogram else { return };
    let linear = scale.scaling == Scaling::Linear && counted.scaling == Scaling::Linear;
    if !linear || !is_crowded(histogram) {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let mut offer = |text: &str, scaling: Scaling| {
            let chip = ui.small_button(text).on_hover_text(format!(
                "More than half of the dots have the lowest tenth of the colours: take the scale \
                 “{}”",
                scaling.label()
            ));
            chip.widget_info(|| {
                WidgetInfo::labeled(Role::Button, true, format!("Take scale: {}", scaling.label()))
            });
            if chip.clicked() {
                view.scaling = scaling;
            }
        };
        if range.min >= 0.0 {
            offer("Log", Scaling::Log);
        } else {
            offer("asinh", Scaling::Asinh);
        }
        offer("Equalised", Scaling::Equalised);
    });
}

/// Whether more than half of all values lie in the lowest tenth of the colours.
fn is_crowded(histogram: &Histogram) -> bool {
    let all: f64 = histogram.bins.iter().map(|&bin| f64::from(bin)).sum();
    let tenth = histogram.bins.len() / 10;
    let low: f64 = histogram.bins[..tenth].iter().map(|&bin| f64::from(bin)).sum();
    let [below, above] = [histogram.below, histogram.above].map(f64::from);
    low + below > CROWDED * (all + below + above)
}

fn gradient(ui: &Ui, bar: Rect, colors: &[[u8; 4]; 256]) {
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

fn height_of(bar: Rect, place: f32) -> f32 {
    bar.bottom() - bar.height() * place.clamp(0.0, 1.0)
}

fn ticks(ui: &Ui, bar: Rect, scale: &Scale) {
    let ink = ui.visuals().text_color();
    let font = TextStyle::Small.resolve(ui.style());
    let place = scale.placing();
    for tick in scale.ticks((bar.height() / 34.0).max(2.0) as usize) {
        let y = height_of(bar, place(tick.value as f32));
        let at = pos2(bar.right() + 1.0, y);
        ui.painter().line_segment([at, at + vec2(4.0, 0.0)], Stroke::new(1.0, ink));
        let text = at + vec2(8.0, 0.0);
        ui.painter().text(text, Align2::LEFT_CENTER, tick.label, font.clone(), ink);
    }
}

/// The histogram left of the bar, each part in the colour that its dots have.
fn histogram_ui(
    ui: &Ui,
    bar: Rect,
    room: f32,
    scene: &Scene,
    scale: &Scale,
    colors: &[[u8; 4]; 256],
) {
    let Some((counted, histogram)) = &scene.histogram else { return };
    let most = histogram.bins.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let count = histogram.bins.len() as f32;
    let place = scale.placing();
    let edge = Stroke::new(1.0, ui.visuals().text_color().gamma_multiply(0.35));
    for (k, &bin) in histogram.bins.iter().enumerate().filter(|(_, bin)| **bin > 0) {
        // Square roots, so that small counts beside large ones can be seen.
        let width = (room - 6.0).max(1.0) * (bin as f32 / most as f32).sqrt();
        // Counted along another scale, its bars go where their values are on this one.
        let [start, end] = [k, k + 1].map(|end| {
            let t = end as f32 / count;
            if counted == scale { t } else { place(counted.value_at(t)) }
        });
        let rect = Rect::from_min_max(
            pos2(bar.left() - 4.0 - width.max(1.0), height_of(bar, end)),
            pos2(bar.left() - 4.0, height_of(bar, start)),
        );
        let [r, g, b, _] = colors[(f32::midpoint(start, end) * 255.0) as usize];
        ui.painter().rect_filled(rect, 0.0, Color32::from_rgb(r, g, b));
        // Its end in a colour that is seen on either theme.
        ui.painter().vline(rect.left(), rect.y_range(), edge);
    }
}

/// A handle at either end of the bar, which sets the value of that end.
fn handles(ui: &Ui, bar: Rect, scale: &Scale, view: &mut ViewParams) {
    for (end, name) in ["Lowest colour", "Highest colour"].into_iter().enumerate() {
        let y = if end == 0 { bar.bottom() } else { bar.top() };
        let rect = Rect::from_center_size(pos2(bar.center().x, y), vec2(BAR + 10.0, 12.0));
        let response = ui.interact(rect, ui.scope_id().with(name), Sense::drag());
        response.widget_info(|| {
            WidgetInfo::slider(true, f64::from([scale.low, scale.high][end]), name)
        });
        let active = response.hovered() || response.dragged();
        if active {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeVertical);
        }
        handle_shape(ui, pos2(bar.center().x, y), end, active);
        if response.dragged() {
            let up = -response.drag_delta().y / bar.height();
            let mut clip = [scale.low, scale.high];
            clip[end] = scale.value_beyond(if end == 0 { up } else { 1.0 + up });
            let wanted = ViewParams { clip: Some(clip), ..*view };
            let finite = clip.iter().all(|value| value.is_finite());
            if finite && wanted.clip_is_legal() && (clip[1] - clip[0]).is_normal() {
                view.clip = Some(clip);
            }
        }
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
