//! The box of axes around points in three dimensions as flat drawing: its back faces with grid lines
//! behind the data, and where tick labels go along its outline, all in pixels.

use super::projection::{Segment, SpaceProjection};

/// Faces of less area in square pixels are seen from their edge and left out.
const SMALLEST_FACE: f64 = 0.5;

/// Edges shorter than this in pixels are seen from their end and carry no labels.
const SHORTEST_EDGE: f64 = 1.0;

/// The box around the data, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AxesBox {
    /// At most one face for each axis: the one behind the data. A face seen from its edge is left out.
    pub faces: Vec<BackFace>,
    /// At most one edge for each axis: the one at the outline of the box, lowest or leftmost, that
    /// carries its labels. None for an axis seen from its end or of zero extent, and none at all if the
    /// viewer is inside the box.
    pub edges: Vec<AxisEdge>,
    /// The tick labels along `edges`.
    pub labels: Vec<TickLabel>,
}

/// A face of the box behind the data; in perspective it is cut where it passes the viewer.
#[derive(Clone, Debug, PartialEq)]
pub struct BackFace {
    /// The axis the face is perpendicular to.
    pub axis: usize,
    /// Whether the face is at the high end of that axis.
    pub high: bool,
    /// The corners in order in pixels, convex.
    pub polygon: Vec<[f64; 2]>,
    /// The edges of the face, at most four.
    pub edges: Vec<Segment>,
    /// Lines across the face at the ticks of the two other axes.
    pub grid: Vec<Segment>,
}

/// The edge of the box along which an axis is labelled, for its title.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisEdge {
    /// The axis: 0, 1 or 2.
    pub axis: usize,
    /// From the low to the high end of the axis, in pixels.
    pub line: Segment,
    /// The direction away from the box in the picture, perpendicular to the line, of length 1 (y down).
    pub outward: [f64; 2],
}

/// Where the label of one tick goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TickLabel {
    /// The axis: 0, 1 or 2.
    pub axis: usize,
    /// The value to write, in data coordinates.
    pub value: f64,
    /// The tick on the edge of the box, in pixels.
    pub at: [f64; 2],
    /// The direction away from the box in the picture, perpendicular to the edge, of length 1 (y down).
    pub outward: [f64; 2],
}

/// An edge in unit coordinates with its picture.
struct Candidate {
    line: [[f64; 3]; 2],
    drawn: Segment,
    outward: [f64; 2],
}

impl AxesBox {
    /// The box of the projected space with ticks at the given values of each axis (data coordinates);
    /// ticks outside the box are left out.
    #[must_use]
    pub fn new(projection: &SpaceProjection, ticks: &[Vec<f64>; 3]) -> Self {
        let mut found = Self::default();
        for axis in 0..3 {
            found.faces.extend(back_face(projection, axis, ticks));
            let Some(edge) = label_edge(projection, axis) else { continue };
            found.edges.push(AxisEdge { axis, line: edge.drawn, outward: edge.outward });
            found.labels.extend(ticks[axis].iter().filter_map(|&value| {
                let mut point = edge.line[0];
                point[axis] = projection.space().axis_inside(axis, value)?;
                let seen = projection.project_unit(point)?;
                Some(TickLabel { axis, value, at: [seen.x, seen.y], outward: edge.outward })
            }));
        }
        found
    }
}

/// The face across `axis` that lies behind the data, if it has an area in the picture.
fn back_face(projection: &SpaceProjection, axis: usize, ticks: &[Vec<f64>; 3]) -> Option<BackFace> {
    let half = projection.space().half();
    let high = projection.towards_viewer()[axis] < 0.0;
    let (b, c) = others(axis);
    let point = |along_b: f64, along_c: f64| {
        let mut point = [0.0; 3];
        point[axis] = if high { half[axis] } else { -half[axis] };
        (point[b], point[c]) = (along_b, along_c);
        point
    };
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .map(|(sign_b, sign_c)| point(sign_b * half[b], sign_c * half[c]));
    let polygon = projection.polygon(&corners);
    if area(&polygon) < SMALLEST_FACE {
        return None;
    }
    let edges =
        (0..4).filter_map(|i| projection.segment([corners[i], corners[(i + 1) % 4]])).collect();
    let inside = |axis: usize| {
        ticks[axis].iter().filter_map(move |&v| projection.space().axis_inside(axis, v))
    };
    let across_b = inside(b).map(|at| [point(at, -half[c]), point(at, half[c])]);
    let across_c = inside(c).map(|at| [point(-half[b], at), point(half[b], at)]);
    let grid = across_b.chain(across_c).filter_map(|line| projection.segment(line)).collect();
    Some(BackFace { axis, high, polygon, edges, grid })
}

/// Of the edges along `axis` at the outline of the box, the lowest or leftmost in the picture.
fn label_edge(projection: &SpaceProjection, axis: usize) -> Option<Candidate> {
    let (b, c) = others(axis);
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .into_iter()
        .filter(|&(sign_b, sign_c)| {
            faces_viewer(projection, b, sign_b) != faces_viewer(projection, c, sign_c)
        })
        .filter_map(|signs| candidate(projection, axis, signs))
        .max_by(|one, other| low_left(one.outward).total_cmp(&low_left(other.outward)))
}

/// Whether the face at the end `sign` of an axis is seen from outside.
fn faces_viewer(projection: &SpaceProjection, axis: usize, sign: f64) -> bool {
    let plane = if projection.is_perspective() { projection.space().half()[axis] } else { 0.0 };
    sign * projection.towards_viewer()[axis] > plane
}

/// The edge along `axis` at the ends `signs` of the two other axes, if it has a length in the picture.
fn candidate(projection: &SpaceProjection, axis: usize, signs: (f64, f64)) -> Option<Candidate> {
    let half = projection.space().half();
    let (b, c) = others(axis);
    let mut ends = [[0.0; 3]; 2];
    for (end, sign) in ends.iter_mut().zip([-1.0, 1.0]) {
        (end[axis], end[b], end[c]) = (sign * half[axis], signs.0 * half[b], signs.1 * half[c]);
    }
    let line = projection.visible_part(ends)?;
    let drawn = projection.segment(line)?;
    let (dx, dy) = (drawn[1][0] - drawn[0][0], drawn[1][1] - drawn[0][1]);
    let length = dx.hypot(dy);
    if length.is_nan() || length < SHORTEST_EDGE {
        return None;
    }
    let mut into_box = line[0].map(|value| -value);
    into_box[axis] = 0.0;
    let inward = projection.drift(line[0], into_box);
    let mut outward = [-dy / length, dx / length];
    let towards_box = outward[0] * inward[0] + outward[1] * inward[1];
    // A box without thickness in the picture has no inside; its labels go below or to the left.
    let flip = if towards_box.abs() > 1e-6 { towards_box > 0.0 } else { low_left(outward) < 0.0 };
    if flip {
        outward = outward.map(|value| -value);
    }
    Some(Candidate { line, drawn, outward })
}

/// How far a direction in pixels points down, and a little less so to the left.
fn low_left(direction: [f64; 2]) -> f64 {
    direction[1] - 0.5 * direction[0]
}

fn others(axis: usize) -> (usize, usize) {
    ((axis + 1) % 3, (axis + 2) % 3)
}

/// Area of a polygon in square pixels.
fn area(polygon: &[[f64; 2]]) -> f64 {
    let Some(&origin) = polygon.first() else { return 0.0 };
    let from_origin = |p: [f64; 2]| [p[0] - origin[0], p[1] - origin[1]];
    let twice = polygon.windows(2).map(|pair| {
        let (p, q) = (from_origin(pair[0]), from_origin(pair[1]));
        p[0] * q[1] - p[1] * q[0]
    });
    0.5 * twice.sum::<f64>().abs()
}

#[cfg(test)]
mod tests {
    use super::super::{Camera, Side, Space, SpaceProjection};
    use super::AxesBox;

    const SIZE: [f64; 2] = [800.0, 600.0];

    fn ticks() -> [Vec<f64>; 3] {
        [vec![-1.0, 0.0, 1.0, 2.0], vec![0.0, 2.5, 5.0], vec![10.0, 11.0, f64::NAN]]
    }

    fn view(space: &Space, yaw: f64, pitch: f64, perspective: bool) -> SpaceProjection {
        let camera = Camera { yaw, pitch, perspective, ..Camera::around(space, SIZE[0] / SIZE[1]) };
        camera.project_into(space, SIZE)
    }

    fn spaces() -> Vec<Space> {
        let (low, high) = ([0.0, 0.0, 10.0], [2.0, 5.0, 11.0]);
        let mut spaces = vec![Space::equal(low, high), Space::cube(low, high)];
        spaces.push(Space::equal(low, [2.0, 5.0, 10.0]));
        spaces.push(Space::equal(low, [0.0, 5.0, 10.0]));
        spaces.push(Space::equal(low, low));
        spaces
    }

    /// All corners of the box in pixels.
    fn corners(view: &SpaceProjection) -> impl Iterator<Item = [f64; 2]> {
        let half = view.space().half();
        (0..8).map(move |n: usize| {
            let unit = std::array::from_fn(|i| if n >> i & 1 == 1 { half[i] } else { -half[i] });
            let seen = view.project_unit(unit).expect("in front");
            [seen.x, seen.y]
        })
    }

    #[test]
    fn from_everywhere_labels_are_outside_and_nothing_is_nan() {
        for (n, space) in spaces().iter().enumerate() {
            for step in 0..37 * 13 * 2 {
                let (yaw, pitch) =
                    (f64::from(step % 37) * 10.0, f64::from(step / 37 % 13) * 15.0 - 90.0);
                let view = view(space, yaw, pitch, step % 2 == 0);
                let found = AxesBox::new(&view, &ticks());
                for label in &found.labels {
                    assert!((label.outward[0].hypot(label.outward[1]) - 1.0).abs() < 1e-9);
                    for corner in corners(&view) {
                        let beyond = (corner[0] - label.at[0]) * label.outward[0]
                            + (corner[1] - label.at[1]) * label.outward[1];
                        assert!(beyond < 1e-6, "space {n}, {yaw} {pitch}: {label:?} {beyond}");
                    }
                }
                let drawn = found.faces.iter().flat_map(|face| face.edges.iter().chain(&face.grid));
                assert!(drawn.flatten().flatten().all(|pixel| pixel.is_finite()));
                assert!(found.faces.len() <= 3 && found.edges.len() <= 3);
            }
        }
    }

    #[test]
    fn the_three_quarter_view_has_three_walls_and_labels_at_the_bottom_and_the_left() {
        for perspective in [false, true] {
            let found = AxesBox::new(&view(&spaces()[1], -35.0, 25.0, perspective), &ticks());
            let walls: Vec<_> = found.faces.iter().map(|face| (face.axis, face.high)).collect();
            assert_eq!(walls, [(0, true), (1, true), (2, false)]);
            // Inside the box are the ticks 0, 1, 2 of x, 0, 2.5, 5 of y and 10, 11 of z.
            let lines: Vec<_> = found.faces.iter().map(|face| face.grid.len()).collect();
            assert_eq!(lines, [5, 5, 6]);
            let values: Vec<_> =
                found.labels.iter().map(|label| (label.axis, label.value)).collect();
            assert_eq!(values.len(), 3 + 3 + 2);
            assert!(found.edges[0].outward[1] > 0.5 && found.edges[1].outward[1] > 0.5);
            assert!(found.edges[2].outward[0] < -0.9);
        }
    }

    #[test]
    fn back_faces_are_behind_the_data() {
        for step in 0..72 {
            let view = view(&spaces()[0], f64::from(step) * 5.0 + 1.0, 20.0, false);
            let middle = view.project_unit([0.0; 3]).expect("seen").depth;
            for face in AxesBox::new(&view, &ticks()).faces {
                let mut centre = [0.0; 3];
                centre[face.axis] = if face.high { 0.1 } else { -0.1 };
                assert!(view.project_unit(centre).expect("seen").depth > middle);
            }
        }
    }

    #[test]
    fn straight_from_a_side_two_axes_are_labelled() {
        let expected = [(Side::Front, [0, 2]), (Side::Left, [1, 2]), (Side::Top, [0, 1])];
        for (side, axes) in expected {
            let (yaw, pitch) = side.angles();
            for perspective in [false, true] {
                let found = AxesBox::new(&view(&spaces()[0], yaw, pitch, perspective), &ticks());
                assert_eq!(found.edges.iter().map(|edge| edge.axis).collect::<Vec<_>>(), axes);
                assert!(found.edges[0].outward[1] > 0.999 && found.edges[1].outward[0] < -0.999);
                assert_eq!(found.faces.len(), if perspective { 3 } else { 1 });
            }
        }
    }

    #[test]
    fn from_inside_the_box_nothing_is_nan() {
        let space = &spaces()[0];
        for step in 0..200 {
            let mut camera = Camera::around(space, 1.0);
            camera.orbit(f64::from(step) * 17.0, f64::from(step % 9) * 10.0 - 60.0);
            camera.zoom_to(1.1_f64.powi(step), [500.0, 200.0], SIZE);
            let found = AxesBox::new(&camera.project_into(space, SIZE), &ticks());
            let drawn = found.faces.iter().flat_map(|face| face.edges.iter().chain(&face.grid));
            assert!(drawn.flatten().flatten().all(|pixel| pixel.is_finite()));
            assert!(found.labels.iter().flat_map(|l| l.at).all(f64::is_finite));
        }
    }
}
