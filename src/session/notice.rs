//! Notices: messages for the user, kept until the owner of the session takes them.

use std::collections::BTreeSet;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something was done.
    Done,
    /// A file or a value makes no sense.
    BadInput,
    /// Something went wrong.
    Failed,
    /// The device was lost, and what was under way with it.
    Lost,
}

/// Something the user should be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// One or two sentences.
    pub text: String,
}

/// Notices that have not been taken yet, oldest first.
#[derive(Default)]
pub(super) struct Notices {
    waiting: Vec<Notice>,
    /// The causes of notices that are given once in a session.
    given: BTreeSet<&'static str>,
}

impl Notices {
    pub(super) fn push(&mut self, notice: Notice) {
        self.waiting.push(notice);
    }

    /// Adds a notice unless one of the same `cause` has been added before.
    pub(super) fn push_once(&mut self, cause: &'static str, notice: impl FnOnce() -> Notice) {
        if self.given.insert(cause) {
            self.waiting.push(notice());
        }
    }

    /// All that have come since the last call.
    pub(super) fn take(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(text: &str) -> Notice {
        Notice { kind: NoticeKind::Failed, text: text.to_owned() }
    }

    #[test]
    fn notices_are_taken_once_and_in_order() {
        let mut notices = Notices::default();
        notices.push(notice("first"));
        notices.push(notice("second"));
        assert_eq!(notices.take(), [notice("first"), notice("second")]);
        assert!(notices.take().is_empty());
    }

    #[test]
    fn a_notice_of_the_same_cause_is_given_once_in_a_session() {
        let mut notices = Notices::default();
        for _ in 0..2 {
            notices.push_once("settings", || notice("settings"));
            notices.push_once("device", || notice("device"));
        }
        assert_eq!(notices.take().len(), 2);
        notices.push_once("device", || notice("device"));
        assert!(notices.take().is_empty());
    }
}
