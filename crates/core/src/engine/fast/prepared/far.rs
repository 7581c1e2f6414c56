//! Sums fields so low that sources beyond κσ count once more, over cells, in f64: from farther each time,
//! until the error bound is within the tolerance or f64 underflows.

use std::sync::atomic::Ordering;

use super::{FLOOR, FastField, Method, PreparedPoints, Way};
use crate::{
    engine::{
        EngineError, Observer,
        fast::{kd_tree, scheme::DOUBLE_CELLS},
        simd::{SHIFTED, weight_scales},
    },
    numbers::format_number,
};

/// The bound above which a field is not what was asked for, unless that was less.
pub(in crate::engine::fast) const TELLING: f64 = 1e-4;
/// How far is looked, in σ; beyond the last a term is zero in f64.
const CUTS: [f64; 3] = [10.0, 20.0, 38.7];
/// The most pairs that are summed for that.
const MOST_PAIRS: f64 = 1e10;

impl<const D: usize> PreparedPoints<D> {
    /// The field at σ by all sources that f64 can see, as far as that takes few enough pairs; `None`
    /// where it never does.
    pub(super) fn looked_farther(
        &mut self,
        sigma: f64,
        observer: &mut dyn Observer,
    ) -> Result<Option<FastField>, EngineError> {
        let [n, m] = self.size();
        // In the units of the weights themselves, which f64 holds side by side.
        let largest = self.weights.largest / self.weights.scale;
        let [_, unit] = weight_scales(largest);
        let mass = self.weights.mass.ln() - self.weights.scale.ln();
        let mut best = None;
        for (step, cut) in CUTS.into_iter().enumerate() {
            let pairs = self.pair_distances.pairs([n, m], kd_tree::BLOCK, cut * sigma);
            if pairs > MOST_PAIRS {
                break;
            }
            // Terms so small that f64 holds them only multiplied.
            let shifted = step + 1 == CUTS.len();
            let way = Way { seconds: pairs * 1e-9, grid: None };
            self.sum_cells_with(sigma, [cut, unit], [true, shifted], way.seconds, observer)?;
            let back = unit.recip();
            let down = if shifted { SHIFTED.recip() } else { 1.0 };
            let values: Vec<f64> = self
                .field
                .iter()
                .map(|bits| f64::from_bits(bits.load(Ordering::Relaxed)) * back * down)
                .collect();
            if values.iter().any(|f| !f.is_finite()) {
                break;
            }
            let highest = values.iter().fold(0.0_f64, |highest, f| highest.max(f.abs()));
            let floor = (FLOOR * largest).min(1e-3 * highest).max(f64::MIN_POSITIVE);
            // Nothing that is left out is more than the whole.
            let left_out = (mass - floor.ln() - 0.5 * cut * cut).exp().min(1.0);
            let why = format!(
                "f is so low that sources up to {} σ away count; cells find them",
                format_number(cut, 3)
            );
            let error_bound = DOUBLE_CELLS + left_out;
            best = Some(FastField { values, error_bound, method: Method::Cells, why });
            if error_bound <= 1e-9 {
                break;
            }
        }
        Ok(best)
    }
}
