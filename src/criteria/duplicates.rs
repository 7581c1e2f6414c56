//! Points that coincide: how many, and one cloud with each place once.

use std::collections::HashMap;

use super::moments::weight;
use crate::model::{Cloud, Points};

/// The bits of a point's coordinates, with one zero.
fn key(point: &[f64]) -> Vec<u64> {
    point.iter().map(|c| (c + 0.0).to_bits()).collect()
}

/// The same cloud with each place once, in the order of first appearance, weighing what all points
/// there weigh together; and how many points were merged into an earlier one.
///
/// A kernel sum over the merged cloud is that over the cloud itself. Where no two points coincide the
/// cloud comes back as it was, without weights if it had none.
pub fn merge_duplicates(cloud: &Cloud) -> (Cloud, usize) {
    let mut places: HashMap<Vec<u64>, usize> = HashMap::with_capacity(cloud.len());
    let (mut kept, mut weights): (Vec<usize>, Vec<f64>) = (Vec::new(), Vec::new());
    for i in 0..cloud.len() {
        let place = *places.entry(key(cloud.point(i))).or_insert(kept.len());
        if place == kept.len() {
            kept.push(i);
            weights.push(0.0);
        }
        weights[place] += weight(cloud, i);
    }
    let merged = cloud.len() - kept.len();
    if merged == 0 {
        return (cloud.clone(), 0);
    }
    (cloud.select(kept.iter().copied()).with_weights(weights), merged)
}

/// How many points coincide with an earlier one.
pub fn count_duplicates(cloud: &Cloud) -> usize {
    let mut places = std::collections::HashSet::with_capacity(cloud.len());
    (0..cloud.len()).filter(|&i| !places.insert(key(cloud.point(i)))).count()
}

/// How many targets coincide with a source.
pub fn count_shared(points: &Points) -> usize {
    let (targets, sources) = (points.targets(), points.sources());
    let places: std::collections::HashSet<Vec<u64>> =
        (0..sources.len()).map(|j| key(sources.point(j))).collect();
    (0..targets.len()).filter(|&i| places.contains(&key(targets.point(i)))).count()
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
        assert_eq!(merge_duplicates(&merged), (merged.clone(), 0));
        let (again, _) = merge_duplicates(&cloud.with_weights(vec![0.5, 1.0, 0.25, 0.0]));
        assert_eq!(again.weights(), Some(&[0.75, 1.0][..]));
    }
}
