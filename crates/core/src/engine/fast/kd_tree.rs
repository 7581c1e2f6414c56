//! The cells: sums over near sources found by a k-d tree, for a σ so small that a grid would be too
//! large.
//!
//! ```text
//!   sources: halved at the median of the widest axis until 32 are left      ┌──┬───┐
//!   targets: in the same way, until 64 are left                             │  ├─┬─┤
//!   a block of targets takes the leaves of sources within κσ of its box     └──┴─┴─┘
//! ```
//!
//! The cells are those of a k-d tree (Bentley 1975), not of a lattice: they are as small as the
//! points are dense, so that clusters and outliers cost no more than other points, and they suit
//! every σ. What is left out is less than Σ|w|·e^{−κ²/2} for every target. The pairs are summed by the
//! kernel of the exact engine, in f32 or f64.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    device_plan::{CellNode, CellsParts, Near},
    order::Sorted,
};
use crate::{
    engine::{
        Observer,
        simd::{
            Block, COMPACT, Kernel, Precision, Task, WIDE, corners, middle_of, neighbours_together,
            tasks,
        },
    },
    model::Cloud,
};

/// Sources in a leaf: as many terms as the kernel adds up in one run. With more, more pairs out of
/// reach are summed; with fewer, walking the tree and short runs cost more.
pub(super) const LEAF: usize = 32;
/// Targets in a block: four AVX-512 vectors of f32, as many as the kernel holds in registers. With
/// more, a block is wider and reaches more sources; with fewer, registers are left unused.
pub(super) const BLOCK: usize = 64;
/// Blocks in one task, and in a group whose near sources are estimated together. With more,
/// estimates are coarser; with fewer, estimating takes longer.
pub(super) const BLOCKS: usize = 16;
/// Sources in a node up to which all of it counts as near where work is only estimated. With more,
/// estimates are too high; with fewer, they take longer.
const COARSE: usize = 256;

/// Targets and sources in their cells; nothing here depends on σ.
#[derive(Clone, Debug)]
pub(super) struct KdTree<const D: usize> {
    /// The targets by block, as places in the sorted cloud.
    targets: Vec<u32>,
    /// The box of each block.
    boxes: Vec<[[f64; D]; 2]>,
    /// The sources by leaf.
    pub(super) sources: Cloud,
    /// The tree, each node before what is below it.
    pub(super) nodes: Vec<Node<D>>,
}

/// A node of the tree of sources.
#[derive(Clone, Debug)]
pub(super) struct Node<const D: usize> {
    /// Its lowest and its highest corner.
    pub corners: [[f64; D]; 2],
    pub sources: Range<u32>,
    /// Index to jump to when the subtree below this node is left out (preorder).
    pub next: u32,
}

/// What to sum, and how.
pub(super) struct Sum {
    /// σ.
    pub sigma: f64,
    /// κ: sources farther than κσ are left out.
    pub cut: f64,
    /// Whether f64 is needed.
    pub double: bool,
    /// Whether terms in f64 are multiplied by 2⁹⁶⁰.
    pub shifted: bool,
    /// Brings weights near 1.
    pub weight_scale: f64,
    /// The loops.
    pub kernel: Kernel,
}

impl<const D: usize> KdTree<D> {
    /// Sorts both clouds.
    pub(super) fn new(targets: &Cloud, sources: &Cloud) -> Self {
        let order = neighbours_together(targets, BLOCK);
        let boxes = order.chunks(BLOCK).map(|block| box_of(targets, block)).collect();
        let leaves = neighbours_together(sources, LEAF);
        let mut nodes = Vec::new();
        add_node(sources, &leaves, 0, &mut nodes);
        let sources = sources.select(leaves.iter().map(|j| *j as usize));
        Self { targets: order, boxes, sources, nodes }
    }

    /// Bytes that this holds.
    pub(super) fn bytes(&self) -> usize {
        let weights = self.sources.weights().map_or(0, size_of_val);
        size_of_val(&self.targets[..])
            + size_of_val(&self.boxes[..])
            + size_of_val(&self.nodes[..])
            + size_of_val(self.sources.coordinates())
            + weights
    }

    /// Groups of blocks.
    pub(super) fn groups(&self) -> usize {
        self.boxes.len().div_ceil(BLOCKS)
    }

    /// What the blocks of a group find within `reach`, at most.
    pub(super) fn near_group(&self, group: usize, reach: f64) -> Near {
        let mut corners = [[f64::INFINITY; D], [f64::NEG_INFINITY; D]];
        for [low, high] in self.boxes.iter().skip(group * BLOCKS).take(BLOCKS) {
            for a in 0..D {
                corners[0][a] = corners[0][a].min(low[a]);
                corners[1][a] = corners[1][a].max(high[a]);
            }
        }
        let mut near = Near::default();
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let below = node.next as usize - at;
            near.visits += 1;
            at += 1;
            if squared_distance(&node.corners, &corners) > reach * reach {
                at = node.next as usize;
            } else if node.sources.len() <= COARSE {
                near.sources += node.sources.len() as u64;
                near.visits += below as u64;
                at = node.next as usize;
            }
        }
        near
    }

    /// Targets, tree and sources in the form that a device needs.
    pub(super) fn parts(&self, targets: &Sorted<D>) -> CellsParts<'_> {
        let wide = |corner: &[f64; D]| {
            let mut wide = [0.0; 3];
            wide[..D].copy_from_slice(corner);
            wide
        };
        let node = |node: &Node<D>| CellNode {
            corners: [wide(&node.corners[0]), wide(&node.corners[1])],
            first: node.sources.start,
            next: node.next,
        };
        let order = self.targets.iter().map(|t| *t as usize);
        CellsParts {
            targets: order.clone().flat_map(|t| targets.points()[t]).collect(),
            numbers: order.map(|t| targets.original[t]).collect(),
            boxes: self.boxes.iter().map(|[low, high]| [wide(low), wide(high)]).collect(),
            nodes: self.nodes.iter().map(node).collect(),
            sources: self.sources.coordinates(),
            weights: self.sources.weights(),
        }
    }

    /// Writes the bits of each f64, times the weights' scale, to its place; `None`
    /// when stopped at a checkpoint.
    pub(super) fn sum(
        &self,
        targets: &Sorted<D>,
        sum: &Sum,
        field: &[AtomicU64],
        share: bool,
        observer: &mut dyn Observer,
    ) -> Option<()> {
        let count = self.targets.len();
        let per_task = BLOCK * BLOCKS;
        tasks::run(count.div_ceil(per_task), count as u64, share, observer, |k, checkpoint| {
            let mut ranges = Vec::new();
            let blocks = self.targets.chunks(BLOCK).zip(&self.boxes);
            for (block, corners) in blocks.skip(k * BLOCKS).take(BLOCKS) {
                self.near(corners, sum.sigma * sum.cut, &mut ranges);
                let [low, high] = corners;
                let task = Block {
                    targets: block,
                    center: (0..D).map(|a| low[a] + 0.5 * (high[a] - low[a])).collect(),
                    precision: precision(corners, sum),
                };
                let mut on = || checkpoint(0);
                let values = self.block_sum(&targets.cloud, &task, &ranges, sum, &mut on)?;
                for (t, value) in block.iter().zip(values) {
                    let place = targets.original[*t as usize] as usize;
                    field[place].store(value.to_bits(), Ordering::Relaxed);
                }
                if !checkpoint(block.len() as u64) {
                    return None;
                }
            }
            Some(())
        })?;
        Some(())
    }

    fn block_sum(
        &self,
        targets: &Cloud,
        block: &Block<'_>,
        ranges: &[Range<usize>],
        sum: &Sum,
        checkpoint: &mut dyn FnMut() -> bool,
    ) -> Option<Vec<f64>> {
        if ranges.is_empty() {
            return Some(vec![0.0; block.targets.len()]);
        }
        let task = Task {
            targets,
            sources: &self.sources,
            back: None,
            block,
            ranges,
            scale: per_unit(sum.sigma),
            weight_scale: sum.weight_scale,
            shifted: sum.shifted,
        };
        (sum.kernel)(&task, &mut |_| checkpoint())
    }

    /// The sources within `reach` of a box, and few others.
    fn near(&self, corners: &[[f64; D]; 2], reach: f64, ranges: &mut Vec<Range<usize>>) {
        ranges.clear();
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let next = node.next as usize;
            if squared_distance(&node.corners, corners) > reach * reach {
                at = next;
                continue;
            }
            at += 1;
            if at == next {
                let Range { start, end } = node.sources;
                match ranges.last_mut() {
                    Some(last) if last.end == start as usize => last.end = end as usize,
                    _ => ranges.push(start as usize..end as usize),
                }
            }
        }
    }
}

/// How the coordinates of a block and the terms are held.
fn precision<const D: usize>(corners: &[[f64; D]; 2], sum: &Sum) -> Precision {
    match scaled_half(corners, sum.sigma) {
        _ if sum.double => Precision::Double,
        half if half <= COMPACT => Precision::Single,
        half if half <= WIDE => Precision::Split,
        _ => Precision::Double,
    }
}

/// What turns a difference into one whose square is the exponent of 2.
fn per_unit(sigma: f64) -> f64 {
    (0.5 * std::f64::consts::LOG2_E).sqrt() / sigma
}

/// Half of a box in those units.
fn scaled_half<const D: usize>([low, high]: &[[f64; D]; 2], sigma: f64) -> f64 {
    (0..D).map(|a| 0.5 * (high[a] - low[a])).fold(0.0, f64::max) * per_unit(sigma)
}

fn box_of<const D: usize>(cloud: &Cloud, points: &[u32]) -> [[f64; D]; 2] {
    let corners = corners(cloud, points);
    [0, 1].map(|side| std::array::from_fn(|a| corners[a][side]))
}

/// Adds the node of `points`, which begin at `start`, and those below it.
fn add_node<const D: usize>(
    cloud: &Cloud,
    points: &[u32],
    start: usize,
    nodes: &mut Vec<Node<D>>,
) -> [[f64; D]; 2] {
    let here = nodes.len();
    let sources = start as u32..(start + points.len()) as u32;
    nodes.push(Node { corners: [[0.0; D]; 2], sources, next: 0 });
    let corners = if points.len() <= LEAF {
        box_of(cloud, points)
    } else {
        let middle = middle_of(points.len(), LEAF);
        let (left, right) = points.split_at(middle);
        let a = add_node(cloud, left, start, nodes);
        let b = add_node(cloud, right, start + middle, nodes);
        [
            std::array::from_fn(|k| a[0][k].min(b[0][k])),
            std::array::from_fn(|k| a[1][k].max(b[1][k])),
        ]
    };
    nodes[here].corners = corners;
    nodes[here].next = nodes.len() as u32;
    corners
}

/// The squared distance of two boxes.
fn squared_distance<const D: usize>(a: &[[f64; D]; 2], b: &[[f64; D]; 2]) -> f64 {
    (0..D).map(|k| (a[0][k] - b[1][k]).max(b[0][k] - a[1][k]).max(0.0).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(n: usize) -> Cloud {
        let coordinates = (0..2 * n).map(|k| ((k * 7919) % 10_007) as f64 / 10_007.0).collect();
        Cloud::new(2, coordinates, Cloud::default_axes(2))
    }

    #[test]
    fn all_near_sources_are_found_and_few_others() {
        let cloud = cloud(5000);
        let cells = KdTree::<2>::new(&cloud, &cloud);
        let mut ranges = Vec::new();
        for corners in &cells.boxes {
            let reach = 0.05;
            cells.near(corners, reach, &mut ranges);
            assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
            let found: usize = ranges.iter().map(Range::len).sum();
            for j in 0..5000 {
                let y: [f64; 2] = [cells.sources.point(j)[0], cells.sources.point(j)[1]];
                if squared_distance(corners, &[y, y]) <= reach * reach {
                    assert!(ranges.iter().any(|range| range.contains(&j)));
                }
            }
            assert!(found < 2000, "{found}");
        }
    }

    #[test]
    fn what_is_guessed_of_a_group_is_no_less_than_what_any_of_its_blocks_finds() {
        let cloud = cloud(5000);
        let cells = KdTree::<2>::new(&cloud, &cloud);
        let mut ranges = Vec::new();
        for reach in [1e-9, 0.02, 0.3, 10.0] {
            for (block, corners) in cells.boxes.iter().enumerate() {
                cells.near(corners, reach, &mut ranges);
                let found: usize = ranges.iter().map(Range::len).sum();
                let guessed = cells.near_group(block / BLOCKS, reach);
                let Near { sources, visits } = guessed;
                assert!(sources >= found as u64 && sources <= 5000, "{guessed:?} {found}");
                assert!(visits <= 2 * cells.nodes.len() as u64);
            }
        }
        assert_eq!(cells.groups(), 5000_usize.div_ceil(BLOCK * BLOCKS));
    }
}
