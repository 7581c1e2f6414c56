//! The files of the input, as a document names them: by name, size and SHA-256, and by path where that is
//! asked for.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    io::Read,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Document, DocumentError};
use crate::{
    io::open,
    model::{Input, Params, Weights},
};

/// Whether a document says where files are, or only what they are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// Names alone: a folder may tell who the user is.
    #[default]
    Names,
    /// Absolute paths too.
    Embedded,
}

/// A file of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileRecord {
    /// What the parameters call it: its name, which is numbered where two have the same.
    pub used_as: String,
    /// Its name, without a folder.
    pub name: String,
    /// Where it was, if that was to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// How long it was, if it was there.
    pub bytes: Option<u64>,
    /// What its content was, in hexadecimal digits.
    pub sha256: Option<String>,
}

/// Puts other paths in the place of all that `params` name.
pub(super) fn map_paths(params: &mut Params, map: &mut dyn FnMut(&Path) -> PathBuf) {
    if let Input::Files { targets, sources, .. } = &mut params.input {
        *targets = map(targets);
        if let Some(sources) = sources {
            *sources = map(sources);
        }
        for more in &mut params.reading.more {
            *more = map(more);
        }
        if let Some(Weights::File(weights)) = &mut params.weights {
            *weights = map(weights);
        }
    }
}

/// The file that a path means, and the rest of it where that is a part of the file.
pub(in crate::session) fn container_of(path: &Path) -> (PathBuf, Option<String>) {
    let whole = (path.to_owned(), None);
    if path.exists() {
        return whole;
    }
    let parts = path.to_str().and_then(|text| text.rsplit_once(':'));
    match parts.filter(|(file, _)| Path::new(file).is_file()) {
        Some((file, part)) => (file.into(), Some(part.to_owned())),
        None => whole,
    }
}

/// Names the files of `params` in the place of their paths, and describes them.
pub(super) fn record(params: &mut Params, paths: Paths) -> Vec<FileRecord> {
    let mut known: Vec<(PathBuf, FileRecord)> = Vec::new();
    map_paths(params, &mut |path| {
        let (file, part) = container_of(path);
        let full = std::path::absolute(&file).unwrap_or_else(|_| file.clone());
        let before = known.iter().find(|(other, _)| *other == full);
        let used_as = if let Some((_, record)) = before {
            record.used_as.clone()
        } else {
            let name = file.file_name().unwrap_or(file.as_os_str());
            let name = name.to_string_lossy().into_owned();
            let same = known.iter().filter(|(_, record)| record.name == name).count();
            let used_as = if same == 0 { name.clone() } else { format!("{name} #{}", same + 1) };
            let fingerprint = fingerprint(&file);
            let path = (paths == Paths::Embedded && full.to_str().is_some()).then(|| full.clone());
            let record = FileRecord {
                used_as: used_as.clone(),
                name,
                path,
                bytes: fingerprint.as_ref().map(|(bytes, _)| *bytes),
                sha256: fingerprint.map(|(_, sha256)| sha256),
            };
            known.push((full, record));
            used_as
        };
        part.map_or_else(|| used_as.clone().into(), |part| format!("{used_as}:{part}").into())
    });
    known.into_iter().map(|(_, record)| record).collect()
}

/// Puts the files that were found in the place of their names; `found` are those of all records, in their
/// order.
pub(super) fn resolve(document: &mut Document, found: &[PathBuf]) {
    let records = &document.files;
    map_paths(&mut document.params, &mut |path| {
        let used = records.iter().zip(found).find_map(|(record, found)| {
            let part = part_of(path, &record.used_as)?;
            let mut whole = found.clone().into_os_string();
            whole.push(part);
            Some(whole.into())
        });
        used.unwrap_or_else(|| path.to_owned())
    });
}

/// What follows the name of the file that is used as `name` in `path`, if that is it: nothing, or a colon and a
/// part of it.
fn part_of<'a>(path: &'a Path, name: &str) -> Option<&'a str> {
    let rest = path.to_str()?.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with(':')).then_some(rest)
}

/// Refuses a document that names files which it does not describe, or describes by more than a name.
pub(super) fn check(document: &Document) -> Result<(), DocumentError> {
    /// More files than anyone opens at once.
    const MOST: usize = 100_000;
    let is_name = |record: &FileRecord| {
        let name = Path::new(&record.name);
        // On this system or another.
        let is_plain = !record.name.contains(['/', '\\', '\0']);
        is_plain && name.file_name().is_some_and(|own| own == name) && !record.used_as.is_empty()
    };
    if document.files.len() > MOST || !document.files.iter().all(is_name) {
        return Err(DocumentError::Illegal("the name of a file"));
    }
    let mut is_known = true;
    map_paths(&mut document.params.clone(), &mut |path| {
        // Exact names first: they are most of them.
        is_known &= document.files.iter().any(|record| part_of(path, &record.used_as).is_some());
        path.to_owned()
    });
    if is_known { Ok(()) } else { Err(DocumentError::Illegal("the name of a file")) }
}

/// The fingerprints that were taken last, newest first.
static TAKEN: Mutex<VecDeque<(PathBuf, u64, SystemTime, String)>> = Mutex::new(VecDeque::new());

/// How long a file is, and its SHA-256; `None` where it is not there or no plain file. It reads all of it: not
/// for the window's thread.
pub(super) fn fingerprint(path: &Path) -> Option<(u64, String)> {
    /// More than are open at once.
    const KEPT: usize = 64;
    let (file, bytes) = open(path).ok()?;
    let place = path.canonicalize().ok()?;
    let changed = file.metadata().ok()?.modified().ok();
    let taken = || TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |(known, length, at, _): &&(PathBuf, u64, SystemTime, String)| {
        *known == place && *length == bytes && Some(*at) == changed
    };
    // What was written in the last seconds may be written again within the same tick of its clock.
    let is_old = changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age.as_secs() > 2);
    let known = taken().iter().find(same).map(|(.., sha256)| sha256.clone());
    if let Some(sha256) = known.filter(|_| is_old) {
        return Some((bytes, sha256));
    }
    let sha256 = sha256_of(file).ok()?;
    if let Some(at) = changed {
        let mut taken = taken();
        taken.retain(|(known, ..)| *known != place);
        taken.push_front((place, bytes, at, sha256.clone()));
        taken.truncate(KEPT);
    }
    Some((bytes, sha256))
}

/// The SHA-256 of what is read, in hexadecimal digits.
fn sha256_of(mut file: impl Read) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(length) => hash.update(&block[..length]),
            Err(err) if err.kind() == std::io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    let mut digits = String::new();
    for byte in hash.finalize() {
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of(&b"abc"[..]).expect("memory"), expected);
    }

    #[test]
    fn files_are_named_and_found_again_also_two_of_one_name_and_parts_of_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("deep")).expect("a folder");
        for name in ["a.csv", "deep/a.csv", "w.npz"] {
            std::fs::write(at(name), name).expect("a file");
        }
        let sources = Some(at("deep/a.csv"));
        let input = Input::Files { targets: at("a.csv"), sources, columns: Vec::new() };
        let weights = Some(Weights::File(at("w.npz:x")));
        let params = Params { input, weights, ..Params::default() };
        let mut document = Document::new(params.clone());
        document.files = record(&mut document.params, Paths::Names);
        let json = document.json().expect("short");
        assert!(!json.contains(folder.path().to_str().expect("text")), "{json}");
        assert_eq!(document.params.weights, Some(Weights::File("w.npz:x".into())));
        assert_eq!(document.files.len(), 3);
        assert_eq!(document.files[1].used_as, "a.csv #2");
        assert_eq!(document.files[2].bytes, Some(5));
        assert!(check(&document).is_ok());
        resolve(&mut document, &[at("a.csv"), at("deep/a.csv"), at("w.npz")]);
        assert_eq!(document.params, params);
        document.files.pop();
        document.params.weights = Some(Weights::File("/etc/passwd".into()));
        assert!(check(&document).is_err());
    }
}
