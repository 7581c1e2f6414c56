//! What sums took on this machine, kept from one run of the program to the next: a file in the cache folder.
//!
//! ```text
//!   processors   name, threads, instructions             ─▶ sums of simd
//!   adapters     name, kind, interface, driver, processor ─▶ sums of gpu
//! ```
//!
//! Nothing needs the file: without one, or with one that makes no sense, the models of
//! [`crate::scheduler`] hold as they are. It is written whole or not at all; of two programs that end at once, the
//! later one's stays.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::OwnFiles;
use crate::{
    engine::EngineId,
    gpu::AdapterSummary,
    scheduler::{KnownSums, LearnedRates, Machine},
};

/// The file's name.
const FILE: &str = "rates.json";
/// The most processors and the most adapters that are kept: more come only from a folder that many machines share.
const MOST: usize = 16;

/// Rates by machine, as in the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    processors: BTreeMap<String, KnownSums>,
    adapters: BTreeMap<String, KnownSums>,
}

/// What is known at present.
#[derive(Default)]
struct Store {
    kept: Kept,
    /// Where it is kept, if it is.
    files: Option<OwnFiles>,
    /// Whether it changed since it was written.
    changed: bool,
    /// What to tell of a file that made no sense.
    complaint: Option<String>,
}

/// Rates that are learned from sums and kept on disk, for the whole process, once [`MachineRates::keep`] was called:
/// what a test sums must not change what is chosen in the next.
#[derive(Debug)]
pub struct MachineRates;

fn store() -> MutexGuard<'static, Store> {
    static STORE: OnceLock<Mutex<Store>> = OnceLock::new();
    STORE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

impl MachineRates {
    /// The environment variable with which nothing is kept: for tests and scripts.
    pub const NOT_KEPT: &'static str = "SIGMASCOPE_NO_RATES";

    /// Reads what is in the user's cache folder, and keeps there what is learned from now on.
    pub fn keep() {
        if std::env::var_os(Self::NOT_KEPT).is_none() {
            Self::keep_in(OwnFiles::cache());
        }
    }

    /// The same in another folder.
    fn keep_in(files: Option<OwnFiles>) {
        let mut store = store();
        match files.as_ref().map(|files| files.read::<Kept>(FILE)) {
            Some(Ok(Some(kept))) => store.kept = kept,
            Some(Err(err)) => store.complaint = Some(err.to_string()),
            Some(Ok(None)) | None => {}
        }
        store.files = files;
    }

    /// What to tell of a file that made no sense; once.
    pub fn take_complaint() -> Option<String> {
        store().complaint.take()
    }

    /// What is known of this processor and `adapter`.
    pub fn of(adapter: Option<&AdapterSummary>) -> LearnedRates {
        let store = store();
        let known = |sums: &BTreeMap<String, KnownSums>, key: &str| {
            sums.get(key).cloned().unwrap_or_default()
        };
        LearnedRates {
            simd: known(&store.kept.processors, processor()),
            gpu: adapter.map_or_else(KnownSums::default, |adapter| {
                known(&store.kept.adapters, &key_of(adapter))
            }),
        }
    }

    /// Takes in that `engine` took so many seconds for [n, m, d], from points to field, on `adapter` if that
    /// is what it ran on. What includes compiling a shader is none of that.
    pub fn learn(
        adapter: Option<&AdapterSummary>,
        engine: EngineId,
        size: [usize; 3],
        seconds: f64,
    ) {
        if store().files.is_none() {
            return;
        }
        let machine = Machine::here(adapter.map(|adapter| adapter.kind));
        let mut rates = Self::of(adapter);
        let before = rates.clone();
        rates.learn(engine, size, seconds, &machine);
        if rates == before {
            return;
        }
        let mut store = store();
        store.changed = true;
        put(&mut store.kept.processors, processor(), rates.simd);
        if let Some(adapter) = adapter {
            put(&mut store.kept.adapters, &key_of(adapter), rates.gpu);
        }
    }

    /// Writes what is new; where that cannot be done it is learned again another time.
    pub fn save() {
        let mut store = store();
        let Some(files) = store.files.clone().filter(|_| store.changed) else { return };
        store.changed = false;
        if let Err(err) = files.write(FILE, &store.kept) {
            log::info!("what sums took is not kept: {err}");
        }
    }
}

fn put(sums: &mut BTreeMap<String, KnownSums>, key: &str, known: KnownSums) {
    if known.is_empty() {
        return;
    }
    if sums.len() >= MOST && !sums.contains_key(key) {
        sums.pop_first();
    }
    sums.insert(key.to_owned(), known);
}

/// This processor with what `simd` uses of it.
fn processor() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let brand = sysinfo::System::new().ok().and_then(|mut system| {
            system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
            system.cpus().first().map(|cpu| cpu.brand().trim().to_owned())
        });
        let Machine { threads, instructions, .. } = Machine::here(None);
        let brand = brand.filter(|brand| !brand.is_empty());
        let brand = brand.unwrap_or_else(|| std::env::consts::ARCH.to_owned());
        format!("{brand}, {threads} threads, {}", instructions.name())
    })
}

/// An adapter with its driver, in this machine.
fn key_of(adapter: &AdapterSummary) -> String {
    format!("{}, {}, {}", adapter.title(), adapter.driver, processor())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, since the store is the process's.
    #[test]
    fn what_was_learned_is_kept_and_a_broken_file_is_told_and_ignored() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = OwnFiles::in_folder(&folder.path().join("cache"));
        let size = [3000, 3000, 2];
        let here = Machine::here(None);
        MachineRates::keep_in(Some(files.clone()));
        assert_eq!(MachineRates::take_complaint(), None);
        MachineRates::save();
        assert!(!files.path(FILE).exists(), "nothing was learned");
        MachineRates::learn(None, EngineId::Simd, size, 0.25);
        MachineRates::save();
        let kept: Kept = files.read(FILE).expect("JSON").expect("a file");
        assert_eq!(kept, store().kept);
        let expected = MachineRates::of(None).simd_seconds(size, &here);
        assert!((expected - 0.25).abs() < 1e-6, "{expected}");

        *store() = Store::default();
        MachineRates::keep_in(Some(files.clone()));
        assert!((MachineRates::of(None).simd_seconds(size, &here) - 0.25).abs() < 1e-6);

        *store() = Store::default();
        std::fs::write(files.path(FILE), "{\"processors\": [").expect("a file");
        MachineRates::keep_in(Some(files));
        let complaint = MachineRates::take_complaint().expect("it is told");
        assert!(complaint.contains("rates.json"), "{complaint}");
        assert_eq!(MachineRates::take_complaint(), None);
        assert_eq!(MachineRates::of(None), LearnedRates::NONE);
        *store() = Store::default();
    }
}
