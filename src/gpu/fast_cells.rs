//! Sums over near pairs on the device, found by a k-d tree of the sources:
//! `shaders/fast_cells.wgsl`.
//!
//! Memory: 8·d + 12 bytes a target, 8·d + 4 bytes a source; for the tree 2 bytes a source, and for
//! the boxes of blocks half a byte a target. Cost: the pairs within reach, and the visits of nodes
//! that find them.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use super::{Gpu, GpuError};
use crate::{
    engine::{CellsParts, Near, SlicePlan},
    model::Sigma,
};

/// Targets in a block, which is one workgroup with a target an invocation.
pub const BLOCK: usize = CellsParts::BLOCK;
/// Quads (groups of four sources) in a leaf.
pub const LEAF: usize = CellsParts::LEAF / 4;
/// Iterations of an invocation in one dispatch where the device has no limit of its own. On an NVIDIA H200 all
/// nodes in one dispatch took 0.7 ms where 66 dispatches took 2.3 (10⁶ points in the plane, σ = 0.003), and 140
/// where 1,636 took 2,850 (in space, σ = 0.1). With more, a slow device may be taken for hung.
const LONG: u64 = 1 << 22;
/// Blocks in a group, whose near sources are estimated together.
const GROUP: usize = CellsParts::GROUP;
/// Cost of visiting a node, in pairs. Only the lengths of submissions depend on it.
const VISIT: u64 = 4;

/// Iterations of an invocation in one dispatch: on a software adapter as few as Mesa's takes.
pub(super) fn most_iterations(software: bool) -> u64 {
    if software { SlicePlan::MAX_ITERATIONS as u64 } else { LONG }
}

/// Nodes of the tree that one dispatch visits at most where a block may visit many: as many as keep an invocation
/// below so many iterations, since half of any range of nodes, and at most one for each level of the tree
/// besides, are leaves. Fewer would take more dispatches.
fn most_nodes(iterations: u64) -> usize {
    ((iterations as usize).saturating_sub(32 * LEAF) / (1 + LEAF / 2)).max(1)
}

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/fast_cells.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Walk` in `fast_cells.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Walk {
        pub first: u32,
        pub end: u32,
        pub targets: u32,
        pub node: u32,
        pub end_node: u32,
        pub nodes: u32,
        pub fours: u32,
        pub fresh: u32,
        pub zero: u32,
        pub c: f32,
        pub reach: f32,
        pub padding: u32,
    }
}

/// Targets in blocks and sources in a k-d tree, on the device.
pub(super) struct CellsOnDevice {
    pub(super) tree: wgpu::Buffer,
    pub(super) targets: wgpu::Buffer,
    pub(super) sources: wgpu::Buffer,
    pub(super) dim: usize,
    n: usize,
    m: usize,
    nodes: usize,
}

impl CellsOnDevice {
    /// Uploads `parts`; weights are multiplied by `weight_scale`.
    pub(super) fn new(
        gpu: &Gpu,
        parts: &CellsParts<'_>,
        weight_scale: f64,
    ) -> Result<Self, GpuError> {
        let (n, nodes) = (parts.numbers.len(), parts.nodes.len());
        let dim = parts.targets.len() / n;
        let [low, high] = parts.nodes[0].corners;
        let center: [f64; 3] = std::array::from_fn(|k| low[k] + 0.5 * (high[k] - low[k]));
        let upload = |label, what, words: &[u32]| {
            gpu.filled(label, what, &[bytemuck::cast_slice(words)], wgpu::BufferUsages::STORAGE)
        };
        let tree = upload("fast_cells::tree", "the cells", &tree_words(parts, center))?;
        let words = target_words(parts, dim, center);
        let targets = upload("fast_cells::targets", "the targets", &words)?;
        let numbers = source_numbers(parts, dim, center, weight_scale);
        let sources = upload("fast_cells::sources", "the sources", bytemuck::cast_slice(&numbers))?;
        let m = parts.sources.len() / dim;
        Ok(Self { tree, targets, sources, dim, n, m, nodes })
    }

    /// Divides the sum into dispatches of at most `most_groups` workgroups and `iterations` of each
    /// invocation; `near` holds for each
    /// group of blocks the estimated work of a block.
    pub(super) fn plan(&self, near: Vec<Near>, most_groups: usize, iterations: u64) -> CellsPlan {
        CellsPlan::new(near, self.n.div_ceil(BLOCK), self.nodes, most_groups, iterations)
    }

    /// The uniform of the dispatch `piece`; `reach` is a distance in the units of the data.
    pub(super) fn uniform(&self, piece: &CellsPiece, sigma: Sigma, reach: f64) -> gpu_data::Walk {
        gpu_data::Walk {
            first: piece.blocks.start as u32,
            end: piece.blocks.end as u32,
            targets: self.n as u32,
            node: piece.nodes.start as u32,
            end_node: piece.nodes.end as u32,
            nodes: self.nodes as u32,
            fours: self.m.div_ceil(4) as u32,
            fresh: u32::from(piece.nodes.start == 0),
            zero: 0,
            c: (-std::f64::consts::LOG2_E / (2.0 * sigma.get().powi(2))) as f32,
            // A margin for the rounding of distances between boxes.
            reach: (reach * reach * 1.000_01) as f32,
            padding: 0,
        }
    }
}

/// A dispatch: a range of blocks of targets against a range of nodes of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CellsPiece {
    pub(super) blocks: Range<usize>,
    pub(super) nodes: Range<usize>,
    /// Estimated cost, in pairs.
    pub(super) cost: u64,
}

/// Divides one sum into submissions of about a wanted cost.
pub(super) struct CellsPlan {
    near: Vec<Near>,
    blocks: usize,
    nodes: usize,
    most_groups: usize,
    /// Iterations of an invocation in one dispatch.
    iterations: u64,
    current: Range<usize>,
    node: usize,
    /// Nodes that a dispatch visits for the current blocks.
    window: usize,
}

impl CellsPlan {
    fn new(
        near: Vec<Near>,
        blocks: usize,
        nodes: usize,
        most_groups: usize,
        iterations: u64,
    ) -> Self {
        let (current, node, window) = (0..0, nodes, nodes);
        Self { near, blocks, nodes, most_groups, iterations, current, node, window }
    }

    /// Estimated cost of a block, in pairs.
    fn block_cost(&self, block: usize) -> u64 {
        let Near { sources, visits } = self.near[block / GROUP];
        BLOCK as u64 * (sources + VISIT * visits)
    }

    /// Nodes that one dispatch may visit for a block: all of them if the block visits few.
    fn window_of(&self, block: usize) -> usize {
        let Near { sources, visits } = self.near[block / GROUP];
        let iterations = visits + sources / 4 + LEAF as u64;
        if iterations <= self.iterations { self.nodes } else { most_nodes(self.iterations) }
    }

    /// Estimated cost of the whole sum, in pairs.
    pub(super) fn cost(&self) -> u64 {
        (0..self.blocks).map(|block| self.block_cost(block)).sum()
    }

    /// The dispatches of the next submission, of about `budget` pairs; none when the sum is
    /// complete.
    pub(super) fn next(&mut self, budget: u64) -> Vec<CellsPiece> {
        if self.node >= self.nodes {
            let first = self.current.end;
            if first >= self.blocks {
                return Vec::new();
            }
            self.window = self.window_of(first);
            let (mut end, mut cost) = (first, 0);
            while end < self.blocks
                && end - first < self.most_groups
                && self.window_of(end) == self.window
            {
                cost += self.block_cost(end);
                if cost > budget && end > first {
                    break;
                }
                end += 1;
            }
            (self.current, self.node) = (first..end, 0);
        }
        let cost: u64 = self.current.clone().map(|block| self.block_cost(block)).sum();
        let mut pieces = Vec::new();
        let mut spent = 0;
        while self.node < self.nodes && (pieces.is_empty() || spent < budget) {
            let end = self.nodes.min(self.node + self.window);
            // Assumes near sources spread evenly over the tree; the parts add up to the whole cost.
            let upto = |node: usize| cost * node as u64 / self.nodes as u64;
            let cost = upto(end) - upto(self.node);
            pieces.push(CellsPiece { blocks: self.current.clone(), nodes: self.node..end, cost });
            spent += cost;
            self.node = end;
        }
        pieces
    }
}

/// `value` rounded to f32: up if `up`, else down.
fn outward(value: f64, up: bool) -> f32 {
    let rounded = value as f32;
    match (up, f64::from(rounded)) {
        (true, wide) if wide < value => rounded.next_up(),
        (false, wide) if wide > value => rounded.next_down(),
        _ => rounded,
    }
}

fn tree_words(parts: &CellsParts<'_>, center: [f64; 3]) -> Vec<u32> {
    let mut words = Vec::with_capacity(8 * (parts.nodes.len() + parts.boxes.len()));
    let mut push = |[low, high]: &[[f64; 3]; 2], next: u32, first: u32| {
        for (corner, up, word) in [(low, false, next), (high, true, first)] {
            let coordinates = corner.iter().zip(center);
            words.extend(coordinates.map(|(x, c)| outward(x - c, up).to_bits()));
            words.push(word);
        }
    };
    for node in &parts.nodes {
        push(&node.corners, node.next, node.first / 4);
    }
    for corners in &parts.boxes {
        push(corners, 0, 0);
    }
    words
}

/// `x` relative to `center` as the sum of two f32: high and low.
fn split(x: f64, center: f64) -> [f32; 2] {
    let moved = x - center;
    let high = moved as f32;
    [high, (moved - f64::from(high)) as f32]
}

fn target_words(parts: &CellsParts<'_>, dim: usize, center: [f64; 3]) -> Vec<u32> {
    let mut words = Vec::with_capacity(parts.numbers.len() * (2 * dim + 1));
    for (point, number) in parts.targets.chunks_exact(dim).zip(&parts.numbers) {
        for part in 0..2 {
            words.extend((0..dim).map(|k| split(point[k], center[k])[part].to_bits()));
        }
        words.push(*number);
    }
    words
}

fn source_numbers(
    parts: &CellsParts<'_>,
    dim: usize,
    center: [f64; 3],
    weight_scale: f64,
) -> Vec<f32> {
    let row = 2 * dim + 1;
    let m = parts.sources.len() / dim;
    let mut numbers = vec![0.0; 4 * row * m.div_ceil(4)];
    for (j, point) in parts.sources.chunks_exact(dim).enumerate() {
        let at = j / 4 * 4 * row + j % 4;
        for k in 0..dim {
            let [high, low] = split(point[k], center[k]);
            numbers[at + 4 * k] = high;
            numbers[at + 4 * (dim + k)] = low;
        }
        let weight = parts.weights.map_or(1.0, |weights| weights[j] * weight_scale);
        numbers[at + 8 * dim] = weight as f32;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_meets_every_node_once() {
        let few = most_iterations(true);
        for (blocks, nodes, most_groups, iterations) in [
            (1, 1, 8, few),
            (40, 3, 4096, few),
            (100, 20_000, 64, few),
            (100, 20_000, 64, most_iterations(false)),
        ] {
            let near = |group: u64| Near { sources: group * group * 500, visits: 10 * group };
            let near: Vec<Near> = (0..40).map(near).collect();
            for budget in [1, 100_000, 10_000_000, u64::MAX] {
                let mut plan = CellsPlan::new(near.clone(), blocks, nodes, most_groups, iterations);
                let (mut met, mut spent) = (vec![0; blocks], 0);
                loop {
                    let pieces = plan.next(budget);
                    if pieces.is_empty() {
                        break;
                    }
                    for CellsPiece { blocks, nodes, cost } in pieces {
                        assert!(blocks.len() <= most_groups);
                        for block in blocks {
                            let Near { sources, visits } = near[block / GROUP];
                            let few = visits + sources / 4 + 8 <= iterations;
                            let most = most_nodes(iterations);
                            assert!(nodes.len() <= if few { usize::MAX } else { most });
                            assert_eq!(met[block], nodes.start, "nodes follow on");
                            met[block] = nodes.end;
                        }
                        spent += cost;
                    }
                }
                assert!(met.iter().all(|met| *met == nodes));
                assert_eq!(spent, plan.cost());
            }
        }
    }

    #[test]
    fn a_submission_is_no_longer_than_wanted_where_that_can_be() {
        let near = Near { sources: 200_000, visits: 20_000 };
        let few = most_iterations(true);
        let mut plan = CellsPlan::new(vec![near; 10], 160, 60_000, 65_535, few);
        let budget = 3_000_000;
        loop {
            let pieces = plan.next(budget);
            let cost: u64 = pieces.iter().map(|piece| piece.cost).sum();
            assert!(cost <= 2 * budget, "{cost}");
            if pieces.is_empty() {
                break;
            }
        }
    }

    #[test]
    fn short_slices_are_many_submissions_and_long_ones_one() {
        let near = Near { sources: 20_000, visits: 500 };
        let submissions = |budget| {
            let few = most_iterations(true);
            let mut plan = CellsPlan::new(vec![near; 100], 100 * GROUP, 5000, 65_535, few);
            std::iter::from_fn(|| Some(plan.next(budget)).filter(|pieces| !pieces.is_empty()))
                .count()
        };
        // A device that sums 10⁹ pairs a second, in slices of 8 ms and of an hour.
        let (short, long) = (submissions(8_000_000), submissions(3_600_000_000_000));
        assert!(short > 10 && long == 1, "{short} submissions, {long} at leisure");
    }

    #[test]
    fn a_dispatch_keeps_below_what_an_adapter_takes() {
        for software in [true, false] {
            let iterations = most_iterations(software);
            let nodes = most_nodes(iterations);
            assert!((nodes + (nodes / 2 + 32) * LEAF) as u64 <= iterations);
        }
        // On a card 10⁶ points in space are one dispatch, whatever a block meets of them.
        let near = Near { sources: 1_000_000, visits: 62_500 };
        let iterations = most_iterations(false);
        let mut plan = CellsPlan::new(vec![near; 1000], 15_625, 62_500, 65_535, iterations);
        let pieces = plan.next(u64::MAX);
        assert!(pieces.len() == 1 && plan.next(u64::MAX).is_empty(), "{} pieces", pieces.len());
    }

    #[test]
    fn boxes_are_rounded_outward() {
        for value in [0.1, -0.1, 1.0, 1e-30, 123_456.789, -9.0] {
            let (low, high) = (outward(value, false), outward(value, true));
            assert!(f64::from(low) <= value && value <= f64::from(high));
            assert!(high <= low.next_up());
        }
    }
}
