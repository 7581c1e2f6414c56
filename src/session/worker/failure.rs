//! The error type of the worker: why a request was not carried out, and the notice for it.

use std::any::Any;

use super::super::{Notice, NoticeKind, SourceError};
use crate::{engine::EngineError, gpu::GpuError};

/// Why a request was not carried out.
pub(super) enum Failure {
    /// A newer one came, or the user stopped it.
    Stopped,
    /// Something to tell the user.
    Told(Notice),
}

impl Failure {
    /// Something went wrong.
    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self::Told(Notice { kind: NoticeKind::Failed, text: text.into() })
    }
}

impl From<GpuError> for Failure {
    fn from(err: GpuError) -> Self {
        let kind = match err {
            GpuError::TooLarge { .. } => NoticeKind::BadInput,
            GpuError::Lost(_) => NoticeKind::Lost,
            _ => NoticeKind::Failed,
        };
        Self::Told(Notice { kind, text: err.to_string() })
    }
}

impl From<EngineError> for Failure {
    fn from(err: EngineError) -> Self {
        let kind = match err {
            EngineError::Stopped => return Self::Stopped,
            EngineError::TooLarge(_) => NoticeKind::BadInput,
            EngineError::DeviceLost(_) => NoticeKind::Lost,
            EngineError::DeviceUnable(_) | EngineError::Failed(_) => NoticeKind::Failed,
        };
        Self::Told(Notice { kind, text: err.to_string() })
    }
}

impl From<SourceError> for Failure {
    fn from(err: SourceError) -> Self {
        match err {
            SourceError::Stopped => Self::Stopped,
            err => Self::Told(Notice { kind: NoticeKind::BadInput, text: err.to_string() }),
        }
    }
}

/// What a panic said.
pub(super) fn reason_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}
