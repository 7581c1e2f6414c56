//! Round values along an axis or a colour bar, and their labels.
//!
//! A step is 1, 2 or 5 times a power of ten and is kept as those two integers, so that a tick is
//! the number nearest to what its label says: 3 steps of 0.1 are 0.3, not 0.30000000000000004.
//! All labels of one axis have the same number of decimals, and the same power of ten if any.

use sigmascope_core::numbers::{exponent_of, fixed, format_number, scientific};

/// A round value and what to write beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where it is.
    pub value: f64,
    /// What stands there: `0.25`, `12,000`, `1.5e−3`.
    pub label: String,
}

/// m·10^exponent with m in {1, 2, 5}.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    multiple: i64,
    exponent: i32,
}

impl Step {
    /// The power of ten at or just below `size`.
    fn near(size: f64) -> Self {
        Self { multiple: 1, exponent: exponent_of(size, 17) }
    }

    fn next(self) -> Self {
        let Self { multiple, exponent } = self;
        match multiple {
            1 => Self { multiple: 2, exponent },
            2 => Self { multiple: 5, exponent },
            _ => Self { multiple: 1, exponent: exponent + 1 },
        }
    }

    /// The f64 nearest to `count` steps.
    fn times(self, count: i64) -> f64 {
        decimal(count * self.multiple, self.exponent)
    }

    /// The numbers of steps from 0 to the first and to the last tick between `low` and `high`; `None`
    /// when neighbouring ticks are too close for f64 to distinguish.
    fn span(self, low: f64, high: f64) -> Option<[i64; 2]> {
        const TOLERANCE: f64 = 1e-6;
        const RESOLVED: f64 = 1e14;
        let size = self.times(1);
        let first = (low / size - TOLERANCE).ceil();
        let last = (high / size + TOLERANCE).floor();
        (first.abs() < RESOLVED && last.abs() < RESOLVED).then_some([first as i64, last as i64])
    }
}

/// At most `max_count` evenly spaced round values from `low` to `high`, in rising order.
///
/// Equal ends give that one value; ends that are not finite, or in the wrong order, give none.
pub fn linear_ticks(low: f64, high: f64, max_count: usize) -> Vec<Tick> {
    let single = || vec![Tick { value: low, label: format_number(low, 6) }];
    if max_count == 0 || !low.is_finite() || !high.is_finite() || low > high {
        return Vec::new();
    }
    if low >= high {
        return single();
    }
    // Halved first: the difference of two finite numbers may overflow.
    let rough = (high * 0.5 - low * 0.5) / (max_count as f64 * 0.5);
    let mut step = Step::near(rough);
    let [first, last] = loop {
        let Some([first, last]) = step.span(low, high) else { return single() };
        if last - first < max_count as i64 {
            break [first, last];
        }
        step = step.next();
    };
    let values: Vec<f64> = (first..=last).map(|count| step.times(count)).collect();
    let labels = linear_labels(&values, step);
    values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect()
}

fn linear_labels(values: &[f64], step: Step) -> Vec<String> {
    /// Digits a mantissa may have; with more, plain digits are easier to compare.
    const SHORT: i32 = 4;
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let exponent = exponent_of(largest, 17);
    let digits = (exponent - step.exponent).max(0);
    let plain = (-3..6).contains(&exponent) || ((6..15).contains(&exponent) && digits > SHORT);
    let label = |&value: &f64| {
        if value == 0.0 {
            "0".to_owned()
        } else if plain || largest == 0.0 {
            fixed(value, (-step.exponent).max(0) as usize)
        } else if digits > SHORT {
            scientific(value, digits as usize)
        } else {
            // One power of ten for the whole axis: 0.5e6, 1.0e6, 1.5e6.
            let mantissa = value / decimal(1, exponent);
            let power = scientific(decimal(1, exponent), 0);
            format!("{}{}", fixed(mantissa, digits as usize), power.trim_start_matches('1'))
        }
    };
    values.iter().map(label).collect()
}

/// At most `max_count` values from `low` to `high`, both positive, for a logarithmic scale.
///
/// Powers of ten, thinned evenly where there are many; over less than two decades also their
/// doubles and fives; over a small part of one decade, [`linear_ticks`].
pub fn log_ticks(low: f64, high: f64, max_count: usize) -> Vec<Tick> {
    const TOLERANCE: f64 = 1e-9;
    if low <= 0.0 || low >= high || !low.is_finite() || !high.is_finite() {
        return linear_ticks(low, high, max_count);
    }
    let inside = |value: f64| value >= low * (1.0 - TOLERANCE) && value <= high * (1.0 + TOLERANCE);
    let decades = (exponent_of(low, 17) - 1)..=(exponent_of(high, 17) + 1);
    let multiples_of = |multiples: &'static [i64]| -> Vec<(i64, i32)> {
        let all = decades.clone().flat_map(|k| multiples.iter().map(move |&m| (m, k)));
        all.filter(|&(m, k)| inside(decimal(m, k))).collect()
    };
    if high.log10() - low.log10() < 2.0 {
        let marks = multiples_of(&[1, 2, 5]);
        if marks.len() < 3 {
            return linear_ticks(low, high, max_count);
        }
        if marks.len() <= max_count {
            return log_labels(&marks);
        }
    }
    let powers = multiples_of(&[1]);
    let strides = [1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1000];
    let thinned = strides.iter().map(|&stride| -> Vec<_> {
        powers.iter().copied().filter(|&(_, k)| k.rem_euclid(stride) == 0).collect()
    });
    let mut fitting = thinned.filter(|marks| (1..=max_count).contains(&marks.len()));
    log_labels(&fitting.next().unwrap_or_default())
}

/// Ticks for an axis along which the logarithm to base 10 of what it shows runs from `low` to `high`: their
/// values are logarithms, their labels what these are of. At most `max_count`.
pub fn decade_ticks(low: f64, high: f64, max_count: usize) -> Vec<Tick> {
    let ends = [low, high].map(|end| 10_f64.powf(end));
    let ticks = log_ticks(ends[0], ends[1], max_count);
    if ticks.is_empty() || ends.iter().any(|end| !end.is_normal()) {
        return linear_ticks(low, high, max_count);
    }
    ticks.into_iter().map(|tick| Tick { value: tick.value.log10(), ..tick }).collect()
}

/// Zero and powers of ten of both signs from `low` to `high`, for a scale that is linear within `softness`
/// of zero and logarithmic beyond; where there are fewer than two, [`linear_ticks`], at most `max_count`.
pub fn asinh_ticks(low: f64, high: f64, softness: f64, max_count: usize) -> Vec<Tick> {
    if max_count == 0 || low >= high || !low.is_finite() || !high.is_finite() {
        return linear_ticks(low, high, max_count);
    }
    let far = low.abs().max(high.abs());
    let [least, most] = [softness, far].map(|size| exponent_of(size, 17));
    let powers = || (least..=most).map(|k| (1, k));
    let all = powers().rev().map(|(_, k)| (-1, k)).chain([(0, 0)]).chain(powers());
    let inside = |&(m, k): &(i64, i32)| (low..=high).contains(&decimal(m, k));
    let marks: Vec<(i64, i32)> = all.filter(inside).collect();
    if marks.len() < 2 {
        return linear_ticks(low, high, max_count);
    }
    log_labels(&marks)
}

fn log_labels(marks: &[(i64, i32)]) -> Vec<Tick> {
    let plain = marks.iter().all(|&(_, k)| (-3..=4).contains(&k));
    let tick = |&(multiple, k): &(i64, i32)| {
        let value = decimal(multiple, k);
        let label = match multiple {
            0 => "0".to_owned(),
            _ if plain => fixed(value, (-k).max(0) as usize),
            _ => scientific(value, 0),
        };
        Tick { value, label }
    };
    marks.iter().map(tick).collect()
}

/// The f64 nearest to `digits`·10^`exponent`.
fn decimal(digits: i64, exponent: i32) -> f64 {
    format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn steps_are_round_and_labels_have_just_enough_digits() {
        for (low, high, count, expected) in [
            (0.0, 1.0, 6, vec!["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (-3.2, 3.2, 7, vec!["−3", "−2", "−1", "0", "1", "2", "3"]),
            (0.0, 0.3, 4, vec!["0", "0.1", "0.2", "0.3"]),
            (0.0, 40_000.0, 5, vec!["0", "10,000", "20,000", "30,000", "40,000"]),
            (0.0, 2e6, 5, vec!["0", "0.5e6", "1.0e6", "1.5e6", "2.0e6"]),
            (0.0, 3e-5, 4, vec!["0", "1e−5", "2e−5", "3e−5"]),
            (-2.5e-3, 2.5e-3, 3, vec!["−0.002", "0", "0.002"]),
            (139.65, 139.85, 5, vec!["139.65", "139.70", "139.75", "139.80", "139.85"]),
        ] {
            let ticks = linear_ticks(low, high, count);
            assert_eq!(labels(&ticks), expected, "{low}..{high}");
        }
        assert_eq!(linear_ticks(0.0, 0.3, 4)[3].value.to_bits(), 0.3f64.to_bits());
    }

    #[test]
    fn labels_stay_distinct_far_from_the_origin() {
        for (low, high) in [
            (1e9, 1e9 + 1e-3),
            (-1e6 - 0.5, -1e6 + 0.5),
            (1e12, 1e12 + 3.0),
            (6.02e23, 6.020_01e23),
            (3.0e-9, 3.000_1e-9),
            (f64::MIN, f64::MAX),
            (0.0, 1e-310),
        ] {
            let ticks = linear_ticks(low, high, 6);
            assert!((2..=6).contains(&ticks.len()), "{low:e}..{high:e}: {ticks:?}");
            for pair in ticks.windows(2) {
                assert!(pair[0].value < pair[1].value);
                assert_ne!(pair[0].label, pair[1].label);
            }
        }
        assert_eq!(linear_ticks(1e9, 1e9 + 1e-3, 3)[1].label, "1,000,000,000.0005");
    }

    #[test]
    fn ranges_that_are_none_do_no_harm() {
        assert_eq!(labels(&linear_ticks(2.5, 2.5, 5)), ["2.5"]);
        assert_eq!(linear_ticks(1e16, 1e16 + 2.0, 5).len(), 1);
        assert!(linear_ticks(f64::NAN, 1.0, 5).is_empty());
        assert!(linear_ticks(0.0, f64::INFINITY, 5).is_empty());
        assert!(linear_ticks(1.0, 0.0, 5).is_empty());
        assert!(linear_ticks(0.0, 1.0, 0).is_empty());
        assert!(log_ticks(f64::NAN, 1.0, 5).is_empty());
        assert_eq!(log_ticks(-1.0, 1.0, 5).len(), 5);
    }

    #[test]
    fn decades_are_divided_thinned_and_never_repeated() {
        for (low, high, count, expected) in [
            (1e-3, 1.0, 8, vec!["0.001", "0.01", "0.1", "1"]),
            (0.1, 5.0, 8, vec!["0.1", "0.2", "0.5", "1", "2", "5"]),
            (1e-6, 1.0, 8, vec!["1e−6", "1e−5", "1e−4", "1e−3", "1e−2", "1e−1", "1e0"]),
            (1.0, 1.5, 6, vec!["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"]),
            (3e-9, 4e-8, 8, vec!["5e−9", "1e−8", "2e−8"]),
        ] {
            assert_eq!(labels(&log_ticks(low, high, count)), expected, "{low:e}..{high:e}");
        }
        for count in 1..12 {
            let ticks = log_ticks(1e-38, 1e8, count);
            assert!(ticks.len() <= count && !ticks.is_empty(), "{count}: {ticks:?}");
            assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
        }
        assert_eq!(labels(&log_ticks(1e-38, 1e8, 5)), ["1e−30", "1e−20", "1e−10", "1e0"]);
        assert_eq!(log_ticks(1e-38, 1e-3, 1).len(), 1);
    }

    #[test]
    fn ticks_of_logarithms_are_named_after_what_they_are_of() {
        let ticks = decade_ticks(-2.0, 1.0, 8);
        assert_eq!(labels(&ticks), ["0.01", "0.1", "1", "10"]);
        assert!((ticks[3].value - 1.0).abs() < 1e-12);
        assert_eq!(labels(&decade_ticks(0.0, 0.7, 8)), ["1", "2", "5"]);
        // Beyond what f64 holds the logarithms themselves are shown.
        assert_eq!(labels(&decade_ticks(0.0, 500.0, 3)).len(), 3);
    }

    #[test]
    fn there_are_never_more_than_asked_for() {
        for count in 1..20 {
            for k in 1..50 {
                let (low, high) = (-0.37 * f64::from(k), 1.91 * f64::from(k * k));
                let ticks = linear_ticks(low, high, count);
                assert!(ticks.len() <= count, "{low} {high} {count}");
                assert!(ticks.iter().all(|tick| tick.value >= low && tick.value <= high));
            }
        }
    }
}
