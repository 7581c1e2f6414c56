//! The parts of a picture that are special to targets in space: the camera, the box of axes, and what is said
//! of both.

use std::fmt::Write as _;

use super::{Scene, SpaceView, SpaceViewport};
use crate::{
    figure::{FigureSpec, Layout, SpaceBox, Style, TextLine},
    gpu::SpaceDraw,
    model::ViewParams,
    numbers::format_number,
    space::ViewDirection,
};

/// From where targets in space are looked at in a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpacePicture {
    /// The camera, the slab, and which box.
    pub viewport: SpaceViewport,
    /// From where the whole box is looked at instead, in perspective.
    pub direction: Option<ViewDirection>,
}

impl SpacePicture {
    /// How the targets of `scene` are seen in a picture of `size` pixels, if they lie in space.
    fn view(&self, scene: &Scene, size: [f64; 2], look: &ViewParams) -> Option<SpaceView> {
        let mut viewport = self.viewport;
        if let Some(direction) = self.direction {
            let space = scene.shown.space()?.space(viewport.all, look.equal_aspect);
            viewport.camera = Some(direction.camera(&space, size[0] / size[1], true));
        }
        viewport.view(&scene.shown, size, look.equal_aspect)
    }

    /// How the device draws the targets of `scene` in a picture of `size` pixels, if they lie in space.
    pub(super) fn draw(
        &self,
        scene: &Scene,
        size: [f64; 2],
        look: &ViewParams,
    ) -> Option<SpaceDraw> {
        let SpaceView { projection, slab } = self.view(scene, size, look)?;
        let base = scene.shown.space()?.base();
        Some(SpaceDraw { projection, base, slab, part: SpaceDraw::WHOLE })
    }

    /// From where the targets of `scene` are looked at, and what is hidden, in words.
    pub fn told(&self, scene: &Scene) -> String {
        let (angles, distance, perspective) = match (self.direction, self.viewport.camera) {
            (Some(ViewDirection { yaw, pitch, distance }), _) => {
                (Some([yaw, pitch]), distance, true)
            }
            (None, Some(camera)) => (Some([camera.yaw, camera.pitch]), None, camera.perspective),
            (None, None) => (None, None, true),
        };
        let number = |value: f64| format_number(value, 4);
        let mut told = angles.map_or("seen from above and beside".to_owned(), |[yaw, pitch]| {
            format!("seen from yaw {}°, pitch {}°", number(yaw), number(pitch))
        });
        if let Some(distance) = distance {
            let _ = write!(told, ", at {} of the distance that shows all", number(distance));
        }
        if !perspective {
            told.push_str(", in parallel projection");
        }
        if let Some(slab) = self.viewport.slab {
            let names = scene.shown.labels3();
            let _ = write!(told, ", slab {}", slab.to_text(&names.each_ref().map(String::as_str)));
        }
        told
    }
}

/// What is switched on and not drawn in space, to go after a picture's subtitle.
pub(super) fn left_out(look: &ViewParams) -> Option<String> {
    let layers = [
        (look.raster, "raster"),
        (look.contours.is_some(), "contours"),
        (look.marginals, "marginals"),
    ];
    let on: Vec<&str> = layers.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
    (!on.is_empty()).then(|| format!("  ·  not drawn in space: {}", on.join(", ")))
}

/// How a scene is shown: in space only dots.
pub(super) fn look_in(scene: &Scene, look: &ViewParams) -> ViewParams {
    if scene.shown.space().is_none() {
        return *look;
    }
    ViewParams { raster: false, contours: None, marginals: false, dots: true, ..*look }
}

/// Prepares the figure of a scene in space: no names beside the plot, and what is looked at from where. Says
/// whether it is one.
pub(super) fn lay_out(scene: &Scene, space: &SpacePicture, figure: &mut FigureSpec) -> bool {
    if scene.shown.space().is_none() {
        return false;
    }
    figure.space = Some(SpaceBox::default());
    figure.x_label = TextLine::default();
    figure.y_label = TextLine::default();
    figure.equal_aspect = false;
    let _ = write!(figure.subtitle, "  ·  {}", space.told(scene));
    true
}

/// Adds the box to the figure, and says how its dots are seen.
pub(super) fn draw_box(
    scene: &Scene,
    space: &SpacePicture,
    look: &ViewParams,
    figure: &mut FigureSpec,
    layout: &Layout,
) -> Option<SpaceDraw> {
    let size = [layout.plot.width, layout.plot.height].map(f64::from);
    let SpaceView { projection, slab } = space.view(scene, size, look)?;
    let shown = &scene.shown;
    let unit = layout.unit * figure.style.number / Style::SCREEN.number;
    figure.space = Some(SpaceBox::new(&projection, &shown.labels3(), shown.logarithmic3(), unit));
    let base = shown.space()?.base();
    Some(SpaceDraw { projection, base, slab, part: SpaceDraw::WHOLE })
}
