//! Which blocks of sources each block of targets has to look at, where f of one σ is summed on a
//! device: those that are not so far away that their terms are lost.
//!
//! ```text
//!   targets, sources: halved at the median of the widest axis until a block is left, with its box
//!   block of targets: lists the blocks of sources near its box, then the others whose terms are not zero
//! ```
//!
//! How far sources are seen is that of the engine `simd`: see `simd/reach.rs`. Lists are cut into items,
//! one for each workgroup.

use rayon::{
    iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator},
    slice::ParallelSlice,
};

use super::simd::{
    Precision, corners, neighbours_together,
    reach::{Reaches, Shell},
};
use crate::model::{Cloud, Points, Sigma};

/// Sources in a block. With more, boxes are larger and fewer are out of reach; with fewer, lists are longer.
pub const SOURCES_IN_BLOCK: usize = 64;
/// Blocks of sources whose common box is looked at first.
const GROUPED: usize = 16;
/// Targets, and sources, that are looked at to guess how much is out of reach.
const LOOKED_AT: usize = 32;
/// Seconds that a core takes to sort a point into half of its cloud, about: measured at 10⁵ and 10⁶ points
/// of the plane on a Zen 4 server.
const HALVING_SECONDS: f64 = 1e-8;
/// Share of the pairs that has to be out of reach for lists to be used: they cost some of the speed of a pair.
const WORTHWHILE: f64 = 0.25;
/// The most numbers in the lists of one σ, for each point.
const MOST_LISTED: usize = 2;

/// Targets in a block, those of a workgroup.
pub const fn targets_in_block(dim: usize) -> usize {
    if dim > 4 { 128 } else { 256 }
}

/// Targets and sources in orders in which neighbours are together, with the boxes of their blocks.
#[derive(Debug)]
pub struct SortedPoints {
    dim: usize,
    m: usize,
    target_order: Vec<u32>,
    source_order: Vec<u32>,
    /// The box of each block, axis by axis, lowest and highest.
    target_boxes: Vec<[f64; 2]>,
    source_boxes: Vec<[f64; 2]>,
    /// The boxes of [`GROUPED`] blocks each.
    grouped_boxes: Vec<[f64; 2]>,
    reaches: Reaches,
}

/// What one workgroup does: a block of targets, and some of its blocks of sources, as a range of
/// [`Lists::blocks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The block of targets.
    pub targets: u32,
    /// Where its blocks of sources begin.
    pub start: u32,
    /// Where those end that always count.
    pub near_end: u32,
    /// Where those end that count beside low values.
    pub end: u32,
}

/// The blocks of sources of each block of targets.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// All blocks of sources, item by item.
    pub blocks: Vec<u32>,
    /// All items, block of targets by block of targets.
    pub items: Vec<Item>,
    /// The first item of each block of targets, and the number of items.
    pub first_items: Vec<u32>,
}

/// The largest |w|.
fn largest_weight(sources: &Cloud) -> f64 {
    let weights = sources.weights().unwrap_or(&[1.0]);
    weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()))
}

/// Distances times it, squared, are exponents of 2.
fn scale_of(sigma: Sigma) -> f64 {
    (0.5 * std::f64::consts::LOG2_E).sqrt() / sigma.get()
}

/// The share of the pairs that is out of reach at this σ, guessed from some of them: what is sorted is
/// nearly as much. And whether a sum whose pairs would take `seconds` gains more by that than sorting the
/// points takes, and `besides` for what else has to be made ready.
pub fn is_worth_sorting(points: &Points, sigma: Sigma, seconds: f64, besides: f64) -> bool {
    let [targets, sources] = [points.targets(), points.sources()];
    let [n, m] = [targets.len(), sources.len()];
    let halvings = |count: usize, block: usize| f64::from((count / block).max(1).ilog2()) + 1.0;
    let sorting = HALVING_SECONDS
        * (n as f64 * halvings(n, targets_in_block(points.dim()))
            + m as f64 * halvings(m, SOURCES_IN_BLOCK))
        / rayon::current_num_threads() as f64
        + besides;
    if sorting >= seconds {
        return false;
    }
    let scale = scale_of(sigma);
    let reaches = Reaches::of(sources, largest_weight(sources));
    let reach = reaches.of_shell(Precision::Single, false, Shell::Near).to;
    let [step, stride] = [n, m].map(|count| count.div_ceil(LOOKED_AT));
    let (mut far, mut all) = (0_u32, 0_u32);
    for i in (0..n).step_by(step) {
        for j in (0..m).step_by(stride) {
            let pair = targets.point(i).iter().zip(sources.point(j));
            let squared: f64 = pair.map(|(x, y)| (x - y).powi(2)).sum();
            all += 1;
            far += u32::from(squared * (scale * scale) >= reach);
        }
    }
    let share = f64::from(far) / f64::from(all);
    share > WORTHWHILE && share * seconds > sorting
}

impl SortedPoints {
    /// Sorts the points.
    pub fn new(points: &Points) -> Self {
        let dim = points.dim();
        let [targets, sources] = [points.targets(), points.sources()];
        let block = targets_in_block(dim);
        let (target_order, source_order) = rayon::join(
            || neighbours_together(targets, block),
            || neighbours_together(sources, SOURCES_IN_BLOCK),
        );
        let boxes = |cloud: &Cloud, order: &[u32], block: usize| -> Vec<[f64; 2]> {
            order.par_chunks(block).flat_map_iter(|run| corners(cloud, run)).collect()
        };
        Self {
            dim,
            m: sources.len(),
            target_boxes: boxes(targets, &target_order, block),
            source_boxes: boxes(sources, &source_order, SOURCES_IN_BLOCK),
            grouped_boxes: boxes(sources, &source_order, GROUPED * SOURCES_IN_BLOCK),
            target_order,
            source_order,
            reaches: Reaches::of(sources, largest_weight(sources)),
        }
    }

    /// Indices of the targets, in their order.
    pub fn target_order(&self) -> &[u32] {
        &self.target_order
    }

    /// Indices of the sources, in their order.
    pub fn source_order(&self) -> &[u32] {
        &self.source_order
    }

    /// The value, in units of the largest weight, from which on a target needs no more than what is near.
    pub fn enough(&self) -> f64 {
        self.reaches.enough
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        let orders = 4 * (self.target_order.len() + self.source_order.len());
        let boxes = self.target_boxes.len() + self.source_boxes.len() + self.grouped_boxes.len();
        (orders + 16 * boxes) as u64
    }

    /// The lists for this σ, in items of at most `longest` blocks of sources, so many that there are about
    /// `wanted` of them; `None` where they would leave out little.
    pub fn lists(&self, sigma: Sigma, longest: usize, wanted: usize) -> Option<Lists> {
        let scale = scale_of(sigma);
        let blocks = self.target_boxes.len() / self.dim;
        let all = self.m.div_ceil(SOURCES_IN_BLOCK);
        // Some blocks of targets tell how long all lists are.
        let step = blocks.div_ceil(LOOKED_AT);
        let looked_at: Vec<usize> = (0..blocks).step_by(step).collect();
        let lengths = looked_at.par_iter().map(|block| {
            let [near, far] = self.of_block(*block, scale);
            [near.len(), near.len() + far.len()]
        });
        let [near, listed] = lengths.reduce(|| [0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
        let share = near as f64 / (looked_at.len() * all) as f64;
        if share > 1.0 - WORTHWHILE
            || listed / looked_at.len() * blocks > MOST_LISTED * (self.target_order.len() + self.m)
        {
            return None;
        }
        let per_block: Vec<[Vec<u32>; 2]> =
            (0..blocks).into_par_iter().map(|block| self.of_block(block, scale)).collect();
        let total: usize = per_block.iter().map(|[near, _]| near.len()).sum();
        // With shorter items there are more workgroups, with longer ones fewer sums to add up.
        let length = (total / wanted.max(1)).clamp(8, longest.max(8)).min(longest);
        let mut lists = Lists::default();
        for (targets, [near, far]) in per_block.into_iter().enumerate() {
            lists.first_items.push(lists.items.len() as u32);
            let count =
                near.len().max(1).div_ceil(length).max((near.len() + far.len()).div_ceil(longest));
            for k in 0..count {
                let part = |list: &[u32]| {
                    let at = |k: usize| list.len() * k / count;
                    list[at(k)..at(k + 1)].to_vec()
                };
                let start = lists.blocks.len() as u32;
                lists.blocks.extend(part(&near));
                let near_end = lists.blocks.len() as u32;
                lists.blocks.extend(part(&far));
                let end = lists.blocks.len() as u32;
                lists.items.push(Item { targets: targets as u32, start, near_end, end });
            }
        }
        lists.first_items.push(lists.items.len() as u32);
        Some(lists)
    }

    /// The blocks of sources of a block of targets: those that always count, and those beyond whose terms
    /// are not zero.
    fn of_block(&self, block: usize, scale: f64) -> [Vec<u32>; 2] {
        let dim = self.dim;
        let [near, far] = [Shell::Near, Shell::All]
            .map(|shell| self.reaches.of_shell(Precision::Single, false, shell).to);
        let around = &self.target_boxes[block * dim..(block + 1) * dim];
        let squared = |corners: &[[f64; 2]]| {
            let gap = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - b[1]).max(b[0] - a[1]).max(0.0);
            let gaps: f64 = corners.iter().zip(around).map(|pair| gap(pair).powi(2)).sum();
            gaps * (scale * scale)
        };
        let mut lists = [Vec::new(), Vec::new()];
        for (k, corners) in self.grouped_boxes.chunks_exact(dim).enumerate() {
            // What is no number is near.
            if squared(corners) >= far {
                continue;
            }
            let first = k * GROUPED;
            let end = (first + GROUPED).min(self.m.div_ceil(SOURCES_IN_BLOCK));
            let boxes = self.source_boxes[first * dim..end * dim].chunks_exact(dim);
            for (source, corners) in (first..end).zip(boxes) {
                let squared = squared(corners);
                if squared >= far {
                    continue;
                }
                lists[usize::from(squared >= near)].push(source as u32);
            }
        }
        lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cloud of clusters, 100 apart on a diagonal.
    fn clusters(n: usize, dim: usize) -> Cloud {
        let place = |k: usize| {
            let (i, axis) = (k / dim, k % dim);
            (i % 10) as f64 * 100.0 + ((i * 7919 + axis * 104_729) % 1000) as f64 / 1000.0
        };
        Cloud::new(dim, (0..n * dim).map(place).collect(), Cloud::default_axes(dim))
    }

    fn points(n: usize, m: usize, dim: usize) -> Points {
        Points::new(clusters(n, dim), clusters(m, dim)).expect("near points")
    }

    #[test]
    fn every_source_within_reach_is_listed_once() {
        for dim in [1, 2, 5] {
            let points = points(3000, 5000, dim);
            let sorted = SortedPoints::new(&points);
            for (sigma, longest) in [(1.0, 1000), (1.0, 3), (0.01, 7)] {
                let sigma = Sigma::new(sigma).expect("legal");
                let scale = scale_of(sigma);
                let lists = sorted.lists(sigma, longest, 100).expect("most is out of reach");
                let block = targets_in_block(dim);
                for (b, targets) in sorted.target_order.chunks(block).enumerate() {
                    let items = lists.first_items[b] as usize..lists.first_items[b + 1] as usize;
                    let items = &lists.items[items];
                    assert!(!items.is_empty(), "each target gets a sum");
                    let mut seen = vec![0; 5000];
                    for item in items {
                        assert_eq!(item.targets as usize, b);
                        assert!(item.start <= item.near_end && item.near_end <= item.end);
                        assert!((item.end - item.start) as usize <= longest + 1);
                        for k in item.start..item.end {
                            let first = lists.blocks[k as usize] as usize * SOURCES_IN_BLOCK;
                            for j in
                                &sorted.source_order[first..(first + SOURCES_IN_BLOCK).min(5000)]
                            {
                                seen[*j as usize] += 1;
                            }
                        }
                    }
                    assert!(seen.iter().all(|count| *count <= 1));
                    for &i in targets.iter().step_by(50) {
                        let x = points.targets().point(i as usize);
                        for (j, seen) in seen.iter().enumerate() {
                            let y = points.sources().point(j);
                            let squared: f64 = x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum();
                            assert!(*seen == 1 || squared * scale * scale >= 127.0);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn where_all_is_near_there_are_no_lists() {
        let points = points(3000, 3000, 2);
        let wide = Sigma::new(1000.0).expect("legal");
        assert!(SortedPoints::new(&points).lists(wide, 1000, 100).is_none());
        assert!(!is_worth_sorting(&points, wide, 1e3, 0.0));
        let narrow = Sigma::new(1.0).expect("legal");
        assert!(is_worth_sorting(&points, narrow, 1e3, 0.0));
        assert!(!is_worth_sorting(&points, narrow, 1e-9, 0.0), "sorting takes longer than the sum");
    }
}
