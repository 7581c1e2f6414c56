//! A figure as PNG: background, decorations, the image of the points on top, and lines over them.
//!
//! Where the background is opaque the finished picture has no transparency and is written as RGB,
//! which is a quarter less to compress than RGBA.

use std::io::Write as _;

use resvg::{tiny_skia, usvg};

use super::dots::straight;
use super::layout::{Layout, Rect};
use super::outlines::over_layer;
use super::palette::Palette;
use super::{FigureSpec, fonts, svg};
use crate::io::carrier::DOCUMENT;

/// The most pixels a picture may have: 16384 × 16384, of which one copy in memory takes 1 GiB.
pub const MAX_PIXELS: u64 = 1 << 28;

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// More pixels than [`MAX_PIXELS`].
    #[error(
        "the picture would be {width} × {height} pixels: expected at most {MAX_PIXELS} pixels in \
         all (16384 × 16384); choose a smaller size or scale"
    )]
    TooLarge {
        /// Width in device pixels.
        width: u32,
        /// Height in device pixels.
        height: u32,
    },
    /// The system has no memory for it.
    #[error(
        "no memory for a picture of {width} × {height} pixels ({mebibytes} MiB); choose a smaller \
         size or scale"
    )]
    NoMemory {
        /// Width in device pixels.
        width: u32,
        /// Height in device pixels.
        height: u32,
        /// What one copy of the picture takes.
        mebibytes: u64,
    },
    /// The image of the points does not have the plot's size.
    #[error(
        "the image of the points has {found} bytes: expected {width} × {height} pixels of 4 bytes"
    )]
    PointsSize {
        /// Width of the plot in device pixels.
        width: u32,
        /// Height of the plot in device pixels.
        height: u32,
        /// Length of the image.
        found: usize,
    },
    /// The decorations could not be read back.
    #[error("cannot draw the decorations: {0}")]
    Svg(#[from] usvg::Error),
    /// A longer side than [`MAX_SIDE`](super::MAX_SIDE).
    #[error(
        "the picture would be {width} × {height} pixels: expected sides of at most 32768; choose a \
         smaller size or scale"
    )]
    TooLong {
        /// Width in device pixels.
        width: u32,
        /// Height in device pixels.
        height: u32,
    },
    /// It was ended before it was done.
    #[error("it was stopped")]
    Stopped,
    /// The GIF file could not be written.
    #[error("cannot write the GIF file: {0}")]
    Gif(String),
    /// The PDF file could not be written.
    #[error("cannot write the PDF file: {0}")]
    Pdf(String),
    /// The picture or its metadata could not be encoded.
    #[error("cannot encode the picture: {0}")]
    Encode(#[from] png::EncodingError),
}

/// Whether a picture of `size` device pixels may be drawn; ask before work on it starts.
///
/// # Errors
/// When it has more than [`MAX_PIXELS`].
pub fn check_size([width, height]: [u32; 2]) -> Result<(), FigureError> {
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        Err(FigureError::TooLarge { width, height })
    } else {
        Ok(())
    }
}

/// The finished picture as the bytes of a PNG file.
///
/// `points_rgba` is the image of the points: RGBA, 8 bits a channel, sRGB with premultiplied alpha,
/// rows from the top, exactly as wide and high as [`Layout::plot`].
/// `metadata` are pairs of a PNG keyword (1 to 79 Latin-1 characters, such as "Software") and a
/// text; what is called [`DOCUMENT`] is for the program itself.
///
/// # Errors
/// When the picture is too large, the image of the points has another size, or a keyword is none
/// that PNG allows.
pub fn png(
    spec: &FigureSpec,
    layout: &Layout,
    points_rgba: &[u8],
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, FigureError> {
    png_with_panels(spec, layout, points_rgba, &[], metadata)
}

/// The same with the images of the panels, likewise, as many as [`Layout::panels`].
///
/// # Errors
/// As [`png()`].
pub fn png_with_panels(
    spec: &FigureSpec,
    layout: &Layout,
    points_rgba: &[u8],
    panels: &[Vec<u8>],
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, FigureError> {
    let canvas = canvas_of(spec, layout, points_rgba, panels)?;
    encode(canvas.data(), spec.transparent, layout, metadata)
}

/// The finished picture as RGBA, 8 bits a channel, rows from the top.
///
/// # Errors
/// As with [`png_with_panels`].
pub fn pixels(
    spec: &FigureSpec,
    layout: &Layout,
    points_rgba: &[u8],
    panels: &[Vec<u8>],
) -> Result<Vec<u8>, FigureError> {
    let canvas = canvas_of(spec, layout, points_rgba, panels)?;
    Ok(if spec.transparent { straight(canvas.data()) } else { canvas.take() })
}

/// The finished picture, with premultiplied alpha.
fn canvas_of(
    spec: &FigureSpec,
    layout: &Layout,
    points_rgba: &[u8],
    panels: &[Vec<u8>],
) -> Result<tiny_skia::Pixmap, FigureError> {
    let plot = layout.plot;
    let background = Palette::of_figure(spec).background;
    let mut canvas = blank(layout.size, (!spec.transparent).then_some(background))?;
    let points = check_points(plot, points_rgba)?;

    let tree = usvg::Tree::from_str(&svg(spec, layout), &fonts::font_options())?;
    let [width, height] = layout.size.map(|pixels| pixels as f32);
    let transform = tiny_skia::Transform::from_scale(
        width / tree.size().width(),
        height / tree.size().height(),
    );
    resvg::render(&tree, transform, &mut canvas.as_mut());
    let mut lay = |at: Rect, image: tiny_skia::PixmapRef<'_>| {
        let (paint, still) = (tiny_skia::PixmapPaint::default(), tiny_skia::Transform::identity());
        canvas.draw_pixmap(at.x as i32, at.y as i32, image, &paint, still, None);
    };
    lay(plot, points);
    for (panel, image) in layout.panels.iter().zip(panels) {
        lay(panel.rect, check_points(panel.rect, image)?);
    }
    if let Some(over) = over_layer(spec, layout) {
        let over = usvg::Tree::from_str(&over, &fonts::font_options())?;
        resvg::render(&over, tiny_skia::Transform::identity(), &mut canvas.as_mut());
    }
    Ok(canvas)
}

/// The finished picture as premultiplied RGBA, rows from the top: a frame of an animation.
///
/// # Errors
/// As with [`png_with_panels`].
pub fn premultiplied(
    spec: &FigureSpec,
    layout: &Layout,
    points_rgba: &[u8],
    panels: &[Vec<u8>],
) -> Result<Vec<u8>, FigureError> {
    Ok(canvas_of(spec, layout, points_rgba, panels)?.take())
}

/// Such pixels as the bytes of a PNG file, as [`png()`] writes them.
///
/// # Errors
/// When a keyword is none that PNG allows.
pub fn png_of_pixels(
    spec: &FigureSpec,
    layout: &Layout,
    pixels: &[u8],
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, FigureError> {
    encode(pixels, spec.transparent, layout, metadata)
}

/// The image of the points, if it has the size of the plot.
pub(super) fn check_points(
    plot: Rect,
    points_rgba: &[u8],
) -> Result<tiny_skia::PixmapRef<'_>, FigureError> {
    let Rect { width, height, .. } = plot;
    let found = points_rgba.len();
    let expected = u64::from(width) * u64::from(height) * 4;
    let points = (found as u64 == expected)
        .then(|| tiny_skia::PixmapRef::from_bytes(points_rgba, width, height));
    points.flatten().ok_or(FigureError::PointsSize { width, height, found })
}

/// The image of the points as a PNG file of its own.
pub(super) fn points_png(plot: Rect, points_rgba: &[u8]) -> Result<Vec<u8>, FigureError> {
    check_points(plot, points_rgba)?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, plot.width, plot.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&straight(points_rgba))?;
    Ok(bytes)
}

/// A picture of nothing but the background, if there is one.
pub(super) fn blank(
    [width, height]: [u32; 2],
    background: Option<[u8; 3]>,
) -> Result<tiny_skia::Pixmap, FigureError> {
    check_size([width, height])?;
    let pixels = u64::from(width) * u64::from(height);
    let no_memory = FigureError::NoMemory { width, height, mebibytes: (pixels * 4) >> 20 };
    let bytes = pixels as usize * 4;
    let mut data = Vec::new();
    if data.try_reserve_exact(bytes).is_err() {
        return Err(no_memory);
    }
    data.resize(bytes, 0);
    let mut canvas = tiny_skia::IntSize::from_wh(width, height)
        .and_then(|size| tiny_skia::Pixmap::from_vec(data, size))
        .ok_or(no_memory)?;
    if let Some([r, g, b]) = background {
        canvas.fill(tiny_skia::Color::from_rgba8(r, g, b, u8::MAX));
    }
    Ok(canvas)
}

fn encode(
    pixels: &[u8],
    transparent: bool,
    layout: &Layout,
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, FigureError> {
    let mut bytes = Vec::new();
    let mut writer = encoder(&mut bytes, layout, transparent, metadata)?.write_header()?;
    let mut stream = writer.stream_writer()?;
    let row = layout.size[0] as usize * 4;
    let mut line = Vec::with_capacity(row);
    for row in pixels.chunks_exact(row) {
        line_of(row, transparent, &mut line);
        stream.write_all(&line).map_err(png::EncodingError::from)?;
    }
    stream.finish()?;
    writer.finish()?;
    Ok(bytes)
}

/// A line of premultiplied pixels as the file has it.
pub(super) fn line_of(row: &[u8], transparent: bool, line: &mut Vec<u8>) {
    line.clear();
    if transparent {
        line.extend(straight(row));
    } else {
        line.extend(row.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]));
    }
}

/// An encoder for a picture of this layout, with what is said of it.
pub(super) fn encoder<'a, W: std::io::Write>(
    file: W,
    layout: &Layout,
    transparent: bool,
    metadata: &[(&str, String)],
) -> Result<png::Encoder<'a, W>, FigureError> {
    const LOGICAL_PIXELS_PER_METER: f64 = 96.0 / 0.0254;
    let [width, height] = layout.size;
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(if transparent { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let per_meter = (LOGICAL_PIXELS_PER_METER * layout.unit).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_meter,
        yppu: per_meter,
        unit: png::Unit::Meter,
    }));
    for (keyword, content) in metadata {
        // tEXt is what every viewer reads, but it has no σ; iTXt has.
        let content = content.replace('\0', " ");
        if content.is_ascii() && *keyword != DOCUMENT {
            encoder.add_text_chunk((*keyword).to_owned(), content)?;
        } else {
            encoder.add_itxt_chunk((*keyword).to_owned(), content)?;
        }
    }
    Ok(encoder)
}
