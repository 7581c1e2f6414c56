//! Bars: the time of each engine that was measured, on a logarithmic axis.
//!
//! Painted by hand rather than by `egui_plot`, so that the bars are aligned with the table above
//! and use its fonts. All bars begin at the left edge, at a power of ten below the shortest time.

use eframe::egui::{
    Align2, Color32, FontId, Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use super::{short_si, table::ENGINE};
use crate::{
    app::style::{accent, color},
    color::log_ticks,
    figure::Palette,
    numbers::format_si,
    session::{Comparison, comparison::Progress},
};

/// Height of a bar, in logical pixels.
const BAR: f32 = 14.0;
/// Distance from one bar to the next, in logical pixels.
const STEP: f32 = 22.0;
/// Room for the title above the bars, in logical pixels.
const HEAD: f32 = 28.0;
/// Room for the ticks below the bars, in logical pixels.
const FOOT: f32 = 22.0;
/// Room for the time to the right of the longest bar, in logical pixels.
const TAIL: f32 = 64.0;

/// A logarithmic axis over a range of pixels.
#[derive(Clone, Copy, Debug)]
struct TimeAxis {
    low: f64,
    high: f64,
    left: f32,
    right: f32,
}

impl TimeAxis {
    /// From the power of ten below the shortest time to the longest time.
    fn over(seconds: &[f64], left: f32, right: f32) -> Self {
        let least = seconds.iter().copied().fold(f64::INFINITY, f64::min);
        let most = seconds.iter().copied().fold(0.0, f64::max);
        // The shortest bar is long enough to be seen.
        let low = 10_f64.powf((least.log10() - 0.15).floor());
        Self { low, high: most.max(10.0 * low), left, right }
    }

    fn at(&self, seconds: f64) -> f32 {
        let part = (seconds / self.low).log10() / (self.high / self.low).log10();
        self.left + (self.right - self.left) * part as f32
    }
}

/// Draws the bars of what was measured, if anything was.
pub(super) fn chart_ui(ui: &mut Ui, comparison: &Comparison) -> Option<Response> {
    let rows = comparison.rows.iter();
    let bars: Vec<(&str, f64)> = rows
        .filter_map(|row| match &row.progress {
            Progress::Timed(timing) => Some((row.engine.label(), timing.seconds)),
            _ => None,
        })
        .collect();
    if bars.is_empty() {
        return None;
    }
    let seconds: Vec<f64> = bars.iter().map(|(_, seconds)| *seconds).collect();
    let height = HEAD + STEP * bars.len() as f32 + FOOT;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let told: Vec<String> =
        bars.iter().map(|(name, seconds)| format!("{name} {}", short_si(*seconds, "s"))).collect();
    response.widget_info(|| {
        let text = format!("Bar chart of the time of one sum: {}", told.join("; "));
        WidgetInfo::labeled(Role::Image, true, text)
    });

    let dark = ui.visuals().dark_mode;
    let palette = Palette::of(dark);
    let painter = ui.painter();
    let text = ui.visuals().text_color();
    let body = TextStyle::Body.resolve(ui.style());
    let small = TextStyle::Small.resolve(ui.style());
    let left = rect.left() + 6.0 + ENGINE;
    let axis = TimeAxis::over(&seconds, left, rect.right() - TAIL);
    let [top, bottom] = [rect.top() + HEAD, rect.bottom() - FOOT];
    let write = |x: f32, y: f32, align: Align2, words: &str, font: &FontId, color: Color32| {
        painter.text(pos2(x, y), align, words, font.clone(), color);
    };
    write(
        rect.left() + 6.0,
        rect.top() + 4.0,
        Align2::LEFT_TOP,
        "Time of one sum, logarithmic: shorter is faster",
        &small,
        ui.visuals().weak_text_color(),
    );
    for tick in log_ticks(axis.low, axis.high, 9) {
        let x = axis.at(tick.value).round() + 0.5;
        let strong = if dark { Color32::from_gray(64) } else { Color32::from_gray(206) };
        painter.vline(x, top..=bottom + 4.0, (1.0, strong));
        let words = short_si(tick.value, "s");
        write(x, bottom + 6.0, Align2::CENTER_TOP, &words, &small, color(palette.note));
    }
    let fastest = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    for (k, (name, seconds)) in bars.iter().enumerate() {
        let middle = top + STEP * (k as f32 + 0.5);
        write(rect.left() + 6.0, middle, Align2::LEFT_CENTER, name, &body, text);
        let end = axis.at(*seconds);
        let bar = Rect::from_x_y_ranges(left..=end, middle - BAR / 2.0..=middle + BAR / 2.0);
        let part = if *seconds <= fastest { 1.0 } else { 0.6 };
        let fill = ui.visuals().window_fill.lerp_to_gamma(accent(dark), part);
        painter.rect_filled(bar, 3.0, fill);
        let words = painter.layout_no_wrap(format_si(*seconds, "s"), body.clone(), text);
        let place = pos2(end + 6.0, middle - 0.5 * words.size().y);
        // No line of the axis runs through the number.
        let around = Rect::from_min_size(place, words.size()).expand2(vec2(3.0, -2.0));
        painter.rect_filled(around, 0.0, ui.visuals().window_fill);
        painter.galley(place, words, text);
    }
    painter.vline(left.round() + 0.5, top..=bottom + 4.0, (1.0, color(palette.frame)));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_can_be_seen_and_keeps_its_place() {
        for seconds in [vec![1e-3], vec![1e-3, 2e-3], vec![9.99e-6, 1.0, 40_000.0], vec![1e-9; 3]] {
            let axis = TimeAxis::over(&seconds, 100.0, 500.0);
            for s in &seconds {
                let x = axis.at(*s);
                assert!((105.0..=500.01).contains(&x), "{s} at {x}");
            }
            assert!(axis.at(seconds[0]) <= axis.at(seconds[seconds.len() - 1]));
            assert!(!log_ticks(axis.low, axis.high, 9).is_empty());
        }
    }
}
