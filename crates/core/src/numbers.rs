//! Numbers as text, for ticks, status lines and titles.
//!
//! A negative number has a real minus sign (U+2212), groups of three digits are set apart by commas
//! from 10,000 on, and a power of ten is written `1.2e−7`.
//! Superscripts would look better, but the window's font has no superscript minus sign; an exported
//! figure sets the exponent properly (see its exporters).

/// The minus sign, which is as wide as a plus sign.
const MINUS: char = '\u{2212}';

/// Decimal exponents that [`format_number`] writes without a power of ten.
const PLAIN_EXPONENTS: std::ops::Range<i32> = -3..7;

/// `value` with about `significant` digits, for a reader: `12,345`, `0.0312`, `1.2e−7`.
///
/// Digits before the decimal point are never rounded away, and zeros at the end are left out.
pub fn format_number(value: f64, significant: usize) -> String {
    if let Some(word) = special(value) {
        return word;
    }
    let significant = significant.clamp(1, 17);
    let exponent = exponent_of(value, significant);
    let decimals = significant as i32 - 1;
    if PLAIN_EXPONENTS.contains(&exponent) {
        trim_zeros(fixed(value, (decimals - exponent).max(0) as usize))
    } else {
        let text = scientific(value, decimals as usize);
        match text.split_once('e') {
            Some((mantissa, power)) => format!("{}e{power}", trim_zeros(mantissa.to_owned())),
            None => text,
        }
    }
}

/// `value` with an SI prefix before `unit`: `4.3 Gpairs/s`, `2.1 ms`, `380 µs`.
///
/// One decimal below ten, none from ten on.
pub fn format_si(value: f64, unit: &str) -> String {
    const PREFIXES: [&str; 11] = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P"];
    /// Index of the empty prefix.
    const NONE: i32 = 5;
    if let Some(word) = special(value) {
        return format!("{word} {unit}");
    }
    // Two digits round 9.96 up to 10, three round 999.6 up to 1.0 k: look at the rounded number.
    let mut power = exponent_of(value, 3).div_euclid(3);
    power = power.clamp(-NONE, PREFIXES.len() as i32 - 1 - NONE);
    let scaled = |power: i32| value / 10f64.powi(3 * power);
    if scaled(power).abs() >= 999.5 && power < PREFIXES.len() as i32 - 1 - NONE {
        power += 1;
    }
    let number = scaled(power);
    let text = if number.abs() >= 9.95 { fixed(number, 0) } else { fixed(number, 1) };
    format!("{text} {}{unit}", PREFIXES[(power + NONE) as usize])
}

/// `value` with `decimals` digits after the point, a real minus sign and grouped thousands.
pub fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::with_capacity(digits.len() + 8);
    if value < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        text.push(MINUS);
    }
    for (k, digit) in whole.chars().enumerate() {
        if k > 0 && whole.len() > 4 && (whole.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

/// `value` as `1.50e−7`, with `decimals` digits after the point.
pub fn scientific(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$e}").replace('-', "\u{2212}")
}

/// The decimal exponent of `value` once rounded to `significant` digits; 0 for zero.
pub fn exponent_of(value: f64, significant: usize) -> i32 {
    let text = format!("{:.*e}", significant.saturating_sub(1), value);
    text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

fn special(value: f64) -> Option<String> {
    if value.is_nan() {
        Some("NaN".to_owned())
    } else if value.is_infinite() {
        Some(if value > 0.0 { "∞".to_owned() } else { format!("{MINUS}∞") })
    } else if value == 0.0 {
        Some("0".to_owned())
    } else {
        None
    }
}

fn trim_zeros(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_would_write_them() {
        for (value, significant, expected) in [
            (0.0, 3, "0"),
            (-0.0, 3, "0"),
            (1.0, 3, "1"),
            (12_345.0, 3, "12,345"),
            (1234.0, 3, "1234"),
            (1_234_567.8, 3, "1,234,568"),
            (0.031_2, 3, "0.0312"),
            (0.031_249, 2, "0.031"),
            (-2.5, 3, "−2.5"),
            (0.999_9, 2, "1"),
            (9.999e-4, 2, "0.001"),
            (1.2e-7, 3, "1.2e−7"),
            (-3.0e12, 4, "−3e12"),
            (f64::NAN, 3, "NaN"),
            (f64::NEG_INFINITY, 3, "−∞"),
            (5e-324, 2, "4.9e−324"),
        ] {
            assert_eq!(format_number(value, significant), expected, "{value:e}");
        }
    }

    #[test]
    fn prefixes_follow_the_rounded_number() {
        for (value, unit, expected) in [
            (4.3e9, "pairs/s", "4.3 Gpairs/s"),
            (0.002_1, "s", "2.1 ms"),
            (380e-6, "s", "380 µs"),
            (0.0, "s", "0 s"),
            (999.4, "B", "999 B"),
            (999.6, "B", "1.0 kB"),
            (999_999.0, "B", "1.0 MB"),
            (9.96, "s", "10 s"),
            (1e20, "s", "100,000 Ps"),
            (-0.5, "s", "−500 ms"),
            (f64::INFINITY, "pairs/s", "∞ pairs/s"),
        ] {
            assert_eq!(format_si(value, unit), expected, "{value:e}");
        }
    }

    #[test]
    fn a_number_that_rounds_to_nothing_has_no_sign() {
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(fixed(-0.006, 2), "−0.01");
        assert_eq!(fixed(-1_234_567.0, 0), "−1,234,567");
    }
}
