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
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::failure::reason_of;
use crate::{
    engine::{Progress, go_on_if},
    session::{
        Scene,
        density::{Density, DensityMaker, DensityWish},
        shared_state::SharedState,
    },
};

/// How long nothing must have moved before all is computed.
const SETTLED: Duration = Duration::from_millis(80);

/// The thread that computes the estimate at pixels.
pub(super) struct DensityTask(Option<JoinHandle<()>>);

impl DensityTask {
    /// Starts it; it waits until something is asked for. Without a thread to spare there is none.
    pub(super) fn start(shared: &Arc<SharedState>) -> Self {
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("sigmascope-density".to_owned());
        Self(thread.spawn(move || serve(&shared)).ok())
    }

    /// Waits for its end, which comes with that of the session.
    pub(super) fn end(&mut self) {
        if let Some(thread) = self.0.take() {
            // A run that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// What to compute next.
struct Order {
    scene: Arc<Scene>,
    wish: DensityWish,
    draft: bool,
}

/// Serves until the session ends.
fn serve(shared: &SharedState) {
    let mut maker = DensityMaker::default();
    let mut drafted = None;
    while let Some(order) = next(shared, &mut maker, drafted) {
        let Order { scene, wish, draft } = &order;
        let on = || {
            let inner = shared.lock();
            let same = inner.state.scene.as_ref().is_some_and(|now| {
                Arc::ptr_eq(&now.shown, &scene.shown) && (*draft || now.sigma() == scene.sigma())
            });
            let wanted = inner.wants_density.is_some_and(|now| *draft || now == *wish);
            same && wanted && !inner.requests.is_closed()
        };
        let run = || maker.compute(scene, wish, *draft, &mut |_: Progress| go_on_if(on()));
        let found = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            maker = DensityMaker::default();
            let reason = format!("an internal error stopped it: {}", reason_of(&*panic));
            Some(Density::failed(scene, wish, &reason))
        });
        if let Some(found) = found {
            drafted = found.draft.then(Instant::now);
            shared.update(|inner| {
                if inner.wants_density.is_some() {
                    inner.state.density = Some(Arc::new(found));
                }
            });
        }
    }
}

/// Waits for the next estimate that is wanted; `None` when the session ends. `drafted` is when the newest
/// draft was done.
fn next(shared: &SharedState, maker: &mut DensityMaker, drafted: Option<Instant>) -> Option<Order> {
    let mut inner = shared.lock();
    loop {
        if inner.requests.is_closed() {
            return None;
        }
        if inner.wants_density.is_none() {
            // Sources of a million take memory.
            *maker = DensityMaker::default();
        }
        let mut rest = None;
        if let (Some(wish), Some(scene)) = (inner.wants_density, &inner.state.scene)
            && !inner.pacing.paused
        {
            let known = inner.state.density.as_ref();
            let order = |draft| Some(Order { scene: Arc::clone(scene), wish, draft });
            match known.filter(|known| known.is_current(scene, &wish)) {
                None => return order(true),
                Some(known) if known.draft && !inner.pacing.drafts => {
                    let since = drafted.map_or(SETTLED, |drafted| drafted.elapsed());
                    if since >= SETTLED {
                        return order(false);
                    }
                    rest = Some(SETTLED.saturating_sub(since));
                }
                Some(_) => {}
            }
        }
        inner = match rest {
            Some(rest) => shared.wait_timeout(inner, rest),
            None => shared.wait(inner),
        };
    }
}
