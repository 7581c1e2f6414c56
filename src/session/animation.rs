//! Animations: one picture after the other, while σ or the direction of view changes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    PictureSpec, SavedWith, Scene, SpacePicture,
    files::{self, Replace, WriteError},
    folder,
};
use crate::{
    escape::escaped_path,
    figure::{FrameRate, GifWriter},
    model::Sigma,
    numbers::format_number,
    space::ViewDirection,
};

/// The fewest and the most frames.
pub const FRAMES: [u32; 2] = [2, 10_000];
/// The most pixels of a frame, as many as a still has that is drawn whole.
const MOST_PIXELS: u64 = 1 << 25;

/// What changes from frame to frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// σ, in equal steps of its logarithm.
    Sweep([Sigma; 2]),
    /// The direction from which targets in space are looked at, by so many degrees around the upright axis.
    Turn(f64),
}

/// How many frames there are, and how they follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnimationSpec {
    /// What changes.
    pub motion: Motion,
    /// How many frames there are in all.
    pub frames: u32,
    /// How fast they follow each other.
    pub rate: FrameRate,
    /// Whether the second half goes back to the start.
    pub back_and_forth: bool,
    /// Whether colours have one range over all frames, where they show f.
    pub one_range: bool,
}

impl AnimationSpec {
    /// How far frame `k` is from the start to the end, 0 to 1.
    fn place(&self, k: u32) -> f64 {
        let Self { motion, frames, back_and_forth, .. } = *self;
        // A whole turn ends where it began, and that is shown once.
        let is_round = matches!(motion, Motion::Turn(degrees) if (degrees / 360.0).fract() == 0.0);
        let (k, steps) = if back_and_forth {
            let steps = frames / 2;
            (if k <= steps { k } else { (2 * steps).saturating_sub(k) }, steps)
        } else {
            (k, if is_round { frames } else { frames - 1 })
        };
        f64::from(k) / f64::from(steps.max(1))
    }

    /// σ of frame `k`, if it is that which changes: rounded to four digits, as titles show it, where steps are no
    /// smaller.
    pub fn sigma(&self, k: u32) -> Option<Sigma> {
        let Motion::Sweep([from, to]) = self.motion else { return None };
        let ratio = to.get() / from.get();
        let sigma = from.get() * ratio.powf(self.place(k));
        let steps = if self.back_and_forth { self.frames / 2 } else { self.frames - 1 };
        let is_fine = ratio.ln().abs() < 2e-3 * f64::from(steps);
        let digits = if is_fine { 12 } else { 3 };
        let rounded = format!("{sigma:.digits$e}").parse().unwrap_or(sigma);
        Sigma::new(rounded).ok().or(Some(from))
    }

    /// From where frame `k` looks at targets in space.
    pub fn space(&self, start: &SpacePicture, k: u32) -> SpacePicture {
        let Motion::Turn(degrees) = self.motion else { return *start };
        let turn = degrees * self.place(k);
        let mut space = *start;
        match (&mut space.direction, &mut space.viewport.camera) {
            (Some(direction), _) => direction.yaw += turn,
            (None, Some(camera)) => camera.yaw += turn,
            (None, None) => {
                let ViewDirection { yaw, pitch, distance } = Self::USUAL;
                space.direction = Some(ViewDirection { yaw: yaw + turn, pitch, distance });
            }
        }
        space
    }

    /// From where space is looked at unless something else is asked for.
    pub const USUAL: ViewDirection = ViewDirection { yaw: -35.0, pitch: 25.0, distance: None };

    /// How long it plays once, in seconds.
    pub fn seconds(&self) -> f64 {
        f64::from(self.frames) / self.rate.get()
    }

    /// What changes, in words.
    pub fn told(&self) -> String {
        let number = |value: f64| format_number(value, 4);
        let back = if self.back_and_forth { " and back" } else { "" };
        match self.motion {
            Motion::Sweep([from, to]) => {
                format!("σ from {} to {}{back}", number(from.get()), number(to.get()))
            }
            Motion::Turn(degrees) => format!("turned by {}°{back}", number(degrees)),
        }
    }

    /// Whether frames of `pixels` can be written as this kind of file.
    ///
    /// # Errors
    /// With what is too large or too fast.
    pub fn check(&self, [width, height]: [u32; 2], format: AnimationFormat) -> Result<(), String> {
        let count = |n: u64| format_number(n as f64, 12);
        let found = u64::from(width) * u64::from(height);
        if found > MOST_PIXELS {
            return Err(format!(
                "a frame would have {} pixels, expected at most {}: choose a smaller size",
                count(found),
                count(MOST_PIXELS)
            ));
        }
        let [most_side, most_rate] =
            [f64::from(GifWriter::<Vec<u8>>::MAX_SIDE), GifWriter::<Vec<u8>>::MOST_FRAMES];
        if format == AnimationFormat::Gif && f64::from(width.max(height)) > most_side {
            return Err(format!("GIF has sides of at most {most_side} pixels: write .apng"));
        }
        if format == AnimationFormat::Gif && self.rate.get() > most_rate {
            return Err(format!("GIF has at most {most_rate} frames a second: write .apng"));
        }
        Ok(())
    }
}

/// The number of frames and their rate, from two of these, or fewer: usually 60 frames, 20 a second.
///
/// # Errors
/// When all three are given, or one is out of its range.
pub fn timing(
    frames: Option<u32>,
    seconds: Option<f64>,
    per_second: Option<f64>,
) -> Result<(u32, FrameRate), String> {
    let [least, most] = FRAMES;
    let rate_of = |per_second: f64| {
        FrameRate::new(per_second).ok_or_else(|| {
            format!(
                "{} frames a second, expected {} to {}",
                format_number(per_second, 4),
                FrameRate::LEAST,
                FrameRate::MOST
            )
        })
    };
    let usual = FrameRate::DEFAULT.get();
    let (frames, per_second) = match (frames, seconds, per_second) {
        (Some(_), Some(_), Some(_)) => {
            return Err("frames, seconds and frames a second are too much: give two".to_owned());
        }
        (frames, None, rate) => (f64::from(frames.unwrap_or(60)), rate.unwrap_or(usual)),
        (Some(frames), Some(seconds), None) => (f64::from(frames), f64::from(frames) / seconds),
        (None, Some(seconds), rate) => {
            let rate = rate.unwrap_or(usual);
            ((seconds * rate).round(), rate)
        }
    };
    if !(f64::from(least)..=f64::from(most)).contains(&frames) {
        return Err(format!(
            "{} frames, expected {least} to {}",
            format_number(frames, 12),
            format_number(f64::from(most), 12)
        ));
    }
    Ok((frames as u32, rate_of(per_second)?))
}

/// What an animation is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnimationFormat {
    /// An animated PNG file.
    Apng,
    /// An animated GIF file.
    Gif,
    /// A folder of PNG files.
    Folder,
}

impl AnimationFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Apng, Self::Gif, Self::Folder];

    /// What a name says: its ending, or a separator at its end.
    pub fn of(path: &Path) -> Option<Self> {
        if folder::is_folder(path) {
            return Some(Self::Folder);
        }
        let ending = path.extension()?;
        let is = |known: &str| ending.eq_ignore_ascii_case(known);
        if is("apng") { Some(Self::Apng) } else { is("gif").then_some(Self::Gif) }
    }
}

/// Whether something can come to be at `path`: a file, or a folder where its name ends in a separator.
///
/// # Errors
/// As for [`files::check`]; a folder that holds anything but frames is not replaced.
pub fn check_place(path: &Path, replace: Replace) -> Result<(), WriteError> {
    if folder::is_folder(path) {
        folder::check(path, replace)
    } else {
        files::check(path, replace).map(|_| ())
    }
}

/// An animation to be saved.
pub struct Animation {
    /// The points, and how its first frame is shown.
    pub scene: Arc<Scene>,
    /// How frames are shown.
    pub spec: PictureSpec,
    /// How many there are.
    pub animation: AnimationSpec,
    /// What else its document says; `None` writes none.
    pub document: Option<Box<SavedWith>>,
    /// Where to.
    pub path: PathBuf,
    /// What it is written as.
    pub format: AnimationFormat,
    /// Whether what is there is replaced.
    pub replace: Replace,
}

impl Animation {
    /// That it was not saved, and why.
    pub(super) fn not_saved(&self, reason: &dyn std::fmt::Display) -> String {
        let path = escaped_path(&files::full_path(&self.path));
        format!("{path} was not saved: {reason}")
    }
}

/// How far an animation is that is being saved.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AnimationProgress {
    /// Frames that are written.
    pub frames: u32,
    /// Of how many.
    pub of: u32,
    /// The part of all work that is done, 0 to 1.
    pub part: f64,
    /// How many seconds are left, once that can be told.
    pub seconds_left: Option<f64>,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct AnimationFacts {
    /// How many frames.
    pub frames: u32,
    /// How many bytes in all.
    pub bytes: u64,
    /// σ of each frame, where it changes.
    pub sigmas: Vec<f64>,
    /// The range of the colours in all frames, where they have one.
    pub range: Option<[f32; 2]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sweep(frames: u32, back_and_forth: bool) -> AnimationSpec {
        let sigma = |sigma: f64| Sigma::new(sigma).expect("legal");
        AnimationSpec {
            motion: Motion::Sweep([sigma(0.01), sigma(1.0)]),
            frames,
            rate: FrameRate::DEFAULT,
            back_and_forth,
            one_range: true,
        }
    }

    fn sigmas(spec: &AnimationSpec) -> Vec<f64> {
        (0..spec.frames).map(|k| spec.sigma(k).expect("a sweep").get()).collect()
    }

    #[test]
    fn a_sweep_goes_from_end_to_end_in_equal_factors() {
        assert_eq!(sigmas(&sweep(3, false)), [0.01, 0.1, 1.0]);
        assert_eq!(sigmas(&sweep(2, false)), [0.01, 1.0]);
        assert_eq!(sigmas(&sweep(4, true)), [0.01, 0.1, 1.0, 0.1]);
        assert_eq!(sigmas(&sweep(5, true)), [0.01, 0.1, 1.0, 0.1, 0.01]);
        assert_eq!(sigmas(&sweep(2, true)), [0.01, 1.0]);
    }

    #[test]
    fn fine_steps_are_not_rounded_away() {
        let sigma = |sigma: f64| Sigma::new(sigma).expect("legal");
        let spec =
            AnimationSpec { motion: Motion::Sweep([sigma(1.0), sigma(1.001)]), ..sweep(30, false) };
        let mut found = sigmas(&spec);
        found.dedup();
        assert_eq!(found.len(), 30);
    }

    #[test]
    fn a_whole_turn_shows_its_start_once() {
        let yaws = |degrees: f64, back_and_forth: bool| -> Vec<f64> {
            let spec = AnimationSpec { motion: Motion::Turn(degrees), ..sweep(4, back_and_forth) };
            let start =
                SpacePicture { direction: Some(AnimationSpec::USUAL), ..SpacePicture::default() };
            let yaw = |k| spec.space(&start, k).direction.expect("kept").yaw + 35.0;
            (0..4).map(yaw).collect()
        };
        assert_eq!(yaws(360.0, false), [0.0, 90.0, 180.0, 270.0]);
        assert_eq!(yaws(90.0, false), [0.0, 30.0, 60.0, 90.0]);
        assert_eq!(yaws(-90.0, true), [0.0, -45.0, -90.0, -45.0]);
    }

    #[test]
    fn two_of_three_times_say_the_third() {
        let found = |frames, seconds, rate| {
            timing(frames, seconds, rate).map(|(frames, rate)| (frames, rate.get()))
        };
        assert_eq!(found(None, None, None), Ok((60, 20.0)));
        assert_eq!(found(Some(30), None, None), Ok((30, 20.0)));
        assert_eq!(found(None, Some(2.0), None), Ok((40, 20.0)));
        assert_eq!(found(None, Some(2.0), Some(10.0)), Ok((20, 10.0)));
        assert_eq!(found(Some(60), Some(2.0), None), Ok((60, 30.0)));
        assert_eq!(found(Some(60), None, Some(12.5)), Ok((60, 12.5)));
        assert!(found(Some(60), Some(2.0), Some(30.0)).is_err());
        assert!(found(Some(1), None, None).is_err() && found(Some(10_001), None, None).is_err());
        assert!(found(Some(600), Some(1.0), None).is_err());
        assert!(
            found(None, Some(f64::NAN), None).is_err() && found(None, Some(0.0), None).is_err()
        );
    }

    #[test]
    fn the_name_says_the_kind() {
        let of = |name: &str| AnimationFormat::of(Path::new(name));
        assert_eq!(of("a.apng"), Some(AnimationFormat::Apng));
        assert_eq!(of("a.GIF"), Some(AnimationFormat::Gif));
        assert_eq!(of("a/"), Some(AnimationFormat::Folder));
        assert_eq!((of("a"), of("a.png"), of("")), (None, None, None));
    }
}
