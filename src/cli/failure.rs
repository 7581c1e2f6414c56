//! A command's failure: a message and an exit code, and which error gets which code.

use std::io::ErrorKind;

use crate::{
    engine::EngineError,
    gpu::GpuError,
    session::{Notice, NoticeKind, SourceError, files::WriteError},
};

/// The exit codes of failures, for scripts to tell apart; 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The work was not done.
    Failed = 1,
    /// A flag, a value or a file makes no sense.
    BadInput = 2,
    /// There is no adapter to compute on.
    NoAdapter = 3,
    /// There is no display to open a window on.
    NoDisplay = 4,
}

/// A message and the exit code that goes with it.
#[derive(Debug)]
pub struct Failure {
    /// What to exit with.
    pub exit: Exit,
    /// What went wrong, without the leading `error: `.
    pub error: anyhow::Error,
}

impl Failure {
    /// A failure that a flag, a value or a file causes: [`Exit::BadInput`].
    pub fn bad_input(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::BadInput, error: anyhow::anyhow!("{message}") }
    }

    /// A failure of the work itself: [`Exit::Failed`].
    pub fn failed(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Failed, error: anyhow::anyhow!("{message}") }
    }

    /// No window can be opened: [`Exit::NoDisplay`].
    pub fn no_display(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::NoDisplay, error: anyhow::anyhow!("{message}") }
    }
}

impl From<EngineError> for Failure {
    fn from(err: EngineError) -> Self {
        match err {
            EngineError::TooLarge(_) => Self::bad_input(err),
            EngineError::Stopped
            | EngineError::DeviceUnable(_)
            | EngineError::DeviceLost(_)
            | EngineError::Failed(_) => Self::failed(err),
        }
    }
}

impl From<GpuError> for Failure {
    fn from(err: GpuError) -> Self {
        let exit = match err {
            GpuError::NoAdapter(_)
            | GpuError::NoMatch { .. }
            | GpuError::NoneDraws { .. }
            | GpuError::NoDevice { .. }
            | GpuError::Shader { .. } => Exit::NoAdapter,
            GpuError::TooLarge { .. } => Exit::BadInput,
            GpuError::NoMemory { .. }
            | GpuError::Device(_)
            | GpuError::Lost(_)
            | GpuError::Timeout(_) => Exit::Failed,
        };
        Self { exit, error: err.into() }
    }
}

impl From<SourceError> for Failure {
    fn from(err: SourceError) -> Self {
        Self::bad_input(err)
    }
}

impl From<WriteError> for Failure {
    fn from(err: WriteError) -> Self {
        // A wrong path is bad input; a full disk is not.
        let is_full = |kind| {
            matches!(
                kind,
                ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded
            )
        };
        let exit = match &err {
            WriteError::Io { err, .. } if is_full(err.kind()) => Exit::Failed,
            WriteError::Exists(_)
            | WriteError::Mixed(_)
            | WriteError::NoFolder { .. }
            | WriteError::NotAFile { .. }
            | WriteError::Io { .. } => Exit::BadInput,
        };
        // The remedy differs between window and command line: here it is a flag.
        let error = match &err {
            WriteError::Exists(_) => {
                anyhow::anyhow!("{err}: choose another name, or replace it with --force")
            }
            _ => err.into(),
        };
        Self { exit, error }
    }
}

impl From<Notice> for Failure {
    fn from(notice: Notice) -> Self {
        match notice.kind {
            NoticeKind::BadInput => Self::bad_input(notice.text),
            NoticeKind::Done | NoticeKind::Failed | NoticeKind::Lost => Self::failed(notice.text),
        }
    }
}
