//! The colour scale: maps a value of f to a place on the colour bar, from 0 to 1.
//!
//! ```text
//! linear   t = (f − low) / (high − low)
//! log      t = ln(f / low) / ln(high / low)
//! ```
//!
//! Both are worked out in f64: a range of a few units in the last place of f32 still gives distinct
//! colours, and one from 1e−38 to 3e38 does not overflow.

use super::ticks::{Tick, linear_ticks, log_ticks};
use crate::model::Scaling;

/// A range of values and how they are spread over it: linearly or by their logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The way values are spread over the range.
    pub scaling: Scaling,
    /// The value of the first colour.
    pub low: f32,
    /// The value of the last colour.
    pub high: f32,
}

impl Scale {
    /// How far below the highest value a logarithmic scale reaches.
    pub const LOG_DEPTH: f32 = 1e-6;

    /// The range that shows values from `min` to `max`, the smallest positive one `min_positive`.
    ///
    /// Linear: all of them. Logarithmic: the positive ones within six decades of the highest.
    /// Where no value is usable (none finite, or none above 0 for a logarithm), a default range.
    pub fn automatic(scaling: Scaling, min: f32, min_positive: f32, max: f32) -> Self {
        match scaling {
            Scaling::Linear if min.is_finite() && max.is_finite() => {
                Self { scaling, low: min, high: max }
            }
            Scaling::Linear => Self { scaling, low: 0.0, high: 1.0 },
            Scaling::Log if max > 0.0 && max.is_finite() => {
                let floor = max * Self::LOG_DEPTH;
                let low = if min_positive > 0.0 { min_positive.max(floor) } else { floor };
                Self { scaling, low: low.min(max), high: max }
            }
            Scaling::Log => Self { scaling, low: Self::LOG_DEPTH, high: 1.0 },
        }
    }

    /// The place of `value` on the colour bar, 0 to 1; values outside the range get its ends.
    ///
    /// In a range whose ends are equal, every number is at 0.5; NaN is always at 0.
    pub fn normalise(&self, value: f32) -> f32 {
        if value.is_nan() {
            return 0.0;
        }
        let Some([low, high]) = self.ends() else { return 0.5 };
        let t = (self.forward(f64::from(value)) - low) / (high - low);
        t.clamp(0.0, 1.0) as f32
    }

    /// The value at place `t` of the colour bar: the inverse of [`Self::normalise`].
    pub fn value_at(&self, t: f32) -> f32 {
        let Some([low, high]) = self.ends() else { return self.low };
        let t = if t.is_nan() { 0.0 } else { f64::from(t).clamp(0.0, 1.0) };
        let value = low * (1.0 - t) + high * t;
        (match self.scaling {
            Scaling::Linear => value,
            Scaling::Log => value.exp(),
        }) as f32
    }

    /// Whether `value` is below the range or NaN: it is then drawn in
    /// [`below_range`](super::below_range).
    pub fn is_below(&self, value: f32) -> bool {
        value.is_nan() || value < self.lowest()
    }

    /// At most `max_count` round values on the range, with labels.
    pub fn ticks(&self, max_count: usize) -> Vec<Tick> {
        let (low, high) = (decimal(self.lowest()), decimal(self.high));
        match self.scaling {
            Scaling::Log if self.ends().is_some() => log_ticks(low, high, max_count),
            _ => linear_ticks(low, high, max_count),
        }
    }

    /// The low end; on a logarithmic scale a positive one, whatever was asked for.
    fn lowest(&self) -> f32 {
        if self.scaling == Scaling::Log && self.low <= 0.0 && self.high > 0.0 {
            self.high * Self::LOG_DEPTH
        } else {
            self.low
        }
    }

    fn forward(&self, value: f64) -> f64 {
        match self.scaling {
            Scaling::Linear => value,
            Scaling::Log => value.max(0.0).ln(),
        }
    }

    /// Both ends after the scaling; `None` unless they are finite and in order.
    fn ends(&self) -> Option<[f64; 2]> {
        let ends = [self.lowest(), self.high].map(|end| self.forward(f64::from(end)));
        (ends[0].is_finite() && ends[1].is_finite() && ends[0] < ends[1]).then_some(ends)
    }
}

/// The f64 with the same shortest decimal form as `value`: 0.1, not 0.10000000149, so that a round end
/// of the range gets a tick.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
#[expect(clippy::unwrap_used, reason = "a test may end here")]
mod tests {
    use super::*;

    fn scale(scaling: Scaling, low: f32, high: f32) -> Scale {
        Scale { scaling, low, high }
    }

    #[test]
    fn the_inverse_returns_to_the_value() {
        for scale in [
            scale(Scaling::Linear, -3.0, 7.0),
            scale(Scaling::Log, 1e-30, 1e8),
            scale(Scaling::Linear, f32::MIN, f32::MAX),
        ] {
            for k in 0..=10 {
                let t = k as f32 / 10.0;
                let back = scale.normalise(scale.value_at(t));
                assert!((back - t).abs() < 1e-5, "{scale:?} {t} {back}");
            }
        }
    }

    #[test]
    fn log_spreads_decades_evenly() {
        let scale = scale(Scaling::Log, 1e-4, 1.0);
        assert!((scale.normalise(1e-2) - 0.5).abs() < 1e-6);
        assert_eq!(scale.normalise(0.0), 0.0);
        assert_eq!(scale.normalise(-1.0), 0.0);
        assert_eq!(scale.normalise(f32::INFINITY), 1.0);
        assert!(scale.is_below(0.0) && !scale.is_below(1e-4));
    }

    #[test]
    fn odd_ranges_give_numbers_all_the_same() {
        let odd = [0.0, -0.0, 1.0, -1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-45];
        for scaling in [Scaling::Linear, Scaling::Log] {
            for low in odd {
                for high in odd {
                    let scale = scale(scaling, low, high);
                    for value in odd {
                        let t = scale.normalise(value);
                        assert!((0.0..=1.0).contains(&t), "{scale:?} {value} {t}");
                    }
                    assert!(scale.ticks(6).len() <= 6, "{scale:?}");
                    let _ = scale.value_at(0.5);
                }
            }
        }
        assert_eq!(scale(Scaling::Linear, 2.0, 2.0).normalise(2.0), 0.5);
        assert_eq!(scale(Scaling::Linear, 0.0, 1.0).normalise(f32::NAN), 0.0);
    }

    #[test]
    fn the_automatic_range_fits_the_values() {
        let linear = Scale::automatic(Scaling::Linear, 0.0, 0.1, 5.0);
        assert_eq!((linear.low, linear.high), (0.0, 5.0));
        let log = Scale::automatic(Scaling::Log, 0.0, 1e-30, 5.0);
        assert_eq!((log.low, log.high), (5.0 * 1e-6, 5.0));
        let narrow = Scale::automatic(Scaling::Log, 1.0, 1.0, 5.0);
        assert_eq!((narrow.low, narrow.high), (1.0, 5.0));
        for scaling in [Scaling::Linear, Scaling::Log] {
            let none = Scale::automatic(scaling, f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY);
            assert!(none.low < none.high);
        }
        let tiny = Scale::automatic(Scaling::Log, 0.0, 1e-45, 1e-42);
        assert!(tiny.low > 0.0 && tiny.low < tiny.high);
    }

    #[test]
    fn a_round_end_of_the_range_gets_its_tick() {
        let ticks = scale(Scaling::Linear, 0.1, 0.7).ticks(8);
        assert_eq!(ticks.first().unwrap().label, "0.1");
        assert_eq!(ticks.last().unwrap().label, "0.7");
    }
}
