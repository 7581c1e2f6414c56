//! How large a figure is on paper.

use super::{FigureSpec, Layout, style::POINT};

/// Millimetres in a logical pixel.
const MILLIMETRE: f64 = 25.4 / 96.0;

/// Width and height of a figure on paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paper {
    /// In points.
    pub points: [f64; 2],
    /// In millimetres, to a thousandth.
    pub millimetres: [f64; 2],
}

/// Width and height on paper: as they were asked for, and not rounded to pixels.
pub(super) fn paper(spec: &FigureSpec, layout: &Layout) -> Paper {
    let logical = [0, 1].map(|axis| {
        let drawn = f64::from(layout.size[axis]) / layout.unit;
        let wanted = spec.size[axis];
        // What could not be drawn as large as it was asked for is as large as it was drawn.
        if (drawn - wanted).abs() * layout.unit < 1.0 { wanted } else { drawn }
    });
    let thousandths = |value: f64| (value * 1000.0).round() / 1000.0;
    Paper {
        points: logical.map(|side| side / POINT),
        millimetres: logical.map(|side| thousandths(side * MILLIMETRE)),
    }
}
