//! Writes files whole or not at all: to a temporary file beside the place, then renamed.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is there already.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// There is no folder to put it into.
    #[error("cannot write {}: there is no folder {}; create it first", path.display(), folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// Where it should be.
        folder: PathBuf,
    },
    /// The system would not.
    #[error("cannot write {}: {err}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        err: io::Error,
    },
}

/// Whether a file that is there may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// It stays, and writing fails.
    No,
    /// It is replaced at once by the new one.
    Yes,
}

/// Whether a file can come to be at `path`, as far as can be told without writing; returns its
/// folder.
///
/// # Errors
/// When `path` exists and must stay, or has no folder.
pub fn check(path: &Path, replace: Replace) -> Result<&Path, WriteError> {
    if path.is_dir() {
        let err = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder; name a file");
        return Err(WriteError::Io { path: path.to_owned(), err });
    }
    if replace == Replace::No && path.symlink_metadata().is_ok() {
        return Err(WriteError::Exists(path.to_owned()));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if folder.is_dir() {
        Ok(folder)
    } else {
        let folder = folder.to_owned();
        Err(WriteError::NoFolder { path: path.to_owned(), folder })
    }
}

/// Where `path` is, from the root on: for telling a user who does not see the current folder.
pub fn full_path(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What the system said, without the name of a temporary file that means nothing to anyone.
fn without_path(err: io::Error) -> io::Error {
    // The crate for temporary files tells what it wraps only in words.
    let told = err.to_string();
    told.split_once(" at path ").map_or(err, |(reason, _)| io::Error::other(reason.to_owned()))
}

/// A file that will be at its place when it is complete, and not before.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    replace: Replace,
    temporary: tempfile::NamedTempFile,
}

impl Output {
    /// Opens a temporary file beside `path`. Do this before long work: it fails early.
    ///
    /// # Errors
    /// When `path` exists and must stay, or its folder cannot be written to.
    pub fn open(path: &Path, replace: Replace) -> Result<Self, WriteError> {
        let folder = check(path, replace)?;
        let io = |err| WriteError::Io { path: path.to_owned(), err };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".sigmascope-").suffix(".part");
        // As any new file would have; the default lets only the owner read.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(folder).map_err(|err| io(without_path(err)))?;
        Ok(Self { path: path.to_owned(), replace, temporary })
    }

    /// Writes `bytes` and puts the file in its place.
    ///
    /// # Errors
    /// When the disk is full, or the file came into being meanwhile and must stay.
    pub fn finish(mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let io = |err| WriteError::Io { path: self.path.clone(), err };
        self.temporary.as_file_mut().write_all(bytes).map_err(io)?;
        self.temporary.as_file().sync_all().map_err(io)?;
        let placed = match self.replace {
            Replace::Yes => self.temporary.persist(&self.path),
            Replace::No => self.temporary.persist_noclobber(&self.path),
        };
        match placed {
            Ok(_) => Ok(()),
            Err(err) if err.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(WriteError::Exists(self.path))
            }
            Err(err) => Err(WriteError::Io { path: self.path, err: err.error }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_stays_unless_replacing_is_asked_for() -> Result<(), WriteError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f.npy");
        Output::open(&path, Replace::No)?.finish(b"one")?;
        assert!(matches!(Output::open(&path, Replace::No), Err(WriteError::Exists(_))));
        assert_eq!(std::fs::read(&path).expect("the file"), b"one");
        Output::open(&path, Replace::Yes)?.finish(b"two")?;
        assert_eq!(std::fs::read(&path).expect("the file"), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
        Ok(())
    }

    #[test]
    fn a_full_path_starts_at_the_root_and_keeps_the_name() {
        let path = full_path(Path::new("f.npy"));
        assert!(path.is_absolute() && path.ends_with("f.npy"), "{}", path.display());
        assert_eq!(full_path(&path), path);
        // There is nothing to say of no name at all.
        assert_eq!(full_path(Path::new("")), Path::new(""));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let message = Output::open(Path::new("/no/such/folder/f.npy"), Replace::No)
            .expect_err("no folder")
            .to_string();
        let expected = "cannot write /no/such/folder/f.npy: there is no folder /no/such/folder";
        assert!(message.starts_with(expected), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn a_message_does_not_name_the_temporary_file() {
        // Not even root can make a file there.
        let message = Output::open(Path::new("/proc/f.npy"), Replace::No);
        let message = message.expect_err("no place for files").to_string();
        assert!(message.starts_with("cannot write /proc/f.npy"), "{message}");
        assert!(!message.contains(".part"), "{message}");
    }

    #[test]
    fn nothing_is_left_behind_when_the_work_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Output::open(&folder.path().join("f.npy"), Replace::No));
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }
}
