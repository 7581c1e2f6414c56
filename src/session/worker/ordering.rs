//! Sorts the rows of the table on a thread of its own, again whenever what they are sorted by has changed;
//! and asks for f in memory, which the table shows.
//!
//! While f changes, the order of before stays. Few rows are sorted again at once, many when σ rests: the
//! sums have the processor until then.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::failure::reason_of;
use crate::session::{
    Job, RowColumns, RowOrder, Scene, SortBy, TableWish, session_state::SessionState,
    shared_state::SharedState,
};

/// As many rows are sorted while σ moves: in about 5 ms, on two cores. With ten times as many, sums would
/// wait for them.
const LIVE: usize = 100_000;

/// What to sort next.
struct Order {
    scene: Arc<Scene>,
    wish: TableWish,
    values: Option<Arc<[f32]>>,
    columns: Option<Arc<RowColumns>>,
}

/// Serves until the session ends.
pub(super) fn serve(shared: &SharedState) {
    // The version of the scene whose values were asked for last.
    let mut asked = 0;
    while let Some(order) = next(shared, &mut asked) {
        let Order { scene, wish, values, columns } = &order;
        let sort = || RowOrder::of(scene, wish, values.as_ref(), columns.as_ref());
        let found = catch_unwind(AssertUnwindSafe(sort)).unwrap_or_else(|panic| {
            let reason = format!("an internal error stopped the sorting: {}", reason_of(&*panic));
            RowOrder::failed(scene, wish, values.as_ref(), columns.as_ref(), reason)
        });
        shared.update(|inner| {
            if inner.wants_order.is_some() {
                inner.state.row_order = Some(Arc::new(found));
            }
        });
    }
}

/// Waits for the next order that is wanted and not there; `None` when the session ends.
fn next(shared: &SharedState, asked: &mut u64) -> Option<Order> {
    let mut inner = shared.lock();
    loop {
        if inner.requests.is_closed() {
            return None;
        }
        if let (Some(wish), Some(scene)) = (inner.wants_order.clone(), inner.state.scene.clone())
            && !inner.pacing.paused
        {
            let moves = inner.pacing.drafts || !inner.requests.is_idle();
            let values = scene.field.values().cloned();
            if values.is_none() && !moves && *asked != scene.version {
                *asked = scene.version;
                drop(inner);
                let job = Job::ReadValues { scene };
                shared.tell_worker(|inner| inner.jobs.push(job));
                inner = shared.lock();
                continue;
            }
            if let Some(order) = due(&inner, scene, wish, values, moves) {
                return Some(order);
            }
        }
        inner = shared.wait(inner);
    }
}

/// What to sort, if it is not sorted so and can be.
fn due(
    inner: &SessionState,
    scene: Arc<Scene>,
    wish: TableWish,
    values: Option<Arc<[f32]>>,
    moves: bool,
) -> Option<Order> {
    let columns = inner.state.row_columns().cloned();
    let known = inner.state.row_order();
    if known.is_some_and(|known| known.is_current(&scene, &wish, columns.as_ref())) {
        return None;
    }
    let can = match wish.sort.by {
        SortBy::Row | SortBy::Coordinate(_) => true,
        SortBy::Field => values.is_some() && (!moves || scene.prepared.drawn.n() <= LIVE),
        // Without a file there is nothing to wait for.
        SortBy::Column(_) => columns.is_some() || scene.prepared.target_rows.is_none(),
    };
    can.then_some(Order { scene, wish, values, columns })
}
