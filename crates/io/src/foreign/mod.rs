//! Files that hold no points in a form that is read, by their first bytes: what each is, and the shortest
//! way from there to a file that is.
//!
//! They are looked for behind all formats that are read, and in front of text.

mod archives;
mod kinds;
mod texts;

#[cfg(test)]
mod examples;

use super::format::Beginning;
use super::input::Input;

/// A kind of file that is known and not read.
struct Kind {
    /// What it is, with an article.
    found: &'static str,
    /// What to do.
    remedy: &'static str,
    /// Any of these tells it.
    signs: &'static [Sign],
}

/// What tells a kind of file.
enum Sign {
    /// These bytes, so far behind the beginning.
    At(usize, &'static [u8]),
    /// The same, and a name that ends so.
    AtIn(usize, &'static [u8], &'static [&'static str]),
    /// These characters, behind spaces and a byte order mark.
    Text(&'static str),
    /// An XML or HTML document with this among its first elements.
    Markup(&'static str),
    /// A name that ends so, of a file with zero bytes at its beginning.
    BinaryCalled(&'static [&'static str]),
    /// Something else.
    Told(fn(&Beginning<'_>) -> bool),
}

impl Sign {
    fn is_in(&self, file: &Beginning<'_>) -> bool {
        let has = |at: usize, bytes: &[u8]| {
            file.bytes.get(at..).is_some_and(|rest| rest.starts_with(bytes))
        };
        let is_called = |names: &[&str]| names.contains(&file.extension.as_str());
        match *self {
            Self::At(at, bytes) => has(at, bytes),
            Self::AtIn(at, bytes, names) => is_called(names) && has(at, bytes),
            Self::Text(start) => file.text().starts_with(start.as_bytes()),
            Self::Markup(element) => {
                file.text().starts_with(b"<")
                    && memchr::memmem::find(
                        &file.text().to_ascii_lowercase(),
                        format!("<{element}").as_bytes(),
                    )
                    .is_some()
            }
            Self::BinaryCalled(names) => is_called(names) && file.bytes.contains(&0),
            Self::Told(is_it) => is_it(file),
        }
    }
}

/// Whether a file is known to be something else than a table of points.
pub(super) fn is_known(file: &Beginning<'_>) -> bool {
    is_zip(file) || kind(file).is_some()
}

/// What a file is that is not read, and what to do; `None` where that is not known.
pub(super) fn told(input: &Input, file: &Beginning<'_>) -> Option<(&'static str, &'static str)> {
    if is_zip(file) {
        return Some(archives::zip(input, file));
    }
    kind(file).map(|kind| (kind.found, kind.remedy))
}

fn is_zip(file: &Beginning<'_>) -> bool {
    file.bytes.starts_with(b"PK\x03\x04") || file.bytes.starts_with(b"PK\x05\x06")
}

/// All kinds, in the order in which they are tried.
fn kinds() -> impl Iterator<Item = &'static Kind> {
    texts::KINDS.iter().chain(kinds::KINDS)
}

fn kind(file: &Beginning<'_>) -> Option<&'static Kind> {
    kinds().find(|kind| kind.signs.iter().any(|sign| sign.is_in(file)))
}
