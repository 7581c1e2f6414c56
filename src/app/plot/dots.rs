//! The dots of a scene in the plot: drawn by the GPU into a layer, which is drawn again only when
//! what it shows changes.

use eframe::{
    egui::{PaintCallbackInfo, Rect, Ui, Vec2},
    egui_wgpu::{Callback, CallbackResources, CallbackTrait, ScreenDescriptor},
};

use crate::{
    color::Scale,
    figure::ViewBox,
    gpu::{
        Backdrop, CommandBuffer, CommandEncoder, Device, Gpu, GpuError, Layer, Queue, RenderPass,
        ScatterDraw, SpaceDraw,
    },
    model::ViewParams,
    session::Scene,
};

/// What dots are drawn from.
pub(super) struct DotsInputs<'a> {
    pub(super) scene: &'a Scene,
    pub(super) draw: &'a ScatterDraw,
    pub(super) view_params: &'a ViewParams,
    pub(super) scale: &'a Scale,
    /// How a camera sees them, where they lie in space.
    pub(super) space: Option<SpaceDraw>,
    /// Whether the view moves though no button is down.
    pub(super) moves: bool,
}

/// Draws the dots of a scene in the plot's `frame`, clipped to `clip`. `layer` holds them as drawn
/// last, and is replaced if it shows something else.
///
/// # Errors
/// When the device fails; what was drawn last is shown then.
pub(super) fn dots_ui(
    ui: &Ui,
    gpu: &Gpu,
    inputs: &DotsInputs<'_>,
    view: &ViewBox,
    layer: &mut Option<Layer>,
    [frame, clip]: [Rect; 2],
) -> Result<(), GpuError> {
    let pixels_per_point = ui.ctx().pixels_per_point();
    let (corner, pixels) = pixels_of(frame, pixels_per_point);
    let dark = ui.visuals().dark_mode;
    let DotsInputs { scene, view_params, scale, space, .. } = inputs;
    let radius = 0.5 * view_params.point_size * pixels_per_point;
    let shown = &scene.shown;
    let mut view =
        shown.scatter_view(view, pixels.into(), radius, view_params.opacity, scale, dark);
    let lies_on_raster = view_params.raster && scene.colored.difference.is_none();
    view.rimmed = lies_on_raster && shown.is_plane();
    view.hides_rest = view_params.hides_rest;
    view.space = *space;
    let mut drawn = Ok(());
    if layer.as_ref().is_none_or(|layer| !layer.shows(inputs.draw, &view)) {
        match Layer::new(gpu, inputs.draw, &view, layer.as_ref()) {
            Ok(new) => *layer = Some(new),
            Err(err) => drawn = Err(err),
        }
    }
    if let Some(layer) = layer.clone() {
        let rests = !inputs.moves && !ui.input(|i| i.pointer.any_down());
        if rests && !layer.is_complete() {
            ui.ctx().request_repaint();
        }
        let dots = DotsCallback { layer, corner, rests };
        let painter = ui.painter().with_clip_rect(clip);
        painter.add(Callback::new_paint_callback(frame, dots));
    }
    drawn
}

/// The first device pixel of a frame and its size in pixels, rounded as egui rounds a callback's
/// viewport.
pub(super) fn pixels_of(frame: Rect, pixels_per_point: f32) -> ([f32; 2], Vec2) {
    let low = (frame.min.to_vec2() * pixels_per_point).round();
    let high = (frame.max.to_vec2() * pixels_per_point).round();
    (low.into(), high - low)
}

/// Paints the plot's background.
pub(super) struct BackdropCallback(pub(super) Backdrop);

impl CallbackTrait for BackdropCallback {
    fn paint(
        &self,
        _info: PaintCallbackInfo,
        pass: &mut RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        self.0.paint(pass);
    }
}

/// Paints a layer of dots in the window's render pass.
struct DotsCallback {
    layer: Layer,
    corner: [f32; 2],
    /// Whether no mouse button is down; then a layer of which only a part is drawn goes on.
    rests: bool,
}

impl CallbackTrait for DotsCallback {
    fn prepare(
        &self,
        _device: &Device,
        _queue: &Queue,
        _screen: &ScreenDescriptor,
        encoder: &mut CommandEncoder,
        _resources: &mut CallbackResources,
    ) -> Vec<CommandBuffer> {
        self.layer.prepare(encoder, self.corner, self.rests);
        Vec::new()
    }

    fn paint(
        &self,
        _info: PaintCallbackInfo,
        pass: &mut RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        self.layer.paint(pass);
    }
}
