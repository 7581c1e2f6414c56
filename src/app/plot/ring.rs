//! The kernel's width, drawn around the pointer: a ring of radius σ, and a fainter one of 2σ.
//!
//! In one dimension, where the y axis is f, it is an interval.

use std::{f64::consts::TAU, sync::Arc};

use eframe::egui::{
    Align2, FontId, Pos2, Shape, Stroke, TextStyle, Ui,
    epaint::{PathShape, TextShape},
    vec2,
};
use egui_plot::{PlotPoint, PlotTransform};

use crate::session::Scene;

/// Corners of the polygon that approximates an ellipse: with fewer, large rings show corners.
const CORNERS: usize = 96;
/// Radii that are drawn, in logical pixels: the pointer hides smaller rings, and larger ones are
/// far outside the window.
const RADII: std::ops::RangeInclusive<f32> = 3.0..=1e5;

/// How far below the plot's upper edge an interval is named, in logical pixels: tools are above.
const BELOW_TOOLS: f32 = 54.0;

/// The points at distance σ from the pointer, projected to the plane of the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
enum RingShape {
    /// The half width along x, in one dimension.
    Interval(f64),
    /// The two half axes of an ellipse, each as x and y in the units of the axes.
    Ellipse([[f64; 2]; 2]),
}

impl RingShape {
    /// What `sigma` is where the targets of `scene` are drawn: a ring, for all axes have one σ, and
    /// principal components are directions at right angles; where the sum is in standard
    /// deviations, an ellipse.
    fn of(scene: &Scene, sigma: f64) -> Self {
        let reach = scene.shown.reach(sigma, scene.prepared.whitening.as_deref());
        if scene.shown.is_line() { Self::Interval(reach[0][0]) } else { Self::Ellipse(reach) }
    }
}

/// The rings of `sigma` around `pointer`, and what they are called.
pub(super) fn ring_shapes(
    ui: &Ui,
    scene: &Scene,
    sigma: f64,
    transform: &PlotTransform,
    pointer: Pos2,
) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let middle = transform.value_from_position(pointer);
    let at = |x, y| transform.position_from_point(&PlotPoint::new(middle.x + x, middle.y + y));
    let frame = *transform.frame();
    let visuals = ui.visuals();
    let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
    for (times, strength, name) in [(2.0, 0.45, "2σ"), (1.0, 0.95, "σ")] {
        let ink = visuals.strong_text_color().gamma_multiply(strength);
        let strokes = [
            Stroke::new(3.0, visuals.extreme_bg_color.gamma_multiply(0.6 * strength)),
            Stroke::new(1.25, ink),
        ];
        let top = match RingShape::of(scene, times * sigma) {
            RingShape::Interval(half) => {
                let ends = [at(-half, 0.0), at(half, 0.0)];
                if !RADII.contains(&(0.5 * (ends[1].x - ends[0].x))) {
                    continue;
                }
                for stroke in strokes {
                    for end in ends {
                        let ends = [frame.top(), frame.bottom()].map(|y| Pos2::new(end.x, y));
                        shapes.push(Shape::line_segment(ends, stroke));
                    }
                }
                Pos2::new(ends[1].x + 3.0, frame.top() + BELOW_TOOLS)
            }
            RingShape::Ellipse([a, b]) => {
                let corners: Vec<Pos2> = (0..CORNERS)
                    .map(|k| {
                        let (sin, cos) = (TAU * k as f64 / CORNERS as f64).sin_cos();
                        at(a[0] * cos + b[0] * sin, a[1] * cos + b[1] * sin)
                    })
                    .collect();
                let top = corners.iter().copied().min_by(|p, q| p.y.total_cmp(&q.y));
                let top = top.unwrap_or(pointer);
                if !RADII.contains(&(pointer - top).length()) {
                    continue;
                }
                for stroke in strokes {
                    shapes.push(Shape::Path(PathShape::closed_line(corners.clone(), stroke)));
                }
                top - vec2(0.0, 1.0)
            }
        };
        let align = if scene.shown.is_line() { Align2::LEFT_BOTTOM } else { Align2::CENTER_BOTTOM };
        let galley = ui.painter().layout_no_wrap(name.to_owned(), font.clone(), ink);
        let place = align.anchor_size(top, galley.size()).min;
        for step in [vec2(-1.0, 0.0), vec2(1.0, 0.0), vec2(0.0, -1.0), vec2(0.0, 1.0)] {
            let (galley, color) = (Arc::clone(&galley), strokes[0].color);
            let halo = TextShape::new(place + step, galley, color).with_override_text_color(color);
            shapes.push(Shape::Text(halo));
        }
        shapes.push(Shape::galley(place, galley, ink));
    }
    shapes
}
