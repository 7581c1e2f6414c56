//! The engine `naive`: a double loop in f64 on one thread, slow but simple; tests measure the other
//! engines against it.
//!
//! ```text
//! for i in 0..n { for j in 0..m { f[i] += w_j · exp(−‖x_i − y_j‖² / (2σ²)) } }
//! ```
//!
//! Memory: f itself, 8·N bytes. Cost: N·M·(3d + one `exp`), about 4 ns a pair at d = 2. Tolerance: 10⁻¹², for
//! the running sum keeps its rounding error. Slow on purpose: nothing here needs to be believed.
//! Twin of `shaders/gauss_sum.wgsl`.

use std::sync::Arc;

use super::{
    Engine, EngineError, EngineId, Limits, Observer, Plan, Problem, Progress,
    compensated::Compensated,
    direct::{self, DirectSum, IN_DOUBLE, Summed},
};
use crate::model::Points;

/// The f64 double loop.
#[derive(Clone, Copy, Debug, Default)]
pub struct Naive;

impl Naive {
    /// Pairs summed between two checkpoints: a few milliseconds. More would delay cancelling, fewer
    /// would slow the sum.
    const PAIRS_PER_CHECKPOINT: usize = 1 << 20;
}

/// w·exp(−t), also where the power alone is too small for a normal number and the weight is large.
fn weighed(w: f64, exponent: f64) -> f64 {
    /// Below this the power loses digits.
    const SMALLEST: f64 = -700.0;
    if exponent < SMALLEST {
        let root = (0.5 * exponent).exp();
        return w * root * root;
    }
    w * exponent.exp()
}

impl Engine for Naive {
    fn id(&self) -> EngineId {
        EngineId::Naive
    }

    fn tolerance(&self) -> f64 {
        IN_DOUBLE
    }

    fn elementwise_tolerance(&self) -> f64 {
        1e-12
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        8 * problem.points.n() as u64
    }

    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        _observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError> {
        Ok(direct::plan(*self, points, limits))
    }
}

impl DirectSum for Naive {
    fn sum_directly(
        &self,
        problem: &Problem<'_>,
        _memory: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Result<Summed, EngineError> {
        let Problem { points, sigma, .. } = *problem;
        let (n, dim) = (points.n(), points.dim());
        let sources = points.sources().coordinates();
        let weights = points.sources().weights();
        let scale = -0.5 / sigma.get().powi(2);
        let sources_per_checkpoint = Self::PAIRS_PER_CHECKPOINT * dim;
        let mut pairs = 0;
        let mut field = vec![0.0; n];
        for (i, f) in field.iter_mut().enumerate() {
            let x = points.targets().point(i);
            let mut sum = Compensated::default();
            for (k, block) in sources.chunks(sources_per_checkpoint).enumerate() {
                let exponent = |y: &[f64]| {
                    let squared: f64 = x.iter().zip(y).map(|(a, b)| (a - b) * (a - b)).sum();
                    scale * squared
                };
                match weights {
                    None => block.chunks_exact(dim).for_each(|y| sum.add(exponent(y).exp())),
                    Some(weights) => {
                        let weights = &weights[k * Self::PAIRS_PER_CHECKPOINT..];
                        let terms = block.chunks_exact(dim).zip(weights);
                        terms.for_each(|(y, w)| sum.add(weighed(*w, exponent(y))));
                    }
                }
                pairs += block.len() / dim;
                if pairs >= Self::PAIRS_PER_CHECKPOINT {
                    pairs = 0;
                    if observer.checkpoint(Progress { fraction: i as f64 / n as f64 }).is_break() {
                        return Err(EngineError::Stopped);
                    }
                }
            }
            *f = sum.value();
        }
        Ok(Summed::in_double(field))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::{
        engine::Unobserved,
        model::{Cloud, Sigma},
    };

    fn points(targets: &[f64], sources: &[f64]) -> Points {
        let cloud = |c: &[f64]| Cloud::new(2, c.to_vec(), Cloud::default_axes(2));
        Points::new(cloud(targets), cloud(sources)).expect("near points")
    }

    #[test]
    fn two_points_a_sigma_apart_see_each_other_at_exp_minus_a_half() {
        let points = points(&[0.0, 0.0], &[0.3, 0.0, 0.0, 0.0]);
        let problem = Problem { points: &points, sigma: Sigma::new(0.3).expect("legal"), chunk: 1 };
        let f = Naive.sum(&problem, &mut Unobserved).expect("a sum");
        assert!((f[0] - ((-0.5_f64).exp() + 1.0)).abs() < 1e-15);
    }

    #[test]
    fn it_stops_when_told() {
        let many: Vec<f64> = (0..4000).map(f64::from).collect();
        let points = points(&many, &many);
        let problem = Problem { points: &points, sigma: Sigma::new(1.0).expect("legal"), chunk: 1 };
        let stopped = Naive.sum(&problem, &mut |_: Progress| ControlFlow::Break(()));
        assert!(matches!(stopped, Err(EngineError::Stopped)));
    }
}
