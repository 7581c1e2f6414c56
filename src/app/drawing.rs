//! What draws a scene in the window: made anew when the scene or the colours change.

use crate::{
    color::lut,
    gpu::{Gpu, GpuError, LutTexture, ScatterDraw},
    model::ColorMap,
    session::Scene,
};

/// What draws a scene.
pub(super) struct Drawing {
    version: u64,
    color_map: ColorMap,
    lut: LutTexture,
    pub(super) draw: ScatterDraw,
}

impl Drawing {
    /// What draws `scene` in these colours; takes the colours of `other` where they are the same.
    ///
    /// # Errors
    /// When the device fails.
    pub(super) fn new(
        gpu: &Gpu,
        scene: &Scene,
        color_map: ColorMap,
        other: Option<&Self>,
    ) -> Result<Self, GpuError> {
        let lut = match other {
            Some(other) if other.color_map == color_map => other.lut.clone(),
            _ => LutTexture::new(gpu, &lut(color_map))?,
        };
        let draw = ScatterDraw::for_window(gpu, &scene.places, &scene.field, &lut)?;
        Ok(Self { version: scene.version, color_map, lut, draw })
    }

    /// Whether it draws that.
    pub(super) fn is_of(&self, scene: &Scene, color_map: ColorMap) -> bool {
        self.version == scene.version && self.color_map == color_map
    }
}
