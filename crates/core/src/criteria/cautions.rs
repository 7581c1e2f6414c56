//! What may mislead about points, whatever is done with them.
//!
//! ```text
//! axes of unequal spread, degrees on a sphere, points that coincide, points far from all others,
//! numbers that stand for missing values, weights of both signs
//! ```

use super::{
    Spread, Warning, WarningKind,
    duplicates::count_duplicates,
    fills::Fill,
    geography::{Degrees, Seam},
    scott_sigma,
    strays::Strays,
    warning::{about_axes, count, number, place, points},
};
use crate::model::{Cloud, Points};

/// The row of a point in its file, both from 0; `None` where it is not known.
pub type RowOf<'a> = dyn Fn(usize) -> Option<u64> + Sync + 'a;

/// Which rows of their files points are, for naming them: as in tables of f, rows count from 0.
#[derive(Clone, Copy)]
pub struct RowNames<'a> {
    /// The row of a target.
    pub of_target: &'a RowOf<'a>,
    /// The row of a source.
    pub of_source: &'a RowOf<'a>,
}

/// The most points that are named one by one.
const NAMED: usize = 3;
/// The least and the most that a degree of longitude may be of one of latitude, at the middle of a
/// cloud, for the two to count as the same.
const SAME_DEGREE: f64 = 0.97;
/// A σ that differs by more than this factor without some points is told.
const MOVED: f64 = 1.05;

/// What may mislead about `data`, points in the units of the data; what is of the sources comes first.
/// `scaled` says whether they are summed in standard deviations of their axes.
///
/// Takes some passes over all points, and a sort of those that coincide.
pub fn about_points(data: &Points, scaled: bool, rows: RowNames<'_>) -> Vec<Warning> {
    let (sources, targets) = (data.sources(), data.targets());
    let about_targets = || {
        if targets.coordinates() == sources.coordinates() {
            return Vec::new();
        }
        about_strays(targets, "of the targets, ", rows.of_target)
    };
    let of_sources =
        || rayon::join(|| about_coinciding(sources), || about_axes_of(sources, scaled));
    let of_strays = || rayon::join(|| about_strays(sources, "", rows.of_source), about_targets);
    let ((coinciding, mut warnings), (strays, strays_of_targets)) =
        rayon::join(of_sources, of_strays);
    warnings.extend(coinciding);
    warnings.extend(strays);
    warnings.extend(about_signs(sources));
    warnings.extend(strays_of_targets);
    warnings
}

/// About degrees, and axes of unequal spread unless they are `scaled`.
fn about_axes_of(sources: &Cloud, scaled: bool) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let degrees = Degrees::of(sources);
    let seam = degrees.and_then(|degrees| degrees.seam(sources));
    if let Some((degrees, seam)) = degrees.zip(seam) {
        warnings.push(about_seam(sources, degrees, seam));
    } else if !scaled {
        warnings.extend(about_spread(sources));
    }
    if let Some(degrees) = degrees {
        warnings.extend(about_degrees(sources, degrees));
    }
    warnings
}

/// About axes of unequal spread, unless they are degrees and the cloud lies across their end, which
/// makes the spread no guide.
pub(super) fn about_spread(sources: &Cloud) -> Option<Warning> {
    if Degrees::of(sources).is_some_and(|degrees| degrees.seam(sources).is_some()) {
        return None;
    }
    // Where weights make no density the places alone tell.
    let spread = Spread::of(sources).or_else(|_| Spread::of(&sources.clone().without_weights()));
    about_axes(sources, &spread.ok()?)
}

fn about_seam(cloud: &Cloud, degrees: Degrees, seam: Seam) -> Warning {
    let Seam { meridian, ends: [west, east] } = seam;
    let name = &cloud.axes()[degrees.longitude];
    let (border, remedy) = if meridian > 180.0 {
        (
            "0°, where 360° ends",
            "subtract 360° from those above 180°, so that the cloud is in one piece",
        )
    } else {
        ("±180°", "add 360° to those below 0°, so that the cloud is in one piece")
    };
    Warning::new(
        WarningKind::Seam,
        format!(
            "the cloud lies across {border}: {name} runs from {}° over it to {}°, and neighbours on \
             both sides of it count as 360° apart",
            number(west),
            number(east)
        ),
        remedy,
    )
}

/// About degrees of longitude, which are shorter than those of latitude.
fn about_degrees(cloud: &Cloud, degrees: Degrees) -> Option<Warning> {
    let Degrees { longitude, latitude, is_sky } = degrees;
    let middle = degrees.middle(cloud);
    let share = middle.to_radians().cos();
    if share > SAME_DEGREE {
        return None;
    }
    let [longitude, latitude] = [longitude, latitude].map(|axis| &cloud.axes()[axis]);
    let side = match (is_sky, middle < 0.0) {
        (true, _) => "",
        (false, true) => " S",
        (false, false) => " N",
    };
    let degrees = if is_sky { middle } else { middle.abs() };
    let (place, remedy) = if is_sky {
        ("the sky", "project to a plane")
    } else {
        ("the ground", "project to metres, as UTM does")
    };
    Some(Warning::new(
        WarningKind::Degrees,
        format!(
            "{longitude} and {latitude} are degrees, and a degree is not a degree: at the middle of \
             the cloud, {}°{side}, one of {longitude} is {} of one of {latitude}, so that a round \
             kernel is not round on {place}",
            number(degrees),
            number(share)
        ),
        &format!("{remedy}, or multiply {longitude} by {}", number(share)),
    ))
}

fn about_coinciding(sources: &Cloud) -> Option<Warning> {
    let coinciding = count_duplicates(sources);
    (coinciding > 0).then(|| {
        let verb = if coinciding == 1 { "coincides" } else { "coincide" };
        Warning::new(
            WarningKind::Duplicates,
            format!(
                "{} of {} {verb} with another: f counts each of them, and loo and lscv are drawn \
                 towards σ = 0",
                points(coinciding),
                count(sources.len())
            ),
            "merge them into weights (--merge-duplicates): f stays the same",
        )
    })
}

/// About numbers that stand for missing values, and about points far from all others.
fn about_strays(cloud: &Cloud, whose: &str, rows: &RowOf<'_>) -> Vec<Warning> {
    let strays = Strays::of(cloud);
    let mut warnings: Vec<Warning> =
        strays.fills.iter().map(|fill| about_fill(cloud, fill, whose, rows)).collect();
    if !strays.far.is_empty() {
        warnings.push(about_far(cloud, &strays, whose, rows));
    }
    warnings
}

/// `row` and the rows of points; `point` and their own numbers where a row is not known.
fn numbered(points: &[usize], rows: &RowOf<'_>) -> (&'static str, Vec<u64>) {
    match points.iter().map(|&point| rows(point)).collect() {
        Some(rows) => ("row", rows),
        None => ("point", points.iter().map(|&point| point as u64).collect()),
    }
}

/// `row 7`, `rows 7, 12 and 19`, `rows 7, 12, 19 and 4 more`; from the numbers of points.
fn named(numbers: &[usize], rows: &RowOf<'_>) -> String {
    let plural = if numbers.len() == 1 { "" } else { "s" };
    let (word, numbers) = numbered(numbers, rows);
    let shown: Vec<String> = numbers.iter().take(NAMED).map(u64::to_string).collect();
    let more = numbers.len().saturating_sub(NAMED);
    let list = match shown.split_last() {
        _ if more > 0 => format!("{} and {} more", shown.join(", "), count(more)),
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => shown.concat(),
    };
    format!("{word}{plural} {list}")
}

/// A number as it may stand in a file, for a flag.
fn as_text(value: f64) -> String {
    if value.abs() < 1e16 { format!("{value}") } else { format!("{value:e}") }
}

fn about_fill(cloud: &Cloud, fill: &Fill, whose: &str, rows: &RowOf<'_>) -> Warning {
    let Fill { value, axes, points: holders } = fill;
    let names: Vec<&str> = axes.iter().map(|&axis| cloud.axes()[axis].as_str()).collect();
    let names = match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    };
    let hold = if holders.len() == 1 { "holds" } else { "hold" };
    Warning::new(
        WarningKind::Fill,
        format!(
            "{whose}{} of {} {hold} {} in {names}, far from all other values, as written where a \
             value is missing: {}",
            points(holders.len()),
            count(cloud.len()),
            as_text(*value),
            named(holders, rows)
        ),
        &format!("if so, read it as missing (--missing {})", as_text(*value)),
    )
}

fn about_far(cloud: &Cloud, strays: &Strays, whose: &str, rows: &RowOf<'_>) -> Warning {
    let far = &strays.far;
    let (word, numbers) = numbered(&far[..far.len().min(NAMED)], rows);
    let places: Vec<String> = numbers
        .iter()
        .zip(far)
        .map(|(number, &i)| format!("{word} {number} {}", place(cloud.point(i))))
        .collect();
    let more = far.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {} more", count(more)) } else { String::new() };
    let [verb, them, wrong] = match far.len() {
        1 => ["lies", "it", "it is"],
        _ => ["lie", "them", "they are"],
    };
    let mut is_far = vec![false; cloud.len()];
    for &point in far {
        is_far[point] = true;
    }
    let others: Vec<usize> = (0..cloud.len()).filter(|&i| !is_far[i]).collect();
    let others = cloud.select(others.into_iter());
    let moved = match (scott_sigma(cloud), scott_sigma(&others)) {
        (Ok(with), Ok(without)) if with / without > MOVED => format!(
            "; Scott's rule takes {} with {them} and {} without",
            number(with),
            number(without)
        ),
        _ => String::new(),
    };
    Warning::new(
        WarningKind::Far,
        format!(
            "{whose}{} of {} {verb} far from all others: {}{more}{moved}",
            points(far.len()),
            count(cloud.len()),
            places.join(", ")
        ),
        &format!("look at {them}, and choose σ without {them} if {wrong} wrong"),
    )
}

/// About weights of both signs.
fn about_signs(sources: &Cloud) -> Option<Warning> {
    let weights = sources.weights()?;
    let negative = weights.iter().filter(|weight| **weight < 0.0).count();
    if negative == 0 {
        return None;
    }
    let n = count(weights.len());
    let (text, remedy) = if weights.iter().any(|weight| *weight > 0.0) {
        (
            format!(
                "{} of {n} weights {} below 0: what they add and take away cancels, so that f is \
                 small where its terms are not, and an error counts as a share of Σ|w|·k",
                count(negative),
                if negative == 1 { "is" } else { "are" }
            ),
            "read f against that sum; the criteria for σ need weights of one sign",
        )
    } else {
        (
            format!("all {n} weights are 0 or below: f is nowhere above 0"),
            "turn their signs for a density; the criteria for σ need that",
        )
    };
    Some(Warning::new(WarningKind::Signs, text, remedy))
}
