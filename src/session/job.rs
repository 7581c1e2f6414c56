//! Jobs: work that only reads a scene, such as saving pictures, reading values, comparisons.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Animation, AnimationFacts, Comparison, FieldTable, FilmSpec, FirstRows, Given, Notice,
    NoticeKind, OwnFiles, Page, PictureSpec, Restored, SavedWith, Scene, Settings, TableFormat,
    TargetRows, With,
    document_job::{copy_command, document_json, open_document, save_session},
    files::{Output, Replace, WriteError, full_path},
    picture::{self, PictureError, PixelPicture},
};
use crate::{
    engine::{EngineId, Unobserved},
    escape::escaped_path,
    gpu::Gpu,
    io::LoadError,
    model::Params,
    numbers::format_number,
    selection::RowBits,
};

/// Something to do with a scene.
pub enum Job {
    /// Draw it and write it to a file.
    SavePicture {
        /// What to draw.
        scene: Arc<Scene>,
        /// How.
        spec: PictureSpec,
        /// What else its document says; `None` writes none.
        document: Option<Box<SavedWith>>,
        /// Where to.
        path: PathBuf,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Write the document of what is on screen to a file.
    SaveSession {
        /// The parameters.
        params: Box<Params>,
        /// What is drawn, if anything is.
        scene: Option<Arc<Scene>>,
        /// What else it says.
        document: Box<SavedWith>,
        /// Where to.
        path: PathBuf,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Write the document of what is on screen to the first free name, and hand over the command that draws
    /// it again.
    CopyCommand {
        /// The parameters.
        params: Box<Params>,
        /// What is drawn, if anything is.
        scene: Option<Arc<Scene>>,
        /// What else it says.
        document: Box<SavedWith>,
        /// The page it is drawn on.
        page: Box<Page>,
        /// Name of the file that the command writes.
        out: String,
        /// What flags cannot say, in words.
        unsaid: Vec<&'static str>,
    },
    /// Find out which of these files are not there.
    LookFor(Vec<PathBuf>),
    /// Read the document in a file, and find the files of its input.
    OpenDocument {
        /// The file: a picture or a session.
        path: PathBuf,
        /// Where the user says that files are.
        given: Given,
    },
    /// Draw it and hand over the picture.
    CopyPicture {
        /// What to draw.
        scene: Arc<Scene>,
        /// How.
        spec: PictureSpec,
    },
    /// Draw it small, and hand over the picture to be looked at before it is saved.
    PreviewPicture {
        /// What to draw.
        scene: Arc<Scene>,
        /// How.
        spec: PictureSpec,
    },
    /// Bring its values to memory, where [`crate::gpu::Field::values`] finds them.
    ReadValues {
        /// Which values.
        scene: Arc<Scene>,
    },
    /// Write an image that is in memory already to the first free name of this kind.
    SaveImage {
        /// RGBA, row by row from the top.
        image: Arc<dyn AsRef<[u8]> + Send + Sync>,
        /// Width and height.
        size: [u32; 2],
        /// The name before its number: `stem-1.png`, `stem-2.png`, …
        stem: PathBuf,
    },
    /// Write a table of f.
    SaveTable {
        /// The field, with its points.
        scene: Arc<Scene>,
        /// Where to.
        path: PathBuf,
        /// Of which kind.
        format: TableFormat,
        /// What stands beside f.
        with: With,
        /// The rows that are written, where not all are.
        rows: Option<Arc<RowBits>>,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Write the table of a comparison, as comma-separated values.
    SaveComparison {
        /// Which.
        comparison: Arc<Comparison>,
        /// Where to.
        path: PathBuf,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Hand over the numbers of rows as text, one a line.
    CopyRows(Arc<RowBits>),
    /// Read the first rows of a file.
    ReadRows(TargetRows),
    /// Subtract one field from another of the same points.
    Subtract {
        /// What is subtracted.
        kept: Arc<Scene>,
        /// From what.
        from: Arc<Scene>,
    },
    /// Run these engines on the points of the newest scene, once nothing else is under way: see
    /// [`super::Comparison`].
    Compare {
        /// Which.
        engines: Vec<EngineId>,
    },
    /// Make small pictures of a scene at other σ, once nothing else is under way: see
    /// [`super::Filmstrip`]. They take the place of those asked for before.
    Film(FilmSpec),
    /// Draw pictures one after the other, and write them to a file or a folder. A frame is drawn whenever nothing
    /// else is under way: see [`super::JobControl::animation`].
    Animate(Box<Animation>),
    /// Remember settings.
    SaveSettings {
        /// Where.
        files: OwnFiles,
        /// Which.
        settings: Settings,
    },
}

/// What came of a job, for the owner to act on.
pub enum Outcome {
    /// A picture for the clipboard.
    Picture {
        /// RGBA, row by row from the top.
        rgba: Vec<u8>,
        /// Width and height.
        size: [u32; 2],
    },
    /// A small picture to look at, with what was decided for the user, or why there is none.
    Preview(Result<PixelPicture, String>),
    /// Text for the clipboard.
    Text(String),
    /// The first rows of a file.
    Rows(Box<FirstRows>),
    /// The difference of two fields.
    Difference(Arc<Scene>),
    /// The files that are not there.
    Gone(Vec<PathBuf>),
    /// A document that was read.
    Document(Box<Restored>),
    /// What is known of an animation that was saved.
    Animated(AnimationFacts),
}

/// What came of a job that went well.
#[derive(Default)]
pub(super) struct Done {
    /// What to tell the user.
    pub(super) told: Option<String>,
    /// What to hand to the owner.
    pub(super) outcome: Option<Outcome>,
}

impl Done {
    fn saved(path: &Path) -> Self {
        Self { told: Some(format!("Saved {}", escaped_path(&full_path(path)))), outcome: None }
    }

    /// The same with what was decided for the user, each on a line of its own.
    fn with(self, decided: &[String]) -> Self {
        let told = self.told.map(|told| {
            std::iter::once(&told).chain(decided).cloned().collect::<Vec<_>>().join("\n")
        });
        Self { told, ..self }
    }
}

impl Job {
    /// Does it. `go_on` is told which part of a large picture is drawn, at its end nothing, and says whether to go
    /// on.
    pub(super) fn run(
        self,
        gpu: &Gpu,
        go_on: &dyn Fn(Option<f64>) -> bool,
    ) -> Result<Done, Notice> {
        match self {
            Self::SavePicture { scene, spec, document, path, replace } => {
                let output = Output::open(&path, replace)?;
                let failed = |err: PictureError| not_saved(&path, &err);
                let mut decided = Vec::new();
                let document = document.and_then(|document| {
                    let json = document_json(&document, &scene, &spec, gpu);
                    json.map_err(|err| decided.push(format!("it cannot be opened again: {err}")))
                        .ok()
                });
                let document = document.as_deref();
                let told = if picture::needs_strips(spec.page.pixels(), spec.page.style.format) {
                    let file = std::io::BufWriter::with_capacity(1 << 20, output.file()?);
                    let part = |part| go_on(Some(part));
                    let drawn = picture::draw_in_strips(gpu, &scene, &spec, document, file, part);
                    go_on(None);
                    let told = drawn.map_err(failed)?;
                    output.complete()?;
                    told
                } else {
                    let mut part = |part| go_on(Some(part));
                    let drawn = picture::draw_watched(gpu, &scene, &spec, document, &mut part);
                    go_on(None);
                    let drawn = drawn.map_err(failed)?;
                    output.finish(&drawn.bytes)?;
                    drawn.told
                };
                decided.extend(told);
                Ok(Done::saved(&path).with(&decided))
            }
            Self::SaveSession { params, scene, document, path, replace } => {
                let output = Output::open(&path, replace)?;
                let json = save_session(*params, scene.as_deref(), &document, gpu);
                let json = json.map_err(|err| not_saved(&path, &err))?;
                output.finish(json.as_bytes())?;
                Ok(Done::saved(&path))
            }
            Self::CopyCommand { params, scene, document, page, out, unsaid } => copy_command(
                &document.document(*params, scene.as_deref(), gpu, Some(*page)),
                &out,
                &unsaid,
            ),
            Self::LookFor(files) => {
                let gone =
                    files.into_iter().filter(|path| crate::io::check(path).is_err()).collect();
                Ok(Done { told: None, outcome: Some(Outcome::Gone(gone)) })
            }
            Self::OpenDocument { path, given } => open_document(&path, &given),
            Self::CopyPicture { scene, spec } => {
                let (rgba, size, _) = picture::pixels(gpu, &scene, &spec)?;
                let [width, height] = size;
                let told = Some(format!("Copied the picture, {width} × {height} pixels"));
                Ok(Done { told, outcome: Some(Outcome::Picture { rgba, size }) })
            }
            Self::PreviewPicture { scene, spec } => {
                let drawn = match picture::preview(gpu, &scene, &spec) {
                    // What ends the device ends more than a preview.
                    Err(err @ PictureError::Gpu(_)) => return Err(err.into()),
                    drawn => drawn.map_err(|err| err.to_string()),
                };
                Ok(Done { told: None, outcome: Some(Outcome::Preview(drawn)) })
            }
            Self::ReadValues { scene } => {
                scene.field.read(gpu).map_err(PictureError::from)?;
                Ok(Done::default())
            }
            Self::SaveTable { scene, path, format, with, rows, replace } => {
                let output = Output::open(&path, replace)?;
                let field = scene.field.read(gpu).map_err(PictureError::from)?;
                let field: Vec<f64> = field.iter().map(|f| f64::from(*f)).collect();
                let table = FieldTable {
                    prepared: &scene.prepared,
                    field: &field,
                    with: &with,
                    rows: rows.as_deref(),
                };
                let written = table.write(format, output.file()?, &mut Unobserved);
                written.map_err(|err| not_saved(&path, &err))?;
                output.complete()?;
                Ok(Done::saved(&path))
            }
            Self::SaveComparison { comparison, path, replace } => {
                let output = Output::open(&path, replace)?;
                let table = comparison.csv().map_err(|err| not_saved(&path, &err))?;
                output.finish(table.as_bytes())?;
                Ok(Done::saved(&path))
            }
            Self::CopyRows(rows) => {
                let lines: Vec<String> = rows.rows().map(|row| row.to_string()).collect();
                let text = lines.join("\n") + "\n";
                let count = format_number(rows.count() as f64, 12);
                let told = Some(format!("Copied the numbers of {count} rows, from 0"));
                Ok(Done { told, outcome: Some(Outcome::Text(text)) })
            }
            Self::ReadRows(rows) => {
                let rows = FirstRows::read(&rows).map_err(|err| not_read(&err))?;
                Ok(Done { told: None, outcome: Some(Outcome::Rows(Box::new(rows))) })
            }
            Self::Subtract { kept, from } => {
                let scene = from.less(gpu, &kept).map_err(PictureError::from)?;
                Ok(Done { told: None, outcome: Some(Outcome::Difference(Arc::new(scene))) })
            }
            Self::SaveImage { image, size, stem } => {
                let png = picture::encode((*image).as_ref(), size)?;
                save_numbered(&stem, &png)
            }
            // The worker does it itself, and other jobs in between.
            Self::Compare { .. } | Self::Film(_) | Self::Animate(_) => Ok(Done::default()),
            Self::SaveSettings { files, settings } => {
                settings.save(&files)?;
                Ok(Done::default())
            }
        }
    }
}

impl Job {
    /// Whether it compares engines.
    pub(super) fn is_comparison(&self) -> bool {
        matches!(self, Self::Compare { .. })
    }

    /// Whether it makes small pictures.
    pub(super) fn is_film(&self) -> bool {
        matches!(self, Self::Film(_))
    }

    /// Whether it saves an animation.
    pub(super) fn is_animation(&self) -> bool {
        matches!(self, Self::Animate(_))
    }

    /// Whether it is done only while nothing else is under way.
    pub(super) fn is_patient(&self) -> bool {
        self.is_comparison() || self.is_film() || self.is_animation()
    }

    /// What to tell of a job that was not done before the worker ended.
    pub(super) fn not_done(&self) -> Option<Notice> {
        match self {
            Self::SavePicture { path, .. }
            | Self::SaveSession { path, .. }
            | Self::SaveTable { path, .. }
            | Self::SaveComparison { path, .. } => Some(not_saved(path, &"the device was lost")),
            Self::Animate(animation) => Some(not_saved(&animation.path, &"the device was lost")),
            Self::SaveImage { stem, .. } => Some(not_saved(stem, &"the device was lost")),
            Self::CopyPicture { .. }
            | Self::CopyCommand { .. }
            | Self::LookFor(_)
            | Self::OpenDocument { .. }
            | Self::PreviewPicture { .. }
            | Self::ReadValues { .. }
            | Self::CopyRows(_)
            | Self::ReadRows(_)
            | Self::Subtract { .. }
            | Self::Compare { .. }
            | Self::Film(_)
            | Self::SaveSettings { .. } => None,
        }
    }
}

fn not_saved(path: &Path, reason: &dyn std::fmt::Display) -> Notice {
    let text = format!("{} was not saved: {reason}; save it again", escaped_path(&full_path(path)));
    Notice { kind: NoticeKind::Failed, text }
}

/// That a file could not be read again.
fn not_read(err: &LoadError) -> Notice {
    Notice { kind: NoticeKind::BadInput, text: err.to_string() }
}

/// Writes `bytes` to the first of `stem-1.png`, `stem-2.png`, … that is free.
fn save_numbered(stem: &Path, bytes: &[u8]) -> Result<Done, Notice> {
    let mut number = 1;
    loop {
        let path = PathBuf::from(format!("{}-{number}.png", stem.display()));
        match Output::open(&path, Replace::No).and_then(|output| output.finish(bytes)) {
            Ok(()) => return Ok(Done::saved(&path)),
            Err(WriteError::Exists(_)) => number += 1,
            Err(err) => return Err(err.into()),
        }
    }
}

impl From<WriteError> for Notice {
    fn from(err: WriteError) -> Self {
        Self { kind: NoticeKind::BadInput, text: err.to_string() }
    }
}

impl From<PictureError> for Notice {
    fn from(err: PictureError) -> Self {
        Self { kind: NoticeKind::Failed, text: err.to_string() }
    }
}
