//! Results of the criteria for the points on screen: curves, rules, warnings.
//!
//! One that was published never changes. It is about the points alone: another σ leaves it as it is.

use std::sync::{Arc, Weak};

use crate::{
    criteria::{
        Conversions, CriteriaError, Criterion, Curve, CurveRequest, Selection, Warning, WarningKind,
    },
    memory::spare_memory,
    model::{Points, Sigma},
    numbers::format_si,
};

/// How good each σ is, and which the usual rules take.
#[derive(Clone, Debug)]
pub struct Advice {
    /// Curves, the one to look at first in front; empty until their first values are there.
    pub curves: Vec<Curve>,
    /// Rules that name a σ, in the order of [`Criterion::ALL`].
    pub rules: Vec<Rule>,
    /// What can mislead, one of each kind.
    pub warnings: Vec<Warning>,
    /// σ as other programs name it; `None` where the points have no spread.
    pub conversions: Option<Conversions>,
    /// Whether nothing is to be expected any more.
    pub is_complete: bool,
    /// Why there is no curve, where there is none.
    pub failed: Option<String>,
    /// Which points: told apart, not kept.
    points: Weak<Points>,
}

/// A σ that a rule takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Which rule.
    pub criterion: Criterion,
    /// The axis it speaks of, where it is made for one coordinate and there are more.
    pub axis: Option<String>,
    /// The σ.
    pub sigma: Sigma,
    /// How many points it looked at.
    pub points_used: usize,
}

impl Advice {
    /// One about `points` that knows nothing yet.
    pub(super) fn new(points: &Arc<Points>) -> Self {
        Self {
            curves: Vec::new(),
            rules: Vec::new(),
            warnings: Vec::new(),
            conversions: None,
            is_complete: false,
            failed: None,
            points: Arc::downgrade(points),
        }
    }

    /// Whether it is about these very points.
    pub fn is_of(&self, points: &Arc<Points>) -> bool {
        self.points.ptr_eq(&Arc::downgrade(points))
    }

    /// The σ where a curve is best, with the curve: the one to look at first in front.
    pub fn optima(&self) -> impl Iterator<Item = (Sigma, &Curve)> {
        self.curves.iter().filter_map(|curve| {
            let sigma = Sigma::new(curve.optimum?.sigma).ok()?;
            Some((sigma, curve))
        })
    }

    /// Takes in what criteria said.
    pub(super) fn take(&mut self, selections: Vec<Selection>) {
        for Selection { criterion, axis, sigma, curve, points_used, warnings, .. } in selections {
            for warning in warnings {
                if self.warnings.iter().all(|known| known.kind != warning.kind) {
                    self.warnings.push(warning);
                }
            }
            if criterion.is_curve() {
                let place = self.curves.iter_mut().find(|known| known.criterion == criterion);
                if let (Some(place), Some(curve)) = (place, curve) {
                    *place = curve;
                }
            } else if let Ok(sigma) = sigma.and_then(|sigma| {
                Sigma::new(sigma).map_err(|err| CriteriaError::BadRequest(err.to_string()))
            }) {
                self.rules.push(Rule { criterion, axis, sigma, points_used });
            }
        }
        let order = |criterion: Criterion| Criterion::ALL.iter().position(|c| *c == criterion);
        self.rules.sort_by_key(|rule| order(rule.criterion));
    }

    /// The warning of this kind.
    pub fn warning(&self, kind: WarningKind) -> Option<&Warning> {
        self.warnings.iter().find(|warning| warning.kind == kind)
    }
}

/// Refuses so many points that looking at them takes more memory than there is to spare.
///
/// # Errors
/// Then, with the sizes.
pub(super) fn check_memory(points: &Points) -> Result<(), String> {
    let needed = CurveRequest::bytes([points.n(), points.m(), points.dim()]);
    match spare_memory() {
        Some(spare) if needed > spare / 2 => Err(format!(
            "how good each σ is would take {} of memory, and {} are free",
            format_si(needed as f64, "B"),
            format_si(spare as f64, "B")
        )),
        _ => Ok(()),
    }
}
