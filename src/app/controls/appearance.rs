//! The rows under "Appearance" in the side panel: how dots are drawn.

use eframe::egui::{self, Ui};

use super::within;
use crate::{
    app::widgets::{NumberRow, pick_ui, row_ui},
    model::{DrawOrder, ViewParams},
};

/// Draws the rows and edits `view`; `is_line` says that f is drawn over a single coordinate.
pub(super) fn points_ui(
    ui: &mut Ui,
    view: &mut ViewParams,
    is_line: bool,
    refused: &mut Vec<String>,
) {
    let default = ViewParams::default();
    let mut size = f64::from(view.point_size);
    let [low, high] = ViewParams::POINT_SIZES.map(f64::from);
    let row = NumberRow {
        label: "Size",
        hint: "Diameter of a point in pixels",
        range: low..=20.0,
        logarithmic: true,
        integer: false,
        default: Some(f64::from(default.point_size)),
        check: &|v| within("point size", v, low, high),
    };
    if row.show(ui, &mut size, refused) {
        view.point_size = size as f32;
    }
    let mut opacity = f64::from(view.opacity);
    let [low, high] = ViewParams::OPACITIES.map(f64::from);
    let row = NumberRow {
        label: "Opacity",
        hint: "Lower it to see through crowds",
        range: low..=high,
        logarithmic: false,
        integer: false,
        default: Some(f64::from(default.opacity)),
        check: &|v| within("opacity", v, low - 1e-6, high + 1e-6),
    };
    if row.show(ui, &mut opacity, refused) {
        view.opacity = opacity as f32;
    }
    pick_ui(ui, "Order", &mut view.order, DrawOrder::ALL, DrawOrder::label)
        .on_hover_text("Which dots lie on which: those drawn later on those before");
    row_ui(ui, "", |ui, _| {
        // In one dimension the y axis is f, whose unit is another one than that of x.
        let equal = egui::Checkbox::new(&mut view.equal_aspect, "Equal aspect");
        ui.add_enabled(!is_line, equal)
            .on_hover_text("One unit is as long on the x axis as on the y axis");
    });
}
