//! The GPU objects that draw a scene in the window; made again when the scene or its colours change.

use std::sync::Arc;

use crate::{
    color::{Quantiles, Scale},
    gpu::{ColorTable, Gpu, GpuError, ScatterDraw},
    model::ViewParams,
    session::{NEUTRAL_DOT, Scene, TargetMarks},
};

/// The colours of a scene: a table, and for an equalised scale the quantiles of its values.
#[derive(Clone)]
pub(super) struct Colors {
    lut: [[u8; 4]; 256],
    quantiles: Option<Quantiles>,
}

impl Colors {
    /// Those of `scene` as `view` and `scale` want them.
    pub(super) fn of(scene: &Scene, view: &ViewParams, scale: &Scale) -> Self {
        Self { lut: scene.lut(view), quantiles: scale.quantiles.clone() }
    }

    /// The same for dots: neutral ones where they lie on a raster of those colours.
    pub(super) fn of_dots(scene: &Scene, view: &ViewParams, scale: &Scale) -> Self {
        if view.raster && scene.shown.is_plane() && scene.colored.difference.is_none() {
            return Self { lut: [NEUTRAL_DOT; 256], quantiles: None };
        }
        Self::of(scene, view, scale)
    }

    fn is_same(&self, other: &Self) -> bool {
        let same_quantiles = match (&self.quantiles, &other.quantiles) {
            (None, None) => true,
            (Some(a), Some(b)) => a.is_same(b),
            _ => false,
        };
        same_quantiles && self.lut == other.lut
    }
}

/// The GPU objects that draw one scene in some colours.
pub(super) struct Drawing {
    version: u64,
    colors: Colors,
    /// Which dots are marked, where some are.
    marks: Option<Arc<TargetMarks>>,
    table: ColorTable,
    pub(super) draw: ScatterDraw,
}

impl Drawing {
    /// Makes the objects for `scene`, of whose dots some are marked; shares the table of `other` if it has the same colours.
    ///
    /// # Errors
    /// When the device fails.
    pub(super) fn new(
        gpu: &Gpu,
        scene: &Scene,
        colors: Colors,
        marks: Option<&Arc<TargetMarks>>,
        other: Option<&Self>,
    ) -> Result<Self, GpuError> {
        let table = match other {
            Some(other) if other.colors.is_same(&colors) => other.table.clone(),
            _ => {
                let quantiles = colors.quantiles.as_ref().map(Quantiles::table);
                ColorTable::new(gpu, &colors.lut, quantiles.as_ref())?
            }
        };
        let mut dots = scene.dots(gpu)?;
        if let Some(marks) = marks {
            dots = dots.marked(gpu, &scene.places, &marks.bits)?;
        }
        let draw = ScatterDraw::for_window(gpu, &dots, &table)?;
        Ok(Self { version: scene.version, colors, marks: marks.cloned(), table, draw })
    }

    /// Whether it draws this scene in these colours with these marks.
    pub(super) fn is_of(
        &self,
        scene: &Scene,
        colors: &Colors,
        marks: Option<&Arc<TargetMarks>>,
    ) -> bool {
        let same_marks = self.marks.as_ref().map(Arc::as_ptr) == marks.map(Arc::as_ptr);
        self.version == scene.version && same_marks && self.colors.is_same(colors)
    }
}
