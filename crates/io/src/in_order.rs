//! Does parts of a work on all threads, a few ahead, and hands on their results in order.
//!
//! ```text
//!   part 0 ─▶ work ─┐
//!   part 1 ─▶ work ─┼─▶ take: 0, 1, 2, …, on the calling thread
//!   part 2 ─▶ work ─┘
//! ```

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::mpsc;

/// Does `work` on the parts from 0 to `count`, of which `ahead` are in memory at most, and hands the results
/// to `take` in order. Tells how `take` ended it, if it did.
///
/// `work` must not panic: others would wait for its part.
///
/// # Errors
/// Those of `take`, after which nothing is taken any more.
pub(super) fn in_order<T: Send, B, E>(
    count: u64,
    ahead: usize,
    work: impl Fn(u64) -> T + Sync,
    mut take: impl FnMut(u64, T) -> Result<ControlFlow<B>, E>,
) -> Result<ControlFlow<B>, E> {
    // A thread that others wait for must not wait for them.
    if rayon::current_thread_index().is_some() {
        for k in 0..count {
            if let ControlFlow::Break(end) = take(k, work(k))? {
                return Ok(ControlFlow::Break(end));
            }
        }
        return Ok(ControlFlow::Continue(()));
    }
    let ahead = ahead.max(1) as u64;
    let (sender, receiver) = mpsc::channel();
    rayon::in_place_scope(|scope| {
        let (mut asked, mut waiting) = (0, BTreeMap::new());
        for k in 0..count {
            while asked < count.min(k + ahead) {
                let (sender, work, asked_for) = (sender.clone(), &work, asked);
                scope.spawn(move |_| {
                    // Nobody waits for it any more where that fails.
                    let _ = sender.send((asked_for, work(asked_for)));
                });
                asked += 1;
            }
            let done = loop {
                match waiting.remove(&k) {
                    Some(done) => break done,
                    None => waiting.extend(receiver.recv().ok()),
                }
            };
            if let ControlFlow::Break(end) = take(k, done)? {
                return Ok(ControlFlow::Break(end));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_taken_in_order_until_one_ends_it() {
        let mut taken = Vec::new();
        let ended = in_order(
            100,
            5,
            |k| k * k,
            |k, square| {
                taken.push((k, square));
                Ok::<_, ()>(if k == 60 {
                    ControlFlow::Break("here")
                } else {
                    ControlFlow::Continue(())
                })
            },
        );
        assert_eq!(ended, Ok(ControlFlow::Break("here")));
        assert_eq!(taken, (0..=60).map(|k| (k, k * k)).collect::<Vec<_>>());
        let failed = in_order(
            9,
            2,
            |k| k,
            |k, _| if k == 3 { Err(k) } else { Ok(ControlFlow::<()>::Continue(())) },
        );
        assert_eq!(failed, Err(3));
    }
}
