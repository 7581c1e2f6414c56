//! Drawing an outline around dots, a rectangle or a lasso, while the mouse button is held; and finding the
//! contour that was clicked into.

use eframe::egui::{
    Color32, CursorIcon, PointerButton, Pos2, Rect, Response, Shape, Stroke, StrokeKind, Ui,
};

use super::{
    super::style::accent,
    tools::{Tool, combine_of},
};
use crate::{
    plane::{Contours, Line},
    selection::Polygon,
    session::{Region, SelectionChange},
};

/// A corner of a lasso is this far from the one before, in logical pixels, at least.
const STEP: f32 = 2.0;
/// A rectangle smaller than this, in logical pixels, is a click.
const SMALLEST: f32 = 3.0;

/// What was drawn around dots, or clicked on.
pub(super) enum Drawn {
    /// A rectangle, by two opposite corners.
    Rectangle([Pos2; 2]),
    /// The corners of an outline, in turn.
    Outline(Vec<Pos2>),
    /// A place in a contour.
    Click(Pos2),
}

impl Drawn {
    /// The corners of the outline in the plot's `frame`, from its upper left corner; of a click there are none.
    pub(super) fn corners_in(self, frame: Rect) -> Option<Vec<[f64; 2]>> {
        let corners = match self {
            Self::Rectangle([a, b]) => {
                let rect = Rect::from_two_pos(a, b);
                vec![rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()]
            }
            Self::Outline(corners) => corners,
            Self::Click(_) => return None,
        };
        let from_corner = |at: Pos2| [at.x - frame.left(), at.y - frame.top()].map(f64::from);
        Some(corners.into_iter().map(from_corner).collect())
    }
}

/// An outline that is being drawn.
#[derive(Clone, Debug)]
pub(super) struct Gesture {
    /// Where it went so far; of a rectangle the first corner and the opposite one.
    corners: Vec<Pos2>,
}

/// Follows the pointer while an outline is being drawn with `tool` in the plot's `frame`; when it is done, says
/// what it selects: `region` is what is inside of what was drawn.
pub(super) fn gesture_ui(
    ui: &Ui,
    tool: Tool,
    gesture: &mut Option<Gesture>,
    response: &Response,
    frame: Rect,
    region: impl FnOnce(Drawn) -> Option<Region>,
) -> Option<SelectionChange> {
    if tool == Tool::Move {
        *gesture = None;
        return None;
    }
    if response.contains_pointer() {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
    let combine = combine_of(ui.input(|i| i.modifiers));
    if tool == Tool::Contour {
        let at = response.clicked().then(|| response.interact_pointer_pos())??;
        return Some(SelectionChange { region: region(Drawn::Click(at))?, combine });
    }
    let primary = PointerButton::Primary;
    if response.drag_started_by(primary) {
        let origin = ui.input(|i| i.pointer.press_origin());
        *gesture = origin.map(|origin| Gesture { corners: vec![origin] });
    }
    let drawn = gesture.as_mut()?;
    if let Some(at) = ui.input(|i| i.pointer.latest_pos()) {
        drawn.reach(tool, at.clamp(frame.min, frame.max));
    }
    drawn.paint(ui, tool, frame);
    if !response.drag_stopped_by(primary) {
        return None;
    }
    let Gesture { corners } = gesture.take()?;
    let drawn = match (tool, corners.as_slice()) {
        (Tool::Rectangle, &[a, b]) if (b - a).abs().max_elem() >= SMALLEST => {
            Drawn::Rectangle([a, b])
        }
        (Tool::Lasso, [_, _, _, ..]) => Drawn::Outline(corners),
        _ => return None,
    };
    Some(SelectionChange { region: region(drawn)?, combine })
}

impl Gesture {
    /// Goes on to where the pointer is.
    fn reach(&mut self, tool: Tool, at: Pos2) {
        match (tool, self.corners.as_mut_slice()) {
            (Tool::Rectangle, [_, last]) => *last = at,
            (Tool::Lasso, [.., last]) if last.distance(at) < STEP => {}
            _ => self.corners.push(at),
        }
    }

    fn paint(&self, ui: &Ui, tool: Tool, frame: Rect) {
        let visuals = ui.visuals();
        let ink = accent(visuals.dark_mode);
        let painter = ui.painter().with_clip_rect(frame);
        let [under, over] = [(3.0, visuals.extreme_bg_color), (1.5, ink)];
        let fill = ink.gamma_multiply(0.08);
        match (tool, self.corners.as_slice()) {
            (Tool::Rectangle, [a, b]) => {
                let rect = Rect::from_two_pos(*a, *b);
                painter.rect_filled(rect, 0.0, fill);
                for (width, color) in [under, over] {
                    let stroke = Stroke::new(width, color);
                    painter.rect_stroke(rect, 0.0, stroke, StrokeKind::Middle);
                }
            }
            (_, corners) => {
                let strokes: [(f32, Color32); 2] = [under, over];
                for (width, color) in strokes {
                    painter.add(Shape::line(corners.to_vec(), Stroke::new(width, color)));
                }
                if let [first, .., last] = corners {
                    // How it would be closed.
                    let ends = [*last, *first];
                    painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, ink), 4.0, 4.0));
                }
            }
        }
    }
}

/// What of the plane is inside of what was drawn; `data` is the place at a pixel.
pub(super) fn in_plane(
    drawn: Drawn,
    data: impl Fn(Pos2) -> [f64; 2],
    contours: Option<&Contours>,
) -> Option<Region> {
    Some(match drawn {
        Drawn::Click(at) => inside_contour(contours?, data(at))?,
        Drawn::Rectangle([a, b]) => {
            let [a, b] = [data(a), data(b)];
            let [low, high] = [f64::min, f64::max].map(|f| [f(a[0], b[0]), f(a[1], b[1])]);
            Region::Rectangle { low, high }
        }
        Drawn::Outline(corners) => {
            Region::Outline { corners: corners.into_iter().map(data).collect(), holes: Vec::new() }
        }
    })
}

/// What lies inside the innermost closed contour around a place, without the holes in it.
fn inside_contour(contours: &Contours, place: [f64; 2]) -> Option<Region> {
    let is_around = |line: &&Line| {
        line.closed && Polygon::new(&line.points).is_some_and(|polygon| polygon.contains(place))
    };
    // f is above the level on the left of a line: around holes it runs clockwise.
    let is_hole = |line: &Line| area(&line.points) < 0.0;
    let inner = |lines: &[Line]| {
        // A place in a hole is not inside.
        let around: Vec<Line> = lines.iter().filter(is_around).cloned().collect();
        let smallest = around
            .into_iter()
            .min_by(|a, b| area(&a.points).abs().total_cmp(&area(&b.points).abs()))?;
        (!is_hole(&smallest)).then_some(smallest)
    };
    let found =
        contours.contours.iter().filter_map(|contour| Some((contour, inner(&contour.lines)?)));
    let (contour, line) = found.min_by(|(a, _), (b, _)| b.level.level.total_cmp(&a.level.level))?;
    let outer = Polygon::new(&line.points)?;
    let is_within = |hole: &&Line| {
        hole.closed && is_hole(hole) && hole.points.first().is_some_and(|at| outer.contains(*at))
    };
    let holes = contour.lines.iter().filter(is_within).map(|hole| hole.points.clone()).collect();
    Some(Region::Outline { corners: line.points, holes })
}

/// The area inside a closed line, below 0 where it runs clockwise.
fn area(points: &[[f64; 2]]) -> f64 {
    let Some(&[x, y]) = points.first() else { return 0.0 };
    let next = points.iter().cycle().skip(1);
    let twice =
        |([ax, ay], [bx, by]): (&[f64; 2], &[f64; 2])| (ax - x) * (by - y) - (bx - x) * (ay - y);
    0.5 * points.iter().zip(next).map(twice).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Mass,
        plane::{Contour, Level},
    };

    /// A square around the origin, clockwise if `is_hole`.
    fn square(half: f64, is_hole: bool) -> Line {
        let mut points = vec![[-half, -half], [half, -half], [half, half], [-half, half]];
        points.push(points[0]);
        if is_hole {
            points.reverse();
        }
        Line { points, closed: true }
    }

    #[test]
    fn the_innermost_contour_is_taken_without_its_holes() {
        let contour = |mass: f64, value: f64, lines: Vec<Line>| {
            let mass = Mass::new(mass).expect("a part");
            Contour { level: Level { mass, level: value }, lines }
        };
        let contours = Contours {
            contours: vec![
                contour(0.9, 0.1, vec![square(3.0, false)]),
                contour(0.5, 0.5, vec![square(2.0, false), square(1.0, true)]),
            ],
            step: 0.1,
        };
        let corners = |place| match inside_contour(&contours, place) {
            Some(Region::Outline { corners, holes }) => Some((corners[0][0].abs(), holes.len())),
            _ => None,
        };
        assert_eq!(corners([2.5, 0.0]), Some((3.0, 0)));
        assert_eq!(corners([1.5, 0.0]), Some((2.0, 1)));
        // In the hole of the inner one is the outer one.
        assert_eq!(corners([0.5, 0.0]), Some((3.0, 0)));
        assert_eq!(corners([5.0, 0.0]), None);
    }
}
