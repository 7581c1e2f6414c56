//! Median pairwise distance: the heuristic of kernel methods.
//!
//! ```text
//! σ = median of ‖y_i − y_j‖ over i < j, each pair with the weight w_i·w_j
//! ```
//!
//! (Gretton et al. 2012, J. Mach. Learn. Res. 13; studied by Garreau, Jitkrittum & Kanagawa 2017,
//! arXiv:1707.07269.) Meant for tests and classifiers, where the kernel should tell near pairs from
//! far ones; as the σ of a density it is far too wide.
//!
//! With more than [`MOST`] points, the median is that of the pairs among so many drawn at random: two
//! million pairs, which put it within about 2 % of that of all.

use super::{CriteriaError, Criterion, moments::weight, neighbour::squared_distance};
use crate::{model::Cloud, sampling::shuffled};

/// The most points of which all pairs are used, two million of them; of larger clouds this many are
/// drawn. More take time with the square of their number, fewer make the median less certain.
pub const MOST: usize = 2000;

/// σ by the median heuristic, and how many points it was taken from.
pub(super) fn median(cloud: &Cloud, seed: u64) -> Result<(f64, usize), CriteriaError> {
    let drawn: Vec<u32> = if cloud.len() > MOST {
        shuffled(cloud.len(), seed).into_iter().take(MOST).collect()
    } else {
        (0..cloud.len() as u32).collect()
    };
    let mut pairs: Vec<[f64; 2]> = Vec::with_capacity(drawn.len() * drawn.len() / 2);
    for (k, &i) in drawn.iter().enumerate() {
        let (x, own) = (cloud.point(i as usize), weight(cloud, i as usize));
        for &j in &drawn[..k] {
            let squared = squared_distance(x, cloud.point(j as usize));
            pairs.push([squared, own * weight(cloud, j as usize)]);
        }
    }
    let sigma = weighted_median(&mut pairs, cloud.weights().is_some());
    if sigma > 0.0 {
        return Ok((sigma, drawn.len()));
    }
    Err(CriteriaError::Degenerate {
        criterion: Criterion::Median.label(),
        why: "more than half of all pairs are of points that coincide; merge them into weights"
            .to_owned(),
    })
}

/// The median root of squares with weights; between two in the middle it is their mean.
fn weighted_median(pairs: &mut [[f64; 2]], weighted: bool) -> f64 {
    let by_square = |a: &[f64; 2], b: &[f64; 2]| a[0].total_cmp(&b[0]);
    let count = pairs.len();
    if !weighted {
        let (below, &mut [high, _], _) = pairs.select_nth_unstable_by(count / 2, by_square);
        if count % 2 == 1 {
            return high.sqrt();
        }
        let low = below.iter().map(|pair| pair[0]).fold(0.0, f64::max);
        return 0.5 * (low.sqrt() + high.sqrt());
    }
    pairs.sort_unstable_by(by_square);
    let half = 0.5 * pairs.iter().map(|pair| pair[1]).sum::<f64>();
    let mut seen = 0.0;
    for k in 0..count {
        seen += pairs[k][1];
        // Sums of weights are off in their last digits.
        if (seen - half).abs() <= 1e-12 * half && k + 1 < count {
            return 0.5 * (pairs[k][0].sqrt() + pairs[k + 1][0].sqrt());
        }
        if seen > half {
            return pairs[k][0].sqrt();
        }
    }
    pairs[count - 1][0].sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f64]) -> Cloud {
        Cloud::new(1, values.to_vec(), Cloud::default_axes(1))
    }

    #[test]
    fn it_is_the_middle_distance_and_between_two_their_mean() {
        // 1, 2, 3 are the distances of three points, 1, 2, 3, 4, 6, 7 those of four.
        let of = |values: &[f64]| median(&line(values), 1).expect("a median").0;
        assert!((of(&[0.0, 1.0, 3.0]) - 2.0).abs() < 1e-15);
        assert!((of(&[0.0, 1.0, 3.0, 7.0]) - 3.5).abs() < 1e-15);
        let weighted = line(&[0.0, 1.0, 3.0]).with_weights(vec![2.0, 1.0, 2.0]);
        // Weights 2, 2 and 4: half of all is below the gap between 2 and 3.
        assert!((median(&weighted, 1).expect("a median").0 - 2.5).abs() < 1e-15);
        assert!(median(&line(&[1.0, 1.0, 1.0, 1.0, 2.0]), 1).is_err());
    }
}
