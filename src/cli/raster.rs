//! `sigmascope raster`: f at the centres of equal cells over a part of the plane.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{
    Failure, ProblemOptions,
    bounds::{Bounds, parse_bounds},
    color_options::ColorOptions,
    engines::{EngineRequest, OpenedEngine},
    look_options::AxesOptions,
    options::check_output,
    reduce::{check_engine, check_finite},
    say, say_json,
    summing::{Summed, sum},
    tell,
    told::Told,
};
use crate::{
    engine::{EngineId, ErrorBoundOf, Problem},
    escape::escaped_path,
    gpu::FieldRange,
    model::{Cloud, EngineChoice, Params, Points, Sigma},
    numbers::{format_number, format_si},
    plane::RasterGrid,
    session::{
        Prepared, RasterFile, RasterFormat, Shown,
        files::{Output, Replace},
        picture,
    },
};

/// Flags of `raster`.
#[derive(Args, Clone, Debug)]
pub struct Raster {
    /// File of the points, whatever its format; several of the same columns are one cloud; - is
    /// standard input [default: generated points]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// File to write to: .npy (f, shape (rows, columns), row 0 at the lowest y), .csv (x, y, f) or
    /// .png (a pixel for each cell, the lowest y at the bottom); may be left out with --json
    #[arg(long, value_name = "FILE", required_unless_present = "json", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Print what was done as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Number of columns and of rows, each 1 to 16384; for points of one coordinate only the columns
    /// count
    #[arg(long, value_name = "WxH", value_parser = parse_cells, default_value = "800x600",
          help_heading = "Output")]
    size: Cells,
    /// The part of the plane that the cells cover [default: the bulk of the points, as `render` shows
    /// it]
    #[arg(long, value_name = "X0,X1,Y0,Y1", value_parser = parse_bounds,
          allow_hyphen_values = true, help_heading = "Output")]
    bounds: Option<Bounds>,
    #[command(flatten)]
    problem: ProblemOptions,
    #[command(flatten)]
    colors: ColorOptions,
    #[command(flatten)]
    axes: AxesOptions,
}

/// Columns and rows.
#[derive(Clone, Copy, Debug)]
struct Cells([usize; 2]);

fn parse_cells(text: &str) -> Result<Cells, String> {
    let side = |part: &str| part.trim().parse().ok().filter(|s| (1..=16_384).contains(s));
    match text.split_once(['x', '×']).map(|(w, h)| (side(w), side(h))) {
        Some((Some(w), Some(h))) => Ok(Cells([w, h])),
        _ => Err("expected COLUMNSxROWS, each from 1 to 16384".to_owned()),
    }
}

#[derive(Serialize)]
struct Report {
    engine: EngineId,
    why: Option<String>,
    how: Option<String>,
    adapter: Option<String>,
    columns: usize,
    rows: usize,
    /// From the left edge of the first column to the right edge of the last.
    x: [f64; 2],
    /// From the lower edge of the first row to the upper edge of the last; `null` for one coordinate.
    y: Option<[f64; 2]>,
    /// What stands on the axes.
    axes: Vec<String>,
    /// `f`, or `marginal` where points of more coordinates are projected.
    values: &'static str,
    m: usize,
    dim: usize,
    sigma: f64,
    normalise: String,
    seconds: f64,
    error_bound: f64,
    error_bound_of: ErrorBoundOf,
    error_measured: f64,
    f_min: f64,
    f_max: f64,
    out: Option<String>,
    #[serde(flatten)]
    told: Told,
}

/// What is summed where.
struct Summands {
    points: Points,
    grid: RasterGrid,
    factor: f64,
    axes: Vec<String>,
}

impl Raster {
    /// Runs the command.
    ///
    /// # Errors
    /// When the input makes no sense, there is no adapter for `gpu`, or writing fails.
    pub fn run(&self) -> Result<(), Failure> {
        let mut params = self.problem.params(&self.files).map_err(Failure::bad_input)?;
        self.colors.apply(&mut params.view, None).map_err(Failure::bad_input)?;
        self.axes.apply(&mut params).map_err(Failure::bad_input)?;
        let replace = if self.force { Replace::Yes } else { Replace::No };
        let output = match &self.out {
            None => None,
            Some(path) => {
                let format = format_of(path)?;
                check_output(&params, path).map_err(Failure::bad_input)?;
                Some((format, Output::open(path, replace)?))
            }
        };
        let (prepared, mut notes) = self.axes.prepare(&self.problem, &mut params)?;
        let sigma = prepared.sigma(&params);
        let shown = prepared.shown(params.projection);
        let summands = self.summands(&params, &prepared, &shown)?;
        let Summands { points, grid, factor, axes } = &summands;
        let dim = prepared.points.dim();
        let mut own = Vec::new();
        if dim > 2 {
            own.push(format!(
                "points of {dim} coordinates in a plane: these are values of the marginal on {} and \
                 {}, not of f",
                axes[0], axes[1]
            ));
        }
        let half_axes = shown.reach(sigma.get(), prepared.whitening.as_deref());
        let across = half_axes[0][0].abs() + half_axes[1][0].abs();
        let up = half_axes[0][1].abs() + half_axes[1][1].abs();
        let [width, height] = grid.cell();
        if across < width || dim > 1 && up < height {
            own.push(
                "σ is below the size of a cell: f at centres may miss sources between them; take more \
                 cells, or a larger σ"
                    .to_owned(),
            );
        }
        for note in &own {
            tell(format!("note: {note}"));
        }
        notes.extend(own);
        check_engine(params.engine, points.dim()).map_err(Failure::bad_input)?;
        let adapter = self.problem.adapter.as_deref();
        let request =
            EngineRequest { tolerance: params.tolerance, adapter, ..EngineRequest::default() };
        let size = [points.n(), points.m(), points.dim()];
        let early = match params.engine {
            EngineChoice::Auto => None,
            choice => Some(OpenedEngine::new(choice, size, request)?),
        };
        let chunk = params.chunk.resolve(points.m());
        let problem = Problem { points, sigma, chunk };
        let mut summed = sum(&problem, early, request, params.seed)?;
        for value in &mut summed.values {
            *value *= factor;
        }
        check_finite(summed.values.iter().copied())?;
        notes.append(&mut summed.notes);
        if let Some((format, output)) = output {
            let (values, is_line, view) = (&summed.values, dim == 1, &params.view);
            write(format, output, &RasterFile { values, grid, is_line, view })?;
        }
        let values = &summed.values;
        let range = [f64::min, f64::max].map(|end| values.iter().copied().fold(values[0], end));
        let report = Report {
            engine: summed.engine,
            why: summed.why.clone(),
            how: summed.how.clone(),
            adapter: summed.adapter.clone(),
            columns: grid.size[0],
            rows: grid.size[1],
            x: grid.x,
            y: (dim > 1).then_some(grid.y),
            axes: axes.clone(),
            values: if dim > 2 { "marginal" } else { "f" },
            m: points.m(),
            dim,
            sigma: sigma.get(),
            normalise: params.normalisation.name().to_owned(),
            seconds: summed.seconds,
            error_bound: summed.error_bound,
            error_bound_of: summed.error_bound_of,
            error_measured: summed.error_measured,
            f_min: range[0],
            f_max: range[1],
            out: self.out.as_ref().map(|path| path.display().to_string()),
            told: Told::new(&params, &prepared, self.problem.sigma, notes),
        };
        if self.json { say_json(&report) } else { say(&report.text(&summed)) }
    }

    /// The cells' centres as targets, where the kernel is round.
    fn summands(
        &self,
        params: &Params,
        prepared: &Prepared,
        shown: &Shown,
    ) -> Result<Summands, Failure> {
        let sigma = prepared.sigma(params);
        let [columns, rows] = self.size.0;
        let home = shown.most(FieldRange::default());
        let x = self.bounds.map_or(home.x, |bounds| bounds.x);
        let names = shown.labels("f");
        if shown.is_line() {
            let grid = RasterGrid { x, y: [0.0, 1.0], size: [columns, 1] };
            let unit = prepared.in_units_of_axes(Sigma::new(1.0).map_err(Failure::failed)?);
            let unit = unit.map_or(1.0, |units| units[0]);
            let scaled = |value: f64| value / unit;
            // In units in which the kernel's width is σ on this axis.
            let targets = grid.columns().map(scaled).collect();
            let axes = prepared.drawn.sources().axes().to_vec();
            let sources = prepared.drawn.sources();
            let places = sources.coordinates().iter().copied().map(scaled).collect();
            let cloud = Cloud::new(1, places, axes.clone());
            let cloud = match sources.weights() {
                Some(weights) => cloud.with_weights(weights.to_vec()),
                None => cloud,
            };
            let points = Points::new(Cloud::new(1, targets, axes), cloud);
            let weight = prepared.points.sources().total_weight();
            let factor = prepared.factor(params.normalisation, weight, sigma);
            let points = points.map_err(Failure::bad_input)?;
            return Ok(Summands { points, grid, factor, axes: vec![names[0].clone()] });
        }
        let y = match self.bounds {
            None => home.y,
            Some(Bounds { y: Some(y), .. }) => y,
            Some(_) => {
                return Err(Failure::bad_input(
                    "--bounds: expected four numbers, X0,X1,Y0,Y1, found two: points of two and more \
                     coordinates lie in a plane",
                ));
            }
        };
        let grid = RasterGrid { x, y, size: [columns, rows] };
        let sources =
            shown.plane_sources(prepared.whitening.as_deref()).map_err(Failure::bad_input)?;
        let factor = sources.factor(params.normalisation, sigma);
        let points = sources.points(&grid.centers()).map_err(Failure::bad_input)?;
        Ok(Summands { points, grid, factor, axes: names.to_vec() })
    }
}

/// The format that the name after `--out` asks for.
fn format_of(path: &Path) -> Result<RasterFormat, Failure> {
    RasterFormat::of(path).ok_or_else(|| {
        Failure::bad_input(format!(
            "--out {}: expected a name that ends in .npy, .csv or .png",
            escaped_path(path)
        ))
    })
}

fn write(format: RasterFormat, output: Output, file: &RasterFile<'_>) -> Result<(), Failure> {
    let written = match format {
        RasterFormat::Png => {
            let [columns, rows] = file.grid.size.map(|side| side as u32);
            let bytes =
                picture::encode(&file.pixels(), [columns, rows]).map_err(Failure::failed)?;
            return Ok(output.finish(&bytes)?);
        }
        RasterFormat::Npy => file.write_npy(output.file()?),
        RasterFormat::Csv => file.write_csv(output.file()?),
    };
    match written {
        Err(err) => Err(output.failed(err).into()),
        Ok(()) => Ok(output.complete()?),
    }
}

impl Report {
    /// The report as a line to read.
    fn text(&self, summed: &Summed) -> String {
        let Self { columns, rows, engine, sigma, f_min, f_max, values, .. } = self;
        format!(
            "{columns} × {rows} cells of {values} from {} sources with {engine} in {}; σ = {}; {values} from {} to {}",
            format_number(self.m as f64, 12),
            format_si(summed.seconds, "s"),
            format_number(*sigma, 6),
            format_number(*f_min, 4),
            format_number(*f_max, 4),
        )
    }
}
