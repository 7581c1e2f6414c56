//! Standard input as a file: what comes is kept in a temporary file for as long as the program runs, so
//! that it can be read more than once and from any place.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::error::LoadError;
use super::spool::no_room;
use sigmascope_core::engine::{Observer, Progress};

/// The path by which the user names it.
pub(super) const PATH: &str = "-";
/// What messages call it.
pub(super) const NAME: &str = "standard input";
/// How much is read at once.
const BLOCK: usize = 1 << 16;

/// What has been read of it.
static KEPT: OnceLock<Mutex<Kept>> = OnceLock::new();

struct Kept {
    file: Arc<File>,
    size: u64,
    /// Whether all has been read.
    is_whole: bool,
}

/// What a path says of standard input.
pub(super) struct Named {
    /// The part of it that is meant, as of a file.
    pub(super) part: Option<String>,
}

/// Whether `path` stands for standard input: `-`, `-:part`.
pub(super) fn named_by(path: &Path) -> Option<Named> {
    let rest = path.to_str()?.strip_prefix(PATH)?;
    if rest.is_empty() {
        return Some(Named { part: None });
    }
    let part = rest.strip_prefix(':')?;
    (!part.is_empty()).then(|| Named { part: Some(part.to_owned()) })
}

/// Refuses a terminal, at which nobody expects the program to wait for a table to be typed.
///
/// # Errors
/// When standard input is a terminal.
pub(super) fn check() -> Result<(), LoadError> {
    if io::stdin().is_terminal() { Err(LoadError::Terminal) } else { Ok(()) }
}

/// Reads it to its end, unless that was done before; at most `budget` bytes.
///
/// # Errors
/// When it is a terminal, cannot be read, has too many bytes, or the observer ended the work.
pub(super) fn file(
    budget: u64,
    observer: &mut dyn Observer,
) -> Result<(Arc<File>, u64), LoadError> {
    let refused = |err| no_room(Path::new(NAME), 0, err);
    let kept = if let Some(kept) = KEPT.get() {
        kept
    } else {
        check()?;
        let file = Arc::new(tempfile::tempfile().map_err(refused)?);
        KEPT.get_or_init(|| Mutex::new(Kept { file, size: 0, is_whole: false }))
    };
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let mut buffer = vec![0; BLOCK];
    let mut input = io::stdin().lock();
    while !kept.is_whole {
        if kept.size > budget {
            return Err(LoadError::TooLarge {
                path: NAME.into(),
                what: "there are at least".to_owned(),
                found: kept.size,
                budget,
            });
        }
        // How much will come is not known.
        if observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
            return Err(LoadError::Cancelled);
        }
        match input.read(&mut buffer) {
            Ok(0) => kept.is_whole = true,
            Ok(count) => {
                let written = (&*kept.file).write_all(&buffer[..count]);
                written.map_err(|err| no_room(Path::new(NAME), kept.size, err))?;
                kept.size += count as u64;
            }
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => {
                return Err(LoadError::Io { path: NAME.into(), action: "read", err });
            }
        }
    }
    Ok((Arc::clone(&kept.file), kept.size))
}
