//! Lines along which a function on a grid has one value: marching squares.
//!
//! Each cell between four nodes that the line crosses gives one or two segments, with the higher side
//! on the left; segments that meet on an edge of a cell are joined. Where two opposite corners of a cell
//! are higher, the mean of the four says whether they belong together.

use super::tiles::{Node, Tiles};

/// A line in the plane, the higher side on its left.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its corners, in turn; the first once more at the end of a closed one.
    pub points: Vec<[f64; 2]>,
    /// Whether it ends where it begins.
    pub closed: bool,
}

/// An edge of a cell: the node at its left or lower end, and whether it goes up.
type Edge = (Node, bool);

/// A part of a line within a cell, from one edge to another.
struct Segment {
    from: Edge,
    to: Edge,
    /// Where it crosses the first edge.
    start: [f64; 2],
    /// Where it crosses the second.
    end: [f64; 2],
}

/// The lines along which the values at the nodes of `tiles` pass `level`, which is above 0.
pub(super) fn lines(tiles: &Tiles, level: f64) -> Vec<Line> {
    let mut segments = Vec::new();
    tiles.each_cell(|node, corners| {
        let inside = corners.map(|f| f >= level);
        if inside.iter().all(|is| *is == inside[0]) {
            return;
        }
        let crossing = |k: usize| crossed(tiles, node, k, corners, level);
        // From inside to outside, counterclockwise around the cell.
        let leaves = |k: usize| inside[k] && !inside[(k + 1) % 4];
        let enters = |k: usize| !inside[k] && inside[(k + 1) % 4];
        let exits = (0..4).filter(|&k| leaves(k));
        let together = corners.iter().sum::<f64>() >= 4.0 * level;
        for exit in exits {
            // The next edge that enters, around the outer corner, or around the inner one.
            let next = |step: usize| (1..4).map(|n| (exit + n * step) % 4).find(|&k| enters(k));
            let entry = if together { next(1) } else { next(3) };
            let Some(entry) = entry else { continue };
            let ((from, start), (to, end)) = (crossing(exit), crossing(entry));
            segments.push(Segment { from, to, start, end });
        }
    });
    joined(segments)
}

/// Edge `k` of a cell, counterclockwise from the lower one, and where the level crosses it.
fn crossed(
    tiles: &Tiles,
    [column, row]: Node,
    k: usize,
    corners: [f64; 4],
    level: f64,
) -> (Edge, [f64; 2]) {
    let ends = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
    let (mut a, mut b) = (k, (k + 1) % 4);
    if ends[a] > ends[b] {
        (a, b) = (b, a);
    }
    let [low, high] = [corners[a], corners[b]];
    // The logarithm of a normal is a parabola, along which a straight line is nearer than along the normal.
    let part = if low > 0.0 && high > 0.0 {
        (level / low).ln() / (high / low).ln()
    } else {
        (level - low) / (high - low)
    };
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.5 };
    let [from, to] = [tiles.place(ends[a]), tiles.place(ends[b])];
    let at = [0, 1].map(|axis| from[axis] + part * (to[axis] - from[axis]));
    ((ends[a], k % 2 == 1), at)
}

/// Joins segments to lines.
fn joined(mut segments: Vec<Segment>) -> Vec<Line> {
    segments.sort_unstable_by_key(|segment| segment.from);
    let mut ends: Vec<Edge> = segments.iter().map(|segment| segment.to).collect();
    ends.sort_unstable();
    let after =
        |segment: &Segment| segments.binary_search_by_key(&segment.to, |segment| segment.from).ok();
    let mut taken = vec![false; segments.len()];
    let mut lines = Vec::new();
    // Open lines from their beginnings, then closed ones from anywhere.
    let begins = |k: &usize| ends.binary_search(&segments[*k].from).is_err();
    let all = 0..segments.len();
    for first in all.clone().filter(begins).chain(all) {
        if taken[first] {
            continue;
        }
        let mut points = vec![segments[first].start];
        let mut next = Some(first);
        while let Some(k) = next.filter(|&k| !taken[k]) {
            taken[k] = true;
            if points.last() != Some(&segments[k].end) {
                points.push(segments[k].end);
            }
            next = after(&segments[k]);
        }
        let closed = next == Some(first);
        // A level that only touches a node leaves a point, no line.
        if points.len() > 1 {
            lines.push(Line { points, closed });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a function around the origin, nodes 0.25 apart, 16 nodes beyond [−4, 4] on all sides.
    fn of(f: impl Fn(f64, f64) -> f64, level: f64) -> Vec<Line> {
        let corners = [[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0], [0.0, 0.0]];
        let mut tiles = Tiles::around(&corners.into_iter(), 0.25, 1 << 20);
        let values = tiles.places().chunks(2).map(|p| f(p[0], p[1])).collect();
        tiles.fill(values);
        lines(&tiles, level)
    }

    /// Twice the area that a closed line encloses, positive where it is on the left.
    fn area(line: &Line) -> f64 {
        let corners = line.points.windows(2);
        0.5 * corners.map(|p| p[0][0] * p[1][1] - p[1][0] * p[0][1]).sum::<f64>()
    }

    #[test]
    fn a_normal_has_a_circle_with_its_inside_on_the_left() {
        let lines = of(|x, y| (-0.5 * (x * x + y * y)).exp(), (-2.0_f64).exp());
        let [line] = lines.as_slice() else { panic!("{} lines", lines.len()) };
        assert!(line.closed && line.points.first() == line.points.last());
        for [x, y] in &line.points {
            assert!((x.hypot(*y) - 2.0).abs() < 5e-3, "{x}, {y}");
        }
        assert!((area(line) / (4.0 * std::f64::consts::PI) - 1.0).abs() < 5e-3);
    }

    #[test]
    fn a_hole_has_its_outside_on_the_right_and_what_leaves_the_grid_is_open() {
        let ring = |x: f64, y: f64| (-(x.hypot(y) - 2.0).powi(2)).exp();
        let lines = of(ring, (-0.25_f64).exp());
        let mut areas: Vec<f64> = lines.iter().map(area).collect();
        areas.sort_unstable_by(f64::total_cmp);
        assert!(lines.iter().all(|line| line.closed) && areas.len() == 2);
        let disc = |radius: f64| std::f64::consts::PI * radius * radius;
        assert!((areas[0] / -disc(1.5) - 1.0).abs() < 0.02, "{areas:?}");
        assert!((areas[1] / disc(2.5) - 1.0).abs() < 0.02, "{areas:?}");
        let stripe = of(|x, _| (-x * x).exp(), 0.5);
        assert!(stripe.iter().all(|line| !line.closed) && !stripe.is_empty());
    }

    #[test]
    fn a_saddle_is_joined_where_its_middle_is_high() {
        // Two hills that meet between four nodes, at (0.125, 0.125).
        let saddle = |x: f64, y: f64| 2.0 + (x - 0.125) * (y - 0.125) - 0.05 * (x * x + y * y);
        let joined = of(saddle, 1.99).len();
        let apart = of(saddle, 2.01).len();
        assert_eq!((joined, apart), (2, 2));
        // No segment is lost or used twice: every closed line ends where it begins.
        for line in of(|x, y| (3.0 * x).sin() * (3.0 * y).sin() + 1.5, 1.5) {
            assert!(!line.closed || line.points.first() == line.points.last());
        }
    }
}
