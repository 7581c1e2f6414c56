//! What a sum reads and writes on the device: both clouds, and the running sums.

use super::{Gpu, GpuError};
use crate::model::{Points, Sigma, Split};

/// Both clouds on the device.
#[derive(Clone)]
pub struct PointBuffers {
    n: usize,
    m: usize,
    extent: f64,
    /// The coordinates in f32; behind them, if `has_low`, what f32 drops of them.
    pub(super) targets: wgpu::Buffer,
    pub(super) sources: wgpu::Buffer,
    pub(super) has_low: bool,
}

impl PointBuffers {
    /// Uploads two-dimensional points, the sources in the order of `order`.
    ///
    /// # Errors
    /// When they do not fit.
    ///
    /// # Panics
    /// When the points are not two-dimensional.
    pub fn new(gpu: &Gpu, points: &Points, order: &[u32]) -> Result<Self, GpuError> {
        assert_eq!(points.dim(), 2, "the kernel is written for two coordinates");
        let storage = wgpu::BufferUsages::STORAGE;
        let (n, m) = (points.n(), points.m());
        let mut targets = points.split_targets();
        let mut sources = points.split_sources(order.iter().map(|&j| j as usize));
        let has_low = !targets.low.is_empty() || !sources.low.is_empty();
        if has_low {
            // One of the two may drop nothing where the other does.
            targets.low.resize(targets.high.len(), 0.0);
            sources.low.resize(sources.high.len(), 0.0);
        }
        let upload = |label, what, Split { high, low }: &Split, usage| {
            let count = high.len() / points.dim();
            gpu.filled(label, what, &[high.as_slice(), low.as_slice()], usage)
                .map_err(|err| err.with_most_of(count))
        };
        let targets =
            upload("targets", "the targets", &targets, storage | wgpu::BufferUsages::VERTEX)?;
        let sources = upload("sources", "the sources", &sources, storage)?;
        Ok(Self { n, m, extent: points.bounds().extent(), targets, sources, has_low })
    }

    /// Number of targets.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Number of sources.
    pub fn m(&self) -> usize {
        self.m
    }

    /// Whether what f32 drops of the coordinates would show at this σ.
    ///
    /// A target rounded by δ sees a field off by up to about 3δ/σ of itself; f32 makes δ about
    /// 1.5·10⁻⁸ of the extent.
    pub(super) fn needs_split(&self, sigma: Sigma) -> bool {
        4.5e-8 * self.extent / sigma.get() > 5e-7
    }
}

/// Running sums with their rounding errors, one pair of f32 a target. Clones share it.
#[derive(Clone)]
pub struct Sums(pub(super) wgpu::Buffer);

impl Sums {
    /// Room for `n` targets.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn new(gpu: &Gpu, n: usize) -> Result<Self, GpuError> {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let buffer = gpu.buffer("sums", "the sums", 8 * n as u64, usage);
        Ok(Self(buffer.map_err(|err| err.with_most_of(n))?))
    }
}
