//! Groups σ by powers of √2, so that one exponential serves a whole group (a chain) by repeated
//! squaring.
//!
//! ```text
//! exp(−r²/(2σ²)) squared is exp(−r²/(2(σ/√2)²)): from the largest σ of a chain down, each step is
//! one multiplication.
//! ```
//!
//! A [`ladder`] with 2p steps to a doubling of σ is p chains, however many rungs it has, and the
//! √2·σ that least-squares cross-validation needs besides each σ never costs an exponential.
//! A squaring doubles the relative error: after [`Chain::DEEPEST`] of them it is 10⁻⁹ at most.

use super::sums::scale;

/// σ that share one exponential.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    /// 1/(2σ²) of the largest σ.
    pub scale: f64,
    /// For each σ, largest first: how often to square, and which column of the result it is.
    pub steps: Vec<(u32, usize)>,
}

impl Chain {
    /// The most squarings from the first σ of a chain to its last. Each doubles the relative error,
    /// to 10⁻⁹ in the end; with fewer, more exponentials are computed.
    pub const DEEPEST: u32 = 22;
}

/// The chains that `sigmas` make, in any order.
pub(super) fn chains(sigmas: &[f64]) -> Vec<Chain> {
    // Largest relative deviation from a power of two of the ratio of scales in a chain: the
    // rounding of a ladder's steps, and of the exponents.
    const SAME: f64 = 1e-13;
    let mut order: Vec<usize> = (0..sigmas.len()).collect();
    order.sort_by(|&a, &b| sigmas[b].total_cmp(&sigmas[a]));
    let mut chains: Vec<Chain> = Vec::new();
    for column in order {
        let own = scale(sigmas[column]);
        let found = chains.iter_mut().find_map(|chain| {
            let power = (own / chain.scale).log2();
            let level = power.round();
            let fits = (own / (chain.scale * level.exp2()) - 1.0).abs() < SAME;
            (fits && (0.0..=f64::from(Chain::DEEPEST)).contains(&level))
                .then_some((chain, level as u32))
        });
        match found {
            Some((chain, level)) => chain.steps.push((level, column)),
            None => chains.push(Chain { scale: own, steps: vec![(0, column)] }),
        }
    }
    chains
}

/// Steps of a [`ladder`] to a doubling of σ: neighbours differ by 12 %, and there are three chains.
/// More steps resolve curves better and add chains, each of which takes exponentials of its own.
pub const STEPS_PER_DOUBLING: u32 = 6;

/// `count` values of σ, each 2^(1/[`STEPS_PER_DOUBLING`]) times the one before, around `middle` on a
/// logarithmic scale.
pub fn ladder(middle: f64, count: usize) -> Vec<f64> {
    let steps = f64::from(STEPS_PER_DOUBLING);
    let first = middle * (-0.5 * (count.max(1) - 1) as f64 / steps).exp2();
    rungs(first, count)
}

/// A ladder from `low` to `high`, both included; steps are no longer than those of [`ladder`], and
/// there are at least three rungs.
pub fn ladder_between(low: f64, high: f64) -> Vec<f64> {
    // The range seldom is a whole number of steps: the last one is shorter.
    let steps = f64::from(STEPS_PER_DOUBLING) * (high / low).log2();
    if steps < 8.0 {
        let step = (high / low).ln() / 8.0;
        let inner = (1..8).map(|k| low * (step * f64::from(k)).exp());
        return std::iter::once(low).chain(inner).chain([high]).collect();
    }
    let whole = (steps + 1e-9).floor();
    let mut sigmas = rungs(low, whole as usize + 1);
    if steps - whole > 0.05 {
        sigmas.push(high);
    } else if let Some(last) = sigmas.last_mut() {
        *last = high;
    }
    sigmas
}

fn rungs(first: f64, count: usize) -> Vec<f64> {
    let steps = STEPS_PER_DOUBLING as usize;
    // Whole doublings are exact, so that chains are.
    let part = |k: usize| {
        let half = if k % steps >= steps / 2 { std::f64::consts::SQRT_2 } else { 1.0 };
        ((k % (steps / 2)) as f64 / steps as f64).exp2() * half
    };
    (0..count).map(|k| first * part(k) * ((k / steps) as f64).exp2()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ladder_is_three_chains_with_and_without_what_least_squares_needs() {
        let mut sigmas = ladder(0.3, 64);
        assert!((sigmas[63] / sigmas[0] - (63.0_f64 / 6.0).exp2()).abs() < 1e-9);
        assert!(sigmas.windows(2).all(|p| (p[1] / p[0] - (1.0_f64 / 6.0).exp2()).abs() < 1e-12));
        assert_eq!(chains(&sigmas).len(), 3);
        sigmas.extend(ladder(0.3, 64).iter().map(|sigma| sigma * std::f64::consts::SQRT_2));
        let chains = chains(&sigmas);
        assert_eq!(chains.len(), 3);
        assert_eq!(chains.iter().map(|chain| chain.steps.len()).sum::<usize>(), 128);
    }

    #[test]
    fn each_sigma_is_where_its_chain_says() {
        let sigmas = [0.3, 7.0, 0.3 * std::f64::consts::SQRT_2, 1e-9, 0.6, 7.0];
        let mut seen = vec![0; sigmas.len()];
        for chain in chains(&sigmas) {
            for (level, column) in chain.steps {
                seen[column] += 1;
                let found = chain.scale * f64::from(level).exp2();
                assert!((found / scale(sigmas[column]) - 1.0).abs() < 1e-12);
            }
        }
        assert_eq!(seen, [1; 6]);
    }

    #[test]
    fn a_range_is_kept_at_both_ends() {
        for (low, high) in [(0.1, 10.0), (0.1, 0.100_1), (1.0, 1024.0), (0.5, 0.9)] {
            let sigmas = ladder_between(low, high);
            assert!(sigmas.len() >= 3 && sigmas.is_sorted_by(|a, b| a < b), "{sigmas:?}");
            let ends = [sigmas[0] / low, sigmas[sigmas.len() - 1] / high];
            assert!(ends.iter().all(|end| (end - 1.0).abs() < 1e-15), "{sigmas:?}");
        }
    }
}
