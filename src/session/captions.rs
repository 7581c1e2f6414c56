//! What is written above a picture, or said of it elsewhere.

use std::fmt::Write as _;

use rayon::prelude::*;

use super::{DifferenceOf, PictureSplit, Scene, plot_content::MOST_SHAPES};
use crate::{
    escape::escaped_path,
    figure::{Layout, PlotContent, ViewBox},
    model::{DrawOrder, Input, Normalisation, ViewParams},
    numbers::format_number,
    plane::{Contour, Contours},
};

/// What was computed, in one line: `σ = 0.3`, and the kernel when it is not plain.
pub(super) fn title(scene: &Scene, split: Option<&PictureSplit>) -> String {
    let formula = match scene.params.normalisation {
        Normalisation::Sum => "Gaussian kernel sum",
        Normalisation::Mean => "Mean Gaussian kernel",
        Normalisation::Density => "Gaussian kernel density",
    };
    let logarithmic = scene.prepared.drawn.targets().logarithmic();
    let unit = match scene.prepared.whitening {
        Some(_) => " standard deviations",
        None if logarithmic.iter().all(|is| *is) => " decades",
        None => "",
    };
    if let Some(DifferenceOf { sigmas: [a, b], densities, .. }) = scene.colored.difference {
        let what = if densities { "Gaussian kernel densities" } else { formula };
        let [a, b] = [a, b].map(|sigma| format_number(sigma.get(), 4));
        return format!("{what}, σ = {b}{unit} less σ = {a}{unit}");
    }
    match split {
        Some(PictureSplit { names: [a, b], .. }) => format!("{formula}, {a}, {b}{unit}"),
        None => format!("{formula}, σ = {}{unit}", format_number(scene.sigma().get(), 4)),
    }
}

/// What it was computed from, in one line, and how many targets lie outside of the picture.
pub(super) fn subtitle(scene: &Scene, outside: usize) -> String {
    let Scene { params, prepared, completeness, stats, .. } = scene;
    let origin = match &params.input {
        Input::Generated => format!("{}, seed {}", params.distribution.label(), params.seed),
        Input::Files { targets, sources, .. } => {
            let name = |path: &std::path::Path| {
                escaped_path(path.file_name().map_or(path, std::path::Path::new))
            };
            match sources {
                Some(sources) if sources != targets => {
                    format!("{} against {}", name(targets), name(sources))
                }
                _ => name(targets),
            }
        }
    };
    let points = &prepared.points;
    let count = |n: usize| format_number(n as f64, 12);
    let mut line = format!(
        "{origin}  ·  {} targets × {} sources  ·  {}",
        count(points.n()),
        count(points.m()),
        stats.engine
    );
    if *completeness < 1.0 {
        let percent = 100.0 * completeness;
        let _ = write!(line, "  ·  preview, {percent:.0} % of the sources");
    }
    if outside > 0 {
        let of = if scene.shown.space().is_some() { " of the box" } else { "" };
        let _ = write!(line, "  ·  {} targets lie outside{of}", count(outside));
    }
    line
}

/// How many targets lie outside of `view` in the plane; on a line those whose place is outside.
pub(super) fn outside(scene: &Scene, view: &ViewBox) -> usize {
    let shown = &scene.shown;
    let within = |[low, high]: [f64; 2], value: f64| (low..=high).contains(&value);
    let is_line = shown.is_line();
    let is_outside = |i: &usize| {
        let [x, y] = shown.place(*i);
        !within(view.x, x) || (!is_line && !within(view.y, y))
    };
    (0..shown.n()).into_par_iter().filter(is_outside).count()
}

/// What the contours of a picture enclose, to go after its subtitle.
pub(super) fn contours_told(found: &Contours, dim: usize) -> String {
    let percent = |contour: &Contour| format_number(100.0 * contour.level.mass.get(), 4);
    let masses: Vec<String> = found.contours.iter().map(percent).collect();
    let of = if dim > 2 { " of the marginal" } else { "" };
    format!("  ·  contours around {} % of the mass{of}", masses.join(", "))
}

/// In which order dots are drawn, to go after a picture's subtitle.
pub(super) fn order_told(scene: &Scene, look: &ViewParams) -> &'static str {
    // On a raster all have one colour, and in space the nearest is seen.
    if !look.dots || (look.raster && !scene.shown.is_line()) || scene.shown.space().is_some() {
        return "";
    }
    match look.order {
        DrawOrder::Random => "  ·  dots in random order",
        DrawOrder::File => "  ·  dots in the order of the file",
        DrawOrder::Dense => "  ·  dense dots on top",
        DrawOrder::Sparse => "  ·  sparse dots on top",
    }
}

/// That the limits of the colours do not follow the values, to go after a picture's subtitle.
pub(super) fn limits_told(scene: &Scene, look: &ViewParams) -> String {
    let shows_values = look.dots || look.raster;
    match look.clip {
        Some([low, high]) if shows_values && scene.colored.categories.is_none() => {
            let number = |value: f32| format_number(f64::from(value), 3);
            format!("  ·  colours fixed from {} to {}", number(low), number(high))
        }
        _ => String::new(),
    }
}

/// How many targets are selected, to go after a picture's subtitle.
pub(super) fn selected_told(scene: &Scene, marks: Option<&[u32]>, look: &ViewParams) -> String {
    let Some(marks) = marks.filter(|_| look.dots) else { return String::new() };
    let selected: u64 = marks.iter().map(|word| u64::from(word.count_ones())).sum();
    let count = |n: u64| format_number(n as f64, 12);
    let rest = if look.hides_rest { "hidden" } else { "grey" };
    let n = scene.prepared.points.n() as u64;
    format!("  ·  {} of {} selected, the rest {rest}", count(selected), count(n))
}

/// What became an image where shapes are kept.
pub(super) fn images_told(
    layout: &Layout,
    content: &PlotContent,
    dots: Option<usize>,
) -> Option<String> {
    content.image.as_ref()?;
    let dpi = format_number(96.0 * layout.unit, 4);
    let size = format!("{} × {} pixels, {dpi} dpi", layout.plot.width, layout.plot.height);
    let count = |n: usize| format_number(n as f64, 12);
    Some(match dots {
        Some(n) => format!(
            "{} dots are one image of {size}: more than {} would be slow to show as shapes",
            count(n),
            count(MOST_SHAPES)
        ),
        None => format!("the raster of f is an image of {size}"),
    })
}
