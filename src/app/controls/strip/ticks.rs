//! The ticks of the strip: each rule's σ and each curve's best.

use eframe::egui::Color32;

use super::color_of;
use crate::{
    criteria::{Criterion, Curve},
    escape::escaped,
    model::Sigma,
    numbers::format_number,
    session::{Advice, Rule},
};

/// Up to this many coordinates the rules of single axes are ticks of the strip; beyond that, a
/// list.
pub(super) const TICKED_AXES: usize = 2;

/// A σ to take.
#[derive(Clone, Debug)]
pub(super) struct SigmaTick {
    pub(super) sigma: Sigma,
    /// A few letters.
    pub(super) short: String,
    /// What it is, as in "Take σ of …".
    pub(super) name: String,
    /// The text shown on hover.
    pub(super) hint: String,
    /// Its curve's colour; `None` for a rule.
    pub(super) color: Option<Color32>,
}

impl SigmaTick {
    /// The label for screen readers.
    pub(super) fn label(&self) -> String {
        format!("Take σ of {} ({})", self.name, format_number(self.sigma.get(), 3))
    }

    fn of_curve(sigma: Sigma, curve: &Curve, dark: bool) -> Self {
        let criterion = curve.criterion;
        let end = if criterion.prefers_high() { "highest" } else { "lowest" };
        Self {
            sigma,
            short: short(criterion).to_owned(),
            name: name(criterion).to_owned(),
            hint: hint(criterion, None, sigma, &format!("where it is {end}, {}", looked_at(curve))),
            color: Some(color_of(criterion, dark)),
        }
    }

    fn of_rule(rule: &Rule) -> Self {
        let Rule { criterion, axis, sigma, points_used } = rule;
        let axis = &axis.as_deref().map(escaped);
        let along = axis.as_ref().map_or(String::new(), |axis| format!(" along {axis}"));
        let short = match axis {
            None => short(*criterion).to_owned(),
            Some(axis) => {
                let is_long = axis.chars().count() > 6;
                let cut: String = axis.chars().take(if is_long { 5 } else { 6 }).collect();
                let dots = if is_long { "…" } else { "" };
                format!("{} {cut}{dots}", short(*criterion))
            }
        };
        let used = format!("from {} points", format_number(*points_used as f64, 12));
        Self {
            sigma: *sigma,
            short,
            name: format!("{}{along}", name(*criterion)),
            hint: hint(*criterion, axis.as_deref(), *sigma, &used),
            color: None,
        }
    }
}

/// All ticks in rising order of σ; those of single axes only if `per_axis`.
pub(super) fn ticks(advice: &Advice, dark: bool, per_axis: bool) -> Vec<SigmaTick> {
    let mut ticks: Vec<SigmaTick> =
        advice.optima().map(|(sigma, curve)| SigmaTick::of_curve(sigma, curve, dark)).collect();
    let rules = advice.rules.iter().filter(|rule| per_axis || rule.axis.is_none());
    ticks.extend(rules.map(SigmaTick::of_rule));
    ticks.sort_by(|a, b| a.sigma.get().total_cmp(&b.sigma.get()));
    ticks
}

/// The rules of single axes, axis by axis.
pub(super) fn of_axes(advice: &Advice) -> Vec<SigmaTick> {
    advice.rules.iter().filter(|rule| rule.axis.is_some()).map(SigmaTick::of_rule).collect()
}

/// At how many points a curve was computed, in words.
pub(super) fn looked_at(curve: &Curve) -> String {
    let count = |points: usize| format_number(points as f64, 12);
    if curve.points_used < curve.points_total {
        format!("at {} of {} points", count(curve.points_used), count(curve.points_total))
    } else {
        format!("at {} points", count(curve.points_total))
    }
}

fn hint(criterion: Criterion, axis: Option<&str>, sigma: Sigma, how: &str) -> String {
    let axis = axis.map_or(String::new(), |axis| format!(", for {axis} alone"));
    format!(
        "{}{axis}: σ = {}, {how}\n{}",
        criterion.label(),
        format_number(sigma.get(), 5),
        formula(criterion)
    )
}

/// A few letters for a tick.
pub(super) fn short(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::LeaveOneOut => "LOO",
        Criterion::HeldOut => "held-out",
        Criterion::LeastSquares => "LSCV",
        Criterion::Scott => "Scott",
        Criterion::Silverman => "Silverman",
        Criterion::Median => "median",
        Criterion::Neighbour => "kNN",
        Criterion::SheatherJones => "SJ",
        Criterion::ImprovedSheatherJones => "ISJ",
    }
}

fn name(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::LeaveOneOut => "Cross-validated (LOO)",
        Criterion::HeldOut => "the held-out log-likelihood",
        Criterion::LeastSquares => "LSCV",
        Criterion::Scott => "Scott's rule",
        Criterion::Silverman => "Silverman's rule",
        Criterion::Median => "the median heuristic",
        Criterion::Neighbour => "the kNN distance",
        Criterion::SheatherJones => "the Sheather–Jones rule",
        Criterion::ImprovedSheatherJones => "the improved Sheather–Jones rule",
    }
}

fn formula(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::LeaveOneOut => {
            "leave-one-out: mean of log[(f − w) / ((Σw − w)·(2πσ²)^(d/2))] over the sources: high is good"
        }
        Criterion::HeldOut => "mean of log[f / (Σw·(2πσ²)^(d/2))] over the targets: high is good",
        Criterion::LeastSquares => {
            "least-squares cross-validation: integral of p² less twice the mean of p at each source without it: low is good"
        }
        Criterion::Scott => "s·n^(−1/(d+4)), with s the root of the axes' mean variance",
        Criterion::Silverman => "s·(4/((d+2)·n))^(1/(d+4))",
        Criterion::Median => "the median of the distances of any two sources; wide for a density",
        Criterion::Neighbour => "the mean distance of a source to its k-th nearest, k = √n",
        Criterion::SheatherJones => "plug-in estimate of the density's curvature",
        Criterion::ImprovedSheatherJones => "Botev's plug-in estimate by diffusion",
    }
}
