//! The contours of the estimate over the dots, each with its mass on the line.

use eframe::egui::{
    Color32, FontId, Pos2, Rect, Shape, Stroke, TextStyle, Ui,
    epaint::{PathShape, TextShape},
    vec2,
};
use egui_plot::{PlotPoint, PlotTransform};

use crate::{
    figure::{LabelPlace, straightest},
    numbers::format_number,
    plane::Contours,
    session::{Scene, ShownContours, mass_label},
};

/// Length of a line that a label needs, in logical pixels.
const LABEL_ROOM: f64 = 60.0;
/// Lines that are smaller on screen than this, in logical pixels, are left out where there are many.
const SMALLEST: f32 = 4.0;
/// Corners from which on small lines are left out: more would make frames late.
const MANY: usize = 30_000;

/// What the contours enclose, or why there are none; nothing while they are on their way.
pub(super) fn contours_note(shown: Option<&ShownContours>, scene: &Scene) -> Option<String> {
    Some(match shown.map(|shown| (shown, &shown.found)) {
        None if scene.shown.is_line() => "No contours: they need two coordinates".to_owned(),
        None => return None,
        Some((_, Err(reason))) => format!("No contours: {reason}"),
        Some((shown, Ok(found))) => {
            let masses: Vec<String> =
                shown.masses.to_vec().iter().map(|m| format_number(100.0 * m.get(), 4)).collect();
            let dim = scene.prepared.points.dim();
            let of = if dim > 2 { " of the marginal on these axes" } else { "" };
            let note = found.note().map_or_else(String::new, |note| format!("; {note}"));
            format!("Contours around {} % of the mass{of}{note}", masses.join(", "))
        }
    })
}

/// Draws the lines of `found` in the part `side` of the plot.
pub(super) fn contours_ui(ui: &Ui, found: &Contours, transform: &PlotTransform, side: Rect) {
    let visuals = ui.visuals();
    let painter = ui.painter().with_clip_rect(side);
    let strokes = [
        Stroke::new(3.0, visuals.extreme_bg_color.gamma_multiply(0.6)),
        Stroke::new(1.4, visuals.strong_text_color()),
    ];
    let corners = found.contours.iter().flat_map(|contour| &contour.lines);
    let many = corners.map(|line| line.points.len()).sum::<usize>() > MANY;
    let mut labels = Vec::new();
    for contour in &found.contours {
        let mut longest: Vec<Pos2> = Vec::new();
        for line in &contour.lines {
            let placed: Vec<Pos2> = line
                .points
                .iter()
                .map(|[x, y]| transform.position_from_point(&PlotPoint::new(*x, *y)))
                .collect();
            let around = Rect::from_points(&placed);
            let small = around.width().max(around.height()) < SMALLEST;
            if !around.intersects(side) || many && small {
                continue;
            }
            for stroke in strokes {
                painter.add(Shape::Path(PathShape::line(placed.clone(), stroke)));
            }
            // A label has to be seen, so that its line is looked for where it is in the plot.
            let seen = placed.iter().filter(|place| side.contains(**place)).count();
            if seen > longest.len() {
                longest = placed.into_iter().filter(|place| side.contains(*place)).collect();
            }
        }
        let line: Vec<[f64; 2]> =
            longest.iter().map(|place| [f64::from(place.x), f64::from(place.y)]).collect();
        if let Some(place) = straightest(&line, LABEL_ROOM) {
            labels.push((mass_label(contour.level.mass.get()), place));
        }
    }
    let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
    let ink = visuals.strong_text_color();
    for (text, LabelPlace { middle: [x, y], angle }) in labels {
        let top = painter.layout_no_wrap(text, font.clone(), ink);
        let turned = (angle as f32).to_radians();
        let half = 0.5 * top.size();
        let middle = Pos2::new(x as f32, y as f32);
        let (sin, cos) = turned.sin_cos();
        let corner =
            |across: f32, up: f32| middle + vec2(across * cos - up * sin, across * sin + up * cos);
        // A plate below it: letters must not be crossed by their line.
        let (width, height) = (half.x + 2.0, half.y);
        let plate = vec![
            corner(-width, -height),
            corner(width, -height),
            corner(width, height),
            corner(-width, height),
        ];
        let fill = visuals.extreme_bg_color.gamma_multiply(0.8);
        painter.add(Shape::convex_polygon(plate, fill, Stroke::NONE));
        let place = corner(-half.x, -half.y);
        painter.add(TextShape::new(place, top, Color32::TRANSPARENT).with_angle(turned));
    }
}
