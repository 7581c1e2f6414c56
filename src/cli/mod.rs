//! The command line: flags, subcommands, messages and exit codes. One file for each subcommand.
//!
//! clap is used here and nowhere else.
//!
//! Exit codes: 0 done, 1 failed, 2 bad usage or bad input, 3 no usable adapter, 4 no display.

mod animation_options;
mod bench;
mod bench_memory;
mod bench_plot;
mod beside_options;
mod bounds;
mod calibrate;
mod color_options;
mod contours;
mod document_options;
mod engines;
mod environment;
mod failure;
mod file_info;
mod info;
mod logging;
mod look_options;
mod options;
mod page_options;
mod patterns;
mod raster;
mod read_facts;
mod reading_options;
mod reduce;
mod render;
mod row_options;
mod select;
mod select_plot;
mod sigma;
mod signals;
mod space_options;
mod summing;
mod terminal;
mod threads;
mod told;
mod usage;
mod window;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use document_options::given_in;

pub use bench::Bench;
pub use color_options::ColorOptions;
pub use contours::Contours;
pub use failure::{Exit, Failure};
pub use info::Info;
pub use look_options::LookOptions;
pub use options::ProblemOptions;
pub use raster::Raster;
pub use reduce::Reduce;
pub use render::Render;
pub use select::Select;
use terminal::{say, say_json, tell};
pub use window::Window;

use crate::{
    memory::left_by_limits,
    session::{MachineRates, keep_little},
};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(version, bin_name = "sigmascope", about = ABOUT, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
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
  sigmascope contours points.csv --mass 0.5,0.9 --out lines.geojson
  sigmascope select points.csv --criterion loo

Exit codes: 0 done, 1 failed, 2 bad usage or bad input, 3 no usable adapter, 4 no display";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write f to a file: one row for each row of the targets' file (.csv, .parquet, .arrow, .npy, .npz)
    Reduce(Reduce),
    /// Draw the picture to a file, without a window (.png, .svg, .pdf)
    Render(Box<Render>),
    /// Write f at the centres of equal cells over a part of the plane (.npy, .csv, .png)
    Raster(Raster),
    /// Write the lines around parts of the estimate's mass (.geojson, .csv, .svg)
    Contours(Contours),
    /// Choose σ by criteria and rules: how good each σ is, and what can mislead
    Select(Select),
    /// Time engines side by side on generated points
    Bench(Bench),
    /// Say what is in a file and how it would be read; without one, list the adapters and the engines
    Info(Info),
}

/// Runs the program as its command line says, and returns what it exits with. A failure is told as
/// `error: …`.
pub fn main() -> ExitCode {
    logging::start();
    let done = match Cli::parsed() {
        Ok(cli) => cli.begin().map(|()| ExitCode::SUCCESS),
        Err(err) => usage::answer(&err),
    };
    done.unwrap_or_else(|failure| {
        tell(format!("error: {:#}", failure.error));
        ExitCode::from(failure.exit as u8)
    })
}

impl Cli {
    /// The command line of this process; what has a use for it is told which flags were given.
    fn parsed() -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        let mut cli = Self::from_arg_matches(&matches).map_err(|err| err.format(&mut command))?;
        match (&mut cli.command, matches.subcommand()) {
            (Some(Command::Render(render)), Some((_, matches))) => {
                render.document.given = given_in(matches);
            }
            (None, _) => cli.window.given = given_in(&matches),
            _ => {}
        }
        Ok(cli)
    }

    /// Prepares the process, and runs the command.
    fn begin(self) -> Result<(), Failure> {
        if self.command.is_some() {
            environment::quieten_drivers();
        }
        environment::check()?;
        if left_by_limits().is_some() {
            // Pools for each thread would take the address space that there is.
            keep_little();
        }
        signals::watch();
        threads::start()?;
        self.run()
    }

    /// Runs the subcommand, or opens the window where there is none.
    ///
    /// # Errors
    /// When the work could not be done; the [`Failure`] holds the message and the exit code.
    pub fn run(self) -> Result<(), Failure> {
        MachineRates::keep();
        let done = match self.command {
            Some(Command::Reduce(reduce)) => reduce.run(),
            Some(Command::Render(render)) => render.run(),
            Some(Command::Raster(raster)) => raster.run(),
            Some(Command::Contours(contours)) => contours.run(),
            Some(Command::Select(select)) => select.run(),
            Some(Command::Bench(bench)) => bench.run(),
            Some(Command::Info(info)) => info.run(),
            None => self.window.run(),
        };
        MachineRates::save();
        done
    }
}
