//! Fonts, spacing and colours of the window; the backgrounds are those of exported pictures.

use eframe::{
    egui::{
        Color32, Context, CornerRadius, FontData, FontFamily, FontId, Stroke, TextStyle,
        ThemePreference, Visuals, style,
    },
    epaint::text::{FontInsert, FontPriority, InsertFontFamily},
};

use crate::{figure::Palette, model::Theme};

/// Sets fonts, spacing and colours for both themes.
pub(super) fn install(ctx: &Context) {
    // egui's own icons are few; without these the rest would depend on the machine's fonts.
    ctx.add_font(FontInsert::new(
        "icons",
        FontData::from_static(epaint_default_fonts::EMOJI_ICON),
        vec![InsertFontFamily { family: FontFamily::Proportional, priority: FontPriority::Lowest }],
    ));
    ctx.set_visuals_of(eframe::egui::Theme::Dark, visuals(true));
    ctx.set_visuals_of(eframe::egui::Theme::Light, visuals(false));
    ctx.all_styles_mut(|style| {
        style.text_styles.insert(TextStyle::Body, FontId::proportional(13.5));
        style.text_styles.insert(TextStyle::Button, FontId::proportional(13.5));
        style.text_styles.insert(TextStyle::Small, FontId::proportional(11.5));
        style.spacing.item_spacing = [8.0, 7.0].into();
        style.spacing.button_padding = [8.0, 3.0].into();
        style.spacing.interact_size.y = 22.0;
        style.spacing.slider_rail_height = 5.0;
        style.animation_time = 0.08;
        style.interaction.selectable_labels = false;
    });
}

/// Switches to `theme`.
pub(super) fn set_theme(ctx: &Context, theme: Theme) {
    ctx.set_theme(match theme {
        Theme::System => ThemePreference::System,
        Theme::Dark => ThemePreference::Dark,
        Theme::Light => ThemePreference::Light,
    });
}

/// A colour of [`Palette`] for egui.
pub(super) fn color([r, g, b]: [u8; 3]) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// The colour of what is selected or in progress.
pub(super) fn accent(dark: bool) -> Color32 {
    if dark { Color32::from_rgb(63, 174, 165) } else { Color32::from_rgb(24, 128, 122) }
}

fn visuals(dark: bool) -> Visuals {
    let palette = Palette::of(dark);
    let mut visuals = if dark { Visuals::dark() } else { Visuals::light() };
    let accent = accent(dark);
    visuals.extreme_bg_color = color(palette.background);
    visuals.window_fill =
        if dark { Color32::from_rgb(30, 33, 39) } else { Color32::from_rgb(245, 246, 248) };
    // Nothing is painted twice: the window is cleared to this colour, see `Window::clear_color`.
    visuals.panel_fill = Color32::TRANSPARENT;
    visuals.faint_bg_color =
        if dark { Color32::from_rgb(37, 41, 48) } else { Color32::from_rgb(236, 238, 241) };
    visuals.selection.bg_fill = accent.gamma_multiply(if dark { 0.55 } else { 0.35 });
    visuals.selection.stroke =
        Stroke::new(1.0, if dark { Color32::WHITE } else { Color32::from_rgb(8, 60, 57) });
    visuals.hyperlink_color = accent;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = style::HandleShape::Circle;
    let text = if dark { Color32::from_gray(214) } else { Color32::from_gray(40) };
    visuals.widgets.noninteractive.fg_stroke.color = text;
    visuals.widgets.inactive.fg_stroke.color = text;
    if !dark {
        visuals.widgets.inactive.bg_fill = Color32::from_rgb(222, 226, 231);
        visuals.widgets.inactive.weak_bg_fill = Color32::from_rgb(228, 231, 235);
    }
    for widget in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(4);
    }
    visuals
}
