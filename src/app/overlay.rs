//! Text over the plot: that it is outdated, a preview or only a part of the points, and what
//! dropping a file will do.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use eframe::egui::{self, Context, Frame, RichText, Ui};

use super::plot::PlotState;
use crate::{
    escape::escaped,
    model::{Params, Stage},
    numbers::format_number,
    session::{State, Viewport},
};

/// How long the picture may be outdated before the overlay says so. With less, the overlay flickers
/// while a slider moves; with more, an outdated picture looks current.
const PATIENCE: Duration = Duration::from_millis(200);

/// How far the tools reach into the plot, in logical pixels.
const TOOLS: f32 = 374.0;

/// Since when the scene on screen has been outdated, and its version.
pub(super) type StaleSince = Option<(Instant, u64)>;

/// What an outdated scene on screen shows, in words, once it has been outdated for [`PATIENCE`].
pub(super) fn stale(wanted: &Params, state: &State, since: &mut StaleSince) -> Option<String> {
    let scene = state.scene.as_ref()?;
    let stage = wanted.stage_since(&scene.params);
    if stage < Stage::Field {
        *since = None;
        return None;
    }
    // While σ changes continuously every picture is outdated when it comes, but none for long: the
    // clock starts again with each.
    since.take_if(|(_, version)| *version != scene.version);
    if since.get_or_insert_with(|| (Instant::now(), scene.version)).0.elapsed() < PATIENCE {
        return None;
    }
    Some(if stage == Stage::Points {
        "Still showing the points before".to_owned()
    } else if wanted.sigma == scene.params.sigma {
        "Still showing the field before".to_owned()
    } else {
        format!("Still showing σ = {}", format_number(scene.sigma().get(), 4))
    })
}

/// Says in a corner that the picture is outdated, a preview, or does not show all points.
pub(super) fn overlay_ui(ui: &Ui, state: &State, plot: &PlotState, stale: Option<String>) {
    let Some(scene) = &state.scene else { return };
    let outside = scene.shown.outside();
    let mut lines: Vec<String> = stale.into_iter().collect();
    if !scene.is_complete() {
        lines.push(format!("Preview: {:.0} % of the sources", 100.0 * scene.completeness));
    }
    if let Some(part) = plot.part_drawn() {
        let [shown, n] = part.map(|count| format_number(count as f64, 12));
        lines.push(format!("{shown} of {n} targets drawn"));
    }
    if lines.is_empty() && plot.viewport == Viewport::Home && outside > 0 {
        let lie = if outside == 1 { "target lies" } else { "targets lie" };
        let count = format_number(outside as f64, 12);
        lines.push(format!("{count} {lie} outside: press A to see all"));
    }
    if lines.is_empty() {
        return;
    }
    let text = lines.join("\n");
    let font = egui::TextStyle::Body.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(text, font, ui.visuals().text_color());
    // Inside the plot, below the density that may stand above it.
    let frame = if plot.frame.is_positive() { plot.frame } else { ui.max_rect() };
    let mut corner = frame.right_top() + egui::vec2(-galley.size().x - 24.0, 8.0);
    // In a narrow plot below the tools and what is said of a selection, which begin on the left.
    if corner.x < frame.left() + TOOLS {
        corner.y += 64.0;
    }
    let rect = egui::Rect::from_min_size(corner, galley.size() + egui::vec2(16.0, 8.0));
    let fill = ui.visuals().window_fill.gamma_multiply(0.92);
    let stroke = ui.visuals().window_stroke;
    ui.painter().rect(rect, 4.0, fill, stroke, egui::StrokeKind::Inside);
    ui.painter().galley(corner + egui::vec2(8.0, 4.0), galley, ui.visuals().text_color());
}

/// Says what will happen to files that hover over the window.
pub(super) fn drop_hint(ctx: &Context) {
    let hovered = ctx.input(|i| {
        let name = |path: &Path| escaped(&path.file_name().unwrap_or_default().to_string_lossy());
        let files = i.raw.hovered_files.iter();
        files.map(|file| file.path.as_deref().map(name).unwrap_or_default()).collect::<Vec<_>>()
    });
    if hovered.is_empty() {
        return;
    }
    let text = match hovered.as_slice() {
        [one] => format!("Drop to open {one}"),
        [targets, sources, ..] => format!("Drop to open {targets} against {sources}"),
        [] => return,
    };
    egui::Area::new(egui::Id::unique("drop"))
        .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
        .order(egui::Order::Foreground)
        .show(ctx, |ui| {
            Frame::popup(ui.style())
                .inner_margin(24.0)
                .show(ui, |ui| ui.label(RichText::new(text).size(20.0)));
        });
    ctx.request_repaint_after(Duration::from_millis(100));
}
