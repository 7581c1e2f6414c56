//! The thread of the worker: started with a session, ended with it.

use std::{sync::Arc, thread::JoinHandle};

use super::Worker;
use crate::{gpu::Gpu, session::shared_state::SharedState};

/// A worker at work. It ends when this is dropped, at the latest.
pub(in crate::session) struct WorkerThread {
    shared: Arc<SharedState>,
    thread: Option<JoinHandle<()>>,
}

impl WorkerThread {
    /// Starts a worker on what is `shared` with it.
    pub(in crate::session) fn start(gpu: Gpu, shared: &Arc<SharedState>) -> std::io::Result<Self> {
        let worker = Worker::new(gpu, Arc::clone(shared));
        let thread = std::thread::Builder::new().name("sigmascope-worker".to_owned());
        let thread = thread.spawn(move || worker.run())?;
        Ok(Self { shared: Arc::clone(shared), thread: Some(thread) })
    }

    /// Ends all work and waits for that.
    pub(in crate::session) fn end(&mut self) {
        self.shared.tell_worker(|state| state.requests.close());
        if let Some(thread) = self.thread.take() {
            // A panic of the worker has been told already.
            let _ = thread.join();
        }
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        self.end();
    }
}
