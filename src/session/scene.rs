//! A scene: points and their field with the parameters it was computed with, as published by the
//! worker and drawn by the window.

use std::sync::{Arc, OnceLock};

use super::{Hover, Prepared, Shown};
use crate::{
    color::Scale,
    engine::EngineId,
    figure::ViewBox,
    gpu::{Field, Histogram, Places},
    model::{Normalisation, Params, Sigma, ViewParams},
};

/// A field with the points and the parameters it belongs to. Never changes once published.
#[derive(Clone)]
pub struct Scene {
    /// What the field was computed with.
    pub params: Params,
    /// The points, in the user's coordinates.
    pub prepared: Prepared,
    /// Where the targets are drawn.
    pub shown: Arc<Shown>,
    /// The same on the device.
    pub places: Places,
    /// The values on the device.
    pub field: Field,
    /// How the values are spread; `None` while it is not counted yet.
    pub histogram: Option<(Scale, Arc<Histogram>)>,
    /// Fraction of the sources that the values hold; below 1 they are scaled up, as a preview.
    pub completeness: f64,
    /// How it was computed.
    pub stats: Stats,
    /// Finds the target nearest to a place, once it is built.
    pub hover: Arc<OnceLock<Hover>>,
    /// Counts the scenes of a session, so that two can be told apart cheaply.
    pub version: u64,
}

/// How a field was computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// Which engine.
    pub engine: EngineId,
    /// Why this one, where the program chose.
    pub why: Option<Arc<str>>,
    /// How long it took so far.
    pub seconds: f64,
    /// Pairs of a target and a source, per second.
    pub pairs_per_second: f64,
    /// Largest |f − exact| / max(exact, 10⁻³·max exact) that the engine may show.
    pub error_bound: f64,
    /// Whether it is a draft, for while σ moves: less exact than was asked for.
    pub draft: bool,
    /// How the engine went about it, where it has a choice, and why.
    pub how: Option<Arc<str>>,
    /// Whether it ran on the device that draws.
    pub on_device: bool,
}

impl Scene {
    /// The kernel's standard deviation.
    pub fn sigma(&self) -> Sigma {
        self.prepared.sigma(&self.params)
    }

    /// The part of the plane that shows the bulk of the targets.
    pub fn most(&self) -> ViewBox {
        self.shown.most(self.field.range())
    }

    /// The part of the plane that shows all targets.
    pub fn all(&self) -> ViewBox {
        self.shown.all(self.field.range())
    }

    /// Whether one unit is as long on both axes: not where f is up.
    pub fn has_equal_aspect(&self, view: &ViewParams) -> bool {
        view.equal_aspect && !self.shown.is_line()
    }

    /// The names of both axes.
    pub fn labels(&self) -> [String; 2] {
        self.shown.labels(value_label(self.params.normalisation))
    }

    /// Whether every source is in the field.
    pub fn is_complete(&self) -> bool {
        self.completeness >= 1.0
    }

    /// The colour scale that `view` asks for on this field.
    pub fn scale(&self, view: &ViewParams) -> Scale {
        let range = self.field.range();
        match view.clip {
            Some([low, high]) if view.clip_is_legal() => Scale { scaling: view.scaling, low, high },
            _ => Scale::automatic(view.scaling, range.min, range.min_positive, range.max),
        }
    }

    /// The same on this field and on another together.
    pub fn scale_with(&self, other: &Self, view: &ViewParams) -> Scale {
        let [a, b] = [self.field.range(), other.field.range()];
        if view.clip.is_some() && view.clip_is_legal() {
            return self.scale(view);
        }
        // Zero stands for no positive value at all.
        let positive = [a.min_positive, b.min_positive].into_iter().filter(|f| *f > 0.0);
        let min_positive = positive.reduce(f32::min).unwrap_or(0.0);
        Scale::automatic(view.scaling, a.min.min(b.min), min_positive, a.max.max(b.max))
    }
}

/// The name of the values that the colours show.
pub fn value_label(normalisation: Normalisation) -> &'static str {
    match normalisation {
        Normalisation::Sum => "f (sum)",
        Normalisation::Mean => "f (mean)",
        Normalisation::Density => "f (density)",
    }
}
