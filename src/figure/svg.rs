//! The decorations of a figure as SVG: grid, frame, ticks, texts and colour bar.
//!
//! Coordinates are device pixels. Lines are filled rectangles on whole pixels, and the colour bar
//! is one rectangle for each run of rows with the same colour, so that nothing is blurred. There is
//! no background and nothing but the grid inside the plot: the points go on top of it.

use std::fmt::Write as _;

use super::fonts::{self, FAMILY, Run};
use super::layout::{Anchor, ColorBar, Label, Layout, Rect};
use super::palette::Palette;
use super::text_line::Place;
use super::{FigureSpec, marginals, text};

/// The decorations of `spec` where `layout` puts them, as one SVG document.
pub fn svg(spec: &FigureSpec, layout: &Layout) -> String {
    document(spec, layout, |_| ())
}

/// The same with what `draw` appends between the frame and the texts.
pub(super) fn document(
    spec: &FigureSpec,
    layout: &Layout,
    draw: impl FnOnce(&mut String),
) -> String {
    let palette = Palette::of_figure(spec);
    let [width, height] = layout.size;
    let [logical_width, logical_height] = layout.size.map(|pixels| pixels as f64 / layout.unit);
    let mut out = String::with_capacity(32 * 1024);
    out.push_str(r#"<svg xmlns="http://www.w3.org/2000/svg""#);
    put(
        &mut out,
        format_args!(
            " width=\"{logical_width}\" height=\"{logical_height}\" \
             viewBox=\"0 0 {width} {height}\">\n"
        ),
    );
    if spec.style.grid {
        group(&mut out, "grid", palette.grid, &grid(layout));
    }
    if let Some(space) = &spec.space {
        space.draw_lines(&mut out, layout, &palette);
    }
    if let Some(bar) = &layout.bar {
        color_bar(&mut out, &spec.lut, bar);
    }
    if layout.framed || !layout.panels.is_empty() {
        group(&mut out, "frame", palette.frame, &frame(spec, layout));
    }
    if !layout.legend.is_empty() {
        out.push_str("<g id=\"legend\">\n");
        for (Rect { x, y, width, height }, [r, g, b, _]) in &layout.legend {
            let radius = 0.5 * f64::from(*width);
            let (x, y) = (f64::from(*x) + radius, f64::from(*y) + 0.5 * f64::from(*height));
            let fill = hex([*r, *g, *b]);
            put(
                &mut out,
                format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\"/>\n"),
            );
        }
        out.push_str("</g>\n");
    }
    if let Some(curves) = &spec.marginals {
        marginals::draw(&mut out, curves, layout, spec.style.strip, palette.title);
    }
    draw(&mut out);
    put(&mut out, format_args!("<g id=\"text\" font-family=\"{FAMILY}\" font-weight=\"300\">\n"));
    for label in &layout.labels {
        text_element(&mut out, label, &palette, spec.style.heavier);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// Grid lines across the plot at the ticks; those on the frame are left out.
fn grid(layout: &Layout) -> Vec<Rect> {
    let Layout { plot, line, .. } = layout;
    let inside = |start: u32, from: u32, length: u32| start > from && start + line < from + length;
    let mut lines = Vec::new();
    for start in layout.x_ticks.iter().map(|mark| layout.line_start(mark.position)) {
        if inside(start, plot.x, plot.width) {
            lines.push(Rect { x: start, width: *line, ..*plot });
        }
    }
    for start in layout.y_ticks.iter().map(|mark| layout.line_start(mark.position)) {
        if inside(start, plot.y, plot.height) {
            lines.push(Rect { y: start, height: *line, ..*plot });
        }
    }
    lines
}

/// The tick marks of the axes where they stand in the plot, above what it shows.
pub(super) fn inner_ticks(layout: &Layout) -> Vec<Rect> {
    let Layout { plot, line, tick, minor_tick: [minor_line, minor_tick], .. } = layout;
    let (right, bottom) = (plot.x + plot.width, plot.y + plot.height);
    let mut rects = Vec::new();
    let mut marks = |axis: usize, position: f64, [line, length]: [u32; 2]| {
        let length = length.min(plot.width / 4).min(plot.height / 4).max(1);
        let start = (position - 0.5 * f64::from(line)).round().max(0.0) as u32;
        if axis == 0 {
            let x = start.clamp(plot.x, right.saturating_sub(line).max(plot.x));
            rects.push(Rect { x, y: plot.y, width: line, height: length });
            rects.push(Rect { x, y: bottom - length, width: line, height: length });
        } else {
            let y = start.clamp(plot.y, bottom.saturating_sub(line).max(plot.y));
            rects.push(Rect { x: plot.x, y, width: length, height: line });
            rects.push(Rect { x: right - length, y, width: length, height: line });
        }
    };
    for (axis, ticks) in [&layout.x_ticks, &layout.y_ticks].into_iter().enumerate() {
        for mark in ticks {
            marks(axis, mark.position, [*line, *tick]);
        }
        for position in &layout.minor[axis] {
            marks(axis, *position, [*minor_line, *minor_tick]);
        }
    }
    rects
}

/// The frame just outside the plot, and the tick marks just outside the frame.
fn frame(spec: &FigureSpec, layout: &Layout) -> Vec<Rect> {
    let Layout { plot, line, tick, bar, .. } = layout;
    let (line, tick) = (*line, *tick);
    let mut rects = Vec::new();
    let mut outline = |rect: &Rect| {
        let Rect { x, y, width, height } = *rect;
        let (left, top) = (x.saturating_sub(line), y.saturating_sub(line));
        let across = width + (x - left) + line;
        rects.push(Rect { x: left, y: top, width: across, height: y - top });
        rects.push(Rect { x: left, y: y + height, width: across, height: line });
        rects.push(Rect { x: left, y, width: x - left, height });
        rects.push(Rect { x: x + width, y, width: line, height });
    };
    if layout.framed && spec.style.frame {
        outline(plot);
        if let Some(bar) = bar {
            outline(&bar.rect);
        }
    }
    for panel in &layout.panels {
        outline(&panel.rect);
        if panel.is_present {
            // Twice as thick.
            let Rect { x, y, width, height } = panel.rect;
            let by = line.min(x).min(y);
            let wider =
                Rect { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
            outline(&wider);
        }
    }
    let below = plot.y + plot.height + line;
    let outside = !spec.style.inward;
    for mark in layout.x_ticks.iter().filter(|_| outside) {
        let x = layout.line_start(mark.position).clamp(plot.x, plot.x + plot.width);
        rects.push(Rect { x, y: below, width: line, height: tick });
    }
    let left = plot.x.saturating_sub(line);
    for mark in layout.y_ticks.iter().filter(|_| outside) {
        let y = layout.line_start(mark.position).clamp(plot.y, plot.y + plot.height);
        let start = left.saturating_sub(tick);
        rects.push(Rect { x: start, y, width: left - start, height: line });
    }
    if let Some(ColorBar { rect, marks }) = bar {
        for mark in marks {
            let y = layout.line_start(mark.position).clamp(rect.y, rect.y + rect.height);
            if spec.style.inward {
                let y = y.min((rect.y + rect.height).saturating_sub(line)).max(rect.y);
                let length = tick.min(rect.width / 3).max(1);
                let x = rect.x + rect.width - length;
                rects.push(Rect { x, y, width: length, height: line });
            } else {
                rects.push(Rect { x: rect.x + rect.width + line, y, width: tick, height: line });
            }
        }
    }
    rects
}

pub(super) fn group(out: &mut String, id: &str, color: [u8; 3], rects: &[Rect]) {
    put(out, format_args!("<g id=\"{id}\" fill=\"{}\">\n", hex(color)));
    for Rect { x, y, width, height } in rects {
        put(
            out,
            format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>\n"),
        );
    }
    out.push_str("</g>\n");
}

fn color_bar(out: &mut String, lut: &[[u8; 4]; 256], bar: &ColorBar) {
    let Rect { x, y, width, height } = bar.rect;
    out.push_str("<g id=\"colour-bar\" shape-rendering=\"crispEdges\">\n");
    let mut row = 0;
    while row < height {
        let entry = bar.entry_of_row(row);
        let start = row;
        while row < height && bar.entry_of_row(row) == entry {
            row += 1;
        }
        let [r, g, b, _] = lut[entry];
        put(
            out,
            format_args!(
                "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{}\" fill=\"{}\"/>\n",
                y + start,
                // Down to the end, below the next ones: between neighbours no background shines through.
                height - start,
                hex([r, g, b])
            ),
        );
    }
    out.push_str("</g>\n");
}

/// Appends a text, with a line around its letters of `heavier` sizes of the text: small text in Ubuntu Light needs
/// it. What several fonts set is several elements: readers take the fonts of one for all of it.
pub(super) fn text_element(out: &mut String, label: &Label, palette: &Palette, heavier: f64) {
    let Label { text: line, position: [x, y], size, anchor, turned, role } = label;
    let fill = hex(palette.text(*role));
    let parts: Vec<(Run, Place)> = line
        .pieces()
        .iter()
        .flat_map(|piece| fonts::runs(&piece.text).into_iter().map(|run| (run, piece.place)))
        .collect();
    let open = |out: &mut String, [at_x, at_y]: [f64; 2], size: f64, anchor: Anchor, more: &str| {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        put(
            out,
            format_args!(
                "<text x=\"{at_x:.2}\" y=\"{at_y:.2}\" font-size=\"{size:.2}\" \
                 text-anchor=\"{anchor}\" fill=\"{fill}\" \
                 stroke=\"{fill}\" stroke-width=\"{:.2}\"{more}",
                size * heavier
            ),
        );
        if *turned {
            put(out, format_args!(" transform=\"rotate(-90 {x:.2} {y:.2})\""));
        }
        out.push('>');
    };
    if parts.iter().all(|(run, _)| run.font == 0) {
        let more = if parts.len() > 1 { " xml:space=\"preserve\"" } else { "" };
        open(out, [*x, *y], *size, *anchor, more);
        let mut risen = 0.0;
        for (run, place) in &parts {
            let said = text::escape(&run.text);
            let [small, rise] = place.size_and_rise();
            if *place == Place::Line && risen == 0.0 {
                out.push_str(&said);
            } else {
                let (down, small) = (size * (risen - rise), size * small);
                put(
                    out,
                    format_args!("<tspan dy=\"{down:.2}\" font-size=\"{small:.2}\">{said}</tspan>"),
                );
            }
            risen = rise;
        }
        out.push_str("</text>\n");
        return;
    }
    let sizes = |place: &Place| place.size_and_rise().map(|part| part * size);
    let widths: Vec<f64> =
        parts.iter().map(|(run, place)| text::run_width(run, sizes(place)[0])).collect();
    let whole: f64 = widths.iter().sum();
    let mut start = match anchor {
        Anchor::Start => *x,
        Anchor::Middle => x - 0.5 * whole,
        Anchor::End => x - whole,
    };
    for ((run, place), width) in parts.iter().zip(widths) {
        let [small, rise] = sizes(place);
        let family = fonts::family(run.font);
        let more = format!(" xml:space=\"preserve\" font-family=\"{family}\"");
        open(out, [start, y - rise], small, Anchor::Start, &more);
        out.push_str(&text::escape(&run.text));
        out.push_str("</text>\n");
        start += width;
    }
}

/// A colour as SVG writes it.
pub(super) fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Appends to a document, which cannot fail.
pub(super) fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes whatever is written to it");
}
