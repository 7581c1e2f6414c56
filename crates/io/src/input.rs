//! An open file that can be read from any place, by several readers at once.

use std::fs::{File, FileType, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::LoadError;
use super::stdin::{self, Named};
use sigmascope_core::engine::{Observer, Unobserved};

/// A file to read points from.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// What the user named, for messages; `standard input` for `-`.
    path: PathBuf,
    /// The part of the file that the user named behind a colon: an array, a sheet.
    part: Option<String>,
    file: Arc<File>,
    size: u64,
    /// The size of the file that the user named, with whatever is packed in it.
    stored: u64,
    /// What had to be undone to get at the content, in words: `gzip`.
    wrapping: Option<&'static str>,
}

impl Input {
    /// Opens the file at `path`, which may name a part of it behind a colon.
    ///
    /// # Errors
    /// When there is no such file, it may not be read, or it is not a plain file.
    pub(super) fn open(path: &Path) -> Result<Self, LoadError> {
        Self::open_within(path, u64::MAX, &mut Unobserved)
    }

    /// The same; of standard input, `-`, which is read to its end, at most `budget` bytes.
    ///
    /// # Errors
    /// As for [`Self::open`]; [`LoadError::Cancelled`] when `observer` ended the work.
    pub(super) fn open_within(
        path: &Path,
        budget: u64,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        if let Some(Named { part }) = stdin::named_by(path) {
            let (file, size) = stdin::file(budget, observer)?;
            return Ok(Self {
                path: stdin::NAME.into(),
                part,
                file,
                size,
                stored: size,
                wrapping: None,
            });
        }
        let (place, part) = split_part(path);
        let (file, size) = open_plain(path, &place)?;
        let file = Arc::new(file);
        Ok(Self { path: path.to_owned(), part, file, size, stored: size, wrapping: None })
    }

    /// The same input with `file`, which holds what was wrapped in it as `wrapping` says.
    ///
    /// # Errors
    /// When the size of that file cannot be told.
    pub(super) fn unwrapped(&self, file: File, wrapping: &'static str) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), size, wrapping: Some(wrapping), ..self.clone() })
    }

    /// A part of this input that was unpacked into `file`, called `part` in messages: `points.npz:x`.
    ///
    /// # Errors
    /// When the size of that file cannot be told.
    pub(super) fn unpacked(&self, file: File, part: &str) -> io::Result<Self> {
        let size = file.metadata()?.len();
        let mut path = self.path.clone().into_os_string();
        if self.part.is_none() {
            path.push(format!(":{part}"));
        }
        Ok(Self { path: path.into(), file: Arc::new(file), size, ..self.clone() })
    }

    /// The path as the user named it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The part of the file that the user named.
    pub(super) fn part(&self) -> Option<&str> {
        self.part.as_deref()
    }

    /// Its size in bytes when it was opened.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The size in bytes of the file that the user named, packed as it is; of all, where there are several.
    pub(super) fn stored(&self) -> u64 {
        self.stored
    }

    /// The same input as the first of several of this size in all.
    pub(super) fn among(self, stored: u64) -> Self {
        Self { stored, ..self }
    }

    /// What the content was wrapped in.
    pub(super) fn wrapping(&self) -> Option<&'static str> {
        self.wrapping
    }

    /// The file itself, whose one place to read from is shared by all who use it so.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// A reader of its own, at the beginning of the file.
    pub(super) fn reader(&self) -> Section {
        self.section(0, self.size)
    }

    /// A reader of its own of `length` bytes from `start`, or of as many as there are.
    pub(super) fn section(&self, start: u64, length: u64) -> Section {
        let end = start.saturating_add(length);
        Section { file: Arc::clone(&self.file), start, end, position: start }
    }

    /// The first bytes, at most `count`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn head(&self, count: u64) -> Result<Vec<u8>, LoadError> {
        let mut head = Vec::new();
        let read = self.section(0, count).read_to_end(&mut head);
        read.map_err(|err| self.refusal(err))?;
        Ok(head)
    }

    /// That the file could not be read.
    pub(super) fn refusal(&self, err: io::Error) -> LoadError {
        LoadError::Io { path: self.path.clone(), action: "read", err }
    }
}

/// A stretch of a file with a place to read from of its own.
#[derive(Clone, Debug)]
pub(super) struct Section {
    file: Arc<File>,
    start: u64,
    end: u64,
    position: u64,
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let count = read_at(&self.file, &mut buffer[..wanted], self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Section {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let position = match place {
            SeekFrom::Start(offset) => self.start.checked_add(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        match position {
            Some(position) if position >= self.start => {
                self.position = position;
                Ok(position - self.start)
            }
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "a place outside of the file")),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, place)
}

/// Opens the plain file at `path` and tells its size; loads nothing.
///
/// # Errors
/// When there is no such file, it may not be read, or it is not a plain file.
pub fn open(path: &Path) -> Result<(File, u64), LoadError> {
    open_plain(path, path)
}

/// The same of the file at `place`, which the user called `path`.
fn open_plain(path: &Path, place: &Path) -> Result<(File, u64), LoadError> {
    let refused = |err| LoadError::Io { path: path.into(), action: "open", err };
    // Opening a pipe waits for its writer, so look before opening, and once more after it.
    check_plain(path, &std::fs::metadata(place).map_err(refused)?)?;
    let file = File::open(place).map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    check_plain(path, &metadata)?;
    Ok((file, metadata.len()))
}

/// The file and the part of it that `path` names: `points.npz:x`. A file of the whole name comes first.
fn split_part(path: &Path) -> (PathBuf, Option<String>) {
    let whole = (path.to_owned(), None);
    if path.exists() {
        return whole;
    }
    let Some((file, part)) = path.to_str().and_then(|text| text.rsplit_once(':')) else {
        return whole;
    };
    if !part.is_empty() && Path::new(file).is_file() {
        (file.into(), Some(part.to_owned()))
    } else {
        whole
    }
}

fn check_plain(path: &Path, metadata: &Metadata) -> Result<(), LoadError> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    let found = if kind.is_dir() { "a folder" } else { special(kind) };
    Err(LoadError::NotAFile { path: path.into(), found })
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "not a plain file"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn readers_do_not_share_a_place() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(b"0123456789").expect("written");
        let input = Input::open(file.path()).expect("open");
        let (mut one, mut other) = (input.reader(), input.section(4, 3));
        let mut text = String::new();
        assert_eq!(one.seek(SeekFrom::End(-2)).expect("inside"), 8);
        other.read_to_string(&mut text).expect("text");
        one.read_to_string(&mut text).expect("text");
        assert_eq!(text, "45689");
        assert_eq!(other.seek(SeekFrom::Start(1)).expect("inside"), 1);
        assert!(other.seek(SeekFrom::Current(-2)).is_err());
    }

    #[test]
    fn a_part_is_named_behind_a_colon_unless_a_file_is_called_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.npz");
        std::fs::write(&file, b"").expect("written");
        let named = |name: &str| split_part(&folder.path().join(name));
        assert_eq!(named("a.npz:x"), (file.clone(), Some("x".to_owned())));
        assert_eq!(named("a.npz:"), (folder.path().join("a.npz:"), None));
        assert_eq!(named("b.npz:x"), (folder.path().join("b.npz:x"), None));
        std::fs::write(folder.path().join("a.npz:y"), b"").expect("written");
        assert_eq!(named("a.npz:y").1, None);
    }
}
