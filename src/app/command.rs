//! The actions of the window, whichever panel, key or menu they are chosen in.

use std::path::PathBuf;

use super::{ResumeMode, Tool, plot::CameraMove};
use crate::{
    engine::EngineId,
    model::{Input, Sigma, Theme},
    session::{
        AnimationSpec, PageChoice, Paths, SelectionChange, TableFormat, With, files::Replace,
    },
};

/// An action that the user asks for and that is not the change of a single parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Choose a file and load it.
    OpenDialog,
    /// Choose a file of sources for the targets that are there.
    OpenSourcesDialog,
    /// Open a file or a session that was opened before.
    OpenRecent(PathBuf),
    /// Look whether these are there.
    LookForRecent,
    /// Load the points that this describes.
    Load(Input),
    /// Read the files again.
    Reload,
    /// Read files that have changed on disk again; what is on screen stays.
    ReadAgain,
    /// Leave the points of files that have changed as they were read.
    LeaveChanged,
    /// Read files again by themselves whenever they change on disk, or not.
    Watch(bool),
    /// Go back to generated points.
    Generate,
    /// Generate other points, with another seed.
    Reroll,
    /// Return to the parameters before the newest step.
    Undo,
    /// Do the step again that was undone last.
    Redo,
    /// Start or stop the animation of σ.
    Play,
    /// Keep the field on screen beside the requested one, on the two sides of the plot, or end
    /// that.
    CompareSigmas,
    /// Show both fields in the next way: with a line between, side by side, as their difference.
    NextComparison,
    /// Request this σ.
    TakeSigma(Sigma),
    /// Fix the limits of the colour bar as they are, or let them follow f.
    FixLimits,
    /// Show or hide the window for colours.
    Colors,
    /// Fold the side panel to a rail, or unfold it.
    SidePanel,
    /// Show or hide the ring of radius σ around the pointer.
    Ring,
    /// Show or hide the targets.
    Dots,
    /// Show or hide f at every pixel, or its curve over one coordinate.
    Raster,
    /// Show or hide the density along each axis.
    Marginals,
    /// Show or hide contours around parts of the mass.
    Contours,
    /// Show or hide the small pictures of other σ.
    Filmstrip,
    /// Show or hide the table of rows.
    Table,
    /// Show or hide the panel of the axes.
    Axes,
    /// Zoom to the bulk of the targets.
    Fit,
    /// Zoom out to all targets.
    FitAll,
    /// Show targets in space, or in the plane.
    Space,
    /// Change the camera in space.
    Camera(CameraMove),
    /// Stop what is being computed.
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
        /// What it looks like.
        page: Box<PageChoice>,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Ask what animation to save, and where.
    SaveAnimationDialog,
    /// Choose where to save the animation.
    BrowseForAnimation,
    /// Save an animation as the dialog says.
    SaveAnimation {
        /// Where to.
        path: PathBuf,
        /// What moves.
        animation: AnimationSpec,
        /// What its frames look like.
        page: Box<PageChoice>,
        /// Whether what is there is replaced.
        replace: Replace,
    },
    /// End the animation that is being saved; nothing of it stays.
    StopAnimation,
    /// Ask how to save a table of f.
    SaveTableDialog,
    /// Choose where to save a table: that of f, or that of the comparison.
    BrowseForTable,
    /// Save the table as the dialog says.
    SaveTable {
        /// Where to.
        path: PathBuf,
        /// Of which kind.
        format: TableFormat,
        /// What stands beside f.
        with: With,
        /// Whether only the selected rows are written.
        selected: bool,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Ask where to save the session.
    SaveSessionDialog,
    /// Choose where to save the session.
    BrowseForSession,
    /// Save the session as the dialog says.
    SaveSession {
        /// Where to.
        path: PathBuf,
        /// How files are named.
        paths: Paths,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Do not open the picture whose files are missing.
    LeaveDocument,
    /// Use this tool in the plot.
    Tool(Tool),
    /// Change which rows are selected.
    Select(SelectionChange),
    /// Go to where rows are selected by f or an expression.
    SelectByValue,
    /// Measure in space from the target that is pinned in the table, or to it.
    Measure,
    /// Take only the selected rows as targets, as sources, or as both.
    OnlyThese {
        /// As targets.
        targets: bool,
        /// As sources.
        sources: bool,
    },
    /// Take all rows again.
    AllRows,
    /// Put the numbers of the selected rows on the clipboard.
    CopyRows,
    /// Hide dots that are not selected, or dim them.
    HideRest,
    /// Show or hide the columns of the file.
    Columns,
    /// Load the files that were dropped as targets and sources.
    LoadTwo,
    /// Load the files that were dropped as one cloud.
    LoadJoined,
    /// Put on the clipboard what is in front: the table of timed engines, marked rows, or the picture.
    Copy,
    /// Put the picture on the clipboard.
    CopyPicture,
    /// Put the command on the clipboard that draws what is on screen.
    CopyCommand,
    /// Likewise, for a picture on another page than the window.
    CopyCommandOf {
        /// The page.
        page: Box<PageChoice>,
        /// Name of the file that the command writes.
        out: String,
    },
    /// Put the numbers of the target under the pointer on the clipboard, else of the one that is pinned.
    CopyTarget,
    /// Save the whole window as an image.
    SaveWindow,
    /// Show or hide the panel that times engines.
    CompareEngines,
    /// Measure these engines side by side.
    RunComparison(Vec<EngineId>),
    /// Stop the comparison of engines.
    StopComparison,
    /// Put the table of the comparison on the clipboard.
    CopyComparison,
    /// Save the table of the comparison as the dialog says.
    SaveComparison {
        /// Where to.
        path: PathBuf,
        /// Whether a file there is replaced.
        replace: Replace,
    },
    /// Show or hide the list of shortcuts.
    Shortcuts,
    /// Switch to this theme.
    Theme(Theme),
    /// Compute exactly what was computed by the fast engine, and report how far off that was.
    Exact,
    /// Set all parameters back to their defaults, except for the points and the engine.
    Reset,
    /// Compute again, in this way, after the device was lost several times in a row.
    ResumeAfterLosses(ResumeMode),
    /// Restore the parameters and the view of a window that crashed.
    Restore,
    /// Delete them instead.
    DiscardRecovered,
    /// Put off the question that is open.
    AnswerLater,
    /// End the program.
    Quit,
}
