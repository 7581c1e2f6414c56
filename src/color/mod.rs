//! Colours of values: colour maps, scales, and the ticks of axes and colour bars.
//!
//! Each map is one table of 256 colours ([`lut`]). The scatter shader, the colour bar, the PNG and the
//! SVG all read that table, so they cannot disagree.

mod quantiles;
mod scale;
mod table;
mod ticks;

pub use quantiles::Quantiles;
pub use scale::Scale;
pub use table::{CATEGORIES, below_range, category_lut, lut};
pub use ticks::{Tick, decade_ticks, linear_ticks, log_ticks};
