//! Choosing σ: how good each σ is for a cloud, and which the usual rules take.
//!
//! | criterion | is | best | file |
//! |---|---|---|---|
//! | `loo` | leave-one-out log-likelihood | highest | `leave_one_out` |
//! | `heldout` | log-likelihood of the targets | highest | `held_out` |
//! | `lscv` | least-squares cross-validation | lowest | `least_squares` |
//! | `scott`, `silverman` | rules for a normal cloud | | `scott`, `silverman` |
//! | `median` | median distance of two points | | `median` |
//! | `knn` | mean distance to the ⌈√n⌉-th neighbour | | `neighbour` |
//! | `sj`, `isj` | plug-in rules, for each axis | | `sheather_jones`, `improved_sheather_jones` |
//!
//! ```text
//!        ┌─ some points: all pairs, or an engine ──▶ log-sums ─┐
//! Points ┤                                                      ├─▶ CurveRequest::run ──▶ Curve
//!    │   └─ all: the fast engine, near sources ─────▶ means ────┘                          │
//!    └──▶ rules ───────────────────────────▶ select ◀──── warnings ◀──────────────────────┘
//! ```
//!
//! Each file gives its formula and where that comes from. Weights are those of the sources, not
//! below 0: a source of weight 0 counts for nothing, and multiplying all weights changes nothing.
//!
//! ```
//! use sigmascope_core::{
//!     criteria::{Criterion, Grid, SelectRequest, Summing, select},
//!     engine::Unobserved,
//!     sampling::{Role, sample},
//!     model::{Distribution, Points},
//! };
//!
//! let cloud = |role| sample(Distribution::Normal, 200, 2, 1, role, &mut Unobserved).expect("a cloud");
//! let points = Points::new(cloud(Role::Targets), cloud(Role::Sources))?;
//! let request = SelectRequest {
//!     points: &points,
//!     criteria: &[Criterion::LeaveOneOut, Criterion::Silverman],
//!     grid: Grid::Automatic,
//!     max_points: None,
//!     seed: 1,
//! };
//! for selection in select(&request, Summing::Automatic, &mut Unobserved)? {
//!     assert!((0.2..0.8).contains(&selection.sigma?));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod by_engine;
mod cautions;
mod chains;
mod conversions;
mod criterion;
mod curve;
mod curve_refinement;
mod duplicates;
mod error;
mod exact;
mod field_cautions;
mod fills;
mod full_sample;
mod geography;
mod held_out;
mod improved_sheather_jones;
mod least_squares;
mod leave_one_out;
mod median;
mod moments;
mod near;
mod neighbour;
mod optimum;
mod parts;
mod scott;
mod select;
mod sheather_jones;
mod silverman;
mod spread;
mod strays;
mod sums;
mod tally;
mod terms;
mod warning;
mod whitening;

pub use by_engine::ByEngine;
pub use cautions::{RowNames, RowOf, about_points};
pub use chains::{STEPS_PER_DOUBLING, ladder, ladder_between};
pub use conversions::Conversions;
pub use criterion::{Criterion, UnknownCriterion};
pub use curve::{Curve, CurvePoint, CurveRequest, Outlier};
pub use duplicates::{count_duplicates, count_shared, merge_duplicates};
pub use error::CriteriaError;
pub use exact::Exact;
pub use field_cautions::{FieldFacts, about_field};
pub use fills::{Fill, stands_for_missing};
pub use geography::{Degrees, Seam};
pub use neighbour::neighbour_count;
pub use optimum::Optimum;
pub use parts::{Which, Without};
pub use scott::{scott_factor, scott_sigma};
pub use select::{Grid, SelectRequest, Selection, select, select_in_rounds};
pub use silverman::{silverman_factor, silverman_sigma};
pub use spread::Spread;
pub use strays::Strays;
pub use sums::{Evaluation, LogSums, Summing};
pub use warning::{Warning, WarningKind, about_disagreement};
pub use whitening::Whitening;
