//! Lines with labels on them, as SVG: contours around parts of a mass, alone or over dots.

use std::fmt::Write as _;

use super::{
    FigureSpec, Layout, fonts,
    line_label::straightest,
    palette::Palette,
    style::Style,
    svg::{self, document, hex, inner_ticks, put},
    text,
};

/// Lines of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// What is written on the longest of them.
    pub label: String,
    /// Their colour, sRGB.
    pub color: [u8; 3],
    /// Their corners in the units of the plot.
    pub lines: Vec<Vec<[f64; 2]>>,
}

/// The decorations of `spec` on its background, and its outlines in the plot.
pub fn outlines_svg(spec: &FigureSpec, layout: &Layout) -> String {
    let background = hex(Palette::of_figure(spec).background);
    let mut drawn = document(spec, layout, |out| group(out, spec, layout));
    // Below all others: the document has no background of its own.
    let after = drawn.find(">\n").map_or(0, |end| end + 2);
    let [width, height] = layout.size;
    drawn.insert_str(
        after,
        &format!("<rect width=\"{width}\" height=\"{height}\" fill=\"{background}\"/>\n"),
    );
    drawn
}

/// What lies above the points, as a document of the picture's size, if there is anything: numbers and names of the
/// box in space, ticks that stand in the plot, and outlines.
pub(super) fn over_layer(spec: &FigureSpec, layout: &Layout) -> Option<String> {
    let has_ticks = spec.style.inward && layout.framed && spec.space.is_none();
    if spec.space.is_none() && spec.outlines.is_empty() && !has_ticks && spec.split.is_none() {
        return None;
    }
    let [width, height] = layout.size;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\">\n"
    );
    if let Some(space) = &spec.space {
        space.texts(&mut out, spec, layout);
    }
    if !spec.outlines.is_empty() {
        group(&mut out, spec, layout);
    }
    if let Some(split) = &spec.split {
        split.draw(&mut out, spec, layout);
    }
    if has_ticks {
        svg::group(&mut out, "ticks", Palette::of_figure(spec).frame, &inner_ticks(layout));
    }
    out.push_str("</svg>\n");
    Some(out)
}

fn group(out: &mut String, spec: &FigureSpec, layout: &Layout) {
    let background = hex(Palette::of_figure(spec).background);
    let plot = layout.plot;
    put(
        out,
        format_args!(
            "<clipPath id=\"plot\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n\
             <g id=\"contours\" clip-path=\"url(#plot)\" fill=\"none\" stroke-linejoin=\"round\">\n",
            plot.x, plot.y, plot.width, plot.height
        ),
    );
    for outline in &spec.outlines {
        draw(out, &spec.style, layout, outline, &background);
    }
    out.push_str("</g>\n");
}

fn draw(out: &mut String, style: &Style, layout: &Layout, outline: &Outline, background: &str) {
    let plot = layout.plot;
    let place = |[x, y]: [f64; 2]| {
        let part = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        let across = f64::from(plot.x) + f64::from(plot.width) * part(x, layout.view.x);
        let up = f64::from(plot.height) * part(y, layout.view.y);
        [across, f64::from(plot.y + plot.height) - up]
    };
    let color = hex(outline.color);
    let placed: Vec<Vec<[f64; 2]>> =
        outline.lines.iter().map(|line| line.iter().copied().map(place).collect()).collect();
    let mut path = String::new();
    for line in &placed {
        for (k, [x, y]) in line.iter().enumerate() {
            let command = if k == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{x:.2} {y:.2}");
        }
        if line.len() > 2 && line.first() == line.last() {
            path.push('Z');
        }
    }
    // Lines cross dots of any colour: they have a rim of the background's.
    let (inner, rim) = (style.contour * layout.unit, (style.contour + 1.6) * layout.unit);
    put(
        out,
        format_args!(
            "<path d=\"{path}\" stroke=\"{background}\" stroke-opacity=\"0.85\" stroke-width=\"{rim}\"/>\n\
             <path d=\"{path}\" stroke=\"{color}\" stroke-width=\"{inner}\"/>\n"
        ),
    );
    let size = style.contour_label * layout.unit;
    let width = 5.5 * size;
    let longest = placed.iter().max_by_key(|line| line.len());
    let Some(label) = longest.and_then(|line| straightest(line, width)) else { return };
    let ([x, y], angle) = (label.middle, label.angle);
    let words = text::escape(&outline.label);
    put(
        out,
        format_args!(
            "<text transform=\"translate({x:.2} {y:.2}) rotate({angle:.1})\" dy=\"0.35em\" \
             font-family=\"{}\" font-size=\"{size}\" text-anchor=\"middle\" fill=\"{color}\" \
             stroke=\"{background}\" stroke-width=\"{}\" paint-order=\"stroke\">{words}</text>\n",
            fonts::FAMILY,
            4.0 * layout.unit
        ),
    );
}
