//! The flags that say how values become colours, for commands that draw them.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::options::named;
use crate::model::{ColorMap, Scaling, ViewParams};

/// How values become colours.
#[derive(Args, Clone, Debug, Default)]
pub struct ColorOptions {
    /// Colours of the values; the last two are for values around zero, and keep zero in their middle
    /// [default: viridis; in the window, as it was last]
    #[arg(long, value_name = "NAME", value_parser = named!(ColorMap), alias = "colour-map",
          help_heading = "Look")]
    color_map: Option<ColorMap>,
    /// Give the highest value the first colour
    #[arg(long, help_heading = "Look")]
    reversed: bool,
    /// How values are spread over the colours: in proportion (linear), by their logarithm (log) or square
    /// root (sqrt), linear near zero and logarithmic far from it (asinh), or by rank (equalised)
    #[arg(long, value_name = "NAME", value_parser = named!(Scaling), default_value = "linear",
          hide_possible_values = true, help_heading = "Look")]
    scaling: Scaling,
    /// Values that get the first and the last colour; above 0 with --scaling log [default: the lowest and
    /// the highest]
    #[arg(long, value_name = "LOW:HIGH", value_parser = parse_range, allow_hyphen_values = true,
          help_heading = "Look")]
    range: Option<[f32; 2]>,
    /// The same by percentile: 1:99 gives the lowest and the highest hundredth of all values the first and
    /// the last colour
    #[arg(long, value_name = "LOW:HIGH", value_parser = parse_percentile, conflicts_with = "range",
          help_heading = "Look")]
    percentile: Option<[f32; 2]>,
}

impl ColorOptions {
    /// Sets the colours of `view`; `last` is the colour map used last, which holds unless a flag names
    /// another.
    ///
    /// # Errors
    /// When flags contradict each other; the message names them.
    pub(super) fn apply(
        &self,
        view: &mut ViewParams,
        last: Option<ColorMap>,
    ) -> Result<(), String> {
        let Self { color_map, reversed, scaling, range, percentile } = *self;
        view.color_map = color_map.or(last).unwrap_or_default();
        (view.reversed, view.percentile) = (reversed, percentile);
        (view.scaling, view.clip) = (scaling, range);
        match range {
            Some([low, high]) if !view.clip_is_legal() => Err(format!(
                "--range {low}:{high} with --scaling {scaling}: expected LOW above 0, found {low}; \
                 raise LOW, or use --scaling asinh"
            )),
            _ => Ok(()),
        }
    }
}

fn parse_range(text: &str) -> Result<[f32; 2], String> {
    pair(text).ok_or_else(|| "expected two numbers, LOW:HIGH, with LOW below HIGH".to_owned())
}

fn parse_percentile(text: &str) -> Result<[f32; 2], String> {
    let percents = 0.0..=100.0;
    pair(text).filter(|ends| ends.iter().all(|end| percents.contains(end))).ok_or_else(|| {
        "expected two numbers from 0 to 100, LOW:HIGH, with LOW below HIGH, as 1:99".to_owned()
    })
}

/// Two finite numbers with a colon between, the lower one first.
fn pair(text: &str) -> Option<[f32; 2]> {
    let number = |part: &str| part.trim().parse::<f32>().ok().filter(|v| v.is_finite());
    let (low, high) = text.split_once(':')?;
    let ends = [number(low)?, number(high)?];
    (ends[0] < ends[1]).then_some(ends)
}
