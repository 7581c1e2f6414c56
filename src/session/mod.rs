//! Turns [`Params`] into a field off the caller's thread; the newest request wins, and nothing blocks.
//!
//! The window and the command line are two consumers of one [`Session`]. It owns a worker thread,
//! which owns all waiting on the device. Its owner asks with [`Session::apply`], looks at
//! [`Session::state`], and is woken when that changes.
//!
//! ```text
//!   Session ─▶ SharedState: one lock ─▶ SessionState: RequestQueue  JobQueue  State  Notices  Pacing  Frames
//!   Worker  ─▶      "                       plain values, each tested without a device
//! ```

mod advice;
mod advice_control;
mod allocator;
mod animation;
mod budget;
mod captions;
mod cautions;
mod checked;
mod colored;
mod command_line;
pub mod comparison;
mod comparison_table;
mod contour_file;
mod contours;
mod default_sigma;
mod density;
pub mod difference;
mod document;
mod document_job;
mod field_table;
mod file_watch;
pub mod files;
mod filmstrip;
mod first_rows;
mod folder;
mod home;
mod hover;
mod job;
mod job_control;
mod job_queue;
mod machine_rates;
mod notice;
mod own_files;
mod pacing;
mod page;
mod page_choice;
mod panel_scenes;
pub mod picture;
mod picture_split;
mod plot_content;
mod prepared;
mod priority;
mod raster;
mod raster_file;
mod request;
mod request_queue;
mod row_columns;
mod row_order;
mod saved;
mod scene;
mod selected_rows;
mod selection;
mod session_state;
mod settings;
mod shared_state;
mod shown;
mod source;
mod space;
mod space_picture;
mod state;
mod table_rows;
mod target_rows;
mod throttle;
mod unfinished;
mod worker;

use std::{sync::Arc, time::Duration};

pub use advice::{Advice, Rule};
pub use advice_control::AdviceControl;
pub use allocator::keep_little;
pub use animation::{
    Animation, AnimationFacts, AnimationFormat, AnimationProgress, AnimationSpec, FRAMES, Motion,
    check_place, timing,
};
pub use checked::Checked;
pub use colored::{Categories, LegendEntry};
pub use command_line::{Drawn, command_line};
pub use comparison::Comparison;
pub use contour_file::{ContourFile, ContourFormat};
pub use contours::{ContourControl, ContourEffort, ShownContours, contours_of, mass_label};
pub use default_sigma::{DefaultSigma, SigmaRule};
pub use density::{Density, DensityControl, DensityWish};
pub use difference::DifferenceOf;
pub use document::{
    Document, DocumentError, Given, Missing, OnScreen, Paths, Restored, SavedWith, SplitPlace,
    found_in, is_document,
};
pub use field_table::{FieldTable, TableError, TableFormat, With};
pub use file_watch::FileWatch;
pub use filmstrip::{FilmSpec, Filmstrip, Still};
pub use first_rows::FirstRows;
pub use home::Home;
pub use hover::Hover;
pub use job::{Job, Outcome};
pub use job_control::JobControl;
pub use machine_rates::MachineRates;
pub use notice::{Notice, NoticeKind};
pub use own_files::OwnFiles;
pub use pacing::PaceControl;
pub use page::{
    DENSITIES, FONTS, Length, LengthUnit, Page, PageSize, PageStyle, PictureFormat, Preset, SIDES,
    Sheet,
};
pub use page_choice::{Behind, PageChoice, Screen, SizeChoice};
pub use panel_scenes::{MOST_PANELS, ladder};
pub use picture::{PictureSpec, PixelPicture};
pub use picture_split::{PictureSplit, side_name};
pub use prepared::Prepared;
pub use priority::give_way;
pub use raster::{Curve, NEUTRAL_DOT, Raster};
pub use raster_file::{RasterFile, RasterFormat};
use request::Keep;
pub use row_columns::{ColumnsWish, RowColumn, RowColumns, RowColumnsControl, exact_number};
pub use row_order::{RowOrder, RowOrderControl, SortBy, Sorting, TableWish};
pub use saved::{Saved, Viewport};
pub use scene::{Colored, Scene, Stats, value_label};
pub use selected_rows::RowChoice;
pub use selection::{
    Combine, Region, Selection, SelectionChange, SelectionControl, SelectionFacts, Spread,
    TargetMarks,
};
use session_state::SessionState;
pub use settings::{Section, Settings};
use shared_state::SharedState;
pub use shown::Shown;
pub use source::{Source, SourceError};
pub use space::{SpaceRanges, SpaceView, SpaceViewport};
pub use space_picture::SpacePicture;
pub use state::{Activity, State};
pub use table_rows::{MOST_COPIED, TableColumn, TableRows};
pub use target_rows::TargetRows;
pub use unfinished::abandon;
use worker::WorkerThread;

use crate::{
    gpu::Gpu,
    model::{EngineChoice, Params, Points, Stage},
    scheduler::{self, Machine},
};

/// Computes what is requested, on its own thread.
pub struct Session {
    gpu: Gpu,
    shared: Arc<SharedState>,
    worker: WorkerThread,
    /// What was requested last.
    params: Option<Params>,
}

/// What to do once more: see [`Session::repeat`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Everything; files are read again.
    Everything,
    /// A sum that was stopped, or that was only a draft. Points that are there are kept.
    Unfinished,
}

impl Session {
    /// Starts the worker. `source` is what another session has read ([`Self::source`]), or empty. A
    /// slice of work lasts about `slice_seconds` ([`crate::engine::Pace::WITH_WINDOW`] or
    /// [`crate::engine::Pace::HEADLESS`]); `wake` is called from the worker whenever the state changes.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn new(
        gpu: Gpu,
        source: Source,
        slice_seconds: f64,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(SharedState::new(source, Box::new(wake)));
        shared.lock().pacing.slice_seconds = slice_seconds;
        let worker = WorkerThread::start(gpu.clone(), &shared)?;
        Ok(Self { gpu, shared, worker, params: None })
    }

    /// The device that it computes on.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Requests `params`; work for older ones stops, unless only colours changed. Says how far back the
    /// change reaches.
    pub fn apply(&mut self, params: &Params) -> Stage {
        if self.params.as_ref() == Some(params) {
            return Stage::Nothing;
        }
        let stage = self.params.as_ref().map_or(Stage::Points, |old| params.stage_since(old));
        let keep = if stage <= Stage::Range { Keep::Partial } else { Keep::Complete };
        // What only the window draws needs no worker.
        if stage > Stage::View {
            self.shared.tell_worker(|state| {
                // What a refused request left undone is done now.
                let keep = if state.state.rejected { keep.min(Keep::Complete) } else { keep };
                state.requests.push(params.clone(), keep);
                state.state.rejected = false;
            });
        }
        self.params = Some(params.clone());
        stage
    }

    /// Requests the same once more.
    pub fn repeat(&self, what: Repeat) {
        let Some(params) = self.params.clone() else { return };
        let keep = match what {
            Repeat::Everything => Keep::Nothing,
            Repeat::Unfinished => Keep::Complete,
        };
        self.shared.tell_worker(|state| {
            state.requests.push(params, keep);
            state.state.rejected = false;
        });
    }

    /// Goes back to `params`, which are what is on screen, because the newest request failed. A sum
    /// that it broke off is begun again; without a scene they are requested. What has just failed is
    /// not tried again.
    pub fn revert(&mut self, params: &Params) {
        let failed = self.params.replace(params.clone());
        let same = failed.is_some_and(|failed| params.stage_since(&failed) < Stage::Field);
        let is_complete = {
            let mut inner = self.shared.lock();
            inner.state.rejected = false;
            inner.state.scene.as_ref().is_some_and(|scene| scene.is_complete())
        };
        if !is_complete && !same {
            self.repeat(Repeat::Unfinished);
        }
    }

    /// Gives up the sum under way; what is there of it stays on screen.
    pub fn stop(&self) {
        self.shared.update(SessionState::stop);
    }

    /// Work on scenes.
    pub fn jobs(&self) -> JobControl<'_> {
        JobControl(self)
    }

    /// How fast and how exactly it works.
    pub fn pacing(&self) -> PaceControl<'_> {
        PaceControl(self)
    }

    /// What the criteria say about the points on screen.
    pub fn advice(&self) -> AdviceControl<'_> {
        AdviceControl(self)
    }

    /// Contours of the estimate on screen.
    pub fn contours(&self) -> ContourControl<'_> {
        ContourControl(self)
    }

    /// The rows that are selected.
    pub fn selection(&self) -> SelectionControl<'_> {
        SelectionControl(self)
    }

    /// The estimate on screen at the pixels of the plot, and along its axes.
    pub fn density(&self) -> DensityControl<'_> {
        DensityControl(self)
    }

    /// The columns of the targets' file in memory.
    pub fn row_columns(&self) -> RowColumnsControl<'_> {
        RowColumnsControl(self)
    }

    /// The order of the rows in the table.
    pub fn row_order(&self) -> RowOrderControl<'_> {
        RowOrderControl(self)
    }

    /// What was read from files last, for a session that goes on from here.
    pub fn source(&self) -> Source {
        self.shared.lock().source.clone()
    }

    /// The newest state.
    pub fn state(&self) -> State {
        self.shared.lock().state.clone()
    }

    /// What the user should be told since the last call, the device's own errors included.
    pub fn take_notices(&self) -> Vec<Notice> {
        let mut notices = self.shared.lock().notices.take();
        if self.gpu.is_lost() {
            // Everything fails on a lost device; that it is lost is all there is to say.
            return notices;
        }
        let errors = self.gpu.errors().take().into_iter();
        notices.extend(errors.map(|text| Notice { kind: NoticeKind::Failed, text }));
        notices
    }

    /// Whether nothing is asked for and nothing under way.
    pub fn is_idle(&self) -> bool {
        self.shared.lock().is_idle()
    }

    /// Blocks until all is done, for `timeout` at most; says whether it is. Not for the window.
    pub fn wait(&self, timeout: Duration) -> bool {
        self.shared.wait_until(timeout, SessionState::is_idle)
    }

    /// Ends all work and says what the user should still be told, unfinished jobs included.
    pub fn end(&mut self) -> Vec<Notice> {
        self.worker.end();
        let mut notices = self.take_notices();
        let abandoned = self.shared.lock().jobs.abandon();
        notices.extend(abandoned.iter().filter_map(Job::not_done));
        notices
    }
}

/// The exact engine that is done first with `points` on this machine and `gpu`.
pub fn exact_engine(gpu: &Gpu, points: &Points) -> EngineChoice {
    let adapter = gpu.can_sum().is_ok().then(|| gpu.adapter());
    let machine = Machine::here(adapter.map(|adapter| adapter.kind));
    let size = [points.n(), points.m(), points.dim()];
    scheduler::choose_with(size, &machine, &MachineRates::of(adapter)).engine.into()
}
