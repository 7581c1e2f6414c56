//! The errors of the criteria: why one gives no σ.

use crate::engine::EngineError;

/// Why a criterion gives no σ, in words for the person who asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CriteriaError {
    /// The caller stopped it.
    #[error("choosing σ was stopped")]
    Stopped,
    /// There are not enough points.
    #[error("{criterion} needs at least {least} points with a weight above 0, found {found}")]
    TooFew {
        /// What needs them.
        criterion: &'static str,
        /// How many it needs.
        least: usize,
        /// How many there are.
        found: usize,
    },
    /// Densities have no negative weights.
    #[error("weight {index} is {weight}: criteria for σ need finite weights, none below 0")]
    BadWeight {
        /// The point, from 1.
        index: usize,
        /// Its weight.
        weight: f64,
    },
    /// The points have no spread to choose by.
    #[error("{criterion} gives no σ: {why}")]
    Degenerate {
        /// What was asked for.
        criterion: &'static str,
        /// What is wrong with the points.
        why: String,
    },
    /// What was asked for makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// The sums failed.
    #[error(transparent)]
    Engine(EngineError),
}

impl From<EngineError> for CriteriaError {
    fn from(err: EngineError) -> Self {
        match err {
            EngineError::Stopped => Self::Stopped,
            err => Self::Engine(err),
        }
    }
}
