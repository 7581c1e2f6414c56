//! Which engine, and where: all cost models, as pure functions of the points' size, σ, and the machine.
//!
//! ```text
//!   n, m, d, σ, extent ─┐
//!                       ├─▶ seconds of each engine and place ─▶ the one that is done first, and why
//!   Machine ────────────┘
//! ```
//!
//! Nothing here asks a device: the caller describes the machine beforehand, so that every choice can
//! be tested on a made-up machine.

mod exact;
mod fast;
mod machine;

pub use exact::{
    Choice, choose, choose_or_fast, gpu_seconds, is_worth_opening, pairs_per_second, simd_seconds,
};
pub use fast::fast_seconds;
pub(crate) use fast::{DeviceRates, cells_seconds, sorting_seconds, spread_seconds, step_seconds};
pub use machine::{DeviceKind, Machine};
