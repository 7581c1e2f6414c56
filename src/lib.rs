//! sigmascope shows a Gaussian kernel sum on a point cloud, live, while σ is tuned:
//!
//!     f_i = Σ_j exp(−‖x_i − y_j‖² / (2σ²))
//!
//! for targets x (n, dim) and sources y (m, dim), computed in chunks of y on the device that draws
//! the window; nothing of size n·m is ever allocated.
//!
//! The modules stand in layers; each imports only from those above it here.

pub mod model;

pub mod data;

pub mod color;

pub mod engine;

pub mod gpu;

pub mod figure;

pub mod session;

pub mod app;

pub mod cli;
