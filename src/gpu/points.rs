//! What a sum reads and writes on the device: both clouds, and the running sums.

use super::{Gpu, GpuError};
use crate::model::{Points, Sigma};

/// Both clouds on the device.
#[derive(Clone)]
pub struct PointBuffers {
    n: usize,
    m: usize,
    extent: f64,
    pub(super) targets: wgpu::Buffer,
    pub(super) sources: wgpu::Buffer,
    /// What f32 drops of both, if anything.
    pub(super) low: Option<[wgpu::Buffer; 2]>,
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
        let targets = points.split_targets();
        let high = gpu.filled(
            "targets",
            "the targets",
            &targets.high,
            storage | wgpu::BufferUsages::VERTEX,
        )?;
        let sources = points.split_sources(order.iter().map(|&j| j as usize));
        let low = if targets.low.is_empty() && sources.low.is_empty() {
            None
        } else {
            let padded = |mut low: Vec<f32>, len| {
                low.resize(len, 0.0);
                low
            };
            let targets_low = padded(targets.low, targets.high.len());
            let sources_low = padded(sources.low, sources.high.len());
            Some([
                gpu.filled("targets_low", "the targets", &targets_low, storage)?,
                gpu.filled("sources_low", "the sources", &sources_low, storage)?,
            ])
        };
        Ok(Self {
            n: points.n(),
            m: points.m(),
            extent: points.bounds().extent(),
            targets: high,
            sources: gpu.filled("sources", "the sources", &sources.high, storage)?,
            low,
        })
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
        Ok(Self(gpu.buffer("sums", "the sums", 8 * n as u64, usage)?))
    }
}
