//! Text from outside, such as file names, columns, cells and flags, made safe to print.
//!
//! A terminal obeys control characters, and everything that draws text obeys marks that turn its
//! direction or take no room: a name with such a character could hide what it is, or do harm. Each
//! is written as Rust writes it: `\n`, `\u{1b}`, `\u{202e}`. Everything else stays as it is.

use std::{
    fmt::{self, Write},
    path::Path,
};

/// Characters, besides control characters, that steer the text around them or cannot be seen, first
/// and last of each run.
const UNSEEN: [(char, char); 15] = [
    ('\u{ad}', '\u{ad}'),
    // The mark of a direction for Arabic letters.
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{180e}', '\u{180e}'),
    // No width, and the marks of both directions.
    ('\u{200b}', '\u{200f}'),
    // Line and paragraph separators, embeddings and overrides of a direction.
    ('\u{2028}', '\u{202e}'),
    // No width, invisible operators, isolates of a direction.
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    // The mark of the order of bytes, which has no width.
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{fffe}', '\u{ffff}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    // Tags, which repeat ASCII unseen.
    ('\u{e0000}', '\u{e007f}'),
];

/// Whether `c` is written as an escape.
pub fn is_escaped(c: char) -> bool {
    c.is_control() || UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// `text` on one line, with nothing in it that steers a terminal or the text around it.
pub fn escaped(text: &str) -> String {
    Escaped(text).to_string()
}

/// The same for text of several lines: line breaks stay.
pub fn escaped_lines(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// A path on one line, with nothing in it that steers a terminal or the text around it.
pub fn escaped_path(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}

/// A JSON document that says the same without such characters in its strings, where they are
/// written as JSON writes them: `\u202e`.
pub fn escaped_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Outside of strings there are only line breaks, which stay.
        if c == '\n' || !is_escaped(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}").expect("a String takes whatever is written to it");
        }
    }
    out
}

/// Writes a text with escapes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\n' | '\r' | '\t' => write!(f, "{}", c.escape_default())?,
                c if is_escaped(c) => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_a_line_is_written_out() {
        let cases = [
            ("plain, naïve, Łódź, 東京 σ² −1", "plain, naïve, Łódź, 東京 σ² −1"),
            ("a\nb\tc\rd", r"a\nb\tc\rd"),
            ("\u{1b}[31mred\u{7}\u{0}\u{7f}\u{9b}2J", r"\u{1b}[31mred\u{7}\u{0}\u{7f}\u{9b}2J"),
            ("gpj.\u{202e}exe", r"gpj.\u{202e}exe"),
            ("\u{2066}a\u{2069}\u{200f}\u{61c}", r"\u{2066}a\u{2069}\u{200f}\u{61c}"),
            ("one\u{2028}two\u{2029}", r"one\u{2028}two\u{2029}"),
            ("x\u{200b}y\u{feff}\u{ad}\u{e0041}", r"x\u{200b}y\u{feff}\u{ad}\u{e0041}"),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
            assert_eq!(escaped_path(Path::new(text)), expected);
            assert_eq!(escaped(expected), expected, "escaping twice is escaping once");
        }
        assert_eq!(escaped_lines("a\nb\u{1b}\n"), "a\nb\\u{1b}\n");
    }

    #[test]
    fn every_mark_of_a_direction_and_every_separator_is_among_them() {
        let all = ('\u{202a}'..='\u{202e}')
            .chain('\u{2066}'..='\u{2069}')
            .chain('\u{200b}'..='\u{200f}')
            .chain(['\u{61c}', '\u{2028}', '\u{2029}', '\u{2060}', '\u{feff}'])
            .chain('\u{0}'..='\u{1f}')
            .chain('\u{7f}'..='\u{9f}');
        for c in all {
            assert!(is_escaped(c), "{c:?}");
        }
        assert!((' '..='~').chain("äß€…–·×σΣ中あ한א".chars()).all(|c| !is_escaped(c)));
    }

    #[test]
    fn json_says_the_same_with_escapes() {
        let name = "a\u{1b}\n\u{202e}\u{7f}\u{e0041}é";
        let json = serde_json::to_string_pretty(&[name]).expect("JSON");
        let safe = escaped_json(&json);
        assert!(safe.chars().all(|c| c == '\n' || !is_escaped(c)), "{safe}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).expect("JSON"), [name]);
    }
}
