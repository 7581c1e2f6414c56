//! The arithmetic of a view of points of three coordinates: from data values to a unit box, through an
//! orbiting camera to pixels and back, with the box of axes, slabs and picking; nothing here draws.
//!
//! Three systems of coordinates are used. *Data coordinates* are the values of the columns. *Unit
//! coordinates* are what [`Space`] makes of them: a box around 0 with sides of at most 1. *Camera
//! space* has x to the right, y up and depth forward from the camera, all in unit lengths. Pixels have
//! their origin at the top left, y down. All is `f64`; only what a shader reads is `f32`.

mod axes_box;
mod camera;
mod clip;
mod look;
mod number;
mod outline;
mod picking;
mod projection;
mod slab;
mod unit_box;
mod vector;

pub use axes_box::{AxesBox, AxisEdge, BackFace, TickLabel};
pub use camera::{Camera, FIELD_OF_VIEW_DEGREES, MAX_DISTANCE, MIN_DISTANCE, Side};
pub use look::ViewDirection;
pub use picking::{HIT_RADIUS_PX, nearest};
pub use projection::{Projected, Segment, SpaceProjection};
pub use slab::Slab;
pub use unit_box::Space;
