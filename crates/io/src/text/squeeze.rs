//! Replaces each run of spaces between two fields by one space.
//!
//! `csv` takes each space for a separator, so that `1   2` would have two empty fields between.

/// Turns runs of spaces and tabs into one space, and drops those around a line; leaves quoted
/// fields alone.
#[derive(Clone, Debug)]
pub(super) struct Squeeze {
    place: Place,
    /// What a quoted field begins and ends with.
    quote: u8,
}

/// Where in a line [`Squeeze`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    LineStart,
    Gap,
    Field,
    Quoted,
    /// Behind a quote that ends the field, or is the first of two.
    QuoteEnd,
}

impl Squeeze {
    /// Starts at the beginning of a text in which `quote` stands around some fields.
    pub(super) fn new(quote: u8) -> Self {
        Self { place: Place::LineStart, quote }
    }

    /// Whether what follows is squeezed as if it were the beginning of a text.
    pub(super) fn is_at_line_start(&self) -> bool {
        self.place == Place::LineStart
    }

    /// Appends the squeezed text.
    pub(super) fn apply(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            let before = self.place;
            let in_quotes = matches!(before, Place::Quoted);
            self.place = match byte {
                byte if byte == self.quote && in_quotes => Place::QuoteEnd,
                _ if in_quotes => Place::Quoted,
                b'\n' => Place::LineStart,
                b' ' | b'\t' if before == Place::LineStart => Place::LineStart,
                b' ' | b'\t' => Place::Gap,
                // Opens a field, or is the second of two inside one.
                byte if byte == self.quote && before != Place::Field => Place::Quoted,
                _ => Place::Field,
            };
            let is_space = matches!(byte, b' ' | b'\t');
            let dropped = is_space && matches!(self.place, Place::LineStart | Place::Gap);
            if before == Place::Gap && !is_space && byte != b'\n' {
                out.push(b' ');
            }
            if !dropped {
                out.push(byte);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squeezed(text: &str) -> String {
        let mut squeeze = Squeeze::new(b'"');
        let mut out = Vec::new();
        // Byte by byte: the state must survive any cut.
        for byte in text.bytes() {
            squeeze.apply(&[byte], &mut out);
        }
        String::from_utf8(out).expect("ASCII stays ASCII")
    }

    #[test]
    fn runs_of_spaces_become_one() {
        let cases = [
            ("1  2\n", "1 2\n"),
            ("  1\t \t2  \n  3 4\n", "1 2\n3 4\n"),
            ("\n \n1 2", "\n\n1 2"),
            ("\"New  York\"  1\n", "\"New  York\" 1\n"),
            ("\"a \"\"b  c\"\" \"  2\n", "\"a \"\"b  c\"\" \" 2\n"),
            ("5\"  6\"\n", "5\" 6\"\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(squeezed(text), expected, "{text:?}");
        }
    }
}
