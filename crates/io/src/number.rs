//! What one cell of a text file is: a number, a missing value, or text.
//!
//! Whether `1,234` means 1.234 or 1234 cannot be told from the cell. So each cell only reports its
//! [`Marks`], all cells of the file together decide on a [`NumberStyle`], and then cells are parsed.
//!
//! ```text
//!   1.5   0.123  1234.567   → the point is decimal      1.234.567 → the point groups thousands
//!   1,5   0,123  1234,567   → the comma is decimal      1,234,567 → the comma groups thousands
//!   1.234                   → either                    1,234     → either
//! ```
//!
//! Spellings that programs rarely use are read by [`super::spelling`]; their marks say so, and the report
//! tells it.

use super::missing::{Word, word};
use super::spelling::{Unit, Unusual, unusual};

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing, or a word for nothing.
    Missing,
    /// Not a number.
    Nan,
    /// An infinity.
    Infinite,
    /// A number with these marks.
    Number(Marks),
    /// Anything else.
    Text,
}

/// The roles that points and commas can only have, or could have, in the cells seen, and the unusual
/// spellings among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(u16);

impl Marks {
    /// A point that can only be decimal.
    pub(super) const POINT_DECIMAL: Self = Self(1);
    /// A comma that can only be decimal.
    pub(super) const COMMA_DECIMAL: Self = Self(2);
    /// Points that can only group thousands.
    pub(super) const POINT_GROUPS: Self = Self(4);
    /// Commas that can only group thousands.
    pub(super) const COMMA_GROUPS: Self = Self(8);
    /// A point that could be either.
    pub(super) const POINT_EITHER: Self = Self(16);
    /// A comma that could be either.
    pub(super) const COMMA_EITHER: Self = Self(32);
    /// Groups set apart by spaces or apostrophes.
    pub(super) const OTHER_GROUPS: Self = Self(64);
    /// A degree sign.
    pub(super) const DEGREES: Self = Self(128);
    /// A sexagesimal number of degrees.
    pub(super) const SEXAGESIMAL: Self = Self(256);
    /// A sexagesimal number of hours.
    pub(super) const HOURS: Self = Self(512);
    /// A sexagesimal number that says no unit: it may be a time of day.
    pub(super) const COLONS: Self = Self(1024);
    /// Digits alone, with a sign at most.
    pub(super) const WHOLE: Self = Self(2048);
    const ALL: [Self; 11] = [
        Self::POINT_DECIMAL,
        Self::COMMA_DECIMAL,
        Self::POINT_GROUPS,
        Self::COMMA_GROUPS,
        Self::POINT_EITHER,
        Self::COMMA_EITHER,
        Self::OTHER_GROUPS,
        Self::DEGREES,
        Self::SEXAGESIMAL,
        Self::HOURS,
        Self::COLONS,
    ];

    /// Both together.
    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two have something in common.
    pub(super) fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    /// Whether `other` holds something that this does not.
    pub(super) fn lacks(self, other: Self) -> bool {
        other.0 & !self.0 != 0
    }

    /// One by one.
    pub(super) fn each(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |&mark| self.has(mark))
    }
}

/// How a file writes its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumberStyle {
    /// The decimal mark: b'.' or b','.
    pub(super) decimal: u8,
    /// Whether the other mark groups thousands.
    pub(super) grouped: bool,
}

/// Why the marks seen make no style: they speak for and against a decimal comma, or for neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StyleConflict {
    /// The first kind of mark wants a decimal point, the second a decimal comma.
    Mixed(Marks, Marks),
    /// These marks could mean either.
    Ambiguous(Marks),
}

impl NumberStyle {
    /// Decides what points and commas mean.
    ///
    /// `used` are the marks of the columns that will be read, `all` those of every numeric column:
    /// a file has one style, so its other columns may settle what the used ones leave open.
    pub(super) fn decide(used: Marks, all: Marks) -> Result<Self, StyleConflict> {
        const FOR_POINT: Marks = Marks(Marks::POINT_DECIMAL.0 | Marks::COMMA_GROUPS.0);
        const FOR_COMMA: Marks = Marks(Marks::COMMA_DECIMAL.0 | Marks::POINT_GROUPS.0);
        const EITHER: Marks = Marks(Marks::POINT_EITHER.0 | Marks::COMMA_EITHER.0);
        let evidence =
            if used.has(FOR_POINT.with(FOR_COMMA)) || !used.has(EITHER) { used } else { all };
        match (evidence.has(FOR_POINT), evidence.has(FOR_COMMA)) {
            (true, true) => {
                let point = Marks(evidence.0 & FOR_POINT.0);
                let comma = Marks(evidence.0 & FOR_COMMA.0);
                Err(StyleConflict::Mixed(point, comma))
            }
            (true, false) => Ok(Self {
                decimal: b'.',
                grouped: used.has(Marks::COMMA_GROUPS.with(Marks::COMMA_EITHER)),
            }),
            (false, true) if used.has(Marks::POINT_EITHER) && !all.has(Marks::POINT_GROUPS) => {
                Err(StyleConflict::Ambiguous(Marks::POINT_EITHER))
            }
            (false, true) => Ok(Self { decimal: b',', grouped: all.has(Marks::POINT_GROUPS) }),
            // Groups are set apart by something else: the comma is left for the decimals.
            (false, false) if used.has(Marks::COMMA_EITHER) && all.has(Marks::OTHER_GROUPS) => {
                Ok(Self { decimal: b',', grouped: false })
            }
            (false, false) if used.has(Marks::COMMA_EITHER) => {
                Err(StyleConflict::Ambiguous(Marks::COMMA_EITHER))
            }
            // A lone point is decimal unless something speaks against it.
            (false, false) => Ok(Self { decimal: b'.', grouped: false }),
        }
    }

    /// The value of a cell that [`classify`] called a number; `None` for one of another style. With
    /// `hours`, sexagesimal numbers that say no unit are hours.
    pub(super) fn parse(self, cell: &[u8], hours: bool) -> Option<f64> {
        /// Degrees in an hour.
        const HOUR: f64 = 15.0;
        let cell = bare(cell);
        let text = std::str::from_utf8(cell).ok()?;
        if let Some(value) = self.parse_usual(text) {
            return Some(value);
        }
        match unusual(cell)? {
            Unusual::Plain { text, .. } => self.parse_usual(&text),
            Unusual::Sexagesimal { value, unit } => {
                let is_hours = unit == Unit::Hours || (hours && unit == Unit::Untold);
                Some(if is_hours { HOUR * value } else { value })
            }
        }
    }

    fn parse_usual(self, text: &str) -> Option<f64> {
        let Self { decimal, grouped } = self;
        if decimal == b'.' && !grouped {
            return text.parse().ok();
        }
        let group = if decimal == b'.' { ',' } else { '.' };
        if text.contains(group) && !grouped {
            return None;
        }
        let plain: String = text
            .chars()
            .filter(|&c| c != group)
            .map(|c| if c == char::from(decimal) { '.' } else { c })
            .collect();
        plain.parse().ok()
    }
}

/// Says what a cell holds.
pub(super) fn classify(cell: &[u8]) -> Cell {
    let cell = bare(cell);
    let Some(&first) = cell.first() else { return Cell::Missing };
    let digits = match first {
        b'+' | b'-' => &cell[1..],
        _ => cell,
    };
    let may_be_number = digits.first().is_some_and(|b| matches!(b, b'0'..=b'9' | b'.' | b','));
    if let Some(marks) = may_be_number.then(|| marks(digits)).flatten() {
        return Cell::Number(marks);
    }
    match word(cell, digits) {
        Some(Word::Missing) => return Cell::Missing,
        Some(Word::Nan) => return Cell::Nan,
        Some(Word::Infinite) => return Cell::Infinite,
        None => {}
    }
    match unusual(cell) {
        Some(Unusual::Plain { text, grouped, degrees }) => {
            let digits = text.strip_prefix('-').unwrap_or(&text);
            let found = |condition, mark| if condition { mark } else { Marks::default() };
            marks(digits.as_bytes()).map_or(Cell::Text, |marks| {
                let marks = marks.with(found(grouped, Marks::OTHER_GROUPS));
                Cell::Number(marks.with(found(degrees, Marks::DEGREES)))
            })
        }
        Some(Unusual::Sexagesimal { unit, .. }) => Cell::Number(match unit {
            Unit::Hours => Marks::HOURS,
            Unit::Degrees => Marks::SEXAGESIMAL,
            Unit::Untold => Marks::COLONS,
        }),
        None => Cell::Text,
    }
}

/// The value and the marks of a number as most programs write it: a sign, digits, at most one point, an
/// exponent, and nothing around them. `None` for all others, which [`classify`] knows.
pub(super) fn plain(cell: &[u8]) -> Option<(f64, Marks)> {
    let digits = match cell.first()? {
        b'+' | b'-' => &cell[1..],
        _ => cell,
    };
    // Words for infinity and for NaN are parsed too.
    if !matches!(digits.first()?, b'0'..=b'9' | b'.') {
        return None;
    }
    let value: f64 = fast_float2::parse(cell).ok()?;
    let marks = match digits.iter().position(|b| !b.is_ascii_digit()) {
        None => Marks::WHOLE,
        // Three digits behind the point may be thousands.
        Some(place) if digits[place] == b'.' && digits.len() == place + 4 => marks(digits)?,
        Some(place) if digits[place] == b'.' => Marks::POINT_DECIMAL,
        Some(_) => Marks::default(),
    };
    Some((value, marks))
}

/// A cell without the spaces and the pair of quotes around it.
pub(super) fn bare(cell: &[u8]) -> &[u8] {
    match cell.trim_ascii() {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        trimmed => trimmed,
    }
}

/// The infinity that a cell says.
pub(super) fn infinity(cell: &[u8]) -> f64 {
    let is_negative =
        [&b"-"[..], "\u{2212}".as_bytes()].iter().any(|sign| bare(cell).starts_with(sign));
    if is_negative { f64::NEG_INFINITY } else { f64::INFINITY }
}

/// The marks of an unsigned number; `None` when it is not one.
fn marks(digits: &[u8]) -> Option<Marks> {
    let end = digits.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(digits.len());
    let (body, exponent) = digits.split_at(end);
    if let [_, rest @ ..] = exponent {
        let rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"+")).unwrap_or(rest);
        if rest.is_empty() || !rest.iter().all(u8::is_ascii_digit) {
            return None;
        }
    }
    let (mut points, mut commas, mut last) = (0_usize, 0_usize, 0);
    for (k, byte) in body.iter().enumerate() {
        match byte {
            b'.' => (points, last) = (points + 1, k),
            b',' => (commas, last) = (commas + 1, k),
            b'0'..=b'9' => {}
            _ => return None,
        }
    }
    // `5.` is a number; `5,` is more likely a 5 and a separator.
    if points + commas == body.len() || body.ends_with(b",") {
        return None;
    }
    match (points, commas) {
        (0, 0) if exponent.is_empty() => Some(Marks::WHOLE),
        (0, 0) => Some(Marks::default()),
        (1, 0) if exponent.is_empty() && is_grouped(body, b'.') => Some(Marks::POINT_EITHER),
        (1, 0) => Some(Marks::POINT_DECIMAL),
        (0, 1) if exponent.is_empty() && is_grouped(body, b',') => Some(Marks::COMMA_EITHER),
        (0, 1) => Some(Marks::COMMA_DECIMAL),
        (_, 0) => is_grouped(body, b'.').then_some(Marks::POINT_GROUPS),
        (0, _) => is_grouped(body, b',').then_some(Marks::COMMA_GROUPS),
        (1, _) if body[last] == b'.' => is_grouped(&body[..last], b',')
            .then_some(Marks::COMMA_GROUPS.with(Marks::POINT_DECIMAL)),
        (_, 1) if body[last] == b',' => is_grouped(&body[..last], b'.')
            .then_some(Marks::POINT_GROUPS.with(Marks::COMMA_DECIMAL)),
        _ => None,
    }
}

/// Whether digits come as one to three, not starting with 0, then threes: `12.345.678`.
fn is_grouped(body: &[u8], mark: u8) -> bool {
    let mut groups = body.split(|&b| b == mark);
    let first_is_right =
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && first[0] != b'0');
    first_is_right && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Cell {
        /// A number with one more mark.
        fn and(self, mark: Marks) -> Self {
            match self {
                Self::Number(marks) => Self::Number(marks.with(mark)),
                other => panic!("{other:?} is no number"),
            }
        }
    }

    #[test]
    fn cells_are_told_apart() {
        let plain = Cell::Number(Marks::WHOLE);
        let point = Cell::Number(Marks::POINT_DECIMAL);
        let comma = Cell::Number(Marks::COMMA_DECIMAL);
        let cases: &[(&str, Cell)] = &[
            ("", Cell::Missing),
            ("  ", Cell::Missing),
            ("\"\"", Cell::Missing),
            ("NA", Cell::Missing),
            ("n/a", Cell::Missing),
            ("NULL", Cell::Missing),
            ("None", Cell::Missing),
            ("NaN", Cell::Nan),
            ("-nan", Cell::Nan),
            ("inf", Cell::Infinite),
            ("-Infinity", Cell::Infinite),
            ("12", plain),
            ("-12e3", Cell::Number(Marks::default())),
            (" +7 ", plain),
            ("\"7\"", plain),
            ("1.5", point),
            (".5", point),
            ("5.", point),
            ("0.123", point),
            ("1.234e5", point),
            ("1234.567", point),
            ("1,5", comma),
            ("0,123", comma),
            ("1,234", Cell::Number(Marks::COMMA_EITHER)),
            ("1.234", Cell::Number(Marks::POINT_EITHER)),
            ("1,234,567", Cell::Number(Marks::COMMA_GROUPS)),
            ("1,234.5", Cell::Number(Marks::COMMA_GROUPS.with(Marks::POINT_DECIMAL))),
            ("1.234,5", Cell::Number(Marks::POINT_GROUPS.with(Marks::COMMA_DECIMAL))),
            ("1.2.3", Cell::Text),
            ("1,2,3", Cell::Text),
            ("2024-01-01", Cell::Text),
            ("12:30", Cell::Number(Marks::COLONS)),
            ("13h42m11.6s", Cell::Number(Marks::HOURS)),
            ("10.1°", point.and(Marks::DEGREES)),
            ("12 000,5", comma.and(Marks::OTHER_GROUPS)),
            ("−1.5", point),
            ("-0.381D+03", point),
            ("1.#QNAN", Cell::Nan),
            ("-1.#IND", Cell::Nan),
            ("1.#INF", Cell::Infinite),
            ("*", Cell::Missing),
            ("e5", Cell::Text),
            ("1e", Cell::Text),
            (".", Cell::Missing),
            ("100,", Cell::Text),
            ("e", Cell::Text),
            ("1e5e5", Cell::Text),
            (",", Cell::Text),
            ("1.234,", Cell::Text),
            ("-", Cell::Missing),
            ("0x10", Cell::Text),
            ("north", Cell::Text),
            ("-NA", Cell::Text),
            ("٣", Cell::Text),
        ];
        for (cell, expected) in cases {
            assert_eq!(classify(cell.as_bytes()), *expected, "{cell:?}");
        }
    }

    #[test]
    fn plain_numbers_are_what_all_numbers_are() {
        let point = NumberStyle { decimal: b'.', grouped: false };
        let numbers = [
            "0",
            "12",
            "-12",
            "+7",
            "007",
            "1.5",
            ".5",
            "5.",
            "-.5",
            "1.234",
            "0.123",
            "12.345",
            "1234.567",
            "1.2e5",
            "1.23e4",
            "1e5",
            "-1E-05",
            "1e+400",
            "1e-400",
            "1.e5",
            "0.1000000000000000055511151231257827",
            "123456789012345678901234567890",
            "-0",
            "2.2250738585072011e-308",
        ];
        for number in numbers {
            let (value, marks) = plain(number.as_bytes()).expect(number);
            assert_eq!(classify(number.as_bytes()), Cell::Number(marks), "{number}");
            let parsed = point.parse(number.as_bytes(), false).map(f64::to_bits);
            assert_eq!(parsed, Some(value.to_bits()), "{number}");
        }
        let others = [
            "",
            "-",
            ".",
            "+",
            "-.",
            "1e",
            "1e+",
            "1,5",
            "1.2.3",
            "--1",
            "+-1",
            "inf",
            "-inf",
            "nan",
            "infinity",
            " 1",
            "1 ",
            "\"1\"",
            "1_000",
            "0x10",
            "e5",
            "1.5D3",
            "\u{2212}1",
            "1e5e5",
            "\u{663}",
        ];
        for other in others {
            assert_eq!(plain(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn cells_together_decide_what_a_comma_means() {
        let value = |cells: &[&str]| {
            let all =
                cells.iter().fold(Marks::default(), |seen, cell| match classify(cell.as_bytes()) {
                    Cell::Number(marks) => seen.with(marks),
                    other => panic!("{cell} is {other:?}"),
                });
            NumberStyle::decide(all, all).map(|style| style.parse(cells[0].as_bytes(), false))
        };
        assert_eq!(value(&["1.234"]), Ok(Some(1.234)));
        assert_eq!(value(&["1,5"]), Ok(Some(1.5)));
        assert_eq!(value(&["1,234", "2,5"]), Ok(Some(1.234)));
        assert_eq!(value(&["1,234", "2.5"]), Ok(Some(1234.0)));
        assert_eq!(value(&["1,234,567"]), Ok(Some(1_234_567.0)));
        assert_eq!(value(&["1.234,5"]), Ok(Some(1234.5)));
        assert_eq!(value(&["1.234", "1.234,5"]), Ok(Some(1234.0)));
        assert_eq!(value(&["-1,5e-3"]), Ok(Some(-1.5e-3)));
        assert_eq!(value(&["1,234"]), Err(StyleConflict::Ambiguous(Marks::COMMA_EITHER)));
        assert_eq!(value(&["1.234", "2,5"]), Err(StyleConflict::Ambiguous(Marks::POINT_EITHER)));
        assert_eq!(
            value(&["1.5", "2,5"]),
            Err(StyleConflict::Mixed(Marks::POINT_DECIMAL, Marks::COMMA_DECIMAL))
        );
    }

    #[test]
    fn every_number_is_one_that_parses() {
        let style = NumberStyle { decimal: b'.', grouped: true };
        for cell in ["5.", ".5", "1e5", "1E+05", "+3", "-0", "1,234.5", "1e999"] {
            assert!(matches!(classify(cell.as_bytes()), Cell::Number(_)), "{cell}");
            assert!(style.parse(cell.as_bytes(), false).is_some(), "{cell}");
        }
    }
}
