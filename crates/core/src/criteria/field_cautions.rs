//! What may mislead about a field: that it shows nothing, and the σ that would show something.

use super::{Warning, WarningKind, neighbour::squared_distance, scott_sigma, warning::number};
use crate::{
    model::{Cloud, Points, Sigma},
    numbers::format_number,
};

/// What is known of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldFacts {
    /// The σ it is of, in the units in which the points are summed.
    pub sigma: Sigma,
    /// The lowest and the highest f.
    pub range: [f64; 2],
    /// What the plain sums were multiplied by to become f; 1 for the sum itself.
    pub factor: f64,
}

/// The fewest and the most targets whose nearest source is searched for. More make the σ that is
/// told more certain, and take longer.
const LOOKED_AT: [usize; 2] = [4, 64];
/// The most pairs that are looked at for that, unless there are more of the fewest targets: some
/// milliseconds.
const PAIRS: usize = 4_000_000;
/// A σ that shows something is the median distance of targets to their nearest source divided by
/// this: half of the targets then see at least exp(−4.5), 1 %, of a source.
const REACH: f64 = 3.0;
/// Distance in σ beyond which a source adds nothing to seven digits.
const BEYOND: f64 = 6.0;
/// Relative difference up to which f counts as the same everywhere.
const SAME: f64 = 1e-6;

/// What may mislead about the field of `points`, as they are summed.
///
/// Takes a pass over the sources for each of some targets, only where there is something to tell.
pub fn about_field(points: &Points, facts: &FieldFacts) -> Option<Warning> {
    let [low, high] = facts.range;
    let highest = low.abs().max(high.abs());
    if highest.is_nan() {
        return None;
    }
    if highest < f64::from(f32::MIN_POSITIVE) {
        return Some(about_nothing(points, facts, highest));
    }
    if points.n() > 2 && high - low <= SAME * highest {
        return about_sameness(points, facts, high);
    }
    None
}

fn about_nothing(points: &Points, facts: &FieldFacts, highest: f64) -> Warning {
    let sigma = number(facts.sigma.get());
    let text = if highest > 0.0 {
        format!(
            "f is nowhere above {}, less than single precision holds ({}): pictures show 0",
            number(highest),
            number(f64::from(f32::MIN_POSITIVE))
        )
    } else {
        format!("f is 0 at all targets with σ = {sigma}")
    };
    let warning = |text: String, remedy: &str| Warning::new(WarningKind::NoField, text, remedy);
    let weights = points.sources().weights();
    let heaviest = weights.map_or(1.0, |w| w.iter().fold(0.0, |most: f64, w| most.max(w.abs())));
    if heaviest <= 0.0 {
        return warning(format!("{text}: all weights are 0"), "take other weights, or none");
    }
    let plain = highest / facts.factor;
    let sees_something = plain / heaviest > 1e-3;
    if sees_something && facts.factor < 1e-3 {
        return warning(
            format!("{text}; the normalisation divides the sums by {}", number(1.0 / facts.factor)),
            "take the mean or the sum (--normalise mean)",
        );
    }
    if sees_something {
        return warning(
            format!("{text}; the largest weight is {}", number(heaviest)),
            "multiply the weights by a common factor, or take the mean (--normalise mean)",
        );
    }
    match median_nearest(points).map(|distance| distance / REACH).and_then(legal) {
        Some(better) => warning(
            format!(
                "{text}: half of the targets have no source within {}",
                number(REACH * better.get())
            ),
            &format!(
                "a σ of about {} shows something (--sigma {})",
                number(better.get()),
                plain_digits(better.get())
            ),
        ),
        None => warning(text, "take a larger σ"),
    }
}

fn about_sameness(points: &Points, facts: &FieldFacts, value: f64) -> Option<Warning> {
    let sigma = facts.sigma.get();
    let extent = points.bounds().extent();
    // In points that all coincide there is nothing to see.
    let nearest = median_nearest(points).filter(|_| extent > 0.0)?;
    let why = if sigma > 10.0 * extent {
        "every source reaches every target, for σ is far larger than the cloud"
    } else if nearest > BEYOND * sigma {
        "no source reaches a target at another place, for σ is far smaller than their distances"
    } else {
        return None;
    };
    let better = scott_sigma(points.sources()).ok().and_then(legal).filter(|better| {
        let ratio = better.get() / sigma;
        !(0.5..2.0).contains(&ratio)
    });
    let remedy = match better {
        Some(better) => format!(
            "take one such as that of Scott's rule, {} (--sigma scott)",
            number(better.get())
        ),
        None if sigma > extent => "take a smaller σ".to_owned(),
        None => "take a larger σ".to_owned(),
    };
    let text = format!(
        "f is {} at all targets with σ = {}: {why}",
        format_number(value, 6),
        number(sigma)
    );
    Some(Warning::new(WarningKind::EvenField, text, &remedy))
}

fn legal(sigma: f64) -> Option<Sigma> {
    Sigma::new(sigma).ok()
}

/// Three digits without groups or a typographic minus sign, for a flag.
fn plain_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    if (1e-4..1e7).contains(&rounded) { format!("{rounded}") } else { format!("{rounded:e}") }
}

/// The median, over some targets spread evenly over all, of the distance to the nearest source at
/// another place that weighs anything; `None` where there is none.
fn median_nearest(points: &Points) -> Option<f64> {
    let (targets, sources) = (points.targets(), points.sources());
    let [fewest, most] = LOOKED_AT;
    let count = (PAIRS / sources.len().max(1)).clamp(fewest, most).min(targets.len());
    let at = |k: usize| targets.point(k * targets.len() / count);
    let mut nearest: Vec<f64> = (0..count).filter_map(|k| nearest_source(at(k), sources)).collect();
    if nearest.is_empty() {
        return None;
    }
    let middle = nearest.len() / 2;
    Some(*nearest.select_nth_unstable_by(middle, f64::total_cmp).1)
}

fn nearest_source(target: &[f64], sources: &Cloud) -> Option<f64> {
    let weights = sources.weights();
    let counts = |j: &usize| weights.is_none_or(|weights| weights[*j].abs() > 0.0);
    let squared =
        (0..sources.len()).filter(counts).map(|j| squared_distance(target, sources.point(j)));
    squared.filter(|squared| *squared > 0.0).reduce(f64::min).map(f64::sqrt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: impl Iterator<Item = f64>) -> Cloud {
        Cloud::new(1, values.collect(), Cloud::default_axes(1))
    }

    fn told(points: &Points, sigma: f64, range: [f64; 2], factor: f64) -> Option<String> {
        let sigma = Sigma::new(sigma).expect("σ");
        about_field(points, &FieldFacts { sigma, range, factor }).map(|warning| warning.to_string())
    }

    #[test]
    fn a_field_of_zeros_is_told_with_a_sigma_that_shows_something() {
        let sources = line((0..100).map(f64::from));
        let targets = line((0..100).map(|k| 300.0 + f64::from(k)));
        let points = Points::new(targets, sources).expect("points");
        let text = told(&points, 0.5, [0.0, 0.0], 1.0).expect("told");
        assert!(text.contains("f is 0 at all targets with σ = 0.5"), "{text}");
        // The median target is at 350 and the nearest source at 99.
        assert!(text.contains("about 83.7 shows something (--sigma 83.7)"), "{text}");
        assert!(told(&points, 0.5, [0.0, 1e-41], 1.0).expect("told").contains("single precision"));
        assert_eq!(told(&points, 100.0, [0.0, 3.0], 1.0), None);
    }

    #[test]
    fn what_a_normalisation_or_weights_hide_is_no_matter_of_sigma() {
        let line = line((0..100).map(f64::from));
        let points = Points::new(line.clone(), line.clone()).expect("points");
        let text = told(&points, 5.0, [1e-44, 3e-44], 1e-45).expect("told");
        assert!(text.contains("--normalise mean") && !text.contains("--sigma"), "{text}");
        let light = line.clone().with_weights(vec![1e-60; 100]);
        let points = Points::new(line.clone(), light).expect("points");
        let text = told(&points, 5.0, [1e-60, 3e-60], 1.0).expect("told");
        assert!(text.contains("multiply the weights"), "{text}");
        let none = line.clone().with_weights(vec![0.0; 100]);
        let points = Points::new(line, none).expect("points");
        assert!(told(&points, 5.0, [0.0, 0.0], 1.0).expect("told").contains("all weights are 0"));
    }

    #[test]
    fn a_field_that_is_the_same_everywhere_is_told_with_why() {
        let line = line((0..100).map(f64::from));
        let points = Points::new(line.clone(), line).expect("points");
        let small = told(&points, 1e-3, [1.0, 1.0], 1.0).expect("told");
        assert!(small.contains("no source reaches") && small.contains("--sigma scott"), "{small}");
        let large = told(&points, 1e9, [100.0, 100.0], 1.0).expect("told");
        assert!(large.contains("every source reaches"), "{large}");
        assert_eq!(told(&points, 1.0, [1.5, 2.5], 1.0), None);
    }
}
