//! The table of the panel: a row for each engine, with its times, memory and error.

use eframe::egui::{Align, Color32, Frame, Label, Layout, Response, RichText, Ui, vec2};

use super::short_si;
use crate::{
    app::wording::in_window,
    numbers::{format_number, format_si},
    session::{
        Comparison,
        comparison::{Progress, Row, Timing},
    },
};

/// The width of the table's first column, in logical pixels; the last column takes what is left.
pub(super) const ENGINE: f32 = 160.0;
/// The titles of the columns of numbers, and their widths in logical pixels.
const NUMBERS: [(&str, f32); 6] = [
    ("Median", 64.0),
    ("Spread", 60.0),
    ("Repeats", 60.0),
    ("Pairs/s", 68.0),
    ("Memory", 68.0),
    ("Largest error", 90.0),
];
/// The height of a row, in logical pixels.
const ROW: f32 = 22.0;

/// Draws the table.
pub(super) fn table_ui(ui: &mut Ui, comparison: &Comparison) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let sample = format_number(comparison.sample as f64, 12);
    let hints = [
        "The median time of a few runs".to_owned(),
        "Half the difference between the longest and the shortest run, in parts of the median"
            .to_owned(),
        "How many runs there were".to_owned(),
        "Pairs of a target and a source".to_owned(),
        "What it takes at once, beyond the points".to_owned(),
        format!(
            "Largest |f − exact| / max(exact, a thousandth of the highest), against the sum in f64 at \
             {sample} random targets"
        ),
    ];
    row_ui(ui, None, |ui| {
        cell_ui(ui, ENGINE, Align::Min, RichText::new("Engine").strong());
        for ((name, width), hint) in NUMBERS.into_iter().zip(hints) {
            let text = RichText::new(name).strong();
            cell_ui(ui, width, Align::Max, text).on_hover_text(hint);
        }
        ui.add_space(10.0);
        ui.label(RichText::new("Runs on").strong());
    });
    for (k, row) in comparison.rows.iter().enumerate() {
        let stripe = (k % 2 == 0).then_some(ui.visuals().faint_bg_color);
        row_ui(ui, stripe, |ui| engine_ui(ui, row));
    }
}

/// A row of the table, on its stripe.
fn row_ui(ui: &mut Ui, fill: Option<Color32>, add: impl FnOnce(&mut Ui)) {
    let frame = Frame::new().fill(fill.unwrap_or_default()).corner_radius(3.0);
    frame.inner_margin(vec2(6.0, 1.0)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.set_min_height(ROW);
            ui.spacing_mut().item_spacing.x = 0.0;
            add(ui);
        });
    });
}

/// A text in a column of its own.
fn cell_ui(ui: &mut Ui, width: f32, align: Align, text: RichText) -> Response {
    let layout = match align {
        Align::Max => Layout::right_to_left(Align::Center),
        _ => Layout::left_to_right(Align::Center),
    };
    ui.allocate_ui_with_layout(vec2(width, ROW), layout, |ui| {
        ui.set_min_width(width);
        ui.label(text)
    })
    .inner
}

fn engine_ui(ui: &mut Ui, row: &Row) {
    cell_ui(ui, ENGINE, Align::Min, RichText::new(row.engine.label()));
    let numbers: f32 = NUMBERS.iter().map(|(_, width)| width).sum();
    let [time, spread, repeats, pairs, memory, error] = NUMBERS.map(|(_, width)| width);
    let place = |ui: &mut Ui| {
        ui.add_space(10.0);
        ui.add(Label::new(RichText::new(&row.place).weak()).truncate()).on_hover_text(&row.place);
    };
    match &row.progress {
        Progress::Timed(timing) => {
            let [shortest, longest] = [timing.shortest, timing.longest].map(|s| format_si(s, "s"));
            cell_ui(ui, time, Align::Max, RichText::new(format_si(timing.seconds, "s")))
                .on_hover_text(format!("From {shortest} to {longest}"));
            let told = if timing.runs == 1 { "–".to_owned() } else { spread_text(timing) };
            cell_ui(ui, spread, Align::Max, RichText::new(told))
                .on_hover_text(format!("From {shortest} to {longest}"));
            cell_ui(ui, repeats, Align::Max, RichText::new(timing.runs.to_string()));
            let rate = format_si(timing.pairs_per_second, "");
            cell_ui(ui, pairs, Align::Max, RichText::new(rate.trim_end()));
            cell_ui(ui, memory, Align::Max, RichText::new(short_si(row.bytes as f64, "B")));
            let wrong = RichText::new(format_number(timing.error, 2));
            cell_ui(ui, error, Align::Max, wrong);
            place(ui);
        }
        Progress::Refused(why) => {
            ui.add_space(12.0);
            let text = RichText::new(format!("Refused: {}", in_window(why)));
            ui.add(Label::new(text.small()).wrap());
        }
        Progress::Waiting | Progress::Running(_) | Progress::NotRun => {
            let text = match row.progress {
                Progress::Waiting => "waits".to_owned(),
                Progress::Running(fraction) if fraction < 1.0 => {
                    format!("{:.0} %", 100.0 * fraction)
                }
                Progress::Running(_) => "again".to_owned(),
                _ => "not run".to_owned(),
            };
            cell_ui(ui, time, Align::Max, RichText::new(text).weak());
            ui.add_space(numbers - time);
            place(ui);
        }
    }
}

/// How far apart the runs of an engine were.
fn spread_text(timing: &Timing) -> String {
    format!("±{} %", format_number(100.0 * timing.spread(), 2))
}
