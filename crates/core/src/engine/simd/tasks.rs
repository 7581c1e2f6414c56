//! Runs many small tasks on all cores while the calling thread asks the observer every few
//! milliseconds whether to go on.
//!
//! The caller's thread does no work but asks every few milliseconds, so that its `observer` need
//! not be shared between threads; a no reaches the others within a tile. What takes less than waking
//! them runs where the caller is.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    time::{Duration, Instant},
};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::kernel::Checkpoint;
use crate::engine::{Observer, Progress};

/// How long the calling thread waits between two checkpoints: longer delays cancelling, shorter
/// wakes it more often.
const CHECKPOINT_INTERVAL: Duration = Duration::from_millis(4);

/// Whether a caller may wait for other threads: there are some, and it is none of them.
pub(in crate::engine) fn may_share() -> bool {
    rayon::current_thread_index().is_none() && rayon::current_num_threads() > 1
}

/// The results of `task(0)`, `task(1)`, … `task(count − 1)`, which do `pairs` pairs together; `None`
/// when `observer` ended it. With `share` on all cores, else one after the other.
pub(in crate::engine) fn run<T: Send>(
    count: usize,
    pairs: u64,
    share: bool,
    observer: &mut dyn Observer,
    task: impl Fn(usize, Checkpoint<'_>) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    let fraction = |done: u64| done as f64 / pairs as f64;
    if !share {
        let (mut done, mut asked) = (0, Instant::now());
        let mut checkpoint = |more: u64| {
            done += more;
            if asked.elapsed() < CHECKPOINT_INTERVAL {
                return true;
            }
            asked = Instant::now();
            observer.checkpoint(Progress { fraction: fraction(done) }).is_continue()
        };
        return (0..count).map(|k| task(k, &mut checkpoint)).collect();
    }
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = &|k: usize| {
        task(k, &mut |more| {
            done.fetch_add(more, Ordering::Relaxed);
            !stop.load(Ordering::Relaxed)
        })
    };
    rayon::in_place_scope(|scope| {
        let (finished, result) = channel();
        scope.spawn(move |_| {
            let results = (0..count).into_par_iter().with_max_len(1).map(work).collect();
            // Nobody listens only when the caller panicked.
            let _ = finished.send(results);
        });
        loop {
            match result.recv_timeout(CHECKPOINT_INTERVAL) {
                Ok(results) => return results,
                Err(RecvTimeoutError::Timeout) => {
                    if observer
                        .checkpoint(Progress { fraction: fraction(done.load(Ordering::Relaxed)) })
                        .is_break()
                    {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
                // A task panicked: the scope passes that on.
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::engine::Unobserved;

    #[test]
    fn results_come_in_order_wherever_they_are_worked_out() {
        for share in [false, true] {
            let squares = run(100, 1, share, &mut Unobserved, |k, _| Some(k * k));
            assert_eq!(squares, Some((0..100).map(|k| k * k).collect()));
        }
    }

    #[test]
    fn a_no_ends_it() {
        for share in [false, true] {
            let endless = |_, checkpoint: Checkpoint<'_>| {
                while checkpoint(1) {
                    std::thread::yield_now();
                }
                None::<()>
            };
            let mut questions = 0;
            let stopped = run(
                100,
                1,
                share,
                &mut |_: Progress| {
                    questions += 1;
                    ControlFlow::Break(())
                },
                endless,
            );
            assert_eq!(stopped, None);
            assert!(questions >= 1);
        }
    }

    #[test]
    fn a_panic_of_a_task_reaches_the_caller() {
        let caught = std::panic::catch_unwind(|| {
            run(8, 1, true, &mut Unobserved, |k, _| {
                assert!(k < 5, "as planned");
                Some(k)
            })
        });
        assert!(caught.is_err());
    }
}
