//! What the plot remembers from frame to frame, and what follows from it.

use eframe::egui::Rect;

use super::{
    SpaceState, SplitView, Tool, dots::pixels_of, gesture::Gesture, raster_painter::RasterPainter,
};
use crate::{
    figure::ViewBox,
    gpu::Layer,
    model::ViewParams,
    session::{DensityWish, Scene, SpaceViewport, Viewport},
};

/// How a view is brought to where it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Going {
    /// In the next frame; how the plot is laid out then may widen it a little.
    Once,
    /// In every frame until the plot has kept its size in some: for how many it has.
    Exactly(u8),
}

/// What the plot remembers from frame to frame.
pub(in crate::app) struct PlotState {
    pub(in crate::app) viewport: Viewport,
    /// Whether the view is still to be brought to where `viewport` says it is.
    pub(super) going: Option<Going>,
    /// What was shown last.
    pub(in crate::app) view: ViewBox,
    /// Where the inside of the plot was last, in logical pixels.
    pub(in crate::app) frame: Rect,
    /// The layer with the dots, as drawn last.
    pub(super) layer: Option<Layer>,
    /// The raster under them, as drawn last.
    pub(super) raster: Option<RasterPainter>,
    /// Counts the rasters that were drawn.
    pub(super) rasters: u64,
    /// What a drag and a click do.
    pub(in crate::app) tool: Tool,
    /// The outline that is being drawn around dots.
    pub(super) gesture: Option<Gesture>,
    /// The field that the scene is compared with, if any.
    pub(in crate::app) split: Option<SplitView>,
    /// From where targets in space are looked at, and what is measured there.
    pub(in crate::app) space: SpaceState,
}

impl Default for PlotState {
    fn default() -> Self {
        let unit = [-1.0, 1.0];
        let view = ViewBox { x: unit, y: unit };
        Self {
            viewport: Viewport::default(),
            going: None,
            view,
            frame: Rect::NOTHING,
            layer: None,
            raster: None,
            rasters: 0,
            tool: Tool::default(),
            gesture: None,
            split: None,
            space: SpaceState::default(),
        }
    }
}

impl PlotState {
    /// A plot that begins with this view.
    pub(in crate::app) fn at(viewport: Viewport, space: SpaceViewport) -> Self {
        Self {
            viewport,
            going: Some(Going::Exactly(0)),
            space: SpaceState::at(space),
            ..Self::default()
        }
    }
}

impl PlotState {
    /// Brings the view to where this says it is.
    pub(in crate::app) fn go_to(&mut self, viewport: Viewport) {
        (self.viewport, self.going) = (viewport, Some(Going::Once));
    }

    /// Shows exactly what this says, also while the plot finds its size.
    pub(in crate::app) fn restore(&mut self, viewport: Viewport) {
        (self.viewport, self.going) = (viewport, Some(Going::Exactly(0)));
    }

    /// Gives up the outline that is being drawn, if there is one; says whether there was.
    pub(in crate::app) fn give_up_gesture(&mut self) -> bool {
        self.gesture.take().is_some()
    }

    /// How many targets were drawn, and of how many, if not all were.
    pub(in crate::app) fn part_drawn(&self) -> Option<[usize; 2]> {
        self.layer.as_ref().map(Layer::shown).filter(|[shown, n]| shown < n)
    }

    /// Whether the raster that is drawn is the newest that there is.
    pub(in crate::app) fn raster_is_newest(&self) -> bool {
        self.raster.as_ref().is_none_or(RasterPainter::is_current)
    }

    /// How many rasters, each with values or colours of its own, were drawn so far.
    pub(in crate::app) fn rasters_drawn(&self) -> u64 {
        self.rasters
    }

    /// What `view` wants of the estimate at the pixels of the plot, if anything.
    pub(in crate::app) fn density_wish(
        &self,
        scene: &Scene,
        view: &ViewParams,
        pixels_per_point: f32,
    ) -> Option<DensityWish> {
        let is_line = scene.shown.is_line();
        let marginals = view.marginals && !is_line;
        let in_space = scene.shown.space().is_some();
        if !self.frame.is_positive() || in_space || !(view.raster || marginals) {
            return None;
        }
        let (_, pixels) = pixels_of(self.frame, pixels_per_point);
        let ViewBox { x, y } = self.view;
        let is_legal = [x, y].iter().all(|[low, high]| low < high && (high - low).is_finite());
        let size = [pixels.x, pixels.y].map(|side| side.max(1.0) as usize);
        // Of one coordinate the height is f, and decides nothing.
        let (y, size) = if is_line { ([0.0, 1.0], [size[0], 1]) } else { (y, size) };
        let raster = view.raster;
        is_legal.then_some(DensityWish { view: ViewBox { x, y }, size, raster, marginals })
    }
}
