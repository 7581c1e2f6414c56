//! Reports how much a field by `fast` differed from the exact one that replaces it at the same σ.

use super::{Failure, PreparedProblem, Worker};
use crate::{
    engine::{EngineId, largest_error},
    gpu::Field,
    model::{Normalisation, Sigma},
    numbers::format_number,
    session::{Notice, NoticeKind},
};

/// A field by the engine `fast`, to be compared with an exact one.
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
            && stats.engine == EngineId::Fast
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
    /// Tells how far the fast field before this one of the same σ was from it, if this one is exact.
    pub(super) fn tell_deviation(
        &mut self,
        exact: &Field,
        engine: EngineId,
    ) -> Result<(), Failure> {
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        if engine == EngineId::Fast {
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
        let may_cancel = held.prepared.points.sources().has_negative_weights();
        let promise = if may_cancel { String::new() } else { format!("; promised were {bound}") };
        let text = format!(
            "The fast field was at most {error} from the exact one, in parts of f or of a thousandth \
             of its maximum{promise}"
        );
        self.shared.update(|inner| inner.notices.push(Notice { kind: NoticeKind::Done, text }));
        Ok(())
    }
}
