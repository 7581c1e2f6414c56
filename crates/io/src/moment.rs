//! Moments as text and back: microseconds since 1970 in the form of ISO 8601, such as
//! `2024-02-29T12:30:00Z`.

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Seconds in a day.
const DAY: i64 = 86_400;
/// Days in 400 years of the Gregorian calendar, after which it repeats.
const CYCLE: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A moment in UTC, from microseconds since 1970-01-01 00:00; a fraction only where there is one.
pub(super) fn iso(micros: i64) -> String {
    let (seconds, fraction) = (micros.div_euclid(SECOND), micros.rem_euclid(SECOND));
    let (days, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    // Years of more than four digits need a sign.
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{year:+05}"),
    };
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Year, month and day of a day that is counted from 1970-01-01.
///
/// Years are counted from 1 March, so that the day of a leap year is their last.
fn date(days: i64) -> (i64, i64, i64) {
    let day = days + EPOCH;
    let (cycle, day) = (day.div_euclid(CYCLE), day.rem_euclid(CYCLE));
    // Leap days before this one: every 4 years, not every 100, but the last of a cycle.
    let year = (day - day / 1460 + day / 36_524 - day / (CYCLE - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // From March on, five months have 153 days, in the same order again and again.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (cycle * 400 + year, month, day)
}

/// Microseconds since 1970-01-01 00:00 UTC; a moment that says no zone is taken as UTC. `None` where a text
/// is no moment.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (date, time) = match rest.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let mut parts = date.split('-');
    let mut part = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next()?;
        let is_number = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| part.parse::<i64>().ok())?
    };
    let (year, month, day) = (sign * part(4..=6)?, part(2..=2)?, part(2..=2)?);
    let is_day = (1..=12).contains(&month) && (1..=31).contains(&day) && parts.next().is_none();
    let days = is_day.then(|| days(year, month, day))?;
    let time = time.map_or(Some(0), time_of_day)?;
    days.checked_mul(DAY * SECOND)?.checked_add(time)
}

/// Microseconds since midnight, UTC: `12:30:00.25`, `12:30Z`, `12:30:00+02:00`.
fn time_of_day(text: &str) -> Option<i64> {
    let text = text.trim();
    let (text, zone) = if let Some(text) = text.strip_suffix(['Z', 'z']) {
        (text, 0)
    } else if let Some(at) = text.rfind(['+', '-']) {
        let digits = text[at + 1..].replace(':', "");
        let minutes = match digits.len() {
            _ if !digits.bytes().all(|b| b.is_ascii_digit()) => return None,
            2 => digits.parse::<i64>().ok()? * 60,
            4 => digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?,
            _ => return None,
        };
        (&text[..at], if text.as_bytes()[at] == b'-' { -minutes } else { minutes })
    } else {
        (text, 0)
    };
    let mut parts = text.split(':');
    let mut part = |most: i64| {
        let value = parts.next()?.parse::<i64>().ok()?;
        (0..=most).contains(&value).then_some(value)
    };
    let (hours, minutes) = (part(24)?, part(59)?);
    let seconds = match parts.next() {
        Some(seconds) if seconds.starts_with(|c: char| c.is_ascii_digit()) => {
            seconds.replace(',', ".").parse::<f64>().ok().filter(|seconds| *seconds < 61.0)?
        }
        Some(_) => return None,
        None => 0.0,
    };
    let whole = (hours * 60 + minutes - zone) * 60_000_000;
    parts.next().is_none().then(|| whole + (seconds * 1e6).round() as i64)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the day that some lack comes last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * CYCLE + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_follows_the_one_before_it() {
        let length = |year: i64, month: i64| match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        };
        assert_eq!(date(0), (1970, 1, 1));
        for days in -CYCLE * 6..CYCLE {
            let (year, month, day) = date(days);
            let next = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                _ if day == length(year, month) => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
            assert_eq!(date(days + 1), next);
        }
    }

    #[test]
    fn moments_read_as_in_iso_8601() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(-1), "1969-12-31T23:59:59.999999Z");
        assert_eq!(iso(1_709_209_800_000_000), "2024-02-29T12:30:00Z");
        assert_eq!(iso(1_500_000), "1970-01-01T00:00:01.500000Z");
        for extreme in [i64::MIN, i64::MAX] {
            assert!(iso(extreme).ends_with('Z'));
        }
        assert_eq!(iso(253_402_300_800_000_000), "+10000-01-01T00:00:00Z");
    }

    #[test]
    fn moments_are_read_from_text() {
        for micros in [0, -1, 1_709_209_800_000_000, 1_500_000, -62_135_596_800_000_000] {
            assert_eq!(parse(&iso(micros)), Some(micros));
        }
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800_000_000));
        assert_eq!(parse("1970-01-01 02:00:00+02:00"), Some(0));
        assert_eq!(parse("1970-01-01T00:00"), Some(0));
        let others = [
            "",
            "1.5",
            "2024",
            "2024-13-01",
            "2024-1-1",
            "12:30",
            "2024-01-01Tx",
            "a-b-c",
            "é-01-01",
        ];
        for text in others {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
