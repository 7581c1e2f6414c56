//! Shows targets in space, or in the plane again.

use super::Window;
use crate::{model::Dim, session::Scene};

impl Window {
    /// The number of coordinates of the points that are asked for, if it is known.
    fn asked_dim(&self) -> Option<usize> {
        let shown = self.scene().filter(|scene| scene.params.input == self.params.input);
        self.params.dim().map(Dim::get).or_else(|| shown.map(|scene| scene.prepared.points.dim()))
    }

    /// Whether targets are shown in space, or why they cannot be.
    pub(super) fn space_menu(&self) -> Result<bool, &'static str> {
        match self.asked_dim() {
            None => Err("the points are not there yet"),
            Some(dim) if dim < 3 => Err("it needs points of three or more coordinates"),
            Some(dim) => Ok(self.params.projection.within(dim).is_space()),
        }
    }

    /// Shows targets in space, or in the plane if they are.
    pub(super) fn turn_space(&mut self) {
        let Some(dim) = self.asked_dim().filter(|dim| *dim >= 3) else { return };
        self.params.projection = self.params.projection.turned(dim);
        // Nothing else is drawn in space.
        self.params.view.dots |= self.params.projection.is_space();
    }

    /// Whether what is on screen lies in space.
    pub(super) fn is_in_space(&self) -> bool {
        self.scene().is_some_and(|scene: &std::sync::Arc<Scene>| scene.shown.space().is_some())
    }
}
