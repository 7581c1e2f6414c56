//! Fills the plot's background with one colour: `shaders/backdrop.wgsl`.
//!
//! egui fills a rectangle by sampling a texture for every pixel, which on a software adapter takes
//! longer than the rest of a frame.

use super::{
    Gpu,
    pipelines::{RenderShader, render_pipeline, shader},
};

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/backdrop.wgsl");

/// A pipeline for each background colour (sRGB).
pub(super) struct BackdropPipelines(Vec<([u8; 3], wgpu::RenderPipeline)>);

impl BackdropPipelines {
    pub(super) fn new(
        device: &wgpu::Device,
        format: wgpu::TextureFormat,
        colors: &[[u8; 3]],
    ) -> Self {
        let module = shader(device, "backdrop::shader", SHADER);
        let of = |color: [u8; 3]| {
            let value = |channel: u8| {
                let gamma = f64::from(channel) / 255.0;
                if format.is_srgb() { linear_of(gamma) } else { gamma }
            };
            let [red, green, blue] = color.map(value);
            let constants = [("red", red), ("green", green), ("blue", blue)];
            let shader = RenderShader { name: "backdrop", module: &module, constants: &constants };
            (color, render_pipeline(device, &shader, None, &[], format))
        };
        Self(colors.iter().copied().map(of).collect())
    }
}

/// The linear value of a colour channel that is `gamma` in sRGB, both 0 to 1 (IEC 61966-2-1).
fn linear_of(gamma: f64) -> f64 {
    if gamma <= 0.04045 { gamma / 12.92 } else { ((gamma + 0.055) / 1.055).powf(2.4) }
}

/// Fills the viewport with one colour; cheap to clone, drawn without a lock.
#[derive(Clone)]
pub struct Backdrop(wgpu::RenderPipeline);

impl Backdrop {
    /// The background of this colour (sRGB), if it was among those given when the device was
    /// opened.
    pub fn of(gpu: &Gpu, color: [u8; 3]) -> Option<Self> {
        let known = &gpu.pipelines.backdrop.0;
        known.iter().find(|(other, _)| *other == color).map(|(_, pipeline)| Self(pipeline.clone()))
    }

    /// Records filling the viewport of `pass`, which is the plot.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_pipeline(&self.0);
        pass.draw(0..3, 0..1);
    }
}
