//! The estimate in the plane of a plot: f on a raster, the levels that enclose a mass, and their
//! contours.
//!
//! ```text
//!   sources ─▶ PlaneSources ─┬─ at the cells' centres ───────────────▶ f as a raster
//!              (u = L⁻¹·p)   ├─ at draws from the estimate ─▶ levels ─▶ f where it may be higher ─▶ contours
//!                            ├─ LiveContours: on one grid for any σ ───▶ contours while σ moves
//!                            └─ PlaneSums: once for any σ and view ─────▶ f at the pixels of a picture
//! ```
//!
//! In three and more coordinates it is the estimate of the projected sources, the marginal: another
//! function than f, on a scale of its own.

mod contours;
mod grid;
mod levels;
mod lines;
mod live_contours;
mod pictures;
mod sources;
mod tiles;

pub use contours::{Contour, ContourSpec, Contours, contours};
pub use grid::RasterGrid;
pub use levels::{Level, LevelError, mass_levels};
pub use lines::Line;
pub use live_contours::LiveContours;
pub use pictures::{LineSums, Picture, PictureSpec, PlaneSums};
pub use sources::PlaneSources;
