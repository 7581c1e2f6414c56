//! The layout of the grid: the number of nodes on each axis, and the node and fraction at which a
//! point falls.
//!
//! The spacing is a power of two, so that dividing by it rounds nothing: a cell's number and the
//! place in it are as exact as the coordinate. Where a grid over the whole extent would be large,
//! stretches that hold no point are left out of each axis but for a block so wide that nothing
//! reaches across it:
//!
//! ```text
//!   cells     ▓▓▓▓▓▓▓▓│        │        │        │▓▓▓▓▓▓▓▓      blocks of 128 cells, ▓ with points
//!   kept      ▓▓▓▓▓▓▓▓│        │▓▓▓▓▓▓▓▓
//! ```
//!
//! One outlier, or two far clusters, then cost no more than their own width.

use rayon::{iter::ParallelIterator, slice::ParallelSlice};

use super::window::Width;
use crate::model::{Bounds, Cloud};

/// One axis of a grid.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// 1/h.
    per_unit: f64,
    /// The number of the first cell.
    pub first: f64,
    /// How far the cells of each block are moved; empty where none are.
    pub moved: Vec<i64>,
    /// Cells in a block, as a power of two.
    pub block_bits: u32,
    /// Cells that are kept.
    cells: usize,
}

/// The grid of one spacing.
#[derive(Clone, Debug)]
pub(super) struct Layout<const D: usize> {
    /// Axis 0 is the one along which nodes lie next to each other.
    pub axes: [Axis; D],
    /// Nodes from one to the next on each axis.
    pub strides: [usize; D],
    /// Nodes on each axis.
    pub nodes: [usize; D],
    /// All nodes, with those that only fill rows up.
    pub total: usize,
}

/// log₂ of the number of cells in a block, the unit in which gaps are left out. A block must be
/// longer than a source reaches through its window, the taps and the target's window; in longer
/// ones fewer gaps are found.
const BLOCK_BITS: u32 = 7;
/// The most blocks on an axis; where there would be more, blocks are longer. It bounds the table of
/// moved blocks.
const MOST_BLOCKS: f64 = (1_u64 << 18) as f64;
/// The most cells on an axis, whose numbers must be exact in f64.
const MOST_CELLS: f64 = (1_u64 << 50) as f64;
/// Rows of nodes are padded to a multiple of this: one AVX-512 vector of f32.
pub(super) const ROW: usize = 16;

impl Axis {
    /// The ends of all cells, the last one excluded; only where no block is moved.
    pub(super) fn ends(&self) -> [f64; 2] {
        [self.first, self.first + self.cells as f64].map(|cells| cells / self.per_unit)
    }

    /// A place in cells from the first one on; only where no block is moved.
    #[inline(always)]
    pub(super) fn in_cells(&self, x: f64) -> f64 {
        x * self.per_unit - self.first
    }

    /// The node on which the window of a point at `x` begins, and the place in its cell, 0 … 1.
    #[inline(always)]
    pub(super) fn place(&self, x: f64) -> (usize, f64) {
        // No point lies before the first cell, so that cutting off rounds down.
        let cells = x * self.per_unit - self.first;
        let mut number = cells as i64;
        let place = cells - number as f64;
        if !self.moved.is_empty() {
            number += self.moved[(number >> self.block_bits) as usize];
        }
        (number as usize, place)
    }
}

impl<const D: usize> Layout<D> {
    /// The grid of spacing `h`, a power of two, for points within `bounds`. `None` where cells cannot
    /// be counted.
    ///
    /// With more than `plenty` nodes, stretches without any of the points of `clouds` are left out.
    pub(super) fn new(
        width: Width,
        h: f64,
        bounds: &Bounds,
        clouds: [&Cloud; 2],
        plenty: f64,
    ) -> Option<Self> {
        let per_unit = 1.0 / h;
        let mut axes = Vec::with_capacity(D);
        for a in 0..D {
            let first = (bounds.min[a] * per_unit).floor();
            let cells = (bounds.max[a] * per_unit).floor() - first + 1.0;
            let most = first.abs().max(cells);
            if most.is_nan() || most >= MOST_CELLS {
                return None;
            }
            let cells = cells as usize;
            axes.push(Axis { per_unit, first, moved: Vec::new(), block_bits: 0, cells });
        }
        let w = width.nodes();
        let dense: f64 = axes.iter().map(|axis| (axis.cells + w) as f64).product();
        if dense > plenty {
            for (a, axis) in axes.iter_mut().enumerate() {
                leave_out_gaps(axis, a, clouds);
            }
        }
        let axes: [Axis; D] = axes.try_into().ok()?;
        let mut nodes: [usize; D] = std::array::from_fn(|a| axes[a].cells + w - 1);
        // The windows of some widths are loaded with a few nodes more.
        nodes[0] = (nodes[0] + w.next_power_of_two() - w).next_multiple_of(ROW);
        let mut strides = [1; D];
        let mut total = 1_usize;
        for a in 0..D {
            strides[a] = total;
            total = total.checked_mul(nodes[a])?;
        }
        Some(Self { axes, strides, nodes, total })
    }

    /// Where the window of a point begins, and the place in its cell on each axis, −½ … ½.
    #[inline(always)]
    pub(super) fn place(&self, point: &[f64; D]) -> (usize, [f64; D]) {
        let mut start = 0;
        let mut places = [0.0; D];
        for a in 0..D {
            let (node, place) = self.axes[a].place(point[a]);
            start += node * self.strides[a];
            places[a] = place - 0.5;
        }
        (start, places)
    }

    /// The last axis: its slabs lie one after the other.
    pub(super) fn slow(&self) -> &Axis {
        &self.axes[D - 1]
    }

    /// Nodes in a slab of the last axis.
    pub(super) fn slab(&self) -> usize {
        self.strides[D - 1]
    }
}

/// Which blocks of cells hold points.
fn occupied(cloud: &Cloud, axis: &Axis, a: usize, blocks: usize, bits: u32) -> Vec<bool> {
    let dim = cloud.dim();
    let part = |points: &[f64]| {
        let mut marked = vec![false; blocks];
        for point in points.chunks_exact(dim) {
            let cell = (point[a] * axis.per_unit - axis.first) as i64;
            marked[(cell >> bits) as usize] = true;
        }
        marked
    };
    let together = |mut all: Vec<bool>, more: Vec<bool>| {
        all.iter_mut().zip(more).for_each(|(all, more)| *all |= more);
        all
    };
    let length = cloud.coordinates().len().div_ceil(8 * dim).max(1 << 16) * dim;
    cloud.coordinates().par_chunks(length).map(part).reduce_with(together).unwrap_or_default()
}

/// Keeps one block of each stretch of blocks without points.
fn leave_out_gaps(axis: &mut Axis, a: usize, clouds: [&Cloud; 2]) {
    let wanted = (axis.cells as f64 / MOST_BLOCKS).log2().ceil().max(0.0) as u32;
    let bits = wanted.max(BLOCK_BITS);
    let blocks = (axis.cells >> bits) + 1;
    if blocks < 3 {
        return;
    }
    let occupied = clouds.map(|cloud| occupied(cloud, axis, a, blocks, bits));
    let [mut occupied, more] = occupied;
    occupied.iter_mut().zip(more).for_each(|(all, more)| *all |= more);
    if occupied.windows(2).all(|pair| pair[0] || pair[1]) {
        return;
    }
    let mut kept = 0_usize;
    let mut moved = Vec::with_capacity(blocks);
    let mut empty_before = false;
    for (block, occupied) in occupied.into_iter().enumerate() {
        if occupied || !empty_before {
            kept += 1;
        }
        empty_before = !occupied;
        moved.push((kept as i64 - 1 - block as i64) << bits);
    }
    axis.moved = moved;
    axis.block_bits = bits;
    axis.cells = kept << bits;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(coordinates: &[f64], h: f64, plenty: f64) -> Layout<2> {
        let cloud = Cloud::new(2, coordinates.to_vec(), Cloud::default_axes(2));
        let bounds = Bounds::of([&cloud, &cloud]).expect("points");
        Layout::new(Width::Eight, h, &bounds, [&cloud, &cloud], plenty).expect("few cells")
    }

    #[test]
    fn every_window_lies_on_the_grid() {
        let coordinates = [-3.0, 1.0, 2.75, -0.25, 0.5, 7.999];
        let layout = layout(&coordinates, 0.25, f64::INFINITY);
        for point in coordinates.as_chunks::<2>().0 {
            let (start, places) = layout.place(point);
            assert!(start + 7 * layout.strides[1] + 8 <= layout.total);
            assert!(places.iter().all(|place| (-0.5..0.5).contains(place)));
        }
        assert_eq!(layout.nodes[0] % ROW, 0);
        assert_eq!(layout.place(&[-3.0, -0.25]), (0, [-0.5, -0.5]));
        assert_eq!(layout.place(&[-2.6875, 0.0]).0, 1 + layout.strides[1]);
    }

    #[test]
    fn an_outlier_costs_no_more_than_its_own_width_and_distances_stay() {
        let coordinates = [0.0, 0.0, 3.0, 2.0, 1e6, 5.0, 1e6 + 1.0, 7.0];
        let dense = layout(&coordinates, 0.125, f64::INFINITY);
        let sparse = layout(&coordinates, 0.125, 1e4);
        assert!(dense.total > 1000 * sparse.total, "{} {}", dense.total, sparse.total);
        let node = |x: f64| sparse.axes[0].place(x).0;
        assert_eq!(node(3.0) - node(0.0), 24);
        assert_eq!(node(1e6 + 1.0) - node(1e6), 8);
        assert!(node(1e6) - node(3.0) >= 1 << BLOCK_BITS);
    }

    #[test]
    fn cells_that_cannot_be_counted_make_no_grid() {
        let cloud = Cloud::new(1, vec![0.0, 1e18], Cloud::default_axes(1));
        let bounds = Bounds::of([&cloud, &cloud]).expect("points");
        let layout = Layout::<1>::new(Width::Eight, 1e-9, &bounds, [&cloud, &cloud], 1e6);
        assert!(layout.is_none());
    }
}
