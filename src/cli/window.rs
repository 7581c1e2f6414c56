//! `sigmascope` without a subcommand: opens the window.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{Failure, LookOptions, ProblemOptions};
use crate::{
    app::{self, AppError, FrameLog, Startup},
    escape::escaped_path,
    io::check,
    model::{Input, Params, Projection, Theme},
    session::{Notice, OwnFiles, Saved, Settings, Source, found_in, is_document},
};

/// Flags of the window.
#[derive(Args, Clone, Debug)]
pub struct Window {
    /// File of the targets, whatever its format; several of the same columns are one cloud; - is
    /// standard input [default: generated points]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    problem: ProblemOptions,
    #[command(flatten)]
    look: LookOptions,
    /// Dark or light window, or as the system has it [default: as it was last]
    #[arg(long, value_name = "NAME", value_parser = named_theme(), help_heading = "Look")]
    theme: Option<Theme>,
    /// Read a file again by itself when it changes on disk; σ, the view and the selected rows stay as they are
    /// [default: it is offered]
    #[arg(long, help_heading = "Reading")]
    watch: bool,
    /// Record every frame of the window in this file (.csv), for measuring
    #[arg(long, value_name = "FILE", help_heading = "Look")]
    frame_log: Option<PathBuf>,
    /// The names of the arguments that were given.
    #[arg(skip)]
    pub(super) given: BTreeSet<String>,
}

fn named_theme() -> impl TypedValueParser<Value = Theme> {
    PossibleValuesParser::new(Theme::NAMES)
        .map(|name| name.parse::<Theme>().expect("the parser lets only these names through"))
}

impl Window {
    /// Opens the window, and returns when it is closed.
    ///
    /// # Errors
    /// When the flags make no sense, or the window cannot be opened or crashes.
    pub fn run(self) -> Result<(), Failure> {
        let Self { files: mut points, problem, look, theme, watch, frame_log, given } = self;
        let opens = match &points[..] {
            [document] if is_document(document) => {
                check_document(document, &given)?;
                points.pop()
            }
            _ => None,
        };
        let files = OwnFiles::of_this_user();
        let (mut settings, unreadable) = files.as_ref().map(Settings::load).unwrap_or_default();
        settings.theme = theme.or(settings.theme);
        let mut params = problem.params(&points).map_err(Failure::bad_input)?;
        look.apply(&mut params, settings.color_map).map_err(Failure::bad_input)?;
        if !look.axes.is_given() {
            params.projection = Projection::opening(&params.input);
        }
        check_files(&params)?;
        let mut source = Source::default();
        look.axes.check(&mut params, &mut source)?;
        problem.choose_sigma(&mut params, &mut source)?;
        let frame_log = frame_log.map(|path| {
            FrameLog::create(&path).map_err(|err| {
                let path = escaped_path(&path);
                Failure::bad_input(format!("--frame-log {path}: {err}"))
            })
        });
        let recovered = files.as_ref().map_or(Ok(None), Saved::recovered);
        let told = unreadable.iter().chain(recovered.as_ref().err());
        app::run(Startup {
            notices: told.map(Notice::from).collect(),
            recovered: recovered.unwrap_or_default(),
            settings,
            files,
            adapter: problem.adapter,
            opens,
            watches: watch,
            frame_log: frame_log.transpose()?,
            ..Startup::new(params)
        })
        .map_err(|err| match err {
            AppError::NoDisplay(_) => Failure::no_display(err),
            AppError::Gpu(err) => err.into(),
            AppError::Window(_) | AppError::Crashed { .. } => Failure::failed(err),
        })
    }
}

/// Refuses a picture or session that cannot be opened, and flags that would change what it shows.
fn check_document(document: &Path, given: &BTreeSet<String>) -> Result<(), Failure> {
    let path = escaped_path(document);
    found_in(document).map_err(|err| Failure::bad_input(format!("{path}: {err}")))?;
    let is_other =
        |id: &&String| !["files", "theme", "watch", "frame_log", "adapter"].contains(&id.as_str());
    match given.iter().find(is_other) {
        None => Ok(()),
        Some(id) => Err(Failure::bad_input(format!(
            "--{} with {path}: it opens as it was saved; change it in the window, or with `sigmascope \
             render --from {path}`",
            id.replace('_', "-"),
        ))),
    }
}

/// Refuses files that cannot be opened, so that a mistyped name ends the program instead of opening a
/// window with other points.
fn check_files(params: &Params) -> Result<(), Failure> {
    if let Input::Files { targets, sources, .. } = &params.input {
        for path in std::iter::once(targets).chain(sources) {
            check(path).map_err(Failure::bad_input)?;
        }
    }
    Ok(())
}
