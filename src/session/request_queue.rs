//! Requests for fields: the newest wins.
//!
//! ```text
//!   push ──▶ pending (one; a newer request replaces it) ──take──▶ in progress ──finish──▶ done
//!                         │                                           ▲
//!                         └── only other colours? ──take_recoloring ──┘
//! ```
//!
//! Work on a request in progress stops as soon as a request is pending that needs another field. One
//! that only changes colours needs the same field: the work goes on, and its result is shown in the
//! newer colours.

use std::time::Instant;

use super::request::{Keep, Relevance, Request};
use crate::model::{Params, Stage};

/// The request in progress and the one that comes next.
#[derive(Default)]
pub(super) struct RequestQueue {
    /// The number of the newest request.
    newest: u64,
    pending: Option<Request>,
    in_progress: Option<Request>,
    /// Whether the session ends: then nothing is requested any more.
    closed: bool,
}

impl RequestQueue {
    /// Makes `params` the newest request. It replaces one that is pending, keeps no more than that
    /// would have kept, and counts as asked for since then.
    pub(super) fn push(&mut self, params: Params, keep: Keep) {
        self.newest += 1;
        let replaced = self.pending.take();
        self.pending = Some(Request {
            number: self.newest,
            params,
            keep: replaced.as_ref().map_or(keep, |replaced| replaced.keep.min(keep)),
            asked: replaced.map_or_else(Instant::now, |replaced| replaced.asked),
        });
    }

    /// Begins the pending request, if there is one.
    pub(super) fn take(&mut self) -> Option<Request> {
        self.take_if(|_| true)
    }

    /// Begins the pending request if it is such a one.
    pub(super) fn take_if(&mut self, is_such: impl FnOnce(&Request) -> bool) -> Option<Request> {
        let request = self.pending.take_if(|request| is_such(request))?;
        self.in_progress = Some(request.clone());
        Some(request)
    }

    /// What request `number`, whose field is there now, should be shown as: takes in a pending request
    /// that only changes colours. `None` where there is no such request.
    pub(super) fn take_recoloring(&mut self, number: u64) -> Option<Params> {
        let in_progress = self.in_progress.as_mut().filter(|request| request.number == number)?;
        let newer = self.pending.take_if(|newer| newer.only_recolors(&in_progress.params))?;
        in_progress.params.clone_from(&newer.params);
        Some(newer.params)
    }

    /// Ends the work on request `number`; says whether it was still requested. One that failed takes a
    /// pending change of its colours along: there is no field to be recoloured.
    pub(super) fn finish(&mut self, number: u64, failed: bool) -> bool {
        let is_requested = self.is_requested(number);
        if let Some(done) = self.in_progress.take_if(|request| request.number == number)
            && failed
        {
            self.pending.take_if(|newer| newer.only_recolors(&done.params));
        }
        is_requested
    }

    /// Gives up what is pending and what is in progress; says whether there was anything.
    pub(super) fn give_up(&mut self) -> bool {
        let pending = self.pending.take().is_some();
        self.in_progress.take().is_some() || pending
    }

    /// Ends the session: nothing is requested from now on.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Whether the session ends.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether a request is pending.
    pub(super) fn has_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// What the newest request asks for that is pending or in progress.
    pub(super) fn newest_params(&self) -> Option<&Params> {
        self.pending.as_ref().or(self.in_progress.as_ref()).map(|request| &request.params)
    }

    /// Whether nothing is pending and nothing in progress.
    pub(super) fn is_idle(&self) -> bool {
        self.pending.is_none() && self.in_progress.is_none()
    }

    /// The number of the newest request, 0 before the first.
    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    /// Whether there was no request after `number`, not even one for other colours.
    pub(super) fn is_newest(&self, number: u64) -> bool {
        self.newest == number && !self.closed
    }

    /// Whether the work on request `number` is what the newest request needs.
    pub(super) fn is_requested(&self, number: u64) -> bool {
        let Some(request) = &self.in_progress else { return false };
        let newer = self.pending.as_ref();
        request.number == number
            && newer.is_none_or(|newer| newer.only_recolors(&request.params))
            && !self.closed
    }

    /// What a sum of `params` for request `number` is still worth.
    pub(super) fn relevance(&self, number: u64, params: &Params) -> Relevance {
        if self.is_requested(number) {
            return Relevance::Requested;
        }
        match &self.pending {
            Some(newer)
                if newer.keep == Keep::Complete
                    && newer.params.stage_since(params) <= Stage::Field
                    && !self.closed =>
            {
                Relevance::Superseded(newer.asked.elapsed())
            }
            _ => Relevance::Obsolete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Scaling, Sigma};

    fn of(sigma: f64) -> Params {
        Params { sigma: Sigma::new(sigma).ok(), ..Params::default() }
    }

    fn recolored(params: &Params) -> Params {
        let mut params = params.clone();
        params.view.scaling = Scaling::Log;
        params
    }

    /// A queue with a request of σ = 0.3 in progress, and its number.
    fn at_work() -> (RequestQueue, u64) {
        let mut queue = RequestQueue::default();
        queue.push(of(0.3), Keep::Complete);
        let number = queue.take().expect("a request").number;
        (queue, number)
    }

    #[test]
    fn the_newest_request_wins() {
        let mut queue = RequestQueue::default();
        assert!(queue.is_idle() && queue.take().is_none());
        for k in 1..=20 {
            queue.push(of(0.1 * f64::from(k)), Keep::Complete);
        }
        assert!(!queue.is_idle());
        let request = queue.take().expect("a request");
        assert_eq!((request.params, request.number), (of(2.0), 20));
        assert!(queue.take().is_none() && !queue.is_idle(), "it is in progress");
        assert!(queue.is_requested(20) && queue.finish(20, false));
        assert!(queue.is_idle() && !queue.is_requested(20));
    }

    #[test]
    fn a_request_that_replaces_another_keeps_no_more_and_has_waited_as_long() {
        let mut queue = RequestQueue::default();
        queue.push(of(0.3), Keep::Nothing);
        let asked = queue.pending.as_ref().expect("pending").asked;
        queue.push(of(0.4), Keep::Complete);
        queue.push(recolored(&of(0.4)), Keep::Partial);
        let request = queue.take().expect("a request");
        assert_eq!((request.keep, request.asked), (Keep::Nothing, asked));
        queue.push(of(0.3), Keep::Partial);
        queue.push(of(0.5), Keep::Complete);
        assert_eq!(queue.take().map(|request| request.keep), Some(Keep::Complete));
    }

    #[test]
    fn another_sigma_supersedes_a_sum_and_other_points_end_it() {
        let (mut queue, number) = at_work();
        assert_eq!(queue.relevance(number, &of(0.3)), Relevance::Requested);
        queue.push(of(0.4), Keep::Complete);
        assert!(!queue.is_requested(number));
        assert!(matches!(queue.relevance(number, &of(0.3)), Relevance::Superseded(_)));
        queue.push(Params { seed: 7, ..of(0.4) }, Keep::Complete);
        assert_eq!(queue.relevance(number, &of(0.3)), Relevance::Obsolete);
        assert!(!queue.finish(number, true), "it was not requested any more");
        assert_eq!(queue.take().expect("the newer one").params.seed, 7);
    }

    #[test]
    fn the_same_once_more_begins_anew() {
        for keep in [Keep::Nothing, Keep::Complete] {
            let (mut queue, number) = at_work();
            queue.push(of(0.3), keep);
            assert!(!queue.is_requested(number), "{keep:?}");
            let is_over = queue.relevance(number, &of(0.3)) == Relevance::Obsolete;
            assert_eq!(is_over, keep == Keep::Nothing);
        }
    }

    #[test]
    fn other_colors_leave_a_sum_in_progress_and_its_result_is_shown_in_them() {
        let (mut queue, number) = at_work();
        assert_eq!(queue.take_recoloring(number), None);
        queue.push(recolored(&of(0.3)), Keep::Partial);
        assert_eq!(queue.relevance(number, &of(0.3)), Relevance::Requested);
        assert_eq!(queue.take_recoloring(number), Some(recolored(&of(0.3))));
        assert!(queue.is_requested(number) && !queue.has_pending());
        // Those that come later still are the next request.
        queue.push(of(0.3), Keep::Partial);
        assert!(queue.finish(number, false));
        assert_eq!(queue.take().map(|request| request.params), Some(of(0.3)));
    }

    #[test]
    fn other_colors_of_another_field_do_not_keep_a_sum() {
        let (mut queue, number) = at_work();
        queue.push(of(0.4), Keep::Complete);
        queue.push(recolored(&of(0.4)), Keep::Partial);
        assert!(!queue.is_requested(number));
        assert_eq!(queue.take_recoloring(number), None);
        assert_eq!(queue.take().map(|request| request.params), Some(recolored(&of(0.4))));
    }

    #[test]
    fn a_request_that_failed_takes_a_change_of_its_colors_along() {
        let (mut queue, number) = at_work();
        queue.push(recolored(&of(0.3)), Keep::Partial);
        assert!(queue.finish(number, true) && queue.is_idle());
        let (mut queue, number) = at_work();
        queue.push(of(0.4), Keep::Complete);
        assert!(!queue.finish(number, true) && queue.has_pending());
    }

    #[test]
    fn what_is_given_up_is_obsolete_at_once() {
        let (mut queue, number) = at_work();
        queue.push(of(0.4), Keep::Complete);
        assert!(queue.give_up() && queue.is_idle());
        assert_eq!(queue.relevance(number, &of(0.3)), Relevance::Obsolete);
        assert!(!queue.finish(number, true) && !queue.give_up());
        // Other colours do not take up a sum that was stopped.
        queue.push(recolored(&of(0.3)), Keep::Partial);
        assert_eq!(queue.relevance(number, &of(0.3)), Relevance::Obsolete);
        assert_eq!(queue.take().map(|request| request.keep), Some(Keep::Partial));
    }

    #[test]
    fn nothing_is_requested_once_the_session_ends() {
        let (mut queue, number) = at_work();
        assert!(queue.is_newest(number));
        queue.close();
        assert!(queue.is_closed() && !queue.is_requested(number) && !queue.is_newest(number));
        queue.push(of(0.4), Keep::Complete);
        assert_eq!(queue.relevance(number, &of(0.3)), Relevance::Obsolete);
    }

    #[test]
    fn only_such_a_request_is_taken_as_was_asked_for() {
        let mut queue = RequestQueue::default();
        queue.push(of(0.3), Keep::Complete);
        assert!(queue.take_if(|request| request.keep == Keep::Partial).is_none());
        assert!(queue.has_pending() && queue.newest() == 1);
        assert!(queue.take_if(|request| request.keep == Keep::Complete).is_some());
    }
}
