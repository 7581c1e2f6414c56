//! How many threads share a sum: as many as the processor has cores, or as `RAYON_NUM_THREADS` says,
//! but no more than make sense, and no more than the system gives.

use std::{
    num::NonZero,
    sync::mpsc::{Receiver, Sender, channel},
    thread::Builder,
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
    let there = available(wanted + OTHERS);
    let threads = if there < wanted + OTHERS { (there / 2).max(1) } else { wanted };
    if threads < wanted {
        tell(format!("note: the system gives no more than {there} threads; {threads} share a sum"));
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    // Where there is no other thread at all, this one does the work.
    let pool = if there == 0 { pool.use_current_thread() } else { pool };
    pool.build_global()
        .map_err(|err| Failure::failed(format!("there are no threads for the sums: {err}")))
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

/// How many of `wanted` threads can be had at once: each waits until all are there.
fn available(wanted: usize) -> usize {
    let (end, wait): (Sender<()>, Receiver<()>) = channel();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    let mut threads = Vec::new();
    for _ in 0..wanted {
        let wait = std::sync::Arc::clone(&wait);
        let waits = move || {
            // Ends with an error when `end` is gone; a thread that waits for the lock ends then, too.
            drop(wait.lock().map(|wait| wait.recv()));
        };
        match Builder::new().name("sigmascope-count".to_owned()).spawn(waits) {
            Ok(thread) => threads.push(thread),
            Err(_) => break,
        }
    }
    drop(end);
    let count = threads.len();
    for thread in threads {
        // It has nothing to panic about.
        let _ = thread.join();
    }
    count
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
        assert_eq!(available(5), 5);
    }
}
