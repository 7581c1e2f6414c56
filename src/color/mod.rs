//! From a value to a colour and to words: tables, scales, ticks and number formats.
//!
//! There is one table of 256 colours per map ([`lut`]); the scatter shader, the colour bar, the PNG
//! and the SVG all read it, so they cannot disagree.

mod scale;
mod table;
mod ticks;

pub use scale::Scale;
pub use table::{below_range, lut};
pub use ticks::{Tick, linear_ticks, log_ticks};
