//! Draws targets as dots coloured by the field: `shaders/scatter.wgsl`.
//!
//! An instance is a pack of several dots; their values come from a buffer on the device, so that nothing
//! of size N passes through the processor. Places and values are vertex buffers, which
//! every back end has, and not storage buffers, which some lack in vertex shaders.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use bytemuck::{Pod, Zeroable};

use super::{
    Curve, Dots, Gpu, GpuError,
    pack::{Part, packs},
    picture_on_processor::HostColors,
    pipelines::{RenderShader, render_pipeline, shader, texture_entry, uniform_entry, whole},
    scatter_space::{self, SpaceDraw, SpacePipelines, Target},
};

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/scatter.wgsl");

/// Stands for what the colours of a dot show where it is not marked: in the shader too.
pub(super) const UNMARKED: f32 = -3.402_823_5e38;

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
        pub curve: u32,
        pub height_is_value: u32,
        pub rim: f32,
        pub below: [f32; 4],
        pub rest: [f32; 4],
        pub sharpness: f32,
        pub drawn: u32,
        pub padding: [u32; 2],
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
    /// What is spread over the colours.
    pub curve: Curve,
    /// What the curve makes of the value of the first colour; of a logarithm, to base 2.
    pub low: f64,
    /// What it makes of that of the last colour.
    pub high: f64,
    /// Colour (RGBA) of values that have none: NaN, and those ≤ 0 on a logarithmic scale.
    pub below: [u8; 4],
    /// Whether the background is dark, so that the dots get a light rim.
    pub dark: bool,
    /// Whether the dots lie on a raster: a white rim then tells them from any colour.
    pub rimmed: bool,
    /// Whether dots that are not marked are hidden where some are; else they are dimmed.
    pub hides_rest: bool,
    /// How a camera sees the dots, where they lie in space; then `center` and `span` do not matter.
    pub space: Option<SpaceDraw>,
}

/// Which dots a pass draws: those that are not marked lie under those that are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    All,
    Rest,
    Marked,
}

impl Pass {
    /// Those of dots of which some are marked, in the order of drawing.
    const MARKED: [Self; 2] = [Self::Rest, Self::Marked];
}

impl Dots {
    /// The passes that draw them.
    pub(super) fn passes(&self) -> &'static [Pass] {
        if self.marked { &Pass::MARKED } else { &[Pass::All] }
    }
}

impl ScatterView {
    /// How much white is mixed into the edge of a dot on a dark background, 0 to 1. Most colour
    /// maps begin dark: with less, their dots merge with the background; with more, rims outshine
    /// the colours.
    const RIM: f32 = 0.22;
    /// The same on a raster.
    const RIM_ON_RASTER: f32 = 0.9;

    /// The colour of dots that are not marked, RGBA: seen on the background however few there are, and not
    /// brighter than marked ones however many. In space, where nothing is transparent, it is what
    /// that makes on the background.
    pub(super) fn rest(&self) -> [u8; 4] {
        match (self.space, self.dark) {
            (None, true) => [88, 92, 100, 120],
            (None, false) => [184, 188, 194, 130],
            (Some(_), true) => [53, 56, 62, 255],
            (Some(_), false) => [219, 221, 224, 255],
        }
    }

    /// How much white is mixed into the edge of a dot, 0 to 1.
    pub fn rim(&self) -> f32 {
        match (self.rimmed, self.dark) {
            (true, _) => Self::RIM_ON_RASTER,
            (false, true) => Self::RIM,
            (false, false) => 0.0,
        }
    }

    pub(super) fn uniform(&self, height_is_value: bool, pass: Pass) -> gpu_data::View {
        let Self { center, span, size, radius, opacity, curve, low, high, .. } = *self;
        let Self { below, hides_rest, .. } = *self;
        let is_range = high > low;
        let rounded = center.map(|c| c as f32);
        let rest = [0, 1].map(|k| (center[k] - f64::from(rounded[k])) as f32);
        gpu_data::View {
            center: rounded,
            center_low: rest,
            clip_per_data: span.map(|s| (2.0 / s) as f32),
            clip_per_pixel: size.map(|s| 2.0 / s),
            radius,
            opacity,
            low: low as f32,
            per_range: if is_range { (1.0 / (high - low)) as f32 } else { 0.0 },
            middle: if is_range { 0.0 } else { 0.5 },
            curve: curve.number(),
            height_is_value: u32::from(height_is_value),
            rim: self.rim(),
            below: below.map(|c| f32::from(c) / 255.0),
            rest: self.rest().map(|c| f32::from(c) / 255.0),
            sharpness: curve.sharpness(),
            drawn: match pass {
                Pass::All => 0,
                Pass::Rest => {
                    if hides_rest {
                        3
                    } else {
                        1
                    }
                }
                Pass::Marked => 2,
            },
            padding: [0; 2],
        }
    }
}

pub(super) struct ScatterPipelines {
    module: wgpu::ShaderModule,
    layout: wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
    /// At index k the pipeline that draws every 2^k-th pack, in colours by value and by quantile; made when
    /// it is first needed.
    strided: [[OnceLock<wgpu::RenderPipeline>; 2]; Part::STRIDES],
    /// The same for dots in space.
    space: SpacePipelines,
}

impl ScatterPipelines {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = shader(device, "scatter::shader", SHADER);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("scatter::layout"),
            entries: &[
                uniform_entry(0, wgpu::ShaderStages::VERTEX_FRAGMENT),
                texture_entry(1, wgpu::ShaderStages::VERTEX),
                texture_entry(2, wgpu::ShaderStages::VERTEX),
            ],
        });
        let strided = std::array::from_fn(|_| Default::default());
        let space = SpacePipelines::new(device);
        let pipelines = Self { module, layout, format, strided, space };
        pipelines.strided(device, 0, false);
        pipelines
    }

    fn strided(&self, device: &wgpu::Device, k: usize, equalised: bool) -> &wgpu::RenderPipeline {
        self.strided[k][usize::from(equalised)].get_or_init(|| {
            let places = wgpu::vertex_attr_array![
                0 => Float32x4, 1 => Float32x4, 2 => Float32x4, 3 => Float32x4
            ];
            let values = wgpu::vertex_attr_array![4 => Float32x4, 5 => Float32x4];
            let shown = wgpu::vertex_attr_array![6 => Float32x4, 7 => Float32x4];
            let buffers =
                [packs(k, &places, 2), packs(k, &values, 1), packs(k, &shown, 1)].map(Some);
            let constants = constants(self.format, equalised);
            let shader =
                RenderShader { name: "scatter", module: &self.module, constants: &constants };
            render_pipeline(device, &shader, Some(&self.layout), &buffers, self.format)
        })
    }
}

/// The values of the shader's overrides.
pub(super) fn constants(format: wgpu::TextureFormat, equalised: bool) -> [(&'static str, f64); 2] {
    let flag = |is: bool| f64::from(u8::from(is));
    [("linear_target", flag(format.is_srgb())), ("equalised", flag(equalised))]
}

/// The colours of the dots on the device: 256 of them, and for an equalised scale the quantiles of the
/// values. Clones share them.
#[derive(Clone)]
pub struct ColorTable {
    lut: wgpu::TextureView,
    quantiles: wgpu::TextureView,
    equalised: bool,
    /// The same in memory, for pictures that the processor draws.
    pub(super) host: Arc<HostColors>,
}

impl ColorTable {
    /// Uploads 256 colours, RGBA, from the lowest value to the highest; `quantiles` are the values below
    /// which 0, 1/1024, … 1 of all lie, for dots whose colours go by them.
    ///
    /// # Errors
    /// When the device fails.
    pub fn new(
        gpu: &Gpu,
        lut: &[[u8; 4]; 256],
        quantiles: Option<&[f32; 1025]>,
    ) -> Result<Self, GpuError> {
        let lut_view = texture_row(gpu, wgpu::TextureFormat::Rgba8Unorm, lut.as_flattened())?;
        let format = wgpu::TextureFormat::R32Float;
        let knots = quantiles.map_or(&[0.0][..], |quantiles| &quantiles[..]);
        let knots_view = texture_row(gpu, format, bytemuck::cast_slice(knots))?;
        gpu.submit(None);
        let in_memory = quantiles.map(|quantiles| Box::new(*quantiles));
        let host = Arc::new(HostColors { lut: *lut, quantiles: in_memory });
        let equalised = quantiles.is_some();
        Ok(Self { lut: lut_view, quantiles: knots_view, equalised, host })
    }
}

/// A texture of one row of four-byte texels.
fn texture_row(
    gpu: &Gpu,
    format: wgpu::TextureFormat,
    bytes: &[u8],
) -> Result<wgpu::TextureView, GpuError> {
    let width = (bytes.len() / 4) as u32;
    let size = wgpu::Extent3d { width, height: 1, depth_or_array_layers: 1 };
    let texture = gpu.checked(|device| {
        device.create_texture(&wgpu::TextureDescriptor {
            label: Some("colours"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        })
    })?;
    gpu.queue.write_texture(
        texture.as_image_copy(),
        bytes,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(4 * width),
            rows_per_image: None,
        },
        size,
    );
    Ok(texture.create_view(&wgpu::TextureViewDescriptor::default()))
}

/// What a pass over the dots binds.
#[derive(Clone, PartialEq)]
struct PassBinding {
    pass: Pass,
    uniforms: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
}

/// The buffers and the bind group for drawing some dots; cheap to clone, drawn without a lock.
#[derive(Clone)]
pub struct ScatterDraw {
    for_window: bool,
    passes: Vec<PassBinding>,
    /// How the camera sees them, where they lie in space.
    space: Option<wgpu::Buffer>,
    gpu: Gpu,
    dots: Dots,
    equalised: bool,
}

impl ScatterDraw {
    /// A drawing of `dots` in these colours for the window.
    ///
    /// # Errors
    /// When the device fails.
    pub fn for_window(gpu: &Gpu, dots: &Dots, colors: &ColorTable) -> Result<Self, GpuError> {
        Self::new(gpu, true, dots, colors)
    }

    /// A drawing of `dots` in these colours for a picture in memory.
    pub(super) fn for_picture(
        gpu: &Gpu,
        dots: &Dots,
        colors: &ColorTable,
    ) -> Result<Self, GpuError> {
        Self::new(gpu, false, dots, colors)
    }

    fn new(
        gpu: &Gpu,
        for_window: bool,
        dots: &Dots,
        colors: &ColorTable,
    ) -> Result<Self, GpuError> {
        let in_space = || gpu.uniform("scatter::space", &scatter_space::gpu_data::Space::zeroed());
        let space = dots.thirds.as_ref().map(|_| in_space()).transpose()?;
        let binding = |pass: Pass| {
            let uniforms = gpu.uniform("scatter::view", &gpu_data::View::zeroed())?;
            let texture = |binding, view| wgpu::BindGroupEntry {
                binding,
                resource: wgpu::BindingResource::TextureView(view),
            };
            let pipelines = pipelines_of(gpu, for_window);
            let layout = space.as_ref().map_or(&pipelines.layout, |_| &pipelines.space.layout);
            let mut entries =
                vec![whole(0, &uniforms), texture(1, &colors.lut), texture(2, &colors.quantiles)];
            entries.extend(space.as_ref().map(|space| whole(3, space)));
            let label = Some("scatter::bind_group");
            let bind_group = gpu.checked(|device| {
                let entries = &entries[..];
                device.create_bind_group(&wgpu::BindGroupDescriptor { label, layout, entries })
            })?;
            Ok::<_, GpuError>(PassBinding { pass, uniforms, bind_group })
        };
        let passes = dots.passes().iter().map(|pass| binding(*pass)).collect::<Result<_, _>>()?;
        let (gpu, dots, equalised) = (gpu.clone(), dots.clone(), colors.equalised);
        Ok(Self { for_window, passes, space, gpu, dots, equalised })
    }

    /// Whether this draws the same values in the same colours.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.dots.shown == other.dots.shown
            && self.dots.values == other.dots.values
            && self.dots.thirds == other.dots.thirds
            && self.passes == other.passes
    }

    /// Sets the view; takes effect with the next submission.
    pub fn prepare(&self, view: &ScatterView) {
        for PassBinding { pass, uniforms, .. } in &self.passes {
            let uniform = view.uniform(self.dots.height_is_value, *pass);
            self.gpu.queue.write_buffer(uniforms, 0, bytemuck::bytes_of(&uniform));
        }
        if let (Some(buffer), Some(space)) = (&self.space, &view.space) {
            self.gpu.queue.write_buffer(buffer, 0, bytemuck::bytes_of(&space.uniform()));
        }
    }

    /// Whether the dots lie in space: they are drawn onto a target with depths then.
    pub(super) fn is_in_space(&self) -> bool {
        self.space.is_some()
    }

    /// The dots that it draws.
    pub(super) fn dots(&self) -> &Dots {
        &self.dots
    }

    /// Number of targets.
    pub(super) fn n(&self) -> u32 {
        self.dots.n
    }

    /// Number of packs of `part`, those of each pass after those of the one before.
    pub(super) fn packs(&self, part: Part) -> u32 {
        part.packs(self.dots.n) * self.passes.len() as u32
    }

    /// Records a pass that clears `target` and draws all dots onto it.
    pub(super) fn draw_alone(&self, encoder: &mut wgpu::CommandEncoder, target: Target<'_>) {
        self.draw_part(encoder, target, Part::ALL, 0..self.packs(Part::ALL));
    }

    /// Records a pass that draws the packs `packs` of `part`, counted as in [`Self::packs`], onto `target`,
    /// which is cleared first if `packs` starts at 0.
    pub(super) fn draw_part(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: Target<'_>,
        part: Part,
        packs: Range<u32>,
    ) {
        let is_first = packs.start == 0;
        let load = if is_first {
            wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT)
        } else {
            wgpu::LoadOp::Load
        };
        let depth = target.depth.map(|view| scatter_space::depth_attachment(view, is_first));
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("scatter"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target.picture,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
            })],
            depth_stencil_attachment: depth,
            ..Default::default()
        });
        let pipelines = pipelines_of(&self.gpu, self.for_window);
        let (device, stride) = (&self.gpu.device, part.stride());
        pass.set_vertex_buffer(0, self.dots.places.slice(..));
        pass.set_vertex_buffer(2, self.dots.shown.slice(..));
        if let Some(thirds) = &self.dots.thirds {
            let ScatterPipelines { module, format, space, .. } = pipelines;
            pass.set_pipeline(space.strided(device, module, *format, stride, self.equalised));
            pass.set_vertex_buffer(1, thirds.slice(..));
        } else {
            pass.set_pipeline(pipelines.strided(device, stride, self.equalised));
            pass.set_vertex_buffer(1, self.dots.values.slice(..));
        }
        let all = part.packs(self.dots.n);
        for (k, PassBinding { bind_group, .. }) in (0..).zip(&self.passes) {
            let of_pass = |pack: u32| pack.saturating_sub(k * all).min(all);
            pass.set_bind_group(0, bind_group, &[]);
            let packs = of_pass(packs.start)..of_pass(packs.end);
            for (vertices, packs) in part.draws(self.dots.n, packs) {
                pass.draw(vertices, packs);
            }
        }
    }
}

/// The pipelines for the window's texture format, or for that of pictures.
fn pipelines_of(gpu: &Gpu, for_window: bool) -> &ScatterPipelines {
    if for_window { &gpu.pipelines.scatter } else { &gpu.pipelines.picture }
}
