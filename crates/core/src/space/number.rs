//! Reads finite numbers from text with errors a user understands, and writes them so that they read
//! back the same.

use crate::escape::escaped;

/// Reads a finite number; `what` names it in the error.
pub(super) fn finite(text: &str, what: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("{what}: expected a finite number, found \"{}\"", escaped(text.trim()))),
    }
}

/// Writes a number in the fewest digits that read back the same, with an exponent when it is very large
/// or very small.
pub(super) fn shortest(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-5..1e15).contains(&size) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::{finite, shortest};

    #[test]
    fn what_is_written_reads_back_the_same() {
        for value in [0.0, -0.1, 1.0 / 3.0, 4e9, 1e-300, -1.797e308, 5e-324, 123_456.789] {
            assert_eq!(finite(&shortest(value), "value").map(f64::to_bits), Ok(value.to_bits()));
        }
        assert_eq!(shortest(1e300), "1e300");
        assert_eq!(shortest(2.0), "2");
    }

    #[test]
    fn an_error_escapes_what_it_shows() {
        assert_eq!(
            finite("a\u{1b}[31m", "low end"),
            Err("low end: expected a finite number, found \"a\\u{1b}[31m\"".to_string())
        );
        assert!(
            finite("nan", "x").is_err() && finite("inf", "x").is_err() && finite("", "x").is_err()
        );
    }
}
