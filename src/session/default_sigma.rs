//! The σ where none is given, and the rule that it comes from.

use crate::{
    criteria::{CriteriaError, Criterion, scott_sigma},
    model::{Cloud, Sigma},
    numbers::format_number,
};

/// Where a σ comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum SigmaRule {
    /// A person gave it.
    Given,
    /// This criterion takes it.
    By(Criterion),
    /// No rule gives one for these points; a sentence says why, and what was taken in its place.
    Fallback(String),
}

impl SigmaRule {
    /// The word for it in files: `given`, the name of a criterion, or `fallback`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::By(criterion) => criterion.name(),
            Self::Fallback(_) => "fallback",
        }
    }

    /// The words for it beside a σ; `None` for one that was given.
    pub fn label(&self) -> Option<&'static str> {
        match self {
            Self::Given => None,
            Self::By(criterion) => Some(criterion.label()),
            Self::Fallback(_) => Some("the default"),
        }
    }

    /// The sentence that has to be told of it: where it is a fallback.
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::Fallback(why) => Some(why),
            _ => None,
        }
    }
}

/// The σ taken where none is given.
#[derive(Clone, Debug, PartialEq)]
pub struct DefaultSigma {
    /// The σ: exactly that of `--sigma scott` where the rule is Scott's.
    pub sigma: Sigma,
    /// The rule it comes from: Scott's, or a fallback.
    pub rule: SigmaRule,
}

impl DefaultSigma {
    /// That of generated points.
    pub(super) fn of_generated() -> Self {
        let sigma = Sigma::DEFAULT;
        let why = format!("points are generated: σ is {} unless one is given", shown(sigma));
        Self { sigma, rule: SigmaRule::Fallback(why) }
    }

    /// That of `sources`, of which Scott's rule says `scott`.
    pub(super) fn of(sources: &Cloud, scott: &Result<f64, CriteriaError>) -> Self {
        let refusal = match scott {
            Ok(sigma) => match Sigma::new(*sigma) {
                Ok(sigma) => return Self { sigma, rule: SigmaRule::By(Criterion::Scott) },
                Err(err) => format!("{} gives {sigma:e}: {err}", Criterion::Scott.label()),
            },
            Err(err @ CriteriaError::Degenerate { .. }) => err.to_string(),
            Err(err) => format!("{} gives no σ: {err}", Criterion::Scott.label()),
        };
        let limited = |sigma: f64| Sigma::new(sigma.clamp(Sigma::MIN, Sigma::MAX)).ok();
        let of_places = || scott_sigma(&sources.clone().without_weights()).ok().and_then(limited);
        let (sigma, what) = match scott {
            Ok(sigma) => (limited(*sigma), "the nearest that is legal"),
            // The scale of the places is known whatever they weigh.
            Err(CriteriaError::BadWeight { .. }) => {
                (of_places(), "that of the rule for the places alone")
            }
            Err(_) => (None, ""),
        };
        let (sigma, what) = sigma.map_or((Sigma::DEFAULT, "a mere guess"), |sigma| (sigma, what));
        let why = format!("{refusal}; σ = {} is taken, {what}", shown(sigma));
        Self { sigma, rule: SigmaRule::Fallback(why) }
    }
}

fn shown(sigma: Sigma) -> String {
    format_number(sigma.get(), 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(scale: f64) -> Cloud {
        let line = (0..1000).flat_map(|v| [scale * f64::from(v), scale * 0.5 * f64::from(v)]);
        Cloud::new(2, line.collect(), Cloud::default_axes(2))
    }

    fn of(sources: &Cloud) -> DefaultSigma {
        DefaultSigma::of(sources, &scott_sigma(sources))
    }

    #[test]
    fn the_default_sigma_follows_the_scale_of_the_cloud() {
        let sigma = |scale: f64| of(&line(scale)).sigma.get();
        // 1000 values in a row: s² = 1000·(1000 + 1)/12 along x, and a quarter of that along y.
        let exact = (1e3 * 1001.0 / 12.0 * 0.625_f64).sqrt() * 1000_f64.powf(-1.0 / 6.0);
        assert!((sigma(1.0) / exact - 1.0).abs() < 1e-12, "{} {exact}", sigma(1.0));
        assert!((sigma(1000.0) / sigma(1.0) - 1000.0).abs() < 1e-6);
        assert_eq!(of(&line(1.0)).rule.name(), "scott");
    }

    #[test]
    fn what_the_rule_refuses_is_a_fallback_and_says_why() {
        let note = |default: &DefaultSigma| default.rule.note().expect("a fallback").to_owned();
        let flat = of(&line(0.0));
        assert!(flat.sigma == Sigma::DEFAULT && flat.rule.name() == "fallback");
        assert!(note(&flat).contains("all points coincide; σ = 0.3"), "{}", note(&flat));
        // A weight below 0 has no share in a spread, but the scale of the places is still known.
        let weights = (0..1000).map(|v| f64::from(v) - 1.0).collect();
        let negative = of(&line(1.0).with_weights(weights));
        assert_eq!((negative.sigma, negative.rule.name()), (of(&line(1.0)).sigma, "fallback"));
        let text = note(&negative);
        assert!(text.contains("weight 1 is -1") && text.contains("places alone"), "{text}");
        let narrow = of(&line(1e-18));
        assert!((narrow.sigma.get() / Sigma::MIN - 1.0).abs() < 1e-12, "{narrow:?}");
        assert!(note(&narrow).contains("the nearest that is legal"), "{}", note(&narrow));
        let one = Cloud::new(1, vec![5.0], Cloud::default_axes(1));
        assert!(note(&of(&one)).contains("at least 2 points"), "{}", note(&of(&one)));
        assert_eq!(DefaultSigma::of_generated().rule.name(), "fallback");
    }
}
