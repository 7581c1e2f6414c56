//! One function for every criterion: the σ it chooses, its curve, and warnings about both.

use super::{
    CriteriaError, Criterion, Curve, CurveRequest, Spread, Summing, Warning,
    chains::{ladder, ladder_between},
    duplicates::{count_duplicates, count_shared},
    improved_sheather_jones::improved_sheather_jones,
    median::median,
    moments::{counting, effective_count, robust_spread},
    neighbour::neighbour,
    scott::scott,
    sheather_jones::sheather_jones,
    silverman::{silverman, silverman_factor},
    warning::{about_axes, about_curve, about_duplicates, about_shared_points},
};
use crate::{
    engine::{Observer, Progress},
    model::{Cloud, Points},
};

/// The σ for which curves are computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Grid {
    /// [`Grid::COUNT`] around what suits the spread of the sources.
    #[default]
    Automatic,
    /// From the first to the second, both included.
    Range([f64; 2]),
    /// These and no others: the best of them is taken.
    At(Vec<f64>),
}

impl Grid {
    /// Number of σ of a curve whose range, three decades, the program chooses. More take longer,
    /// fewer may miss a narrow optimum.
    pub const COUNT: usize = 64;

    /// The σ in rising order.
    ///
    /// # Errors
    /// When the sources have no spread to choose a range by.
    pub fn sigmas(&self, sources: &Cloud) -> Result<Vec<f64>, CriteriaError> {
        match self {
            Self::Range([low, high]) => Ok(ladder_between(*low, *high)),
            Self::At(sigmas) => {
                let mut sigmas = sigmas.clone();
                sigmas.sort_by(f64::total_cmp);
                sigmas.dedup();
                Ok(sigmas)
            }
            Self::Automatic => {
                // The range is centred below Silverman's rule, which is too large where points form
                // clumps; its spread is one that outliers do not enlarge.
                const BELOW: f64 = 0.32;
                let cloud = counting(sources)?;
                if cloud.len() < 2 {
                    let criterion = "a curve";
                    return Err(CriteriaError::TooFew { criterion, least: 2, found: cloud.len() });
                }
                let dim = cloud.dim();
                let squares = (0..dim).map(|axis| robust_spread(&cloud, axis).powi(2));
                let spread = (squares.sum::<f64>() / dim as f64).sqrt();
                let middle = BELOW * spread * silverman_factor(effective_count(&cloud), dim);
                if middle > 0.0 && middle.is_finite() {
                    return Ok(ladder(middle, Self::COUNT));
                }
                let why = "all points coincide; give a range of σ".to_owned();
                Err(CriteriaError::Degenerate { criterion: "a curve", why })
            }
        }
    }
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct SelectRequest<'a> {
    /// Targets and sources; only `heldout` uses the targets.
    pub points: &'a Points,
    /// Which criteria.
    pub criteria: &'a [Criterion],
    /// For which σ, where they have a curve.
    pub grid: Grid,
    /// The most points at which densities are evaluated; `None` is as many as take a few seconds.
    pub max_points: Option<usize>,
    /// Decides which points are drawn.
    pub seed: u64,
}

/// What a criterion says.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Which one.
    pub criterion: Criterion,
    /// The axis it speaks of, where it is made for one coordinate and there are more.
    pub axis: Option<String>,
    /// The σ to take, in the units of the data, or why there is none.
    pub sigma: Result<f64, CriteriaError>,
    /// Its curve; `None` for a rule.
    pub curve: Option<Curve>,
    /// At how many points it was evaluated.
    pub points_used: usize,
    /// How many points it can be evaluated at.
    pub points_total: usize,
    /// What can mislead.
    pub warnings: Vec<Warning>,
}

/// Asks each criterion, in the order given; those for one coordinate answer once for each axis.
///
/// What a single criterion cannot do with these points is its answer, not an error.
///
/// # Errors
/// When it was stopped, a weight is negative, or the sums fail.
///
/// # Panics
/// Never: each criterion with a curve was computed or refused before.
pub fn select(
    request: &SelectRequest<'_>,
    summing: Summing<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<Selection>, CriteriaError> {
    select_in_rounds(request, summing, &mut |_| (), observer)
}

/// The same; `on_round` gets all curves whenever they have become more precise.
///
/// # Errors
/// The same.
///
/// # Panics
/// Never, likewise.
pub fn select_in_rounds(
    request: &SelectRequest<'_>,
    summing: Summing<'_>,
    on_round: &mut dyn FnMut(&[Curve]),
    observer: &mut dyn Observer,
) -> Result<Vec<Selection>, CriteriaError> {
    let SelectRequest { points, criteria, ref grid, max_points, seed } = *request;
    let sources = points.sources();
    let cloud = counting(sources)?;
    let curved: Vec<Criterion> = criteria.iter().copied().filter(|c| c.is_curve()).collect();
    let shared = if curved.contains(&Criterion::HeldOut) { count_shared(points) } else { 0 };
    let (computed, refused): (Vec<Criterion>, Vec<Criterion>) = curved
        .iter()
        .partition(|criterion| **criterion != Criterion::HeldOut || shared < points.n());
    let curves = if computed.is_empty() {
        Ok(Vec::new())
    } else {
        grid.sigmas(sources).and_then(|sigmas| {
            let affordable = || CurveRequest::affordable_points(summing, cloud.len(), cloud.dim());
            let max_points = max_points.unwrap_or_else(affordable);
            let refine = !matches!(grid, Grid::At(_));
            let criteria = &computed;
            CurveRequest { points, criteria, sigmas: &sigmas, max_points, seed, refine }
                .run(summing, on_round, observer)
        })
    };
    let curves = match curves {
        Err(err @ (CriteriaError::Stopped | CriteriaError::Engine(_))) => return Err(err),
        curves => curves,
    };
    let is_misled = |criterion: &Criterion| {
        matches!(criterion, Criterion::LeaveOneOut | Criterion::LeastSquares)
    };
    let duplicates = if computed.iter().any(is_misled) { count_duplicates(sources) } else { 0 };
    let spread = Spread::of(sources);
    let unequal = || spread.as_ref().ok().and_then(|spread| about_axes(sources, spread));
    let mut selections = Vec::new();
    for &criterion in criteria {
        if !criterion.is_curve() {
            selections.extend(rule(criterion, &cloud, unequal(), seed, observer)?);
            continue;
        }
        let mut selection = Selection {
            criterion,
            axis: None,
            sigma: Err(no_values(criterion)),
            curve: None,
            points_used: 0,
            points_total: 0,
            warnings: unequal().into_iter().collect(),
        };
        match &curves {
            _ if refused.contains(&criterion) => selection.sigma = Err(no_other_points()),
            Err(err) => selection.sigma = Err(err.clone()),
            Ok(curves) => {
                let curve = curves.iter().find(|curve| curve.criterion == criterion);
                let curve = curve.expect("each criterion with a curve was computed").clone();
                selection.points_used = curve.points_used;
                selection.points_total = curve.points_total;
                if let Some(optimum) = curve.optimum {
                    selection.sigma = Ok(optimum.sigma);
                }
                let about_points = match criterion {
                    Criterion::HeldOut => about_shared_points(points, shared),
                    _ => about_duplicates(duplicates, sources.len(), criterion),
                };
                selection.warnings.extend(about_points);
                selection.warnings.extend(about_curve(&curve));
                selection.curve = Some(curve);
            }
        }
        selections.push(selection);
    }
    Ok(selections)
}

fn no_values(criterion: Criterion) -> CriteriaError {
    let why = "no value for any σ is a number that a float64 holds".to_owned();
    CriteriaError::Degenerate { criterion: criterion.label(), why }
}

fn no_other_points() -> CriteriaError {
    CriteriaError::Degenerate {
        criterion: Criterion::HeldOut.label(),
        why: "every target is a source too; give other targets, or take loo".to_owned(),
    }
}

/// What a rule says; for each axis where it is made for one.
fn rule(
    criterion: Criterion,
    cloud: &Cloud,
    unequal: Option<Warning>,
    seed: u64,
    observer: &mut dyn Observer,
) -> Result<Vec<Selection>, CriteriaError> {
    if observer.checkpoint(Progress::BEGUN).is_break() {
        return Err(CriteriaError::Stopped);
    }
    let selection = |axis, found: Result<(f64, usize), CriteriaError>, warnings| Selection {
        criterion,
        axis,
        points_used: found.as_ref().map_or(0, |found| found.1),
        points_total: cloud.len(),
        sigma: found.map(|found| found.0),
        curve: None,
        warnings,
    };
    let warnings: Vec<Warning> = unequal.into_iter().collect();
    let count = cloud.len();
    if count < 2 {
        let few = CriteriaError::TooFew { criterion: criterion.label(), least: 2, found: count };
        return Ok(vec![selection(None, Err(few), warnings)]);
    }
    let whole = |sigma: f64| (sigma, count);
    let for_each_axis = |rule: fn(&Cloud, usize) -> Result<f64, CriteriaError>| {
        let one = |axis: usize| {
            let name = (cloud.dim() > 1).then(|| cloud.axes()[axis].clone());
            // A σ for each axis is just what unequal axes want.
            selection(name, rule(cloud, axis).map(whole), Vec::new())
        };
        (0..cloud.dim()).map(one).collect()
    };
    let found = match criterion {
        Criterion::Scott => scott(cloud).map(whole),
        Criterion::Silverman => silverman(cloud).map(whole),
        Criterion::Median => median(cloud, seed),
        Criterion::Neighbour => neighbour(cloud, seed, observer),
        Criterion::SheatherJones => return Ok(for_each_axis(sheather_jones)),
        Criterion::ImprovedSheatherJones => return Ok(for_each_axis(improved_sheather_jones)),
        Criterion::LeaveOneOut | Criterion::HeldOut | Criterion::LeastSquares => {
            unreachable!("a curve is no rule")
        }
    };
    if let Err(CriteriaError::Stopped) = found {
        return Err(CriteriaError::Stopped);
    }
    Ok(vec![selection(None, found, warnings)])
}
