//! Zip archives of arrays: options, then the archive.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Named, check_budgeted};

/// How the file's name ends.
const ENDS: &[&str] = &["", ".npz"];

fuzz_target!(|input: Named<'_>| check_budgeted(&input, ENDS));
