//! The fast engine in a session: points made ready once, then a step for each σ, on the processor or on
//! the device, whichever is done first.

use super::{
    Failure, PreparedProblem, Worker,
    summing::{Facts, GRACE},
};
use crate::{
    engine::{Accuracy, EngineError, FastChoice, FastPlace, FastPoints, largest_error},
    gpu::{FastOnDevice, Field, Gpu, GpuError},
    model::{Normalisation, Sigma},
    numbers::format_number,
    session::{Activity, Notice, NoticeKind, request::Relevance},
};

/// Points as the engine `fast` has made them ready, and what of them is on the device.
pub(super) struct FastHeld {
    points: FastPoints,
    /// `None` where the device could not hold it.
    on_device: Option<FastOnDevice>,
    /// Why.
    hindrance: Option<String>,
}

impl FastHeld {
    /// What the device should do of a step, if anything.
    fn choose(
        &mut self,
        gpu: &Gpu,
        sigma: Sigma,
        accuracy: Accuracy,
    ) -> Result<FastChoice, EngineError> {
        let forced = FastPlace::forced()?;
        let processor = |why| Ok(FastChoice { offer: None, why });
        if forced == Some(FastPlace::Processor) {
            return processor(FastPlace::asked_for());
        }
        if let Some(hindrance) = &self.hindrance {
            return processor(format!("not on the device, since {hindrance}"));
        }
        let has = |key| self.on_device.as_ref().is_some_and(|device| device.has(key));
        Ok(self.points.choose(sigma, accuracy, gpu.fast_device(), forced, &has))
    }
}

/// A field, and what is known of it.
struct Stepped {
    field: Field,
    error_bound: f64,
    how: String,
    on_device: bool,
}

impl Worker {
    /// The field by the engine `fast`, as a draft while the user drags something.
    ///
    /// A draft is not worth stopping for another σ: it is shown, and the next one begins.
    pub(super) fn sum_fast(&mut self, number: u64, facts: &mut Facts) -> Result<Field, Failure> {
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        let mut fast = if let Some(fast) = held.fast.take() {
            fast
        } else {
            let points = FastPoints::new(&held.prepared.points).map_err(failure)?;
            let hindrance = self.gpu.can_step().err().map(|err| err.to_string());
            Box::new(FastHeld { points, on_device: None, hindrance })
        };
        let draft = self.shared.drafts();
        facts.draft = draft;
        let stepped = self.step_fast(number, facts, &mut fast);
        self.held.as_mut().ok_or(Failure::Stopped)?.fast = Some(fast);
        let Stepped { field, error_bound, how, on_device } = stepped?;
        facts.error_bound = error_bound.max(f64::from(f32::EPSILON));
        facts.how = Some(how.into());
        facts.on_device = on_device;
        Ok(field)
    }

    fn step_fast(
        &mut self,
        number: u64,
        facts: &Facts,
        fast: &mut FastHeld,
    ) -> Result<Stepped, Failure> {
        let gpu = self.gpu.clone();
        let held = self.held()?;
        let (params, sigma) = (held.params.clone(), held.sigma());
        let scaled = held.scaled(held.prepared.points.m());
        let accuracy = if facts.draft { Accuracy::Draft } else { Accuracy::Full(params.tolerance) };
        let grace = if facts.draft { 2 * GRACE } else { GRACE };
        let slice_seconds = self.shared.slice_seconds();
        let mut told = 0.0;
        let mut keep_going = |fraction: f64| {
            self.serve_jobs(false);
            self.shared.rest_while_paused(number);
            if fraction > told + 0.1 && facts.started.elapsed() > GRACE {
                told = fraction;
                self.tell(number, Activity::Summing(fraction as f32));
            }
            match self.shared.relevance(number, &params) {
                Relevance::Requested => true,
                Relevance::Superseded(since) => since < grace,
                Relevance::Obsolete => false,
            }
        };
        let FastChoice { offer, mut why } = fast.choose(&gpu, sigma, accuracy).map_err(failure)?;
        if let Some(offer) = offer {
            let FastHeld { points, on_device, .. } = fast;
            let device = on_device.get_or_insert_with(|| FastOnDevice::new(&gpu, slice_seconds));
            device.aim(slice_seconds);
            let here = scaled.times(offer.weight_scale.recip());
            match device.step(&gpu, points, sigma, &offer, here, &mut keep_going) {
                Ok(None) => return Err(Failure::Stopped),
                Ok(Some(field)) => {
                    let range = field.range();
                    let highest = f64::from(range.max.abs().max(range.min.abs()));
                    let error_bound = offer.error_bound(highest / f64::from(here.by).abs());
                    let how = format!("On the device with {}: {why}", offer.name());
                    return Ok(Stepped { field, error_bound, how, on_device: true });
                }
                // What the device has no room for, the processor does from now on.
                Err(
                    err @ (GpuError::NoMemory { .. }
                    | GpuError::TooLarge { .. }
                    | GpuError::Shader { .. }),
                ) => {
                    fast.on_device = None;
                    why = format!("not on the device, since {err}");
                    fast.hindrance = Some(err.to_string());
                }
                Err(err) => return Err(err.into()),
            }
        }
        let field = fast.points.step(sigma, accuracy, &mut keep_going).map_err(failure)?;
        let by = f64::from(scaled.by);
        let values: Vec<f32> = field.values.iter().map(|f| (by * f) as f32).collect();
        Ok(Stepped {
            field: Field::from_values(&gpu, &values.into())?,
            error_bound: field.error_bound,
            how: format!("On the processor: {}; {why}", field.why),
            on_device: false,
        })
    }
}

/// A field by the engine `fast`, to be held against an exact one.
pub(super) struct Approximate {
    field: Field,
    sigma: Sigma,
    normalisation: Normalisation,
    bound: f64,
}

impl PreparedProblem {
    /// Keeps a fast field that is about to be replaced.
    pub(super) fn remember_approximate(&mut self) {
        let sigma = self.sigma();
        if let Some((field, stats)) = &self.field
            && stats.engine == "fast"
            && !stats.draft
        {
            self.approximate = Some(Approximate {
                field: field.clone(),
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
        let Some(approximate) = held.approximate.take() else { return Ok(()) };
        let Approximate { field, sigma, normalisation, bound } = approximate;
        if sigma != held.sigma() || normalisation != held.params.normalisation {
            return Ok(());
        }
        let wide = |values: &[f32]| values.iter().map(|&f| f64::from(f)).collect::<Vec<_>>();
        let exact = wide(&exact.read(&self.gpu)?);
        let found = wide(&field.read(&self.gpu)?);
        let magnitudes: Vec<f64> = exact.iter().map(|f| f.abs()).collect();
        let error = largest_error(&found, &exact, &magnitudes);
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
