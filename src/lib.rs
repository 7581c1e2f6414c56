//! sigmascope shows a Gaussian kernel sum on a point cloud, live, while σ is tuned:
//!
//! ```text
//! f_i = Σ_j exp(−‖x_i − y_j‖² / (2σ²))
//! ```
//!
//! for targets x (n, dim) and sources y (m, dim), computed in chunks of y on the device that draws
//! the window; nothing of size n·m is ever allocated.
//!
//! ```
//! use sigmascope::{
//!     sampling::{Role, sample},
//!     engine::{Engine, Naive, Problem, Unobserved},
//!     model::{Distribution, Points, Sigma},
//! };
//!
//! let cloud = |role| sample(Distribution::Normal, 100, 2, 1, role, &mut Unobserved).expect("a cloud");
//! let points = Points::new(cloud(Role::Targets), cloud(Role::Sources))?;
//! let problem = Problem { points: &points, sigma: Sigma::new(0.3)?, chunk: 64 };
//! let f = Naive.sum(&problem, &mut Unobserved)?;
//! assert_eq!(f.len(), 100);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules stand in layers; each imports only from those above it here.

pub use sigmascope_core::{criteria, engine, escape, memory, model, numbers, sampling, scheduler};
pub use sigmascope_io as io;

pub mod color;

pub mod gpu;

pub mod figure;

pub mod session;

pub mod app;

pub mod cli;
