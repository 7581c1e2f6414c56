//! The menu of layers at the corner of the plot: which of them are drawn.

use eframe::egui::{
    Button, Checkbox, Popup, PopupCloseBehavior, Rect, RectAlign, Slider, Ui, UiBuilder,
    WidgetInfo, vec2,
};

use super::super::Command;
use crate::model::ViewParams;

/// Width of the list, in logical pixels.
const WIDTH: f32 = 190.0;

/// What the user chose in the menu.
#[derive(Default)]
pub(super) struct LayerChoice {
    /// A layer to show or to hide.
    pub(super) command: Option<Command>,
    /// Another opacity of the raster.
    pub(super) raster_opacity: Option<f32>,
    /// Whether the pointer is over the button or the list is open: the plot is not pointed at.
    pub(super) covers: bool,
}

/// Draws the button in the upper left corner of the plot, and its list while it is open.
pub(super) fn layers_ui(ui: &mut Ui, view: &ViewParams, is_line: bool, frame: Rect) -> LayerChoice {
    let mut choice = LayerChoice::default();
    let place = Rect::from_min_size(frame.left_top() + vec2(8.0, 8.0), vec2(90.0, 24.0));
    let builder = UiBuilder::new().id_salt("layers").max_rect(place.intersect(frame));
    let fill = ui.visuals().window_fill.gamma_multiply(0.92);
    let mut corner = ui.new_child(builder);
    let button = corner.add(Button::new("Layers").fill(fill));
    let button = button.on_hover_text("Choose what the plot shows");
    choice.covers = button.contains_pointer()
        || Popup::is_id_open(ui.ctx(), Popup::default_response_id(&button));
    Popup::menu(&button)
        .width(WIDTH)
        .align(RectAlign::BOTTOM_START)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            let raster = if is_line { "Curve of f" } else { "Raster of f" };
            let mut switch = |ui: &mut Ui, on: bool, text: &str, key: &str, command: Command| {
                let mut on = on;
                ui.horizontal(|ui| {
                    ui.set_width(WIDTH);
                    if ui.add(Checkbox::new(&mut on, text)).clicked() {
                        choice.command = Some(command);
                    }
                    ui.with_layout(
                        eframe::egui::Layout::right_to_left(eframe::egui::Align::Center),
                        |ui| ui.weak(key),
                    );
                });
            };
            switch(ui, view.dots, "Dots", "D", Command::Dots);
            switch(ui, view.raster, raster, "G", Command::Raster);
            switch(ui, view.contours.is_some(), "Contours", "C", Command::Contours);
            switch(ui, view.marginals, "Marginals", "M", Command::Marginals);
            if view.raster && !is_line {
                ui.separator();
                let mut opacity = view.raster_opacity;
                ui.label("Opacity of the raster");
                let slider = Slider::new(&mut opacity, 0.05..=1.0).max_decimals(2);
                let slider = ui.add(slider);
                slider.widget_info(|| {
                    WidgetInfo::slider(true, f64::from(opacity), "Opacity of the raster")
                });
                if slider.changed() {
                    choice.raster_opacity = Some(opacity);
                }
            }
        });
    choice
}
