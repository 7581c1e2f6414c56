//! VOTables: options, then the document.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check, options};
use sigmascope_io::LoadOptions;

#[derive(Debug)]
struct Input<'a> {
    options: LoadOptions,
    text: Text<'a>,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { options: options(bytes)?, text: Text(bytes.bytes(bytes.len())?) })
    }
}

fuzz_target!(|input: Input<'_>| {
    let Input { options, text: Text(text) } = input;
    // Whatever comes of it is right if the check says so.
    drop(check(&[b"<VOTABLE>", text].concat(), &options));
});
