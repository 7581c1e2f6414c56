//! Targets in space: the boxes around them, from where they are looked at, and which pixel each of them is at.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Home, Shown};
use crate::{
    gpu::SpaceDraw,
    space::{Camera, Slab, Space, SpaceProjection},
};

/// From where targets in space are looked at, and what is hidden of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpaceViewport {
    /// The camera, in the unit coordinates of the box; `None` is the usual view of the whole box.
    pub camera: Option<Camera>,
    /// What hides the targets outside of it.
    pub slab: Option<Slab>,
    /// Whether the box is around all targets, else around the bulk of them.
    pub all: bool,
}

impl SpaceViewport {
    /// The camera in a picture of this aspect (width/height).
    pub fn camera(&self, space: &Space, aspect: f64) -> Camera {
        self.camera.unwrap_or_else(|| Camera::around(space, aspect))
    }

    /// How the device draws the targets of `shown`; see [`Self::view`].
    pub fn draw(&self, shown: &Shown, size: [f64; 2], equal: bool) -> Option<SpaceDraw> {
        let SpaceView { projection, slab } = self.view(shown, size, equal)?;
        let base = shown.space()?.base();
        Some(SpaceDraw { projection, base, slab, part: SpaceDraw::WHOLE })
    }

    /// How the targets of `shown` are seen in a picture of `size` pixels; `equal` says whether one unit is as
    /// long on all axes. None where they do not lie in space.
    pub fn view(&self, shown: &Shown, size: [f64; 2], equal: bool) -> Option<SpaceView> {
        let ranges = shown.space()?;
        let space = ranges.space(self.all, equal);
        let camera = self.camera(&space, size[0] / size[1]);
        let [low, high] = ranges.all;
        let projection = camera.project_into(&space, size).reaching(low, high);
        Some(SpaceView { projection, slab: self.slab })
    }
}

/// How a camera sees targets in space, and what is hidden of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceView {
    /// The camera, the box, and the size of the picture in pixels.
    pub projection: SpaceProjection,
    /// What hides the targets outside of it.
    pub slab: Option<Slab>,
}

impl SpaceView {
    /// Whether the slab shows a place.
    pub fn shows(&self, place: [f64; 3]) -> bool {
        self.slab.is_none_or(|slab| slab.contains(place))
    }

    /// The pixel at which target `i` of `shown` is seen, x to the right and y down; NaN where it is not.
    pub fn pixel(&self, shown: &Shown, i: usize) -> [f64; 2] {
        let place = shown.place3(i);
        let seen = self.projection.project(place).filter(|_| self.shows(place));
        seen.map_or([f64::NAN; 2], |seen| [seen.x, seen.y])
    }
}

/// The ranges of targets in space on its three axes, low ends first.
#[derive(Clone, Debug, PartialEq)]
pub struct SpaceRanges {
    /// The bulk of them.
    most: [[f64; 3]; 2],
    /// All of them.
    all: [[f64; 3]; 2],
    /// How many lie outside of the bulk.
    pub outside: usize,
}

impl SpaceRanges {
    /// Looks at the places of `n` targets.
    pub(super) fn of(n: usize, place: &(dyn Fn(usize) -> [f64; 3] + Sync)) -> Self {
        let sides = [0, 1, 2].map(|axis| Home::sides(n, &|i| place(i)[axis]));
        let all = [0, 1].map(|end| [0, 1, 2].map(|axis| sides[axis].0[end]));
        let most = [0, 1].map(|end| [0, 1, 2].map(|axis| sides[axis].1[end]));
        let [low, high] = most;
        let is_outside = |place: [f64; 3]| (0..3).any(|k| !(low[k]..=high[k]).contains(&place[k]));
        let outside = (0..n).into_par_iter().filter(|&i| is_outside(place(i))).count();
        Self { most, all, outside }
    }

    /// The box around all of them, or around the bulk; `equal` says whether one unit is as long on all axes.
    pub fn space(&self, all: bool, equal: bool) -> Space {
        let [low, high] = if all { self.all } else { self.most };
        if equal { Space::equal(low, high) } else { Space::cube(low, high) }
    }

    /// The box in whose unit coordinates places are uploaded: around the bulk, but on an axis where all of it
    /// is at one place.
    pub fn base(&self) -> Space {
        let [low, high] = self.most;
        let is_flat = |k: usize| low[k] >= high[k];
        let end = |end: usize| {
            std::array::from_fn(|k| if is_flat(k) { self.all[end][k] } else { self.most[end][k] })
        };
        Space::cube(end(0), end(1))
    }
}
