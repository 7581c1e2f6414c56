//! The dots of some targets as they are drawn: places, values of f, and the values that their colours show,
//! in the order of drawing (`shaders/dots.wgsl`).
//!
//! A later dot lies on an earlier one. In the plane the order is chosen here and not by a depth buffer, because
//! dots are transparent and blend right only in their order.

use bytemuck::{Pod, Zeroable};

use super::{
    Field, Gpu, GpuError, Places,
    pipelines::{compute_pipeline, shader, storage_entry, uniform_entry, whole},
};

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/dots.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Work` in `dots.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Work {
        pub n: u32,
        pub has_order: u32,
        pub padding: [u32; 2],
    }
}

pub(super) struct ArrangePipelines {
    arrange: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    mark: wgpu::ComputePipeline,
    mark_layout: wgpu::BindGroupLayout,
}

impl ArrangePipelines {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let module = shader(device, "arrange::shader", SHADER);
        let entries = [
            uniform_entry(0, wgpu::ShaderStages::COMPUTE),
            storage_entry(1, true),
            storage_entry(2, true),
            storage_entry(3, false),
            storage_entry(4, true),
        ];
        let layout_of = |label, entries| {
            let label = Some(label);
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries })
        };
        let layout = layout_of("arrange::layout", &entries[..4]);
        let mark_layout = layout_of("mark::layout", &entries);
        Self {
            arrange: compute_pipeline(device, &module, &layout, "arrange", &[]),
            layout,
            mark: compute_pipeline(device, &module, &mark_layout, "mark", &[]),
            mark_layout,
        }
    }
}

/// The dots of some targets, in the order of drawing, on the device. Clones share them.
#[derive(Clone)]
pub struct Dots {
    pub(super) n: u32,
    pub(super) places: wgpu::Buffer,
    /// The third number of each place, where they lie in space.
    pub(super) thirds: Option<wgpu::Buffer>,
    pub(super) height_is_value: bool,
    /// f, in the order of drawing.
    pub(super) values: wgpu::Buffer,
    /// What the colours show, in the order of drawing.
    pub(super) shown: wgpu::Buffer,
    /// Whether some of that may say that a dot is not marked.
    pub(super) marked: bool,
}

impl Dots {
    /// The dots of targets at `places` with the values `field`; `shown` are the values that their colours
    /// show. Both are in the order of the targets.
    ///
    /// # Errors
    /// When they do not fit, or the device fails.
    pub fn new(gpu: &Gpu, places: &Places, field: &Field, shown: &Field) -> Result<Self, GpuError> {
        let n = places.n().min(field.n()).min(shown.n());
        let arranged = |field: &Field| match &places.order {
            None => Ok(field.values.clone()),
            Some(order) => arrange(gpu, n, order, &field.values),
        };
        let values = arranged(field)?;
        let shown = if shown.values == field.values { values.clone() } else { arranged(shown)? };
        Ok(Self {
            n: n as u32,
            places: places.buffer.clone(),
            thirds: places.thirds.clone(),
            height_is_value: places.height_is_value,
            values,
            shown,
            marked: false,
        })
    }

    /// The same dots of targets at `places`, of which those are marked whose bits are set: that of target i is
    /// bit i % 32 of number i / 32.
    ///
    /// # Errors
    /// When they do not fit, or the device fails.
    pub fn marked(&self, gpu: &Gpu, places: &Places, bits: &[u32]) -> Result<Self, GpuError> {
        let mut bits = bits.to_vec();
        bits.resize(self.n.div_ceil(32).max(1) as usize, 0);
        let usage = wgpu::BufferUsages::STORAGE;
        // The bits of whole numbers, not their values.
        let parts = [bytemuck::cast_slice(&bits)];
        let marks = gpu.filled("marks", "the marks of the dots", &parts, usage)?;
        let order = places.order.as_ref();
        let work =
            gpu_data::Work { n: self.n, has_order: u32::from(order.is_some()), padding: [0; 2] };
        let buffers = [order.unwrap_or(&marks), &self.shown, &marks];
        let ArrangePipelines { mark, mark_layout, .. } = &gpu.pipelines.arrange;
        let shown = run(gpu, &work, mark, mark_layout, &buffers)?;
        Ok(Self { shown, marked: true, ..self.clone() })
    }
}

/// The first `n` of `values` in this order.
fn arrange(
    gpu: &Gpu,
    n: usize,
    order: &wgpu::Buffer,
    values: &wgpu::Buffer,
) -> Result<wgpu::Buffer, GpuError> {
    let ArrangePipelines { arrange, layout, .. } = &gpu.pipelines.arrange;
    let work = gpu_data::Work { n: n as u32, has_order: 1, padding: [0; 2] };
    run(gpu, &work, arrange, layout, &[order, values])
}

/// Runs a pipeline over all dots; `buffers` are those that it reads, but for the uniforms: the third one has
/// binding 4.
fn run(
    gpu: &Gpu,
    work: &gpu_data::Work,
    pipeline: &wgpu::ComputePipeline,
    layout: &wgpu::BindGroupLayout,
    buffers: &[&wgpu::Buffer],
) -> Result<wgpu::Buffer, GpuError> {
    let n = work.n as usize;
    let arranged = Field::room(gpu, n)?;
    let uniforms = gpu.uniform("arrange::work", work)?;
    let groups = gpu.workgroups(n);
    gpu.checked(|device| {
        let mut entries = vec![whole(0, &uniforms), whole(3, &arranged)];
        entries.extend([1, 2, 4].into_iter().zip(buffers).map(|(k, buffer)| whole(k, buffer)));
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("arrange::bind_group"),
            layout,
            entries: &entries,
        });
        let label = wgpu::CommandEncoderDescriptor { label: Some("arrange") };
        let mut encoder = device.create_command_encoder(&label);
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some("arrange"),
                timestamp_writes: None,
            });
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &bind_group, &[]);
            pass.dispatch_workgroups(groups, 1, 1);
        }
        gpu.submit([encoder.finish()])
    })?;
    Ok(arranged)
}
