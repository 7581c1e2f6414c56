//! Adds each source to the pixels within its reach: f at their centres, or its mean over each, by the
//! normal distribution function.
//!
//! ```text
//!   mean over a … b of exp(−(u − s)²/2σ²) = √(2π)·σ·(Φ((b − s)/σ) − Φ((a − s)/σ)) / (b − a)
//! ```
//!
//! Where pixels are sheared, a column sees each source higher or lower: the mean over a column is then that
//! of up to sixteen parts of it, each at the place of its share of the source.

use std::{ops::Range, sync::LazyLock};

use super::{pixels::Pixels, resample::hermite};
use crate::engine::{Observer, simd::tasks};

/// Sources and the pixels that they are added to.
pub(super) struct Splat<'a, const D: usize> {
    pub points: &'a [[f64; D]],
    /// `None` is 1 for each.
    pub weights: Option<&'a [f64]>,
    pub pixels: &'a Pixels<D>,
    pub sigma: f64,
    /// The mean over each pixel instead of f at its centre.
    pub mean: bool,
    /// How far a source reaches, in σ.
    pub cut: f64,
    /// What sums are multiplied by.
    pub factor: f64,
}

/// The most runs of sources, each with sums of its own.
const RUNS: usize = 16;
/// The fewest sources in a run.
const FEWEST: usize = 8192;
/// Sources between two checkpoints.
const CHECKPOINT_INTERVAL: usize = 2048;
/// Steps of the table of Φ in σ: a cubic between them errs by less than 10⁻⁹.
const PARTS: usize = 64;
/// Where the table ends, in σ.
const END: f64 = 9.0;
/// The most parts of a column of sheared pixels within a source's reach.
const PIECES: f64 = 16.0;
/// How far from a source such parts lie at most, in σ: beyond are 2·10⁻⁹ of it.
const FAR: f64 = 6.0;

/// Φ and its slope a step, from −[`END`] to [`END`].
static NORMAL: LazyLock<Vec<[f64; 2]>> = LazyLock::new(|| {
    let step = 1.0 / PARTS as f64;
    let density = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    let mut sum = 0.0;
    let entries = (0..=(2.0 * END) as usize * PARTS).map(|k| {
        let z = k as f64 * step - END;
        let entry = [sum, density(z) * step];
        // Simpson's rule.
        sum += step / 6.0 * (density(z) + 4.0 * density(z + 0.5 * step) + density(z + step));
        entry
    });
    entries.collect()
});

/// Φ.
fn normal(table: &[[f64; 2]], z: f64) -> f64 {
    let place = (z.clamp(-END, END) + END) * PARTS as f64;
    let k = (place as usize).min(table.len() - 2);
    let ([a, slope_a], [b, slope_b]) = (table[k], table[k + 1]);
    hermite([a, b], [slope_a, slope_b], place - k as f64)
}

/// What a run of sources made of some rows.
struct Band {
    first: usize,
    sums: Vec<f64>,
}

/// The pixels, or `None` when `observer` ended it.
pub(super) fn splat<const D: usize>(
    from: &Splat<'_, D>,
    share: bool,
    observer: &mut dyn Observer,
) -> Option<Vec<f32>> {
    let count = from.points.len();
    let threads = if share { rayon::current_num_threads() } else { 1 };
    let length = count.div_ceil((2 * threads).min(RUNS)).max(FEWEST);
    let runs = count.div_ceil(length);
    let columns = from.pixels.count[0];
    let bands = tasks::run(runs, count as u64, share, observer, |k, checkpoint| {
        let range = k * length..count.min((k + 1) * length);
        let rows = from.rows_of(range.clone());
        let mut band = Band { first: rows.start, sums: vec![0.0; rows.len() * columns] };
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start + CHECKPOINT_INTERVAL);
            from.add(start..end, &mut band);
            if !checkpoint((end - start) as u64) {
                return None;
            }
            start = end;
        }
        Some(band)
    })?;
    let total: usize = from.pixels.count.iter().product();
    let mut sums = vec![0.0; total];
    for band in bands {
        let start = band.first * columns;
        for (sum, term) in sums[start..].iter_mut().zip(&band.sums) {
            *sum += term;
        }
    }
    Some(sums.into_iter().map(|sum| (sum * from.factor) as f32).collect())
}

impl<const D: usize> Splat<'_, D> {
    /// The pixels of axis `a` within `reach` of `place`.
    fn within(&self, a: usize, place: f64, reach: f64) -> Range<usize> {
        let Pixels { from, step, count, .. } = self.pixels;
        let pixel = |x: f64| ((x - from[a]) / step[a]).floor().clamp(-1.0, count[a] as f64);
        let [low, high] = [pixel(place - reach), pixel(place + reach)];
        let [low, high] = [low.max(0.0) as usize, (high + 1.0) as usize];
        low.min(count[a])..high.min(count[a])
    }

    /// Where a source lies on the last axis as the first column sees it, and how far it reaches there.
    fn height(&self, point: &[f64; D]) -> [f64; 2] {
        let shear = self.pixels.shear;
        let reach = self.cut * self.sigma * shear.hypot(1.0);
        [point[D - 1] - shear * (point[0] - self.pixels.from[0]), reach]
    }

    /// The rows that some sources reach.
    fn rows_of(&self, sources: Range<usize>) -> Range<usize> {
        if D == 1 {
            return 0..1;
        }
        let (mut first, mut end) = (usize::MAX, 0);
        for point in &self.points[sources] {
            let [height, reach] = self.height(point);
            let rows = self.within(D - 1, height, reach);
            if !rows.is_empty() {
                first = first.min(rows.start);
                end = end.max(rows.end);
            }
        }
        if first < end { first..end } else { 0..0 }
    }

    /// What a source of width `sigma` at `place` is at the pixels `range` of axis `a`, into `out`.
    fn profile(&self, a: usize, [place, sigma]: [f64; 2], range: Range<usize>, out: &mut Vec<f64>) {
        let Pixels { from, step, .. } = self.pixels;
        let (from, step, inverse) = (from[a], step[a], 1.0 / sigma);
        out.clear();
        if !self.mean {
            let value = |k: usize| {
                let z = (from + (k as f64 + 0.5) * step - place) * inverse;
                (-0.5 * z * z).exp()
            };
            out.extend(range.map(value));
            return;
        }
        let table = &NORMAL[..];
        let scale = std::f64::consts::TAU.sqrt() * sigma / step;
        let edge = |k: usize| normal(table, (from + k as f64 * step - place) * inverse);
        let mut before = edge(range.start);
        for k in range {
            let next = edge(k + 1);
            out.push((next - before) * scale);
            before = next;
        }
    }

    /// Adds sources to their rows.
    fn add(&self, sources: Range<usize>, band: &mut Band) {
        let columns = self.pixels.count[0];
        let (mut along, mut across) = (Vec::new(), Vec::new());
        for j in sources {
            let (point, weight) = (&self.points[j], self.weights.map_or(1.0, |w| w[j]));
            let reach = self.cut * self.sigma;
            let [height, high] = self.height(point);
            let in_columns = self.within(0, point[0], reach);
            let in_rows = if D == 1 { 0..1 } else { self.within(D - 1, height, high) };
            if in_columns.is_empty() || in_rows.is_empty() {
                continue;
            }
            if self.pixels.shear != 0.0 {
                self.add_sheared(point, weight, in_columns, band);
                continue;
            }
            self.profile(0, [point[0], self.sigma], in_columns.clone(), &mut along);
            if D == 1 {
                across.clear();
                across.push(1.0);
            } else {
                let place = [point[D - 1], self.sigma];
                self.profile(D - 1, place, in_rows.clone(), &mut across);
            }
            for (row, up) in in_rows.zip(&across) {
                let start = (row - band.first) * columns + in_columns.start;
                let weight = weight * up;
                for (sum, part) in band.sums[start..].iter_mut().zip(&along) {
                    *sum += weight * part;
                }
            }
        }
    }

    /// Adds one source to columns that each see it at another height.
    fn add_sheared(&self, point: &[f64; D], weight: f64, columns: Range<usize>, band: &mut Band) {
        let Pixels { from, step, count, shear } = self.pixels;
        let (sigma, width) = (self.sigma, step[0]);
        let mut across = Vec::new();
        let mut add = |column: usize, share: f64, place: f64, spread: f64, band: &mut Band| {
            let height = point[D - 1] - shear * (place - from[0]);
            // What of the column's part lies beside its middle makes the source wider.
            let wide = sigma * (shear * spread).hypot(1.0);
            let rows = self.within(D - 1, height, self.cut * wide);
            self.profile(D - 1, [height, wide], rows.clone(), &mut across);
            let share = weight * share * sigma / wide;
            for (row, up) in rows.zip(&across) {
                // Rounding may name a row that no one reaches.
                let place = row.checked_sub(band.first).map(|row| row * count[0] + column);
                if let Some(sum) = place.and_then(|place| band.sums.get_mut(place)) {
                    *sum += share * up;
                }
            }
        };
        for column in columns {
            let start = from[0] + column as f64 * width;
            if !self.mean {
                let middle = start + 0.5 * width;
                let z = (middle - point[0]) / sigma;
                add(column, (-0.5 * z * z).exp(), middle, 0.0, band);
                continue;
            }
            // Parts of what the source reaches of the column, not of all of it.
            let reach = FAR.min(self.cut);
            let [low, high] = [start, start + width].map(|x| (x - point[0]) / sigma);
            let (low, high) = (low.max(-reach), high.min(reach));
            let parts = (PIECES * (high - low) / (2.0 * reach)).ceil().max(1.0);
            let piece = (high - low) / parts;
            for part in 0..parts as usize {
                let ends = [part as f64, part as f64 + 1.0].map(|k| low + k * piece);
                let Some([mass, middle, spread]) = part_of_normal(ends) else { continue };
                let share = std::f64::consts::TAU.sqrt() * sigma / width * mass;
                add(column, share, point[0] + sigma * middle, spread, band);
            }
        }
    }
}

/// The mass of the standard normal distribution between two places, its mean there and its standard
/// deviation; `None` where there is next to none.
fn part_of_normal([low, high]: [f64; 2]) -> Option<[f64; 3]> {
    let mass = normal(&NORMAL, high) - normal(&NORMAL, low);
    if mass <= 1e-12 {
        return None;
    }
    if mass < 1e-4 {
        // Differences of small numbers have few digits.
        return Some([mass, f64::midpoint(low, high), (high - low) / 12.0_f64.sqrt()]);
    }
    let density = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    let middle = (density(low) - density(high)) / mass;
    let square = 1.0 + (low * density(low) - high * density(high)) / mass - middle * middle;
    Some([mass, middle, square.max(0.0).sqrt()])
}
