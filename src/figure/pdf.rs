//! A figure as a PDF file of one page: shapes, texts in embedded fonts that can be searched, and an image of what
//! has no shapes.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use krilla::{
    Data, Document, SerializeSettings,
    color::rgb,
    configure::{ConfigurationBuilder, PdfVersion},
    embed::{AssociationKind, EmbeddedFile, MimeType},
    geom::{Path, PathBuilder, Point, Rect, Size, Transform},
    graphic::Graphic,
    image::{BitsPerComponent, CustomImage, Image, ImageColorspace},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule, LineJoin, Stroke},
    surface::Surface,
    text::{Font, GlyphId, KrillaGlyph},
};
use resvg::{
    tiny_skia::{self, PathSegment},
    usvg::{self, fontdb},
};

use super::{
    FigureError, FigureSpec, Layout, PlotContent,
    dots::{DotList, EDGE, flattened, straight},
    fonts,
    outlines::over_layer,
    page_size::paper,
    palette::Palette,
    svg::svg,
    vector::{self, Ink, Look, Pen, Sink, look_of},
};
use crate::io::carrier::DOCUMENT;

/// The figure as the bytes of a PDF file; `metadata` are keywords and texts, as in [`png`](super::png).
///
/// # Errors
/// When the decorations cannot be read back, or the image has another size than the plot.
pub fn pdf(
    spec: &FigureSpec,
    layout: &Layout,
    content: &PlotContent,
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, FigureError> {
    let failed = |what: &str| FigureError::Pdf(what.to_owned());
    // Newer ones keep no title where readers look for it.
    let configuration = ConfigurationBuilder::new().with_version(PdfVersion::Pdf17).finish();
    let configuration = configuration.map_err(|err| FigureError::Pdf(format!("{err:?}")))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let [width, height] = paper(spec, layout).points.map(|side| side as f32);
    let settings =
        PageSettings::from_wh(width, height).ok_or_else(|| failed("the page is empty"))?;
    {
        let mut page = document.start_page_with(settings);
        draw_page(page.surface(), [width, height], spec, layout, content)?;
        page.finish();
    }
    document.set_metadata(information(metadata));
    if let Some((_, json)) = metadata.iter().find(|(keyword, _)| *keyword == DOCUMENT) {
        document.embed_file(attachment(json));
    }
    document.finish().map_err(|err| FigureError::Pdf(format!("{err:?}")))
}

/// Draws the figure on a page of this size in points.
fn draw_page(
    mut surface: Surface<'_>,
    [width, height]: [f32; 2],
    spec: &FigureSpec,
    layout: &Layout,
    content: &PlotContent,
) -> Result<(), FigureError> {
    let [pixels_across, pixels_down] = layout.size.map(|side| side as f32);
    surface.push_transform(&Transform::from_scale(width / pixels_across, height / pixels_down));
    let background = Palette::of_figure(spec).background;
    if !spec.transparent {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(Ink { color: background, opacity: 1.0 }, false)));
        if let Some(all) = rect_path([0.0, 0.0, pixels_across, pixels_down]) {
            surface.draw_path(&all);
        }
    }
    let options = fonts::font_options();
    let fonts = Fonts { database: Arc::clone(&options.fontdb), read: HashMap::new() };
    let mut file = File { surface, fonts };
    let below = usvg::Tree::from_str(&svg(spec, layout), &options)?;
    vector::draw(&below, layout.size, &mut file);
    // Where nothing is seen through the image it needs no transparency.
    let on = (!spec.transparent && !spec.style.grid && spec.space.is_none()).then_some(background);
    file.content(layout.plot, content, on)?;
    for (panel, content) in layout.panels.iter().zip(&content.panels) {
        file.content(panel.rect, content, on)?;
    }
    if let Some(over) = over_layer(spec, layout) {
        vector::draw(&usvg::Tree::from_str(&over, &options)?, layout.size, &mut file);
    }
    file.surface.pop();
    file.surface.finish();
    Ok(())
}

/// What the program reads again, as a file in the document.
fn attachment(json: &str) -> EmbeddedFile {
    EmbeddedFile {
        path: format!("{DOCUMENT}.json"),
        mime_type: MimeType::new("application/json"),
        description: Some("what sigmascope draws this picture from".to_owned()),
        association_kind: AssociationKind::Source,
        data: Data::from(json.as_bytes().to_vec()),
        modification_date: None,
        compress: Some(true),
        location: None,
    }
}

/// What readers show of the document.
fn information(metadata: &[(&str, String)]) -> Metadata {
    let mut found = Metadata::new();
    for (keyword, content) in metadata {
        let content = crate::escape::escaped(content);
        found = match *keyword {
            "Title" => found.title(content),
            "Description" => found.description(content),
            "Software" => found.creator(content),
            _ => found,
        };
    }
    found
}

/// The program's fonts as far as the document uses them.
struct Fonts {
    database: Arc<fontdb::Database>,
    read: HashMap<fontdb::ID, Option<Font>>,
}

impl Fonts {
    fn get(&mut self, id: fontdb::ID) -> Option<Font> {
        let Self { database, read } = self;
        let read_face = || {
            let bytes = database.with_face_data(id, |bytes, index| (bytes.to_vec(), index));
            let (bytes, index) = bytes?;
            Font::new(Data::from(bytes), index)
        };
        read.entry(id).or_insert_with(read_face).clone()
    }
}

/// Glyphs of one font and size on one line.
struct Run {
    font: fontdb::ID,
    size: f32,
    start: [f32; 2],
    text: String,
    glyphs: Vec<KrillaGlyph>,
}

struct File<'a> {
    surface: Surface<'a>,
    fonts: Fonts,
}

impl File<'_> {
    fn content(
        &mut self,
        plot: super::Rect,
        content: &PlotContent,
        on: Option<[u8; 3]>,
    ) -> Result<(), FigureError> {
        let [x, y, width, height] = [plot.x, plot.y, plot.width, plot.height].map(|k| k as f32);
        if let Some(image) = &content.image {
            super::raster::check_points(plot, image)?;
            let image =
                Image::from_custom(Raster::new(image, [plot.width, plot.height], on), false)
                    .map_err(FigureError::Pdf)?;
            if let Some(size) = Size::from_wh(width, height) {
                self.surface.push_transform(&Transform::from_translate(x, y));
                self.surface.draw_image(image, size);
                self.surface.pop();
            }
        }
        for dots in &content.dots {
            let [from, to] = dots.across;
            let Some(area) = rect_path([x + from, y, x + to, y + height]) else { continue };
            self.surface.push_clip_path(&area, &FillRule::NonZero);
            let opacity = NormalizedF32::new(dots.opacity).filter(|_| dots.opacity < 1.0);
            if let Some(opacity) = opacity {
                self.surface.push_opacity(opacity);
            }
            self.dots([x, y], dots);
            if opacity.is_some() {
                self.surface.pop();
            }
            self.surface.pop();
        }
        Ok(())
    }

    /// Each colour is drawn once, and shown wherever a dot has it.
    fn dots(&mut self, corner: [f32; 2], list: &DotList) {
        let mut forms: HashMap<([u8; 4], u32), Graphic> = HashMap::new();
        for dot in &list.dots {
            // Rims are as wide in dots of any radius: few radii share a form.
            let radius = (dot.radius * 8.0).round().max(1.0);
            let key = (dot.color, radius as u32);
            let form = match forms.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => {
                    let Some(form) = self.form(list, dot.color, radius / 8.0) else { continue };
                    free.insert(form)
                }
            };
            let [x, y] = [corner[0] + dot.middle[0], corner[1] + dot.middle[1]];
            let scale = 8.0 * dot.radius / radius;
            self.surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, x, y));
            self.surface.draw_graphic(form.clone());
            self.surface.pop();
        }
    }

    /// A dot of this colour around the origin.
    fn form(&mut self, list: &DotList, color: [u8; 4], radius: f32) -> Option<Graphic> {
        let [r, g, b, alpha] = color;
        let opacity = f32::from(alpha) / 255.0;
        let ink = Ink { color: [r, g, b], opacity };
        let edge = if list.rim > 0.0 { 0.5 * EDGE } else { 0.0 };
        let circle = circle((radius - edge).max(0.01))?;
        let mut builder = self.surface.stream_builder();
        {
            let mut surface = builder.surface();
            surface.set_fill(Some(fill(ink, false)));
            let rim =
                Pen { ink: Ink { color: list.edge(color), opacity }, width: EDGE, round: false };
            surface.set_stroke((edge > 0.0).then(|| stroke(rim)));
            surface.draw_path(&circle);
            surface.finish();
        }
        Some(Graphic::new(builder.finish(), false))
    }
}

impl Sink for File<'_> {
    fn begin(&mut self, _: &str) {}

    fn end(&mut self) {}

    fn clip(&mut self, area: &tiny_skia::Path) {
        if let Some(area) = path(area) {
            self.surface.push_clip_path(&area, &FillRule::NonZero);
        } else {
            self.surface.push_transform(&Transform::identity());
        }
    }

    fn unclip(&mut self) {
        self.surface.pop();
    }

    fn shape(&mut self, shape: &tiny_skia::Path, look: &Look) {
        let Some(shape) = path(shape) else { return };
        let area = look.fill.map(|ink| fill(ink, look.even_odd));
        let line = look.stroke.map(stroke);
        let passes = match (&area, &line) {
            (Some(_), Some(_)) if look.stroke_first => [(None, line), (area, None)],
            _ => [(area, line), (None, None)],
        };
        for (area, line) in passes {
            if area.is_some() || line.is_some() {
                self.surface.set_fill(area);
                self.surface.set_stroke(line);
                self.surface.draw_path(&shape);
            }
        }
    }

    fn text(&mut self, text: &usvg::Text, to_pixels: tiny_skia::Transform) {
        let t = to_pixels;
        self.surface.push_transform(&Transform::from_row(t.sx, t.ky, t.kx, t.sy, t.tx, t.ty));
        for span in text.layouted() {
            let look = look_of(
                span.fill.as_ref(),
                span.stroke.as_ref(),
                span.paint_order,
                tiny_skia::Transform::identity(),
            );
            let (area, line) = (look.fill.map(|ink| fill(ink, false)), look.stroke.map(stroke));
            let passes = if look.stroke_first && line.is_some() {
                // The rim below letters is no text of its own.
                vec![(None, line, true), (area, None, false)]
            } else {
                vec![(area, line, false)]
            };
            let runs = runs(&span.positioned_glyphs);
            for (area, line, outlined) in passes {
                for run in &runs {
                    let Some(font) = self.fonts.get(run.font) else { continue };
                    self.surface.set_fill(area.clone());
                    self.surface.set_stroke(line.clone());
                    let start = Point::from_xy(run.start[0], run.start[1]);
                    self.surface.draw_glyphs(
                        start,
                        &run.glyphs,
                        font,
                        &run.text,
                        run.size,
                        outlined,
                    );
                }
            }
        }
        self.surface.pop();
    }
}

/// Glyphs that follow each other, in as few runs as their fonts allow: a text that is set letter by letter is
/// found by no search.
fn runs(glyphs: &[usvg::layout::PositionedGlyph]) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut end = [f32::NAN; 2];
    for glyph in glyphs {
        let placed = glyph.outline_transform();
        let [x, y] = [placed.tx, placed.ty];
        let size = glyph.font_size();
        let follows = found.last().is_some_and(|run| {
            run.font == glyph.font
                && run.size.to_bits() == size.to_bits()
                && (y - end[1]).abs() < 1e-3 * size
        });
        if !follows {
            found.push(Run {
                font: glyph.font,
                size,
                start: [x, y],
                text: String::new(),
                glyphs: Vec::new(),
            });
        }
        let Some(run) = found.last_mut() else { continue };
        if let Some(before) = run.glyphs.last_mut() {
            before.x_advance = (x - end[0]) / size;
        }
        let start = run.text.len();
        run.text.push_str(&glyph.text);
        let id = GlyphId::new(glyph.id.0);
        let range = start..run.text.len();
        run.glyphs.push(KrillaGlyph::new(id, 0.5, 0.0, 0.0, 0.0, range, None));
        end = [x, y];
    }
    found
}

fn fill(ink: Ink, even_odd: bool) -> Fill {
    let [r, g, b] = ink.color;
    Fill {
        paint: rgb::Color::new(r, g, b).into(),
        opacity: NormalizedF32::new(ink.opacity).unwrap_or(NormalizedF32::ONE),
        rule: if even_odd { FillRule::EvenOdd } else { FillRule::NonZero },
    }
}

fn stroke(pen: Pen) -> Stroke {
    let [r, g, b] = pen.ink.color;
    Stroke {
        paint: rgb::Color::new(r, g, b).into(),
        width: pen.width,
        opacity: NormalizedF32::new(pen.ink.opacity).unwrap_or(NormalizedF32::ONE),
        line_join: if pen.round { LineJoin::Round } else { LineJoin::Miter },
        ..Stroke::default()
    }
}

fn rect_path([left, top, right, bottom]: [f32; 4]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    builder.push_rect(Rect::from_ltrb(left, top, right, bottom)?);
    builder.finish()
}

fn circle(radius: f32) -> Option<Path> {
    path(&tiny_skia::PathBuilder::from_circle(0.0, 0.0, radius)?)
}

fn path(shape: &tiny_skia::Path) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for segment in shape.segments() {
        match segment {
            PathSegment::MoveTo(p) => builder.move_to(p.x, p.y),
            PathSegment::LineTo(p) => builder.line_to(p.x, p.y),
            PathSegment::QuadTo(a, p) => builder.quad_to(a.x, a.y, p.x, p.y),
            PathSegment::CubicTo(a, b, p) => builder.cubic_to(a.x, a.y, b.x, b.y, p.x, p.y),
            PathSegment::Close => builder.close(),
        }
    }
    builder.finish()
}

/// The pixels of the plot.
#[derive(Clone, Hash)]
struct Raster {
    colors: Arc<[u8]>,
    opacity: Option<Arc<[u8]>>,
    size: [u32; 2],
}

impl Raster {
    /// Premultiplied pixels as they are, or `on` a background.
    fn new(premultiplied: &[u8], size: [u32; 2], on: Option<[u8; 3]>) -> Self {
        if let Some(background) = on {
            let colors = flattened(premultiplied, background).into();
            return Self { colors, opacity: None, size };
        }
        let pixels = straight(premultiplied);
        let colors = pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        let colors = colors.collect();
        Self { colors, opacity: Some(pixels.chunks_exact(4).map(|pixel| pixel[3]).collect()), size }
    }
}

impl CustomImage for Raster {
    fn color_channel(&self) -> &[u8] {
        &self.colors
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        self.opacity.as_deref()
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        (self.size[0], self.size[1])
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}
