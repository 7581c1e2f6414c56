//! Which rows are taken: by an expression, by a place in the order of f, by a lasso, or as a set.
//!
//! ```text
//!   'f < 0.01 and kind == ''star'''  ─▶ Expression ─┐
//!   5 %, 30 rows                     ─▶ Share ──────┼─▶ RowBits
//!   corners in the plot              ─▶ Polygon ────┘
//! ```

mod expression;
mod polygon;
mod row_bits;
mod share;
mod tokens;

pub use expression::{Cell, Expression};
pub use polygon::Polygon;
pub use row_bits::{RowBits, SharedRows};
pub use share::Share;
pub use tokens::ExpressionError;
