//! `sigmascope render`: draws the window's picture to a PNG file, without a window.
//!
//! A [`Session`] without a display does the work: the same sums, dots and figure as in the window.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;

use super::{
    Failure, LookOptions, ProblemOptions,
    bounds::{Bounds, parse_bounds},
    document_options::{DocumentOptions, RestoredFacts},
    options::check_output,
    reduce::check_finite,
    say, say_json,
    sigma::SigmaChoice,
    space_options::SpaceOptions,
    tell,
    told::{Told, tell_prepared},
};
use crate::{
    engine::{EngineId, Pace},
    escape::escaped_path,
    figure::{self, ViewBox},
    gpu::Gpu,
    model::Theme,
    session::{
        Job, NoticeKind, OnScreen, Page, PictureSpec, Prepared, Restored, SavedWith, Scene,
        Session, Source, SpacePicture, Viewport,
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
    /// PNG file to write
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    /// Replace the file if it is there
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Print what was done as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Width and height of the picture in logical pixels, each 64 to 16384
    #[arg(long, value_name = "WxH", value_parser = parse_size, default_value = "1200x900",
          help_heading = "Output")]
    size: Size,
    /// Pixels of the file for each logical pixel, 1 to 8: 2 or 4 for print
    #[arg(long, value_name = "K", value_parser = parse_scale, default_value = "1",
          allow_hyphen_values = true, help_heading = "Output")]
    scale: u32,
    #[command(flatten)]
    problem: ProblemOptions,
    #[command(flatten)]
    look: LookOptions,
    /// Dark or light background
    #[arg(long, value_name = "NAME", value_parser = background(), default_value = "light",
          help_heading = "Look")]
    theme: Theme,
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
    pub(super) document: DocumentOptions,
}

/// Width and height as a flag's value.
#[derive(Clone, Copy, Debug)]
struct Size([u32; 2]);

fn parse_size(text: &str) -> Result<Size, String> {
    let side = |part: &str| part.trim().parse::<u32>().ok().filter(|s| (64..=16_384).contains(s));
    match text.split_once(['x', '×']).map(|(w, h)| (side(w), side(h))) {
        Some((Some(w), Some(h))) => Ok(Size([w, h])),
        _ => Err("expected WIDTHxHEIGHT, each from 64 to 16384".to_owned()),
    }
}

fn parse_scale(text: &str) -> Result<u32, String> {
    let scale = text.parse::<u32>().ok().filter(|scale| (1..=8).contains(scale));
    scale.ok_or_else(|| "expected a whole number from 1 to 8".to_owned())
}

/// The themes of a picture: it cannot follow the system's.
fn background() -> impl TypedValueParser<Value = Theme> {
    PossibleValuesParser::new([Theme::Dark, Theme::Light].map(Theme::name))
        .map(|name| name.parse::<Theme>().expect("the parser lets only these names through"))
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
        let extension = self.out.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if extension != "png" {
            return Err(Failure::bad_input(format!(
                "--out {}: expected a name that ends in .png",
                escaped_path(&self.out)
            )));
        }
        let page = self.page(restored.as_ref());
        let [width, height] = page.size;
        let pixels = page.size.map(|side| (side as f32 * page.scale).round() as u32);
        figure::check_size(pixels).map_err(|err| {
            Failure::bad_input(format!("--size {width}x{height} --scale {}: {err}", page.scale))
        })?;
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
        let Page { size, scale, dark } = page;
        let spec = PictureSpec { size, scale, dark, view, space, look: params.view, marks };
        if scene.shown.space().is_some() {
            notes.push(format!("the targets lie in space, {}", spec.space.told(&scene)));
        }
        let path = self.out.clone();
        let on_screen = OnScreen {
            viewport,
            space: spec.space.viewport,
            direction: spec.space.direction,
            rows,
            ..OnScreen::default()
        };
        let document = Some(Box::new(SavedWith { on_screen, paths: self.document.paths() }));
        session.jobs().add(Job::SavePicture {
            scene: scene.clone(),
            spec,
            document,
            path,
            replace,
        });
        let told = finish(&session)?;
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
    /// How large the picture is, and on which background.
    fn page(&self, restored: Option<&Restored>) -> Page {
        let own =
            Page { size: self.size.0, scale: self.scale as f32, dark: self.theme == Theme::Dark };
        let Some(page) = restored.and_then(|restored| restored.document.page) else { return own };
        Page {
            size: if self.document.has("size") { own.size } else { page.size },
            scale: if self.document.has("scale") { own.scale } else { page.scale },
            dark: if self.document.has("theme") { own.dark } else { page.dark },
        }
    }

    /// From where targets in space are looked at.
    fn space_picture(
        &self,
        scene: &Scene,
        restored: Option<&Restored>,
    ) -> Result<SpacePicture, Failure> {
        let own = self.space.picture(scene, self.all)?;
        let Some(Restored { document, .. }) = restored else { return Ok(own) };
        let mut space =
            SpacePicture { viewport: document.space, direction: document.view_direction() };
        if self.document.has("camera") {
            (space.viewport.camera, space.direction) = (None, own.direction);
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
