//! A scene: points and their field with the parameters it was computed with, as published by the
//! worker and drawn by the window.

use std::sync::{Arc, OnceLock};

use super::{Categories, DifferenceOf, Hover, Prepared, Shown};
use crate::{
    color::{Quantiles, Scale, category_lut, lut},
    criteria::{FieldFacts, Warning, about_field},
    engine::EngineId,
    escape::escaped,
    figure::ViewBox,
    gpu::{Dots, Field, Gpu, GpuError, Histogram, Places},
    model::{ColorBy, ColorMap, Normalisation, Params, Scaling, Sigma, ViewParams},
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
    /// The values on the device.
    pub field: Field,
    /// What the colours show.
    pub colored: Colored,
    /// Where the targets are drawn, on the device, in the order of drawing.
    pub places: Places,
    /// The targets' dots on the device, once they were needed: see [`Self::dots`].
    pub(super) dots: Arc<OnceLock<Dots>>,
    /// How the values that the colours show are spread; `None` while it is not counted yet.
    pub histogram: Option<(Scale, Arc<Histogram>)>,
    /// Fraction of the sources that the values hold; below 1 they are scaled up, as a preview.
    pub completeness: f64,
    /// How it was computed.
    pub stats: Stats,
    /// Finds the target nearest to a place, once it is built.
    pub hover: Arc<OnceLock<Hover>>,
    /// What may mislead about the values, such as that all are 0; known once they are counted.
    pub caution: Option<Arc<Warning>>,
    /// Counts the scenes of a session, so that two can be told apart cheaply.
    pub version: u64,
}

/// What the colours of a scene show.
#[derive(Clone)]
pub struct Colored {
    /// f, its rank, or a column.
    pub by: ColorBy,
    /// The values: f itself for its rank, codes for categories.
    pub values: Field,
    /// What the codes stand for, where they are categories.
    pub categories: Option<Arc<Categories>>,
    /// The quantiles of the values, where colours go by them and they are counted.
    pub quantiles: Option<Quantiles>,
    /// What the values are the difference of, if they are one.
    pub difference: Option<DifferenceOf>,
}

impl Colored {
    /// These values, which are no categories and not counted yet.
    pub(super) fn of(by: ColorBy, values: Field) -> Self {
        Self { by, values, categories: None, quantiles: None, difference: None }
    }
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
    /// What that device itself took, in seconds; `None` on the processor, and where it has no clock.
    pub device_seconds: Option<f64>,
}

impl Scene {
    /// The targets' dots on the device, in the order in which they are drawn; made when they are needed first.
    ///
    /// # Errors
    /// When they do not fit, or the device fails.
    pub fn dots(&self, gpu: &Gpu) -> Result<Dots, GpuError> {
        if let Some(dots) = self.dots.get() {
            return Ok(dots.clone());
        }
        let dots = Dots::new(gpu, &self.places, &self.field, &self.colored.values)?;
        Ok(self.dots.get_or_init(|| dots).clone())
    }

    /// The kernel's standard deviation.
    pub fn sigma(&self) -> Sigma {
        self.prepared.sigma(&self.params)
    }

    /// What is known of the field, for what may mislead about it.
    pub fn field_facts(&self) -> FieldFacts {
        let (sigma, range) = (self.sigma(), self.field.range());
        let weight = self.prepared.points.sources().total_weight();
        let factor = self.prepared.factor(self.params.normalisation, weight, sigma);
        FieldFacts { sigma, range: [range.min, range.max].map(f64::from), factor }
    }

    /// What may mislead about the values of a finished field.
    pub(super) fn find_caution(&self) -> Option<Arc<Warning>> {
        let found = self.is_complete().then(|| self.field_facts());
        found.and_then(|facts| about_field(&self.prepared.points, &facts)).map(Arc::new)
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

    /// The colour scale that `view` asks for on what the colours show.
    pub fn scale(&self, view: &ViewParams) -> Scale {
        let range = self.colored.values.range();
        self.scale_of([range.min, range.min_positive, range.max], view)
    }

    /// The same on this field and on another together, where colours show f.
    pub fn scale_with(&self, other: &Self, view: &ViewParams) -> Scale {
        let [a, b] = [self, other].map(|scene| scene.colored.values.range());
        // Zero stands for no positive value at all.
        let positive = [a.min_positive, b.min_positive].into_iter().filter(|f| *f > 0.0);
        let min_positive = positive.reduce(f32::min).unwrap_or(0.0);
        self.scale_of([a.min.min(b.min), min_positive, a.max.max(b.max)], view)
    }

    /// The colour scale of f, whatever the colours show.
    pub fn field_scale(&self, view: &ViewParams) -> Scale {
        let range = self.field.range();
        Scale::without_quantiles(view.scaling, [range.min, range.min_positive, range.max])
    }

    /// The colour scale for values of this range: the lowest, the lowest above 0, and the highest.
    fn scale_of(&self, range: [f32; 3], view: &ViewParams) -> Scale {
        let Colored { by, categories, quantiles, difference, .. } = &self.colored;
        if difference.is_some() {
            let [min, _, max] = range;
            return Scale::new(Scaling::Linear, min, max).around_zero();
        }
        if categories.is_some() {
            // Each code is an entry of the table.
            return Scale::new(Scaling::Linear, 0.0, 255.0);
        }
        if *by != ColorBy::Rank {
            return Scale::of_view(view, view.scaling, range, quantiles.clone());
        }
        let scale = Scale::of_view(view, Scaling::Equalised, range, quantiles.clone());
        Scale { ranks: true, ..scale }
    }

    /// The same scene whose colours show f.
    #[must_use]
    pub fn colored_by_field(&self) -> Self {
        let colored = Colored::of(ColorBy::Field, self.field.clone());
        Self { colored, histogram: None, dots: Arc::default(), ..self.clone() }
    }

    /// The colours, from the lowest value to the highest.
    pub fn lut(&self, view: &ViewParams) -> [[u8; 4]; 256] {
        match self.colored.categories {
            Some(_) => category_lut(),
            None if self.colored.difference.is_some() && !view.color_map.is_diverging() => {
                lut(ColorMap::BlueRed, false)
            }
            None => lut(view.color_map, view.reversed),
        }
    }

    /// The name of what the colours show.
    pub fn value_label(&self) -> String {
        if let Some(DifferenceOf { densities, .. }) = self.colored.difference {
            let what = if densities { "density B − A" } else { "f(B) − f(A)" };
            return what.to_owned();
        }
        match &self.colored.by {
            ColorBy::Field => value_label(self.params.normalisation).to_owned(),
            ColorBy::Rank => "rank of f".to_owned(),
            ColorBy::Column(name) | ColorBy::Categories(name) => escaped(name),
        }
    }
}

/// The name of the values of a field.
pub fn value_label(normalisation: Normalisation) -> &'static str {
    match normalisation {
        Normalisation::Sum => "f (sum)",
        Normalisation::Mean => "f (mean)",
        Normalisation::Density => "f (density)",
    }
}
