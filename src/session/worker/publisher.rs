//! Publishes fields as scenes, and what the worker is doing.

use std::sync::Arc;

use super::{Failure, PreparedProblem};
use crate::{
    color::Scale,
    gpu::{CountScale, Field, Gpu},
    model::{Params, Scaling, ViewParams},
    session::{Activity, Scene, Stats, request::Relevance, shared_state::SharedState},
};

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
        problem: &PreparedProblem,
        number: u64,
        field: &Field,
        completeness: f64,
        stats: Stats,
    ) -> bool {
        self.version += 1;
        let mut scene = Scene {
            params: problem.params.clone(),
            prepared: problem.prepared.clone(),
            shown: Arc::clone(&problem.layout.shown),
            places: problem.layout.places.clone(),
            field: field.clone(),
            histogram: None,
            completeness,
            stats,
            hover: Arc::clone(&problem.layout.hover),
            version: self.version,
        };
        self.shared.update(|inner| {
            let relevance = inner.requests.relevance(number, &scene.params);
            let is_shown = relevance != Relevance::Obsolete;
            if is_shown {
                // The bars of the last field stand until the new ones are counted.
                scene.histogram = inner.state.scene.as_ref().and_then(|old| old.histogram.clone());
                inner.state.scene = Some(Arc::new(scene));
            }
            is_shown
        })
    }

    /// Puts the finished field of `problem` on screen, unless it is there.
    pub(super) fn show(
        &mut self,
        problem: &mut PreparedProblem,
        number: u64,
    ) -> Result<(), Failure> {
        let Some((field, stats)) = problem.field.clone().filter(|_| !problem.shown) else {
            return Ok(());
        };
        if !self.publish(problem, number, &field, 1.0, stats) {
            return Err(Failure::Stopped);
        }
        problem.shown = true;
        Ok(())
    }

    /// Counts the values on screen along the colour scale of `view`, and publishes the scene with it.
    pub(super) fn count(&self, gpu: &Gpu, number: u64, view: ViewParams) -> Result<(), Failure> {
        let Some(scene) = self.shared.lock().state.scene.clone() else { return Ok(()) };
        let scale = scene.scale(&view);
        let Scale { scaling, low, high } = scale;
        let counting = CountScale { logarithmic: scaling == Scaling::Log, low, high };
        let histogram = scene.field.histogram(gpu, counting)?;
        let counted = Scene {
            histogram: Some((scale, Arc::new(histogram))),
            params: Params { view, ..scene.params.clone() },
            ..Scene::clone(&scene)
        };
        self.shared.update(|inner| {
            if inner.requests.is_requested(number) {
                inner.state.scene = Some(Arc::new(counted));
            }
        });
        Ok(())
    }
}
