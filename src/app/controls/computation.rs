//! The rows under "Computation" in the side panel: the engine, its chunk and its tolerance.

use eframe::egui::{self, Ui};

use super::within;
use crate::{
    app::{
        Command,
        widgets::{NumberRow, pick_ui, row_ui},
    },
    engine::EngineId,
    model::{Chunk, EngineChoice, Params, Tolerance},
    session::Scene,
};

/// Draws the rows and edits `params`.
pub(super) fn computation_ui(
    ui: &mut Ui,
    params: &mut Params,
    scene: Option<&Scene>,
    refused: &mut Vec<String>,
) -> Option<Command> {
    let command = engine_ui(ui, params, scene, refused);
    let timed = row_ui(ui, "", |ui, _| {
        let hint =
            "Run each engine on the points on screen, and compare time, memory and error (Ctrl+E)";
        ui.button("Time engines…").on_hover_text(hint).clicked()
    });
    command.or(timed.then_some(Command::CompareEngines))
}

fn engine_ui(
    ui: &mut Ui,
    params: &mut Params,
    scene: Option<&Scene>,
    refused: &mut Vec<String>,
) -> Option<Command> {
    pick_ui(ui, "Engine", &mut params.engine, EngineChoice::ALL, EngineChoice::label);
    let is_fast = scene.is_some_and(|scene| scene.stats.engine == EngineId::Fast);
    if params.engine == EngineChoice::Fast || is_fast && params.engine == EngineChoice::Auto {
        tolerance_ui(ui, &mut params.tolerance, refused);
        return row_ui(ui, "", |ui, _| {
            let exact = ui.add_enabled(is_fast, egui::Button::new("Exact"));
            let exact = exact.on_hover_text(
                "Compute f exactly, in slices, and tell how far the fast one was from it",
            );
            exact.clicked().then_some(Command::Exact)
        });
    }
    let m = scene.map_or(Params::DEFAULT_COUNT, |scene| scene.prepared.points.m());
    let mut chunk = params.chunk.resolve(m) as f64;
    let row = NumberRow {
        label: "Chunk",
        hint: "How many sources are loaded, used and thrown away before f is updated",
        range: 1.0..=m.max(2) as f64,
        logarithmic: true,
        integer: true,
        default: None,
        check: &|v| within("chunk", v, 1.0, 1e15),
    };
    if row.show(ui, &mut chunk, refused) {
        params.chunk = Chunk::of(chunk as usize).unwrap_or(params.chunk);
    }
    row_ui(ui, "", |ui, _| {
        let mut auto = params.chunk == Chunk::Auto;
        if ui.checkbox(&mut auto, "Auto chunk").changed() {
            params.chunk = if auto { Chunk::Auto } else { Chunk::Of(params.chunk.resolve(m)) };
        }
    });
    None
}

/// The largest error that the fast engine may make.
fn tolerance_ui(ui: &mut Ui, tolerance: &mut Tolerance, refused: &mut Vec<String>) {
    let mut value = tolerance.get();
    let row = NumberRow {
        label: "Tolerance",
        hint: "How far f may be off, in parts of itself; a tighter one takes longer",
        range: Tolerance::MIN..=Tolerance::MAX,
        logarithmic: true,
        integer: false,
        default: Some(Tolerance::DEFAULT.get()),
        check: &|v| Tolerance::new(v).map(drop).map_err(|err| err.to_string()),
    };
    if row.show(ui, &mut value, refused) {
        *tolerance = Tolerance::new(value).unwrap_or(*tolerance);
    }
}
