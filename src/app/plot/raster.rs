//! f at every pixel of the plot, under the dots, and of one coordinate its curve.

use std::sync::Arc;

use eframe::{
    egui::{PaintCallbackInfo, Pos2, Rect, Shape, Stroke, Ui, epaint::PathShape},
    egui_wgpu::{Callback, CallbackResources, CallbackTrait, ScreenDescriptor},
};
use egui_plot::{PlotPoint, PlotTransform};

use super::{
    dots::pixels_of,
    raster_painter::{PaintedRaster, RasterLook, RasterPainter},
};
use crate::{
    color::{Scale, lut},
    figure::ViewBox,
    gpu::{
        CommandBuffer, CommandEncoder, Device, Gpu, GpuError, Queue, RasterDraw, RasterPlace,
        RenderPass,
    },
    model::ViewParams,
    plane::RasterGrid,
    session::{Curve, Raster, Scene},
};

/// What a raster is drawn from.
pub(super) struct RasterInputs<'a> {
    pub(super) scene: &'a Scene,
    pub(super) raster: &'a Arc<Raster>,
    pub(super) view_params: &'a ViewParams,
    /// The colours of the dots.
    pub(super) scale: &'a Scale,
}

/// Draws a raster in the plot's `frame`, clipped to `clip`, where its part of the plane is in `view`: that
/// which `painter` has painted last, until this one is. Says whether another one is drawn than before.
///
/// # Errors
/// When the device fails.
pub(super) fn raster_ui(
    ui: &Ui,
    gpu: &Gpu,
    inputs: &RasterInputs<'_>,
    view: &ViewBox,
    painter: &mut Option<RasterPainter>,
    [frame, clip]: [Rect; 2],
) -> Result<bool, GpuError> {
    let RasterInputs { scene, raster, view_params, scale } = *inputs;
    let look = RasterLook {
        raster: Arc::clone(raster),
        scale: raster.scale(scene, scale, view_params),
        lut: lut(view_params.color_map, view_params.reversed),
        dark: ui.visuals().dark_mode,
    };
    let painter = painter.get_or_insert_with(|| RasterPainter::start(gpu, ui.ctx()));
    let is_new = painter.update(&look)?;
    if let Some(PaintedRaster { raster, draw }) = painter.shown() {
        let opacity = view_params.raster_opacity;
        let place = place_of(&raster.grid, view, opacity, frame, ui.ctx().pixels_per_point());
        let callback = RasterCallback { draw: draw.clone(), place };
        let shapes = ui.painter().with_clip_rect(clip);
        shapes.add(Callback::new_paint_callback(frame, callback));
    }
    Ok(is_new)
}

/// Where the pixels of `grid` are in the window while `view` fills `frame`.
fn place_of(
    grid: &RasterGrid,
    view: &ViewBox,
    opacity: f32,
    frame: Rect,
    pixels_per_point: f32,
) -> RasterPlace {
    let (corner, pixels) = pixels_of(frame, pixels_per_point);
    let cell = grid.cell();
    let per_pixel = [
        (view.x[1] - view.x[0]) / f64::from(pixels.x) / cell[0],
        (view.y[1] - view.y[0]) / f64::from(pixels.y) / cell[1],
    ];
    // The highest row comes first.
    let first = [(view.x[0] - grid.x[0]) / cell[0], (grid.y[1] - view.y[1]) / cell[1]];
    let origin = [0, 1].map(|k| first[k] - f64::from(corner[k]) * per_pixel[k]);
    RasterPlace { origin, per_pixel, opacity }
}

/// Paints a raster in the window's render pass.
struct RasterCallback {
    draw: RasterDraw,
    place: RasterPlace,
}

impl CallbackTrait for RasterCallback {
    fn prepare(
        &self,
        _device: &Device,
        _queue: &Queue,
        _screen: &ScreenDescriptor,
        _encoder: &mut CommandEncoder,
        _resources: &mut CallbackResources,
    ) -> Vec<CommandBuffer> {
        self.draw.prepare(&self.place);
        Vec::new()
    }

    fn paint(
        &self,
        _info: PaintCallbackInfo,
        pass: &mut RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        self.draw.paint(pass, &self.place);
    }
}

/// Draws the curve of f over the only coordinate, in the part `clip` of the plot.
pub(super) fn curve_ui(ui: &Ui, curve: &Curve, transform: &PlotTransform, clip: Rect) {
    let visuals = ui.visuals();
    let painter = ui.painter().with_clip_rect(clip);
    let place = |(x, f): (f64, f32)| -> Pos2 {
        transform.position_from_point(&PlotPoint::new(x, f64::from(f)))
    };
    let places: Vec<Pos2> = curve.points().map(place).collect();
    for stroke in [
        Stroke::new(3.5, visuals.extreme_bg_color.gamma_multiply(0.6)),
        Stroke::new(1.6, visuals.strong_text_color()),
    ] {
        painter.add(Shape::Path(PathShape::line(places.clone(), stroke)));
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    #[test]
    fn a_raster_of_the_view_lies_pixel_on_pixel() {
        let frame = Rect::from_min_max(pos2(30.0, 20.0), pos2(130.0, 70.0));
        let view = ViewBox { x: [-1.0, 3.0], y: [5.0, 7.0] };
        let grid = RasterGrid { x: view.x, y: view.y, size: [200, 100] };
        let place = place_of(&grid, &view, 1.0, frame, 2.0);
        for k in [0, 1] {
            assert!((place.per_pixel[k] - 1.0).abs() < 1e-12);
            assert!((place.origin[k] + [60.0, 40.0][k]).abs() < 1e-9);
        }
        // Panned a quarter to the right and half up.
        let view = ViewBox { x: [0.0, 4.0], y: [6.0, 8.0] };
        let place = place_of(&grid, &view, 1.0, frame, 2.0);
        assert!((place.origin[0] - (50.0 - 60.0)).abs() < 1e-9);
        assert!((place.origin[1] - (-50.0 - 40.0)).abs() < 1e-9);
    }
}
