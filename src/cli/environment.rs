//! Variables of the environment: those of the program are checked before any work, and one that a
//! driver misses is set.

use std::ffi::OsStr;

use super::{Failure, terminal::tell};
use crate::{
    app::check_variable,
    engine::{ForcedPlace, Instructions},
    escape::escaped,
    gpu::Faults,
    session::OwnFiles,
};

/// What the names of all its variables begin with.
const PREFIX: &str = "SIGMASCOPE_";
/// The variables that users have.
const KNOWN: [&str; 3] = [OwnFiles::VARIABLE, Instructions::VARIABLE, ForcedPlace::VARIABLE];
/// Beginnings of those that belong to tests and scripts.
const OTHERS: [&str; 7] = ["FAULTS", "LIMITS", "LOSSES_WITHIN", "TEST_", "ONLY_", "SOAK_", "NO_"];

/// Refuses variables of the program whose values make no sense; tells of such that it does not know.
///
/// # Errors
/// When a value makes no sense; the message names the variable.
pub(super) fn check() -> Result<(), Failure> {
    Instructions::chosen().map_err(Failure::bad_input)?;
    ForcedPlace::read().map_err(Failure::bad_input)?;
    OwnFiles::check_variable().map_err(Failure::bad_input)?;
    Faults::check_variables().map_err(Failure::bad_input)?;
    check_variable().map_err(Failure::bad_input)?;
    for (name, _) in std::env::vars_os() {
        if is_unknown(&name) {
            let name = escaped(&name.to_string_lossy());
            tell(format!("note: {name} is set, but there is only {}", KNOWN.join(", ")));
        }
    }
    Ok(())
}

/// Whether a variable looks like one of the program and is none.
fn is_unknown(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let Some(rest) = name.strip_prefix(PREFIX) else { return false };
    !KNOWN.contains(&&*name) && !OTHERS.iter().any(|other| rest.starts_with(other))
}

/// Keeps Vulkan's drivers, which look for a display also where none is needed, from writing that
/// `XDG_RUNTIME_DIR` is not set: it names a folder without a display. Call it where no window is to
/// be opened, and before any thread is started.
#[cfg(all(unix, not(target_os = "macos")))]
#[expect(unsafe_code, reason = "drivers read it from the environment and nowhere else")]
pub(super) fn quieten_drivers() {
    const VARIABLE: &str = "XDG_RUNTIME_DIR";
    /// Absolute, as it has to be, and nothing that anyone has.
    const NOWHERE: &str = "/nonexistent";
    if std::env::var_os(VARIABLE).is_none_or(|folder| !folder.to_string_lossy().starts_with('/')) {
        // SAFETY: no other thread is there yet that could read the environment meanwhile.
        unsafe { std::env::set_var(VARIABLE, NOWHERE) };
    }
}

/// Elsewhere nothing is written.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) fn quieten_drivers() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_program_that_it_does_not_know_are_told() {
        for (name, unknown) in [
            ("SIGMASCOPE_SIMD", false),
            ("SIGMASCOPE_FAST", false),
            ("SIGMASCOPE_SETTINGS", false),
            ("SIGMASCOPE_SIMDD", true),
            ("SIGMASCOPE_ENGINE", true),
            ("SIGMASCOPE_SOAK_SEED", false),
            ("SIGMASCOPE_FAULTS", false),
            ("SIGMA", false),
            ("PATH", false),
        ] {
            assert_eq!(is_unknown(OsStr::new(name)), unknown, "{name}");
        }
    }
}
