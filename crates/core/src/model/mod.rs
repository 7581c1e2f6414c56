//! Plain data: what the user wants ([`Params`]) and what points are ([`Cloud`], [`Points`]).
//!
//! Nothing here reads a file, starts a thread of its own or knows a device.

mod bounds;
mod choice;
mod cloud;
mod color_by;
mod limits;
mod mass;
mod normalisation;
mod params;
mod points;
mod principal;
mod projection;
mod reading;
mod view;

pub use bounds::Bounds;
pub use choice::{
    AxisScaling, ColorMap, Distribution, DrawOrder, EngineChoice, Header, Normalisation, Scaling,
    Theme, UnknownName,
};
pub use cloud::Cloud;
pub use color_by::ColorBy;
pub use limits::{Chunk, Count, Dim, OutOfRange, Sigma, Tolerance};
pub use mass::{Mass, Masses};
pub use params::{Input, OnlyRows, Params, Stage, Weights};
pub use points::{Points, Split};
pub use principal::Principal;
pub use projection::Projection;
pub use reading::Reading;
pub use view::ViewParams;
