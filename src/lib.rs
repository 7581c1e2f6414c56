//! sigmascope shows a Gaussian kernel sum on a point cloud, live, while σ is tuned:
//!
//! ```text
//! f_i = Σ_j exp(−‖x_i − y_j‖² / (2σ²))
//! ```
//!
//! for targets x (n, dim) and sources y (m, dim), on the device that draws the window or on the
//! processor, whichever should be faster. Apart from the engines `broadcast` and `chunked`, nothing
//! allocates arrays of n·m numbers.
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
//! The modules are layers, `color → gpu → figure → session → app → cli`: each imports only from those
//! to its left.

pub use sigmascope_core::{
    criteria, engine, escape, memory, model, numbers, plane, sampling, scheduler, selection, space,
};
pub use sigmascope_io as io;

pub mod color;

pub mod gpu;

pub mod figure;

pub mod session;

pub mod app;

pub mod cli;
