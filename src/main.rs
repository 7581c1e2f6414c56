//! Parses the command line, runs what it says, prints `error: …` when that fails.

use std::{io::Write, process::ExitCode, time::Instant};

use clap::Parser;
use sigmascope::cli::Cli;

fn main() -> ExitCode {
    // What the graphics stack has to say is for those who ask for it with RUST_LOG.
    let start = Instant::now();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("off"))
        .format(move |out, record| {
            let seconds = start.elapsed().as_secs_f64();
            writeln!(
                out,
                "[{seconds:.3} s {} {}] {}",
                record.level(),
                record.target(),
                record.args()
            )
        })
        .init();
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {:#}", failure.error);
            ExitCode::from(failure.exit as u8)
        }
    }
}
