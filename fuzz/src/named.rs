//! Files whose names say what they hold: options, which end the name has, then the content.

use arbitrary::{Arbitrary, Result, Unstructured};
use sigmascope_io::LoadOptions;

use crate::{Text, check_named, options};

/// A file with a name that ends in one of several ways.
#[derive(Debug)]
pub struct Named<'a> {
    options: LoadOptions,
    /// Which end, counted on and on through those there are.
    end: u8,
    content: Text<'a>,
}

impl<'a> Arbitrary<'a> for Named<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let options = options(bytes)?;
        let end = bytes.arbitrary()?;
        Ok(Self { options, end, content: Text(bytes.bytes(bytes.len())?) })
    }
}

/// Loads it under a name that ends in one of `ends`, with a budget that keeps what is unpacked small.
///
/// # Panics
/// When what comes of it is wrong.
pub fn check_budgeted(input: &Named<'_>, ends: &[&str]) {
    let Named { options, end, content: Text(content) } = input;
    // What is packed may be larger than the file: the budget holds for both.
    let byte_budget = options.byte_budget.min(1 << 24);
    let options = LoadOptions { byte_budget, ..options.clone() };
    // Whatever comes of it is right if the check says so.
    drop(check_named(ends[usize::from(*end) % ends.len()], content, &options));
}
