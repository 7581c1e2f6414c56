//! Damaged copies of a sound file: none of them may end the program or take memory without end.

mod memory;

use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sigmascope_core::engine::Unobserved;
use sigmascope_io::{LoadOptions, load};

#[allow(unused_imports, reason = "not every test file asks for it by itself")]
pub use self::memory::check_memory;

/// Numbers that a file may claim and not hold.
const LIES: [u64; 8] = [0, 1, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 40, u64::MAX];

/// A damaged copy of `good`.
fn damaged(good: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..rng.random_range(1..4) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..6) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << rng.random_range(0..8),
            2 => bytes[at] = rng.random(),
            3 => {
                let lie = LIES[rng.random_range(0..LIES.len())].to_le_bytes();
                let length = [1, 2, 4, 8][rng.random_range(0..4)].min(bytes.len() - at);
                bytes[at..at + length].copy_from_slice(&lie[..length]);
            }
            4 => {
                let end = (at + rng.random_range(1..64)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let end = (at + rng.random_range(1..64)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

/// Loads `times` damaged copies of a sound file called `name`; each gives points or an error.
///
/// # Panics
/// When loading one panics, or the process has taken more than 256 MiB.
pub fn survives(name: &str, good: &[u8], times: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    for seed in 0..times {
        let bytes = damaged(good, &mut ChaCha8Rng::seed_from_u64(seed));
        std::fs::write(&path, &bytes).expect("written");
        let loading = || load(&path, &LoadOptions::default(), &mut Unobserved);
        if let Ok(Err(err)) = catch_unwind(AssertUnwindSafe(loading)).map_err(|_| {
            panic!("{name}, seed {seed}: loading panicked");
        }) {
            let message = err.to_string();
            assert!(message.contains(name), "{seed}: {message}");
        }
    }
    check_memory(name);
}
