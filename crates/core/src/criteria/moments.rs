//! Weighted counts, spreads and quantiles that several rules share.

use std::borrow::Cow;

use super::CriteriaError;
use crate::{columns::fold_columns, model::Cloud};

/// The points with a weight above 0, their weights divided by the greatest; without any where all
/// are the same. A cloud without weights is handed back as it is, not copied.
///
/// # Errors
/// When a weight is negative or not finite, or they add up to no finite number.
pub(super) fn counting(cloud: &Cloud) -> Result<Cow<'_, Cloud>, CriteriaError> {
    let Some(weights) = cloud.weights() else { return Ok(Cow::Borrowed(cloud)) };
    let bad = |weight: &f64| !weight.is_finite() || *weight < 0.0;
    if let Some(index) = weights.iter().position(bad) {
        return Err(CriteriaError::BadWeight { index: index + 1, weight: weights[index] });
    }
    // A common factor changes no criterion but could overflow.
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let kept: Vec<usize> = (0..cloud.len()).filter(|&i| weights[i] / largest > 0.0).collect();
    let cloud = cloud.select(kept.iter().copied());
    let scaled: Vec<f64> = kept.iter().map(|&i| weights[i] / largest).collect();
    if scaled.iter().all(|weight| weight.to_bits() == 1.0_f64.to_bits()) {
        return Ok(Cow::Owned(cloud.without_weights()));
    }
    Ok(Cow::Owned(cloud.with_weights(scaled)))
}

/// The number of equal weights that would carry as much: (Σw)² / Σw² (Kish 1965, Survey Sampling).
pub(super) fn effective_count(cloud: &Cloud) -> f64 {
    match cloud.weights() {
        None => cloud.len() as f64,
        Some(weights) => cloud.total_weight().powi(2) / weights.iter().map(|w| w * w).sum::<f64>(),
    }
}

/// The weight of point `i`.
pub(super) fn weight(cloud: &Cloud, i: usize) -> f64 {
    cloud.weights().map_or(1.0, |weights| weights[i])
}

/// `Σ_i w_i · term(x_i, c)` for each axis and its entry c of `constants`.
fn axis_sums(cloud: &Cloud, constants: &[f64], term: impl Fn(f64, f64) -> f64 + Sync) -> Vec<f64> {
    let mut sums = vec![0.0; cloud.dim()];
    let Some(weights) = cloud.weights() else {
        let add = |sum: f64, x: f64, c: f64| sum + term(x, c);
        return fold_columns(cloud.coordinates(), &sums, constants, add, |a, b| a + b);
    };
    for (point, w) in cloud.coordinates().chunks_exact(cloud.dim()).zip(weights) {
        for ((sum, x), c) in sums.iter_mut().zip(point).zip(constants) {
            *sum += w * term(*x, *c);
        }
    }
    sums
}

/// The mean of each axis.
pub(super) fn means(cloud: &Cloud) -> Vec<f64> {
    let total = cloud.total_weight();
    // Relative to the first point, so that a cloud far from the origin keeps its digits.
    let first = cloud.point(0);
    let sums = axis_sums(cloud, first, |x, x0| x - x0);
    sums.iter().zip(first).map(|(sum, x0)| x0 + sum / total).collect()
}

/// The covariance of the axes, row by row, shape (d, d), with the bias taken out as for a sample:
/// divided by Σw − Σw²/Σw, which is n − 1 where all weights are 1.
pub(super) fn covariance(cloud: &Cloud) -> Vec<f64> {
    let (dim, means) = (cloud.dim(), means(cloud));
    let total = cloud.total_weight();
    let divisor = total - total / effective_count(cloud);
    let mut sums = vec![0.0; dim * dim];
    let mut moved = vec![0.0; dim];
    for i in 0..cloud.len() {
        let w = weight(cloud, i);
        for (moved, (x, mean)) in moved.iter_mut().zip(cloud.point(i).iter().zip(&means)) {
            *moved = x - mean;
        }
        for a in 0..dim {
            for b in 0..=a {
                sums[a * dim + b] += w * moved[a] * moved[b];
            }
        }
    }
    for a in 0..dim {
        for b in 0..=a {
            let value = sums[a * dim + b] / divisor;
            sums[a * dim + b] = value;
            sums[b * dim + a] = value;
        }
    }
    sums
}

/// The variance of each axis, as in [`covariance`].
pub(super) fn variances(cloud: &Cloud) -> Vec<f64> {
    let means = means(cloud);
    let total = cloud.total_weight();
    let divisor = total - total / effective_count(cloud);
    let sums = axis_sums(cloud, &means, |x, mean| (x - mean).powi(2));
    sums.iter().map(|sum| sum / divisor).collect()
}

/// The values of an axis in rising order, each with its weight.
pub(super) fn sorted_axis(cloud: &Cloud, axis: usize) -> Vec<[f64; 2]> {
    let mut values: Vec<[f64; 2]> =
        (0..cloud.len()).map(|i| [cloud.point(i)[axis], weight(cloud, i)]).collect();
    values.sort_by(|a, b| a[0].total_cmp(&b[0]));
    values
}

/// The distance between the quartiles of sorted values with their weights.
///
/// A value stands in the middle of its weight, and between two it goes in a straight line; with
/// equal weights that is the default of R and of `NumPy`.
pub(super) fn quartile_distance(sorted: &[[f64; 2]]) -> f64 {
    let total: f64 = sorted.iter().map(|value| value[1]).sum();
    let [first, last] = [sorted[0][1], sorted[sorted.len() - 1][1]];
    let span = total - 0.5 * (first + last);
    let at = |share: f64| {
        let wanted = share * span;
        let mut place = 0.0;
        for pair in sorted.windows(2) {
            let step = 0.5 * (pair[0][1] + pair[1][1]);
            if place + step >= wanted {
                return pair[0][0] + (wanted - place) / step * (pair[1][0] - pair[0][0]);
            }
            place += step;
        }
        sorted[sorted.len() - 1][0]
    };
    at(0.75) - at(0.25)
}

/// The spread of an axis that far points do not blow up: the standard deviation, or the distance
/// between the quartiles in units of a normal's if that is smaller and not 0.
pub(super) fn robust_spread(cloud: &Cloud, axis: usize) -> f64 {
    let deviation = variances(cloud)[axis].sqrt();
    let quartiles = quartile_distance(&sorted_axis(cloud, axis)) / 1.349;
    if quartiles > 0.0 { deviation.min(quartiles) } else { deviation }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f64]) -> Cloud {
        Cloud::new(1, values.to_vec(), Cloud::default_axes(1))
    }

    #[test]
    fn quartiles_are_those_of_r() {
        // R 4.2: IQR(c(1, 2, 4, 8, 16, 32)) is 11.5.
        let sorted = sorted_axis(&line(&[32.0, 1.0, 4.0, 2.0, 16.0, 8.0]), 0);
        assert!((quartile_distance(&sorted) - 11.5).abs() < 1e-12);
    }

    #[test]
    fn a_weight_stands_for_as_many_points() {
        let twice = line(&[0.0, 1.0, 1.0, 5.0]);
        let once = line(&[0.0, 1.0, 5.0]).with_weights(vec![1.0, 2.0, 1.0]);
        assert!((means(&twice)[0] - means(&once)[0]).abs() < 1e-12);
        assert!((effective_count(&once) - 16.0 / 6.0).abs() < 1e-12);
        // numpy 2: cov([0, 1, 5], aweights=[1, 2, 1]) is 5.9.
        assert!((covariance(&once)[0] - 5.9).abs() < 1e-12);
    }

    #[test]
    fn a_weight_of_no_density_is_refused() {
        let negative = line(&[0.0, 1.0]).with_weights(vec![1.0, -1.0]);
        let message = counting(&negative).expect_err("negative").to_string();
        assert!(message.contains("weight 2 is -1"), "{message}");
        let one_of_two = line(&[0.0, 1.0]).with_weights(vec![0.0, 7.0]);
        let some = counting(&one_of_two).expect("fine");
        assert!(some.len() == 1 && some.weights().is_none());
    }
}
