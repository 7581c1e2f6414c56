//! The chart of `sigmascope select --plot`: a panel for each criterion's curve over σ, and a mark for
//! the σ of each rule.

use crate::{
    criteria::{Criterion, Selection},
    figure::{CurveChart, CurvePanel, MarkedSigma},
    model::Points,
    numbers::format_number,
};

/// The chart of `selections` as an SVG document.
pub(super) fn plot(selections: &[Selection], points: &Points) -> String {
    let panels = selections.iter().filter_map(|selection| {
        let (curve, sigma) = (selection.curve.as_ref()?, *selection.sigma.as_ref().ok()?);
        let best = match curve.criterion {
            Criterion::LeastSquares => "lowest",
            _ => "highest",
        };
        let used = (curve.points_used < curve.points_total).then(|| {
            let count = |points: usize| format_number(points as f64, 12);
            format!(", at {} of {} points", count(curve.points_used), count(curve.points_total))
        });
        Some(CurvePanel {
            title: format!("{}{}", curve.criterion.label(), used.unwrap_or_default()),
            points: curve.points.iter().map(|p| [p.sigma, p.value, p.standard_error]).collect(),
            high_is_best: curve.criterion.prefers_high(),
            best: sigma,
            best_label: format!("{best} at σ = {}", format_number(sigma, 3)),
        })
    });
    let rules = selections.iter().filter(|selection| selection.curve.is_none());
    let mut marks: Vec<MarkedSigma> = Vec::new();
    for rule in rules {
        let Ok(sigma) = rule.sigma else { continue };
        let axis = rule.axis.as_ref().map_or(String::new(), |axis| format!(" {axis}"));
        let name = format!("{}{axis}", rule.criterion.name());
        // In two dimensions Scott's and Silverman's rules give the same σ: one mark with both names.
        match marks.iter_mut().find(|mark| (mark.sigma / sigma - 1.0).abs() < 1e-9) {
            Some(mark) => mark.name = format!("{}, {name}", mark.name),
            None => marks.push(MarkedSigma { sigma, name }),
        }
    }
    let (n, m) = (points.n(), points.m());
    let weighted = if points.sources().weights().is_some() { ", weighted" } else { "" };
    let chart = CurveChart {
        title: "How good each σ is".to_owned(),
        subtitle: format!(
            "{} targets, {} sources{weighted}, d = {}",
            format_number(n as f64, 12),
            format_number(m as f64, 12),
            points.dim()
        ),
        x_label: "standard deviation σ of the kernel".to_owned(),
        panels: panels.collect(),
        marks,
    };
    chart.to_svg()
}
