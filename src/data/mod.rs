//! Where points come from: drawn from a seeded distribution ([`sample`]) or read from a file
//! ([`load`]), always as a [`Cloud`](crate::model::Cloud) in f64.
//!
//! ```text
//!   Distribution, n, d, seed ──▶ sample ──┐
//!                                         ├──▶ Cloud ──▶ subset, shuffled
//!   file: text or NPY ─────────▶ load ────┘      + LoadReport
//! ```
//!
//! Nothing here trusts its input: a file's claims are checked against its size before anything is
//! allocated, and every refusal names the file, the place in it, and the remedy.

mod load;
mod memory;
mod principal;
mod sample;

pub use load::{LoadError, LoadOptions, LoadReport, Loaded, load, open};
pub use memory::{spare_memory, total_memory};
pub use principal::Principal;
pub use sample::{Role, sample, shuffled, subset};
