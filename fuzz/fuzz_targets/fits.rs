//! FITS files: options, then cards, one a line, and behind an empty line the data.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check, options};
use sigmascope_io::LoadOptions;

const BLOCK: usize = 2880;
const FIRST: &[u8] = b"SIMPLE  =                    T\nBITPIX  =                    8\nNAXIS   =                    0";

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

/// Cards of 80 characters in whole blocks.
fn header(lines: &[u8]) -> Vec<u8> {
    let mut header = Vec::new();
    for line in lines.split(|byte| *byte == b'\n').chain([b"END".as_slice()]) {
        header.extend(line.iter().copied().chain(std::iter::repeat(b' ')).take(80));
    }
    header.resize(header.len().next_multiple_of(BLOCK), b' ');
    header
}

fuzz_target!(|input: Input<'_>| {
    let Input { options, text: Text(text) } = input;
    let end = text.windows(2).position(|pair| pair == b"\n\n").unwrap_or(text.len());
    let data = text.get(end + 2..).unwrap_or_default();
    let content = [&header(FIRST), &header(&text[..end]), data].concat();
    // Whatever comes of it is right if the check says so.
    drop(check(&content, &options));
});
