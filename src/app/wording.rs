//! Messages in the words of the window: what the command line calls by a flag has another name here.
//!
//! The crates below tell a remedy by its flag, for most who read it are at a terminal. Here each
//! flag is what stands in the window; one that has nothing there is a setting of the command line.

use crate::escape::escaped_lines;

/// Clauses that read better as a whole, first to last.
const CLAUSES: [(&str, &str); 7] = [
    ("take another one with --adapter", "start the program with another one"),
    ("choose others with --columns and --weights", "choose others under Data"),
    ("raise --memory-limit, ", ""),
    (" with --dim or --columns", " under Data"),
    (" with --columns", " under Data"),
    (" with --weights", " under Data"),
    (" with --transpose", " under Data"),
];

/// Flags, and what they are in the window.
const FLAGS: [(&str, &str); 28] = [
    ("--adapter", "the adapter"),
    ("--all", "Zoom to all"),
    ("--axes", "x axis and y axis"),
    ("--chunk", "Chunk"),
    ("--color-map", "Colour map"),
    ("--columns", "the choice of columns under Data"),
    ("--criterion", "the criterion"),
    ("--dim", "Dim. d"),
    ("--distribution", "Cloud"),
    ("--engine", "the engine"),
    ("--force", "“Replace the file if it is there”"),
    ("--header", "First row under Data"),
    ("--log", "the scales of the axes (X)"),
    ("--m", "Data points (sources) M"),
    ("--memory-limit", "the memory for it"),
    ("--merge-duplicates", "“Merge into weights”"),
    ("--n", "Evaluation points (targets) N"),
    ("--normalise", "Normalisation"),
    ("--range", "Fix limits"),
    ("--scaling", "Colour scale"),
    ("--seed", "Seed"),
    ("--sigma", "Bandwidth σ"),
    ("--sources", "Sources under Data"),
    ("--targets", "Targets under Data"),
    ("--tolerance", "Tolerance"),
    ("--transpose", "“Its rows are coordinates” under Data"),
    ("--weights", "Weights under Data"),
    ("--whiten", "Coordinates under Bandwidth"),
];

/// A message for the window: safe to draw, and without the names of flags.
pub(super) fn in_window(message: &str) -> String {
    let mut text = escaped_lines(message);
    for (clause, words) in CLAUSES {
        text = text.replace(clause, words);
    }
    text = without_asides(&text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((start, flag)) = first_flag(rest) {
        out.push_str(&rest[..start]);
        let known = FLAGS.iter().find(|(name, _)| *name == flag);
        out.push_str(known.map_or("a setting of the command line", |(_, words)| words));
        rest = &rest[start + flag.len()..];
    }
    out.push_str(rest);
    out
}

/// The text without parentheses that hold nothing but a flag and its value: the words before them
/// say it already.
fn without_asides(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(" (--") {
        let Some(length) = rest[start..].find(')') else { break };
        out.push_str(&rest[..start]);
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    out
}

/// The first flag in `text`, and where it begins: two hyphens and a word, not within another word,
/// and not what somebody called a file or a column.
fn first_flag(text: &str) -> Option<(usize, &str)> {
    text.match_indices("--").find_map(|(start, _)| {
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '\\' | '\'' | '_'))
        {
            return None;
        }
        let word = &text[start + 2..];
        let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
        let length = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let after = &word[length..];
        let is_name = after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            || after
                .strip_prefix('.')
                .is_some_and(|ending| ending.starts_with(char::is_alphanumeric));
        let is_word = word.starts_with(|c: char| c.is_ascii_lowercase());
        (is_word && !is_name)
            .then(|| (start, text[start..start + 2 + length].trim_end_matches('-')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_what_stands_in_the_window() {
        for (told, shown) in [
            (
                "a.csv: no column; choose other columns with --columns",
                "a.csv: no column; choose other columns under Data",
            ),
            (
                "there is no column 'u': correct --columns",
                "there is no column 'u': correct the choice of columns under Data",
            ),
            (
                "merge them into weights (--merge-duplicates), or wait",
                "merge them into weights, or wait",
            ),
            (
                "raise --memory-limit, lower --chunk, or use --engine simd",
                "lower Chunk, or use the engine simd",
            ),
            (
                "leave it out with --skip-rows 3",
                "leave it out with a setting of the command line 3",
            ),
            ("--n 5: too many", "Evaluation points (targets) N 5: too many"),
            // No flags: a missing value, names, and a dash.
            (
                "found '--' in a--b, '--columns', /tmp/--n, --n.csv -- so",
                "found '--' in a--b, '--columns', /tmp/--n, --n.csv -- so",
            ),
            ("a\u{1b}[1m\nb\u{202e}", "a\\u{1b}[1m\nb\\u{202e}"),
        ] {
            assert_eq!(in_window(told), shown);
            assert_eq!(in_window(shown), shown, "said twice it is the same");
        }
    }
}
