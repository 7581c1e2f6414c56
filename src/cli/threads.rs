//! How many threads share a sum: as many as the processor has cores, or as `RAYON_NUM_THREADS` says,
//! but no more than make sense, and no more than the system gives.

use std::{
    io,
    num::NonZero,
    sync::mpsc::{Sender, channel},
    thread::{Builder, JoinHandle},
};

use rayon::ThreadPoolBuilder;

use super::{Failure, terminal::tell};
use crate::escape::escaped;

/// The variable that names a number of threads; rayon's own.
const VARIABLE: &str = "RAYON_NUM_THREADS";
/// More than this many are never useful where there are fewer cores.
const MOST: usize = 64;
/// Threads that the program needs besides those that sum.
const OTHERS: usize = 4;

/// Starts the threads that share sums.
///
/// # Errors
/// When the system gives not even one.
pub(super) fn start() -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let named = std::env::var_os(VARIABLE).filter(|text| !text.is_empty());
    let named = named.map(|text| text.to_string_lossy().into_owned());
    let (wanted, note) = wanted(named.as_deref(), cores);
    if let Some(note) = note {
        tell(note);
    }
    let mut waiting = waiting(wanted + OTHERS);
    let there = waiting.len();
    let threads = if there < wanted + OTHERS { (there / 2).max(1) } else { wanted };
    if threads < wanted {
        tell(format!("note: the system gives no more than {there} threads; {threads} share a sum"));
    }
    let others = waiting.split_off(threads.min(there));
    // Where there is no other thread at all, this one does the work.
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    let pool = if there == 0 { pool.use_current_thread() } else { pool };
    let built = pool
        .spawn_handler(|sums| waiting.pop().map_or_else(none_left, |thread| thread.takes(sums)));
    let built = built.build_global();
    if threads < wanted {
        // What is short must be free again for others.
        others.into_iter().for_each(Waiting::ends);
    }
    built.map_err(|err| Failure::failed(format!("there are no threads for the sums: {err}")))
}

/// The number of threads to ask for on so many `cores`, and what to tell of what the variable says.
fn wanted(named: Option<&str>, cores: usize) -> (usize, Option<String>) {
    let Some(named) = named else { return (cores, None) };
    let most = cores.max(MOST);
    let told = |threads: usize| {
        let named = escaped(named);
        let note = format!(
            "note: {VARIABLE} is '{named}': expected a whole number from 1 to {most}; {threads} \
             threads share a sum"
        );
        (threads, Some(note))
    };
    match named.trim().parse::<usize>() {
        // Rayon's word for the usual number.
        Ok(0) => (cores, None),
        Ok(threads) if threads <= most => (threads, None),
        Ok(_) => told(most),
        // A number that has too many digits, or none.
        Err(err) if *err.kind() == std::num::IntErrorKind::PosOverflow => told(most),
        Err(_) => told(cores),
    }
}

/// A thread that waits for what it should do; it ends if that is nothing.
struct Waiting {
    sums: Sender<rayon::ThreadBuilder>,
    thread: JoinHandle<()>,
}

impl Waiting {
    /// Lets the thread share sums from now on.
    fn takes(self, sums: rayon::ThreadBuilder) -> io::Result<()> {
        self.sums.send(sums).map_err(|_| io::Error::other("a thread is gone"))
    }

    /// Ends the thread, and waits until it is gone.
    fn ends(self) {
        drop(self.sums);
        // It has nothing to panic about.
        let _ = self.thread.join();
    }
}

fn none_left() -> io::Result<()> {
    Err(io::Error::other("the system gives no more threads"))
}

/// As many of `wanted` threads as can be had at once.
fn waiting(wanted: usize) -> Vec<Waiting> {
    let mut threads = Vec::new();
    for _ in 0..wanted {
        let (sums, next) = channel::<rayon::ThreadBuilder>();
        let waits = move || {
            if let Ok(sums) = next.recv() {
                sums.run();
            }
        };
        match Builder::new().name("sigmascope-sums".to_owned()).spawn(waits) {
            Ok(thread) => threads.push(Waiting { sums, thread }),
            Err(_) => break,
        }
    }
    threads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_threads_is_taken_within_reason() {
        for (named, cores, expected, told) in [
            (None, 8, 8, false),
            (None, 384, 384, false),
            (Some("3"), 8, 3, false),
            (Some(" 16 "), 8, 16, false),
            (Some("0"), 8, 8, false),
            (Some("100000"), 8, 64, true),
            (Some("100000"), 384, 384, true),
            (Some("99999999999999999999999"), 8, 64, true),
            (Some("-5"), 8, 8, true),
            (Some("many\u{1b}"), 8, 8, true),
        ] {
            let (threads, note) = wanted(named, cores);
            assert_eq!((threads, note.is_some()), (expected, told), "{named:?} of {cores}");
            if let Some(note) = note {
                assert!(note.contains(VARIABLE) && !note.contains('\u{1b}'), "{note}");
            }
        }
    }

    #[test]
    fn a_few_threads_are_there() {
        let threads = waiting(5);
        assert_eq!(threads.len(), 5);
        threads.into_iter().for_each(Waiting::ends);
    }
}
