//! Which cells say that there is no value: the words that programs write for it, and those that the
//! user adds.

/// Words for a missing value, in lower case; none of them begins with a digit.
const WORDS: [&str; 30] = [
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "#n/a n/a",
    "#na",
    "<na>",
    "nil",
    "null",
    "(null)",
    "<null>",
    "none",
    "missing",
    "undefined",
    "undef",
    "masked",
    "\\n",
    "*",
    "**",
    "-",
    "--",
    "---",
    ".",
    "..",
    "?",
    "–",
    "—",
    "#null!",
    "nat",
    "pd.na",
];
/// Errors of a spreadsheet in place of a value.
const SPREADSHEET: [&str; 7] =
    ["#div/0!", "#value!", "#ref!", "#name?", "#num!", "#getting_data", "#spill!"];
/// Words for "not a number", in lower case and without a sign.
const NAN: [&str; 6] = ["nan", "nanq", "nans", "ind", "1.#ind", "qnan"];
/// The same with something behind them: `nan(ind)`, `1.#QNAN0`, `nan0x7ff8`.
const NAN_STARTS: [&str; 4] = ["nan(", "1.#qnan", "1.#ind", "1.#snan"];
/// Words for infinity, in lower case and without a sign.
const INFINITE: [&str; 5] = ["inf", "infinity", "1.#inf", "1.#infinity", "∞"];

/// What a cell that is no plain number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// There is no value.
    Missing,
    /// The value is not a number.
    Nan,
    /// The value is infinite.
    Infinite,
}

/// What a cell without spaces around it says, if it is such a word; `digits` is the cell without its sign.
pub(super) fn word(cell: &[u8], digits: &[u8]) -> Option<Word> {
    /// The longest word, and more than enough for what stands behind the start of one.
    const LONGEST: usize = 24;
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..cell.len())?;
    lower.copy_from_slice(cell);
    lower.make_ascii_lowercase();
    let cell = std::str::from_utf8(lower).ok()?;
    let digits = cell.get(cell.len() - digits.len()..)?;
    let is = |words: &[&str], text: &str| words.contains(&text);
    // A column of a width too small is filled up by Fortran.
    let is_overflow = cell.len() > 1 && cell.bytes().all(|b| b == b'*');
    if is(&WORDS, cell) || is(&SPREADSHEET, cell) || is_overflow {
        Some(Word::Missing)
    } else if is(&NAN, digits) || NAN_STARTS.iter().any(|start| digits.starts_with(start)) {
        Some(Word::Nan)
    } else if is(&INFINITE, digits) {
        Some(Word::Infinite)
    } else {
        None
    }
}

/// Whether a cell without spaces and quotes around it is empty or a word for a missing value.
pub(super) fn is_missing(cell: &[u8]) -> bool {
    cell.is_empty() || !cell[0].is_ascii_digit() && word(cell, cell) == Some(Word::Missing)
}

/// The cells that the user says mean a missing value.
#[derive(Clone, Debug, Default)]
pub(super) struct MoreMissing {
    words: Vec<Vec<u8>>,
    numbers: Vec<f64>,
}

impl MoreMissing {
    /// Those of a [`Reading`](sigmascope_core::model::Reading).
    pub(super) fn new(texts: &[String], numbers: Vec<f64>) -> Self {
        let words = texts.iter().map(|text| text.trim().as_bytes().to_vec()).collect();
        Self { words, numbers }
    }

    /// Whether a cell without spaces and quotes around it is one of them.
    pub(super) fn has_word(&self, cell: &[u8]) -> bool {
        !self.words.is_empty() && self.words.iter().any(|word| word == cell)
    }

    /// Whether there are any numbers among them.
    pub(super) fn has_numbers(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Whether a number is one of them.
    pub(super) fn has_number(&self, value: f64) -> bool {
        self.numbers.contains(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_any_case() {
        let said = |text: &str| {
            let bytes = text.as_bytes();
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            word(bytes, digits.as_bytes())
        };
        for text in
            ["NA", "N/A", "Null", "*", "--", "-", ".", "#N/A", "#DIV/0!", "*****", "\\N", "—"]
        {
            assert_eq!(said(text), Some(Word::Missing), "{text}");
        }
        for text in ["nan", "-NaN", "1.#QNAN", "-1.#IND", "nan(ind)", "-nan(ind)", "1.#QNAN0"] {
            assert_eq!(said(text), Some(Word::Nan), "{text}");
        }
        for text in ["inf", "-Inf", "+infinity", "1.#INF", "-1.#INF"] {
            assert_eq!(said(text), Some(Word::Infinite), "{text}");
        }
        for text in ["north", "Nancy", "information", "nana", "1.5", "-NA", "#ff0000", "a*"] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn more_words_are_compared_as_they_stand_and_numbers_by_value() {
        let more = MoreMissing::new(&[" -9999 ".to_owned(), "void".to_owned()], vec![-9999.0]);
        assert!(more.has_word(b"void") && more.has_word(b"-9999") && !more.has_word(b"Void"));
        assert!(more.has_number(-9999.0) && !more.has_number(9999.0));
    }
}
