//! Title and subtitle: lines above the plot, starting where the plot starts.

use super::layout::{Anchor, Label};
use super::palette::TextRole;
use super::style::Style;
use super::text_line::TextLine;
use super::{FigureSpec, text};

/// The most lines that a subtitle may take.
const MOST_LINES: usize = 4;
/// What stands between the parts of a subtitle.
const BETWEEN: &str = "  ·  ";

/// Which lines a figure has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub title: bool,
    /// Number of lines of the subtitle.
    pub subtitle: usize,
}

impl Lines {
    /// Height of the lines and of the gap below them, in logical pixels.
    pub(super) fn height(self, style: &Style) -> f64 {
        let title = if self.title { style.title * text::LINE } else { 0.0 };
        let subtitle = if self.subtitle > 0 {
            (style.subtitle * text::LINE + 2.0) * self.subtitle as f64
        } else {
            0.0
        };
        if title + subtitle > 0.0 { title + subtitle + style.title_gap } else { 0.0 }
    }

    /// The lines themselves, in device pixels: from `left` on, at most `width` long. What of them is cut is
    /// added to `cut`.
    ///
    /// A long title is set a little smaller before it is cut.
    pub(super) fn labels(
        self,
        spec: &FigureSpec,
        unit: f64,
        [left, top, width]: [f64; 3],
        cut: &mut Vec<String>,
    ) -> Vec<Label> {
        const SMALLER: f64 = 0.8;
        const ASCENT: f64 = 0.95;
        let mut labels = Vec::new();
        let mut line_top = top;
        let mut push = |content: &TextLine, size: f64, role: TextRole| {
            let content = text::fit_line(content, size * unit, width);
            if !content.is_empty() {
                let y = line_top + size * ASCENT * unit;
                let label =
                    Label::new(content.clone(), [left, y], size * unit, Anchor::Start, role);
                labels.push(label);
            }
            line_top += size * text::LINE * unit + 2.0 * unit;
            content
        };
        let Style { title, subtitle, .. } = spec.style;
        if self.title {
            let whole = text::fit_line(&spec.title, title, f64::INFINITY);
            let fits = text::line_width(&whole, title * unit);
            let size = (title * width / fits.max(1.0)).clamp(SMALLER * title, title);
            if push(&spec.title, size, TextRole::Title) != spec.title.trimmed() {
                cut.push("the title is too long for the picture and cut".to_owned());
            }
        }
        if self.subtitle > 0 {
            let lines = wrapped(&spec.subtitle, subtitle, width / unit);
            let last = self.subtitle.min(lines.len()).saturating_sub(1);
            let mut is_cut = false;
            for (k, line) in lines.iter().take(last + 1).enumerate() {
                // What has no line of its own is in the last one, as far as it fits.
                let line = if k == last { lines[k..].join(BETWEEN) } else { line.clone() };
                let line = TextLine::from(line.trim());
                is_cut |= push(&line, subtitle, TextRole::Note) != line;
            }
            if is_cut {
                cut.push(
                    "the lines below the title are too long for the picture and cut".to_owned(),
                );
            }
        }
        labels
    }
}

/// A subtitle in lines of at most `width`, broken between its parts, else between words; the last of them holds
/// what is left.
pub(super) fn wrapped(subtitle: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = subtitle.trim();
    while !rest.is_empty() {
        if lines.len() + 1 == MOST_LINES || text::width(rest, size) <= width {
            lines.push(rest.to_owned());
            break;
        }
        let end = last_break(rest, BETWEEN, size, width)
            .or_else(|| last_break(rest, " ", size, width))
            .unwrap_or(rest.len());
        lines.push(rest[..end].trim().to_owned());
        rest = rest[end..].trim().trim_start_matches('·').trim_start();
    }
    lines
}

/// The last place before `between` up to which `text` fits.
fn last_break(text: &str, between: &str, size: f64, width: f64) -> Option<usize> {
    let mut found = None;
    for (at, _) in text.match_indices(between).filter(|(at, _)| *at > 0) {
        if text::width(&text[..at], size) > width {
            break;
        }
        found = Some(at);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_takes_no_room() {
        let height = |title, subtitle| Lines { title, subtitle }.height(&Style::SCREEN);
        assert_eq!(height(false, 0).to_bits(), 0.0f64.to_bits());
        assert!(height(true, 0) < height(true, 1));
        assert!(height(true, 1) < height(true, 2));
    }

    #[test]
    fn a_long_subtitle_is_broken_between_its_parts() {
        let parts = ["one part of it", "another that is longer", "the third", "and a last one"];
        let lines = wrapped(&parts.join(BETWEEN), 12.0, 190.0);
        assert!(lines.len() > 1 && lines.len() <= MOST_LINES, "{lines:?}");
        let again: Vec<&str> = lines.iter().flat_map(|line| line.split(BETWEEN)).collect();
        assert_eq!(again, parts);
        assert_eq!(wrapped("", 12.0, 100.0), Vec::<String>::new());
        assert_eq!(wrapped(&"m".repeat(500), 12.0, 100.0).len(), 1);
    }
}
