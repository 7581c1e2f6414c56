//! Points that coincide: how many, and one cloud with each place once.
//!
//! Points are sorted by place, which takes four bytes for each however many coordinates it has.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::moments::weight;
use crate::model::{Cloud, Points};

/// Compares places coordinate by coordinate, with one zero.
fn compare(a: &[f64], b: &[f64]) -> Ordering {
    let one = |(a, b): (&f64, &f64)| (a + 0.0).total_cmp(&(b + 0.0));
    a.iter().zip(b).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The points in the order of their places, and of their numbers within a place.
fn by_place(cloud: &Cloud) -> Vec<u32> {
    let mut order: Vec<u32> = (0..cloud.len() as u32).collect();
    order.par_sort_unstable_by(|&i, &j| {
        compare(cloud.point(i as usize), cloud.point(j as usize)).then(i.cmp(&j))
    });
    order
}

fn coincide(cloud: &Cloud, i: u32, j: u32) -> bool {
    compare(cloud.point(i as usize), cloud.point(j as usize)).is_eq()
}

/// The same cloud with each place once, in the order of first appearance, weighing what all points
/// there weigh together; and how many points were merged into an earlier one.
///
/// A kernel sum over the merged cloud is that over the cloud itself. Where no two points coincide the
/// cloud comes back as it was, without weights if it had none.
pub fn merge_duplicates(cloud: &Cloud) -> (Cloud, usize) {
    let order = by_place(cloud);
    let of_place = |place: &[u32]| {
        let weights = place.iter().map(|&i| weight(cloud, i as usize));
        (place[0] as usize, weights.sum::<f64>())
    };
    let mut kept: Vec<(usize, f64)> =
        order.chunk_by(|&i, &j| coincide(cloud, i, j)).map(of_place).collect();
    let merged = cloud.len() - kept.len();
    if merged == 0 {
        return (cloud.clone(), 0);
    }
    kept.sort_unstable_by_key(|&(first, _)| first);
    let weights = kept.iter().map(|&(_, weight)| weight).collect();
    (cloud.select(kept.iter().map(|&(first, _)| first)).with_weights(weights), merged)
}

/// How many points coincide with an earlier one.
pub fn count_duplicates(cloud: &Cloud) -> usize {
    by_place(cloud).windows(2).filter(|pair| coincide(cloud, pair[0], pair[1])).count()
}

/// How many targets coincide with a source.
pub fn count_shared(points: &Points) -> usize {
    let (targets, sources) = (points.targets(), points.sources());
    if targets.coordinates() == sources.coordinates() {
        return targets.len();
    }
    let order = by_place(sources);
    let is_shared = |i: &usize| {
        let place = |j: &u32| compare(sources.point(*j as usize), targets.point(*i));
        order.binary_search_by(place).is_ok()
    };
    (0..targets.len()).into_par_iter().filter(is_shared).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_one_place_add_up() {
        let coordinates = vec![1.0, 0.0, 2.0, 2.0, 1.0, -0.0, 1.0, 0.0];
        let cloud = Cloud::new(2, coordinates, Cloud::default_axes(2));
        assert_eq!(count_duplicates(&cloud), 2);
        let (merged, count) = merge_duplicates(&cloud);
        assert_eq!((merged.len(), count, merged.weights()), (2, 2, Some(&[3.0, 1.0][..])));
        assert_eq!(merged.coordinates(), [1.0, 0.0, 2.0, 2.0]);
        assert_eq!(merge_duplicates(&merged), (merged.clone(), 0));
        let (again, _) = merge_duplicates(&cloud.with_weights(vec![0.5, 1.0, 0.25, 0.0]));
        assert_eq!(again.weights(), Some(&[0.75, 1.0][..]));
    }

    #[test]
    fn places_of_both_clouds_are_found() {
        let cloud = |values: &[f64]| Cloud::new(1, values.to_vec(), Cloud::default_axes(1));
        let shared = |x: &[f64], y: &[f64]| {
            count_shared(&Points::new(cloud(x), cloud(y)).expect("near points"))
        };
        assert_eq!(shared(&[3.0, -0.0, 9.0], &[0.0, 3.0, 3.0]), 2);
        assert_eq!(shared(&[1.0, 2.0], &[1.0, 2.0]), 2);
        assert_eq!(shared(&[1.0, 2.0], &[1.5]), 0);
    }
}
