//! Files packed by gzip, zstd, bzip2 or xz: unpacked into a temporary file without a name, then read as
//! what they hold.
//!
//! ```text
//!   file ─▶ member, frame or stream ─▶ spool ┐
//!                   └── another, or zeros ◀──┘   anything else behind the last one is an error
//! ```
//!
//! Formats read from any place, which packed files do not allow. What is unpacked goes to the disk, so
//! memory stays flat, and no more of it than the byte budget.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::LoadOptions;
use super::error::LoadError;
use super::input::{Input, Section};
use super::spool::Spool;
use super::wording::shortened;
use sigmascope_core::engine::{Observer, Progress, Stretch};

/// The share of the work of loading that unpacking is.
pub(super) const SHARE: f64 = 0.3;
/// The most memory that the dictionary of an xz file may take, in KiB.
const XZ_MEMORY: u32 = 96 << 10;
/// How much is read at once.
const BLOCK: usize = 1 << 16;

/// What a file is packed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapping {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Wrapping {
    const ALL: [Self; 4] = [Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz];

    /// What a file that begins so is packed by; `None` if it is not packed.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        const BZIP2: [&[u8]; 2] = [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"];
        match *bytes {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [b'B', b'Z', b'h', b'1'..=b'9', ref rest @ ..] => {
                // A block, or the end of an empty stream.
                let is_start = |magic: &&[u8]| magic.starts_with(&rest[..rest.len().min(6)]);
                BZIP2.iter().any(is_start).then_some(Self::Bzip2)
            }
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Some(Self::Xz),
            _ => None,
        }
    }

    /// Whether a member, behind others, may begin with this byte.
    fn may_begin_with(self, byte: u8) -> bool {
        match self {
            Self::Gzip => byte == 0x1f,
            Self::Zstd => matches!(byte, 0x28 | 0x50..=0x5f),
            Self::Bzip2 => byte == b'B',
            Self::Xz => byte == 0xfd,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Gzip => &["gz", "gzip"],
            Self::Zstd => &["zst", "zstd"],
            Self::Bzip2 => &["bz2", "bz"],
            Self::Xz => &["xz"],
        }
    }

    /// Whether names of packed files end so.
    pub(super) fn is_extension(extension: &str) -> bool {
        Self::ALL.iter().any(|wrapping| wrapping.extensions().contains(&extension))
    }

    /// The content of the one member at the reader's place, which is left behind it.
    fn member<'a>(self, packed: &'a mut dyn BufRead) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::GzDecoder::new(packed)),
            Self::Zstd => {
                Box::new(zstd::stream::read::Decoder::with_buffer(packed)?.single_frame())
            }
            Self::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(packed)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(packed, false, XZ_MEMORY)),
        })
    }
}

/// The content of a file, if it is packed, and the share of the work of loading that has been done.
///
/// # Errors
/// When it is broken, cut short, followed by something else, packed twice, or has too much in it.
pub(super) fn unwrapped(
    input: Input,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<(Input, f64), LoadError> {
    let Some(wrapping) = Wrapping::of(&input.head(16)?) else { return Ok((input, 0.0)) };
    let mut part = Stretch { observer, start: 0.0, length: SHARE };
    let file = unpack(&input, wrapping, options.byte_budget, &mut part)?;
    let content = input.unwrapped(file, wrapping.name()).map_err(|err| input.refusal(err))?;
    if let Some(inner) = Wrapping::of(&content.head(16)?) {
        return Err(LoadError::Content {
            path: input.path().into(),
            found: format!("{} inside of {}", inner.name(), wrapping.name()),
            expected: "a table that is packed once".to_owned(),
            remedy: "unpack it first".to_owned(),
        });
    }
    Ok((content, SHARE))
}

/// Unpacks all members.
fn unpack(
    input: &Input,
    wrapping: Wrapping,
    budget: u64,
    observer: &mut dyn Observer,
) -> Result<File, LoadError> {
    let consumed = Cell::new(0);
    let section = Counted { section: input.reader(), consumed: &consumed };
    let mut packed = BufReader::with_capacity(BLOCK, section);
    let mut spool = Spool::new(input.path(), input.size(), budget)?;
    let mut buffer = vec![0; BLOCK];
    let broken = |err: io::Error| broken(input, wrapping, consumed.get(), &err);
    loop {
        let mut member = wrapping.member(&mut packed).map_err(broken)?;
        loop {
            let fraction = consumed.get() as f64 / input.size().max(1) as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            // A reader of broken data may give up in its own way.
            let read = catch_unwind(AssertUnwindSafe(|| member.read(&mut buffer)))
                .unwrap_or_else(|_| Err(io::Error::other("it makes no sense")));
            match read {
                Ok(0) => break,
                Ok(count) => spool.write(&buffer[..count])?,
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                Err(err) => return Err(broken(err)),
            }
        }
        drop(member);
        match behind(&mut packed).map_err(|err| input.refusal(err))? {
            None => break,
            Some(byte) if wrapping.may_begin_with(byte) => {}
            Some(_) => {
                let place = consumed.get() - packed.buffer().len() as u64;
                return Err(LoadError::Broken {
                    path: input.path().into(),
                    format: wrapping.name(),
                    found: format!("something else follows what is packed, from byte {place} on"),
                    expected: "nothing behind its end".to_owned(),
                    remedy: "copy it again, or cut off what follows".to_owned(),
                });
            }
        }
    }
    spool.finish()
}

/// The next byte that is no zero.
fn behind(packed: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = packed.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        let next = buffer.get(zeros).copied();
        packed.consume(zeros);
        if next.is_some() {
            return Ok(next);
        }
    }
}

fn broken(input: &Input, wrapping: Wrapping, place: u64, err: &io::Error) -> LoadError {
    let path = input.path().into();
    let format = wrapping.name();
    let remedy = "copy it or write it again".to_owned();
    match err.kind() {
        _ if err.raw_os_error().is_some() => {
            LoadError::Io { path, action: "read", err: io::Error::from(err.kind()) }
        }
        io::ErrorKind::UnexpectedEof => LoadError::Broken {
            path,
            format,
            found: format!("it is cut short, after {} bytes", input.size()),
            expected: "what is packed to end".to_owned(),
            remedy,
        },
        io::ErrorKind::OutOfMemory => LoadError::Content {
            path,
            found: format!("{format} with a dictionary of more than {} MiB", XZ_MEMORY >> 10),
            expected: "a smaller one".to_owned(),
            remedy: "unpack it first".to_owned(),
        },
        _ => LoadError::Broken {
            path,
            format,
            found: format!(
                "what is packed cannot be read, at byte {place} or before it ({})",
                shortened(err.to_string().as_bytes())
            ),
            expected: "sound data".to_owned(),
            remedy,
        },
    }
}

/// A reader that counts the bytes read.
struct Counted<'a> {
    section: Section,
    consumed: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.section.read(buffer)?;
        self.consumed.set(self.consumed.get() + count as u64);
        Ok(count)
    }
}
