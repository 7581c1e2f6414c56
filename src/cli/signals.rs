//! Signals that end the program: what it was writing is taken away first, and the exit code is
//! 128 + the signal's number, as a shell tells it.
//!
//! A file beyond the limit of its size (SIGXFSZ) ends nothing: writing fails, and that is told as for
//! a disk that is full. A signal that was ignored when the program was started, as SIGHUP is by
//! `nohup`, stays so.

/// Watches for signals from now on. Where no thread is to be had, they do what they always do.
#[cfg(unix)]
pub(super) fn watch() {
    use std::sync::mpsc::channel;

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ},
        iterator::Signals,
    };

    use crate::session::abandon;

    /// Enough for a thread that waits and removes files.
    const STACK: usize = 256 << 10;
    let ignored = ignored();
    let is_watched = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
    let ending: Vec<i32> = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(is_watched).collect();
    if let Err(err) = signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default()) {
        log::warn!("SIGXFSZ cannot be watched: {err}");
    }
    let (ready, watching) = channel::<()>();
    let thread = std::thread::Builder::new().name("sigmascope-signals".to_owned());
    let started = thread.stack_size(STACK).spawn(move || {
        // Only the thread that answers them takes the signals over, so that none is lost.
        let signals = Signals::new(&ending);
        drop(ready);
        match signals {
            Ok(mut signals) => {
                if let Some(signal) = signals.forever().next() {
                    let _held = abandon();
                    signal_hook::low_level::exit(128 + signal);
                }
            }
            Err(err) => log::warn!("signals cannot be watched: {err}"),
        }
    });
    match started {
        // It never sends: it is ready when its end is gone.
        Ok(_) => drop(watching.recv()),
        Err(err) => log::warn!("no thread to watch signals: {err}"),
    }
}

/// Other systems end programs in other ways.
#[cfg(not(unix))]
pub(super) fn watch() {}

/// The signals that the program was started to ignore, signal n as bit n − 1; none where the system
/// does not say.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
