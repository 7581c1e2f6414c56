//! NPZ files: arrays of `NumPy` in a zip archive, of which one is taken, or flat ones of one length as the
//! columns of a table.
//!
//! ```text
//!   points.npz:x                                       the array of that name
//!   x (n, 2), labels (n,)                              x
//!   x (n,), y (n,), w (n,), edges (m,)                 a table of x, y and w
//! ```
//!
//! An array that is wanted is unpacked to a temporary file, all of it, so that its checksum is checked; then
//! [`super::npy`] reads it.

mod flat;

use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use self::flat::Flat;
use super::LoadOptions;
use super::columns::Column;
use super::error::LoadError;
use super::input::{Input, Section};
use super::names;
use super::npy::Array;
use super::npy_header::Layout;
use super::spool::Spool;
use super::table::{Facts, Table, Take, Wanted};
use super::wording::{listed, shortened};
use sigmascope_core::engine::{Observer, Progress, Stretch};

/// How every zip archive begins.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";
/// Names of arrays that are taken before others, the likeliest first.
const LIKELY: [&str; 8] =
    ["x", "points", "xyz", "coordinates", "coords", "embedding", "y", "arr_0"];
/// Arrays whose headers are looked at.
const MOST: usize = 10_000;
/// How much is unpacked at once.
const BLOCK: usize = 1 << 16;
/// The share of the work of loading that unpacking one array is.
const SHARE: f64 = 0.4;

type Archive = ZipArchive<BufReader<Section>>;

/// An array in the archive.
struct Entry {
    /// Its name without `.npy`.
    name: String,
    /// Its place in the archive.
    index: usize,
    shape: Shape,
}

/// What is known of an array from its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Numbers of shape (n,).
    Flat(u64),
    /// Numbers of shape (n, d), or records.
    Rows,
    /// Nothing that can be points.
    Other,
}

/// Opens the array or the table that the archive holds; `None` where it holds no arrays.
///
/// # Errors
/// When the archive is broken, or it is not known which array is meant.
pub(super) fn open(
    input: &Input,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Option<Box<dyn Table>>, LoadError> {
    let mut archive = match ZipArchive::new(BufReader::new(input.reader())) {
        Ok(archive) => archive,
        Err(err) => return Err(broken(input, "its directory", &err)),
    };
    let names: Vec<(usize, String)> = (0..archive.len())
        .filter_map(|index| {
            let name = archive.name_for_index(index)?.ok()?.into_owned();
            Some((index, name.strip_suffix(".npy")?.to_owned()))
        })
        .collect();
    if names.is_empty() {
        return Ok(None);
    }
    if let Some(part) = input.part() {
        let wish = part.strip_suffix(".npy").unwrap_or(part);
        let same = |(_, name): &&(usize, String)| name == wish;
        let alike = |(_, name): &&(usize, String)| name.to_lowercase() == wish.to_lowercase();
        let Some((index, name)) = names.iter().find(same).or_else(|| names.iter().find(alike))
        else {
            return Err(LoadError::Content {
                path: input.path().into(),
                found: format!("no array '{}'", shortened(part.as_bytes())),
                expected: format!("one of {}", listed(names.iter().map(|(_, name)| name.as_str()))),
                remedy: "name one of them behind the colon".to_owned(),
            });
        };
        return Ok(Some(Box::new(Single::open(
            input,
            archive,
            (*index, name),
            None,
            options,
            observer,
        )?)));
    }
    let mut entries = Vec::new();
    for (index, name) in names.into_iter().take(MOST) {
        let shape = shape(input, &mut archive, index, &name)?;
        entries.push(Entry { name, index, shape });
    }
    match choice(&entries) {
        Choice::One(entry) => {
            let of = (entry.index, entry.name.as_str());
            let others = entries.iter().filter(|other| other.index != entry.index);
            let others: Vec<&str> = others.map(|entry| entry.name.as_str()).collect();
            let note = (!others.is_empty()).then(|| {
                format!(
                    "array taken: '{}'; others: {}; one of them is taken where its name stands behind \
                     the file's: file.npz:{}",
                    shortened(entry.name.as_bytes()),
                    listed(others.iter().copied()),
                    shortened(others[0].as_bytes())
                )
            });
            Ok(Some(Box::new(Single::open(input, archive, of, note, options, observer)?)))
        }
        Choice::Columns(length, chosen) => {
            let columns = chosen.iter().map(|entry| (entry.index, entry.name.clone())).collect();
            let is_left = |entry: &&Entry| !chosen.iter().any(|other| other.index == entry.index);
            let left: Vec<&str> =
                entries.iter().filter(is_left).map(|entry| entry.name.as_str()).collect();
            let mut flat = Flat::new(input, archive, columns, length, options)?;
            if !left.is_empty() {
                let left = listed(left.iter().copied());
                flat.notes.push(format!("arrays left out, of another shape: {left}"));
            }
            Ok(Some(Box::new(flat)))
        }
        Choice::Unclear => Err(LoadError::Content {
            path: input.path().into(),
            found: format!(
                "the arrays {}",
                listed(entries.iter().map(|entry| entry.name.as_str()))
            ),
            expected: "one array of points of shape (n, d), or flat ones of one length".to_owned(),
            remedy: "name one behind the file, as in file.npz:x".to_owned(),
        }),
    }
}

/// What is taken of an archive.
enum Choice<'a> {
    One(&'a Entry),
    /// Flat arrays of this length.
    Columns(u64, Vec<&'a Entry>),
    Unclear,
}

/// The array that is meant, or the flat arrays of one length.
fn choice(entries: &[Entry]) -> Choice<'_> {
    let flat = |name: &str| {
        entries.iter().find_map(|entry| match entry.shape {
            Shape::Flat(length) if entry.name.to_lowercase() == name => Some(length),
            _ => None,
        })
    };
    let of_length = |length| -> Vec<&Entry> {
        entries.iter().filter(|entry| entry.shape == Shape::Flat(length)).collect()
    };
    if let (Some(length), Some(other)) = (flat("x"), flat("y"))
        && length == other
    {
        return Choice::Columns(length, of_length(length));
    }
    let rows: Vec<&Entry> = entries.iter().filter(|entry| entry.shape == Shape::Rows).collect();
    if let [only] = rows[..] {
        return Choice::One(only);
    }
    let likely = |among: &[&'_ Entry]| {
        LIKELY.iter().find_map(|name| {
            let index = among.iter().find(|entry| entry.name.to_lowercase() == *name)?.index;
            entries.iter().find(|entry| entry.index == index)
        })
    };
    if let Some(likely) = likely(&rows) {
        return Choice::One(likely);
    }
    if !rows.is_empty() {
        return Choice::Unclear;
    }
    let all: Vec<&Entry> =
        entries.iter().filter(|entry| matches!(entry.shape, Shape::Flat(_))).collect();
    if let [only] = all[..] {
        return Choice::One(only);
    }
    // The most arrays of one length, if no other length has as many.
    let mut lengths: Vec<(usize, u64)> = Vec::new();
    for entry in &all {
        let Shape::Flat(length) = entry.shape else { continue };
        match lengths.iter_mut().find(|(_, known)| *known == length) {
            Some((count, _)) => *count += 1,
            None => lengths.push((1, length)),
        }
    }
    lengths.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    match lengths[..] {
        [(count, length), ref rest @ ..]
            if count > 1 && rest.first().is_none_or(|(other, _)| *other < count) =>
        {
            Choice::Columns(length, of_length(length))
        }
        _ => likely(&all).map_or(Choice::Unclear, Choice::One),
    }
}

/// What the header of an array says of its shape.
fn shape(
    input: &Input,
    archive: &mut Archive,
    index: usize,
    name: &str,
) -> Result<Shape, LoadError> {
    let mut entry = archive.by_index(index).map_err(|err| broken(input, name, &err))?;
    let size = entry.size();
    Ok(match Layout::read(input.path(), &mut entry, size) {
        Ok(layout) if layout.flat && layout.record.is_none() => Shape::Flat(layout.rows),
        Ok(_) => Shape::Rows,
        Err(_) => Shape::Other,
    })
}

/// Unpacks an array into a temporary file.
fn unpack(
    input: &Input,
    archive: &mut Archive,
    (index, name): (usize, &str),
    budget: u64,
    observer: &mut dyn Observer,
) -> Result<Input, LoadError> {
    let mut entry = archive.by_index(index).map_err(|err| broken(input, name, &err))?;
    let size = entry.size();
    if size > budget {
        return Err(LoadError::TooLarge {
            path: input.path().into(),
            what: format!("the array '{}' has", shortened(name.as_bytes())),
            found: size,
            budget,
        });
    }
    let mut spool = Spool::new(input.path(), entry.compressed_size(), budget)?;
    let mut buffer = vec![0; BLOCK];
    let mut done = 0_u64;
    loop {
        let fraction = done as f64 / size.max(1) as f64;
        if observer.checkpoint(Progress { fraction }).is_break() {
            return Err(LoadError::Cancelled);
        }
        // The checksum is compared where nothing is left to read.
        match entry.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                spool.write(&buffer[..count])?;
                done += count as u64;
            }
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(broken(input, name, &ZipError::Io(err))),
        }
    }
    drop(entry);
    let file = spool.finish()?;
    input.unpacked(file, &names::shortened(name.as_bytes())).map_err(|err| input.refusal(err))
}

/// That the archive, or an array in it, cannot be read.
fn broken(input: &Input, what: &str, err: &ZipError) -> LoadError {
    let path = input.path().into();
    let what = shortened(what.as_bytes());
    match err {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            LoadError::Content {
                path,
                found: format!("'{what}' encrypted"),
                expected: "an archive without a password".to_owned(),
                remedy: "unpack it with its password first".to_owned(),
            }
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            LoadError::Content {
                path,
                found: format!("'{what}' packed in a way that is not read"),
                expected: "entries that are stored or deflated, as numpy.savez writes them"
                    .to_owned(),
                remedy: "unpack it first, or write it again with numpy.savez".to_owned(),
            }
        }
        err => LoadError::Broken {
            path,
            format: "zip",
            found: format!("{what} cannot be read ({})", shortened(err.to_string().as_bytes())),
            expected: "a whole zip archive".to_owned(),
            remedy: "copy it again, or extract the file of points in it".to_owned(),
        },
    }
}

/// One array of an archive.
struct Single {
    array: Array,
    name: String,
    note: Option<String>,
}

impl Single {
    fn open(
        input: &Input,
        mut archive: Archive,
        entry: (usize, &str),
        note: Option<String>,
        options: &LoadOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let mut part = Stretch { observer, start: 0.0, length: SHARE };
        let content = unpack(input, &mut archive, entry, options.byte_budget, &mut part)?;
        let array = Array::open(&content)?;
        let array = if options.reading.transpose { array.transposed()? } else { array };
        Ok(Self { array, name: names::shortened(entry.1.as_bytes()), note })
    }
}

impl Table for Single {
    fn columns(&self) -> &[Column] {
        self.array.columns()
    }

    fn facts(&self) -> Facts {
        let facts = self.array.facts();
        let plain = facts.format.strip_prefix("NPY, ").unwrap_or(&facts.format);
        Facts {
            format: format!("NPZ, array '{}', {plain}", self.name),
            done: SHARE,
            notes: self.note.iter().cloned().chain(facts.notes).collect(),
            ..facts
        }
    }

    fn prefer(
        &self,
        path: &std::path::Path,
        options: &LoadOptions,
    ) -> Result<(LoadOptions, Vec<String>), LoadError> {
        self.array.prefer(path, options)
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        self.array.read(wanted, observer, take)
    }
}
