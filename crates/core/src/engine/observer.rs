//! The observer of a computation: a trait by which a caller follows progress, cancels, pauses and
//! takes previews, the same for every engine.

use std::{ops::ControlFlow, time::Duration};

use super::Values;

/// How far a computation is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The part of the work that is known to be done, from 0 to 1; it never falls. It stays 0 where the
    /// work cannot tell.
    pub fraction: f64,
}

impl Progress {
    /// Nothing is known to be done.
    pub const BEGUN: Self = Self { fraction: 0.0 };
}

/// A field of which only some sources are summed so far.
pub struct Partial {
    /// f as it would be if the sources that are left were like those that are summed: scaled up.
    pub values: Values,
    /// The part of the sources that is summed, above 0 and below 1.
    pub fraction: f64,
}

/// Follows a computation from the thread that runs it.
///
/// A closure from [`Progress`] to [`ControlFlow`] is an observer without previews.
pub trait Observer {
    /// Called every few milliseconds, wherever the work can be left. It may block, which pauses the work;
    /// [`ControlFlow::Break`] ends it with [`EngineError::Stopped`](super::EngineError::Stopped).
    fn checkpoint(&mut self, progress: Progress) -> ControlFlow<()>;

    /// How long until the next preview is wanted, zero if that is now; `None` where none ever is, which
    /// spares the engine the work of preparing for one.
    fn preview_due(&mut self) -> Option<Duration> {
        None
    }

    /// Takes a preview that was due; [`ControlFlow::Break`] ends the work.
    fn preview(&mut self, _partial: Partial) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl<F: FnMut(Progress) -> ControlFlow<()>> Observer for F {
    fn checkpoint(&mut self, progress: Progress) -> ControlFlow<()> {
        self(progress)
    }
}

/// What a checkpoint answers where the work is to go on only if `wanted`.
pub fn go_on_if(wanted: bool) -> ControlFlow<()> {
    if wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Lets every computation run to its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn checkpoint(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// A part of a computation; its progress from 0 to 1 is reported as the whole's progress from `start` to
/// `start + length`.
pub struct Stretch<'a> {
    /// Who follows the whole.
    pub observer: &'a mut dyn Observer,
    /// Where the part begins.
    pub start: f64,
    /// How long it is.
    pub length: f64,
}

impl Observer for Stretch<'_> {
    fn checkpoint(&mut self, Progress { fraction }: Progress) -> ControlFlow<()> {
        let fraction = self.start + self.length * fraction.clamp(0.0, 1.0);
        self.observer.checkpoint(Progress { fraction })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_tells_the_progress_of_the_whole() {
        let mut heard = Vec::new();
        let mut follow = |Progress { fraction }: Progress| {
            heard.push(fraction);
            ControlFlow::Continue(())
        };
        let mut stretch = Stretch { observer: &mut follow, start: 0.5, length: 0.25 };
        for fraction in [0.0, 0.5, 1.0, 7.0] {
            assert!(stretch.checkpoint(Progress { fraction }).is_continue());
        }
        assert_eq!(heard, [0.5, 0.625, 0.75, 0.75]);
    }
}
