//! How far sources are seen: from where on their terms are nothing beside the sum.
//!
//! ```text
//!   distance² in units of the exponent   0 ───── near ────────── far ──────▶
//!   always summed                        ███████████
//!   where the sum so far is low                     ███████████████
//!   too small for any sum                                          ········
//! ```
//!
//! A term at a squared distance t is |w|·2^(−t). All terms from t on are less than Σ|w|·2^(−t) together,
//! and so, with a t of log₂(Σ|w| / max|w|) + digits + spare, than 2^(−digits) of each value that is
//! above 2^(−spare)·max|w|. Where one of a block's targets is below that, the block is given the rest, as
//! far as its numbers hold a term at all.

use super::{kernel::Precision, near::Reach, vectors::SHIFT};
use crate::model::Cloud;

/// Binary digits of a value that what is out of reach leaves alone, in f32 and in f64: 10⁻⁸ and 10⁻¹⁵ of
/// it. Fewer show beside the rounding errors, more reach farther.
const DIGITS: [f64; 2] = [27.0, 50.0];
/// Digits by which a value may be below the largest weight and not be given the rest. With more, all
/// reach farther; with fewer, more blocks are summed in two parts.
const SPARE: i32 = 14;
/// The exponents from which on terms are zero: those of the kernel.
const LAST: [f64; 2] = [127.0, 1024.0];

/// Some of the sources, by their distance.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Shell {
    /// Those that always count.
    Near,
    /// Those beyond, up to where no term is left.
    Far,
    /// Both.
    All,
}

/// How far sources are seen.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Reaches {
    /// log₂(Σ|w| / max|w|); `None` where weights have both signs, whose sum may be low anywhere.
    weight: Option<f64>,
    /// The value, in units of the largest weight, from which on a target needs no more than [`Shell::Near`].
    pub enough: f64,
    /// Whether every source on its own gives its place that.
    pub is_even: bool,
}

impl Reaches {
    /// Those of some sources, whose largest |w| is `largest`.
    pub(in crate::engine) fn of(sources: &Cloud, largest: f64) -> Self {
        let enough = f64::from(-SPARE).exp2();
        let mut is_even = true;
        let all = match sources.weights() {
            None => sources.len() as f64,
            Some(weights) => {
                let has = |sign: fn(&f64) -> bool| weights.iter().any(sign);
                if has(|w| *w < 0.0) && has(|w| *w > 0.0) {
                    return Self { weight: None, enough, is_even: false };
                }
                is_even = weights.iter().all(|w| w.abs() >= enough * largest);
                weights.iter().map(|w| w.abs() / largest).sum()
            }
        };
        Self { weight: Some(all.log2()).filter(|bits| bits.is_finite()), enough, is_even }
    }

    /// Where a shell begins and ends for targets in that precision, in squares of scaled distances.
    pub(in crate::engine) fn of_shell(
        &self,
        precision: Precision,
        shifted: bool,
        shell: Shell,
    ) -> Reach {
        let [near, far] = self.ends(precision, shifted);
        match shell {
            Shell::Near => Reach { from: 0.0, to: near },
            Shell::Far => Reach { from: near, to: far },
            Shell::All => Reach { from: 0.0, to: far },
        }
    }

    /// Whether something is left for [`Shell::Far`].
    pub(super) fn has_far(&self, precision: Precision, shifted: bool) -> bool {
        let [near, far] = self.ends(precision, shifted);
        near < far
    }

    fn ends(&self, precision: Precision, shifted: bool) -> [f64; 2] {
        let numbers = usize::from(precision == Precision::Double);
        let far = LAST[numbers] + if shifted { f64::from(SHIFT) } else { 0.0 };
        let near = match self.weight {
            Some(weight) if !shifted => weight + DIGITS[numbers] + f64::from(SPARE),
            _ => far,
        };
        [near.min(far), far]
    }
}
