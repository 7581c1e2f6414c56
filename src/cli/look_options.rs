//! The flags that say how the field is shown: [`LookOptions`], and those of the axes alone.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{
    Failure, ProblemOptions, color_options::ColorOptions, options::named, told::tell_prepared,
};
use crate::{
    engine::Unobserved,
    escape::escaped,
    model::{ColorBy, ColorMap, DrawOrder, Input, Masses, Params, Projection, ViewParams},
    session::{Prepared, Source},
};

/// On which axes points are drawn.
#[derive(Args, Clone, Debug, Default)]
pub struct AxesOptions {
    /// Where points of three or more coordinates are drawn: the coordinates for the x axis and the y
    /// axis, by number from 1 or by a name in --columns, or 'principal' for the first two principal components
    /// of the targets; in space three of them, A,B,C [default: 1,2]
    #[arg(long, value_name = "A,B", help_heading = "Look")]
    axes: Option<String>,
}

/// How the field is shown.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct LookOptions {
    #[command(flatten)]
    colors: ColorOptions,
    #[command(flatten)]
    pub(super) axes: AxesOptions,
    /// Diameter of a point in logical pixels, 0.5 to 40 [default: 5]
    #[arg(long, value_name = "PX", value_parser = parse_point_size,
          allow_hyphen_values = true, help_heading = "Look")]
    point_size: Option<f32>,
    /// Opacity of a point, 0.01 to 1
    #[arg(long, value_name = "A", value_parser = parse_opacity, default_value = "0.9",
          allow_hyphen_values = true, help_heading = "Look")]
    opacity: f32,
    /// Stretch both axes to fill the space; without it one unit is as long on both
    #[arg(long, help_heading = "Look")]
    stretch: bool,
    /// What the colours show: f, its rank (rank), or a column of the targets' file by name: numbers along a
    /// scale of their own, text as categories; categories:NAME takes numbers as categories too,
    /// column:NAME a column that is called like one of the others
    #[arg(long, value_name = "WHAT", value_parser = parse_color_by, default_value = "f",
          alias = "colour-by", help_heading = "Look")]
    color_by: ColorBy,
    /// The order in which dots are drawn, later ones on earlier ones: at random by --seed (random), as in
    /// the file (file), the largest f last (dense), or the smallest f last (sparse)
    #[arg(long, value_name = "NAME", value_parser = named!(DrawOrder), default_value = "random",
          hide_possible_values = true, help_heading = "Look")]
    order: DrawOrder,
    /// Draw these axes logarithmically, x, y or x,y, while f stays that of the data as it is (--log sums in
    /// logarithms); targets whose value is not above 0 are not drawn, which is told
    #[arg(long, value_name = "x,y", value_delimiter = ',', value_parser = ["x", "y"],
          help_heading = "Look")]
    log_axes: Vec<String>,
    /// Draw contours around these parts of the estimate's mass, up to 8, as 0.5,0.9
    #[arg(long, value_name = "P,…", allow_hyphen_values = true, help_heading = "Look")]
    contours: Option<Masses>,
    /// Draw f at every pixel, under neutral dots; where sigma is below a pixel its mean over each; of one
    /// coordinate the curve of f
    #[arg(long, help_heading = "Look")]
    raster: bool,
    /// Draw the density along each axis beside the plot
    #[arg(long, help_heading = "Look")]
    marginals: bool,
    /// Leave the points out
    #[arg(long, help_heading = "Look")]
    no_dots: bool,
}

impl AxesOptions {
    /// Whether the flag was given.
    pub(super) fn is_given(&self) -> bool {
        self.axes.is_some()
    }

    /// Sets the projection of `params`, as far as it is known before the points are.
    ///
    /// # Errors
    /// When the flag names other coordinates; the message says which there are.
    pub(super) fn apply(&self, params: &mut Params) -> Result<(), String> {
        let columns = match &params.input {
            Input::Files { columns, .. } => columns.as_slice(),
            Input::Generated => &[],
        };
        if let Some(dim) = params.dim() {
            params.projection = self.projection(dim.get(), columns)?;
        }
        Ok(())
    }

    /// Sets the projection of `params` where only the file tells how many coordinates there are, and their
    /// names: `source` reads it for that.
    ///
    /// # Errors
    /// When the file cannot be read, or `--axes` names other coordinates.
    pub(super) fn check(&self, params: &mut Params, source: &mut Source) -> Result<(), Failure> {
        if self.axes.is_some() && params.dim().is_none() {
            let drawn = source.prepare(params, &mut Unobserved)?.drawn;
            let projection = self.projection(drawn.dim(), drawn.targets().axes());
            params.projection = projection.map_err(Failure::bad_input)?;
        }
        Ok(())
    }

    /// The points that `problem` describes and `params` ask for, to be shown on these axes; what was read is
    /// told, and so is what chose σ, in the notes that are returned.
    ///
    /// # Errors
    /// When the points cannot be had, or their weights do not suit the normalisation.
    pub(super) fn prepare(
        &self,
        problem: &ProblemOptions,
        params: &mut Params,
    ) -> Result<(Prepared, Vec<String>), Failure> {
        let mut source = Source::default();
        let notes = problem.choose_sigma(params, &mut source)?;
        self.check(params, &mut source)?;
        if params.projection.is_space() {
            let text = "--axes: expected two axes, found three: this is computed in a plane";
            return Err(Failure::bad_input(text));
        }
        let prepared = source.prepare(params, &mut Unobserved)?;
        tell_prepared(params, &prepared, problem.sigma);
        params.normalisation.check(prepared.points.sources()).map_err(Failure::bad_input)?;
        Ok((prepared, notes))
    }

    /// The projection that `--axes` asks for, for points of `dim` coordinates whose columns are `names`.
    ///
    /// # Errors
    /// When it names other coordinates; the message says which there are.
    fn projection(&self, dim: usize, names: &[String]) -> Result<Projection, String> {
        self.axes.as_deref().map_or(Ok(Projection::default()), |axes| projection(axes, dim, names))
    }
}

impl LookOptions {
    /// Whether the diameter of points was given.
    pub(super) fn has_point_size(&self) -> bool {
        self.point_size.is_some()
    }

    /// Sets the view of `params`, and the projection as far as it is known before the points are;
    /// `last` is the colour map used last, which holds unless a flag names another.
    ///
    /// # Errors
    /// When flags contradict each other; the message names them.
    pub fn apply(&self, params: &mut Params, last: Option<ColorMap>) -> Result<(), String> {
        let Self { point_size, opacity, stretch, contours, order, .. } = *self;
        let Self { raster, marginals, no_dots, .. } = *self;
        let equal_aspect = !stretch;
        let view = ViewParams::default();
        let point_size = point_size.unwrap_or(5.0);
        params.view = ViewParams { point_size, opacity, equal_aspect, contours, order, ..view };
        params.view = ViewParams { raster, marginals, dots: !no_dots, ..params.view };
        params.color_by.clone_from(&self.color_by);
        params.view.log_axes = ["x", "y"].map(|axis| self.log_axes.iter().any(|a| a == axis));
        self.colors.apply(&mut params.view, last)?;
        self.axes.apply(params)
    }
}

fn projection(text: &str, dim: usize, columns: &[String]) -> Result<Projection, String> {
    if text == "principal" {
        return Ok(Projection::Principal);
    }
    let axis = |text: &str| {
        let text = text.trim();
        let named = columns.iter().position(|column| column == text);
        let number = || text.parse::<usize>().ok().filter(|axis| (1..=dim).contains(axis));
        named.or_else(|| Some(number()? - 1))
    };
    let three: Vec<Option<usize>> = text.split(',').map(axis).collect();
    if let [Some(x), Some(y), Some(z)] = three[..]
        && Projection::Space([x, y, z]).within(dim).is_space()
    {
        return Ok(Projection::Space([x, y, z]));
    }
    match text.split_once(',').map(|(across, up)| (axis(across), axis(up))) {
        Some((Some(across), Some(up))) if across != up => Ok(Projection::Axes([across, up])),
        _ => Err(format!(
            "--axes {}: expected two different numbers from 1 to {dim} with a comma between, two \
             names of --columns, or 'principal'; three of them for space",
            escaped(text)
        )),
    }
}

fn parse_color_by(text: &str) -> Result<ColorBy, String> {
    let named = |name: &str| match name.trim() {
        "" => Err("expected f, rank, or a column's name".to_owned()),
        name => Ok(name.to_owned()),
    };
    match (text, text.split_once(':')) {
        ("f", _) => Ok(ColorBy::Field),
        ("rank", _) => Ok(ColorBy::Rank),
        (_, Some(("categories", name))) => named(name).map(ColorBy::Categories),
        (_, Some(("column", name))) => named(name).map(ColorBy::Column),
        _ => named(text).map(ColorBy::Column),
    }
}

fn parse_within(text: &str, low: f32, high: f32) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if (low..=high).contains(&value) => Ok(value),
        _ => Err(format!("expected a number from {low} to {high}")),
    }
}

fn parse_point_size(text: &str) -> Result<f32, String> {
    parse_within(text, ViewParams::POINT_SIZES[0], ViewParams::POINT_SIZES[1])
}

fn parse_opacity(text: &str) -> Result<f32, String> {
    parse_within(text, ViewParams::OPACITIES[0], ViewParams::OPACITIES[1])
}
