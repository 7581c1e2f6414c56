//! Evaluates the criteria for the points on screen on a thread of its own, while nothing else is
//! computed.
//!
//! ```text
//!   picture complete ──▶ a thread of its own:  quick rules ▶ curves, coarse to fine ▶ slow rules
//!                              │ every few milliseconds
//!                              ▼
//!         anything computed, dragged or minimised? ── wait;  other points? ── end
//! ```
//!
//! The points decide what comes of it, not σ: it goes on while σ changes, and is never begun twice for
//! the same points.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::failure::reason_of;
use crate::{
    criteria::{
        Conversions, CriteriaError, Criterion, Curve, Grid, SelectRequest, Selection, Summing,
        count_shared, select, select_in_rounds,
    },
    engine::{Progress, go_on_if},
    model::Points,
    session::{
        Advice, Prepared, advice::check_memory, shared_state::SharedState,
        throttle::wait_until_quiet,
    },
};

/// The time between two publications of unfinished curves: each costs the window a frame.
const REPORT_INTERVAL: Duration = Duration::from_millis(80);

/// Rules that take no time, and such as look at pairs.
const QUICK: [Criterion; 2] = [Criterion::Scott, Criterion::Silverman];
const SLOW: [Criterion; 4] = [
    Criterion::Median,
    Criterion::Neighbour,
    Criterion::SheatherJones,
    Criterion::ImprovedSheatherJones,
];

/// The threads that examine points: at most one goes on, others are about to end.
#[derive(Default)]
pub(super) struct AdviceTasks {
    /// The points that are examined, or have been.
    points: Weak<Points>,
    /// Ends the work on them.
    stop: Arc<AtomicBool>,
    /// Threads at work or about to end.
    threads: Vec<JoinHandle<()>>,
}

impl AdviceTasks {
    /// Ends the work on points that are not held any more.
    pub(super) fn leave(&mut self, shared: &SharedState) {
        self.stop.store(true, Ordering::Release);
        self.points = Weak::new();
        shared.tell_worker(|_| ());
        self.threads.retain(|thread| !thread.is_finished());
    }

    /// Ends all work and waits for that.
    pub(super) fn end(&mut self, shared: &SharedState) {
        self.leave(shared);
        for thread in self.threads.drain(..) {
            // A task that panicked has said so in its advice.
            let _ = thread.join();
        }
    }

    /// Begins to examine the points on screen once their picture is complete, if advice is asked for,
    /// unless they have been. `seed` draws a part of them where all are too many.
    pub(super) fn begin(&mut self, shared: &Arc<SharedState>, seed: u64) {
        let prepared = {
            let inner = shared.lock();
            let scene = inner.state.scene.as_ref().filter(|scene| scene.is_complete());
            scene.filter(|_| inner.wants_advice).map(|scene| scene.prepared.clone())
        };
        let Some(prepared) = prepared else { return };
        let points = Arc::clone(&prepared.points);
        if self.points.ptr_eq(&Arc::downgrade(&points)) {
            return;
        }
        self.leave(shared);
        let stop = Arc::new(AtomicBool::new(false));
        self.points = Arc::downgrade(&points);
        self.stop = Arc::clone(&stop);
        let task = AdviceTask {
            shared: Arc::clone(shared),
            stop,
            advice: Advice::new(&points),
            prepared,
            points,
            seed,
            reported: Instant::now(),
        };
        let thread = std::thread::Builder::new().name("sigmascope-advice".to_owned());
        // Without a thread to spare σ is chosen by hand.
        self.threads.extend(thread.spawn(move || task.run()).ok());
    }
}

/// The examination of one pair of clouds.
struct AdviceTask {
    shared: Arc<SharedState>,
    stop: Arc<AtomicBool>,
    prepared: Prepared,
    points: Arc<Points>,
    seed: u64,
    advice: Advice,
    reported: Instant,
}

impl AdviceTask {
    fn run(mut self) {
        let examined = catch_unwind(AssertUnwindSafe(|| self.examine()));
        match examined {
            Ok(Ok(())) => {}
            // Other points are held, or the session ends.
            Ok(Err(CriteriaError::Stopped)) => return,
            Ok(Err(err)) => self.advice.failed = Some(err.to_string()),
            Err(panic) => {
                let reason = reason_of(&*panic);
                self.advice.failed = Some(format!("an internal error stopped it: {reason}"));
            }
        }
        self.advice.is_complete = true;
        self.publish();
    }

    fn examine(&mut self) -> Result<(), CriteriaError> {
        self.rest()?;
        self.publish();
        // What may mislead about the points is told also where no criterion takes them.
        self.advice.warn(self.prepared.cautions(None));
        self.publish();
        self.rest()?;
        check_memory(&self.points).map_err(CriteriaError::BadRequest)?;
        self.advice.conversions = Conversions::of(self.points.sources()).ok();
        let quick = self.ask(&QUICK)?;
        self.advice.take(quick);
        self.publish();
        self.rest()?;
        let curves = self.curves()?;
        self.advice.take(curves);
        self.publish();
        let slow = self.ask(&SLOW)?;
        self.advice.take(slow);
        self.advice.tell_disagreement();
        Ok(())
    }

    /// Waits while anything else is under way.
    fn rest(&self) -> Result<(), CriteriaError> {
        if wait_until_quiet(&self.shared, &self.stop) {
            Ok(())
        } else {
            Err(CriteriaError::Stopped)
        }
    }

    fn request<'a>(&self, points: &'a Points, criteria: &'a [Criterion]) -> SelectRequest<'a> {
        SelectRequest { points, criteria, grid: Grid::Automatic, max_points: None, seed: self.seed }
    }

    /// What rules say, one after the other.
    fn ask(&self, rules: &[Criterion]) -> Result<Vec<Selection>, CriteriaError> {
        let mut said = Vec::new();
        for rule in rules {
            let request = self.request(&self.points, std::slice::from_ref(rule));
            said.extend(select(&request, Summing::Automatic, &mut |_: Progress| {
                go_on_if(self.rest().is_ok())
            })?);
        }
        self.prepared.undo_merge(&mut said);
        Ok(said)
    }

    /// The curves: that of the targets where they are other points than the sources.
    fn curves(&mut self) -> Result<Vec<Selection>, CriteriaError> {
        let points = Arc::clone(&self.points);
        let own = [Criterion::LeaveOneOut, Criterion::LeastSquares];
        let others = [Criterion::HeldOut, Criterion::LeaveOneOut, Criterion::LeastSquares];
        let are_others = 2 * count_shared(&points) < points.n();
        let criteria = if are_others { &others[..] } else { &own[..] };
        let request = self.request(&points, criteria);
        let (shared, stop) = (Arc::clone(&self.shared), Arc::clone(&self.stop));
        let selections = select_in_rounds(
            &request,
            Summing::Automatic,
            &mut |curves| {
                self.advice.curves = curves.to_vec();
                sort_as(&mut self.advice.curves, criteria);
                if self.reported.elapsed() >= REPORT_INTERVAL {
                    self.publish();
                }
            },
            &mut |_: Progress| go_on_if(wait_until_quiet(&shared, &stop)),
        )?;
        if self.advice.curves.is_empty() {
            let reason = selections.iter().find_map(|said| said.sigma.as_ref().err());
            self.advice.failed = reason.map(ToString::to_string);
        }
        Ok(selections)
    }

    /// Shows what is known by now, unless other points are held.
    fn publish(&mut self) {
        self.reported = Instant::now();
        let advice = Arc::new(self.advice.clone());
        self.shared.update(|inner| {
            if !self.stop.load(Ordering::Acquire) {
                inner.state.advice = Some(advice);
            }
        });
    }
}

/// Puts curves in the order of `criteria`.
fn sort_as(curves: &mut [Curve], criteria: &[Criterion]) {
    curves.sort_by_key(|curve| criteria.iter().position(|c| *c == curve.criterion));
}
