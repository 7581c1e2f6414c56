//! The fast engine in a session: points made ready once, then a step for each σ.

use std::sync::Arc;

use super::{
    Failure, Held, Worker,
    summing::{Facts, GRACE},
};
use crate::{
    color::format_number,
    engine::{Accuracy, EngineError, FastPoints, largest_error},
    gpu::Field,
    model::{Normalisation, Sigma},
    session::{Activity, Notice, NoticeKind, shared::Standing},
};

impl Worker {
    /// The field by the engine `fast`, as a draft while the user drags something.
    ///
    /// A draft is not worth stopping for another σ: it is shown, and the next one begins.
    pub(super) fn sum_fast(&mut self, number: u64, facts: &mut Facts) -> Result<Field, Failure> {
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        let points = Arc::clone(&held.prepared.points);
        let (params, sigma) = (held.params.clone(), held.sigma());
        let mut fast = match held.fast.take() {
            Some(fast) => fast,
            None => Box::new(FastPoints::new(&points).map_err(failure)?),
        };
        let draft = self.shared.drafts();
        let accuracy = if draft { Accuracy::Draft } else { Accuracy::Full(params.tolerance) };
        facts.draft = draft;
        let grace = if draft { 2 * GRACE } else { GRACE };
        let mut told = 0.0;
        let stepped = fast.step(sigma, accuracy, &mut |fraction| {
            self.serve_jobs(false);
            self.shared.rest_while_paused(number);
            if fraction > told + 0.1 && facts.started.elapsed() > GRACE {
                told = fraction;
                self.tell(number, Activity::Summing(fraction as f32));
            }
            match self.shared.standing(&self.shared.lock(), number, &params) {
                Standing::Wanted => true,
                Standing::Superseded(since) => since < grace,
                Standing::Over => false,
            }
        });
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        held.fast = Some(fast);
        let field = stepped.map_err(failure)?;
        facts.error_bound = field.error_bound.max(f64::from(f32::EPSILON));
        let by = f64::from(held.scaled(points.m()).by);
        let values: Vec<f32> = field.values.iter().map(|f| (by * f) as f32).collect();
        Ok(Field::from_values(&self.gpu, &values.into())?)
    }
}

/// A field by the engine `fast`, to be held against an exact one.
pub(super) struct Approximate {
    values: Arc<[f32]>,
    sigma: Sigma,
    normalisation: Normalisation,
    bound: f64,
}

impl Held {
    /// Keeps the values of a fast field that is about to be replaced.
    pub(super) fn remember_approximate(&mut self) {
        let sigma = self.sigma();
        if let Some((field, stats)) = &self.field
            && stats.engine == "fast"
            && !stats.draft
            && let Some(values) = field.values()
        {
            self.approximate = Some(Approximate {
                values: Arc::clone(values),
                sigma,
                normalisation: self.params.normalisation,
                bound: stats.error_bound,
            });
        }
    }
}

impl Worker {
    /// Tells how far the fast field before this exact one of the same σ was from it.
    pub(super) fn tell_deviation(&mut self, exact: &Field, facts: &Facts) -> Result<(), Failure> {
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        if facts.engine == "fast" {
            return Ok(());
        }
        let Some(Approximate { values, sigma, normalisation, bound }) = held.approximate.take()
        else {
            return Ok(());
        };
        if sigma != held.sigma() || normalisation != held.params.normalisation {
            return Ok(());
        }
        let wide = |values: &[f32]| values.iter().map(|&f| f64::from(f)).collect::<Vec<_>>();
        let exact = wide(&exact.read(&self.gpu)?);
        let magnitudes: Vec<f64> = exact.iter().map(|f| f.abs()).collect();
        let error = largest_error(&wide(&values), &exact, &magnitudes);
        let [error, bound] = [error, bound].map(|error| format_number(error, 2));
        // Where weights cancel, the promise is one about what cancels.
        let promise = if held.signed { String::new() } else { format!("; promised were {bound}") };
        let text = format!(
            "The fast field was at most {error} from the exact one, in parts of f or of a thousandth \
             of its maximum{promise}"
        );
        self.shared.update(|inner| inner.notices.push(Notice { kind: NoticeKind::Done, text }));
        Ok(())
    }
}

fn failure(err: EngineError) -> Failure {
    match err {
        EngineError::Stopped => Failure::Stopped,
        err => Failure::failed(err.to_string()),
    }
}
