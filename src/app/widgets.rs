//! Rows of the controls: a label, a slider, a number that can be typed, a reset.

use std::ops::RangeInclusive;

use eframe::egui::{
    Align, Button, ComboBox, DragValue, Id, Layout, Response, RichText, Slider, SliderClamping, Ui,
    Widget, vec2,
};

use crate::color::format_number;

/// Width of the labels, so that the controls line up.
const LABEL_WIDTH: f32 = 74.0;
/// Width of a number.
const VALUE_WIDTH: f32 = 74.0;

/// A heading above a group of rows.
pub(super) fn heading_ui(ui: &mut Ui, text: &str) {
    ui.add_space(8.0);
    ui.label(RichText::new(text).strong().size(14.0));
}

/// A row that begins with a label; what follows is named by it.
pub(super) fn row_ui<R>(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui, Id) -> R) -> R {
    ui.horizontal(|ui| {
        let size = vec2(LABEL_WIDTH, ui.spacing().interact_size.y);
        let label = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(LABEL_WIDTH);
            ui.label(label).id
        });
        add(ui, label.inner)
    })
    .inner
}

/// A list to pick from.
pub(super) fn pick_ui<T: Copy + PartialEq>(
    ui: &mut Ui,
    label: &str,
    value: &mut T,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Response {
    row_ui(ui, label, |ui, id| {
        let width = ui.available_width();
        ComboBox::from_id_salt(label)
            .width(width)
            .selected_text(name(*value))
            .show_ui(ui, |ui| {
                for &choice in all {
                    ui.selectable_value(value, choice, name(choice));
                }
            })
            .response
            .labelled_by(id)
    })
}

/// A number with a slider, a field to type in, and a way back to its default.
pub(super) struct NumberRow<'a> {
    /// What it is called.
    pub(super) label: &'a str,
    /// What it means.
    pub(super) hint: &'a str,
    /// What the slider spans.
    pub(super) range: RangeInclusive<f64>,
    /// Whether the slider is logarithmic.
    pub(super) logarithmic: bool,
    /// Whether only whole numbers make sense.
    pub(super) integer: bool,
    /// What the reset sets; `None` is no reset.
    pub(super) default: Option<f64>,
    /// Whether a typed number makes sense.
    pub(super) is_legal: &'a dyn Fn(f64) -> bool,
}

impl NumberRow<'_> {
    /// Draws the row; `true` when `value` was changed.
    pub(super) fn show(self, ui: &mut Ui, value: &mut f64) -> bool {
        let Self { label, hint, range, logarithmic, integer, default, is_legal } = self;
        let before = *value;
        row_ui(ui, label, |ui, id| {
            // A value that was typed beyond the slider's ends widens it.
            let range = range.start().min(before)..=range.end().max(before);
            let digits = if integer { 12 } else { 4 };
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(default) = default {
                    let changed = (*value - default).abs() > 1e-9 * default.abs();
                    let reset = ui
                        .add_enabled(changed, Button::new("⟲").small().frame(false))
                        .on_hover_text(format!("Back to {}", format_number(default, digits)));
                    reset.widget_info(|| {
                        let text = format!("Reset {}", label.to_lowercase());
                        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Button, changed, text)
                    });
                    if reset.clicked() {
                        *value = default;
                    }
                }
                let typed = DragValue::new(value)
                    .range(f64::MIN..=f64::MAX)
                    .speed(if integer { (before * 0.01).max(0.2) } else { before.abs() * 0.01 })
                    .update_while_editing(false)
                    .custom_formatter(move |v, _| format_number(v, digits))
                    .custom_parser(|text| parse_number(text, integer).filter(|v| is_legal(*v)));
                ui.add_sized([VALUE_WIDTH, ui.spacing().interact_size.y], typed)
                    .labelled_by(id)
                    .on_hover_text("Drag, or click to type");
                ui.spacing_mut().slider_width = ui.available_width();
                let slider = Slider::new(value, range)
                    .logarithmic(logarithmic)
                    .smallest_positive(1e-13)
                    .clamping(SliderClamping::Always)
                    .show_value(false);
                let slider = if integer { slider.integer() } else { slider };
                slider.ui(ui).labelled_by(id).on_hover_text(hint);
            });
        });
        if !is_legal(*value) {
            *value = before;
        }
        if integer {
            *value = value.round();
        }
        #[expect(clippy::float_cmp, reason = "any change at all counts")]
        let changed = *value != before;
        changed
    }
}

/// A number as people type it: `0.3`, `0,3`, `1e-3`, `100 000`, `100,000`.
fn parse_number(text: &str, integer: bool) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '_' && !(integer && *c == ','))
        .map(|c| match c {
            ',' => '.',
            '−' => '-',
            c => c,
        })
        .collect();
    plain.parse().ok().filter(|v: &f64| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        assert_eq!(parse_number("0,3", false), Some(0.3));
        assert_eq!(parse_number("1e−3", false), Some(1e-3));
        assert_eq!(parse_number("100,000", true), Some(100_000.0));
        assert_eq!(parse_number("100 000", true), Some(100_000.0));
        assert_eq!(parse_number("", false), None);
        assert_eq!(parse_number("nan", false), None);
        assert_eq!(parse_number("many", true), None);
    }
}
