//! What clap answers: help and the version, or that the command line makes no sense.
//!
//! Its messages repeat arguments, so they are made again from arguments that are safe to print.

use std::{ffi::OsString, io, process::ExitCode};

use clap::Parser;

use super::{
    Cli, Failure,
    terminal::{tell, unless_closed},
};
use crate::escape::{escaped, is_escaped};

/// Prints the answer, and returns what to exit with.
///
/// # Errors
/// When help cannot be written.
pub(super) fn answer(err: &clap::Error) -> Result<ExitCode, Failure> {
    let code = ExitCode::from(u8::try_from(err.exit_code()).unwrap_or(2));
    if !err.use_stderr() {
        return unless_closed(err.print().and_then(|()| io::Write::flush(&mut io::stdout())))
            .map(|()| code);
    }
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let harmless = |argument: &OsString| !argument.to_string_lossy().contains(is_escaped);
    if arguments.iter().all(harmless) {
        // Whoever read it may be gone.
        let _ = err.print();
        return Ok(code);
    }
    let safe = arguments.iter().map(|argument| escaped(&argument.to_string_lossy()));
    match Cli::try_parse_from(safe) {
        Err(again) if again.use_stderr() => drop(again.print()),
        // Without colours, but with the same words.
        _ => tell(err.render().to_string().trim_end()),
    }
    Ok(code)
}
