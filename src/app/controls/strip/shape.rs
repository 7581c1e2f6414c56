//! Converts a criterion's values to heights in the strip.

use crate::criteria::{Curve, CurvePoint};

/// The part of a curve's values, from the best one down, that the strip's height shows; the others
/// leave it at the bottom. A larger part flattens the peak, a smaller one hides more of the curve.
const SHOWN: f64 = 0.45;

/// Turns values of one curve into heights: 1 at its best value, 0 at the worst of the [`SHOWN`]
/// part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heights {
    best: f64,
    span: f64,
    sign: f64,
}

impl Heights {
    /// Those of `curve`; `None` where it has no values.
    pub(super) fn of(curve: &Curve) -> Option<Self> {
        let best = curve.points.get(curve.best()?)?.value;
        let sign = if curve.criterion.prefers_high() { 1.0 } else { -1.0 };
        let mut losses: Vec<f64> =
            curve.points.iter().map(|point| sign * (best - point.value)).collect();
        losses.sort_by(f64::total_cmp);
        let span = losses[((losses.len() - 1) as f64 * SHOWN) as usize];
        Some(Self { best, span: if span > 0.0 { span } else { 1.0 }, sign })
    }

    /// The height of a value: up to 1, and far below 0 for bad ones.
    pub(super) fn height(&self, value: f64) -> f32 {
        (1.0 - self.sign * (self.best - value) / self.span) as f32
    }

    /// The heights one standard error below and above a value.
    pub(super) fn band(&self, point: &CurvePoint) -> [f32; 2] {
        let CurvePoint { value, standard_error, .. } = *point;
        let [a, b] = [value - standard_error, value + standard_error].map(|v| self.height(v));
        [a.min(b), a.max(b)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::criteria::Criterion;

    #[test]
    fn the_best_is_on_top_whichever_way_is_good() {
        for (criterion, sign) in [(Criterion::LeaveOneOut, 1.0), (Criterion::LeastSquares, -1.0)] {
            let point = |k: i32| CurvePoint {
                sigma: f64::from(k),
                value: -sign * f64::from((k - 4) * (k - 4)),
                standard_error: 0.5,
            };
            let curve = Curve {
                criterion,
                points: (1..=9).map(point).collect(),
                points_used: 5,
                points_total: 9,
                optimum: None,
                outlier: None,
            };
            let heights = Heights::of(&curve).expect("values");
            assert!((heights.height(curve.points[3].value) - 1.0).abs() < 1e-6);
            let below = curve.points.iter().filter(|p| heights.height(p.value) < -1e-6).count();
            assert!((3..=6).contains(&below), "{below} run out at the bottom");
            let [low, high] = heights.band(&curve.points[3]);
            assert!(low < 1.0 && high > 1.0);
        }
    }
}
