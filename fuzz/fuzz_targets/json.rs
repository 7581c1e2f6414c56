//! JSON and `GeoJSON`: options, which end the name has, then the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Named, check_budgeted};

/// How the file's name ends.
const ENDS: &[&str] = &["", ".json", ".geojson", ".jsonl"];

fuzz_target!(|input: Named<'_>| check_budgeted(&input, ENDS));
