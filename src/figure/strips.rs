//! A figure as a PNG file that is too large for memory: drawn and written in strips of its full width.

use std::{io::Write, ops::Range};

use resvg::{tiny_skia, usvg};

use super::{
    FigureError, FigureSpec, Layout, fonts, outlines::over_layer, palette::Palette, raster,
    svg::svg,
};

/// The longest side of a picture in pixels.
pub const MAX_SIDE: u32 = 32_768;
/// Rows of a strip: 64 MiB at the full width.
const ROWS: u32 = 512;
/// Rows that are drawn above and below a strip and thrown away: smooth edges of letters and diagonals look beyond
/// their own row.
const OVERLAP: u32 = 8;

/// Writes the figure to `file`; `points` gives the pixels of some rows of the plot, which is number 0, or of the panel
/// of a number from 1, as in [`png`](super::png), and
/// `go_on` is told which part is done, and says whether to go on.
///
/// # Errors
/// When a side is longer than [`MAX_SIDE`], when `points` fails, when writing fails, or when `go_on` says no.
pub fn write_png<E: From<FigureError>>(
    spec: &FigureSpec,
    layout: &Layout,
    metadata: &[(&str, String)],
    file: impl Write,
    mut points: impl FnMut(usize, Range<u32>) -> Result<Vec<u8>, E>,
    mut go_on: impl FnMut(f64) -> bool,
) -> Result<(), E> {
    let [width, height] = layout.size;
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(FigureError::TooLong { width, height }.into());
    }
    let read = |svg: &str| usvg::Tree::from_str(svg, &fonts::font_options());
    let below = read(&svg(spec, layout)).map_err(FigureError::from)?;
    let over = over_layer(spec, layout).map(|over| read(&over));
    let over = over.transpose().map_err(FigureError::from)?;
    let background = (!spec.transparent).then(|| Palette::of_figure(spec).background);
    let encoder = raster::encoder(file, layout, spec.transparent, metadata)?;
    let failed = |err: png::EncodingError| E::from(FigureError::from(err));
    let mut writer = encoder.write_header().map_err(failed)?;
    // Blocks of a fair size: a call for each line would take longer than compressing.
    let mut stream = writer.stream_writer_with_size(1 << 20).map_err(failed)?;
    let plots: Vec<super::Rect> =
        std::iter::once(layout.plot).chain(layout.panels.iter().map(|panel| panel.rect)).collect();
    let mut line = Vec::new();
    for top in (0..height).step_by(ROWS as usize) {
        if !go_on(f64::from(top) / f64::from(height)) {
            return Err(FigureError::Stopped.into());
        }
        let bottom = height.min(top + ROWS);
        let (from, to) = (top.saturating_sub(OVERLAP), height.min(bottom + OVERLAP));
        let mut canvas = raster::blank([width, to - from], background)?;
        let up = -(from as f32);
        let [across, down] =
            [width as f32 / below.size().width(), height as f32 / below.size().height()];
        let transform = tiny_skia::Transform::from_scale(across, down).post_translate(0.0, up);
        resvg::render(&below, transform, &mut canvas.as_mut());
        for (k, plot) in plots.iter().enumerate() {
            let seen = top.max(plot.y)..bottom.min(plot.y + plot.height);
            if seen.start >= seen.end {
                continue;
            }
            let rgba = points(k, seen.start - plot.y..seen.end - plot.y)?;
            let part = super::Rect { y: seen.start, height: seen.end - seen.start, ..*plot };
            let image = raster::check_points(part, &rgba)?;
            let (paint, still) =
                (tiny_skia::PixmapPaint::default(), tiny_skia::Transform::identity());
            let y = (seen.start - from) as i32;
            canvas.draw_pixmap(plot.x as i32, y, image, &paint, still, None);
        }
        if let Some(over) = &over {
            let transform = tiny_skia::Transform::from_translate(0.0, up);
            resvg::render(over, transform, &mut canvas.as_mut());
        }
        let rows = canvas.data().chunks_exact(4 * width as usize);
        for row in rows.skip((top - from) as usize).take((bottom - top) as usize) {
            raster::line_of(row, spec.transparent, &mut line);
            stream.write_all(&line).map_err(|err| failed(err.into()))?;
        }
    }
    stream.finish().map_err(failed)?;
    writer.finish().map_err(failed)
}
