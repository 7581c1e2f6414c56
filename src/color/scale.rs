//! The colour scale: maps a value to a place on the colour bar, from 0 to 1.
//!
//! ```text
//! t = (along(value) − along(low)) / (along(high) − along(low))
//!
//! linear     along(v) = v
//! log        along(v) = ln v
//! sqrt       along(v) = sign(v)·√|v|
//! asinh      along(v) = asinh(v / s), s a thousandth of the end farther from zero
//! equalised  along(v) = the part of all values that lies below v
//! ```
//!
//! All are worked out in f64: a range of a few units in the last place of f32 still gives distinct
//! colours, and one from 1e−38 to 3e38 does not overflow.

use super::{
    Quantiles,
    ticks::{Tick, asinh_ticks, linear_ticks, log_ticks},
};
use crate::model::{Scaling, ViewParams};

/// A range of values and how they are spread over it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// The way values are spread over the range.
    pub scaling: Scaling,
    /// The value of the first colour.
    pub low: f32,
    /// The value of the last colour.
    pub high: f32,
    /// The quantiles of all values, for an equalised scale; without them it is linear.
    pub quantiles: Option<Quantiles>,
    /// Whether ticks tell the part of all values that lies below, in percent, and not a value.
    pub ranks: bool,
}

impl Scale {
    /// How far below the highest value a logarithmic scale reaches.
    pub const LOG_DEPTH: f32 = 1e-6;
    /// The part of the range near zero in which the scale `asinh` is about linear.
    pub const ASINH_LINEAR: f32 = 1e-3;

    /// A scale from `low` to `high`; an equalised one gets its quantiles by [`Self::with_quantiles`].
    pub fn new(scaling: Scaling, low: f32, high: f32) -> Self {
        Self { scaling, low, high, quantiles: None, ranks: false }
    }

    /// The same along these quantiles, if it is an equalised one.
    #[must_use]
    pub fn with_quantiles(self, quantiles: Option<Quantiles>) -> Self {
        let quantiles = quantiles.filter(|_| self.scaling == Scaling::Equalised);
        Self { quantiles, ..self }
    }

    /// The range that shows values from `min` to `max`, the smallest positive one `min_positive`.
    ///
    /// Logarithmic: the positive ones within six decades of the highest; else all of them. Where no value
    /// is usable (none finite, or none above 0 for a logarithm), a default range.
    pub fn automatic(scaling: Scaling, min: f32, min_positive: f32, max: f32) -> Self {
        let [low, high] = match scaling {
            Scaling::Log if max > 0.0 && max.is_finite() => {
                let floor = max * Self::LOG_DEPTH;
                let low = if min_positive > 0.0 { min_positive.max(floor) } else { floor };
                [low.min(max), max]
            }
            Scaling::Log => [Self::LOG_DEPTH, 1.0],
            _ if min.is_finite() && max.is_finite() => [min, max],
            _ => [0.0, 1.0],
        };
        Self::new(scaling, low, high)
    }

    /// The scale that `view` asks for, spread by `scaling` over values from `min` to `max`, the smallest
    /// positive one `min_positive`; `quantiles` are theirs, where ranks or percentiles are asked for.
    pub fn of_view(
        view: &ViewParams,
        scaling: Scaling,
        [min, min_positive, max]: [f32; 3],
        quantiles: Option<Quantiles>,
    ) -> Self {
        let scale = match (view.clip, view.percentile, &quantiles) {
            (Some([low, high]), ..) if view.clip_is_legal() => Self::new(scaling, low, high),
            (_, Some(percentile), Some(quantiles)) => {
                let [low, high] = percentile.map(|p| quantiles.value(f64::from(p) / 100.0));
                Self::automatic(scaling, low, low.max(min_positive), high)
            }
            _ => Self::automatic(scaling, min, min_positive, max),
        };
        let scale = scale.with_quantiles(quantiles);
        let diverges = view.color_map.is_diverging() && view.clip.is_none();
        if diverges { scale.around_zero() } else { scale }
    }

    /// [`Self::automatic`] where there are no quantiles: an equalised scale is then a linear one.
    pub fn without_quantiles(scaling: Scaling, [min, min_positive, max]: [f32; 3]) -> Self {
        let is_equalised = scaling == Scaling::Equalised;
        let scaling = if is_equalised { Scaling::Linear } else { scaling };
        Self::automatic(scaling, min, min_positive, max)
    }

    /// The same range made as long on both sides of zero, for a colour map whose middle is zero; a
    /// logarithmic or an equalised one has no such middle.
    #[must_use]
    pub fn around_zero(self) -> Self {
        if matches!(self.scaling, Scaling::Log | Scaling::Equalised) || self.ranks {
            return self;
        }
        let far = self.low.abs().max(self.high.abs());
        Self { low: -far, high: far, ..self }
    }

    /// The place of `value` on the colour bar, 0 to 1; values outside the range get its ends.
    ///
    /// In a range whose ends are equal, every number is at 0.5; NaN is always at 0.
    pub fn normalise(&self, value: f32) -> f32 {
        self.placing()(value)
    }

    /// [`Self::normalise`] for many values.
    pub fn placing(&self) -> impl Fn(f32) -> f32 + use<'_> {
        let ends = self.ends();
        move |value| {
            if value.is_nan() {
                return 0.0;
            }
            let Some([low, high]) = ends else { return 0.5 };
            let t = (self.forward(f64::from(value)) - low) / (high - low);
            t.clamp(0.0, 1.0) as f32
        }
    }

    /// The value at place `t` of the colour bar: the inverse of [`Self::normalise`].
    pub fn value_at(&self, t: f32) -> f32 {
        let t = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) };
        self.value_beyond(t)
    }

    /// [`Self::value_at`] for a place that may lie beyond the ends at 0 and 1.
    pub fn value_beyond(&self, t: f32) -> f32 {
        let Some([low, high]) = self.ends() else { return self.low };
        let t = f64::from(t);
        let along = low * (1.0 - t) + high * t;
        match (self.scaling, &self.quantiles) {
            (Scaling::Log, _) => along.exp() as f32,
            (Scaling::Sqrt, _) => (along * along.abs()) as f32,
            (Scaling::Asinh, _) => (along.sinh() * self.softness()) as f32,
            (Scaling::Equalised, Some(quantiles)) => quantiles.value(along),
            (Scaling::Linear | Scaling::Equalised, _) => along as f32,
        }
    }

    /// Whether `value` is below the range or NaN: it is then drawn in
    /// [`below_range`](super::below_range).
    pub fn is_below(&self, value: f32) -> bool {
        value.is_nan() || value < self.lowest()
    }

    /// At most `max_count` round values on the range, with labels.
    pub fn ticks(&self, max_count: usize) -> Vec<Tick> {
        let (low, high) = (decimal(self.lowest()), decimal(self.high));
        if self.ranks {
            let quantiles = self.quantiles.as_ref();
            let percents = linear_ticks(0.0, 100.0, max_count);
            return percents
                .into_iter()
                .map(|Tick { value, label }| Tick {
                    value: quantiles.map_or(value, |q| f64::from(q.value(value / 100.0))),
                    label: format!("{label} %"),
                })
                .collect();
        }
        match self.scaling {
            _ if self.ends().is_none() => linear_ticks(low, high, max_count),
            Scaling::Log => log_ticks(low, high, max_count),
            Scaling::Asinh => {
                self.thinned(asinh_ticks(low, high, self.softness(), max_count), max_count)
            }
            Scaling::Sqrt => self.thinned(linear_ticks(low, high, max_count), max_count),
            Scaling::Equalised => self.even_ticks(max_count),
            Scaling::Linear => linear_ticks(low, high, max_count),
        }
    }

    /// The ticks that keep a distance from those before them.
    fn thinned(&self, ticks: Vec<Tick>, max_count: usize) -> Vec<Tick> {
        let gap = 0.8 / max_count.max(1) as f32;
        let mut last = f32::NEG_INFINITY;
        let keep = |tick: &Tick| {
            let place = self.normalise(tick.value as f32);
            let keeps = place - last >= gap;
            if keeps {
                last = place;
            }
            keeps
        };
        ticks.into_iter().filter(keep).take(max_count).collect()
    }

    /// Ticks at even distances on the bar, with the values that are there.
    fn even_ticks(&self, max_count: usize) -> Vec<Tick> {
        let count = max_count.clamp(2, 6);
        let values = (0..count).map(|k| self.value_at(k as f32 / (count - 1) as f32));
        let mut ticks: Vec<Tick> = values
            .map(|value| Tick {
                value: f64::from(value),
                label: sigmascope_core::numbers::format_number(f64::from(value), 3),
            })
            .collect();
        ticks.dedup_by(|a, b| a.label == b.label);
        ticks.truncate(max_count);
        ticks
    }

    /// The low end; on a logarithmic scale a positive one, whatever was asked for.
    fn lowest(&self) -> f32 {
        if self.scaling == Scaling::Log && self.low <= 0.0 && self.high > 0.0 {
            self.high * Self::LOG_DEPTH
        } else {
            self.low
        }
    }

    /// Where the scale `asinh` turns from linear to logarithmic.
    pub fn softness(&self) -> f64 {
        let far = f64::from(self.low).abs().max(f64::from(self.high).abs());
        (far * f64::from(Self::ASINH_LINEAR)).max(f64::from(f32::MIN_POSITIVE))
    }

    /// What is spread evenly over the colours.
    fn forward(&self, value: f64) -> f64 {
        match (self.scaling, &self.quantiles) {
            (Scaling::Log, _) => value.max(0.0).ln(),
            (Scaling::Sqrt, _) => value.signum() * value.abs().sqrt(),
            (Scaling::Asinh, _) => (value / self.softness()).asinh(),
            (Scaling::Equalised, Some(quantiles)) => quantiles.fraction(value),
            (Scaling::Linear | Scaling::Equalised, _) => value,
        }
    }

    /// Both ends after the scaling; `None` unless they are finite and in order.
    pub fn ends(&self) -> Option<[f64; 2]> {
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
        Scale::new(scaling, low, high)
    }

    #[test]
    fn the_inverse_returns_to_the_value() {
        for scale in [
            scale(Scaling::Linear, -3.0, 7.0),
            scale(Scaling::Log, 1e-30, 1e8),
            scale(Scaling::Linear, f32::MIN, f32::MAX),
            scale(Scaling::Sqrt, -3.0, 7.0),
            scale(Scaling::Sqrt, 0.0, f32::MAX),
            scale(Scaling::Asinh, -2.0, 700.0),
            scale(Scaling::Asinh, 0.0, 1e-30),
            scale(Scaling::Equalised, 1.0, 9.0).with_quantiles(Quantiles::of(&[1.0, 2.0, 9.0])),
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
        for &scaling in Scaling::ALL {
            for low in odd {
                for high in odd {
                    let scale = scale(scaling, low, high).with_quantiles(Quantiles::of(&odd));
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
    fn each_scale_spreads_values_its_way() {
        let sqrt = scale(Scaling::Sqrt, 0.0, 100.0);
        assert!((sqrt.normalise(25.0) - 0.5).abs() < 1e-6);
        let signed = scale(Scaling::Sqrt, -4.0, 4.0);
        assert!((signed.normalise(-1.0) - 0.25).abs() < 1e-6 && signed.normalise(0.0) == 0.5);
        // Even steps where values are far above a thousandth of the range.
        let asinh = scale(Scaling::Asinh, 0.0, 1.0);
        let steps = [1.0, 0.1, 0.01].map(|v| asinh.normalise(v));
        assert!(((steps[0] - steps[1]) - (steps[1] - steps[2])).abs() < 1e-2, "{steps:?}");
        let values: Vec<f32> = (0..1000).map(|k| (k as f32 / 100.0).exp()).collect();
        let even =
            scale(Scaling::Equalised, 1.0, 9.99_f32.exp()).with_quantiles(Quantiles::of(&values));
        assert!((even.normalise(values[250]) - 0.25).abs() < 1e-3);
        // A part of the range has its own part of the values.
        let part = Scale { low: values[500], ..even.clone() };
        assert!((part.normalise(values[750]) - 0.5).abs() < 2e-3);
        let ranks = Scale { ranks: true, ..even };
        let ticks = ranks.ticks(6);
        assert_eq!(ticks.last().unwrap().label, "100 %");
        assert!((ranks.normalise(ticks[1].value as f32) - 0.2).abs() < 1e-3, "{ticks:?}");
    }

    #[test]
    fn a_diverging_range_has_zero_in_the_middle() {
        let range = scale(Scaling::Linear, -1.0, 3.0).around_zero();
        assert_eq!((range.low, range.high, range.normalise(0.0)), (-3.0, 3.0, 0.5));
        let log = scale(Scaling::Log, 1.0, 3.0);
        assert_eq!(log.clone().around_zero(), log);
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
