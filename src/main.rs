//! Runs what the command line says.

use std::process::ExitCode;

fn main() -> ExitCode {
    sigmascope::cli::main()
}
