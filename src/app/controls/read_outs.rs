//! σ in the conventions of other programs, such as `SciPy`'s bandwidth factor: to copy, and to type
//! in.

use eframe::egui::{Button, Role, Ui, WidgetInfo};

use super::sections::section_ui;
use crate::{
    app::widgets::{VALUE_WIDTH, field_ui, text_width},
    criteria::Conversions,
    model::Sigma,
    session::Section,
};

/// One program's bandwidth parameter, converted from and to σ.
struct ReadOut {
    label: &'static str,
    hint: &'static str,
    from_sigma: fn(Conversions, f64) -> f64,
    to_sigma: fn(Conversions, f64) -> f64,
}

const READ_OUTS: [ReadOut; 6] = [
    ReadOut {
        label: "Standard deviation σ",
        hint: "As here: exp(−r²/(2σ²))",
        from_sigma: |_, sigma| sigma,
        to_sigma: |_, sigma| sigma,
    },
    ReadOut {
        label: "SciPy bw_method",
        hint: "gaussian_kde's factor: σ over the spread of the cloud, the root of its mean variance",
        from_sigma: Conversions::to_scipy,
        to_sigma: Conversions::from_scipy,
    },
    ReadOut {
        label: "scikit-learn bandwidth",
        hint: "KernelDensity(bandwidth=…): σ itself",
        from_sigma: |_, sigma| Conversions::to_scikit_learn(sigma),
        to_sigma: |_, value| Conversions::from_scikit_learn(value),
    },
    ReadOut {
        label: "KeOps γ",
        hint: "γ in exp(−γ·r²): 1/(2σ²); rbf_kernel's gamma is the same",
        from_sigma: |_, sigma| Conversions::to_gamma(sigma),
        to_sigma: |_, value| Conversions::from_gamma(value),
    },
    ReadOut {
        label: "R bw",
        hint: "density(bw = …): the kernel's standard deviation",
        from_sigma: |_, sigma| Conversions::to_r_bw(sigma),
        to_sigma: |_, value| Conversions::from_r_bw(value),
    },
    ReadOut {
        label: "R h",
        hint: "ks::kde(h = …), with H = h²·I where there is a matrix",
        from_sigma: |_, sigma| Conversions::to_r_h(sigma),
        to_sigma: |_, value| Conversions::from_r_h(value),
    },
];

/// Draws the read-outs; returns the σ that was typed into one of them.
pub(super) fn read_outs_ui(
    ui: &mut Ui,
    unfolded: &mut Vec<Section>,
    sigma: Sigma,
    conversions: Option<Conversions>,
    refused: &mut Vec<String>,
) -> Option<Sigma> {
    let mut typed = None;
    section_ui(ui, unfolded, Section::OtherPrograms, |ui, _| {
        for read_out in &READ_OUTS {
            // SciPy's factor is relative to the spread of the points, which may not be known yet.
            let needs_spread = read_out.label.starts_with("SciPy");
            let Some(conversions) =
                conversions.or((!needs_spread).then_some(Conversions { spread: 1.0 }))
            else {
                continue;
            };
            typed = row_ui(ui, read_out, sigma, conversions, refused).or(typed);
        }
    });
    typed
}

fn row_ui(
    ui: &mut Ui,
    read_out: &ReadOut,
    sigma: Sigma,
    conversions: Conversions,
    refused: &mut Vec<String>,
) -> Option<Sigma> {
    let ReadOut { label, hint, from_sigma, to_sigma } = read_out;
    let shown = from_sigma(conversions, sigma.get());
    let mut value = shown;
    ui.horizontal(|ui| {
        let id = ui.label(*label).on_hover_text(*hint).id;
        // To the right end, and yet in the order that Tab goes by.
        let style = ui.spacing();
        let (between, padding) = (style.item_spacing.x, 2.0 * style.button_padding.x);
        let copy = text_width(ui, "Copy") + padding;
        ui.add_space((ui.available_width() - VALUE_WIDTH - between - copy).max(0.0));
        let check = |value: f64| {
            let sigma = Sigma::new(to_sigma(conversions, value));
            sigma.map(drop).map_err(|err| format!("{label}: {err}"))
        };
        field_ui(ui, id, &mut value, 0.01 * shown, false, &check, refused);
        let copy = ui.add(Button::new("Copy").small());
        copy.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Copy {label}")));
        if copy.on_hover_text(format!("{shown}")).clicked() {
            ui.ctx().copy_text(format!("{shown}"));
        }
    });
    #[expect(clippy::float_cmp, reason = "any change at all counts")]
    let changed = value != shown;
    if !changed {
        return None;
    }
    Sigma::new(to_sigma(conversions, value)).ok()
}
