//! Log-sums over near sources alone, for σ so small that all others contribute less than 10⁻⁷.
//!
//! ```text
//! r₀ = distance of the nearest other source;  R² = r₀² + 2σ²·log(Σw / (w₀·10⁻⁷))
//! log S_i = log Σ_{‖x_i − y_j‖ ≤ R} w_j·exp(−‖x_i − y_j‖²/(2σ²))
//! ```
//!
//! What is left out makes less than 10⁻⁷ of the nearest source's term. The reach is that of the largest
//! σ asked for; smaller ones share the sources found.

use super::{
    chains::Chain,
    exact::{LANES, add_up, vectorised},
    moments::weight,
    terms::Sample,
};
use crate::engine::{Found, Neighbours};

/// Largest share of the nearest source's term that all sources that are left out may make up. A
/// smaller share sums more sources, a larger one costs digits of the density.
const LEFT_OUT: f64 = 1e-7;

/// The chains of the σ from number `place` on, counted from there.
pub(super) fn chains_from(chains: &[Chain], place: usize) -> Vec<Chain> {
    let rest = |chain: &Chain| {
        let steps = chain.steps.iter().filter(|(_, column)| *column >= place);
        let &(first, _) = steps.clone().next()?;
        Some(Chain {
            scale: chain.scale * f64::from(first).exp2(),
            steps: steps.map(|(level, column)| (level - first, column - place)).collect(),
        })
    };
    chains.iter().filter_map(rest).collect()
}

/// Sums over the sources near a point.
pub(super) struct Near<'a> {
    pub sample: &'a Sample,
    pub neighbours: Neighbours<'a>,
}

/// What a thread needs for that.
#[derive(Default)]
pub(super) struct Scratch {
    found: Found,
    terms: Vec<f64>,
}

impl Near<'_> {
    /// The log-sums at one point for each of `sigmas`, the largest first, and how many sources were
    /// found; none where they are more than `most`.
    pub(super) fn sum(
        &self,
        row: usize,
        sigmas: &[f64],
        chains: &[Chain],
        most: usize,
        Scratch { found, terms }: &mut Scratch,
        out: &mut [f64],
    ) -> Option<usize> {
        let sources = self.sample.sources();
        let own = self.sample.own().map(|own| weight(sources, own[row]));
        let total = self.sample.total_weight();
        let reach = |squared: f64, weight: f64| {
            squared + 2.0 * sigmas[0] * sigmas[0] * (total / (weight * LEFT_OUT)).ln()
        };
        let x = self.sample.point(row);
        if !self.neighbours.find(x, own, most, &reach, found) {
            return None;
        }
        let Found { squared, weights } = found;
        let count = squared.len();
        squared.resize(count.next_multiple_of(LANES), f64::INFINITY);
        if sources.weights().is_some() {
            weights.resize(squared.len(), 0.0);
        }
        let weights = sources.weights().map(|_| &weights[..]);
        vectorised(
            #[inline(always)]
            || add_up(squared, weights, chains, sigmas, terms, out),
        );
        Some(count)
    }
}
