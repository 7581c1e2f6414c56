//! What the command line says: results on standard output, everything else on standard error.
//!
//! A reader of messages that goes away, or a disk that is full, never ends the work: writing to
//! standard error may fail, and then nobody is there to be told. Results that cannot be written are
//! a failure. Nothing that is printed holds characters that steer a terminal: see [`crate::escape`].

use std::{
    fmt::Display,
    io::{self, Write},
};

use super::Failure;
use crate::escape::{escaped_json, escaped_lines};

/// Prints a message and a line break on standard error, if that can be.
pub(super) fn tell(message: impl Display) {
    show(&format!("{}\n", escaped_lines(&message.to_string())));
}

/// Prints text of our own on standard error as it is, if that can be.
pub(super) fn show(text: &str) {
    let mut err = io::stderr().lock();
    // Whoever read it may be gone: the work goes on.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Prints `text` and a line break on standard output.
///
/// # Errors
/// When it cannot be written. A reader that closes the pipe early, as `head` does, is no error.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    print(&format!("{}\n", escaped_lines(text)))
}

/// Prints one value as JSON on standard output.
///
/// # Errors
/// As for [`say`].
pub(super) fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    print(&format!("{}\n", escaped_json(&json)))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    unless_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// What became of writing to standard output; that its reader went away is no error.
pub(super) fn unless_closed(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to standard output: {err}")))
        }
        _ => Ok(()),
    }
}
