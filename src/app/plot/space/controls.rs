//! The controls in the lower right corner of a plot in space: the six sides, perspective, and the slab.

use eframe::egui::{
    Button, ComboBox, DragValue, Frame, Rect, Response, Role, Ui, UiBuilder, WidgetInfo, vec2,
};

use super::state::{CameraMove, SpaceState};
use crate::{
    app::widgets::close_on_enter,
    numbers::format_number,
    session::Shown,
    space::{Camera, Side, Slab, Space},
};

/// Room for the controls, in logical pixels.
const ROOM: [f32; 2] = [226.0, 130.0];
/// In plots narrower than this, in logical pixels, the controls are folded at first.
const NARROW: f32 = 700.0;

/// The sides with their texts and keys, three in a row.
const SIDES: [(Side, &str, &str); 6] = [
    (Side::Front, "Front", "1"),
    (Side::Left, "Left", "3"),
    (Side::Top, "Top", "5"),
    (Side::Back, "Back", "2"),
    (Side::Right, "Right", "4"),
    (Side::Bottom, "Bottom", "6"),
];

/// Names a control for screen readers.
fn named(response: &Response, role: Role, name: &str) {
    response.widget_info(|| WidgetInfo::labeled(role, true, name));
}

/// Draws the controls in the lower right corner of `frame`; returns where they are. `space` is the box that is
/// looked at.
pub(super) fn controls_ui(
    ui: &mut Ui,
    state: &mut SpaceState,
    shown: &Shown,
    space: &Space,
    camera: &Camera,
    frame: Rect,
) -> Rect {
    // As high as it was last.
    let height = state.height.unwrap_or(ROOM[1]).min(frame.height() - 16.0);
    let size = vec2(ROOM[0].min(frame.width() - 16.0), height);
    let place = Rect::from_min_size(frame.right_bottom() - vec2(8.0, 8.0) - size, size);
    let builder = UiBuilder::new().id_salt("space controls").max_rect(place);
    let fill = ui.visuals().window_fill.gamma_multiply(0.92);
    let mut corner = ui.new_child(builder);
    let unfolded = state.unfolded.unwrap_or(frame.width() >= NARROW);
    let drawn = Frame::popup(ui.style()).fill(fill).inner_margin(5.0).show(&mut corner, |ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 3.0);
        let text = if unfolded { "⏷ Camera" } else { "⏵ Camera" };
        let header = ui.add(Button::new(text).frame(false));
        header.widget_info(|| {
            WidgetInfo::selected(Role::DisclosureTriangle, true, unfolded, "Camera and slab")
        });
        if header.on_hover_text("The sides to look from, and the slab").clicked() {
            state.unfolded = Some(!unfolded);
        }
        if unfolded {
            sides_ui(ui, state, camera);
            ui.horizontal(|ui| {
                perspective_ui(ui, state, camera);
                slab_axis_ui(ui, state, shown, space);
            });
            slab_ends_ui(ui, state, shown, space);
        }
    });
    let height = drawn.response.rect.height();
    if state.height.is_none_or(|before| (before - height).abs() > 0.5) {
        state.height = Some(height);
        ui.ctx().request_repaint();
    }
    drawn.response.rect
}

/// A button for each side, and the projection.
fn sides_ui(ui: &mut Ui, state: &mut SpaceState, camera: &Camera) {
    let looks_from = |side: Side| side.angles() == (camera.yaw, camera.pitch);
    for row in SIDES.chunks(3) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (side, text, key) in row {
                let button = Button::new(*text).small().selected(looks_from(*side));
                let button = ui.add_sized([52.0, 18.0], button);
                let hint = format!("Look from the {} ({key})", side.name());
                let is_on = looks_from(*side);
                button.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, &hint));
                if button.on_hover_text(&hint).clicked() {
                    state.go(CameraMove::From(*side));
                }
            }
            let (text, hint, wanted) = if row[0].0 == Side::Front {
                ("¾", "Look from above and beside (7)", CameraMove::ThreeQuarter)
            } else {
                ("Fit", "Show the whole box (F)", CameraMove::Fit)
            };
            let button = ui.add_sized([36.0, 18.0], Button::new(text).small());
            named(&button, Role::Button, hint);
            if button.on_hover_text(hint).clicked() {
                state.go(wanted);
            }
        });
    }
}

/// The projection.
fn perspective_ui(ui: &mut Ui, state: &mut SpaceState, camera: &Camera) {
    let mut perspective = camera.perspective;
    let hint = "Show what is nearer larger (P); without it parallel lines stay parallel";
    if ui.checkbox(&mut perspective, "Perspective").on_hover_text(hint).changed() {
        state.go(CameraMove::Perspective);
    }
}

/// The axis of the slab, if there is one.
fn slab_axis_ui(ui: &mut Ui, state: &mut SpaceState, shown: &Shown, space: &Space) {
    let names = shown.labels3();
    let slab = &mut state.viewport.slab;
    let mut axis = slab.map(|slab| slab.axis.min(2));
    let text = |axis: Option<usize>| axis.map_or("No slab", |axis| &names[axis]);
    let list = ComboBox::from_id_salt("slab").width(70.0).selected_text(text(axis)).truncate();
    let mut taken = false;
    let list = list.show_ui(ui, |ui| {
        for choice in [None, Some(0), Some(1), Some(2)] {
            ui.selectable_value(&mut axis, choice, text(choice));
        }
        taken = close_on_enter(ui);
    });
    if taken {
        list.response.request_focus();
    }
    list.response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, true, "Axis of the slab");
        info.current_text_value = Some(text(axis).to_owned());
        info
    });
    list.response.on_hover_text("Axis of the slab: only what lies between its ends is shown");
    if axis != slab.map(|slab| slab.axis) {
        // At first it hides nothing of the box.
        *slab = axis.map(|axis| Slab { axis, low: space.low()[axis], high: space.high()[axis] });
    }
}

/// The ends of the slab.
fn slab_ends_ui(ui: &mut Ui, state: &mut SpaceState, shown: &Shown, space: &Space) {
    let Some(slab) = &mut state.viewport.slab else { return };
    let axis = slab.axis.min(2);
    let is_log = shown.logarithmic3()[axis];
    let range = (space.high()[axis] - space.low()[axis]).max(f64::MIN_POSITIVE);
    let end = |ui: &mut Ui, value: &mut f64, name: &str| {
        let drag = DragValue::new(value)
            .speed(range / 200.0)
            .max_decimals(12)
            .custom_formatter(move |value, _| format_number(unlogged(value, is_log), 4))
            .custom_parser(move |text| parsed(text, is_log));
        let drag = ui.add_sized([78.0, 18.0], drag);
        named(&drag, Role::SpinButton, name);
        drag.on_hover_text(name);
    };
    ui.horizontal(|ui| {
        ui.label("from");
        end(ui, &mut slab.low, "Low end of the slab");
        ui.label("to");
        end(ui, &mut slab.high, "High end of the slab");
    });
    if slab.low > slab.high {
        std::mem::swap(&mut slab.low, &mut slab.high);
    }
}

/// A value on an axis as it is written.
fn unlogged(value: f64, is_log: bool) -> f64 {
    if is_log { 10_f64.powf(value) } else { value }
}

/// What was typed as a value on an axis.
fn parsed(text: &str, is_log: bool) -> Option<f64> {
    let text = text.trim().replace('\u{2212}', "-").replace(',', "");
    let value = text.parse::<f64>().ok()?;
    let value = if is_log { value.log10() } else { value };
    value.is_finite().then_some(value)
}

/// A slab in words.
pub(super) fn slab_text(slab: &Slab, shown: &Shown) -> String {
    let axis = slab.axis.min(2);
    let is_log = shown.logarithmic3()[axis];
    let [low, high] = [slab.low, slab.high].map(|end| format_number(unlogged(end, is_log), 5));
    format!("{} from {low} to {high}", shown.labels3()[axis])
}
