//! What has to hold for every file and all options: a sound cloud with a report that fits it, or a
//! message that fits on one line; the same the second time; and an end when told to stop.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Once;

use sigmascope_core::{
    engine::{Progress, go_on_if},
    model::Points,
};
use sigmascope_io::{LoadError, LoadOptions, Loaded, load};

/// The longest message, in characters.
const LONGEST: usize = 2000;

/// Loads a file of this content in every way.
///
/// # Panics
/// When something does not hold.
pub fn check(content: &[u8], options: &LoadOptions) -> Result<Loaded, LoadError> {
    check_named("", content, options)
}

/// The same of a file whose name has this end.
///
/// # Panics
/// When something does not hold.
pub fn check_named(end: &str, content: &[u8], options: &LoadOptions) -> Result<Loaded, LoadError> {
    // Readers catch the panics of crates that have some for broken files, and tell them as errors; the
    // fuzzer's own hook would end it at each. One that nobody catches still ends it.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| drop(std::panic::take_hook()));
    let path = &file(end);
    std::fs::write(path, content).expect("room for a small file");
    let (result, asked) = load_until(path, options, u32::MAX);
    match &result {
        Ok(loaded) => check_loaded(loaded, content, options),
        Err(err) => check_message(err, path),
    }
    assert!(asked > 0 || result.is_err(), "it never asked whether to go on");
    // Three more loads: some of the files are as good as all.
    if content.len().is_multiple_of(4) {
        check_again(path, options, &result, asked);
    }
    result
}

/// Loads once more, and stops at the first and at the last question.
fn check_again(path: &Path, options: &LoadOptions, result: &Result<Loaded, LoadError>, asked: u32) {
    let (again, asked_again) = load_until(path, options, u32::MAX);
    assert_eq!(asked, asked_again, "as many questions the second time");
    match (result, &again) {
        (Ok(loaded), Ok(again)) => assert_eq!(loaded, again, "the same the second time"),
        (Err(err), Err(again)) => assert_eq!(err.to_string(), again.to_string()),
        _ => panic!("first {result:?}, then {again:?}"),
    }
    for stop_at in [1, asked] {
        if asked > 0 {
            let (stopped, questions) = load_until(path, options, stop_at);
            assert!(matches!(stopped, Err(LoadError::Cancelled)), "{stopped:?}");
            assert_eq!(questions, stop_at, "it went on");
        }
    }
}

/// One file for the whole process and this end of a name, written anew each time.
fn file(end: &str) -> PathBuf {
    std::env::temp_dir().join(format!("fuzz-{}{end}", std::process::id()))
}

/// Loads until that question whether to go on, and counts the questions.
fn load_until(
    path: &Path,
    options: &LoadOptions,
    stop_at: u32,
) -> (Result<Loaded, LoadError>, u32) {
    let (asked, reached) = (Cell::new(0), Cell::new(0.0));
    let result = load(path, options, &mut |Progress { fraction }: Progress| {
        assert!((reached.get()..=1.0).contains(&fraction), "{fraction} after {}", reached.get());
        reached.set(fraction);
        asked.set(asked.get() + 1);
        go_on_if(asked.get() < stop_at)
    });
    (result, asked.get())
}

fn check_loaded(loaded: &Loaded, content: &[u8], options: &LoadOptions) {
    let Loaded { cloud, rows, report } = loaded;
    assert_eq!((rows.rows(), rows.kept()), (report.rows_read, cloud.len() as u64));
    assert!(!cloud.is_empty());
    if let Some(dim) = options.dim {
        assert_eq!(cloud.dim(), dim);
    }
    assert!(cloud.dim() <= 64 || options.columns.len() == cloud.dim());
    assert_eq!(cloud.axes(), report.columns_used);
    assert!(cloud.coordinates().iter().all(|value| value.is_finite()));
    assert_eq!(cloud.len() as u64, report.rows_kept());
    assert_eq!(report.rows_read, report.rows_kept() + report.rows_dropped());
    let size = size_of_val(cloud.coordinates()).max(content.len());
    assert!(size as u64 <= options.byte_budget, "{size} bytes are over the budget");

    assert_eq!(report.ranges.len(), cloud.dim());
    for (axis, &[low, high]) in report.ranges.iter().enumerate() {
        let column = || cloud.coordinates().iter().skip(axis).step_by(cloud.dim()).copied();
        assert_eq!(column().fold(f64::INFINITY, f64::min), low);
        assert_eq!(column().fold(f64::NEG_INFINITY, f64::max), high);
        assert!(high - low <= Points::MAX_EXTENT);
    }

    let names: Vec<&String> =
        report.columns_available.iter().chain(&report.columns_skipped).collect();
    for (k, name) in names.iter().enumerate() {
        assert!(!name.is_empty() && !name.contains(char::is_control), "{name:?}");
        // Quadratic: a few are as good as all.
        assert!(!names[..k.min(50)].contains(name), "{name:?} twice");
    }
    assert!(report.columns_used.iter().all(|name| report.columns_available.contains(name)));
    for (wish, name) in options.columns.iter().zip(&report.columns_used) {
        let wish = wish.trim();
        let fits = wish.to_lowercase() == name.to_lowercase() || wish.parse::<usize>().is_ok();
        assert!(fits, "{name:?} for {wish:?}");
    }

    let summary = report.summary();
    assert!(summary.lines().count() <= 20, "{summary:?}");
    assert!(summary.lines().all(|line| !line.contains(char::is_control)), "{summary:?}");
    assert!(summary.chars().count() < LONGEST, "{summary:?}");
}

fn check_message(err: &LoadError, path: &Path) {
    let message = err.to_string();
    let file = path.display().to_string();
    let claims_a_change =
        ["changes while", "has grown"].iter().any(|words| message.contains(words));
    assert!(message.starts_with(&file), "{message:?} is not about {file}");
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!(message.chars().count() < LONGEST, "{message:?}");
    assert!(!claims_a_change, "nobody wrote to the file: {message:?}");
}
