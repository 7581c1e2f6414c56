//! The command line: flags, subcommands, messages and exit codes. One file for each subcommand.
//!
//! clap is used here and nowhere else.
//!
//! Exit codes: 0 done, 1 failed, 2 bad usage or bad input, 3 no usable adapter, 4 no display.

mod bench;
mod bench_memory;
mod bench_plot;
mod engines;
mod failure;
mod info;
mod options;
mod reduce;
mod render;
mod select;
mod select_plot;
mod sigma;
mod window;

use std::io::{self, Write};

use clap::{Parser, Subcommand};

pub use bench::Bench;
pub use failure::{Exit, Failure};
pub use info::Info;
pub use options::{LookOptions, ProblemOptions};
pub use reduce::Reduce;
pub use render::Render;
pub use select::Select;
pub use window::Window;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(version, about = ABOUT, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    window: Window,
}

const ABOUT: &str = "\
See a Gaussian kernel sum on a point cloud, live, while you tune sigma.

Computes f_i = Σ_j exp(−‖x_i − y_j‖² / (2σ²)) for targets x and sources y, on the graphics card \
or on the processor, and draws the targets coloured by f. Without a subcommand it opens a window.";

const EXAMPLES: &str = "Examples:
  sigmascope points.csv --columns x,y --sigma 0.5
  sigmascope reduce --targets x.npy --sources y.npy --sigma 0.3 --out f.npy
  sigmascope render points.csv --out picture.png --scale 2
  sigmascope select points.csv --criterion loo

Exit codes: 0 done, 1 failed, 2 bad usage or bad input, 3 no usable adapter, 4 no display";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write f to a file: one value for each target, in their order (.npy, .csv)
    Reduce(Reduce),
    /// Draw the picture to a file, without a window (.png)
    Render(Render),
    /// Choose σ by criteria and rules: how good each σ is, and what can mislead
    Select(Select),
    /// Time engines side by side on generated points
    Bench(Bench),
    /// List the adapters with their limits, and the engines
    Info(Info),
}

/// Prints `text` and a line break on standard output. A reader that closes the pipe early, as `head`
/// does, is not an error.
fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
    {
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to standard output: {err}")))
        }
        _ => Ok(()),
    }
}

/// Prints one value as JSON on standard output.
fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    say(&serde_json::to_string_pretty(value).map_err(Failure::failed)?)
}

impl Cli {
    /// Runs the subcommand, or opens the window where there is none.
    ///
    /// # Errors
    /// When the work could not be done; the [`Failure`] holds the message and the exit code.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Some(Command::Reduce(reduce)) => reduce.run(),
            Some(Command::Render(render)) => render.run(),
            Some(Command::Select(select)) => select.run(),
            Some(Command::Bench(bench)) => bench.run(),
            Some(Command::Info(info)) => info.run(),
            None => self.window.run(),
        }
    }
}
