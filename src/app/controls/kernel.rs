//! The bandwidth σ in the side panel with the criteria for choosing it, and under "Bandwidth" its
//! coordinates, the normalisation, and what other programs call it.

use eframe::egui::{Button, RichText, Ui};

use super::{
    cautions::scale_axes,
    read_outs::read_outs_ui,
    strip::{axes_ui, best, strip_ui},
};
use crate::{
    app::widgets::{NumberRow, pick_ui},
    escape::escaped,
    model::{AxisScaling, Normalisation, Params, Sigma},
    numbers::format_number,
    session::{Advice, Scene, Section},
};

/// At most this many axes have σ listed in their own units.
const TOLD_AXES: usize = 4;

/// Draws σ with its slider, its field and the strip, and edits `params`.
pub(super) fn sigma_ui(
    ui: &mut Ui,
    params: &mut Params,
    scene: Option<&Scene>,
    advice: Option<&Advice>,
    refused: &mut Vec<String>,
) {
    let (sigma, default) = sigma_of(params, scene);
    let mut value = sigma.get();
    let row = NumberRow {
        label: "Bandwidth σ",
        hint: match params.axis_scaling {
            AxisScaling::None => "How far a source reaches, in the units of the data",
            _ => "How far a source reaches, in standard deviations of the sources",
        },
        range: range(scene, advice),
        logarithmic: true,
        integer: false,
        default: Some(default.get()),
        check: &|v| Sigma::new(v).map(drop).map_err(|err| err.to_string()),
    };
    let best = advice.and_then(best);
    let (changed, axis) = row.show_wide(ui, &mut value, refused, |ui, value| {
        let button = ui.add_enabled(best.is_some(), Button::new("Best").small());
        let words = best.as_ref().map_or("It is being looked for", |(_, words)| words);
        if button.on_hover_text(format!("Take {words}")).on_disabled_hover_text(words).clicked()
            && let Some((best, _)) = best
        {
            *value = best.get();
        }
    });
    let mut taken = Sigma::new(value).ok().filter(|_| changed);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        let shown = taken.unwrap_or(sigma);
        taken = strip_ui(ui, &axis, shown, advice).or(taken);
        units_ui(ui, taken.unwrap_or(sigma), scene);
    });
    take(params, taken, default);
}

/// Draws the rows under "Bandwidth" below the range of the animation, and edits `params`.
pub(super) fn bandwidth_ui(
    ui: &mut Ui,
    unfolded: &mut Vec<Section>,
    params: &mut Params,
    scene: Option<&Scene>,
    advice: Option<&Advice>,
    refused: &mut Vec<String>,
) {
    let (sigma, default) = sigma_of(params, scene);
    let mut taken = advice.and_then(|advice| axes_ui(ui, unfolded, advice));
    let conversions = advice.and_then(|advice| advice.conversions);
    taken = read_outs_ui(ui, unfolded, taken.unwrap_or(sigma), conversions, refused).or(taken);
    take(params, taken, default);
    let mut scaling = params.axis_scaling;
    pick_ui(ui, "Coordinates", &mut scaling, AxisScaling::ALL, AxisScaling::label).on_hover_text(
        "The coordinates that the kernel sees: in the units of the data, or in standard deviations \
         of the sources, so that one σ suits axes of any spread; the plot stays in the units of \
         the data",
    );
    if scaling != params.axis_scaling {
        scale_axes(params, scaling);
    }
    pick_ui(
        ui,
        "Normalisation",
        &mut params.normalisation,
        Normalisation::ALL,
        Normalisation::label,
    )
    .on_hover_text("The sum, its mean over the sources, or a density that integrates to 1");
}

/// The requested σ, and the default for the points.
fn sigma_of(params: &Params, scene: Option<&Scene>) -> (Sigma, Sigma) {
    let default = scene.map_or(Sigma::DEFAULT, |scene| scene.prepared.default_sigma.sigma);
    (params.sigma.unwrap_or(default), default)
}

/// Requests a σ that was taken; the default for the points is stored as none.
fn take(params: &mut Params, taken: Option<Sigma>, default: Sigma) {
    if let Some(taken) = taken {
        params.sigma = Some(taken).filter(|taken| *taken != default);
    }
}

/// The range of the slider: from three decades below the power of ten above the points' extent up
/// to it, widened to include every advised σ. Values outside can be typed.
pub(super) fn range(
    scene: Option<&Scene>,
    advice: Option<&Advice>,
) -> std::ops::RangeInclusive<f64> {
    let extent = scene.map_or(5.0, |scene| scene.prepared.points.bounds().extent());
    let top = if extent > 0.0 { 10_f64.powf(extent.log10().floor() + 1.0) } else { 10.0 };
    let default = scene.map_or(top, |scene| scene.prepared.default_sigma.sigma.get());
    let mut ends = [(1e-3 * top).min(0.03 * default), top.max(2.0 * default)];
    if let Some(advice) = advice {
        let rules = advice.rules.iter().map(|rule| rule.sigma);
        for sigma in advice.optima().map(|(sigma, _)| sigma).chain(rules) {
            ends = [ends[0].min(0.5 * sigma.get()), ends[1].max(2.0 * sigma.get())];
        }
    }
    ends[0]..=ends[1]
}

/// σ in the units of each axis, where it is in standard deviations.
fn units_ui(ui: &mut Ui, sigma: Sigma, scene: Option<&Scene>) {
    let Some(scene) = scene else { return };
    let Some(units) = scene.prepared.in_units_of_axes(sigma) else { return };
    let axes = scene.prepared.drawn.targets().axes();
    let told = axes.iter().zip(&units).take(TOLD_AXES);
    let told: Vec<String> = told
        .map(|(axis, unit)| format!("{} in {}", format_number(*unit, 3), escaped(axis)))
        .collect();
    let more = if axes.len() > TOLD_AXES { ", …" } else { "" };
    let text =
        format!("{} standard deviations: {}{more}", format_number(sigma.get(), 3), told.join(", "));
    ui.label(RichText::new(text).size(11.5));
}
