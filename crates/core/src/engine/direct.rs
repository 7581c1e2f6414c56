//! The plan shared by the engines that sum every pair on the processor: they sum all sources at
//! once or, where the observer wants previews, part by part with a preview after each.

use std::{sync::Arc, time::Instant};

use super::{
    Engine, EngineError, Field, Limits, Observer, Pace, Partial, Place, Plan, Problem, Report,
    Request, Stretch, Values, plan::multiply,
};
use crate::{
    model::Points,
    scheduler::{Machine, pairs_per_second},
};

/// An engine that sums every pair of a problem in one go.
pub(super) trait DirectSum: Engine + Copy + Send + 'static {
    /// The sums, with arrays of no more than `memory` bytes.
    ///
    /// # Errors
    /// When it was stopped, or they would take more.
    fn sum_directly(
        &self,
        problem: &Problem<'_>,
        memory: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Result<Summed, EngineError>;
}

/// Sums, and how they were computed.
pub(super) struct Summed {
    /// Shape (n,), in the order of the targets.
    pub values: Vec<f64>,
    /// Whether some that count were computed in single precision.
    pub single: bool,
}

impl Summed {
    /// Sums all computed in f64.
    pub(super) fn in_double(values: Vec<f64>) -> Self {
        Self { values, single: false }
    }
}

/// The tolerance of engines that compute in f64, unless exponents are large.
pub(super) const IN_DOUBLE: f64 = 1e-12;

/// The largest error of sums in f64, of max(F, 10⁻³·max F) with `F = Σ_j |w_j|·exp(−t_j)`: the rounding
/// of exponents shows where these are large.
///
/// A term is off by (d + 5) roundings of t of itself. The mean of t over the terms of F, weighed by
/// them, is at most log(Σ|w| / F), for −u·log u is concave (Jensen), and only F from a thousandth of
/// the highest on counts.
pub(super) fn bound_in_double(points: &Points, values: &[f64]) -> f64 {
    let highest = values.iter().fold(f64::MIN_POSITIVE, |highest, f| highest.max(f.abs()));
    let sources = points.sources();
    let weight = match sources.weights() {
        None => sources.len() as f64,
        Some(weights) => weights.iter().map(|w| w.abs()).sum(),
    };
    // In logarithms: the ratio itself may be no number.
    let exponent = weight.max(f64::MIN_POSITIVE).ln() - highest.ln() + 1e3_f64.ln();
    let bound = (points.dim() + 5) as f64 * 0.5 * f64::EPSILON * exponent.max(0.0);
    IN_DOUBLE.max(bound)
}

/// The points, and how fast the engine has been on them.
struct DirectPlan<E> {
    engine: E,
    points: Arc<Points>,
    memory: Option<u64>,
    order: Option<Arc<[u32]>>,
    pace: Pace,
}

/// The plan of `engine`, which prepares nothing.
pub(super) fn plan<E: DirectSum>(
    engine: E,
    points: &Arc<Points>,
    limits: &Limits,
) -> Box<dyn Plan> {
    let rate = pairs_per_second(engine.id(), points.dim(), &Machine::here(None));
    Box::new(DirectPlan {
        engine,
        points: Arc::clone(points),
        memory: limits.memory,
        order: limits.order.clone(),
        pace: Pace::new(Pace::HEADLESS, rate),
    })
}

impl<E: DirectSum> DirectPlan<E> {
    /// How many of the `left` sources to sum next: so many that they are done halfway to the next
    /// preview, for the one after is then sure to be on time.
    fn count(&mut self, left: usize, observer: &mut dyn Observer) -> usize {
        let Some(due) = observer.preview_due() else { return left };
        self.pace.aim((due.as_secs_f64() / 2.0).max(Pace::WITH_WINDOW));
        let count = (self.pace.pairs() as usize / self.points.n()).max(1);
        // A short rest is not worth a preview.
        if count + count / 2 >= left { left } else { count }
    }

    /// `count` sources from index `done` on, with all targets.
    fn part(&self, done: usize, count: usize) -> Arc<Points> {
        if count == self.points.m() {
            return Arc::clone(&self.points);
        }
        let range = done..done + count;
        Arc::new(match &self.order {
            Some(order) => self.points.with_part(order[range].iter().map(|&j| j as usize)),
            None => self.points.with_part(range),
        })
    }
}

impl<E: DirectSum> Plan for DirectPlan<E> {
    fn execute(
        &mut self,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Field, EngineError> {
        let [n, m] = [self.points.n(), self.points.m()];
        let Request { sigma, chunk, factor, .. } = *request;
        let mut sums: Vec<f64> = Vec::new();
        let mut single = false;
        let mut done = 0;
        while done < m {
            let count = self.count(m - done, observer);
            let part = self.part(done, count);
            let problem = Problem { points: &part, sigma, chunk: chunk.min(m) };
            let began = Instant::now();
            let share = |count: usize| count as f64 / m as f64;
            let mut stretch = Stretch { observer, start: share(done), length: share(count) };
            let summed = self.engine.sum_directly(&problem, self.memory, &mut stretch)?;
            let values = summed.values;
            single |= summed.single;
            self.pace.learn(n as u64 * count as u64, began.elapsed().as_secs_f64());
            if sums.is_empty() {
                sums = values;
            } else {
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            done += count;
            if done < m {
                let factor = factor / share(done);
                let values = Values::Memory(sums.iter().map(|f| factor * f).collect());
                let partial = Partial { values, fraction: share(done) };
                if observer.preview(partial).is_break() {
                    return Err(EngineError::Stopped);
                }
            }
        }
        let error_bound =
            if single { self.engine.tolerance() } else { bound_in_double(&self.points, &sums) };
        multiply(&mut sums, factor);
        let report = Report {
            engine: self.engine.id(),
            place: Place::Processor,
            why: None,
            error_bound,
            device_seconds: None,
        };
        Ok(Field { values: Values::Memory(sums), report })
    }
}
