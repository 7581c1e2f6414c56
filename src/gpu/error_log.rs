//! Collects errors that the device reports outside any call; each distinct message is shown once.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Debug, Default)]
struct State {
    seen: BTreeSet<String>,
    fresh: Vec<String>,
}

/// A shared list of error messages. Clones are the same list.
#[derive(Clone, Debug, Default)]
pub struct ErrorLog(Arc<Mutex<State>>);

impl ErrorLog {
    /// The most distinct messages; later ones are only logged.
    const MAX: usize = 256;

    /// Adds a message unless an equal one was added before.
    pub fn push(&self, message: &str) {
        log::error!("{message}");
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.seen.len() < Self::MAX && state.seen.insert(message.to_owned()) {
            state.fresh.push(message.to_owned());
        }
    }

    /// The messages added since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_told_once() {
        let log = ErrorLog::default();
        log.push("broken");
        log.push("broken");
        log.push("worse");
        assert_eq!(log.take(), ["broken", "worse"]);
        log.push("broken");
        assert!(log.take().is_empty());
    }
}
