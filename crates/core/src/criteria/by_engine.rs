//! Log-sums by any [`Engine`]; where its f loses too many digits, they are computed again by
//! [`Exact`].
//!
//! ```text
//! f_i from the engine, for each σ ──▶ log(f_i − w_i)
//!        where f_i − w_i is less than half of f_i, or f_i small beside the largest f ──▶ Exact
//! ```
//!
//! Worth it where the engine is faster than [`Exact`] with all its σ at once: one that does not look
//! at every pair.

use std::sync::Arc;

use super::{CriteriaError, Evaluation, Exact, LogSums, moments::weight, sums::LEFT};
use crate::{
    engine::{Engine, Limits, Observer, Request, Stretch},
    model::{Chunk, Points, Sigma},
};

/// An engine, with the sums it is not exact enough for left to [`Exact`].
///
/// A log-sum is off by up to twice the engine's
/// [elementwise tolerance](Engine::elementwise_tolerance) or [tolerance](Engine::tolerance),
/// whichever is larger.
#[derive(Clone, Copy)]
pub struct ByEngine<'a> {
    /// What computes the field.
    pub engine: &'a dyn Engine,
    /// What its plans may use.
    pub limits: &'a Limits,
}

/// Share of the highest value below which an engine's tolerance is absolute: see
/// [`Engine::tolerance`].
const COUNTED: f64 = 1e-3;

impl LogSums for ByEngine<'_> {
    fn log_sums(
        &self,
        evaluation: &Evaluation<'_>,
        sigmas: &[f64],
        observer: &mut dyn Observer,
    ) -> Result<Vec<f64>, CriteriaError> {
        let Evaluation { targets, own, sources } = *evaluation;
        let points = Points::new(targets.clone(), sources.clone());
        let points = points.map_err(|err| CriteriaError::BadRequest(err.to_string()))?;
        let chunk = Chunk::Auto.resolve(points.m());
        let mut follow = Stretch { observer, start: 0.0, length: 0.0 };
        let mut plan = self.engine.plan(&Arc::new(points), self.limits, &mut follow)?;
        let (n, count) = (targets.len(), sigmas.len());
        let mut sums = vec![f64::NEG_INFINITY; n * count];
        for (column, &sigma) in sigmas.iter().enumerate() {
            // Beyond the limits of an engine only the exact sums are left.
            let field = match Sigma::new(sigma) {
                Ok(sigma) => {
                    let accuracy = self.engine.accuracy();
                    let request = Request { accuracy, chunk, ..Request::new(sigma) };
                    let mut follow = Stretch { observer, start: 0.0, length: 0.0 };
                    plan.execute(&request, &mut follow)?.values.read()?
                }
                Err(_) => vec![0.0; n],
            };
            let highest = field.iter().copied().fold(0.0, f64::max);
            let mut again = Vec::new();
            for (i, &f) in field.iter().enumerate() {
                let rest = f - own.map_or(0.0, |own| weight(sources, own[i]));
                if rest >= LEFT * f && f > COUNTED * highest {
                    sums[i * count + column] = rest.ln();
                } else {
                    again.push(i);
                }
            }
            let some = targets.select(again.iter().copied());
            let own: Option<Vec<usize>> = own.map(|own| again.iter().map(|&i| own[i]).collect());
            let evaluation = Evaluation { targets: &some, own: own.as_deref(), sources };
            let exact = Exact.log_sums(&evaluation, &[sigma], observer)?;
            for (&i, sum) in again.iter().zip(exact) {
                sums[i * count + column] = sum;
            }
        }
        Ok(sums)
    }
}
