//! Title and subtitle: two lines above the plot, starting where the plot starts.

use super::layout::{Anchor, Label};
use super::palette::TextRole;
use super::{FigureSpec, text};

/// Size of the title, in logical pixels.
pub(super) const TITLE: f64 = 16.0;
/// Size of the subtitle, in logical pixels.
pub(super) const SUBTITLE: f64 = 12.5;

/// Which of the two lines a figure has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub title: bool,
    pub subtitle: bool,
}

impl Lines {
    /// Height of the lines and of the gap below them, in logical pixels.
    pub(super) fn height(self) -> f64 {
        const GAP: f64 = 12.0;
        let title = if self.title { TITLE * text::LINE } else { 0.0 };
        let subtitle = if self.subtitle { SUBTITLE * text::LINE + 2.0 } else { 0.0 };
        if title + subtitle > 0.0 { title + subtitle + GAP } else { 0.0 }
    }

    /// The lines themselves, in device pixels: from `left` on, at most `width` long.
    ///
    /// A long title is set a little smaller before it is cut.
    pub(super) fn labels(
        self,
        spec: &FigureSpec,
        unit: f64,
        [left, top, width]: [f64; 3],
    ) -> Vec<Label> {
        const SMALLER: f64 = 13.0;
        const ASCENT: f64 = 0.95;
        let mut labels = Vec::new();
        let mut line_top = top;
        let mut push = |content: &str, size: f64, role: TextRole| {
            let content = text::fit(content, size * unit, width);
            if !content.is_empty() {
                let y = line_top + size * ASCENT * unit;
                let label = Label::new(content, [left, y], size * unit, Anchor::Start, role);
                labels.push(label);
            }
            line_top += size * text::LINE * unit + 2.0 * unit;
        };
        if self.title {
            let fits = text::width(&text::fit(&spec.title, TITLE, f64::INFINITY), TITLE * unit);
            let size = (TITLE * width / fits.max(1.0)).clamp(SMALLER, TITLE);
            push(&spec.title, size, TextRole::Title);
        }
        if self.subtitle {
            push(&spec.subtitle, SUBTITLE, TextRole::Note);
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_takes_no_room() {
        assert_eq!(Lines { title: false, subtitle: false }.height().to_bits(), 0.0f64.to_bits());
        let one = Lines { title: true, subtitle: false }.height();
        assert!(one < Lines { title: true, subtitle: true }.height());
    }
}
