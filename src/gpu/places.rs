//! The places of the targets in the plot, two f32 each, read by `shaders/scatter.wgsl`.

use super::{Gpu, GpuError, pack};

/// The places of the targets in the plot, shape (n, 2), on the device. Clones share them.
#[derive(Clone)]
pub struct Places {
    n: usize,
    pub(super) buffer: wgpu::Buffer,
    pub(super) height_is_value: bool,
}

impl Places {
    /// Uploads places, shape (n, 2), in data coordinates relative to the points' centre. With
    /// `height_is_value` the second number is ignored and a target is drawn at the height of its
    /// value.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn new(gpu: &Gpu, places: &[f32], height_is_value: bool) -> Result<Self, GpuError> {
        let n = places.len() / 2;
        let rest = vec![0.0; 2 * (pack::room_for(n) - n)];
        let parts = [places, rest.as_slice()];
        let buffer = gpu
            .filled("places", "the places of the targets", &parts, wgpu::BufferUsages::VERTEX)
            .map_err(|err| err.with_most_of(n))?;
        Ok(Self { n, buffer, height_is_value })
    }

    /// Number of targets.
    pub fn n(&self) -> usize {
        self.n
    }
}
