//! Lines that are no rows of the table, made empty before the text is cut into fields: those in front of
//! it, and comments. Line numbers stay as they are.

/// Makes the first lines, and those that start with a comment mark, empty; leaves quoted fields alone.
#[derive(Clone, Debug)]
pub(super) struct LineFilter {
    /// Lines at the beginning that are made empty.
    skip: u64,
    comment: Option<&'static str>,
    /// What separates fields: a quote behind it opens a quoted field.
    separator: u8,
    /// What a quoted field begins and ends with.
    quote: u8,
    place: Place,
    /// What may become a comment mark: spaces, and the first part of one.
    pending: Vec<u8>,
}

/// What stands behind a `#` that begins no comment: an error of a spreadsheet in place of a value.
const ERRORS: [&[u8]; 7] = [b"N/A", b"DIV/0!", b"VALUE!", b"REF!", b"NUM!", b"NULL!", b"NAME?"];

/// Where in the text [`LineFilter`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the start of a line, or behind nothing but spaces and a part of a comment mark.
    LineStart,
    /// In a line that is made empty.
    Dropped,
    /// At the start of a field.
    FieldStart,
    /// In a field that is not quoted.
    Field,
    /// Between quotes.
    Quoted,
}

impl LineFilter {
    /// Starts at the beginning of a text; `separator` stands between fields once spaces are squeezed, and
    /// `quote` around some.
    pub(super) fn new(skip: u64, comment: Option<&'static str>, separator: u8, quote: u8) -> Self {
        let place = if skip > 0 { Place::Dropped } else { Place::LineStart };
        Self { skip, comment, separator, quote, place, pending: Vec::new() }
    }

    /// Appends the filtered text.
    pub(super) fn apply(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            self.take(byte, out);
        }
    }

    /// Appends what is held back at the end of the text.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.pending);
        let is_comment =
            self.comment.is_some_and(|mark| held.trim_ascii_start().starts_with(mark.as_bytes()));
        if !is_comment {
            out.extend(held);
        }
    }

    /// Whether what follows is judged as if it were the beginning of a text.
    pub(super) fn is_at_line_start(&self) -> bool {
        self.place == Place::LineStart && self.pending.is_empty()
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.place {
            Place::Dropped => {
                if byte == b'\n' {
                    out.push(byte);
                    self.skip = self.skip.saturating_sub(1);
                    self.place = if self.skip > 0 { Place::Dropped } else { Place::LineStart };
                }
                return;
            }
            Place::LineStart => {
                let Some(mark) = self.comment else {
                    self.place = self.within(byte, Place::FieldStart);
                    out.push(byte);
                    return;
                };
                self.pending.push(byte);
                let begun = self.pending.trim_ascii_start();
                let said = begun.strip_prefix(mark.as_bytes());
                let is_undecided = match said {
                    Some(said) => {
                        ERRORS.iter().any(|word| word.len() > said.len() && word.starts_with(said))
                    }
                    None => byte != b'\n' && mark.as_bytes().starts_with(begun),
                };
                if is_undecided {
                    return;
                }
                if said.is_some_and(|said| !ERRORS.contains(&said)) {
                    self.pending.clear();
                    self.place = if byte == b'\n' { Place::LineStart } else { Place::Dropped };
                    if byte == b'\n' {
                        out.push(byte);
                    }
                } else if byte == b'\n' {
                    out.append(&mut self.pending);
                } else {
                    // No comment: the line is taken as it is.
                    let held = std::mem::take(&mut self.pending);
                    let mut place = Place::FieldStart;
                    for &byte in &held {
                        place = self.within(byte, place);
                    }
                    self.place = place;
                    out.extend(held);
                }
                return;
            }
            place => self.place = self.within(byte, place),
        }
        out.push(byte);
    }

    /// Where a byte of a row leads.
    fn within(&self, byte: u8, place: Place) -> Place {
        match (place, byte) {
            // The second quote of two opens the field again.
            (Place::Quoted, byte) if byte == self.quote => Place::FieldStart,
            (Place::Quoted, _) => Place::Quoted,
            (Place::FieldStart, byte) if byte == self.quote => Place::Quoted,
            (_, b'\n') => Place::LineStart,
            (_, byte) if byte == self.separator => Place::FieldStart,
            (Place::FieldStart, b' ' | b'\t') => Place::FieldStart,
            _ => Place::Field,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(skip: u64, comment: Option<&'static str>, text: &str) -> String {
        let mut filter = LineFilter::new(skip, comment, b',', b'"');
        let mut out = Vec::new();
        // Byte by byte: the state must survive any cut.
        for byte in text.bytes() {
            filter.apply(&[byte], &mut out);
        }
        filter.end(&mut out);
        String::from_utf8(out).expect("ASCII stays ASCII")
    }

    #[test]
    fn comments_and_the_first_lines_become_empty() {
        let cases = [
            (0, Some("#"), "# 5\" of\n1,2\n  # between\n3,#4\n", "\n1,2\n\n3,#4\n"),
            (0, Some("//"), "// a\n/1,2\n/", "\n/1,2\n/"),
            (0, Some("//"), "1,2\n//", "1,2\n"),
            (0, Some("//"), "1,2\n/", "1,2\n/"),
            (2, None, "Title\n\"of\nx,y\n", "\n\nx,y\n"),
            (1, Some("%"), "% a\n% b\nx\n", "\n\nx\n"),
            (0, Some("#"), "\"a\n# b\",1\n# c\n", "\"a\n# b\",1\n\n"),
            (0, Some("#"), "\"a\"\"\n# b\",1\n", "\"a\"\"\n# b\",1\n"),
            (0, None, "# a\n", "# a\n"),
            (
                0,
                Some("#"),
                "#\n#N\n#N/A,1\n#DIV/0!,2\n#NAME x\n3,4\n",
                "\n\n#N/A,1\n#DIV/0!,2\n\n3,4\n",
            ),
        ];
        for (skip, comment, text, expected) in cases {
            assert_eq!(filtered(skip, comment, text), expected, "{text:?}");
        }
    }
}
