//! A temporary file without a name that takes what was unpacked, up to a limit.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::LoadError;
use super::wording::{bytes, shown};

/// What was unpacked so far; it vanishes with the program, however that ends.
pub(super) struct Spool {
    /// The file that it comes from, for messages.
    path: PathBuf,
    /// Bytes that it comes from.
    packed: u64,
    file: File,
    written: u64,
    budget: u64,
}

impl Spool {
    /// An empty one for what comes out of the `packed` bytes of the file at `path`, at most `budget` bytes.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub(super) fn new(path: &Path, packed: u64, budget: u64) -> Result<Self, LoadError> {
        let file = tempfile::tempfile().map_err(|err| no_room(path, 0, err))?;
        Ok(Self { path: path.into(), packed, file, written: 0, budget })
    }

    /// Adds some bytes.
    ///
    /// # Errors
    /// When there are too many by now, or the disk is full.
    pub(super) fn write(&mut self, block: &[u8]) -> Result<(), LoadError> {
        let found = self.written + block.len() as u64;
        if found > self.budget {
            return Err(LoadError::TooLarge {
                path: self.path.clone(),
                what: format!("its {} unpack to at least", bytes(self.packed)),
                found,
                budget: self.budget,
            });
        }
        self.file.write_all(block).map_err(|err| no_room(&self.path, self.written, err))?;
        self.written = found;
        Ok(())
    }

    /// The file, all of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> Result<File, LoadError> {
        self.file.flush().map_err(|err| no_room(&self.path, self.written, err))?;
        Ok(self.file)
    }
}

/// That a temporary file takes no more.
pub(super) fn no_room(path: &Path, written: u64, err: io::Error) -> LoadError {
    let is_full = matches!(err.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if !is_full {
        return LoadError::Io { path: path.into(), action: "make a temporary file for", err };
    }
    LoadError::Content {
        path: path.into(),
        found: format!("more than {} once it is unpacked", bytes(written)),
        expected: format!(
            "that there is room for it in {}, the folder of temporary files",
            shown(&std::env::temp_dir())
        ),
        remedy: "make room, or set TMPDIR to a folder on a larger disk".to_owned(),
    }
}
