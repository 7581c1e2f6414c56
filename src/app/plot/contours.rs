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
/// Middles of labels are at least so far from each other, in logical pixels: nearer ones could overlap.
const LABELS_APART: f64 = 36.0;
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
            let draft = if shown.draft { "; coarse while σ moves" } else { "" };
            format!("Contours around {} % of the mass{of}{note}{draft}", masses.join(", "))
        }
    })
}

/// Corners of a line farther than this beside the line without them, in logical pixels, stay.
const BESIDE: f32 = 0.2;
/// Corners in turn that may be left out.
const IN_TURN: usize = 24;

/// The same line without corners that nobody sees: each costs a software device as much as many pixels.
fn thinned(line: &[Pos2]) -> Vec<Pos2> {
    let mut kept: Vec<Pos2> = line.first().copied().into_iter().collect();
    let mut last = 0;
    for next in 1..line.len() {
        let [from, to] = [line[last], line.get(next + 1).copied().unwrap_or(line[next])];
        let along = to - from;
        let length = along.length();
        // How far a corner lies beside the straight line, or beyond its ends.
        let beside = |corner: &Pos2| {
            let off = *corner - from;
            let part = off.dot(along) / length.max(f32::MIN_POSITIVE);
            let beyond = (part - length).max(-part).max(0.0);
            (along.rot90().dot(off) / length.max(f32::MIN_POSITIVE)).abs().max(beyond)
        };
        let ends = next + 1 == line.len();
        let far = line[last + 1..=next].iter().any(|corner| beside(corner) > BESIDE);
        if ends || far || next - last >= IN_TURN {
            kept.push(line[next]);
            last = next;
        }
    }
    kept
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
    let mut labels: Vec<(String, LabelPlace)> = Vec::new();
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
            let placed = thinned(&placed);
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
        // Only where no label of another line is near.
        let is_free = |[x, y]: &[f64; 2]| {
            labels.iter().all(|(_, LabelPlace { middle, .. })| {
                (middle[0] - x).hypot(middle[1] - y) > LABELS_APART
            })
        };
        let free = line.split(|place| !is_free(place)).max_by_key(|part| part.len());
        if let Some(place) = free.and_then(|part| straightest(part, LABEL_ROOM)) {
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

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    #[test]
    fn a_thinned_line_lies_where_it_was_with_fewer_corners() {
        let circle: Vec<Pos2> = (0..=720)
            .map(|k| {
                let (sin, cos) = (0.5 * k as f32).to_radians().sin_cos();
                pos2(300.0 + 100.0 * cos, 300.0 + 100.0 * sin)
            })
            .collect();
        let few = thinned(&circle);
        assert!(few.len() < circle.len() / 4, "{}", few.len());
        assert_eq!((few.first(), few.last()), (circle.first(), circle.last()));
        // The middle of each chord is as near to the circle as it may be.
        for ends in few.windows(2) {
            let middle = ends[0] + 0.5 * (ends[1] - ends[0]);
            let off = (middle - pos2(300.0, 300.0)).length() - 100.0;
            assert!(off.abs() <= BESIDE + 1e-3, "{off}");
        }
        // A tip stays, and so does a line of two corners or one.
        let tip = [pos2(0.0, 0.0), pos2(50.0, 0.0), pos2(0.0, 0.1)];
        assert_eq!(thinned(&tip), tip);
        assert_eq!(thinned(&tip[..2]), tip[..2]);
        assert_eq!(thinned(&tip[..1]), tip[..1]);
        assert!(thinned(&[]).is_empty());
    }
}
