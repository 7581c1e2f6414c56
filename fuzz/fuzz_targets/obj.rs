//! OBJ files: options, then the file.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check, options};
use sigmascope_io::LoadOptions;

/// How every file begins, so that it is taken for one.
const MAGIC: &[u8] = b"v ";

#[derive(Debug)]
struct Input<'a> {
    options: LoadOptions,
    rest: Text<'a>,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { options: options(bytes)?, rest: Text(bytes.bytes(bytes.len())?) })
    }
}

fuzz_target!(|input: Input<'_>| {
    let Text(rest) = input.rest;
    let content = if rest.starts_with(MAGIC) { rest.to_vec() } else { [MAGIC, rest].concat() };
    // Whatever comes of it is right if the check says so.
    drop(check(&content, &input.options));
});
