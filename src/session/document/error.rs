//! Why a document cannot be used.

use crate::escape::escaped;

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is JSON of something else.
    #[error("there is no session of sigmascope in it")]
    NotOurs,
    /// A picture has none.
    #[error("this {0} carries no session of sigmascope: save it again from the program to get one")]
    None(&'static str),
    /// It is longer than any that is read.
    #[error("its session has {bytes} bytes, more than the {} that are read", super::MAX_BYTES)]
    TooLong {
        /// How long it is, as far as that was looked at.
        bytes: u64,
    },
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
    /// What carries it is damaged.
    #[error("its session is damaged: {0}")]
    Damaged(&'static str),
    /// It names rows that no cloud has.
    #[error("its session names rows up to {rows}: expected at most {}", crate::model::Count::MAX)]
    Rows {
        /// The last of them.
        rows: u64,
    },
    /// A number in it is one that no picture has.
    #[error("its session cannot be used: {0} is none that there can be")]
    Illegal(&'static str),
    /// The file could not be read.
    #[error("{}", escaped(.0))]
    Unreadable(String),
}

impl From<std::io::Error> for DocumentError {
    fn from(err: std::io::Error) -> Self {
        Self::Unreadable(err.to_string())
    }
}
