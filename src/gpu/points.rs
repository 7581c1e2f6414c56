//! Buffers of the exact sum on the device: targets, sources and the running sums.

use rayon::{
    iter::{IndexedParallelIterator, ParallelIterator},
    slice::{ParallelSlice, ParallelSliceMut},
};

use super::{
    Gpu, GpuError,
    variant::{Exactness, GROUP, stored_coordinates},
};
use crate::model::{Cloud, Points, Sigma};

/// Targets and sources on the device, in f32.
///
/// Targets with two coordinates are stored as they are drawn, `x y x y …`; with any other number,
/// coordinate by coordinate: coordinate k of target i is at index `k · 4⌈n/4⌉ + i`. Sources are
/// stored in groups of four, coordinate by coordinate within a group. More than four coordinates
/// are padded with zeros to a multiple of four.
#[derive(Clone)]
pub struct PointBuffers {
    n: usize,
    m: usize,
    dim: usize,
    extent: f64,
    /// The targets' coordinates rounded to f32; behind them, if `has_low`, their low parts: what
    /// the rounding dropped.
    pub(super) targets: wgpu::Buffer,
    /// The sources' coordinates; behind them, if `has_low`, their low parts; then, if
    /// `largest_weight`, their weights.
    pub(super) sources: wgpu::Buffer,
    pub(super) has_low: bool,
    /// The largest |w|, where sources have weights.
    largest_weight: Option<f64>,
    /// The smallest |w| above 0, where sources have weights.
    smallest_weight: Option<f64>,
    weight_unit: f64,
}

impl PointBuffers {
    /// Uploads targets and sources; `order`, a permutation of 0..m, is the order of the sources and
    /// of their weights.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn new(gpu: &Gpu, points: &Points, order: &[u32]) -> Result<Self, GpuError> {
        Self::in_order(gpu, points, None, order)
    }

    /// As [`Self::new`], with the targets in the order of `target_order`, a permutation of 0..n.
    pub(super) fn in_order(
        gpu: &Gpu,
        points: &Points,
        target_order: Option<&[u32]>,
        order: &[u32],
    ) -> Result<Self, GpuError> {
        let storage = wgpu::BufferUsages::STORAGE;
        let (n, m, dim) = (points.n(), points.m(), points.dim());
        let mut targets = points.split_targets(target_order);
        let mut sources = points.split_sources(Some(order));
        let has_low = !targets.low.is_empty() || !sources.low.is_empty();
        if has_low {
            // One cloud may be exact in f32 where the other is not; the kernel reads low parts of
            // both.
            targets.low.resize(targets.high.len(), 0.0);
            sources.low.resize(sources.high.len(), 0.0);
        }
        let largest_weight = largest_weight(points.sources());
        let smallest_weight = smallest_weight(points.sources());
        let weight_unit = weight_unit(largest_weight.unwrap_or(1.0));
        let mut weights: Vec<f32> = points.sources().weights().map_or_else(Vec::new, |weights| {
            order.iter().map(|&j| (weights[j as usize] / weight_unit) as f32).collect()
        });
        weights.resize(weights.len().next_multiple_of(GROUP), 0.0);
        let upload = |label, what, parts: &[&[f32]], usage, count| {
            gpu.filled(label, what, parts, usage).map_err(|err| err.with_most_of(count))
        };
        let [high, low] = [targets.high, targets.low].map(|part| arrange_targets(part, dim));
        let usage = storage | wgpu::BufferUsages::VERTEX;
        let targets = upload("targets", "the targets", &[&high, &low], usage, n)?;
        drop((high, low));
        let [high, low] = [sources.high, sources.low].map(|part| arrange_sources(part, dim));
        let sources = upload("sources", "the sources", &[&high, &low, &weights], storage, m)?;
        let extent = points.bounds().extent();
        Ok(Self {
            n,
            m,
            dim,
            extent,
            targets,
            sources,
            has_low,
            largest_weight,
            smallest_weight,
            weight_unit,
        })
    }

    /// Bytes of both buffers.
    pub fn bytes(&self) -> u64 {
        self.targets.size() + self.sources.size()
    }

    /// Number of targets.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Number of sources.
    pub fn m(&self) -> usize {
        self.m
    }

    /// Number of coordinates of a point.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The largest |w|, where sources have weights.
    pub fn largest_weight(&self) -> Option<f64> {
        self.largest_weight
    }

    /// The unit of the stored weights and of the sums: a power of two, and 1 unless f32 could not
    /// hold the weights or their sums.
    pub fn weight_unit(&self) -> f64 {
        self.weight_unit
    }

    /// Number of quads of targets (four consecutive ones each); the last may not be full.
    pub(super) fn target_quads(&self) -> usize {
        self.n.div_ceil(4)
    }

    /// Index of the first low part in `targets`, in vec4s.
    pub(super) fn targets_low(&self) -> usize {
        stored_coordinates(self.dim) * self.target_quads()
    }

    /// Index of the first low part in `sources`, in vec4s.
    pub(super) fn sources_low(&self) -> usize {
        stored_coordinates(self.dim) * self.m.div_ceil(GROUP)
    }

    /// Index of the first weight in `sources`, in vec4s.
    pub(super) fn weights_at(&self) -> usize {
        if self.has_low { 2 * self.sources_low() } else { self.sources_low() }
    }

    /// A coordinate more than 64σ away from every point, so that f32 rounds the term to zero.
    pub(super) fn far(&self, sigma: Sigma) -> f32 {
        // No point is further than the extent from the centre, once for each cloud.
        (4.0 * self.extent + 128.0 * sigma.get()) as f32
    }

    /// Whether rounding coordinates to f32 would cost a relative error above 5·10⁻⁷ at this σ, so
    /// that the low parts are needed.
    ///
    /// A target that is moved by δ changes its value by up to about 3δ/σ of it. Rounding moves a
    /// point by about 1.5·10⁻⁸ of the extent in the plane, and by √(d/2) times that in d > 2
    /// dimensions.
    pub(super) fn needs_split(&self, sigma: Sigma) -> bool {
        let delta = 1.5e-8 * self.extent * (self.dim.max(2) as f64 / 2.0).sqrt();
        3.0 * delta / sigma.get() > 5e-7
    }

    /// The precision of usual terms at this σ: split where low parts are stored and needed.
    pub(super) fn exactness_at(&self, sigma: Sigma) -> Exactness {
        if self.has_low && self.needs_split(sigma) { Exactness::Split } else { Exactness::Usual }
    }

    /// How many σ lie between the outermost points, where two f32 for each coordinate do not tell
    /// near points apart at this σ.
    ///
    /// They drop up to 2⁻⁴⁹ of the extent, and as in [`Self::needs_split`] that costs about three times
    /// its share of σ.
    pub(super) fn beyond_split(&self, sigma: Sigma) -> Option<f64> {
        const DROPPED: f64 = 1.8e-15;
        let apart = self.extent / sigma.get();
        let cost = 3.0 * DROPPED * apart * (self.dim as f64).sqrt();
        (self.has_low && cost > 2e-7).then_some(apart)
    }

    /// The smallest and the largest |w|, where f32 may hold both but not what is between their terms.
    pub(super) fn weights_apart(&self) -> Option<[f64; 2]> {
        const SIDE_BY_SIDE: f64 = 1e-10;
        let [smallest, largest] = [self.smallest_weight?, self.largest_weight?];
        (smallest < SIDE_BY_SIDE * largest).then_some([smallest, largest])
    }
}

/// The running sums on the device, shape (n, 2): for each target the sum in f32 and its rounding
/// error so far. Clones share them.
#[derive(Clone)]
pub struct Sums(pub(super) wgpu::Buffer);

impl Sums {
    /// Sums for `n` targets, not initialised.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn new(gpu: &Gpu, n: usize) -> Result<Self, GpuError> {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let buffer = gpu.buffer("sums", "the sums", 8 * n as u64, usage);
        Ok(Self(buffer.map_err(|err| err.with_most_of(n))?))
    }
}

fn largest_weight(sources: &Cloud) -> Option<f64> {
    let weights = sources.weights()?;
    Some(weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs())))
}

fn smallest_weight(sources: &Cloud) -> Option<f64> {
    let weights = sources.weights()?.iter().map(|w| w.abs());
    weights.filter(|w| *w > 0.0).min_by(f64::total_cmp)
}

/// The power of two that weights are divided by; 1 unless f32 could not hold them or their sum.
fn weight_unit(largest: f64) -> f64 {
    /// If log₂ of the largest |w| lies within ± this, weights are stored as they are. It leaves
    /// f32's range, 2^±126, room for sums over all points and for terms far below the largest.
    const USUAL: f64 = 40.0;
    let power = if largest > 0.0 { largest.log2().floor() } else { 0.0 };
    // The unit and its inverse must both be finite.
    if power.abs() <= USUAL { 1.0 } else { power.clamp(-1000.0, 1000.0).exp2() }
}

/// Points that a thread arranges at once: fewer take less time than waking a thread.
const ARRANGED_AT_ONCE: usize = 4096;

/// Rearranges row-major targets, shape (n, dim), for the kernel: see [`PointBuffers`].
fn arrange_targets(mut rows: Vec<f32>, dim: usize) -> Vec<f32> {
    if dim <= 2 {
        rows.resize(rows.len().next_multiple_of(4 * dim), 0.0);
        return rows;
    }
    let n = rows.len() / dim;
    let stride = n.next_multiple_of(4);
    let mut arranged = vec![0.0; stride * stored_coordinates(dim)];
    if rows.is_empty() {
        return arranged;
    }
    arranged.par_chunks_mut(stride).take(dim).enumerate().for_each(|(k, to)| {
        for (to, point) in to.iter_mut().zip(rows.chunks_exact(dim)) {
            *to = point[k];
        }
    });
    arranged
}

/// Rearranges row-major sources, shape (m, dim), for the kernel: see [`PointBuffers`].
fn arrange_sources(mut rows: Vec<f32>, dim: usize) -> Vec<f32> {
    rows.resize(rows.len().next_multiple_of(GROUP * dim), 0.0);
    if dim == 1 {
        return rows;
    }
    let size = GROUP * stored_coordinates(dim);
    let mut arranged = vec![0.0; rows.len() / (GROUP * dim) * size];
    let groups = arranged.par_chunks_exact_mut(size).with_min_len(ARRANGED_AT_ONCE / GROUP);
    groups.zip(rows.par_chunks_exact(GROUP * dim)).for_each(|(to, from)| {
        for (s, point) in from.chunks_exact(dim).enumerate() {
            for (k, &value) in point.iter().enumerate() {
                to[k * GROUP + s] = value;
            }
        }
    });
    arranged
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "nothing is computed")]
mod tests {
    use super::*;

    /// The k-th coordinate of point i is i + k/100.
    fn rows(n: usize, dim: usize) -> Vec<f32> {
        (0..n * dim).map(|at| (at / dim) as f32 + (at % dim) as f32 / 100.0).collect()
    }

    #[test]
    fn every_coordinate_is_where_the_kernel_looks_for_it() {
        for dim in [1, 2, 3, 4, 5, 7, 8, 64] {
            for n in [1, 3, 4, 5, 64] {
                let stored = stored_coordinates(dim);
                let rows = rows(n, dim);
                let [targets, sources] =
                    [arrange_targets(rows.clone(), dim), arrange_sources(rows.clone(), dim)];
                assert_eq!(targets.len(), n.next_multiple_of(4) * stored);
                assert_eq!(sources.len(), n.next_multiple_of(4) * stored);
                for (at, &value) in rows.iter().enumerate() {
                    let (i, k) = (at / dim, at % dim);
                    let target = if dim == 2 { at } else { k * n.next_multiple_of(4) + i };
                    assert_eq!(targets[target], value, "dim {dim}, n {n}");
                    assert_eq!(
                        sources[(i / 4 * stored + k) * 4 + i % 4],
                        value,
                        "dim {dim}, n {n}"
                    );
                }
                // Padding is zero, so that it adds nothing to squared distances.
                for part in [targets, sources] {
                    let set = |part: &[f32]| part.iter().filter(|value| **value != 0.0).count();
                    assert_eq!(set(&part), set(&rows), "dim {dim}, n {n}");
                }
            }
        }
    }

    #[test]
    fn weights_that_single_precision_cannot_hold_get_a_unit() {
        for usual in [0.0, 1.0, 1e-9, 1e12] {
            assert_eq!(weight_unit(usual), 1.0);
        }
        for odd in [1e200, 1e-200, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            let scaled = odd / weight_unit(odd);
            assert!(scaled < 1e8 && (scaled >= 1.0 || odd < 1e-300), "{odd}: {scaled}");
        }
    }
}
