//! Cost models of the engines, and the engine that `auto` takes: pure functions of the points' size,
//! σ, and the machine.
//!
//! ```text
//!   n, m, d, σ, extent ─┐
//!                       ├─▶ seconds of simd, gpu, fast ─▶ the engine that should finish first, and why
//!   Machine ────────────┤
//!   LearnedRates ───────┘
//! ```
//!
//! [`LearnedRates`] are the times of earlier sums, which correct the models; without them the models hold as
//! they are.
//!
//! [`choose`] takes an exact engine; [`choose_or_fast`] also `fast`, by its cost on the processor.
//! Where `fast` then does each step, on the processor or on a device, is decided in
//! `engine/fast/plan.rs` (`FastPlan::choose`) and `engine/fast/device_plan.rs` (`prefer`), with the
//! rates in `fast.rs` here.
//!
//! Nothing here asks a device: the caller describes the machine beforehand, so that every choice can
//! be tested on a made-up machine.

mod exact;
mod fast;
mod learned;
mod machine;

pub use exact::{
    Choice, choose, choose_or_fast, choose_or_fast_with, choose_with, gpu_seconds,
    is_worth_opening, pairs_per_second, simd_seconds,
};
pub use fast::fast_seconds;
pub(crate) use fast::{DeviceRates, cells_seconds, sorting_seconds, spread_seconds, step_seconds};
pub use learned::{KnownSums, LearnedRates};
pub use machine::{DeviceKind, Machine};
