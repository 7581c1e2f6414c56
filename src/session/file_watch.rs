//! Watches the files of the points, and tells when one of them was written by another program.
//!
//! The system tells of changes in the folders of the files; where it cannot, and where changes must not be
//! missed, as on a network's drives, their sizes and times are compared twice a second.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, SystemTime},
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::document::container_of;

/// How long a file must have been left alone before it counts as written: programs write in pieces.
const QUIET: Duration = Duration::from_millis(300);
/// How often sizes and times are compared where changes must not be missed.
const OFTEN: Duration = Duration::from_millis(400);

/// What tells one content of a file from another without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    changed: Option<SystemTime>,
    /// The number of the file on its drive: another one has taken its name.
    number: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let facts = path.metadata().ok()?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&facts);
        #[cfg(not(unix))]
        let number = 0;
        Some(Self { bytes: facts.len(), changed: facts.modified().ok(), number })
    }
}

/// What the thread is told.
enum Message {
    /// Watch these files from now on, as they are now.
    Watch(Vec<PathBuf>),
    /// Whether changes must not be missed.
    Often(bool),
    /// Something happened to files of these names.
    Happened(Vec<PathBuf>),
    /// It is over.
    End,
}

/// A thread that watches files.
pub struct FileWatch {
    sender: Sender<Message>,
    changed: Arc<Mutex<Vec<PathBuf>>>,
    thread: Option<JoinHandle<()>>,
}

impl FileWatch {
    /// Starts the thread, which waits until it is told what to watch; `wake` is called from it when a file has
    /// changed. Without a thread to spare nothing is watched.
    pub fn start(wake: impl Fn() + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        let changed = Arc::<Mutex<Vec<PathBuf>>>::default();
        let (told, events) = (Arc::clone(&changed), sender.clone());
        let thread = std::thread::Builder::new().name("sigmascope-files".to_owned());
        let serve = move || {
            let mut thread = Thread::new(events);
            thread.serve(&receiver, |files| {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                for file in files {
                    if !told.contains(&file) {
                        told.push(file);
                    }
                }
                drop(told);
                wake();
            });
        };
        Self { sender, changed, thread: thread.spawn(serve).ok() }
    }

    fn tell(&self, message: Message) {
        // Without the thread nobody listens.
        let _ = self.sender.send(message);
    }

    /// Watches these files, as they are now, in the place of those before; a path may name a part of a file,
    /// as `file.npz:name`.
    pub fn watch(&self, files: Vec<PathBuf>) {
        self.take_changed();
        self.tell(Message::Watch(files));
    }

    /// Says whether changes must not be missed, also where the system tells of none.
    pub fn look_often(&self, often: bool) {
        self.tell(Message::Often(often));
    }

    /// The files that were written since they were watched or this was asked last.
    pub fn take_changed(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        self.tell(Message::End);
        if let Some(thread) = self.thread.take() {
            // A panic there has said so.
            let _ = thread.join();
        }
    }
}

/// What the thread keeps.
struct Thread {
    events: Sender<Message>,
    /// The files, with what they were when they were last told of.
    files: Vec<(PathBuf, Option<Stamp>)>,
    /// Tells of what happens in their folders, where the system can.
    watcher: Option<RecommendedWatcher>,
    often: bool,
    /// Whether something happened that was not looked at yet.
    pending: bool,
}

impl Thread {
    fn new(events: Sender<Message>) -> Self {
        Self { events, files: Vec::new(), watcher: None, often: false, pending: false }
    }

    fn serve(&mut self, receiver: &Receiver<Message>, mut tell: impl FnMut(Vec<PathBuf>)) {
        loop {
            let patience = match (self.pending, self.often && !self.files.is_empty()) {
                (true, _) => Some(QUIET),
                (false, true) => Some(OFTEN),
                (false, false) => None,
            };
            let message = match patience {
                Some(patience) => receiver.recv_timeout(patience),
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(Message::Watch(files)) => self.watch(files),
                Ok(Message::Often(often)) => self.often = often,
                Ok(Message::Happened(paths)) => self.pending |= self.concerns(&paths),
                Err(RecvTimeoutError::Timeout) => {
                    let changed = self.changed();
                    if !changed.is_empty() {
                        tell(changed);
                    }
                }
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn watch(&mut self, files: Vec<PathBuf>) {
        let files = files.into_iter().map(|path| container_of(&path).0);
        self.files = files.map(|path| (path.clone(), Stamp::of(&path))).collect();
        self.pending = false;
        self.watcher = None;
        if self.files.is_empty() {
            return;
        }
        let events = self.events.clone();
        let handler = move |event: notify::Result<notify::Event>| match event {
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(event) => drop(events.send(Message::Happened(event.paths))),
            Err(err) => log::debug!("files are watched with gaps: {err}"),
        };
        match notify::recommended_watcher(handler) {
            Ok(mut watcher) => {
                for folder in self.folders() {
                    if let Err(err) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
                        log::warn!("a folder cannot be watched: {err}");
                    }
                }
                self.watcher = Some(watcher);
            }
            Err(err) => log::warn!("the system watches no files: {err}"),
        }
    }

    /// The folders of the files, and of what they are links to.
    fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = Vec::new();
        for (path, _) in &self.files {
            let full = std::path::absolute(path).ok();
            for place in full.into_iter().chain(path.canonicalize().ok()) {
                let folder = place.parent().map(Path::to_owned).unwrap_or_default();
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
        folders
    }

    /// Whether something that happened to these may have happened to a file that is watched: a link may have
    /// another name.
    fn concerns(&self, paths: &[PathBuf]) -> bool {
        let same = |name: &OsStr| {
            self.files.iter().any(|(file, _)| {
                file.file_name() == Some(name)
                    || file.canonicalize().is_ok_and(|place| place.file_name() == Some(name))
            })
        };
        paths.is_empty() || paths.iter().filter_map(|path| path.file_name()).any(same)
    }

    /// The files that are others than they were, once they have been left alone.
    fn changed(&mut self) -> Vec<PathBuf> {
        let waited = std::mem::take(&mut self.pending);
        let mut changed = Vec::new();
        for (path, known) in &mut self.files {
            let now = Stamp::of(path);
            // One that is gone may be about to come back under its name.
            if now.is_none() || now == *known {
                continue;
            }
            if waited {
                *known = now;
                changed.push(path.clone());
            } else {
                // Seen by looking alone: wait until it is left alone.
                self.pending = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Instant,
    };

    use super::*;

    /// Writes again and again until the file is told, however late the thread took its first look.
    fn is_told_after(watch: &FileWatch, path: &Path, mut write: impl FnMut(u32)) {
        for round in 0..60 {
            write(round);
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(3) {
                std::thread::sleep(Duration::from_millis(20));
                let changed = watch.take_changed();
                if !changed.is_empty() {
                    assert_eq!(changed, [path.to_owned()]);
                    return;
                }
            }
        }
        panic!("a file that was written was not told");
    }

    /// A file that is written, replaced under its name, or a part of one that is.
    fn is_told(often: bool) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("points.csv");
        std::fs::write(&path, "x,y\n1,2\n").expect("written");
        let woken = Arc::new(AtomicBool::new(false));
        let wake = Arc::clone(&woken);
        let watch = FileWatch::start(move || wake.store(true, Ordering::Relaxed));
        watch.look_often(often);
        watch.watch(vec![path.clone()]);
        let rows = |round: u32| format!("x,y\n{}", "1,2\n".repeat(round as usize + 2));
        is_told_after(&watch, &path, |round| {
            std::fs::write(folder.path().join("other.csv"), "x").expect("written");
            std::fs::write(&path, rows(round)).expect("written");
        });
        let other = folder.path().join("points.csv.tmp");
        is_told_after(&watch, &path, |round| {
            std::fs::write(&other, rows(round + 100)).expect("written");
            std::fs::remove_file(&path).expect("removed");
            std::fs::rename(&other, &path).expect("renamed");
        });
        assert!(woken.load(Ordering::Relaxed));
        watch.watch(Vec::new());
        assert!(watch.take_changed().is_empty());
    }

    #[test]
    fn a_written_file_is_told() {
        is_told(false);
    }

    #[test]
    fn it_is_also_told_where_changes_must_not_be_missed() {
        is_told(true);
    }
}
