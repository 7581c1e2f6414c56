//! The layer: a texture of the drawn dots that is copied onto the plot in every frame
//! (`shaders/layer.wgsl`).
//!
//! Drawing dots costs time in proportion to their number, copying a texture does not. So a frame in
//! which the dots do not change is cheap however many there are, which matters most on software
//! adapters.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use bytemuck::{Pod, Zeroable};

use super::{
    Gpu, GpuError, ScatterDraw, ScatterView,
    faults::Fault,
    pack::{DOTS, Part},
    pipelines::{RenderShader, render_pipeline, shader, texture_entry, uniform_entry, whole},
    scatter_space::{Target, depth_texture},
};

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/layer.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Place` in `layer.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Place {
        pub corner: [f32; 2],
        pub opacity: f32,
        pub padding: f32,
    }
}

pub(super) struct LayerPipelines {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
}

impl LayerPipelines {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = shader(device, "layer::shader", SHADER);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("layer::layout"),
            entries: &[
                uniform_entry(0, wgpu::ShaderStages::FRAGMENT),
                texture_entry(1, wgpu::ShaderStages::FRAGMENT),
            ],
        });
        let shader = RenderShader { name: "layer", module: &module, constants: &[] };
        let pipeline = render_pipeline(device, &shader, Some(&layout), &[], format);
        Self { pipeline, layout, format }
    }
}

/// A texture that dots are drawn into, and the bind group that copies it onto the plot.
#[derive(Clone)]
struct Canvas {
    size: [u32; 2],
    picture: wgpu::TextureView,
    /// How near each pixel's dot is, where dots lie in space.
    depth: Option<wgpu::TextureView>,
    place: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
}

impl Canvas {
    fn new(gpu: &Gpu, size: [u32; 2], in_space: bool) -> Result<Self, GpuError> {
        let LayerPipelines { layout, format, .. } = &gpu.pipelines.layer;
        let [width, height] = size;
        let texture = gpu.checked(|device| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some("layer"),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: *format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                    | wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            })
        })?;
        let depth = in_space.then(|| depth_texture(gpu, size)).transpose()?;
        let place = gpu.uniform("layer::place", &gpu_data::Place::zeroed())?;
        let picture = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let bind_group = gpu.checked(|device| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("layer::bind_group"),
                layout,
                entries: &[
                    whole(0, &place),
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: wgpu::BindingResource::TextureView(&picture),
                    },
                ],
            })
        })?;
        Ok(Self { size, picture, depth, place, bind_group })
    }
}

impl Canvas {
    /// What dots are drawn onto.
    fn target(&self) -> Target<'_> {
        Target { picture: &self.picture, depth: self.depth.as_ref() }
    }
}

/// A texture of the dots on the device, drawn when it is first needed. Clones share it.
///
/// Where there are more dots than a frame has time for, an evenly spaced subset is drawn first. All
/// of them follow, some in each frame, on a second texture that is shown once it is complete.
#[derive(Clone)]
pub struct Layer {
    gpu: Gpu,
    draw: ScatterDraw,
    view: ScatterView,
    part: Part,
    sample: Canvas,
    /// The texture of all dots, if the sample is only a part of them.
    all: Option<Canvas>,
    progress: Arc<Progress>,
}

/// How much has been drawn.
#[derive(Default)]
struct Progress {
    sampled: AtomicBool,
    /// Packs drawn of all dots, from the first on.
    drawn: AtomicU32,
}

impl Layer {
    /// A layer for the dots of `draw` in `view`; [`Self::prepare`] draws it. It reuses the textures
    /// of `old`, which must not be shown any more.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn new(
        gpu: &Gpu,
        draw: &ScatterDraw,
        view: &ScatterView,
        old: Option<&Self>,
    ) -> Result<Self, GpuError> {
        let most = gpu.device.limits().max_texture_dimension_2d;
        let size = view.size.map(|side| (side as u32).clamp(1, most));
        let in_space = draw.is_in_space();
        let canvas = |old: Option<&Canvas>| match old {
            Some(old) if old.size == size && old.depth.is_some() == in_space => Ok(old.clone()),
            _ => Canvas::new(gpu, size, in_space),
        };
        let part = Part::that_leaves(Self::dots_per_frame(gpu), draw.n());
        Ok(Self {
            gpu: gpu.clone(),
            draw: draw.clone(),
            view: *view,
            part,
            sample: canvas(old.map(|old| &old.sample))?,
            all: match part {
                Part::ALL => None,
                _ => Some(canvas(old.and_then(|old| old.all.as_ref()))?),
            },
            progress: Arc::default(),
        })
    }

    /// Dots that are drawn in one frame while the user interacts: more make frames late, fewer make
    /// the sample sparser.
    fn dots_per_frame(gpu: &Gpu) -> u32 {
        if gpu.adapter().software { 60_000 } else { 2_000_000 }
    }

    /// Whether this layer shows the dots of `draw` in `view`.
    pub fn shows(&self, draw: &ScatterDraw, view: &ScatterView) -> bool {
        self.view == *view && self.draw.is_same(draw)
    }

    /// Number of packs of all dots, in all passes.
    fn packs(&self) -> u32 {
        self.draw.packs(Part::ALL)
    }

    /// Whether the layer shows all dots.
    pub fn is_complete(&self) -> bool {
        match self.all {
            None => self.progress.sampled.load(Ordering::Acquire),
            Some(_) => self.progress.drawn.load(Ordering::Acquire) == self.packs(),
        }
    }

    /// Number of dots shown, and number of all dots.
    pub fn shown(&self) -> [usize; 2] {
        let n = self.draw.n();
        let shown = if self.is_complete() { n } else { self.part.targets(n) };
        [shown, n].map(|count| count as usize)
    }

    /// Records the drawing of what is not drawn yet, as much as a frame has time for, and sets the
    /// place of the layer: `corner` is its first pixel in the window. After the sample, more is
    /// drawn only while the user `rests` (does not interact).
    pub fn prepare(&self, encoder: &mut wgpu::CommandEncoder, corner: [f32; 2], rests: bool) {
        // Dots in the plane are transparent themselves.
        let opacity = if self.draw.is_in_space() { self.view.opacity } else { 1.0 };
        let place = gpu_data::Place { corner, opacity, padding: 0.0 };
        for canvas in std::iter::once(&self.sample).chain(&self.all) {
            self.gpu.queue.write_buffer(&canvas.place, 0, bytemuck::bytes_of(&place));
        }
        if !self.progress.sampled.swap(true, Ordering::AcqRel) {
            self.draw.prepare(&self.view);
            let packs = 0..self.draw.packs(self.part);
            self.draw.draw_part(encoder, self.sample.target(), self.part, packs);
        } else if let Some(all) = &self.all
            && rests
            && !self.is_complete()
        {
            self.draw.prepare(&self.view);
            let start = self.progress.drawn.load(Ordering::Acquire);
            // The user does not interact, so a longer frame does no harm.
            let most = 6 * Self::dots_per_frame(&self.gpu) / DOTS;
            let end = self.packs().min(start + most);
            self.draw.draw_part(encoder, all.target(), Part::ALL, start..end);
            self.progress.drawn.store(end, Ordering::Release);
        }
        self.gpu.lose_at(Fault::LossBeforePaint);
    }

    /// Records copying the layer into a pass whose viewport is the plot.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>) {
        let canvas = self.all.as_ref().filter(|_| self.is_complete()).unwrap_or(&self.sample);
        pass.set_pipeline(&self.gpu.pipelines.layer.pipeline);
        pass.set_bind_group(0, &canvas.bind_group, &[]);
        pass.draw(0..3, 0..1);
    }
}
