//! The panel that runs engines side by side on the points on screen.
//!
//! ```text
//!   3000 × 3000 points in 2 dimensions, σ = 0.3
//!   ☑ GPU, exact  ☑ CPU, f64 loops  ☑ …                    [Run]
//!   engine            time   pairs/s   memory   error   runs on
//!   CPU, SIMD       1.1 ms     8.2 G   620 kB   2e−7    2 threads, AVX-512
//!   …                                                   bars: see `chart`
//!   The N×M matrix: 3000 × 3000 numbers of 8 bytes: 72 MB, …
//! ```

mod chart;

use std::cell::OnceCell;

use eframe::egui::{
    Align, Button, Color32, Context, Label, Layout, ProgressBar, RichText, ScrollArea, Ui, Window,
    vec2,
};

use super::{Command, style::accent, wording::in_window};
use crate::{
    engine::EngineId,
    engine::broadcast_bytes,
    memory::total_memory,
    numbers::{format_number, format_si},
    session::{
        Comparison, Scene, State,
        comparison::{End, Progress, Row, comparable},
    },
};

/// The width of the panel's content, in logical pixels.
const WIDTH: f32 = 660.0;
/// The width of the table's first column, in logical pixels; the last column takes what is left.
const ENGINE: f32 = 148.0;
/// The titles of the columns of numbers, and their widths in logical pixels.
const NUMBERS: [(&str, f32); 4] =
    [("Time", 64.0), ("Pairs/s", 72.0), ("Memory", 72.0), ("Largest error", 90.0)];
/// The height of a row, in logical pixels.
const ROW: f32 = 22.0;

/// What the panel remembers from frame to frame.
#[derive(Clone, Debug, Default)]
pub(super) struct CompareState {
    pub(super) open: bool,
    /// The engines whose boxes are not ticked.
    left_out: Vec<EngineId>,
    /// The bytes of memory that the machine has, looked up when the panel is first drawn.
    memory: OnceCell<Option<u64>>,
}

/// Draws the panel; `waits` says that a comparison was asked for and begins when the present sum is
/// done.
pub(super) fn compare_ui(
    ctx: &Context,
    panel: &mut CompareState,
    state: &State,
    waits: bool,
) -> Option<Command> {
    if !panel.open {
        return None;
    }
    let CompareState { open, left_out, memory } = panel;
    let memory = *memory.get_or_init(total_memory);
    let mut command = None;
    let most = (ctx.content_rect().height() - 130.0).max(120.0);
    Window::new("Compare engines")
        .open(open)
        .collapsible(false)
        .resizable(false)
        .default_pos([340.0, 60.0])
        .default_height(most)
        .show(ctx, |ui| {
            ui.set_width(WIDTH.min(ctx.content_rect().width() - 32.0));
            ScrollArea::both().max_height(most).show(ui, |ui| {
                // Columns keep their places in a narrow window.
                ui.set_width(WIDTH);
                command = content_ui(ui, left_out, state, waits, memory);
            });
        });
    command
}

fn content_ui(
    ui: &mut Ui,
    left_out: &mut Vec<EngineId>,
    state: &State,
    waits: bool,
    memory: Option<u64>,
) -> Option<Command> {
    let scene = state.scene.as_deref();
    let comparison = state.comparison.as_deref();
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        for engine in comparable() {
            let mut chosen = !left_out.contains(&engine);
            if ui.checkbox(&mut chosen, engine.label()).changed() {
                left_out.retain(|other| *other != engine);
                if !chosen {
                    left_out.push(engine);
                }
            }
        }
    });
    let chosen: Vec<EngineId> = comparable().filter(|e| !left_out.contains(e)).collect();
    let command = run_ui(ui, chosen, scene, comparison, waits);
    if let Some(comparison) = comparison {
        ui.separator();
        let subject = subject(comparison.n, comparison.m, comparison.dim, comparison.sigma.get());
        match scene {
            Some(scene) if !comparison.is_of(scene) => {
                let text = format!("Measured before, for {subject}");
                ui.colored_label(ui.visuals().warn_fg_color, text);
            }
            _ => drop(ui.label(format!("Measured for {subject}"))),
        }
        ui.scope(|ui| table_ui(ui, comparison));
        ui.add_space(6.0);
        chart::chart_ui(ui, comparison);
    }
    let size = comparison.map(|c| [c.n, c.m]).or_else(|| {
        let points = &scene?.prepared.points;
        Some([points.n(), points.m()])
    });
    if let Some([n, m]) = size {
        ui.separator();
        ui.label(matrix_text(n, m, memory));
        let [whole, chunked] = [EngineId::Broadcast, EngineId::Chunked].map(EngineId::label);
        ui.add(
            Label::new(
                RichText::new(format!(
                    "“{whole}” makes it whole, “{chunked}” a chunk of its columns at a time; the others \
                     never hold more than a few of its numbers."
                ))
                .weak(),
            )
            .wrap(),
        );
    }
    ui.add_space(2.0);
    command
}

/// The button that starts or stops a comparison, and its progress.
fn run_ui(
    ui: &mut Ui,
    chosen: Vec<EngineId>,
    scene: Option<&Scene>,
    comparison: Option<&Comparison>,
    waits: bool,
) -> Option<Command> {
    let running = comparison.filter(|comparison| comparison.end.is_none());
    let mut command = None;
    ui.horizontal(|ui| {
        let size = [72.0, 26.0];
        if waits || running.is_some() {
            let stop = ui.add_sized(size, Button::new("Stop comparing"));
            if stop.on_hover_text("What is measured stays").clicked() {
                command = Some(Command::StopComparison);
            }
        } else {
            let ready = scene.is_some() && !chosen.is_empty();
            let run = ui.add_enabled_ui(ready, |ui| ui.add_sized(size, Button::new("Run"))).inner;
            let run = run.on_hover_text("Each engine on the points on screen, one after the other");
            let why = if scene.is_none() { "There are no points yet" } else { "Choose an engine" };
            if run.on_disabled_hover_text(why).clicked() {
                command = Some(Command::RunComparison(chosen));
            }
        }
        if waits {
            ui.label("Waits for the sum under way");
            return;
        }
        let Some(comparison) = running else {
            match comparison.and_then(|comparison| comparison.end) {
                Some(End::Stopped) => drop(ui.label("Stopped")),
                Some(End::Superseded) => drop(ui.label("Stopped by a change")),
                Some(End::Done) => drop(ui.label("Done")),
                None => {
                    if let Some(scene) = scene {
                        let points = &scene.prepared.points;
                        let [n, m, dim] = [points.n(), points.m(), points.dim()];
                        ui.label(format!("On {}", subject(n, m, dim, scene.sigma().get())));
                    }
                }
            }
            return;
        };
        let now = comparison.rows.iter().find_map(|row| match row.progress {
            Progress::Running(fraction) => Some((row.engine, fraction)),
            _ => None,
        });
        let (text, fraction) = match now {
            Some((engine, fraction)) if fraction < 1.0 => {
                (format!("{}: {:.0} %", engine.label(), 100.0 * fraction), fraction)
            }
            Some((engine, _)) => (format!("{}: again, for the shortest time", engine.label()), 1.0),
            None => ("The exact values of the sample".to_owned(), 0.0),
        };
        let fill = accent(ui.visuals().dark_mode);
        ui.add(ProgressBar::new(fraction).desired_width(120.0).fill(fill));
        ui.label(text);
    });
    command
}

fn table_ui(ui: &mut Ui, comparison: &Comparison) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let sample = format_number(comparison.sample as f64, 12);
    let hints = [
        "The shortest of a few runs".to_owned(),
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
    let frame = eframe::egui::Frame::new().fill(fill.unwrap_or_default()).corner_radius(3.0);
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
fn cell_ui(ui: &mut Ui, width: f32, align: Align, text: RichText) -> eframe::egui::Response {
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
    let [time, pairs, memory, error] = NUMBERS.map(|(_, width)| width);
    let place = |ui: &mut Ui| {
        ui.add_space(10.0);
        ui.add(Label::new(RichText::new(&row.place).weak()).truncate()).on_hover_text(&row.place);
    };
    match &row.progress {
        Progress::Timed(timing) => {
            let runs = if timing.runs == 1 { "1 run" } else { &format!("{} runs", timing.runs) };
            cell_ui(ui, time, Align::Max, RichText::new(format_si(timing.seconds, "s")))
                .on_hover_text(format!("The shortest of {runs}"));
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

/// What is compared, in words.
fn subject(n: usize, m: usize, dim: usize, sigma: f64) -> String {
    let [n, m] = [n, m].map(count);
    let dimensions = if dim == 1 { "1 dimension" } else { &format!("{dim} dimensions") };
    format!("{n} × {m} points in {dimensions}, σ = {}", format_number(sigma, 4))
}

/// What the array of all pairs would weigh, and what the machine has.
fn matrix_text(n: usize, m: usize, memory: Option<u64>) -> String {
    let bytes = broadcast_bytes(n, m) as f64;
    let [n, m] = [n, m].map(count);
    let weight = short_si(bytes, "B");
    let weight = format!("The N×M matrix: {n} × {m} numbers of 8 bytes: {weight}");
    let Some(memory) = memory else { return weight };
    let memory = memory as f64;
    let all = short_si(memory, "B");
    if bytes > memory {
        let times = format_number(bytes / memory, 2);
        format!("{weight}, {times} times this machine's {all} of memory")
    } else {
        let percent = format_number(100.0 * bytes / memory, 2);
        format!("{weight}, {percent} % of this machine's {all} of memory")
    }
}

/// A whole number in groups of three digits.
fn count(n: usize) -> String {
    format_number(n as f64, 12)
}

/// Two or three digits with a prefix: `72 MB`, not `72.0 MB`, and `8 TB`, not `8.0 TB`.
fn short_si(value: f64, unit: &str) -> String {
    format_si(value, unit).replace(".0 ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_is_weighed_against_the_machine() {
        let small = matrix_text(3000, 3000, Some(64_000_000_000));
        for words in
            ["3000 × 3000 numbers of 8 bytes: 72 MB", "0.11 % of this machine's 64 GB of memory"]
        {
            assert!(small.contains(words), "{words} in {small}");
        }
        let large = matrix_text(1_000_000, 1_000_000, Some(16_000_000_000));
        for words in ["1,000,000 × 1,000,000", ": 8 TB", "500 times this machine's 16 GB of memory"]
        {
            assert!(large.contains(words), "{words} in {large}");
        }
        assert!(matrix_text(10, 10, None).ends_with(": 800 B"));
    }
}
