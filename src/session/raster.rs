//! f at the pixels of a part of the plane, in the colours of a scale, and curves along one axis.

use super::Scene;
use crate::{
    color::{Scale, below_range},
    model::{Scaling, ViewParams},
    plane::RasterGrid,
};

/// The colour of dots on a raster: with a white rim it is seen on any.
pub const NEUTRAL_DOT: [u8; 4] = [0x1c, 0x1e, 0x24, u8::MAX];

/// f at pixels of the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// f, row by row from the lowest: shape (rows·columns,).
    pub values: Vec<f32>,
    /// Where its pixels are.
    pub grid: RasterGrid,
    /// Whether values are means over pixels, because σ is below one.
    pub mean: bool,
    /// The lowest value, the lowest above 0 (0 if none is), and the highest.
    pub range: [f32; 3],
}

/// f, or a density, along one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its values in the middle of equal steps.
    pub values: Vec<f32>,
    /// From the beginning of the first step to the end of the last.
    pub ends: [f64; 2],
    /// Whether values are means over steps, because σ is below one.
    pub mean: bool,
}

impl Curve {
    /// Its points, from left to right.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (f64, f32)> {
        let ([from, to], count) = (self.ends, self.values.len() as f64);
        self.values.iter().enumerate().map(move |(k, f)| {
            let t = (k as f64 + 0.5) / count;
            (from * (1.0 - t) + to * t, *f)
        })
    }

    /// Its highest point.
    pub fn highest(&self) -> Option<(f64, f32)> {
        self.points().max_by(|(_, a), (_, b)| a.total_cmp(b))
    }
}

impl Raster {
    /// The colour scale of its values: that of the field of `scene`, `shown` there, or where they are a
    /// marginal one of their own.
    pub fn scale(&self, scene: &Scene, shown: &Scale, view: &ViewParams) -> Scale {
        if scene.prepared.points.dim() <= 2 {
            let by_f = scene.colored.by.column().is_none();
            return if by_f { shown.clone() } else { scene.field_scale(view) };
        }
        let scale = Scale::without_quantiles(view.scaling, self.range);
        if view.color_map.is_diverging() { scale.around_zero() } else { scale }
    }

    /// Its values as opaque RGBA pixels, the highest row first.
    pub fn pixels(&self, scale: &Scale, lut: &[[u8; 4]; 256], dark: bool) -> Vec<u8> {
        /// Pixels from which on several threads colour them. Not those of the sums, which are busy while
        /// something moves: the window would wait for them.
        const MANY: usize = 1 << 20;
        let columns = self.grid.size[0];
        let mut pixels = vec![0; 4 * self.values.len()];
        let threads = if self.values.len() < MANY { 1 } else { 4 };
        let rows = self.grid.size[1].div_ceil(threads);
        let parts = pixels.chunks_mut(4 * columns * rows);
        // The highest row comes first.
        let values = self.values.rchunks(columns * rows);
        if threads == 1 {
            parts.zip(values).for_each(|(part, f)| color(part, f, columns, scale, lut, dark));
        } else {
            std::thread::scope(|scope| {
                for (part, f) in parts.zip(values) {
                    scope.spawn(move || color(part, f, columns, scale, lut, dark));
                }
            });
        }
        pixels
    }
}

/// Colours rows of values; the last row comes first.
fn color(
    pixels: &mut [u8],
    values: &[f32],
    columns: usize,
    scale: &Scale,
    lut: &[[u8; 4]; 256],
    dark: bool,
) {
    let below = below_range(dark);
    // As the dots have it: what lies below the range gets the first colour. So does what is too small to be
    // told from 0; only a negative value has no logarithm.
    let has_none = |f: f32| f.is_nan() || scale.scaling == Scaling::Log && f < 0.0;
    let place = scale.placing();
    let rows = pixels.chunks_exact_mut(4 * columns).zip(values.chunks_exact(columns).rev());
    for (pixels, row) in rows {
        for (pixel, f) in pixels.chunks_exact_mut(4).zip(row) {
            let entry = (place(*f) * 255.0).round() as usize;
            let color = if has_none(*f) { below } else { lut[entry.min(255)] };
            pixel.copy_from_slice(&color);
        }
    }
}

/// The lowest value, the lowest above 0, and the highest.
pub(super) fn range_of(values: &[f32]) -> [f32; 3] {
    let ends = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY];
    let [low, least, high] = values.iter().fold(ends, |[low, least, high], f| {
        let positive = if *f > 0.0 { *f } else { f32::INFINITY };
        [low.min(*f), least.min(positive), high.max(*f)]
    });
    [low, if least.is_finite() { least } else { 0.0 }, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_row_of_a_picture_comes_first_however_many_threads_colour_it() {
        for [columns, rows] in [[2, 3], [1024, 1031]] {
            let grid = RasterGrid { x: [0.0, 1.0], y: [0.0, 1.0], size: [columns, rows] };
            let values: Vec<f32> =
                (0..columns * rows).map(|k| (k / columns) as f32 + 1.0).collect();
            let range = range_of(&values);
            let raster = Raster { values, grid, mean: false, range };
            let mut lut = [[0, 0, 0, 255]; 256];
            (lut[0][0], lut[255][0]) = (7, 9);
            let scale = Scale::new(Scaling::Linear, 1.0, rows as f32);
            let pixels = raster.pixels(&scale, &lut, true);
            assert_eq!((pixels[0], pixels[pixels.len() - 4]), (9, 7));
            // Nothing below the range but what has no logarithm has another colour.
            let scale = Scale::new(Scaling::Log, 2.0, rows as f32);
            let last = raster.pixels(&scale, &lut, true);
            assert_eq!(last[last.len() - 4], 7);
        }
        let one = |f: f32, scaling| {
            let grid = RasterGrid { x: [0.0, 1.0], y: [0.0, 1.0], size: [1, 1] };
            let raster = Raster { values: vec![f], grid, mean: false, range: [f; 3] };
            raster.pixels(&Scale::new(scaling, 1.0, 2.0), &[[1, 2, 3, 255]; 256], false)
        };
        assert_eq!(one(-1.0, Scaling::Linear), [1, 2, 3, 255]);
        assert_eq!(one(-1.0, Scaling::Log), below_range(false));
    }
}
