//! What a session publishes: the newest field, and what the worker is doing.

use std::{sync::Arc, time::Duration};

use super::{
    Advice, Checked, Comparison, Density, Filmstrip, RowColumns, RowOrder, Scene, Selection,
    ShownContours,
};

/// What the worker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activity {
    /// Nothing: what is shown is what was asked for, as far as it could be had.
    #[default]
    Idle,
    /// Reading or sampling points; the fraction done.
    Preparing(f32),
    /// Summing; the fraction done.
    Summing(f32),
}

/// The state of a session as its owner sees it.
#[derive(Clone, Default)]
pub struct State {
    /// The newest field, if there is one.
    pub scene: Option<Arc<Scene>>,
    /// The measured error of the newest field that was compared with f64.
    pub checked: Option<Checked>,
    /// What the worker is doing.
    pub activity: Activity,
    /// Whether the user stopped the sum before its end.
    pub stopped: bool,
    /// Whether the newest request failed; the scene is that of an older one.
    pub rejected: bool,
    /// How long the newest request that was begun had waited for the work before it to stop.
    pub waited: Duration,
    /// The newest comparison of engines, if there was one.
    pub comparison: Option<Arc<Comparison>>,
    /// The newest small pictures, if there were any.
    pub filmstrip: Option<Arc<Filmstrip>>,
    /// What the criteria say about the points that were examined last.
    pub advice: Option<Arc<Advice>>,
    /// The rows that are selected.
    pub selection: Selection,
    /// The newest contours that were asked for.
    pub contours: Option<Arc<ShownContours>>,
    /// The newest estimate at pixels that was asked for.
    pub density: Option<Arc<Density>>,
    /// The columns of the targets' file that were asked for, as they were read last.
    pub row_columns: Option<Arc<RowColumns>>,
    /// The newest order of the rows in the table that was asked for.
    pub row_order: Option<Arc<RowOrder>>,
}

impl State {
    /// The measured error of the field on screen, if it is known by now.
    pub fn checked(&self) -> Option<Checked> {
        let scene = self.scene.as_ref()?;
        self.checked.filter(|checked| checked.version == scene.version)
    }

    /// What the criteria say about the points on screen, as far as that is known by now.
    pub fn advice(&self) -> Option<&Arc<Advice>> {
        let scene = self.scene.as_ref()?;
        self.advice.as_ref().filter(|advice| advice.is_of(&scene.prepared.points))
    }

    /// The contours of the points on screen, those of the last σ until those of the present one are there.
    pub fn contours(&self) -> Option<&Arc<ShownContours>> {
        let scene = self.scene.as_ref()?;
        self.contours.as_ref().filter(|contours| contours.are_of(scene))
    }

    /// The estimate of the points on screen at pixels, that of the last σ and view until the present one is
    /// there.
    pub fn density(&self) -> Option<&Arc<Density>> {
        let scene = self.scene.as_ref()?;
        self.density.as_ref().filter(|density| density.is_of(scene))
    }

    /// The columns of the file of the points on screen, as far as they were asked for and are read.
    pub fn row_columns(&self) -> Option<&Arc<RowColumns>> {
        let rows = self.scene.as_ref()?.prepared.target_rows.as_ref()?;
        self.row_columns.as_ref().filter(|columns| columns.is_of(rows))
    }

    /// The order of the rows on screen, that of the last σ until the present one is there.
    pub fn row_order(&self) -> Option<&Arc<RowOrder>> {
        let scene = self.scene.as_ref()?;
        self.row_order.as_ref().filter(|order| order.is_of(scene))
    }

    /// Whether the field on screen is complete and the advice about its points is not.
    pub(super) fn awaits_advice(&self) -> bool {
        self.scene.as_ref().is_some_and(|scene| scene.is_complete())
            && !self.advice().is_some_and(|advice| advice.is_complete)
    }
}
