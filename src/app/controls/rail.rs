//! The rail: the side panel folded to a narrow strip, with what is used all the time.

use eframe::egui::{
    Align, Button, Layout, RichText, Role, Slider, SliderClamping, TextWrapMode, Ui, Widget,
    WidgetInfo,
};

use super::{AnimationInputs, kernel::range};
use crate::{
    app::Command,
    model::{Params, Sigma},
    numbers::format_number,
    session::{Advice, Scene},
};

/// Side of a button, in logical pixels.
const BUTTON: f32 = 28.0;

/// Draws the rail: buttons, and below them a slider for σ that edits `params`.
pub(in crate::app) fn rail_ui(
    ui: &mut Ui,
    params: &mut Params,
    animation: &AnimationInputs<'_>,
    scene: Option<&Scene>,
    advice: Option<&Advice>,
) -> Option<Command> {
    let mut command = None;
    let playing = animation.play.is_playing();
    let play = if playing { ("⏹", "Stop playing") } else { ("▶", "Play") };
    let buttons = [
        ("»", "Unfold the side panel", "Ctrl+B", false, Command::SidePanel),
        ("🗁", "Open points", "Ctrl+O", false, Command::OpenDialog),
        (play.0, play.1, "Space", playing, Command::Play),
        ("A|B", "Compare", "H", animation.is_comparing, Command::CompareSigmas),
    ];
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.spacing_mut().button_padding.x = 2.0;
        ui.add_space(4.0);
        for (sign, name, key, on, wanted) in buttons {
            let button = Button::new(RichText::new(sign).size(if sign.chars().count() > 1 {
                11.0
            } else {
                15.0
            }))
            .selected(on)
            .wrap_mode(TextWrapMode::Extend);
            let button = ui.add_sized([BUTTON, BUTTON], button);
            button.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
            if button.on_hover_text(format!("{name} ({key})")).clicked() {
                command = Some(wanted);
            }
        }
        ui.add_space(6.0);
        ui.label("σ").on_hover_text("Bandwidth σ");
        ui.label(RichText::new(format_number(animation.sigma.get(), 3)).size(10.0));
        let ends = range(scene, advice);
        let mut value = animation.sigma.get();
        let before = value;
        ui.spacing_mut().slider_width = (ui.available_height() - 12.0).max(40.0);
        let slider = Slider::new(&mut value, ends.start().min(before)..=ends.end().max(before))
            .vertical()
            .logarithmic(true)
            .smallest_positive(1e-13)
            .clamping(SliderClamping::Edits)
            .show_value(false);
        let slider = ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let beside = ui.available_width() - ui.spacing().interact_size.y;
            ui.add_space((0.5 * beside).max(0.0));
            slider.ui(ui)
        });
        let slider = slider.inner;
        slider.widget_info(|| WidgetInfo::slider(true, value, "Bandwidth σ"));
        slider.on_hover_text("Bandwidth σ: how far a source reaches");
        let taken = Sigma::new(value).ok();
        #[expect(clippy::float_cmp, reason = "any change at all counts")]
        if value != before && taken.is_some() {
            params.sigma = taken;
        }
    });
    command
}
