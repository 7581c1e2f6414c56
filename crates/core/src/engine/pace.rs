//! Picks the size of the next submission to the device (or of the next part on the processor) from
//! how long the last one took.
//!
//! A submission should last a few milliseconds: shorter wastes time between them, longer delays the
//! window's frames, and beyond two seconds some systems kill it.

/// Turns a wanted duration into a number of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    target_seconds: f64,
    pairs_per_second: f64,
}

impl Pace {
    /// Seconds that a submission should last while a window shares the device: longer ones delay
    /// its frames, shorter ones waste time between them.
    pub const WITH_WINDOW: f64 = 0.008;
    /// Seconds that a submission should last without a window: longer ones delay cancelling, and
    /// some systems kill those over two seconds.
    pub const HEADLESS: f64 = 0.050;
    /// The fewest pairs in a submission; fewer would be overhead only.
    const MIN_PAIRS: u64 = 1 << 16;
    /// The largest factor by which one measurement changes the rate. A larger one lets a single odd
    /// measurement make a slice too long, a smaller one takes more slices to find the rate.
    const MAX_GROWTH: f64 = 4.0;

    /// Multiple of the wanted time from which on a slice shows a wrong rate, not a delay by a frame
    /// in between. Lower, frames make slices shorter; higher, a rate that is too high lasts longer.
    const FAR_TOO_LONG: f64 = 6.0;

    /// Starts from a guess of the device's speed, which may be low.
    pub fn new(target_seconds: f64, pairs_per_second: f64) -> Self {
        Self { target_seconds, pairs_per_second }
    }

    /// Aims at submissions of this length from now on.
    pub fn aim(&mut self, target_seconds: f64) {
        self.target_seconds = target_seconds;
    }

    /// The speed as far as it is known.
    pub fn pairs_per_second(&self) -> f64 {
        self.pairs_per_second
    }

    /// How many pairs the next submission should hold.
    pub fn pairs(&self) -> u64 {
        ((self.pairs_per_second * self.target_seconds) as u64).max(Self::MIN_PAIRS)
    }

    /// Takes in that `pairs` took `seconds`.
    pub fn learn(&mut self, pairs: u64, seconds: f64) {
        let measured = pairs as f64 / seconds.max(1e-6);
        let weight = match seconds / self.target_seconds {
            // A window's frame may have come in between; the next slice will be as fast as before.
            part if (1.0..Self::FAR_TOO_LONG).contains(&part) => 0.15,
            // A short slice is mostly overhead and says little about long ones.
            part => part.clamp(0.1, 0.5),
        };
        let blended = self.pairs_per_second * (measured / self.pairs_per_second).powf(weight);
        self.pairs_per_second = blended
            .clamp(
                self.pairs_per_second / Self::MAX_GROWTH,
                self.pairs_per_second * Self::MAX_GROWTH,
            )
            .clamp(1e5, 1e14);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_settles_on_the_device_whatever_the_first_guess() {
        for first in [1e6, 1e9, 1e13] {
            let mut pace = Pace::new(Pace::WITH_WINDOW, first);
            for _ in 0..60 {
                let pairs = pace.pairs();
                pace.learn(pairs, 2e-5 + pairs as f64 / 4e8);
            }
            let seconds = pace.pairs() as f64 / 4e8;
            assert!((0.006..0.010).contains(&seconds), "{first}: {seconds}");
        }
    }

    #[test]
    fn frames_in_between_do_not_make_slices_tiny() {
        let mut pace = Pace::new(Pace::WITH_WINDOW, 4e8);
        for k in 0..200 {
            let frame = if k % 3 == 0 { 0.020 } else { 0.0 };
            let pairs = pace.pairs();
            pace.learn(pairs, frame + pairs as f64 / 4e8);
        }
        let seconds = pace.pairs() as f64 / 4e8;
        assert!((0.004..0.010).contains(&seconds), "{seconds}");
    }

    #[test]
    fn one_slow_slice_does_not_stop_the_work() {
        let mut pace = Pace::new(Pace::WITH_WINDOW, 4e8);
        pace.learn(pace.pairs(), 10.0);
        assert!(pace.pairs() >= Pace::MIN_PAIRS);
    }
}
