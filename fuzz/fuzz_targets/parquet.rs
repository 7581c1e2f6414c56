//! Parquet files: options, then the file.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check, options};
use sigmascope_io::LoadOptions;

#[derive(Debug)]
struct Input<'a> {
    options: LoadOptions,
    file: Text<'a>,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let options = options(bytes)?;
        Ok(Self { options, file: Text(bytes.bytes(bytes.len())?) })
    }
}

fuzz_target!(|input: Input<'_>| {
    // Whatever comes of it is right if the check says so.
    drop(check(input.file.0, &input.options));
});
