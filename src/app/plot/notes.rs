//! What is said of the layers in the corner of the plot, one note above the other.

use eframe::egui::{FontId, Rect, Role, Sense, TextStyle, Ui, WidgetInfo, vec2};

/// Writes notes, each with a name of its own, in the lower left corner of the plot; the last one stands at
/// the bottom.
pub(super) fn notes_ui(ui: &Ui, notes: &[(&str, String)], frame: Rect) {
    let visuals = ui.visuals();
    let painter = ui.painter().with_clip_rect(frame);
    let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
    let room = (frame.width() - 16.0).max(40.0);
    let mut corner = frame.left_bottom() + vec2(8.0, -8.0);
    for (name, text) in notes.iter().rev() {
        let galley = painter.layout(text.clone(), font.clone(), visuals.strong_text_color(), room);
        let place = Rect::from_min_size(corner - vec2(0.0, galley.size().y), galley.size());
        painter.rect_filled(place.expand(3.0), 3.0, visuals.extreme_bg_color.gamma_multiply(0.9));
        painter.galley(place.min, galley, visuals.strong_text_color());
        let response = ui.interact(place, ui.scope_id().with(*name), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        corner.y = place.top() - 8.0;
    }
}
