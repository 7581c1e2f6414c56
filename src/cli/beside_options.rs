//! The flags that show other σ with the field: one on a side of the plot, or a strip of small plots.

use clap::Args;

use super::Failure;
use crate::{
    model::Sigma,
    session::{Document, MOST_PANELS, SplitPlace, ladder},
};

/// Which other σ are shown.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct BesideOptions {
    /// Compare with this σ: it is A, on the left of a line down the plot, and --sigma is B on its right, in the same
    /// colours
    #[arg(long, value_name = "SIGMA", value_parser = parse_sigma, allow_hyphen_values = true,
          help_heading = "Look")]
    compare: Option<Sigma>,
    /// Where the line between A and B is, as a part of the plot's width [default: 0.5]
    #[arg(long, value_name = "PART", value_parser = parse_part, allow_hyphen_values = true,
          help_heading = "Look")]
    compare_at: Option<f32>,
    /// Show A on the right, and B on the left
    #[arg(long, help_heading = "Look")]
    compare_swapped: bool,
    /// Show B less A instead of both
    #[arg(long, conflicts_with_all = ["compare_at", "compare_swapped"], help_heading = "Look")]
    difference: bool,
    /// Draw a strip of small plots of other σ below the plot, in its colours: from a quarter of σ to four times, or
    /// at these
    #[arg(long, value_name = "SIGMA,…", value_parser = parse_strip, num_args = 0..=1,
          require_equals = true, default_missing_value = "", help_heading = "Look")]
    strip: Option<Strip>,
}

/// The σ of a strip; none for those around the shown one.
#[derive(Clone, Debug, PartialEq)]
struct Strip(Vec<Sigma>);

impl BesideOptions {
    /// The σ to compare with, and how both are shown; `restored` is what flags change.
    ///
    /// # Errors
    /// When there is nothing to compare with.
    pub(super) fn compared(
        &self,
        restored: Option<&Document>,
    ) -> Result<Option<(Sigma, SplitPlace)>, Failure> {
        let Self { compare, compare_at, compare_swapped, difference, .. } = *self;
        let sigma = compare.or_else(|| restored?.compared_sigma);
        let Some(sigma) = sigma else {
            let flag = if compare_at.is_some() {
                "--compare-at"
            } else if compare_swapped {
                "--compare-swapped"
            } else if difference {
                "--difference"
            } else {
                return Ok(None);
            };
            return Err(Failure::bad_input(format!("{flag}: expected --compare SIGMA, too")));
        };
        let mut place = restored.map(|document| document.compared_place).unwrap_or_default();
        place.at = compare_at.unwrap_or(place.at);
        place.swapped |= compare_swapped;
        place.difference =
            difference || (place.difference && compare_at.is_none() && !compare_swapped);
        Ok(Some((sigma, place)))
    }

    /// The σ of the strip below a plot at `sigma`; `restored` is what flags change.
    pub(super) fn strip(&self, sigma: Sigma, restored: Option<&Document>) -> Vec<Sigma> {
        match &self.strip {
            Some(Strip(own)) if own.is_empty() => ladder(sigma).to_vec(),
            Some(Strip(own)) => own.clone(),
            None => restored.map(|document| document.strip.clone()).unwrap_or_default(),
        }
    }
}

fn parse_sigma(text: &str) -> Result<Sigma, String> {
    let number = text.trim().parse::<f64>().map_err(|_| "expected a number above 0".to_owned())?;
    Sigma::new(number).map_err(|err| err.to_string())
}

fn parse_part(text: &str) -> Result<f32, String> {
    let number = text.trim().parse::<f32>().ok().filter(|part| (0.0..=1.0).contains(part));
    number.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

fn parse_strip(text: &str) -> Result<Strip, String> {
    if text.is_empty() {
        return Ok(Strip(Vec::new()));
    }
    let sigmas = text.split(',').map(parse_sigma).collect::<Result<Vec<_>, _>>()?;
    if sigmas.len() > MOST_PANELS {
        return Err(format!("found {}, expected at most {MOST_PANELS}", sigmas.len()));
    }
    Ok(Strip(sigmas))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_change_what_a_document_says() {
        let sigma = |sigma| Sigma::new(sigma).expect("legal");
        let place = SplitPlace { at: 0.2, swapped: true, difference: false };
        let mut document = Document::new(crate::model::Params::default());
        let plain = BesideOptions::default();
        assert_eq!(plain.compared(Some(&document)).expect("nothing"), None);
        assert!(plain.strip(sigma(0.4), Some(&document)).is_empty());
        let moved = BesideOptions { compare_at: Some(0.7), ..plain.clone() };
        assert!(moved.compared(Some(&document)).is_err());
        (document.compared_sigma, document.compared_place) = (Some(sigma(0.1)), place);
        document.strip = vec![sigma(0.3)];
        let found = |options: &BesideOptions| options.compared(Some(&document)).expect("two");
        assert_eq!(found(&plain), Some((sigma(0.1), place)));
        assert_eq!(found(&moved), Some((sigma(0.1), SplitPlace { at: 0.7, ..place })));
        let other = BesideOptions { compare: Some(sigma(0.5)), ..plain.clone() };
        assert_eq!(found(&other).map(|(sigma, _)| sigma.get()), Some(0.5));
        let usual = BesideOptions { strip: Some(Strip(Vec::new())), ..plain.clone() };
        assert_eq!(usual.strip(sigma(0.4), Some(&document))[0], sigma(0.1));
        assert_eq!(plain.strip(sigma(0.4), Some(&document)), [sigma(0.3)]);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(parse_strip("0.1,x").is_err() && parse_strip(&"1,".repeat(40)).is_err());
        assert!(parse_part("1.5").is_err() && parse_part("nan").is_err());
        assert_eq!(parse_strip("0.1,0.2").map(|strip| strip.0.len()), Ok(2));
    }
}
