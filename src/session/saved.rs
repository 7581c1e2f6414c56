//! Parameters and view of a window: passed to the window that replaces it, and saved in a file when
//! it crashes.

use serde::{Deserialize, Serialize};

use super::{OwnFiles, SpaceViewport, files::WriteError, own_files::Unreadable};
use crate::{figure::ViewBox, model::Params, selection::SharedRows};

/// What part of the plane is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Viewport {
    /// The bulk of the targets, whatever they are.
    #[default]
    Home,
    /// All targets.
    All,
    /// Where the user went.
    Free(ViewBox),
}

/// What is on screen, as far as it is not computed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// What is computed, from what, and how it is shown.
    pub params: Params,
    /// What part of it is shown.
    #[serde(alias = "look")]
    pub viewport: Viewport,
    /// From where targets in space are looked at.
    pub space: SpaceViewport,
    /// The rows that are selected.
    pub selection: SharedRows,
}

impl Saved {
    const FILE: &'static str = "recovered-session.json";

    /// What a window that crashed left, if one did.
    ///
    /// # Errors
    /// When the file makes no sense.
    pub fn recovered(files: &OwnFiles) -> Result<Option<Self>, Unreadable> {
        files.read(Self::FILE)
    }

    /// Leaves this for the next start to offer; returns where it is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn leave(&self, files: &OwnFiles) -> Result<std::path::PathBuf, WriteError> {
        files.write(Self::FILE, self)?;
        Ok(files.path(Self::FILE))
    }

    /// Forgets what a crashed window left: it was restored or discarded.
    pub fn forget(files: &OwnFiles) {
        files.remove(Self::FILE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Sigma,
        selection::RowBits,
        space::{Camera, Slab, Space},
    };

    #[test]
    fn a_session_is_left_found_and_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = OwnFiles::in_folder(folder.path());
        let sigma = Some(Sigma::new(0.123).expect("legal"));
        let viewport = Viewport::Free(ViewBox { x: [-0.1, 0.2], y: [1e-9, 3.0] });
        let slab = Some(Slab { axis: 2, low: f64::NEG_INFINITY, high: 1.0 });
        let camera = Some(Camera::around(&Space::cube([0.0; 3], [1.0; 3]), 1.0));
        let space = SpaceViewport { camera, slab, all: true };
        let selection = RowBits::of([3, 4, 70]).into();
        let params = Params { sigma, ..Params::default() };
        let saved = Saved { params, viewport, space, selection };
        assert_eq!(Saved::recovered(&files).expect("none"), None);
        saved.leave(&files).expect("left");
        assert_eq!(Saved::recovered(&files).expect("one"), Some(saved));
        Saved::forget(&files);
        assert_eq!(Saved::recovered(&files).expect("none"), None);
    }
}
