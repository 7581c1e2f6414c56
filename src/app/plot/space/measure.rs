//! The target under the pointer in space, and the distance between two that were clicked.

use eframe::egui::{Align2, Color32, FontId, Pos2, Rect, Response, Stroke, Ui, pos2};

use super::{super::hover::target_ui, state::SpaceState};
use crate::{
    app::hover_columns::HoverCells,
    numbers::format_number,
    session::{Scene, SpaceView},
};

/// The names of the two targets that are measured.
const LETTERS: [&str; 2] = ["A", "B"];

/// What is measured.
pub(super) struct Inputs<'a> {
    pub(super) scene: &'a Scene,
    /// The columns of a target's row that are shown.
    pub(super) cells: HoverCells<'a>,
    /// The target that is pinned in the table of rows.
    pub(super) pinned: Option<usize>,
    /// Whether a click picks a target.
    pub(super) picks: bool,
    pub(super) view: &'a SpaceView,
    pub(super) frame: Rect,
}

/// Marks and describes the target under the pointer, and those that were clicked; a click picks one. Adds a note
/// of what is measured, and returns whether values of f still have to be read from the device,
/// the target that was clicked, and the one under the pointer.
pub(super) fn measure_ui(
    ui: &Ui,
    state: &mut SpaceState,
    inputs: &Inputs<'_>,
    response: &Response,
    pointed: Option<Pos2>,
    notes: &mut Vec<(&'static str, String)>,
) -> (bool, Option<usize>, Option<usize>) {
    let &Inputs { scene, cells, pinned, picks, view, frame } = inputs;
    if response.double_clicked() {
        // Its two clicks meant the whole box.
        state.picked = state.picked_before.clone();
    }
    let rests = state.rests_in().is_none() && !ui.input(|i| i.pointer.any_down());
    let (mut wants_values, mut clicked, mut under) = (false, None, None);
    if let Some(i) = pinned
        && let Some(at) = seen_at(inputs, i)
    {
        wants_values |= target_ui(ui, scene, cells, i, (at, frame), true);
    }
    if let Some(pointer) = pointed {
        let at = (pointer - frame.min).to_pos2();
        let target = state.picking.target(ui.ctx(), scene, view, at, rests);
        under = target;
        if response.clicked() && !response.double_clicked() && picks {
            clicked = target;
            pick(state, target);
        }
        if let Some(i) = target.filter(|i| Some(*i) != pinned)
            && let Some(at) = seen_at(inputs, i)
            && !ui.input(|i| i.pointer.any_down())
        {
            wants_values |= target_ui(ui, scene, cells, i, (at, frame), false);
        }
    }
    marks_ui(ui, state, inputs);
    notes.extend(note(state, scene));
    (wants_values, clicked, under)
}

/// Picks a target: the first, the second, or the first of the next two.
pub(super) fn pick(state: &mut SpaceState, target: Option<usize>) {
    // The first click of a double click comes before it is known to be one.
    state.picked_before.clone_from(&state.picked);
    let Some(i) = target else { return };
    if state.picked.len() >= 2 {
        state.picked.clear();
    }
    if !state.picked.contains(&i) {
        state.picked.push(i);
    }
}

/// Where a target is seen.
fn seen_at(inputs: &Inputs<'_>, i: usize) -> Option<Pos2> {
    let [x, y] = inputs.view.pixel(&inputs.scene.shown, i);
    let frame = inputs.frame;
    x.is_finite().then(|| pos2(frame.left() + x as f32, frame.top() + y as f32))
}

/// Draws a ring and a letter at each target that is measured, and a line between both.
fn marks_ui(ui: &Ui, state: &SpaceState, inputs: &Inputs<'_>) {
    let visuals = ui.visuals();
    let (ink, rim) = (visuals.strong_text_color(), visuals.extreme_bg_color);
    let painter = ui.painter().with_clip_rect(inputs.frame);
    let places: Vec<Option<Pos2>> = state.picked.iter().map(|&i| seen_at(inputs, i)).collect();
    if let [Some(a), Some(b)] = places[..] {
        painter.line_segment([a, b], Stroke::new(3.5, rim));
        painter.line_segment([a, b], Stroke::new(1.5, ink));
    }
    for (letter, at) in LETTERS.into_iter().zip(places) {
        let Some(at) = at else { continue };
        painter.circle_stroke(at, 7.0, Stroke::new(3.5, rim));
        painter.circle_stroke(at, 7.0, Stroke::new(1.5, ink));
        let font = FontId::proportional(14.0);
        let galley = painter.layout_no_wrap(letter.to_owned(), font, Color32::PLACEHOLDER);
        let place = Align2::LEFT_BOTTOM.anchor_size(pos2(at.x + 7.0, at.y - 5.0), galley.size());
        painter.rect_filled(place.expand(2.0), 3.0, rim.gamma_multiply(0.75));
        painter.galley(place.min, galley, ink);
    }
}

/// What is measured, in words.
fn note(state: &SpaceState, scene: &Scene) -> Option<(&'static str, String)> {
    let row_text = |i: usize| {
        let row = scene.prepared.row_of(i);
        row.map_or_else(String::new, |row| format!("row {row}"))
    };
    let text = match state.picked[..] {
        [a, b] => {
            let [from, to] = [a, b].map(|i| scene.shown.place3(i));
            let rows = [a, b].map(row_text);
            let distance = distance(from, to, &scene.shown.labels3(), scene.shown.logarithmic3());
            format!("A–B: {distance}; A is {}, B is {}", rows[0], rows[1])
        }
        [a] => format!(
            "A is {}: click another target to measure the distance, Esc to forget it",
            row_text(a)
        ),
        _ => return None,
    };
    Some(("distance", text))
}

/// The distance of two places and their differences on each axis, in the units of the data.
fn distance(from: [f64; 3], to: [f64; 3], names: &[String; 3], logarithmic: [bool; 3]) -> String {
    let apart: [f64; 3] = std::array::from_fn(|k| to[k] - from[k]);
    let length = apart.iter().fold(0.0_f64, |length, side| length.hypot(*side));
    let number = |value: f64| format_number(value, 5);
    let unit = |is_log: bool| if is_log { " decades" } else { "" };
    let sides: Vec<String> = (0..3)
        .map(|k| format!("Δ{} {}{}", names[k], number(apart[k]), unit(logarithmic[k])))
        .collect();
    format!("{}{} ({})", number(length), unit(logarithmic == [true; 3]), sides.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_told_with_its_parts_and_units() {
        let names = ["x", "y", "z"].map(str::to_owned);
        let told = |log| distance([0.0, 1.0, 2.0], [3.0, 1.0, -2.0], &names, log);
        assert_eq!(told([false; 3]), "5 (Δx 3, Δy 0, Δz −4)");
        assert_eq!(told([true, false, false]), "5 (Δx 3 decades, Δy 0, Δz −4)");
        assert!(told([true; 3]).starts_with("5 decades ("));
    }

    #[test]
    fn a_third_pick_begins_anew() {
        let mut state = SpaceState::default();
        for (target, expected) in
            [(Some(3), vec![3]), (Some(3), vec![3]), (None, vec![3]), (Some(5), vec![3, 5])]
        {
            pick(&mut state, target);
            assert_eq!(state.picked, expected);
        }
        pick(&mut state, Some(7));
        assert_eq!(state.picked, [7]);
        assert_eq!(state.picked_before, [3, 5]);
        assert!(state.clear_picked() && !state.clear_picked());
    }
}
