//! The side panel on the left: what is used most on top and always in view, the rest in sections that
//! fold.
//!
//! ```text
//!   points, N × d              [Open…] [«]
//!   x axis, y axis, colour scale
//!   σ with its slider, the strip, cautions
//!   [Play] [Compare]
//!   N, M
//!   ▸ Data  ▸ Selection  ▸ Bandwidth  ▸ Appearance  ▸ Computation  ▸ Export
//! ```

mod appearance;
mod axes;
mod cautions;
mod colors;
mod computation;
mod data;
mod export;
mod kernel;
mod rail;
mod read_outs;
mod sections;
mod selection;
mod source;
mod strip;

use appearance::points_ui;
use axes::axes_ui;
use cautions::cautions_ui;
pub(super) use colors::colors_ui;
use colors::{color_by_ui, color_scale_ui};
use computation::computation_ui;
pub(super) use data::use_columns;
use data::{data_ui, dim_of};
use eframe::egui::{self, Id, ScrollArea, Ui, vec2};
use export::export_ui;
use kernel::{bandwidth_ui, sigma_ui};
pub(super) use rail::rail_ui;
use sections::section_ui;
use selection::{SelectionFields, selection_ui};
use source::{counts_ui, source_ui};

use super::{
    Command,
    play::{Play, play_ui, range_ui},
};
use crate::{
    model::{Params, Sigma},
    numbers::format_number,
    session::{Advice, Scene, Section, Selection},
};

/// What the panel remembers from frame to frame.
#[derive(Clone, Debug, Default)]
pub(super) struct ControlsState {
    /// The path that is being typed.
    path: String,
    /// What is wrong with text that was typed; the window turns it into messages.
    pub(super) refused: Vec<String>,
    /// The sections that are unfolded.
    pub(super) unfolded: Vec<Section>,
    /// What is being typed to select rows.
    pub(super) selection: SelectionFields,
    /// What had the keyboard's focus in the frame before.
    focused: Option<Id>,
}

impl ControlsState {
    /// Nothing typed, and these sections unfolded.
    pub(super) fn with(unfolded: Vec<Section>) -> Self {
        Self { unfolded, ..Self::default() }
    }
}

/// What the rows that animate and compare σ show.
pub(super) struct AnimationInputs<'a> {
    /// The animation of σ.
    pub(super) play: &'a mut Play,
    /// The requested σ.
    pub(super) sigma: Sigma,
    /// Whether the plot is split to compare another field with it.
    pub(super) is_comparing: bool,
}

/// Draws the controls and edits `params`.
pub(super) fn controls_ui(
    ui: &mut Ui,
    state: &mut ControlsState,
    params: &mut Params,
    animation: AnimationInputs<'_>,
    scene: Option<&Scene>,
    advice: Option<&Advice>,
    selection: &Selection,
) -> Option<Command> {
    let mut command = None;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        // The scroll bar floats over the margin.
        ui.set_width(ui.available_width() - 6.0);
        // Close together, so that all of it is in view.
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.add_space(2.0);
        command = source_ui(ui, params, scene);
        axes_ui(ui, params, scene);
        color_by_ui(ui, params, scene);
        color_scale_ui(ui, &mut params.view);
        let (refused, unfolded) = (&mut state.refused, &mut state.unfolded);
        sigma_ui(ui, params, scene, advice, refused);
        cautions_ui(ui, unfolded, params, scene, advice);
        let AnimationInputs { play, sigma, is_comparing } = animation;
        command = command.take().or(play_ui(ui, play, is_comparing));
        counts_ui(ui, params, scene, refused);
        ui.add_space(2.0);

        let mut unfolded = std::mem::take(&mut state.unfolded);
        section_ui(ui, &mut unfolded, Section::Data, |ui, _| {
            data_ui(ui, state, params, scene, &mut command);
        });
        let (refused, fields) = (&mut state.refused, &mut state.selection);
        let wanted = section_ui(ui, &mut unfolded, Section::Selection, |ui, _| {
            selection_ui(ui, fields, params, scene, selection, refused)
        });
        command = command.take().or(wanted.flatten());
        section_ui(ui, &mut unfolded, Section::Bandwidth, |ui, unfolded| {
            range_ui(ui, play, sigma);
            bandwidth_ui(ui, unfolded, params, scene, advice, refused);
        });
        let is_line = dim_of(params, scene) == 1;
        section_ui(ui, &mut unfolded, Section::Appearance, |ui, _| {
            points_ui(ui, &mut params.view, is_line, refused);
        });
        let wanted = section_ui(ui, &mut unfolded, Section::Computation, |ui, _| {
            computation_ui(ui, params, scene, refused)
        });
        command = command.take().or(wanted.flatten());
        let wanted = section_ui(ui, &mut unfolded, Section::Export, |ui, _| export_ui(ui));
        command = command.take().or(wanted.flatten());
        state.unfolded = unfolded;
        ui.add_space(4.0);
        follow_focus(ui, &mut state.focused);
    });
    command
}

/// Scrolls to a control that has just got the keyboard's focus, with some room around it.
fn follow_focus(ui: &Ui, before: &mut Option<Id>) {
    let focused = ui.memory(egui::Memory::focused);
    if focused == std::mem::replace(before, focused) {
        return;
    }
    let control = focused.and_then(|id| ui.ctx().read_response(id));
    // Lists and dialogs lie in layers of their own, other panels beside this one.
    let is_here = |control: &egui::Response| {
        control.layer_id == ui.layer_id()
            && ui.max_rect().x_range().contains(control.rect.center().x)
    };
    if let Some(control) = control.filter(is_here) {
        ui.scroll_to_rect(control.rect.expand2(vec2(0.0, 28.0)), None);
    }
}

/// An error for a number outside `low..=high`.
fn within(what: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let number = |v| format_number(v, 12);
    Err(format!(
        "{what} is {}: expected a number from {} to {}",
        number(value),
        number(low.max(0.01)),
        number(high)
    ))
}
