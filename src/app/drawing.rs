//! The GPU objects that draw a scene in the window; made again when the scene or the colour map
//! changes.

use crate::{
    color::lut,
    gpu::{Gpu, GpuError, LutTexture, ScatterDraw},
    model::ColorMap,
    session::Scene,
};

/// The GPU objects that draw one scene in one colour map.
pub(super) struct Drawing {
    version: u64,
    color_map: ColorMap,
    lut: LutTexture,
    pub(super) draw: ScatterDraw,
}

impl Drawing {
    /// Makes the objects for `scene`; shares the colour table of `other` if it has the same colour
    /// map.
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

    /// Whether it draws this scene in this colour map.
    pub(super) fn is_of(&self, scene: &Scene, color_map: ColorMap) -> bool {
        self.version == scene.version && self.color_map == color_map
    }
}
