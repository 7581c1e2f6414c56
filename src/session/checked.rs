//! The measured error of a field on screen: its difference from the same sum in f64, at random
//! targets.

use std::{sync::Arc, thread::JoinHandle};

use super::{Scene, shared_state::SharedState};
use crate::{
    engine::{exact_at, largest_error, magnitudes_at, sample_targets},
    model::Points,
};

/// The measured error of a field, on a sample of its targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// The [`Scene::version`] that it is about.
    pub version: u64,
    /// Number of targets looked at, drawn at random anew for each field.
    pub targets: usize,
    /// Largest |f − exact| / max(exact, 10⁻³·max exact) among them.
    pub error: f64,
}

/// A field to be compared with the same sum in f64.
pub(super) struct Check {
    version: u64,
    points: Arc<Points>,
    sigma: crate::model::Sigma,
    targets: Vec<usize>,
    /// f at the targets, as it is on screen.
    found: Vec<f64>,
    /// What turns a sum into f.
    factor: f64,
    /// The largest |f| of all.
    max: f64,
}

impl Check {
    /// Pairs that are summed in f64 for a check, at d = 2: a few milliseconds of one core. With
    /// more, a check delays the next; with fewer, less of the field is checked.
    const PAIRS: usize = 4_000_000;

    /// The targets of a scene to look at: as many as the time allows, but one at least.
    pub(super) fn targets_of(scene: &Scene) -> Vec<usize> {
        let points = &scene.prepared.points;
        let budget = 6 * Self::PAIRS / (points.dim() + 4);
        sample_targets(points.n(), points.m(), budget, scene.version)
    }

    /// The check of a complete scene whose values at `targets` are `found`.
    pub(super) fn new(scene: &Scene, targets: Vec<usize>, found: &[f32]) -> Self {
        let points = Arc::clone(&scene.prepared.points);
        let (sigma, range) = (scene.sigma(), scene.field.range());
        let weight = points.sources().total_weight();
        Self {
            version: scene.version,
            sigma,
            targets,
            found: found.iter().map(|&f| f64::from(f)).collect(),
            factor: scene.prepared.factor(scene.params.normalisation, weight, sigma),
            max: range.highest(),
            points,
        }
    }

    /// Carries it out on a thread of its own, which its owner has to wait for in the end: the last
    /// to let go of a scene frees what it holds on the device, and must not do that while the
    /// program ends. Without a thread to spare the bound alone is told.
    pub(super) fn run_later(self, shared: &Arc<SharedState>) -> Option<JoinHandle<()>> {
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("sigmascope-check".to_owned());
        let work = move || {
            let checked = self.run();
            shared.update(|inner| {
                let scene = inner.state.scene.as_ref();
                if scene.is_some_and(|scene| scene.version == checked.version) {
                    inner.state.checked = Some(checked);
                }
            });
        };
        thread.spawn(work).ok()
    }

    fn run(mut self) -> Checked {
        let scaled = |f: f64| f * self.factor;
        let exact = exact_at(&self.points, self.sigma, &self.targets);
        let magnitudes = match self.points.sources().weights() {
            None => exact.clone(),
            Some(_) => magnitudes_at(&self.points, self.sigma, &self.targets),
        };
        let mut exact: Vec<f64> = exact.into_iter().map(scaled).collect();
        let mut magnitudes: Vec<f64> = magnitudes.into_iter().map(|f| scaled(f).abs()).collect();
        // The highest value counts, whether or not it is in the sample.
        self.found.push(self.max);
        exact.push(self.max);
        magnitudes.push(self.max);
        let error = largest_error(&self.found, &exact, &magnitudes);
        Checked { version: self.version, targets: self.targets.len(), error }
    }
}
