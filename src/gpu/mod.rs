//! Everything that runs on the graphics device: exact and fast sums, the range of a field, the
//! drawing of the dots. The only module that calls wgpu.
//!
//! Pipelines are immutable; buffers are the mutable part. Data of size N or M stays on the device:
//! each sum reads back a range of 544 bytes, and the field's values only for a caller that needs
//! them in memory.

mod adapter;
pub mod backdrop;
mod buffers;
mod curve;
mod device;
mod device_times;
mod dot_list;
pub mod dots;
mod engine;
mod engines;
mod error;
mod error_log;
mod fast;
pub mod fast_cells;
pub mod fast_convolve;
pub mod fast_gather;
mod fast_pieces;
mod fast_pipelines;
mod faults;
pub mod field;
mod gate;
pub mod gauss_sum;
mod kept_memory;
pub mod layer;
mod pack;
mod picture;
mod picture_on_processor;
mod pipelines;
mod places;
mod points;
mod range;
pub mod raster;
pub mod scatter;
pub mod scatter_space;
mod slices;
mod sum_lists;
mod sum_pipelines;
pub mod sum_plan;
mod values;
pub mod variant;

pub use adapter::{
    AdapterSummary, LimitsSummary, adapters, backends, choose_adapter, device_descriptor,
    short_of_space,
};
pub use backdrop::Backdrop;
pub use curve::Curve;
pub use device::{Gpu, ObjectCounts};
pub use dot_list::PlacedDot;
pub use dots::Dots;
pub use engine::GpuEngine;
pub use engines::{GpuFast, engine};
pub use error::GpuError;
pub use error_log::ErrorLog;
pub use fast::FastOnDevice;
pub use fast_pipelines::FastForm;
pub use faults::{Fault, Faults};
pub use field::{Field, Scaled};
pub use gate::Gate;
pub use gauss_sum::{GaussSum, Precision};
pub use layer::Layer;
pub use picture::PictureStrips;
pub use pipelines::Pipelines;
pub use places::Places;
pub use points::{PointBuffers, Sums};
pub use range::{BINS, FieldRange, Histogram};
pub use raster::{RasterDraw, RasterPlace};
pub use scatter::{ColorTable, ScatterDraw, ScatterView};
pub use scatter_space::SpaceDraw;
/// Types of wgpu that the window's paint callback needs.
pub use wgpu::{
    Adapter, CommandBuffer, CommandEncoder, CurrentSurfaceTexture, Device, Queue, RenderPass,
    TextureFormat,
};
