//! Draws the dots of a plane into a picture on the processor: the same dots as `shaders/scatter.wgsl`.
//!
//! A software adapter runs on the processor anyway, and takes about a microsecond for the triangle of each dot,
//! nearly all of it for clipping, binning and setting up. Here a dot costs the pixels that it covers.
//!
//! ```text
//!   picture ─▶ bands of rows ─▶ each thread: all dots in their order, those that touch the band
//!                               ─▶ colours with premultiplied alpha, added up in f32 ─▶ 8 bits
//! ```
//!
//! Sums in f32 lose nothing to rounding from dot to dot, as the shader's target of 8 bits does; the two differ by
//! a few of 255 levels where very many dots lie on each other. Where there are fewer dots, or they lie in
//! space, the shader draws them.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    ColorTable, Dots, Gpu, GpuError,
    scatter::{Pass, ScatterView, UNMARKED, gpu_data::View},
};

/// Dots from which on the processor draws them where the adapter is software. Mesa's llvmpipe (22.3.6) took about 9 s
/// of processor time for 10⁷ dots of the usual size: with fewer than this, a quarter of a second at most is lost
/// and the shader draws the same as on every other adapter.
const MANY: u32 = 1 << 18;
/// Pixels of a band, 16 bytes each: 2 MiB. Smaller bands read all places more often, larger ones leave the caches
/// and threads without a band; not tuned further.
const BAND: usize = 1 << 17;
/// Pixels of a row whose distances from the middle of a dot are computed together, and where a dot covers fewer.
const LANES: usize = 8;
const FEW_LANES: usize = 4;
/// The colour of a pixel that no dot covers.
const NOTHING: [f32; 4] = [0.0; 4];

/// What the colours of the dots are, in memory: as in [`ColorTable`].
#[derive(Clone)]
pub(super) struct HostColors {
    pub(super) lut: [[u8; 4]; 256],
    pub(super) quantiles: Option<Box<[f32; 1025]>>,
}

/// The dots in memory, in the order of drawing.
struct HostDots<'a> {
    places: &'a [[f32; 2]],
    /// The heights, where they are not those of the places.
    heights: Option<&'a [f32]>,
    shown: &'a [f32],
}

impl Gpu {
    /// Whether [`Self::picture`] is drawn on the processor.
    pub(super) fn draws_on_processor(&self, dots: &Dots, view: &ScatterView) -> bool {
        self.adapter().software && dots.n >= MANY && dots.thirds.is_none() && view.space.is_none()
    }

    /// The dots of a plane as premultiplied RGBA, as [`Self::picture`] has them.
    ///
    /// # Errors
    /// When the device fails, or there is no memory for the picture.
    pub fn picture_on_processor(
        &self,
        dots: &Dots,
        colors: &ColorTable,
        view: &ScatterView,
    ) -> Result<Vec<u8>, GpuError> {
        self.rows_on_processor(dots, colors, view, 0..view.size[1] as u32)
    }

    /// Some rows of that, counted from the top.
    pub(super) fn rows_on_processor(
        &self,
        dots: &Dots,
        colors: &ColorTable,
        view: &ScatterView,
        rows: Range<u32>,
    ) -> Result<Vec<u8>, GpuError> {
        let n = dots.n as usize;
        let rows = rows.start as usize..rows.end as usize;
        let passes: Vec<View> = dots
            .passes()
            .iter()
            .filter(|pass| **pass != Pass::Rest || !view.hides_rest)
            .map(|pass| view.uniform(dots.height_is_value, *pass))
            .collect();
        // The buffers are read where the device shows them, without a copy of N numbers.
        self.read(&dots.places, 8 * n as u64, |places| {
            self.read(&dots.shown, 4 * n as u64, |shown| {
                let places = bytemuck::cast_slice(&places[..8 * n]);
                let shown = bytemuck::cast_slice(&shown[..4 * n]);
                if !dots.height_is_value {
                    return draw(
                        &HostDots { places, heights: None, shown },
                        &colors.host,
                        &passes,
                        view,
                        rows,
                    );
                }
                self.read(&dots.values, 4 * n as u64, |heights| {
                    let heights = Some(bytemuck::cast_slice(&heights[..4 * n]));
                    draw(&HostDots { places, heights, shown }, &colors.host, &passes, view, rows)
                })?
            })?
        })?
    }
}

/// Some rows of the picture of some dots; `passes` are drawn one after the other.
fn draw(
    dots: &HostDots<'_>,
    colors: &HostColors,
    passes: &[View],
    view: &ScatterView,
    rows: Range<usize>,
) -> Result<Vec<u8>, GpuError> {
    let [width, height] = view.size.map(|side| side as usize);
    let bytes = 4 * width * rows.len();
    let mut rgba = Vec::new();
    let no_memory = |_| GpuError::NoMemory { what: "the picture", needed: bytes as u64 };
    rgba.try_reserve_exact(bytes).map_err(no_memory)?;
    rgba.resize(bytes, 0);
    let high = (BAND / width.max(1)).clamp(1, height.max(1));
    rgba.par_chunks_mut((4 * width * high).max(1)).enumerate().for_each(|(band, pixels)| {
        let mut sums = vec![NOTHING; pixels.len() / 4];
        for pass in passes {
            let brush = Brush::new(pass, colors, [width, height]);
            brush.draw(dots, rows.start + band * high, &mut sums);
        }
        for (pixel, sum) in pixels.chunks_exact_mut(4).zip(&sums) {
            for (level, part) in pixel.iter_mut().zip(sum) {
                *level = (255.0 * part).round().clamp(0.0, 255.0) as u8;
            }
        }
    });
    Ok(rgba)
}

/// Draws the dots of a pass: `vertex` and `fragment` of the shader.
struct Brush<'a> {
    view: &'a View,
    colors: &'a HostColors,
    /// Width of the picture in pixels.
    width: usize,
    /// Half the width and half the height.
    half: [f32; 2],
}

impl<'a> Brush<'a> {
    fn new(view: &'a View, colors: &'a HostColors, [width, height]: [usize; 2]) -> Self {
        Self { view, colors, width, half: [0.5 * width as f32, 0.5 * height as f32] }
    }

    /// Draws all dots that touch the rows from `first` on onto `sums`, which are those rows.
    fn draw(&self, dots: &HostDots<'_>, first: usize, sums: &mut [[f32; 4]]) {
        let Self { view, width, half, .. } = self;
        let reach = view.radius + 0.5;
        let rows = sums.len() / width.max(&1);
        let [low, high] = [first as f32 - reach, (first + rows) as f32 + reach];
        let wide = *width as f32 + reach;
        for (i, [x, y]) in dots.places.iter().enumerate() {
            let y = dots.heights.map_or(*y, |heights| heights[i]);
            let up = (y - view.center[1] - view.center_low[1]) * view.clip_per_data[1];
            let down = half[1] * (1.0 - up);
            // Not so for NaN, either.
            if !(down > low && down < high) {
                continue;
            }
            let side = (x - view.center[0] - view.center_low[0]) * view.clip_per_data[0];
            let across = half[0] * (1.0 + side);
            if !(across > -reach && across < wide) {
                continue;
            }
            let shown = dots.shown[i];
            let is_rest = shown <= UNMARKED;
            if view.drawn != 0 && view.drawn != if is_rest { 1 } else { 2 } {
                continue;
            }
            let color = if is_rest { view.rest } else { self.color_of(shown) };
            self.dot([across, down - first as f32], color, rows, sums);
        }
    }

    /// Blends one dot over `rows` rows.
    fn dot(&self, [x, y]: [f32; 2], [r, g, b, a]: [f32; 4], rows: usize, sums: &mut [[f32; 4]]) {
        let View { radius, opacity, rim, .. } = *self.view;
        let stamp = Stamp { radius, opacity: opacity * a, rim, color: [r, g, b, 1.0] };
        let reach = radius + 0.5;
        let columns = covered(x, reach, self.width);
        let left = columns.start as f32 + 0.5 - x;
        for row in covered(y, reach, rows) {
            let down = row as f32 + 0.5 - y;
            let pixels = &mut sums[row * self.width..][columns.clone()];
            // Those beside the circle are not changed: that takes less time than finding its ends.
            if pixels.len() <= FEW_LANES {
                stamp.blend::<FEW_LANES>(left, down, pixels);
                continue;
            }
            for (k, pixels) in pixels.chunks_mut(LANES).enumerate() {
                stamp.blend::<LANES>(left + (k * LANES) as f32, down, pixels);
            }
        }
    }

    /// The colour of a value, with its opacity.
    fn color_of(&self, f: f32) -> [f32; 4] {
        let View { curve, middle, low, per_range, below, .. } = *self.view;
        if f.is_nan() || (curve == 1 && f <= 0.0) {
            return below;
        }
        let t = middle + (self.along(f) - low) * per_range;
        let place = t.clamp(0.0, 1.0) * 255.0;
        let index = (place as usize).min(254);
        let part = place - index as f32;
        let [first, second] = [index, index + 1].map(|k| self.colors.lut[k].map(f32::from));
        std::array::from_fn(|k| (first[k] + (second[k] - first[k]) * part) / 255.0)
    }

    /// What is spread over the colours.
    fn along(&self, f: f32) -> f32 {
        if let Some(quantiles) = &self.colors.quantiles {
            return part_below(&quantiles[..], f);
        }
        let size = f.abs();
        match self.view.curve {
            1 => f.log2(),
            2 => size.sqrt().copysign(f),
            3 => {
                let x = (self.view.sharpness * size).min(1e9);
                (x + (x * x + 1.0).sqrt()).ln().copysign(f)
            }
            _ => f,
        }
    }
}

/// The pixels, of `end`, whose middles lie no farther than `reach` from `at`.
fn covered(at: f32, reach: f32, end: usize) -> std::ops::Range<usize> {
    // Rounded by hand: without SSE 4.1 that is a call.
    let (low, high) = (at - reach - 0.5, at + reach - 0.5);
    let [first, last] = [low, high].map(|end| end as i32);
    let first = (first + i32::from((first as f32) < low)).max(0) as usize;
    let end = if high < 0.0 { 0 } else { (last as usize + 1).min(end) };
    first.min(end)..end
}

/// What a dot looks like around its middle.
struct Stamp {
    radius: f32,
    opacity: f32,
    rim: f32,
    color: [f32; 4],
}

impl Stamp {
    /// Blends at most `N` pixels of a row; the middle of the first is `left` and `down` from the dot's.
    #[inline]
    fn blend<const N: usize>(&self, left: f32, down: f32, pixels: &mut [[f32; 4]]) {
        let Self { radius, opacity, rim, color } = *self;
        // All lanes, whether or not there is a pixel: vector instructions do them together.
        let (mut alphas, mut edges) = ([0.0; N], [0.0; N]);
        for lane in 0..N {
            let across = left + lane as f32;
            let distance = (across * across + down * down).sqrt();
            alphas[lane] = (radius + 0.5 - distance).clamp(0.0, 1.0) * opacity;
            edges[lane] = (distance - (radius - 1.0)).clamp(0.0, 1.0) * rim;
        }
        if rim <= 0.0 {
            for (sum, alpha) in pixels.iter_mut().zip(alphas) {
                *sum = std::array::from_fn(|k| color[k] * alpha + (1.0 - alpha) * sum[k]);
            }
            return;
        }
        for ((sum, alpha), edge) in pixels.iter_mut().zip(alphas).zip(edges) {
            // The edge is white.
            let of = |k: usize| color[k] + (1.0 - color[k]) * edge;
            *sum = std::array::from_fn(|k| of(k) * alpha + (1.0 - alpha) * sum[k]);
        }
    }
}

/// The part of all values that lies below f, 0 to 1.
fn part_below(quantiles: &[f32], f: f32) -> f32 {
    let above = quantiles.partition_point(|quantile| *quantile < f);
    let last = quantiles.len() - 1;
    if above == 0 {
        return 0.0;
    }
    if above > last {
        return 1.0;
    }
    let [low, high] = [quantiles[above - 1], quantiles[above]];
    let part = if high > low { ((f - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
    ((above - 1) as f32 + part) / last as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_quantiles_are_placed_between_them() {
        let quantiles: Vec<f32> = (0..1025_u16).map(f32::from).collect();
        for (f, part) in
            [(-1.0, 0.0), (0.0, 0.0), (512.0, 0.5), (512.5, 512.5 / 1024.0), (2e3, 1.0)]
        {
            assert!((part_below(&quantiles, f) - part).abs() < 1e-6, "{f}");
        }
        // Where many values are equal, all that lie below count.
        assert!((part_below(&[0.0, 1.0, 1.0, 2.0], 1.0) - 1.0 / 3.0).abs() < 1e-6);
    }
}
