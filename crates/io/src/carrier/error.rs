//! Why no document comes out of a file.

use sigmascope_core::escape::escaped;

/// Why no document comes out of a file.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// There is none.
    #[error("this {0} carries no session of sigmascope: save it again from the program to get one")]
    None(&'static str),
    /// It is longer than any that is read.
    #[error("its session has {bytes} bytes, more than the {} that are read", super::MAX_BYTES)]
    TooLong {
        /// How long it is, as far as that was looked at.
        bytes: u64,
    },
    /// What carries it is damaged.
    #[error("its session is damaged: {0}")]
    Damaged(&'static str),
    /// The file could not be read.
    #[error("{}", escaped(.0))]
    Unreadable(String),
}

impl From<std::io::Error> for CarrierError {
    fn from(err: std::io::Error) -> Self {
        Self::Unreadable(err.to_string())
    }
}
