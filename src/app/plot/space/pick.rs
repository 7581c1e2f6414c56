//! Finds the target under the pointer: at once among a few, on a thread of its own among many.

use std::sync::{
    Arc, Weak,
    mpsc::{Receiver, TryRecvError, channel},
};

use eframe::egui::{Context, Pos2};

use crate::{
    session::{Scene, Shown, SpaceView},
    space::nearest,
};

/// The most targets that are looked through while a frame is drawn: about two milliseconds.
const AT_ONCE: usize = 100_000;

/// How far from the pointer a target may be, in logical pixels.
const REACH: f64 = 14.0;

/// What was looked for.
#[derive(Clone)]
struct Question {
    /// Tells the targets apart, and does not keep them.
    shown: Weak<Shown>,
    view: SpaceView,
    pointer: Pos2,
}

impl Question {
    fn is(&self, other: &Self) -> bool {
        self.shown.ptr_eq(&other.shown) && self.view == other.view && self.pointer == other.pointer
    }
}

/// Finds the target under the pointer.
#[derive(Default)]
pub(super) struct Picking {
    /// The newest answer.
    known: Option<(Question, Option<usize>)>,
    /// The search that is under way.
    running: Option<(Question, Receiver<Option<usize>>)>,
}

/// The target under a pointer.
fn find(shown: &Shown, view: &SpaceView, pointer: Pos2) -> Option<usize> {
    let places = (0..shown.n()).map(|i| (i, shown.place3(i)));
    let places = places.filter(|(_, place)| view.shows(*place));
    let pointer = [pointer.x, pointer.y].map(f64::from);
    nearest(places, &view.projection, pointer, REACH).map(|(i, _)| i)
}

impl Picking {
    /// The target under `pointer`, counted from the corner of the plot; `None` also while that is not known. A search among many begins only where
    /// the view `rests`, and the frame after its end is asked for.
    pub(super) fn target(
        &mut self,
        ctx: &Context,
        scene: &Scene,
        view: &SpaceView,
        pointer: Pos2,
        rests: bool,
    ) -> Option<usize> {
        let shown = &scene.shown;
        let question = Question { shown: Arc::downgrade(shown), view: *view, pointer };
        if let Some((asked, answer)) = &self.running {
            match answer.try_recv() {
                Ok(found) => {
                    self.known = Some((asked.clone(), found));
                    self.running = None;
                }
                Err(TryRecvError::Disconnected) => self.running = None,
                Err(TryRecvError::Empty) => {}
            }
        }
        if let Some((asked, found)) = &self.known
            && asked.is(&question)
        {
            return *found;
        }
        if shown.n() <= AT_ONCE {
            let found = find(shown, view, pointer);
            self.known = Some((question, found));
            return found;
        }
        if rests && self.running.is_none() {
            let (tell, answer) = channel();
            let (shown, view, ctx) = (Arc::clone(shown), *view, ctx.clone());
            let thread = std::thread::Builder::new().name("sigmascope-pick".to_owned());
            let search = move || {
                // Whoever asked may have gone.
                let _ = tell.send(find(&shown, &view, pointer));
                ctx.request_repaint();
            };
            // Without a thread to spare nothing is found, and all else works.
            self.running = thread.spawn(search).ok().map(|_| (question, answer));
        }
        None
    }
}
