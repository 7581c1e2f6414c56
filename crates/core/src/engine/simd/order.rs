//! Sorts targets spatially, by halving as in a k-d tree, so that a block of consecutive targets is
//! compact.
//!
//! The indices are halved at the median of the widest axis, again and again, until a block is left,
//! as in a k-d tree (Bentley 1975). That works in any dimension and for any cloud; N·log₂(N/block)
//! steps.

use crate::model::Cloud;

/// Targets above which halves are sorted on two threads: with fewer, waking a thread costs more
/// than it saves.
const WORTH_A_THREAD: usize = 1 << 14;

/// All indices of the cloud, in runs of `block` neighbours.
pub(in crate::engine) fn neighbours_together(cloud: &Cloud, block: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..cloud.len() as u32).collect();
    halve(cloud, &mut order, block);
    order
}

/// Where a run of more than a block is cut in two: whole blocks on the left.
pub(in crate::engine) fn middle_of(length: usize, block: usize) -> usize {
    length.div_ceil(block) / 2 * block
}

/// Orders `order` so that its runs of `block` are neighbours.
pub(super) fn halve(cloud: &Cloud, order: &mut [u32], block: usize) {
    if order.len() <= block {
        return;
    }
    let (axis, _) = extents(cloud, order)
        .into_iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("a point has at least one coordinate");
    let middle = middle_of(order.len(), block);
    let value = |i: u32| cloud.point(i as usize)[axis];
    order.select_nth_unstable_by(middle, |a, b| value(*a).total_cmp(&value(*b)));
    let (left, right) = order.split_at_mut(middle);
    if left.len() > WORTH_A_THREAD {
        rayon::join(|| halve(cloud, left, block), || halve(cloud, right, block));
    } else {
        halve(cloud, left, block);
        halve(cloud, right, block);
    }
}

/// The lowest and the highest coordinate of some points on each axis.
pub(in crate::engine) fn corners(cloud: &Cloud, points: &[u32]) -> Vec<[f64; 2]> {
    let mut corners = vec![[f64::INFINITY, f64::NEG_INFINITY]; cloud.dim()];
    for &i in points {
        for ([low, high], &c) in corners.iter_mut().zip(cloud.point(i as usize)) {
            *low = low.min(c);
            *high = high.max(c);
        }
    }
    corners
}

fn extents(cloud: &Cloud, points: &[u32]) -> Vec<f64> {
    corners(cloud, points).into_iter().map(|[low, high]| high - low).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grid of 32 × 32 points, row by row.
    fn grid() -> Cloud {
        let coordinates = (0..1024).flat_map(|k| [f64::from(k % 32), f64::from(k / 32)]);
        Cloud::new(2, coordinates.collect(), Cloud::default_axes(2))
    }

    #[test]
    fn every_target_appears_once() {
        for block in [1, 7, 64, 4096] {
            let mut order = neighbours_together(&grid(), block);
            order.sort_unstable();
            assert_eq!(order, (0..1024).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn blocks_are_compact() {
        let cloud = grid();
        for block in neighbours_together(&cloud, 64).chunks(64) {
            assert!(extents(&cloud, block).iter().all(|extent| *extent <= 8.0));
        }
    }
}
