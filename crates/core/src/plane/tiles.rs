//! Square tiles of grid nodes that cover the plane where the estimate is not low, and f at the nodes.
//!
//! A cloud of a million widths of its kernel needs no grid of a million squared: tiles are laid only
//! where draws from the estimate fell, and around them.

use std::collections::BTreeSet;

/// Nodes along a side of a tile.
const SIDE: i64 = 16;
/// Nodes of a tile.
const NODES: usize = (SIDE * SIDE) as usize;
/// Nodes of a whole grid along an axis, from which on f64 no longer tells neighbours apart well.
const FARTHEST: f64 = 1e12;

/// A node of the grid that all tiles are parts of: number of its column and of its row.
pub(super) type Node = [i64; 2];

/// Tiles of nodes, and f at the nodes once that is known.
#[derive(Debug)]
pub(super) struct Tiles {
    /// Distance of neighbouring nodes.
    pub step: f64,
    /// Where node [0, 0] is.
    origin: [f64; 2],
    /// Column and row of each tile, sorted.
    numbers: Vec<[i64; 2]>,
    /// f at the nodes, tile by tile, row by row; not a number where it is not known.
    values: Vec<f64>,
}

impl Tiles {
    /// Tiles over `places`, x and y in turn, and one more around each. Nodes are `step` apart, or 2, 4, …
    /// times as far where there would be more than `most` of them.
    pub fn around(
        places: &(impl Iterator<Item = [f64; 2]> + Clone),
        step: f64,
        most: usize,
    ) -> Self {
        let everywhere = [f64::INFINITY, f64::NEG_INFINITY];
        let [x, y] = places.clone().fold([everywhere; 2], |[x, y], [u, v]| {
            [[x[0].min(u), x[1].max(u)], [y[0].min(v), y[1].max(v)]]
        });
        let extent = (x[1] - x[0]).max(y[1] - y[0]);
        let mut tiles =
            Self { step, origin: [x[0], y[0]], numbers: Vec::new(), values: Vec::new() };
        while extent / tiles.step > FARTHEST {
            tiles.step *= 2.0;
        }
        while !tiles.lay(places.clone(), most) {
            tiles.step *= 2.0;
        }
        tiles.values = vec![f64::NAN; tiles.numbers.len() * NODES];
        tiles
    }

    /// Tiles over a rectangle of `size` nodes, columns and rows, `step` apart, the first of them at `origin`;
    /// `values` is f there, row by row: shape (rows·columns,).
    pub fn over(origin: [f64; 2], step: f64, [columns, rows]: [usize; 2], values: &[f32]) -> Self {
        let side = SIDE as usize;
        let count = [columns, rows].map(|nodes| nodes.div_ceil(side));
        let numbers = (0..count[0]).flat_map(|a| (0..count[1]).map(move |b| [a as i64, b as i64]));
        let numbers: Vec<[i64; 2]> = numbers.collect();
        let mut tiled = vec![f64::NAN; numbers.len() * NODES];
        for (k, row) in values.chunks_exact(columns).enumerate() {
            for (a, part) in row.chunks(side).enumerate() {
                let at = (a * count[1] + k / side) * NODES + k % side * side;
                for (node, f) in tiled[at..].iter_mut().zip(part) {
                    *node = f64::from(*f);
                }
            }
        }
        Self { step, origin, numbers, values: tiled }
    }

    /// Lays the tiles, unless they have more than `most` nodes and a wider step would leave fewer.
    fn lay(&mut self, places: impl Iterator<Item = [f64; 2]>, most: usize) -> bool {
        let width = self.step * SIDE as f64;
        let mut last = None;
        let mut hit = BTreeSet::new();
        for place in places {
            let tile = [0, 1].map(|k| ((place[k] - self.origin[k]) / width).floor() as i64);
            if last != Some(tile) {
                last = Some(tile);
                hit.insert(tile);
                // A tile that is hit brings at most eight neighbours: nine would be too many here.
                if hit.len() * NODES > most && hit.len() > 1 {
                    return false;
                }
            }
        }
        let around = |[a, b]: [i64; 2]| {
            (-1..=1).flat_map(move |da| (-1..=1).map(move |db| [a + da, b + db]))
        };
        let all: BTreeSet<[i64; 2]> = hit.iter().copied().flat_map(around).collect();
        self.numbers = all.into_iter().collect();
        self.numbers.len() * NODES <= most || hit.len() <= 1
    }

    /// The places of all nodes, x and y in turn, in the order of [`Self::fill`].
    pub fn places(&self) -> Vec<f64> {
        let mut places = Vec::with_capacity(2 * self.values.len());
        for tile in 0..self.numbers.len() {
            places.extend(self.nodes(tile).flat_map(|node| self.place(node)));
        }
        places
    }

    /// Where a node is.
    pub fn place(&self, [column, row]: Node) -> [f64; 2] {
        let at = |origin: f64, number: i64| origin + self.step * number as f64;
        [at(self.origin[0], column), at(self.origin[1], row)]
    }

    /// Sets f at the nodes, in the order of [`Self::places`].
    pub fn fill(&mut self, values: Vec<f64>) {
        self.values = values;
    }

    /// The nodes of a tile, row by row.
    fn nodes(&self, tile: usize) -> impl Iterator<Item = Node> + use<> {
        let [a, b] = self.numbers[tile].map(|number| number * SIDE);
        (0..SIDE).flat_map(move |row| (0..SIDE).map(move |column| [a + column, b + row]))
    }

    /// Hands over each cell: the node at its lower left, and f at its corners, counterclockwise from
    /// there. Cells with a corner outside the tiles are left out.
    pub fn each_cell(&self, mut take: impl FnMut(Node, [f64; 4])) {
        for (k, &[a, b]) in self.numbers.iter().enumerate() {
            let there = |tile: [i64; 2]| self.numbers.binary_search(&tile).ok();
            let [right, above] = [there([a + 1, b]), there([a, b + 1])];
            let corner = there([a + 1, b + 1]);
            // Columns and rows up to SIDE, where the next tile begins.
            let value = |column: i64, row: i64| {
                let tile = match (column == SIDE, row == SIDE) {
                    (false, false) => Some(k),
                    (true, false) => right,
                    (false, true) => above,
                    (true, true) => corner,
                };
                let inside = (row % SIDE * SIDE + column % SIDE) as usize;
                tile.map_or(f64::NAN, |tile| self.values[tile * NODES + inside])
            };
            for row in 0..SIDE {
                for column in 0..SIDE {
                    let corners = [
                        value(column, row),
                        value(column + 1, row),
                        value(column + 1, row + 1),
                        value(column, row + 1),
                    ];
                    if corners.iter().all(|f| f.is_finite()) {
                        take([a * SIDE + column, b * SIDE + row], corners);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_around_the_places_alone() {
        let places = [[0.0, 0.0], [1e6, -1e6]];
        let tiles = Tiles::around(&places.into_iter(), 0.25, 1 << 20);
        assert!((tiles.step - 0.25).abs() < 1e-15);
        assert_eq!(tiles.places().len(), 2 * 18 * NODES);
        // Each place lies well inside its tiles.
        for place in places {
            let near = tiles.places().chunks(2).any(|node| {
                (node[0] - place[0]).abs() <= 0.25 && (node[1] - place[1]).abs() <= 0.25
            });
            assert!(near, "{place:?}");
        }
    }

    #[test]
    fn steps_are_wider_where_there_would_be_too_many_nodes() {
        let places = (0..10_000).map(|k| [f64::from(k % 100), f64::from(k / 100)]);
        let tiles = Tiles::around(&places, 0.01, 100_000);
        assert!(tiles.places().len() <= 200_000 && tiles.step > 0.1, "{}", tiles.step);
        // One tile and its neighbours are laid whatever is allowed.
        let tiles = Tiles::around(&[[0.0, 0.0]].into_iter(), 1.0, 1);
        assert_eq!(tiles.places().len(), 2 * 9 * NODES);
        // Coordinates that no grid of this step can number.
        let tiles = Tiles::around(&[[0.0, 0.0], [1e17, 0.0]].into_iter(), 1e-9, 1 << 20);
        assert!(tiles.step > 1e4);
    }

    #[test]
    fn a_rectangle_of_nodes_has_all_its_cells() {
        let size = [37, 21];
        let values: Vec<f32> = (0..37 * 21).map(|k| k as f32).collect();
        let tiles = Tiles::over([5.0, -3.0], 0.5, size, &values);
        let mut count = 0;
        tiles.each_cell(|[column, row], corners| {
            let first = (37 * row + column) as f64;
            let expected = [first, first + 1.0, first + 38.0, first + 37.0];
            assert!(corners.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9));
            count += 1;
        });
        assert_eq!(count, 36 * 20);
        assert!((tiles.place([36, 20])[0] - 23.0).abs() < 1e-12);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "whole numbers")]
    fn cells_have_their_corners_in_order_across_tiles() {
        let mut tiles = Tiles::around(&[[0.0, 0.0]].into_iter(), 1.0, 1);
        let values = tiles.places().chunks(2).map(|p| p[0] + 1000.0 * p[1]).collect();
        tiles.fill(values);
        let mut count = 0;
        tiles.each_cell(|[column, row], corners| {
            let at = |x: i64, y: i64| x as f64 + 1000.0 * y as f64;
            let (x, y) = (column, row);
            assert_eq!(corners, [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)]);
            count += 1;
        });
        assert_eq!(count, 47 * 47);
    }
}
