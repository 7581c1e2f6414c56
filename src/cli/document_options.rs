//! The flags that draw a picture again from its document, with changes.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, Args, parser::ValueSource};
use serde::Serialize;

use super::{Failure, LookOptions, ProblemOptions, tell};
use crate::{
    escape::{escaped, escaped_path},
    model::{Input, Params},
    session::{Document, DocumentError, Given, Missing, Paths, Restored, files::full_path},
};

/// From which document a picture is drawn again, and what its own document tells.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct DocumentOptions {
    /// Draw again what this picture or session shows, as the program saved it (.png, .svg, .pdf, .sigmascope),
    /// with the engine that computed it; any other flag counts only where it is given
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    from: Option<PathBuf>,
    /// Tell in the picture where the files of the points are, by absolute paths, so that it can be opened from
    /// another folder [default: their names alone]
    #[arg(long, help_heading = "Output")]
    embed_paths: bool,
    /// The names of the arguments that were given.
    #[arg(skip)]
    pub(super) given: BTreeSet<String>,
}

/// The names of the arguments that were given on the command line, rather than left at their defaults.
pub(super) fn given_in(matches: &ArgMatches) -> BTreeSet<String> {
    let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    // Groups have names, too, and no source.
    let names = matches
        .ids()
        .map(clap::Id::as_str)
        .filter(|id| matches.try_contains_id(id).is_ok() && is_given(id));
    names.map(ToOwned::to_owned).collect()
}

/// What was restored, for scripts.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RestoredFacts {
    from: String,
    /// The version of the program that wrote the document.
    program: String,
    files: Vec<String>,
    selected: u64,
    /// What has changed since.
    changed: Vec<String>,
}

impl RestoredFacts {
    pub(super) fn of(restored: &Restored) -> Self {
        Self {
            from: restored.from.display().to_string(),
            program: restored.document.program.clone(),
            files: restored.given.iter().map(|(_, place)| place.display().to_string()).collect(),
            selected: restored.document.selection.0.count(),
            changed: restored.told.clone(),
        }
    }
}

impl DocumentOptions {
    /// How the document of the picture names files.
    pub(super) fn paths(&self) -> Paths {
        if self.embed_paths { Paths::Embedded } else { Paths::Names }
    }

    /// Whether an argument was given.
    pub(super) fn has(&self, id: &str) -> bool {
        self.given.contains(id)
    }

    /// The parameters that the flags describe: all of them, or what they change of a document, which comes
    /// with it.
    ///
    /// # Errors
    /// When flags contradict each other, there is no document, or a file of its points is missing.
    pub(super) fn params(
        &self,
        problem: &ProblemOptions,
        look: &LookOptions,
        files: &[PathBuf],
    ) -> Result<(Params, Option<Restored>), Failure> {
        let Some(from) = &self.from else {
            let mut params = problem.params(files).map_err(Failure::bad_input)?;
            look.apply(&mut params, None).map_err(Failure::bad_input)?;
            return Ok((params, None));
        };
        let restored = Self::restored(from, problem, files)?;
        let pinned = restored.document.pinned_params();
        let own = match &pinned.input {
            Input::Files { targets, .. } if files.is_empty() && !self.has("targets") => {
                vec![targets.clone()]
            }
            _ => files.to_vec(),
        };
        let mut flags = problem.params(&own).map_err(Failure::bad_input)?;
        look.apply(&mut flags, None).map_err(Failure::bad_input)?;
        let mut params = self.changed(pinned, &flags);
        if self.has("axes") {
            look.axes.apply(&mut params).map_err(Failure::bad_input)?;
        }
        if !params.view.clip_is_legal() {
            return Err(Failure::bad_input(
                "the range of the colours in the picture does not suit --scaling log: give --range too",
            ));
        }
        for change in &restored.told {
            tell(format!("note: {change}"));
        }
        Ok((params, Some(restored)))
    }

    /// The document, with the files of its points.
    fn restored(
        from: &Path,
        problem: &ProblemOptions,
        files: &[PathBuf],
    ) -> Result<Restored, Failure> {
        let bad = |err: DocumentError| {
            Failure::bad_input(format!("--from {}: {err}", escaped_path(from)))
        };
        let restored = Restored::read(from, &Given::new()).map_err(bad)?;
        let given = given_files(&restored.document, problem, files);
        let restored =
            if given.is_empty() { restored } else { Restored::read(from, &given).map_err(bad)? };
        match &restored.missing[..] {
            [] => Ok(restored),
            [Missing { name, .. }, ..] => Err(Failure::bad_input(format!(
                "--from {}: {} is not beside it, in {}: put it there, or name it with --targets, --sources \
                 or --weights",
                escaped_path(from),
                escaped(name),
                escaped_path(full_path(from).parent().unwrap_or(from)),
            ))),
        }
    }

    /// The parameters of a document with what flags change of them.
    fn changed(&self, mut params: Params, flags: &Params) -> Params {
        /// Takes each field whose flag was given.
        macro_rules! take {
            ($($($field:ident).+ = $flag:literal),* $(,)?) => {
                $(if self.has($flag) { params.$($field).+ = flags.$($field).+.clone(); })*
            };
        }
        if ["files", "targets", "sources"].iter().any(|flag| self.has(flag)) {
            let columns = match params.input {
                Input::Files { columns, .. } => columns,
                Input::Generated => Vec::new(),
            };
            params.input = flags.input.clone();
            if let Input::Files { columns: own, .. } = &mut params.input
                && own.is_empty()
            {
                *own = columns;
            }
        } else if let (Input::Files { columns, .. }, Input::Files { columns: own, .. }, true) =
            (&mut params.input, &flags.input, self.has("columns"))
        {
            columns.clone_from(own);
        }
        take!(
            reading.more = "files",
            reading.header = "header",
            reading.skip_rows = "skip_rows",
            reading.strict = "strict",
            reading.missing = "missing",
            reading.transpose = "transpose",
            reading.log = "log",
            dim = "dim",
            weights = "weights",
            distribution = "distribution",
            seed = "seed",
            n = "n",
            m = "m",
            merge_duplicates = "merge_duplicates",
            axis_scaling = "whiten",
            sigma = "sigma",
            normalisation = "normalise",
            engine = "engine",
            chunk = "chunk",
            tolerance = "tolerance",
            color_by = "color_by",
            view.color_map = "color_map",
            view.reversed = "reversed",
            view.scaling = "scaling",
            view.point_size = "point_size",
            view.opacity = "opacity",
            view.equal_aspect = "stretch",
            view.order = "order",
            view.log_axes = "log_axes",
            view.contours = "contours",
            view.raster = "raster",
            view.marginals = "marginals",
            view.dots = "no_dots",
        );
        if self.has("range") || self.has("percentile") {
            (params.view.clip, params.view.percentile) = (flags.view.clip, flags.view.percentile);
        }
        params
    }
}

/// Where flags say that files of a document are.
fn given_files(document: &Document, problem: &ProblemOptions, files: &[PathBuf]) -> Given {
    let Input::Files { targets, sources, .. } = &document.params.input else {
        return Given::new();
    };
    let named = problem.files();
    let targets = Some(targets).zip(files.first().or(named[0]));
    let sources = sources.as_ref().zip(named[1]);
    let pairs = targets.into_iter().chain(sources);
    let mut given = Given::new();
    for (name, place) in pairs {
        let used_as = document.files.iter().map(|record| &record.used_as);
        given.extend(
            used_as
                .filter(|used_as| Path::new(used_as) == name)
                .map(|used_as| (used_as.clone(), place.clone())),
        );
    }
    given
}
