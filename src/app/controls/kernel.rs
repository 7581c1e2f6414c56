//! The rows of the panel on the left that say how far a source reaches.

use eframe::egui::Ui;

use crate::{
    app::widgets::{NumberRow, pick_ui},
    model::{Normalisation, Params, Sigma},
    session::Scene,
};

/// Draws the rows of the kernel.
pub(super) fn kernel_ui(
    ui: &mut Ui,
    params: &mut Params,
    scene: Option<&Scene>,
    refused: &mut Vec<String>,
) {
    // Four decades below the extent of the points and one above.
    let extent = scene.map_or(5.0, |scene| scene.prepared.points.bounds().extent());
    let top = if extent > 0.0 { 10_f64.powf(extent.log10().floor() + 1.0) } else { 10.0 };
    let default = scene.map_or(Sigma::DEFAULT, |scene| scene.prepared.default_sigma);
    let mut sigma = params.sigma.unwrap_or(default).get();
    let row = NumberRow {
        label: "Sigma σ",
        hint: "How far a source reaches, in the units of the data",
        range: 1e-5 * top..=top,
        logarithmic: true,
        integer: false,
        default: Some(default.get()),
        check: &|v| Sigma::new(v).map(drop).map_err(|err| err.to_string()),
    };
    if row.show(ui, &mut sigma, refused)
        && let Ok(sigma) = Sigma::new(sigma)
    {
        params.sigma = Some(sigma).filter(|sigma| *sigma != default);
    }
    pick_ui(ui, "Shows", &mut params.normalisation, Normalisation::ALL, Normalisation::label)
        .on_hover_text("The sum, its mean over the sources, or a density that integrates to 1");
}
