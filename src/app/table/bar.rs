//! A scroll bar that counts in double precision: egui's own moves in steps of sixteen pixels at ten million
//! rows.

use eframe::egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Width of a bar, in logical pixels.
pub(super) const BAR: f32 = 12.0;
/// The least length of the part that is dragged, in logical pixels.
const LEAST: f32 = 24.0;

/// What a bar says: which part of a whole is seen.
pub(super) struct Bar {
    /// For screen readers.
    pub(super) name: &'static str,
    /// Where the part begins.
    pub(super) start: f64,
    /// How long it is.
    pub(super) seen: f64,
    /// How long the whole is.
    pub(super) total: f64,
}

impl Bar {
    /// Draws it; returns where the part begins then.
    pub(super) fn show(&self, ui: &Ui, rect: Rect, is_vertical: bool) -> f64 {
        let Self { name, start, seen, total } = *self;
        let most = (total - seen).max(0.0);
        if most == 0.0 || !rect.is_positive() {
            return 0.0;
        }
        let along = |at: eframe::egui::Pos2| if is_vertical { at.y } else { at.x };
        let [low, high] = [along(rect.min), along(rect.max)];
        let length = ((high - low) * (seen / total) as f32).max(LEAST).min(high - low);
        let free = f64::from((high - low - length).max(1.0));
        let place = |start: f64| low + (free * (start / most)) as f32;
        let sense = Sense::CLICK | Sense::DRAG;
        let response = ui.interact(rect, ui.scope_id().with(name), sense);
        let mut now = start;
        if let Some(pointer) =
            response.interact_pointer_pos().filter(|_| response.is_pointer_button_down_on())
        {
            let begins = ui.input(|i| i.pointer.any_pressed());
            let at = along(pointer);
            let handle = place(now);
            if begins && !(handle..=handle + length).contains(&at) {
                now = f64::from(at - 0.5 * length - low) / free * most;
            } else if response.dragged() {
                let delta = response.drag_delta();
                now += f64::from(if is_vertical { delta.y } else { delta.x }) / free * most;
            }
        }
        let now = now.clamp(0.0, most);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ScrollBar, true, name);
            info.value = Some(now);
            info
        });
        let visuals = ui.visuals();
        let handle = if is_vertical {
            Rect::from_min_size(pos2(rect.left() + 2.0, place(now)), vec2(BAR - 4.0, length))
        } else {
            Rect::from_min_size(pos2(place(now), rect.top() + 2.0), vec2(length, BAR - 4.0))
        };
        let ink = ui.style().interact(&response).fg_stroke.color;
        ui.painter().rect_filled(rect.shrink(1.0), 4.0, visuals.faint_bg_color);
        ui.painter().rect_filled(handle, 4.0, ink.gamma_multiply(0.5));
        now
    }
}
