//! Moments as text: microseconds since 1970 in the form of ISO 8601, such as `2024-02-29T12:30:00Z`.

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
}
