//! The one thread that waits on the device: prepares points, sums, draws pictures.
//!
//! A newer request makes every check of [`SharedState::is_requested`] fail, so that the work for the
//! older one stops between two slices. Whatever fails becomes a notice; the last good scene stays.

mod advising;
mod animating;
mod checking;
mod column_reading;
mod comparing;
mod contouring;
mod deviation;
mod estimating;
mod failure;
mod filming;
mod ordering;
mod problem;
mod publisher;
mod selecting;
mod side_thread;
mod summing;
mod thread;

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use advising::AdviceTasks;
use checking::Checks;
use failure::{Failure, reason_of};
use problem::PreparedProblem;
use publisher::Publisher;
use side_thread::SideThread;
pub(super) use thread::WorkerThread;

use super::{
    Activity, Job, MachineRates, Notice, NoticeKind, Stats, allocator,
    job::Done,
    request::{Keep, Request},
    shared_state::SharedState,
};
use crate::{
    engine::{EngineId, Progress, go_on_if},
    gpu::{Fault, Field, Gpu},
    model::{Params, Stage},
};

/// What a session's thread works with.
struct Worker {
    gpu: Gpu,
    shared: Arc<SharedState>,
    publisher: Publisher,
    /// The points of the newest request that got that far.
    held: Option<PreparedProblem>,
    /// Whether files are to be read again; until they are, what was read of them is kept.
    rereads: bool,
    /// The measured errors of fields on screen.
    checks: Checks,
    /// What the criteria say about the points.
    advice: AdviceTasks,
    /// The contours of the scene on screen.
    contours: SideThread,
    /// The estimate at the pixels of the plot.
    density: SideThread,
    /// The columns of the targets' file.
    columns: SideThread,
    /// The order of the rows in the table.
    order: SideThread,
    /// The selection, and which targets it is.
    selection: SideThread,
    /// The animation that is being saved.
    animation: Option<Box<animating::AnimationRun>>,
    /// The engines, and numbers of coordinates, of the sums so far.
    timed: BTreeSet<(EngineId, usize)>,
    /// When the last request was begun.
    began: Option<Instant>,
    /// When the last work was done whose memory has not gone back to the system.
    untidy_since: Option<Instant>,
}

impl Worker {
    /// How long the worker is idle before unused memory goes back to the system. Sooner, it would
    /// be allocated again by the next request of a drag; later, the program holds it for longer.
    const REST: Duration = Duration::from_millis(500);

    fn new(gpu: Gpu, shared: Arc<SharedState>) -> Self {
        Self {
            gpu,
            publisher: Publisher::new(&shared),
            contours: SideThread::start("contours", &shared, contouring::serve),
            density: SideThread::start("density", &shared, estimating::serve),
            columns: SideThread::start("columns", &shared, column_reading::serve),
            order: SideThread::start("order", &shared, ordering::serve),
            selection: SideThread::start("selection", &shared, selecting::serve),
            shared,
            held: None,
            rereads: false,
            checks: Checks::default(),
            advice: AdviceTasks::default(),
            animation: None,
            timed: BTreeSet::new(),
            began: None,
            untidy_since: None,
        }
    }

    /// Serves until the session ends.
    fn run(mut self) {
        while !self.shared.lock().requests.is_closed() {
            self.serve_jobs(true);
            let request = {
                let mut inner = self.shared.lock();
                if let Some(rest) = inner.rest_of_bar(self.began) {
                    drop(self.shared.wait_timeout(inner, rest));
                    continue;
                }
                let request = inner.requests.take();
                if let Some(request) = &request {
                    inner.state.stopped = false;
                    inner.state.waited = request.asked.elapsed();
                }
                request
            };
            if let Some(request) = request {
                self.began = Some(Instant::now());
                self.serve(&request);
                self.untidy_since = Some(Instant::now());
            } else if self.animation.is_some() {
                animating::go_on(&mut self);
                self.untidy_since = Some(Instant::now());
            } else {
                self.idle();
            }
        }
        animating::abandon(&mut self);
        self.checks.end();
        self.advice.end(&self.shared);
        self.contours.end();
        self.density.end();
        self.columns.end();
        self.order.end();
        self.selection.end();
        MachineRates::save();
        // What was to be saved before the end is saved, if there is a device to draw it.
        if !self.gpu.is_lost() {
            self.serve_jobs(false);
        }
    }

    /// Carries out a request that is in progress, and tells how it went.
    fn serve(&mut self, request: &Request) {
        let done = catch_unwind(AssertUnwindSafe(|| self.carry_out(request)));
        let done = done.unwrap_or_else(|panic| {
            // What is held may be half made.
            self.held = None;
            let reason = reason_of(&*panic);
            Err(Failure::failed(format!("an internal error stopped the sum: {reason}")))
        });
        self.shared.update(|inner| {
            if inner.requests.finish(request.number, done.is_err()) {
                inner.state.activity = Activity::Idle;
                inner.state.rejected = done.is_err();
                if let Err(Failure::Told(notice)) = done {
                    inner.notices.push(notice);
                }
            }
        });
    }

    /// Waits for something to do, and tidies up when that takes a while.
    fn idle(&mut self) {
        let inner = self.shared.lock();
        let requests = &inner.requests;
        if requests.has_pending() || inner.jobs.has_waiting() || requests.is_closed() {
            return;
        }
        if let Some(since) = self.untidy_since {
            drop(self.shared.wait_timeout(inner, Self::REST / 10));
            if since.elapsed() > Self::REST {
                self.untidy_since = None;
                self.gpu.release_memory();
                allocator::give_back();
                MachineRates::save();
            }
        } else if cfg!(feature = "faults") {
            drop(self.shared.wait_timeout(inner, Duration::from_millis(20)));
        } else {
            drop(self.shared.wait(inner));
        }
        self.gpu.lose_at(Fault::LossWhenIdle);
    }

    /// Does again what a request makes invalid, stage by stage, and puts the result on screen.
    fn carry_out(&mut self, request: &Request) -> Result<(), Failure> {
        let Request { number, params, keep, .. } = request;
        let number = *number;
        self.gpu.faults().panic_at(Fault::WorkerPanic);
        self.rereads |= *keep == Keep::Nothing;
        let drafts = self.shared.drafts();
        let stage = match &self.held {
            Some(held) if !self.rereads => held.stage_for(request, drafts),
            _ => Stage::Points,
        };
        if stage >= Stage::Points {
            let rereads = self.rereads;
            let held = PreparedProblem::prepare(&self.gpu, &self.shared, request, rereads);
            // What interrupts the reading does it instead.
            self.rereads &= matches!(held, Err(Failure::Stopped));
            self.held = Some(held?);
            self.advice.leave(&self.shared);
        }
        if stage >= Stage::Range
            && let Some(held) = &mut self.held
        {
            held.lay_out(&self.gpu, params)?;
        }
        self.take_column(number, params)?;
        if stage >= Stage::Field {
            self.sum(number, params)?;
        }
        // Colours that changed meanwhile are those that the field is shown in.
        let recolored = self.shared.lock().requests.take_recoloring(number);
        let counts = stage >= Stage::Range || recolored.is_some();
        if let Some(params) = &recolored {
            self.take_column(number, params)?;
        }
        let params = recolored.unwrap_or_else(|| params.clone());
        let held = self.held.as_mut().ok_or(Failure::Stopped)?;
        held.lay_out(&self.gpu, &params)?;
        held.shown &= held.params.color_by == params.color_by;
        held.params = params;
        self.publisher.show(&self.gpu, held, number)?;
        if counts {
            self.publisher.count(&self.gpu, held, number)?;
        }
        self.checks.begin(&self.gpu, &self.shared, number);
        self.advice.begin(&self.shared, held.params.seed);
        Ok(())
    }

    /// Reads the column that the colours are to show, unless it is there.
    fn take_column(&mut self, number: u64, params: &Params) -> Result<(), Failure> {
        let Self { gpu, shared, held, .. } = self;
        let held = held.as_mut().ok_or(Failure::Stopped)?;
        let mut follow = |_: Progress| go_on_if(shared.is_requested(number));
        held.take_column(gpu, &params.color_by, &mut follow)
    }

    /// Says what is going on, unless the request is obsolete.
    fn tell(&self, number: u64, activity: Activity) {
        self.publisher.tell(number, activity);
    }

    /// Puts a field on screen; says whether it was still worth showing.
    fn publish(
        &mut self,
        number: u64,
        field: &Field,
        completeness: f64,
        stats: Stats,
    ) -> Result<bool, Failure> {
        let Some(held) = &self.held else { return Ok(false) };
        self.publisher.publish(&self.gpu, held, number, field, completeness, stats)
    }

    /// Does the jobs that wait; comparisons and filmstrips only where `nothing_else` is under way.
    fn serve_jobs(&mut self, nothing_else: bool) {
        loop {
            let job = {
                let mut inner = self.shared.lock();
                let requests = &inner.requests;
                let patience = nothing_else && !requests.has_pending() && !requests.is_closed();
                inner.jobs.take(patience)
            };
            let Some(job) = job else { return };
            let job = match job {
                Job::Animate(animation) => {
                    self.animation = Some(animating::AnimationRun::new(*animation));
                    continue;
                }
                job => job,
            };
            let settings = matches!(job, Job::SaveSettings { .. });
            let run = AssertUnwindSafe(|| {
                match &job {
                    Job::Compare { engines } => comparing::compare(self, engines),
                    Job::Film(spec) => filming::film(self, spec)?,
                    _ => {}
                }
                let shared = &self.shared;
                job.run(&self.gpu, &|part| {
                    shared.update(|inner| inner.jobs.goes_on_with_picture(part))
                })
            });
            let done = catch_unwind(run).unwrap_or_else(|_| {
                let text = "an internal error stopped the picture".to_owned();
                Err(Notice { kind: NoticeKind::Failed, text })
            });
            self.shared.update(|inner| {
                inner.jobs.finish();
                match done {
                    Ok(Done { told, outcome }) => {
                        inner.outcomes.extend(outcome);
                        if let Some(text) = told {
                            inner.notices.push(Notice { kind: NoticeKind::Done, text });
                        }
                    }
                    // Settings are saved again and again; that they cannot be is told once.
                    Err(notice) if settings => {
                        inner.notices.push_once("settings are not saved", || notice);
                    }
                    Err(notice) => inner.notices.push(notice),
                }
            });
        }
    }
}
