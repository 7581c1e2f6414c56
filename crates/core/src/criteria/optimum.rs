//! Finds the best σ of a curve, by parabolas between the σ that it was computed for.
//!
//! ```text
//! parabola through the best value and its neighbours, over log σ ──▶ three new σ around its vertex
//!        until neighbours are within 3 % of each other ──▶ the vertex of the last parabola
//! ```
//!
//! A parabola over log σ is off by about the cube of the distance between its points: 10⁻⁴ of σ.

use super::{CriteriaError, Curve};

/// Where a curve is best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimum {
    /// The best σ, within 0.5 % of that of the curve's exact minimum or maximum nearby.
    pub sigma: f64,
    /// The criterion's value there, or at a σ within 3 % of it.
    pub value: f64,
    /// Whether it is the first or the last σ that was tried, so that the best may lie beyond.
    pub at_edge: bool,
}

/// Gives the curve's value for each σ.
pub(super) type ValuesAt<'a> = &'a mut dyn FnMut(&[f64]) -> Result<Vec<f64>, CriteriaError>;

/// Distance in log σ of neighbours below which the vertex of their parabola is taken. A larger one
/// is less exact, a smaller one evaluates the curve more often.
const NEAR: f64 = 0.03;
/// The most rounds of evaluations; then the vertex of the last parabola is taken. More would hardly
/// improve it, as a parabola that fits needs few.
const MOST_ROUNDS: usize = 8;

/// Refines the optimum around value number `best` of `curve`, asking `values_at` for more values.
pub(super) fn refine(
    curve: &Curve,
    best: usize,
    values_at: ValuesAt<'_>,
) -> Result<Optimum, CriteriaError> {
    let points = &curve.points;
    if best == 0 || best + 1 == points.len() {
        let point = points[best];
        return Ok(Optimum { sigma: point.sigma, value: point.value, at_edge: true });
    }
    // Highest is best from here on.
    let sign = if curve.criterion.prefers_high() { 1.0 } else { -1.0 };
    let mut known: Vec<[f64; 2]> = points[best - 1..=best + 1]
        .iter()
        .map(|point| [point.sigma.ln(), sign * point.value])
        .collect();
    for round in 0.. {
        // The middle of the three highest neighbours; ends are never best, for they were not.
        let middle = (1..known.len() - 1)
            .max_by(|&a, &b| known[a][1].total_cmp(&known[b][1]))
            .expect("there are at least three");
        let three = [known[middle - 1], known[middle], known[middle + 1]];
        let vertex = vertex(three);
        let width = (three[2][0] - three[1][0]).max(three[1][0] - three[0][0]);
        if width <= NEAR || round == MOST_ROUNDS {
            let value = sign * three[1][1];
            return Ok(Optimum { sigma: vertex.exp(), value, at_edge: false });
        }
        let step = 0.2 * width;
        // Inside the bracket, and no two in one place.
        let low = three[0][0] + 0.25 * step;
        let high = three[2][0] - 0.25 * step;
        let center = vertex.clamp(low + step, high - step);
        let sigmas = [center - step, center, center + step].map(f64::exp);
        for (sigma, value) in sigmas.into_iter().zip(values_at(&sigmas)?) {
            let place = sigma.ln();
            let far = |other: &[f64; 2]| (other[0] - place).abs() > 1e-9;
            if value.is_finite() && known.iter().all(far) {
                known.push([place, sign * value]);
            }
        }
        known.sort_by(|a, b| a[0].total_cmp(&b[0]));
    }
    unreachable!("the last round returns")
}

/// Where the parabola through three points is highest; the middle one where it has no peak.
fn vertex([[x0, y0], [x1, y1], [x2, y2]]: [[f64; 2]; 3]) -> f64 {
    let (left, right) = ((y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1));
    let bend = (right - left) / (x2 - x0);
    // Slope 0 of the parabola in Newton's form.
    let place = 0.5 * (x0 + x1) - 0.5 * left / bend;
    if bend < 0.0 && place.is_finite() { place.clamp(x0, x2) } else { x1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::criteria::{Criterion, CurvePoint};

    fn curve(criterion: Criterion, sigmas: &[f64], value: impl Fn(f64) -> f64) -> Curve {
        let point = |&sigma: &f64| CurvePoint { sigma, value: value(sigma), standard_error: 0.0 };
        Curve {
            criterion,
            points: sigmas.iter().map(point).collect(),
            points_used: 1,
            points_total: 1,
            optimum: None,
            outlier: None,
        }
    }

    #[test]
    fn a_skewed_peak_is_found_from_near_and_far_neighbours() {
        // log-likelihood of far too small σ falls like σ⁻², of far too large ones like log σ.
        let value = |sigma: f64| -2.0 * sigma.ln() - 0.5 * (0.37 / sigma).powi(2);
        let exact = 0.37 / 2.0_f64.sqrt();
        for sigmas in [vec![0.25, 0.262, 0.3], vec![0.01, 0.2, 5.0], vec![0.1, 0.5, 0.8, 2.0]] {
            for sign in [1.0, -1.0] {
                let criterion =
                    if sign > 0.0 { Criterion::LeaveOneOut } else { Criterion::LeastSquares };
                let curve = curve(criterion, &sigmas, |sigma| sign * value(sigma));
                let best = curve.best().expect("values");
                let mut asked = 0;
                let found = refine(&curve, best, &mut |sigmas| {
                    asked += 1;
                    Ok(sigmas.iter().map(|&sigma| sign * value(sigma)).collect())
                });
                let found = found.expect("an optimum");
                assert!((found.sigma / exact - 1.0).abs() < 5e-3, "{sigmas:?}: {found:?} {exact}");
                assert!(asked <= MOST_ROUNDS && !found.at_edge);
            }
        }
    }

    #[test]
    fn the_first_and_the_last_are_at_the_edge() {
        for (sigmas, best) in [([1.0, 2.0, 3.0], 2), ([3.0, 4.0, 5.0], 0)] {
            let curve = curve(Criterion::LeaveOneOut, &sigmas, |s| -(s - 3.0).abs());
            assert_eq!(curve.best(), Some(best));
            let found = refine(&curve, best, &mut |_| Ok(vec![])).expect("an optimum");
            assert!(found.at_edge && (found.sigma - 3.0).abs() < 1e-15);
        }
    }
}
