//! What the tests share: running device tests only where there is a device, and reference sums.

#![allow(dead_code, reason = "each test file uses its own part")]

use libtest_mimic::{Arguments, Failed, Trial};
use sigmascope::gpu::Gpu;
#[allow(unused_imports, reason = "each test file uses its own part")]
pub use sigmascope_test_cases::*;

/// Runs `tests`, which all need a device. Without an adapter they show as ignored, or fail where
/// `REQUIRE_GPU=1` demands one.
pub fn run_device_tests(tests: Vec<(String, Box<dyn FnOnce() + Send>)>) {
    run_device_tests_with(&[], tests);
}

/// The same for tests that also need `programs`: each with the package that has it.
pub fn run_device_tests_with(
    programs: &[(&str, &str)],
    tests: Vec<(String, Box<dyn FnOnce() + Send>)>,
) {
    let arguments = Arguments::from_args();
    let required = std::env::var("REQUIRE_GPU").is_ok_and(|v| v == "1");
    let missing: Vec<String> = programs
        .iter()
        .filter(|(program, _)| !is_installed(program))
        .map(|(program, package)| format!("{program} is missing: apt-get install {package}"))
        .collect();
    let has_adapter = || sigmascope::gpu::adapters().iter().any(|adapter| adapter.usable);
    let ignored = !required && (!missing.is_empty() || !has_adapter());
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            let missing = missing.join("\n");
            Trial::test(name, move || {
                if !missing.is_empty() {
                    return Err(Failed::from(missing));
                }
                test();
                Ok(())
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
