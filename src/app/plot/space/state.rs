//! What a plot in space remembers from frame to frame: the camera, the slab, and the targets that are measured.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use eframe::egui::{self, Context, Id, Key, Modifiers, Popup};

use super::{measure::pick, pick::Picking};
use crate::{
    app::nudge::ARROWS,
    model::{Input, Points},
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

/// The names of axes, and which of them are logarithmic.
type Axes = ([String; 3], [bool; 3]);

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
    /// The points that these are targets of, where they come from, and the axes.
    points: Weak<Points>,
    of: Option<(Input, Axes)>,
    /// What has the focus where the plot has it.
    pub(super) id: Option<Id>,
    /// Whether the controls are unfolded, where the user said so.
    pub(super) unfolded: Option<bool>,
    /// How high they were last, in logical pixels.
    pub(super) height: Option<f32>,
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
        let focused = ctx.memory(egui::Memory::focused);
        let is_elsewhere = focused.is_some() && focused != self.id;
        if self.seen.is_none() || is_elsewhere || Popup::is_any_open(ctx) {
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

    /// Picks a target to be measured, as a click on it does.
    pub(in crate::app) fn measure(&mut self, target: usize) {
        pick(self, Some(target));
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
        let axes = (scene.shown.labels3(), scene.shown.logarithmic3());
        let of = (scene.params.input.clone(), axes);
        match &self.of {
            Some((input, _)) if *input != of.0 => self.viewport = SpaceViewport::default(),
            Some((_, axes)) if *axes != of.1 => {
                self.viewport.slab = None;
                self.go(CameraMove::Fit);
            }
            _ => {}
        }
        self.of = Some(of);
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
