//! Computes the estimate at the pixels of the plot on a thread of its own, again whenever σ, the points, the
//! axes or the view have changed: a draft at once, all of it once nothing moves any more.
//!
//! ```text
//!   σ or the view moves ──▶ draft ──▶ draft ──▶ …  ──rest──▶ in full
//! ```
//!
//! A draft goes to its end even if something has moved on, so that the raster follows a drag instead of
//! waiting for its end. What is computed in full is given up then.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    failure::reason_of,
    side_thread::{Rest, wait},
};
use crate::{
    engine::{Progress, go_on_if},
    model::Sigma,
    session::{
        Scene,
        density::{Density, DensityMaker, DensityWish},
        shared_state::SharedState,
    },
};

/// What to compute next.
struct Order {
    scene: Arc<Scene>,
    sigma: Sigma,
    wish: DensityWish,
    draft: bool,
}

/// Serves until the session ends.
pub(super) fn serve(shared: &SharedState) {
    let mut maker = DensityMaker::default();
    let mut rest = Rest::default();
    while let Some(order) = next(shared, &mut maker, &rest) {
        let Order { scene, sigma, wish, draft } = &order;
        let on = || {
            let inner = shared.lock();
            let same = inner.is_worth(scene, *sigma, *draft);
            let wanted = inner.wants_density.is_some_and(|now| *draft || now == *wish);
            same && wanted && !inner.requests.is_closed()
        };
        let run = || maker.compute(scene, *sigma, wish, *draft, &mut |_: Progress| go_on_if(on()));
        let found = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            maker = DensityMaker::default();
            let reason = format!("an internal error stopped it: {}", reason_of(&*panic));
            Some(Density::failed(scene, *sigma, wish, &reason))
        });
        if let Some(found) = found {
            rest.tell(found.draft);
            shared.update(|inner| {
                if inner.wants_density.is_some() {
                    inner.state.density = Some(Arc::new(found));
                }
            });
        }
    }
}

/// Waits for the next estimate that is wanted; `None` when the session ends.
fn next(shared: &SharedState, maker: &mut DensityMaker, rest: &Rest) -> Option<Order> {
    let mut inner = shared.lock();
    loop {
        if inner.requests.is_closed() {
            return None;
        }
        if inner.wants_density.is_none() {
            // Sources of a million take memory.
            *maker = DensityMaker::default();
        }
        let mut left = None;
        if let (Some(wish), Some((scene, sigma))) = (inner.wants_density, inner.moving_scene())
            && !inner.pacing.paused
        {
            let known = inner.state.density.as_ref();
            let current = known.filter(|known| known.is_current(&scene, sigma, &wish));
            let order = |draft| Some(Order { scene, sigma, wish, draft });
            match current {
                None => return order(true),
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
