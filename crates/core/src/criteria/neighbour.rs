//! Mean distance to the k-th nearest neighbour.
//!
//! ```text
//! σ = mean_i ‖y_i − its k-th nearest other source‖,        k = ⌈√n⌉
//! ```
//!
//! k grows with n and k/n shrinks, as a neighbourhood must for the density in it to be told rightly;
//! √n is what Loftsgaarden & Quesenberry (1965, Ann. Math. Statist. 36) take for that. A fixed k such
//! as 10 would follow the noise of large clouds and blur small ones.
//!
//! Weights: n is (Σw)²/Σw², the k-th neighbour is the nearest within which the other sources weigh
//! k·Σw/n, and the mean is weighted too. With more than [`MOST`] points, the mean is over so many
//! drawn at random, to about 2 %; their neighbours are searched among all points: in up to 3 coordinates by
//! an R*-tree (Beckmann, Kriegel, Schneider & Seeger 1990, SIGMOD).

use rayon::prelude::*;
use rstar::{RTree, primitives::GeomWithData};

use super::{
    CriteriaError, Criterion,
    moments::{effective_count, weight},
};
use crate::{
    engine::{Observer, Progress},
    model::Cloud,
    sampling::shuffled,
};

/// The most points whose neighbours are searched. The mean over 2000 has a standard error of about
/// 2 %; over fewer a larger one, and more take longer.
pub const MOST: usize = 2000;

/// k for so many points: ⌈√n⌉.
pub fn neighbour_count(effective_count: f64) -> usize {
    effective_count.sqrt().ceil() as usize
}

/// ‖x − y‖².
pub(super) fn squared_distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// σ by the mean distance, and how many points it was taken over.
pub(super) fn neighbour(
    cloud: &Cloud,
    seed: u64,
    observer: &mut dyn Observer,
) -> Result<(f64, usize), CriteriaError> {
    let drawn: Vec<u32> = if cloud.len() > MOST {
        shuffled(cloud.len(), seed).into_iter().take(MOST).collect()
    } else {
        (0..cloud.len() as u32).collect()
    };
    let effective = effective_count(cloud);
    let count = neighbour_count(effective).min(cloud.len() - 1);
    let within = Within { count, weight: count as f64 * cloud.total_weight() / effective };
    let tree = Tree::of(cloud);
    let mut sums = [0.0; 2];
    for part in drawn.chunks(64) {
        if observer.checkpoint(Progress::BEGUN).is_break() {
            return Err(CriteriaError::Stopped);
        }
        let distance = |others: &mut Vec<[f64; 2]>, &i: &u32| match &tree {
            Tree::Flat(tree) => within.find(cloud, tree, i),
            Tree::Solid(tree) => within.find(cloud, tree, i),
            Tree::None => within.among_all(cloud, i as usize, others),
        };
        let distances: Vec<f64> = part.par_iter().map_init(Vec::new, distance).collect();
        for (&i, distance) in part.iter().zip(distances) {
            let w = weight(cloud, i as usize);
            sums = [sums[0] + w * distance, sums[1] + w];
        }
    }
    let sigma = sums[0] / sums[1];
    if sigma > 0.0 {
        return Ok((sigma, drawn.len()));
    }
    Err(CriteriaError::Degenerate {
        criterion: Criterion::Neighbour.label(),
        why: format!("each point coincides with its {count} nearest; merge them into weights"),
    })
}

/// What finds neighbours soon, where points have few coordinates.
enum Tree {
    /// The second coordinate of points on a line is 0.
    Flat(RTree<GeomWithData<[f64; 2], u32>>),
    Solid(RTree<GeomWithData<[f64; 3], u32>>),
    None,
}

impl Tree {
    fn of(cloud: &Cloud) -> Self {
        match cloud.dim() {
            1 | 2 => Self::Flat(tree(cloud)),
            3 => Self::Solid(tree(cloud)),
            _ => Self::None,
        }
    }
}

fn tree<const D: usize>(cloud: &Cloud) -> RTree<GeomWithData<[f64; D], u32>> {
    let source = |j: usize| GeomWithData::new(place(cloud, j), j as u32);
    RTree::bulk_load((0..cloud.len()).map(source).collect())
}

fn place<const D: usize>(cloud: &Cloud, j: usize) -> [f64; D] {
    let point = cloud.point(j);
    std::array::from_fn(|k| point.get(k).copied().unwrap_or(0.0))
}

/// Which neighbour is meant.
struct Within {
    /// Its number, from 1.
    count: usize,
    /// Where weights differ: the nearest within which the others weigh so much, or the farthest.
    weight: f64,
}

impl Within {
    /// The distance of source `i` to it.
    fn find<const D: usize>(
        &self,
        cloud: &Cloud,
        tree: &RTree<GeomWithData<[f64; D], u32>>,
        i: u32,
    ) -> f64 {
        let nearest = tree.nearest_neighbor_iter_with_distance_2(place(cloud, i as usize));
        let others = nearest.filter(|(source, _)| source.data != i);
        let others = others.map(|(source, squared)| [squared, weight(cloud, source.data as usize)]);
        self.last(cloud, others)
    }

    /// The same among all sources.
    fn among_all(&self, cloud: &Cloud, i: usize, others: &mut Vec<[f64; 2]>) -> f64 {
        let x = cloud.point(i);
        others.clear();
        let all = (0..cloud.len()).filter(|&j| j != i);
        others.extend(all.map(|j| [squared_distance(x, cloud.point(j)), weight(cloud, j)]));
        let by_square = |a: &[f64; 2], b: &[f64; 2]| a[0].total_cmp(&b[0]);
        if cloud.weights().is_none() {
            return others.select_nth_unstable_by(self.count - 1, by_square).1[0].sqrt();
        }
        others.sort_unstable_by(by_square);
        self.last(cloud, others.iter().copied())
    }

    /// That of others in rising order of their squared distances, with their weights.
    fn last(&self, cloud: &Cloud, others: impl Iterator<Item = [f64; 2]>) -> f64 {
        let (mut seen, mut count, mut last) = (0.0, 0, 0.0);
        for [squared, weight] in others {
            (seen, count, last) = (seen + weight, count + 1, squared);
            let is_enough = match cloud.weights() {
                None => count == self.count,
                Some(_) => seen >= self.weight * (1.0 - 1e-12),
            };
            if is_enough {
                break;
            }
        }
        last.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Unobserved;

    #[test]
    fn it_is_the_mean_over_all_points() {
        let cloud = |values: &[f64]| Cloud::new(1, values.to_vec(), Cloud::default_axes(1));
        // k = 2 of 0, 1, 3, 7: the second nearest are 3, 2, 3 and 6 away.
        let four = cloud(&[0.0, 1.0, 3.0, 7.0]);
        assert_eq!(neighbour_count(4.0), 2);
        let found = neighbour(&four, 1, &mut Unobserved).expect("a distance");
        assert!((found.0 - 14.0 / 4.0).abs() < 1e-15 && found.1 == 4, "{found:?}");
        let equal = four.with_weights(vec![0.5; 4]);
        let found = neighbour(&equal, 1, &mut Unobserved).expect("a distance");
        assert!((found.0 - 14.0 / 4.0).abs() < 1e-15, "{found:?}");
        assert!(neighbour(&cloud(&[1.0; 9]), 1, &mut Unobserved).is_err());
    }

    #[test]
    fn the_tree_finds_what_a_search_through_all_finds() {
        for dim in 1..=3 {
            let coordinates = (0..dim * 400).map(|k| ((k * 7919) % 1009) as f64).collect();
            let plain = Cloud::new(dim, coordinates, Cloud::default_axes(dim));
            let weights = (0..400).map(|j| 0.5 + f64::from(j % 5)).collect();
            for cloud in [plain.clone(), plain.with_weights(weights)] {
                let within = Within { count: 20, weight: 0.05 * cloud.total_weight() };
                for i in (0..400).step_by(7) {
                    let found = match Tree::of(&cloud) {
                        Tree::Flat(tree) => within.find(&cloud, &tree, i),
                        Tree::Solid(tree) => within.find(&cloud, &tree, i),
                        Tree::None => unreachable!("there is a tree"),
                    };
                    let wanted = within.among_all(&cloud, i as usize, &mut Vec::new());
                    assert!(found > 0.0 && (found - wanted).abs() < 1e-12, "{found} {wanted}");
                }
            }
        }
    }
}
