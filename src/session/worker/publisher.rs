//! Publishes fields as scenes, and what the worker is doing.

use std::sync::Arc;

use super::{Failure, PreparedProblem};
use crate::{
    color::Quantiles,
    gpu::{Field, Gpu, GpuError},
    model::{ColorBy, Params},
    session::{Activity, Colored, Scene, Stats, request::Relevance, shared_state::SharedState},
};

/// The most values that quantiles of a draft are taken from: its colours are soon replaced.
const DRAFT_VALUES: usize = 1 << 16;

/// Publishes the scenes of a session, and numbers them.
pub(super) struct Publisher {
    shared: Arc<SharedState>,
    /// The number of scenes so far.
    version: u64,
}

impl Publisher {
    pub(super) fn new(shared: &Arc<SharedState>) -> Self {
        Self { shared: Arc::clone(shared), version: 0 }
    }

    /// Says what is going on, unless the request is obsolete.
    pub(super) fn tell(&self, number: u64, activity: Activity) {
        self.shared.update(|inner| {
            if inner.requests.is_requested(number) {
                inner.state.activity = activity;
            }
        });
    }

    /// Puts a field of `problem` on screen; says whether it was still worth showing.
    pub(super) fn publish(
        &mut self,
        gpu: &Gpu,
        problem: &PreparedProblem,
        number: u64,
        field: &Field,
        completeness: f64,
        stats: Stats,
    ) -> Result<bool, Failure> {
        self.version += 1;
        let by = problem.params.color_by.clone();
        let colored = match &problem.column {
            Some(column) => Colored {
                categories: column.categories.clone(),
                ..Colored::of(by, column.values.clone())
            },
            // Without its column there is f to be shown.
            None if by.column().is_some() => Colored::of(ColorBy::Field, field.clone()),
            None => Colored::of(by, field.clone()),
        };
        let mut scene = Scene {
            params: problem.params.clone(),
            prepared: problem.prepared.clone(),
            shown: Arc::clone(&problem.layout.shown),
            places: problem.layout.places.clone(),
            dots: Arc::default(),
            field: field.clone(),
            colored,
            histogram: None,
            completeness,
            stats,
            hover: Arc::clone(&problem.layout.hover),
            caution: None,
            version: self.version,
        };
        if scene.params.view.dots {
            // Not on the window's time.
            scene.dots(gpu)?;
        }
        Ok(self.shared.update(|inner| {
            let relevance = inner.requests.relevance(number, &scene.params);
            let is_shown = relevance != Relevance::Obsolete;
            if is_shown {
                // The bars and quantiles of the last field stand until the new ones are counted.
                if let Some(old) = &inner.state.scene {
                    scene.caution.clone_from(&old.caution);
                    if old.colored.by == scene.colored.by {
                        scene.histogram.clone_from(&old.histogram);
                        scene.colored.quantiles.clone_from(&old.colored.quantiles);
                    }
                }
                inner.state.scene = Some(Arc::new(scene));
            }
            is_shown
        }))
    }

    /// Puts the finished field of `problem` on screen, unless it is there.
    pub(super) fn show(
        &mut self,
        gpu: &Gpu,
        problem: &mut PreparedProblem,
        number: u64,
    ) -> Result<(), Failure> {
        let Some((field, stats)) = problem.field.clone().filter(|_| !problem.shown) else {
            return Ok(());
        };
        if !self.publish(gpu, problem, number, &field, 1.0, stats)? {
            return Err(Failure::Stopped);
        }
        problem.shown = true;
        Ok(())
    }

    /// Counts the values that colours show on screen, puts the dots into their order where it goes by f,
    /// and publishes the scene with it.
    pub(super) fn count(
        &mut self,
        gpu: &Gpu,
        problem: &mut PreparedProblem,
        number: u64,
    ) -> Result<(), Failure> {
        let Some(scene) = self.shared.lock().state.scene.clone() else { return Ok(()) };
        let params = &problem.params;
        let mut counted = Scene::clone(&scene);
        counted.params = Params { view: params.view, ..scene.params.clone() };
        counted.caution = scene.find_caution();
        counted.colored.quantiles =
            if params.needs_ranks() { quantiles_of(gpu, &scene)? } else { None };
        let scale = counted.scale(&params.view);
        let histogram = scene.colored.values.histogram(gpu, &scale)?;
        counted.histogram = Some((scale, Arc::new(histogram)));
        if params.view.order.goes_by_value()
            && !scene.stats.draft
            && scene.is_complete()
            && problem.arrange(gpu, &scene.field.read(gpu)?)?
        {
            counted.places = problem.layout.places.clone();
            counted.dots = Arc::default();
            counted.dots(gpu)?;
            self.version += 1;
            counted.version = self.version;
        }
        self.shared.update(|inner| {
            if inner.requests.is_requested(number) {
                inner.state.scene = Some(Arc::new(counted));
            }
        });
        Ok(())
    }
}

/// The quantiles of the values that the colours of `scene` show; of a draft, those of a part of them.
pub(super) fn quantiles_of(gpu: &Gpu, scene: &Scene) -> Result<Option<Quantiles>, GpuError> {
    let values = &scene.colored.values;
    let step = if scene.stats.draft { values.n().div_ceil(DRAFT_VALUES).max(1) } else { 1 };
    let read = values.read(gpu)?;
    if step == 1 {
        return Ok(Quantiles::of(&read));
    }
    let some: Vec<f32> = read.iter().copied().step_by(step).collect();
    Ok(Quantiles::of(&some))
}
