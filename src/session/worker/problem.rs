//! [`PreparedProblem`]: the points of the worker with their plans, layout and field, kept from one
//! request to the next.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
};

use rayon::prelude::*;

use super::{
    deviation::Approximate,
    failure::{Failure, reason_of},
};
use crate::{
    engine::{EngineId, Observer, Pace, Plan, Progress, go_on_if},
    gpu::{Fault, Field, Gpu, GpuError, Places},
    model::{ColorBy, DrawOrder, Params, Points, Projection, Sigma, Stage},
    sampling::shuffled,
    session::{
        Activity, Hover, Prepared, Shown, SourceError, Stats,
        colored::{Categories, ColumnValues},
        request::{Keep, Request},
        shared_state::SharedState,
    },
};

/// Points, and what is known of their field.
pub(super) struct PreparedProblem {
    /// What was requested of these points last.
    pub(super) params: Params,
    pub(super) prepared: Prepared,
    /// The sum of the sources' weights.
    pub(super) weight: f64,
    /// The sources in random order: partial sums are then an unbiased preview.
    pub(super) order: Arc<[u32]>,
    /// The plans of the engines that were used so far.
    pub(super) plans: BTreeMap<EngineId, Box<dyn Plan>>,
    /// The last fast field, while an exact one of the same σ may follow.
    pub(super) approximate: Option<Approximate>,
    pub(super) layout: Layout,
    /// The column that colours show, if they show one.
    pub(super) column: Option<ShownColumn>,
    /// The finished field of `params`; `None` while it is under way or was stopped.
    pub(super) field: Option<(Field, Stats)>,
    /// Whether that field is what the scene shows.
    pub(super) shown: bool,
}

/// Where the targets are drawn, and in which order.
#[derive(Clone)]
pub(super) struct Layout {
    projection: Projection,
    log_axes: [bool; 2],
    order: DrawOrder,
    pub(super) shown: Arc<Shown>,
    pub(super) places: Places,
    pub(super) hover: Arc<OnceLock<Hover>>,
    /// Whether there is a pointer that may rest on a target.
    hovers: bool,
}

impl Layout {
    fn new(
        gpu: &Gpu,
        points: &Arc<Points>,
        params: &Params,
        hovers: bool,
    ) -> Result<Self, GpuError> {
        let shown = Arc::new(Shown::new(points, params.projection, params.view.log_axes));
        // In space what is nearest to the pointer depends on the camera.
        let in_space = shown.space().is_some();
        let hover = if in_space || !hovers { Arc::default() } else { Hover::build_later(&shown) };
        let (order, seed) = (params.view.order, params.seed);
        let places = placed(gpu, &shown, start_of(order, points.n(), seed).as_deref())?;
        let (projection, log_axes) = (params.projection, params.view.log_axes);
        Ok(Self { projection, log_axes, order, shown, places, hover, hovers })
    }

    /// Puts the dots into the order of these values of f, if their order goes by it.
    fn arrange(&mut self, gpu: &Gpu, values: &[f32]) -> Result<bool, GpuError> {
        let arranged = arranged(gpu, &self.shown, self.order, values)?;
        let is_arranged = arranged.is_some();
        self.places = arranged.unwrap_or_else(|| self.places.clone());
        Ok(is_arranged)
    }
}

/// The places of the targets in the order of these values of f, if dots are drawn in such an order.
pub(super) fn arranged(
    gpu: &Gpu,
    shown: &Shown,
    by: DrawOrder,
    values: &[f32],
) -> Result<Option<Places>, GpuError> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    let value = |i: u32| values[i as usize];
    match by {
        DrawOrder::Random | DrawOrder::File => return Ok(None),
        DrawOrder::Dense => order.par_sort_by(|&a, &b| value(a).total_cmp(&value(b))),
        DrawOrder::Sparse => order.par_sort_by(|&a, &b| value(b).total_cmp(&value(a))),
    }
    Ok(Some(placed(gpu, shown, Some(&order))?))
}

/// The order in which dots are drawn, as far as it is known without f: at random where it goes by f.
fn start_of(order: DrawOrder, n: usize, seed: u64) -> Option<Vec<u32>> {
    (order != DrawOrder::File).then(|| shuffled(n, seed))
}

/// The places of the targets in this order.
fn placed(gpu: &Gpu, shown: &Shown, order: Option<&[u32]>) -> Result<Places, GpuError> {
    let in_space = match order {
        None => shown.unit_places((0..shown.n()).into_par_iter()),
        Some(order) => shown.unit_places(order.par_iter().map(|&i| i as usize)),
    };
    if let Some(places) = in_space {
        return Places::in_space(gpu, &places, order);
    }
    let places = match order {
        None => shown.centred_places((0..shown.n()).into_par_iter()),
        Some(order) => shown.centred_places(order.par_iter().map(|&i| i as usize)),
    };
    Places::new(gpu, places.as_flattened(), shown.is_line(), order)
}

/// A column that colours show, on the device.
#[derive(Clone)]
pub(super) struct ShownColumn {
    by: ColorBy,
    pub(super) values: Field,
    pub(super) categories: Option<Arc<Categories>>,
}

impl PreparedProblem {
    /// Reads or samples the points of a request, unless it is obsolete before that is done; `rereads` says
    /// whether files are read even if they have been.
    pub(super) fn prepare(
        gpu: &Gpu,
        shared: &SharedState,
        request: &Request,
        rereads: bool,
    ) -> Result<Self, Failure> {
        let Request { number, params, .. } = request;
        let prepared = load(shared, params, rereads, &mut |Progress { fraction }: Progress| {
            gpu.lose_at(Fault::LossInLoad);
            gpu.faults().panic_at(Fault::LoaderPanic);
            shared.rest_while_paused(*number);
            go_on_if(tell_preparing(shared, *number, fraction as f32))
        })?;
        let points = &prepared.points;
        let sources = points.sources();
        params.normalisation.check(sources).map_err(SourceError::from)?;
        // Without a window the index, as large as all else together, is made for nothing.
        let hovers = shared.slice_seconds() < Pace::HEADLESS;
        Ok(Self {
            params: params.clone(),
            weight: sources.total_weight(),
            order: shuffled(points.m(), params.seed).into(),
            plans: BTreeMap::new(),
            approximate: None,
            layout: Layout::new(gpu, &prepared.drawn, params, hovers)?,
            column: None,
            prepared,
            field: None,
            shown: false,
        })
    }

    /// The kernel's standard deviation.
    pub(super) fn sigma(&self) -> Sigma {
        self.prepared.sigma(&self.params)
    }

    /// How far back a request reaches: a field that is missing, or only a draft where `drafts` are not
    /// enough, is summed even if nothing else changed.
    pub(super) fn stage_for(&self, request: &Request, drafts: bool) -> Stage {
        let stage = request.params.stage_since(&self.params);
        let is_good = |(_, stats): &(Field, Stats)| !stats.draft || drafts;
        if self.field.as_ref().is_some_and(is_good) || request.keep == Keep::Partial {
            stage
        } else {
            stage.max(Stage::Field)
        }
    }

    /// Lays the targets out as `params` want it, unless they are.
    pub(super) fn lay_out(&mut self, gpu: &Gpu, params: &Params) -> Result<(), Failure> {
        let Layout { projection, log_axes, order, hovers, .. } = self.layout;
        if projection != params.projection || log_axes != params.view.log_axes {
            self.layout = Layout::new(gpu, &self.prepared.drawn, params, hovers)?;
            self.shown = false;
        } else if order != params.view.order {
            let Layout { shown, places, .. } = &mut self.layout;
            let start = start_of(params.view.order, shown.n(), params.seed);
            *places = placed(gpu, shown, start.as_deref())?;
            self.layout.order = params.view.order;
            self.shown = false;
        }
        Ok(())
    }

    /// Puts the dots into the order of these values of f; says whether that changed it.
    pub(super) fn arrange(&mut self, gpu: &Gpu, values: &[f32]) -> Result<bool, Failure> {
        Ok(self.layout.arrange(gpu, values)?)
    }

    /// Reads the column that the colours are to show, unless it is there.
    pub(super) fn take_column(
        &mut self,
        gpu: &Gpu,
        by: &ColorBy,
        observer: &mut dyn Observer,
    ) -> Result<(), Failure> {
        if self.column.as_ref().map(|column| &column.by) == by.column().map(|_| by) {
            return Ok(());
        }
        let read = ColumnValues::of(by, &self.prepared, observer)?;
        let shown = read.map(|ColumnValues { values, categories }| {
            Ok(ShownColumn {
                by: by.clone(),
                values: Field::from_values(gpu, &values)?,
                categories,
            })
        });
        self.column = shown.transpose().map_err(|err: GpuError| Failure::from(err))?;
        self.shown = false;
        Ok(())
    }
}

/// Tells how much of the points is there; says whether they are still requested.
fn tell_preparing(shared: &SharedState, number: u64, done: f32) -> bool {
    let mut inner = shared.lock();
    if !inner.requests.is_requested(number) {
        return false;
    }
    // Telling costs a frame: a hundred steps are enough.
    let told = inner.state.activity;
    if !matches!(told, Activity::Preparing(before) if (done - before).abs() < 0.01) {
        inner.state.activity = Activity::Preparing(done);
        drop(inner);
        shared.update(|_| ());
    }
    true
}

/// Reads or samples the points. A loader that panics is a file that cannot be read.
fn load(
    shared: &SharedState,
    params: &Params,
    rereads: bool,
    observer: &mut dyn Observer,
) -> Result<Prepared, Failure> {
    // The lock is not kept over the work; the clouds in it are shared, not copied.
    let mut source = shared.lock().source.clone();
    if rereads {
        source.forget();
    }
    let loaded = catch_unwind(AssertUnwindSafe(|| source.prepare(params, observer)));
    let prepared = loaded.unwrap_or_else(|panic| {
        let reason = reason_of(&*panic).to_owned();
        Err(SourceError::Internal { input: params.input.clone(), reason })
    });
    if prepared.is_ok() {
        shared.lock().source = source;
    }
    Ok(prepared?)
}
