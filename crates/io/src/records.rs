//! Records of one size, one behind the other in a file, read in blocks.

use std::io::Read;
use std::ops::ControlFlow;

use super::binary::{Binary, Stride};
use super::error::LoadError;
use super::input::Input;
use super::table::{Block, Take, Values, Wanted};
use sigmascope_core::engine::{Observer, Progress};

/// How much is read at once, unless one record is longer.
const BLOCK: usize = 1 << 20;
/// Records that are read at once at most.
pub(super) const ROWS: usize = 1 << 16;

/// Takes the bytes of some records, and how many these are; [`ControlFlow::Break`] ends the reading.
pub(super) type TakeBytes<'a> = dyn FnMut(&[u8], usize) -> Result<ControlFlow<()>, LoadError> + 'a;

/// Where records lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Records {
    /// The place of the first, in bytes from the beginning of the file.
    pub(super) start: u64,
    /// How many there are.
    pub(super) rows: u64,
    /// Bytes of each; not 0.
    pub(super) size: usize,
}

impl Records {
    /// Hands the bytes of some records, and how many these are, to `take`, in the order of the file.
    ///
    /// # Errors
    /// When the file cannot be read, `take` refused, or the observer ended the work.
    pub(super) fn read(
        self,
        input: &Input,
        observer: &mut dyn Observer,
        take: &mut TakeBytes<'_>,
    ) -> Result<(), LoadError> {
        let Self { start, rows, size } = self;
        let mut file = input.section(start, rows.saturating_mul(size as u64));
        let at_once = (BLOCK / size).clamp(1, ROWS) as u64;
        let (mut done, mut bytes) = (0, Vec::new());
        while done < rows {
            let fraction = done as f64 / rows as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            let count = at_once.min(rows - done);
            bytes.resize(count as usize * size, 0);
            file.read_exact(&mut bytes).map_err(|err| input.refusal(err))?;
            if take(&bytes, count as usize)?.is_break() {
                break;
            }
            done += count;
        }
        Ok(())
    }

    /// Hands the wanted columns to `take`, whose values lie in each record as `fields` says.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub(super) fn read_columns(
        self,
        input: &Input,
        fields: &[(Binary, usize)],
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        self.read(input, observer, &mut |bytes, rows| {
            take(block(bytes, rows, self.size, fields, wanted))
        })
    }
}

/// The wanted columns of some records of `size` bytes.
pub(super) fn block(
    bytes: &[u8],
    rows: usize,
    size: usize,
    fields: &[(Binary, usize)],
    wanted: &[Wanted],
) -> Block {
    let values = |want: &Wanted| {
        let (binary, offset) = fields[want.column];
        column(binary, bytes, Stride { offset, size }, want.as_numbers)
    };
    Block { columns: wanted.iter().map(values).collect(), rows, bad_rows: Vec::new() }
}

/// The values of one column.
pub(super) fn column(binary: Binary, bytes: &[u8], stride: Stride, as_numbers: bool) -> Values {
    if as_numbers {
        Values::Numbers(binary.numbers(bytes, stride))
    } else {
        binary.values(bytes, stride)
    }
}
