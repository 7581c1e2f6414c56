//! Why a document cannot be used.

use crate::{escape::escaped, io::carrier::CarrierError};

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is JSON of something else.
    #[error("there is no session of sigmascope in it")]
    NotOurs,
    /// It does not come out of what carries it.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// A newer program wrote it.
    #[error(
        "its session is of version {version}, written by sigmascope {}; this program knows version {}: \
         take a newer one",
        escaped(program),
        super::VERSION
    )]
    Later {
        /// The version of the format.
        version: u64,
        /// The version of the program.
        program: String,
    },
    /// It makes no sense as JSON, or names what there is not.
    #[error("its session cannot be read: {}", escaped(.0))]
    Broken(String),
    /// It names rows that no cloud has.
    #[error("its session names rows up to {rows}: expected at most {}", crate::model::Count::MAX)]
    Rows {
        /// The last of them.
        rows: u64,
    },
    /// A number in it is one that no picture has.
    #[error("its session cannot be used: {0} is none that there can be")]
    Illegal(&'static str),
}
