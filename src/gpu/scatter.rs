//! Draws targets as dots coloured by the field: `shaders/scatter.wgsl`.
//!
//! An instance is a pack of several dots; their values come from the buffer that the sum wrote, so
//! that nothing of size N passes through the processor. Places and values are vertex buffers, which
//! every back end has, and not storage buffers, which some lack in vertex shaders.

use std::{ops::Range, sync::OnceLock};

use bytemuck::{Pod, Zeroable};

use super::{
    Field, Gpu, GpuError, Places,
    pack::{DOTS, Part},
    pipelines::{RenderShader, render_pipeline, shader, texture_entry, uniform_entry, whole},
};

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/scatter.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `View` in `scatter.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct View {
        pub center: [f32; 2],
        pub center_low: [f32; 2],
        pub clip_per_data: [f32; 2],
        pub clip_per_pixel: [f32; 2],
        pub radius: f32,
        pub opacity: f32,
        pub low: f32,
        pub per_range: f32,
        pub middle: f32,
        pub logarithmic: u32,
        pub height_is_value: u32,
        pub rim: f32,
        pub below: [f32; 4],
    }
}

/// The view and the style in which dots are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScatterView {
    /// Centre of the picture, in data coordinates relative to the points' centre.
    pub center: [f64; 2],
    /// Width and height of the visible rectangle, in data units.
    pub span: [f64; 2],
    /// Width and height of the picture in pixels.
    pub size: [f32; 2],
    /// Radius of a dot in pixels.
    pub radius: f32,
    /// Opacity of a dot, 0 to 1.
    pub opacity: f32,
    /// The value of the first colour.
    pub low: f32,
    /// The value of the last colour.
    pub high: f32,
    /// Whether the colour scale is logarithmic.
    pub logarithmic: bool,
    /// Colour (RGBA) of values ≤ 0 on a logarithmic scale.
    pub below: [u8; 4],
    /// Whether the background is dark, so that the dots get a light rim.
    pub dark: bool,
}

impl ScatterView {
    /// How much white is mixed into the edge of a dot on a dark background, 0 to 1. Most colour
    /// maps begin dark: with less, their dots merge with the background; with more, rims outshine
    /// the colours.
    const RIM: f32 = 0.22;

    fn uniform(&self, height_is_value: bool) -> gpu_data::View {
        let Self { center, span, size, radius, opacity, low, high, logarithmic, below, dark } =
            *self;
        let along = |value: f32| {
            let value = f64::from(value);
            if logarithmic { value.log2() } else { value }
        };
        let [start, end] = [along(low), along(high)];
        let is_range = end > start;
        let rounded = center.map(|c| c as f32);
        let rest = [0, 1].map(|k| (center[k] - f64::from(rounded[k])) as f32);
        gpu_data::View {
            center: rounded,
            center_low: rest,
            clip_per_data: span.map(|s| (2.0 / s) as f32),
            clip_per_pixel: size.map(|s| 2.0 / s),
            radius,
            opacity,
            low: start as f32,
            per_range: if is_range { (1.0 / (end - start)) as f32 } else { 0.0 },
            middle: if is_range { 0.0 } else { 0.5 },
            logarithmic: u32::from(logarithmic),
            height_is_value: u32::from(height_is_value),
            rim: if dark { Self::RIM } else { 0.0 },
            below: below.map(|c| f32::from(c) / 255.0),
        }
    }
}

pub(super) struct ScatterPipelines {
    module: wgpu::ShaderModule,
    layout: wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
    /// At index k the pipeline that draws every 2^k-th pack; made when it is first needed.
    strided: [OnceLock<wgpu::RenderPipeline>; Part::STRIDES],
}

impl ScatterPipelines {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = shader(device, "scatter::shader", SHADER);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("scatter::layout"),
            entries: &[
                uniform_entry(0, wgpu::ShaderStages::VERTEX_FRAGMENT),
                texture_entry(1, wgpu::ShaderStages::VERTEX),
            ],
        });
        let strided = std::array::from_fn(|_| OnceLock::new());
        let pipelines = Self { module, layout, format, strided };
        pipelines.strided(device, 0);
        pipelines
    }

    fn strided(&self, device: &wgpu::Device, k: usize) -> &wgpu::RenderPipeline {
        self.strided[k].get_or_init(|| {
            let places = wgpu::vertex_attr_array![
                0 => Float32x4, 1 => Float32x4, 2 => Float32x4, 3 => Float32x4
            ];
            let values = wgpu::vertex_attr_array![4 => Float32x4, 5 => Float32x4];
            let packs = |attributes, numbers: u32| {
                Some(wgpu::VertexBufferLayout {
                    array_stride: u64::from(4 * numbers * DOTS) << k,
                    step_mode: wgpu::VertexStepMode::Instance,
                    attributes,
                })
            };
            let buffers = [packs(&places[..], 2), packs(&values[..], 1)];
            let linear_target = f64::from(u8::from(self.format.is_srgb()));
            let constants = [("linear_target", linear_target)];
            let shader =
                RenderShader { name: "scatter", module: &self.module, constants: &constants };
            render_pipeline(device, &shader, Some(&self.layout), &buffers, self.format)
        })
    }
}

/// A colour table of 256 RGBA entries on the device. Clones share it.
#[derive(Clone)]
pub struct LutTexture(wgpu::TextureView);

impl LutTexture {
    /// Uploads 256 colours, RGBA, from the lowest value to the highest.
    ///
    /// # Errors
    /// When the device fails.
    pub fn new(gpu: &Gpu, lut: &[[u8; 4]; 256]) -> Result<Self, GpuError> {
        let size = wgpu::Extent3d { width: 256, height: 1, depth_or_array_layers: 1 };
        let texture = gpu.checked(|device| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some("lut"),
                size,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Unorm,
                usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            })
        })?;
        gpu.queue.write_texture(
            texture.as_image_copy(),
            lut.as_flattened(),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(4 * 256),
                rows_per_image: None,
            },
            size,
        );
        gpu.submit(None);
        Ok(Self(texture.create_view(&wgpu::TextureViewDescriptor::default())))
    }
}

/// The buffers and the bind group for drawing the dots of one field; cheap to clone, drawn without
/// a lock.
#[derive(Clone)]
pub struct ScatterDraw {
    for_window: bool,
    bind_group: wgpu::BindGroup,
    uniforms: wgpu::Buffer,
    gpu: Gpu,
    places: Places,
    values: wgpu::Buffer,
    n: u32,
}

impl ScatterDraw {
    /// A drawing of `field` at `places` for the window.
    ///
    /// # Errors
    /// When the device fails.
    pub fn for_window(
        gpu: &Gpu,
        places: &Places,
        field: &Field,
        lut: &LutTexture,
    ) -> Result<Self, GpuError> {
        Self::new(gpu, true, places, field, lut)
    }

    /// A drawing of `field` at `places` for a picture in memory.
    pub(super) fn for_picture(
        gpu: &Gpu,
        places: &Places,
        field: &Field,
        lut: &LutTexture,
    ) -> Result<Self, GpuError> {
        Self::new(gpu, false, places, field, lut)
    }

    fn new(
        gpu: &Gpu,
        for_window: bool,
        places: &Places,
        field: &Field,
        lut: &LutTexture,
    ) -> Result<Self, GpuError> {
        let uniforms = gpu.buffer(
            "scatter::view",
            "a view",
            size_of::<gpu_data::View>() as u64,
            wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        )?;
        let bind_group = gpu.checked(|device| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("scatter::bind_group"),
                layout: &pipelines_of(gpu, for_window).layout,
                entries: &[
                    whole(0, &uniforms),
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: wgpu::BindingResource::TextureView(&lut.0),
                    },
                ],
            })
        })?;
        Ok(Self {
            for_window,
            bind_group,
            uniforms,
            gpu: gpu.clone(),
            places: places.clone(),
            values: field.values.clone(),
            n: places.n().min(field.n()) as u32,
        })
    }

    /// Whether this draws the same values in the same colours.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.values == other.values && self.bind_group == other.bind_group
    }

    /// Sets the view; takes effect with the next submission.
    pub fn prepare(&self, view: &ScatterView) {
        let uniform = view.uniform(self.places.height_is_value);
        self.gpu.queue.write_buffer(&self.uniforms, 0, bytemuck::bytes_of(&uniform));
    }

    /// Number of targets.
    pub(super) fn n(&self) -> u32 {
        self.n
    }

    /// Records a pass that clears `target` and draws all dots onto it.
    pub(super) fn draw_alone(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::TextureView,
    ) {
        self.draw_part(encoder, target, Part::ALL, 0..Part::ALL.packs(self.n));
    }

    /// Records a pass that draws the packs `packs` of `part` onto `target`, which is cleared first
    /// if `packs` starts at 0.
    pub(super) fn draw_part(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::TextureView,
        part: Part,
        packs: Range<u32>,
    ) {
        let load = match packs.start {
            0 => wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT),
            _ => wgpu::LoadOp::Load,
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("scatter"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        let pipelines = pipelines_of(&self.gpu, self.for_window);
        pass.set_pipeline(pipelines.strided(&self.gpu.device, part.stride()));
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_vertex_buffer(0, self.places.buffer.slice(..));
        pass.set_vertex_buffer(1, self.values.slice(..));
        for (vertices, packs) in part.draws(self.n, packs) {
            pass.draw(vertices, packs);
        }
    }
}

/// The pipelines for the window's texture format, or for that of pictures.
fn pipelines_of(gpu: &Gpu, for_window: bool) -> &ScatterPipelines {
    if for_window { &gpu.pipelines.scatter } else { &gpu.pipelines.picture }
}
