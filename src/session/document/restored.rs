//! From a file that carries a document to what it restores: reads it, finds the files of the input, and says
//! what has changed.

use std::path::{Path, PathBuf};

use super::{Document, DocumentError, FileRecord, files};
use crate::{
    escape::{escaped, escaped_path},
    io::{
        carrier::{CarrierError, document_in},
        open,
    },
    numbers::format_number,
};

/// A document, and the files of its input.
#[derive(Clone, Debug, PartialEq)]
pub struct Restored {
    /// The file that carries it.
    pub from: PathBuf,
    /// What it says; the parameters name files where they are, once none is missing.
    pub document: Document,
    /// Where files are, as far as they were found.
    pub given: Given,
    /// The files that were not found.
    pub missing: Vec<Missing>,
    /// What has changed, in sentences.
    pub told: Vec<String>,
}

/// A file that was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What the document calls it.
    pub used_as: String,
    /// Its name.
    pub name: String,
}

/// Where files are, by what the document calls them.
pub type Given = Vec<(String, PathBuf)>;

/// Whether a file of this name is one that carries a document, rather than points.
pub fn is_document(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ["sigmascope", "png", "apng", "svg", "pdf"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// Reads the document in a file: a picture or a session.
///
/// # Errors
/// When it has none, or one that cannot be used.
pub fn found_in(path: &Path) -> Result<Document, DocumentError> {
    let (file, size) = open(path).map_err(|err| CarrierError::Unreadable(err.to_string()))?;
    Document::read(&document_in(file, size)?)
}

impl Restored {
    /// Reads the document in the file `from`, and finds the files of its input: where `given` says, where the
    /// document says, or beside `from`. It reads all of them: not for the window's thread.
    ///
    /// # Errors
    /// When there is no document that can be used.
    pub fn read(from: &Path, given: &[(String, PathBuf)]) -> Result<Self, DocumentError> {
        let mut document = found_in(from)?;
        let (mut found, mut missing, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for record in &document.files {
            match place_of(record, from, given) {
                Some(place) => {
                    told.extend(change_of(record, &place));
                    found.push((record.used_as.clone(), place));
                }
                None => missing
                    .push(Missing { used_as: record.used_as.clone(), name: record.name.clone() }),
            }
        }
        if missing.is_empty() {
            let places: Vec<PathBuf> = found.iter().map(|(_, place)| place.clone()).collect();
            files::resolve(&mut document, &places);
        }
        Ok(Self { from: from.to_owned(), document, given: found, missing, told })
    }
}

/// Where a file is.
fn place_of(record: &FileRecord, from: &Path, given: &[(String, PathBuf)]) -> Option<PathBuf> {
    if let Some((_, place)) = given.iter().find(|(used_as, _)| *used_as == record.used_as) {
        return Some(place.clone());
    }
    let beside = from.parent().unwrap_or(Path::new("")).join(&record.name);
    record.path.iter().cloned().chain([beside]).find(|place| place.is_file())
}

/// What is different about a file, if anything is.
fn change_of(record: &FileRecord, place: &Path) -> Option<String> {
    let FileRecord { name, bytes, sha256, .. } = record;
    let (bytes, sha256) = (bytes.as_ref()?, sha256.as_ref()?);
    let count = |bytes: u64| format_number(bytes as f64, 15);
    let what = match files::fingerprint(place) {
        Some((now, _)) if now != *bytes => {
            format!("it had {} bytes, now it has {}", count(*bytes), count(now))
        }
        Some((_, now)) if now != *sha256 => "it has as many bytes, but others".to_owned(),
        Some(_) => return None,
        None => "it cannot be read".to_owned(),
    };
    let (name, place) = (escaped(name), escaped_path(place));
    Some(format!("{name} has changed since the picture was made: {what} ({place})"))
}
