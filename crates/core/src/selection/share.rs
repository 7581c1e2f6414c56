//! A part of all rows: so many, or so many percent.

use std::{cmp::Ordering, str::FromStr};

use crate::{escape::escaped, numbers::format_number};

/// So many rows, or so many percent of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// A number of rows.
    Rows(usize),
    /// Percent of all rows, above 0 and at most 100.
    Percent(f64),
}

impl Share {
    /// How many of `count` rows it is: at least one, and at most all.
    pub fn of(self, count: usize) -> usize {
        let rows = match self {
            Self::Rows(rows) => rows,
            Self::Percent(percent) => (count as f64 * percent / 100.0).round() as usize,
        };
        rows.max(1).min(count)
    }

    /// The places of the rows with the highest values, or the lowest if not `highest`, in their order. Of equal
    /// values earlier rows are taken first; NaN is never taken.
    pub fn extreme<T: Into<f64> + Copy>(self, values: &[T], highest: bool) -> Vec<usize> {
        let value = |i: usize| -> f64 { values[i].into() };
        // A smaller number for what is taken first.
        let rank = |value: f64| if highest { -value } else { value } + 0.0;
        let known = (0..values.len()).map(value).filter(|value| !value.is_nan());
        let mut ranks: Vec<f64> = known.map(rank).collect();
        let count = self.of(ranks.len());
        let Some(last) = count.checked_sub(1) else { return Vec::new() };
        let (before, last, _) = ranks.select_nth_unstable_by(last, f64::total_cmp);
        let last = *last;
        // Of those that are equal to the last one only so many.
        let mut equal = 1 + before.iter().filter(|rank| **rank >= last).count();
        let is_taken = |i: &usize| match rank(value(*i)).partial_cmp(&last) {
            Some(Ordering::Equal) if equal > 0 => {
                equal -= 1;
                true
            }
            order => order == Some(Ordering::Less),
        };
        (0..values.len()).filter(is_taken).collect()
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let written = text.trim();
        let wrong = || {
            format!(
                "found '{}': expected a number of rows from 1 on, as 30, or percent above 0 and up to 100, \
                 as 5%",
                escaped(text)
            )
        };
        if let Some(percent) = written.strip_suffix('%') {
            let percent: f64 = percent.trim_end().parse().map_err(|_| wrong())?;
            return if percent > 0.0 && percent <= 100.0 {
                Ok(Self::Percent(percent))
            } else {
                Err(wrong())
            };
        }
        match written.parse() {
            Ok(rows) if rows > 0 => Ok(Self::Rows(rows)),
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{}", format_number(*rows as f64, 12)),
            Self::Percent(percent) => write!(f, "{}%", format_number(*percent, 6)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extreme_rows_are_those_of_a_sort() {
        let values: Vec<f64> = (0..500).map(|k| f64::from(k * k % 41)).collect();
        for (share, count) in
            [(Share::Rows(30), 30), (Share::Percent(5.0), 25), (Share::Rows(900), 500)]
        {
            for highest in [false, true] {
                let mut order: Vec<usize> = (0..500).collect();
                let sign = if highest { -1.0 } else { 1.0 };
                order.sort_by(|a, b| (sign * values[*a]).total_cmp(&(sign * values[*b])));
                order.truncate(count);
                order.sort_unstable();
                assert_eq!(share.extreme(&values, highest), order, "{share}, {highest}");
            }
        }
        assert_eq!(Share::Rows(2).extreme(&[f64::NAN, 1.0, f64::NAN], true), [1]);
        assert!(Share::Rows(2).extreme::<f64>(&[], true).is_empty());
        assert_eq!(Share::Percent(0.01).of(100), 1);
    }

    #[test]
    fn rows_and_percent_are_told_apart() {
        assert_eq!(" 5 % ".parse(), Ok(Share::Percent(5.0)));
        assert_eq!("30".parse(), Ok(Share::Rows(30)));
        for bad in ["", "0", "-3", "0%", "101%", "nan%", "5.5", "five", "%"] {
            let err = bad.parse::<Share>().expect_err(bad);
            assert!(err.contains("expected a number of rows"), "{err}");
        }
    }
}
