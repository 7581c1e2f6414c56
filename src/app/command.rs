//! What the user can ask of the window, whichever panel, key or menu they use.

use std::path::PathBuf;

use super::GoOn;
use crate::{
    engine::EngineId,
    model::{Input, Sigma, Theme},
    session::files::Replace,
};

/// One wish of the user that is not a change of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Choose a file and load it.
    OpenDialog,
    /// Choose a file of sources for the targets that are there.
    OpenSourcesDialog,
    /// Load these points.
    Load(Input),
    /// Read the files again.
    Reload,
    /// Go back to generated points.
    Generate,
    /// Draw other points with another seed.
    Reroll,
    /// Want what was wanted before the newest step.
    Undo,
    /// Take the step again that was undone last.
    Redo,
    /// Let σ move by itself, or let it be.
    Play,
    /// Hold the field on screen against the one that is wanted, or let it go.
    Hold,
    /// Want this σ.
    TakeSigma(Sigma),
    /// Lock the range of colours as it is, or let it follow f.
    LockRange,
    /// Show or hide the ring of radius σ around the pointer.
    Ring,
    /// Show or hide the small pictures of other σ.
    Filmstrip,
    /// Show the bulk of the targets.
    Fit,
    /// Show all targets.
    FitAll,
    /// Stop the sum under way.
    Stop,
    /// Sum again what was stopped.
    Resume,
    /// Ask how to save a picture.
    SaveDialog,
    /// Choose where to save the picture.
    BrowseForPicture,
    /// Save the picture as the dialog says.
    SavePicture {
        /// Where to.
        path: PathBuf,
        /// Pixels for each pixel of the window.
        scale: u32,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Put the picture on the clipboard.
    CopyPicture,
    /// Save the whole window as an image.
    SaveWindow,
    /// Show or hide the comparison of engines.
    Compare,
    /// Compare these engines.
    RunComparison(Vec<EngineId>),
    /// End the comparison under way.
    StopComparison,
    /// Show or hide the list of shortcuts.
    Shortcuts,
    /// Dark or light.
    Theme(Theme),
    /// Compute exactly what was computed fast, and tell how far off that was.
    Exact,
    /// Set all parameters but the points and the engine back to their defaults.
    Reset,
    /// Go on after the device was lost again and again.
    GoOn(GoOn),
    /// Go on with what a window that crashed had on screen.
    Restore,
    /// Forget it.
    DiscardRecovered,
    /// End the program.
    Quit,
}
