//! Files inside gzip, zstd, bzip2 and xz: options, then what is packed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Named, check_budgeted};

/// How the file's name ends.
const ENDS: &[&str] = &["", ".csv.gz", ".csv.xz"];

fuzz_target!(|input: Named<'_>| check_budgeted(&input, ENDS));
