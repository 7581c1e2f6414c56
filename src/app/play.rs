//! The animation of σ: from one end of a range to the other and back, at a constant rate of its
//! logarithm.
//!
//! σ is a function of the time, and the next one is requested when the one before is on screen: a
//! slow machine shows fewer steps, but the animation takes as long.

use std::time::{Duration, Instant};

use eframe::egui::{Button, DragValue, Role, Ui, WidgetInfo};

use super::{
    Command,
    nudge::rounded,
    widgets::{row_ui, sigma_value},
};
use crate::model::Sigma;

/// The default range reaches from σ divided by this to σ times this: a decade in all.
const AROUND: f64 = 3.162_277_660_168_379_5;
/// Significant digits of σ during the animation.
const DIGITS: usize = 4;
/// Limits of the seconds from one end to the other.
const SECONDS: std::ops::RangeInclusive<f64> = 0.5..=600.0;

/// The settings of the animation, and its sweep while it runs.
pub(super) struct Play {
    /// Both ends, if the user has set them.
    ends: Option<[f64; 2]>,
    seconds: f64,
    sweep: Option<SigmaSweep>,
}

/// An animation that runs.
struct SigmaSweep {
    began: Instant,
    /// Where it began: 0 at the lower end, 1 at the upper.
    start: f64,
    /// The default ends for the σ that it began with.
    around: [f64; 2],
    /// The newest σ that was requested.
    asked: Sigma,
}

impl Default for Play {
    fn default() -> Self {
        Self { ends: None, seconds: 4.0, sweep: None }
    }
}

impl Play {
    /// Both ends: the user's, or those around `sigma`.
    pub(super) fn ends(&self, sigma: Sigma) -> [f64; 2] {
        let around = || {
            let legal = |end: f64| rounded(end.clamp(Sigma::MIN, Sigma::MAX), 3);
            [legal(sigma.get() / AROUND), legal(sigma.get() * AROUND)]
        };
        let around = self.sweep.as_ref().map_or_else(around, |sweep| sweep.around);
        self.ends.unwrap_or(around)
    }

    /// Whether the animation runs.
    pub(super) fn is_playing(&self) -> bool {
        self.sweep.is_some()
    }

    /// Starts the animation from `sigma`.
    pub(super) fn begin(&mut self, sigma: Sigma, now: Instant) {
        let ends @ [low, high] = self.ends(sigma);
        let start = (sigma.get() / low).ln() / (high / low).ln();
        let start = if start.is_finite() { start.clamp(0.0, 1.0) } else { 0.0 };
        self.sweep = Some(SigmaSweep { began: now, start, around: ends, asked: sigma });
    }

    /// Stops the animation.
    pub(super) fn stop(&mut self) {
        self.sweep = None;
    }

    /// The newest σ that was requested, while the animation runs.
    pub(super) fn asked(&self) -> Option<Sigma> {
        self.sweep.as_ref().map(|sweep| sweep.asked)
    }

    /// The σ of the time `now`, while the animation runs.
    pub(super) fn next(&mut self, now: Instant) -> Option<Sigma> {
        let seconds = self.seconds;
        let sweep = self.sweep.as_ref()?;
        let [low, high] = self.ends(sweep.asked);
        let passes = now.saturating_duration_since(sweep.began).as_secs_f64() / seconds;
        let sigma = low * (high / low).powf(there_and_back(sweep.start + passes));
        let sigma = Sigma::new(rounded(sigma, DIGITS)).ok()?;
        let sweep = self.sweep.as_mut()?;
        sweep.asked = sigma;
        Some(sigma)
    }

    /// How soon to look at the clock again where σ, rounded to its digits, has not changed: a
    /// frame.
    pub(super) const SOON: Duration = Duration::from_millis(16);
}

/// A triangle wave with period 2: 0 at 0, 1 at 1, 0 at 2.
fn there_and_back(passes: f64) -> f64 {
    let place = passes.rem_euclid(2.0);
    if place > 1.0 { 2.0 - place } else { place }
}

/// Draws a row of buttons to animate and to compare σ.
pub(super) fn play_ui(ui: &mut Ui, play: &Play, is_comparing: bool) -> Option<Command> {
    let mut command = None;
    row_ui(ui, "Animate", |ui, _| {
        let playing = play.is_playing();
        let (text, name) =
            if playing { ("⏹ Stop", "Stop playing") } else { ("▶ Play", "Play") };
        let button = ui.add(Button::new(text).selected(playing));
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        let hint = "Animate σ from one end of the range to the other and back (Space)";
        if button.on_hover_text(hint).clicked() {
            command = Some(Command::Play);
        }
        let hint =
            "Compare this σ, on one side of the plot, with another one on the other side (H)";
        let button = ui.add(Button::new("Compare").selected(is_comparing)).on_hover_text(hint);
        if button.clicked() {
            command = Some(Command::CompareSigmas);
        }
    });
    command
}

/// Draws a row with the range and the time of the animation.
pub(super) fn range_ui(ui: &mut Ui, play: &mut Play, sigma: Sigma) {
    row_ui(ui, "Animate from", |ui, from| {
        // Six digits have room, and the row is no wider than others.
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding.x = 4.0;
        let before = play.ends(sigma);
        let mut ends = before;
        let height = ui.spacing().interact_size.y;
        let number = |ui: &mut Ui, end: &mut f64, id| {
            ui.add_sized([52.0, height], sigma_value(end)).labelled_by(id);
        };
        number(ui, &mut ends[0], from);
        let to = ui.label("to").id;
        number(ui, &mut ends[1], to);
        if ends[0].to_bits() != before[0].to_bits() || ends[1].to_bits() != before[1].to_bits() {
            play.ends = Some(ends);
        }
        let within = ui.label("in").id;
        let seconds = DragValue::new(&mut play.seconds).range(SECONDS).speed(0.05).suffix(" s");
        let hint = "How long it takes from one end to the other";
        ui.add_sized([46.0, height], seconds).labelled_by(within).on_hover_text(hint);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sigma(sigma: f64) -> Sigma {
        Sigma::new(sigma).expect("legal")
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "few digits, as they are read")]
    fn sigma_goes_from_end_to_end_and_back() {
        let now = Instant::now();
        let at = |play: &mut Play, seconds: f64| {
            let later = now + Duration::from_secs_f64(seconds);
            play.next(later).expect("it plays").get()
        };
        let mut play = Play { ends: Some([0.1, 10.0]), seconds: 2.0, sweep: None };
        assert_eq!(play.next(now), None);
        play.begin(sigma(1.0), now);
        assert_eq!([0.0, 0.5, 1.0].map(|t| at(&mut play, t)), [1.0, 3.162, 10.0]);
        assert_eq!([1.5, 3.0, 4.0].map(|t| at(&mut play, t)), [3.162, 0.1, 1.0]);
        play.stop();
        assert!(!play.is_playing());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "few digits, as they are read")]
    fn the_range_is_a_decade_around_sigma() {
        let now = Instant::now();
        let mut play = Play::default();
        assert_eq!(play.ends(sigma(1.0)), [0.316, 3.16]);
        play.begin(sigma(1.0), now);
        // And stays there while σ moves.
        let next = play.next(now + Duration::from_secs(1)).expect("it plays");
        assert!(next.get() > 1.0);
        assert_eq!(play.ends(next), [0.316, 3.16]);
        // A σ beyond the ends comes in, and no range is one without end.
        for ends in [[0.1, 0.2], [0.2, 0.1], [0.5, 0.5]] {
            let mut play = Play { ends: Some(ends), seconds: 2.0, sweep: None };
            play.begin(sigma(1.0), now);
            let next = play.next(now).expect("it plays").get();
            assert!((0.1..=0.5).contains(&next), "{next} of {ends:?}");
        }
        let mut play = Play::default();
        play.begin(sigma(Sigma::MAX), now);
        assert!(play.next(now + Duration::from_mins(1)).is_some());
    }
}
