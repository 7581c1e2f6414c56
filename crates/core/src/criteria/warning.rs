//! What can mislead in a choice of σ, and what to do about it.

use super::{Criterion, Curve, spread::Spread};
use crate::{
    escape::escaped,
    model::{Cloud, Points},
    numbers::format_number,
};

/// What can mislead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// Sources coincide: leave-one-out and least squares are drawn to σ → 0.
    Duplicates,
    /// Targets coincide with sources: held-out is drawn to σ → 0.
    SharedPoints,
    /// Very different σ do about as well.
    Flat,
    /// The best σ is the first or the last that was tried.
    Edge,
    /// One far point decides.
    Outlier,
    /// The spreads of the axes differ.
    UnequalAxes,
}

impl WarningKind {
    /// The word for it in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Duplicates => "duplicates",
            Self::SharedPoints => "shared-points",
            Self::Flat => "flat",
            Self::Edge => "edge",
            Self::Outlier => "outlier",
            Self::UnequalAxes => "unequal-axes",
        }
    }
}

/// A short notice with its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
}

impl Warning {
    fn new(kind: WarningKind, text: String, remedy: &str) -> Self {
        Self { kind, text, remedy: remedy.to_owned() }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.text, self.remedy)
    }
}

/// Difference to the best log-likelihood, in nats, up to which a σ counts as equally good. A larger
/// one calls more curves flat, a smaller one fewer.
const AS_GOOD_NATS: f64 = 0.01;
/// For least squares, the difference to the best value, as a share of it, up to which a σ counts as
/// equally good.
const AS_GOOD_SHARE: f64 = 0.01;
/// Number of points above which the two differences are smaller, in inverse proportion to the
/// number of points: what counts then is the sum over all points, in which only σ that the points
/// cannot tell apart are equally good.
const AS_GOOD_POINTS: f64 = 2000.0;
/// A curve counts as flat where equally good σ differ by more than this factor: 4 is two octaves. A
/// smaller one warns of curves with a usable optimum.
const FLAT: f64 = 4.0;

fn number(value: f64) -> String {
    format_number(value, 3)
}

fn points(count: usize) -> String {
    format!("{} point{}", format_number(count as f64, 12), if count == 1 { "" } else { "s" })
}

/// About `count` of `n` sources that coincide with another, which misleads `criterion`.
pub(super) fn about_duplicates(count: usize, n: usize, criterion: Criterion) -> Option<Warning> {
    (count > 0).then(|| {
        let verb = if count == 1 { "coincides" } else { "coincide" };
        Warning::new(
            WarningKind::Duplicates,
            format!(
                "{} of {} {verb} with another, which draws {} towards σ = 0",
                points(count),
                format_number(n as f64, 12),
                criterion.name()
            ),
            "merge them into weights (--merge-duplicates), or choose by held-out points",
        )
    })
}

/// About `shared` targets that are sources too.
pub(super) fn about_shared_points(points_: &Points, shared: usize) -> Option<Warning> {
    (shared > 0).then(|| {
        Warning::new(
            WarningKind::SharedPoints,
            format!(
                "{} of {} targets {} also a source, which draws heldout towards σ = 0",
                format_number(shared as f64, 12),
                format_number(points_.n() as f64, 12),
                if shared == 1 { "is" } else { "are" }
            ),
            "give targets that are not among the sources, or take loo",
        )
    })
}

/// About the shape of a finished curve.
pub(super) fn about_curve(curve: &Curve) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let (Some(optimum), Some(best)) = (curve.optimum, curve.best()) else { return warnings };
    let name = curve.criterion.name();
    if optimum.at_edge {
        let (end, beyond) = if best == 0 { ("smallest", "smaller") } else { ("largest", "larger") };
        warnings.push(Warning::new(
            WarningKind::Edge,
            format!("the best σ of {name}, {}, is the {end} that was tried", number(optimum.sigma)),
            if beyond == "smaller" {
                "extend the range to smaller σ, and look for points that coincide"
            } else {
                "extend the range to larger σ"
            },
        ));
    }
    if let Some([low, high]) = as_good(curve, best).filter(|[low, high]| high / low > FLAT) {
        warnings.push(Warning::new(
            WarningKind::Flat,
            format!(
                "the curve of {name} is flat: σ from {} to {} do about as well",
                number(low),
                number(high)
            ),
            "take any of them, or use more points",
        ));
    }
    if let Some(outlier) = &curve.outlier {
        let place: Vec<String> = outlier.point.iter().take(4).map(|&c| number(c)).collect();
        let more = if outlier.point.len() > 4 { ", …" } else { "" };
        warnings.push(Warning::new(
            WarningKind::Outlier,
            format!(
                "one far point, ({}{more}), decides: without it the best σ of {name} is about {}",
                place.join(", "),
                number(outlier.sigma_without)
            ),
            "remove it, or choose by lscv, which far points do not sway",
        ));
    }
    warnings
}

/// The σ around the best whose values are about as good, without a gap.
fn as_good(curve: &Curve, best: usize) -> Option<[f64; 2]> {
    let points = &curve.points;
    let value = points.get(best)?.value;
    let slack = match curve.criterion {
        Criterion::LeastSquares => AS_GOOD_SHARE * value.abs(),
        _ => AS_GOOD_NATS,
    };
    let slack = slack * (AS_GOOD_POINTS / curve.points_used as f64).min(1.0);
    let is_good = |point: &&super::CurvePoint| (point.value - value).abs() <= slack;
    let low = points[..=best].iter().rev().take_while(is_good).last()?.sigma;
    let high = points[best..].iter().take_while(is_good).last()?.sigma;
    Some([low, high])
}

/// About axes whose spreads differ by more than [`Spread::EQUAL`].
pub(super) fn about_axes(cloud: &Cloud, spread: &Spread) -> Option<Warning> {
    if !spread.is_unequal() {
        return None;
    }
    let [narrow, wide] = spread.extremes().map(|axis| escaped(&cloud.axes()[axis]));
    let ratio = spread.ratio();
    let times = if ratio.is_finite() {
        format!("{} times as widely as", number(ratio))
    } else {
        "while nothing does along".to_owned()
    };
    Some(Warning::new(
        WarningKind::UnequalAxes,
        format!("points spread along {wide} {times} {narrow}: no one σ suits both"),
        "standardise the axes (--whiten axes), or whiten the points (--whiten full); σ is then in \
         standard deviations",
    ))
}
