//! Reads a text file in pieces, several at once, and hands on what each gave in the order of the file.
//!
//! ```text
//!   file ─┬─▶ piece 0 ─▶ work ─┬─▶ take, with the number of lines in front
//!         ├─▶ piece 1 ─▶ work ─┤
//!         └─▶ piece 2 ─▶ work ─┘     (Awkward ─▶ stop: from here on row by row)
//! ```
//!
//! Piece k holds the lines that begin in its stretch of the file, so that any thread finds it by itself.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use encoding_rs::UTF_8;

use super::dialect::Dialect;
use super::piece::{Awkward, Piece};
use super::rows::{Start, TextFile};
use crate::error::LoadError;
use crate::in_order::in_order;
use sigmascope_core::engine::{Observer, Progress};

/// Length of the stretch of a piece, in bytes; tuned on files of two columns, where halves and doubles of it
/// are as fast.
pub(super) const STRETCH: u64 = 1 << 20;
/// Pieces that are read ahead, for each thread.
const AHEAD: usize = 2;
/// The most pieces that are in memory.
const MOST: usize = 16;
/// Tables of more columns are read row by row: what is known of the columns would take more memory than the
/// few rows of a piece.
const WIDEST: usize = 4096;
/// How much is read at once to find the end of the last line.
const TAIL: u64 = 1 << 12;

/// What a piece gave.
struct Done<T> {
    value: T,
    lines: u64,
    bytes: u64,
}

/// Why a piece gave nothing.
enum Failure {
    Awkward,
    Io(io::Error),
}

/// Does `work` on the pieces of a file, which also counts the lines of its piece, and hands the results to
/// `take` in order, each with the number of lines in front of its piece.
///
/// Tells where the file is to be read on row by row: `None` when all of it was read, or `take` ended it.
pub(super) fn in_pieces<T: Send>(
    file: &TextFile<'_>,
    dialect: &Dialect,
    observer: &mut dyn Observer,
    work: impl Fn(&Piece) -> Result<(T, u64), Awkward> + Sync,
    mut take: impl FnMut(T, u64) -> Result<ControlFlow<()>, LoadError>,
) -> Result<Option<Start>, LoadError> {
    let mut start = file.beginning();
    // The width of the table is not known where its beginning holds no whole row.
    let is_fit = file.encoding == UTF_8 && (1..=WIDEST).contains(&dialect.width);
    if !is_fit || file.size <= file.stretch {
        return Ok(Some(start));
    }
    let count = file.size.saturating_sub(file.mark).div_ceil(file.stretch);
    let work = |k: u64| -> Result<Done<T>, Failure> {
        let piece = piece(file, k, k + 1 == count).map_err(Failure::Io)?;
        let piece = piece.ok_or(Failure::Awkward)?;
        let bytes = piece.text().len() as u64;
        // A panic would leave the others waiting for this piece.
        let done = catch_unwind(AssertUnwindSafe(|| work(&piece))).unwrap_or(Err(Awkward));
        let (value, lines) = done.map_err(|Awkward| Failure::Awkward)?;
        Ok(Done { value, lines, bytes })
    };
    let take = |k: u64, done: Result<Done<T>, Failure>| {
        let fraction = (k as f64 * file.stretch as f64 / file.size as f64).min(1.0);
        if observer.checkpoint(Progress { fraction }).is_break() {
            return Err(LoadError::Cancelled);
        }
        let Done { value, lines, bytes } = match done {
            // A file that grows past the budget is stopped there.
            Ok(done) if start.byte - file.mark + done.bytes <= file.byte_budget => done,
            Ok(_) | Err(Failure::Awkward) => return Ok(ControlFlow::Break(Some(start))),
            Err(Failure::Io(err)) => return Err(file.refusal(err, start.lines)),
        };
        let flow = take(value, start.lines)?;
        start = Start { byte: start.byte + bytes, lines: start.lines + lines };
        Ok(if flow.is_break() { ControlFlow::Break(None) } else { ControlFlow::Continue(()) })
    };
    let ahead = (AHEAD * rayon::current_num_threads()).clamp(1, MOST);
    match in_order(count, ahead, work, take)? {
        ControlFlow::Break(rest) => Ok(rest),
        ControlFlow::Continue(()) => Ok(None),
    }
}

/// The lines that begin in stretch `k` of the file, up to the end of the file where it is the last one;
/// `None` where a line is too long.
fn piece(file: &TextFile<'_>, k: u64, is_last: bool) -> io::Result<Option<Piece>> {
    let length = file.stretch as usize;
    // The byte in front tells whether a line begins with the stretch.
    let before = usize::from(k > 0);
    let begin = file.mark + k * file.stretch - before as u64;
    let mut source = file.input.section(begin, u64::MAX);
    let mut bytes = Vec::with_capacity(length + before + TAIL as usize);
    source.by_ref().take((length + before) as u64).read_to_end(&mut bytes)?;
    let most = 2 * length + before;
    let mut is_ended = bytes.len() < length + before;
    // The last line goes on behind the stretch, unless the stretch ends with its end.
    let mut searched = (length + before).saturating_sub(1);
    let end = loop {
        let found = bytes.get(searched..).and_then(|tail| memchr::memchr(b'\n', tail));
        match found {
            Some(place) if !is_last => break searched + place + 1,
            _ if is_ended => break bytes.len(),
            _ if bytes.len() > most => return Ok(None),
            _ => {}
        }
        searched = bytes.len();
        is_ended = source.by_ref().take(TAIL).read_to_end(&mut bytes)? == 0;
    };
    bytes.truncate(end);
    // A line that goes through the whole stretch belongs to a piece in front.
    let first_end = || memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |place| place + 1);
    let start = if before > 0 { first_end() } else { 0 };
    Ok(Some(Piece { bytes, start, is_first: k == 0 }))
}
