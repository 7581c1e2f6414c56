//! What fills the plot of a picture: dots drawn by the device or brought to memory as shapes, and the raster of f
//! below them.

use std::ops::Range;

use super::{
    NEUTRAL_DOT, Scene,
    panel_scenes::keeps_shapes,
    picture::{PictureError, PictureSpec},
};
use crate::{
    color::{Quantiles, Scale, lut},
    figure::{DotList, FigureError, Layout, PlotContent},
    gpu::{ColorTable, Dots, Gpu, PictureStrips, ScatterView, SpaceDraw},
    model::ViewParams,
};

/// The most dots that are shapes, in the formats that keep shapes.
pub const MOST_SHAPES: usize = 20_000;

/// The pixels of a raster of f, RGB, and how many there are across and down.
pub(super) type Under = (Vec<u8>, [usize; 2]);

/// What both sides of a plot have in common.
pub(super) struct Filling<'a> {
    pub spec: &'a PictureSpec,
    pub look: &'a ViewParams,
    pub layout: &'a Layout,
    /// The colours, and where values are on their scale.
    pub lut: &'a [[u8; 4]; 256],
    pub values: &'a Scale,
    pub in_space: Option<SpaceDraw>,
}

impl Filling<'_> {
    /// Whether dots are shapes.
    pub(super) fn keeps_shapes(&self, scene: &Scene) -> bool {
        keeps_shapes(self.spec, self.look, scene.prepared.points.n())
    }

    /// What fills the plot for `scene`, with a raster below its dots.
    ///
    /// # Errors
    /// When the device fails, or there is no memory for it.
    pub(super) fn fill(
        &self,
        gpu: &Gpu,
        scene: &Scene,
        under: Option<&Under>,
    ) -> Result<PlotContent, PictureError> {
        let Self { look, layout, values, .. } = *self;
        let [width, height] = [layout.plot.width, layout.plot.height];
        let mut content = PlotContent::default();
        if look.dots {
            let (dots, drawn, table) = self.dots(gpu, scene, under.is_some())?;
            if self.keeps_shapes(scene) {
                let found = gpu.dot_list(&drawn, &table, values.placing(), &dots)?;
                let opacity = if dots.space.is_some() { look.opacity } else { 1.0 };
                let across = [0.0, width as f32];
                content.dots.push(DotList { dots: found, rim: dots.rim(), opacity, across });
            } else {
                let colors = self.colors(gpu, &table, under.is_some())?;
                content.image = Some(gpu.picture(&drawn, &colors, &dots)?);
            }
        }
        if let Some((pixels, size)) = under {
            let mut image = content.image.take().map_or_else(|| blank([width, height]), Ok)?;
            lay_under(&mut image, [width, height], 0..height, (pixels, *size), look.raster_opacity);
            content.image = Some(image);
        }
        Ok(content)
    }

    /// The same, to be taken in strips.
    ///
    /// # Errors
    /// When the device fails.
    pub(super) fn strips<'a>(
        &self,
        gpu: &Gpu,
        scene: &Scene,
        under: Option<&'a Under>,
    ) -> Result<PlotStrips<'a>, PictureError> {
        let Self { look, layout, .. } = *self;
        let dots = if look.dots {
            let (dots, drawn, table) = self.dots(gpu, scene, under.is_some())?;
            let colors = self.colors(gpu, &table, under.is_some())?;
            Some(gpu.strips(&drawn, &colors, &dots)?)
        } else {
            None
        };
        let size = [layout.plot.width, layout.plot.height];
        Ok(PlotStrips { dots, under, size, opacity: look.raster_opacity })
    }

    /// The dots of a scene, how they are seen, and in which colours.
    fn dots(
        &self,
        gpu: &Gpu,
        scene: &Scene,
        has_image: bool,
    ) -> Result<(ScatterView, Dots, [[u8; 4]; 256]), PictureError> {
        let Self { spec, look, layout, lut, values, in_space } = *self;
        let radius = 0.5 * look.point_size * spec.page.scale;
        let size = [layout.plot.width as f32, layout.plot.height as f32];
        let (shown, opacity) = (&scene.shown, look.opacity);
        let mut view =
            shown.scatter_view(&layout.view, size, radius, opacity, values, spec.page.dark);
        view.rimmed = has_image;
        view.hides_rest = look.hides_rest;
        view.space = in_space;
        let mut dots = scene.dots(gpu)?;
        if let Some(marks) = &spec.marks {
            dots = dots.marked(gpu, &scene.places, marks)?;
        }
        let table = if has_image { [NEUTRAL_DOT; 256] } else { *lut };
        Ok((view, dots, table))
    }

    fn colors(
        &self,
        gpu: &Gpu,
        table: &[[u8; 4]; 256],
        has_image: bool,
    ) -> Result<ColorTable, PictureError> {
        let quantiles = self.values.quantiles.as_ref().filter(|_| !has_image);
        let quantiles = quantiles.map(Quantiles::table);
        Ok(ColorTable::new(gpu, table, quantiles.as_ref())?)
    }
}

/// What fills a plot, row by row.
pub(super) struct PlotStrips<'a> {
    dots: Option<PictureStrips>,
    under: Option<&'a Under>,
    size: [u32; 2],
    opacity: f32,
}

impl PlotStrips<'_> {
    /// These rows of the plot, counted from the top.
    ///
    /// # Errors
    /// When the device fails, or there is no memory for them.
    pub(super) fn rows(&self, rows: Range<u32>) -> Result<Vec<u8>, PictureError> {
        let [width, _] = self.size;
        let mut image = match &self.dots {
            Some(dots) => dots.rows(rows.clone())?,
            None => blank([width, rows.end - rows.start])?,
        };
        if let Some((pixels, size)) = self.under {
            lay_under(&mut image, self.size, rows, (pixels, *size), self.opacity);
        }
        Ok(image)
    }
}

/// Takes what is right of column `at` from another plot of the same size.
pub(super) fn join(left: PlotContent, right: PlotContent, [width, at]: [u32; 2]) -> PlotContent {
    let row = 4 * width as usize;
    let split = 4 * at.min(width) as usize;
    let image = match (left.image, right.image) {
        (Some(mut image), Some(other)) => {
            let rows = image.chunks_exact_mut(row.max(4)).zip(other.chunks_exact(row.max(4)));
            for (row, other) in rows {
                row[split..].copy_from_slice(&other[split..]);
            }
            Some(image)
        }
        // A raster that was not to be had.
        (image, other) => image.or(other),
    };
    let (at, width) = (at as f32, width as f32);
    let within = |list: DotList, across| DotList { across, ..list };
    let mut dots: Vec<DotList> =
        left.dots.into_iter().map(|list| within(list, [0.0, at])).collect();
    dots.extend(right.dots.into_iter().map(|list| within(list, [at, width])));
    PlotContent { image, dots, panels: Vec::new() }
}

/// The colours of f, whatever those of the dots are.
pub(super) fn colors_of_f(look: &ViewParams) -> [[u8; 4]; 256] {
    lut(look.color_map, look.reversed)
}

/// A picture without anything.
pub(super) fn blank([width, height]: [u32; 2]) -> Result<Vec<u8>, PictureError> {
    let bytes = 4 * width as usize * height as usize;
    let mut picture = Vec::new();
    if picture.try_reserve_exact(bytes).is_err() {
        let mebibytes = (bytes as u64) >> 20;
        return Err(FigureError::NoMemory { width, height, mebibytes }.into());
    }
    picture.resize(bytes, 0);
    Ok(picture)
}

/// Draws opaque pixels of another size under some rows of a picture with premultiplied alpha; `size` is that of all of
/// the picture.
fn lay_under(
    picture: &mut [u8],
    size: [u32; 2],
    of: Range<u32>,
    (pixels, [columns, rows]): (&[u8], [usize; 2]),
    opacity: f32,
) {
    let [width, height] = size.map(|side| side as usize);
    for (y, line) in (of.start as usize..).zip(picture.chunks_exact_mut(4 * width)) {
        let row = y * rows / height;
        for (x, over) in line.chunks_exact_mut(4).enumerate() {
            let start = 4 * (row * columns + x * columns / width);
            let Some(under) = pixels.get(start..start + 3) else { continue };
            let left = opacity * (1.0 - f32::from(over[3]) / 255.0);
            for (over, under) in over.iter_mut().zip(under) {
                *over = (f32::from(*over) + left * f32::from(*under)).round().min(255.0) as u8;
            }
            over[3] = (f32::from(over[3]) + 255.0 * left).round().min(255.0) as u8;
        }
    }
}
