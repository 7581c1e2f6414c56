//! Lists of points: options, which end the name has, then the text.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check_named, options};
use sigmascope_io::LoadOptions;

/// How the file's name ends.
const ENDS: &[&str] = &[".xyz", ".pts", ".asc"];

#[derive(Debug)]
struct Input<'a> {
    options: LoadOptions,
    end: &'static str,
    content: Text<'a>,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let options = options(bytes)?;
        let end = ENDS[usize::from(bytes.arbitrary::<u8>()?) % ENDS.len()];
        Ok(Self { options, end, content: Text(bytes.bytes(bytes.len())?) })
    }
}

fuzz_target!(|input: Input<'_>| {
    let Input { options, end, content: Text(content) } = input;
    let options = LoadOptions { byte_budget: options.byte_budget.min(1 << 24), ..options };
    // What is packed may be larger than the file: the budget holds for both.
    let _ = check_named(end, content, &options);
});
