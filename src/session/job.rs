//! Work on a scene that changes nothing in it: pictures, values.

use std::{path::PathBuf, sync::Arc};

use super::{PictureSpec, Scene, files::Replace};

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
