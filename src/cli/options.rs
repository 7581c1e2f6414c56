//! The flags that several commands share: [`ProblemOptions`] says what to compute, [`LookOptions`] how
//! to draw it. `bench` has flags of its own.

use std::path::{Path, PathBuf};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{
    Failure,
    color_options::ColorOptions,
    patterns::expanded,
    sigma::{SigmaChoice, parse_sigma_choice},
    told::tell_prepared,
};
use crate::{
    engine::Unobserved,
    escape::{escaped, escaped_path},
    model::{
        AxisScaling, Chunk, ColorBy, ColorMap, Count, Dim, Distribution, DrawOrder, EngineChoice,
        Header, Input, Masses, Normalisation, Params, Projection, Reading, Tolerance, ViewParams,
        Weights,
    },
    session::{Prepared, Source},
};

/// A parser of the names of a choice.
macro_rules! named {
    ($type:ty) => {
        PossibleValuesParser::new(<$type>::NAMES)
            .map(|name| name.parse::<$type>().expect("the parser lets only these names through"))
    };
}

pub(super) use named;

/// Which points, which kernel, which engine.
#[derive(Args, Clone, Debug, Default)]
pub struct ProblemOptions {
    /// File of the targets x, the same as FILE [default: generated points]
    #[arg(long, value_name = "FILE", help_heading = "Points")]
    targets: Option<PathBuf>,
    /// File of the sources y [default: the targets]
    #[arg(long, value_name = "FILE", help_heading = "Points")]
    sources: Option<PathBuf>,
    /// Columns to use as coordinates, by name or by number from 1 [default: x, y and z, longitude and
    /// latitude or the like, else the first two columns of numbers; of an array, all]
    #[arg(long, value_name = "A,B", value_delimiter = ',', help_heading = "Points")]
    columns: Vec<String>,
    #[command(flatten)]
    reading: ReadingOptions,
    /// Number of targets: to generate, or to pick from the file at random [default: 3000, or all
    /// rows of the file]
    #[arg(long, value_name = "N", value_parser = parse_count, allow_hyphen_values = true,
          help_heading = "Points")]
    n: Option<Count>,
    /// Number of sources, in the same way [default: 3000, or all rows of the file]
    #[arg(long, value_name = "M", value_parser = parse_count, allow_hyphen_values = true,
          help_heading = "Points")]
    m: Option<Count>,
    /// Number of coordinates of a point, 1 to 64 [default: as many as --columns names, or
    /// as the file has; 2 for generated points]
    #[arg(long, value_name = "D", value_parser = parse_dim, allow_hyphen_values = true,
          help_heading = "Points")]
    dim: Option<Dim>,
    /// Weights of the sources: a column of their file, by name or by number from 1, or an NPY file of
    /// one number for each row of theirs [default: 1 for each]
    #[arg(long, value_name = "NAME", value_parser = parse_weights, allow_hyphen_values = true,
          help_heading = "Points")]
    weights: Option<Weights>,
    /// Merge sources that coincide into one with their total weight: f stays the same, and the
    /// criteria that choose σ are not misled
    #[arg(long, help_heading = "Points")]
    merge_duplicates: bool,
    /// Divide the axes by standard deviations of the sources before summing: not at all (none), each
    /// axis by its own (axes), or together, which also removes their correlation (full); σ is then in
    /// standard deviations, the picture stays in the units of the data
    #[arg(long, value_name = "HOW", value_parser = named!(AxisScaling), default_value = "none",
          hide_possible_values = true, help_heading = "Kernel")]
    whiten: AxisScaling,
    /// Distribution of generated points; not with a file [default: normal]
    #[arg(long, value_name = "NAME", value_parser = named!(Distribution), help_heading = "Points")]
    distribution: Option<Distribution>,
    /// Seed of everything random, a whole number
    #[arg(long, value_name = "S", value_parser = parse_seed, default_value = "1",
          allow_hyphen_values = true, help_heading = "Points")]
    seed: u64,
    /// Standard deviation of the kernel, in the units of the data, or the criterion to choose it by: loo,
    /// heldout, lscv, scott, silverman, median, knn, sj or isj, as `sigmascope select` explains
    /// [default: 0.3 for generated points, Scott's rule for a file]
    #[arg(long, value_name = "S", value_parser = parse_sigma_choice, allow_hyphen_values = true,
          help_heading = "Kernel")]
    pub(super) sigma: Option<SigmaChoice>,
    /// What f is divided by: nothing (sum), the number of sources or their total weight (mean), or
    /// what makes it integrate to 1 (density)
    #[arg(long, value_name = "HOW", value_parser = named!(Normalisation), default_value = "sum",
          hide_possible_values = true, alias = "normalize", help_heading = "Kernel")]
    normalise: Normalisation,
    /// Way to compute f: exactly on the graphics card (gpu), on the processor with vector
    /// instructions (simd), plain loops (naive), or arrays of N×M numbers at once (broadcast) or in
    /// chunks (chunked); approximately, to --tolerance, in up to 3 coordinates (fast); or the program's
    /// choice (auto)
    #[arg(long, value_name = "NAME", value_parser = named!(EngineChoice), default_value = "auto",
          hide_possible_values = true, help_heading = "Engine")]
    engine: EngineChoice,
    /// Number of sources between two updates of f, or 'auto'
    #[arg(long, value_name = "C", value_parser = parse_chunk, default_value = "auto",
          allow_hyphen_values = true, help_heading = "Engine")]
    chunk: ChunkArg,
    /// Relative error that the engine fast may have, in each value from 0.01 on, 1e-9 to 1e-3 [default:
    /// 1e-5]
    #[arg(long, value_name = "T", value_parser = parse_tolerance, allow_hyphen_values = true,
          help_heading = "Engine")]
    tolerance: Option<Tolerance>,
    /// Use an adapter whose name or driver contains this; `sigmascope info` lists them [default:
    /// the best one]
    #[arg(long, value_name = "TEXT", help_heading = "Engine")]
    pub adapter: Option<String>,
}

/// How files are read, where the user does not leave it to the program.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ReadingOptions {
    /// Whether the first row of a text file names the columns: yes, no, or as the whole file looks
    /// (auto), which is told
    #[arg(long, value_name = "HOW", value_parser = named!(Header), default_value = "auto",
          hide_possible_values = true, help_heading = "Reading")]
    header: Header,
    /// Do not look at the first K lines of a text file
    #[arg(long, value_name = "K", value_parser = parse_whole, default_value = "0",
          allow_hyphen_values = true, help_heading = "Reading")]
    skip_rows: usize,
    /// Refuse the file at the first cell that is no number, or row of another length; without it such
    /// rows are left out, counted and told
    #[arg(long, help_heading = "Reading")]
    strict: bool,
    /// Cells that mean a missing value, besides the usual words, separated by commas
    #[arg(
        long,
        value_name = "TEXT,…",
        value_delimiter = ',',
        allow_hyphen_values = true,
        help_heading = "Reading"
    )]
    missing: Vec<String>,
    /// Read an array on its side: its rows are the coordinates, its columns the points
    #[arg(long, help_heading = "Reading")]
    transpose: bool,
    /// Replace these coordinates by their logarithms to base 10 before anything is computed, by name or by
    /// number from 1: a unit of σ is then a decade, and rows whose value is not above 0 are left out
    #[arg(long, value_name = "A,B", value_delimiter = ',', help_heading = "Reading")]
    log: Vec<String>,
}

impl ReadingOptions {
    /// The same as plain data.
    pub(super) fn reading(&self) -> Reading {
        let Self { header, skip_rows, strict, missing, transpose, log } = self.clone();
        Reading { header, skip_rows, strict, missing, transpose, more: Vec::new(), log }
    }

    /// The first flag that was given, if any.
    fn given(&self) -> Option<&'static str> {
        let default = Reading::default();
        let Reading { header, skip_rows, strict, missing, transpose, log, .. } = self.reading();
        [
            ("--header", header != default.header),
            ("--skip-rows", skip_rows > 0),
            ("--strict", strict),
            ("--missing", !missing.is_empty()),
            ("--transpose", transpose),
            ("--log", !log.is_empty()),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }
}

/// The value of `--chunk`.
#[derive(Clone, Copy, Debug, Default)]
struct ChunkArg(Chunk);

impl ProblemOptions {
    /// The parameters that these flags describe; `files` are the ones given without a flag, whose rows
    /// make one cloud.
    ///
    /// # Errors
    /// When the flags contradict each other; the message names them.
    pub fn params(&self, files: &[PathBuf]) -> Result<Params, String> {
        let files = expanded(files)?;
        let (file, more) = match files.split_first() {
            None => (None, &[][..]),
            Some((first, more)) => (Some(first), more),
        };
        self.check_distribution(file)?;
        let targets = match (&self.targets, file) {
            (Some(flag), Some(file)) => {
                return Err(format!(
                    "two files of targets: --targets {} and {}; drop one",
                    escaped_path(flag),
                    escaped_path(file)
                ));
            }
            (flag, file) => flag.as_ref().or(file),
        };
        let input = match (targets, &self.sources) {
            (None, None) => Input::Generated,
            (None, Some(sources)) => Input::Files {
                targets: sources.clone(),
                sources: None,
                columns: self.columns.clone(),
            },
            (Some(targets), sources) => Input::Files {
                targets: targets.clone(),
                sources: sources.clone().filter(|sources| sources != targets),
                columns: self.columns.clone(),
            },
        };
        if input == Input::Generated && !self.columns.is_empty() {
            return Err("--columns chooses columns of a file: give --targets too".to_owned());
        }
        if let Some(flag) = self.reading.given().filter(|_| input == Input::Generated) {
            return Err(format!("{flag} is for files: give --targets too"));
        }
        self.check_columns()?;
        if let Some(weights) = self.weights.as_ref().filter(|_| input == Input::Generated) {
            return Err(format!(
                "--weights {} weighs the sources of a file: give --sources or --targets too",
                named_as(weights)
            ));
        }
        let default = Params::default();
        Ok(Params {
            input,
            reading: Reading { more: more.to_vec(), ..self.reading.reading() },
            dim: self.dim,
            weights: self.weights.clone(),
            distribution: self.distribution.unwrap_or_default(),
            seed: self.seed,
            n: self.n,
            m: self.m,
            merge_duplicates: self.merge_duplicates,
            axis_scaling: self.whiten,
            sigma: self.sigma.and_then(SigmaChoice::value),
            normalisation: self.normalise,
            engine: self.engine,
            chunk: self.chunk.0,
            tolerance: self.tolerance.unwrap_or_default(),
            projection: default.projection,
            color_by: default.color_by,
            view: default.view,
        })
    }

    /// Whether a flag names a file of points.
    pub(super) fn names_a_file(&self) -> bool {
        self.targets.is_some() || self.sources.is_some()
    }

    /// Refuses the flags that have no meaning for `select`, which only chooses σ.
    ///
    /// # Errors
    /// When such a flag was given; the message names it.
    pub(super) fn check_for_choosing(&self) -> Result<(), String> {
        let normalised = self.normalise != Normalisation::default();
        let unused = [
            (
                "--sigma",
                self.sigma.is_some(),
                "it is what is chosen here; name candidates with --at",
            ),
            ("--normalise", normalised, "the criteria look at densities"),
            ("--chunk", self.chunk.0 != Chunk::Auto, "the criteria do not depend on it"),
        ];
        match unused.iter().find(|(_, given, _)| *given) {
            Some((flag, _, why)) => Err(format!("{flag} has no use for `select`: {why}; drop it")),
            None => Ok(()),
        }
    }

    /// Refuses more columns than a point may have coordinates, or another number than `--dim`.
    fn check_columns(&self) -> Result<(), String> {
        let named = self.columns.len();
        match self.dim {
            _ if named == 0 => Ok(()),
            Some(dim) if dim.get() != named => Err(format!(
                "--dim {} with --columns {}: expected {0} columns, one per coordinate, found \
                 {named}; drop --dim, or name as many",
                dim.get(),
                escaped(&self.columns.join(","))
            )),
            _ => Dim::new(named).map(|_| ()).map_err(|err| format!("--columns: {err}")),
        }
    }

    /// Refuses `--distribution` together with a file of points.
    fn check_distribution(&self, file: Option<&PathBuf>) -> Result<(), String> {
        let flagged = |flag, path: &Path| format!("{flag} {}", escaped_path(path));
        let given = [
            self.targets.as_deref().map(|path| flagged("--targets", path)),
            file.map(|path| format!("the file {}", escaped_path(path))),
            self.sources.as_deref().map(|path| flagged("--sources", path)),
        ];
        match (self.distribution, given.into_iter().flatten().next()) {
            (Some(distribution), Some(given)) => Err(format!(
                "--distribution {distribution} generates points, but {given} gives them: drop one"
            )),
            _ => Ok(()),
        }
    }
}

/// Refuses an output that would replace one of the input files.
///
/// # Errors
/// When `out` is one of the files in `params`; the message names the flag and both files.
pub(super) fn check_output(params: &Params, out: &Path) -> Result<(), String> {
    let Input::Files { targets, sources, .. } = &params.input else { return Ok(()) };
    let weights = match &params.weights {
        Some(Weights::File(path)) => Some(path),
        _ => None,
    };
    // What does not exist yet is no input.
    let Ok(place) = out.canonicalize() else { return Ok(()) };
    let is_out = |path: &&PathBuf| path.canonicalize().is_ok_and(|path| path == place);
    let more = &params.reading.more;
    match std::iter::once(targets).chain(more).chain(sources).chain(weights).find(is_out) {
        None => Ok(()),
        Some(input) => Err(format!(
            "--out {} would replace the file that the points are read from, {}: choose another name",
            escaped_path(out),
            escaped_path(input)
        )),
    }
}

/// On which axes points are drawn.
#[derive(Args, Clone, Debug, Default)]
pub struct AxesOptions {
    /// Where points of three or more coordinates are drawn: the coordinates for the x axis and the y
    /// axis, by number from 1 or by a name in --columns, or 'principal' for the first two principal components
    /// of the targets [default: 1,2]
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
    /// Diameter of a point in logical pixels, 0.5 to 40
    #[arg(long, value_name = "PX", value_parser = parse_point_size, default_value = "5",
          allow_hyphen_values = true, help_heading = "Look")]
    point_size: f32,
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
    match text.split_once(',').map(|(across, up)| (axis(across), axis(up))) {
        Some((Some(across), Some(up))) if across != up => Ok(Projection::Axes([across, up])),
        _ => Err(format!(
            "--axes {}: expected two different numbers from 1 to {dim} with a comma between, two \
             names of --columns, or 'principal'",
            escaped(text)
        )),
    }
}

pub(super) fn parse_tolerance(text: &str) -> Result<Tolerance, String> {
    let value: f64 = text.trim().parse().map_err(|_| {
        format!("expected a number from {:e} to {:e}", Tolerance::MIN, Tolerance::MAX)
    })?;
    Tolerance::new(value).map_err(|err| err.to_string())
}

/// Whole numbers, also as `100_000` or `1e6`.
fn parse_whole(text: &str) -> Result<usize, String> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    if let Ok(value) = plain.parse() {
        return Ok(value);
    }
    match plain.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && (0.0..1e18).contains(&value) => Ok(value as usize),
        _ => Err("expected a whole number, as 3000, 100_000 or 1e6".to_owned()),
    }
}

fn parse_seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

/// A number of bytes, as `500M`, `8G` or `8GiB`.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    text.parse::<bytesize::ByteSize>()
        .map(|size| size.as_u64())
        .map_err(|_| "expected a number of bytes, as 500M, 8G or 8GiB".to_owned())
}

pub(super) fn parse_count(text: &str) -> Result<Count, String> {
    Count::new(parse_whole(text)?).map_err(|err| err.to_string())
}

fn parse_dim(text: &str) -> Result<Dim, String> {
    Dim::new(parse_whole(text)?).map_err(|err| err.to_string())
}

fn parse_weights(text: &str) -> Result<Weights, String> {
    let path = Path::new(text);
    if text.trim().is_empty() {
        Err("expected a column's name or number, or an NPY file".to_owned())
    } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy")) {
        Ok(Weights::File(path.to_owned()))
    } else {
        Ok(Weights::Column(text.to_owned()))
    }
}

/// The weights as the user wrote them after `--weights`.
fn named_as(weights: &Weights) -> String {
    match weights {
        Weights::Column(column) => escaped(column),
        Weights::File(path) => escaped_path(path),
    }
}

fn parse_chunk(text: &str) -> Result<ChunkArg, String> {
    if text == "auto" {
        return Ok(ChunkArg(Chunk::Auto));
    }
    Chunk::of(parse_whole(text)?).map(ChunkArg).map_err(|err| err.to_string())
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
