//! Brings dots to memory as places and colours, as `shaders/scatter.wgsl` draws them, for pictures that keep shapes.

use super::{
    Curve, Dots, Gpu, GpuError,
    scatter::{ScatterView, UNMARKED},
};

/// A dot in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlacedDot {
    /// Its middle in pixels, from the top left.
    pub middle: [f32; 2],
    /// Its radius in pixels.
    pub radius: f32,
    /// Its colour as sRGB, and how opaque that is, not premultiplied.
    pub color: [u8; 4],
}

/// The shader's: how much smaller or larger than the view's a radius may become, what those of dots that are not
/// marked are multiplied by, and beyond which place a dot has none.
const SIZES: [f32; 2] = [0.4, 4.0];
const REST_SIZE: f32 = 0.7;
const NOWHERE: f32 = 1e29;

impl Gpu {
    /// The dots that `view` shows, in the order in which they cover each other; `placing` says where on the
    /// scale of the 256 colours `lut` a value is, 0 to 1.
    ///
    /// # Errors
    /// When the device fails.
    pub fn dot_list(
        &self,
        dots: &Dots,
        lut: &[[u8; 4]; 256],
        placing: impl Fn(f32) -> f32,
        view: &ScatterView,
    ) -> Result<Vec<PlacedDot>, GpuError> {
        let n = dots.n as usize;
        let floats = |buffer: &wgpu::Buffer, count: usize| {
            let bytes = 4 * count;
            self.read(buffer, bytes as u64, |read| {
                bytemuck::pod_collect_to_vec::<u8, f32>(&read[..bytes])
            })
        };
        if n == 0 {
            return Ok(Vec::new());
        }
        let places = floats(&dots.places, 2 * n)?;
        let shown = floats(&dots.shown, n)?;
        let values = if dots.height_is_value { floats(&dots.values, n)? } else { Vec::new() };
        let thirds = dots.thirds.as_ref().map(|thirds| floats(thirds, n)).transpose()?;
        let space = view.space.map(|space| space.uniform());
        let color = |shown: f32| {
            let has_none = shown.is_nan() || (view.curve == Curve::Log && shown <= 0.0);
            let entry = (placing(shown).clamp(0.0, 1.0) * 255.0).round() as usize;
            if has_none { view.below } else { lut[entry.min(255)] }
        };
        let opaque = |[r, g, b, a]: [u8; 4]| {
            let opacity = if space.is_some() { 1.0 } else { view.opacity };
            [r, g, b, (f32::from(a) * opacity).round() as u8]
        };
        let mut found = Vec::with_capacity(n);
        let is_rest = |i: usize| dots.marked && shown[i] <= UNMARKED;
        let passes: &[bool] = match (dots.marked, view.hides_rest) {
            (false, _) | (true, true) => &[false],
            (true, false) => &[true, false],
        };
        for rest in passes {
            for i in (0..n).filter(|&i| is_rest(i) == *rest) {
                let color = opaque(if *rest { view.rest() } else { color(shown[i]) });
                let [x, y] = [places[2 * i], places[2 * i + 1]];
                if x >= NOWHERE {
                    continue;
                }
                let Some((space, thirds)) = space.as_ref().zip(thirds.as_ref()) else {
                    let y = if dots.height_is_value { values[i] } else { y };
                    let middle = in_plane(view, [x, y]);
                    found.push((0.0, PlacedDot { middle, radius: view.radius, color }));
                    continue;
                };
                let place = [x, y, thirds[i], 1.0];
                let row =
                    |row: [f32; 4]| -> f32 { row.iter().zip(place).map(|(a, b)| a * b).sum() };
                let along: f32 = space.slab.iter().zip(place).map(|(a, b)| a * b).sum();
                let [cx, cy, cz, w] = [row(space.x), row(space.y), row(space.z), row(space.w)];
                if !(space.slab_low..=space.slab_high).contains(&along) || w <= 0.0 {
                    continue;
                }
                let depth = cz / w;
                if !(0.0..=1.0).contains(&depth) {
                    continue;
                }
                let nearness = (space.distance / w.max(1e-9)).clamp(SIZES[0], SIZES[1]);
                let radius = view.radius * nearness * if *rest { REST_SIZE } else { 1.0 };
                let [width, height] = view.size;
                let middle = [0.5 * width * (cx / w + 1.0), 0.5 * height * (1.0 - cy / w)];
                found.push((depth, PlacedDot { middle, radius, color }));
            }
        }
        if space.is_some() {
            // The farthest first; of two as far the earlier one is seen.
            found.reverse();
            found.sort_by(|a, b| b.0.total_cmp(&a.0));
        }
        let [width, height] = view.size;
        let is_seen = |dot: &PlacedDot| {
            let within = |at: f32, side: f32| (-dot.radius..=side + dot.radius).contains(&at);
            within(dot.middle[0], width) && within(dot.middle[1], height)
        };
        Ok(found.into_iter().map(|(_, dot)| dot).filter(is_seen).collect())
    }
}

/// Where a place in the plane is on the picture.
fn in_plane(view: &ScatterView, place: [f32; 2]) -> [f32; 2] {
    let part = |k: usize| (f64::from(place[k]) - view.center[k]) / view.span[k];
    let [width, height] = view.size.map(f64::from);
    [(width * (part(0) + 0.5)) as f32, (height * (0.5 - part(1))) as f32]
}
