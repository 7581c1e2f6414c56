//! What the fuzz targets share: options made of bytes ([`options`]); what has to hold whatever a file holds ([`check`]).
//!
//! `scripts/fuzz` runs the targets. A finding lies in `fuzz/artifacts`, and
//! `cargo fuzz fmt TARGET FILE` says what it holds.

mod check;
mod named;
mod options;

pub use check::{check, check_named};
pub use named::{Named, check_budgeted};
pub use options::options;

use std::fmt;

/// Bytes that are shown as the text they mostly are.
#[derive(Clone, Copy)]
pub struct Text<'a>(pub &'a [u8]);

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}
