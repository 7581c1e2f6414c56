//! `sigmascope render`: draws the window's picture to a PNG, SVG or PDF file, without a window.
//!
//! A [`Session`] without a display does the work: the same sums, dots and figure as in the window.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use serde::Serialize;

use super::{
    Failure, LookOptions, ProblemOptions,
    animation_options::{AnimationOptions, AnimationReport, facts, follow},
    beside_options::BesideOptions,
    bounds::{Bounds, parse_bounds},
    document_options::{DocumentOptions, RestoredFacts},
    options::check_output,
    page_options::{PageOptions, dots_told},
    reduce::check_finite,
    say, say_json,
    sigma::SigmaChoice,
    space_options::SpaceOptions,
    tell,
    told::{Told, tell_prepared},
};
use crate::{
    engine::{EngineId, Pace},
    figure::ViewBox,
    gpu::Gpu,
    model::{Params, Sigma},
    session::{
        Animation, Job, NoticeKind, OnScreen, PictureSpec, PictureSplit, Prepared, Restored,
        SavedWith, Scene, Session, Source, SpacePicture, SplitPlace, Viewport, check_place,
        files::Replace,
    },
};

/// Flags of `render`.
#[derive(Args, Clone, Debug)]
pub struct Render {
    /// File of the targets, whatever its format; several of the same columns are one cloud; - is
    /// standard input [default: generated points]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// File to write: its name ends in .png, .svg or .pdf, which says its kind; for an animation in .apng, .gif,
    /// or / for a folder of PNG files
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    /// Replace the file if it is there
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Print what was done as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    animation: AnimationOptions,
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
    #[command(flatten)]
    beside: BesideOptions,
    #[command(flatten)]
    pub(super) document: DocumentOptions,
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
    /// What the device itself took, by its own clock; `null` on the processor, and where it has none.
    device_seconds: Option<f64>,
    pairs_per_second: f64,
    error_bound: f64,
    f_min: f32,
    f_max: f32,
    f_sum: f64,
    out: String,
    width: u32,
    height: u32,
    /// What moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    animation: Option<AnimationReport>,
    /// What was restored of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<RestoredFacts>,
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
        let (mut params, restored) =
            self.document.params(&self.problem, &self.look, &self.files)?;
        let restored_document = restored.as_ref().map(|restored| &restored.document);
        let of_document = restored_document.and_then(|document| document.page.as_ref());
        let compared = self.beside.compared(restored_document)?;
        let animated = self.animation.choose(&self.out)?;
        // A frame is a still.
        let out = if animated.is_some() { Path::new("frame.png") } else { &self.out };
        let page = self.page.choose(out, of_document, |flag| self.document.has(flag))?;
        let pixels = page.pixels();
        if let Some((animation, format)) = &animated {
            animation.check(pixels, *format).map_err(Failure::bad_input)?;
        }
        self.animation.begin(&mut params);
        check_output(&params, &self.out).map_err(Failure::bad_input)?;
        let replace = if self.force { Replace::Yes } else { Replace::No };
        check_place(&self.out, replace)?;
        // It keeps what it read: the session reads no file again.
        let mut source = Source::default();
        let mut notes = self.problem.choose_sigma(&mut params, &mut source)?;
        self.look.axes.check(&mut params, &mut source)?;
        self.animation.space(&self.space).check(&mut params, &mut source)?;
        let gpu = Gpu::headless(self.problem.adapter.as_deref())?;
        let mut session =
            Session::new(gpu, source, Pace::HEADLESS, || ()).map_err(Failure::failed)?;
        session.apply(&params);
        let rows = restored.as_ref().map(|restored| Arc::clone(&restored.document.selection.0));
        let rows = rows.unwrap_or_default();
        session.selection().set(&rows, &params);
        finish(&session)?;
        let scene = session.state().scene.ok_or_else(|| Failure::failed("nothing was drawn"))?;
        let sigma = self.problem.sigma.or(params.sigma.map(SigmaChoice::Value));
        tell_prepared(&params, &scene.prepared, sigma);
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
        let space = self.space_picture(&scene, restored.as_ref())?;
        let (viewport, view) = self.viewport(&scene, restored.as_ref())?;
        let marks = session.state().selection.marks(&scene).map(|marks| Arc::clone(&marks.bits));
        let was_print = of_document.is_some_and(|page| page.style.print);
        if !(self.look.has_point_size() || was_print) && page.style.shrink_dots(&mut params.view) {
            let told = dots_told();
            tell(format!("note: {told}"));
            notes.push(told);
        }
        let strip = self.beside.strip(scene.sigma(), restored_document);
        let (drawn, split) = match compared {
            Some((sigma, place)) => compare(&mut session, &params, &scene, sigma, place)?,
            None => (scene.clone(), None),
        };
        let film = strip.clone();
        let spec = PictureSpec { page, view, space, look: params.view, marks, split, film };
        if scene.shown.space().is_some() {
            notes.push(format!("the targets lie in space, {}", spec.space.told(&scene)));
        }
        let path = self.out.clone();
        let on_screen = OnScreen {
            viewport,
            space: spec.space.viewport,
            direction: spec.space.direction,
            rows,
            compared_sigma: compared.map(|(sigma, _)| sigma),
            compared_place: compared.map(|(_, place)| place).unwrap_or_default(),
            strip,
            ..OnScreen::default()
        };
        let document = Some(Box::new(SavedWith { on_screen, paths: self.document.paths() }));
        session.jobs().add(match animated {
            None => Job::SavePicture { scene: drawn, spec, document, path, replace },
            Some((animation, format)) => Job::Animate(Box::new(Animation {
                scene: drawn,
                spec,
                animation,
                document,
                path,
                format,
                replace,
            })),
        });
        if animated.is_some() {
            follow(&session);
        }
        let told = finish(&session)?;
        let animation =
            animated.and_then(|(spec, _)| Some(AnimationReport::new(&spec, facts(&session)?)));
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
                device_seconds: scene.stats.device_seconds,
                pairs_per_second: scene.stats.pairs_per_second,
                error_bound: scene.stats.error_bound,
                f_min: range.min,
                f_max: range.max,
                f_sum: values.iter().map(|&f| f64::from(f)).sum(),
                out: self.out.display().to_string(),
                width: pixels[0],
                height: pixels[1],
                animation,
                restored: restored.as_ref().map(RestoredFacts::of),
                told: Told::new(&params, &scene.prepared, sigma, notes),
            };
            say_json(&report)
        } else {
            say(&told)
        }
    }
}

impl Render {
    /// From where targets in space are looked at.
    fn space_picture(
        &self,
        scene: &Scene,
        restored: Option<&Restored>,
    ) -> Result<SpacePicture, Failure> {
        let own = self.animation.space(&self.space).picture(scene, self.all)?;
        let Some(Restored { document, .. }) = restored else { return Ok(own) };
        let mut space =
            SpacePicture { viewport: document.space, direction: document.view_direction() };
        if self.document.has("camera") {
            (space.viewport.camera, space.direction) = (own.viewport.camera, own.direction);
        }
        if self.document.has("slab") {
            space.viewport.slab = own.viewport.slab;
        }
        space.viewport.all |= self.all;
        Ok(space)
    }

    /// The part of the plane, as it is called and as the picture shows it.
    fn viewport(
        &self,
        scene: &Scene,
        restored: Option<&Restored>,
    ) -> Result<(Viewport, Option<ViewBox>), Failure> {
        let is_given = self.document.has("all") || self.document.has("bounds");
        if let Some(Restored { document, .. }) = restored.filter(|_| !is_given) {
            return Ok((document.viewport, document.view(scene)));
        }
        let view = self.view(scene)?;
        let viewport =
            if self.all { Viewport::All } else { view.map_or(Viewport::Home, Viewport::Free) };
        Ok((viewport, view))
    }

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

/// What a picture of `scene` shows where it is compared with the same points at `sigma`: the scene that is drawn,
/// and what is on the other side of the line.
///
/// # Errors
/// When the other field cannot be computed.
fn compare(
    session: &mut Session,
    params: &Params,
    scene: &Arc<Scene>,
    sigma: Sigma,
    place: SplitPlace,
) -> Result<(Arc<Scene>, Option<PictureSplit>), Failure> {
    session.apply(&Params { sigma: Some(sigma), ..params.clone() });
    finish(session)?;
    let kept = session.state().scene.ok_or_else(|| Failure::failed("nothing was drawn"))?;
    if place.difference {
        let difference = scene.less(session.gpu(), &kept).map_err(Failure::failed)?;
        return Ok((Arc::new(difference), None));
    }
    Ok((scene.clone(), Some(PictureSplit::new(kept, scene, place))))
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
        session::{Drawn, OnScreen, command_line},
    };

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        render: Render,
    }

    /// What a command with these flags computes and shows.
    fn read(words: &[String]) -> Params {
        let start = ["render".to_owned()];
        let line = Line::try_parse_from(start.iter().chain(words)).expect("flags");
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
        let full = |name: &str| std::path::absolute(name).expect("a path");
        let input = Input::Files {
            targets: full("a b.csv"),
            sources: Some(full("c.npy")),
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
        for (params, dim) in [(files, 3), (generated, 2)] {
            let on_screen = OnScreen::default();
            let (page, labels) = (Vec::new(), Default::default());
            let drawn = Drawn {
                params: &params,
                on_screen: &on_screen,
                page,
                dim: Some(dim),
                labels: &labels,
            };
            let line = command_line(&drawn, "a.png").expect("sayable");
            let words = shlex::split(&line).expect("quoted");
            let found = read(&words[2..]);
            // Numbers that the command line decides by itself are no part of the question.
            let same = Params { n: found.n, m: found.m, dim: found.dim, ..params };
            assert_eq!(found, same, "{words:?}");
        }
    }
}
