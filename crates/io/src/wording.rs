//! Paths, sizes, cells and lists of names as they stand in a message.

use std::path::Path;

use sigmascope_core::escape::{escaped, escaped_path};

/// A path for a message: on one line, without characters that steer a terminal.
pub(super) fn shown(path: &Path) -> String {
    escaped_path(path)
}

/// A number of bytes in words: `312 bytes`, `4.2 MiB`.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} bytes");
    }
    let mut size = count as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// Bytes of no known meaning as text: two digits each.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A number of fields in words: `1 field`, `3 fields`.
pub(super) fn fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}

/// A name or cell for a message: one line, without characters that steer a terminal, not too long.
pub(super) fn shortened(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    // Cut before decoding: a cell may be megabytes long.
    let head = &text[..text.len().min(LONGEST * 4 + 4)];
    let decoded = String::from_utf8_lossy(head);
    let kept: String = decoded.chars().take(LONGEST).collect();
    let mut short = escaped(&kept);
    if decoded.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// What another program says, for a message: one line, without characters that steer a terminal, not too
/// long.
pub(super) fn said(words: String) -> String {
    const LONGEST: usize = 300;
    let kept: String = words.chars().take(LONGEST).collect();
    let shown = escaped(&kept);
    if shown == words { words } else { shown }
}

/// Quoted names for a message, at most ten of them: `'x', 'y' and 7 more`.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 10;
    let mut names = names.into_iter();
    let head: Vec<String> =
        names.by_ref().take(MOST).map(|n| format!("'{}'", shortened(n.as_bytes()))).collect();
    let rest = names.count();
    match rest {
        0 => head.join(", "),
        _ => format!("{} and {rest} more", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let cases = [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16384.0 PiB"),
        ];
        for (count, words) in cases {
            assert_eq!(bytes(count), words);
        }
    }

    #[test]
    fn names_are_short_and_on_one_line() {
        assert_eq!(shortened(b"a\nb"), r"a\nb");
        assert_eq!(shortened("\u{1b}[1m\u{202e}a".as_bytes()), r"\u{1b}[1m\u{202e}a");
        assert_eq!(shortened("é".repeat(50).as_bytes()), format!("{}…", "é".repeat(40)));
        let names: Vec<String> = (1..=12).map(|k| format!("c{k}")).collect();
        let list = listed(names.iter().map(String::as_str));
        assert!(list.starts_with("'c1', 'c2', ") && list.ends_with("'c10' and 2 more"), "{list}");
    }
}
