//! `sigmascope render`: draws the window's picture to a PNG, SVG or PDF file, without a window.
//!
//! A [`Session`] without a display does the work: the same sums, dots and figure as in the window.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use serde::Serialize;

use super::{
    Failure, LookOptions, ProblemOptions,
    bounds::{Bounds, parse_bounds},
    options::check_output,
    page_options::{Chosen, PageOptions, dots_told},
    reduce::check_finite,
    say, say_json,
    space_options::SpaceOptions,
    tell,
    told::{Told, tell_prepared},
};
use crate::{
    engine::{EngineId, Pace},
    figure::ViewBox,
    gpu::Gpu,
    session::{
        Job, NoticeKind, PictureSpec, Prepared, Scene, Session, Source,
        files::{self, Replace},
    },
};

/// Flags of `render`.
#[derive(Args, Clone, Debug)]
pub struct Render {
    /// File of the targets, whatever its format; several of the same columns are one cloud; - is
    /// standard input [default: generated points]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// File to write: its name ends in .png, .svg or .pdf, which says its kind
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    /// Replace the file if it is there
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Print what was done as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    page: PageOptions,
    #[command(flatten)]
    problem: ProblemOptions,
    #[command(flatten)]
    look: LookOptions,
    /// Show all targets, however far some lie from the rest
    #[arg(long, help_heading = "Look")]
    all: bool,
    /// The part of the plane to show; without --stretch one axis is widened where one unit is as long on
    /// both [default: the bulk of the targets]
    #[arg(long, value_name = "X0,X1,Y0,Y1", value_parser = parse_bounds,
          allow_hyphen_values = true, conflicts_with = "all", help_heading = "Look")]
    bounds: Option<Bounds>,
    #[command(flatten)]
    space: SpaceOptions,
}

#[derive(Serialize)]
struct Report {
    engine: EngineId,
    adapter: String,
    n: usize,
    m: usize,
    dim: usize,
    sigma: f64,
    chunk: usize,
    seconds: f64,
    pairs_per_second: f64,
    error_bound: f64,
    f_min: f32,
    f_max: f32,
    f_sum: f64,
    out: String,
    width: u32,
    height: u32,
    /// What was decided for the user.
    #[serde(flatten)]
    told: Told,
}

impl Render {
    /// Runs the command.
    ///
    /// # Errors
    /// When the input makes no sense, there is no adapter, or writing fails.
    pub fn run(&self) -> Result<(), Failure> {
        let mut params = self.problem.params(&self.files).map_err(Failure::bad_input)?;
        self.look.apply(&mut params, None).map_err(Failure::bad_input)?;
        let Chosen { sheet, page, dark } = self.page.choose(&self.out)?;
        let pixels = sheet.pixels();
        check_output(&params, &self.out).map_err(Failure::bad_input)?;
        let replace = if self.force { Replace::Yes } else { Replace::No };
        files::check(&self.out, replace)?;
        // It keeps what it read: the session reads no file again.
        let mut source = Source::default();
        let mut notes = self.problem.choose_sigma(&mut params, &mut source)?;
        self.look.axes.check(&mut params, &mut source)?;
        self.space.check(&mut params, &mut source)?;
        let gpu = Gpu::headless(self.problem.adapter.as_deref())?;
        let mut session =
            Session::new(gpu, source, Pace::HEADLESS, || ()).map_err(Failure::failed)?;
        session.apply(&params);
        finish(&session)?;
        let scene = session.state().scene.ok_or_else(|| Failure::failed("nothing was drawn"))?;
        tell_prepared(&params, &scene.prepared, self.problem.sigma);
        for caution in scene.prepared.cautions(Some(&scene.field_facts())) {
            tell(format!("note: {caution}"));
            notes.push(caution.to_string());
        }
        if params.view.marginals && scene.shown.is_line() {
            return Err(Failure::bad_input(
                "--marginals: expected points of two or more coordinates, found one; drop the flag: \
                 --raster draws the curve of f",
            ));
        }
        if params.view.contours.is_some() {
            check_contours(&scene.prepared).map_err(Failure::bad_input)?;
        }
        if !self.look.has_point_size() && page.shrink_dots(&mut params.view) {
            let told = dots_told();
            tell(format!("note: {told}"));
            notes.push(told);
        }
        let spec = PictureSpec {
            size: sheet.size,
            scale: sheet.scale,
            dark,
            view: self.view(&scene)?,
            space: self.space.picture(&scene, self.all)?,
            look: params.view,
            marks: None,
            page,
            split: None,
        };
        if scene.shown.space().is_some() {
            notes.push(format!("the targets lie in space, {}", spec.space.told(&scene)));
        }
        let path = self.out.clone();
        session.jobs().add(Job::SavePicture { scene: scene.clone(), spec, path, replace });
        let told = finish(&session)?;
        let mut lines = told.lines();
        let told = lines.next().unwrap_or_default().to_owned();
        for note in lines {
            tell(format!("note: {note}"));
            notes.push(note.to_owned());
        }
        if self.json {
            let chunk = params.chunk;
            let points = &scene.prepared.points;
            let range = scene.field.range();
            let values = scene.field.read(session.gpu())?;
            check_finite(values.iter().copied().map(f64::from))?;
            let report = Report {
                engine: scene.stats.engine,
                adapter: session.gpu().adapter().title(),
                n: points.n(),
                m: points.m(),
                dim: points.dim(),
                sigma: scene.sigma().get(),
                chunk: chunk.resolve(points.m()),
                seconds: scene.stats.seconds,
                pairs_per_second: scene.stats.pairs_per_second,
                error_bound: scene.stats.error_bound,
                f_min: range.min,
                f_max: range.max,
                f_sum: values.iter().map(|&f| f64::from(f)).sum(),
                out: self.out.display().to_string(),
                width: pixels[0],
                height: pixels[1],
                told: Told::new(&params, &scene.prepared, self.problem.sigma, notes),
            };
            say_json(&report)
        } else {
            say(&told)
        }
    }
}

impl Render {
    /// The part of the plane that the picture shows, unless it is the bulk of the targets.
    fn view(&self, scene: &Scene) -> Result<Option<ViewBox>, Failure> {
        let Some(Bounds { x, y }) = self.bounds else {
            return Ok(self.all.then(|| scene.all()));
        };
        let y = y.or_else(|| scene.shown.is_line().then(|| scene.most().y));
        let y = y.ok_or_else(|| {
            Failure::bad_input(
                "--bounds: found two numbers, expected four, X0,X1,Y0,Y1, for points of two or more \
                 coordinates",
            )
        })?;
        Ok(Some(ViewBox { x, y }))
    }
}

/// Refuses contours of points that have none, before their picture is drawn.
fn check_contours(prepared: &Prepared) -> Result<(), &'static str> {
    let points = &prepared.points;
    if points.dim() == 1 {
        return Err(
            "--contours: expected points of two or more coordinates, found one; drop the flag",
        );
    }
    if points.sources().has_negative_weights() {
        return Err(
            "--contours: some weights are negative, so that f is no density and has no contours of its \
             mass; drop the flag",
        );
    }
    Ok(())
}

/// Waits until the session is done and returns its message.
///
/// # Errors
/// With the first error that the session reports.
fn finish(session: &Session) -> Result<String, Failure> {
    // However long the work takes, the command waits for its end.
    while !session.wait(Duration::from_hours(1)) {}
    let mut told = String::new();
    for notice in session.take_notices() {
        if notice.kind == NoticeKind::Done {
            told = notice.text;
        } else {
            return Err(notice.into());
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Render;
    use crate::{
        model::{
            ColorBy, ColorMap, DrawOrder, Input, Masses, Params, Projection, Scaling, Sigma,
            ViewParams,
        },
        session::flags,
    };

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        render: Render,
    }

    /// What a command with these flags computes and shows.
    fn read(words: Vec<String>) -> Params {
        let start = ["render", "--out", "a.png"].map(str::to_owned);
        let line = Line::try_parse_from(start.into_iter().chain(words)).expect("flags");
        let Render { problem, look, files, .. } = line.render;
        let mut params = problem.params(&files).expect("a problem");
        look.apply(&mut params, None).expect("a look");
        params
    }

    #[test]
    fn what_flags_are_made_of_is_what_they_are_read_as() {
        let view = ViewParams {
            color_map: ColorMap::Magma,
            reversed: true,
            scaling: Scaling::Log,
            point_size: 2.5,
            opacity: 0.25,
            clip: Some([0.1, 30.0]),
            order: DrawOrder::Dense,
            equal_aspect: false,
            log_axes: [true, false],
            contours: Some(Masses::new(&[0.5, 0.9]).expect("parts")),
            dots: false,
            raster: true,
            marginals: true,
            ..ViewParams::default()
        };
        let input = Input::Files {
            targets: "a b.csv".into(),
            sources: Some("c.npy".into()),
            columns: vec!["x".to_owned(), "y".to_owned(), "z".to_owned()],
        };
        let sigma = Some(Sigma::new(0.123_456_789).expect("a width"));
        let files = Params {
            input,
            sigma,
            view,
            merge_duplicates: true,
            seed: 7,
            projection: Projection::Axes([2, 0]),
            color_by: ColorBy::Column("f".to_owned()),
            ..Params::default()
        };
        let generated = Params { sigma, seed: 3, ..Params::default() };
        for params in [files, generated] {
            let (words, untold) = flags(&params);
            assert_eq!(untold, Vec::<&str>::new());
            let found = read(words.clone());
            // Numbers that the command line decides by itself are no part of the question.
            let same = Params { n: found.n, m: found.m, dim: found.dim, ..params };
            assert_eq!(found, same, "{words:?}");
        }
    }
}
