//! The flags that say what to compute, which several commands share: [`ProblemOptions`]. `bench` has flags
//! of its own.

use std::path::{Path, PathBuf};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{
    patterns::expanded,
    reading_options::ReadingOptions,
    sigma::{SigmaChoice, parse_sigma_choice},
};
use crate::{
    escape::{escaped, escaped_path},
    model::{
        AxisScaling, Chunk, Count, Dim, Distribution, EngineChoice, Input, Normalisation, Params,
        Reading, Tolerance, Weights,
    },
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
            only: None,
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

    /// The files that --targets and --sources name.
    pub(super) fn files(&self) -> [Option<&PathBuf>; 2] {
        [self.targets.as_ref(), self.sources.as_ref()]
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

pub(super) fn parse_tolerance(text: &str) -> Result<Tolerance, String> {
    let value: f64 = text.trim().parse().map_err(|_| {
        format!("expected a number from {:e} to {:e}", Tolerance::MIN, Tolerance::MAX)
    })?;
    Tolerance::new(value).map_err(|err| err.to_string())
}

/// Whole numbers, also as `100_000` or `1e6`.
pub(super) fn parse_whole(text: &str) -> Result<usize, String> {
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
