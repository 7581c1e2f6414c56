//! The sources in an order in which neighbours are together, so that a block of targets passes over those
//! whose terms do not count.
//!
//! ```text
//!   sources: halved at the median of the widest axis until 64 are left: a tile, with its box
//!   block of targets: takes the tiles whose box is within reach of its own
//! ```
//!
//! What is out of reach is told by the distance of two boxes, which no pair of their points undercuts.

use std::{borrow::Cow, ops::Range};

use rayon::{
    iter::ParallelIterator,
    slice::{ParallelSlice, ParallelSliceMut},
};

use super::order::{corners, halve};
use crate::model::Cloud;

/// Sources in a tile. With more, boxes are larger and fewer are out of reach; with fewer, looking at
/// boxes and short runs of sources cost more.
pub(super) const NEAR_TILE: usize = 64;
/// Sources, and blocks of targets, that are looked at to guess how much is out of reach.
const LOOKED_AT: usize = 64;
/// Share of the pairs that has to be out of reach for sources to be sorted.
const WORTH_A_LOOK: f64 = 0.06;
/// Targets whose terms are passed over, for each source and each halving of the sources, from which on
/// that saves more time than sorting takes.
const WORTH_SORTING: f64 = 64.0;

/// Which squares of scaled distances are looked for: from the first on and below the second.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Reach {
    pub from: f64,
    pub to: f64,
}

/// The sources in the order in which they are summed.
pub(super) struct Sources<'a> {
    /// Themselves.
    pub cloud: Cow<'a, Cloud>,
    /// The box of each tile, axis by axis, lowest and highest; empty where they are in no order.
    boxes: Vec<[f64; 2]>,
}

impl<'a> Sources<'a> {
    /// The sources as they come.
    pub(super) fn unsorted(cloud: &'a Cloud) -> Self {
        Self { cloud: Cow::Borrowed(cloud), boxes: Vec::new() }
    }

    /// The sources in the order of `order`, whose runs of [`NEAR_TILE`] are neighbours.
    pub(super) fn sorted(cloud: &Cloud, order: &[u32]) -> Self {
        let boxes = order.par_chunks(NEAR_TILE).flat_map_iter(|tile| corners(cloud, tile));
        let boxes = boxes.collect();
        Self { cloud: Cow::Owned(cloud.select(order.iter().map(|j| *j as usize))), boxes }
    }

    /// Whether boxes are known.
    pub(super) fn is_sorted(&self) -> bool {
        !self.boxes.is_empty()
    }

    /// The sources of `range`, which begins with a tile, that may be within `reach` of the box `around`,
    /// in rising order.
    pub(super) fn near(
        &self,
        around: &[[f64; 2]],
        scale: f64,
        reach: Reach,
        range: Range<usize>,
    ) -> Vec<Range<usize>> {
        if range.is_empty() {
            return Vec::new();
        }
        if !self.is_sorted() {
            return if reach.from > 0.0 { Vec::new() } else { vec![range] };
        }
        let dim = self.cloud.dim();
        let mut near: Vec<Range<usize>> = Vec::new();
        let tiles = range.start / NEAR_TILE..range.end.div_ceil(NEAR_TILE);
        let boxes = self.boxes[tiles.start * dim..tiles.end * dim].chunks_exact(dim);
        for (tile, corners) in tiles.zip(boxes) {
            let squared = squared_distance(corners, around) * (scale * scale);
            // What is no number is near.
            if squared < reach.from || squared >= reach.to {
                continue;
            }
            let start = tile * NEAR_TILE;
            let end = range.end.min(start + NEAR_TILE);
            match near.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => near.push(start..end),
            }
        }
        near
    }
}

/// Orders each run of `block` further, until tiles of sources are neighbours.
pub(super) fn refine(cloud: &Cloud, order: &mut [u32], block: usize) {
    order.par_chunks_mut(block).for_each(|run| halve(cloud, run, NEAR_TILE));
}

/// Whether so much is out of reach of `blocks` of the targets that sorting the sources pays.
pub(super) fn is_worth_sorting<'b>(
    targets: &Cloud,
    sources: &Cloud,
    blocks: impl ExactSizeIterator<Item = &'b [u32]>,
    scale: f64,
    reach: f64,
) -> bool {
    let [n, m] = [targets.len(), sources.len()];
    let halvings = m.div_ceil(NEAR_TILE).ilog2();
    let enough = WORTH_SORTING * f64::from(halvings) / n as f64;
    if halvings == 0 || enough >= 1.0 {
        return false;
    }
    let step = blocks.len().div_ceil(LOOKED_AT);
    let stride = m.div_ceil(LOOKED_AT);
    let (mut far, mut all) = (0, 0);
    for block in blocks.step_by(step) {
        let around = corners(targets, block);
        for j in (stride / 2..m).step_by(stride) {
            let place = sources.point(j).iter().zip(&around);
            let squared: f64 =
                place.map(|(y, [low, high])| (low - y).max(y - high).max(0.0).powi(2)).sum();
            all += 1;
            far += usize::from(squared * (scale * scale) >= reach);
        }
    }
    f64::from(far as u32) >= WORTH_A_LOOK.max(enough) * f64::from(all)
}

/// The squared distance of two boxes.
fn squared_distance(a: &[[f64; 2]], b: &[[f64; 2]]) -> f64 {
    let gap = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - b[1]).max(b[0] - a[1]).max(0.0);
    a.iter().zip(b).map(|pair| gap(pair).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::simd::order::neighbours_together;

    /// A row of points, one apart, in no order.
    fn row() -> Cloud {
        let places = (0..1000_u32).map(|k| f64::from(k * 387 % 1000));
        Cloud::new(1, places.collect(), Cloud::default_axes(1))
    }

    #[test]
    fn what_is_within_reach_is_found_and_little_else() {
        let cloud = row();
        let sources = Sources::sorted(&cloud, &neighbours_together(&cloud, NEAR_TILE));
        for [low, high] in [[0.0, 10.0], [500.0, 510.0], [990.0, 2000.0], [5000.0, 5001.0]] {
            let reach = Reach { from: 0.0, to: 900.0 };
            let near = sources.near(&[[low, high]], 1.0, reach, 0..1000);
            let found: Vec<usize> = near.iter().cloned().flatten().collect();
            let counts = |y: f64| y > low - 30.0 && y < high + 30.0;
            let wanted = |j: &usize| counts(sources.cloud.point(*j)[0]);
            assert_eq!((0..1000).filter(wanted).filter(|j| !found.contains(j)).count(), 0);
            assert!(found.len() <= 2 * NEAR_TILE + (0..1000).filter(wanted).count());
        }
    }

    #[test]
    fn a_reach_and_the_next_are_all_sources_once() {
        let cloud = row();
        for sources in [
            Sources::unsorted(&cloud),
            Sources::sorted(&cloud, &neighbours_together(&cloud, NEAR_TILE)),
        ] {
            let mut found = Vec::new();
            for [from, to] in [[0.0, 1e4], [1e4, f64::INFINITY]] {
                for range in [0..512, 512..1000] {
                    found.extend(sources.near(&[[3.0, 4.0]], 1.0, Reach { from, to }, range));
                }
            }
            let mut found: Vec<usize> = found.into_iter().flatten().collect();
            found.sort_unstable();
            assert_eq!(found, (0..1000).collect::<Vec<usize>>());
            let all = Reach { from: 0.0, to: f64::INFINITY };
            assert!(sources.near(&[[3.0, 4.0]], 1.0, all, 1000..1000).is_empty());
        }
    }
}
