//! Sections of the side panel that fold; which are unfolded is kept in the settings.

use eframe::egui::{CollapsingHeader, RichText, Ui};

use crate::session::Section;

/// The words above a section.
fn title(section: Section) -> &'static str {
    match section {
        Section::Cautions => "Cautions",
        Section::Data => "Data",
        Section::Selection => "Selection",
        Section::Bandwidth => "Bandwidth",
        Section::AxisRules => "Rules for single axes",
        Section::OtherPrograms => "σ in other programs",
        Section::Appearance => "Appearance",
        Section::Computation => "Computation",
        Section::Export => "Export",
    }
}

/// Draws a section's title, and below it what `add` draws if it is in `unfolded`; a click on the
/// title changes that. Returns what `add` does.
pub(super) fn section_ui<R>(
    ui: &mut Ui,
    unfolded: &mut Vec<Section>,
    section: Section,
    add: impl FnOnce(&mut Ui, &mut Vec<Section>) -> R,
) -> Option<R> {
    let is_within = matches!(section, Section::AxisRules | Section::OtherPrograms);
    let text = RichText::new(title(section));
    let text = if is_within { text.size(12.0) } else { text.strong() };
    titled_ui(ui, unfolded, section, text, add)
}

/// The same with a title of its own.
pub(super) fn titled_ui<R>(
    ui: &mut Ui,
    unfolded: &mut Vec<Section>,
    section: Section,
    text: RichText,
    add: impl FnOnce(&mut Ui, &mut Vec<Section>) -> R,
) -> Option<R> {
    let is_unfolded = unfolded.contains(&section);
    let header = CollapsingHeader::new(text).id_salt(section).open(Some(is_unfolded));
    let shown = header.show_unindented(ui, |ui| add(ui, unfolded));
    if shown.header_response.clicked() {
        if is_unfolded {
            unfolded.retain(|other| *other != section);
        } else {
            unfolded.push(section);
            unfolded.sort_unstable();
        }
        ui.ctx().request_repaint();
    }
    shown.body_returned
}
