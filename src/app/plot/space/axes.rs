//! Draws the box of axes around targets in space: lines and grid under the dots, numbers and names outside.

use eframe::egui::{Align2, FontId, Painter, Pos2, Rect, Stroke, pos2};

use crate::{
    app::style::color,
    figure::{Palette, SpaceBox},
    space::Segment,
};

fn place(frame: Rect, [x, y]: [f64; 2]) -> Pos2 {
    pos2(frame.left() + x as f32, frame.top() + y as f32)
}

/// Draws the faces behind the dots.
pub(super) fn faces_ui(painter: &Painter, found: &SpaceBox, frame: Rect, dark: bool) {
    let palette = Palette::of(dark);
    let lines = |segments: &[Segment], stroke: Stroke| {
        for segment in segments {
            painter.line_segment(segment.map(|end| place(frame, end)), stroke);
        }
    };
    lines(&found.grid, Stroke::new(1.0, color(palette.grid)));
    lines(&found.edges, Stroke::new(1.0, color(palette.frame)));
}

/// Writes the numbers and names outside of the box.
pub(super) fn texts_ui(painter: &Painter, found: &SpaceBox, frame: Rect, dark: bool) {
    let palette = Palette::of(dark);
    for text in &found.texts {
        let ink = color(if text.is_name { palette.name } else { palette.note });
        let font = FontId::proportional(text.size as f32);
        let at = place(frame, text.middle);
        painter.text(at, Align2::CENTER_CENTER, &text.text, font, ink);
    }
}
