//! What is on screen as a document: put together from the window's state and the scene that is drawn.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Computed, Document, Paths, files};
use crate::{
    gpu::Gpu,
    model::{Params, Sigma, Stage},
    selection::{RowBits, SharedRows},
    session::{Page, Scene, SpaceViewport, Viewport},
    space::ViewDirection,
};

/// Where the line between two fields is, and how both are shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SplitPlace {
    /// The line, as a part of the plot's width.
    pub at: f32,
    /// Whether A is on the right.
    pub swapped: bool,
    /// Whether what is shown is B less A.
    pub difference: bool,
}

impl Default for SplitPlace {
    fn default() -> Self {
        Self { at: 0.5, swapped: false, difference: false }
    }
}

/// What a picture shows, as far as its scene does not tell it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnScreen {
    /// What part of the plane.
    pub viewport: Viewport,
    /// From where targets in space are looked at.
    pub space: SpaceViewport,
    /// From where the whole box is looked at instead.
    pub direction: Option<ViewDirection>,
    /// The rows that are selected.
    pub rows: Arc<RowBits>,
    /// The bandwidth of the field that is compared with the shown one.
    pub compared_sigma: Option<Sigma>,
    /// How both are shown.
    pub compared_place: SplitPlace,
    /// The bandwidths of the strip of small pictures, where it is shown.
    pub strip: Vec<Sigma>,
    /// The columns of the file that are shown with a target.
    pub hover: Vec<String>,
    /// The measured error of the field, if it is known.
    pub error_measured: Option<f64>,
}

/// What is to be saved with a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedWith {
    /// What it shows.
    pub on_screen: OnScreen,
    /// How files are named.
    pub paths: Paths,
}

impl SavedWith {
    /// The document of `params`, of which `scene` is drawn. It reads the files of the input: not for the
    /// window's thread.
    pub fn document(
        &self,
        mut params: Params,
        scene: Option<&Scene>,
        gpu: &Gpu,
        page: Option<Page>,
    ) -> Document {
        let OnScreen { viewport, space, direction, rows, compared_sigma, .. } = &self.on_screen;
        let OnScreen { compared_place, strip, hover, error_measured, .. } = &self.on_screen;
        // What was computed with others says nothing of these.
        let scene = scene.filter(|scene| params.stage_since(&scene.params) < Stage::Field);
        let number = |value: f64| Some(value).filter(|value| value.is_finite());
        let computed = scene.map(|scene| Computed {
            engine: scene.stats.engine.to_string(),
            on_device: scene.stats.on_device,
            adapter: gpu.adapter().title(),
            sigma: number(scene.sigma().get()),
            error_bound: number(scene.stats.error_bound),
            error_measured: error_measured.and_then(number),
        });
        let files = files::record(&mut params, self.paths);
        Document {
            viewport: *viewport,
            space: *space,
            direction: direction.map(|at| (at.yaw, at.pitch, at.distance)),
            selection: SharedRows(Arc::clone(rows)),
            compared_sigma: *compared_sigma,
            compared_place: *compared_place,
            strip: strip.clone(),
            hover: hover.clone(),
            page,
            files,
            computed,
            ..Document::new(params)
        }
    }
}
