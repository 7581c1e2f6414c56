//! The legend of the strip: which curve is drawn how.

use eframe::egui::{self, Ui, vec2};

use super::{
    color_of,
    ticks::{looked_at, short},
};
use crate::session::Advice;

/// How the k-th curve is drawn: the lengths of its dashes, in logical pixels, where it has some, and
/// what stands for it in the legend. Colours alone would not tell curves apart to everyone.
pub(super) fn dashes(k: usize) -> (&'static [f32], &'static str) {
    match k {
        0 => (&[], "—"),
        1 => (&[5.0], "– –"),
        _ => (&[1.5], "···"),
    }
}

/// The legend: the name of each curve and how many points it was computed at.
pub(super) fn legend_ui(ui: &mut Ui, advice: Option<&Advice>, dark: bool) {
    let Some(advice) = advice.filter(|advice| !advice.curves.is_empty()) else {
        // Its line is kept free.
        ui.label(egui::RichText::new(" ").size(10.5));
        return;
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(10.0, 1.0);
        for (k, curve) in advice.curves.iter().enumerate() {
            let used = looked_at(curve);
            let short = short(curve.criterion);
            let number = used.trim_start_matches("at ").trim_end_matches(" points");
            let text = format!("{} {short} {number}", dashes(k).1);
            let text = egui::RichText::new(text).size(10.5).color(color_of(curve.criterion, dark));
            let text = if k == 0 { text.strong() } else { text };
            let band = if curve.points_used < curve.points_total {
                "\nThe band is one standard error to either side"
            } else {
                ""
            };
            let progress = if advice.is_complete || curve.optimum.is_some() {
                String::new()
            } else {
                " so far".to_owned()
            };
            // An entry that does not fit moves to the next line as a whole.
            ui.add(egui::Label::new(text).extend()).on_hover_text(format!(
                "{} {used}{progress}, against σ from its best down to what is worse than most{band}",
                curve.criterion.label()
            ));
        }
    });
}
