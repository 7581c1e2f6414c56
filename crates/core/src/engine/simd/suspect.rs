//! Looks for what rounding may have spoilt: some targets of f32, summed in f64 as well.

use super::{BLOCK, Block, FEW, Precision, Shell, Sum};
use crate::engine::{EngineError, Observer, Stretch, check::exact_sums, sample_targets};

/// Share of the highest value from which on errors are relative to the value itself.
const RELATIVE: f64 = 1e-3;
/// Targets for each that is summed in f64 as well: with more, errors may be missed; with fewer, it shows.
const SAMPLED: usize = 1024;
/// The same where sources lie alike.
const SAMPLED_ALIKE: usize = 16;
/// The fewest such targets, a vector of f64 of the widest kind: of fewer none is summed.
const LEAST_SAMPLED: usize = 8;
/// Sources that are looked at to see whether many lie alike.
const LOOKED_AT: usize = 32;
/// Pairs of them that lie in one place, from which on many do: as many as a hundred places make.
const ALIKE: usize = 5;
/// How near, in scaled coordinates, two sources have to lie for their terms to be rounded alike.
const ONE_PLACE: f64 = 1e-5;
/// The error of such a target from which on the whole field is summed in f64. A larger one lets errors near
/// the tolerance pass; clouds without many sources in few places show a third of this one.
const SUSPECT: f64 = 7e-7;

impl Sum<'_> {
    /// Whether some targets of f32, summed in f64 as well, are too far off.
    pub(super) fn is_suspect(
        &self,
        blocks: &[Block<'_>],
        field: &[f64],
        highest: f64,
        observer: &mut dyn Observer,
    ) -> Result<bool, EngineError> {
        let wanted = if self.lie_alike() {
            (field.len() / SAMPLED_ALIKE).max(2 * LEAST_SAMPLED)
        } else {
            field.len() / SAMPLED
        };
        let wanted = wanted / LEAST_SAMPLED * LEAST_SAMPLED;
        if wanted == 0 {
            return Ok(false);
        }
        let floor = RELATIVE * highest;
        let single = blocks.iter().filter(|block| block.precision != Precision::Double);
        let targets = single.flat_map(|block| block.targets).copied();
        let counted: Vec<u32> = targets.filter(|i| field[*i as usize].abs() >= floor).collect();
        if counted.is_empty() {
            return Ok(false);
        }
        let step = (counted.len() - 1) / wanted + 1;
        let sample: Vec<u32> = counted.iter().skip(step / 2).step_by(step).copied().collect();
        let blocks: Vec<Block<'_>> = sample.chunks(BLOCK).map(|b| self.block(b, true)).collect();
        // It is too short to be told as progress.
        let mut rest = Stretch { observer, start: 1.0, length: 0.0 };
        let exact = self.sums(&blocks, false, Shell::Near, &mut rest)?;
        let exact: Vec<f64> = exact.into_iter().flatten().collect();
        // Errors are shares of what is added up, whether or not it cancels.
        let magnitudes = if self.points.sources().has_negative_weights() {
            let targets: Vec<usize> = sample.iter().map(|i| *i as usize).collect();
            exact_sums(self.points, self.sigma, &targets, f64::abs)
        } else {
            exact.clone()
        };
        let keeps = |(i, (exact, magnitude)): (&u32, (&f64, &f64))| {
            let found = field[*i as usize];
            (found - exact).abs() <= SUSPECT * magnitude.abs().max(floor)
        };
        // What is no number keeps nothing.
        Ok(!sample.iter().zip(exact.iter().zip(&magnitudes)).all(keeps))
    }

    /// Whether a great many sources lie in few places, or few of them outweigh all others.
    fn lie_alike(&self) -> bool {
        let sources = self.points.sources();
        let outweighed = |weights: &[f64]| {
            let total: f64 = weights.iter().map(|w| w.abs() / self.largest).sum();
            total <= FEW as f64
        };
        if sources.weights().is_some_and(outweighed) {
            return true;
        }
        let drawn = sample_targets(sources.len(), 1, LOOKED_AT, 1);
        let near = |a: usize, b: usize| {
            let pairs = sources.point(a).iter().zip(sources.point(b));
            pairs.map(|(a, b)| (a - b).abs() * self.scale).fold(0.0, f64::max) <= ONE_PLACE
        };
        let pairs =
            drawn.iter().enumerate().flat_map(|(k, a)| drawn[..k].iter().map(move |b| (a, b)));
        pairs.filter(|(a, b)| near(**a, **b)).take(ALIKE).count() == ALIKE
    }
}
