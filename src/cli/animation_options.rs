//! The flags that make a picture move: a sweep of σ, or a turn in space.

use std::{path::Path, time::Duration};

use clap::Args;
use serde::Serialize;

use super::{Failure, space_options::SpaceOptions, summing::ProgressLine};
use crate::{
    escape::{escaped, escaped_path},
    model::{Params, Sigma},
    numbers::format_number,
    session::{
        AnimationFacts, AnimationFormat, AnimationProgress, AnimationSpec, Motion, Outcome,
        PictureFormat, Session, timing,
    },
};

/// What changes from frame to frame, and how many frames there are.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct AnimationOptions {
    /// Write an animation of σ from FROM to TO, in equal steps of its logarithm; the name of --out ends in .apng,
    /// .gif, or / for a folder of PNG files
    #[arg(long, value_name = "FROM:TO", value_parser = parse_sweep, allow_hyphen_values = true, group = "motion",
          conflicts_with_all = ["sigma", "turn"], help_heading = "Animation")]
    sweep: Option<Sweep>,
    /// Write an animation that turns points of three or more coordinates in space by so many degrees: 360 goes
    /// once around
    #[arg(long, value_name = "DEGREES", value_parser = parse_turn, allow_hyphen_values = true, group = "motion",
          conflicts_with = "bounds", help_heading = "Animation")]
    turn: Option<f64>,
    /// Frames in all, 2 to 10000 [default: 60]
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        requires = "motion",
        help_heading = "Animation"
    )]
    frames: Option<u32>,
    /// Seconds that it lasts, instead of --frames or --fps
    #[arg(
        long,
        value_name = "S",
        allow_hyphen_values = true,
        requires = "motion",
        help_heading = "Animation"
    )]
    seconds: Option<f64>,
    /// Frames a second, 0.1 to 60, in GIF at most 50 [default: 20]
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        requires = "motion",
        help_heading = "Animation"
    )]
    fps: Option<f64>,
    /// Go back to the start in the second half
    #[arg(long, requires = "motion", help_heading = "Animation")]
    back_and_forth: bool,
    /// Let the colours of each frame have a range of their own [default: one range over all frames]
    #[arg(long, requires = "sweep", help_heading = "Animation")]
    own_ranges: bool,
}

/// Both ends of a sweep.
#[derive(Clone, Copy, Debug)]
struct Sweep([Sigma; 2]);

/// What was written, for scripts.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AnimationReport {
    frames: u32,
    seconds: f64,
    frames_per_second: f64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sigma_range: Option<[f64; 2]>,
    /// Of each frame.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sigmas: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turned_by: Option<f64>,
    /// The range of the colours in all frames.
    color_range: Option<[f32; 2]>,
}

impl AnimationOptions {
    /// What is asked for, and as which kind of file `out`; nothing for a still.
    ///
    /// # Errors
    /// When flags contradict each other or the name.
    pub(super) fn choose(
        &self,
        out: &Path,
    ) -> Result<Option<(AnimationSpec, AnimationFormat)>, Failure> {
        let Self { sweep, turn, frames, seconds, fps, back_and_forth, own_ranges } = *self;
        let format = AnimationFormat::of(out);
        let motion = match (sweep, turn) {
            (Some(Sweep(ends)), _) => Motion::Sweep(ends),
            (None, Some(degrees)) => Motion::Turn(degrees),
            (None, None) if format.is_some() => {
                return Err(Failure::bad_input(format!(
                    "--out {}: an animation needs --sweep FROM:TO or --turn DEGREES; a still ends in .png, \
                     .svg or .pdf",
                    escaped_path(out)
                )));
            }
            (None, None) => return Ok(None),
        };
        let format = format.ok_or_else(|| {
            let still = if PictureFormat::of(out).is_some() { " (what it names is a still)" } else { "" };
            Failure::bad_input(format!(
                "--out {}: expected a name that ends in .apng or .gif, or in / for a folder of PNG files{still}",
                escaped_path(out)
            ))
        })?;
        let (frames, rate) = timing(frames, seconds, fps)
            .map_err(|err| Failure::bad_input(format!("--frames, --seconds, --fps: {err}")))?;
        let one_range = !own_ranges;
        Ok(Some((AnimationSpec { motion, frames, rate, back_and_forth, one_range }, format)))
    }

    /// The flags of space: a turn shows the points there.
    pub(super) fn space(&self, own: &SpaceOptions) -> SpaceOptions {
        if self.turn.is_some() { own.turning() } else { own.clone() }
    }

    /// Begins with the first σ of a sweep.
    pub(super) fn begin(&self, params: &mut Params) {
        if let Some(Sweep([from, _])) = self.sweep {
            params.sigma = Some(from);
        }
    }
}

impl AnimationReport {
    pub(super) fn new(spec: &AnimationSpec, facts: AnimationFacts) -> Self {
        let AnimationFacts { frames, bytes, sigmas, range } = facts;
        let (sigma_range, turned_by) = match spec.motion {
            Motion::Sweep(ends) => (Some(ends.map(Sigma::get)), None),
            Motion::Turn(degrees) => (None, Some(degrees)),
        };
        Self {
            frames,
            seconds: spec.seconds(),
            frames_per_second: spec.rate.get(),
            bytes,
            sigma_range,
            sigmas,
            turned_by,
            color_range: range,
        }
    }
}

/// Waits for the animation that a session saves, and shows on a terminal how far it is.
pub(super) fn follow(session: &Session) {
    let mut line = ProgressLine::new(std::time::Instant::now());
    while !session.wait(Duration::from_millis(200)) {
        if let Some(AnimationProgress { frames, of, seconds_left, .. }) = session.jobs().animation()
        {
            let left = seconds_left.map_or_else(String::new, |seconds| {
                format!(", {} s left", format_number(seconds.ceil(), 6))
            });
            line.show_text(&format!("drawing: {frames} of {of} frames{left}"));
        }
    }
    line.clear();
}

/// What is known of the animation that was saved.
pub(super) fn facts(session: &Session) -> Option<AnimationFacts> {
    session.jobs().take_outcomes().into_iter().find_map(|outcome| match outcome {
        Outcome::Animated(facts) => Some(facts),
        _ => None,
    })
}

fn parse_sweep(text: &str) -> Result<Sweep, String> {
    let (from, to) = text
        .split_once(':')
        .ok_or_else(|| format!("found {}, expected two σ as 0.05:1", escaped(text)))?;
    let sigma = |text: &str| -> Result<Sigma, String> {
        let number = text.trim().parse::<f64>();
        let number = number.map_err(|_| format!("found {}, expected a number", escaped(text)))?;
        Sigma::new(number).map_err(|err| err.to_string())
    };
    let [from, to] = [sigma(from)?, sigma(to)?];
    if from == to {
        return Err("both σ are the same: expected a range".to_owned());
    }
    Ok(Sweep([from, to]))
}

fn parse_turn(text: &str) -> Result<f64, String> {
    const MOST: f64 = 36_000.0;
    let found = text.trim_end_matches('°').parse::<f64>().ok();
    let found = found.filter(|degrees| *degrees != 0.0 && degrees.abs() <= MOST);
    found.ok_or_else(|| format!("expected degrees, not 0 and at most {MOST} either way"))
}
