//! The value of `--sigma`: a number, or the name of a criterion that chooses σ for the points.

use super::{Failure, ProblemOptions, tell};
use crate::{
    criteria::{Criterion, Grid, SelectRequest, Selection, Summing, Warning, WarningKind, select},
    engine::Unobserved,
    model::{Params, Points, Sigma},
    numbers::format_number,
    session::{Prepared, Source},
};

/// What the user gave after `--sigma`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SigmaChoice {
    /// A number.
    Value(Sigma),
    /// The σ that this criterion finds best for the points.
    By(Criterion),
}

impl SigmaChoice {
    /// The σ, if it is given as a number.
    pub(super) fn value(self) -> Option<Sigma> {
        match self {
            Self::Value(sigma) => Some(sigma),
            Self::By(_) => None,
        }
    }

    /// The criterion, if one is to choose.
    pub(super) fn criterion(self) -> Option<Criterion> {
        match self {
            Self::Value(_) => None,
            Self::By(criterion) => Some(criterion),
        }
    }
}

pub(super) fn parse_sigma(text: &str) -> Result<Sigma, String> {
    let value: f64 = text
        .trim()
        .parse()
        .map_err(|_| format!("expected a number from {:e} to {:e}", Sigma::MIN, Sigma::MAX))?;
    Sigma::new(value).map_err(|err| err.to_string())
}

pub(super) fn parse_sigma_choice(text: &str) -> Result<SigmaChoice, String> {
    if let Ok(criterion) = text.trim().parse() {
        return Ok(SigmaChoice::By(criterion));
    }
    let is_number = text.trim().parse::<f64>().is_ok();
    parse_sigma(text).map(SigmaChoice::Value).map_err(|err| {
        let names = Criterion::NAMES.join(", ");
        if is_number { err } else { format!("{err}, or one of {names}") }
    })
}

impl ProblemOptions {
    /// The criterion that chooses σ, if `--sigma` names one.
    pub(super) fn criterion(&self) -> Option<Criterion> {
        self.sigma.and_then(SigmaChoice::criterion)
    }

    /// If `--sigma` names a criterion, takes the points from `source` and sets `params.sigma` to the σ that
    /// it finds best. Returns what was told of it.
    ///
    /// # Errors
    /// When there are no points, or the criterion gives no σ for them.
    pub(super) fn choose_sigma(
        &self,
        params: &mut Params,
        source: &mut Source,
    ) -> Result<Vec<String>, Failure> {
        let Some(criterion) = self.criterion() else { return Ok(Vec::new()) };
        let prepared = source.prepare(params, &mut Unobserved)?;
        let ChosenSigma { sigma, notes } = sigma_for(criterion, &prepared, params.seed)?;
        params.sigma = Some(sigma);
        Ok(notes)
    }
}

/// A σ that a criterion chose.
#[derive(Clone, Debug)]
pub(super) struct ChosenSigma {
    /// The σ.
    pub(super) sigma: Sigma,
    /// What was told of it on standard error: the σ, then what may mislead.
    pub(super) notes: Vec<String>,
}

/// The σ that `criterion` finds best for `prepared`; prints it on standard error, with the warnings. That
/// of Scott's and Silverman's rules is of all sources, as the default σ is, whether some are merged
/// or not.
///
/// # Errors
/// When the criterion gives no σ, or one for each axis.
pub(super) fn sigma_for(
    criterion: Criterion,
    prepared: &Prepared,
    seed: u64,
) -> Result<ChosenSigma, Failure> {
    chosen(criterion, &prepared.points, seed, |selections| prepared.undo_merge(selections))
}

/// The σ that `criterion` finds best for `points`; prints it on standard error, with the warnings.
///
/// # Errors
/// When the criterion gives no σ, or one for each axis.
pub(super) fn sigma_by(criterion: Criterion, points: &Points, seed: u64) -> Result<Sigma, Failure> {
    Ok(chosen(criterion, points, seed, |_| ())?.sigma)
}

fn chosen(
    criterion: Criterion,
    points: &Points,
    seed: u64,
    adjust: impl FnOnce(&mut [Selection]),
) -> Result<ChosenSigma, Failure> {
    let name = criterion.name();
    let dim = points.dim();
    if criterion.is_per_axis() && dim > 1 {
        return Err(Failure::bad_input(format!(
            "--sigma {name}: expected points of 1 coordinate, found {dim}: it gives a σ for each \
             axis, which `sigmascope select --criterion {name}` tells; take loo, lscv or scott here"
        )));
    }
    let criteria = &[criterion];
    let request = SelectRequest { points, criteria, grid: Grid::Automatic, max_points: None, seed };
    let bad = |err: &dyn std::fmt::Display| Failure::bad_input(format!("--sigma {name}: {err}"));
    let mut selections =
        select(&request, Summing::Automatic, &mut Unobserved).map_err(|err| bad(&err))?;
    adjust(&mut selections);
    let selection = selections.into_iter().next().expect("a criterion answers for one axis");
    let sigma = selection.sigma.map_err(|err| bad(&err))?;
    let sigma = Sigma::new(sigma).map_err(|err| bad(&err))?;
    let mut notes = vec![format!("{name} takes σ = {}", format_number(sigma.get(), 4))];
    // What is about the points alone is told of them, whatever chose σ.
    let is_own = |warning: &&Warning| {
        !matches!(warning.kind, WarningKind::UnequalAxes | WarningKind::Duplicates)
    };
    let warnings = selection.warnings.iter().filter(is_own);
    notes.extend(warnings.map(|warning| format!("note: {warning}")));
    for note in &notes {
        tell(note);
    }
    Ok(ChosenSigma { sigma, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_criterion_are_told_apart() {
        let choice = |text| parse_sigma_choice(text).expect("legal");
        assert_eq!(choice("0.5").value().map(Sigma::get), Some(0.5));
        assert_eq!(choice(" isj "), SigmaChoice::By(Criterion::ImprovedSheatherJones));
        let message = parse_sigma_choice("best").expect_err("neither");
        assert!(message.contains("1e-12 to 1e12") && message.contains("loo, heldout"), "{message}");
        let message = parse_sigma_choice("-1").expect_err("too small");
        assert!(message.contains("1e-12 to 1e12") && !message.contains("loo"), "{message}");
    }
}
