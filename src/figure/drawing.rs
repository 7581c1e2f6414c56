//! A figure as an SVG file of its own: shapes and outlines of letters, so that it looks the same wherever it is
//! opened, and an image of what has no shapes.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use resvg::{
    tiny_skia::{self, PathSegment},
    usvg,
};

use super::{
    FigureError, FigureSpec, Layout, PlotContent, Rect,
    dots::{DotList, EDGE},
    fonts,
    outlines::over_layer,
    page_size::paper,
    palette::Palette,
    svg::{hex, put, svg},
    text,
    vector::{self, Look, Sink, outlines_of, words},
};
use crate::io::carrier::DOCUMENT;

/// The figure as the text of an SVG file; `metadata` are keywords and texts, as in [`png`](super::png); the one
/// called [`DOCUMENT`] must be free of `<`, `>` and `&`.
///
/// # Errors
/// When the decorations cannot be read back, or the image has another size than the plot.
pub fn svg_file(
    spec: &FigureSpec,
    layout: &Layout,
    content: &PlotContent,
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, FigureError> {
    let [width, height] = layout.size;
    let paper = paper(spec, layout);
    let mut out = String::with_capacity(64 * 1024);
    let [across, down] = paper.millimetres;
    put(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{across}mm\" height=\"{down}mm\" \
             viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\">\n"
        ),
    );
    let told = |wanted: &str| metadata.iter().find(|(keyword, _)| *keyword == wanted);
    for (keyword, element) in [("Title", "title"), ("Description", "desc")] {
        if let Some((_, content)) = told(keyword) {
            put(&mut out, format_args!("<{element}>{}</{element}>\n", text::escape(content)));
        }
    }
    if let Some((_, json)) = told(DOCUMENT) {
        // It has no character that means something in XML.
        put(&mut out, format_args!("<metadata id=\"{DOCUMENT}\">{json}</metadata>\n"));
    }
    if !spec.transparent {
        let color = hex(Palette::of_figure(spec).background);
        put(
            &mut out,
            format_args!("<rect width=\"{width}\" height=\"{height}\" fill=\"{color}\"/>\n"),
        );
    }
    let mut file = File { out, opened: 0 };
    let below = usvg::Tree::from_str(&svg(spec, layout), &fonts::font_options())?;
    vector::draw(&below, layout.size, &mut file);
    file.content(layout.plot, content)?;
    for (panel, content) in layout.panels.iter().zip(&content.panels) {
        file.content(panel.rect, content)?;
    }
    if let Some(over) = over_layer(spec, layout) {
        let over = usvg::Tree::from_str(&over, &fonts::font_options())?;
        vector::draw(&over, layout.size, &mut file);
    }
    file.out.push_str("</svg>\n");
    Ok(file.out.into_bytes())
}

struct File {
    out: String,
    /// How many clips there were: each has a name.
    opened: usize,
}

impl File {
    fn content(&mut self, plot: Rect, content: &PlotContent) -> Result<(), FigureError> {
        if let Some(image) = &content.image {
            let png = super::raster::points_png(plot, image)?;
            put(
                &mut self.out,
                format_args!(
                    "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" \
                     preserveAspectRatio=\"none\" style=\"image-rendering:optimizeQuality\" \
                     href=\"data:image/png;base64,{}\"/>\n",
                    plot.x,
                    plot.y,
                    plot.width,
                    plot.height,
                    STANDARD.encode(png)
                ),
            );
        }
        for dots in &content.dots {
            self.dots(plot, dots);
        }
        Ok(())
    }

    fn dots(&mut self, plot: Rect, list: &DotList) {
        self.opened += 1;
        let (name, [from, to]) = (self.opened, list.across);
        put(
            &mut self.out,
            format_args!(
                "<clipPath id=\"clip-{name}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" \
                 height=\"{}\"/></clipPath>\n\
                 <g id=\"dots-{name}\" clip-path=\"url(#clip-{name})\" opacity=\"{}\">\n",
                plot.x as f32 + from,
                plot.y,
                to - from,
                plot.height,
                list.opacity
            ),
        );
        let mut open = None;
        for dot in &list.dots {
            let [x, y] = [dot.middle[0] + plot.x as f32, dot.middle[1] + plot.y as f32];
            if open != Some(dot.color) {
                if open.is_some() {
                    self.out.push_str("</g>\n");
                }
                open = Some(dot.color);
                let [r, g, b, alpha] = dot.color;
                let _ = write!(self.out, "<g fill=\"{}\"", hex([r, g, b]));
                let opacity = f32::from(alpha) / 255.0;
                if alpha < u8::MAX {
                    let _ = write!(self.out, " fill-opacity=\"{opacity:.3}\"");
                }
                if list.rim > 0.0 {
                    let edge = hex(list.edge(dot.color));
                    let _ = write!(
                        self.out,
                        " stroke=\"{edge}\" stroke-width=\"{EDGE}\" stroke-opacity=\"{opacity:.3}\""
                    );
                }
                self.out.push('>');
            }
            let edge = if list.rim > 0.0 { 0.5 * EDGE } else { 0.0 };
            let radius = (dot.radius - edge).max(0.0);
            let _ = write!(self.out, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\"/>");
        }
        if open.is_some() {
            self.out.push_str("</g>\n");
        }
        self.out.push_str("</g>\n");
    }
}

impl Sink for File {
    fn begin(&mut self, name: &str) {
        put(&mut self.out, format_args!("<g id=\"{}\">\n", text::escape(name)));
    }

    fn end(&mut self) {
        self.out.push_str("</g>\n");
    }

    fn clip(&mut self, area: &tiny_skia::Path) {
        self.opened += 1;
        let name = self.opened;
        let area = path_data(area);
        put(
            &mut self.out,
            format_args!(
                "<clipPath id=\"clip-{name}\"><path d=\"{area}\"/></clipPath>\n\
                 <g clip-path=\"url(#clip-{name})\">\n"
            ),
        );
    }

    fn unclip(&mut self) {
        self.out.push_str("</g>\n");
    }

    fn shape(&mut self, shape: &tiny_skia::Path, look: &Look) {
        let _ = write!(self.out, "<path d=\"{}\"", path_data(shape));
        match look.fill {
            Some(ink) => {
                let _ = write!(self.out, " fill=\"{}\"", hex(ink.color));
                if ink.opacity < 1.0 {
                    let _ = write!(self.out, " fill-opacity=\"{:.3}\"", ink.opacity);
                }
            }
            None => self.out.push_str(" fill=\"none\""),
        }
        if look.even_odd {
            self.out.push_str(" fill-rule=\"evenodd\"");
        }
        if let Some(pen) = look.stroke {
            let (color, width) = (hex(pen.ink.color), pen.width);
            let _ = write!(self.out, " stroke=\"{color}\" stroke-width=\"{width:.3}\"");
            if pen.ink.opacity < 1.0 {
                let _ = write!(self.out, " stroke-opacity=\"{:.3}\"", pen.ink.opacity);
            }
            if pen.round {
                self.out.push_str(" stroke-linejoin=\"round\"");
            }
            if look.stroke_first {
                self.out.push_str(" paint-order=\"stroke\"");
            }
        }
        if look.crisp {
            self.out.push_str(" shape-rendering=\"crispEdges\"");
        }
        self.out.push_str("/>\n");
    }

    fn text(&mut self, content: &usvg::Text, to_pixels: tiny_skia::Transform) {
        let says = text::escape(&words(content));
        put(&mut self.out, format_args!("<g role=\"img\" aria-label=\"{says}\">\n"));
        outlines_of(content, to_pixels, self);
        self.out.push_str("</g>\n");
    }
}

/// The corners of a shape, as SVG writes them.
fn path_data(path: &tiny_skia::Path) -> String {
    let mut data = String::new();
    for segment in path.segments() {
        let _ = match segment {
            PathSegment::MoveTo(p) => write!(data, "M{} {}", Short(p.x), Short(p.y)),
            PathSegment::LineTo(p) => write!(data, "L{} {}", Short(p.x), Short(p.y)),
            PathSegment::QuadTo(a, p) => {
                write!(data, "Q{} {} {} {}", Short(a.x), Short(a.y), Short(p.x), Short(p.y))
            }
            PathSegment::CubicTo(a, b, p) => write!(
                data,
                "C{} {} {} {} {} {}",
                Short(a.x),
                Short(a.y),
                Short(b.x),
                Short(b.y),
                Short(p.x),
                Short(p.y)
            ),
            PathSegment::Close => write!(data, "Z"),
        };
    }
    data
}

/// A number with two decimals at most.
struct Short(f32);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = (self.0 * 100.0).round() / 100.0;
        write!(f, "{hundredths}")
    }
}
