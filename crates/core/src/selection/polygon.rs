//! Which of many points lie in a polygon, as a lasso draws it.
//!
//! ```text
//!   cells over the polygon:   outside │ inside │ crossed by edges
//!   a point                   by its cell      │ as the middle of its cell, turned over by each edge of the
//!                                                cell that lies between them
//! ```
//!
//! Inside is where a ray crosses the outline an odd number of times, and the outline itself. Which side of an
//! edge a point is on is told without rounding (Shewchuk 1997, Adaptive Precision Floating-Point Arithmetic).

use rayon::prelude::*;
use robust::{Coord, orient2d};

/// Cells along a side. More take longer to mark; fewer leave more points to be looked at closely.
const CELLS: usize = 512;
/// Points that are looked at together: a multiple of 64.
const PIECE: usize = 1 << 14;

/// A closed outline that may cross itself.
#[derive(Clone, Debug)]
pub struct Polygon {
    /// What places are multiplied by, a power of two: nothing overflows then, and nothing vanishes.
    scale: f64,
    low: [f64; 2],
    high: [f64; 2],
    /// Cells a unit, on each axis.
    per_unit: [f64; 2],
    /// What is known of each cell, row by row.
    cells: Vec<CellState>,
    /// For each cell where its edges begin among those of all cells, and for each of these its ends.
    starts: Vec<u32>,
    crossing: Vec<u32>,
    edges: Vec<Edge>,
}

/// The ends of an edge.
type Edge = [[f64; 2]; 2];

#[derive(Clone, Copy, Debug, PartialEq)]
enum CellState {
    Outside,
    Inside,
    /// Crossed by edges, its middle outside.
    AroundOutside,
    /// Crossed by edges, its middle inside.
    AroundInside,
    /// Crossed by edges, one of them so near to its middle that rounding may hide the side.
    Unsure,
}

impl Polygon {
    /// The polygon with these corners, in turn; `None` where there are fewer than three different ones, or one
    /// is not finite.
    pub fn new(corners: &[[f64; 2]]) -> Option<Self> {
        let mut corners = corners.to_vec();
        corners.dedup();
        while corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        }
        if corners.len() < 3 || !corners.iter().flatten().all(|value| value.is_finite()) {
            return None;
        }
        let far =
            corners.iter().flatten().fold(f64::MIN_POSITIVE, |far, value| far.max(value.abs()));
        // As large as products of two differences allow: nothing of the smallest places is lost in them.
        let scale = (500.0 - far.log2().floor()).min(1000.0).exp2();
        for value in corners.iter_mut().flatten() {
            *value *= scale;
        }
        let ends = |f: fn(f64, f64) -> f64| {
            corners
                .iter()
                .copied()
                .reduce(|a, b| [f(a[0], b[0]), f(a[1], b[1])])
                .unwrap_or_default()
        };
        let (low, high) = (ends(f64::min), ends(f64::max));
        let next = corners.iter().cycle().skip(1);
        let edges: Vec<Edge> = corners.iter().zip(next).map(|(a, b)| [*a, *b]).collect();
        let per_unit = [0, 1].map(|k| {
            let per_unit = CELLS as f64 / (high[k] - low[k]);
            if per_unit.is_finite() { per_unit } else { 0.0 }
        });
        let (cells, starts, crossing) = (Vec::new(), Vec::new(), Vec::new());
        let mut polygon = Self { scale, low, high, per_unit, cells, starts, crossing, edges };
        polygon.mark();
        Some(polygon)
    }

    /// The cell that a place is in, along one axis: it never falls while the place rises.
    fn cell(&self, axis: usize, value: f64) -> usize {
        (((value - self.low[axis]) * self.per_unit[axis]) as usize).min(CELLS - 1)
    }

    /// Marks the cells.
    fn mark(&mut self) {
        /// In cells: rounding is far below it.
        const MARGIN: f64 = 1e-6;
        let mut found: Vec<(u32, u32)> = Vec::new();
        // The middles as they are told apart, rounded: in cells, and whether they are in their cell.
        let middles =
            [0, 1].map(|axis| (0..CELLS).map(|cell| self.middle(axis, cell)).collect::<Vec<f64>>());
        let in_cells = |axis: usize, value: f64| (value - self.low[axis]) * self.per_unit[axis];
        let is_own = |axis: usize, cell: usize| self.cell(axis, middles[axis][cell]) == cell;
        // Where the edges pass the middle of each row, in cells.
        let mut passes: Vec<Vec<f64>> = vec![Vec::new(); CELLS];
        for (k, [a, b]) in self.edges.iter().enumerate() {
            let (a, b) = if a[1] <= b[1] { (a, b) } else { (b, a) };
            let [from, to] = [a, b].map(|end| [0, 1].map(|axis| in_cells(axis, end[axis])));
            let at = |y: f64| {
                let part = (y - from[1]) / (to[1] - from[1]);
                let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
                from[0] + part * (to[0] - from[0])
            };
            let cell = |value: f64| (value.max(0.0) as usize).min(CELLS - 1);
            let [first, last] = [cell(from[1] - MARGIN), cell(to[1] + MARGIN)];
            for row in first..=last {
                let bottom = row as f64;
                let ends = if from[1] >= to[1] {
                    [from[0], to[0]]
                } else {
                    [at(bottom - MARGIN), at(bottom + 1.0 + MARGIN)]
                };
                let left = cell(ends[0].min(ends[1]) - MARGIN);
                let right = cell(ends[0].max(ends[1]) + MARGIN);
                found
                    .extend((left..=right).map(|column| ((row * CELLS + column) as u32, k as u32)));
                let middle = middles[1][row];
                if (a[1] > middle) != (b[1] > middle) {
                    passes[row].push(at(in_cells(1, middle)));
                }
            }
        }
        let mut cells = Vec::with_capacity(CELLS * CELLS);
        for (row, of_row) in passes.iter_mut().enumerate() {
            of_row.sort_unstable_by(f64::total_cmp);
            let mut next = 0;
            for (column, middle) in middles[0].iter().enumerate() {
                let middle = in_cells(0, *middle);
                while of_row.get(next).is_some_and(|x| *x < middle) {
                    next += 1;
                }
                let near = |k: usize| of_row.get(k).is_some_and(|x| (x - middle).abs() < MARGIN);
                let is_near = near(next) || next > 0 && near(next - 1);
                cells.push(if is_near || !is_own(0, column) || !is_own(1, row) {
                    CellState::Unsure
                } else if (of_row.len() - next) % 2 == 1 {
                    CellState::Inside
                } else {
                    CellState::Outside
                });
            }
        }
        self.cells = cells;
        self.starts = vec![0; CELLS * CELLS + 1];
        for (cell, _) in &found {
            self.starts[*cell as usize + 1] += 1;
            let state = &mut self.cells[*cell as usize];
            *state = match *state {
                CellState::Outside => CellState::AroundOutside,
                CellState::Inside => CellState::AroundInside,
                other => other,
            };
        }
        for cell in 0..CELLS * CELLS {
            self.starts[cell + 1] += self.starts[cell];
        }
        let mut ends = self.starts.clone();
        self.crossing = vec![0; found.len()];
        for (cell, edge) in found {
            let end = &mut ends[cell as usize];
            self.crossing[*end as usize] = edge;
            *end += 1;
        }
    }

    /// The middle of a cell along one axis.
    fn middle(&self, axis: usize, cell: usize) -> f64 {
        if self.per_unit[axis] > 0.0 {
            self.low[axis] + (cell as f64 + 0.5) / self.per_unit[axis]
        } else {
            self.low[axis]
        }
    }

    /// Whether a scaled place in a crossed cell, whose middle is inside or not, is inside, or on the outline.
    fn is_in_crossed(&self, place: [f64; 2], cell: usize, middle_is_in: bool) -> bool {
        let edges = self.starts[cell] as usize..self.starts[cell + 1] as usize;
        let edges = self.crossing[edges].iter().map(|k| &self.edges[*k as usize]);
        let middle = [self.middle(0, cell % CELLS), self.middle(1, cell / CELLS)];
        // From the middle up or down, then along.
        let corner = [middle[0], place[1]];
        let mut is_in = middle_is_in;
        for edge in edges {
            if is_on(edge, place) {
                return true;
            }
            if is_on(edge, corner) {
                return self.holds(place);
            }
            is_in ^= meets(edge, corner, 0) != meets(edge, middle, 0);
            is_in ^= meets(edge, place, 1) != meets(edge, corner, 1);
        }
        is_in
    }

    /// Whether a scaled place is inside, or on the outline, by all edges.
    fn holds(&self, place: [f64; 2]) -> bool {
        let is_in = self.edges.iter().filter(|edge| meets(edge, place, 1)).count() % 2 == 1;
        is_in || self.edges.iter().any(|edge| is_on(edge, place))
    }

    /// Whether a place is inside, or on the outline.
    pub fn contains(&self, place: [f64; 2]) -> bool {
        let place = place.map(|value| value * self.scale);
        let is_within = |k: usize| self.low[k] <= place[k] && place[k] <= self.high[k];
        if !is_within(0) || !is_within(1) {
            return false;
        }
        let [column, row] = [self.cell(0, place[0]), self.cell(1, place[1])];
        let cell = row * CELLS + column;
        match self.cells[cell] {
            CellState::Outside => false,
            CellState::Inside => true,
            CellState::AroundOutside => self.is_in_crossed(place, cell, false),
            CellState::AroundInside => self.is_in_crossed(place, cell, true),
            CellState::Unsure => self.holds(place),
        }
    }

    /// Which of `count` places are inside, or on the outline: a bit for each.
    pub fn contained(&self, count: usize, place: &(impl Fn(usize) -> [f64; 2] + Sync)) -> Vec<u64> {
        let of_piece = |first: usize| {
            let last = (first + PIECE).min(count);
            (first..last).step_by(64).map(move |start| {
                let bit = |i: usize| u64::from(self.contains(place(i))) << (i - start);
                (start..(start + 64).min(last)).fold(0, |word, i| word | bit(i))
            })
        };
        (0..count).into_par_iter().step_by(PIECE).flat_map_iter(of_piece).collect()
    }
}

/// Which side of an edge a place is on: above 0 on its left, below on its right.
fn side([a, b]: &Edge, place: [f64; 2]) -> f64 {
    let of = |[x, y]: [f64; 2]| Coord { x, y };
    orient2d(of(*a), of(*b), of(place))
}

/// Whether a place is on an edge.
fn is_on(edge: &Edge, place: [f64; 2]) -> bool {
    let [a, b] = edge;
    let within = |k: usize| a[k].min(b[k]) <= place[k] && place[k] <= a[k].max(b[k]);
    within(0) && within(1) && side(edge, place).abs() <= 0.0
}

/// Whether the ray from a place meets an edge: to the right where `axis`, along which the edge must have an end
/// on either side, is 1; upwards where it is 0.
fn meets(edge: &Edge, place: [f64; 2], axis: usize) -> bool {
    let [a, b] = edge;
    let [above_a, above_b] = [a[axis] > place[axis], b[axis] > place[axis]];
    if above_a == above_b {
        return false;
    }
    let along = 1 - axis;
    if a[along] < place[along] && b[along] < place[along] {
        return false;
    }
    if a[along] > place[along] && b[along] > place[along] {
        return true;
    }
    // Upwards left and right change places.
    (side(edge, place) > 0.0) == (above_b == (axis == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to 1, always the same ones.
    fn numbers(mut seed: u64) -> impl FnMut() -> f64 {
        move || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// Whether a place is inside, by all edges.
    fn plainly(corners: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
        let mut is_in = false;
        for (k, a) in corners.iter().enumerate() {
            let b = &corners[(k + 1) % corners.len()];
            let of = |p: [f64; 2]| Coord { x: p[0], y: p[1] };
            let side = orient2d(of(*a), of(*b), of([x, y]));
            let between = |k: usize, v: f64| a[k].min(b[k]) <= v && v <= a[k].max(b[k]);
            if side == 0.0 && between(0, x) && between(1, y) {
                return true;
            }
            if (a[1] > y) != (b[1] > y) && (side > 0.0) == (b[1] > y) {
                is_in = !is_in;
            }
        }
        is_in
    }

    #[test]
    fn points_are_inside_as_all_edges_say() {
        let mut number = numbers(3);
        for (round, count) in [3, 4, 5, 8, 20, 50, 200].into_iter().cycle().take(42).enumerate() {
            // Far from the origin, tiny, huge, on a lattice of few places.
            let (scale, shift) =
                [(1.0, 0.0), (1e-3, 1e9), (1e-300, 0.0), (1e300, 0.0), (8.0, 0.5)][round % 5];
            let on_lattice = round % 5 == 4;
            let mut place = || {
                let place = [number(), number()].map(|v| v * scale + shift);
                if on_lattice { place.map(f64::floor) } else { place }
            };
            let corners: Vec<[f64; 2]> = (0..count).map(|_| place()).collect();
            let mut points: Vec<[f64; 2]> = (0..3000).map(|_| place()).collect();
            // On corners, on edges between, and beside them by the least that there is.
            points.extend(&corners);
            for k in 1..count {
                let [a, b] = [corners[k - 1], corners[k]];
                points.push([0, 1].map(|axis| 0.5 * a[axis] + 0.5 * b[axis]));
                points.push([a[0].next_up(), a[1]]);
                points.push([a[0], a[1].next_down()]);
                points.push([b[0], a[1]]);
            }
            points.push([f64::NAN, shift]);
            points.push([f64::INFINITY, shift]);
            let Some(polygon) = Polygon::new(&corners) else { continue };
            let bits = polygon.contained(points.len(), &|i| points[i]);
            // Told without overflow: products of 1e300 and of 1e-300 are none.
            let by = |place: [f64; 2]| place.map(|value| value * polygon.scale);
            let scaled: Vec<[f64; 2]> = corners.iter().map(|corner| by(*corner)).collect();
            for (i, point) in points.iter().enumerate() {
                let found = bits[i / 64] >> (i % 64) & 1 == 1;
                let expected = point.iter().all(|v| v.is_finite()) && plainly(&scaled, by(*point));
                assert_eq!(found, expected, "round {round}: {point:?} in {corners:?}");
            }
        }
    }

    #[test]
    fn the_smallest_number_beside_an_edge_is_beside_it() {
        let corners = [[0.0, -5.0], [4.0, 0.0], [0.0, 5.0], [-4.0, 0.0]];
        for size in [1.0, 1e-200, 1e150] {
            let corners = corners.map(|corner| corner.map(|v| v * size));
            let polygon = Polygon::new(&corners).expect("four corners");
            let tiny = f64::from_bits(1);
            assert!(polygon.contains([0.0, 5.0 * size]));
            assert!(!polygon.contains([tiny, 5.0 * size]), "at size {size:e}");
            assert!(!polygon.contains([-tiny, -5.0 * size]));
            assert!(!polygon.contains([4.0 * size, tiny]));
            assert!(polygon.contains([tiny, 0.0]) && polygon.contains([-4.0 * size, 0.0]));
        }
    }

    #[test]
    fn what_is_no_polygon_is_none() {
        assert!(Polygon::new(&[]).is_none());
        assert!(Polygon::new(&[[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]).is_none());
        assert!(Polygon::new(&[[0.0, 0.0], [1.0, f64::NAN], [1.0, 1.0]]).is_none());
        // A flat one holds what lies on it.
        let flat = Polygon::new(&[[0.0, 0.0], [2.0, 2.0], [1.0, 1.0]]).expect("three corners");
        assert!(flat.contains([0.5, 0.5]) && !flat.contains([0.5, 0.6]));
        let level = Polygon::new(&[[0.0, 1.0], [2.0, 1.0], [1.0, 1.0]]).expect("three corners");
        assert!(level.contains([0.5, 1.0]) && !level.contains([0.5, 1.1]));
    }
}
