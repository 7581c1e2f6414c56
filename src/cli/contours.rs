//! `sigmascope contours`: the lines around given parts of the estimate's mass.

use std::{
    fmt::Write as _,
    io::BufWriter,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use serde::Serialize;

use super::{
    Failure, ProblemOptions,
    engines::{EngineRequest, OpenedEngine},
    look_options::AxesOptions,
    options::check_output,
    reduce::check_engine,
    say, say_json,
    summing::ProgressLine,
    tell,
    told::Told,
};
use crate::{
    color::{Scale, lut},
    engine::{EngineId, Progress, go_on_if},
    escape::escaped_path,
    figure::{FigureSpec, Outline, Style, ViewBox, layout, outlines_svg},
    gpu::FieldRange,
    model::{ColorMap, EngineChoice, Mass, Scaling},
    numbers::format_number,
    plane::{self, ContourSpec, LevelError},
    session::{
        ContourEffort, ContourFile, ContourFormat,
        files::{Output, Replace},
        mass_label, value_label,
    },
};

/// Flags of `contours`.
#[derive(Args, Clone, Debug)]
pub struct Contours {
    /// File of the points, whatever its format; several of the same columns are one cloud; - is
    /// standard input [default: generated points]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// File to write the lines to: .geojson (a feature for each mass), .csv (a row for each corner) or
    /// .svg (a figure); may be left out with --json
    #[arg(long, value_name = "FILE", required_unless_present = "json", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Print what was done as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// The parts of the estimate's mass that the lines enclose, each above 0 and below 1
    #[arg(long, value_name = "P,…", value_delimiter = ',', value_parser = parse_mass,
          allow_hyphen_values = true, default_value = "0.25,0.5,0.75,0.9,0.95",
          help_heading = "Output")]
    mass: Vec<Mass>,
    #[command(flatten)]
    problem: ProblemOptions,
    #[command(flatten)]
    axes: AxesOptions,
}

fn parse_mass(text: &str) -> Result<Mass, String> {
    let part = text.trim().parse::<f64>().map_err(|_| "expected a number above 0 and below 1")?;
    Mass::new(part).map_err(|err| err.to_string())
}

#[derive(Serialize)]
struct Report {
    engine: EngineId,
    m: usize,
    dim: usize,
    sigma: f64,
    normalise: String,
    /// What stands on the axes.
    axes: Vec<String>,
    /// `f`, or `marginal` where points of more coordinates are projected.
    values: &'static str,
    /// Distance of the nodes between which lines are straight, in σ.
    step_sigmas: f64,
    contours: Vec<ContourFacts>,
    out: Option<String>,
    #[serde(flatten)]
    told: Told,
}

#[derive(Serialize)]
struct ContourFacts {
    /// The part of the mass that is enclosed.
    mass: f64,
    /// f along the lines.
    level: f64,
    /// How many lines there are.
    lines: usize,
}

impl Contours {
    /// Runs the command.
    ///
    /// # Errors
    /// When the input makes no sense, there is no adapter for `gpu`, or writing fails.
    pub fn run(&self) -> Result<(), Failure> {
        let mut params = self.problem.params(&self.files).map_err(Failure::bad_input)?;
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
        let dim = prepared.points.dim();
        if dim == 1 {
            return Err(Failure::bad_input(
                "contours need two coordinates, found one: the curve of f is what `sigmascope raster` \
                 writes",
            ));
        }
        let sigma = prepared.sigma(&params);
        let shown = prepared.shown(params.projection);
        let sources =
            shown.plane_sources(prepared.whitening.as_deref()).map_err(Failure::bad_input)?;
        let axes = shown.labels("f");
        let mut own = Vec::new();
        if dim > 2 {
            own.push(format!(
                "points of {dim} coordinates in a plane: these are contours of the marginal on {} and {}, \
                 not of f",
                axes[0], axes[1]
            ));
        }
        check_engine(params.engine, 2).map_err(Failure::bad_input)?;
        let choice = match params.engine {
            EngineChoice::Auto => EngineChoice::Fast,
            choice => choice,
        };
        let adapter = self.problem.adapter.as_deref();
        let request =
            EngineRequest { tolerance: params.tolerance, adapter, ..EngineRequest::default() };
        let ContourEffort { draws, step, nodes } = ContourEffort::FULL;
        let (engine, _) = OpenedEngine::new(choice, [draws, prepared.points.m(), 2], request)?;
        let spec = ContourSpec { sigma, masses: &self.mass, draws, step, nodes };
        let mut progress = ProgressLine::new(Instant::now());
        let mut follow = |Progress { fraction }: Progress| go_on_if(progress.show(fraction));
        let found = plane::contours(&sources, &spec, &*engine.engine(), &mut follow);
        progress.clear();
        let found = found.map_err(|err| match err {
            LevelError::Engine(err) => err.into(),
            err => Failure::bad_input(err),
        })?;
        own.extend(found.note());
        for note in &own {
            tell(format!("note: {note}"));
        }
        notes.extend(own);
        let factor = sources.factor(params.normalisation, sigma);
        if let Some((format, output)) = output {
            let file = ContourFile { contours: &found, factor, sigma: sigma.get() };
            let label = value_label(params.normalisation);
            let view = shown.most(FieldRange::default());
            write(format, output, file, || figure(&file, &axes, view, label))?;
        }
        let facts = |contour: &plane::Contour| ContourFacts {
            mass: contour.level.mass.get(),
            level: contour.level.level * factor,
            lines: contour.lines.len(),
        };
        let report = Report {
            engine: engine.id(),
            m: prepared.points.m(),
            dim,
            sigma: sigma.get(),
            normalise: params.normalisation.name().to_owned(),
            axes: axes.to_vec(),
            values: if dim > 2 { "marginal" } else { "f" },
            step_sigmas: found.step,
            contours: found.contours.iter().map(facts).collect(),
            out: self.out.as_ref().map(|path| path.display().to_string()),
            told: Told::new(&params, &prepared, self.problem.sigma, notes),
        };
        if self.json { say_json(&report) } else { say(&report.text()) }
    }
}

/// The format that the name after `--out` asks for.
fn format_of(path: &Path) -> Result<ContourFormat, Failure> {
    ContourFormat::of(path).ok_or_else(|| {
        let ends = ContourFormat::ENDS.map(|(end, _)| format!(".{end}")).join(", ");
        Failure::bad_input(format!(
            "--out {}: expected a name that ends in {ends}",
            escaped_path(path)
        ))
    })
}

fn write(
    format: ContourFormat,
    output: Output,
    file: ContourFile<'_>,
    figure: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let written = match format {
        ContourFormat::Svg => return Ok(output.finish(figure().as_bytes())?),
        ContourFormat::GeoJson => file.write_geojson(BufWriter::new(output.file()?)),
        ContourFormat::Csv => file.write_csv(BufWriter::new(output.file()?)),
    };
    match written {
        Err(err) => Err(output.failed(err).into()),
        Ok(()) => Ok(output.complete()?),
    }
}

/// The lines in the view that `render` takes, with axes, as SVG.
fn figure(file: &ContourFile<'_>, axes: &[String; 2], view: ViewBox, value_label: &str) -> String {
    let contours = &file.contours.contours;
    let is_outside = |line: &&plane::Line| {
        let within = |[x, y]: &[f64; 2]| {
            (view.x[0]..=view.x[1]).contains(x) && (view.y[0]..=view.y[1]).contains(y)
        };
        !line.points.iter().any(within)
    };
    let lines = contours.iter().flat_map(|contour| &contour.lines);
    let subtitle = match lines.filter(is_outside).count() {
        0 => String::new(),
        1 => "1 line lies outside".to_owned(),
        outside => format!("{outside} lines lie outside"),
    };
    let colors = lut(ColorMap::Viridis, false);
    let outline = |contour: &plane::Contour| {
        let mass = contour.level.mass.get();
        // Light yellow does not show on white.
        let [r, g, b, _] = colors[(0.85 * 255.0 * (1.0 - mass)) as usize];
        Outline {
            label: mass_label(mass),
            color: [r, g, b],
            lines: contour.lines.iter().map(|line| line.points.clone()).collect(),
        }
    };
    let spec = FigureSpec {
        size: [900.0, 800.0],
        scale: 1.0,
        dark: false,
        transparent: false,
        style: Style::SCREEN,
        title: format!("Contours of the mass, σ = {}", format_number(file.sigma, 4)).into(),
        subtitle,
        x_label: axes[0].clone().into(),
        y_label: axes[1].clone().into(),
        view,
        logarithmic: [false; 2],
        equal_aspect: true,
        bar: false,
        lut: colors,
        scale_of_values: Scale::new(Scaling::Linear, 0.0, 1.0),
        value_label: value_label.to_owned(),
        legend: Vec::new(),
        outlines: contours.iter().map(outline).collect(),
        marginals: None,
        space: None,
        split: None,
        panels: Vec::new(),
    };
    outlines_svg(&spec, &layout(&spec))
}

impl Report {
    /// The report as lines to read.
    fn text(&self) -> String {
        let mut text = format!(
            "contours of {} from {} sources with {}; σ = {}",
            self.values,
            format_number(self.m as f64, 12),
            self.engine,
            format_number(self.sigma, 6)
        );
        for ContourFacts { mass, level, lines } in &self.contours {
            let plural = if *lines == 1 { "" } else { "s" };
            let (percent, level) = (format_number(100.0 * mass, 4), format_number(*level, 5));
            let _ = write!(text, "\n  {percent} % of the mass above {level}, {lines} line{plural}");
        }
        text
    }
}
