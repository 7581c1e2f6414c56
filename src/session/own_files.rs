//! The program's own files, in the folder that the system has for settings.
//!
//! Each is a small JSON document, written whole or not at all. One that cannot be read is set aside
//! under another name, so that it neither stops the start nor is lost.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Notice, NoticeKind,
    files::{Output, Replace, WriteError},
};
use crate::{
    escape::{escaped, escaped_path},
    io::open,
};

/// A file that made no sense.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be read: {}; {}", escaped_path(path), escaped(reason), match aside {
    Some(aside) => format!("it was set aside as {}", escaped_path(aside)),
    None => "it is ignored".to_owned(),
})]
pub struct Unreadable {
    path: PathBuf,
    reason: String,
    /// Where it is now.
    aside: Option<PathBuf>,
}

impl From<&Unreadable> for Notice {
    fn from(err: &Unreadable) -> Self {
        Self { kind: NoticeKind::BadInput, text: err.to_string() }
    }
}

/// The folder of the program's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFiles(PathBuf);

impl OwnFiles {
    /// The environment variable that names another folder.
    pub const VARIABLE: &'static str = "SIGMASCOPE_SETTINGS";
    /// The most bytes of a file that is read: the program writes far smaller ones, and a larger one
    /// is not its own.
    const MAX_BYTES: u64 = 1 << 20;

    /// The folder that [`Self::VARIABLE`] names, or the one that the system has for it; `None` where
    /// there is none, as for a user without a home.
    pub fn of_this_user() -> Option<Self> {
        let named = std::env::var_os(Self::VARIABLE).filter(|name| !name.is_empty());
        let usual = || Some(etcetera::choose_base_strategy().ok()?.config_dir().join("sigmascope"));
        named.map(PathBuf::from).or_else(usual).map(Self)
    }

    /// The folder for what the program can do without; in the folder that [`Self::VARIABLE`] names, if it names
    /// one.
    pub fn cache() -> Option<Self> {
        let named = std::env::var_os(Self::VARIABLE).filter(|name| !name.is_empty());
        let usual = || Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("sigmascope"));
        named.map(|folder| PathBuf::from(folder).join("cache")).or_else(usual).map(Self)
    }

    /// Refuses a [`Self::VARIABLE`] that can name no folder.
    ///
    /// # Errors
    /// When something else than a folder is at its place, or on the way there; the message names the
    /// variable and what is there.
    pub fn check_variable() -> Result<(), String> {
        let Some(named) = std::env::var_os(Self::VARIABLE).filter(|name| !name.is_empty()) else {
            return Ok(());
        };
        let named = PathBuf::from(named);
        // What is not there yet is made; the nearest that is there has to be a folder.
        let there = named.ancestors().find(|place| place.symlink_metadata().is_ok());
        match there {
            Some(place) if !place.is_dir() => Err(format!(
                "{} is '{}': {} is no folder; name a folder, or unset it",
                Self::VARIABLE,
                escaped_path(&named),
                escaped_path(place),
            )),
            _ => Ok(()),
        }
    }

    /// The files in `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Where the file of this name is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Reads a file; `None` where it is not there.
    ///
    /// # Errors
    /// When it makes no sense. Then it has been set aside.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Unreadable> {
        let path = self.path(name);
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        Self::parse(&path).map(Some).map_err(|reason| {
            let aside = path.with_extension("unreadable");
            let moved = std::fs::rename(&path, &aside).is_ok();
            Unreadable { path, reason, aside: moved.then_some(aside) }
        })
    }

    fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
        let (file, size) = open(path).map_err(|err| err.to_string())?;
        if size > Self::MAX_BYTES {
            return Err(format!("it has {size} bytes, more than {}", Self::MAX_BYTES));
        }
        let mut text = String::new();
        file.take(Self::MAX_BYTES).read_to_string(&mut text).map_err(|err| err.to_string())?;
        serde_json::from_str(&text).map_err(|err| err.to_string())
    }

    /// Writes a file, and the folder for it where there is none.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), WriteError> {
        let path = self.path(name);
        let io = |err| WriteError::Io { path: path.clone(), err };
        std::fs::create_dir_all(&self.0).map_err(io)?;
        let bytes = serde_json::to_vec_pretty(value).map_err(|err| io(err.into()))?;
        Output::open(&path, Replace::Yes)?.finish(&bytes)
    }

    /// Takes a file away, if it is there.
    pub fn remove(&self, name: &str) {
        let path = self.path(name);
        if let Err(err) = std::fs::remove_file(&path)
            && err.kind() != std::io::ErrorKind::NotFound
        {
            log::warn!("cannot remove {}: {err}", escaped_path(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_makes_no_sense_is_set_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = OwnFiles::in_folder(&folder.path().join("deep").join("down"));
        assert_eq!(files.read::<u32>("a.json").expect("none"), None);
        files.write("a.json", &7_u32).expect("written");
        assert_eq!(files.read("a.json").expect("one"), Some(7_u32));
        for bad in [&b"{"[..], b"\xff\xfe", b"", b"\"seven\""] {
            std::fs::write(files.path("a.json"), bad).expect("a file");
            let message = files.read::<u32>("a.json").expect_err("nonsense").to_string();
            assert!(message.contains("a.json") && message.contains("a.unreadable"), "{message}");
            assert_eq!(std::fs::read(files.path("a.unreadable")).expect("set aside"), bad);
            assert_eq!(files.read::<u32>("a.json").expect("none"), None);
        }
        files.write("a.json", &8_u32).expect("written");
        files.remove("a.json");
        files.remove("a.json");
        assert_eq!(files.read::<u32>("a.json").expect("none"), None);
    }

    #[test]
    fn a_file_that_is_far_too_long_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = OwnFiles::in_folder(folder.path());
        std::fs::write(files.path("a.json"), vec![b' '; 2 << 20]).expect("a file");
        let message = files.read::<u32>("a.json").expect_err("too long").to_string();
        assert!(message.contains("2097152 bytes"), "{message}");
    }
}
