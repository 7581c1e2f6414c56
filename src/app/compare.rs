//! The panel "Time engines": runs engines side by side on the points on screen.
//!
//! ```text
//!   ☑ GPU, exact  ☑ Naive (float64 loops)  ☑ …
//!   [Run]  On 3000 × 3000 points in 2 dimensions, σ = 0.3     [Copy table] [Save as CSV…]
//!   engine         median  spread  repeats  pairs/s  memory  error  runs on
//!   CPU, SIMD      1.1 ms    ±4 %        7    8.2 G  620 kB   2e−7  2 threads, AVX-512
//!   …                                                   bars: see `chart`
//!   The N×M matrix: 3000 × 3000 numbers of 8 bytes: 72 MB, …
//! ```

mod chart;
mod save;
mod table;

use std::cell::OnceCell;

use eframe::egui::{
    Button, Context, Label, ProgressBar, Response, RichText, ScrollArea, Ui, Window,
};

use save::{SaveComparison, save_comparison_ui};

use super::{Command, style::accent};
use crate::{
    engine::EngineId,
    engine::broadcast_bytes,
    memory::total_memory,
    numbers::{format_number, format_si},
    session::{
        Comparison, Scene, State,
        comparison::{End, Progress, chunk_for, comparable},
    },
};

/// The width of the panel's content, in logical pixels.
const WIDTH: f32 = 740.0;
/// What the panel remembers from frame to frame.
#[derive(Clone, Debug, Default)]
pub(super) struct CompareState {
    pub(super) open: bool,
    /// The engines whose boxes are not ticked.
    left_out: Vec<EngineId>,
    /// The bytes of memory that the machine has, looked up when the panel is first drawn.
    memory: OnceCell<Option<u64>>,
    /// Whether no other window of the program lies over it.
    is_in_front: bool,
    /// The dialog that asks where to save its table.
    pub(super) save: SaveComparison,
}

impl CompareState {
    /// Whether Ctrl+C is for its table.
    pub(super) fn is_copied(&self, state: &State) -> bool {
        self.open && self.is_in_front && state.comparison.is_some()
    }
}

/// Draws the panel; `waits` says that a comparison was asked for and begins when the present sum is
/// done.
pub(super) fn compare_ui(
    ctx: &Context,
    panel: &mut CompareState,
    state: &State,
    waits: bool,
) -> Option<Command> {
    let saved = save_comparison_ui(ctx, &mut panel.save);
    if !panel.open {
        panel.is_in_front = false;
        return saved;
    }
    let CompareState { open, left_out, memory, is_in_front, save } = panel;
    let memory = *memory.get_or_init(total_memory);
    let mut command = saved;
    let most = (ctx.content_rect().height() - 130.0).max(120.0);
    let shown = Window::new("Time engines")
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
                let wanted = content_ui(ui, left_out, save, state, waits, memory);
                command = command.take().or(wanted);
            });
        });
    *is_in_front = shown.is_some_and(|shown| is_front(ctx, &shown.response));
    command
}

fn content_ui(
    ui: &mut Ui,
    left_out: &mut Vec<EngineId>,
    save: &mut SaveComparison,
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
    let mut command = run_ui(ui, chosen, scene, comparison, waits);
    if let Some(comparison) = comparison {
        command = command.or(take_ui(ui, save));
        ui.separator();
        let subject = subject(comparison.n, comparison.m, comparison.dim, comparison.sigma.get());
        match scene {
            Some(scene) if !comparison.is_of(scene) => {
                let text = format!("Measured before, for {subject}");
                ui.colored_label(ui.visuals().warn_fg_color, text);
            }
            _ => drop(ui.label(format!("Measured for {subject}"))),
        }
        ui.scope(|ui| table::table_ui(ui, comparison));
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
        let chunk = comparison
            .map(|comparison| comparison.chunk)
            .or_else(|| scene.map(|scene| chunk_for(scene.params.chunk, m)))
            .unwrap_or(m);
        ui.add(Label::new(RichText::new(chunk_text(n, chunk)).weak()).wrap());
    }
    ui.add_space(2.0);
    command
}

/// Whether a window of the program lies over its others.
fn is_front(ctx: &Context, window: &Response) -> bool {
    let top = ctx.top_layer_id();
    if top.is_some_and(|top| ctx.memory(|memory| memory.areas().is_visible(&top))) {
        return top == Some(window.layer_id);
    }
    // One that was closed lay over them all; egui does not tell which comes next.
    ctx.layer_id_at(window.rect.center()) == Some(window.layer_id)
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
            Some((engine, _)) => (format!("{}: again, for the median time", engine.label()), 1.0),
            None => ("The exact values of the sample".to_owned(), 0.0),
        };
        let fill = accent(ui.visuals().dark_mode);
        ui.add(ProgressBar::new(fraction).desired_width(120.0).fill(fill));
        ui.label(text);
    });
    command
}

/// Buttons that take the table along.
fn take_ui(ui: &mut Ui, save: &mut SaveComparison) -> Option<Command> {
    let mut command = None;
    ui.horizontal(|ui| {
        let hint = "Put the table on the clipboard, for a spreadsheet (Ctrl+C)";
        if ui.button("Copy table").on_hover_text(hint).clicked() {
            command = Some(Command::CopyComparison);
        }
        let hint = "Write the table to a file, with times in seconds and memory in bytes";
        if ui.button("Save as CSV…").on_hover_text(hint).clicked() {
            save.destination.open = true;
        }
    });
    command
}

/// What is compared, in words.
fn subject(n: usize, m: usize, dim: usize, sigma: f64) -> String {
    let [n, m] = [n, m].map(count);
    let dimensions = if dim == 1 { "1 dimension" } else { &format!("{dim} dimensions") };
    format!("{n} × {m} points in {dimensions}, σ = {}", format_number(sigma, 4))
}

/// Which engines make arrays of pairs, and how large they are.
fn chunk_text(n: usize, chunk: usize) -> String {
    let [whole, chunked] = [EngineId::Broadcast, EngineId::Chunked].map(EngineId::label);
    let weight = short_si(broadcast_bytes(n, chunk) as f64, "B");
    let columns = if chunk == 1 { "1 column" } else { &format!("{} columns", count(chunk)) };
    format!(
        "“{whole}” makes it whole, “{chunked}” a chunk of {columns} at a time, {weight}; the others \
         never hold more than a few of its numbers."
    )
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
    fn a_chunk_is_told_with_its_weight() {
        let told = chunk_text(3000, 375);
        assert!(told.contains("a chunk of 375 columns at a time, 9 MB"), "{told}");
        assert!(chunk_text(10, 1).contains("a chunk of 1 column at a time, 80 B"));
    }

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
