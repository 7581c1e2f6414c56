//! A row of small plots below the plot, in the same colours and the same view, each with its name above it.
//!
//! ```text
//!   ┌──────────────────────────────┐ ┌─┐
//!   │             plot             │ │ │
//!   └──────────────────────────────┘ └─┘
//!    σ = 0.1   σ = 0.2   σ = 0.4
//!   ┌───────┐ ┌───────┐ ┌───────┐
//!   └───────┘ └───────┘ └───────┘
//! ```

use super::{
    FigureSpec, ViewBox, axis,
    decorations::padding,
    layout::{Anchor, Label, Layout, Rect},
    palette::TextRole,
    text,
};

/// Height of a panel in its widths, and the most of the picture's height.
const SHAPE: f64 = 0.72;
const MOST: f64 = 0.18;
/// The most of its width in its heights.
const WIDEST: f64 = 1.8;
/// Below this width in logical pixels a panel shows nothing.
const LEAST: f64 = 24.0;

/// A small plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelSpec {
    /// What stands above it.
    pub name: String,
    /// Whether it shows what the plot shows.
    pub is_present: bool,
}

/// Where a small plot is.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Where the points go.
    pub rect: Rect,
    /// The range of the data that fills it exactly.
    pub view: ViewBox,
    /// Whether it shows what the plot shows.
    pub is_present: bool,
}

/// Width and height of a panel in logical pixels, if there is room for them.
fn side(spec: &FigureSpec, logical: [f64; 2]) -> Option<[f64; 2]> {
    let count = spec.panels.len() as f64;
    let gaps = gap(spec) * (count - 1.0) + 2.0 * padding(spec, logical);
    let width = (logical[0] - gaps) / count.max(1.0);
    let height = (SHAPE * width).min(MOST * logical[1]);
    // A few are not stretched over the whole picture.
    let width = width.min(WIDEST * height);
    (count > 0.0 && width >= LEAST && height >= LEAST).then_some([width, height])
}

fn gap(spec: &FigureSpec) -> f64 {
    spec.style.number * 0.7
}

/// Room that the row takes at the bottom of the picture, in logical pixels.
pub(super) fn room(spec: &FigureSpec, logical: [f64; 2]) -> f64 {
    let names = spec.style.number * text::LINE + spec.style.tick_gap;
    side(spec, logical).map_or(0.0, |[_, height]| height + names + gap(spec))
}

/// Whether there are panels that have no room.
pub(super) fn has_no_room(spec: &FigureSpec, logical: [f64; 2]) -> bool {
    !spec.panels.is_empty() && side(spec, logical).is_none()
}

impl Layout {
    /// Places the panels.
    pub(super) fn place_panels(&mut self, spec: &FigureSpec) {
        let logical = self.size.map(|pixels| f64::from(pixels) / self.unit);
        let Some([width, height]) = side(spec, logical) else { return };
        let pixels = |length: f64| (length * self.unit).round().max(1.0) as u32;
        let y = pixels(logical[1] - padding(spec, logical) - height);
        let row = spec.panels.len() as f64 * (width + gap(spec)) - gap(spec);
        let left = 0.5 * (logical[0] - row);
        let place = |(k, panel): (usize, &PanelSpec)| {
            let x = pixels(left + k as f64 * (width + gap(spec)));
            let rect = Rect { x, y, width: pixels(width), height: pixels(height) };
            let extent = [rect.width, rect.height].map(f64::from);
            let view = axis::fill(self.view, extent, spec.equal_aspect);
            Panel { rect, view, is_present: panel.is_present }
        };
        self.panels = spec.panels.iter().enumerate().map(place).collect();
    }

    /// The names of the panels.
    pub(super) fn panel_names(&self, spec: &FigureSpec) -> Vec<Label> {
        let size = spec.style.number * self.unit;
        let above = spec.style.tick_gap * self.unit;
        let name = |(panel, spec): (&Panel, &PanelSpec)| {
            let Rect { x, y, width, .. } = panel.rect;
            let role = if panel.is_present { TextRole::Name } else { TextRole::Note };
            let text = text::fit(&spec.name, size, f64::from(width));
            let position =
                [f64::from(x) + 0.5 * f64::from(width), f64::from(y) - above - 0.25 * size];
            Label::new(text, position, size, Anchor::Middle, role)
        };
        self.panels.iter().zip(&spec.panels).map(name).collect()
    }

    /// The same layout whose plot is one of the panels.
    #[must_use]
    pub fn of_panel(&self, panel: &Panel) -> Self {
        Self { plot: panel.rect, view: panel.view, panels: Vec::new(), ..self.clone() }
    }
}
