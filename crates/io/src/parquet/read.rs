//! Reads some columns of a Parquet file at the same time: stored columns are shared out among threads,
//! which read the next blocks while the present one is taken.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::super::error::LoadError;
use super::super::table::{Block, Take, Values, Wanted};
use super::cursor::{Cursor, Part};
use super::schema::{Leaf, Shape};
use super::{Content, Parquet};
use sigmascope_core::engine::{Observer, Progress};

/// Rows of the first block, which is often all that is looked at, and of the others.
const ROWS: [usize; 2] = [1 << 14, 1 << 16];
/// Stored values in a block at most, as long as that are some rows.
const VALUES: usize = 1 << 20;
/// Blocks that are asked for while one is taken.
const AHEAD: usize = 2;
/// The most threads.
const THREADS: usize = 8;

/// A stored column, what is wanted of it, and where that belongs among the wanted columns.
struct Job<'a> {
    leaf: &'a Leaf,
    parts: Vec<Part>,
    slots: Vec<usize>,
}

/// The values of some of the wanted columns in a block of rows.
type Found = Result<Vec<(usize, Values)>, LoadError>;

/// Reads the `wanted` columns as [`super::super::table::Table::read`] says.
///
/// # Errors
/// When the file is broken, `take` refused a block, or the observer ended the work.
pub(super) fn read(
    table: &Parquet,
    wanted: &[Wanted],
    observer: &mut dyn Observer,
    take: &mut Take<'_>,
) -> Result<(), LoadError> {
    let jobs = jobs(table, wanted);
    let widths = jobs.iter().map(|job| match job.leaf.shape {
        Shape::List(length) => length.max(job.parts.len()),
        _ => job.parts.len(),
    });
    let most = (VALUES / widths.sum::<usize>().max(1)).max(64);
    let sizes = ROWS.map(|rows| rows.min(most));
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    let mut shares: Vec<Vec<Job<'_>>> = (0..threads.min(jobs.len())).map(|_| Vec::new()).collect();
    for (k, job) in jobs.into_iter().enumerate() {
        let share = k % shares.len();
        shares[share].push(job);
    }
    thread::scope(|scope| {
        let mut readers = Vec::new();
        for share in shares {
            let (asks, asked) = mpsc::channel();
            let (answers, found) = mpsc::channel();
            thread::Builder::new()
                .name("parquet".to_owned())
                .spawn_scoped(scope, || answer(&table.content, share, asked, answers))
                .map_err(|err| table.content.input.refusal(err))?;
            readers.push((asks, found));
        }
        let mut plan = Plan { rows: table.content.rows, sizes, asked: 0, done: 0 };
        plan.go_through(&table.content, wanted.len(), &readers, observer, take)
    })
}

/// Which rows are read and which are to come.
struct Plan {
    rows: u64,
    /// Rows of the first block and of the others.
    sizes: [usize; 2],
    asked: u64,
    done: u64,
}

impl Plan {
    /// The rows of the block that begins at a row.
    fn block(&self, start: u64) -> usize {
        let size = self.sizes[usize::from(start > 0)];
        (self.rows - start).min(size as u64) as usize
    }

    fn go_through(
        &mut self,
        content: &Content,
        width: usize,
        readers: &[(Sender<usize>, Receiver<Found>)],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let mut ahead = 1;
        while self.done < self.rows {
            let fraction = self.done as f64 / self.rows as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
            while self.asked < self.rows && ahead > 0 {
                let rows = self.block(self.asked);
                for (asks, _) in readers {
                    // A reader that stopped says why below.
                    let _ = asks.send(rows);
                }
                self.asked += rows as u64;
                ahead -= 1;
            }
            let rows = self.block(self.done);
            let mut columns = vec![Values::Numbers(Vec::new()); width];
            for (_, found) in readers {
                let found = found.recv().map_err(|_| {
                    content.input.refusal(io::Error::other("a thread that reads has stopped"))
                })?;
                for (slot, values) in found? {
                    columns[slot] = values;
                }
            }
            let flow = take(Block { columns, rows, bad_rows: Vec::new() })?;
            if flow == ControlFlow::Break(()) {
                return Ok(());
            }
            ahead = if self.done == 0 { AHEAD } else { 1 };
            self.done += rows as u64;
        }
        if self.rows == 0 && observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
            return Err(LoadError::Cancelled);
        }
        Ok(())
    }
}

/// What is wanted of each stored column.
fn jobs<'a>(table: &'a Parquet, wanted: &[Wanted]) -> Vec<Job<'a>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    let mut known: Vec<Option<usize>> = vec![None; table.leaves.len()];
    for (slot, want) in wanted.iter().enumerate() {
        let (leaf, item) = table.places[want.column];
        let job = *known[leaf].get_or_insert_with(|| {
            jobs.push(Job { leaf: &table.leaves[leaf], parts: Vec::new(), slots: Vec::new() });
            jobs.len() - 1
        });
        jobs[job].parts.push(Part { item, as_numbers: want.as_numbers });
        jobs[job].slots.push(slot);
    }
    jobs
}

/// Reads as many rows of its columns as it is asked for, again and again.
fn answer(content: &Content, jobs: Vec<Job<'_>>, asked: Receiver<usize>, answers: Sender<Found>) {
    let mut cursors: Vec<(Cursor<'_>, Job<'_>)> =
        jobs.into_iter().map(|job| (Cursor::new(content, job.leaf), job)).collect();
    for rows in asked {
        let mut found = Vec::new();
        let mut fault = None;
        for (cursor, job) in &mut cursors {
            match cursor.read(rows, &job.parts) {
                Ok(values) => found.extend(job.slots.iter().copied().zip(values)),
                Err(err) => {
                    fault = Some(err);
                    break;
                }
            }
        }
        let is_fault = fault.is_some();
        let sent = answers.send(fault.map_or(Ok(found), Err));
        if is_fault || sent.is_err() {
            break;
        }
    }
}
