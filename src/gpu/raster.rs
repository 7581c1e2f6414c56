//! A picture of the field in the plot, under the dots: `shaders/raster.wgsl`.
//!
//! Its colours are made on the processor, by the one colour scale that the bar and the files have too. It
//! stays where its part of the plane is while the view moves, until the next one comes.

use bytemuck::{Pod, Zeroable};

use super::{
    Gpu, GpuError,
    pipelines::{
        RenderShader, render_pipeline, sampled_texture_entry, sampler_entry, shader, uniform_entry,
        whole,
    },
};

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/raster.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Place` in `raster.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Place {
        pub origin: [f32; 2],
        pub per_pixel: [f32; 2],
        pub opacity: f32,
        pub padding: [u32; 3],
    }
}

pub(super) struct RasterPipelines {
    /// With colours of the nearest pixel, and with those between pixels.
    pipelines: [wgpu::RenderPipeline; 2],
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

impl RasterPipelines {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = shader(device, "raster::shader", SHADER);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("raster::layout"),
            entries: &[
                uniform_entry(0, wgpu::ShaderStages::FRAGMENT),
                sampled_texture_entry(1, wgpu::ShaderStages::FRAGMENT),
                sampler_entry(2, wgpu::ShaderStages::FRAGMENT),
            ],
        });
        let pipelines = [0.0, 1.0].map(|smooth| {
            let linear_target = f64::from(u8::from(format.is_srgb()));
            let constants = [("linear_target", linear_target), ("smooth_between", smooth)];
            let shader = RenderShader { name: "raster", module: &module, constants: &constants };
            render_pipeline(device, &shader, Some(&layout), &[], format)
        });
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("raster::sampler"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..wgpu::SamplerDescriptor::default()
        });
        Self { pipelines, layout, sampler }
    }
}

/// Where a picture is in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RasterPlace {
    /// The picture's pixel, counted from its upper left corner, at the upper left corner of the window.
    pub origin: [f64; 2],
    /// The picture's pixels a pixel of the window.
    pub per_pixel: [f64; 2],
    /// Its opacity, 0 to 1.
    pub opacity: f32,
}

/// A picture on the device; cheap to clone, drawn without a lock.
#[derive(Clone)]
pub struct RasterDraw {
    gpu: Gpu,
    texture: wgpu::Texture,
    size: [u32; 2],
    bind_group: wgpu::BindGroup,
    place: wgpu::Buffer,
}

impl RasterDraw {
    /// Uploads opaque RGBA pixels, the upper row first, shape (height, width, 4); into the texture of `old`,
    /// which must not be shown any more, if it is as large.
    ///
    /// # Errors
    /// When the device fails, or the picture is larger than it can hold.
    pub fn new(
        gpu: &Gpu,
        rgba: &[u8],
        size: [u32; 2],
        old: Option<&Self>,
    ) -> Result<Self, GpuError> {
        let draw = match old {
            Some(old) if old.size == size => old.clone(),
            _ => Self::empty(gpu, size)?,
        };
        let [width, height] = size;
        let extent = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        let bytes = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(4 * width),
            rows_per_image: None,
        };
        gpu.queue.write_texture(draw.texture.as_image_copy(), rgba, bytes, extent);
        Ok(draw)
    }

    /// A picture without pixels yet.
    fn empty(gpu: &Gpu, size: [u32; 2]) -> Result<Self, GpuError> {
        let [width, height] = size;
        let extent = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        let texture = gpu.checked(|device| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some("raster"),
                size: extent,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Unorm,
                usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            })
        })?;
        let place = gpu.uniform("raster::place", &gpu_data::Place::zeroed())?;
        let picture = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let bind_group = gpu.checked(|device| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("raster::bind_group"),
                layout: &gpu.pipelines.raster.layout,
                entries: &[
                    whole(0, &place),
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: wgpu::BindingResource::TextureView(&picture),
                    },
                    wgpu::BindGroupEntry {
                        binding: 2,
                        resource: wgpu::BindingResource::Sampler(&gpu.pipelines.raster.sampler),
                    },
                ],
            })
        })?;
        Ok(Self { gpu: gpu.clone(), texture, size, bind_group, place })
    }

    /// Sets its place; takes effect with the next submission.
    pub fn prepare(&self, place: &RasterPlace) {
        let RasterPlace { origin, per_pixel, opacity } = *place;
        let [origin, per_pixel] = [origin, per_pixel].map(|pair| pair.map(|value| value as f32));
        let place = gpu_data::Place { origin, per_pixel, opacity, padding: [0; 3] };
        self.gpu.queue.write_buffer(&self.place, 0, bytemuck::bytes_of(&place));
    }

    /// Records drawing it into a pass whose viewport is the plot.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, place: &RasterPlace) {
        // The window's pixels are its own: none lies between.
        let same = place.per_pixel.iter().all(|scale| (scale - 1.0).abs() < 1e-3);
        let [nearest, between] = &self.gpu.pipelines.raster.pipelines;
        pass.set_pipeline(if same { nearest } else { between });
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.draw(0..3, 0..1);
    }
}
