//! Reads the columns of the targets' file on a thread of its own: the worker must not wait for a file, and
//! the window even less.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::failure::reason_of;
use crate::{
    engine::{Progress, go_on_if},
    io::LoadError,
    session::{
        ColumnsWish, RowColumns, TableError, TargetRows, row_columns::BUDGET,
        session_state::SessionState, shared_state::SharedState,
    },
};

/// What to read next.
struct Order {
    rows: TargetRows,
    wish: ColumnsWish,
    /// The names of the coordinates.
    coordinates: Vec<String>,
}

/// Serves until the session ends.
pub(super) fn serve(shared: &SharedState) {
    while let Some(Order { rows, wish, coordinates }) = next(shared) {
        let on = || {
            let inner = shared.lock();
            let is_wanted = inner.wants_columns.as_ref() == Some(&wish);
            let is_shown = rows_on_screen(&inner).is_some_and(|shown| shown.is_same_reading(&rows));
            is_wanted && is_shown && !inner.requests.is_closed()
        };
        let mut observer = |_: Progress| go_on_if(on());
        let read = || RowColumns::read(&rows, &wish, &coordinates, BUDGET, &mut observer);
        let read = match catch_unwind(AssertUnwindSafe(read)) {
            Ok(Err(TableError::Load(LoadError::Cancelled))) => continue,
            Ok(read) => read.map_err(|err| err.to_string()),
            Err(panic) => {
                let reason = reason_of(&*panic);
                Err(format!("an internal error stopped the reading of columns: {reason}"))
            }
        };
        let read = read.unwrap_or_else(|reason| RowColumns::failed(&rows, &wish, reason));
        shared.update(|inner| {
            if inner.wants_columns.is_some() {
                inner.state.row_columns = Some(Arc::new(read));
            }
        });
    }
}

fn rows_on_screen(inner: &SessionState) -> Option<&TargetRows> {
    inner.state.scene.as_ref()?.prepared.target_rows.as_ref()
}

/// Waits until columns are wanted that are not there; `None` when the session ends.
fn next(shared: &SharedState) -> Option<Order> {
    let mut inner = shared.lock();
    loop {
        if inner.requests.is_closed() {
            return None;
        }
        let known = inner.state.row_columns();
        if let (Some(wish), Some(rows)) = (&inner.wants_columns, rows_on_screen(&inner))
            && !known.is_some_and(|known| known.covers(wish))
        {
            let scene = inner.state.scene.as_ref();
            let axes = scene.map(|scene| scene.prepared.drawn.targets().axes().to_vec());
            let coordinates = axes.unwrap_or_default();
            return Some(Order { rows: rows.clone(), wish: wish.clone(), coordinates });
        }
        inner = shared.wait(inner);
    }
}
