//! Makes the changes of the selection on a thread of its own, marks the selected targets, and finds what they
//! have in common.
//!
//! Rows stay selected whatever σ, colours and numbers of points are. Where a file is read again they stay if
//! its rows are what they were; of other points nothing is selected, and that is told.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};

use super::failure::reason_of;
use crate::{
    engine::{Progress, go_on_if},
    model::{Params, Points},
    numbers::format_number,
    selection::RowBits,
    session::{
        Combine, Job, Notice, NoticeKind, Prepared, RowColumns, Scene, SelectionChange, TargetRows,
        selection::{RowNumbers, SelectionFacts, TargetMarks, why_rows_differ},
        session_state::SessionState,
        shared_state::SharedState,
    },
};

/// What to do next.
enum Task {
    /// Make a change; the selection has been set so often before.
    Change(SelectionChange, u64),
    /// See whether the selected rows are still those of the points before, where there were some.
    Follow,
    /// Find the selected targets.
    Mark,
    /// Find what they have in common.
    Describe(Arc<TargetMarks>, Option<Arc<RowColumns>>),
}

/// What to do with which scene and which rows.
struct Order {
    task: Task,
    scene: Arc<Scene>,
    rows: Arc<RowBits>,
}

/// The rows of the targets of some points.
#[derive(Default)]
struct Numbers {
    points: Weak<Points>,
    numbers: Option<RowNumbers>,
}

impl Numbers {
    fn of(&mut self, prepared: &Prepared) -> &RowNumbers {
        let points = Arc::downgrade(&prepared.drawn);
        if !self.points.ptr_eq(&points) {
            (self.points, self.numbers) = (points, None);
        }
        self.numbers.get_or_insert_with(|| RowNumbers::of(prepared))
    }
}

/// Serves until the session ends.
pub(super) fn serve(shared: &SharedState) {
    let mut numbers = Numbers::default();
    // The points whose rows are selected.
    let mut followed: Option<Prepared> = None;
    while let Some(Order { task, scene, rows }) = next(shared, &mut followed) {
        let run = AssertUnwindSafe(|| match task {
            Task::Change(change, epoch) => {
                let numbers = numbers.of(&scene.prepared);
                make(shared, &change, epoch, &scene, numbers, &rows);
            }
            Task::Follow => follow(shared, &scene, &rows, &mut followed),
            Task::Mark => {
                let marks = TargetMarks::new(&scene.prepared, numbers.of(&scene.prepared), &rows);
                let marks = Some(Arc::new(marks));
                shared.update(|inner| inner.state.selection.marks = marks);
            }
            Task::Describe(marks, columns) => {
                let numbers = numbers.of(&scene.prepared);
                let facts = SelectionFacts::new(&scene, &rows, &marks, numbers, columns);
                let facts = Some(Arc::new(facts));
                shared.update(|inner| inner.state.selection.facts = facts);
            }
        });
        if let Err(panic) = catch_unwind(run) {
            let reason = reason_of(&*panic).to_owned();
            shared.update(|inner| {
                inner.selecting.is_busy = false;
                // The same is not tried again.
                drop_rows(inner);
                let text = format!("an internal error ended the selection: {reason}");
                inner.notices.push(Notice { kind: NoticeKind::Failed, text });
            });
        }
    }
}

/// Makes a change.
fn make(
    shared: &SharedState,
    change: &SelectionChange,
    epoch: u64,
    scene: &Scene,
    numbers: &RowNumbers,
    rows: &RowBits,
) {
    let mut on = |_: Progress| {
        let inner = shared.lock();
        go_on_if(inner.selecting.epoch == epoch && !inner.requests.is_closed())
    };
    let found = change.region.rows(scene, numbers, rows, &mut on);
    let found = found.map(|found| match change.combine {
        Combine::Replace => found,
        Combine::Add => {
            let mut all = rows.clone();
            all.add(&found);
            all
        }
        Combine::Remove => {
            let mut left = rows.clone();
            left.remove(&found);
            left
        }
    });
    shared.update(|inner| {
        inner.selecting.is_busy = false;
        if inner.selecting.epoch != epoch {
            return;
        }
        match found {
            Ok(found) => {
                inner.selecting.of = (!found.is_empty()).then(|| scene.params.clone());
                inner.state.selection.rows = Arc::new(found);
            }
            Err(err) => {
                let text = err.to_string();
                inner.notices.push(Notice { kind: NoticeKind::BadInput, text });
            }
        }
    });
}

/// Keeps the rows if they are still the same points, else drops them and says why.
fn follow(
    shared: &SharedState,
    scene: &Arc<Scene>,
    rows: &Arc<RowBits>,
    followed: &mut Option<Prepared>,
) {
    let why = if let Some(before) = followed {
        why_rows_differ(before, &scene.prepared)
    } else {
        // Where another session left off nothing else is known.
        let there = scene.prepared.target_rows.as_ref().map(TargetRows::rows);
        let last = rows.rows().last();
        let is_beyond = last.zip(there).is_some_and(|(last, there)| last >= there);
        is_beyond.then(|| "the file has fewer rows".to_owned())
    };
    *followed = Some(scene.prepared.clone());
    if let Some(why) = why {
        shared.update(|inner| {
            if Arc::ptr_eq(&inner.state.selection.rows, rows) {
                drop_and_tell(inner, &why);
            }
        });
    }
}

/// Selects nothing.
fn drop_rows(inner: &mut SessionState) {
    let nothing = Arc::new(RowBits::default());
    inner.selecting.reset(&nothing, &Params::default());
    inner.state.selection.rows = nothing;
}

fn drop_and_tell(inner: &mut SessionState, why: &str) {
    let count = inner.state.selection.rows.count();
    drop_rows(inner);
    let rows = if count == 1 { "row" } else { "rows" };
    let count = format_number(count as f64, 12);
    let text = format!("The selection of {count} {rows} was dropped: {why}");
    inner.notices.push(Notice { kind: NoticeKind::Done, text });
}

/// Whether `prepared` has the rows of `before` for certain: of one reading, or generated.
fn is_same_reading(before: &Prepared, prepared: &Prepared) -> bool {
    match (&before.target_rows, &prepared.target_rows) {
        (Some(before), Some(now)) => before.is_same_reading(now),
        (None, None) => true,
        _ => false,
    }
}

/// Waits for the next task; `None` when the session ends.
fn next(shared: &SharedState, followed: &mut Option<Prepared>) -> Option<Order> {
    let mut inner = shared.lock();
    loop {
        if inner.requests.is_closed() {
            return None;
        }
        if let Some(scene) = inner.state.scene.clone() {
            let told = |inner: &SessionState| (inner.selecting.values_asked, inner.selecting.epoch);
            let before = told(&inner);
            if let Some(task) = task_of(&mut inner, &scene, followed) {
                let rows = Arc::clone(&inner.state.selection.rows);
                return Some(Order { task, scene, rows });
            }
            if told(&inner) != before {
                // The worker has something to read, or the owner to be told.
                drop(inner);
                shared.update(|_| ());
                inner = shared.lock();
                continue;
            }
        }
        inner = shared.wait(inner);
    }
}

fn task_of(
    inner: &mut SessionState,
    scene: &Arc<Scene>,
    followed: &mut Option<Prepared>,
) -> Option<Task> {
    let rows = Arc::clone(&inner.state.selection.rows);
    match &inner.selecting.of {
        None => *followed = None,
        Some(of) if scene.params.has_rows_of(of) => {
            match followed {
                Some(before) if is_same_reading(before, &scene.prepared) => {
                    if !Arc::ptr_eq(&before.drawn, &scene.prepared.drawn) {
                        // Points of another number, say: the old ones need not stay in memory.
                        *before = scene.prepared.clone();
                    }
                }
                _ => return Some(Task::Follow),
            }
        }
        Some(of) => {
            // The points that the rows are of may be on their way.
            let awaited = inner.requests.newest_params();
            if awaited.is_some_and(|params| params.has_rows_of(of)) {
                return None;
            }
            drop_and_tell(inner, "these are other points");
            *followed = None;
        }
    }
    if let Some(change) = inner.selecting.first() {
        if change.region.needs_values(scene) && !has_values(inner, scene) {
            return None;
        }
        let epoch = inner.selecting.epoch;
        return inner.selecting.take().map(|change| Task::Change(change, epoch));
    }
    let selection = &inner.state.selection;
    if rows.is_empty() {
        (inner.state.selection.marks, inner.state.selection.facts) = (None, None);
        return None;
    }
    let marks = selection.marks.clone().filter(|marks| marks.are_current(scene, &rows));
    let Some(marks) = marks else { return Some(Task::Mark) };
    let columns = inner.state.row_columns();
    let is_known = |facts: &Arc<SelectionFacts>| facts.are_current(scene, &rows, columns);
    let is_known = selection.facts.as_ref().is_some_and(is_known);
    let columns = columns.cloned();
    if is_known || inner.pacing.drafts || !scene.is_complete() || !has_values(inner, scene) {
        return None;
    }
    Some(Task::Describe(marks, columns))
}

/// Whether the values of `scene` are in host memory; where they are not, the worker is asked to bring them.
fn has_values(inner: &mut SessionState, scene: &Arc<Scene>) -> bool {
    let of_colors = &scene.colored.values;
    if scene.field.values().is_some() && of_colors.values().is_some() {
        return true;
    }
    if inner.selecting.values_asked != scene.version {
        inner.selecting.values_asked = scene.version;
        inner.jobs.push(Job::ReadValues { scene: Arc::clone(scene) });
    }
    false
}
