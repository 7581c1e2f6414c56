//! The pipelines of a device, which never change, and helpers to make them.

use super::{
    GpuError,
    backdrop::BackdropPipelines,
    device::scoped,
    dots::ArrangePipelines,
    fast_pipelines::FastPipelines,
    faults::{Fault, Faults},
    field::FieldPipelines,
    gauss_sum,
    layer::LayerPipelines,
    raster::RasterPipelines,
    scatter::ScatterPipelines,
    sum_pipelines::{KernelSource, SumPipelines},
    sum_plan::SumDevice,
};

/// The pipelines of one device.
pub struct Pipelines {
    /// The exact sum. If its shader does not compile, sums are computed on the processor and drawn
    /// here.
    pub(super) gauss_sum: Result<SumPipelines, GpuError>,
    /// The fast sum. If a shader does not compile, the engine `fast` runs on the processor.
    pub(super) fast: Result<FastPipelines, GpuError>,
    pub(super) field: FieldPipelines,
    /// Puts values into the order of drawing.
    pub(super) arrange: ArrangePipelines,
    /// Fills the plot's background.
    pub(super) backdrop: BackdropPipelines,
    /// Draws dots into the window's texture format.
    pub(super) scatter: ScatterPipelines,
    /// Draws the layer of dots into the window.
    pub(super) layer: LayerPipelines,
    /// Draws pictures of the field into the window.
    pub(super) raster: RasterPipelines,
    /// Draws dots into pictures in memory.
    pub(super) picture: ScatterPipelines,
}

impl Pipelines {
    /// Compiles the pipelines that are always needed, for a device whose sums are planned for `plans`; `format` is the
    /// window's texture format, `backdrops` are its plots' background colours.
    ///
    /// # Errors
    /// When a shader without which nothing can be drawn does not compile.
    pub(super) fn new(
        device: &wgpu::Device,
        plans: SumDevice,
        format: wgpu::TextureFormat,
        backdrops: &[[u8; 3]],
        faults: &Faults,
    ) -> Result<Self, GpuError> {
        let broken = |what: &'static str| move |reason| GpuError::Shader { what, reason };
        let sum: KernelSource = if faults.strikes(Fault::BrokenShader) {
            |_| "not a shader"
        } else {
            gauss_sum::kernel
        };
        let picture = wgpu::TextureFormat::Rgba8Unorm;
        Ok(Self {
            gauss_sum: scoped(device, |device| SumPipelines::new(device, plans, sum))
                .map_err(broken("the sum")),
            fast: scoped(device, FastPipelines::new).map_err(broken("the fast sum")),
            field: scoped(device, FieldPipelines::new).map_err(broken("the range of f"))?,
            arrange: scoped(device, ArrangePipelines::new)
                .map_err(broken("the order of the dots"))?,
            scatter: scoped(device, |device| ScatterPipelines::new(device, format))
                .map_err(broken("the dots"))?,
            backdrop: scoped(device, |device| BackdropPipelines::new(device, format, backdrops))
                .map_err(broken("the plot"))?,
            layer: scoped(device, |device| LayerPipelines::new(device, format))
                .map_err(broken("the plot"))?,
            raster: scoped(device, |device| RasterPipelines::new(device, format))
                .map_err(broken("the raster"))?,
            picture: scoped(device, |device| ScatterPipelines::new(device, picture))
                .map_err(broken("the dots"))?,
        })
    }
}

/// The layout entry of a storage buffer for compute shaders.
pub(super) fn storage_entry(binding: u32, read_only: bool) -> wgpu::BindGroupLayoutEntry {
    buffer_entry(
        binding,
        wgpu::ShaderStages::COMPUTE,
        wgpu::BufferBindingType::Storage { read_only },
    )
}

/// The layout entry of a uniform buffer.
pub(super) fn uniform_entry(
    binding: u32,
    visibility: wgpu::ShaderStages,
) -> wgpu::BindGroupLayoutEntry {
    buffer_entry(binding, visibility, wgpu::BufferBindingType::Uniform)
}

/// The layout entry of a texture that is read with `textureLoad`, without a sampler.
pub(super) fn texture_entry(
    binding: u32,
    visibility: wgpu::ShaderStages,
) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    }
}

/// The layout entry of a texture for [`sampler_entry`].
pub(super) fn sampled_texture_entry(
    binding: u32,
    visibility: wgpu::ShaderStages,
) -> wgpu::BindGroupLayoutEntry {
    let mut entry = texture_entry(binding, visibility);
    if let wgpu::BindingType::Texture { sample_type, .. } = &mut entry.ty {
        *sample_type = wgpu::TextureSampleType::Float { filterable: true };
    }
    entry
}

/// The layout entry of a sampler that takes what lies between texels.
pub(super) fn sampler_entry(
    binding: u32,
    visibility: wgpu::ShaderStages,
) -> wgpu::BindGroupLayoutEntry {
    let ty = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
    wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None }
}

fn buffer_entry(
    binding: u32,
    visibility: wgpu::ShaderStages,
    ty: wgpu::BufferBindingType,
) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    }
}

/// The bind group entry of a whole buffer.
pub(super) fn whole(binding: u32, buffer: &wgpu::Buffer) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() }
}

/// A shader module with the entry points `vertex` and `fragment`, and values of its overrides.
pub(super) struct RenderShader<'a> {
    pub(super) name: &'a str,
    pub(super) module: &'a wgpu::ShaderModule,
    pub(super) constants: &'a [(&'a str, f64)],
}

/// A pipeline that draws triangles into `format`, blending colours with premultiplied alpha.
pub(super) fn render_pipeline(
    device: &wgpu::Device,
    shader: &RenderShader<'_>,
    layout: Option<&wgpu::BindGroupLayout>,
    buffers: &[Option<wgpu::VertexBufferLayout<'_>>],
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    let RenderShader { name, module, constants } = *shader;
    let label = format!("{name}::pipeline");
    let compilation_options = wgpu::PipelineCompilationOptions { constants, ..Default::default() };
    let layouts: Vec<_> = layout.into_iter().map(Some).collect();
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(&label),
        layout: Some(&device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(&label),
            bind_group_layouts: &layouts,
            immediate_size: 0,
        })),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some("vertex"),
            compilation_options: compilation_options.clone(),
            buffers,
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some("fragment"),
            compilation_options,
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

/// A compute pipeline with one bind group; `constants` are the values of the shader's overrides.
pub(super) fn compute_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    layout: &wgpu::BindGroupLayout,
    entry_point: &str,
    constants: &[(&str, f64)],
) -> wgpu::ComputePipeline {
    let label = format!("{entry_point}::pipeline");
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(&label),
        layout: Some(&device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(&label),
            bind_group_layouts: &[Some(layout)],
            immediate_size: 0,
        })),
        module,
        entry_point: Some(entry_point),
        // Every workgroup variable is written before it is read.
        compilation_options: wgpu::PipelineCompilationOptions {
            zero_initialize_workgroup_memory: false,
            constants,
        },
        cache: None,
    })
}

/// The shader module of a WGSL source in `shaders/`.
pub(super) fn shader(device: &wgpu::Device, label: &str, source: &str) -> wgpu::ShaderModule {
    device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    })
}
