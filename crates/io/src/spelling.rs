//! Numbers that are not spelled as programs usually do: a minus sign of its own, exponents with D,
//! groups of three digits set apart by spaces or apostrophes, degrees, and sexagesimal angles.
//!
//! ```text
//!   −1.5   -0.381D+03   12 000,5   1'234.5   10.1°   13:42:11.6   13h42m11.6s   41°24′12.2″N
//! ```

use std::borrow::Cow;

/// The longest cell that is looked at.
const LONGEST: usize = 64;
/// What may set groups of three digits apart: a space, a no-break space, narrow ones, apostrophes.
const GROUP_MARKS: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '\u{2019}'];

/// A number in an unusual spelling.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unusual {
    /// The same number without group marks, degree sign and letters: digits, sign, marks, exponent.
    Plain {
        /// The usual spelling.
        text: String,
        /// Whether groups of digits were set apart.
        grouped: bool,
        /// Whether a degree sign stood behind it.
        degrees: bool,
    },
    /// An angle in degrees (or hours) and their sixtieths.
    Sexagesimal {
        /// In the unit of its first part.
        value: f64,
        /// What unit that is.
        unit: Unit,
    },
}

/// The unit of the first part of a sexagesimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Hours: there is an `h`.
    Hours,
    /// Degrees: there is a degree sign or a `d`.
    Degrees,
    /// Only colons or spaces: an angle or a time of day.
    Untold,
}

/// Reads a cell without spaces around it that is no usual number; `None` if it is none at all.
pub(super) fn unusual(cell: &[u8]) -> Option<Unusual> {
    // A digit, a sign, a point, or the first byte of a typographic minus: text is dismissed at once.
    if cell.len() > LONGEST || !matches!(cell.first()?, b'0'..=b'9' | b'+' | b'-' | b'.' | 0xe2) {
        return None;
    }
    let text = std::str::from_utf8(cell).ok()?;
    let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.trim_start();
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') {
        return None;
    }
    let is_exponential = matches!(with_exponent_e(text), Cow::Owned(_));
    if let Some((value, unit)) = sexagesimal(text).filter(|_| !is_exponential) {
        return Some(Unusual::Sexagesimal { value: if negative { -value } else { value }, unit });
    }
    let (text, degrees) = match text.strip_suffix(['°', 'º']) {
        Some(rest) => (rest.trim_end(), true),
        None => (text, false),
    };
    let text = with_exponent_e(text);
    let (text, grouped) = match without_groups(&text) {
        Some(joined) => (joined, true),
        None => (text.into_owned(), false),
    };
    let sign = if negative { "-" } else { "" };
    let is_plain =
        |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'e' | b'E' | b'+' | b'-');
    text.bytes().all(is_plain).then(|| Unusual::Plain {
        text: format!("{sign}{text}"),
        grouped,
        degrees,
    })
}

/// `1.5D+03` as `1.5e+03`, and a typographic minus in the exponent as a plain one.
fn with_exponent_e(text: &str) -> Cow<'_, str> {
    let Some(place) = text.find(['d', 'D', 'e', 'E']) else { return Cow::Borrowed(text) };
    let (body, exponent) = text.split_at(place);
    let exponent = exponent[1..].replace('\u{2212}', "-");
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(&exponent);
    let is_exponent = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if is_exponent { Cow::Owned(format!("{body}e{exponent}")) } else { Cow::Borrowed(text) }
}

/// The number without its group marks, if it has some, all the same, between one to three digits
/// and then threes.
fn without_groups(text: &str) -> Option<String> {
    let mark = text.chars().find(|c| GROUP_MARKS.contains(c))?;
    let end = text.find(['.', ',', 'e', 'E']).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    let all_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let fits = (1..=3).contains(&first.len())
        && all_digits(first)
        && groups.all(|group| group.len() == 3 && all_digits(group))
        && !rest.contains(GROUP_MARKS);
    fits.then(|| whole.replace(mark, "") + rest)
}

/// The value and the unit of an unsigned angle in whole parts and sixtieths: two or three parts.
fn sexagesimal(text: &str) -> Option<(f64, Unit)> {
    let (text, sign) = match text.strip_suffix(['N', 'E']) {
        Some(rest) => (rest.trim_end(), Some(1.0)),
        None => match text.strip_suffix(['S', 'W']) {
            Some(rest) => (rest.trim_end(), Some(-1.0)),
            None => (text, None),
        },
    };
    let is_unit = |c: char| "°ºdhmsd:'\"′″’”".contains(c) || c.is_whitespace();
    let unit = if text.contains('h') {
        Unit::Hours
    } else if text.contains(['°', 'º', 'd']) {
        Unit::Degrees
    } else {
        Unit::Untold
    };
    if sign.is_some() && unit != Unit::Degrees {
        return None;
    }
    let mut parts: Vec<(&str, String)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        if digits == 0 {
            return None;
        }
        let (number, behind) = rest.split_at(digits);
        let marks = behind.find(|c: char| !is_unit(c)).unwrap_or(behind.len());
        let (mark, behind) = behind.split_at(marks);
        parts.push((number, mark.split_whitespace().collect::<String>()));
        rest = behind;
    }
    let alone = parts.len() == 1;
    if alone && sign.is_none() || parts.len() > 3 || !in_order(&parts) {
        return None;
    }
    let mut value = 0.0;
    let last = parts.len() - 1;
    for (k, (number, _)) in parts.iter().enumerate() {
        let is_whole = number.bytes().all(|b| b.is_ascii_digit());
        let part: f64 = number.parse().ok()?;
        if (k < last && !is_whole) || (k > 0 && part >= 60.0) {
            return None;
        }
        value += part / 60_f64.powi(k as i32);
    }
    Some((value * sign.unwrap_or(1.0), unit))
}

/// Whether the marks behind the parts are those of one way of writing, in their order.
fn in_order(parts: &[(&str, String)]) -> bool {
    const WAYS: [[&[&str]; 3]; 4] = [
        [&["h"], &["m"], &["s", ""]],
        [&["d", "°", "º"], &["m", "'", "′", "’"], &["s", "\"", "″", "”", "''", "′′", ""]],
        [&[":"], &[":"], &[""]],
        [&[""], &[""], &[""]],
    ];
    let last = parts.len() - 1;
    // Three parts where only spaces are between: `12 30` is more often two numbers.
    let spaces_fit = |way: usize| way != 3 || parts.len() == 3;
    (0..WAYS.len()).any(|way| {
        spaces_fit(way)
            && parts.iter().enumerate().all(|(k, (_, mark))| {
                let ends = k == last && mark.is_empty();
                ends || WAYS[way][k].contains(&mark.as_str())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusual_spellings_are_brought_to_the_usual_one() {
        let cases = [
            ("−1.5", "-1.5", false, false),
            ("-0.381D+03", "-0.381e+03", false, false),
            ("1d5", "1e5", false, false),
            ("1.0e−5", "1.0e-5", false, false),
            ("12 000,5", "12000,5", true, false),
            ("-1\u{202f}234\u{202f}567", "-1234567", true, false),
            ("1\u{a0}234.5", "1234.5", true, false),
            ("1'234.5", "1234.5", true, false),
            ("10.1°", "10.1", false, true),
            ("-10,1 °", "-10,1", false, true),
        ];
        for (cell, expected, grouped, degrees) in cases {
            let plain = Unusual::Plain { text: expected.to_owned(), grouped, degrees };
            assert_eq!(unusual(cell.as_bytes()), Some(plain), "{cell}");
        }
    }

    #[test]
    fn angles_are_read_in_sixtieths() {
        let cases = [
            ("13:42:11.6", 13.0 + 42.0 / 60.0 + 11.6 / 3600.0, Unit::Untold),
            ("-00:30:00", -0.5, Unit::Untold),
            ("+12:30", 12.5, Unit::Untold),
            ("13h42m11.6s", 13.0 + 42.0 / 60.0 + 11.6 / 3600.0, Unit::Hours),
            ("13h 42m", 13.7, Unit::Hours),
            ("41°24'36\"", 41.41, Unit::Degrees),
            ("41°24′36″N", 41.41, Unit::Degrees),
            ("2° 10′ 26.5″ W", -(2.0 + 10.0 / 60.0 + 26.5 / 3600.0), Unit::Degrees),
            ("-12d30m00s", -12.5, Unit::Degrees),
            ("10.5°S", -10.5, Unit::Degrees),
            ("13 42 36", 13.71, Unit::Untold),
        ];
        for (cell, expected, unit) in cases {
            match unusual(cell.as_bytes()) {
                Some(Unusual::Sexagesimal { value, unit: found }) => {
                    assert!((value - expected).abs() < 1e-12 && found == unit, "{cell}: {value}");
                }
                other => panic!("{cell}: {other:?}"),
            }
        }
    }

    #[test]
    fn text_is_no_number() {
        for cell in [
            "2024-01-01",
            "12:60",
            "1:2:3:4",
            "12 30",
            "1 23",
            "12 0000",
            "1 234'567",
            "5 m",
            "5S",
            "12 Main",
            "1.5.2",
            "e5",
            "1e",
            "0x10",
            "12h",
            "north",
            "−",
            "3d",
            "1-2",
            "10%",
            "1/2",
            "12:30:15 PM",
        ] {
            let read = unusual(cell.as_bytes());
            let is_number = match read {
                None => false,
                // Who asks looks at the spelling once more.
                Some(Unusual::Plain { text, .. }) => text.parse::<f64>().is_ok(),
                Some(Unusual::Sexagesimal { .. }) => true,
            };
            assert!(!is_number, "{cell}");
        }
    }
}
