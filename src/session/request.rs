//! A request to the worker for a field or for other colours, and whether work on it still matters
//! once a newer one has come.

use std::time::{Duration, Instant};

use crate::model::{Params, Stage};

/// A request for a field, or for other colours of the field that is there.
#[derive(Clone)]
pub(super) struct Request {
    /// Counts the requests of a session, from 1 on.
    pub(super) number: u64,
    /// What is requested.
    pub(super) params: Params,
    /// How much of what is there may be kept.
    pub(super) keep: Keep,
    /// Since when it, or one that it replaced, has been waiting to be begun.
    pub(super) asked: Instant,
}

impl Request {
    /// Whether it asks for the field of `params` in other colours, and for nothing else.
    pub(super) fn only_recolors(&self, params: &Params) -> bool {
        self.keep == Keep::Partial && self.params.stage_since(params) <= Stage::Range
    }
}

/// How much of what is there a request keeps, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Keep {
    /// Nothing, once its own points are there: files are read again.
    Nothing,
    /// All that does not depend on what changed, but no sum that was stopped.
    Complete,
    /// Even a sum that was stopped: only the colour scale changed.
    Partial,
}

/// What a sum under way is still worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Relevance {
    /// It is what the newest request needs.
    Requested,
    /// Another field of the same points was requested this long ago; a partial result is still worth
    /// showing.
    Superseded(Duration),
    /// Nothing: it was stopped, or other points were requested.
    Obsolete,
}
