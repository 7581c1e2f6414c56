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
//! drawn at random, to about 2 %; their neighbours are looked for among all.

use rayon::prelude::*;

use super::{
    CriteriaError, Criterion,
    moments::{effective_count, weight},
};
use crate::{data::shuffled, model::Cloud};

/// The most points whose neighbours are looked for.
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
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<(f64, usize), CriteriaError> {
    let drawn: Vec<u32> = if cloud.len() > MOST {
        shuffled(cloud.len(), seed).into_iter().take(MOST).collect()
    } else {
        (0..cloud.len() as u32).collect()
    };
    let effective = effective_count(cloud);
    let count = neighbour_count(effective).min(cloud.len() - 1);
    let weight_within = count as f64 * cloud.total_weight() / effective;
    let mut sums = [0.0; 2];
    for part in drawn.chunks(64) {
        if !keep_going() {
            return Err(CriteriaError::Stopped);
        }
        let distances: Vec<f64> = part
            .par_iter()
            .map_init(Vec::new, |others, &i| {
                distance(cloud, i as usize, count, weight_within, others)
            })
            .collect();
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

/// The distance of source `i` to its neighbour number `count`, or to the one within which the others
/// weigh `weight_within`; to the farthest where all together do not.
fn distance(
    cloud: &Cloud,
    i: usize,
    count: usize,
    weight_within: f64,
    others: &mut Vec<[f64; 2]>,
) -> f64 {
    let x = cloud.point(i);
    others.clear();
    let all = (0..cloud.len()).filter(|&j| j != i);
    others.extend(all.map(|j| [squared_distance(x, cloud.point(j)), weight(cloud, j)]));
    let by_square = |a: &[f64; 2], b: &[f64; 2]| a[0].total_cmp(&b[0]);
    if cloud.weights().is_none() {
        return others.select_nth_unstable_by(count - 1, by_square).1[0].sqrt();
    }
    others.sort_unstable_by(by_square);
    let mut seen = 0.0;
    for other in others.iter() {
        seen += other[1];
        if seen >= weight_within * (1.0 - 1e-12) {
            return other[0].sqrt();
        }
    }
    others[others.len() - 1][0].sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_mean_over_all_points() {
        let cloud = |values: &[f64]| Cloud::new(1, values.to_vec(), Cloud::default_axes(1));
        // k = 2 of 0, 1, 3, 7: the second nearest are 3, 2, 3 and 6 away.
        let four = cloud(&[0.0, 1.0, 3.0, 7.0]);
        assert_eq!(neighbour_count(4.0), 2);
        let found = neighbour(&four, 1, &mut || true).expect("a distance");
        assert!((found.0 - 14.0 / 4.0).abs() < 1e-15 && found.1 == 4, "{found:?}");
        let equal = four.with_weights(vec![0.5; 4]);
        let found = neighbour(&equal, 1, &mut || true).expect("a distance");
        assert!((found.0 - 14.0 / 4.0).abs() < 1e-15, "{found:?}");
        assert!(neighbour(&cloud(&[1.0; 9]), 1, &mut || true).is_err());
    }
}
