//! What the graphics stack has to say, for those who ask for it with `RUST_LOG`.

use std::{io::Write, time::Instant};

use super::terminal::tell;
use crate::escape::{escaped, escaped_lines};

/// The variable that says what is logged.
const VARIABLE: &str = "RUST_LOG";

/// Starts to log on standard error what the variable asks for, with the seconds since now.
pub(super) fn start() {
    let start = Instant::now();
    let asked = std::env::var_os(VARIABLE).filter(|text| !text.is_empty());
    let asked = asked.map(|text| text.to_string_lossy().into_owned());
    let mut logger = env_logger::Builder::new();
    match &asked {
        None => drop(logger.parse_filters("off")),
        // The crate would write its own warning, and end the program where it cannot.
        Some(text) => match env_filter::Builder::new().try_parse(text) {
            Ok(_) => drop(logger.parse_filters(text)),
            Err(err) => {
                tell(format!("note: {VARIABLE} is '{}': {err}; nothing is logged", escaped(text)));
                logger.parse_filters("off");
            }
        },
    }
    logger.format(move |out, record| {
        let seconds = start.elapsed().as_secs_f64();
        let text = escaped_lines(&record.args().to_string());
        writeln!(out, "[{seconds:.3} s {} {}] {text}", record.level(), record.target())
    });
    // One that is there already, as in a test, stays.
    let _ = logger.try_init();
}
