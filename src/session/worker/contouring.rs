//! Computes the contours of the scene on screen on a thread of its own, again whenever σ, the points
//! or the axes have changed: while σ moves less exactly, and once more when it rests.
//!
//! One run while it moves goes to its end even if σ has moved on, so that lines follow a drag instead of
//! waiting for its end; the next one is for what is on screen then.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use super::{
    failure::reason_of,
    side_thread::{Rest, wait},
};
use crate::{
    engine::{Progress, go_on_if},
    model::{Masses, Sigma},
    session::{
        Scene,
        contours::{ContourMaker, ShownContours},
        shared_state::SharedState,
    },
};

/// Between two drafts: more lines a second leave less time for the raster under them.
const APART: Duration = Duration::from_millis(100);

/// What to compute next.
struct Order {
    scene: Arc<Scene>,
    sigma: Sigma,
    masses: Masses,
    draft: bool,
}

/// Serves until the session ends.
pub(super) fn serve(shared: &SharedState) {
    let mut maker = ContourMaker::default();
    let mut rest = Rest::default();
    while let Some(order) = next(shared, &mut maker, &rest) {
        let Order { scene, sigma, masses, draft } = &order;
        let on = || {
            let inner = shared.lock();
            // Other points or axes: nobody waits for these lines.
            let same = inner.is_worth(scene, *sigma, *draft);
            same && inner.wants_contours.is_some() && !inner.requests.is_closed()
        };
        let run =
            || maker.compute(scene, *sigma, *masses, *draft, &mut |_: Progress| go_on_if(on()));
        let found = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            maker = ContourMaker::default();
            let reason = format!("an internal error stopped the contours: {}", reason_of(&*panic));
            Some(ShownContours::failed(scene, *sigma, *masses, reason))
        });
        if let Some(found) = found {
            rest.tell(found.draft);
            shared.update(|inner| {
                if inner.wants_contours.is_some() {
                    inner.state.contours = Some(Arc::new(found));
                }
            });
        }
    }
}

/// Waits for the next scene whose contours are wanted; `None` when the session ends.
fn next(shared: &SharedState, maker: &mut ContourMaker, rest: &Rest) -> Option<Order> {
    let mut inner = shared.lock();
    loop {
        if inner.requests.is_closed() {
            return None;
        }
        if inner.wants_contours.is_none() {
            // Sources of a million take memory.
            *maker = ContourMaker::default();
        }
        let mut left = None;
        if let (Some(masses), Some((scene, sigma))) = (inner.wants_contours, inner.moving_scene())
            && !inner.pacing.paused
            && scene.shown.is_plane()
        {
            let known = inner.state.contours.as_ref();
            let current = known.filter(|known| known.are_current(&scene, sigma, masses));
            let order = |draft| Some(Order { scene, sigma, masses, draft });
            match current {
                None => match rest.left_of(APART) {
                    None => return order(true),
                    some => left = some,
                },
                Some(known) if known.draft && !inner.pacing.drafts => match rest.left() {
                    None => return order(false),
                    some => left = some,
                },
                Some(_) => {}
            }
        }
        inner = wait(shared, inner, left);
    }
}
