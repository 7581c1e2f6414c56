//! What a plot in space remembers from frame to frame: the camera, the slab, and the targets that are measured.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use eframe::egui::{Context, Key, Modifiers};

use super::pick::Picking;
use crate::{
    app::nudge::ARROWS,
    model::Points,
    session::{Scene, SpaceView, SpaceViewport},
    space::{Camera, Side},
};

/// How long after a movement the view rests. With less, each step of a wheel draws all dots; with more,
/// all of them are seen later.
const RESTS_AFTER: Duration = Duration::from_millis(150);

/// Degrees that a press of an arrow key turns the camera by.
const KEY_STEP: f64 = 5.0;

/// A change of the camera that the user asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CameraMove {
    /// Look from a side.
    From(Side),
    /// Look from above and beside, as at first.
    ThreeQuarter,
    /// Turn around the middle by these degrees, to the right and up.
    Orbit(f64, f64),
    /// Switch between perspective and a parallel projection.
    Perspective,
    /// Come so near that the whole box is seen.
    Fit,
}

/// What a plot in space remembers from frame to frame.
#[derive(Default)]
pub(in crate::app) struct SpaceState {
    /// From where it is looked at, and what is hidden.
    pub(in crate::app) viewport: SpaceViewport,
    /// What is asked for and not yet done.
    pub(super) moves: Vec<CameraMove>,
    /// When the camera moved last.
    pub(super) moved: Option<Instant>,
    /// How it was seen last, in logical pixels from the upper left corner of the plot.
    pub(in crate::app) seen: Option<SpaceView>,
    /// The targets that are measured: the first, and the second.
    pub(super) picked: Vec<usize>,
    /// Those from before the last click.
    pub(super) picked_before: Vec<usize>,
    /// Finds the target under the pointer.
    pub(super) picking: Picking,
    /// The points that these are targets of, and the names of the axes.
    points: Weak<Points>,
    axes: Option<[String; 3]>,
    /// Whether the controls are unfolded, where the user said so.
    pub(super) unfolded: Option<bool>,
}

impl SpaceState {
    /// One that begins with this view.
    pub(in crate::app) fn at(viewport: SpaceViewport) -> Self {
        Self { viewport, ..Self::default() }
    }

    /// Asks for a change of the camera.
    pub(in crate::app) fn go(&mut self, wanted: CameraMove) {
        self.moves.push(wanted);
    }

    /// Asks for the box around all targets or around the bulk of them, and to see the whole of it.
    pub(in crate::app) fn fit(&mut self, all: bool) {
        self.viewport.all = all;
        self.go(CameraMove::Fit);
    }

    /// Asks for what arrow keys with Ctrl say, unless a control has the focus.
    pub(in crate::app) fn keys(&mut self, ctx: &Context) {
        if self.seen.is_none() || ctx.memory(|memory| memory.focused().is_some()) {
            return;
        }
        for (key, _) in ARROWS {
            let times = ctx.input_mut(|i| i.count_and_consume_key(Modifiers::COMMAND, key));
            let by = KEY_STEP * times as f64;
            let (yaw, pitch) = match key {
                Key::ArrowLeft => (-by, 0.0),
                Key::ArrowRight => (by, 0.0),
                Key::ArrowUp => (0.0, by),
                _ => (0.0, -by),
            };
            if times > 0 {
                self.go(CameraMove::Orbit(yaw, pitch));
            }
        }
    }

    /// Forgets which targets are measured; says whether there were any.
    pub(in crate::app) fn clear_picked(&mut self) -> bool {
        !std::mem::take(&mut self.picked).is_empty()
    }

    /// Follows a change of what is shown: other axes are looked at anew, and other points have other targets.
    pub(super) fn follow(&mut self, scene: &Scene) {
        let points = &scene.prepared.drawn;
        if !self.points.ptr_eq(&Arc::downgrade(points)) {
            self.points = Arc::downgrade(points);
            self.picked.clear();
            self.picked_before.clear();
        }
        let axes = scene.shown.labels3();
        if self.axes.as_ref().is_some_and(|before| *before != axes) {
            let SpaceViewport { camera, all, .. } = self.viewport;
            self.viewport = SpaceViewport { slab: None, camera, all };
            self.go(CameraMove::Fit);
        }
        self.axes = Some(axes);
    }

    /// Turns `camera` as was asked for; `fitting` sees the whole box.
    pub(super) fn carry_out(&mut self, camera: &mut Camera, fitting: &Camera) {
        for wanted in std::mem::take(&mut self.moves) {
            match wanted {
                CameraMove::From(side) => camera.look_from(side),
                CameraMove::ThreeQuarter => {
                    (camera.yaw, camera.pitch) = (fitting.yaw, fitting.pitch);
                }
                CameraMove::Orbit(yaw, pitch) => camera.orbit(yaw, pitch),
                CameraMove::Perspective => camera.perspective = !camera.perspective,
                CameraMove::Fit => {
                    (camera.distance, camera.target) = (fitting.distance, fitting.target);
                }
            }
        }
    }

    /// Tells that the camera moved.
    pub(super) fn tell_moved(&mut self) {
        self.moved = Some(Instant::now());
    }

    /// How long until it rests; `None` if it does.
    pub(super) fn rests_in(&self) -> Option<Duration> {
        RESTS_AFTER.checked_sub(self.moved?.elapsed()).filter(|left| !left.is_zero())
    }
}
