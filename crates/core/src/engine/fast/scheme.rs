//! Schemes: pairs of a window width and a range of grid spacings, and those that keep a given
//! tolerance.

use super::{
    profile::{Profile, cut_off},
    window::Width,
};
use crate::model::Tolerance;

/// How exact a sum has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Accuracy {
    /// As good as an 8-bit colour shows, where f is not small: while σ is dragged.
    Draft,
    /// Within the tolerance.
    Full(Tolerance),
}

impl Default for Accuracy {
    /// Within the default tolerance.
    fn default() -> Self {
        Self::Full(Tolerance::DEFAULT)
    }
}

/// A window and the spacings that it is used with: σ/h in `least` … 2·`least`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scheme {
    pub width: Width,
    pub least: f64,
}

/// A scheme at one σ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spacing {
    pub width: Width,
    /// h = 2^level.
    pub level: i32,
    /// σ/h.
    pub s: f64,
    /// T: how far the taps reach.
    pub reach: usize,
}

/// Values below this share of the largest |weight| have an absolute error bound, not a relative one.
pub(super) const FLOOR: f64 = 0.01;
/// Bound on what rounding in f32 adds to the error of a grid over all its passes, in units of
/// `max(F_i, floor)`, where [`super`] defines both.
const SINGLE: f64 = 1.2e-6;
/// Bound on what rounding in f64 adds to the error of a grid, in units of `max(F_i, floor)`.
const DOUBLE: f64 = 1e-11;
/// Smallest tolerance that is kept in f32; smaller ones are computed in f64. The rounding bounds
/// for f32 must stay below it.
const SINGLE_TOLERANCE: f64 = 8e-6;
/// Bound on what f32 adds to the error of a sum over near pairs, in units of `max(F_i, floor)`.
const SINGLE_CELLS: f64 = 6e-6;
/// Bound on what f64 adds to the error of a sum over near pairs, in units of `max(F_i, floor)`.
pub(super) const DOUBLE_CELLS: f64 = 2e-11;
/// Share of the tolerance that far sources, which are left out, may make up. A larger share
/// shortens the reach only by a little, as it grows with the root of the logarithm, and leaves less
/// for the grid.
const FAR: f64 = 0.002;

impl Accuracy {
    /// The tolerance; a draft has the loosest.
    pub(super) fn tolerance(self) -> f64 {
        match self {
            Self::Draft => Tolerance::MAX,
            Self::Full(tolerance) => tolerance.get(),
        }
    }

    /// Whether f32 is not enough.
    pub(super) fn is_double(self) -> bool {
        self.tolerance() < SINGLE_TOLERANCE
    }

    /// The schemes that may keep it, the last one surely.
    pub(super) fn schemes(self) -> &'static [Scheme] {
        const fn of(width: Width, least: f64) -> Scheme {
            Scheme { width, least }
        }
        // Below σ/h = 2.5 taps are no longer all positive, so that errors are not relative to f any
        // more; above it grids are finer than they need be, and cost more.
        const DRAFT: [Scheme; 1] = [of(Width::Four, 2.5)];
        const SINGLE: [Scheme; 4] = [
            of(Width::Eight, 2.5),
            of(Width::Eight, 5.0),
            of(Width::Twelve, 2.5),
            of(Width::Twelve, 5.0),
        ];
        const DOUBLE: [Scheme; 2] = [of(Width::Sixteen, 2.5), of(Width::Sixteen, 4.0)];
        match self {
            Self::Draft => &DRAFT,
            Self::Full(_) if self.is_double() => &DOUBLE,
            Self::Full(_) => &SINGLE,
        }
    }

    /// κ for sources of total |w| `mass`, the largest of which is `weight`.
    pub(super) fn cut(self, mass: f64, weight: f64) -> f64 {
        cut_off(mass, FLOOR * weight * FAR * self.tolerance())
    }

    /// The error of a sum over cells within κσ, in units of max(Σ|w|K, floor).
    pub(super) fn cells_bound(self, cut: f64, mass: f64, floor: f64) -> f64 {
        let rounding = if self.is_double() { DOUBLE_CELLS } else { SINGLE_CELLS };
        rounding + left_out(cut, mass, floor)
    }
}

/// What sources of total |w| `mass` beyond κσ make at most, in units of max(Σ|w|K, floor).
pub(super) fn left_out(cut: f64, mass: f64, floor: f64) -> f64 {
    // Nothing that is left out is more than the whole.
    (mass / floor * (-0.5 * cut * cut).exp()).min(1.0)
}

impl Scheme {
    /// The spacing for σ.
    pub(super) fn at(self, sigma: f64, cut: f64) -> Spacing {
        let level = (sigma / self.least).log2().floor() as i32;
        let s = sigma * f64::from(-level).exp2();
        Spacing { width: self.width, level, s, reach: (cut * s).ceil() as usize }
    }
}

impl Spacing {
    /// h, a power of two.
    pub(super) fn h(&self) -> f64 {
        f64::from(self.level).exp2()
    }

    /// c₀ … c(T), and how far they are from the Gaussian.
    pub(super) fn taps(&self) -> (Vec<f64>, Profile) {
        let taps = self.width.taps(self.s, self.reach);
        let profile = Profile::of(self.width, &taps, self.s);
        (taps, profile)
    }

    /// What rounding adds to the error.
    pub(super) fn rounding(&self) -> f64 {
        if self.width == Width::Sixteen { DOUBLE } else { SINGLE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(scheme: Scheme, sigma: f64, accuracy: Accuracy, mass: f64, dim: usize) -> f64 {
        let spacing = scheme.at(sigma, accuracy.cut(mass, 1.0));
        let (_, profile) = spacing.taps();
        spacing.rounding() + profile.bound(dim, mass, FLOOR)
    }

    #[test]
    fn the_last_scheme_keeps_every_tolerance() {
        for tolerance in [1e-9, 1e-7, 7.9e-6, 8e-6, 1e-5, 1e-3] {
            let accuracy = Accuracy::Full(Tolerance::new(tolerance).expect("legal"));
            let scheme = *accuracy.schemes().last().expect("there are some");
            for sigma in [0.26, 0.3, 0.35, 0.42, 0.5] {
                for (mass, dim) in [(1.0, 1), (1e6, 2), (1e6, 3), (1e8, 3)] {
                    let bound = bound(scheme, sigma, accuracy, mass, dim);
                    assert!(bound <= tolerance, "{tolerance:e} {sigma} {mass:e}: {bound:e}");
                }
            }
        }
    }

    #[test]
    fn the_spacing_is_a_power_of_two_within_its_octave() {
        for scheme in Accuracy::Full(Tolerance::DEFAULT).schemes() {
            for sigma in [1e-12, 3e-5, 0.3, 0.3001, 7.0, 1e12] {
                let spacing = scheme.at(sigma, 8.0);
                assert!((scheme.least..2.0 * scheme.least).contains(&spacing.s), "{spacing:?}");
                assert!((spacing.s * spacing.h() / sigma - 1.0).abs() < 1e-15);
                assert!(spacing.reach as f64 >= 8.0 * spacing.s);
            }
        }
    }
}
