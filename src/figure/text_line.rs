//! A line of text with raised and lowered parts, and the markup in which users type it: `x_1`, `m^2`, `10^{-3}`.

/// Where a part of a line stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// On the line.
    #[default]
    Line,
    /// Above it and smaller, as an exponent.
    Raised,
    /// Below it and smaller, as an index.
    Lowered,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextLine(Vec<Piece>);

impl From<String> for TextLine {
    fn from(text: String) -> Self {
        let mut line = Self::default();
        line.push(&text, Place::Line);
        line
    }
}

impl From<&str> for TextLine {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl TextLine {
    /// What a user has typed: `^` raises and `_` lowers the letter behind it, or all that stands in braces behind
    /// it; `\^`, `\_` and `\\` are the characters themselves. A hyphen before a digit becomes a minus sign there.
    pub fn from_markup(typed: &str) -> Self {
        let mut line = Self::default();
        let mut plain = String::new();
        let mut rest = typed;
        while let Some(c) = rest.chars().next() {
            let behind = &rest[c.len_utf8()..];
            if c == '\\'
                && let Some(next) = behind.chars().next().filter(|c| matches!(c, '^' | '_' | '\\'))
            {
                plain.push(next);
                rest = &behind[next.len_utf8()..];
                continue;
            }
            let place = match c {
                '^' => Some(Place::Raised),
                '_' => Some(Place::Lowered),
                _ => None,
            };
            let part = place.and_then(|place| Some((place, argument(behind)?)));
            if let Some((place, (inner, after))) = part {
                line.push(&plain, Place::Line);
                plain.clear();
                line.push(&with_minus(inner), place);
                rest = after;
            } else {
                plain.push(c);
                rest = behind;
            }
        }
        line.push(&plain, Place::Line);
        line
    }

    /// Appends a part.
    pub(super) fn push(&mut self, text: &str, place: Place) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.place == place => last.text.push_str(text),
            _ => self.0.push(Piece { text: text.to_owned(), place }),
        }
    }

    /// Its parts.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|piece| piece.text.trim().is_empty())
    }

    /// All that it says, on the line.
    pub fn plain(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// The same without spaces at its ends.
    #[must_use]
    pub(super) fn trimmed(&self) -> Self {
        let mut line = self.clone();
        if let Some(first) = line.0.first_mut() {
            first.text = first.text.trim_start().to_owned();
        }
        if let Some(last) = line.0.last_mut() {
            last.text = last.text.trim_end().to_owned();
        }
        line.0.retain(|piece| !piece.text.is_empty());
        line
    }

    /// Its first `count` characters.
    #[must_use]
    pub(super) fn start(&self, count: usize) -> Self {
        let mut line = Self::default();
        let mut left = count;
        for piece in &self.0 {
            let start: String = piece.text.chars().take(left).collect();
            left -= start.chars().count();
            line.push(&start, piece.place);
        }
        line
    }

    /// Number of characters.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|piece| piece.text.chars().count()).sum()
    }
}

/// What a sign that raises or lowers stands for, and what follows; none where it stands by itself.
fn argument(behind: &str) -> Option<(&str, &str)> {
    if let Some(inner) = behind.strip_prefix('{') {
        return inner.split_once('}');
    }
    let first = behind.chars().next().filter(|c| !c.is_whitespace())?;
    Some(behind.split_at(first.len_utf8()))
}

/// Hyphens before digits as minus signs.
fn with_minus(text: &str) -> String {
    let mut letters = text.chars().peekable();
    let mut found = String::new();
    while let Some(c) = letters.next() {
        let is_minus = c == '-' && letters.peek().is_some_and(char::is_ascii_digit);
        found.push(if is_minus { '\u{2212}' } else { c });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(typed: &str) -> String {
        let part = |piece: &Piece| match piece.place {
            Place::Line => piece.text.clone(),
            Place::Raised => format!("<{}>", piece.text),
            Place::Lowered => format!("[{}]", piece.text),
        };
        TextLine::from_markup(typed).pieces().iter().map(part).collect()
    }

    #[test]
    fn what_is_typed_is_raised_and_lowered() {
        assert_eq!(said("x_1 in m^2"), "x[1] in m<2>");
        assert_eq!(said("10^{-3} σ_{opt}"), "10<−3> σ[opt]");
        assert_eq!(said(r"mag\_err\^ \\ \n"), r"mag_err^ \ \n");
        assert_eq!(said("x_1^2"), "x[1]<2>");
        // What makes no sense stands as it was typed.
        assert_eq!(said("a_ b^ c_{d ^"), "a_ b^ c_{d ^");
        assert_eq!(said(""), "");
        assert_eq!(TextLine::from("x_1").plain(), "x_1");
    }

    #[test]
    fn a_line_is_cut_across_its_parts() {
        let line = TextLine::from_markup(" ab^{cd}e ");
        assert_eq!(line.len(), 7);
        assert_eq!(line.trimmed().start(3).plain(), "abc");
        assert!(TextLine::from("  ").is_empty() && !line.is_empty());
    }
}
