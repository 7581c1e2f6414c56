//! Another field on one side of a line down a picture's plot.

use std::sync::Arc;

use super::{Scene, SplitPlace};
use crate::{
    figure::{Layout, SplitLine},
    numbers::format_number,
};

/// Another scene on one side of a line down the plot; it has the same points.
#[derive(Clone)]
pub struct PictureSplit {
    /// The kept field, A.
    pub kept: Arc<Scene>,
    /// Where the line is, as a part of the plot's width.
    pub at: f32,
    /// Whether A is on the right.
    pub swapped: bool,
    /// What both sides are called, A first.
    pub names: [String; 2],
    /// Whether they have a plot each on screen.
    pub of_two_plots: bool,
}

/// What a side of a comparison is called.
pub fn side_name(letter: &str, scene: &Scene) -> String {
    let part = format!(", {:.0} % of the sources", 100.0 * scene.completeness);
    let preview = if scene.is_complete() { String::new() } else { part };
    format!("{letter}: σ = {}{preview}", format_number(scene.sigma().get(), 4))
}

impl PictureSplit {
    /// `kept` on the side A of a picture of `now`, with the line at this place.
    pub fn new(kept: Arc<Scene>, now: &Scene, place: SplitPlace) -> Self {
        let names = [side_name("A", &kept), side_name("B", now)];
        let SplitPlace { at, swapped, .. } = place;
        Self { kept, at, swapped, names, of_two_plots: false }
    }

    /// The first column of the plot that is right of the line.
    pub(super) fn column(&self, layout: &Layout) -> u32 {
        let width = layout.plot.width;
        (f64::from(self.at).clamp(0.0, 1.0) * f64::from(width)).round() as u32
    }

    /// The line and the names of its sides.
    pub(super) fn line(&self) -> SplitLine {
        let [a, b] = self.names.clone();
        let names = if self.swapped { [b, a] } else { [a, b] };
        SplitLine { at: f64::from(self.at), names }
    }
}

impl std::fmt::Debug for PictureSplit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kept, at, swapped, names, .. } = self;
        write!(f, "PictureSplit({}, {at}, {swapped}, {names:?})", kept.version)
    }
}

impl PartialEq for PictureSplit {
    fn eq(&self, other: &Self) -> bool {
        let parts = |split: &Self| (split.at.to_bits(), split.swapped, split.names.clone());
        Arc::ptr_eq(&self.kept, &other.kept) && parts(self) == parts(other)
    }
}
