//! Moments from their spelling (ISO 8601) and back: `2024-05-01`, `2024-05-01T12:30:00.25Z`.

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

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
    days.checked_mul(DAY)?.checked_add(time)
}

/// Microseconds since midnight, UTC: `12:30:00.25`, `12:30Z`, `12:30:00+02:00`.
fn time_of_day(text: &str) -> Option<i64> {
    let text = text.trim();
    let (text, zone) = if let Some(text) = text.strip_suffix(['Z', 'z']) {
        (text, 0)
    } else if let Some(at) = text.rfind(['+', '-']) {
        let digits = text[at + 1..].replace(':', "");
        let minutes = match digits.len() {
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
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// A moment in microseconds since 1970 as `2024-05-01T12:30:00`, with decimals where it has some; without
/// the time at midnight.
pub(super) fn spelled(micros: i64) -> String {
    let (days, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if time == 0 {
        return date;
    }
    let seconds = time / 1_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = match time % 1_000_000 {
        0 => String::new(),
        rest => format!(".{rest:06}").trim_end_matches('0').to_owned(),
    };
    format!("{date}T{hours:02}:{minutes:02}:{seconds:02}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_spelled() {
        let cases = [
            ("1970-01-01", 0),
            ("1970-01-02T00:00:01", DAY + 1_000_000),
            ("1969-12-31T23:59:59.5", -500_000),
            ("2000-02-29", 951_782_400_000_000),
            ("2024-05-01T12:30:00.25", 1_714_566_600_250_000),
            ("0001-01-01", -62_135_596_800_000_000),
        ];
        for (text, micros) in cases {
            assert_eq!(parse(text), Some(micros), "{text}");
            assert_eq!(spelled(micros), text);
        }
        assert_eq!(parse("1970-01-01 02:00:00+02:00"), Some(0));
        assert_eq!(parse("1970-01-01T00:00Z"), Some(0));
        for text in ["", "1.5", "2024", "2024-13-01", "2024-1-1", "12:30", "2024-01-01Tx", "a-b-c"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
