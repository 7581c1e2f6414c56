//! Layout of a figure: the place of every element, in device pixels.
//!
//! ```text
//!   ┌──────────────────────────────────────────┐
//!   │      title                               │
//!   │      subtitle                            │
//!   │ y   ┌───────────────────────┐  ┌─┐     v │
//!   │ l 2 ┤                       │  │ ├ 0.4 a │
//!   │ a   │         plot          │  │ │     l │
//!   │ b 1 ┤                       │  │ ├ 0.2 u │
//!   │ e   └──┬───────┬───────┬────┘  └─┘     e │
//!   │ l      0       1       2                 │
//!   │             x label                      │
//!   └──────────────────────────────────────────┘
//! ```
//!
//! The width of the numbers decides the size of the plot, and the size of the plot decides which
//! numbers there are. Both are worked out in turns until they agree; margins only grow, so this ends.
//! Which decorations there are is decided in [`super::decorations`].

use super::decorations::{Decorations, Margins, Widths, padding, strip};
use super::palette::TextRole;
use super::panels::Panel;
use super::style::Style;
use super::text_line::TextLine;
use super::{FigureSpec, ViewBox, axis, fonts, panels, text};
use crate::{color::Tick, escape::escaped};

/// A rectangle of whole device pixels, from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// The left edge.
    pub x: u32,
    /// The top edge.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// A tick in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its place along its axis, in device pixels of the picture.
    pub position: f64,
    /// Its value and label.
    pub tick: Tick,
}

/// The colour bar, its highest value at the top.
#[derive(Clone, Debug, PartialEq)]
pub struct ColorBar {
    /// Where the colours are.
    pub rect: Rect,
    /// Its ticks.
    pub marks: Vec<Mark>,
}

impl ColorBar {
    /// The entry of the colour table that row `row` of the bar shows, row 0 at the top.
    pub fn entry_of_row(&self, row: u32) -> usize {
        let from_bottom = f64::from(self.rect.height - row.min(self.rect.height)) - 0.5;
        let t = (from_bottom / f64::from(self.rect.height.max(1))).clamp(0.0, 1.0);
        ((t * 256.0) as usize).min(255)
    }
}

/// Which end of a text is at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A text in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What it says.
    pub text: TextLine,
    /// Its anchor on the baseline, in device pixels.
    pub position: [f64; 2],
    /// The size of the text, in device pixels.
    pub size: f64,
    /// Which part of it is at its position.
    pub anchor: Anchor,
    /// Whether it runs from bottom to top.
    pub turned: bool,
    /// What it is for.
    pub role: TextRole,
}

impl Label {
    pub(super) fn new(
        text: impl Into<TextLine>,
        position: [f64; 2],
        size: f64,
        anchor: Anchor,
        role: TextRole,
    ) -> Self {
        Self { text: text.into(), position, size, anchor, turned: false, role }
    }

    pub(super) fn number(tick: &Tick, position: [f64; 2], size: f64, anchor: Anchor) -> Self {
        Self::new(text::typeset(&tick.label), position, size, anchor, TextRole::Note)
    }
}

/// Where everything goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Width and height of the picture in device pixels.
    pub size: [u32; 2],
    /// Device pixels per logical pixel.
    pub unit: f64,
    /// Where the points go.
    pub plot: Rect,
    /// The range of the data that fills the plot exactly.
    pub view: ViewBox,
    /// Whether there are a frame and tick marks; not in the smallest pictures.
    pub framed: bool,
    /// Ticks from left to right.
    pub x_ticks: Vec<Mark>,
    /// Ticks from bottom to top.
    pub y_ticks: Vec<Mark>,
    /// Places of ticks without numbers, from left to right and from bottom to top, in device pixels.
    pub minor: [Vec<f64>; 2],
    /// The colour bar, if there is room for it.
    pub bar: Option<ColorBar>,
    /// The spots of the legend of categories with their colours, if there is one and room for it.
    pub legend: Vec<(Rect, [u8; 4])>,
    /// Small plots below the plot.
    pub panels: Vec<Panel>,
    /// All texts.
    pub labels: Vec<Label>,
    /// Thickness of lines in device pixels.
    pub line: u32,
    /// Length of tick marks in device pixels.
    pub tick: u32,
    /// Thickness and length of tick marks without numbers.
    pub minor_tick: [u32; 2],
    /// What is not as it was asked for, in words: cut texts, and parts without room.
    pub told: Vec<String>,
}

impl Layout {
    /// The first pixel of a line that is centred on `position`.
    pub(super) fn line_start(&self, position: f64) -> u32 {
        (position - 0.5 * f64::from(self.line)).round().max(0.0) as u32
    }
}

/// Lays out `spec`.
///
/// A size of zero counts as one pixel, and a scale that is no positive number as 1.
pub fn layout(spec: &FigureSpec) -> Layout {
    const TURNS: usize = 8;
    // Far more than can be drawn; sums of positions and lengths still fit in a u32.
    const LONGEST: f64 = 16_777_216.0;
    let unit = if spec.scale > 0.0 { f64::from(spec.scale).clamp(0.25, 16.0) } else { 1.0 };
    let size = spec.size.map(|logical| (logical * unit).round().clamp(1.0, LONGEST) as u32);
    let logical = size.map(|pixels| f64::from(pixels) / unit);
    let mut widths = Widths::default();
    let mut turn = 0;
    loop {
        let decorations = Decorations::choose(spec, logical, widths);
        let margins = decorations.margins(spec, logical, widths);
        let mut layout = place(spec, decorations, margins, size, unit);
        let found = layout.widths(spec.style.number);
        let wider = Widths {
            x: widths.x.max(found.x),
            y: widths.y.max(found.y),
            bar: widths.bar.max(found.bar),
        };
        turn += 1;
        if wider == widths || turn == TURNS {
            layout.told = decorations.left_out(spec);
            layout.place_panels(spec);
            if panels::has_no_room(spec, logical) {
                layout.told.push("the picture is too small for the strip".to_owned());
            }
            layout.write(spec, decorations);
            return layout;
        }
        widths = wider;
    }
}

/// Plot, view, ticks and colour bar; no text yet.
fn place(
    spec: &FigureSpec,
    decorations: Decorations,
    margins: Margins,
    size: [u32; 2],
    unit: f64,
) -> Layout {
    let style = &spec.style;
    let pixels = |length: f64| ((length * unit).round() as u32).max(1);
    let span = |before: f64, after: f64, whole: u32| {
        let start = ((before * unit).round().max(0.0) as u32).min(whole - 1);
        let end = (f64::from(whole) - (after * unit).round()).max(0.0) as u32;
        (start, end.saturating_sub(start).max(1))
    };
    let (x, width) = span(margins.left, margins.right, size[0]);
    let (y, height) = span(margins.top, margins.bottom, size[1]);
    let plot = Rect { x, y, width, height };
    let extent = [f64::from(width), f64::from(height)];
    let view = axis::fill(spec.view, extent, spec.equal_aspect);
    let mut layout = Layout {
        size,
        unit,
        plot,
        view,
        framed: decorations.numbers,
        x_ticks: Vec::new(),
        y_ticks: Vec::new(),
        bar: None,
        legend: Vec::new(),
        panels: Vec::new(),
        labels: Vec::new(),
        minor: Default::default(),
        line: pixels(style.line),
        tick: pixels(style.tick),
        minor_tick: [pixels(style.minor_line), pixels(style.minor_tick)],
        told: Vec::new(),
    };
    let bottom = f64::from(y + height);
    if decorations.numbers && spec.space.is_none() {
        let wish = axis::Wish {
            spacing: [style.spacing[0] * unit, style.spacing[1] * unit],
            size: style.number * unit,
            gap: style.number_gap * unit,
            logarithmic: spec.logarithmic,
            equal_aspect: spec.equal_aspect,
            few: style.few_numbers,
        };
        let [x_ticks, y_ticks] = axis::ticks(view, extent, &wish);
        if style.minor_tick > 0.0 {
            let [x_log, y_log] = spec.logarithmic;
            let across = axis::between(&x_ticks, view.x, x_log);
            let up = axis::between(&y_ticks, view.y, y_log);
            layout.minor = [
                across.map(|t| f64::from(x) + extent[0] * t).collect(),
                up.map(|t| bottom - extent[1] * t).collect(),
            ];
        }
        let place = |value| f64::from(x) + extent[0] * axis::fraction(value, view.x);
        layout.x_ticks = marks(x_ticks, place);
        let place = |value| bottom - extent[1] * axis::fraction(value, view.y);
        layout.y_ticks = marks(y_ticks, place);
    }
    if decorations.bar && !spec.legend.is_empty() {
        let left = (f64::from(x + width) + ((style.bar_gap + strip(spec)) * unit).round()) as u32;
        let side = (style.spot * unit).round().max(1.0) as u32;
        let row = style.legend_row * unit;
        let rows = (extent[1] / row) as usize;
        // Where not all fit, the last row says so.
        let rows = if rows < spec.legend.len() { rows.saturating_sub(1) } else { rows };
        let spots = spec.legend.iter().take(rows).enumerate().map(|(k, (color, _))| {
            let top = f64::from(y) + k as f64 * row + 0.5 * (row - f64::from(side));
            (Rect { x: left, y: top.round() as u32, width: side, height: side }, *color)
        });
        layout.legend = spots.collect();
    } else if decorations.bar {
        let left = f64::from(x + width) + ((style.bar_gap + strip(spec)) * unit).round();
        let rect = Rect { x: left as u32, y, width: pixels(style.bar), height };
        let count = axis::count(extent[1], style.spacing[2] * unit);
        let scale = &spec.scale_of_values;
        let place = |value| bottom - extent[1] * f64::from(scale.normalise(value as f32));
        let marks = marks(scale.ticks(count), place);
        layout.bar = Some(ColorBar { rect, marks });
    }
    layout
}

fn marks(ticks: Vec<Tick>, place: impl Fn(f64) -> f64) -> Vec<Mark> {
    ticks.into_iter().map(|tick| Mark { position: place(tick.value), tick }).collect()
}

impl Layout {
    /// Tells which characters no font has.
    fn tell_missing(&mut self, spec: &FigureSpec) {
        let mut gone: Vec<char> =
            self.labels.iter().flat_map(|l| fonts::missing(&l.text.plain())).collect();
        gone.extend(
            spec.space
                .iter()
                .flat_map(|space| &space.texts)
                .flat_map(|text| fonts::missing(&text.text)),
        );
        gone.extend(
            spec.split.iter().flat_map(|split| &split.names).flat_map(|name| fonts::missing(name)),
        );
        let count = gone.len();
        gone.sort_unstable();
        gone.dedup();
        if count > 0 {
            let shown: Vec<String> = gone.iter().take(8).map(|c| escaped(&c.to_string())).collect();
            let more = if gone.len() > 8 { ", …" } else { "" };
            self.told.push(format!(
                "no font has {}{more}: {count} empty boxes stand for them",
                shown.join(", ")
            ));
        }
    }

    /// The widest numbers of each kind, in logical pixels.
    fn widths(&self, number: f64) -> Widths {
        let widest = |marks: &[Mark]| {
            marks.iter().map(|m| axis::number_width(&m.tick.label, number)).fold(0.0, f64::max)
        };
        Widths {
            x: widest(&self.x_ticks),
            y: widest(&self.y_ticks),
            bar: self.bar.as_ref().map_or(0.0, |bar| widest(&bar.marks)),
        }
    }

    /// Adds the texts.
    fn write(&mut self, spec: &FigureSpec, decorations: Decorations) {
        let Rect { x, y, width, height } = self.plot;
        let [left, top, right, bottom] = [x, y, x + width, y + height].map(f64::from);
        let [whole_width, whole_height] = self.size.map(f64::from);
        let unit = self.unit;
        let padding = padding(spec, [whole_width / unit, whole_height / unit]) * unit;
        let Style { number, name, tick_gap, legend, legend_row, .. } = spec.style;
        let (number, name) = (number * unit, name * unit);
        let outside = if spec.style.inward { spec.style.line } else { spec.style.tick };
        let beside = (outside + tick_gap) * unit;

        let room = whole_width - left - padding;
        let mut cut = Vec::new();
        let mut labels = decorations.lines.labels(spec, unit, [left, padding, room], &mut cut);
        let baseline = bottom + beside + number * 0.95;
        labels.extend(self.x_ticks.iter().map(|mark| {
            Label::number(&mark.tick, [mark.position, baseline], number, Anchor::Middle)
        }));
        labels.extend(self.y_ticks.iter().map(|mark| {
            let position = [left - beside, mark.position + number * text::MIDDLE];
            Label::number(&mark.tick, position, number, Anchor::End)
        }));
        if let Some(ColorBar { rect, marks }) = &self.bar {
            let start = f64::from(rect.x + rect.width) + beside;
            labels.extend(marks.iter().map(|mark| {
                let position = [start, mark.position + number * text::MIDDLE];
                Label::number(&mark.tick, position, number, Anchor::Start)
            }));
        }
        let start = |rect: &Rect| f64::from(rect.x + rect.width) + tick_gap * unit;
        labels.extend(self.legend.iter().zip(&spec.legend).map(|((rect, _), (_, name))| {
            let middle = f64::from(rect.y) + 0.5 * f64::from(rect.height);
            let position = [start(rect), middle + number * text::MIDDLE];
            let name = text::fit(name, number, legend * unit);
            Label::new(name, position, number, Anchor::Start, TextRole::Note)
        }));
        let left_out = spec.legend.len() - self.legend.len();
        if let Some((last, _)) = self.legend.last()
            && left_out > 0
        {
            let middle = f64::from(last.y) + 0.5 * f64::from(last.height) + legend_row * unit;
            let position = [f64::from(last.x), middle + number * text::MIDDLE];
            let text = format!("… and {left_out} more");
            labels.push(Label::new(text, position, number, Anchor::Start, TextRole::Note));
        }
        // A number at the very end of an axis that would reach beyond the picture is left out.
        labels.retain(|label| {
            let width = text::label_width(label);
            let start = match label.anchor {
                Anchor::Start => label.position[0],
                Anchor::Middle => label.position[0] - 0.5 * width,
                Anchor::End => label.position[0] - width,
            };
            start >= 0.0 && start + width <= whole_width
        });

        let mut named = |content: &TextLine, position: [f64; 2], room: f64, turned: bool| {
            let text = text::fit_line(content, name, room);
            if text != content.trimmed() {
                let content = content.plain();
                cut.push(format!("the name '{content}' is too long for its axis and cut"));
            }
            if !text.is_empty() {
                let label = Label::new(text, position, name, Anchor::Middle, TextRole::Name);
                labels.push(Label { turned, ..label });
            }
        };
        let (middle_x, middle_y) = (0.5 * (left + right), 0.5 * (top + bottom));
        // A turned text has its descenders on the right of its baseline.
        let turned_at = |edge: f64| edge + name * 0.95;
        if decorations.names {
            let row = panels::room(spec, [whole_width / unit, whole_height / unit]) * unit;
            let baseline = whole_height - padding - row - name * 0.3;
            named(&spec.x_label, [middle_x, baseline], right - left, false);
            named(&spec.y_label, [turned_at(padding), middle_y], bottom - top, true);
        }
        if decorations.bar && decorations.value_name {
            let edge = whole_width - padding - name * text::LINE;
            named(
                &spec.value_label.as_str().into(),
                [turned_at(edge), middle_y],
                bottom - top,
                true,
            );
        }
        labels.extend(self.panel_names(spec));
        self.labels = labels;
        self.told.append(&mut cut);
        self.tell_missing(spec);
    }
}
