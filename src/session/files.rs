//! Writes files whole or not at all: to a temporary file beside the place, then renamed.
//!
//! Where the path is a symbolic link, the place is what it leads to, and the link stays. A file that
//! is replaced passes its permissions on, and its owner where the system lets it.

use std::{
    fs::{File, FileType},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::unfinished::Unfinished;
use crate::escape::{escaped, escaped_path};

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is there already.
    #[error("{} exists already", escaped_path(.0))]
    Exists(PathBuf),
    /// There is no folder to put it into.
    #[error(
        "cannot write {}: there is no folder {}; create it first",
        escaped_path(path),
        escaped_path(folder)
    )]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// Where it should be.
        folder: PathBuf,
    },
    /// A folder, a pipe, a device.
    #[error("cannot write {}: this is {found}; name a file", escaped_path(path))]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// A folder that holds more than frames of an animation.
    #[error(
        "{} holds files that are no frames of an animation, and stays; name another folder",
        escaped_path(.0)
    )]
    Mixed(PathBuf),
    /// The system would not.
    #[error("cannot write {}: {}", escaped_path(path), escaped(&err.to_string()))]
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

/// Whether a file can come to be at `path`, as far as can be told without writing; returns the place
/// to write to, which is another one where `path` is a symbolic link.
///
/// # Errors
/// When `path` exists and must stay, is no file that could be replaced, or has no folder.
pub fn check(path: &Path, replace: Replace) -> Result<PathBuf, WriteError> {
    let place = place_of(path).map_err(|err| WriteError::Io { path: path.to_owned(), err })?;
    if let Ok(metadata) = place.metadata()
        && !metadata.is_file()
    {
        let found = kind_of(metadata.file_type());
        return Err(WriteError::NotAFile { path: path.to_owned(), found });
    }
    if replace == Replace::No && path.symlink_metadata().is_ok() {
        return Err(WriteError::Exists(path.to_owned()));
    }
    let folder = folder_of(&place);
    if folder.is_dir() {
        Ok(place)
    } else {
        let folder = folder.to_owned();
        Err(WriteError::NoFolder { path: path.to_owned(), folder })
    }
}

/// Where symbolic links lead, also to a file that is not there yet.
fn place_of(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        match place.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                // A relative link starts from its own folder; joining an absolute one replaces all.
                place = folder_of(&place).join(place.read_link()?);
            }
            _ => return Ok(place),
        }
    }
    Err(io::Error::other("its symbolic links lead in a circle"))
}

pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// What is there instead of a file, in words.
fn kind_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    "not a plain file"
}

/// Where `path` is, from the root on: for telling a user who does not see the current folder.
pub fn full_path(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What the system said, without the name of a temporary file that means nothing to anyone.
pub(super) fn without_path(err: io::Error) -> io::Error {
    // The crate for temporary files tells what it wraps only in words.
    let (told, kind) = (err.to_string(), err.kind());
    told.split_once(" at path ").map_or(err, |(reason, _)| io::Error::new(kind, reason.to_owned()))
}

/// Makes `file` as much like the file at `place` as it may: its permissions, and its owner and group
/// where the system lets it. The permissions come first and last: nobody may read meanwhile who must
/// not, and a change of owner takes some of them away.
fn make_alike(file: &File, place: &Path) -> io::Result<()> {
    let Ok(metadata) = place.metadata() else { return Ok(()) };
    file.set_permissions(metadata.permissions())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let own = file.metadata()?;
        if [own.uid(), own.gid()] != [metadata.uid(), metadata.gid()] {
            // Only root may give a file away.
            let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
            file.set_permissions(metadata.permissions())?;
        }
    }
    Ok(())
}

/// A file that will be at its place when it is complete, and not before.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    /// Where it comes to be.
    place: PathBuf,
    replace: Replace,
    // In this order: it is known until it is gone.
    temporary: tempfile::NamedTempFile,
    _unfinished: Unfinished,
}

impl Output {
    /// Opens a temporary file beside `path`. Do this before long work: it fails early.
    ///
    /// # Errors
    /// When `path` exists and must stay, or its folder cannot be written to.
    pub fn open(path: &Path, replace: Replace) -> Result<Self, WriteError> {
        let place = check(path, replace)?;
        let io = |err| WriteError::Io { path: path.to_owned(), err };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".sigmascope-").suffix(".part");
        // As any new file would have; the default lets only the owner read.
        #[cfg(unix)]
        if !place.exists() {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        let (temporary, unfinished) = Unfinished::make(|| builder.tempfile_in(folder_of(&place)))
            .map_err(|err| io(without_path(err)))?;
        make_alike(temporary.as_file(), &place).map_err(io)?;
        Ok(Self { path: path.to_owned(), place, replace, temporary, _unfinished: unfinished })
    }

    /// The temporary file, to write to; [`Self::complete`] then puts it in its place.
    ///
    /// # Errors
    /// When the system has no more handles for files.
    pub fn file(&self) -> Result<File, WriteError> {
        self.temporary.as_file().try_clone().map_err(|err| self.failed(err))
    }

    /// That the file could not be written.
    pub fn failed(&self, err: io::Error) -> WriteError {
        WriteError::Io { path: self.path.clone(), err }
    }

    /// Writes `bytes` and puts the file in its place.
    ///
    /// # Errors
    /// When the disk is full, or the file came into being meanwhile and must stay.
    pub fn finish(mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.temporary.as_file_mut().write_all(bytes).map_err(|err| self.failed(err))?;
        self.complete()
    }

    /// Puts the file, which has been written, in its place.
    ///
    /// # Errors
    /// When the disk is full, or the file came into being meanwhile and must stay.
    pub fn complete(self) -> Result<(), WriteError> {
        self.temporary.as_file().sync_all().map_err(|err| self.failed(err))?;
        let placed = match self.replace {
            Replace::Yes => self.temporary.persist(&self.place),
            Replace::No => self.temporary.persist_noclobber(&self.place),
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

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions_and_its_links() -> Result<(), WriteError> {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let mode = |name: &str| at(name).metadata().expect("a file").permissions().mode() & 0o7777;
        for wanted in [0o600, 0o640, 0o444, 0o777] {
            std::fs::write(at("f.csv"), b"old").expect("a file");
            let permissions = std::fs::Permissions::from_mode(wanted);
            std::fs::set_permissions(at("f.csv"), permissions).expect("permissions");
            Output::open(&at("f.csv"), Replace::Yes)?.finish(b"new")?;
            assert_eq!(
                (mode("f.csv"), std::fs::read(at("f.csv")).ok()),
                (wanted, Some(b"new".into()))
            );
            std::fs::remove_file(at("f.csv")).expect("gone");
        }
        // A link, one to that link, and one to a file that is not there yet.
        std::fs::create_dir(at("deep")).expect("a folder");
        std::fs::write(at("deep/real.csv"), b"old").expect("a file");
        symlink("deep/real.csv", at("link.csv")).expect("a link");
        symlink(at("link.csv"), at("chain.csv")).expect("a link");
        symlink("deep/later.csv", at("dangling.csv")).expect("a link");
        for (link, real) in [
            ("link.csv", "deep/real.csv"),
            ("chain.csv", "deep/real.csv"),
            ("dangling.csv", "deep/later.csv"),
        ] {
            assert!(matches!(Output::open(&at(link), Replace::No), Err(WriteError::Exists(_))));
            Output::open(&at(link), Replace::Yes)?.finish(link.as_bytes())?;
            assert_eq!(std::fs::read(at(real)).expect("the file"), link.as_bytes());
            assert!(at(link).symlink_metadata().expect("a link").is_symlink(), "{link} is a file");
        }
        symlink("circle.csv", at("circle.csv")).expect("a link");
        let message = Output::open(&at("circle.csv"), Replace::Yes).expect_err("a circle");
        assert!(message.to_string().contains("in a circle"), "{message}");
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let _socket = std::os::unix::net::UnixListener::bind(at("socket.csv")).expect("a socket");
        std::os::unix::fs::symlink("/dev/null", at("null.csv")).expect("a link");
        for (path, words) in
            [(at("socket.csv"), "a socket"), (at("null.csv"), "a device"), (at(""), "a folder")]
        {
            for replace in [Replace::No, Replace::Yes] {
                let message = Output::open(&path, replace).expect_err("no file").to_string();
                assert!(message.contains(words), "{message}");
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 2);
    }

    #[test]
    fn a_message_shows_what_a_name_hides() {
        let message = WriteError::Exists(PathBuf::from("a\u{1b}[2J\n\u{202e}b.csv")).to_string();
        assert_eq!(message, r"a\u{1b}[2J\n\u{202e}b.csv exists already");
    }
}
