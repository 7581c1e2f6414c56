//! Text files: options, then the text.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check, options};
use sigmascope_io::{LoadOptions, Loaded};

/// How much the loader reads at once.
const BLOCK: usize = 1 << 16;

#[derive(Debug)]
struct Input<'a> {
    options: LoadOptions,
    /// How many bytes of the text come before the end of a block; none for one block.
    cut: Option<usize>,
    text: Text<'a>,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let options = options(bytes)?;
        let cut: u8 = bytes.arbitrary()?;
        let cut = (cut >= 0xc0).then(|| bytes.arbitrary::<u16>()).transpose()?.map(usize::from);
        Ok(Self { options, cut, text: Text(bytes.bytes(bytes.len())?) })
    }
}

fuzz_target!(|input: Input<'_>| {
    let Input { options, cut, text: Text(text) } = input;
    let loaded = check(text, &options);
    if let (Ok(loaded), Some(cut)) = (loaded, cut)
        && !text.starts_with(b"\x93NUMPY")
    {
        let options = LoadOptions { byte_budget: 1 << 20, ..options };
        let moved = check(&with_a_cut(text, cut), &options);
        let moved = moved.expect("empty lines in front");
        assert_eq!(without_lines(loaded), without_lines(moved), "text in two blocks");
    }
});

/// The same but for the lines that are named: empty ones in front move them.
fn without_lines(mut loaded: Loaded) -> Loaded {
    loaded.report.bad_rows.clear();
    loaded
}

/// The text behind so many empty lines that a block ends in it.
fn with_a_cut(text: &[u8], cut: usize) -> Vec<u8> {
    let (mark, line): (usize, &[u8]) = match text {
        [0xef, 0xbb, 0xbf, ..] => (3, b"\n"),
        [0xff, 0xfe, ..] => (2, b"\n\0"),
        [0xfe, 0xff, ..] => (2, b"\0\n"),
        _ => (0, b"\n"),
    };
    let (mark, rest) = text.split_at(mark);
    let lines = (BLOCK - cut % (rest.len() + 1)) / line.len();
    [mark, &line.repeat(lines), rest].concat()
}
