//! Rows of the controls: a label, a slider, a number that can be typed, a reset.

use std::{cell::RefCell, ops::RangeInclusive};

use eframe::egui::{
    self, Align, Button, ComboBox, DragValue, Id, Key, Layout, PopupCloseBehavior, Rangef,
    Response, Role, Slider, SliderClamping, TextStyle, Ui, Widget, WidgetInfo, vec2,
};

use crate::{model::Sigma, numbers::format_number};

/// Width of the labels, in logical pixels: that of the longest, so that the controls line up.
const LABEL_WIDTH: f32 = 86.0;
/// Height of a list that is open, in logical pixels; longer ones scroll.
const LIST_HEIGHT: f32 = 420.0;
/// Width of a number, in logical pixels.
pub(super) const VALUE_WIDTH: f32 = 74.0;
/// The sign on the button that sets a number back.
const RESET: &str = "⟲";

/// The number of one end of a range of σ.
pub(super) fn sigma_value(end: &mut f64) -> DragValue<'_> {
    let speed = 0.01 * *end;
    DragValue::new(end)
        .range(Sigma::MIN..=Sigma::MAX)
        .speed(speed)
        .update_while_editing(false)
        .custom_formatter(|end, _| number_text(end, false))
}

/// Words of a label as they stand in a sentence: without a capital at the beginning, unless they begin
/// with an abbreviation.
pub(super) fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), second) if second.is_none_or(|second| !second.is_uppercase()) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => label.to_owned(),
    }
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
        let shown = name(*value);
        list_ui(ui, label, id, shown, PopupCloseBehavior::CloseOnClick, |ui| {
            for &choice in all {
                ui.selectable_value(value, choice, name(choice));
            }
        })
    })
}

/// A list that opens below its button, as wide as there is room: `salt` tells it from others, `id` is
/// its label, `add` draws what can be chosen.
///
/// Enter takes what has the keyboard's focus, and closes the list, as a click does; Escape closes it.
/// Either way the focus is back at the list.
pub(super) fn list_ui(
    ui: &mut Ui,
    salt: &str,
    id: Id,
    shown: &str,
    behavior: PopupCloseBehavior,
    add: impl FnOnce(&mut Ui),
) -> Response {
    let list = ComboBox::from_id_salt(salt)
        .width(ui.available_width())
        .selected_text(shown)
        // As long as most lists are: what is below would have to be scrolled to.
        .height(LIST_HEIGHT)
        .truncate()
        .close_behavior(behavior);
    let mut taken = false;
    let list = list.show_ui(ui, |ui| {
        add(ui);
        taken = close_on_enter(ui);
    });
    let was_open = list.inner.is_some();
    if taken || was_open && ui.input(|i| i.key_pressed(Key::Escape)) {
        list.response.request_focus();
    }
    list.response.labelled_by(id)
}

/// Closes the list that is being drawn where Enter takes what has the keyboard's focus in it; says whether it
/// does.
pub(super) fn close_on_enter(ui: &Ui) -> bool {
    let entered = ui.input(|i| i.key_pressed(Key::Enter));
    let focused = ui.memory(egui::Memory::focused);
    let focused = focused.and_then(|id| ui.ctx().read_response(id));
    // Not where Enter has just opened it: then the focus is at the list itself.
    let taken = entered && focused.is_some_and(|item| item.layer_id == ui.layer_id());
    if taken {
        ui.close();
    }
    taken
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
    /// An error for a number that is not legal.
    pub(super) check: &'a dyn Fn(f64) -> Result<(), String>,
}

impl NumberRow<'_> {
    /// Draws the row; `true` when `value` was changed. Text that is no legal number
    /// changes nothing; a message about it is added to `refused`.
    pub(super) fn show(self, ui: &mut Ui, value: &mut f64, refused: &mut Vec<String>) -> bool {
        let before = *value;
        row_ui(ui, self.label, |ui, id| {
            let width = ui.available_width() - self.width_of_field_and_reset(ui);
            self.slider_ui(ui, id, before, value, width);
            self.field_and_reset_ui(ui, id, value, refused);
        });
        self.settle(before, value)
    }

    /// The same in two lines, so that the slider has the whole width; `beside` draws between label
    /// and number. Returns the slider's axis, too.
    pub(super) fn show_wide(
        self,
        ui: &mut Ui,
        value: &mut f64,
        refused: &mut Vec<String>,
        beside: impl FnOnce(&mut Ui, &mut f64),
    ) -> (bool, SliderAxis) {
        let before = *value;
        let id = row_ui(ui, self.label, |ui, id| {
            beside(ui, value);
            let between = ui.spacing().item_spacing.x;
            let used = self.width_of_field_and_reset(ui) - between;
            ui.add_space((ui.available_width() - used).max(0.0));
            self.field_and_reset_ui(ui, id, value, refused);
            id
        });
        let width = ui.available_width();
        let axis = self.slider_ui(ui, id, before, value, width);
        (self.settle(before, value), axis)
    }

    fn field_and_reset_ui(&self, ui: &mut Ui, id: Id, value: &mut f64, refused: &mut Vec<String>) {
        let before = *value;
        let speed = if self.integer { (before * 0.01).max(0.2) } else { before.abs() * 0.01 };
        field_ui(ui, id, value, speed, self.integer, self.check, refused);
        if let Some(default) = self.default {
            reset_ui(ui, self.label, default, self.integer, value);
        }
    }

    /// The room that the field and the reset take in a row, with what is between them and before: so
    /// that they can be drawn after what is to their left, in the order that Tab goes by.
    fn width_of_field_and_reset(&self, ui: &Ui) -> f32 {
        let between = ui.spacing().item_spacing.x;
        let reset = self.default.map_or(0.0, |_| between + text_width(ui, RESET));
        between + VALUE_WIDTH + reset
    }

    fn slider_ui(
        &self,
        ui: &mut Ui,
        id: Id,
        before: f64,
        value: &mut f64,
        width: f32,
    ) -> SliderAxis {
        // A value that was typed beyond the slider's ends widens it.
        let range = self.range.start().min(before)..=self.range.end().max(before);
        ui.spacing_mut().slider_width = width.max(8.0);
        let slider = Slider::new(value, range.clone())
            .logarithmic(self.logarithmic)
            .smallest_positive(1e-13)
            // Only the slider itself keeps to its ends.
            .clamping(SliderClamping::Edits)
            .show_value(false);
        let slider = if self.integer { slider.integer() } else { slider };
        let response = slider.ui(ui).labelled_by(id).on_hover_text(self.hint);
        // As egui does for round handles, so that they stay inside.
        let x = response.rect.x_range().shrink(response.rect.height() / 2.5);
        SliderAxis { x, range: [*range.start(), *range.end()] }
    }

    fn settle(&self, before: f64, value: &mut f64) -> bool {
        if self.integer {
            *value = value.round();
        }
        // Dragging the number knows no limits of its own.
        if (self.check)(*value).is_err() {
            *value = before;
        }
        #[expect(clippy::float_cmp, reason = "any change at all counts")]
        let changed = *value != before;
        changed
    }
}

/// The axis of a logarithmic slider, to align a chart with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SliderAxis {
    /// Where its ends are.
    pub(super) x: Rangef,
    /// The values there, above 0.
    pub(super) range: [f64; 2],
}

impl SliderAxis {
    /// Where `value` is.
    pub(super) fn place(&self, value: f64) -> f32 {
        let [low, high] = self.range;
        self.x.min + self.x.span() * ((value / low).ln() / (high / low).ln()) as f32
    }

    /// The value at `x`, within the ends.
    pub(super) fn value(&self, x: f32) -> f64 {
        let [low, high] = self.range;
        let part = ((x - self.x.min) / self.x.span().max(1.0)).clamp(0.0, 1.0);
        low * (high / low).powf(f64::from(part))
    }
}

/// A number to type, or to drag by `speed` a pixel, named by the label `id`. Text that is no
/// legal number changes nothing; a message about it is added to `refused`.
pub(super) fn field_ui(
    ui: &mut Ui,
    id: Id,
    value: &mut f64,
    speed: f64,
    integer: bool,
    check: &dyn Fn(f64) -> Result<(), String>,
    refused: &mut Vec<String>,
) {
    let before = *value;
    // Parsers are not allowed to change what they see.
    let problems = RefCell::new(refused);
    let unchanged = number_text(before, integer);
    let typed = DragValue::new(value)
        .range(f64::MIN..=f64::MAX)
        .speed(speed)
        .update_while_editing(false)
        .custom_formatter(|v, _| number_text(v, integer))
        .custom_parser(|text| {
            // Leaving the field as it was must not round the value to what it shows.
            if text.trim() == unchanged {
                return Some(before);
            }
            let parsed = parse_number(text, integer).and_then(|v| {
                check(v)?;
                Ok(v)
            });
            parsed.map_err(|problem| problems.borrow_mut().push(problem)).ok()
        });
    ui.add_sized([VALUE_WIDTH, ui.spacing().interact_size.y], typed)
        .labelled_by(id)
        .on_hover_text("Drag, or click to type");
}

/// The width of a text on a button, to leave room for buttons at the end of a row: they are drawn after
/// what is to their left, in the order that Tab goes by.
pub(super) fn text_width(ui: &Ui, text: &str) -> f32 {
    let font = TextStyle::Button.resolve(ui.style());
    ui.painter().layout_no_wrap(text.to_owned(), font, ui.visuals().text_color()).size().x
}

/// A button that sets `value` back.
fn reset_ui(ui: &mut Ui, label: &str, default: f64, integer: bool, value: &mut f64) {
    let changed = (*value - default).abs() > 1e-9 * default.abs();
    let reset = ui
        .add_enabled(changed, Button::new(RESET).small().frame(false))
        .on_hover_text(format!("Back to {}", number_text(default, integer)));
    reset.widget_info(|| {
        let text = format!("Reset {}", in_sentence(label));
        WidgetInfo::labeled(Role::Button, changed, text)
    });
    if reset.clicked() {
        *value = default;
    }
}

/// A number as it is shown and edited: whole ones in groups of three, others with six digits and
/// without groups, whose commas would read as decimal ones.
pub(super) fn number_text(value: f64, integer: bool) -> String {
    if integer {
        return format_number(value, 15);
    }
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    if rounded == 0.0 || (1e-4..1e7).contains(&rounded.abs()) {
        rounded.to_string()
    } else {
        format!("{rounded:e}")
    }
}

/// A number as people type it: `0.3`, `0,3`, `1e-3`, `100 000`, `100,000`.
pub(super) fn parse_number(text: &str, integer: bool) -> Result<f64, String> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '_' && !(integer && *c == ','))
        .map(|c| match c {
            ',' => '.',
            '−' => '-',
            c => c,
        })
        .collect();
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("'{}' is not a number: nothing was changed", text.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_keep_their_capitals() {
        for (label, words) in [
            ("Cross-validated (LOO)", "cross-validated (LOO)"),
            ("LSCV", "LSCV"),
            ("kNN distance", "kNN distance"),
            ("Bandwidth σ", "bandwidth σ"),
            ("", ""),
        ] {
            assert_eq!(in_sentence(label), words);
        }
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        let read = |text, integer| parse_number(text, integer).ok();
        assert_eq!(read("0,3", false), Some(0.3));
        assert_eq!(read("1e−3", false), Some(1e-3));
        assert_eq!(read("100,000", true), Some(100_000.0));
        assert_eq!(read("100 000", true), Some(100_000.0));
        assert_eq!(read("", false), None);
        assert_eq!(read("nan", false), None);
        assert!(parse_number("many", true).is_err_and(|problem| problem.contains("'many'")));
    }

    #[test]
    fn what_is_shown_is_read_as_the_same_number() {
        for value in [0.3, 12_345.0, 1_234_567.0, 1e-7, 2.5e12, -0.25, 123_456.7] {
            let read = parse_number(&number_text(value, false), false).expect("a number");
            assert!((read / value - 1.0).abs() < 1e-5, "{value} became {read}");
        }
        for value in [1.0, 3000.0, 100_000_000.0] {
            assert_eq!(parse_number(&number_text(value, true), true), Ok(value));
        }
    }
}
