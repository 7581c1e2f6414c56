//! Log-sums over all pairs, in f64, without underflow.
//!
//! ```text
//! r²_j for all j, nearest = min_j r²_j
//! for each chain of σ:  e_j = exp(−(r²_j − nearest)/(2σ²))      once, for the largest σ
//!                       S += w_j·e_j;  e_j ← e_j²               for each smaller one
//! log S_i = log S − nearest/(2σ²)
//! ```
//!
//! The nearest source gives a term of 1, so the sum is neither 0 nor lost beside a point's own term,
//! which is never added: streaming log-sum-exp with the greatest exponent known beforehand.
//! Memory: m numbers a thread. Cost of a pair: 3d, an exponential for each chain (see
//! [`chains`](super::chains)), and a multiplication and an addition for each σ, in vectors.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the instructions"
)]

use rayon::prelude::*;

use super::{
    CriteriaError, Evaluation, LogSums,
    chains::{Chain, chains},
    sums::scale,
};
use crate::{
    engine::{Observer, Progress},
    model::Cloud,
};

/// All pairs, in f64, on all cores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exact;

/// Numbers that are added up in parallel: two AVX-512 vectors of f64. With one, latencies show.
pub(super) const LANES: usize = 16;
/// Sources whose exponentials are held at once: 4 KiB of f64, which stay in the first cache.
const BLOCK: usize = 512;
/// Pairs times number of σ between two checkpoints: a few milliseconds. More would delay
/// cancelling, fewer leave threads without work.
const WORK_PER_CHECK: usize = 40_000_000;
/// Share of the nearest source's term below which terms count as 0: the square of this is still a
/// normal f64.
const NOTHING: f64 = 1e-150;

impl LogSums for Exact {
    fn log_sums(
        &self,
        evaluation: &Evaluation<'_>,
        sigmas: &[f64],
        observer: &mut dyn Observer,
    ) -> Result<Vec<f64>, CriteriaError> {
        let Evaluation { targets, own, sources } = *evaluation;
        let plan = Plan { sources: &Arranged::new(sources), chains: &chains(sigmas), sigmas };
        let (n, count) = (targets.len(), sigmas.len());
        let mut sums = vec![0.0; n * count];
        if count == 0 {
            return Ok(sums);
        }
        let work = sources.len().saturating_mul(count + 8 * plan.chains.len()).max(1);
        let rows = (WORK_PER_CHECK / work).max(rayon::current_num_threads());
        for (k, part) in sums.chunks_mut(rows * count).enumerate() {
            if observer.checkpoint(Progress::BEGUN).is_break() {
                return Err(CriteriaError::Stopped);
            }
            part.par_chunks_mut(count).enumerate().for_each_init(
                Scratch::default,
                |scratch, row| {
                    let (within, out) = row;
                    let i = k * rows + within;
                    vectorised(
                        #[inline(always)]
                        || plan.row(targets.point(i), own.map(|own| own[i]), scratch, out),
                    );
                },
            );
        }
        Ok(sums)
    }
}

/// Runs `work` compiled for the best instructions that the processor has.
#[inline(always)]
pub(super) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        pulp::Arch::new().dispatch(work)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        work()
    }
}

/// Sources axis by axis, filled up to whole lanes with points that are infinitely far.
struct Arranged {
    axes: Vec<Vec<f64>>,
    weights: Option<Vec<f64>>,
    len: usize,
}

impl Arranged {
    fn new(sources: &Cloud) -> Self {
        let (len, dim) = (sources.len(), sources.dim());
        let padded = len.next_multiple_of(LANES);
        let axis = |axis: usize| {
            let mut values: Vec<f64> =
                sources.coordinates().iter().skip(axis).step_by(dim).copied().collect();
            values.resize(padded, f64::INFINITY);
            values
        };
        let weights = sources.weights().map(|weights| {
            let mut weights = weights.to_vec();
            weights.resize(padded, 0.0);
            weights
        });
        Self { axes: (0..dim).map(axis).collect(), weights, len }
    }
}

/// What a thread needs for a target.
#[derive(Default)]
struct Scratch {
    squared: Vec<f64>,
    terms: Vec<f64>,
}

struct Plan<'a> {
    sources: &'a Arranged,
    chains: &'a [Chain],
    sigmas: &'a [f64],
}

impl Plan<'_> {
    /// The log-sums of one target.
    #[inline(always)]
    fn row(&self, x: &[f64], own: Option<usize>, scratch: &mut Scratch, out: &mut [f64]) {
        let Scratch { squared, terms } = scratch;
        self.squared_distances(x, squared);
        if let Some(own) = own {
            squared[own] = f64::INFINITY;
        }
        let weights = self.sources.weights.as_deref();
        add_up(squared, weights, self.chains, self.sigmas, terms, out);
    }

    #[inline(always)]
    fn squared_distances(&self, x: &[f64], squared: &mut Vec<f64>) {
        let Arranged { axes, len, .. } = self.sources;
        squared.clear();
        squared.resize(len.next_multiple_of(LANES), 0.0);
        for (axis, &x) in axes.iter().zip(x) {
            for (squared, y) in squared.iter_mut().zip(axis) {
                let difference = x - y;
                *squared += difference * difference;
            }
        }
    }
}

/// The log-sums over sources at `squared` distances: whole lanes, filled up with ∞ and weights of 0.
#[inline(always)]
pub(super) fn add_up(
    squared: &[f64],
    weights: Option<&[f64]>,
    chains: &[Chain],
    sigmas: &[f64],
    terms: &mut Vec<f64>,
    out: &mut [f64],
) {
    let nearest = lowest(squared);
    out.fill(0.0);
    if nearest.is_infinite() {
        out.fill(f64::NEG_INFINITY);
        return;
    }
    for (k, squared) in squared.chunks(BLOCK).enumerate() {
        let weights = weights.map(|weights| &weights[k * BLOCK..][..squared.len()]);
        for chain in chains {
            exponentials(squared, nearest, chain.scale, terms);
            let mut squarings = 0;
            for &(level, column) in &chain.steps {
                while squarings < level {
                    square(terms);
                    squarings += 1;
                }
                let sum = match weights {
                    None => total(terms),
                    Some(weights) => weighted_total(terms, weights),
                };
                out[column] += sum;
                if sum == 0.0 {
                    // Squares of nothing are nothing.
                    break;
                }
            }
        }
    }
    for (sum, &sigma) in out.iter_mut().zip(sigmas) {
        *sum = sum.ln() - nearest * scale(sigma);
    }
}

#[inline(always)]
fn lowest(values: &[f64]) -> f64 {
    let mut lanes = [f64::INFINITY; LANES];
    for chunk in values.as_chunks::<LANES>().0 {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = if value < *lane { value } else { *lane };
        }
    }
    lanes.into_iter().fold(f64::INFINITY, f64::min)
}

#[inline(always)]
fn total(terms: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    for chunk in terms.as_chunks::<LANES>().0 {
        for (lane, term) in lanes.iter_mut().zip(chunk) {
            *lane += term;
        }
    }
    lanes.iter().sum()
}

#[inline(always)]
fn weighted_total(terms: &[f64], weights: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = terms.as_chunks::<LANES>().0.iter().zip(weights.as_chunks::<LANES>().0);
    for (terms, weights) in chunks {
        for ((lane, term), weight) in lanes.iter_mut().zip(terms).zip(weights) {
            *lane += term * weight;
        }
    }
    lanes.iter().sum()
}

#[inline(always)]
fn square(terms: &mut [f64]) {
    for term in terms.iter_mut() {
        let squared = *term * *term;
        *term = if squared < NOTHING { 0.0 } else { squared };
    }
}

/// exp(−(r² − nearest)·scale) for each r².
#[inline(always)]
fn exponentials(squared: &[f64], nearest: f64, scale: f64, terms: &mut Vec<f64>) {
    let factor = -scale * std::f64::consts::LOG2_E;
    terms.clear();
    terms.resize(squared.len(), 0.0);
    for (term, &squared) in terms.iter_mut().zip(squared) {
        *term = exp2((squared - nearest) * factor);
    }
}

/// 2^x for x ≤ 0, off by a few 10⁻¹⁶ of itself; 0 below [`NOTHING`], and for −∞.
///
/// The fraction's power is its Taylor series, up to a term of 2·10⁻¹⁷; the whole part goes straight
/// into the exponent's bits. Written without branches or calls, so that it runs in vectors.
#[inline(always)]
fn exp2(x: f64) -> f64 {
    /// Adding it leaves the whole part in the last bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// log₂ of [`NOTHING`], about.
    const LEAST: f64 = -498.0;
    // (ln 2)^k / k!
    const TERMS: [f64; 14] = {
        let mut terms = [1.0; 14];
        let mut k = 1;
        while k < 14 {
            terms[k] = terms[k - 1] * std::f64::consts::LN_2 / k as f64;
            k += 1;
        }
        terms
    };
    let clamped = if x > LEAST { x } else { LEAST };
    let shifted = clamped + ROUND;
    let fraction = clamped - (shifted - ROUND);
    let mut power = TERMS[13];
    let mut k = 13;
    while k > 0 {
        k -= 1;
        power = power * fraction + TERMS[k];
    }
    let whole = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0_f64.to_bits()));
    if x > LEAST { power * whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Unobserved, go_on_if};

    #[test]
    fn powers_of_two_are_those_of_the_library() {
        for k in 0..200_000 {
            let x = -f64::from(k) * 0.002_489_123;
            let wanted = x.exp2();
            assert!((exp2(x) / wanted - 1.0).abs() < 1e-15, "{x}: {} {wanted}", exp2(x));
        }
        assert!(exp2(0.0).to_bits() == 1.0_f64.to_bits());
        assert!(exp2(-500.0) == 0.0 && exp2(f64::NEG_INFINITY) == 0.0);
    }

    #[test]
    fn it_stops_when_told() {
        let cloud = Cloud::new(1, vec![0.0, 1.0], Cloud::default_axes(1));
        let evaluation = Evaluation { targets: &cloud, own: None, sources: &cloud };
        let stopped = Exact.log_sums(&evaluation, &[1.0], &mut |_: Progress| go_on_if(false));
        assert!(matches!(stopped, Err(CriteriaError::Stopped)));
    }

    #[test]
    fn a_far_target_has_the_logarithm_of_what_no_number_holds() {
        let sources = Cloud::new(1, vec![0.0, 3.0], Cloud::default_axes(1));
        let targets = Cloud::new(1, vec![1003.0, 0.0], Cloud::default_axes(1));
        let evaluation = Evaluation { targets: &targets, own: None, sources: &sources };
        let sums = Exact.log_sums(&evaluation, &[0.1, 100.0], &mut Unobserved).expect("sums");
        assert!((sums[0] + 5e7).abs() < 1e-6, "{sums:?}");
        let near = -50.0 + (1.0 + (-0.5 * (10.03_f64.powi(2) - 100.0)).exp()).ln();
        assert!((sums[1] - near).abs() < 1e-12, "{sums:?}");
        let own = Evaluation { own: Some(&[0, 0]), ..evaluation };
        let alone = Exact.log_sums(&own, &[1.0], &mut Unobserved).expect("sums");
        assert!((alone[1] + 4.5).abs() < 1e-12, "{alone:?}");
    }
}
