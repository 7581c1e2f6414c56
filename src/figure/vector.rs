//! Takes the drawing of a figure apart into lines, areas, texts and clips in device pixels, for the two formats
//! that keep them: SVG and PDF.
//!
//! The drawing is the one that is also rasterised, read by the same library, so that all formats agree.

use resvg::{
    tiny_skia,
    usvg::{self, FillRule, Group, LineJoin, Node, Paint, PaintOrder, Text, Tree},
};

/// The colour of an area or a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    pub color: [u8; 3],
    pub opacity: f32,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pen {
    pub ink: Ink,
    /// In device pixels.
    pub width: f32,
    pub round: bool,
}

/// How a shape is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub fill: Option<Ink>,
    pub even_odd: bool,
    pub stroke: Option<Pen>,
    /// Whether the line lies under the area.
    pub stroke_first: bool,
    /// Whether edges are sharp: the shape covers whole pixels.
    pub crisp: bool,
}

/// What a drawing is written to.
pub(super) trait Sink {
    /// A part of the drawing with a name begins.
    fn begin(&mut self, name: &str);
    /// It ends.
    fn end(&mut self);
    /// Until [`Self::unclip`] only what lies within `area` is drawn.
    fn clip(&mut self, area: &tiny_skia::Path);
    /// The last clip ends.
    fn unclip(&mut self);
    /// Draws a shape, whose corners are in device pixels.
    fn shape(&mut self, shape: &tiny_skia::Path, look: &Look);
    /// Draws a text; `to_pixels` is where it goes.
    fn text(&mut self, text: &Text, to_pixels: tiny_skia::Transform);
}

/// Draws `tree` on `sink`; `size` is that of the picture in device pixels.
pub(super) fn draw(tree: &Tree, size: [u32; 2], sink: &mut dyn Sink) {
    let [width, height] = size.map(|side| side as f32);
    let (across, down) = (width / tree.size().width(), height / tree.size().height());
    group(tree.root(), tiny_skia::Transform::from_scale(across, down), sink);
}

fn group(group: &Group, to_pixels: tiny_skia::Transform, sink: &mut dyn Sink) {
    let is_named = !group.id().is_empty();
    if is_named {
        sink.begin(group.id());
    }
    let clip = group.clip_path().and_then(|clip| {
        let Some(Node::Path(path)) = clip.root().children().first() else { return None };
        let placed = to_pixels.pre_concat(group.abs_transform()).pre_concat(clip.transform());
        path.data().clone().transform(placed)
    });
    if let Some(area) = &clip {
        sink.clip(area);
    }
    for node in group.children() {
        match node {
            Node::Group(inner) => self::group(inner, to_pixels, sink),
            Node::Path(path) => shape(path, to_pixels, sink),
            Node::Text(text) => sink.text(text, to_pixels.pre_concat(text.abs_transform())),
            // Figures have none; the raster and the dots are drawn by themselves.
            Node::Image(_) => {}
        }
    }
    if clip.is_some() {
        sink.unclip();
    }
    if is_named {
        sink.end();
    }
}

fn shape(path: &usvg::Path, to_pixels: tiny_skia::Transform, sink: &mut dyn Sink) {
    let placed = to_pixels.pre_concat(path.abs_transform());
    let Some(data) = path.data().clone().transform(placed) else { return };
    let look = Look {
        crisp: !path.rendering_mode().use_shape_antialiasing(),
        ..look_of(path.fill(), path.stroke(), path.paint_order(), placed)
    };
    if path.is_visible() {
        sink.shape(&data, &look);
    }
}

/// How something is drawn that `placed` puts on the picture.
pub(super) fn look_of(
    fill: Option<&usvg::Fill>,
    stroke: Option<&usvg::Stroke>,
    order: PaintOrder,
    placed: tiny_skia::Transform,
) -> Look {
    let ink = |paint: &Paint, opacity: f32| match paint {
        Paint::Color(usvg::Color { red, green, blue }) => {
            Some(Ink { color: [*red, *green, *blue], opacity })
        }
        _ => None,
    };
    let scale = placed.get_scale().0;
    Look {
        fill: fill.and_then(|fill| ink(fill.paint(), fill.opacity().get())),
        even_odd: fill.is_some_and(|fill| fill.rule() == FillRule::EvenOdd),
        stroke: stroke.and_then(|stroke| {
            Some(Pen {
                ink: ink(stroke.paint(), stroke.opacity().get())?,
                width: stroke.width().get() * scale,
                round: stroke.linejoin() == LineJoin::Round,
            })
        }),
        stroke_first: order == PaintOrder::StrokeAndFill,
        crisp: false,
    }
}

/// What a text says.
pub(super) fn words(text: &Text) -> String {
    text.chunks().iter().map(usvg::TextChunk::text).collect()
}

/// Draws the outlines of a text as shapes.
pub(super) fn outlines_of(text: &Text, to_pixels: tiny_skia::Transform, sink: &mut dyn Sink) {
    // What it consists of knows where the text is.
    let Some(back) = text.abs_transform().invert() else { return };
    group(text.flattened(), to_pixels.pre_concat(back), sink);
}
