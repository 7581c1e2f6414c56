//! The temporary files and folders that are being written, deleted when a signal ends the program.

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tempfile::{NamedTempFile, TempDir};

/// The paths of all that are there now.
static PATHS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn lock() -> MutexGuard<'static, Vec<PathBuf>> {
    PATHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file that is known here until this is dropped.
#[derive(Debug)]
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    /// Makes a temporary file by `make`, and knows it from its first moment on.
    ///
    /// # Errors
    /// When `make` fails.
    pub(super) fn make(
        make: impl FnOnce() -> io::Result<NamedTempFile>,
    ) -> io::Result<(NamedTempFile, Self)> {
        let mut paths = lock();
        let file = make()?;
        let path = file.path().to_owned();
        paths.push(path.clone());
        Ok((file, Self(path)))
    }

    /// The same for a folder.
    ///
    /// # Errors
    /// When `make` fails.
    pub(super) fn make_folder(
        make: impl FnOnce() -> io::Result<TempDir>,
    ) -> io::Result<(TempDir, Self)> {
        let mut paths = lock();
        let folder = make()?;
        let path = folder.path().to_owned();
        paths.push(path.clone());
        Ok((folder, Self(path)))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        lock().retain(|path| *path != self.0);
    }
}

/// Takes all temporary files away. While the result is held, no other can be made: hold it until
/// the program has ended.
pub fn abandon() -> impl Sized {
    let paths = lock();
    for path in paths.iter() {
        // One that has just been put in its place is not there any more.
        if path.is_dir() {
            let _ = std::fs::remove_dir_all(path);
        } else {
            let _ = std::fs::remove_file(path);
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unfinished_is_known_until_it_is_done() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (file, known) = Unfinished::make(|| NamedTempFile::new_in(folder.path()))?;
        let path = file.path().to_owned();
        assert!(lock().contains(&path));
        drop(known);
        assert!(!lock().contains(&path) && path.exists());
        Ok(())
    }
}
