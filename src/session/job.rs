//! Work on a scene that changes nothing in it: pictures, values.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Notice, NoticeKind, PictureSpec, Scene,
    files::{Output, Replace, WriteError},
    picture::{self, PictureError},
};
use crate::gpu::Gpu;

/// Something to do with a scene.
pub enum Job {
    /// Draw it and write it to a file.
    SavePicture {
        /// What to draw.
        scene: Arc<Scene>,
        /// How.
        spec: PictureSpec,
        /// Where to.
        path: PathBuf,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Draw it and hand over the picture.
    CopyPicture {
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
    /// Write an image that is in memory already.
    SaveImage {
        /// RGBA, row by row from the top.
        rgba: Vec<u8>,
        /// Width and height.
        size: [u32; 2],
        /// Where to.
        path: PathBuf,
        /// Whether a file there is replaced.
        replace: Replace,
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
        Self { told: Some(format!("Saved {}", path.display())), outcome: None }
    }
}

impl Job {
    /// Does it.
    pub(super) fn run(self, gpu: &Gpu) -> Result<Done, Notice> {
        match self {
            Self::SavePicture { scene, spec, path, replace } => {
                let output = Output::open(&path, replace)?;
                let png = picture::draw(gpu, &scene, &spec)?;
                output.finish(&png)?;
                Ok(Done::saved(&path))
            }
            Self::CopyPicture { scene, spec } => {
                let png = picture::draw(gpu, &scene, &spec)?;
                let (rgba, size) = picture::decode(&png)?;
                let told = Some("Copied the picture".to_owned());
                Ok(Done { told, outcome: Some(Outcome::Picture { rgba, size }) })
            }
            Self::ReadValues { scene } => {
                scene.field.read(gpu).map_err(PictureError::from)?;
                Ok(Done::default())
            }
            Self::SaveImage { rgba, size, path, replace } => {
                let output = Output::open(&path, replace)?;
                let png = picture::encode(&rgba, size)?;
                output.finish(&png)?;
                Ok(Done::saved(&path))
            }
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
