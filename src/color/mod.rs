//! Colours of values: colour maps, scales, and the ticks of axes and colour bars.
//!
//! Each map is one table of 256 colours ([`lut`]). The scatter shader, the colour bar, the PNG and the
//! SVG all read that table, so they cannot disagree.

mod scale;
mod table;
mod ticks;

pub use scale::Scale;
pub use table::{below_range, lut};
pub use ticks::{Tick, linear_ticks, log_ticks};
