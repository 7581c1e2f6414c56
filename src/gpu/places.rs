//! The places of the targets in the plot, two f32 each, in space three, read by `shaders/scatter.wgsl`.

use super::{Gpu, GpuError, pack};

/// The places of the targets in the plot, shape (n, 2), on the device, in the order in which their dots are
/// drawn. Clones share them.
#[derive(Clone)]
pub struct Places {
    n: usize,
    pub(super) buffer: wgpu::Buffer,
    /// The third number of each place, where they lie in space.
    pub(super) thirds: Option<wgpu::Buffer>,
    pub(super) height_is_value: bool,
    /// The target that each dot is, as u32; `None` where dots are drawn in the order of the targets.
    pub(super) order: Option<wgpu::Buffer>,
}

impl Places {
    /// Uploads places, shape (n, 2), in data coordinates relative to the points' centre, in the order in
    /// which their dots are drawn. With `height_is_value` the second number is ignored and a target is
    /// drawn at the height of its value. `order` is the target that each dot is, shape (n,); without it
    /// they are in the order of the targets.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn new(
        gpu: &Gpu,
        places: &[f32],
        height_is_value: bool,
        order: Option<&[u32]>,
    ) -> Result<Self, GpuError> {
        let n = places.len() / 2;
        let rest = vec![0.0; 2 * (pack::room_for(n) - n)];
        let filled = |label, what, parts: &[&[f32]], usage| {
            gpu.filled(label, what, parts, usage).map_err(|err| err.with_most_of(n))
        };
        let parts = [places, rest.as_slice()];
        let usage = wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_SRC;
        let buffer = filled("places", "the places of the targets", &parts, usage)?;
        let order = order.map(|order| {
            // The bits of whole numbers, not their values.
            let parts = [bytemuck::cast_slice(order)];
            filled("order", "the order of the dots", &parts, wgpu::BufferUsages::STORAGE)
        });
        Ok(Self { n, buffer, thirds: None, height_is_value, order: order.transpose()? })
    }

    /// Uploads places in space, in the unit coordinates of a box, in the order in which their dots are drawn;
    /// `order` as in [`Self::new`].
    ///
    /// # Errors
    /// When they do not fit.
    pub fn in_space(
        gpu: &Gpu,
        places: &[[f32; 3]],
        order: Option<&[u32]>,
    ) -> Result<Self, GpuError> {
        let flat: Vec<f32> = places.iter().flat_map(|[x, y, _]| [*x, *y]).collect();
        let plane = Self::new(gpu, &flat, false, order)?;
        drop(flat);
        let n = places.len();
        let thirds: Vec<f32> = places.iter().map(|[_, _, z]| *z).collect();
        let rest = vec![0.0; pack::room_for(n) - n];
        let what = "the places of the targets";
        let usage = wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_SRC;
        let parts = [&thirds[..], &rest[..]];
        let thirds = gpu.filled("thirds", what, &parts, usage);
        Ok(Self { thirds: Some(thirds.map_err(|err| err.with_most_of(n))?), ..plane })
    }

    /// Number of targets.
    pub fn n(&self) -> usize {
        self.n
    }
}
