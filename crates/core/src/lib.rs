//! Gaussian kernel sums on point clouds, and choosing their bandwidth σ: numbers only.
//!
//! ```text
//! f_i = Σ_j w_j · exp(−‖x_i − y_j‖² / (2σ²))
//! ```
//!
//! for targets x, shape (n, dim), and sources y, shape (m, dim). No file, no window and no graphics
//! device is known here.

mod columns;
pub mod criteria;
pub mod engine;
pub mod escape;
pub mod memory;
pub mod model;
pub mod numbers;
pub mod plane;
pub mod sampling;
pub mod scheduler;
pub mod selection;
pub mod space;
