//! Dots in space: how a camera sees them, and the pipelines with a depth buffer that draw them with
//! `shaders/scatter.wgsl`.
//!
//! They are opaque, so that which dot is seen does not depend on the order of drawing; what is transparent
//! is the layer that they are drawn into.

use std::sync::OnceLock;

use bytemuck::{Pod, Zeroable};

use super::{
    Gpu, GpuError,
    pack::{Part, packs},
    pipelines::{texture_entry, uniform_entry},
    scatter::constants,
};
use crate::space::{Slab, Space, SpaceProjection};

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Space` in `scatter.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Space {
        pub x: [f32; 4],
        pub y: [f32; 4],
        pub z: [f32; 4],
        pub w: [f32; 4],
        pub slab: [f32; 3],
        pub slab_low: f32,
        pub slab_high: f32,
        pub distance: f32,
        pub padding: [u32; 2],
    }
}

/// The format of depths, which every device can draw into.
const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// How a camera sees dots in space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceDraw {
    /// The camera, and the size of the whole picture.
    pub projection: SpaceProjection,
    /// The box in whose unit coordinates the dots were uploaded.
    pub base: Space,
    /// What hides the dots outside of it.
    pub slab: Option<Slab>,
    /// The part of the picture that is drawn: left, top, right and bottom as parts of the whole.
    pub part: [f64; 4],
}

impl SpaceDraw {
    /// All of a picture.
    pub const WHOLE: [f64; 4] = [0.0, 0.0, 1.0, 1.0];

    pub(super) fn uniform(&self) -> gpu_data::Space {
        let Self { projection, base, slab, part: [left, top, right, bottom] } = self;
        let [x, y, z, w] = projection.clip_rows(base);
        let moved = |row: [f64; 4], scale: f64, offset: f64| -> [f64; 4] {
            std::array::from_fn(|k| row[k] * scale + w[k] * offset)
        };
        let (across, down) = ((right - left).recip(), (bottom - top).recip());
        let x = moved(x, across, (1.0 - 2.0 * left) * across - 1.0);
        let y = moved(y, down, 1.0 - (1.0 - 2.0 * top) * down);
        let single = |row: [f64; 4]| row.map(|value| value as f32);
        let mut uniform = gpu_data::Space {
            x: single(x),
            y: single(y),
            z: single(z),
            w: single(w),
            slab: [0.0; 3],
            slab_low: -1.0,
            slab_high: 1.0,
            distance: if projection.is_perspective() { projection.distance() as f32 } else { 1.0 },
            padding: [0; 2],
        };
        if let Some(Slab { axis, low, high }) = *slab {
            let end = |value: f64| {
                if value.is_finite() { base.to_unit([value; 3])[axis] } else { value }
            };
            let is_flat = base.half()[axis] <= 0.0;
            let is_hidden = is_flat && !(low..=high).contains(&base.to_data([0.0; 3])[axis]);
            // A rounding error beyond its ends, so that a dot on one of them is shown.
            let slack = 1e-6;
            uniform.slab[axis] = 1.0;
            uniform.slab_low = (end(low) - slack).max(f64::from(f32::MIN)) as f32;
            uniform.slab_high = (end(high) + slack).min(f64::from(f32::MAX)) as f32;
            if is_hidden {
                // All lie at 0 there.
                uniform.slab_low = 1.0;
            }
        }
        uniform
    }
}

/// The pipelines of dots in space.
pub(super) struct SpacePipelines {
    pub(super) layout: wgpu::BindGroupLayout,
    /// As those of dots in the plane; made when they are first needed.
    strided: [[OnceLock<wgpu::RenderPipeline>; 2]; Part::STRIDES],
}

impl SpacePipelines {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("scatter::layout in space"),
            entries: &[
                uniform_entry(0, wgpu::ShaderStages::VERTEX_FRAGMENT),
                texture_entry(1, wgpu::ShaderStages::VERTEX),
                texture_entry(2, wgpu::ShaderStages::VERTEX),
                uniform_entry(3, wgpu::ShaderStages::VERTEX),
            ],
        });
        Self { layout, strided: std::array::from_fn(|_| Default::default()) }
    }

    /// The pipeline that draws every 2^k-th pack into `format`.
    pub(super) fn strided(
        &self,
        device: &wgpu::Device,
        module: &wgpu::ShaderModule,
        format: wgpu::TextureFormat,
        k: usize,
        equalised: bool,
    ) -> &wgpu::RenderPipeline {
        self.strided[k][usize::from(equalised)].get_or_init(|| {
            let constants = constants(format, equalised);
            let compilation_options =
                wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() };
            let places = wgpu::vertex_attr_array![
                0 => Float32x4, 1 => Float32x4, 2 => Float32x4, 3 => Float32x4
            ];
            let thirds = wgpu::vertex_attr_array![8 => Float32x4, 9 => Float32x4];
            let shown = wgpu::vertex_attr_array![6 => Float32x4, 7 => Float32x4];
            let label = Some("scatter::pipeline in space");
            device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label,
                layout: Some(&device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                    label,
                    bind_group_layouts: &[Some(&self.layout)],
                    immediate_size: 0,
                })),
                vertex: wgpu::VertexState {
                    module,
                    entry_point: Some("vertex_space"),
                    compilation_options: compilation_options.clone(),
                    buffers: &[packs(k, &places, 2), packs(k, &thirds, 1), packs(k, &shown, 1)]
                        .map(Some),
                },
                primitive: wgpu::PrimitiveState::default(),
                depth_stencil: Some(wgpu::DepthStencilState {
                    format: DEPTH,
                    depth_write_enabled: Some(true),
                    depth_compare: Some(wgpu::CompareFunction::Less),
                    stencil: wgpu::StencilState::default(),
                    bias: wgpu::DepthBiasState::default(),
                }),
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module,
                    entry_point: Some("fragment_space"),
                    compilation_options,
                    targets: &[Some(format.into())],
                }),
                multiview_mask: None,
                cache: None,
            })
        })
    }
}

/// What dots are drawn onto; in space with how near each pixel's dot is.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) picture: &'a wgpu::TextureView,
    pub(super) depth: Option<&'a wgpu::TextureView>,
}

/// A texture for the depths of a picture of this size.
pub(super) fn depth_texture(
    gpu: &Gpu,
    [width, height]: [u32; 2],
) -> Result<wgpu::TextureView, GpuError> {
    let texture = gpu.checked(|device| {
        device.create_texture(&wgpu::TextureDescriptor {
            label: Some("depth"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: DEPTH,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        })
    })?;
    Ok(texture.create_view(&wgpu::TextureViewDescriptor::default()))
}

/// The depths of a pass: cleared by the first one, and kept for the next.
pub(super) fn depth_attachment(
    view: &wgpu::TextureView,
    is_first: bool,
) -> wgpu::RenderPassDepthStencilAttachment<'_> {
    let load = if is_first { wgpu::LoadOp::Clear(1.0) } else { wgpu::LoadOp::Load };
    wgpu::RenderPassDepthStencilAttachment {
        view,
        depth_ops: Some(wgpu::Operations { load, store: wgpu::StoreOp::Store }),
        stencil_ops: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Camera;

    fn draw(part: [f64; 4], slab: Option<Slab>) -> gpu_data::Space {
        let base = Space::cube([0.0; 3], [1.0, 2.0, 3.0]);
        let projection = Camera::around(&base, 1.5).project_into(&base, [600.0, 400.0]);
        SpaceDraw { projection, base, slab, part }.uniform()
    }

    /// Where a place is seen, as parts of the picture from the upper left corner.
    fn seen(uniform: &gpu_data::Space, [px, py, pz]: [f32; 3]) -> [f32; 2] {
        let along = |row: [f32; 4]| row[0] * px + row[1] * py + row[2] * pz + row[3];
        let [x, y, w] = [uniform.x, uniform.y, uniform.w].map(along);
        [0.5 * (x / w + 1.0), 0.5 * (1.0 - y / w)]
    }

    #[test]
    fn a_part_of_a_picture_shows_what_the_whole_shows_there() {
        let whole = draw(SpaceDraw::WHOLE, None);
        let [left, top, right, bottom] = [0.25, 0.5, 0.75, 0.875];
        let part = draw([left, top, right, bottom], None);
        for place in [[0.0; 3], [0.5, -0.5, 0.25], [-0.3, 0.1, -0.5]] {
            let ([x, y], [u, v]) = (seen(&whole, place), seen(&part, place));
            let expected =
                [(f64::from(x) - left) / (right - left), (f64::from(y) - top) / (bottom - top)];
            assert!((f64::from(u) - expected[0]).abs() < 1e-5, "{u} {expected:?}");
            assert!((f64::from(v) - expected[1]).abs() < 1e-5, "{v} {expected:?}");
        }
    }

    #[test]
    fn a_slab_is_given_in_the_units_of_the_places() {
        let open = draw(SpaceDraw::WHOLE, Some(Slab { axis: 1, low: 0.5, high: f64::INFINITY }));
        assert_eq!(open.slab.map(f32::to_bits), [0.0_f32, 1.0, 0.0].map(f32::to_bits));
        assert!((open.slab_low + 0.25).abs() < 1e-5 && open.slab_high > 1e30);
        let none = draw(SpaceDraw::WHOLE, None);
        assert!(none.slab_low < 0.0 && none.slab_high > 0.0 && none.slab[1].abs() < 1e-9);
    }
}
