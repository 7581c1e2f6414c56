//! A folder of frames, written whole or not at all: to a temporary folder beside the place, then renamed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    files::{Replace, WriteError, folder_of, without_path},
    unfinished::Unfinished,
};

/// What the names of frames begin and end with.
const FRAME: [&str; 2] = ["frame-", ".png"];

/// Whether a path names a folder: it ends in a separator.
pub(super) fn is_folder(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    path.parent().is_some() && last.is_some_and(|last| std::path::is_separator(char::from(*last)))
}

/// The path without a separator at its end.
fn plain(path: &Path) -> &Path {
    path.components().as_path()
}

/// Whether a folder of frames can come to be at `path`: nothing is there, or an empty folder, or frames alone that
/// may be replaced.
///
/// # Errors
/// When something else is there, or its folder is not.
pub(super) fn check(path: &Path, replace: Replace) -> Result<(), WriteError> {
    let place = plain(path);
    let io = |err| WriteError::Io { path: path.to_owned(), err };
    if place.symlink_metadata().is_ok() {
        if !place.is_dir() {
            return Err(WriteError::Exists(place.to_owned()));
        }
        let entries = fs::read_dir(place).map_err(io)?;
        let names = entries.map(|entry| Ok(entry?.file_name()));
        let names = names.collect::<io::Result<Vec<_>>>().map_err(io)?;
        if !names.is_empty() && replace == Replace::No {
            return Err(WriteError::Exists(path.to_owned()));
        }
        let is_frame = |name: &std::ffi::OsString| {
            let name = name.to_string_lossy();
            name.starts_with(FRAME[0]) && name.ends_with(FRAME[1])
        };
        if !names.iter().all(is_frame) {
            return Err(WriteError::Mixed(path.to_owned()));
        }
    }
    let folder = folder_of(place);
    if folder.is_dir() {
        Ok(())
    } else {
        Err(WriteError::NoFolder { path: path.to_owned(), folder: folder.to_owned() })
    }
}

/// A folder of frames that will be at its place when it is complete.
#[derive(Debug)]
pub(super) struct FrameFolder {
    path: PathBuf,
    replace: Replace,
    // In this order: it is known until it is gone.
    temporary: tempfile::TempDir,
    _unfinished: Unfinished,
    digits: usize,
}

impl FrameFolder {
    /// Makes a temporary folder beside `path` for so many frames.
    ///
    /// # Errors
    /// As for [`check`], and when its folder cannot be written to.
    pub(super) fn open(path: &Path, replace: Replace, frames: u32) -> Result<Self, WriteError> {
        check(path, replace)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".sigmascope-").suffix(".part");
        // As any new folder would have; the default lets only the owner in.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let made = Unfinished::make_folder(|| builder.tempdir_in(folder_of(plain(path))));
        let (temporary, unfinished) =
            made.map_err(|err| WriteError::Io { path: path.to_owned(), err: without_path(err) })?;
        let digits = frames.to_string().len().max(4);
        Ok(Self { path: path.to_owned(), replace, temporary, _unfinished: unfinished, digits })
    }

    fn failed(&self, err: io::Error) -> WriteError {
        WriteError::Io { path: self.path.clone(), err }
    }

    /// Writes frame `k`, counted from 0: its name counts from 1.
    ///
    /// # Errors
    /// When the disk is full.
    pub(super) fn write(&self, k: u32, bytes: &[u8]) -> Result<(), WriteError> {
        let [start, end] = FRAME;
        let name = format!("{start}{:0digits$}{end}", k + 1, digits = self.digits);
        fs::write(self.temporary.path().join(name), bytes).map_err(|err| self.failed(err))
    }

    /// Puts the folder in its place.
    ///
    /// # Errors
    /// When something came into being there meanwhile, or the system would not.
    pub(super) fn complete(self) -> Result<(), WriteError> {
        check(&self.path, self.replace)?;
        let place = plain(&self.path).to_owned();
        // A symbolic link stays, and leads to the new folder.
        let place = place.canonicalize().unwrap_or(place);
        if place.is_dir() {
            // It holds nothing but frames, which are replaced.
            fs::remove_dir_all(&place).map_err(|err| self.failed(err))?;
        }
        fs::rename(self.temporary.path(), &place).map_err(|err| self.failed(err))?;
        // It is not where it was, so that nothing is removed.
        let _ = self.temporary.keep();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_comes_to_be_whole_or_not_at_all() -> Result<(), WriteError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("frames/");
        assert!(is_folder(&path) && !is_folder(&folder.path().join("frames")));
        let count = |path: &Path| fs::read_dir(path).map_or(0, Iterator::count);
        let frames = FrameFolder::open(&path, Replace::No, 2)?;
        frames.write(0, b"one")?;
        assert!(!path.exists());
        drop(frames);
        assert_eq!(count(folder.path()), 0);
        for replace in [Replace::No, Replace::Yes] {
            let frames = FrameFolder::open(&path, replace, 2)?;
            frames.write(1, b"two")?;
            frames.complete()?;
            assert_eq!(fs::read(path.join("frame-0002.png")).expect("a frame"), b"two");
            assert_eq!((count(&path), count(folder.path())), (1, 1));
        }
        let again = FrameFolder::open(&path, Replace::No, 2);
        assert!(matches!(again, Err(WriteError::Exists(_))));
        fs::write(path.join("notes.txt"), b"mine").expect("a file");
        let mixed = FrameFolder::open(&path, Replace::Yes, 2);
        assert!(matches!(mixed, Err(WriteError::Mixed(_))));
        assert_eq!(count(&path), 2);
        let nowhere = FrameFolder::open(&folder.path().join("a/b/"), Replace::No, 2);
        assert!(matches!(nowhere, Err(WriteError::NoFolder { .. })));
        Ok(())
    }
}
