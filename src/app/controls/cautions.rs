//! Cautions: rows that were left out, and points that make a criterion for σ misleading, one sentence
//! each, with the remedy as a button.

use eframe::egui::{Button, Color32, Frame, Margin, RichText, Stroke, Ui};

use super::sections::titled_ui;
use crate::{
    app::wording::in_window,
    criteria::{Warning, WarningKind},
    io::LoadReport,
    model::{AxisScaling, Params, Sigma},
    numbers::format_number,
    session::{Advice, Scene, Section},
};

/// Draws a line with the number of cautions, where there are any, and below it each of them if they
/// are `unfolded`.
pub(super) fn cautions_ui(
    ui: &mut Ui,
    unfolded: &mut Vec<Section>,
    params: &mut Params,
    scene: Option<&Scene>,
    advice: Option<&Advice>,
) {
    let of_points = advice.map_or(&[][..], |advice| &advice.warnings).iter();
    let of_field = scene.and_then(|scene| scene.caution.as_deref());
    let is_open = |warning: &&Warning| match warning.kind {
        // The warnings are those of the points before the remedy, until new ones are known.
        WarningKind::Duplicates => !params.merge_duplicates,
        WarningKind::UnequalAxes => params.axis_scaling == AxisScaling::None,
        _ => true,
    };
    let warnings: Vec<&Warning> = of_points.chain(of_field).filter(is_open).collect();
    let reports = scene.map_or(&[][..], |scene| &scene.prepared.reports);
    let cut: Vec<&LoadReport> = reports.iter().filter(|report| report.rows_dropped() > 0).collect();
    let text = match warnings.len() + cut.len() {
        0 => return,
        1 => "⚠ 1 caution".to_owned(),
        count => format!("⚠ {count} cautions"),
    };
    // Less glaring than a message about a mistake or a failure.
    let visuals = ui.visuals();
    let ink = visuals.text_color().lerp_to_gamma(visuals.warn_fg_color, 0.55);
    let text = RichText::new(text).color(ink);
    titled_ui(ui, unfolded, Section::Cautions, text, |ui, _| {
        for report in cut {
            dropped_ui(ui, report);
        }
        for warning in warnings {
            caution_ui(ui, warning, params, advice);
        }
    });
}

/// What was left out of a file.
fn dropped_ui(ui: &mut Ui, report: &LoadReport) {
    let text = format!(
        "{} of {} rows left out",
        format_number(report.rows_dropped() as f64, 12),
        format_number(report.rows_read as f64, 12)
    );
    ui.label(RichText::new(text).small().color(ui.visuals().warn_fg_color))
        .on_hover_text(report.summary());
}

fn caution_ui(ui: &mut Ui, warning: &Warning, params: &mut Params, advice: Option<&Advice>) {
    let ink = ui.visuals().warn_fg_color;
    let frame = Frame::new()
        .inner_margin(Margin::symmetric(8, 5))
        .corner_radius(4)
        .fill(ink.gamma_multiply(0.08))
        .stroke(Stroke::new(1.0, ink.gamma_multiply(0.35)));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        let text = RichText::new(sentence(warning)).size(11.5);
        ui.label(text);
        ui.horizontal_wrapped(|ui| remedies_ui(ui, warning, params, advice, ink));
    });
}

/// The remedies: as buttons where a click is one.
fn remedies_ui(
    ui: &mut Ui,
    warning: &Warning,
    params: &mut Params,
    advice: Option<&Advice>,
    ink: Color32,
) {
    let mut button = |text: &str, hint: &str| {
        let text = RichText::new(text).size(12.0);
        ui.add(Button::new(text).stroke(Stroke::new(1.0, ink.gamma_multiply(0.5))))
            .on_hover_text(hint)
            .clicked()
    };
    match warning.kind {
        WarningKind::Duplicates => {
            let hint = "Sources that coincide become one that weighs as much: f stays the same";
            if button("Merge into weights", hint) {
                params.merge_duplicates = true;
            }
        }
        WarningKind::UnequalAxes => {
            let hint = "σ in standard deviations of each axis; the picture keeps its units";
            if button("Standardise axes", hint) {
                scale_axes(params, AxisScaling::Axes);
            }
            let hint = "The same along the directions in which the cloud is longest and shortest";
            if button("Whiten", hint) {
                scale_axes(params, AxisScaling::Full);
            }
        }
        WarningKind::Outlier => {
            let others = advice.into_iter().flat_map(Advice::optima);
            let robust: Option<Sigma> = others
                .filter(|(_, curve)| !curve.criterion.prefers_high())
                .map(|(sigma, _)| sigma)
                .next();
            ui.label(
                RichText::new(format!("Remedy: {}", in_words(&warning.remedy))).size(11.0).weak(),
            );
            if let Some(sigma) = robust {
                let text = format!("Take {} by LSCV", format_number(sigma.get(), 3));
                if ui.add(Button::new(RichText::new(text).size(12.0))).clicked() {
                    params.sigma = Some(sigma);
                }
            }
        }
        _ => {
            ui.label(
                RichText::new(format!("Remedy: {}", in_words(&warning.remedy))).size(11.0).weak(),
            );
        }
    }
}

/// Changes the coordinates that σ is measured in; resets σ, whose number has no meaning in the new
/// ones.
pub(super) fn scale_axes(params: &mut Params, scaling: AxisScaling) {
    params.axis_scaling = scaling;
    params.sigma = None;
}

/// The warning with a capital letter, and with the criteria named as in the strip.
fn sentence(warning: &Warning) -> String {
    let text = in_words(&warning.text);
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Replaces the command line's names of flags and criteria with those that stand in the window.
fn in_words(text: &str) -> String {
    let text = in_window(text);
    let word = |word: &str| {
        let bare = word.trim_end_matches(',');
        let long = match bare {
            "loo" => "Cross-validated (LOO)",
            "lscv" => "LSCV",
            "heldout" => "held-out",
            _ => return word.to_owned(),
        };
        format!("{long}{}", &word[bare.len()..])
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
