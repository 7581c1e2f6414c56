//! What the tests share: running device tests only where there is a device, and reference sums.

#![allow(dead_code, reason = "each test file uses its own part")]

mod alone;

use alone::Turn;
use libtest_mimic::{Arguments, Failed, Trial};
use sigmascope::gpu::Gpu;
#[allow(unused_imports, reason = "each test file uses its own part")]
pub use sigmascope_test_cases::*;

/// Named like a test: passes where there is an adapter that the program can use.
const HAS_ADAPTER: &str = "there is an adapter";

/// Runs `tests`, which all need a device, each in a process of its own. Without an adapter they show as
/// ignored, or fail where `REQUIRE_GPU=1` demands one.
pub fn run_device_tests(tests: Vec<(String, Box<dyn FnOnce() + Send>)>) {
    run_device_tests_with(&[], tests);
}

/// The same for tests that also need `programs`, each with the package that has it: they drive a window
/// on a display, one of them at a time.
pub fn run_device_tests_with(
    programs: &'static [(&str, &str)],
    tests: Vec<(String, Box<dyn FnOnce() + Send>)>,
) {
    if let Some(only) = alone::only() {
        if only == HAS_ADAPTER {
            let mut adapters = sigmascope::gpu::adapters().into_iter();
            assert!(adapters.any(|adapter| adapter.usable), "there is none");
        } else {
            let test = tests.into_iter().find(|(name, _)| *name == only);
            test.expect("a test of this name").1();
        }
        alone::pass();
    }
    let arguments = Arguments::from_args();
    let shows = arguments.nocapture;
    let required = std::env::var("REQUIRE_GPU").is_ok_and(|v| v == "1");
    let missing: Vec<String> = programs
        .iter()
        .filter(|(program, _)| !is_installed(program))
        .map(|(program, package)| format!("{program} is missing: apt-get install {package}"))
        .collect();
    let has_adapter = || alone::run(HAS_ADAPTER, false).is_ok();
    let ignored = !required && (!missing.is_empty() || !has_adapter());
    let trials = tests
        .into_iter()
        .map(|(name, _)| {
            let missing = missing.join("\n");
            Trial::test(name.clone(), move || {
                if !missing.is_empty() {
                    return Err(Failed::from(missing));
                }
                let _turn = if programs.is_empty() { None } else { Some(Turn::take()?) };
                alone::run(&name, shows)
            })
            .with_ignored_flag(ignored)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// One row of a list for [`run_device_tests`].
pub fn device_test(
    name: impl Into<String>,
    test: impl FnOnce() + Send + 'static,
) -> (String, Box<dyn FnOnce() + Send>) {
    (name.into(), Box::new(test))
}

/// The device that the tests run on.
pub fn gpu() -> Gpu {
    Gpu::headless(None).expect("an adapter")
}
